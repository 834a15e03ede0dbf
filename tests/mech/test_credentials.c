/* Acquiring credentials: what is taken, what is refused with which reason, and what they say. */
#include <check.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/certificate_files.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static const gss_OID_desc *const mechanisms[] = {&GSS_SSPI_MECH_CREDSSP_desc,
                                                 &GSS_SSPI_MECH_NEGOTIATE_desc};

static void without_ntlm(void)
{
    ck_assert_int_eq(setenv("NTLM_USER_FILE", "/nonexistent/users", 1), 0);
}

/* Acquires for the default name; the text of a failure is in static memory. */
static const char *acquire(const gss_OID_desc *mechanism, gss_cred_usage_t usage, OM_uint32 *major,
                           gss_cred_id_t *credential)
{
    gss_OID_set_desc mechanisms_wanted = {1, (gss_OID)(uintptr_t)mechanism};
    OM_uint32 minor;

    *major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms_wanted, usage,
                              credential, NULL, NULL);
    return status_text(*major, minor);
}

static void assert_no_cred(const gss_OID_desc *mechanism, gss_cred_usage_t usage)
{
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    OM_uint32 major;
    const char *text = acquire(mechanism, usage, &major, &credential);

    ck_assert_uint_eq(major, GSS_S_NO_CRED);
    ck_assert(credential == GSS_C_NO_CREDENTIAL);
    ck_assert_msg(strstr(text, "Kerberos failed") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "NTLM failed") != NULL, "%s", text);
}

START_TEST(nothing_to_initiate_with_is_told_with_every_reason)
{
    without_tickets();
    without_ntlm();
    assert_no_cred(mechanisms[_i], GSS_C_INITIATE);
    assert_no_cred(mechanisms[_i], GSS_C_BOTH);
}
END_TEST

/* NTLM needs nothing to accept with: the reason is Kerberos' where that alone is allowed. */
START_TEST(nothing_to_accept_with_is_told_with_its_reason)
{
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    OM_uint32 major;
    const char *text;

    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    with_options("packages = kerberos");
    text = acquire(mechanisms[_i], GSS_C_ACCEPT, &major, &credential);
    ck_assert_uint_eq(major, GSS_S_NO_CRED);
    ck_assert(credential == GSS_C_NO_CREDENTIAL);
    ck_assert_msg(strstr(text, "Kerberos failed") != NULL, "%s", text);
    ck_assert_msg(strstr(text, "/nonexistent/keytab") != NULL, "%s", text);
}
END_TEST

START_TEST(acceptor_without_keytab_has_ntlm)
{
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    OM_uint32 major;
    OM_uint32 minor;
    const char *text;

    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    text = acquire(mechanisms[_i], GSS_C_ACCEPT, &major, &credential);
    ck_assert_msg(major == GSS_S_COMPLETE, "%s", text);
    (void)gss_release_cred(&minor, &credential);
}
END_TEST

START_TEST(ticket_gives_name_lifetime_and_usage)
{
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    gss_cred_usage_t usage = -1;
    OM_uint32 lifetime = 0;
    OM_uint32 acceptor_lifetime = 1;
    OM_uint32 major;
    OM_uint32 minor;

    (void)acquire(mechanisms[_i], GSS_C_INITIATE, &major, &credential);
    ck_assert_uint_eq(major, GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_inquire_cred(&minor, credential, &name, &lifetime, &usage, NULL),
                      GSS_S_COMPLETE);
    ck_assert_str_eq(name_text_of(name), "alice@EXAMPLE.TEST");
    ck_assert_uint_gt(lifetime, 60);
    ck_assert_uint_lt(lifetime, GSS_C_INDEFINITE);
    ck_assert_int_eq(usage, GSS_C_INITIATE);
    (void)gss_release_name(&minor, &name);
    ck_assert_uint_eq(gss_inquire_cred_by_mech(&minor, credential,
                                               (gss_OID)(uintptr_t)mechanisms[_i], &name, &lifetime,
                                               &acceptor_lifetime, &usage),
                      GSS_S_COMPLETE);
    ck_assert_str_eq(name_text_of(name), "alice@EXAMPLE.TEST");
    ck_assert_uint_gt(lifetime, 60);
    ck_assert_uint_eq(acceptor_lifetime, 0);
    ck_assert_int_eq(usage, GSS_C_INITIATE);
    (void)gss_release_name(&minor, &name);
    (void)gss_release_cred(&minor, &credential);
}
END_TEST

