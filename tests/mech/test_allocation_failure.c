/*
 * Every allocation of the plugin fails once. The call that needed it fails and says so, or does
 * without; nothing is lost or used after its end (the sanitizers look); and the same can be done
 * again.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/common/allocation_failure.h"
#include "tests/mech/exchange.h"

#define PLUGIN "mech_sspi.so"

/* More than any of this needs: a count that never ends is a fault of the test. */
#define ALLOCATIONS_MAX 5000

/* What is done with the n-th allocation failing; true when it has all succeeded. */
typedef bool attempt_function(void *argument);

/* Fails each allocation of what is attempted, one after the other. */
static void fail_each(attempt_function *attempt, void *argument)
{
    ck_assert_msg(attempt(argument), "it does not even succeed with all memory");
    for (unsigned n = 1; n < ALLOCATIONS_MAX; n++) {
        bool succeeded;

        allocation_failure_arm(PLUGIN, n);
        succeeded = attempt(argument);
        if (!allocation_failure_disarm()) {
            ck_assert_msg(succeeded, "after %u failures it does not succeed any more", n - 1);
            ck_assert_uint_gt(n, 1);
            return;
        }
    }
    ck_abort_msg("there is no end of allocations");
}

/* A failure is told as one, with a status of its own. */
static bool went_well(OM_uint32 major, OM_uint32 minor)
{
    if (!GSS_ERROR(major))
        return true;
    ck_assert_msg(allocation_failure_happened(), "%s", status_text(major, minor));
    ck_assert_uint_ne(minor, 0);
    return false;
}

struct logon {
    gss_const_OID mechanism;
    gss_const_OID inner;
    const char *user; /* NULL: by the ticket */
    OM_uint32 flags;
};

static bool acquire(const struct logon *logon, struct exchange *x)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)logon->mechanism};
    gss_key_value_element_desc elements[] = {
        {"password", realm_variable("REALM_SECOND_PASSWORD")},
        {"packages", logon->inner == &ntlm_oid ? "ntlm" : "kerberos,ntlm"},
    };
    gss_key_value_set_desc store = {2, elements};
    gss_buffer_desc text = {logon->user != NULL ? strlen(logon->user) : 0,
                            (void *)(uintptr_t)logon->user};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 ignored;
    OM_uint32 minor;
    OM_uint32 major = GSS_S_COMPLETE;

    if (logon->user != NULL) {
        major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);
        if (went_well(major, minor))
            major =
                gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE,
                                      &store, &x->client_credential, NULL, NULL);
        (void)gss_release_name(&ignored, &name);
    } else {
        major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms,
                                 GSS_C_INITIATE, &x->client_credential, NULL, NULL);
    }
    if (!went_well(major, minor))
        return false;
    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms, GSS_C_ACCEPT,
                             &x->server_credential, NULL, NULL);
    return went_well(major, minor);
}

/* Who does without an allocation does not do with less security. */
static void check_logon(const struct logon *logon, const struct exchange *x)
{
    OM_uint32 wanted = GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;

    ck_assert(gss_oid_equal(x->server_mechanism, logon->inner));
    ck_assert(x->source != GSS_C_NO_NAME);
    ck_assert_uint_eq(x->client_flags & wanted, wanted);
    ck_assert_uint_eq(x->server_flags & wanted, wanted);
}

static bool log_on(void *argument)
{
    const struct logon *logon = argument;
    struct exchange x = {.target = "host@localhost",
                         .mechanism = logon->mechanism,
                         .flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG |
                                  GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | logon->flags};
    OM_uint32 minor;
    bool succeeded = false;

    if (logon->mechanism == &GSS_SSPI_MECH_NEGOTIATE_desc)
        x.server_header = logon->mechanism;
    if (acquire(logon, &x)) {
        succeeded = exchange_run(&x);
        if (succeeded)
            check_logon(logon, &x);
        else
            ck_assert_msg(allocation_failure_happened(), "client %08x, server %08x",
                          (unsigned)x.client_major, (unsigned)x.server_major);
    }
    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
    (void)gss_release_cred(&minor, &x.server_credential);
    return succeeded;
}

