#include "mech/cred.h"
#include "mech/cred_exported.h"

#include <stdlib.h>
#include <string.h>

#include "common/byte_buffer.h"
#include "mech/octets.h"
#include "mech/status.h"

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
    bool asks_without_certificate;
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
    changing->asks_without_certificate = credential->asks_without_certificate;
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

static unsigned int flags_of(const struct credential *credential, const struct changing *changing)
{
    return (secret_is_present(&credential->password) ? FLAG_PASSWORD : 0) |
           (credential->only_given ? FLAG_ONLY_GIVEN : 0) |
           (credential->is_saved ? FLAG_SAVED : 0) |
           (changing->asks_without_certificate ? FLAG_ASKS : 0) |
           ((unsigned int)credential->tls_versions << FLAGS_TLS_SHIFT) |
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
    at = put_number(at, (size_t)credential->server.authentication, 1);
    at = put_number(at, credential->needs_channel_bindings, 1);
    at = put_number(at, (size_t)credential->client.mode, 1);
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
    struct byte_buffer card = {.limit = STORE_OCTETS};
    struct changing changing;
    const struct name wrapper = {credential->name};
    struct byte_range runs[RUN_COUNT];
    OM_uint32 ignored;
    OM_uint32 major = copy_changing(minor, credential, &changing);

    if (!GSS_ERROR(major) && credential->name != GSS_C_NO_NAME)
        major = name_export(minor, &wrapper, oid_negotiate, &name);
    if (!GSS_ERROR(major) &&
        (!export_store(&credential->store, &store) ||
         (credential->smart_card != NULL && !smart_card_append(credential->smart_card, &card))))
        major = fail_no_memory(minor);
    if (GSS_ERROR(major))
        goto done;
    export_kerberos(credential, false, &kerberos[0]);
    export_kerberos(credential, true, &kerberos[1]);
    runs[RUN_NAME] = byte_range_of(name.value, name.length);
    runs[RUN_PASSWORD] = byte_range_of(credential->password.data, credential->password.length);
    runs[RUN_CERTIFICATE] = run_of_text(credential->certificate);
    runs[RUN_KEY] = run_of_text(credential->private_key);
    runs[RUN_TRUSTED] = run_of_text(credential->server.trusted_certificates);
    runs[RUN_FINGERPRINTS] = run_of_text(credential->server.fingerprints);
    runs[RUN_TRUSTED_CLIENTS] = run_of_text(credential->client.trusted_certificates);
    runs[RUN_CLIENT_CERTIFICATE] = run_of_text(credential->client_certificate.certificate);
    runs[RUN_CLIENT_KEY] = run_of_text(credential->client_certificate.private_key);
    runs[RUN_PACKAGES] = run_of_text(changing.packages);
    runs[RUN_ALLOWED] = byte_buffer_range(&changing.allowed);
    runs[RUN_STORE] = byte_buffer_range(&store);
    runs[RUN_SMART_CARD] = byte_buffer_range(&card);
    runs[RUN_INITIATOR] = byte_range_of(kerberos[0].value, kerberos[0].length);
    runs[RUN_ACCEPTOR] = byte_range_of(kerberos[1].value, kerberos[1].length);
    major = join(minor, credential, flags_of(credential, &changing), runs, token);
done:
    changing_release(&changing);
    wipe_and_release(&kerberos[0]);
    wipe_and_release(&kerberos[1]);
    wipe(store.data, store.length);
    byte_buffer_release(&store);
    wipe(card.data, card.length);
    byte_buffer_release(&card);
    (void)glue_release_buffer(&ignored, &name);
    return major;
}
