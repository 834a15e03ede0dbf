/* What an initiator makes of the server's certificate, and what comes of it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/certificate_files.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define DAY (24L * 60 * 60)

/* SECPKG_ATTR_SERVER_AUTH_FLAGS */
#define BY_MECHANISM   1u
#define BY_CERTIFICATE 2u

static struct exchange x;
static struct certificate_files authority;
static struct certificate_files server;

static void set_up(void)
{
    x = (struct exchange){.target = "TERMSRV@localhost", .mechanism = GSS_SSPI_MECH_CREDSSP};
    certificate_files_make(&authority,
                           &(struct certificate_wish){.file = "authority", .authority = true});
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
    (void)gss_release_cred(&minor, &x.server_credential);
    certificate_files_release(&server);
    certificate_files_release(&authority);
}

/* The server gets a certificate of the authority's, or with the wish's own issuer. */
static void serve(struct certificate_wish wish)
{
    wish.file = "server";
    if (wish.issuer == NULL)
        wish.issuer = &authority;
    certificate_files_make(&server, &wish);
}

static void serve_good(void)
{
    serve((struct certificate_wish){.host = "localhost"});
}

/* The logon; the first call that reads the configuration. */
static bool run(void)
{
    x.server_credential = store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_ACCEPT, NULL, "certificate",
                                           server.certificate, "private_key", server.key, NULL);
    ck_assert(x.server_credential != GSS_C_NO_CREDENTIAL);
    return exchange_run(&x);
}

/* Options that demand a certificate of the authority's; others may follow. */
static void demand_authority(const char *more)
{
    char options[1200];

    (void)snprintf(options, sizeof options,
                   "server_authentication = verify\n trusted_certificates = %s\n%s",
                   authority.certificate, more);
    with_options(options);
}

static void pin(const char *fingerprints, const char *more)
{
    char options[1200];

    (void)snprintf(options, sizeof options,
                   "server_authentication = pin\n server_fingerprints = %s\n%s", fingerprints,
                   more);
    with_options(options);
}

static uint32_t server_proof(gss_ctx_id_t context)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;
    uint32_t flags;

    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, context,
                                       (gss_OID)(uintptr_t)GSS_SSPI_INQ_SERVER_AUTH_FLAGS, &data),
        GSS_S_COMPLETE);
    ck_assert_uint_eq(data->elements[0].length, sizeof flags);
    memcpy(&flags, data->elements[0].value, sizeof flags);
    (void)gss_release_buffer_set(&minor, &data);
    return flags;
}

static void assert_proved(uint32_t proof)
{
    bool done = run();

    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    ck_assert_uint_eq(server_proof(x.client), proof);
    ck_assert_int_eq((x.client_flags & GSS_C_MUTUAL_FLAG) != 0, proof != 0);
    exchange_check_messages(&x);
}

/*
 * Refused by the client with this code and these words, after the server's first flight and before
 * anything but an alert went to it.
 */
static void assert_refused(long code, const char *words)
{
    ck_assert(!run());
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)code);
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(x.client_major), GSS_S_UNAUTHORIZED);
    ck_assert_msg(strstr(status_text(x.client_major, x.client_minor), words) != NULL, "%s",
                  status_text(x.client_major, x.client_minor));
    ck_assert_uint_eq(x.tokens, 2); /* ClientHello, and the server's flight */
}

/* --- verify --- */

START_TEST(without_a_demand_any_certificate_will_do)
{
    with_options("packages = ntlm");
    serve((struct certificate_wish){.host = "other.example.com"});
    assert_proved(0);
}
END_TEST

START_TEST(verified_certificate_proves_the_server)
{
    serve_good();
    demand_authority("packages = ntlm");
    assert_proved(BY_CERTIFICATE);
}
END_TEST

START_TEST(kerberos_and_certificate_both_prove_the_server)
{
    serve_good();
    demand_authority("");
    assert_proved(BY_MECHANISM | BY_CERTIFICATE);
    ck_assert_uint_eq(server_proof(x.server), BY_MECHANISM);
}
END_TEST

