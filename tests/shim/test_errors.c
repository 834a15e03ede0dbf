/* Failures that are provoked for real, and the status that each gives. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/runner.h"
#include "tests/shim/failed_logon.h"

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

/* A realm whose KDC is a port that nobody listens on. */
static void lose_the_kdc(void)
{
    char lines[256];

    ck_assert_int_lt(snprintf(lines, sizeof lines, "[realms]\n %s* = {\n  kdc* = 127.0.0.1:1\n }\n",
                              getenv("REALM")),
                     (int)sizeof lines);
    prepend_krb5_conf(lines);
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

START_TEST(skewed_clock)
{
    prepend_krb5_conf("[libdefaults]\n clockskew = 1\n");
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

/* --- accounts --- */

static void must_fail_as(const char *user, const char *password, SECURITY_STATUS expected,
                         const char *words)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of(getenv("REALM"), user, password);

    start("Kerberos");
    demand(outcome(&identity), expected);
    ck_assert_msg(strstr(SspiGssStatusText(), words) != NULL, "%s", SspiGssStatusText());
    stop();
}

START_TEST(disabled_account)
{
    kadmin("addprinc -pw Gone-1 -allow_tix disabled");
    must_fail_as("disabled", "Gone-1", SEC_E_LOGON_DENIED, "revoked");
}
END_TEST

START_TEST(locked_account)
{
    kadmin("addpol -maxfailure 1 one_try");
    kadmin("addprinc -pw Locked-1 -policy one_try +requires_preauth locked");
    must_fail_as("locked", "not the password", SEC_E_LOGON_DENIED, "SEC_E_LOGON_DENIED");
    must_fail_as("locked", "Locked-1", SEC_E_LOGON_DENIED, "revoked");
}
END_TEST

START_TEST(expired_password)
{
    kadmin("addprinc -pw Old-1 -pwexpire yesterday old_password");
    must_fail_as("old_password", "Old-1", SEC_E_LOGON_DENIED, "Password has expired");
}
END_TEST

START_TEST(expired_account)
{
    kadmin("addprinc -pw Old-1 -expire yesterday old_account");
    must_fail_as("old_account", "Old-1", SEC_E_LOGON_DENIED, "expired");
}
END_TEST

/* --- tickets and keys --- */

START_TEST(expired_ticket)
{
    char cache[512];

    (void)snprintf(cache, sizeof cache, "FILE:%s/short", getenv("REALM_DIR"));
    run_command("printf '%%s\\n' '%s' | kinit -l 1s -c '%s' '%s' >/dev/null",
                getenv("REALM_PASSWORD"), cache, getenv("REALM_USER"));
    ck_assert_int_eq(setenv("KRB5CCNAME", cache, 1), 0);
    ck_assert_int_eq(unsetenv("NTLM_USER_FILE"), 0);
    (void)sleep(2);
    start(packages[_i]);
    demand(outcome(NULL), SEC_E_NO_CREDENTIALS);
    stop();
}
END_TEST

/* The service has a new key, of which its keytab does not know. */
START_TEST(server_without_the_key)
{
    char keytab[512];

    ck_assert_int_lt(snprintf(keytab, sizeof keytab, "%s/rekeyed", getenv("REALM_DIR")),
                     (int)sizeof keytab);
    kadmin("addprinc -randkey rekeyed/localhost");
    run_command("kadmin.local -r '%s' -q 'ktadd -q -k %s rekeyed/localhost' >/dev/null 2>&1",
                getenv("REALM"), keytab);
    kadmin("cpw -randkey rekeyed/localhost");
    ck_assert_int_eq(setenv("KRB5_KTNAME", keytab, 1), 0);
    start("Kerberos");
    client.target = TEXT_OF("rekeyed/localhost");
    demand(outcome(NULL), SEC_E_NO_KERB_KEY);
    stop();
}
END_TEST

START_TEST(server_without_a_keytab)
{
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    start("Kerberos");
    demand(outcome(NULL), SEC_E_NO_CREDENTIALS);
    stop();
}
END_TEST

/* The same token twice, at a server that remembers. */
START_TEST(replayed_token)
{
    static struct octets token;

    ck_assert_int_eq(setenv("KRB5RCACHEDIR", getenv("REALM_DIR"), 1), 0);
    ck_assert_int_eq(setenv("KRB5RCACHENAME", "dfl:", 1), 0);
    start("Kerberos");
    demand(outcome(NULL), SEC_E_OK);
    party_end(&client);
    party_end(&server);
    start("Kerberos");
    party_must_acquire(&client, NULL);
    party_must_acquire(&server, NULL);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    token = server.wire;
    append(&server.inbox, token.data, token.length);
    demand(party_step(&server, &client), SEC_E_OK);
    party_end(&server);
    party_init(&server, false, "Kerberos");
    party_must_acquire(&server, NULL);
    append(&server.inbox, token.data, token.length);
    demand(party_step(&server, &client), SEC_E_OUT_OF_SEQUENCE);
    stop();
}
END_TEST

/* One octet of the client's or of the server's token is another on its way. */
START_TEST(altered_token)
{
    start("Kerberos");
    party_must_acquire(&client, NULL);
    party_must_acquire(&server, NULL);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&server.inbox, server.wire.data, server.wire.length);
    if (_i == 0)
        server.inbox.data[server.inbox.length - 1] ^= 1;
    demand(party_step(&server, &client), _i == 0 ? SEC_E_MESSAGE_ALTERED : SEC_E_OK);
    if (_i == 1) {
        append(&client.inbox, client.wire.data, client.wire.length);
        client.inbox.data[client.inbox.length - 1] ^= 1;
        demand(party_step(&client, &server), SEC_E_MESSAGE_ALTERED);
    }
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
    tcase_add_test(t, skewed_clock);
    tcase_add_test(t, the_server_is_another_principal);
    tcase_add_test(t, tokens_of_another_package);
    tcase_add_test(t, disabled_account);
    tcase_add_test(t, locked_account);
    tcase_add_test(t, expired_password);
    tcase_add_test(t, expired_account);
    tcase_add_loop_test(t, expired_ticket, 0, 4);
    tcase_add_test(t, server_without_the_key);
    tcase_add_test(t, server_without_a_keytab);
    tcase_add_test(t, replayed_token);
    tcase_add_loop_test(t, altered_token, 0, 2);
    tcase_add_test(t, status_text_of_the_last_call);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
