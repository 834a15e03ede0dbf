/* What a server does with a delegated credential: second hops, credential caches, no KDC. */
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/delegation_fixture.h"

static const gss_OID_desc *hop_mechanism(int i)
{
    const gss_OID_desc *mechanisms[] = {&krb5_oid, &spnego_oid, GSS_SSPI_MECH_NEGOTIATE,
                                        GSS_SSPI_MECH_CREDSSP};

    return mechanisms[i];
}

#define HOP_MECHANISMS 4

START_TEST(forwarded_ticket_goes_on)
{
    with_options("AllowDefaultCredentials = TERMSRV/*");
    assert_logged_on();
    without_tickets();
    assert_second_hop(hop_mechanism(_i), x.delegated, "alice@EXAMPLE.TEST");
}
END_TEST

/* A credential cache of the realm's directory, in static memory. */
static char *cache_name(const char *name)
{
    static char text[512];

    (void)snprintf(text, sizeof text, "FILE:%s/%s", realm_variable("REALM_DIR"), name);
    return text;
}

static OM_uint32 store(gss_cred_id_t credential, const char *cache, bool overwrite)
{
    gss_key_value_element_desc element = {"ccache", cache};
    gss_key_value_set_desc place = {1, &element};
    OM_uint32 minor;

    return gss_store_cred_into(&minor, credential, GSS_C_INITIATE, GSS_C_NO_OID, overwrite, 1,
                               &place, NULL, NULL);
}

