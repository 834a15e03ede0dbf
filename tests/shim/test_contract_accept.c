/*
 * The contract of AcceptSecurityContext (General), a test for each argument, flag and result, which
 * it is named after.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/runner.h"
#include "tests/shim/failed_logon.h"

static const char *const packages[] = {"Negotiate", "Kerberos", "NTLM", "CREDSSP"};
#define PACKAGES 4

static void before(void)
{
}

/* The client has made its first token, which is in the server's inbox. */
static void begin(const char *package)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    start(package);
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&server.inbox, server.wire.data, server.wire.length);
    server.wire.length = 0;
}

static SECURITY_STATUS call(CredHandle *credential, CtxtHandle *context, SecBuffer *in, ULONG count,
                            ULONG flags, CtxtHandle *made)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, count, in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SECURITY_STATUS status =
        AcceptSecurityContext(credential, context, in != NULL ? &input : NULL,
                              flags | ASC_REQ_ALLOCATE_MEMORY, 0, made, &output, NULL, NULL);

    if (out.pvBuffer != NULL)
        ck_assert_int_eq(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
    return status;
}

/* --- arguments --- */

START_TEST(argument_phCredential)
{
    SecBuffer in;
    CtxtHandle made;
    CredHandle both;

    begin(packages[_i]);
    in = (SecBuffer){(ULONG)server.inbox.length, SECBUFFER_TOKEN, server.inbox.data};
    demand(call(NULL, NULL, &in, 1, 0, &made), SEC_E_INVALID_HANDLE);
    demand(call(&client.credential, NULL, &in, 1, 0, &made), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, server.package, SECPKG_CRED_BOTH, NULL, NULL,
                                               NULL, NULL, &both, NULL),
                     SEC_E_OK);
    ck_assert_int_ge(call(&both, NULL, &in, 1, 0, &made), 0);
    ck_assert_int_eq(DeleteSecurityContext(&made), SEC_E_OK);
    ck_assert_int_eq(FreeCredentialsHandle(&both), SEC_E_OK);
    stop();
}
END_TEST

START_TEST(argument_pInput)
{
    SecBuffer in;
    CtxtHandle made;

    begin(packages[_i]);
    demand(call(&server.credential, NULL, NULL, 0, 0, &made), SEC_E_INVALID_TOKEN);
    in = (SecBuffer){(ULONG)server.inbox.length, SECBUFFER_DATA, server.inbox.data};
    demand(call(&server.credential, NULL, &in, 1, 0, &made), SEC_E_INVALID_TOKEN);
    in = (SecBuffer){1, SECBUFFER_TOKEN, NULL};
    demand(call(&server.credential, NULL, &in, 1, 0, &made), SEC_E_INVALID_TOKEN);
    stop();
}
END_TEST

/* What the server did not consume is the application's: SECBUFFER_EMPTY becomes SECBUFFER_EXTRA. */
START_TEST(argument_pInput_EXTRA)
{
    static const unsigned char more[] = {0x17, 3, 3, 0, 2, 0xAA, 0xBB};

    begin("CREDSSP");
    while (server.status != SEC_E_OK) {
        while (server.status != SEC_E_OK && server.inbox.length != 0)
            ck_assert_int_ge(party_step(&server, &client), 0);
        if (server.status == SEC_E_OK)
            break;
        append(&client.inbox, client.wire.data, client.wire.length);
        client.wire.length = 0;
        while (client.status != SEC_E_OK && client.inbox.length != 0)
            ck_assert_int_ge(party_step(&client, &server), 0);
        if (client.status == SEC_E_OK)
            append(&server.wire, more, sizeof more);
        append(&server.inbox, server.wire.data, server.wire.length);
        server.wire.length = 0;
    }
    ck_assert_uint_eq(server.inbox.length, sizeof more);
    ck_assert_mem_eq(server.inbox.data, more, sizeof more);
    stop();
}
END_TEST

/* Kerberos' last token comes with SEC_E_OK. */
START_TEST(argument_pOutput)
{
    begin("Kerberos");
    demand(party_step(&server, &client), SEC_E_OK);
    ck_assert_uint_ne(client.wire.length, 0);
    ck_assert(log_on(&client, &server, 0));
    stop();
}
END_TEST

/* A server may require what a client does not offer, or read what it got. */
START_TEST(argument_fContextReq)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    start("NTLM");
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
    server.request = _i == 0 ? ASC_REQ_CONFIDENTIALITY : 0;
    client.request = 0;
    ck_assert(log_on(&client, &server, 0) == (_i != 0));
    demand(server.status, _i == 0 ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK);
    if (_i != 0)
        ck_assert_uint_eq(server.attributes & ASC_RET_CONFIDENTIALITY, 0);
    stop();
}
END_TEST

START_TEST(argument_ptsExpiry)
{
    begin(packages[_i]);
    server.wire = server.inbox;
    server.inbox.length = 0;
    ck_assert(log_on(&client, &server, 0));
    ck_assert_int_gt(server.expiry.QuadPart, 0);
    stop();
}
END_TEST

/* --- results --- */

