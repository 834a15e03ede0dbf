/*
 * The contract of InitializeSecurityContext (CredSSP and Negotiate): a test for each result, which it
 * is named after. SEC_I_INCOMPLETE_CREDENTIALS is in test_client_certificates, want of memory in
 * test_allocation_failure.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/runner.h"
#include "tests/shim/failed_logon.h"

static const char *const packages[] = {"CREDSSP", "Negotiate", "Kerberos", "NTLM"};
#define PACKAGES     2 /* whose contract it is */
#define ALL_PACKAGES 4

static void before(void)
{
}

/* The client is done with a token that must still be sent: CREDSSP's credentials. */
START_TEST(result_SEC_E_OK)
{
    start_with_credentials("CREDSSP", true);
    while (client.status != SEC_E_OK) {
        append(&client.inbox, client.wire.data, client.wire.length);
        client.wire.length = 0;
        do {
            ck_assert_int_ge(party_step(&client, &server), 0);
        } while (client.status != SEC_E_OK && client.inbox.length != 0);
        if (client.status == SEC_E_OK)
            break;
        append(&server.inbox, server.wire.data, server.wire.length);
        server.wire.length = 0;
        while (server.inbox.length != 0)
            demand(party_step(&server, &client), SEC_I_CONTINUE_NEEDED);
    }
    ck_assert_uint_ne(server.wire.length, 0);
    ck_assert(log_on(&client, &server, 0));
    stop();
}
END_TEST

START_TEST(result_SEC_I_CONTINUE_NEEDED)
{
    start_with_credentials(packages[_i], false);
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_ne(server.wire.length, 0);
    stop();
}
END_TEST

/* No package here returns it; the function that it asks for is there. */
START_TEST(result_SEC_I_COMPLETE_NEEDED)
{
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc tokens = {SECBUFFER_VERSION, 1, &token};

    start_with_credentials(packages[_i], false);
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    demand(CompleteAuthToken(&client.context, &tokens), SEC_E_OK);
    demand(CompleteAuthToken(&client.context, NULL), SEC_E_INVALID_PARAMETER);
    demand(CompleteAuthToken(&client.credential, &tokens), SEC_E_INVALID_HANDLE);
    ck_assert(log_on(&client, &server, 0));
    stop();
}
END_TEST

START_TEST(result_SEC_E_INCOMPLETE_MESSAGE)
{
    SecBuffer in[2] = {{3, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in};

    start_with_credentials("CREDSSP", false);
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&server.inbox, server.wire.data, server.wire.length);
    server.wire.length = 0;
    demand(party_step(&server, &client), SEC_I_CONTINUE_NEEDED);
    in[0].pvBuffer = client.wire.data;
    demand(initialize(&client.credential, &client.context, NULL, USUAL_ISC, 0, &input, NULL),
           SEC_E_INCOMPLETE_MESSAGE);
    ck_assert_uint_eq(in[1].BufferType, SECBUFFER_MISSING);
    ck_assert_uint_eq(in[1].cbBuffer, 2);
    ck_assert(log_on(&client, &server, 0));
    stop();
}
END_TEST

START_TEST(result_SEC_E_INVALID_HANDLE)
{
    start_with_credentials(packages[_i], false);
    ck_assert(log_on(&client, &server, 0));
    ck_assert_int_eq(DeleteSecurityContext(&client.context), SEC_E_OK);
    client.has_context = false;
    demand(initialize(&client.credential, &client.context, NULL, 0, 0, NULL, NULL),
           SEC_E_INVALID_HANDLE);
    stop();
}
END_TEST

START_TEST(result_SEC_E_INVALID_TOKEN)
{
    start_with_credentials(packages[_i], false);
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&client.inbox, "this is no token", 16);
    demand(party_step(&client, &server), SEC_E_INVALID_TOKEN);
    stop();
}
END_TEST

START_TEST(result_SEC_E_LOGON_DENIED)
{
    SEC_WINNT_AUTH_IDENTITY_A wrong =
        identity_of(getenv("REALM_NTLM_DOMAIN"), getenv("REALM_USER"), "not the password");

    start(packages[_i]);
    demand(outcome(&wrong), SEC_E_LOGON_DENIED);
    stop();
}
END_TEST

START_TEST(result_SEC_E_NO_AUTHENTICATING_AUTHORITY)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    char lines[256];

    (void)snprintf(lines, sizeof lines,
                   "[realms]\n %s* = {\n  kdc* = 127.0.0.1:1\n }\n"
                   "[appdefaults]\n gss-sspi = {\n  packages = kerberos\n }\n",
                   getenv("REALM"));
    prepend_krb5_conf(lines);
    start(packages[_i]);
    demand(outcome(&alice), SEC_E_NO_AUTHENTICATING_AUTHORITY);
    stop();
}
END_TEST

START_TEST(result_SEC_E_NO_CREDENTIALS)
{
    ck_assert_int_eq(setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1), 0);
    ck_assert_int_eq(unsetenv("NTLM_USER_FILE"), 0);
    start(packages[_i]);
    demand(outcome(NULL), SEC_E_NO_CREDENTIALS);
    stop();
}
END_TEST

START_TEST(result_SEC_E_TARGET_UNKNOWN)
{
    prepend_krb5_conf("[appdefaults]\n gss-sspi = {\n  packages = kerberos\n }\n");
    start_with_credentials(packages[_i], false);
    client.target = TEXT_OF("NOSUCH/localhost");
    ck_assert(!log_on(&client, &server, 0));
    demand(client.status, SEC_E_TARGET_UNKNOWN);
    stop();
}
END_TEST

