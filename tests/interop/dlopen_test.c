/*
 * A program that loads libgssapi_krb5 with dlopen(RTLD_LOCAL), as Python, .NET and PHP do, and
 * completes contexts through the plugin. The plugin must then reach the mechglue, whose names the
 * program does not have.
 */
#include <check.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <gssapi/gssapi.h>
#include "gssapi_sspi.h"
#include "tests/runner.h"

#define MOST_LEGS 32

/* The functions that the test uses, found by name. */
static struct {
    __typeof__(gss_import_name) *import_name;
    __typeof__(gss_init_sec_context) *init_sec_context;
    __typeof__(gss_accept_sec_context) *accept_sec_context;
    __typeof__(gss_delete_sec_context) *delete_sec_context;
    __typeof__(gss_acquire_cred) *acquire_cred;
    __typeof__(gss_release_cred) *release_cred;
    __typeof__(gss_encapsulate_token) *encapsulate_token;
    __typeof__(gss_wrap) *wrap;
    __typeof__(gss_unwrap) *unwrap;
    __typeof__(gss_display_status) *display_status;
    __typeof__(gss_release_buffer) *release_buffer;
    __typeof__(gss_release_name) *release_name;
} gss;

static void *libgssapi;

/* The service type's OID; the library's own constant is out of reach. */
static gss_OID_desc hostbased_service = {
    10, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"};

static void find(void *function, const char *name)
{
    void *symbol = dlsym(libgssapi, name);

    ck_assert_msg(symbol != NULL, "%s is not there", name);
    memcpy(function, &symbol, sizeof(symbol));
}

static void load(void)
{
    libgssapi = dlopen("libgssapi_krb5.so.2", RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(libgssapi != NULL, "%s", dlerror());
    ck_assert_msg(dlsym(RTLD_DEFAULT, "gss_init_sec_context") == NULL,
                  "the program itself is linked to libgssapi: the test shows nothing");
    find(&gss.import_name, "gss_import_name");
    find(&gss.init_sec_context, "gss_init_sec_context");
    find(&gss.accept_sec_context, "gss_accept_sec_context");
    find(&gss.delete_sec_context, "gss_delete_sec_context");
    find(&gss.acquire_cred, "gss_acquire_cred");
    find(&gss.release_cred, "gss_release_cred");
    find(&gss.encapsulate_token, "gss_encapsulate_token");
    find(&gss.wrap, "gss_wrap");
    find(&gss.unwrap, "gss_unwrap");
    find(&gss.display_status, "gss_display_status");
    find(&gss.release_buffer, "gss_release_buffer");
    find(&gss.release_name, "gss_release_name");
}

static void check_status(OM_uint32 major, OM_uint32 minor, gss_OID mechanism, const char *what)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 more = 0;

    if (!GSS_ERROR(major))
        return;
    (void)gss.display_status(&ignored, minor, GSS_C_MECH_CODE, mechanism, &more, &text);
    ck_abort_msg("%s: %08x: %.*s", what, (unsigned)major, (int)text.length, (char *)text.value);
}

struct sides {
    gss_ctx_id_t initiator;
    gss_ctx_id_t acceptor;
    gss_cred_id_t acceptor_credential;
    gss_name_t target;
    gss_OID mechanism;
};

static void prepare(struct sides *sides, gss_OID mechanism)
{
    gss_buffer_desc text = {14, (void *)(uintptr_t) "host@localhost"};
    gss_OID_set_desc mechanisms = {1, mechanism};
    OM_uint32 minor;
    OM_uint32 major;

    *sides = (struct sides){.mechanism = mechanism};
    major = gss.import_name(&minor, &text, &hostbased_service, &sides->target);
    check_status(major, minor, mechanism, "gss_import_name");
    major = gss.acquire_cred(&minor, GSS_C_NO_NAME, 0, &mechanisms, GSS_C_ACCEPT,
                             &sides->acceptor_credential, NULL, NULL);
    check_status(major, minor, mechanism, "gss_acquire_cred");
}

/* Negotiate's token is one of SPNEGO, which the mechglue would hand to MIT's acceptor: gives it the
 * header of our mechanism. */
static void address_to_our_acceptor(gss_buffer_t token)
{
    gss_buffer_desc bare = *token;
    OM_uint32 minor;

    ck_assert_uint_eq(gss.encapsulate_token(&bare, GSS_SSPI_MECH_NEGOTIATE, token), GSS_S_COMPLETE);
    (void)gss.release_buffer(&minor, &bare);
}

static void complete(struct sides *sides)
{
    gss_buffer_desc to_acceptor = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc to_initiator = GSS_C_EMPTY_BUFFER;
    OM_uint32 initiator_major = GSS_S_CONTINUE_NEEDED;
    OM_uint32 acceptor_major = GSS_S_CONTINUE_NEEDED;
    OM_uint32 minor = 0;

    for (int legs = 0; legs < MOST_LEGS; legs++) {
        if (initiator_major == GSS_S_CONTINUE_NEEDED)
            initiator_major =
                gss.init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &sides->initiator, sides->target,
                                     sides->mechanism, GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG, 0, NULL,
                                     &to_initiator, NULL, &to_acceptor, NULL, NULL);
        check_status(initiator_major, minor, sides->mechanism, "gss_init_sec_context");
        (void)gss.release_buffer(&minor, &to_initiator);
        if (legs == 0 && sides->mechanism == GSS_SSPI_MECH_NEGOTIATE)
            address_to_our_acceptor(&to_acceptor);
        if (acceptor_major == GSS_S_CONTINUE_NEEDED)
            acceptor_major = gss.accept_sec_context(&minor, &sides->acceptor,
                                                    sides->acceptor_credential, &to_acceptor, NULL,
                                                    NULL, NULL, &to_initiator, NULL, NULL, NULL);
        check_status(acceptor_major, minor, sides->mechanism, "gss_accept_sec_context");
        (void)gss.release_buffer(&minor, &to_acceptor);
        if (initiator_major == GSS_S_COMPLETE && acceptor_major == GSS_S_COMPLETE)
            break;
    }
    (void)gss.release_buffer(&minor, &to_initiator);
    ck_assert_uint_eq(initiator_major, GSS_S_COMPLETE);
    ck_assert_uint_eq(acceptor_major, GSS_S_COMPLETE);
}

