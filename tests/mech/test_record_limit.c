/*
 * A peer that takes small records only (RFC 8449): sizes that the plugin tells are true, and messages of
 * every length arrive.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/mech/crafted_attack.h"

#define LIMIT   512
#define LARGEST 17000

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

#define RECORD_HEADER 5

static unsigned char text[LARGEST];

static const size_t lengths[] = {0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT, LARGEST};

#define LENGTHS (sizeof lengths / sizeof lengths[0])

/* Both roles over both versions of TLS. */
#define VARIANTS 4

static bool is_tls_1_2(int index)
{
    return index % 2 != 0;
}

static void log_on(int index)
{
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (unsigned char)(i * 131 + (i >> 8));
    peer.priority = is_tls_1_2(index) ? TLS_1_2 : TLS_1_3;
    peer.record_limit = LIMIT;
    be(index / 2 != 0);
    assert_good();
}

static gss_buffer_desc seal(size_t length)
{
    gss_buffer_desc message = {length, text};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_wrap(&minor, peer.plugin, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed);

    ck_assert_msg(major == GSS_S_COMPLETE, "%zu octets: %s", length, status_text(major, minor));
    return sealed;
}

static size_t sealed_length(size_t length)
{
    gss_buffer_desc sealed = seal(length);
    size_t octets = sealed.length;
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &sealed);
    return octets;
}

static size_t count_records(const gss_buffer_desc *sealed)
{
    const unsigned char *octets = sealed->value;
    size_t count = 0;
    size_t at = 0;

    while (at < sealed->length) {
        ck_assert_uint_ge(sealed->length - at, RECORD_HEADER);
        at += RECORD_HEADER + ((size_t)octets[at + 3] << 8 | octets[at + 4]);
        count++;
        ck_assert_uint_le(at, sealed->length);
    }
    return count;
}

/* The peer reads until it has the whole message. */
static void assert_arrives(const gss_buffer_desc *sealed, size_t length)
{
    static unsigned char received[LARGEST];
    size_t total = 0;

    ck_assert(byte_buffer_append(&peer.from_plugin, sealed->value, sealed->length));
    while (peer.from_plugin.length != 0 || total < length) {
        ssize_t got = gnutls_record_recv(peer.tls, peer.received, sizeof peer.received);

        if (got == GNUTLS_E_AGAIN && peer.from_plugin.length == 0 && total == length)
            break; /* an empty record was passed over */
        ck_assert_msg(got >= 0, "after %zu octets of %zu: %s", total, length,
                      gnutls_strerror((int)got));
        ck_assert_uint_le((size_t)got, LIMIT);
        ck_assert_uint_le(total + (size_t)got, sizeof received);
        memcpy(received + total, peer.received, (size_t)got);
        total += (size_t)got;
    }
    ck_assert_uint_eq(total, length);
    ck_assert(length == 0 || memcmp(received, text, length) == 0);
}

START_TEST(messages_arrive_at_a_peer_that_takes_small_records)
{
    log_on(_i);
    for (size_t i = is_tls_1_2(_i); i < LENGTHS;
         i++) { /* GnuTLS with TLS 1.2 makes no empty record */
        gss_buffer_desc sealed = seal(lengths[i]);
        OM_uint32 minor;

        assert_arrives(&sealed, lengths[i]);
        (void)gss_release_buffer(&minor, &sealed);
    }
}
END_TEST

START_TEST(size_limit_is_true)
{
    static const OM_uint32 rooms[] = {23, 50, 500, 533, 534, 535, 541, 1000, 1100, 5000, 17000};

    log_on(_i);
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        OM_uint32 limit = 0;
        OM_uint32 minor;

        ck_assert_uint_eq(
            gss_wrap_size_limit(&minor, peer.plugin, 1, GSS_C_QOP_DEFAULT, rooms[i], &limit),
            GSS_S_COMPLETE);
        if (limit != 0)
            ck_assert_uint_le(sealed_length(limit), rooms[i]);
        ck_assert_uint_gt(sealed_length((size_t)limit + 1), rooms[i]);
    }
}
END_TEST

START_TEST(stream_sizes_are_true)
{
    struct gss_sspi_stream_sizes sizes;
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    gss_buffer_desc sealed;
    OM_uint32 minor;

    log_on(_i);
    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(&minor, peer.plugin,
                                                     (gss_OID)(uintptr_t)GSS_SSPI_INQ_STREAM_SIZES,
                                                     &data),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(data->elements[0].length, sizeof sizes);
    memcpy(&sizes, data->elements[0].value, sizeof sizes);
    (void)gss_release_buffer_set(&minor, &data);
    ck_assert_uint_le(sizes.maximum_message, LIMIT);
    ck_assert_uint_ge(sizes.maximum_message, LIMIT - 1);
    sealed = seal(sizes.maximum_message);
    ck_assert_uint_eq(sealed.length, sizes.header + sizes.maximum_message + sizes.trailer);
    ck_assert_uint_eq(count_records(&sealed), 1);
    (void)gss_release_buffer(&minor, &sealed);
    sealed = seal((size_t)sizes.maximum_message + 1);
    ck_assert_uint_eq(count_records(&sealed), 2);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

static void add_tests(TCase *cases)
{
    tcase_add_loop_test(cases, messages_arrive_at_a_peer_that_takes_small_records, 0, VARIANTS);
    tcase_add_loop_test(cases, size_limit_is_true, 0, VARIANTS);
    tcase_add_loop_test(cases, stream_sizes_are_true, 0, VARIANTS);
}

int main(void)
{
    return run_attacks("record limit", add_tests);
}
