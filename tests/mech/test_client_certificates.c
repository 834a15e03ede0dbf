/* What a CredSSP server makes of its clients' certificates. */
#include <stdio.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/client_certificate_fixture.h"

#define DAY (24L * 60 * 60)

static const char *const modes[] = {"none", "request", "require"};
#define MODES 3

/* --- each certificate, with each demand --- */

static const struct {
    bool absent;
    bool is_the_strangers;
    struct certificate_wish wish;
    long code; /* 0: it is taken */
    const char *words;
    const char *alert;
} clients[] = {
    {.absent = true},
    {.wish = {.purpose = GNUTLS_KP_TLS_WWW_CLIENT}},
    {.wish = {.algorithm = GNUTLS_PK_RSA}},
    {.wish = {.algorithm = GNUTLS_PK_EDDSA_ED25519}},
    {.is_the_strangers = true,
     .code = GSS_SSPI_E_CLIENT_UNTRUSTED,
     .words = "issued by nobody who is trusted",
     .alert = "CA is unknown"},
    {.wish = {.begins = -2 * DAY, .ends = -DAY},
     .code = GSS_SSPI_E_CLIENT_TIME,
     .words = "it has expired",
     .alert = "expired"},
    {.wish = {.begins = DAY, .ends = 2 * DAY},
     .code = GSS_SSPI_E_CLIENT_TIME,
     .words = "its time has not come",
     .alert = "expired"},
    {.wish = {.purpose = GNUTLS_KP_TLS_WWW_SERVER},
     .code = GSS_SSPI_E_CLIENT_UNFIT,
     .words = "purpose",
     .alert = "not supported"},
    {.wish = {.algorithm = GNUTLS_PK_RSA, .bits = 1024},
     .code = GSS_SSPI_E_CLIENT_UNFIT,
     .words = "insecure",
     .alert = "bad"},
};
#define CLIENTS (sizeof clients / sizeof clients[0])

START_TEST(each_certificate_with_each_demand)
{
    const char *mode = modes[(size_t)_i / CLIENTS % MODES];
    size_t kind = (size_t)_i % CLIENTS;
    struct certificate_wish wish = clients[kind].wish;

    if (clients[kind].is_the_strangers)
        wish.issuer = &stranger;
    configure(versions[(size_t)_i / CLIENTS / MODES], mode, "");
    if (!clients[kind].absent) {
        make_client(wish);
        show_client();
    }
    if (strcmp(mode, "none") == 0 || (clients[kind].absent && strcmp(mode, "request") == 0))
        assert_logon(NULL);
    else if (clients[kind].absent)
        (void)assert_refused(GSS_SSPI_E_CLIENT_MISSING, "this server requires one",
                             (size_t)_i / CLIENTS / MODES == 0 ? "Handshake failed" : "required");
    else if (clients[kind].code == 0)
        assert_logon(&client.der);
    else
        (void)assert_refused(clients[kind].code, clients[kind].words, clients[kind].alert);
    ck_assert_uint_eq(questions, 0);
}
END_TEST

START_TEST(chain_over_an_intermediate_is_good)
{
    struct certificate_files middle = {.der = {NULL, 0}};

    certificate_files_make(&middle, &(struct certificate_wish){
                                        .file = "middle", .authority = true, .issuer = &authority});
    make_client((struct certificate_wish){.issuer = &middle});
    configure(versions[_i], "require", "");
    show_client();
    assert_logon(&client.der);
    certificate_files_release(&middle);
}
END_TEST

/* Somebody who has a certificate issues others. */
START_TEST(issuer_without_the_right_to_issue_is_refused)
{
    struct certificate_files middle = {.der = {NULL, 0}};

    certificate_files_make(&middle,
                           &(struct certificate_wish){.file = "middle", .issuer = &authority});
    make_client((struct certificate_wish){.issuer = &middle});
    configure(versions[_i], "request", "");
    show_client();
    (void)assert_refused(GSS_SSPI_E_CLIENT_UNTRUSTED, "issued by nobody", "CA is unknown");
    certificate_files_release(&middle);
}
END_TEST

