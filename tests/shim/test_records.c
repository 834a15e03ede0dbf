/* CREDSSP's messages with TLS 1.2 and 1.3: SSPI on one side, gss_* on the other. */
#include <gssapi/gssapi_ext.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mech/sealed_messages.h"
#include "tests/shim/records.h"
#include "tests/runner.h"

static struct party client;
static struct party server;

static struct sealed_record record;
static unsigned char wire[200000];

static const ULONG lengths[] = {1, 2, 15, 16, 17, 255, 256, 4096, 16383, 16384};
#define LENGTHS ((int)(sizeof lengths / sizeof lengths[0]))

/* The TLS versions and ciphers of tests/mech, and CBC behind them. */
#define OPTIONS (TLS_OPTIONS + 1)

static bool has_empty_records(int i)
{
    return i < TLS_OPTIONS && !is_tls_1_2(i);
}

static void start(int i)
{
    with_options(i < TLS_OPTIONS ? tls_options[i] : cbc_options);
    must_log_on(&client, &server, "CREDSSP", "host/localhost", true);
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

static gss_ctx_id_t gss_of(struct party *party)
{
    SecPkgContext_GssContext gss;

    ck_assert_int_eq(QueryContextAttributesA(&party->context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    return gss.Context;
}

/* Each message goes from one side to the other and the next one back. */
static struct party *sender_of(int message)
{
    return message % 2 == 0 ? &client : &server;
}

static struct party *receiver_of(int message)
{
    return message % 2 == 0 ? &server : &client;
}

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
    start(_i);
    for (int i = 0; i < 2 * LENGTHS; i++) {
        ULONG length = lengths[i / 2];

        assert_unwrapped(receiver_of(i), seal_record_of(&record, sender_of(i), length), length);
    }
    stop();
}
END_TEST

START_TEST(records_are_decrypted)
{
    SecBuffer buffers[4];

    start(_i);
    for (int i = 0; i < 2 * LENGTHS; i++) {
        ULONG length = lengths[i / 2];
        ULONG whole = seal_record_of(&record, sender_of(i), length);

        ck_assert_int_eq(open_octets(receiver_of(i), record.octets, whole, buffers), SEC_E_OK);
        assert_opened(buffers, record.octets, length);
        ck_assert_uint_eq(buffers[3].BufferType, SECBUFFER_EMPTY);
    }
    stop();
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
    start(_i);
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
    stop();
}
END_TEST

/* GnuTLS makes an empty record with TLS 1.3 only; with 1.2 nothing is sent, and nothing said. */
START_TEST(empty_messages)
{
    SecBuffer buffers[4];
    ULONG whole;

    start(_i);
    whole = seal_record_of(&record, &client, 0);
    ck_assert_int_eq(whole != 0, has_empty_records(_i));
    if (whole != 0) {
        ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers), SEC_E_OK);
        assert_opened(buffers, record.octets, 0);
    }
    whole = seal_record_of(&record, &client, 10);
    ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers), SEC_E_OK);
    assert_opened(buffers, record.octets, 10);
    stop();
}
END_TEST

/* --- the octets of several records, and of a part of one --- */

START_TEST(every_part_of_a_record_is_incomplete)
{
    static const ULONG parts[] = {1, 100, 16384};
    SecBuffer buffers[4];

    start(_i);
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
    stop();
}
END_TEST

START_TEST(what_follows_a_record_is_extra)
{
    static unsigned char untouched[sizeof wire];
    unsigned char *next = wire;
    size_t length = 0;

    start(_i);
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
    stop();
}
END_TEST

/* --- buffers --- */

