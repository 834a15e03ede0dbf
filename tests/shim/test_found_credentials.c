/* Credentials that are found: in caches and keytabs; what a handle says of them, and is given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/runner.h"
#include "tests/shim/supplied.h"

static void kinit(const char *user, const char *password)
{
    char command[256];

    (void)snprintf(command, sizeof command, "printf '%%s\\n' '%s' | kinit %s >/dev/null", password,
                   user);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(a_principal_picks_a_cache)
{
    static const char *const names[] = {"alice", "bob", "bob@EXAMPLE.TEST", "EXAMPLE\\alice",
                                        "bob@example.test"};
    char directory[512];

    (void)snprintf(directory, sizeof directory, "DIR:%s/caches", getenv("REALM_DIR"));
    ck_assert_int_eq(setenv("KRB5CCNAME", directory, 1), 0);
    (void)snprintf(directory, sizeof directory, "mkdir -p '%s/caches'", getenv("REALM_DIR"));
    ck_assert_int_eq(system(directory), 0);
    kinit("alice", getenv("REALM_PASSWORD"));
    kinit("bob", getenv("REALM_SECOND_PASSWORD"));
    for (size_t i = 0; i < 2 * sizeof names / sizeof names[0]; i++) {
        const char *name = names[i / 2];
        const char *package = i % 2 == 0 ? "Kerberos" : "Negotiate";

        ck_assert_msg(acquire_as(name, package, SECPKG_CRED_OUTBOUND, NULL) == SEC_E_OK, "%s: %s",
                      name, SspiGssStatusText());
        ck_assert_msg(works(package), "%s: %s", name, SspiGssStatusText());
        assert_user(strstr(name, "bob") != NULL ? "bob@EXAMPLE.TEST" : "alice@EXAMPLE.TEST");
        end_both();
    }
    ck_assert_int_eq(acquire_as("carol", "Kerberos", SECPKG_CRED_OUTBOUND, NULL),
                     SEC_E_NO_CREDENTIALS);
}
END_TEST

START_TEST(a_user_without_password_picks_a_cache)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of(NULL, "alice", NULL);
    SEC_WINNT_AUTH_IDENTITY_A bob = identity_of(NULL, "bob", NULL);
    SEC_WINNT_AUTH_IDENTITY_A nobody = identity_of(NULL, NULL, "secret");

    ck_assert_int_eq(acquire("Kerberos", &alice), SEC_E_OK);
    ck_assert_msg(works("Kerberos"), "%s", SspiGssStatusText());
    end_both();
    ck_assert_int_eq(acquire("Kerberos", &bob), SEC_E_NO_CREDENTIALS);
    /* The password is somebody else's than the ticket. */
    ck_assert_int_eq(acquire("Kerberos", &nobody), SEC_E_UNKNOWN_CREDENTIALS);
}
END_TEST

START_TEST(restrictions_of_use)
{
    static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};
    const char *package = packages[_i];
    const ULONG restricted = SECPKG_CRED_OUTBOUND | SECPKG_CRED_AUTOLOGON_RESTRICTED;
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    LUID somebody = {1, 2};

    ck_assert_int_eq(acquire_as(NULL, package, restricted, NULL), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(acquire_as("alice", package, restricted, NULL), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(acquire_as(NULL, package, restricted, &alice), SEC_E_OK);
    party_end(&client);
    ck_assert_int_eq(
        acquire_as(NULL, package, SECPKG_CRED_OUTBOUND | SECPKG_CRED_PROCESS_POLICY_ONLY, &alice),
        _i == 2 ? SEC_E_NO_CREDENTIALS : SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(acquire_as(NULL, package, SECPKG_CRED_OUTBOUND | SECPKG_CRED_DEFAULT, &alice),
                     SEC_E_OK);
    party_end(&client);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, TEXT_OF(package), SECPKG_CRED_OUTBOUND,
                                               &somebody, &alice, NULL, NULL, &client.credential,
                                               NULL),
                     SEC_E_OK);
    party_end(&client);
    ck_assert_int_eq(acquire_as(NULL, package, SECPKG_CRED_INBOUND, &alice),
                     SEC_E_UNSUPPORTED_FUNCTION);
}
END_TEST