START_TEST(chain_over_an_intermediate_is_verified)
{
    struct certificate_files middle = {.der = {NULL, 0}};

    certificate_files_make(&middle, &(struct certificate_wish){
                                        .file = "middle", .authority = true, .issuer = &authority});
    serve((struct certificate_wish){.issuer = &middle});
    demand_authority("packages = ntlm");
    assert_proved(BY_CERTIFICATE);
    certificate_files_release(&middle);
}
END_TEST

/* Somebody who is no authority issues certificates. */
START_TEST(issuer_without_the_right_to_issue_is_refused)
{
    struct certificate_files middle = {.der = {NULL, 0}};

    certificate_files_make(&middle,
                           &(struct certificate_wish){.file = "middle", .issuer = &authority});
    serve((struct certificate_wish){.issuer = &middle});
    demand_authority("");
    assert_refused(GSS_SSPI_E_SERVER_UNTRUSTED, "issued by nobody who is trusted");
    certificate_files_release(&middle);
}
END_TEST

START_TEST(certificate_of_the_service_alone_will_do)
{
    serve((struct certificate_wish){.purpose = "1.3.6.1.4.1.311.54.1.2"});
    demand_authority("packages = ntlm");
    assert_proved(BY_CERTIFICATE);
}
END_TEST

START_TEST(certificate_for_clients_is_refused)
{
    serve((struct certificate_wish){.purpose = GNUTLS_KP_TLS_WWW_CLIENT});
    demand_authority("");
    assert_refused(GSS_SSPI_E_SERVER_CERTIFICATE, "purpose");
}
END_TEST

START_TEST(strange_authority_is_refused)
{
    struct certificate_files stranger = {.der = {NULL, 0}};

    certificate_files_make(&stranger,
                           &(struct certificate_wish){.file = "stranger", .authority = true});
    serve((struct certificate_wish){.issuer = &stranger});
    demand_authority("");
    assert_refused(GSS_SSPI_E_SERVER_UNTRUSTED, "TERMSRV/localhost");
    certificate_files_release(&stranger);
}
END_TEST

/* The system trusts nobody who issues certificates for tests. */
START_TEST(system_does_not_trust_it)
{
    serve_good();
    with_options("server_authentication = verify");
    ck_assert(!run());
    ck_assert(plugin_failure().minor == (OM_uint32)GSS_SSPI_E_SERVER_UNTRUSTED ||
              plugin_failure().minor == (OM_uint32)GSS_SSPI_E_TRUST);
    ck_assert_uint_eq(x.tokens, 2);
}
END_TEST

START_TEST(self_signed_certificate_can_be_trusted_by_itself)
{
    char options[1200];

    certificate_files_make(&server, &(struct certificate_wish){.file = "server"});
    (void)snprintf(options, sizeof options,
                   "packages = ntlm\nserver_authentication = verify\n trusted_certificates = %s",
                   server.certificate);
    with_options(options);
    assert_proved(BY_CERTIFICATE);
}
END_TEST

START_TEST(expired_certificate_is_refused)
{
    serve((struct certificate_wish){.begins = -2 * DAY, .ends = -DAY});
    demand_authority("");
    assert_refused(GSS_SSPI_E_SERVER_TIME, "expired");
}
END_TEST

START_TEST(certificate_of_the_future_is_refused)
{
    serve((struct certificate_wish){.begins = DAY, .ends = 2 * DAY});
    demand_authority("");
    assert_refused(GSS_SSPI_E_SERVER_TIME, "not come");
}
END_TEST

