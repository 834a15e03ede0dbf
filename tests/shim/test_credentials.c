/* AcquireCredentialsHandle: the structures, A and W, lifetimes, targets, and the whole in UTF-16.
 */
#include <string.h>

#include "tests/shim/supplied.h"
#include "tests/runner.h"

static SECURITY_STATUS acquire_for(const char *package, ULONG use, void *data)
{
    return acquire_as(NULL, package, use, data);
}

/* Logs on with what acquire_for() has made. */
static void must_work(const char *package)
{
    ck_assert_msg(works(package), "%s: %s, %s: %s", package, SspiGssStatusName(client.status),
                  SspiGssStatusName(server.status), SspiGssStatusText());
    end_both();
}

static WCHAR user[64], domain[64], password[64], list[64];

static SEC_WINNT_AUTH_IDENTITY_EXW wide_alice(void)
{
    return (SEC_WINNT_AUTH_IDENTITY_EXW){
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof(SEC_WINNT_AUTH_IDENTITY_EXW),
        .User = user,
        .UserLength = widen(user, getenv("REALM_USER")),
        .Domain = domain,
        .DomainLength = widen(domain, getenv("REALM_NTLM_DOMAIN")),
        .Password = password,
        .PasswordLength = widen(password, getenv("REALM_PASSWORD")),
        .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
    };
}

START_TEST(identities_are_copied)
{
    SEC_WINNT_AUTH_IDENTITY_EXW alice = wide_alice();

    ck_assert_int_eq(acquire_for("NTLM", SECPKG_CRED_OUTBOUND, &alice), SEC_E_OK);
    memset(user, 'x', sizeof user);
    memset(domain, 'x', sizeof domain);
    memset(password, 'x', sizeof password);
    memset(&alice, 0, sizeof alice);
    must_work("NTLM");
}
END_TEST

START_TEST(names_of_users)
{
    static const struct {
        const char *package;
        const char *domain;
        const char *user;
    } forms[] = {
        {"Kerberos", NULL, "alice"},           {"Kerberos", "EXAMPLE", "alice"},
        {"Kerberos", "example.test", "alice"}, {"Kerberos", NULL, "alice@example.test"},
        {"Kerberos", NULL, "EXAMPLE\\alice"},  {"NTLM", "EXAMPLE", "alice"},
        {"NTLM", NULL, "EXAMPLE\\alice"},      {"NTLM", NULL, "alice@EXAMPLE"},
        {"Negotiate", "EXAMPLE", "alice"},     {"Negotiate", "example.test", "alice"},
        {"CREDSSP", "EXAMPLE", "alice"},
    };
    SEC_WINNT_AUTH_IDENTITY_A alice =
        identity_of(forms[_i].domain, forms[_i].user, getenv("REALM_PASSWORD"));
    SECURITY_STATUS status = acquire_for(forms[_i].package, SECPKG_CRED_OUTBOUND, &alice);

    ck_assert_msg(status == SEC_E_OK, "%s", SspiGssStatusText());
    must_work(forms[_i].package);
}
END_TEST

START_TEST(names_of_targets)
{
    static const struct {
        const char *package;
        const char *target;
    } targets[] = {
        {"Kerberos", "HTTP/localhost"},    {"Kerberos", "host/localhost@EXAMPLE.TEST"},
        {"Kerberos", "localhost"},         {"NTLM", NULL},
        {"NTLM", "HTTP/localhost:8080"},   {"NTLM", "localhost"},
        {"NTLM", "HTTP/localhost/domain"}, {"Negotiate", "HTTP/localhost"},
        {"CREDSSP", "TERMSRV/localhost"},
    };
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    ck_assert_int_eq(acquire_for(targets[_i].package, SECPKG_CRED_OUTBOUND, &alice), SEC_E_OK);
    client.target = TEXT_OF(targets[_i].target);
    must_work(targets[_i].package);
}
END_TEST

