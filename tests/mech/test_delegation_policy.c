/* Which of the lists of the delegation policy decides, for real logons. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

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

/* Where the client's credentials come from. */
enum source { FRESH, SAVED, DEFAULT, CLIENT_KEYTAB };

static gss_cred_id_t credential_from(enum source source)
{
    const char *password = realm_variable("REALM_PASSWORD");

    switch (source) {
    case FRESH:
        return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, "EXAMPLE\\alice", "password",
                                password, NULL);
    case SAVED:
        return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, "EXAMPLE\\alice",
                                "saved_password", password, NULL);
    case CLIENT_KEYTAB: /* with the realm's service keytab: what is in it does not matter here */
        return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, "client_keytab",
                                realm_variable("KRB5_KTNAME"), "ccache",
                                realm_variable("KRB5CCNAME"), NULL);
    case DEFAULT:
    default:
        return GSS_C_NO_CREDENTIAL;
    }
}

/* Options that leave one list, which names the target, or the list that denies it. */
static const struct {
    const char *options;
    enum source source;
    long code;       /* 0: delegated */
    bool early;      /* refused before anything is sent */
    const char *why; /* when it fails */
} cases_of_lists[] = {
    {"DenySavedCredentials = *", FRESH, 0, false, "saved lists say nothing of fresh ones"},
    {"DenyDefaultCredentials = *", FRESH, 0, false, "default lists say nothing of fresh ones"},
    {"DenyFreshCredentials = *", FRESH, GSS_SSPI_E_DELEGATION_POLICY, true, "denied"},
    {"AllowFreshCredentials = \"\"", FRESH, GSS_SSPI_E_DELEGATION_POLICY, false,
     "Kerberos proved the server: the list for NTLM does not apply"},
    {"packages = ntlm\nAllowFreshCredentials = \"\"", FRESH, 0, false, "NTLM's list applies"},
    {"packages = ntlm\nAllowFreshCredentialsWhenNTLMOnly = \"\"", FRESH,
     GSS_SSPI_E_DELEGATION_NTLM_ONLY, false, "only NTLM, and only the other list"},
    {"", SAVED, 0, false, "saved credentials go to remote desktops"},
    {"DenyFreshCredentials = *", SAVED, 0, false, "fresh lists say nothing of saved ones"},
    {"DenySavedCredentials = TERMSRV/local*", SAVED, GSS_SSPI_E_DELEGATION_POLICY, true, "denied"},
    {"AllowSavedCredentials = WSMAN/*", SAVED, GSS_SSPI_E_DELEGATION_POLICY, true, "another list"},
    {"packages = ntlm", SAVED, GSS_SSPI_E_DELEGATION_NTLM_ONLY, false, "not over NTLM in a domain"},
    {"packages = ntlm\nAllowSavedCredentialsWhenNTLMOnly = *", SAVED, 0, false, "configured"},
    {"AllowSavedCredentials = \"\"\nAllowSavedCredentialsWhenNTLMOnly = *", SAVED,
     GSS_SSPI_E_DELEGATION_POLICY, false, "Kerberos proved the server"},
    {"", DEFAULT, GSS_SSPI_E_DELEGATION_POLICY, true, "default credentials go nowhere"},
    {"AllowDefCredentialsWhenNTLMOnly = *", DEFAULT, GSS_SSPI_E_DELEGATION_POLICY, true,
     "a ticket does not go over NTLM"},
    {"AllowDefaultCredentials = termsrv/LOCALHOST", DEFAULT, 0, false, "letters in either case"},
    {"AllowDefaultCredentials = *\nDenyDefaultCredentials = */localhost", DEFAULT,
     GSS_SSPI_E_DELEGATION_POLICY, true, "denied"},
    {"AllowDefaultCredentials = *\nAllowSavedCredentials = \"\"", CLIENT_KEYTAB,
     GSS_SSPI_E_DELEGATION_POLICY, true, "tickets of a client keytab are saved ones"},
    {"DenyDefaultCredentials = *", CLIENT_KEYTAB, 0, false,
     "tickets of a client keytab are no default ones"},
};

START_TEST(list_of_the_credentials_decides)
{
    long code = cases_of_lists[_i].code;
    bool done;

    with_options(cases_of_lists[_i].options);
    x.client_credential = credential_from(cases_of_lists[_i].source);
    done = exchange_run(&x);
    ck_assert_msg(done == (code == 0), "%s: client: %s; server: %s", cases_of_lists[_i].why,
                  status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    ck_assert((x.delegated != GSS_C_NO_CREDENTIAL) == done);
    if (done)
        return;
    ck_assert_uint_eq(x.client_major, GSS_S_UNAUTHORIZED);
    ck_assert_msg(plugin_failure().minor == (OM_uint32)code, "%s: %s", cases_of_lists[_i].why,
                  status_text(x.client_major, x.client_minor));
    ck_assert((x.tokens == 0) == cases_of_lists[_i].early);
}
END_TEST

/* The same credentials and lists, asked for by policy alone: a logon without delegation. */
START_TEST(policy_flag_alone_does_without_where_refused)
{
    x.flags = GSS_C_DELEG_POLICY_FLAG;
    with_options(cases_of_lists[_i].options);
    x.client_credential = credential_from(cases_of_lists[_i].source);
    ck_assert_msg(exchange_run(&x), "client: %s", status_text(x.client_major, x.client_minor));
    ck_assert((x.delegated != GSS_C_NO_CREDENTIAL) == (cases_of_lists[_i].code == 0));
    ck_assert(((x.client_flags & GSS_C_DELEG_FLAG) != 0) == (cases_of_lists[_i].code == 0));
    ck_assert(((x.server_flags & GSS_C_DELEG_FLAG) != 0) == (cases_of_lists[_i].code == 0));
}
END_TEST

/* What is saved stays so in a copy, and in another process. */
START_TEST(exported_credential_is_saved_still)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_cred_id_t saved;
    OM_uint32 minor;

    with_options("DenySavedCredentials = *");
    saved = credential_from(SAVED);
    ck_assert_uint_eq(gss_export_cred(&minor, saved, &token), GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_import_cred(&minor, &token, &x.client_credential), GSS_S_COMPLETE);
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_DELEGATION_POLICY);
    (void)gss_release_buffer(&minor, &token);
    (void)gss_release_cred(&minor, &saved);
}
END_TEST

START_TEST(two_passwords_are_refused)
{
    ck_assert(store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, "alice", "password", "a",
                               "saved_password", "b", NULL) == GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("delegation policy");
    TCase *cases = tcase_create("delegation policy");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, list_of_the_credentials_decides, 0, COUNT(cases_of_lists));
    tcase_add_loop_test(cases, policy_flag_alone_does_without_where_refused, 0,
                        COUNT(cases_of_lists));
    tcase_add_test(cases, exported_credential_is_saved_still);
    tcase_add_test(cases, two_passwords_are_refused);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
