/*
 * Exported credentials: what lets a process hand a credential to another, and the mechglue copy one. They
 * hold secrets, as those of Kerberos do.
 *
 *   octets  content
 *   1       version, 3
 *   1       usage
 *   1       whether channel bindings must be there, for an acceptor
 *   4       lifetime asked for
 *   4 + n   name as name_export gives it; n is 0 for the default
 *   1       flags: bit 0 there is a password, bit 1 only_given, bit 2 no_integrity, bit 3 there is a set
 *           of gss_set_neg_mechs
 *   4 + n   password
 *   4 + n   certificate file; n is 0 when there is none
 *   4 + n   key file
 *   4 + n   package list, as it was given; n is 0 when there is none
 *   4 + n   the set of gss_set_neg_mechs: 4 + n for each OID's content octets
 *   4 + n   the credential store that is passed on: 4 + n for each key and each value
 *   4 + n   Kerberos' credential as initiator, as the mechglue exports it; n is 0 where there is none
 *   4 + n   Kerberos' credential as acceptor
 *
 * NTLM's is acquired anew from name, password and store: gss-ntlmssp 1.2.0 does not import what it
 * exports.
 */
#include "mech/cred.h"

#include <stdlib.h>
#include <string.h>

#include "common/byte_buffer.h"
#include "mech/cred_option.h"
#include "mech/octets.h"
#include "mech/status.h"

#define EXPORT_VERSION 3

/* Version, usage, channel bindings, lifetime and flags. */
#define FIXED_OCTETS 8

/* The runs of octets, each behind its length. */
enum {
    RUN_NAME,
    RUN_PASSWORD,
    RUN_CERTIFICATE,
    RUN_KEY,
    RUN_PACKAGES,
    RUN_ALLOWED,
    RUN_STORE,
    RUN_INITIATOR,
    RUN_ACCEPTOR,
    RUN_COUNT
};

/* More elements than any credential store has. */
#define STORE_MAXIMUM 64
#define STORE_OCTETS  ((size_t)64 * 1024)

/* More than all mechanisms of a machine take. */
#define ALLOWED_OCTETS ((size_t)64 * 1024)

static void wipe_and_release(gss_buffer_t buffer)
{
    OM_uint32 ignored;

    wipe(buffer->value, buffer->length);
    (void)glue_release_buffer(&ignored, buffer);
}

/* Kerberos' credential for one direction, where it can be had. */
static void export_kerberos(struct credential *credential, bool acceptor, gss_buffer_t token)
{
    gss_cred_id_t handle;
    struct package_list all;
    struct package_list allowed;
    OM_uint32 ignored;

    (void)package_list_parse("", 0, &all);
    credential_mechanisms(credential, &all, &allowed);
    if (package_list_has(&allowed, INNER_KERBEROS) &&
        !GSS_ERROR(credential_inner(&ignored, credential, INNER_KERBEROS, acceptor, &handle)))
        (void)glue_export_cred(&ignored, handle, token);
}

static bool append_run(struct byte_buffer *buffer, const void *octets, size_t count)
{
    unsigned char length[4];

    (void)put_number(length, count, sizeof length);
    return byte_buffer_append(buffer, length, sizeof length) &&
           byte_buffer_append(buffer, octets, count);
}

static bool append_text(struct byte_buffer *buffer, const char *text)
{
    return append_run(buffer, text, strlen(text));
}

/* Room for all of it is made at once: memory that grew would be left behind with secrets in it. */
static bool export_store(const gss_key_value_set_desc *store, struct byte_buffer *buffer)
{
    size_t length = 0;
    bool appended;

    for (OM_uint32 i = 0; i < store->count; i++)
        length += 4 + strlen(store->elements[i].key) + 4 + strlen(store->elements[i].value);
    appended = byte_buffer_reserve(buffer, length);
    for (OM_uint32 i = 0; i < store->count && appended; i++)
        appended = append_text(buffer, store->elements[i].key) &&
                   append_text(buffer, store->elements[i].value);
    return appended;
}

/* What other threads may replace meanwhile: a copy. */
struct changing {
    bool no_integrity;
    char *packages;
    bool has_set;
    struct byte_buffer allowed;
};

static void changing_release(struct changing *changing)
{
    free(changing->packages);
    byte_buffer_release(&changing->allowed);
}

static OM_uint32 copy_changing(OM_uint32 *minor, struct credential *credential,
                               struct changing *changing)
{
    bool copied = true;

    *changing = (struct changing){.allowed = {.limit = ALLOWED_OCTETS}};
    (void)pthread_mutex_lock(&credential->lock);
    changing->no_integrity = credential->no_integrity;
    if (credential->packages != NULL) {
        changing->packages = strdup(credential->packages);
        copied = changing->packages != NULL;
    }
    changing->has_set = credential->allowed != GSS_C_NO_OID_SET;
    for (size_t i = 0; changing->has_set && copied && i < credential->allowed->count; i++) {
        gss_const_OID oid = &credential->allowed->elements[i];

        copied = append_run(&changing->allowed, oid->elements, oid->length);
    }
    (void)pthread_mutex_unlock(&credential->lock);
    return copied ? GSS_S_COMPLETE : fail_no_memory(minor);
}

/* In the octet before the runs. */
#define FLAG_PASSWORD     1u
#define FLAG_ONLY_GIVEN   2u
#define FLAG_NO_INTEGRITY 4u
#define FLAG_HAS_SET      8u

