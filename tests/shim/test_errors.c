/* Failures that are provoked for real, and the status that each gives. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

static struct party client;
static struct party server;

/* Demands a status, and shows what the mechanism said otherwise. */
static void demand(SECURITY_STATUS status, SECURITY_STATUS expected)
{
    ck_assert_msg(status == expected, "%s instead of %s: %s", SspiGssStatusName(status),
                  SspiGssStatusName(expected), SspiGssStatusText());
}

/* The first failure of acquiring credentials and logging on; SEC_E_OK when there is none. */
static SECURITY_STATUS outcome(void *identity)
{
    SECURITY_STATUS status = party_acquire(&client, identity);

    if (status != SEC_E_OK)
        return status;
    status = party_acquire(&server, NULL);
    if (status != SEC_E_OK)
        return status;
    if (log_on(&client, &server, 0))
        return SEC_E_OK;
    return server.status < 0 ? server.status : client.status;
}

static void start(const char *package)
{
    party_init(&client, true, package);
    party_init(&server, false, package);
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};

START_TEST(wrong_password)
{
    SEC_WINNT_AUTH_IDENTITY_A wrong =
        identity_of(getenv("REALM_NTLM_DOMAIN"), getenv("REALM_USER"), "not the password");

    start(packages[_i]);
    demand(outcome(&wrong), SEC_E_LOGON_DENIED);
    ck_assert_ptr_null(strstr(SspiGssStatusText(), "not the password"));
    stop();
}
END_TEST

START_TEST(unknown_user)
{
    SEC_WINNT_AUTH_IDENTITY_A nobody = identity_of(getenv("REALM_NTLM_DOMAIN"), "nobody", "secret");

    start(packages[_i]);
    demand(outcome(&nobody), SEC_E_LOGON_DENIED);
    stop();
}
END_TEST

/* Writes a krb5.conf of its own to the realm's directory, and uses it. */
static void use_krb5_conf(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void use_krb5_conf(const char *name, const char *format, ...)
{
    char path[512];
    va_list arguments;
    FILE *file;

    ck_assert_int_lt(snprintf(path, sizeof path, "%s/%s", getenv("REALM_DIR"), name),
                     (int)sizeof path);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    va_start(arguments, format);
    (void)vfprintf(file, format, arguments);
    va_end(arguments);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(setenv("KRB5_CONFIG", path, 1), 0);
}

/* A realm whose KDC is a port that nobody listens on. */
static void lose_the_kdc(void)
{
    use_krb5_conf("no-kdc.conf",
                  "[libdefaults]\n default_realm = %s\n dns_lookup_kdc = false\n"
                  " dns_canonicalize_hostname = false\n qualify_shortname = \"\"\n"
                  " udp_preference_limit = 1\n"
                  "[realms]\n %s = {\n  kdc = 127.0.0.1:1\n }\n"
                  "[domain_realm]\n localhost = %s\n",
                  getenv("REALM"), getenv("REALM"), getenv("REALM"));
}

START_TEST(no_kdc)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    lose_the_kdc();
    start("Kerberos");
    demand(outcome(_i == 0 ? NULL : &alice), SEC_E_NO_AUTHENTICATING_AUTHORITY);
    stop();
}
END_TEST

START_TEST(unknown_target)
{
    start(_i == 0 ? "Kerberos" : "Negotiate");
    client.target = TEXT_OF("NOSUCH/localhost");
    if (_i != 0)
        ck_assert_int_eq(unsetenv("NTLM_USER_FILE"), 0);
    demand(outcome(NULL), SEC_E_TARGET_UNKNOWN);
    stop();
}
END_TEST

START_TEST(no_credentials)
{
    ck_assert_int_eq(setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1), 0);
    ck_assert_int_eq(unsetenv("NTLM_USER_FILE"), 0);
    start(packages[_i]);
    demand(outcome(NULL), SEC_E_NO_CREDENTIALS);
    stop();
}
END_TEST

START_TEST(skewed_clock)
{
    char config[512];

    ck_assert_int_lt(snprintf(config, sizeof config, "%s/skew.conf:%s", getenv("REALM_DIR"),
                              getenv("KRB5_CONFIG")),
                     (int)sizeof config);
    use_krb5_conf("skew.conf", "[libdefaults]\n clockskew = 1\n");
    ck_assert_int_eq(setenv("KRB5_CONFIG", config, 1), 0);
    start("Kerberos");
    party_must_acquire(&client, NULL);
    party_must_acquire(&server, NULL);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    (void)sleep(4);
    append(&server.inbox, server.wire.data, server.wire.length);
    demand(party_step(&server, &client), SEC_E_TIME_SKEW);
    stop();
}
END_TEST

START_TEST(the_server_is_another_principal)
{
    start("Kerberos");
    party_must_acquire(&client, NULL);
    ck_assert_int_eq(AcquireCredentialsHandleA(TEXT_OF("HTTP/localhost"), TEXT_OF("Kerberos"),
                                               SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                               &server.credential, NULL),
                     SEC_E_OK);
    ck_assert(!log_on(&client, &server, 0));
    demand(server.status, SEC_E_WRONG_PRINCIPAL);
    stop();
}
END_TEST

START_TEST(tokens_of_another_package)
{
    start("Kerberos");
    party_init(&server, false, "NTLM");
    demand(outcome(NULL), SEC_E_INVALID_TOKEN);
    stop();
}
END_TEST

START_TEST(status_text_of_the_last_call)
{
    ck_assert_int_eq(FreeContextBuffer(NULL), SEC_E_INVALID_HANDLE);
    ck_assert_str_eq(SspiGssStatusText(), "SEC_E_INVALID_HANDLE");
    start("Kerberos");
    party_must_acquire(&client, NULL);
    ck_assert_str_eq(SspiGssStatusText(), "");
    stop();
    ck_assert_str_eq(SspiGssStatusName(SEC_E_LOGON_DENIED), "SEC_E_LOGON_DENIED");
    ck_assert_str_eq(SspiGssStatusName(SEC_E_OK), "SEC_E_OK");
    ck_assert_str_eq(SspiGssStatusName(4711), "unknown status");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: errors");
    TCase *t = tcase_create("errors");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, wrong_password, 0, 4);
    tcase_add_loop_test(t, unknown_user, 0, 4);
    tcase_add_loop_test(t, no_kdc, 0, 2);
    tcase_add_loop_test(t, unknown_target, 0, 2);
    tcase_add_loop_test(t, no_credentials, 0, 4);
    tcase_add_test(t, skewed_clock);
    tcase_add_test(t, the_server_is_another_principal);
    tcase_add_test(t, tokens_of_another_package);
    tcase_add_test(t, status_text_of_the_last_call);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