START_TEST(credssp_credentials)
{
    SEC_WINNT_AUTH_IDENTITY_EXW alice = wide_alice();
    SCH_CREDENTIALS tls = {.dwVersion = SCH_CREDENTIALS_VERSION};
    SCHANNEL_CRED old_tls = {.dwVersion = SCHANNEL_CRED_VERSION};
    CREDSSP_CRED credential = {CredsspPasswordCreds, NULL, &alice};
    CREDSSP_CRED_EX extended = {CredsspCredEx, CREDSSP_CRED_EX_VERSION, 0, 0, credential};

    ck_assert_int_eq(acquire_for("CREDSSP", SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK);
    must_work("CREDSSP");
    credential.pSchannelCred = &tls;
    ck_assert_int_eq(acquire_for("CREDSSP", SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK);
    must_work("CREDSSP");
    credential.pSchannelCred = &old_tls;
    ck_assert_int_eq(acquire_for("CREDSSP", SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK);
    must_work("CREDSSP");
    ck_assert_int_eq(acquire_for("CREDSSP", SECPKG_CRED_OUTBOUND, &extended), SEC_E_OK);
    must_work("CREDSSP");
    old_tls.dwVersion = 99;
    ck_assert_int_eq(acquire_for("CREDSSP", SECPKG_CRED_OUTBOUND, &credential),
                     SEC_E_UNKNOWN_CREDENTIALS);
    extended.Flags = CREDSSP_FLAG_REDIRECT;
    ck_assert_int_eq(acquire_for("CREDSSP", SECPKG_CRED_OUTBOUND, &extended),
                     SEC_E_UNSUPPORTED_FUNCTION);
}
END_TEST

START_TEST(package_lists)
{
    SEC_WINNT_AUTH_IDENTITY_EXW alice = wide_alice();

    alice.PackageList = list;
    alice.PackageListLength = widen(list, "!kerberos");
    ck_assert_int_eq(acquire_for("Negotiate", SECPKG_CRED_OUTBOUND, &alice), SEC_E_OK);
    party_init(&server, false, "Negotiate");
    party_must_acquire(&server, NULL);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    assert_package("NTLM");
    party_end(&client);
    party_end(&server);
}
END_TEST

START_TEST(both_directions)
{
    ck_assert_int_eq(acquire_for("Kerberos", SECPKG_CRED_BOTH, NULL), SEC_E_OK);
    party_init(&server, false, "Kerberos");
    server.credential = client.credential;
    ck_assert(log_on(&client, &server, 0));
    SecInvalidateHandle(&server.credential);
    party_end(&client);
    party_end(&server);
}
END_TEST

START_TEST(negotiate_accepts_without_a_keytab)
{
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    ck_assert_int_eq(acquire_for("Negotiate", SECPKG_CRED_INBOUND, NULL), SEC_E_OK);
    party_end(&client);
    ck_assert_int_eq(acquire_for("Kerberos", SECPKG_CRED_INBOUND, NULL), SEC_E_NO_CREDENTIALS);
}
END_TEST

START_TEST(life_of_credentials)
{
    TimeStamp expiry = {.QuadPart = 0};
    TimeStamp never = {.QuadPart = 0};
    CredHandle handle;

    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, TEXT_OF("Kerberos"), SECPKG_CRED_OUTBOUND,
                                               NULL, NULL, NULL, NULL, &handle, &expiry),
                     SEC_E_OK);
    ck_assert_int_eq(FreeCredentialsHandle(&handle), SEC_E_OK);
    ck_assert_int_eq(FreeCredentialsHandle(&handle), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, TEXT_OF("NTLM"), SECPKG_CRED_INBOUND, NULL,
                                               NULL, NULL, NULL, &handle, &never),
                     SEC_E_OK);
    ck_assert_int_eq(FreeCredentialsHandle(&handle), SEC_E_OK);
    ck_assert_int_eq(never.QuadPart, INT64_MAX);
    ck_assert_int_lt(expiry.QuadPart, never.QuadPart);
    ck_assert_int_gt(expiry.QuadPart, INT64_C(132223104000000000));
}
END_TEST

