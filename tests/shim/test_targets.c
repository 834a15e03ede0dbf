/* Names of servers, against principals of a real KDC; and the hosts in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/shim/supplied.h"
#include "tests/runner.h"

/* What Windows registers services as, beside those of the realm. */
static void add_principals(void)
{
    static const char *const principals[] = {"MSSQLSvc/localhost:1433",
                                             "MSSQLSvc/localhost:SQLEXPRESS",
                                             "ldap/localhost/example.test",
                                             "E3514235/localhost:88/example.test",
                                             "host/127.0.0.1",
                                             "host/server",
                                             "SERVER$",
                                             "svc",
                                             "HTTP/::1"};
    char command[512];

    for (size_t i = 0; i < sizeof principals / sizeof principals[0]; i++) {
        (void)snprintf(command, sizeof command,
                       "PATH=$PATH:/usr/sbin; "
                       "{ kadmin.local -r \"$REALM\" -q 'addprinc -randkey %s' && "
                       "kadmin.local -r \"$REALM\" -q \"ktadd -k $REALM_DIR/keytab %s\"; } "
                       ">\"$REALM_DIR/kadmin.targets\" 2>&1",
                       principals[i], principals[i]);
        ck_assert_int_eq(system(command), 0);
    }
}

static bool log_on_to(const char *package, const char *target)
{
    party_init(&client, true, package);
    party_init(&server, false, package);
    party_must_acquire(&client, NULL);
    party_must_acquire(&server, NULL);
    client.target = TEXT_OF(target);
    return log_on(&client, &server, 0);
}

/* The principal that the ticket is for. */
static void assert_principal(const char *expected)
{
    SecPkgContext_GssContext gss;
    gss_name_t name = GSS_C_NO_NAME;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    ck_assert_uint_eq(
        gss_inquire_context(&minor, gss.Context, NULL, &name, NULL, NULL, NULL, NULL, NULL),
        GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_display_name(&minor, name, &text, NULL), GSS_S_COMPLETE);
    ck_assert_uint_eq(text.length, strlen(expected));
    ck_assert_mem_eq(text.value, expected, text.length);
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &name);
}

/* The realm of a host that krb5.conf does not know is found by asking the KDC, and not told. */
static const struct {
    const char *target;
    const char *principal;
} kerberos_targets[] = {
    {"HTTP/localhost", "HTTP/localhost@EXAMPLE.TEST"},
    {"HTTP/LOCALHOST", "HTTP/localhost@EXAMPLE.TEST"},
    {"HTTP/localhost@EXAMPLE.TEST", "HTTP/localhost@EXAMPLE.TEST"},
    {"localhost", "host/localhost@EXAMPLE.TEST"},
    {"localhost:3389", "host/localhost@EXAMPLE.TEST"},
    {"MSSQLSvc/localhost:1433", "MSSQLSvc/localhost:1433@EXAMPLE.TEST"},
    {"MSSQLSvc/localhost:1433@EXAMPLE.TEST", "MSSQLSvc/localhost:1433@EXAMPLE.TEST"},
    {"MSSQLSvc/localhost:SQLEXPRESS", "MSSQLSvc/localhost:SQLEXPRESS@EXAMPLE.TEST"},
    {"ldap/localhost/example.test", "ldap/localhost/example.test@EXAMPLE.TEST"},
    {"ldap/localhost/example.test@EXAMPLE.TEST", "ldap/localhost/example.test@EXAMPLE.TEST"},
    {"E3514235/localhost:88/example.test", "E3514235/localhost:88/example.test@EXAMPLE.TEST"},
    {"host/127.0.0.1", "host/127.0.0.1@"},
    {"127.0.0.1", "host/127.0.0.1@"},
    {"HTTP/::1", "HTTP/::1@"},
    {"SERVER", "host/server@"},
    {"SERVER$", "SERVER$@EXAMPLE.TEST"},
    {"EXAMPLE\\SERVER$", "SERVER$@EXAMPLE.TEST"},
    {"svc@EXAMPLE.TEST", "svc@EXAMPLE.TEST"},
    {"svc@example.test", "svc@EXAMPLE.TEST"},
    {"EXAMPLE\\svc", "svc@EXAMPLE.TEST"},
    {"example.test\\svc", "svc@EXAMPLE.TEST"},
};

START_TEST(kerberos_finds_the_principal)
{
    static const char *const packages[] = {"Kerberos", "Negotiate"};

    for (size_t i = 0; i < 2; i++) {
        ck_assert_msg(log_on_to(packages[i], kerberos_targets[_i].target), "%s: %s: %s",
                      packages[i], kerberos_targets[_i].target, SspiGssStatusText());
        assert_principal(kerberos_targets[_i].principal);
        party_end(&client);
        party_end(&server);
    }
}
END_TEST

START_TEST(kerberos_knows_no_such_server)
{
    static const char *const targets[] = {
        "cifs/localhost",       "HTTP/localhost:8080", "ldap/localhost/other.test",
        "nowhere.example.test", "HTTP/192.0.2.7",      "nobody@EXAMPLE.TEST"};

    ck_assert(!log_on_to("Kerberos", targets[_i]));
    ck_assert_msg(client.status == SEC_E_TARGET_UNKNOWN, "%s", SspiGssStatusText());
    party_end(&client);
    party_end(&server);
}
END_TEST