/* A ticket, or a password whose ticket is acquired for it; what is stored logs on as the user. */
START_TEST(delegated_credential_is_stored)
{
    char *cache = cache_name(_i == 0 ? "ticket" : "password");

    with_options("AllowDefaultCredentials = TERMSRV/*");
    if (_i != 0)
        use_password("EXAMPLE\\alice");
    assert_logged_on();
    without_tickets();
    ck_assert_uint_eq(store(x.delegated, cache, false), GSS_S_COMPLETE);
    ck_assert_uint_eq(store(x.delegated, cache, true), GSS_S_COMPLETE);
    ck_assert_int_eq(setenv("KRB5CCNAME", cache, 1), 0);
    assert_second_hop(&krb5_oid, GSS_C_NO_CREDENTIAL, "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(delegated_credential_is_stored_in_the_default_cache)
{
    OM_uint32 minor;

    use_password("alice@EXAMPLE.TEST");
    assert_logged_on();
    ck_assert_int_eq(setenv("KRB5CCNAME", cache_name("default"), 1), 0);
    ck_assert_uint_eq(gss_store_cred(&minor, x.delegated, GSS_C_INITIATE,
                                     _i == 0 ? GSS_C_NO_OID : (gss_OID)(uintptr_t)&krb5_oid, 1, 1,
                                     NULL, NULL),
                      GSS_S_COMPLETE);
    assert_second_hop(GSS_SSPI_MECH_NEGOTIATE, GSS_C_NO_CREDENTIAL, "alice@EXAMPLE.TEST");
}
END_TEST

/* A realm whose KDC is a port that nobody listens on; clients log on by NTLM. */
static void lose_the_kdc(void)
{
    char path[512];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/no-kdc.conf", realm_variable("REALM_DIR"));
    file = fopen(path, "w");
    ck_assert(file != NULL);
    ck_assert_int_gt(fputs("[libdefaults]\n default_realm = EXAMPLE.TEST\n"
                           " dns_lookup_kdc = false\n udp_preference_limit = 1\n"
                           "[realms]\n EXAMPLE.TEST = {\n  kdc = 127.0.0.1:1\n }\n"
                           "[domain_realm]\n localhost = EXAMPLE.TEST\n"
                           "[appdefaults]\n gss-sspi = {\n  self_signed_key = ecdsa\n }\n",
                           file),
                     0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(setenv("KRB5_CONFIG", path, 1), 0);
}

/* The logon is NTLM's; what Kerberos could do with the password shows when somebody wants it. */
START_TEST(unreachable_kdc_does_not_fail_the_logon)
{
    struct exchange hop = {.target = "HTTP@localhost", .mechanism = &krb5_oid};

    lose_the_kdc();
    without_tickets();
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    ck_assert(x.server_flags & GSS_C_DELEG_FLAG);
    hop.client_credential = x.delegated;
    ck_assert(!exchange_run(&hop));
    exchange_reset(&hop);
    assert_second_hop(&ntlm_oid, x.delegated, "EXAMPLE\\alice");
    assert_second_hop(GSS_SSPI_MECH_NEGOTIATE, x.delegated, "EXAMPLE\\alice");
    ck_assert(GSS_ERROR(store(x.delegated, cache_name("nothing"), true)));
}
END_TEST

/*
 * The mechglue takes the process' own credential where one has no element for the mechanism. The server
 * has bob's ticket, and must not use it for alice's second hop.
 */
START_TEST(password_without_ticket_does_not_become_the_server)
{
    const gss_OID_desc *const mechanisms[] = {&krb5_oid, NULL};
    struct exchange hop = {.target = "HTTP@localhost", .mechanism = mechanisms[_i]};
    char *realm = strdup(realm_variable("KRB5_CONFIG"));
    char *cache = strdup(realm_variable("KRB5CCNAME"));
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    lose_the_kdc();
    without_tickets();
    use_password("EXAMPLE\\alice");
    assert_logged_on();
    ck_assert_int_eq(setenv("KRB5_CONFIG", realm, 1), 0);
    ck_assert_int_eq(setenv("KRB5CCNAME", cache, 1), 0);
    hop.client_credential = x.delegated;
    ck_assert(!exchange_run(&hop));
    ck_assert_uint_eq(hop.client_minor, (OM_uint32)KRB5KRB_AP_ERR_TKT_EXPIRED);
    exchange_reset(&hop);
    /* It is alice's all the same. */
    ck_assert_uint_eq(gss_inquire_cred(&minor, x.delegated, &name, NULL, NULL, NULL),
                      GSS_S_COMPLETE);
    (void)gss_release_name(&minor, &name);
    assert_second_hop(GSS_SSPI_MECH_NEGOTIATE, x.delegated, "alice@EXAMPLE.TEST");
    free(realm);
    free(cache);
}
END_TEST

/* Negotiate need not be registered for a delegated password to be a credential. */
START_TEST(password_where_credssp_alone_is_registered)
{
    char path[512];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/credssp-alone.conf", realm_variable("REALM_DIR"));
    file = fopen(path, "w");
    ck_assert(file != NULL);
    ck_assert_int_gt(
        fprintf(file, "credssp 2.25.3579557143683582521.1 %s\n", realm_variable("REALM_MODULE")),
        0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(setenv("GSS_MECH_CONFIG", path, 1), 0);
    use_password("alice@EXAMPLE.TEST");
    assert_logged_on();
    ck_assert(x.delegated != GSS_C_NO_CREDENTIAL);
    assert_second_hop(&krb5_oid, x.delegated, "alice@EXAMPLE.TEST");
    assert_second_hop(GSS_SSPI_MECH_CREDSSP, x.delegated, "alice@EXAMPLE.TEST");
}
END_TEST

/* A forwarded ticket has nothing for NTLM, and no credential of the server's takes its place. */
START_TEST(forwarded_ticket_does_not_become_the_server)
{
    struct exchange hop = {.target = "HTTP@localhost"};

    with_options("AllowDefaultCredentials = TERMSRV/*");
    assert_logged_on();
    without_tickets();
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent", 1), 0);
    hop.mechanism = hop_mechanism(2 + _i);
    hop.client_credential = x.delegated;
    hop.target = "NOSUCH@localhost"; /* that Kerberos does not know, so that NTLM would be next */
    ck_assert(!exchange_run(&hop));
    ck_assert(GSS_ERROR(hop.client_major));
    exchange_reset(&hop);
}
END_TEST

static void add_second_hop_tests(TCase *cases)
{
    tcase_add_loop_test(cases, forwarded_ticket_goes_on, 0, HOP_MECHANISMS);
    tcase_add_loop_test(cases, delegated_credential_is_stored, 0, 2);
    tcase_add_loop_test(cases, delegated_credential_is_stored_in_the_default_cache, 0, 2);
    tcase_add_test(cases, unreachable_kdc_does_not_fail_the_logon);
    tcase_add_test(cases, password_where_credssp_alone_is_registered);
    tcase_add_loop_test(cases, password_without_ticket_does_not_become_the_server, 0, 2);
    tcase_add_loop_test(cases, forwarded_ticket_does_not_become_the_server, 0, 2);
}

int main(void)
{
    return run_delegation_tests("second hop", add_second_hop_tests);
}