START_TEST(a_logon_through_the_wide_table)
{
    PSecurityFunctionTableW table = InitSecurityInterfaceW();
    SEC_WINNT_AUTH_IDENTITY_EXW alice = wide_alice();
    WCHAR package[32];
    WCHAR target[32];
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};

    (void)widen(package, "kerberos");
    (void)widen(target, "host/localhost");
    party_init(&client, true, "Kerberos");
    party_init(&server, false, "Kerberos");
    party_must_acquire(&server, NULL);
    ck_assert_int_eq(table->AcquireCredentialsHandleW(NULL, package, SECPKG_CRED_OUTBOUND, NULL,
                                                      &alice, NULL, NULL, &client.credential, NULL),
                     SEC_E_OK);
    ck_assert_int_eq(table->InitializeSecurityContextW(
                         &client.credential, NULL, target, USUAL_ISC | ISC_REQ_ALLOCATE_MEMORY, 0,
                         0, NULL, 0, &client.context, &output, NULL, NULL),
                     SEC_I_CONTINUE_NEEDED);
    client.has_context = true;
    client.calls = 1;
    append(&server.wire, out.pvBuffer, out.cbBuffer);
    ck_assert_int_eq(table->FreeContextBuffer(out.pvBuffer), SEC_E_OK);
    ck_assert(log_on(&client, &server, 0));
    ck_assert_int_eq(table->CompleteAuthToken(&client.context, &output), SEC_E_OK);
    party_end(&client);
    party_end(&server);
}
END_TEST

/* Nobody was asked to delegate, and nothing is; asked, the second hop is possible. */
START_TEST(credssp_delegates_when_asked)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    bool asked = _i == 1;
    CredHandle credential;

    ck_assert_int_eq(acquire_for("CREDSSP", SECPKG_CRED_OUTBOUND, &alice), SEC_E_OK);
    if (asked)
        client.request |= ISC_REQ_DELEGATE;
    party_init(&server, false, "CREDSSP");
    party_must_acquire(&server, NULL);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_uint_ne(client.attributes & ISC_RET_MANUAL_CRED_VALIDATION, 0);
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    if (!asked)
        ck_assert_int_eq(AcquireCredentialsHandleA(NULL, TEXT_OF("Kerberos"), SECPKG_CRED_OUTBOUND,
                                                   NULL, NULL, NULL, NULL, &credential, NULL),
                         SEC_E_NO_CREDENTIALS);
    if (asked) {
        static struct party second_client;
        static struct party second_server;

        ck_assert_int_eq(setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1), 0);
        party_init(&second_client, true, "Kerberos");
        party_init(&second_server, false, "Kerberos");
        party_must_acquire(&second_client, NULL);
        party_must_acquire(&second_server, NULL);
        ck_assert_msg(log_on(&second_client, &second_server, 0), "%s", SspiGssStatusText());
        party_end(&second_client);
        party_end(&second_server);
        ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    }
    party_end(&client);
    party_end(&server);
}
END_TEST

/* --- what a thread has that impersonates --- */

