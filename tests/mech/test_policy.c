/* Policy from inside: patterns, package lists, who may delegate, and what krb5.conf says. */
#include "mech/policy.h"
#include "mech/status.h"

#include <check.h> /* behind status.h: it makes a macro of fail() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

/* A changed krb5.conf is seen within this time. */
#define CHANGE_SEEN_SECONDS 2

static const struct {
    const char *pattern;
    const char *text;
    bool matches;
} patterns[] = {
    {"TERMSRV/host", "TERMSRV/host", true},
    {"termsrv/HOST", "TERMSRV/host", true},
    {"TERMSRV/host", "TERMSRV/hosts", false},
    {"TERMSRV/host", "TERMSRV/hos", false},
    {"*", "TERMSRV/host", true},
    {"*", "", true},
    {"", "", true},
    {"", "x", false},
    {"TERMSRV/*", "TERMSRV/host", true},
    {"TERMSRV/*", "TERMSRV/", true},
    {"TERMSRV/*", "TERMSRV", false},
    {"TERMSRV/*", "HTTP/TERMSRV/host", false},
    {"*.example.com", "TERMSRV/host.example.com", true},
    {"*.example.com", "TERMSRV/host.example.com.evil.test", false},
    {"*.EXAMPLE.com", "TERMSRV/host.Example.COM", true},
    {"TERMSRV/*.example.com", "TERMSRV/host.example.com", true},
    {"TERMSRV/*.example.com", "TERMSRV/.example.com", true},
    {"TERMSRV/*.example.com", "HTTP/host.example.com", false},
    {"ab*ba", "aba", false}, /* both halves need octets of their own */
    {"ab*ba", "abba", true},
    {"*a*", "xax", false}, /* more than one star matches nothing */
    {"**", "x", false},
    {"TERMSRV/h?st", "TERMSRV/host", false}, /* no other wildcard */
};

START_TEST(pattern_matches)
{
    ck_assert_msg(policy_pattern_matches(patterns[_i].pattern, strlen(patterns[_i].pattern),
                                         patterns[_i].text) == patterns[_i].matches,
                  "\"%s\" and \"%s\"", patterns[_i].pattern, patterns[_i].text);
}
END_TEST

START_TEST(pattern_ends_at_its_length)
{
    ck_assert(policy_pattern_matches("HTTP/a TERMSRV/*", 6, "HTTP/a"));
    ck_assert(!policy_pattern_matches("HTTP/a TERMSRV/*", 6, "TERMSRV/a"));
}
END_TEST

static const struct {
    const char *text;
    bool usable, kerberos, ntlm;
} package_lists[] = {
    {"", true, true, true},
    {"kerberos,ntlm", true, true, true},
    {"kerberos", true, true, false},
    {"ntlm", true, false, true},
    {"NTLM", true, false, true},
    {"Kerberos", true, true, false},
    {"!ntlm", true, true, false},
    {"!kerberos", true, false, true},
    {" kerberos , ntlm ", true, true, true},
    {"kerberos\tntlm", true, true, true},
    {"kerberos,ntlm,!ntlm", true, true, false},
    {"!ntlm,ntlm,kerberos", true, true, false},
    {"pku2u,ntlm", true, false, true},
    {"!pku2u", true, true, true},
    {",,kerberos,,", true, true, false},
    {"pku2u", false, false, false},
    {"!kerberos,!ntlm", false, false, false},
    {"kerberos,!kerberos", false, false, false},
    {"kerberosx", false, false, false},
    {"ntl", false, false, false},
    {"1.2.840.113554.1.2.2", true, true, false},
    {"!1.3.6.1.4.1.311.2.2.10", true, true, false},
};

START_TEST(package_list_is_read)
{
    const char *text = package_lists[_i].text;
    struct package_list packages;

    ck_assert(package_list_parse(text, strlen(text), &packages) == package_lists[_i].usable);
    ck_assert_msg(package_list_has(&packages, INNER_KERBEROS) == package_lists[_i].kerberos &&
                      package_list_has(&packages, INNER_NTLM) == package_lists[_i].ntlm,
                  "\"%s\"", text);
}
END_TEST

