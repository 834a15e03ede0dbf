/*
 * What can be done with a credential of ours once it is there: options, storing, standing for another
 * user. test_spnego_calls compares these calls with those on MIT's SPNEGO; here is what only ours
 * does, and what must never happen.
 */
#include <check.h>
#include <dlfcn.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

/* Of the mechanism Negotiate alone. */
static gss_OID negotiate(void)
{
    return (gss_OID)(uintptr_t)GSS_SSPI_MECH_NEGOTIATE;
}

static struct exchange x;
static gss_cred_id_t credential;
static krb5_context library;

static void set_up(void)
{
    x = (struct exchange){.target = "HTTP@localhost",
                          .mechanism = GSS_SSPI_MECH_NEGOTIATE,
                          .server_header = GSS_SSPI_MECH_NEGOTIATE,
                          .flags = GSS_C_MUTUAL_FLAG};
    credential = GSS_C_NO_CREDENTIAL;
    ck_assert_int_eq(krb5_init_context(&library), 0);
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &credential);
    krb5_free_context(library);
}

static bool logs_on(void)
{
    x.client_credential = credential;
    return exchange_run(&x);
}

static gss_name_t name_of_user(const char *user)
{
    gss_buffer_desc text = {strlen(user), (void *)(uintptr_t)user};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name), GSS_S_COMPLETE);
    return name;
}

/* What a service gets for a user who never logged on to it. */
static OM_uint32 impersonate(const char *user, gss_cred_usage_t usage)
{
    gss_OID_set_desc only = {1, negotiate()};
    gss_cred_id_t service =
        store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, "ccache", "MEMORY:service",
                         "client_keytab", realm_variable("KRB5_KTNAME"), NULL);
    gss_name_t name = name_of_user(user);
    OM_uint32 minor;
    OM_uint32 major;

    ck_assert(service != GSS_C_NO_CREDENTIAL);
    major = gss_acquire_cred_impersonate_name(&minor, service, name, GSS_C_INDEFINITE, &only, usage,
                                              &credential, NULL, NULL);
    (void)gss_release_name(&minor, &name);
    (void)gss_release_cred(&minor, &service);
    return major;
}

START_TEST(service_stands_for_a_user)
{
    ck_assert_uint_eq(impersonate("bob", GSS_C_INITIATE), GSS_S_COMPLETE);
    x.target = "host@localhost"; /* the first of the keytab: the service itself */
    ck_assert_msg(logs_on(), "%s", status_text(x.client_major, x.client_minor));
    ck_assert_str_eq(name_text_of(x.source), "bob@EXAMPLE.TEST");
}
END_TEST

/* The password of bob is in NTLM's file, but the service was never told it. */
START_TEST(impersonated_credential_never_takes_ntlm)
{
    ck_assert_uint_eq(impersonate("bob", GSS_C_INITIATE), GSS_S_COMPLETE);
    x.target = "nosuch@localhost";
    ck_assert(!logs_on());
    ck_assert_uint_eq(x.tokens, 0);
    ck_assert_msg(strstr(status_text(x.client_major, x.client_minor), "not NTLM's") != NULL, "%s",
                  status_text(x.client_major, x.client_minor));
}
END_TEST

START_TEST(copy_of_an_impersonated_credential_never_takes_ntlm)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(impersonate("bob", GSS_C_INITIATE), GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_export_cred(&minor, credential, &token), GSS_S_COMPLETE);
    (void)gss_release_cred(&minor, &credential);
    ck_assert_uint_eq(gss_import_cred(&minor, &token, &credential), GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, &token);
    x.target = "nosuch@localhost";
    ck_assert(!logs_on());
    ck_assert_uint_eq(x.tokens, 0);
    exchange_reset(&x);
    x.target = "host@localhost";
    ck_assert(logs_on());
    ck_assert_str_eq(name_text_of(x.source), "bob@EXAMPLE.TEST");
}
END_TEST

START_TEST(who_cannot_be_impersonated_is_told_with_every_reason)
{
    ck_assert(GSS_ERROR(impersonate("nobody", GSS_C_INITIATE)));
    ck_assert(credential == GSS_C_NO_CREDENTIAL);
    ck_assert(GSS_ERROR(impersonate("bob", GSS_C_ACCEPT)));
    ck_assert(credential == GSS_C_NO_CREDENTIAL);
}
END_TEST

static OM_uint32 set_packages(const char *text, size_t length)
{
    gss_buffer_desc value = {length, (void *)(uintptr_t)text};
    OM_uint32 minor;

    return gss_set_cred_option(&minor, &credential, (gss_OID)(uintptr_t)GSS_SSPI_CRED_PACKAGES,
                               &value);
}