/* A name in a certificate that nobody vouches for would be a stranger's words in the server's log. */
START_TEST(names_of_a_refused_certificate_are_not_told)
{
    const char *said;

    make_client((struct certificate_wish){.common_name = "rm -rf", .issuer = &stranger});
    configure(versions[_i], "request", "");
    show_client();
    said = assert_refused(GSS_SSPI_E_CLIENT_UNTRUSTED, "", "CA is unknown");
    ck_assert_msg(strstr(said, "rm -rf") == NULL, "%s", said);
}
END_TEST

START_TEST(tokens_may_come_in_pieces)
{
    make_good_client();
    configure(versions_for_pieces[_i], "require", "");
    show_client();
    later_pieces = 100;
    assert_logon(&client.der);
}
END_TEST

START_TEST(server_that_is_verified_has_that_status)
{
    struct certificate_files server = {.der = {NULL, 0}};
    char options[OPTIONS_OCTETS];

    certificate_files_make(&server,
                           &(struct certificate_wish){.file = "server", .issuer = &authority});
    make_good_client();
    (void)snprintf(options, sizeof options,
                   "certificate = %s\n private_key = %s\n server_authentication = verify\n"
                   "trusted_certificates = %s",
                   server.certificate, server.key, authority.certificate);
    configure(versions[_i], "require", options);
    show_client();
    ck_assert(exchange_run(&x));
    assert_certificate(x.client, GSS_SSPI_INQ_PEER_CERTIFICATE, &server.der);
    assert_certificate(x.server, GSS_SSPI_INQ_OWN_CERTIFICATE, &server.der);
    assert_status(x.client, GSS_SSPI_CERTIFICATE_ACCEPTED);
    assert_status(x.server, GSS_SSPI_CERTIFICATE_ACCEPTED);
    certificate_files_release(&server);
}
END_TEST

/* --- where demands and certificates come from --- */

START_TEST(certificate_may_stand_in_the_options)
{
    char options[OPTIONS_OCTETS];

    make_good_client();
    (void)snprintf(options, sizeof options,
                   "client_certificate_file = %s\n client_private_key = %s", client.certificate,
                   client.key);
    configure(versions[_i], "require", options);
    assert_logon(&client.der);
}
END_TEST

START_TEST(credential_demands_what_policy_does_not)
{
    configure(versions[1], "none", "");
    serve_with("client_certificate", "require", NULL, NULL);
    (void)assert_refused(GSS_SSPI_E_CLIENT_MISSING, "requires one", "required");
}
END_TEST

START_TEST(credential_has_authorities_of_its_own)
{
    make_good_client();
    configure(versions[1], "none", "");
    show_client();
    serve_with("client_certificate", "request", "trusted_client_certificates",
               stranger.certificate);
    (void)assert_refused(GSS_SSPI_E_CLIENT_UNTRUSTED, "", "CA is unknown");
}
END_TEST

START_TEST(credential_does_not_weaken_policy)
{
    configure(versions[1], "require", "");
    serve_with("client_certificate", _i == 0 ? "none" : "request", "trusted_client_certificates",
               authority.certificate);
    (void)assert_refused(GSS_SSPI_E_CLIENT_MISSING, "requires one", "required");
}
END_TEST

/* The stranger's authorities do not make up for those of policy. */
START_TEST(both_must_vouch)
{
    make_client((struct certificate_wish){.issuer = &stranger});
    configure(versions[1], "request", "");
    show_client();
    serve_with("client_certificate", "require", "trusted_client_certificates",
               stranger.certificate);
    (void)assert_refused(GSS_SSPI_E_CLIENT_UNTRUSTED, "", "CA is unknown");
}
END_TEST

