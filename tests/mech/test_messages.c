/* Messages of CredSSP after the logon: TLS records, and what becomes of those that were changed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/sealed_messages.h"
#include "tests/runner.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define LARGEST      (1024 * 1024)

static unsigned char *large;

static void set_up(void)
{
    large = malloc(LARGEST);
    ck_assert(large != NULL);
    fill_pattern(large, LARGEST);
    x = (struct exchange){.target = "host@localhost"};
}

static void tear_down(void)
{
    exchange_reset(&x);
    free(large);
}

/* Fails, and gives nothing. */
static OM_uint32 assert_refused(gss_ctx_id_t to, const void *data, size_t length)
{
    gss_buffer_desc token = {length, malloc(length != 0 ? length : 1)};
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major;

    ck_assert(token.value != NULL);
    memcpy(token.value, data, length);
    major = gss_unwrap(&minor, to, &token, &opened, NULL, NULL);
    ck_assert_msg(GSS_ERROR(major), "%zu octets, of type %02x, were taken for a message of %zu",
                  length, length != 0 ? *(unsigned char *)token.value : 0, opened.length);
    ck_assert(opened.length == 0 && opened.value == NULL);
    free(token.value);
    return major;
}

static const size_t lengths[] = {
    0, 1, 2, 1000, RECORD_OCTETS - 1, RECORD_OCTETS, RECORD_OCTETS + 1, 3 * RECORD_OCTETS, LARGEST};

START_TEST(messages_of_every_length_arrive)
{
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    for (int i = 0; i < COUNT(lengths); i++) {
        gss_buffer_desc sealed;

        if (lengths[i] == 0 && is_tls_1_2(_i))
            continue;
        sealed = seal(x.client, large, lengths[i]);
        assert_opens(x.server, &sealed, large, lengths[i]);
        (void)gss_release_buffer(&minor, &sealed);
        sealed = seal(x.server, large, lengths[i]);
        assert_opens(x.client, &sealed, large, lengths[i]);
        (void)gss_release_buffer(&minor, &sealed);
    }
}
END_TEST

/* Peers on a stream may read what several calls of gss_wrap made as one. */
START_TEST(several_records_in_one_token)
{
    static const size_t parts[] = {5, 0, 1, RECORD_OCTETS, 7};
    unsigned char joined[2 * RECORD_OCTETS];
    gss_buffer_desc token = {0, joined};
    size_t total = 0;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    for (int i = 0; i < COUNT(parts); i++) {
        gss_buffer_desc sealed;

        if (parts[i] == 0 && is_tls_1_2(_i))
            continue;
        sealed = seal(x.client, large + total, parts[i]);
        ck_assert_uint_le(token.length + sealed.length, sizeof joined);
        memcpy(joined + token.length, sealed.value, sealed.length);
        token.length += sealed.length;
        total += parts[i];
        (void)gss_release_buffer(&minor, &sealed);
    }
    assert_opens(x.server, &token, large, total);
}
END_TEST

START_TEST(empty_message_with_tls_1_2_is_an_error)
{
    gss_buffer_desc message = {0, large};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    credssp_with(tls_options[1]);
    ck_assert(GSS_ERROR(gss_wrap(&minor, x.client, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed)));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
    ck_assert(sealed.length == 0 && sealed.value == NULL);
    exchange_check_messages(&x); /* and the session goes on */
}
END_TEST

