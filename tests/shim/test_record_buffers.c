/* CREDSSP's messages: which buffers there must be, how long, what is altered, and signatures. */
#include <gssapi/gssapi_ext.h>
#include <string.h>

#include "tests/runner.h"
#include "tests/shim/record_logon.h"
#include "tests/shim/records.h"

static struct sealed_record record;
static unsigned char wire[1000];

/* --- buffers --- */

START_TEST(several_data_buffers_are_one_record)
{
    unsigned char header[64];
    unsigned char data[3][100];
    unsigned char trailer[256];
    SecBuffer buffers[7];
    SecBufferDesc message = {SECBUFFER_VERSION, 7, buffers};
    unsigned char *place = wire;

    start_records(_i);
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
    stop_parties();
}
END_TEST

START_TEST(encrypting_needs_header_data_and_trailer)
{
    start_records(_i);
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
    stop_parties();
}
END_TEST

START_TEST(decrypting_needs_four_buffers_and_one_data)
{
    SecBuffer buffers[4];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    ULONG whole;

    start_records(_i);
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
    stop_parties();
}
END_TEST

START_TEST(too_little_room_says_how_much_is_needed)
{
    SecPkgContext_StreamSizes sizes;
    SecBuffer buffers[4];
    ULONG whole;

    start_records(_i);
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
    stop_parties();
}
END_TEST

START_TEST(more_than_one_record_holds_is_refused)
{
    SecPkgContext_StreamSizes sizes;

    start_records(_i);
    sizes = stream_sizes_of(&client);
    ck_assert_uint_eq(sizes.cbMaximumMessage, 16384);
    ck_assert_uint_eq(sizes.cBuffers, 4);
    prepare_record(&record, &client, sizes.cbMaximumMessage + 1);
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &record.descriptor, 0),
                     SEC_E_INVALID_PARAMETER);
    stop_parties();
}
END_TEST

START_TEST(other_qualities_are_refused)
{
    static const ULONG qualities[] = {1, SECQOP_WRAP_NO_ENCRYPT, SECQOP_WRAP_OOB_DATA};

    start_records(_i);
    prepare_record(&record, &client, 10);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(EncryptMessage(&client.context, qualities[i], &record.descriptor, 0),
                         SEC_E_QOP_NOT_SUPPORTED);
    stop_parties();
}
END_TEST

/* --- signatures: those of the mechanism that has authenticated inside --- */

/* Kerberos does not know the target, and NTLM does not prove who the server is. */
static void log_on_with_ntlm_inside(void)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    party_init(&client, true, "CREDSSP");
    party_init(&server, false, "CREDSSP");
    client.target = TEXT_OF("nobody/localhost");
    client.request &= ~(ULONG)ISC_REQ_MUTUAL_AUTH;
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
}

START_TEST(signatures_of_the_mechanism_inside)
{
    SecPkgContext_Sizes sizes;
    gss_buffer_desc plain = {100, wire};
    gss_buffer_desc signature;
    SecBuffer buffers[2] = {{100, SECBUFFER_DATA, wire}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    OM_uint32 minor;

    if (_i != 0)
        log_on_with_ntlm_inside();
    else
        start_records(0);
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    ck_assert_uint_eq(sizes.cbMaxSignature, _i != 0 ? 16 : 28);
    for (int i = 0; i < 2; i++) {
        buffers[1] = (SecBuffer){3, SECBUFFER_TOKEN, record.octets};
        ck_assert_int_eq(MakeSignature(&client.context, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL);
        ck_assert_uint_eq(buffers[1].cbBuffer, sizes.cbMaxSignature);
        ck_assert_int_eq(MakeSignature(&client.context, 0, &message, 0), SEC_E_OK);
        signature = (gss_buffer_desc){buffers[1].cbBuffer, record.octets};
        if (i == 0)
            ck_assert_uint_eq(gss_verify_mic(&minor, gss_of(&server), &plain, &signature, NULL),
                              GSS_S_COMPLETE);
        else
            ck_assert_int_eq(VerifySignature(&server.context, &message, 0, NULL), SEC_E_OK);
    }
    ck_assert_int_eq(MakeSignature(&client.context, 0, &message, 0), SEC_E_OK);
    wire[99] ^= 1;
    ck_assert_int_eq(VerifySignature(&server.context, &message, 0, NULL), SEC_E_MESSAGE_ALTERED);
    stop_parties();
}
END_TEST

/* --- alterations: the first one ends the session --- */

START_TEST(altered_records_are_refused)
{
    static const ULONG places[] = {5, 20, 30};
    SecBuffer buffers[4];

    for (int i = 0; i < 4; i++) {
        ULONG whole;

        start_records(_i);
        whole = seal_record_of(&record, &client, 40);
        record.octets[i < 3 ? places[i] : whole - 1] ^= 1;
        ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers),
                         SEC_E_MESSAGE_ALTERED);
        stop_parties();
    }
}
END_TEST

START_TEST(repeated_records_are_refused)
{
    SecBuffer buffers[4];
    ULONG whole;

    start_records(_i);
    whole = seal_record_of(&record, &client, 10);
    memcpy(wire, record.octets, whole);
    ck_assert_int_eq(open_octets(&server, record.octets, whole, buffers), SEC_E_OK);
    ck_assert_int_eq(open_octets(&server, wire, whole, buffers), SEC_E_MESSAGE_ALTERED);
    stop_parties();
}
END_TEST

START_TEST(what_is_no_record_is_an_invalid_token)
{
    static const char *const texts[] = {"HTTP/1.1 200 OK", "\x17\x02\x03", "\x17\x03\x03\xFF\xFF"};
    SecBuffer buffers[4];

    start_records(_i);
    for (int i = 0; i < 3; i++) {
        memcpy(wire, texts[i], strlen(texts[i]));
        ck_assert_int_eq(open_octets(&server, wire, strlen(texts[i]), buffers),
                         SEC_E_INVALID_TOKEN);
    }
    stop_parties();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: buffers of records");
    TCase *t = tcase_create("buffers");

    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, several_data_buffers_are_one_record, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, encrypting_needs_header_data_and_trailer, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, decrypting_needs_four_buffers_and_one_data, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, too_little_room_says_how_much_is_needed, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, more_than_one_record_holds_is_refused, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, other_qualities_are_refused, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, altered_records_are_refused, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, repeated_records_are_refused, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, what_is_no_record_is_an_invalid_token, 0, RECORD_OPTIONS);
    tcase_add_loop_test(t, signatures_of_the_mechanism_inside, 0, 2);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
