/* Logons that succeed: each mechanism with Kerberos and with NTLM inside, ours and MIT's as peers.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mech/exchange.h"
#include "tests/runner.h"

static struct exchange x;

static void set_up(void)
{
    x = (struct exchange){.target = "host@localhost"};
}

static void tear_down(void)
{
    exchange_reset(&x);
}

static void assert_logged_on(const char *user)
{
    bool done = exchange_run(&x);

    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    ck_assert_str_eq(name_text_of(x.source), user);
    exchange_check_messages(&x);
}

static bool same_oid(gss_const_OID a, gss_const_OID b)
{
    return a != GSS_C_NO_OID && a->length == b->length &&
           memcmp(a->elements, b->elements, a->length) == 0;
}

/* What one of our inquiries answers, as text. */
static void assert_inquiry(gss_ctx_id_t context, gss_const_OID object, const char *expected,
                           size_t length)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, context, (gss_OID)(uintptr_t)object, &data),
        GSS_S_COMPLETE);
    ck_assert_uint_eq(data->count, 1);
    ck_assert_uint_ge(data->elements[0].length, length);
    ck_assert_mem_eq(data->elements[0].value, expected, length);
    (void)gss_release_buffer_set(&minor, &data);
}

START_TEST(negotiate_with_kerberos_ours_to_ours)
{
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("alice@EXAMPLE.TEST");
    ck_assert_uint_eq(x.tokens, 2);
    ck_assert(same_oid(x.client_mechanism, GSS_SSPI_MECH_NEGOTIATE));
    ck_assert(same_oid(x.server_mechanism, &krb5_oid));
    ck_assert(x.client_flags & GSS_C_MUTUAL_FLAG);
}
END_TEST

START_TEST(negotiate_with_kerberos_without_mutual_authentication)
{
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = GSS_C_CONF_FLAG;
    assert_logged_on("alice@EXAMPLE.TEST");
    ck_assert((x.client_flags & GSS_C_MUTUAL_FLAG) == 0);
}
END_TEST

START_TEST(negotiate_with_ntlm_ours_to_ours)
{
    without_tickets();
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\alice");
    ck_assert(same_oid(x.server_mechanism, &ntlm_oid));
    ck_assert((x.client_flags & GSS_C_MUTUAL_FLAG) == 0);
    /* NEGOTIATE, CHALLENGE, AUTHENTICATE with mechListMIC, accept-completed with mechListMIC */
    ck_assert_uint_eq(x.tokens, 4);
}
END_TEST

