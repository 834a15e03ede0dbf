/* Delegated credentials: when they go out, when they do not, and what they are good for. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"

static struct exchange x;

static void set_up(void)
{
    x = (struct exchange){.target = "TERMSRV@localhost",
                          .mechanism = GSS_SSPI_MECH_CREDSSP,
                          .flags = GSS_C_DELEG_FLAG};
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
}

static void use_password(const char *user)
{
    x.client_credential =
        password_credential(GSS_SSPI_MECH_CREDSSP, user, realm_variable("REALM_PASSWORD"));
}

static void assert_logged_on(void)
{
    bool done = exchange_run(&x);

    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
}

/* Refused at the client with this code. */
static void assert_refused(long code)
{
    ck_assert(!exchange_run(&x));
    ck_assert_msg(GSS_ERROR(x.client_major), "server: %s",
                  status_text(x.server_major, x.server_minor));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)code);
}

/* The server, as the client, to a second server. */
static void assert_second_hop(gss_const_OID mechanism, const char *user)
{
    struct exchange hop = {.target = "HTTP@localhost",
                           .mechanism = mechanism,
                           .flags = GSS_C_MUTUAL_FLAG,
                           .client_credential = x.delegated};
    bool done;

    without_tickets();
    ck_assert_int_eq(setenv("NTLM_USER_FILE", realm_variable("NTLM_USER_FILE"), 1), 0);
    done = exchange_run(&hop);
    ck_assert_msg(done, "client: %s; server: %s", status_text(hop.client_major, hop.client_minor),
                  status_text(hop.server_major, hop.server_minor));
    ck_assert_str_eq(name_text_of(hop.source), user);
    exchange_reset(&hop);
}

/* The password as GSS_SSPI_INQ_CREDENTIALS gives it. */
static void assert_credentials(const char *domain, const char *user)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    const char *expected[3] = {domain, user, realm_variable("REALM_PASSWORD")};
    OM_uint32 minor;

    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(
                          &minor, x.server, (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDENTIALS, &data),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(data->count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(data->elements[i].length, strlen(expected[i]));
        ck_assert_mem_eq(data->elements[i].value, expected[i], strlen(expected[i]));
    }
    (void)gss_release_buffer_set(&minor, &data);
}

START_TEST(password_goes_to_the_server_over_kerberos)
{
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    ck_assert(x.server_flags & GSS_C_DELEG_FLAG);
    ck_assert(x.client_flags & GSS_C_DELEG_FLAG);
    ck_assert(x.client_flags & GSS_C_MUTUAL_FLAG);
    assert_credentials("EXAMPLE", "alice");
}
END_TEST

