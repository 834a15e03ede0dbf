/*
 * Records that TLS itself sends before the next message: a key update that the peer asked for, the
 * refusal of a renegotiation. In place they go into HEADER, whose length tells.
 */
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

#define LENGTH 1000

static unsigned char text[LENGTH];

/* The message that is sealed: its data and what stands around them. */
static gss_iov_buffer_desc iov[3];

static void log_on(const char *priority, bool initiator)
{
    memset(text, 'x', sizeof text);
    peer.priority = priority;
    be(initiator);
    assert_good();
    peer.to_plugin.length = 0;
}

static OM_uint32 measure(size_t length)
{
    OM_uint32 minor;

    iov[0] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER};
    iov[1] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_DATA, {length, text}};
    iov[2] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_TRAILER, GSS_C_EMPTY_BUFFER};
    ck_assert_uint_eq(gss_wrap_iov_length(&minor, peer.plugin, 1, GSS_C_QOP_DEFAULT, NULL, iov, 3),
                      GSS_S_COMPLETE);
    return (OM_uint32)iov[0].buffer.length;
}

/* Seals with a HEADER of this length. */
static OM_uint32 seal(size_t length, size_t header)
{
    OM_uint32 minor;

    (void)measure(length);
    iov[0].buffer = (gss_buffer_desc){header, malloc(header)};
    iov[2].buffer.value = malloc(iov[2].buffer.length);
    return gss_wrap_iov(&minor, peer.plugin, 1, GSS_C_QOP_DEFAULT, NULL, iov, 3);
}

static void release(void)
{
    free(iov[0].buffer.value);
    free(iov[2].buffer.value);
}

/* What the peer meets before the message; then the message. */
static void assert_arrives(size_t length, ssize_t first)
{
    ssize_t got;

    for (int i = 0; i < 3; i++)
        ck_assert(byte_buffer_append(&peer.from_plugin, iov[i].buffer.value, iov[i].buffer.length));
    do {
        got = gnutls_record_recv(peer.tls, peer.received, sizeof peer.received);
        if (got < 0)
            ck_assert_int_eq(got, first);
    } while (got < 0 && peer.from_plugin.length != 0);
    if (length == 0) {
        ck_assert_int_eq(got, GNUTLS_E_AGAIN);
        return;
    }
    ck_assert_int_eq(got, (ssize_t)length);
    memset(text, 'x', sizeof text);
    ck_assert_mem_eq(peer.received, text, length);
}

/* The plugin reads what waits for it. */
static OM_uint32 deliver(void)
{
    gss_buffer_desc waiting = {peer.to_plugin.length, peer.to_plugin.data};
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_unwrap(&minor, peer.plugin, &waiting, &opened, NULL, NULL);

    peer.to_plugin.length = 0;
    ck_assert_uint_eq(opened.length, 0);
    return major;
}

START_TEST(key_update_goes_before_the_message)
{
    OM_uint32 header;
    OM_uint32 longer;

    log_on(TLS_1_3, _i != 0);
    header = measure(LENGTH);
    ck_assert_int_ge(gnutls_session_key_update(peer.tls, GNUTLS_KU_PEER), 0);
    ck_assert_uint_eq(deliver(), GSS_S_COMPLETE);
    longer = measure(LENGTH);
    ck_assert_uint_gt(longer, header);
    ck_assert(GSS_ERROR(seal(LENGTH, header)));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
    release();
    ck_assert_uint_eq(seal(LENGTH, longer), GSS_S_COMPLETE);
    assert_arrives(LENGTH, GNUTLS_E_AGAIN);
    release();
    ck_assert_uint_eq(measure(LENGTH), header);
    ck_assert_uint_eq(seal(LENGTH, header), GSS_S_COMPLETE);
    assert_arrives(LENGTH, GNUTLS_E_AGAIN);
    release();
}
END_TEST

START_TEST(key_update_goes_before_an_empty_message)
{
    log_on(TLS_1_3, _i != 0);
    ck_assert_int_ge(gnutls_session_key_update(peer.tls, GNUTLS_KU_PEER), 0);
    ck_assert_uint_eq(deliver(), GSS_S_COMPLETE);
    ck_assert_uint_eq(seal(0, measure(0)), GSS_S_COMPLETE);
    assert_arrives(0, GNUTLS_E_AGAIN);
    release();
    ck_assert_uint_eq(seal(LENGTH, measure(LENGTH)), GSS_S_COMPLETE);
    assert_arrives(LENGTH, GNUTLS_E_AGAIN);
    release();
}
END_TEST

/* And before one of gss_wrap. */
START_TEST(key_update_goes_before_a_message_not_in_place)
{
    gss_buffer_desc message = {0, NULL};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    log_on(TLS_1_3, _i != 0);
    ck_assert_int_ge(gnutls_session_key_update(peer.tls, GNUTLS_KU_PEER), 0);
    ck_assert_uint_eq(deliver(), GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_wrap(&minor, peer.plugin, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed),
                      GSS_S_COMPLETE);
    ck_assert(byte_buffer_append(&peer.from_plugin, sealed.value, sealed.length));
    ck_assert_int_eq(gnutls_record_recv(peer.tls, peer.received, sizeof peer.received),
                     GNUTLS_E_AGAIN);
    ck_assert_int_eq(gnutls_record_recv(peer.tls, peer.received, sizeof peer.received),
                     GNUTLS_E_AGAIN);
    ck_assert_uint_eq(peer.from_plugin.length, 0);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

/* TLS 1.2: the plugin, as client, is asked for a new handshake, and refuses by an alert. */
START_TEST(refused_renegotiation_goes_before_the_message)
{
    OM_uint32 header;

    log_on(TLS_1_2, false);
    header = measure(LENGTH);
    ck_assert_int_eq(gnutls_rehandshake(peer.tls), GNUTLS_E_SUCCESS);
    ck_assert(GSS_ERROR(deliver()));
    ck_assert_uint_gt(measure(LENGTH), header);
    ck_assert_uint_eq(seal(LENGTH, measure(LENGTH)), GSS_S_COMPLETE);
    assert_arrives(LENGTH, GNUTLS_E_WARNING_ALERT_RECEIVED);
    release();
    ck_assert_uint_eq(measure(LENGTH), header);
}
END_TEST

static void add_tests(TCase *cases)
{
    tcase_add_loop_test(cases, key_update_goes_before_the_message, 0, 2);
    tcase_add_loop_test(cases, key_update_goes_before_an_empty_message, 0, 2);
    tcase_add_loop_test(cases, key_update_goes_before_a_message_not_in_place, 0, 2);
    tcase_add_test(cases, refused_renegotiation_goes_before_the_message);
}

int main(void)
{
    return run_attacks("records between messages", add_tests);
}