static const struct {
    const char *target;
    const char *host;
    const char *address;
    const char *common_name;
    bool good;
} names[] = {
    {"TERMSRV@localhost", "localhost", NULL, NULL, true},
    {"TERMSRV@localhost", "LOCALHOST", NULL, NULL, true},
    {"TERMSRV@localhost", "local", NULL, NULL, false},
    {"TERMSRV@localhost", "localhost.example.com", NULL, NULL, false},
    {"TERMSRV@localhost", "*", NULL, NULL, false},
    {"TERMSRV@localhost", "l*", NULL, NULL, false},
    {"TERMSRV@host.example.com", "*.example.com", NULL, NULL, true},
    {"TERMSRV@host.example.com", "host.example.com", NULL, NULL, true},
    {"TERMSRV@a.host.example.com", "*.example.com", NULL, NULL, false},
    {"TERMSRV@example.com", "*.example.com", NULL, NULL, false},
    {"TERMSRV@host.example.com", "*.com", NULL, NULL, false},
    {"TERMSRV@host.example.com:3389", "host.example.com", NULL, NULL, true},
    {"TERMSRV@127.0.0.1", NULL, "127.0.0.1", NULL, true},
    {"TERMSRV@127.0.0.1:3389", NULL, "127.0.0.1", NULL, true},
    {"TERMSRV@127.0.0.2", NULL, "127.0.0.1", NULL, false},
    {"TERMSRV@127.0.0.1", "127.0.0.1", NULL, NULL, false},
    {"TERMSRV@127.0.0.1", NULL, NULL, "127.0.0.1", false},
    {"TERMSRV@[::1]:3389", NULL, "::1", NULL, true},
    {"TERMSRV@::1", NULL, "::1", NULL, true},
    {"TERMSRV@[::2]", NULL, "::1", NULL, false},
    {"TERMSRV@localhost", NULL, "127.0.0.1", NULL, false},
};

/* RFC 6125: the name that the caller asked for, and no other. */
START_TEST(host_is_compared_with_the_target)
{
    serve((struct certificate_wish){.host = names[_i].host,
                                    .address = names[_i].address,
                                    .common_name = names[_i].common_name});
    demand_authority("packages = ntlm");
    x.target = names[_i].target;
    if (names[_i].good)
        assert_proved(BY_CERTIFICATE);
    else
        assert_refused(GSS_SSPI_E_SERVER_NAME, "not for ");
}
END_TEST

START_TEST(names_of_a_wrong_certificate_are_told)
{
    serve((struct certificate_wish){.host = "other.example.com"});
    demand_authority("");
    assert_refused(GSS_SSPI_E_SERVER_NAME, "not for localhost, but for other.example.com");
}
END_TEST

/* SubjectAltName: a SEQUENCE of dNSName [2]. DNS could have two of them. */
static unsigned char strange_names[] = "\060\136"
                                       "\202\012\033]0;title\007"
                                       "\202\020\033[2J.example.com"
                                       "\202\011two\012lines"
                                       "\202\035host.example.com\000.example.net"
                                       "\202\016\303\251.example.com"
                                       "\202\004%s%n";
static unsigned char mixed_names[] = "\060\064"
                                     "\202\015*.example.com"
                                     "\202\010\033[31mred"
                                     "\202\021other.example.com"
                                     "\202\006*.\23331m";

static const struct {
    gnutls_datum_t names;
    const char *words;
} hostile_names[] = {
    {{strange_names, sizeof strange_names - 1}, "not for localhost (names not shown: 6)"},
    {{mixed_names, sizeof mixed_names - 1},
     "not for localhost, but for *.example.com, other.example.com (names not shown: 2)"},
};

/* Nothing that a server has written for the reader's terminal gets there. */
START_TEST(names_that_dns_has_not_are_counted)
{
    serve((struct certificate_wish){.alternative_names = hostile_names[_i].names});
    demand_authority("");
    assert_refused(GSS_SSPI_E_SERVER_NAME, hostile_names[_i].words);
    for (const char *c = status_text(x.client_major, x.client_minor); *c != '\0'; c++)
        ck_assert_msg(*c >= ' ' && *c <= '~', "octet %d", *c);
}
END_TEST

START_TEST(missing_authorities_are_told)
{
    serve_good();
    with_options("server_authentication = verify\n trusted_certificates = /nonexistent/ca.pem");
    ck_assert(!run());
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TRUST);
    ck_assert(strstr(status_text(x.client_major, x.client_minor), "/nonexistent/ca.pem") != NULL);
}
END_TEST

/* --- pin --- */

START_TEST(pinned_certificate_proves_the_server)
{
    serve((struct certificate_wish){.host = "other.example.com"});
    pin(_i == 0 ? server.fingerprint : server.key_fingerprint, "packages = ntlm");
    assert_proved(BY_CERTIFICATE);
}
END_TEST