START_TEST(second_hop_with_kerberos)
{
    use_password("alice@EXAMPLE.TEST");
    assert_logged_on();
    assert_credentials("", "alice@EXAMPLE.TEST");
    assert_second_hop(&krb5_oid, "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(second_hop_with_ntlm)
{
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    assert_second_hop(&ntlm_oid, "EXAMPLE\\alice");
}
END_TEST

START_TEST(second_hop_with_mit_spnego)
{
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    assert_second_hop(&spnego_oid, "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(second_hop_with_negotiate)
{
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    assert_second_hop(GSS_SSPI_MECH_NEGOTIATE, "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(second_hop_with_credssp)
{
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    assert_second_hop(GSS_SSPI_MECH_CREDSSP, "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(password_goes_to_the_server_over_ntlm)
{
    with_options("packages = ntlm");
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    ck_assert((x.client_flags & GSS_C_MUTUAL_FLAG) == 0);
    assert_credentials("EXAMPLE", "alice");
    assert_second_hop(&ntlm_oid, "EXAMPLE\\alice");
}
END_TEST

START_TEST(nothing_goes_out_unasked)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    x.flags = 0;
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    ck_assert(x.delegated == GSS_C_NO_CREDENTIAL);
    ck_assert((x.server_flags & GSS_C_DELEG_FLAG) == 0);
    ck_assert((x.client_flags & GSS_C_DELEG_FLAG) == 0);
    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(
                          &minor, x.server, (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDENTIALS, &data),
                      GSS_S_UNAVAILABLE);
}
END_TEST

START_TEST(policy_refuses_before_anything_is_sent)
{
    with_options("AllowFreshCredentials = TERMSRV/other\n"
                 "AllowFreshCredentialsWhenNTLMOnly = TERMSRV/other");
    use_password("EXAMPLE\\alice");
    assert_refused(GSS_SSPI_E_DELEGATION_POLICY);
    ck_assert_uint_eq(x.tokens, 0);
    ck_assert(strstr(status_text(x.client_major, x.client_minor), "TERMSRV/localhost") != NULL);
}
END_TEST

START_TEST(policy_refuses_when_only_ntlm_proved_the_server)
{
    with_options("AllowFreshCredentialsWhenNTLMOnly = TERMSRV/other\npackages = ntlm");
    use_password("EXAMPLE\\alice");
    assert_refused(GSS_SSPI_E_DELEGATION_NTLM_ONLY);
    ck_assert(x.delegated == GSS_C_NO_CREDENTIAL);
}
END_TEST

START_TEST(password_does_not_go_to_a_server_that_only_ntlm_knows_when_mutual_is_wanted)
{
    with_options("packages = ntlm");
    x.flags |= GSS_C_MUTUAL_FLAG;
    use_password("EXAMPLE\\alice");
    assert_refused(GSS_SSPI_E_MUTUAL_AUTH);
    ck_assert(x.delegated == GSS_C_NO_CREDENTIAL);
}
END_TEST

START_TEST(deny_list_wins)
{
    with_options("DenyFreshCredentials = */localhost");
    use_password("EXAMPLE\\alice");
    assert_refused(GSS_SSPI_E_DELEGATION_POLICY);
}
END_TEST

START_TEST(delegation_by_policy_alone_does_without)
{
    with_options("DenyFreshCredentials = *");
    x.flags = GSS_C_DELEG_POLICY_FLAG;
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    ck_assert(x.delegated == GSS_C_NO_CREDENTIAL);
}
END_TEST

START_TEST(delegation_by_policy_alone_delegates_where_allowed)
{
    x.flags = GSS_C_DELEG_POLICY_FLAG;
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    ck_assert(x.delegated != GSS_C_NO_CREDENTIAL);
}
END_TEST

START_TEST(default_credentials_are_not_delegated_unless_configured)
{
    assert_refused(GSS_SSPI_E_DELEGATION_POLICY);
}
END_TEST

START_TEST(ticket_is_forwarded_where_configured)
{
    with_options("AllowDefaultCredentials = TERMSRV/*");
    assert_logged_on();
    ck_assert(x.server_flags & GSS_C_DELEG_FLAG);
    assert_second_hop(&krb5_oid, "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(wrong_password_is_refused_by_the_kdc)
{
    with_options("packages = kerberos");
    x.client_credential = password_credential(GSS_SSPI_MECH_CREDSSP, "EXAMPLE\\alice", "wrong");
    ck_assert(!exchange_run(&x));
    ck_assert(GSS_ERROR(x.client_major));
    ck_assert_uint_eq(plugin_failure().nt_status, 0xC000006Au);
}
END_TEST

START_TEST(wrong_password_is_refused_by_the_server)
{
    with_options("packages = ntlm");
    x.client_credential = password_credential(GSS_SSPI_MECH_CREDSSP, "EXAMPLE\\alice", "wrong");
    ck_assert(!exchange_run(&x));
    ck_assert(GSS_ERROR(x.server_major));
    /* and the client is told, by errorCode */
    ck_assert_uint_eq(x.client_major, GSS_S_UNAUTHORIZED);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_LOGON_FAILURE);
    ck_assert_uint_eq(plugin_failure().nt_status, 0xC000006Du);
    ck_assert(strstr(status_text(x.client_major, x.client_minor), "password is wrong") != NULL);
}
END_TEST

/* --- another credential in a later call --- */

static struct {
    unsigned after; /* so many tokens */
    gss_cred_id_t credential;
} change;

static void change_credential(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    (void)argument;
    (void)token;
    if (exchange->tokens == change.after)
        exchange->client_credential = change.credential;
}

static gss_cred_id_t changed_credential(int kind)
{
    switch (kind) {
    case 1:
        return password_credential(GSS_SSPI_MECH_CREDSSP, "EXAMPLE\\bob",
                                   realm_variable("REALM_SECOND_PASSWORD"));
    case 2:
        return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, "alice", NULL);
    default:
        return GSS_C_NO_CREDENTIAL;
    }
}

/* The credential that policy was asked about goes out, or the logon fails and nothing does. */
static void assert_first_credential_goes_out(const char *options)
{
    gss_cred_id_t first;
    OM_uint32 minor;

    with_options(options);
    use_password("EXAMPLE\\alice");
    first = x.client_credential;
    x.on_token = change_credential;
    if (exchange_run(&x))
        assert_credentials("EXAMPLE", "alice");
    else
        ck_assert(x.delegated == GSS_C_NO_CREDENTIAL);
    exchange_reset(&x);
    x.client_credential = first;
    (void)gss_release_cred(&minor, &change.credential);
}

#define CHANGED_KINDS 3

/* While only TLS is spoken, the inner logon has not begun; it is done with whoever is given then. */
START_TEST(credential_that_changes_between_calls)
{
    change.after = (unsigned)(_i / CHANGED_KINDS);
    change.credential = changed_credential(_i % CHANGED_KINDS);
    assert_first_credential_goes_out("packages = kerberos");
}
END_TEST

/* In the last call all is done but to send what the first one brought. */
START_TEST(credential_that_changes_before_the_last_call)
{
    gss_cred_id_t first;
    unsigned tokens;
    OM_uint32 minor;

    with_options("self_signed_key = ecdsa");
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    tokens = x.tokens;
    exchange_reset(&x);
    first = x.client_credential;
    change.after = tokens - 1;
    change.credential = changed_credential(_i);
    x.on_token = change_credential;
    assert_logged_on();
    assert_credentials("EXAMPLE", "alice");
    x.client_credential = first;
    (void)gss_release_cred(&minor, &change.credential);
}
END_TEST

/* Delegating must not fail a logon because no KDC can be reached any more. */
START_TEST(unreachable_kdc_does_not_fail_the_logon)
{
    OM_uint32 minor;

    with_options("packages = ntlm");
    use_password("UNKNOWN.REALM.TEST\\alice");
    ck_assert(!exchange_run(&x)); /* NTLM knows no such domain */
    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    ck_assert(x.delegated != GSS_C_NO_CREDENTIAL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("delegation");
    TCase *cases = tcase_create("delegation");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, password_goes_to_the_server_over_kerberos);
    tcase_add_test(cases, second_hop_with_kerberos);
    tcase_add_test(cases, second_hop_with_ntlm);
    tcase_add_test(cases, second_hop_with_mit_spnego);
    tcase_add_test(cases, second_hop_with_negotiate);
    tcase_add_test(cases, second_hop_with_credssp);
    tcase_add_test(cases, password_goes_to_the_server_over_ntlm);
    tcase_add_test(cases, nothing_goes_out_unasked);
    tcase_add_test(cases, policy_refuses_before_anything_is_sent);
    tcase_add_test(cases, policy_refuses_when_only_ntlm_proved_the_server);
    tcase_add_test(cases,
                   password_does_not_go_to_a_server_that_only_ntlm_knows_when_mutual_is_wanted);
    tcase_add_test(cases, deny_list_wins);
    tcase_add_test(cases, delegation_by_policy_alone_does_without);
    tcase_add_test(cases, delegation_by_policy_alone_delegates_where_allowed);
    tcase_add_test(cases, default_credentials_are_not_delegated_unless_configured);
    tcase_add_test(cases, ticket_is_forwarded_where_configured);
    tcase_add_test(cases, wrong_password_is_refused_by_the_kdc);
    tcase_add_test(cases, wrong_password_is_refused_by_the_server);
    tcase_add_loop_test(cases, credential_that_changes_between_calls, CHANGED_KINDS,
                        7 * CHANGED_KINDS);
    tcase_add_loop_test(cases, credential_that_changes_before_the_last_call, 0, CHANGED_KINDS);
    tcase_add_test(cases, unreachable_kdc_does_not_fail_the_logon);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
