/*
 * The contract of InitializeSecurityContext (CredSSP and Negotiate): a test for each argument and
 * flag, which it is named after. test_contract_results has the results, test_context_flags all
 * flags, test_buffers and test_input_parameters more of buffers.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/runner.h"
#include "tests/shim/failed_logon.h"

static const char *const packages[] = {"CREDSSP", "Negotiate"};
#define PACKAGES 2

/* 100 ns since 1601-01-01: the epoch of Unix. */
#define UNIX_EPOCH INT64_C(116444736000000000)

static void before(void)
{
}

/* --- arguments --- */

START_TEST(argument_phCredential)
{
    CtxtHandle made;
    CredHandle none = {0, 0};

    start_with_credentials(packages[_i], false);
    demand(initialize(NULL, NULL, client.target, 0, 0, NULL, &made), SEC_E_INVALID_HANDLE);
    demand(initialize(&none, NULL, client.target, 0, 0, NULL, &made), SEC_E_INVALID_HANDLE);
    /* An inbound credential is not enough. */
    demand(initialize(&server.credential, NULL, client.target, 0, 0, NULL, &made),
           SEC_E_NO_CREDENTIALS);
    /* With a context, NULL will do. */
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&server.inbox, server.wire.data, server.wire.length);
    (void)party_step(&server, &client);
    {
        SecBuffer in[2] = {{(ULONG)client.wire.length, SECBUFFER_TOKEN, client.wire.data},
                           {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc input = {SECBUFFER_VERSION, 2, in};

        ck_assert_int_ge(initialize(NULL, &client.context, NULL, USUAL_ISC, 0, &input, NULL), 0);
    }
    stop();
}
END_TEST

START_TEST(argument_phContext)
{
    CtxtHandle none = {0, 0};

    start_with_credentials(packages[_i], false);
    demand(initialize(&client.credential, &none, client.target, 0, 0, NULL, &client.context),
           SEC_E_INVALID_HANDLE);
    demand(initialize(&client.credential, &client.credential, client.target, 0, 0, NULL, NULL),
           SEC_E_INVALID_HANDLE);
    ck_assert(log_on(&client, &server, 0));
    /* The acceptor's is none for InitializeSecurityContext. */
    demand(initialize(&client.credential, &server.context, client.target, 0, 0, NULL, NULL),
           SEC_E_INVALID_HANDLE);
    stop();
}
END_TEST

START_TEST(argument_pszTargetName)
{
    static const char *const targets[] = {"HTTP/localhost", "host/localhost", "localhost",
                                          "host/localhost@EXAMPLE.TEST"};

    start_with_credentials(packages[_i % PACKAGES], false);
    client.target = TEXT_OF(targets[_i / PACKAGES]);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    stop();
}
END_TEST

START_TEST(argument_pInput)
{
    SecBuffer in[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc older = {1, 2, in};

    start_with_credentials(packages[_i], false);
    /* NULL, or nothing in it, at first. */
    ck_assert_int_ge(
        initialize(&client.credential, NULL, client.target, USUAL_ISC, 0, &input, &client.context),
        0);
    ck_assert_int_eq(DeleteSecurityContext(&client.context), SEC_E_OK);
    demand(initialize(&client.credential, NULL, client.target, 0, 0, &older, &client.context),
           SEC_E_INVALID_TOKEN);
    ck_assert(log_on(&client, &server, 0));
    stop();
}
END_TEST

/* The server speaks first: what it can do, which the client then chooses from. */
START_TEST(argument_pInput_of_a_server_that_speaks_first)
{
    start_with_credentials("Negotiate", false);
    demand(party_step(&server, &client), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_ne(client.wire.length, 0);
    append(&client.inbox, client.wire.data, client.wire.length);
    client.wire.length = 0;
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    stop();
}
END_TEST

START_TEST(argument_phNewContext)
{
    start_with_credentials(packages[_i], false);
    demand(initialize(&client.credential, NULL, client.target, 0, 0, NULL, NULL),
           SEC_E_INVALID_PARAMETER);
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&server.inbox, server.wire.data, server.wire.length);
    ck_assert_int_ge(party_step(&server, &client), 0);
    {
        /* Another place than phContext's receives the same handle. */
        SecBuffer in[2] = {{(ULONG)client.wire.length, SECBUFFER_TOKEN, client.wire.data},
                           {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc input = {SECBUFFER_VERSION, 2, in};
        CtxtHandle place = {0, 0};

        ck_assert_int_ge(
            initialize(&client.credential, &client.context, NULL, USUAL_ISC, 0, &input, &place), 0);
        ck_assert_mem_eq(&place, &client.context, sizeof place);
    }
    stop();
}
END_TEST

START_TEST(argument_pOutput)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    unsigned char room[OCTETS_MAX];

    start_with_credentials(packages[_i], false);
    demand(InitializeSecurityContextA(&client.credential, NULL, client.target, USUAL_ISC, 0, 0,
                                      NULL, 0, &client.context, &output, NULL, NULL),
           SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_gt(out.cbBuffer, 0);
    ck_assert_uint_le(out.cbBuffer, sizeof room);
    out.pvBuffer = room;
    demand(InitializeSecurityContextA(&client.credential, NULL, client.target, USUAL_ISC, 0, 0,
                                      NULL, 0, &client.context, &output, NULL, NULL),
           SEC_I_CONTINUE_NEEDED);
    append(&server.wire, room, out.cbBuffer);
    client.has_context = true;
    client.calls = 1;
    ck_assert(log_on(&client, &server, 0));
    stop();
}
END_TEST

START_TEST(argument_pfContextAttr)
{
    start_with_credentials(packages[_i], false);
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_ne(client.attributes & ISC_RET_ALLOCATED_MEMORY, 0);
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_eq(client.attributes & (USUAL_ISC), USUAL_ISC);
    stop();
}
END_TEST

/* The ticket's end, in the time of this place; a ticket lasts a day at most here. */
START_TEST(argument_ptsExpiry)
{
    time_t now = time(NULL);
    struct tm local;
    int64_t local_now;
    int64_t end;

    start_with_credentials(packages[_i], false);
    ck_assert(log_on(&client, &server, 0));
    ck_assert_ptr_nonnull(localtime_r(&now, &local));
    local_now = UNIX_EPOCH + ((int64_t)now + local.tm_gmtoff) * 10000000;
    end = client.expiry.QuadPart;
    ck_assert_int_gt(end, local_now);
    ck_assert_int_le(end, local_now + INT64_C(25) * 60 * 60 * 10000000);
    stop();
}
END_TEST

START_TEST(argument_TargetDataRep)
{
    CtxtHandle made;

    start_with_credentials(packages[_i], false);
    demand(initialize(&client.credential, NULL, client.target, 0, 1, NULL, &made),
           SEC_E_INVALID_PARAMETER);
    for (ULONG representation = 0; representation <= SECURITY_NATIVE_DREP;
         representation += SECURITY_NATIVE_DREP) {
        ck_assert_int_ge(
            initialize(&client.credential, NULL, client.target, 0, representation, NULL, &made), 0);
        ck_assert_int_eq(DeleteSecurityContext(&made), SEC_E_OK);
    }
    stop();
}
END_TEST

START_TEST(argument_Reserved)
{
    CtxtHandle made;

    start_with_credentials(packages[_i], false);
    demand(InitializeSecurityContextA(&client.credential, NULL, client.target, 0, 1, 0, NULL, 0,
                                      &made, NULL, NULL, NULL),
           SEC_E_INVALID_PARAMETER);
    demand(InitializeSecurityContextA(&client.credential, NULL, client.target, 0, 0, 0, NULL, 1,
                                      &made, NULL, NULL, NULL),
           SEC_E_INVALID_PARAMETER);
    stop();
}
END_TEST

/* --- flags of CredSSP --- */

/* The server's self-signed certificate is nobody's: whether that will do is the caller's to say. */
START_TEST(credssp_MANUAL_CRED_VALIDATION)
{
    start_with_credentials("CREDSSP", false);
    client.request |= _i == 0 ? 0 : ISC_REQ_MANUAL_CRED_VALIDATION;
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_ne(client.attributes & ISC_RET_MANUAL_CRED_VALIDATION, 0);
    stop();
}
END_TEST

START_TEST(credssp_USE_SUPPLIED_CREDS)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    SecBuffer parameters = {sizeof alice, SECBUFFER_PKG_PARAMS, &alice};

    start_with_credentials("CREDSSP", false);
    client.request |= ISC_REQ_USE_SUPPLIED_CREDS | ISC_REQ_DELEGATE;
    demand(party_step(&client, &server), SEC_E_NO_CREDENTIALS);
    client.status = SEC_I_CONTINUE_NEEDED;
    client.calls = 0;
    client.extra_input = &parameters;
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_uint_ne(server.attributes & ASC_RET_DELEGATE, 0);
    stop();
}
END_TEST

/* The flag decides whether the password reaches the server, or an empty set. */
START_TEST(credssp_DELEGATE)
{
    SecPkgContext_GssContext gss;

    start_with_credentials("CREDSSP", true);
    client.request |= _i == 0 ? 0 : ISC_REQ_DELEGATE;
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    ck_assert((gss.DelegatedCredential != GSS_C_NO_CREDENTIAL) == (_i != 0));
    ck_assert(((client.attributes & ISC_RET_DELEGATE) != 0) == (_i != 0));
    ck_assert(((server.attributes & ASC_RET_DELEGATE) != 0) == (_i != 0));
    stop();
}
END_TEST

/* With the flag, an authenticated server; without it policy is asked all the same. */
START_TEST(credssp_MUTUAL_AUTH)
{
    if (_i == 0) {
        start_with_credentials("CREDSSP", true);
        ck_assert(log_on(&client, &server, 0));
        ck_assert_uint_ne(client.attributes & ISC_RET_MUTUAL_AUTH, 0);
        stop();
        return;
    }
    prepend_krb5_conf("[appdefaults]\n gss-sspi = {\n  AllowFreshCredentials = TERMSRV/none\n }\n");
    start_with_credentials("CREDSSP", true);
    client.request = ISC_REQ_DELEGATE | (_i == 1 ? 0 : ISC_REQ_MUTUAL_AUTH);
    ck_assert(!log_on(&client, &server, 0));
    demand(client.status, SEC_E_DELEGATION_POLICY);
    stop();
}
END_TEST

/* --- flags of Negotiate; test_context_flags has them all --- */

START_TEST(negotiate_protection)
{
    static const ULONG flags[] = {ISC_REQ_CONFIDENTIALITY, ISC_REQ_INTEGRITY,
                                  ISC_REQ_REPLAY_DETECT};

    start_with_credentials("Negotiate", false);
    client.request = flags[_i] | ISC_REQ_MUTUAL_AUTH;
    server.request = 0;
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_ne(client.attributes & flags[_i], 0);
    stop();
}
END_TEST

START_TEST(negotiate_DELEGATE)
{
    start_with_credentials("Negotiate", false);
    client.request |= ISC_REQ_DELEGATE;
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_ne(client.attributes & ISC_RET_DELEGATE, 0);
    ck_assert_uint_ne(server.attributes & ASC_RET_DELEGATE, 0);
    stop();
}
END_TEST

/* The flag does not make NTLM fail, and the caller is told that it did not happen. */
START_TEST(negotiate_MUTUAL_AUTH)
{
    SecPkgContext_Flags flags;

    prepend_krb5_conf("[appdefaults]\n gss-sspi = {\n  packages = ntlm\n }\n");
    start_with_credentials("Negotiate", true);
    client.request = ISC_REQ_MUTUAL_AUTH | ISC_REQ_INTEGRITY;
    server.request = 0;
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_FLAGS, &flags), SEC_E_OK);
    ck_assert_uint_eq(flags.Flags & ISC_RET_MUTUAL_AUTH, 0);
    stop();
}
END_TEST

START_TEST(negotiate_PROMPT_FOR_CREDS)
{
    start_with_credentials("Negotiate", false);
    client.request |= ISC_REQ_PROMPT_FOR_CREDS;
    demand(party_step(&client, &server), SEC_E_UNSUPPORTED_FUNCTION);
    stop();
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, argument_phCredential, 0, PACKAGES);
    tcase_add_loop_test(cases, argument_phContext, 0, PACKAGES);
    tcase_add_loop_test(cases, argument_pszTargetName, 0, 4 * PACKAGES);
    tcase_add_loop_test(cases, argument_pInput, 0, PACKAGES);
    tcase_add_test(cases, argument_pInput_of_a_server_that_speaks_first);
    tcase_add_loop_test(cases, argument_phNewContext, 0, PACKAGES);
    tcase_add_loop_test(cases, argument_pOutput, 0, PACKAGES);
    tcase_add_loop_test(cases, argument_pfContextAttr, 0, PACKAGES);
    tcase_add_loop_test(cases, argument_ptsExpiry, 0, PACKAGES);
    tcase_add_loop_test(cases, argument_TargetDataRep, 0, PACKAGES);
    tcase_add_loop_test(cases, argument_Reserved, 0, PACKAGES);
    tcase_add_loop_test(cases, credssp_MANUAL_CRED_VALIDATION, 0, 2);
    tcase_add_test(cases, credssp_USE_SUPPLIED_CREDS);
    tcase_add_loop_test(cases, credssp_DELEGATE, 0, 2);
    tcase_add_loop_test(cases, credssp_MUTUAL_AUTH, 0, 3);
    tcase_add_loop_test(cases, negotiate_protection, 0, 3);
    tcase_add_test(cases, negotiate_DELEGATE);
    tcase_add_test(cases, negotiate_MUTUAL_AUTH);
    tcase_add_test(cases, negotiate_PROMPT_FOR_CREDS);
}

int main(void)
{
    return run_case("shim: contract of InitializeSecurityContext", before, before, 60, add);
}