/* NTLM needs no principal: any name of a server will do. */
START_TEST(ntlm_takes_every_name)
{
    static const char *const more[] = {"cifs/localhost", "HTTP/192.0.2.7", "HTTP/[::1]:80", "",
                                       NULL};
    const int count = (int)(sizeof kerberos_targets / sizeof kerberos_targets[0]);
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    party_init(&client, true, "NTLM");
    party_init(&server, false, "NTLM");
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
    client.target = TEXT_OF(_i < count ? kerberos_targets[_i].target : more[_i - count]);
    ck_assert_msg(log_on(&client, &server, 0), "%s: %s", client.target, SspiGssStatusText());
    party_end(&client);
    party_end(&server);
}
END_TEST

START_TEST(negotiate_falls_back_where_kerberos_knows_no_server)
{
    static const char *const targets[] = {"cifs/localhost", "HTTP/192.0.2.7", "nobody@EXAMPLE.TEST",
                                          "EXAMPLE\\nobody", "HTTP/localhost:8080"};
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    party_init(&client, true, "Negotiate");
    party_init(&server, false, "Negotiate");
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
    client.target = TEXT_OF(targets[_i]);
    client.request &= ~(ULONG)ISC_REQ_MUTUAL_AUTH;
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    assert_package("NTLM");
    party_end(&client);
    party_end(&server);
}
END_TEST

START_TEST(names_that_are_none)
{
    static const char *const targets[] = {"/localhost",
                                          "HTTP/",
                                          "HTTP//localhost",
                                          "HTTP/localhost/",
                                          "HTTP/localhost@",
                                          "HTTP/localhost:",
                                          "HTTP/[::1",
                                          "HTTP/[::1]80",
                                          "HTTP/a/b/c",
                                          "HTTP/[]:80",
                                          "a@b/c"};
    static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};

    for (size_t i = 0; i < 4; i++) {
        SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

        party_init(&client, true, packages[i]);
        party_must_acquire(&client, &alice);
        client.target = TEXT_OF(targets[_i]);
        ck_assert_msg(party_step(&client, &server) == SEC_E_TARGET_UNKNOWN, "%s: %s", packages[i],
                      SspiGssStatusText());
        party_end(&client);
    }
}
END_TEST

/* --- SspiGetTargetHostName --- */

START_TEST(hosts_of_targets)
{
    static const struct {
        const void *target;
        const void *host; /* NULL: there is none */
    } cases[] = {
        {u"HTTP/web.example.test", u"web.example.test"},
        {u"HTTP/web.example.test:8080", u"web.example.test"},
        {u"ldap/dc.example.test/example.test", u"dc.example.test"},
        {u"ldap/dc.example.test:389/example.test@EXAMPLE.TEST", u"dc.example.test"},
        {u"MSSQLSvc/db:INSTANCE", u"db"},
        {u"host/web@EXAMPLE.TEST", u"web"},
        {u"web.example.test", u"web.example.test"},
        {u"SERVER", u"SERVER"},
        {u"HTTP/[2001:db8::1]:443", u"2001:db8::1"},
        {u"HTTP/2001:db8::1", u"2001:db8::1"},
        {u"HTTP/192.0.2.1:80", u"192.0.2.1"},
        {u"HTTP/b\u00fccher.example", u"b\u00fccher.example"},
        {u"user@EXAMPLE.TEST", NULL},
        {u"EXAMPLE\\user", NULL},
        {u"SERVER$", NULL},
        {u"HTTP/", NULL},
        {u"", NULL},
    };
    PWSTR host = (PWSTR)(uintptr_t)cases[_i].target;
    SECURITY_STATUS status = SspiGetTargetHostName(cases[_i].target, &host);
    const WCHAR *expected = cases[_i].host;
    size_t i = 0;

    if (expected == NULL) {
        ck_assert_int_eq(status, SEC_E_INVALID_PARAMETER);
        ck_assert_ptr_null(host);
        return;
    }
    ck_assert_int_eq(status, SEC_E_OK);
    do
        ck_assert_uint_eq(host[i], expected[i]);
    while (expected[i++] != 0);
    SspiLocalFree(host);
    ck_assert_int_eq(SspiGetTargetHostName(NULL, &host), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiGetTargetHostName(cases[_i].target, NULL), SEC_E_INVALID_PARAMETER);
}
END_TEST

int main(void)
{
    const int count = (int)(sizeof kerberos_targets / sizeof kerberos_targets[0]);
    Suite *suite = suite_create("shim: targets");
    TCase *t = tcase_create("targets");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, add_principals, NULL);
    tcase_add_loop_test(t, kerberos_finds_the_principal, 0, count);
    tcase_add_loop_test(t, kerberos_knows_no_such_server, 0, 6);
    tcase_add_loop_test(t, ntlm_takes_every_name, 0, count + 5);
    tcase_add_loop_test(t, negotiate_falls_back_where_kerberos_knows_no_server, 0, 5);
    tcase_add_loop_test(t, names_that_are_none, 0, 11);
    suite_add_tcase(suite, t);
    t = tcase_create("hosts");
    tcase_add_loop_test(t, hosts_of_targets, 0, 17);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
