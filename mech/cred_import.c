#include "mech/cred.h"
#include "mech/cred_exported.h"

#include <stdlib.h>
#include <string.h>

#include "mech/cred_option.h"
#include "mech/cred_tls.h"
#include "mech/cred_union.h"
#include "mech/octets.h"
#include "mech/status.h"

/* The fixed part and the runs; false when it is not what join() made. */
static bool split(struct byte_range rest, struct credential *credential, size_t *flags,
                  struct byte_range *runs)
{
    bool failed = false;

    if (take_number(&rest, 1, &failed) != EXPORT_VERSION)
        return false;
    credential->usage = (gss_cred_usage_t)take_number(&rest, 1, &failed);
    credential->server.authentication = (enum server_authentication)take_number(&rest, 1, &failed);
    credential->needs_channel_bindings = take_number(&rest, 1, &failed) == 1;
    credential->client.mode = (enum client_certificate_mode)take_number(&rest, 1, &failed);
    credential->time_req = (OM_uint32)take_number(&rest, 4, &failed);
    *flags = take_number(&rest, 1, &failed);
    credential->only_given = (*flags & FLAG_ONLY_GIVEN) != 0;
    credential->no_integrity = (*flags & FLAG_NO_INTEGRITY) != 0;
    credential->is_saved = (*flags & FLAG_SAVED) != 0;
    credential->asks_without_certificate = (*flags & FLAG_ASKS) != 0;
    credential->tls_versions = (enum tls_versions)(*flags >> FLAGS_TLS_SHIFT);
    for (size_t i = 0; i < RUN_COUNT; i++)
        runs[i] = take_octets(&rest, take_number(&rest, 4, &failed), &failed);
    return !failed && rest.length == 0 && credential->server.authentication <= SERVER_FINGERPRINT &&
           credential->client.mode <= CLIENT_CERTIFICATE_REQUIRE &&
           credential->tls_versions < TLS_VERSIONS_COUNT &&
           (credential->usage == GSS_C_BOTH || credential->usage == GSS_C_INITIATE ||
            credential->usage == GSS_C_ACCEPT);
}

static OM_uint32 import_name_run(OM_uint32 *minor, struct byte_range run, gss_name_t *name)
{
    gss_buffer_desc text = {run.length, (void *)(uintptr_t)run.data};
    struct name *imported = NULL;
    OM_uint32 major;

    if (run.length == 0)
        return GSS_S_COMPLETE;
    major = name_import(minor, &text, GSS_C_NT_EXPORT_NAME, &imported);
    if (GSS_ERROR(major))
        return major;
    *name = imported->glue;
    imported->glue = GSS_C_NO_NAME;
    name_release(&imported);
    return GSS_S_COMPLETE;
}

static OM_uint32 import_kerberos(OM_uint32 *minor, struct byte_range run, gss_cred_id_t *handle)
{
    gss_buffer_desc token = {run.length, (void *)(uintptr_t)run.data};
    OM_uint32 major = GSS_S_COMPLETE;

    if (run.length != 0)
        major = glue_import_cred(minor, &token, handle);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(INNER_KERBEROS),
                          "importing credentials");
    return GSS_S_COMPLETE;
}

/* What gss_set_neg_mechs was given. */
static OM_uint32 import_set(OM_uint32 *minor, struct byte_range rest, gss_OID_set *set)
{
    OM_uint32 major = glue_create_empty_oid_set(minor, set);

    while (!GSS_ERROR(major) && rest.length != 0) {
        bool failed = false;
        struct byte_range run = take_octets(&rest, take_number(&rest, 4, &failed), &failed);
        gss_OID_desc oid = {(OM_uint32)run.length, (void *)(uintptr_t)run.data};

        if (failed)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                        "its set of mechanisms is malformed");
        major = glue_add_oid_set_member(minor, &oid, set);
    }
    return GSS_ERROR(major) ? fail_no_memory(minor) : GSS_S_COMPLETE;
}

/* One text of the store; NULL when it is cut off, holds a NUL, or memory runs out. */
static char *take_text(struct byte_range *rest)
{
    bool failed = false;
    struct byte_range run = take_octets(rest, take_number(rest, 4, &failed), &failed);

    if (failed || memchr(run.data, '\0', run.length) != NULL)
        return NULL;
    return strndup((const char *)run.data, run.length);
}

static bool import_store(struct byte_range rest, gss_key_value_set_desc *store)
{
    if (rest.length == 0)
        return true;
    store->elements = calloc(STORE_MAXIMUM, sizeof *store->elements);
    if (store->elements == NULL)
        return false;
    while (rest.length != 0 && store->count < STORE_MAXIMUM) {
        gss_key_value_element_desc *element = &store->elements[store->count++];

        element->key = take_text(&rest);
        element->value = element->key != NULL ? take_text(&rest) : NULL;
        if (element->value == NULL)
            return false;
    }
    return rest.length == 0;
}