START_TEST(result_SEC_E_INVALID_HANDLE)
{
    CtxtHandle none = {0, 0};
    SecBuffer in = {0, SECBUFFER_TOKEN, NULL};

    begin(packages[_i]);
    demand(call(&server.credential, &none, &in, 1, 0, &none), SEC_E_INVALID_HANDLE);
    /* The initiator's is none for AcceptSecurityContext. */
    demand(call(&server.credential, &client.context, &in, 1, 0, NULL), SEC_E_INVALID_HANDLE);
    stop();
}
END_TEST

START_TEST(result_SEC_E_INVALID_TOKEN)
{
    begin(packages[_i]);
    server.inbox.length = 0;
    append(&server.inbox, "this is no token", 16);
    demand(party_step(&server, &client), SEC_E_INVALID_TOKEN);
    stop();
}
END_TEST

START_TEST(result_SEC_E_LOGON_DENIED)
{
    SEC_WINNT_AUTH_IDENTITY_A wrong =
        identity_of(getenv("REALM_NTLM_DOMAIN"), getenv("REALM_USER"), "not the password");

    start("NTLM");
    party_must_acquire(&client, &wrong);
    party_must_acquire(&server, NULL);
    ck_assert(!log_on(&client, &server, 0));
    demand(server.status, SEC_E_LOGON_DENIED);
    stop();
}
END_TEST

START_TEST(result_SEC_E_NO_CREDENTIALS)
{
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    start("Kerberos");
    demand(party_acquire(&server, NULL), SEC_E_NO_CREDENTIALS);
    stop();
}
END_TEST

START_TEST(result_SEC_E_BAD_BINDINGS)
{
    struct {
        SEC_CHANNEL_BINDINGS header;
        char text[16];
    } bindings = {{.cbApplicationDataLength = 15, .dwApplicationDataOffset = 32},
                  "tls-unique:0123"};
    SecBuffer buffer = {sizeof bindings, SECBUFFER_CHANNEL_BINDINGS, &bindings};

    begin(packages[_i]);
    server.extra_input = &buffer;
    while (server.status == SEC_I_CONTINUE_NEEDED) {
        (void)party_step(&server, &client);
        append(&client.inbox, client.wire.data, client.wire.length);
        client.wire.length = 0;
        if (server.status == SEC_I_CONTINUE_NEEDED)
            ck_assert_int_ge(party_step(&client, &server), 0);
        append(&server.inbox, server.wire.data, server.wire.length);
        server.wire.length = 0;
    }
    demand(server.status, SEC_E_BAD_BINDINGS);
    stop();
}
END_TEST

/* Digest's name for flags that cannot stand together. */
START_TEST(result_SEC_E_SECURITY_QOS_FAILED)
{
    begin(packages[_i]);
    server.request |= ASC_REQ_ALLOW_MISSING_BINDINGS | ASC_REQ_PROXY_BINDINGS;
    demand(party_step(&server, &client), SEC_E_SECURITY_QOS_FAILED);
    stop();
}
END_TEST

/* --- after success --- */

START_TEST(functions_after_success)
{
    SecPkgContext_NamesA names;
    HANDLE token;

    must_log_on(&client, &server, "Kerberos", "host/localhost", false);
    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(names.sUserName, getenv("REALM_USER")));
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
    ck_assert_int_eq(QuerySecurityContextToken(&server.context, &token), SEC_E_OK);
    ck_assert_int_eq(SspiGssCloseToken(token), SEC_E_OK);
    stop();
}
END_TEST

/* CREDSSP delegates the password, and the server can be the user to others. */
START_TEST(impersonation_after_success)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    start("CREDSSP");
    client.request |= ISC_REQ_DELEGATE;
    demand(outcome(&alice), SEC_E_OK);
    demand(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    demand(RevertSecurityContext(&server.context), SEC_E_OK);
    stop();
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, argument_phCredential, 0, PACKAGES);
    tcase_add_loop_test(cases, argument_pInput, 0, PACKAGES);
    tcase_add_test(cases, argument_pInput_EXTRA);
    tcase_add_test(cases, argument_pOutput);
    tcase_add_loop_test(cases, argument_fContextReq, 0, 2);
    tcase_add_loop_test(cases, argument_ptsExpiry, 0, PACKAGES);
    tcase_add_loop_test(cases, result_SEC_E_INVALID_HANDLE, 0, PACKAGES);
    tcase_add_loop_test(cases, result_SEC_E_INVALID_TOKEN, 0, PACKAGES);
    tcase_add_test(cases, result_SEC_E_LOGON_DENIED);
    tcase_add_test(cases, result_SEC_E_NO_CREDENTIALS);
    tcase_add_loop_test(cases, result_SEC_E_BAD_BINDINGS, 0, 3);
    tcase_add_loop_test(cases, result_SEC_E_SECURITY_QOS_FAILED, 0, PACKAGES);
    tcase_add_test(cases, functions_after_success);
    tcase_add_test(cases, impersonation_after_success);
}

int main(void)
{
    return run_case("shim: contract of AcceptSecurityContext", before, before, 60, add);
}
