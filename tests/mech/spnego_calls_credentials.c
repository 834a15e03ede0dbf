/* Calls on credentials. */
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mech/spnego_calls.h"

static gss_OID_desc impersonator_of = {11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x0e"};
static gss_OID_desc nobodys = {4, (void *)"\x2a\x03\x04\x05"};
static const gss_OID_desc krb5 = {9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};

/* A new credential cache in memory, initialised for alice when it is to be found by acquiring. */
static krb5_ccache new_cache(krb5_context *library, bool initialised)
{
    krb5_ccache cache = NULL;
    krb5_principal alice = NULL;

    if (krb5_init_context(library) != 0 ||
        krb5_cc_new_unique(*library, "MEMORY", NULL, &cache) != 0 ||
        krb5_parse_name(*library, "alice@EXAMPLE.TEST", &alice) != 0 ||
        (initialised && krb5_cc_initialize(*library, cache, alice) != 0))
        give_up("no credential cache");
    krb5_free_principal(*library, alice);
    return cache;
}

/* What is in it, without the marks that libkrb5 leaves. */
static void result_cache(krb5_context library, krb5_ccache cache)
{
    krb5_principal principal = NULL;
    krb5_cc_cursor cursor;
    krb5_creds creds;
    char *text = NULL;
    unsigned int count = 0;

    if (krb5_cc_get_principal(library, cache, &principal) != 0 ||
        krb5_unparse_name(library, principal, &text) != 0 ||
        krb5_cc_start_seq_get(library, cache, &cursor) != 0) {
        result("nothing stored");
        return;
    }
    while (krb5_cc_next_cred(library, cache, &cursor, &creds) == 0) {
        if (!krb5_is_config_principal(library, creds.server))
            count++;
        krb5_free_cred_contents(library, &creds);
    }
    (void)krb5_cc_end_seq_get(library, cache, &cursor);
    result("stored=%s tickets=%u", text, count);
}

/* Runs a logon and ends it. */
static void run_logon(struct logon *logon)
{
    if (logon_advance(logon, LOGON_STEPS_MAXIMUM)) {
        result_flags("client", logon->client_flags, true);
        result_flags("server", logon->server_flags, true);
        result_oid("by", logon->server_mechanism);
        result("delegated=%d", logon->delegated != GSS_C_NO_CREDENTIAL);
        result_name("source", &logon->source);
    } else {
        result("logon fails");
    }
    logon_end(logon);
}

/* What the credential is good for. */
static void result_logon(gss_cred_id_t credential, bool initiator)
{
    struct logon logon = {.target = "HTTP@localhost", .flags = GSS_C_MUTUAL_FLAG};

    if (initiator)
        logon.client_credential = credential;
    else
        logon.server_credential = credential;
    run_logon(&logon);
}

static void call_inquire(const struct subject *s)
{
    gss_name_t name = GSS_C_NO_NAME;
    gss_OID_set mechanisms = GSS_C_NO_OID_SET;
    gss_cred_usage_t usage = -1;
    OM_uint32 lifetime = 0;
    OM_uint32 minor;

    if (GSS_ERROR(result_major(
            "", gss_inquire_cred(&minor, s->credential, &name, &lifetime, &usage, &mechanisms))))
        return;
    result_name("name", &name);
    result_time("for", lifetime);
    result("usage=%d mechanisms=%zu", usage, mechanisms->count);
}

static void call_inquire_by_mech(const struct subject *s)
{
    gss_cred_usage_t usage = -1;
    OM_uint32 minor;

    (void)result_major(
        "", gss_inquire_cred_by_mech(&minor, s->credential, mechanism, NULL, NULL, NULL, &usage));
}

static void call_inquire_by_oid(const struct subject *s)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    (void)result_major("unknown", gss_inquire_cred_by_oid(&minor, s->credential, &nobodys, &data));
}

static void call_impersonator(const struct subject *s)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    (void)result_major("", gss_inquire_cred_by_oid(&minor, s->credential, &impersonator_of, &data));
    for (size_t i = 0; data != GSS_C_NO_BUFFER_SET && i < data->count; i++)
        result_text("is", &data->elements[i]);
}

static void call_as_initiator(const struct subject *s)
{
    result_logon(s->credential, true);
}

static void call_as_acceptor(const struct subject *s)
{
    result_logon(s->credential, false);
}