START_TEST(password_credential_knows_its_name_without_a_kdc)
{
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    gss_cred_usage_t usage = -1;
    OM_uint32 minor;

    without_tickets();
    credential = password_credential(mechanisms[_i], "EXAMPLE\\nobody", "not tried yet");
    ck_assert_uint_eq(gss_inquire_cred(&minor, credential, &name, NULL, &usage, NULL),
                      GSS_S_COMPLETE);
    ck_assert_str_eq(name_text_of(name), "EXAMPLE\\nobody");
    ck_assert_int_eq(usage, GSS_C_INITIATE);
    (void)gss_release_name(&minor, &name);
    (void)gss_release_cred(&minor, &credential);
}
END_TEST

START_TEST(credential_of_the_other_role_is_refused)
{
    struct exchange x = {.target = "host@localhost",
                         .mechanism = mechanisms[_i],
                         .server_header = _i == 0 ? GSS_C_NO_OID : mechanisms[_i]};
    OM_uint32 major;
    OM_uint32 minor;

    (void)acquire(mechanisms[_i], GSS_C_INITIATE, &major, &x.server_credential);
    ck_assert_uint_eq(major, GSS_S_COMPLETE);
    ck_assert(!exchange_run(&x));
    ck_assert(GSS_ERROR(x.server_major));
    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.server_credential);
    (void)acquire(mechanisms[_i], GSS_C_ACCEPT, &major, &x.client_credential);
    ck_assert_uint_eq(major, GSS_S_COMPLETE);
    ck_assert(!exchange_run(&x));
    ck_assert(GSS_ERROR(x.client_major));
    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
}
END_TEST

/* --- the credential store --- */

static void assert_logon(struct exchange *x, const char *user)
{
    bool done = exchange_run(x);

    ck_assert_msg(done, "client: %s; server: %s", status_text(x->client_major, x->client_minor),
                  status_text(x->server_major, x->server_minor));
    ck_assert_str_eq(name_text_of(x->source), user);
}

START_TEST(password_from_the_store_logs_on)
{
    struct exchange x = {.target = "host@localhost",
                         .mechanism = mechanisms[_i],
                         .server_header = _i == 0 ? GSS_C_NO_OID : mechanisms[_i]};
    OM_uint32 minor;

    without_tickets();
    x.client_credential =
        store_credential(mechanisms[_i], GSS_C_INITIATE, "EXAMPLE\\bob", "password",
                         realm_variable("REALM_SECOND_PASSWORD"), NULL);
    ck_assert(x.client_credential != GSS_C_NO_CREDENTIAL);
    assert_logon(&x, "bob@EXAMPLE.TEST");
    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
}
END_TEST

START_TEST(other_keys_go_to_the_inner_mechanisms)
{
    struct exchange x = {.target = "host@localhost",
                         .mechanism = mechanisms[_i],
                         .server_header = _i == 0 ? GSS_C_NO_OID : mechanisms[_i]};
    const char *cache = realm_variable("KRB5CCNAME");
    const char *keytab = realm_variable("KRB5_KTNAME");
    char kept[2][512];
    OM_uint32 minor;

    (void)snprintf(kept[0], sizeof kept[0], "%s", cache);
    (void)snprintf(kept[1], sizeof kept[1], "%s", keytab);
    without_tickets();
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    x.client_credential =
        store_credential(mechanisms[_i], GSS_C_INITIATE, NULL, "ccache", kept[0], NULL);
    x.server_credential =
        store_credential(mechanisms[_i], GSS_C_ACCEPT, NULL, "keytab", kept[1], NULL);
    ck_assert(x.client_credential != GSS_C_NO_CREDENTIAL);
    ck_assert(x.server_credential != GSS_C_NO_CREDENTIAL);
    assert_logon(&x, "alice@EXAMPLE.TEST");
    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
    (void)gss_release_cred(&minor, &x.server_credential);
}
END_TEST

START_TEST(package_list_of_the_store_decides)
{
    struct exchange x = {.target = "host@localhost",
                         .mechanism = mechanisms[_i],
                         .server_header = _i == 0 ? GSS_C_NO_OID : mechanisms[_i]};
    OM_uint32 minor;

    x.client_credential =
        store_credential(mechanisms[_i], GSS_C_INITIATE, NULL, "packages", "NTLM", NULL);
    ck_assert(x.client_credential != GSS_C_NO_CREDENTIAL);
    assert_logon(&x, "EXAMPLE\\alice");
    exchange_reset(&x);
    /* and the server's list: there is nothing in common then */
    x.server_credential =
        store_credential(mechanisms[_i], GSS_C_ACCEPT, NULL, "packages", "!ntlm", NULL);
    ck_assert(x.server_credential != GSS_C_NO_CREDENTIAL);
    ck_assert(!exchange_run(&x));
    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
    (void)gss_release_cred(&minor, &x.server_credential);
}
END_TEST