START_TEST(cut_token_is_refused_and_the_whole_one_still_taken)
{
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    sealed = seal(x.client, large, 100);
    for (size_t length = 0; length < sealed.length; length++)
        (void)assert_refused(x.server, sealed.value, length);
    assert_opens(x.server, &sealed, large, 100);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

/*
 * A record's type and version stand in front of what is sealed, and GnuTLS with TLS 1.3 does not insist
 * on them (RFC 8446 5.2: both have one value only). The message under them is still the sealed one.
 */
#define UNSEALED_OCTETS 3

static void assert_same_or_refused(gss_buffer_t sealed, const char *expected)
{
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (GSS_ERROR(gss_unwrap(&minor, x.server, sealed, &opened, NULL, NULL))) {
        ck_assert(opened.length == 0 && opened.value == NULL);
        return;
    }
    if (opened.length != 0) { /* or it was passed over, as an alert that says nothing */
        ck_assert_uint_eq(opened.length, strlen(expected));
        ck_assert_mem_eq(opened.value, expected, opened.length);
    }
    (void)gss_release_buffer(&minor, &opened);
}

START_TEST(changed_token_is_refused)
{
    size_t length = 1;

    credssp_with(tls_options[_i]);
    for (size_t i = 0; i < length; i++) {
        gss_buffer_desc sealed = seal(x.client, "message", 7);
        OM_uint32 minor;

        length = sealed.length;
        ((unsigned char *)sealed.value)[i] ^= 1;
        if (i < UNSEALED_OCTETS)
            assert_same_or_refused(&sealed, "message");
        else
            (void)assert_refused(x.server, sealed.value, sealed.length);
        (void)gss_release_buffer(&minor, &sealed);
        exchange_reset(&x);
        credssp_again();
    }
    ck_assert_uint_gt(length, 7);
}
END_TEST

/* The session is over then: nothing is sealed that would look like a message. */
START_TEST(nothing_is_sealed_after_a_changed_record)
{
    gss_buffer_desc message = {7, large};
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    sealed = seal(x.client, "message", 7);
    ((unsigned char *)sealed.value)[sealed.length - 1] ^= 1;
    (void)assert_refused(x.server, sealed.value, sealed.length);
    (void)gss_release_buffer(&minor, &sealed);
    for (int twice = 0; twice < 2; twice++) {
        int conf = 7;

        sealed = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
        ck_assert(
            GSS_ERROR(gss_wrap(&minor, x.server, 1, GSS_C_QOP_DEFAULT, &message, &conf, &sealed)));
        ck_assert(sealed.length == 0 && sealed.value == NULL);
        ck_assert_int_eq(conf, 7);
    }
}
END_TEST

START_TEST(changed_second_record_takes_the_first_with_it)
{
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    sealed = seal(x.client, large, RECORD_OCTETS + 100);
    ((unsigned char *)sealed.value)[sealed.length - 1] ^= 1;
    (void)assert_refused(x.server, sealed.value, sealed.length);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

START_TEST(repeated_token_is_refused)
{
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    sealed = seal(x.client, large, 100);
    assert_opens(x.server, &sealed, large, 100);
    (void)assert_refused(x.server, sealed.value, sealed.length);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

START_TEST(reordered_tokens_are_refused)
{
    gss_buffer_desc first;
    gss_buffer_desc second;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    first = seal(x.client, large, 100);
    second = seal(x.client, large, 100);
    (void)assert_refused(x.server, second.value, second.length);
    (void)gss_release_buffer(&minor, &first);
    (void)gss_release_buffer(&minor, &second);
}
END_TEST

START_TEST(reflected_token_is_refused)
{
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    sealed = seal(x.client, large, 100);
    (void)assert_refused(x.client, sealed.value, sealed.length);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

START_TEST(token_of_another_context_is_refused)
{
    struct exchange other;
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    other = x;
    x.client = x.server = GSS_C_NO_CONTEXT;
    x.source = GSS_C_NO_NAME;
    x.tokens = 0;
    credssp_again();
    sealed = seal(other.client, large, 100);
    (void)assert_refused(x.server, sealed.value, sealed.length);
    (void)gss_release_buffer(&minor, &sealed);
    exchange_reset(&other);
}
END_TEST

START_TEST(anything_else_is_refused)
{
    static const char *const tokens[] = {"",
                                         "x",
                                         "\x17\x03\x03",
                                         "\x17\x03\x03\x00\x01x",
                                         "\x16\x03\x03\x00\x01x",
                                         "\x15\x03\x03\x00\x02\x01\x01",
                                         "NTLMSSP",
                                         "\x30\x03\x02\x01\x06"};

    credssp_with(tls_options[0]);
    for (int i = 0; i < COUNT(tokens); i++) {
        size_t length = i == 2 ? 3 : i == 3 || i == 4 ? 6 : i == 5 ? 7 : strlen(tokens[i]);

        (void)assert_refused(x.server, tokens[i], length);
    }
}
END_TEST

static size_t sealed_length(size_t length)
{
    gss_buffer_desc sealed = seal(x.client, large, length);
    size_t octets = sealed.length;
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &sealed);
    return octets;
}

static OM_uint32 size_limit(OM_uint32 output_size)
{
    OM_uint32 limit = 0;
    OM_uint32 minor;

    ck_assert_uint_eq(
        gss_wrap_size_limit(&minor, x.client, 1, GSS_C_QOP_DEFAULT, output_size, &limit),
        GSS_S_COMPLETE);
    return limit;
}

static const OM_uint32 output_sizes[] = {
    23,    24,    50,    100,   4096,  16384, 16400, 16405, 16406, 16407, 16408,  16412,  16413,
    16414, 16428, 16429, 16430, 16431, 20000, 32768, 32812, 32813, 65536, 100000, 1000000};

START_TEST(size_limit_is_exact)
{
    credssp_with(tls_options[_i]);
    for (int i = 0; i < COUNT(output_sizes); i++) {
        OM_uint32 limit = size_limit(output_sizes[i]);

        if (limit != 0)
            ck_assert_uint_le(sealed_length(limit), output_sizes[i]);
        ck_assert_msg(sealed_length((size_t)limit + 1) > output_sizes[i], "%u octets of %u",
                      (unsigned)limit, (unsigned)output_sizes[i]);
    }
    for (OM_uint32 size = 0; size < sealed_length(1); size++)
        ck_assert_uint_eq(size_limit(size), 0);
}
END_TEST

/* With CBC the padding depends on the length: what is promised fits, and little room is wasted. */
START_TEST(size_limit_with_cbc_fits)
{
    const OM_uint32 block = 16;

    credssp_with(cbc_options);
    for (int i = 0; i < COUNT(output_sizes); i++) {
        OM_uint32 limit = size_limit(output_sizes[i]);

        if (limit == 0)
            continue;
        ck_assert_uint_le(sealed_length(limit), output_sizes[i]);
        ck_assert_uint_gt(sealed_length((size_t)limit + 2 * block * (1 + limit / RECORD_OCTETS)),
                          output_sizes[i]);
    }
}
END_TEST

START_TEST(stream_sizes_are_true)
{
    struct gss_sspi_stream_sizes sizes;
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(
                          &minor, x.client, (gss_OID)(uintptr_t)GSS_SSPI_INQ_STREAM_SIZES, &data),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(data->elements[0].length, sizeof sizes);
    memcpy(&sizes, data->elements[0].value, sizeof sizes);
    (void)gss_release_buffer_set(&minor, &data);
    ck_assert_uint_eq(sizes.maximum_message, RECORD_OCTETS);
    ck_assert_uint_eq(sealed_length(100), 100 + sizes.header + sizes.trailer);
    ck_assert_uint_eq(sealed_length(RECORD_OCTETS), RECORD_OCTETS + sizes.header + sizes.trailer);
}
END_TEST

START_TEST(only_the_default_quality_is_taken)
{
    gss_buffer_desc message = {1, large};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    OM_uint32 limit;
    OM_uint32 minor;

    credssp_with(tls_options[0]);
    ck_assert_uint_eq(gss_wrap(&minor, x.client, 1, 7, &message, NULL, &sealed), GSS_S_BAD_QOP);
    ck_assert(sealed.length == 0 && sealed.value == NULL);
    ck_assert_uint_eq(gss_wrap_size_limit(&minor, x.client, 1, 7, 100, &limit), GSS_S_BAD_QOP);
}
END_TEST

START_TEST(signatures_hold_both_ways)
{
    gss_buffer_desc message = {100, large};
    gss_buffer_desc other = {99, large};
    OM_uint32 minor;

    credssp_with(tls_options[0]);
    for (int way = 0; way < 2; way++) {
        gss_ctx_id_t from = way == 0 ? x.client : x.server;
        gss_ctx_id_t to = way == 0 ? x.server : x.client;
        gss_buffer_desc mic = GSS_C_EMPTY_BUFFER;

        ck_assert_uint_eq(gss_get_mic(&minor, from, GSS_C_QOP_DEFAULT, &message, &mic),
                          GSS_S_COMPLETE);
        for (size_t length = 0; length < mic.length; length++) {
            gss_buffer_desc cut = {length, mic.value};

            ck_assert(GSS_ERROR(gss_verify_mic(&minor, to, &message, &cut, NULL)));
        }
        ck_assert(GSS_ERROR(gss_verify_mic(&minor, to, &other, &mic, NULL)));
        ck_assert(GSS_ERROR(gss_verify_mic(&minor, from, &message, &mic, NULL)));
        ck_assert_uint_eq(gss_verify_mic(&minor, to, &message, &mic, NULL), GSS_S_COMPLETE);
        (void)gss_release_buffer(&minor, &mic);
    }
}
END_TEST

/* The closing token of gss_delete_sec_context is TLS' close_notify. */
START_TEST(peer_learns_of_the_end)
{
    gss_buffer_desc closing = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    sealed = seal(x.client, large, 100);
    ck_assert_uint_eq(gss_delete_sec_context(&minor, &x.client, &closing), GSS_S_COMPLETE);
    ck_assert_uint_gt(closing.length, 0);
    assert_opens(x.server, &sealed, large, 100);
    ck_assert_uint_eq(assert_refused(x.server, closing.value, closing.length),
                      GSS_S_CONTEXT_EXPIRED);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TLS_CLOSED);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &closing);
}
END_TEST

/* The end may come in one token with the last message: first the one, then the other. */
START_TEST(end_behind_a_message)
{
    gss_buffer_desc closing = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc sealed;
    unsigned char joined[1024];
    gss_buffer_desc token = {0, joined};
    OM_uint32 minor;

    credssp_with(tls_options[_i]);
    sealed = seal(x.client, large, 100);
    ck_assert_uint_eq(gss_delete_sec_context(&minor, &x.client, &closing), GSS_S_COMPLETE);
    token.length = sealed.length + closing.length;
    ck_assert_uint_le(token.length, sizeof joined);
    memcpy(joined, sealed.value, sealed.length);
    memcpy(joined + sealed.length, closing.value, closing.length);
    assert_opens(x.server, &token, large, 100);
    ck_assert_uint_eq(assert_refused(x.server, closing.value, closing.length),
                      GSS_S_CONTEXT_EXPIRED);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &closing);
}
END_TEST