static void call_enctypes(const struct subject *s)
{
    static gss_OID_desc session_key = {11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05"};
    struct logon logon = {.target = "HTTP@localhost", .client_credential = s->credential};
    krb5_enctype aes128[] = {ENCTYPE_AES128_CTS_HMAC_SHA1_96};
    krb5_enctype none[] = {ENCTYPE_NULL};
    gss_buffer_set_t key = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    (void)result_major("unknown", gss_krb5_set_allowable_enctypes(&minor, s->credential, 1, none));
    if (GSS_ERROR(
            result_major("", gss_krb5_set_allowable_enctypes(&minor, s->credential, 1, aes128))))
        return;
    if (logon_advance(&logon, LOGON_STEPS_MAXIMUM) &&
        !GSS_ERROR(gss_inquire_sec_context_by_oid(&minor, logon.client, &session_key, &key)))
        result("key=%zu", key->elements[0].length);
    logon_end(&logon);
}

static void call_copy_ccache(const struct subject *s)
{
    krb5_context library;
    krb5_ccache cache = new_cache(&library, true);
    OM_uint32 minor;

    if (!GSS_ERROR(result_major("", gss_krb5_copy_ccache(&minor, s->credential, cache))))
        result_cache(library, cache);
}

static void call_rcache(const struct subject *s)
{
    krb5_context library;
    krb5_rcache replay = NULL;
    OM_uint32 minor;

    if (krb5_init_context(&library) != 0)
        give_up("no Kerberos");
    (void)result_major("", gss_krb5_set_cred_rcache(&minor, s->credential, replay));
}

static void call_no_ci_flags(const struct subject *s)
{
    gss_buffer_desc empty = GSS_C_EMPTY_BUFFER;
    gss_cred_id_t credential = s->credential;
    struct logon logon = {.target = "HTTP@localhost"};
    OM_uint32 minor;

    if (GSS_ERROR(
            result_major("", gss_set_cred_option(&minor, &credential,
                                                 (gss_OID)GSS_KRB5_CRED_NO_CI_FLAGS_X, &empty))))
        return;
    logon.client_credential = credential;
    run_logon(&logon);
}

static void call_unknown_option(const struct subject *s)
{
    gss_buffer_desc value = {3, (void *)"any"};
    gss_cred_id_t credential = s->credential;
    OM_uint32 minor;

    (void)result_major("", gss_set_cred_option(&minor, &credential, &nobodys, &value));
    result("same=%d", credential == s->credential);
}

/* What GSS_KRB5_IMPORT_CRED makes is Kerberos' alone; on a credential that exists it is refused. */
static void call_import_option(const struct subject *s)
{
    krb5_context library;
    krb5_ccache cache = NULL;
    gss_cred_id_t credential = s->credential;
    OM_uint32 minor;

    if (krb5_init_context(&library) != 0 || krb5_cc_default(library, &cache) != 0)
        give_up("no credential cache");
    (void)result_major("", gss_krb5_import_cred(&minor, cache, NULL, NULL, &credential));
}

static void call_neg_mechs(const struct subject *s)
{
    gss_OID_set_desc only = {1, (gss_OID)(uintptr_t)&krb5};
    OM_uint32 minor;

    if (!GSS_ERROR(result_major("", gss_set_neg_mechs(&minor, s->credential, &only))))
        result_logon(s->credential, true);
}

static void call_export_cred(const struct subject *s)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    struct subject copy = {.credential = GSS_C_NO_CREDENTIAL};
    OM_uint32 minor;

    if (GSS_ERROR(result_major("export", gss_export_cred(&minor, s->credential, &token))) ||
        GSS_ERROR(result_major("import", gss_import_cred(&minor, &token, &copy.credential))))
        return;
    call_inquire(&copy);
    call_impersonator(&copy);
    result_logon(copy.credential, true);
}

static void call_add_cred(const struct subject *s)
{
    gss_cred_id_t both = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;

    (void)result_major("again", gss_add_cred(&minor, s->credential, GSS_C_NO_NAME, mechanism,
                                             GSS_C_INITIATE, 0, 0, NULL, NULL, NULL, NULL));
    if (GSS_ERROR(result_major("krb5", gss_add_cred(&minor, s->credential, GSS_C_NO_NAME,
                                                    (gss_OID)(uintptr_t)&krb5, GSS_C_INITIATE,
                                                    GSS_C_INDEFINITE, 0, &both, NULL, NULL, NULL))))
        return;
    result_logon(both, true);
}

