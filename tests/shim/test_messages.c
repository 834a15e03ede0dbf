/* Protected messages: layouts, gss_unwrap's view of them, altered and repeated ones. */
#include <string.h>
#include <gssapi/gssapi_ext.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

static struct party client;
static struct party server;

static const struct {
    const char *package;
    bool by_password;
} packages[] = {{"Kerberos", false}, {"NTLM", true}, {"Negotiate", false}, {"CREDSSP", true}};

static const char text[] = "all that is to be said";
#define LENGTH ((ULONG)sizeof text - 1)

struct message {
    unsigned char token[256];
    char data[sizeof text];
    SecBuffer buffers[3];
    SecBufferDesc descriptor;
};

static void start(int i)
{
    must_log_on(&client, &server, packages[i].package, "host/localhost", packages[i].by_password);
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

static SecPkgContext_Sizes sizes_of(struct party *party)
{
    SecPkgContext_Sizes sizes;

    ck_assert_int_eq(QueryContextAttributesA(&party->context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    ck_assert_uint_le(sizes.cbSecurityTrailer, 256);
    ck_assert_uint_le(sizes.cbMaxSignature, 256);
    return sizes;
}

/* TOKEN and DATA, in the order that is asked for. */
static void prepare(struct message *message, ULONG token_length, bool data_first)
{
    memcpy(message->data, text, sizeof text);
    message->buffers[data_first] = (SecBuffer){token_length, SECBUFFER_TOKEN, message->token};
    message->buffers[!data_first] = (SecBuffer){LENGTH, SECBUFFER_DATA, message->data};
    message->descriptor = (SecBufferDesc){SECBUFFER_VERSION, 2, message->buffers};
}

static void encrypt(struct message *message, struct party *from)
{
    prepare(message, sizes_of(from).cbSecurityTrailer, false);
    ck_assert_msg(EncryptMessage(&from->context, 0, &message->descriptor, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
}

START_TEST(token_and_data_are_a_gss_wrap_token)
{
    SecPkgContext_GssContext gss;
    struct message message;
    unsigned char whole[512];
    gss_buffer_desc input = {0, whole};
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    int confidential = 0;

    start(_i);
    encrypt(&message, &client);
    input.length = message.buffers[0].cbBuffer + LENGTH;
    memcpy(whole, message.token, message.buffers[0].cbBuffer);
    memcpy(whole + message.buffers[0].cbBuffer, message.data, LENGTH);
    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    ck_assert_uint_eq(gss_unwrap(&minor, gss.Context, &input, &plain, &confidential, NULL),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(plain.length, LENGTH);
    ck_assert_mem_eq(plain.value, text, LENGTH);
    ck_assert_int_ne(confidential, 0);
    (void)gss_release_buffer(&minor, &plain);
    stop();
}
END_TEST

START_TEST(a_gss_wrap_token_is_a_stream)
{
    SecPkgContext_GssContext gss;
    gss_buffer_desc plain = {LENGTH, (void *)(uintptr_t)text};
    gss_buffer_desc wrapped = GSS_C_EMPTY_BUFFER;
    SecBuffer buffers[2];
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    OM_uint32 minor;

    start(_i);
    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    ck_assert_uint_eq(gss_wrap(&minor, gss.Context, 1, 0, &plain, NULL, &wrapped), GSS_S_COMPLETE);
    buffers[0] = (SecBuffer){(ULONG)wrapped.length, SECBUFFER_STREAM, wrapped.value};
    buffers[1] = (SecBuffer){0, SECBUFFER_DATA, NULL};
    ck_assert_msg(DecryptMessage(&client.context, &message, 0, NULL) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_uint_eq(buffers[1].cbBuffer, LENGTH);
    ck_assert_mem_eq(buffers[1].pvBuffer, text, LENGTH);
    ck_assert((char *)buffers[1].pvBuffer >= (char *)wrapped.value);
    (void)gss_release_buffer(&minor, &wrapped);
    stop();
}
END_TEST

START_TEST(buffers_in_any_order_and_several_of_data)
{
    struct message message;
    SecBuffer buffers[5];
    char first[] = "one ";
    char second[] = "and two";
    char header[] = "not touched";
    SecBufferDesc descriptor = {SECBUFFER_VERSION, 5, buffers};

    start(_i);
    buffers[0] = (SecBuffer){4, SECBUFFER_DATA, first};
    buffers[1] = (SecBuffer){sizes_of(&client).cbSecurityTrailer, SECBUFFER_TOKEN, message.token};
    buffers[2] = (SecBuffer){11, SECBUFFER_DATA | SECBUFFER_READONLY, header};
    buffers[3] = (SecBuffer){7, SECBUFFER_DATA, second};
    buffers[4] = (SecBuffer){0, SECBUFFER_PADDING, NULL};
    ck_assert_msg(EncryptMessage(&client.context, 0, &descriptor, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_str_eq(header, "not touched");
    ck_assert_mem_ne(second, "and two", 7);
    ck_assert_msg(DecryptMessage(&server.context, &descriptor, 0, NULL) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_str_eq(first, "one ");
    ck_assert_str_eq(second, "and two");
    stop();
}
END_TEST

START_TEST(an_altered_message_is_refused)
{
    struct message message;

    start(_i);
    encrypt(&message, &client);
    message.data[3] ^= 1;
    ck_assert_int_eq(DecryptMessage(&server.context, &message.descriptor, 0, NULL),
                     SEC_E_MESSAGE_ALTERED);
    stop();
}
END_TEST

START_TEST(a_repeated_message_is_out_of_sequence)
{
    struct message message;
    struct message again;

    start(0);
    encrypt(&message, &client);
    memcpy(again.token, message.token, sizeof again.token);
    prepare(&again, message.buffers[0].cbBuffer, false);
    memcpy(again.data, message.data, LENGTH);
    ck_assert_int_eq(DecryptMessage(&server.context, &message.descriptor, 0, NULL), SEC_E_OK);
    ck_assert_int_eq(DecryptMessage(&server.context, &again.descriptor, 0, NULL),
                     SEC_E_OUT_OF_SEQUENCE);
    stop();
}
END_TEST

START_TEST(integrity_without_encryption)
{
    struct message message;
    ULONG qop = 0;

    start(_i);
    prepare(&message, sizes_of(&client).cbSecurityTrailer, true);
    if (strcmp(packages[_i].package, "NTLM") == 0) {
        ck_assert_int_eq(
            EncryptMessage(&client.context, SECQOP_WRAP_NO_ENCRYPT, &message.descriptor, 0),
            SEC_E_QOP_NOT_SUPPORTED);
        stop();
        return;
    }
    ck_assert_int_eq(
        EncryptMessage(&client.context, SECQOP_WRAP_NO_ENCRYPT, &message.descriptor, 0), SEC_E_OK);
    ck_assert_mem_eq(message.data, text, LENGTH);
    ck_assert_int_eq(DecryptMessage(&server.context, &message.descriptor, 0, &qop), SEC_E_OK);
    ck_assert_uint_eq(qop, SECQOP_WRAP_NO_ENCRYPT);
    stop();
}
END_TEST

START_TEST(a_token_buffer_too_small_says_so_and_the_call_can_be_repeated)
{
    struct message message;

    start(_i);
    prepare(&message, 3, false);
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &message.descriptor, 0),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(message.buffers[0].cbBuffer, sizes_of(&client).cbSecurityTrailer);
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &message.descriptor, 0), SEC_E_OK);
    ck_assert_int_eq(DecryptMessage(&server.context, &message.descriptor, 0, NULL), SEC_E_OK);
    ck_assert_mem_eq(message.data, text, LENGTH);
    stop();
}
END_TEST

START_TEST(signatures)
{
    struct message message;
    ULONG qop = 7;

    start(_i);
    prepare(&message, 3, true);
    ck_assert_int_eq(MakeSignature(&client.context, 0, &message.descriptor, 0),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(message.buffers[1].cbBuffer, sizes_of(&client).cbMaxSignature);
    ck_assert_msg(MakeSignature(&client.context, 0, &message.descriptor, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_mem_eq(message.data, text, LENGTH);
    ck_assert_msg(VerifySignature(&server.context, &message.descriptor, 0, &qop) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_uint_eq(qop, 0);
    prepare(&message, sizes_of(&server).cbMaxSignature, true);
    ck_assert_int_eq(MakeSignature(&server.context, 0, &message.descriptor, 0), SEC_E_OK);
    message.data[0] ^= 1;
    ck_assert_int_eq(VerifySignature(&client.context, &message.descriptor, 0, NULL),
                     SEC_E_MESSAGE_ALTERED);
    stop();
}
END_TEST

/* One sealed record of CREDSSP, as octets. */
static ULONG seal(struct party *from, unsigned char *record, ULONG length)
{
    SecPkgContext_StreamSizes sizes;
    SecBuffer buffers[4];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

    ck_assert_int_eq(QueryContextAttributesA(&from->context, SECPKG_ATTR_STREAM_SIZES, &sizes),
                     SEC_E_OK);
    ck_assert_uint_le(length, sizes.cbMaximumMessage);
    memset(record + sizes.cbHeader, 'x', length);
    buffers[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, record};
    buffers[1] = (SecBuffer){length, SECBUFFER_DATA, record + sizes.cbHeader};
    buffers[2] =
        (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes.cbHeader + length};
    buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    ck_assert_msg(EncryptMessage(&from->context, 0, &message, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    return buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
}

static SECURITY_STATUS open_record(struct party *to, SecBuffer buffers[4], void *octets,
                                   ULONG length)
{
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

    buffers[0] = (SecBuffer){length, SECBUFFER_DATA, octets};
    for (int i = 1; i < 4; i++)
        buffers[i] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    return DecryptMessage(&to->context, &message, 0, NULL);
}

START_TEST(records_of_credssp)
{
    static unsigned char wire[70000];
    SecBuffer buffers[4];
    ULONG first;
    ULONG second;

    start(3);
    first = seal(&client, wire, 16384);
    second = seal(&client, wire + first, 10);
    for (ULONG have = 0; have < first; have += have < 10 ? 1 : 997) {
        ck_assert_int_eq(open_record(&server, buffers, wire, have), SEC_E_INCOMPLETE_MESSAGE);
        ck_assert_uint_eq(buffers[0].BufferType, SECBUFFER_DATA);
        ck_assert_uint_eq(buffers[1].BufferType, SECBUFFER_MISSING);
        ck_assert_uint_eq(buffers[1].cbBuffer, have < 5 ? 5 - have : first - have);
    }
    ck_assert_int_eq(open_record(&server, buffers, wire, first + second), SEC_E_OK);
    ck_assert_uint_eq(buffers[1].cbBuffer, 16384);
    ck_assert_int_eq(((char *)buffers[1].pvBuffer)[16383], 'x');
    ck_assert_uint_eq(buffers[3].BufferType, SECBUFFER_EXTRA);
    ck_assert_uint_eq(buffers[3].cbBuffer, second);
    ck_assert_ptr_eq(buffers[3].pvBuffer, wire + first);
    ck_assert_int_eq(open_record(&server, buffers, wire + first, second), SEC_E_OK);
    ck_assert_uint_eq(buffers[1].cbBuffer, 10);
    stop();
}
END_TEST

START_TEST(an_altered_record_is_refused)
{
    unsigned char wire[512];
    SecBuffer buffers[4];
    ULONG length;

    start(3);
    length = seal(&client, wire, 10);
    wire[length - 1] ^= 1;
    ck_assert_int_eq(open_record(&server, buffers, wire, length), SEC_E_MESSAGE_ALTERED);
    stop();
}
END_TEST

START_TEST(a_record_needs_room_and_takes_no_more_than_it_can_hold)
{
    static unsigned char octets[20000];
    SecBuffer buffers[3] = {
        {1, SECBUFFER_STREAM_HEADER, octets},
        {10, SECBUFFER_DATA, octets + 100},
        {1, SECBUFFER_STREAM_TRAILER, octets + 200},
    };
    SecBufferDesc message = {SECBUFFER_VERSION, 3, buffers};

    start(3);
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_ge(buffers[0].cbBuffer, 5);
    buffers[1].cbBuffer = 16385;
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &message, 0), SEC_E_INVALID_PARAMETER);
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: messages");
    TCase *t = tcase_create("messages");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, token_and_data_are_a_gss_wrap_token, 0, 3);
    tcase_add_loop_test(t, a_gss_wrap_token_is_a_stream, 0, 3);
    tcase_add_loop_test(t, buffers_in_any_order_and_several_of_data, 0, 3);
    tcase_add_loop_test(t, an_altered_message_is_refused, 0, 3);
    tcase_add_test(t, a_repeated_message_is_out_of_sequence);
    tcase_add_loop_test(t, integrity_without_encryption, 0, 3);
    tcase_add_loop_test(t, a_token_buffer_too_small_says_so_and_the_call_can_be_repeated, 0, 3);
    tcase_add_loop_test(t, signatures, 0, 4);
    tcase_add_test(t, records_of_credssp);
    tcase_add_test(t, an_altered_record_is_refused);
    tcase_add_test(t, a_record_needs_room_and_takes_no_more_than_it_can_hold);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