static void fail_logons(const struct logon *logon)
{
    fail_each(log_on, (void *)(uintptr_t)logon);
}

START_TEST(negotiate_by_ticket)
{
    fail_logons(&(struct logon){&GSS_SSPI_MECH_NEGOTIATE_desc, &krb5_oid, NULL, 0});
}
END_TEST

START_TEST(negotiate_by_password)
{
    fail_logons(&(struct logon){&GSS_SSPI_MECH_NEGOTIATE_desc, &krb5_oid, "bob@EXAMPLE.TEST", 0});
}
END_TEST

/* Kerberos can use such a name too; a failure must not leave it to NTLM. */
START_TEST(negotiate_by_windows_name)
{
    fail_logons(&(struct logon){&GSS_SSPI_MECH_NEGOTIATE_desc, &krb5_oid, "EXAMPLE\\bob", 0});
}
END_TEST

START_TEST(negotiate_by_ntlm)
{
    fail_logons(&(struct logon){&GSS_SSPI_MECH_NEGOTIATE_desc, &ntlm_oid, "EXAMPLE\\bob", 0});
}
END_TEST

START_TEST(credssp_by_ticket)
{
    fail_logons(&(struct logon){&GSS_SSPI_MECH_CREDSSP_desc, &krb5_oid, NULL, 0});
}
END_TEST

START_TEST(credssp_that_delegates)
{
    fail_logons(&(struct logon){&GSS_SSPI_MECH_CREDSSP_desc, &krb5_oid, "bob@EXAMPLE.TEST",
                                GSS_C_DELEG_FLAG});
}
END_TEST

static bool ask_names(gss_ctx_id_t context)
{
    gss_name_t source = GSS_C_NO_NAME;
    gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
    bool good;
    OM_uint32 minor;
    OM_uint32 major =
        gss_inquire_context(&minor, context, &source, NULL, NULL, NULL, NULL, NULL, NULL);

    good = went_well(major, minor);
    if (good) {
        major = gss_display_name(&minor, source, &shown, NULL);
        good = went_well(major, minor);
    }
    (void)gss_release_name(&minor, &source);
    (void)gss_release_buffer(&minor, &shown);
    return good;
}

/* What is not to be had of this context is told so, with or without memory. */
static bool ask(gss_ctx_id_t context, gss_const_OID question)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    bool good = true;
    OM_uint32 minor;
    OM_uint32 major =
        gss_inquire_sec_context_by_oid(&minor, context, (gss_OID)(uintptr_t)question, &answer);

    if (GSS_ROUTINE_ERROR(major) != GSS_S_UNAVAILABLE && allocation_failure_happened())
        good = went_well(major, minor);
    (void)gss_release_buffer_set(&minor, &answer);
    return good;
}

/* What a caller asks of an established context; the answers are thrown away. */
static bool inquire(void *context)
{
    gss_const_OID questions[] = {
        GSS_SSPI_INQ_INNER_MECHANISM,  GSS_SSPI_INQ_TLS_VERSION,
        GSS_SSPI_INQ_TLS_CIPHER_SUITE, GSS_SSPI_INQ_CREDSSP_VERSION,
        GSS_SSPI_INQ_STREAM_SIZES,     GSS_SSPI_INQ_SERVER_AUTH_FLAGS,
        GSS_SSPI_INQ_CREDENTIALS,      GSS_SSPI_INQ_PEER_CERTIFICATE,
        GSS_SSPI_INQ_TLS_UNIQUE,       GSS_SSPI_INQ_TLS_SERVER_END_POINT,
        GSS_SSPI_INQ_TLS_EXPORTER,     GSS_SSPI_INQ_CREDENTIALS_TYPE,
        GSS_SSPI_INQ_SMART_CARD,       GSS_SSPI_INQ_REMOTE_GUARD,
        GSS_C_INQ_SSPI_SESSION_KEY,    GSS_C_INQ_NEGOEX_KEY,
    };
    bool good = ask_names(context);

    for (size_t i = 0; good && i < sizeof questions / sizeof questions[0]; i++)
        good = ask(context, questions[i]);
    return good;
}