static void add_tls_tests(TCase *cases)
{
    const int last = TLS_OPTIONS;

    tcase_add_loop_test(cases, messages_of_every_length_arrive, 0, last);
    tcase_add_loop_test(cases, several_records_in_one_token, 0, last);
    tcase_add_test(cases, empty_message_with_tls_1_2_is_an_error);
    tcase_add_loop_test(cases, cut_token_is_refused_and_the_whole_one_still_taken, 0, last);
    tcase_add_loop_test(cases, changed_token_is_refused, 0, last);
    tcase_add_loop_test(cases, nothing_is_sealed_after_a_changed_record, 0, last);
    tcase_add_loop_test(cases, changed_second_record_takes_the_first_with_it, 0, last);
    tcase_add_loop_test(cases, repeated_token_is_refused, 0, last);
    tcase_add_loop_test(cases, reordered_tokens_are_refused, 0, last);
    tcase_add_loop_test(cases, reflected_token_is_refused, 0, last);
    tcase_add_loop_test(cases, token_of_another_context_is_refused, 0, last);
    tcase_add_test(cases, anything_else_is_refused);
    tcase_add_loop_test(cases, size_limit_is_exact, 0, last);
    tcase_add_test(cases, size_limit_with_cbc_fits);
    tcase_add_loop_test(cases, stream_sizes_are_true, 0, last);
    tcase_add_test(cases, only_the_default_quality_is_taken);
    tcase_add_test(cases, signatures_hold_both_ways);
    tcase_add_loop_test(cases, peer_learns_of_the_end, 0, last);
    tcase_add_loop_test(cases, end_behind_a_message, 0, last);
}

int main(void)
{
    Suite *suite = suite_create("messages");
    TCase *cases = tcase_create("messages");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 300);
    add_tls_tests(cases);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