START_TEST(other_certificate_than_the_pinned_is_refused)
{
    serve_good();
    pin(_i == 0 ? authority.fingerprint : authority.key_fingerprint, "");
    assert_refused(GSS_SSPI_E_SERVER_NOT_PINNED, "TERMSRV/localhost showed");
}
END_TEST

/* One of several, for one of several targets, with colons and in small letters. */
START_TEST(pins_are_a_list)
{
    char list[1000];
    char colons[2 * FINGERPRINT_CHARACTERS] = "";
    size_t used = 0;

    serve_good();
    for (size_t i = 0; i + 1 < FINGERPRINT_CHARACTERS; i += 2)
        used += (size_t)snprintf(colons + used, sizeof colons - used, "%s%.2s", i != 0 ? ":" : "",
                                 server.fingerprint + i);
    (void)snprintf(list, sizeof list, "TERMSRV/other=%s %s TERMSRV/local*=%s",
                   authority.fingerprint, authority.key_fingerprint, colons);
    pin(list, "packages = ntlm");
    assert_proved(BY_CERTIFICATE);
}
END_TEST

START_TEST(pin_of_another_target_is_not_taken)
{
    char list[200];

    serve_good();
    (void)snprintf(list, sizeof list, "TERMSRV/other=%s", server.fingerprint);
    pin(list, "");
    assert_refused(GSS_SSPI_E_SERVER_NOT_PINNED, "TERMSRV/localhost showed");
}
END_TEST

/* --- a credential's own demand --- */

static void client_with(const char *key, const char *value, const char *key2, const char *value2)
{
    x.client_credential = store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, key, value,
                                           key2, value2, NULL);
    ck_assert(x.client_credential != GSS_C_NO_CREDENTIAL);
}

START_TEST(credential_demands_what_policy_does_not)
{
    serve_good();
    client_with("server_authentication", "pin", "server_fingerprints", authority.fingerprint);
    ck_assert(!run());
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_SERVER_NOT_PINNED);
}
END_TEST

START_TEST(credential_that_is_content_proves_the_server)
{
    serve_good();
    with_options("packages = ntlm");
    if (_i == 0)
        client_with("server_authentication", "pin", "server_fingerprints", server.fingerprint);
    else
        client_with("server_authentication", "verify", "trusted_certificates",
                    authority.certificate);
    assert_proved(BY_CERTIFICATE);
}
END_TEST

START_TEST(credential_does_not_weaken_policy)
{
    serve_good();
    pin(authority.fingerprint, "");
    client_with("server_authentication", _i == 0 ? "none" : "verify", "trusted_certificates",
                authority.certificate);
    ck_assert(!run());
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_SERVER_NOT_PINNED);
}
END_TEST

START_TEST(demand_is_copied_with_the_credential)
{
    gss_cred_id_t copy = GSS_C_NO_CREDENTIAL;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    serve_good();
    client_with("server_authentication", "pin", "server_fingerprints", authority.fingerprint);
    ck_assert_uint_eq(gss_export_cred(&minor, x.client_credential, &token), GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_import_cred(&minor, &token, &copy), GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, &token);
    (void)gss_release_cred(&minor, &x.client_credential);
    x.client_credential = copy;
    ck_assert(!run());
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_SERVER_NOT_PINNED);
}
END_TEST

static const char *const bad_elements[][2] = {
    {"server_authentication", "maybe"},
    {"server_authentication", "pin"},
    {"server_fingerprints", "12:34"},
    {"server_fingerprints", "TERMSRV/*="},
    {"server_fingerprints", "zz00000000000000000000000000000000000000000000000000000000000000"},
    {"server_fingerprints", "0000000000000000000000000000000000000000000000000000000000000000 x"},
    /* without "pin" it would pin nothing */
    {"server_fingerprints", "0000000000000000000000000000000000000000000000000000000000000000"},
};

START_TEST(bad_demand_is_refused)
{
    ck_assert(store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, bad_elements[_i][0],
                               bad_elements[_i][1], NULL) == GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
}
END_TEST

START_TEST(bad_option_is_refused)
{
    char option[200];

    (void)snprintf(option, sizeof option, "%s = %s", bad_elements[_i][0], bad_elements[_i][1]);
    with_options(option);
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CONFIGURATION);
    ck_assert(strstr(status_text(x.client_major, x.client_minor), bad_elements[_i][0]) != NULL);
}
END_TEST