static void store(gss_cred_id_t credential, gss_OID only, bool overwrite, const char *what)
{
    krb5_context library;
    krb5_ccache cache = new_cache(&library, false);
    char name[128];
    gss_key_value_element_desc element = {"ccache", name};
    gss_key_value_set_desc place = {1, &element};
    gss_OID_set elements = GSS_C_NO_OID_SET;
    gss_cred_usage_t usage = -1;
    OM_uint32 minor;

    (void)snprintf(name, sizeof name, "MEMORY:%s", krb5_cc_get_name(library, cache));
    (void)result_major(what, gss_store_cred_into(&minor, credential, GSS_C_INITIATE, only,
                                                 overwrite, 0, &place, &elements, &usage));
    result_cache(library, cache);
    /* Once more: is there already. */
    (void)result_major("again", gss_store_cred_into(&minor, credential, GSS_C_INITIATE, only,
                                                    overwrite, 0, &place, NULL, &usage));
}

static void call_store(const struct subject *s)
{
    store(s->credential, GSS_C_NO_OID, false, "all");
}

static void call_store_by_mechanism(const struct subject *s)
{
    store(s->credential, mechanism, true, "one");
}

static void call_impersonate(const struct subject *s)
{
    gss_name_t bob = import_name("bob", GSS_C_NT_USER_NAME);
    gss_OID_set_desc only = {1, mechanism};
    struct subject made = {.credential = GSS_C_NO_CREDENTIAL};
    gss_cred_id_t added = GSS_C_NO_CREDENTIAL;
    OM_uint32 lifetime = 0;
    OM_uint32 minor;
    OM_uint32 major =
        gss_acquire_cred_impersonate_name(&minor, s->credential, bob, GSS_C_INDEFINITE, &only,
                                          GSS_C_INITIATE, &made.credential, NULL, &lifetime);

    result(GSS_ERROR(major) ? "fails" : "works");
    (void)result_major("both",
                       gss_acquire_cred_impersonate_name(&minor, s->credential, bob, 0, &only,
                                                         GSS_C_BOTH, &added, NULL, NULL) != 0);
    if (GSS_ERROR(major))
        return;
    result_time("for", lifetime);
    (void)result_major("add", gss_add_cred_impersonate_name(
                                  &minor, GSS_C_NO_CREDENTIAL, s->credential, bob, mechanism,
                                  GSS_C_INITIATE, GSS_C_INDEFINITE, 0, &added, NULL, NULL, NULL));
    for (const struct call *call = credential_calls; call->name != NULL; call++) {
        if (call->run == call_impersonate)
            break;
        result("\n  %s:", call->name);
        call->run(&made);
    }
}

static void call_release(const struct subject *s)
{
    gss_cred_id_t credential = s->credential;
    OM_uint32 minor;

    (void)result_major("", gss_release_cred(&minor, &credential));
    result("gone=%d", credential == GSS_C_NO_CREDENTIAL);
}

/* Those behind call_impersonate are not made on an impersonated credential. */
const struct call credential_calls[] = {
    {"gss_inquire_cred", call_inquire},
    {"gss_inquire_cred_by_mech", call_inquire_by_mech},
    {"gss_inquire_cred_by_oid", call_inquire_by_oid},
    {"impersonator", call_impersonator},
    {"gss_init_sec_context", call_as_initiator},
    {"gss_accept_sec_context", call_as_acceptor},
    {"gss_krb5_set_allowable_enctypes", call_enctypes},
    {"gss_krb5_copy_ccache", call_copy_ccache},
    {"gss_krb5_set_cred_rcache", call_rcache},
    {"KRB5_NO_CI_FLAGS_X", call_no_ci_flags},
    {"unknown option", call_unknown_option},
    {"gss_krb5_import_cred", call_import_option},
    {"gss_set_neg_mechs", call_neg_mechs},
    {"gss_export_cred", call_export_cred},
    {"gss_add_cred", call_add_cred},
    {"gss_store_cred_into", call_store},
    {"gss_store_cred_into of one mechanism", call_store_by_mechanism},
    {"gss_acquire_cred_impersonate_name", call_impersonate},
    {"gss_release_cred", call_release},
    {NULL, NULL},
};
