/* Logons with every package, and messages in both directions afterwards. */
#include <check.h>
#include <string.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

struct scenario {
    const char *package;
    bool by_password;
    const char *inner; /* the package that authenticates */
};

static const struct scenario scenarios[] = {
    {"Kerberos", false, "Kerberos"}, {"Kerberos", true, "Kerberos"},
    {"NTLM", true, "NTLM"},          {"Negotiate", false, "Kerberos"},
    {"Negotiate", true, "Kerberos"}, {"CREDSSP", false, "Kerberos"},
    {"CREDSSP", true, "Kerberos"},
};
#define SCENARIOS (int)(sizeof scenarios / sizeof scenarios[0])

static struct party client;
static struct party server;

static void start(int i)
{
    must_log_on(&client, &server, scenarios[i].package, "host/localhost", scenarios[i].by_password);
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

/* EncryptMessage on one side, DecryptMessage in the TOKEN and DATA form on the other. */
static void send_token_data(struct party *from, struct party *to, const char *text, ULONG qop)
{
    SecPkgContext_Sizes sizes;
    unsigned char token[256];
    char data[256];
    SecBuffer buffers[3];
    SecBufferDesc message = {SECBUFFER_VERSION, 3, buffers};
    ULONG length = (ULONG)strlen(text);
    ULONG received_qop = 77;

    ck_assert_int_eq(QueryContextAttributesA(&from->context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    ck_assert_uint_le(sizes.cbSecurityTrailer, sizeof token);
    memcpy(data, text, length);
    buffers[0] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, token};
    buffers[1] = (SecBuffer){length, SECBUFFER_DATA, data};
    buffers[2] = (SecBuffer){0, SECBUFFER_PADDING, NULL};
    ck_assert_msg(EncryptMessage(&from->context, qop, &message, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    if (qop == 0)
        ck_assert_mem_ne(data, text, length);
    else
        ck_assert_mem_eq(data, text, length);
    ck_assert_msg(DecryptMessage(&to->context, &message, 0, &received_qop) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_mem_eq(data, text, length);
    ck_assert_uint_eq(received_qop, qop);
}

/* The same with CREDSSP's records, as one run of octets on the wire. */
static void send_record(struct party *from, struct party *to, const char *text)
{
    SecPkgContext_StreamSizes sizes;
    unsigned char record[512];
    SecBuffer buffers[4];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    ULONG length = (ULONG)strlen(text);

    ck_assert_int_eq(QueryContextAttributesA(&from->context, SECPKG_ATTR_STREAM_SIZES, &sizes),
                     SEC_E_OK);
    ck_assert_uint_eq(sizes.cBuffers, 4);
    ck_assert_uint_le(sizes.cbHeader + length + sizes.cbTrailer, sizeof record);
    memcpy(record + sizes.cbHeader, text, length);
    buffers[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, record};
    buffers[1] = (SecBuffer){length, SECBUFFER_DATA, record + sizes.cbHeader};
    buffers[2] =
        (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes.cbHeader + length};
    buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    ck_assert_msg(EncryptMessage(&from->context, 0, &message, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    length = buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
    buffers[0] = (SecBuffer){length, SECBUFFER_DATA, record};
    for (int i = 1; i < 4; i++)
        buffers[i] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    ck_assert_msg(DecryptMessage(&to->context, &message, 0, NULL) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_uint_eq(buffers[0].BufferType, SECBUFFER_STREAM_HEADER);
    ck_assert_uint_eq(buffers[1].BufferType, SECBUFFER_DATA);
    ck_assert_uint_eq(buffers[2].BufferType, SECBUFFER_STREAM_TRAILER);
    ck_assert_uint_eq(buffers[3].BufferType, SECBUFFER_EMPTY);
    ck_assert_uint_eq(buffers[1].cbBuffer, strlen(text));
    ck_assert_mem_eq(buffers[1].pvBuffer, text, strlen(text));
}

START_TEST(messages_go_both_ways)
{
    start(_i);
    if (strcmp(scenarios[_i].package, "CREDSSP") == 0) {
        send_record(&client, &server, "from the client");
        send_record(&server, &client, "from the server");
        send_record(&client, &server, "and again");
        stop();
        return;
    }
    send_token_data(&client, &server, "from the client", 0);
    send_token_data(&server, &client, "from the server", 0);
    send_token_data(&client, &server, "and again", 0);
    stop();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("shim: logons");
    TCase *t = tcase_create("packages");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, messages_go_both_ways, 0, SCENARIOS);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