/* --- delegation --- */

/* A password with the flags, to a server that only NTLM knows, and its certificate. */
static void delegate(OM_uint32 flags, const char *more)
{
    x.flags = flags;
    serve_good();
    demand_authority(more);
    x.client_credential = password_credential(GSS_SSPI_MECH_CREDSSP, "EXAMPLE\\alice",
                                              realm_variable("REALM_PASSWORD"));
}

START_TEST(password_goes_to_a_verified_server_when_mutual_is_wanted)
{
    delegate(GSS_C_DELEG_FLAG | GSS_C_MUTUAL_FLAG, "packages = ntlm");
    assert_proved(BY_CERTIFICATE);
    ck_assert(x.delegated != GSS_C_NO_CREDENTIAL);
}
END_TEST

START_TEST(verified_server_is_not_one_that_only_ntlm_proved)
{
    delegate(GSS_C_DELEG_FLAG, "packages = ntlm\n AllowFreshCredentials = TERMSRV/localhost\n"
                               " AllowFreshCredentialsWhenNTLMOnly = TERMSRV/other");
    assert_proved(BY_CERTIFICATE);
    ck_assert(x.delegated != GSS_C_NO_CREDENTIAL);
}
END_TEST

static void add_verify_tests(Suite *suite)
{
    TCase *cases = tcase_create("verify");

    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, without_a_demand_any_certificate_will_do);
    tcase_add_test(cases, verified_certificate_proves_the_server);
    tcase_add_test(cases, kerberos_and_certificate_both_prove_the_server);
    tcase_add_test(cases, chain_over_an_intermediate_is_verified);
    tcase_add_test(cases, issuer_without_the_right_to_issue_is_refused);
    tcase_add_test(cases, certificate_of_the_service_alone_will_do);
    tcase_add_test(cases, certificate_for_clients_is_refused);
    tcase_add_test(cases, strange_authority_is_refused);
    tcase_add_test(cases, system_does_not_trust_it);
    tcase_add_test(cases, self_signed_certificate_can_be_trusted_by_itself);
    tcase_add_test(cases, expired_certificate_is_refused);
    tcase_add_test(cases, certificate_of_the_future_is_refused);
    tcase_add_loop_test(cases, host_is_compared_with_the_target, 0, sizeof names / sizeof names[0]);
    tcase_add_test(cases, names_of_a_wrong_certificate_are_told);
    tcase_add_loop_test(cases, names_that_dns_has_not_are_counted, 0,
                        sizeof hostile_names / sizeof hostile_names[0]);
    tcase_add_test(cases, missing_authorities_are_told);
    suite_add_tcase(suite, cases);
}

static void add_other_tests(Suite *suite)
{
    TCase *cases = tcase_create("pin, credentials, delegation");

    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, pinned_certificate_proves_the_server, 0, 2);
    tcase_add_loop_test(cases, other_certificate_than_the_pinned_is_refused, 0, 2);
    tcase_add_test(cases, pins_are_a_list);
    tcase_add_test(cases, pin_of_another_target_is_not_taken);
    tcase_add_test(cases, credential_demands_what_policy_does_not);
    tcase_add_loop_test(cases, credential_that_is_content_proves_the_server, 0, 2);
    tcase_add_loop_test(cases, credential_does_not_weaken_policy, 0, 2);
    tcase_add_test(cases, demand_is_copied_with_the_credential);
    tcase_add_loop_test(cases, bad_demand_is_refused, 0,
                        sizeof bad_elements / sizeof bad_elements[0]);
    tcase_add_loop_test(cases, bad_option_is_refused, 0,
                        sizeof bad_elements / sizeof bad_elements[0]);
    tcase_add_test(cases, password_goes_to_a_verified_server_when_mutual_is_wanted);
    tcase_add_test(cases, verified_server_is_not_one_that_only_ntlm_proved);
    suite_add_tcase(suite, cases);
}

int main(void)
{
    Suite *suite = suite_create("server authentication");

    add_verify_tests(suite);
    add_other_tests(suite);
    return run_suite(suite);
}