static const struct {
    const char *text;
    const char *order;
} package_orders[] = {
    {"", "kerberos,ntlm"},
    {"ntlm,kerberos", "ntlm,kerberos"},
    {"NTLM,kerberos,ntlm", "ntlm,kerberos"},
    {"negoex,ntlm", "ntlm"},
};

START_TEST(package_list_has_an_order)
{
    const char *text = package_orders[_i].text;
    struct package_list packages;
    char *order;

    ck_assert(package_list_parse(text, strlen(text), &packages));
    order = package_list_text(&packages);
    ck_assert_str_eq(order, package_orders[_i].order);
    free(order);
}
END_TEST

START_TEST(package_list_ends_at_its_length)
{
    struct package_list packages;

    ck_assert(package_list_parse("ntlm,kerberos", 4, &packages));
    ck_assert(!package_list_has(&packages, INNER_KERBEROS));
}
END_TEST

static const struct {
    const char *target;
    const char *packages;
} targets[] = {
    {"HTTP/www.example.com", "kerberos"},      {"http/WWW.EXAMPLE.COM", "kerberos"},
    {"HTTP/www.example.org", "ntlm,kerberos"}, {"cifs/old.example.com", "ntlm"},
    {"cifs/new.example.com", "kerberos,ntlm"},
};

/* The first pattern that matches decides; without one the list of every target does. */
START_TEST(packages_depend_on_the_target)
{
    static char lists[] = "HTTP/*.example.com=!ntlm HTTP/*=ntlm,kerberos\tcifs/old.*=ntlm";
    struct policy policy = {.target_packages = lists};
    struct package_list packages;
    char *text;

    ck_assert(package_list_parse("", 0, &policy.packages));
    policy_packages_for(&policy, targets[_i].target, &packages);
    text = package_list_text(&packages);
    ck_assert_str_eq(text, targets[_i].packages);
    free(text);
}
END_TEST

/* Host "both" is on both lists, and so on. */
static struct delegation_policy lists_for(enum credentials_kind kind)
{
    static char none[] = "";
    static char proved[] = "TERMSRV/both TERMSRV/proved  TERMSRV/denied";
    static char ntlm[] = "TERMSRV/both\tTERMSRV/ntlm TERMSRV/denied";
    static char deny[] = "TERMSRV/denied";
    struct delegation_policy policy = {.allow = {{none, none}, {none, none}, {none, none}},
                                       .deny = {none, none, none}};

    policy.allow[kind][0] = proved;
    policy.allow[kind][1] = ntlm;
    policy.deny[kind] = deny;
    return policy;
}

static const struct {
    const char *target;
    enum server_proof proof;
    enum delegation_answer answer;
} delegations[] = {
    {"TERMSRV/both", SERVER_NOT_KNOWN_YET, DELEGATION_ALLOWED},
    {"TERMSRV/both", SERVER_PROVED, DELEGATION_ALLOWED},
    {"TERMSRV/both", SERVER_PROVED_NTLM, DELEGATION_ALLOWED},
    {"termsrv/BOTH", SERVER_PROVED, DELEGATION_ALLOWED},
    {"TERMSRV/proved", SERVER_NOT_KNOWN_YET, DELEGATION_ALLOWED},
    {"TERMSRV/proved", SERVER_PROVED, DELEGATION_ALLOWED},
    {"TERMSRV/proved", SERVER_PROVED_NTLM, DELEGATION_DENIED_NTLM_ONLY},
    {"TERMSRV/ntlm", SERVER_NOT_KNOWN_YET, DELEGATION_ALLOWED},
    {"TERMSRV/ntlm", SERVER_PROVED, DELEGATION_DENIED},
    {"TERMSRV/ntlm", SERVER_PROVED_NTLM, DELEGATION_ALLOWED},
    {"TERMSRV/none", SERVER_NOT_KNOWN_YET, DELEGATION_DENIED},
    {"TERMSRV/none", SERVER_PROVED, DELEGATION_DENIED},
    {"TERMSRV/none", SERVER_PROVED_NTLM, DELEGATION_DENIED},
    {"TERMSRV/denied", SERVER_NOT_KNOWN_YET, DELEGATION_DENIED},
    {"TERMSRV/denied", SERVER_PROVED, DELEGATION_DENIED},
    {"TERMSRV/denied", SERVER_PROVED_NTLM, DELEGATION_DENIED},
    {"", SERVER_PROVED, DELEGATION_DENIED},
};

