/* Credentials and contexts that are handed on, and what the inner mechanism answers through us. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)

/* Our OID and Kerberos', each behind its length, as the mechglue writes them. */
#define OUTER_FRAME (4 + 11 + 4 + 9)

static struct exchange x;

static void set_up(void)
{
    x = (struct exchange){.target = "TERMSRV@localhost", .flags = FLAGS};
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
}

static void log_on(gss_const_OID mechanism)
{
    bool done;

    x.mechanism = mechanism;
    x.server_header = mechanism == GSS_SSPI_MECH_NEGOTIATE ? mechanism : GSS_C_NO_OID;
    done = exchange_run(&x);
    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
}

/* Replaces a credential by its exported and imported form. */
static void hand_on_credential(gss_cred_id_t *credential)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_export_cred(&minor, *credential, &token);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    (void)gss_release_cred(&minor, credential);
    major = gss_import_cred(&minor, &token, credential);
    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    (void)gss_release_buffer(&minor, &token);
}

/*
 * Programs that export what they have by default must be able to go on doing so. (gss-ntlmssp 1.2.0 does
 * not import what it exports, with or without us: the import is not tried.)
 */
START_TEST(default_credentials_of_all_mechanisms_can_be_exported)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET,
                                       GSS_C_INITIATE, &x.client_credential, NULL, NULL);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    major = gss_export_cred(&minor, x.client_credential, &token);
    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    (void)gss_release_buffer(&minor, &token);
}
END_TEST

/* What is passed on to the inner mechanisms is not lost. */
START_TEST(credential_store_is_handed_on)
{
    char file[512];

    (void)snprintf(file, sizeof file, "%s", realm_variable("NTLM_USER_FILE"));
    ck_assert_int_eq(unsetenv("NTLM_USER_FILE"), 0);
    without_tickets();
    x.client_credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL,
                                           "ntlmssp_keyfile", file, NULL);
    ck_assert(x.client_credential != GSS_C_NO_CREDENTIAL);
    hand_on_credential(&x.client_credential);
    ck_assert_int_eq(setenv("NTLM_USER_FILE", file, 1), 0);
    log_on(GSS_SSPI_MECH_NEGOTIATE);
    ck_assert_str_eq(name_text_of(x.source), "EXAMPLE\\alice");
}
END_TEST

START_TEST(ticket_that_was_handed_on_logs_on)
{
    x.client_credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    hand_on_credential(&x.client_credential);
    log_on(GSS_SSPI_MECH_NEGOTIATE);
    ck_assert_str_eq(name_text_of(x.source), "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(password_that_was_handed_on_logs_on_and_is_delegated)
{
    x.client_credential = password_credential(GSS_SSPI_MECH_CREDSSP, "EXAMPLE\\bob",
                                              realm_variable("REALM_SECOND_PASSWORD"));
    x.flags |= GSS_C_DELEG_FLAG;
    hand_on_credential(&x.client_credential);
    log_on(GSS_SSPI_MECH_CREDSSP);
    ck_assert_str_eq(name_text_of(x.source), "bob@EXAMPLE.TEST");
    ck_assert(x.delegated != GSS_C_NO_CREDENTIAL);
}
END_TEST

START_TEST(package_list_is_handed_on)
{
    x.client_credential =
        store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, "packages", "ntlm", NULL);
    hand_on_credential(&x.client_credential);
    log_on(GSS_SSPI_MECH_NEGOTIATE);
    ck_assert_str_eq(name_text_of(x.source), "EXAMPLE\\alice");
}
END_TEST

static void allow_only_ntlm(gss_cred_id_t credential)
{
    gss_OID_set_desc ntlm = {1, (gss_OID)(uintptr_t)&ntlm_oid};
    OM_uint32 minor;

    ck_assert_uint_eq(gss_set_neg_mechs(&minor, credential, &ntlm), GSS_S_COMPLETE);
}

/* A copy that could do more than its original would be a way around what a program forbade. */
START_TEST(set_of_gss_set_neg_mechs_is_handed_on)
{
    x.client_credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    allow_only_ntlm(x.client_credential);
    hand_on_credential(&x.client_credential);
    log_on(GSS_SSPI_MECH_NEGOTIATE);
    ck_assert_str_eq(name_text_of(x.source), "EXAMPLE\\alice");
}
END_TEST

/* Nothing is allowed then, which is not the same as everything. */
START_TEST(empty_set_of_gss_set_neg_mechs_is_handed_on)
{
    gss_OID_set_desc nothing = {0, NULL};
    OM_uint32 minor;

    x.client_credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    ck_assert_uint_eq(gss_set_neg_mechs(&minor, x.client_credential, &nothing), GSS_S_COMPLETE);
    hand_on_credential(&x.client_credential);
    x.mechanism = GSS_SSPI_MECH_NEGOTIATE;
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_NO_MECHANISM);
}
END_TEST

