/* CREDSSP's messages with TLS 1.2 and 1.3: SSPI on one side, gss_* on the other. */
#include <gssapi/gssapi_ext.h>
#include <stdlib.h>
#include <string.h>

#include "tests/shim/record_logon.h"
#include "tests/shim/records.h"
#include "tests/runner.h"

static struct sealed_record record;
static unsigned char wire[200000];

static const ULONG lengths[] = {1, 2, 15, 16, 17, 255, 256, 4096, 16383, 16384};
#define LENGTHS ((int)(sizeof lengths / sizeof lengths[0]))

/* --- both ways --- */

static void assert_unwrapped(struct party *party, ULONG record_length, ULONG length)
{
    gss_buffer_desc input = {record_length, record.octets};
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_unwrap(&minor, gss_of(party), &input, &plain, NULL, NULL),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(plain.length, length);
    for (ULONG i = 0; i < length; i++)
        ck_assert_uint_eq(((unsigned char *)plain.value)[i], 'a' + i % 26);
    (void)gss_release_buffer(&minor, &plain);
}

START_TEST(records_are_gss_wrap_tokens)
{
    start_records(_i);
    for (int i = 0; i < 2 * LENGTHS; i++) {
        ULONG length = lengths[i / 2];

        assert_unwrapped(receiver_of(i), seal_record_of(&record, sender_of(i), length), length);
    }
    stop_parties();
}
END_TEST

START_TEST(records_are_decrypted)
{
    SecBuffer buffers[4];

    start_records(_i);
    for (int i = 0; i < 2 * LENGTHS; i++) {
        ULONG length = lengths[i / 2];
        ULONG whole = seal_record_of(&record, sender_of(i), length);

        ck_assert_int_eq(open_octets(receiver_of(i), record.octets, whole, buffers), SEC_E_OK);
        assert_opened(buffers, record.octets, length);
        ck_assert_uint_eq(buffers[3].BufferType, SECBUFFER_EMPTY);
    }
    stop_parties();
}
END_TEST

/* Opens record by record what gss_wrap has made of a message. */
static void assert_stream(struct party *party, size_t whole, const unsigned char *expected,
                          size_t length)
{
    unsigned char *next = wire;
    size_t got = 0;

    while (whole != 0) {
        SecBuffer buffers[4];

        ck_assert_int_eq(open_octets(party, next, whole, buffers), SEC_E_OK);
        ck_assert_uint_le(buffers[1].cbBuffer, length - got);
        ck_assert_mem_eq(buffers[1].pvBuffer, expected + got, buffers[1].cbBuffer);
        got += buffers[1].cbBuffer;
        ck_assert_uint_eq(buffers[3].BufferType, got < length ? SECBUFFER_EXTRA : SECBUFFER_EMPTY);
        whole = buffers[3].cbBuffer;
        next = buffers[3].pvBuffer;
    }
    ck_assert_uint_eq(got, length);
}

START_TEST(gss_wrap_tokens_are_decrypted)
{
    static const size_t longer[] = {1, 100, 16384, 16385, 32768, 65536, 70000};
    static unsigned char text[70000];

    fill_pattern(text, sizeof text);
    start_records(_i);
    for (int i = 0; i < 14; i++) {
        gss_buffer_desc plain = {longer[i / 2], text};
        gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
        OM_uint32 minor;

        ck_assert_uint_eq(
            gss_wrap(&minor, gss_of(sender_of(i)), 1, GSS_C_QOP_DEFAULT, &plain, NULL, &token),
            GSS_S_COMPLETE);
        ck_assert_uint_le(token.length, sizeof wire);
        memcpy(wire, token.value, token.length);
        assert_stream(receiver_of(i), token.length, text, plain.length);
        (void)gss_release_buffer(&minor, &token);
    }
    stop_parties();
}
END_TEST

/* GnuTLS makes an empty record with TLS 1.3 only; with 1.2 nothing is sent, and nothing said. */
START_TEST(empty_messages)
{
    SecBuffer buffers[4];
    ULONG whole;

    start_records(_i);
    whole = seal_record_of(&record, &client, 0);
    ck_assert_int_eq(whole != 0, has_empty_records(_i));
    if (whole != 0) {
        ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers), SEC_E_OK);
        assert_opened(buffers, record.octets, 0);
    }
    whole = seal_record_of(&record, &client, 10);
    ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers), SEC_E_OK);
    assert_opened(buffers, record.octets, 10);
    stop_parties();
}
END_TEST

/* --- the octets of several records, and of a part of one --- */

START_TEST(every_part_of_a_record_is_incomplete)
{
    static const ULONG parts[] = {1, 100, 16384};
    SecBuffer buffers[4];

    start_records(_i);
    for (int i = 0; i < 3; i++) {
        ULONG whole = seal_record_of(&record, &client, parts[i]);

        memcpy(wire, record.octets, whole);
        for (ULONG have = 0; have < whole; have++) {
            ck_assert_int_eq(open_octets(&server, record.octets, have, buffers),
                             SEC_E_INCOMPLETE_MESSAGE);
            ck_assert_uint_eq(buffers[0].BufferType, SECBUFFER_DATA);
            ck_assert_uint_eq(buffers[0].cbBuffer, have);
            ck_assert_uint_eq(buffers[1].BufferType, SECBUFFER_MISSING);
            ck_assert_uint_eq(buffers[1].cbBuffer, have < 5 ? 5 - have : whole - have);
        }
        ck_assert_mem_eq(wire, record.octets, whole);
        ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers), SEC_E_OK);
        assert_opened(buffers, record.octets, parts[i]);
    }
    stop_parties();
}
END_TEST

START_TEST(what_follows_a_record_is_extra)
{
    static unsigned char untouched[sizeof wire];
    unsigned char *next = wire;
    size_t length = 0;

    start_records(_i);
    for (int i = 0; i < LENGTHS; i++) {
        ULONG whole = seal_record_of(&record, &client, lengths[i]);

        memcpy(wire + length, record.octets, whole);
        length += whole;
    }
    memcpy(wire + length, "\x17\x03", 2); /* and a part of one more */
    length += 2;
    memcpy(untouched, wire, length);
    for (int i = 0; i < LENGTHS; i++) {
        SecBuffer buffers[4];

        ck_assert_int_eq(open_octets(&server, next, length, buffers), SEC_E_OK);
        assert_opened(buffers, next, lengths[i]);
        ck_assert_uint_eq(buffers[3].BufferType, SECBUFFER_EXTRA);
        next = buffers[3].pvBuffer;
        length = buffers[3].cbBuffer;
        ck_assert_mem_eq(next, untouched + (next - wire), length);
    }
    ck_assert_uint_eq(length, 2);
    stop_parties();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: records");
    TCase *t = tcase_create("records");

    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, records_are_gss_wrap_tokens, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, records_are_decrypted, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, gss_wrap_tokens_are_decrypted, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, empty_messages, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, every_part_of_a_record_is_incomplete, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, what_follows_a_record_is_extra, 0, RECORD_OPTIONS);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