/* The system's authorities vouch for too many. */
START_TEST(demand_without_authorities_is_told)
{
    with_options("self_signed_key = ecdsa");
    serve_with("client_certificate", "request", NULL, NULL);
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TRUST);
    ck_assert_uint_eq(x.tokens, 1);
}
END_TEST

START_TEST(missing_authorities_are_told)
{
    with_options("self_signed_key = ecdsa\n client_certificate = request\n"
                 "trusted_client_certificates = /nonexistent/ca.pem");
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TRUST);
    ck_assert(strstr(status_text(x.server_major, x.server_minor), "/nonexistent/ca.pem") != NULL);
}
END_TEST

static const char *const bad_options[] = {
    "client_certificate = maybe",
    "client_certificate = request",
    "client_certificate_file = /nonexistent/client.pem",
    "client_private_key = /nonexistent/client.key",
};

START_TEST(bad_option_is_refused)
{
    with_options(bad_options[_i]);
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CONFIGURATION);
}
END_TEST

static const struct {
    const char *key;
    const char *value;
    long code;
} bad_elements[] = {
    {"client_certificate", "maybe", GSS_SSPI_E_BAD_ARGUMENT},
    {"without_client_certificate", "maybe", GSS_SSPI_E_BAD_ARGUMENT},
    {"client_certificate_file", "/nonexistent/client.pem", GSS_SSPI_E_CLIENT_CERTIFICATE},
    {"client_private_key", "/nonexistent/client.key", GSS_SSPI_E_CLIENT_CERTIFICATE},
};

START_TEST(bad_element_is_refused)
{
    ck_assert(store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, bad_elements[_i].key,
                               bad_elements[_i].value, NULL) == GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)bad_elements[_i].code);
}
END_TEST

START_TEST(all_is_copied_with_the_credential)
{
    configure(versions[1], "none", "");
    make_good_client();
    show_client();
    serve_with("client_certificate", "require", "trusted_client_certificates",
               authority.certificate);
    x.client_credential = exported_copy(&x.client_credential);
    x.server_credential = exported_copy(&x.server_credential);
    assert_logon(&client.der);
    exchange_reset(&x);
    ask_without();
    x.client_credential = exported_copy(&x.client_credential);
    (void)assert_refused(GSS_SSPI_E_CLIENT_MISSING, "", "required");
    ck_assert_uint_eq(questions, 1);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, each_certificate_with_each_demand, 0,
                        (int)(VERSIONS * MODES * CLIENTS));
    tcase_add_loop_test(cases, chain_over_an_intermediate_is_good, 0, VERSIONS);
    tcase_add_loop_test(cases, issuer_without_the_right_to_issue_is_refused, 0, VERSIONS);
    tcase_add_loop_test(cases, names_of_a_refused_certificate_are_not_told, 0, VERSIONS);
    tcase_add_loop_test(cases, tokens_may_come_in_pieces, 0, VERSIONS);
    tcase_add_loop_test(cases, server_that_is_verified_has_that_status, 0, VERSIONS);
    tcase_add_loop_test(cases, certificate_may_stand_in_the_options, 0, VERSIONS);
    tcase_add_test(cases, credential_demands_what_policy_does_not);
    tcase_add_test(cases, credential_has_authorities_of_its_own);
    tcase_add_loop_test(cases, credential_does_not_weaken_policy, 0, 2);
    tcase_add_test(cases, both_must_vouch);
    tcase_add_test(cases, demand_without_authorities_is_told);
    tcase_add_test(cases, missing_authorities_are_told);
    tcase_add_loop_test(cases, bad_option_is_refused, 0,
                        sizeof bad_options / sizeof bad_options[0]);
    tcase_add_loop_test(cases, bad_element_is_refused, 0,
                        sizeof bad_elements / sizeof bad_elements[0]);
    tcase_add_test(cases, all_is_copied_with_the_credential);
}

int main(void)
{
    return run_certificate_tests("client certificates", add);
}