static bool import_smart_card(struct byte_range rest, struct smart_card **card)
{
    bool imported = true;
    OM_uint32 minor;

    while (rest.length != 0 && imported) {
        char *key = take_text(&rest);
        char *value = key != NULL ? take_text(&rest) : NULL;

        imported = value != NULL && smart_card_has_key(key) &&
                   !GSS_ERROR(smart_card_set(&minor, card, key, value));
        if (value != NULL)
            wipe(value, strlen(value));
        free(value);
        free(key);
    }
    return imported && (*card == NULL || !GSS_ERROR(smart_card_check(&minor, *card)));
}

/* Copies a file's name or the like; false when memory runs out. */
static bool keep_run(char **text, struct byte_range run)
{
    if (run.length == 0)
        return true;
    *text = strndup((const char *)run.data, run.length);
    return *text != NULL;
}

/*
 * What MIT's SPNEGO exports, and what a delegated ticket comes as: Kerberos' credential and no
 * more.
 */
static OM_uint32 import_mechglue(OM_uint32 *minor, gss_buffer_t token,
                                 struct credential **credential)
{
    struct credential *c = credential_create_given(GSS_C_INITIATE);
    OM_uint32 major;

    *credential = NULL;
    if (c == NULL)
        return fail_no_memory(minor);
    major = import_kerberos(minor, byte_range_of(token->value, token->length),
                            &c->inner[INNER_KERBEROS][false].handle);
    if (!GSS_ERROR(major)) {
        *credential = c;
        c = NULL;
    }
    credential_release(&c);
    return major;
}

OM_uint32 credential_import(OM_uint32 *minor, gss_buffer_t token, struct credential **credential)
{
    struct byte_range runs[RUN_COUNT];
    struct credential *c = credential_create();
    gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    size_t flags = 0;
    OM_uint32 major;

    *credential = NULL;
    if (c == NULL)
        return fail_no_memory(minor);
    if (is_exported_by_mechglue(byte_range_of(token->value, token->length))) {
        major = import_mechglue(minor, token, credential);
        goto done;
    }
    if (!split(byte_range_of(token->value, token->length), c, &flags, runs)) {
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                     "it is not an exported credential");
        goto done;
    }
    major = import_name_run(minor, runs[RUN_NAME], &c->name);
    if (!GSS_ERROR(major))
        major =
            import_kerberos(minor, runs[RUN_INITIATOR], &c->inner[INNER_KERBEROS][false].handle);
    if (!GSS_ERROR(major))
        major = import_kerberos(minor, runs[RUN_ACCEPTOR], &c->inner[INNER_KERBEROS][true].handle);
    if (!GSS_ERROR(major) && (flags & FLAG_HAS_SET) != 0)
        major = import_set(minor, runs[RUN_ALLOWED], &c->allowed);
    if (!GSS_ERROR(major) && (!import_store(runs[RUN_STORE], &c->store) ||
                              !import_smart_card(runs[RUN_SMART_CARD], &c->smart_card)))
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                     "its credential store is malformed");
    if (GSS_ERROR(major))
        goto done;
    if (((flags & FLAG_PASSWORD) != 0 &&
         !secret_set(&c->password, runs[RUN_PASSWORD].data, runs[RUN_PASSWORD].length)) ||
        !keep_run(&c->certificate, runs[RUN_CERTIFICATE]) ||
        !keep_run(&c->private_key, runs[RUN_KEY]) ||
        !keep_run(&c->server.trusted_certificates, runs[RUN_TRUSTED]) ||
        !keep_run(&c->server.fingerprints, runs[RUN_FINGERPRINTS]) ||
        !keep_run(&c->client.trusted_certificates, runs[RUN_TRUSTED_CLIENTS]) ||
        !keep_run(&c->client_certificate.certificate, runs[RUN_CLIENT_CERTIFICATE]) ||
        !keep_run(&c->client_certificate.private_key, runs[RUN_CLIENT_KEY]) ||
        !keep_run(&c->packages, runs[RUN_PACKAGES])) {
        major = fail_no_memory(minor);
        goto done;
    }
    major = credential_check_tls(minor, c);
    if (GSS_ERROR(major))
        goto done;
    if (c->no_integrity) /* what Kerberos does not export with its own */
        (void)credential_set_option(minor, &c, GSS_KRB5_CRED_NO_CI_FLAGS_X, &nothing);
    *credential = c;
    c = NULL;
    *minor = 0;
done:
    credential_release(&c);
    return major;
}