START_TEST(several_data_buffers_are_one_record)
{
    unsigned char header[64];
    unsigned char data[3][100];
    unsigned char trailer[256];
    SecBuffer buffers[7];
    SecBufferDesc message = {SECBUFFER_VERSION, 7, buffers};
    unsigned char *place = wire;

    start(_i);
    memset(data, 'x', sizeof data);
    buffers[0] = (SecBuffer){100, SECBUFFER_DATA, data[0]};
    buffers[1] = (SecBuffer){stream_sizes_of(&client).cbTrailer, SECBUFFER_STREAM_TRAILER, trailer};
    buffers[2] = (SecBuffer){0, SECBUFFER_DATA, NULL};
    buffers[3] = (SecBuffer){100, SECBUFFER_DATA | SECBUFFER_READONLY, data[1]};
    buffers[4] = (SecBuffer){sizeof header, SECBUFFER_STREAM_HEADER, header};
    buffers[5] = (SecBuffer){100, SECBUFFER_DATA, data[2]};
    buffers[6] = (SecBuffer){0, 77, NULL};
    ck_assert_msg(EncryptMessage(&client.context, 0, &message, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_uint_eq(buffers[4].cbBuffer, stream_sizes_of(&client).cbHeader);
    ck_assert_uint_eq(data[1][0], 'x');
    memcpy(place, header, buffers[4].cbBuffer);
    place += buffers[4].cbBuffer;
    memcpy(place, data[0], 100);
    memcpy(place + 100, data[2], 100);
    place += 200;
    memcpy(place, trailer, buffers[1].cbBuffer);
    place += buffers[1].cbBuffer;
    ck_assert_int_eq(open_octets(&server, wire, (size_t)(place - wire), buffers), SEC_E_OK);
    ck_assert_uint_eq(buffers[1].cbBuffer, 200);
    ck_assert_uint_eq(((unsigned char *)buffers[1].pvBuffer)[199], 'x');
    stop();
}
END_TEST

START_TEST(encrypting_needs_header_data_and_trailer)
{
    start(_i);
    for (int i = 0; i < 3; i++) {
        prepare_record(&record, &client, 10);
        record.buffers[i].BufferType = SECBUFFER_EMPTY;
        ck_assert_int_eq(EncryptMessage(&client.context, 0, &record.descriptor, 0),
                         SEC_E_INVALID_TOKEN);
        prepare_record(&record, &client, 10);
        record.buffers[i].pvBuffer = NULL;
        ck_assert_int_eq(EncryptMessage(&client.context, 0, &record.descriptor, 0),
                         SEC_E_INVALID_TOKEN);
        prepare_record(&record, &client, 10);
        record.buffers[3] = record.buffers[i];
        ck_assert_int_eq(EncryptMessage(&client.context, 0, &record.descriptor, 0),
                         i == 1 ? SEC_E_OK : SEC_E_INVALID_TOKEN);
    }
    prepare_record(&record, &client, 10);
    record.buffers[3] =
        (SecBuffer){10, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, record.octets};
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &record.descriptor, 0),
                     SEC_E_UNSUPPORTED_FUNCTION);
    stop();
}
END_TEST

START_TEST(decrypting_needs_four_buffers_and_one_data)
{
    SecBuffer buffers[4];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    ULONG whole;

    start(_i);
    whole = seal_record_of(&record, &client, 10);
    for (int i = 0; i < 3; i++) {
        memset(buffers, 0, sizeof buffers);
        buffers[0] = (SecBuffer){whole, SECBUFFER_DATA, record.octets};
        if (i == 0)
            message.cBuffers = 3;
        else if (i == 1)
            buffers[2] = buffers[0];
        else
            buffers[0].BufferType = SECBUFFER_TOKEN;
        ck_assert_int_eq(DecryptMessage(&server.context, &message, 0, NULL), SEC_E_INVALID_TOKEN);
        message.cBuffers = 4;
    }
    ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers), SEC_E_OK);
    stop();
}
END_TEST

START_TEST(too_little_room_says_how_much_is_needed)
{
    SecPkgContext_StreamSizes sizes;
    SecBuffer buffers[4];
    ULONG whole;

    start(_i);
    sizes = stream_sizes_of(&client);
    for (ULONG room = 0; room < sizes.cbHeader; room++) {
        prepare_record(&record, &client, 10);
        record.buffers[0].cbBuffer = room;
        ck_assert_int_eq(EncryptMessage(&client.context, 0, &record.descriptor, 0),
                         SEC_E_BUFFER_TOO_SMALL);
        ck_assert_uint_eq(record.buffers[0].cbBuffer, sizes.cbHeader);
        ck_assert_uint_eq(record.buffers[2].cbBuffer, sizes.cbTrailer);
    }
    for (ULONG room = 0; room < 16; room++) {
        prepare_record(&record, &client, 10);
        record.buffers[2].cbBuffer = room;
        ck_assert_int_eq(EncryptMessage(&client.context, 0, &record.descriptor, 0),
                         SEC_E_BUFFER_TOO_SMALL);
        ck_assert_uint_eq(record.buffers[2].cbBuffer, sizes.cbTrailer);
    }
    whole = seal_record_of(&record, &client, 10);
    ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers), SEC_E_OK);
    assert_opened(buffers, record.octets, 10);
    stop();
}
END_TEST