/* A second logon of the impersonating thread: the server sees this user. */
static void assert_second_logon_of(struct party *second, const char *expected)
{
    static struct party second_server;
    SecPkgContext_NamesA names = {NULL};

    second->target = TEXT_OF("host/localhost");
    party_init(&second_server, false, second->package);
    party_must_acquire(&second_server, NULL);
    ck_assert_msg(log_on(second, &second_server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(QueryContextAttributesA(&second_server.context, SECPKG_ATTR_NAMES, &names),
                     SEC_E_OK);
    ck_assert_str_eq(names.sUserName, expected);
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
    party_end(second);
    party_end(&second_server);
}

/* bob delegates his password; the process has alice's ticket, which is not his to use. */
static void impersonate_bob(void)
{
    SEC_WINNT_AUTH_IDENTITY_A bob = identity_of(NULL, "bob", getenv("REALM_SECOND_PASSWORD"));

    ck_assert_int_eq(acquire_for("CREDSSP", SECPKG_CRED_OUTBOUND, &bob), SEC_E_OK);
    client.target = TEXT_OF("host/localhost");
    client.request |= ISC_REQ_DELEGATE;
    party_init(&server, false, "CREDSSP");
    party_must_acquire(&server, NULL);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
}

START_TEST(impersonation_without_a_user_is_the_client)
{
    SEC_WINNT_AUTH_IDENTITY_A nobody = {.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    CREDSSP_CRED no_identity = {.Type = CredsspPasswordCreds};
    CREDSSP_CRED no_user = {.Type = CredsspPasswordCreds, .pSpnegoCred = &nobody};
    struct {
        const char *package;
        void *data;
    } const forms[] = {{"Kerberos", NULL},  {"Kerberos", &nobody},     {"Negotiate", &nobody},
                       {"CREDSSP", NULL},   {"CREDSSP", &no_identity}, {"CREDSSP", &no_user},
                       {"CREDSSP", &nobody}};
    static struct party second;

    impersonate_bob();
    party_init(&second, true, forms[_i].package);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, second.package, SECPKG_CRED_OUTBOUND, NULL,
                                               forms[_i].data, NULL, NULL, &second.credential,
                                               NULL),
                     SEC_E_OK);
    assert_second_logon_of(&second, "bob@EXAMPLE.TEST");
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    party_init(&second, true, forms[_i].package);
    party_must_acquire(&second, NULL);
    assert_second_logon_of(&second, "alice@EXAMPLE.TEST");
    party_end(&client);
    party_end(&server);
}
END_TEST

START_TEST(impersonation_has_no_other_principals)
{
    static const char *const packages[] = {"Kerberos", "Negotiate", "CREDSSP", "NTLM"};
    SEC_WINNT_AUTH_IDENTITY_A nobody = {.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    CredHandle credential;

    impersonate_bob();
    for (int with_data = 0; with_data < 2; with_data++)
        ck_assert_int_eq(AcquireCredentialsHandleA(
                             TEXT_OF("alice"), TEXT_OF(packages[_i]), SECPKG_CRED_OUTBOUND, NULL,
                             with_data ? &nobody : NULL, NULL, NULL, &credential, NULL),
                         SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    party_end(&client);
    party_end(&server);
}
END_TEST

START_TEST(delegation_that_policy_forbids)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    ck_assert_int_eq(acquire_for("CREDSSP", SECPKG_CRED_OUTBOUND, &alice), SEC_E_OK);
    /* The realm's policy allows TERMSRV, host, HTTP and WSMAN. */
    client.target = TEXT_OF("ldap/localhost");
    client.request |= ISC_REQ_DELEGATE;
    party_init(&server, false, "CREDSSP");
    party_must_acquire(&server, NULL);
    ck_assert(!log_on(&client, &server, 0));
    ck_assert_msg(client.status == SEC_E_DELEGATION_POLICY ||
                      client.status == SEC_E_POLICY_NLTM_ONLY,
                  "%s", SspiGssStatusText());
    party_end(&client);
    party_end(&server);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: credentials");
    TCase *t = tcase_create("credentials");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, identities_are_copied);
    tcase_add_loop_test(t, names_of_users, 0, 11);
    tcase_add_loop_test(t, names_of_targets, 0, 9);
    tcase_add_test(t, credssp_credentials);
    tcase_add_test(t, package_lists);
    tcase_add_test(t, both_directions);
    tcase_add_test(t, negotiate_accepts_without_a_keytab);
    tcase_add_test(t, life_of_credentials);
    tcase_add_test(t, a_logon_through_the_wide_table);
    tcase_add_loop_test(t, credssp_delegates_when_asked, 0, 2);
    tcase_add_loop_test(t, impersonation_without_a_user_is_the_client, 0, 7);
    tcase_add_loop_test(t, impersonation_has_no_other_principals, 0, 4);
    tcase_add_test(t, delegation_that_policy_forbids);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