static void log_on_without_failures(struct exchange *x, gss_const_OID mechanism)
{
    *x = (struct exchange){.target = "host@localhost",
                           .mechanism = mechanism,
                           .flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG};
    if (mechanism == &GSS_SSPI_MECH_NEGOTIATE_desc)
        x->server_header = mechanism;
    ck_assert_msg(exchange_run(x), "%s", status_text(x->client_major, x->client_minor));
}

START_TEST(inquiries)
{
    struct exchange x;

    log_on_without_failures(&x, &GSS_SSPI_MECH_CREDSSP_desc);
    fail_each(inquire, x.client);
    fail_each(inquire, x.server);
    exchange_reset(&x);
    log_on_without_failures(&x, &GSS_SSPI_MECH_NEGOTIATE_desc);
    fail_each(inquire, x.client);
    fail_each(inquire, x.server);
    exchange_reset(&x);
}
END_TEST

/* One message each way. A context that failed may fail for good: each attempt has its own. */
static bool exchange_messages(void *argument)
{
    gss_buffer_desc text = {4, (void *)(uintptr_t) "text"};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    struct exchange x = {.target = "host@localhost",
                         .mechanism = argument,
                         .flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG};
    bool good;
    OM_uint32 major;
    OM_uint32 minor;

    if (argument == &GSS_SSPI_MECH_NEGOTIATE_desc)
        x.server_header = argument;
    good = exchange_run(&x);
    if (good) {
        major = gss_wrap(&minor, x.client, 1, GSS_C_QOP_DEFAULT, &text, NULL, &sealed);
        good = went_well(major, minor);
    }
    if (good) {
        major = gss_unwrap(&minor, x.server, &sealed, &opened, NULL, NULL);
        good = went_well(major, minor);
    }
    if (good) {
        ck_assert_uint_eq(opened.length, text.length);
        ck_assert_mem_eq(opened.value, text.value, text.length);
    }
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &opened);
    exchange_reset(&x);
    return good;
}

START_TEST(messages)
{
    fail_each(exchange_messages, (void *)(uintptr_t)&GSS_SSPI_MECH_CREDSSP_desc);
    fail_each(exchange_messages, (void *)(uintptr_t)&GSS_SSPI_MECH_NEGOTIATE_desc);
}
END_TEST

/* A context leaves the process, as it were, and comes back. */
static bool export_and_import(void *argument)
{
    struct exchange x;
    gss_buffer_desc blob = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t back = GSS_C_NO_CONTEXT;
    bool good;
    OM_uint32 ignored;
    OM_uint32 minor;
    OM_uint32 major;

    (void)argument;
    x = (struct exchange){.target = "host@localhost",
                          .mechanism = &GSS_SSPI_MECH_NEGOTIATE_desc,
                          .server_header = &GSS_SSPI_MECH_NEGOTIATE_desc,
                          .flags = GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG};
    good = exchange_run(&x);
    if (good) {
        major = gss_export_sec_context(&minor, &x.client, &blob);
        good = went_well(major, minor);
    }
    if (good) {
        major = gss_import_sec_context(&minor, &blob, &back);
        good = went_well(major, minor);
    }
    (void)gss_release_buffer(&ignored, &blob);
    (void)gss_delete_sec_context(&ignored, &back, GSS_C_NO_BUFFER);
    exchange_reset(&x);
    return good;
}

START_TEST(exported_contexts)
{
    fail_each(export_and_import, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mechanism: failing allocations");
    TCase *cases = tcase_create("allocations");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, negotiate_by_ticket);
    tcase_add_test(cases, negotiate_by_password);
    tcase_add_test(cases, negotiate_by_windows_name);
    tcase_add_test(cases, negotiate_by_ntlm);
    tcase_add_test(cases, credssp_by_ticket);
    tcase_add_test(cases, credssp_that_delegates);
    tcase_add_test(cases, inquiries);
    tcase_add_test(cases, messages);
    tcase_add_test(cases, exported_contexts);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