START_TEST(more_than_one_record_holds_is_refused)
{
    SecPkgContext_StreamSizes sizes;

    start(_i);
    sizes = stream_sizes_of(&client);
    ck_assert_uint_eq(sizes.cbMaximumMessage, 16384);
    ck_assert_uint_eq(sizes.cBuffers, 4);
    prepare_record(&record, &client, sizes.cbMaximumMessage + 1);
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &record.descriptor, 0),
                     SEC_E_INVALID_PARAMETER);
    stop();
}
END_TEST

START_TEST(other_qualities_are_refused)
{
    static const ULONG qualities[] = {1, SECQOP_WRAP_NO_ENCRYPT, SECQOP_WRAP_OOB_DATA};

    start(_i);
    prepare_record(&record, &client, 10);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(EncryptMessage(&client.context, qualities[i], &record.descriptor, 0),
                         SEC_E_QOP_NOT_SUPPORTED);
    stop();
}
END_TEST

/* --- alterations: the first one ends the session --- */

START_TEST(altered_records_are_refused)
{
    static const ULONG places[] = {5, 20, 30};
    SecBuffer buffers[4];

    for (int i = 0; i < 4; i++) {
        ULONG whole;

        start(_i);
        whole = seal_record_of(&record, &client, 40);
        record.octets[i < 3 ? places[i] : whole - 1] ^= 1;
        ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers),
                         SEC_E_MESSAGE_ALTERED);
        stop();
    }
}
END_TEST

START_TEST(repeated_records_are_refused)
{
    SecBuffer buffers[4];
    ULONG whole;

    start(_i);
    whole = seal_record_of(&record, &client, 10);
    memcpy(wire, record.octets, whole);
    ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers), SEC_E_OK);
    ck_assert_int_eq(open_octets(&server, wire, whole, buffers), SEC_E_MESSAGE_ALTERED);
    stop();
}
END_TEST

START_TEST(what_is_no_record_is_an_invalid_token)
{
    static const char *const texts[] = {"HTTP/1.1 200 OK", "\x17\x02\x03", "\x17\x03\x03\xFF\xFF"};
    SecBuffer buffers[4];

    start(_i);
    for (int i = 0; i < 3; i++) {
        memcpy(wire, texts[i], strlen(texts[i]));
        ck_assert_int_eq(open_octets(&server, wire, strlen(texts[i]), buffers),
                         SEC_E_INVALID_TOKEN);
    }
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: records");
    TCase *t = tcase_create("records");

    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, records_are_gss_wrap_tokens, 0, OPTIONS);
    tcase_add_loop_test(t, records_are_decrypted, 0, OPTIONS);
    tcase_add_loop_test(t, gss_wrap_tokens_are_decrypted, 0, OPTIONS);
    tcase_add_loop_test(t, empty_messages, 0, OPTIONS);
    tcase_add_loop_test(t, every_part_of_a_record_is_incomplete, 0, OPTIONS);
    tcase_add_loop_test(t, what_follows_a_record_is_extra, 0, OPTIONS);
    tcase_add_loop_test(t, several_data_buffers_are_one_record, 0, OPTIONS);
    tcase_add_loop_test(t, encrypting_needs_header_data_and_trailer, 0, OPTIONS);
    tcase_add_loop_test(t, decrypting_needs_four_buffers_and_one_data, 0, OPTIONS);
    tcase_add_loop_test(t, too_little_room_says_how_much_is_needed, 0, OPTIONS);
    tcase_add_loop_test(t, more_than_one_record_holds_is_refused, 0, OPTIONS);
    tcase_add_loop_test(t, other_qualities_are_refused, 0, OPTIONS);
    tcase_add_loop_test(t, altered_records_are_refused, 0, OPTIONS);
    tcase_add_loop_test(t, repeated_records_are_refused, 0, OPTIONS);
    tcase_add_loop_test(t, what_is_no_record_is_an_invalid_token, 0, OPTIONS);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