static void exchange_a_message(struct sides *sides)
{
    gss_buffer_desc text = {9, (void *)(uintptr_t) "a message"};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major;
    int confidential = 0;

    major = gss.wrap(&minor, sides->initiator, 1, GSS_C_QOP_DEFAULT, &text, &confidential, &sealed);
    check_status(major, minor, sides->mechanism, "gss_wrap");
    ck_assert_int_ne(confidential, 0);
    major = gss.unwrap(&minor, sides->acceptor, &sealed, &opened, &confidential, NULL);
    check_status(major, minor, sides->mechanism, "gss_unwrap");
    ck_assert_int_ne(confidential, 0);
    ck_assert_uint_eq(opened.length, text.length);
    ck_assert_mem_eq(opened.value, text.value, text.length);
    (void)gss.release_buffer(&minor, &sealed);
    (void)gss.release_buffer(&minor, &opened);
}

static void release(struct sides *sides)
{
    OM_uint32 minor;

    (void)gss.delete_sec_context(&minor, &sides->initiator, GSS_C_NO_BUFFER);
    (void)gss.delete_sec_context(&minor, &sides->acceptor, GSS_C_NO_BUFFER);
    (void)gss.release_cred(&minor, &sides->acceptor_credential);
    (void)gss.release_name(&minor, &sides->target);
}

static void run(const gss_OID_desc *mechanism)
{
    struct sides sides;

    load();
    prepare(&sides, (gss_OID)mechanism);
    complete(&sides);
    exchange_a_message(&sides);
    release(&sides);
    ck_assert_int_eq(dlclose(libgssapi), 0);
}

START_TEST(credssp_completes_with_libgssapi_loaded_locally)
{
    run(GSS_SSPI_MECH_CREDSSP);
}
END_TEST

START_TEST(negotiate_completes_with_libgssapi_loaded_locally)
{
    run(GSS_SSPI_MECH_NEGOTIATE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dlopen");
    TCase *cases = tcase_create("dlopen");

    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, credssp_completes_with_libgssapi_loaded_locally);
    tcase_add_test(cases, negotiate_completes_with_libgssapi_loaded_locally);
    return run_suite(suite);
}