START_TEST(negotiate_ours_to_mit_spnego_kerberos)
{
    x.mechanism = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(negotiate_ours_to_mit_spnego_ntlm)
{
    without_tickets();
    x.mechanism = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\alice");
}
END_TEST

START_TEST(mit_spnego_to_ours_kerberos)
{
    x.mechanism = &spnego_oid;
    x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(mit_spnego_to_ours_ntlm)
{
    without_tickets();
    x.mechanism = &spnego_oid;
    x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\alice");
}
END_TEST

START_TEST(raw_ntlm_reaches_our_acceptor)
{
    x.mechanism = &ntlm_oid;
    x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\alice");
}
END_TEST

START_TEST(raw_kerberos_reaches_our_acceptor)
{
    x.mechanism = &krb5_oid;
    x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(server_that_speaks_first_sends_hints)
{
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    x.server_first = true;
    assert_logged_on("alice@EXAMPLE.TEST");
}
END_TEST

/* The acceptor has no keytab: it asks for its choice, NTLM, with request-mic. */
START_TEST(acceptor_without_keytab_chooses_ntlm)
{
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\alice");
}
END_TEST

START_TEST(mit_acceptor_without_keytab_chooses_ntlm)
{
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    x.mechanism = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\alice");
}
END_TEST

START_TEST(acceptor_without_keytab_chooses_ntlm_of_mit_initiator)
{
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    x.mechanism = &spnego_oid;
    x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\alice");
}
END_TEST

START_TEST(unknown_server_name_falls_back_to_ntlm)
{
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.target = "unknown@localhost";
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\alice");
}
END_TEST

START_TEST(negotiate_delegates_kerberos_tickets)
{
    OM_uint32 minor;

    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS | GSS_C_DELEG_FLAG;
    assert_logged_on("alice@EXAMPLE.TEST");
    ck_assert(x.delegated != GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(gss_inquire_cred(&minor, x.delegated, NULL, NULL, NULL, NULL),
                      GSS_S_COMPLETE);
}
END_TEST

START_TEST(negotiate_with_password)
{
    without_tickets();
    x.client_credential = password_credential(GSS_SSPI_MECH_NEGOTIATE, "EXAMPLE\\bob",
                                              realm_variable("REALM_SECOND_PASSWORD"));
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("bob@EXAMPLE.TEST");
    (void)gss_release_cred(&x.client_minor, &x.client_credential);
}
END_TEST

START_TEST(package_list_leaves_only_ntlm)
{
    x.client_credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL,
                                           "packages", "!kerberos", NULL);
    ck_assert(x.client_credential != GSS_C_NO_CREDENTIAL);
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\alice");
    (void)gss_release_cred(&x.client_minor, &x.client_credential);
}
END_TEST

START_TEST(set_neg_mechs_is_honoured)
{
    gss_OID_set_desc only_ntlm = {1, (gss_OID)(uintptr_t)&ntlm_oid};

    x.client_credential = password_credential(GSS_SSPI_MECH_NEGOTIATE, "EXAMPLE\\bob",
                                              realm_variable("REALM_SECOND_PASSWORD"));
    ck_assert_uint_eq(gss_set_neg_mechs(&x.client_minor, x.client_credential, &only_ntlm),
                      GSS_S_COMPLETE);
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS;
    assert_logged_on("EXAMPLE\\bob");
    (void)gss_release_cred(&x.client_minor, &x.client_credential);
}
END_TEST

START_TEST(credssp_with_kerberos)
{
    uint32_t version = 6;

    x.mechanism = GSS_SSPI_MECH_CREDSSP;
    assert_logged_on("alice@EXAMPLE.TEST");
    ck_assert(x.client_flags & GSS_C_MUTUAL_FLAG);
    ck_assert(x.delegated == GSS_C_NO_CREDENTIAL);
    ck_assert((x.server_flags & GSS_C_DELEG_FLAG) == 0);
    assert_inquiry(x.client, GSS_SSPI_INQ_TLS_VERSION, "TLS1.3", 6);
    assert_inquiry(x.server, GSS_SSPI_INQ_TLS_CIPHER_SUITE, "TLS_", 4);
    assert_inquiry(x.client, GSS_SSPI_INQ_CREDSSP_VERSION, (const char *)&version, sizeof version);
    assert_inquiry(x.server, GSS_SSPI_INQ_INNER_MECHANISM, krb5_oid.elements, krb5_oid.length);
}
END_TEST

START_TEST(credssp_with_ntlm)
{
    without_tickets();
    x.mechanism = GSS_SSPI_MECH_CREDSSP;
    assert_logged_on("EXAMPLE\\alice");
    ck_assert((x.client_flags & GSS_C_MUTUAL_FLAG) == 0);
    assert_inquiry(x.client, GSS_SSPI_INQ_INNER_MECHANISM, ntlm_oid.elements, ntlm_oid.length);
}
END_TEST

static void credssp_with_option(const char *option)
{
    with_options(option);
    x.mechanism = GSS_SSPI_MECH_CREDSSP;
    assert_logged_on("alice@EXAMPLE.TEST");
}

/* Kerberos is offered first and turned down: SPNEGO with mechListMICs both ways, inside TSRequests. */
START_TEST(credssp_acceptor_without_keytab_chooses_ntlm)
{
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    x.mechanism = GSS_SSPI_MECH_CREDSSP;
    assert_logged_on("EXAMPLE\\alice");
    assert_inquiry(x.client, GSS_SSPI_INQ_INNER_MECHANISM, ntlm_oid.elements, ntlm_oid.length);
}
END_TEST

START_TEST(credssp_over_tls_1_2)
{
    credssp_with_option("tls_priority = NORMAL:-VERS-ALL:+VERS-TLS1.2");
    assert_inquiry(x.client, GSS_SSPI_INQ_TLS_VERSION, "TLS1.2", 6);
}
END_TEST

START_TEST(credssp_with_ecdsa_certificate)
{
    credssp_with_option("self_signed_key = ecdsa");
}
END_TEST

/* A port and an underscore are no part of TLS' server name; GnuTLS' server refuses them there. */
START_TEST(credssp_to_targets_that_are_no_dns_names)
{
    static const char *const targets[] = {"host@localhost:3389", "host@under_score",
                                          "host@127.0.0.1"};

    without_tickets();
    x.mechanism = GSS_SSPI_MECH_CREDSSP;
    x.target = targets[_i];
    assert_logged_on("EXAMPLE\\alice");
}
END_TEST

/* NTLM delegates nothing: a caller who asked must not believe that it did. */
static void assert_not_delegated(void)
{
    assert_logged_on("EXAMPLE\\alice");
    ck_assert_uint_eq(x.client_flags & GSS_C_DELEG_FLAG, 0);
    ck_assert_uint_eq(x.server_flags & GSS_C_DELEG_FLAG, 0);
    ck_assert(x.delegated == GSS_C_NO_CREDENTIAL);
}

START_TEST(negotiate_with_ntlm_does_not_claim_delegation)
{
    without_tickets();
    x.mechanism = x.server_header = GSS_SSPI_MECH_NEGOTIATE;
    x.flags = NEGOTIATE_FLAGS | GSS_C_DELEG_FLAG;
    assert_not_delegated();
}
END_TEST

START_TEST(credssp_with_ntlm_and_without_password_does_not_claim_delegation)
{
    with_options("AllowDefaultCredentials = host/*");
    without_tickets();
    x.mechanism = GSS_SSPI_MECH_CREDSSP;
    x.flags = _i == 0 ? GSS_C_DELEG_FLAG : GSS_C_DELEG_POLICY_FLAG;
    assert_not_delegated();
}
END_TEST

START_TEST(session_key_is_that_of_the_inner_mechanism)
{
    static const gss_OID_desc session_key = {
        11, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05"};
    gss_buffer_set_t keys[2] = {GSS_C_NO_BUFFER_SET, GSS_C_NO_BUFFER_SET};
    OM_uint32 minor;

    x.mechanism = GSS_SSPI_MECH_CREDSSP;
    assert_logged_on("alice@EXAMPLE.TEST");
    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(&minor, x.client,
                                                     (gss_OID)(uintptr_t)&session_key, &keys[0]),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(&minor, x.server,
                                                     (gss_OID)(uintptr_t)&session_key, &keys[1]),
                      GSS_S_COMPLETE);
    ck_assert_uint_gt(keys[0]->elements[0].length, 0);
    ck_assert_uint_eq(keys[0]->elements[0].length, keys[1]->elements[0].length);
    ck_assert_mem_eq(keys[0]->elements[0].value, keys[1]->elements[0].value,
                     keys[0]->elements[0].length);
    (void)gss_release_buffer_set(&minor, &keys[0]);
    (void)gss_release_buffer_set(&minor, &keys[1]);
}
END_TEST

START_TEST(inquire_context_tells_both_names)
{
    gss_name_t source = GSS_C_NO_NAME;
    gss_name_t target = GSS_C_NO_NAME;
    OM_uint32 lifetime = 0;
    OM_uint32 minor;
    gss_OID mechanism;
    int local = 0;
    int open = 0;

    x.mechanism = GSS_SSPI_MECH_CREDSSP;
    assert_logged_on("alice@EXAMPLE.TEST");
    ck_assert_uint_eq(gss_inquire_context(&minor, x.client, &source, &target, &lifetime, &mechanism,
                                          NULL, &local, &open),
                      GSS_S_COMPLETE);
    ck_assert_str_eq(name_text_of(source), "alice@EXAMPLE.TEST");
    ck_assert_str_eq(name_text_of(target), "host/localhost@EXAMPLE.TEST");
    ck_assert(same_oid(mechanism, GSS_SSPI_MECH_CREDSSP));
    ck_assert_uint_gt(lifetime, 60);
    ck_assert_int_eq(local, 1);
    ck_assert_int_eq(open, 1);
    (void)gss_release_name(&minor, &source);
    (void)gss_release_name(&minor, &target);
    ck_assert_uint_eq(
        gss_inquire_context(&minor, x.server, &source, NULL, NULL, &mechanism, NULL, &local, &open),
        GSS_S_COMPLETE);
    ck_assert_str_eq(name_text_of(source), "alice@EXAMPLE.TEST");
    ck_assert_int_eq(local, 0);
    (void)gss_release_name(&minor, &source);
    ck_assert_uint_eq(gss_context_time(&minor, x.server, &lifetime), GSS_S_COMPLETE);
    ck_assert_uint_gt(lifetime, 60);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("logon");
    TCase *negotiate = tcase_create("Negotiate");
    TCase *credssp = tcase_create("CredSSP");

    tcase_add_checked_fixture(negotiate, set_up, tear_down);
    tcase_set_timeout(negotiate, 60);
    tcase_add_test(negotiate, negotiate_with_kerberos_ours_to_ours);
    tcase_add_test(negotiate, negotiate_with_kerberos_without_mutual_authentication);
    tcase_add_test(negotiate, negotiate_with_ntlm_ours_to_ours);
    tcase_add_test(negotiate, negotiate_ours_to_mit_spnego_kerberos);
    tcase_add_test(negotiate, negotiate_ours_to_mit_spnego_ntlm);
    tcase_add_test(negotiate, mit_spnego_to_ours_kerberos);
    tcase_add_test(negotiate, mit_spnego_to_ours_ntlm);
    tcase_add_test(negotiate, raw_ntlm_reaches_our_acceptor);
    tcase_add_test(negotiate, raw_kerberos_reaches_our_acceptor);
    tcase_add_test(negotiate, server_that_speaks_first_sends_hints);
    tcase_add_test(negotiate, acceptor_without_keytab_chooses_ntlm);
    tcase_add_test(negotiate, mit_acceptor_without_keytab_chooses_ntlm);
    tcase_add_test(negotiate, acceptor_without_keytab_chooses_ntlm_of_mit_initiator);
    tcase_add_test(negotiate, unknown_server_name_falls_back_to_ntlm);
    tcase_add_test(negotiate, negotiate_delegates_kerberos_tickets);
    tcase_add_test(negotiate, negotiate_with_password);
    tcase_add_test(negotiate, package_list_leaves_only_ntlm);
    tcase_add_test(negotiate, set_neg_mechs_is_honoured);
    tcase_add_test(negotiate, negotiate_with_ntlm_does_not_claim_delegation);
    tcase_add_checked_fixture(credssp, set_up, tear_down);
    tcase_set_timeout(credssp, 60);
    tcase_add_test(credssp, credssp_with_kerberos);
    tcase_add_test(credssp, credssp_with_ntlm);
    tcase_add_test(credssp, credssp_acceptor_without_keytab_chooses_ntlm);
    tcase_add_test(credssp, credssp_over_tls_1_2);
    tcase_add_test(credssp, credssp_with_ecdsa_certificate);
    tcase_add_loop_test(credssp, credssp_to_targets_that_are_no_dns_names, 0, 3);
    tcase_add_loop_test(credssp, credssp_with_ntlm_and_without_password_does_not_claim_delegation,
                        0, 2);
    tcase_add_test(credssp, session_key_is_that_of_the_inner_mechanism);
    tcase_add_test(credssp, inquire_context_tells_both_names);
    suite_add_tcase(suite, negotiate);
    suite_add_tcase(suite, credssp);
    return run_suite(suite);
}