START_TEST(delegation_is_answered)
{
    for (int kind = 0; kind < CREDENTIALS_KINDS; kind++) {
        struct delegation_policy policy = lists_for((enum credentials_kind)kind);

        for (int asked = 0; asked < CREDENTIALS_KINDS; asked++)
            ck_assert_int_eq(delegation_policy_allows(&policy, (enum credentials_kind)asked,
                                                      delegations[_i].proof,
                                                      delegations[_i].target),
                             asked == kind ? delegations[_i].answer : DELEGATION_DENIED);
    }
}
END_TEST

static const struct {
    const char *line;
    const char *option;
} bad_options[] = {
    {"packages = pku2u", "packages"},
    {"packages = !kerberos,!ntlm", "packages"},
    {"target_packages = HTTP/*", "target_packages"},
    {"target_packages = HTTP/*=pku2u", "target_packages"},
    {"target_packages = HTTP/*=ntlm =kerberos", "target_packages"},
    {"channel_bindings = sometimes", "channel_bindings"},
    {"minimum_version = 1", "minimum_version"},
    {"minimum_version = 7", "minimum_version"},
    {"minimum_version = 55", "minimum_version"},
    {"minimum_version = five", "minimum_version"},
    {"minimum_version_client = 1", "minimum_version_client"},
    {"minimum_version_server = 7", "minimum_version_server"},
    {"self_signed_key = dsa", "self_signed_key"},
    {"certificate = /etc/server.pem", "certificate"},
    {"private_key = /etc/server.key", "private_key"},
};

START_TEST(bad_option_is_named)
{
    OM_uint32 minor = 0;

    with_options(bad_options[_i].line);
    ck_assert(policy_acquire(&minor) == NULL);
    ck_assert_uint_eq(minor, (OM_uint32)GSS_SSPI_E_CONFIGURATION);
    ck_assert_msg(strstr(last_failure_text(), bad_options[_i].option) != NULL, "%s",
                  last_failure_text());
}
END_TEST

START_TEST(bad_option_refuses_every_logon)
{
    struct exchange x = {.target = "host@localhost"};
    const gss_OID_desc *mechanism = _i == 0 ? GSS_SSPI_MECH_CREDSSP : GSS_SSPI_MECH_NEGOTIATE;

    with_options("minimum_version = 7");
    x.mechanism = mechanism;
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(x.client_major, GSS_S_FAILURE);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CONFIGURATION);
    ck_assert(strstr(status_text(x.client_major, x.client_minor), "minimum_version") != NULL);
    exchange_reset(&x);
}
END_TEST

static char config_path[512];

/* Makes a file with this text the only configuration. */
#define FINGERPRINT "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void configure(const char *text)
{
    FILE *file;

    (void)snprintf(config_path, sizeof config_path, "%s/policy.conf", realm_variable("REALM_DIR"));
    file = fopen(config_path, "w");
    ck_assert(file != NULL);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(setenv("KRB5_CONFIG", config_path, 1), 0);
}

static void assert_policy(const struct policy *policy, const char *expected)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(policy_describe(&minor, policy, &text), GSS_S_COMPLETE);
    ck_assert_msg(text.length == strlen(expected) && memcmp(text.value, expected, text.length) == 0,
                  "%.*s", (int)text.length, (const char *)text.value);
    (void)gss_release_buffer(&minor, &text);
}