START_TEST(result_SEC_E_UNSUPPORTED_FUNCTION)
{
    start_with_credentials(packages[_i], false);
    client.request |= ISC_REQ_DATAGRAM;
    demand(party_step(&client, &server), SEC_E_UNSUPPORTED_FUNCTION);
    stop();
}
END_TEST

/* Two servers with a token of the same logon: the answer is not that of the one that was named. */
START_TEST(result_SEC_E_WRONG_PRINCIPAL)
{
    start_with_credentials("Negotiate", false);
    ck_assert_int_eq(FreeCredentialsHandle(&server.credential), SEC_E_OK);
    ck_assert_int_eq(AcquireCredentialsHandleA(TEXT_OF("HTTP/localhost"), TEXT_OF("Negotiate"),
                                               SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                               &server.credential, NULL),
                     SEC_E_OK);
    ck_assert(!log_on(&client, &server, 0));
    demand(server.status, SEC_E_WRONG_PRINCIPAL);
    stop();
}
END_TEST

/* SEC_E_DELEGATION_POLICY, SEC_E_POLICY_NLTM_ONLY, SEC_E_MUTUAL_AUTH_FAILED */
START_TEST(result_of_policy)
{
    static const struct {
        const char *allowed;
        const char *allowed_with_ntlm;
        ULONG flags;
        SECURITY_STATUS status;
    } cases[] = {
        {"TERMSRV/none", "TERMSRV/none", ISC_REQ_DELEGATE, SEC_E_DELEGATION_POLICY},
        {"*", "TERMSRV/none", ISC_REQ_DELEGATE, SEC_E_POLICY_NLTM_ONLY},
        {"*", "*", ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH, SEC_E_MUTUAL_AUTH_FAILED},
        {"*", "*", ISC_REQ_DELEGATE, SEC_E_OK},
    };
    char lines[512];

    (void)snprintf(lines, sizeof lines,
                   "[appdefaults]\n gss-sspi = {\n  packages = ntlm\n"
                   "  AllowFreshCredentials = %s\n  AllowFreshCredentialsWhenNTLMOnly = %s\n }\n",
                   cases[_i].allowed, cases[_i].allowed_with_ntlm);
    prepend_krb5_conf(lines);
    start_with_credentials("CREDSSP", true);
    client.request = cases[_i].flags;
    (void)log_on(&client, &server, 0);
    demand(client.status, cases[_i].status);
    stop();
}
END_TEST

START_TEST(result_SEC_E_INTERNAL_ERROR)
{
    prepend_krb5_conf("[appdefaults]\n gss-sspi = {\n  tls_priority = NONSENSE\n }\n");
    start("CREDSSP");
    demand(outcome(NULL), SEC_E_INTERNAL_ERROR);
    stop();
}
END_TEST

/* --- and behind the tables --- */

START_TEST(call_after_success_authenticates_again)
{
    start_with_credentials(packages[_i], false);
    for (int i = 0; i < 3; i++) {
        client.status = server.status = SEC_I_CONTINUE_NEEDED;
        client.calls = 0;
        ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    }
    stop();
}
END_TEST

START_TEST(handle_of_a_failed_later_leg_is_the_callers)
{
    start_with_credentials(packages[_i], false);
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&client.inbox, "this is no token", 16);
    ck_assert_int_lt(party_step(&client, &server), 0);
    /* It is good for nothing but to be deleted. */
    demand(party_step(&client, &server), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(DeleteSecurityContext(&client.context), SEC_E_OK);
    client.has_context = false;
    stop();
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_test(cases, result_SEC_E_OK);
    tcase_add_loop_test(cases, result_SEC_I_CONTINUE_NEEDED, 0, PACKAGES);
    tcase_add_loop_test(cases, result_SEC_I_COMPLETE_NEEDED, 0, PACKAGES);
    tcase_add_test(cases, result_SEC_E_INCOMPLETE_MESSAGE);
    tcase_add_loop_test(cases, result_SEC_E_INVALID_HANDLE, 0, PACKAGES);
    tcase_add_loop_test(cases, result_SEC_E_INVALID_TOKEN, 0, PACKAGES);
    tcase_add_loop_test(cases, result_SEC_E_LOGON_DENIED, 0, PACKAGES);
    tcase_add_loop_test(cases, result_SEC_E_NO_AUTHENTICATING_AUTHORITY, 0, PACKAGES);
    tcase_add_loop_test(cases, result_SEC_E_NO_CREDENTIALS, 0, ALL_PACKAGES);
    tcase_add_loop_test(cases, result_SEC_E_TARGET_UNKNOWN, 0, PACKAGES);
    tcase_add_loop_test(cases, result_SEC_E_UNSUPPORTED_FUNCTION, 0, PACKAGES);
    tcase_add_test(cases, result_SEC_E_WRONG_PRINCIPAL);
    tcase_add_loop_test(cases, result_of_policy, 0, 4);
    tcase_add_test(cases, result_SEC_E_INTERNAL_ERROR);
    tcase_add_loop_test(cases, call_after_success_authenticates_again, 0, PACKAGES);
    tcase_add_loop_test(cases, handle_of_a_failed_later_leg_is_the_callers, 0, PACKAGES);
}

int main(void)
{
    return run_case("shim: results of InitializeSecurityContext", before, before, 60, add);
}