static unsigned int flags_of(const struct credential *credential, const struct changing *changing)
{
    return (secret_is_present(&credential->password) ? FLAG_PASSWORD : 0) |
           (credential->only_given ? FLAG_ONLY_GIVEN : 0) |
           (changing->no_integrity ? FLAG_NO_INTEGRITY : 0) |
           (changing->has_set ? FLAG_HAS_SET : 0);
}

static OM_uint32 join(OM_uint32 *minor, const struct credential *credential, unsigned int flags,
                      const struct byte_range *runs, gss_buffer_t token)
{
    size_t length = FIXED_OCTETS;
    unsigned char *at;

    for (size_t i = 0; i < RUN_COUNT; i++)
        length += 4 + runs[i].length;
    at = malloc(length);
    if (at == NULL)
        return fail_no_memory(minor);
    *token = (gss_buffer_desc){length, at};
    at = put_number(at, EXPORT_VERSION, 1);
    at = put_number(at, (size_t)credential->usage, 1);
    at = put_number(at, credential->needs_channel_bindings, 1);
    at = put_number(at, credential->time_req, 4);
    at = put_number(at, flags, 1);
    for (size_t i = 0; i < RUN_COUNT; i++) {
        at = put_number(at, runs[i].length, 4);
        at = put_octets(at, runs[i].data, runs[i].length);
    }
    *minor = 0;
    return GSS_S_COMPLETE;
}

static struct byte_range run_of_text(const char *text)
{
    return byte_range_of(text, text != NULL ? strlen(text) : 0);
}

OM_uint32 credential_export(OM_uint32 *minor, struct credential *credential, gss_buffer_t token)
{
    gss_buffer_desc name = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc kerberos[2] = {GSS_C_EMPTY_BUFFER, GSS_C_EMPTY_BUFFER};
    struct byte_buffer store = {.limit = STORE_OCTETS};
    struct changing changing;
    const struct name wrapper = {credential->name};
    struct byte_range runs[RUN_COUNT];
    OM_uint32 ignored;
    OM_uint32 major = copy_changing(minor, credential, &changing);

    if (!GSS_ERROR(major) && credential->name != GSS_C_NO_NAME)
        major = name_export(minor, &wrapper, oid_negotiate, &name);
    if (!GSS_ERROR(major) && !export_store(&credential->store, &store))
        major = fail_no_memory(minor);
    if (GSS_ERROR(major))
        goto done;
    export_kerberos(credential, false, &kerberos[0]);
    export_kerberos(credential, true, &kerberos[1]);
    runs[RUN_NAME] = byte_range_of(name.value, name.length);
    runs[RUN_PASSWORD] = byte_range_of(credential->password.data, credential->password.length);
    runs[RUN_CERTIFICATE] = run_of_text(credential->certificate);
    runs[RUN_KEY] = run_of_text(credential->private_key);
    runs[RUN_PACKAGES] = run_of_text(changing.packages);
    runs[RUN_ALLOWED] = byte_buffer_range(&changing.allowed);
    runs[RUN_STORE] = byte_buffer_range(&store);
    runs[RUN_INITIATOR] = byte_range_of(kerberos[0].value, kerberos[0].length);
    runs[RUN_ACCEPTOR] = byte_range_of(kerberos[1].value, kerberos[1].length);
    major = join(minor, credential, flags_of(credential, &changing), runs, token);
done:
    changing_release(&changing);
    wipe_and_release(&kerberos[0]);
    wipe_and_release(&kerberos[1]);
    wipe(store.data, store.length);
    byte_buffer_release(&store);
    (void)glue_release_buffer(&ignored, &name);
    return major;
}

/* The fixed part and the runs; false when it is not what join() made. */
static bool split(struct byte_range rest, struct credential *credential, size_t *flags,
                  struct byte_range *runs)
{
    bool failed = false;

    if (take_number(&rest, 1, &failed) != EXPORT_VERSION)
        return false;
    credential->usage = (gss_cred_usage_t)take_number(&rest, 1, &failed);
    credential->needs_channel_bindings = take_number(&rest, 1, &failed) == 1;
    credential->time_req = (OM_uint32)take_number(&rest, 4, &failed);
    *flags = take_number(&rest, 1, &failed);
    credential->only_given = (*flags & FLAG_ONLY_GIVEN) != 0;
    credential->no_integrity = (*flags & FLAG_NO_INTEGRITY) != 0;
    for (size_t i = 0; i < RUN_COUNT; i++)
        runs[i] = take_octets(&rest, take_number(&rest, 4, &failed), &failed);
    return !failed && rest.length == 0 &&
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

/* Copies a file's name or the like; false when memory runs out. */
static bool keep_run(char **text, struct byte_range run)
{
    if (run.length == 0)
        return true;
    *text = strndup((const char *)run.data, run.length);
    return *text != NULL;
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
    if (!GSS_ERROR(major) && !import_store(runs[RUN_STORE], &c->store))
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                     "its credential store is malformed");
    if (GSS_ERROR(major))
        goto done;
    if (((flags & FLAG_PASSWORD) != 0 &&
         !secret_set(&c->password, runs[RUN_PASSWORD].data, runs[RUN_PASSWORD].length)) ||
        !keep_run(&c->certificate, runs[RUN_CERTIFICATE]) ||
        !keep_run(&c->private_key, runs[RUN_KEY]) || !keep_run(&c->packages, runs[RUN_PACKAGES])) {
        major = fail_no_memory(minor);
        goto done;
    }
    if (c->no_integrity) /* what Kerberos does not export with its own */
        (void)credential_set_option(minor, &c, GSS_KRB5_CRED_NO_CI_FLAGS_X, &nothing);
    *credential = c;
    c = NULL;
    *minor = 0;
done:
    credential_release(&c);
    return major;
}