/* Who logs on is who the credential says: with NTLM alone, not the owner of the ticket. */
START_TEST(name_is_that_of_the_allowed_package)
{
    gss_cred_id_t credential =
        store_credential(mechanisms[_i], GSS_C_INITIATE, NULL, "packages", "ntlm", NULL);
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    ck_assert(credential != GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(gss_inquire_cred(&minor, credential, &name, NULL, NULL, NULL),
                      GSS_S_COMPLETE);
    ck_assert_str_eq(name_text_of(name), "EXAMPLE\\alice");
    (void)gss_release_name(&minor, &name);
    (void)gss_release_cred(&minor, &credential);
}
END_TEST

/* --- a list of mechanisms that changes while others log on --- */

#define LOGONS_DURING_CHANGES 40

struct changes {
    gss_cred_id_t credential;
    atomic_bool stop;
    atomic_ulong made;
    OM_uint32 major; /* of the last that failed */
};

static void *change_mechanisms(void *argument)
{
    struct changes *changes = argument;
    gss_OID_desc oids[2] = {krb5_oid, ntlm_oid};
    gss_OID_set_desc set = {2, oids};

    do {
        OM_uint32 minor;
        OM_uint32 major = gss_set_neg_mechs(&minor, changes->credential, &set);

        if (major != GSS_S_COMPLETE)
            changes->major = major;
        atomic_fetch_add(&changes->made, 1);
    } while (!atomic_load(&changes->stop));
    return NULL;
}

START_TEST(list_of_mechanisms_changes_during_logons)
{
    struct changes changes = {.credential =
                                  store_credential(mechanisms[_i], GSS_C_INITIATE, NULL, NULL)};
    struct exchange x = {.target = "host@localhost",
                         .mechanism = mechanisms[_i],
                         .client_credential = changes.credential,
                         .server_header = _i == 0 ? GSS_C_NO_OID : mechanisms[_i]};
    pthread_t thread;
    OM_uint32 minor;

    ck_assert(changes.credential != GSS_C_NO_CREDENTIAL);
    with_options("self_signed_key = ecdsa");
    ck_assert_int_eq(pthread_create(&thread, NULL, change_mechanisms, &changes), 0);
    /* On a busy machine the other thread's turn may come late. */
    for (int i = 0; i < LOGONS_DURING_CHANGES || atomic_load(&changes.made) < 2; i++) {
        assert_logon(&x, "alice@EXAMPLE.TEST");
        exchange_reset(&x);
    }
    atomic_store(&changes.stop, true);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(changes.major, GSS_S_COMPLETE);
    (void)gss_release_cred(&minor, &changes.credential);
}
END_TEST

static const struct {
    gss_cred_usage_t usage;
    const char *user;
    const char *keys[4];
    long code;
} bad_stores[] = {
    {GSS_C_INITIATE, NULL, {"packages", "pku2u"}, GSS_SSPI_E_NO_MECHANISM},
    {GSS_C_INITIATE, NULL, {"packages", "!ntlm,!kerberos"}, GSS_SSPI_E_NO_MECHANISM},
    {GSS_C_INITIATE, NULL, {"password", "secret"}, GSS_SSPI_E_BAD_ARGUMENT},
    {GSS_C_ACCEPT, NULL, {"certificate", "/nonexistent/server.pem"}, GSS_SSPI_E_CERTIFICATE},
    {GSS_C_ACCEPT, NULL, {"private_key", "/nonexistent/server.key"}, GSS_SSPI_E_CERTIFICATE},
};

#define BAD_STORE_LOOPS (COUNT(bad_stores) * 2)

START_TEST(bad_store_is_refused)
{
    int index = _i / 2;
    gss_cred_id_t credential =
        store_credential(mechanisms[_i % 2], bad_stores[index].usage, bad_stores[index].user,
                         bad_stores[index].keys[0], bad_stores[index].keys[1], NULL);

    ck_assert(credential == GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)bad_stores[index].code);
}
END_TEST

/* --- certificates --- */

static void assert_certificate(gss_ctx_id_t context, gss_const_OID question,
                               const gnutls_datum_t *der)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, context, (gss_OID)(uintptr_t)question, &data),
        GSS_S_COMPLETE);
    ck_assert_uint_eq(data->count, 1);
    ck_assert_uint_eq(data->elements[0].length, der->size);
    ck_assert_mem_eq(data->elements[0].value, der->data, der->size);
    (void)gss_release_buffer_set(&minor, &data);
}

static struct exchange with_certificate(const char *certificate, const char *key)
{
    struct exchange x = {.target = "host@localhost", .mechanism = GSS_SSPI_MECH_CREDSSP};

    x.server_credential = store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_ACCEPT, NULL, "certificate",
                                           certificate, "private_key", key, NULL);
    return x;
}