START_TEST(credential_that_the_mechglue_copied_keeps_its_set)
{
    gss_cred_id_t first = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    OM_uint32 minor;
    OM_uint32 major;

    allow_only_ntlm(first);
    major =
        gss_add_cred(&minor, first, GSS_C_NO_NAME, (gss_OID)(uintptr_t)&krb5_oid, GSS_C_INITIATE,
                     GSS_C_INDEFINITE, GSS_C_INDEFINITE, &x.client_credential, NULL, NULL, NULL);
    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    (void)gss_release_cred(&minor, &first);
    log_on(GSS_SSPI_MECH_NEGOTIATE);
    ck_assert_str_eq(name_text_of(x.source), "EXAMPLE\\alice");
}
END_TEST

/* The mechglue copies a union credential, element by element, when one is added to it. */
START_TEST(credential_that_the_mechglue_copied_keeps_its_password)
{
    gss_cred_id_t first = password_credential(GSS_SSPI_MECH_CREDSSP, "EXAMPLE\\bob",
                                              realm_variable("REALM_SECOND_PASSWORD"));
    OM_uint32 minor;
    OM_uint32 major =
        gss_add_cred(&minor, first, GSS_C_NO_NAME, (gss_OID)(uintptr_t)&krb5_oid, GSS_C_INITIATE,
                     GSS_C_INDEFINITE, GSS_C_INDEFINITE, &x.client_credential, NULL, NULL, NULL);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    (void)gss_release_cred(&minor, &first);
    x.flags |= GSS_C_DELEG_FLAG;
    log_on(GSS_SSPI_MECH_CREDSSP);
    ck_assert_str_eq(name_text_of(x.source), "bob@EXAMPLE.TEST");
    ck_assert(x.delegated != GSS_C_NO_CREDENTIAL);
}
END_TEST

/*
 * Every length of an exported credential but its own, and every octet changed. (Without Kerberos inside:
 * krb5 1.20 itself follows a null pointer when its part is damaged.)
 */
START_TEST(damaged_credentials_are_refused)
{
    gss_cred_id_t credential =
        store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, "EXAMPLE\\bob", "packages",
                         "ntlm", "password", realm_variable("REALM_SECOND_PASSWORD"), NULL);
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_export_cred(&minor, credential, &token), GSS_S_COMPLETE);
    (void)gss_release_cred(&minor, &credential);
    for (size_t cut = 0; cut < token.length; cut++) {
        gss_buffer_desc part = {cut, token.value};

        ck_assert(GSS_ERROR(gss_import_cred(&minor, &part, &credential)));
    }
    for (size_t i = 0; i < token.length; i++) {
        ((unsigned char *)token.value)[i] ^= 0x80;
        (void)gss_import_cred(&minor, &token, &credential);
        (void)gss_release_cred(&minor, &credential);
        ((unsigned char *)token.value)[i] ^= 0x80;
    }
    (void)gss_release_buffer(&minor, &token);
}
END_TEST

static void hand_on_context(gss_ctx_id_t *context)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_export_sec_context(&minor, context, &token);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    ck_assert(*context == GSS_C_NO_CONTEXT);
    major = gss_import_sec_context(&minor, &token, context);
    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    (void)gss_release_buffer(&minor, &token);
}

START_TEST(negotiate_contexts_can_be_handed_on)
{
    gss_name_t source = GSS_C_NO_NAME;
    OM_uint32 minor;
    OM_uint32 flags = 0;
    int local = 1;
    int open = 0;

    log_on(GSS_SSPI_MECH_NEGOTIATE);
    exchange_check_messages(&x);
    hand_on_context(&x.server);
    hand_on_context(&x.client);
    exchange_check_messages(&x);
    ck_assert_uint_eq(
        gss_inquire_context(&minor, x.server, &source, NULL, NULL, NULL, &flags, &local, &open),
        GSS_S_COMPLETE);
    ck_assert_str_eq(name_text_of(source), "alice@EXAMPLE.TEST");
    ck_assert(flags & GSS_C_INTEG_FLAG);
    ck_assert_int_eq(local, 0);
    ck_assert_int_eq(open, 1);
    (void)gss_release_name(&minor, &source);
}
END_TEST