START_TEST(package_list_is_an_option)
{
    credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    ck_assert_uint_eq(set_packages("ntlm", 4), GSS_S_COMPLETE);
    ck_assert(logs_on());
    ck_assert_str_eq(name_text_of(x.source), "EXAMPLE\\alice");
    exchange_reset(&x);
    /* Only the octets that were given count. */
    ck_assert_uint_eq(set_packages("!ntlm,!kerberos", 5), GSS_S_COMPLETE);
    ck_assert(logs_on());
    ck_assert_str_eq(name_text_of(x.source), "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(package_list_that_leaves_none_changes_nothing)
{
    credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    ck_assert_uint_eq(set_packages("pku2u", 5), GSS_S_FAILURE);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_NO_MECHANISM);
    ck_assert_uint_eq(set_packages("ntlm\0x", 6), GSS_S_FAILURE);
    ck_assert_uint_eq(set_packages("", 0), GSS_S_FAILURE);
    ck_assert(logs_on());
    ck_assert_str_eq(name_text_of(x.source), "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(integrity_that_nobody_wants_is_not_asked_for)
{
    gss_buffer_desc empty = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    ck_assert(logs_on());
    ck_assert_uint_ne(x.server_flags & GSS_C_INTEG_FLAG, 0);
    exchange_reset(&x);
    ck_assert_uint_eq(gss_set_cred_option(&minor, &credential,
                                          (gss_OID)(uintptr_t)GSS_KRB5_CRED_NO_CI_FLAGS_X, &empty),
                      GSS_S_COMPLETE);
    ck_assert(logs_on());
    ck_assert_uint_eq(x.server_flags & (GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG), 0);
    exchange_reset(&x);
    /* The copy remembers. */
    ck_assert_uint_eq(gss_export_cred(&minor, credential, &token), GSS_S_COMPLETE);
    (void)gss_release_cred(&minor, &credential);
    ck_assert_uint_eq(gss_import_cred(&minor, &token, &credential), GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, &token);
    ck_assert(logs_on());
    ck_assert_uint_eq(x.server_flags & (GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG), 0);
}
END_TEST

static OM_uint32 store_in(const char *cache, bool overwrite, gss_OID_set *stored)
{
    gss_key_value_element_desc element = {"ccache", cache};
    gss_key_value_set_desc place = {1, &element};
    gss_cred_usage_t usage = GSS_C_BOTH;
    OM_uint32 minor;

    return gss_store_cred_into(&minor, credential, GSS_C_INITIATE, GSS_C_NO_OID, overwrite, 0,
                               &place, stored, &usage);
}

/* The name of the one whose tickets are in a cache. */
static void assert_owner(const char *cache, const char *owner)
{
    krb5_ccache opened = NULL;
    krb5_principal principal = NULL;
    char *text = NULL;

    ck_assert_int_eq(krb5_cc_resolve(library, cache, &opened), 0);
    ck_assert_int_eq(krb5_cc_get_principal(library, opened, &principal), 0);
    ck_assert_int_eq(krb5_unparse_name(library, principal, &text), 0);
    ck_assert_str_eq(text, owner);
    krb5_free_unparsed_name(library, text);
    krb5_free_principal(library, principal);
    ck_assert_int_eq(krb5_cc_close(library, opened), 0);
}

/* Its elements are stored one after the other, ours behind Kerberos' own, in the same place. */
START_TEST(credential_of_several_mechanisms_is_stored)
{
    gss_OID_set stored = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET,
                                       GSS_C_INITIATE, &credential, NULL, NULL),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(store_in("MEMORY:several", false, &stored), GSS_S_COMPLETE);
    ck_assert_uint_gt(stored->count, 1);
    assert_owner("MEMORY:several", "alice@EXAMPLE.TEST");
    (void)gss_release_oid_set(&minor, &stored);
}
END_TEST

START_TEST(other_credentials_are_not_overwritten)
{
    credential = password_credential(GSS_SSPI_MECH_NEGOTIATE, realm_variable("REALM_SECOND_USER"),
                                     realm_variable("REALM_SECOND_PASSWORD"));
    ck_assert_uint_eq(store_in("FILE:/nonexistent/cache", true, NULL), GSS_S_FAILURE);
    ck_assert_uint_eq(store_in("MEMORY:bob", false, NULL), GSS_S_COMPLETE);
    assert_owner("MEMORY:bob", "bob@EXAMPLE.TEST");
    ck_assert_uint_eq(store_in(realm_variable("KRB5CCNAME"), false, NULL), GSS_S_DUPLICATE_ELEMENT);
    assert_owner(realm_variable("KRB5CCNAME"), "alice@EXAMPLE.TEST");
    ck_assert_uint_eq(store_in("MEMORY:bob", true, NULL), GSS_S_COMPLETE);
}
END_TEST

START_TEST(credential_without_tickets_is_not_said_to_be_stored)
{
    without_tickets();
    credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    ck_assert(credential != GSS_C_NO_CREDENTIAL);
    ck_assert(GSS_ERROR(store_in("MEMORY:none", false, NULL)));
}
END_TEST

/*
 * The plugin's own functions. MIT's mechglue never calls an option's without a credential, because Kerberos
 * is its default mechanism; the contract allows it.
 */
typedef OM_uint32 set_option_function(OM_uint32 *, gss_cred_id_t *, gss_OID, gss_buffer_t);
typedef OM_uint32 inquire_function(OM_uint32 *, gss_cred_id_t, gss_name_t *, OM_uint32 *,
                                   gss_cred_usage_t *, gss_OID_set *);
typedef OM_uint32 release_function(OM_uint32 *, gss_cred_id_t *);

static struct {
    void *module;
    set_option_function *set_option;
    inquire_function *inquire;
    release_function *release;
} plugin;

static void *find(const char *name)
{
    void *function = dlsym(plugin.module, name);

    ck_assert_msg(function != NULL, "%s", name);
    return function;
}

static void open_plugin(void)
{
    void *function;

    plugin.module = dlopen(realm_variable("REALM_MODULE"), RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(plugin.module != NULL, "%s", dlerror());
    function = find("gssspi_set_cred_option");
    memcpy(&plugin.set_option, &function, sizeof function);
    function = find("gssi_inquire_cred");
    memcpy(&plugin.inquire, &function, sizeof function);
    function = find("gssi_release_cred");
    memcpy(&plugin.release, &function, sizeof function);
}

/* As gss_krb5_import_cred gives it to a mechanism. */
struct import_request {
    krb5_ccache cache;
    krb5_principal principal;
    krb5_keytab keytab;
};

static const struct {
    bool cache;
    bool keytab;
    gss_cred_usage_t usage;
} imports[] = {
    {true, false, GSS_C_INITIATE}, {false, true, GSS_C_ACCEPT}, {true, true, GSS_C_BOTH}};

START_TEST(empty_credential_is_filled_with_what_is_imported)
{
    static gss_OID_desc import = {11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x0d"};
    struct import_request request = {NULL, NULL, NULL};
    gss_buffer_desc value = {sizeof request, &request};
    gss_cred_id_t filled = GSS_C_NO_CREDENTIAL;
    gss_cred_usage_t usage = -1;
    OM_uint32 minor;

    open_plugin();
    if (imports[_i].cache)
        ck_assert_int_eq(krb5_cc_default(library, &request.cache), 0);
    if (imports[_i].keytab)
        ck_assert_int_eq(krb5_kt_default(library, &request.keytab), 0);
    ck_assert_uint_eq(plugin.set_option(&minor, &filled, &import, &value), GSS_S_COMPLETE);
    ck_assert(filled != GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin.inquire(&minor, filled, NULL, NULL, &usage, NULL), GSS_S_COMPLETE);
    ck_assert_int_eq(usage, imports[_i].usage);
    (void)plugin.release(&minor, &filled);
    if (request.cache != NULL)
        (void)krb5_cc_close(library, request.cache);
    if (request.keytab != NULL)
        (void)krb5_kt_close(library, request.keytab);
}
END_TEST

START_TEST(empty_credential_is_filled_with_the_default)
{
    static gss_OID_desc nobodys = {4, (void *)"\x2a\x03\x04\x05"};
    gss_buffer_desc empty = GSS_C_EMPTY_BUFFER;
    gss_cred_id_t filled = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;

    open_plugin();
    ck_assert_uint_eq(
        plugin.set_option(&minor, &filled, (gss_OID)(uintptr_t)GSS_KRB5_CRED_NO_CI_FLAGS_X, &empty),
        GSS_S_COMPLETE);
    ck_assert(filled != GSS_C_NO_CREDENTIAL);
    (void)plugin.release(&minor, &filled);
    ck_assert_uint_eq(plugin.set_option(&minor, &filled, &nobodys, &empty), GSS_S_UNAVAILABLE);
    ck_assert(filled == GSS_C_NO_CREDENTIAL);
    without_tickets();
    ck_assert_int_eq(setenv("NTLM_USER_FILE", "/nonexistent/users", 1), 0);
    ck_assert_uint_eq(plugin.set_option(&minor, &filled, &nobodys, &empty), GSS_S_NO_CRED);
    ck_assert(filled == GSS_C_NO_CREDENTIAL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("credential_calls");
    TCase *calls = tcase_create("calls");

    tcase_set_timeout(calls, 60);
    tcase_add_checked_fixture(calls, set_up, tear_down);
    tcase_add_test(calls, service_stands_for_a_user);
    tcase_add_test(calls, impersonated_credential_never_takes_ntlm);
    tcase_add_test(calls, copy_of_an_impersonated_credential_never_takes_ntlm);
    tcase_add_test(calls, who_cannot_be_impersonated_is_told_with_every_reason);
    tcase_add_test(calls, package_list_is_an_option);
    tcase_add_test(calls, package_list_that_leaves_none_changes_nothing);
    tcase_add_test(calls, integrity_that_nobody_wants_is_not_asked_for);
    tcase_add_test(calls, credential_of_several_mechanisms_is_stored);
    tcase_add_test(calls, other_credentials_are_not_overwritten);
    tcase_add_test(calls, credential_without_tickets_is_not_said_to_be_stored);
    tcase_add_loop_test(calls, empty_credential_is_filled_with_what_is_imported, 0,
                        (int)(sizeof imports / sizeof imports[0]));
    tcase_add_test(calls, empty_credential_is_filled_with_the_default);
    suite_add_tcase(suite, calls);
    return run_suite(suite);
}