START_TEST(defaults_are_those_of_windows)
{
    struct policy *policy;
    OM_uint32 minor = 0;

    configure("[libdefaults]\n default_realm = EXAMPLE.TEST\n");
    policy = policy_acquire(&minor);
    ck_assert(policy != NULL);
    assert_policy(policy, "AllowFreshCredentials = TERMSRV/*\n"
                          "AllowFreshCredentialsWhenNTLMOnly = TERMSRV/*\n"
                          "DenyFreshCredentials = \n"
                          "AllowSavedCredentials = TERMSRV/*\n"
                          "AllowSavedCredentialsWhenNTLMOnly = \n"
                          "DenySavedCredentials = \n"
                          "AllowDefaultCredentials = \n"
                          "AllowDefCredentialsWhenNTLMOnly = \n"
                          "DenyDefaultCredentials = \n"
                          "packages = kerberos,ntlm\n"
                          "target_packages = \n"
                          "channel_bindings = when_supplied\n"
                          "minimum_version = 5\n"
                          "minimum_version_client = 5\n"
                          "minimum_version_server = 5\n"
                          "certificate = \n"
                          "private_key = \n"
                          "self_signed_key = rsa\n"
                          "tls_priority = \n"
                          "state_directory = \n"
                          "server_authentication = none\n"
                          "trusted_certificates = \n"
                          "server_fingerprints = \n"
                          "client_certificate = none\n"
                          "trusted_client_certificates = \n"
                          "client_certificate_file = \n"
                          "client_private_key = \n");
    ck_assert(policy->certificate == NULL && policy->private_key == NULL);
    ck_assert(policy->tls_priority == NULL);
    policy_release(policy);
}
END_TEST

START_TEST(every_option_is_read)
{
    struct policy *policy;
    OM_uint32 minor = 0;

    configure("[appdefaults]\n gss-sspi = {\n"
              "  AllowFreshCredentials = a/* b/*\n"
              "  AllowFreshCredentialsWhenNTLMOnly = c/*\n"
              "  AllowDefaultCredentials = d/*\n"
              "  AllowDefCredentialsWhenNTLMOnly = e/*\n"
              "  DenyFreshCredentials = f/*\n"
              "  DenyDefaultCredentials = g/*\n"
              "  AllowSavedCredentials = h/*\n"
              "  AllowSavedCredentialsWhenNTLMOnly = i/*\n"
              "  DenySavedCredentials = j/*\n"
              "  packages = NTLM\n"
              "  target_packages = HTTP/*=kerberos cifs/a=!ntlm\n"
              "  channel_bindings = Required\n"
              "  minimum_version = 2\n"
              "  minimum_version_client = 6\n"
              "  certificate = /etc/server.pem\n"
              "  private_key = /etc/server.key\n"
              "  self_signed_key = ECDSA\n"
              "  tls_priority = NORMAL\n"
              "  state_directory = /var/lib/state\n"
              "  server_authentication = Verify\n"
              "  trusted_certificates = /etc/ca.pem\n"
              "  server_fingerprints = " FINGERPRINT "\n"
              "  client_certificate = Require\n"
              "  trusted_client_certificates = /etc/clients.pem\n"
              "  client_certificate_file = /etc/client.pem\n"
              "  client_private_key = /etc/client.key\n"
              " }\n");
    policy = policy_acquire(&minor);
    ck_assert_msg(policy != NULL, "%s", last_failure_text());
    assert_policy(policy, "AllowFreshCredentials = a/* b/*\n"
                          "AllowFreshCredentialsWhenNTLMOnly = c/*\n"
                          "DenyFreshCredentials = f/*\n"
                          "AllowSavedCredentials = h/*\n"
                          "AllowSavedCredentialsWhenNTLMOnly = i/*\n"
                          "DenySavedCredentials = j/*\n"
                          "AllowDefaultCredentials = d/*\n"
                          "AllowDefCredentialsWhenNTLMOnly = e/*\n"
                          "DenyDefaultCredentials = g/*\n"
                          "packages = ntlm\n"
                          "target_packages = HTTP/*=kerberos cifs/a=!ntlm\n"
                          "channel_bindings = required\n"
                          "minimum_version = 2\n"
                          "minimum_version_client = 6\n"
                          "minimum_version_server = 2\n"
                          "certificate = /etc/server.pem\n"
                          "private_key = /etc/server.key\n"
                          "self_signed_key = ecdsa\n"
                          "tls_priority = NORMAL\n"
                          "state_directory = /var/lib/state\n"
                          "server_authentication = verify\n"
                          "trusted_certificates = /etc/ca.pem\n"
                          "server_fingerprints = " FINGERPRINT "\n"
                          "client_certificate = require\n"
                          "trusted_client_certificates = /etc/clients.pem\n"
                          "client_certificate_file = /etc/client.pem\n"
                          "client_private_key = /etc/client.key\n");
    policy_release(policy);
}
END_TEST