START_TEST(credssp_context_stays_where_it_is)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    log_on(GSS_SSPI_MECH_CREDSSP);
    ck_assert_uint_eq(gss_export_sec_context(&minor, &x.server, &token), GSS_S_UNAVAILABLE);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_NOT_AVAILABLE);
    exchange_check_messages(&x);
}
END_TEST

/* Cut within what stands before Kerberos' own form, which krb5 1.20 reads with leaks of its own. */
START_TEST(cut_contexts_are_refused)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    OM_uint32 minor;

    log_on(GSS_SSPI_MECH_NEGOTIATE);
    ck_assert_uint_eq(gss_export_sec_context(&minor, &x.server, &token), GSS_S_COMPLETE);
    for (size_t cut = 0; cut < OUTER_FRAME; cut++) {
        gss_buffer_desc part = {cut, token.value};

        ck_assert(GSS_ERROR(gss_import_sec_context(&minor, &part, &context)));
        ck_assert(context == GSS_C_NO_CONTEXT);
    }
    (void)gss_release_buffer(&minor, &token);
}
END_TEST

START_TEST(signatures_in_place)
{
    char text[] = "signed where it stands";
    gss_iov_buffer_desc iov[2] = {
        {GSS_IOV_BUFFER_TYPE_DATA, {sizeof text, text}},
        {GSS_IOV_BUFFER_TYPE_MIC_TOKEN | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER}};
    OM_uint32 minor;

    log_on(_i == 0 ? GSS_SSPI_MECH_NEGOTIATE : GSS_SSPI_MECH_CREDSSP);
    ck_assert_uint_eq(gss_get_mic_iov(&minor, x.client, GSS_C_QOP_DEFAULT, iov, 2), GSS_S_COMPLETE);
    iov[1].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN;
    ck_assert_uint_eq(gss_verify_mic_iov(&minor, x.server, NULL, iov, 2), GSS_S_COMPLETE);
    text[0] ^= 1;
    ck_assert(GSS_ERROR(gss_verify_mic_iov(&minor, x.server, NULL, iov, 2)));
    free(iov[1].buffer.value);
}
END_TEST

/* Kerberos' attributes of a client (those of its PAC) are told through us. */
START_TEST(attributes_of_a_client)
{
    gss_buffer_set_t attributes = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;
    int is_mechanism_name = 0;

    log_on(_i == 0 ? GSS_SSPI_MECH_NEGOTIATE : GSS_SSPI_MECH_CREDSSP);
    ck_assert_uint_eq(gss_inquire_name(&minor, x.source, &is_mechanism_name, NULL, &attributes),
                      GSS_S_COMPLETE);
    ck_assert(attributes != GSS_C_NO_BUFFER_SET);
    ck_assert_uint_gt(attributes->count, 0);
    (void)gss_release_buffer_set(&minor, &attributes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("export");
    TCase *cases = tcase_create("export");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, default_credentials_of_all_mechanisms_can_be_exported);
    tcase_add_test(cases, credential_store_is_handed_on);
    tcase_add_test(cases, ticket_that_was_handed_on_logs_on);
    tcase_add_test(cases, password_that_was_handed_on_logs_on_and_is_delegated);
    tcase_add_test(cases, package_list_is_handed_on);
    tcase_add_test(cases, set_of_gss_set_neg_mechs_is_handed_on);
    tcase_add_test(cases, empty_set_of_gss_set_neg_mechs_is_handed_on);
    tcase_add_test(cases, credential_that_the_mechglue_copied_keeps_its_set);
    tcase_add_test(cases, credential_that_the_mechglue_copied_keeps_its_password);
    tcase_add_test(cases, damaged_credentials_are_refused);
    tcase_add_test(cases, negotiate_contexts_can_be_handed_on);
    tcase_add_test(cases, credssp_context_stays_where_it_is);
    tcase_add_test(cases, cut_contexts_are_refused);
    tcase_add_loop_test(cases, signatures_in_place, 0, 2);
    tcase_add_loop_test(cases, attributes_of_a_client, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