START_TEST(certificate_from_files_is_served)
{
    struct certificate_files files = {.der = {NULL, 0}};
    struct exchange x;
    OM_uint32 minor;

    certificate_files_make(&files, &(struct certificate_wish){.file = "served"});
    x = with_certificate(files.certificate, files.key);
    ck_assert(x.server_credential != GSS_C_NO_CREDENTIAL);
    for (int round = 0; round < 2; round++) {
        assert_logon(&x, "alice@EXAMPLE.TEST");
        assert_certificate(x.client, GSS_SSPI_INQ_PEER_CERTIFICATE, &files.der);
        assert_certificate(x.server, GSS_SSPI_INQ_OWN_CERTIFICATE, &files.der);
        exchange_reset(&x);
    }
    certificate_files_release(&files);
    (void)gss_release_cred(&minor, &x.server_credential);
}
END_TEST

START_TEST(certificate_of_policy_is_served_unless_the_store_has_one)
{
    struct certificate_files of_policy = {.der = {NULL, 0}};
    struct certificate_files of_store = {.der = {NULL, 0}};
    struct exchange x = {.target = "host@localhost", .mechanism = GSS_SSPI_MECH_CREDSSP};
    char options[1100];
    OM_uint32 minor;

    certificate_files_make(&of_policy, &(struct certificate_wish){.file = "policy"});
    certificate_files_make(&of_store, &(struct certificate_wish){.file = "store"});
    (void)snprintf(options, sizeof options, "certificate = %s\n private_key = %s",
                   of_policy.certificate, of_policy.key);
    with_options(options);
    assert_logon(&x, "alice@EXAMPLE.TEST");
    assert_certificate(x.client, GSS_SSPI_INQ_PEER_CERTIFICATE, &of_policy.der);
    exchange_reset(&x);
    x = with_certificate(of_store.certificate, of_store.key);
    assert_logon(&x, "alice@EXAMPLE.TEST");
    assert_certificate(x.client, GSS_SSPI_INQ_PEER_CERTIFICATE, &of_store.der);
    exchange_reset(&x);
    certificate_files_release(&of_policy);
    certificate_files_release(&of_store);
    (void)gss_release_cred(&minor, &x.server_credential);
}
END_TEST

/* Refused when it is acquired or, at the latest, when it is to be served; and the file is named. */
static void assert_certificate_is_refused(const char *certificate, const char *key)
{
    struct exchange x = with_certificate(certificate, key);
    OM_uint32 minor;

    if (x.server_credential != GSS_C_NO_CREDENTIAL) {
        ck_assert(!exchange_run(&x));
        ck_assert(GSS_ERROR(x.server_major));
        ck_assert(strstr(status_text(x.server_major, x.server_minor), certificate) != NULL);
    }
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CERTIFICATE);
    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.server_credential);
}

START_TEST(unusable_certificate_is_refused)
{
    struct certificate_files files = {.der = {NULL, 0}};
    struct certificate_files other = {.der = {NULL, 0}};

    certificate_files_make(&files, &(struct certificate_wish){.file = "one"});
    certificate_files_make(&other, &(struct certificate_wish){.file = "other"});
    assert_certificate_is_refused(files.certificate, other.key);
    assert_certificate_is_refused(files.key, files.certificate);
    assert_certificate_is_refused(files.certificate, "/nonexistent/server.key");
    assert_certificate_is_refused("/nonexistent/server.pem", files.key);
    assert_certificate_is_refused(realm_variable("REALM_DIR"), files.key);
    assert_certificate_is_refused("/dev/null", files.key);
    certificate_files_release(&files);
    certificate_files_release(&other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("credentials");
    TCase *cases = tcase_create("credentials");

    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, nothing_to_initiate_with_is_told_with_every_reason, 0, 2);
    tcase_add_loop_test(cases, nothing_to_accept_with_is_told_with_its_reason, 0, 2);
    tcase_add_loop_test(cases, acceptor_without_keytab_has_ntlm, 0, 2);
    tcase_add_loop_test(cases, ticket_gives_name_lifetime_and_usage, 0, 2);
    tcase_add_loop_test(cases, password_credential_knows_its_name_without_a_kdc, 0, 2);
    tcase_add_loop_test(cases, credential_of_the_other_role_is_refused, 0, 2);
    tcase_add_loop_test(cases, password_from_the_store_logs_on, 0, 2);
    tcase_add_loop_test(cases, other_keys_go_to_the_inner_mechanisms, 0, 2);
    tcase_add_loop_test(cases, package_list_of_the_store_decides, 0, 2);
    tcase_add_loop_test(cases, name_is_that_of_the_allowed_package, 0, 2);
    tcase_add_loop_test(cases, list_of_mechanisms_changes_during_logons, 0, 2);
    tcase_add_loop_test(cases, bad_store_is_refused, 0, BAD_STORE_LOOPS);
    tcase_add_test(cases, certificate_from_files_is_served);
    tcase_add_test(cases, certificate_of_policy_is_served_unless_the_store_has_one);
    tcase_add_test(cases, unusable_certificate_is_refused);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