START_TEST(services_by_their_principal)
{
    static const struct {
        const char *principal;
        SECURITY_STATUS status; /* of a client that names HTTP/localhost */
    } services[] = {{"HTTP/localhost", SEC_E_OK},
                    {"HTTP/localhost@EXAMPLE.TEST", SEC_E_OK},
                    {"ldap/localhost", SEC_E_WRONG_PRINCIPAL}};
    const char *principal = services[_i].principal;

    party_init(&client, true, "Kerberos");
    party_must_acquire(&client, NULL);
    client.target = TEXT_OF("HTTP/localhost");
    party_init(&server, false, "Kerberos");
    ck_assert_int_eq(AcquireCredentialsHandleA(TEXT_OF(principal), server.package,
                                               SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                               &server.credential, NULL),
                     SEC_E_OK);
    ck_assert_int_eq(log_on(&client, &server, 0), services[_i].status == SEC_E_OK);
    ck_assert_msg(server.status == services[_i].status, "%s", SspiGssStatusText());
    end_both();
    ck_assert_int_eq(acquire_as("cifs/elsewhere", "Kerberos", SECPKG_CRED_INBOUND, NULL),
                     SEC_E_NO_CREDENTIALS);
}
END_TEST

/* --- AddCredentials, and attributes --- */