/* What depends on the computer, and a list under its other name. */
START_TEST(saved_credentials_over_ntlm_depend_on_the_domain)
{
    struct policy *policy;
    OM_uint32 minor = 0;

    configure("[libdefaults]\n dns_lookup_realm = false\n[appdefaults]\n gss-sspi = {\n"
              "  AllowDefaultCredentialsWhenNTLMOnly = k/*\n }\n");
    policy = policy_acquire(&minor);
    ck_assert_msg(policy != NULL, "%s", last_failure_text());
    ck_assert_str_eq(policy->delegation.allow[SAVED_CREDENTIALS][1], "TERMSRV/*");
    ck_assert_str_eq(policy->delegation.allow[DEFAULT_CREDENTIALS][1], "k/*");
    policy_release(policy);
}
END_TEST

START_TEST(broken_krb5_conf_is_reported)
{
    OM_uint32 minor = 0;

    configure("[appdefaults\n");
    ck_assert(policy_acquire(&minor) == NULL);
    ck_assert_uint_eq(minor, (OM_uint32)GSS_SSPI_E_CONFIGURATION);
    ck_assert(strstr(last_failure_text(), "krb5.conf") != NULL);
}
END_TEST

/* A policy that somebody holds does not change; the next one that is acquired does. */
START_TEST(change_of_krb5_conf_is_seen)
{
    struct policy *first;
    struct policy *second;
    OM_uint32 minor = 0;

    configure("[appdefaults]\n gss-sspi = {\n  minimum_version = 6\n }\n");
    first = policy_acquire(&minor);
    ck_assert(first != NULL);
    ck_assert_int_eq(first->minimum_version, 6);
    configure("[appdefaults]\n gss-sspi = {\n  minimum_version = 9\n }\n");
    sleep(CHANGE_SEEN_SECONDS);
    ck_assert(policy_acquire(&minor) == NULL); /* the old one does not live on */
    ck_assert_int_eq(first->minimum_version, 6);
    configure("[appdefaults]\n gss-sspi = {\n  minimum_version = 3\n }\n");
    sleep(CHANGE_SEEN_SECONDS);
    second = policy_acquire(&minor);
    ck_assert(second != NULL);
    ck_assert_int_eq(second->minimum_version, 3);
    ck_assert_int_eq(first->minimum_version, 6);
    policy_release(first);
    policy_release(second);
}
END_TEST

START_TEST(policy_can_be_asked_through_the_mechglue)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    with_options("minimum_version = 6");
    ck_assert_uint_eq(gssspi_mech_invoke(&minor, (gss_OID)(uintptr_t)GSS_SSPI_MECH_CREDSSP,
                                         (gss_OID)(uintptr_t)GSS_SSPI_POLICY, &text),
                      GSS_S_COMPLETE);
    ck_assert(memmem(text.value, text.length, "minimum_version = 6\n", 20) != NULL);
    (void)gss_release_buffer(&minor, &text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy");
    TCase *cases = tcase_create("policy");

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, pattern_matches, 0, COUNT(patterns));
    tcase_add_test(cases, pattern_ends_at_its_length);
    tcase_add_loop_test(cases, package_list_is_read, 0, COUNT(package_lists));
    tcase_add_loop_test(cases, package_list_has_an_order, 0, COUNT(package_orders));
    tcase_add_test(cases, package_list_ends_at_its_length);
    tcase_add_loop_test(cases, packages_depend_on_the_target, 0, COUNT(targets));
    tcase_add_loop_test(cases, delegation_is_answered, 0, COUNT(delegations));
    tcase_add_loop_test(cases, bad_option_is_named, 0, COUNT(bad_options));
    tcase_add_loop_test(cases, bad_option_refuses_every_logon, 0, 2);
    tcase_add_test(cases, defaults_are_those_of_windows);
    tcase_add_test(cases, every_option_is_read);
    tcase_add_test(cases, saved_credentials_over_ntlm_depend_on_the_domain);
    tcase_add_test(cases, broken_krb5_conf_is_reported);
    tcase_add_test(cases, change_of_krb5_conf_is_seen);
    tcase_add_test(cases, policy_can_be_asked_through_the_mechglue);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