START_TEST(credentials_are_added_for_the_other_direction)
{
    static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    SEC_CHAR *package = TEXT_OF(packages[_i]);
    TimeStamp expiry = {.QuadPart = 0};
    CredHandle none;

    ck_assert_int_eq(acquire_as(NULL, package, SECPKG_CRED_INBOUND, NULL), SEC_E_OK);
    ck_assert_int_eq(AddCredentialsA(&client.credential, NULL, TEXT_OF(packages[(_i + 1) % 4]),
                                     SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(AddCredentialsA(&client.credential, NULL, TEXT_OF("none such"),
                                     SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
                     SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(AddCredentialsA(&client.credential, NULL, package, SECPKG_CRED_OUTBOUND,
                                     &alice, NULL, NULL, &expiry),
                     SEC_E_OK);
    ck_assert_int_gt(expiry.QuadPart, 0);
    ck_assert_int_eq(AddCredentialsA(&client.credential, NULL, package, SECPKG_CRED_OUTBOUND,
                                     &alice, NULL, NULL, NULL),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_msg(works(package), "%s", SspiGssStatusText());
    end_both();
    SecInvalidateHandle(&none);
    ck_assert_int_eq(
        AddCredentialsA(&none, NULL, package, SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
        SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(
        AddCredentialsA(NULL, NULL, package, SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
        SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(
        AddCredentialsW(&none, NULL, NULL, SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
        SEC_E_INVALID_PARAMETER);
}
END_TEST

START_TEST(names_of_credentials)
{
    static const struct {
        const char *package;
        bool by_password;
        const char *name;
    } cases[] = {
        {"Kerberos", false, "alice@EXAMPLE.TEST"},  {"Kerberos", true, "alice@EXAMPLE.TEST"},
        {"Negotiate", false, "alice@EXAMPLE.TEST"}, {"CREDSSP", false, "alice@EXAMPLE.TEST"},
        {"NTLM", true, "EXAMPLE\\alice"},
    };
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    SecPkgCredentials_NamesA names = {NULL};
    SecPkgCredentials_NamesW wide = {NULL};

    ck_assert_int_eq(acquire(cases[_i].package, cases[_i].by_password ? &alice : NULL), SEC_E_OK);
    ck_assert_msg(QueryCredentialsAttributesA(&client.credential, SECPKG_CRED_ATTR_NAMES, &names) ==
                      SEC_E_OK,
                  "%s", SspiGssStatusText());
    ck_assert_str_eq(names.sUserName, cases[_i].name);
    ck_assert_int_eq(QueryCredentialsAttributesExW(&client.credential, SECPKG_CRED_ATTR_NAMES,
                                                   &wide, sizeof wide),
                     SEC_E_OK);
    for (size_t i = 0; i <= strlen(cases[_i].name); i++)
        ck_assert_uint_eq(wide.sUserName[i], (unsigned char)cases[_i].name[i]);
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
    ck_assert_int_eq(FreeContextBuffer(wide.sUserName), SEC_E_OK);
    ck_assert_int_eq(QueryCredentialsAttributesExA(&client.credential, SECPKG_CRED_ATTR_NAMES,
                                                   &names, sizeof names - 1),
                     SEC_E_BUFFER_TOO_SMALL);
    party_end(&client);
}
END_TEST

START_TEST(attributes_that_credentials_have_not)
{
    static const ULONG attributes[] = {SECPKG_CRED_ATTR_SSI_PROVIDER,
                                       SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS,
                                       SECPKG_CRED_ATTR_CERT,
                                       SECPKG_CRED_ATTR_PAC_BYPASS,
                                       0,
                                       77,
                                       UINT32_MAX};
    unsigned char room[64];

    ck_assert_int_eq(acquire("Kerberos", NULL), SEC_E_OK);
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        ck_assert_int_eq(QueryCredentialsAttributesA(&client.credential, attributes[i], room),
                         SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_int_eq(
            QueryCredentialsAttributesExW(&client.credential, attributes[i], room, sizeof room),
            SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_int_eq(
            SetCredentialsAttributesA(&client.credential, attributes[i], room, sizeof room),
            SEC_E_UNSUPPORTED_FUNCTION);
    }
    ck_assert_int_eq(QueryCredentialsAttributesW(&client.credential, SECPKG_CRED_ATTR_NAMES, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QueryCredentialsAttributesW(NULL, SECPKG_CRED_ATTR_NAMES, room),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(
        SetCredentialsAttributesW(NULL, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, room, sizeof room),
        SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(
        SetCredentialsAttributesW(&client.credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, NULL, 0),
        SEC_E_INVALID_PARAMETER);
    party_end(&client);
    ck_assert_int_eq(QueryCredentialsAttributesA(&client.credential, SECPKG_CRED_ATTR_NAMES, room),
                     SEC_E_INVALID_HANDLE);
}
END_TEST

START_TEST(kdc_proxy_settings)
{
    struct {
        SecPkgCredentials_KdcProxySettingsW settings;
        WCHAR server[8];
    } proxy = {.settings = {.Version = KDC_PROXY_SETTINGS_V1}};
    SecPkgCredentials_KdcProxySettingsW *settings = &proxy.settings;

#define SET(octets)                                                                            \
    SetCredentialsAttributesW(&client.credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, &proxy, \
                              (ULONG)(octets))
    ck_assert_int_eq(acquire("Kerberos", NULL), SEC_E_OK);
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_OK); /* no proxy is what there is */
    ck_assert_int_eq(SET(sizeof *settings - 1), SEC_E_BUFFER_TOO_SMALL);
    settings->Flags = 2;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_INVALID_PARAMETER);
    settings->Flags = KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_UNSUPPORTED_FUNCTION);
    settings->ProxyServerOffset = sizeof *settings;
    settings->ProxyServerLength = sizeof proxy.server;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(SET(sizeof proxy - 1), SEC_E_INVALID_PARAMETER);
    settings->ProxyServerOffset = 2;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_INVALID_PARAMETER);
    settings->Version = 2;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_INVALID_PARAMETER);
#undef SET
    party_end(&client);
}
END_TEST

START_TEST(the_table_has_the_functions)
{
    PSecurityFunctionTableA a = InitSecurityInterfaceA();
    PSecurityFunctionTableW w = InitSecurityInterfaceW();

    ck_assert(a->AddCredentialsA == AddCredentialsA);
    ck_assert(a->QueryCredentialsAttributesA == QueryCredentialsAttributesA);
    ck_assert(a->QueryCredentialsAttributesExA == QueryCredentialsAttributesExA);
    ck_assert(a->SetCredentialsAttributesA == SetCredentialsAttributesA);
    ck_assert(a->ChangeAccountPasswordA == ChangeAccountPasswordA);
    ck_assert(w->AddCredentialsW == AddCredentialsW);
    ck_assert(w->QueryCredentialsAttributesW == QueryCredentialsAttributesW);
    ck_assert(w->QueryCredentialsAttributesExW == QueryCredentialsAttributesExW);
    ck_assert(w->SetCredentialsAttributesW == SetCredentialsAttributesW);
    ck_assert(w->ChangeAccountPasswordW == ChangeAccountPasswordW);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: found credentials");
    TCase *t = tcase_create("found credentials");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_principal_picks_a_cache);
    tcase_add_test(t, a_user_without_password_picks_a_cache);
    tcase_add_loop_test(t, restrictions_of_use, 0, 4);
    tcase_add_loop_test(t, services_by_their_principal, 0, 3);
    tcase_add_loop_test(t, credentials_are_added_for_the_other_direction, 0, 4);
    tcase_add_loop_test(t, names_of_credentials, 0, 5);
    tcase_add_test(t, attributes_that_credentials_have_not);
    tcase_add_test(t, kdc_proxy_settings);
    tcase_add_test(t, the_table_has_the_functions);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
