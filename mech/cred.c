#include "mech/cred.h"

#include <stdlib.h>
#include <string.h>

#include "common/nt_status.h"
#include "mech/cred_tls.h"
#include "mech/status.h"
#include "mech/trace.h"

/* Keys of a credential store that are ours; every other one is passed on. */
static const char key_password[] = "password";
static const char key_saved_password[] = "saved_password";
static const char key_remote_guard[] = "remote_guard";
static const char key_packages[] = "packages";
static const char key_channel_bindings[] = "channel_bindings";

/* Kerberos' own: the keytab that an initiator's tickets are acquired from. */
static const char key_client_keytab[] = "client_keytab";

/* What is passed on may be a secret too: gss-ntlmssp takes a password and a hash so. */
static void store_free(gss_key_value_set_desc *store)
{
    for (OM_uint32 i = 0; i < store->count; i++) {
        char *value = (char *)(uintptr_t)store->elements[i].value;

        if (value != NULL)
            wipe(value, strlen(value));
        free(value);
        free((void *)(uintptr_t)store->elements[i].key);
    }
    free(store->elements);
    *store = (gss_key_value_set_desc){0, NULL};
}

void credential_release(struct credential **credential)
{
    struct credential *c = *credential;
    OM_uint32 ignored;

    if (c == NULL)
        return;
    for (int kind = 0; kind < INNER_MAXIMUM; kind++) {
        for (int acceptor = 0; acceptor < 2; acceptor++) {
            (void)glue_release_cred(&ignored, &c->inner[kind][acceptor].handle);
            free(c->inner[kind][acceptor].text);
        }
    }
    (void)glue_release_name(&ignored, &c->name);
    (void)glue_release_oid_set(&ignored, &c->allowed);
    secret_release(&c->password);
    smart_card_release(&c->smart_card);
    store_free(&c->store);
    free(c->packages);
    credential_release_tls(c);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
    *credential = NULL;
}

/* Keeps one element for the inner mechanisms; room for it was made before. */
static bool keep_element(gss_key_value_set_desc *store, const char *key, const char *value)
{
    gss_key_value_element_desc *element = &store->elements[store->count];

    element->key = strdup(key);
    element->value = strdup(value);
    store->count++;
    return element->key != NULL && element->value != NULL;
}

/* An acceptor's own demand, which can only add to what policy says. */
static OM_uint32 read_channel_bindings(OM_uint32 *minor, struct credential *c, const char *value)
{
    enum channel_binding_mode mode;

    if (!channel_binding_mode_parse(value, &mode))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "channel_bindings is not \"%s\"",
                    value);
    c->needs_channel_bindings = mode == CHANNEL_BINDINGS_REQUIRED;
    return GSS_S_COMPLETE;
}

/* A password; one is enough. */
static OM_uint32 read_password(OM_uint32 *minor, struct credential *c, const char *value,
                               bool is_saved)
{
    if (secret_is_present(&c->password))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                    "the credential store has more than one password");
    c->is_saved = is_saved;
    return secret_set(&c->password, value, strlen(value)) ? GSS_S_COMPLETE : fail_no_memory(minor);
}

static OM_uint32 read_element(OM_uint32 *minor, struct credential *c, const char *key,
                              const char *value)
{
    OM_uint32 major;

    if (strcmp(key, key_password) == 0)
        return read_password(minor, c, value, false);
    if (strcmp(key, key_saved_password) == 0)
        return read_password(minor, c, value, true);
    if (smart_card_has_key(key))
        return smart_card_set(minor, &c->smart_card, key, value);
    if (strcmp(key, key_remote_guard) == 0)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE,
                    "remote credential guard is not offered to clients: see mech_sspi(8)");
    if (strcmp(key, key_packages) == 0)
        return credential_set_packages(minor, c, value);
    if (strcmp(key, key_channel_bindings) == 0)
        return read_channel_bindings(minor, c, value);
    if (credential_take_tls_element(minor, c, key, value, &major))
        return major;
    return keep_element(&c->store, key, value) ? GSS_S_COMPLETE : fail_no_memory(minor);
}

static bool store_has(gss_const_key_value_set_t store, const char *key)
{
    for (OM_uint32 i = 0; i < store->count; i++) {
        if (strcmp(store->elements[i].key, key) == 0)
            return true;
    }
    return false;
}

static OM_uint32 read_store(OM_uint32 *minor, struct credential *c, gss_const_key_value_set_t store)
{
    OM_uint32 major = GSS_S_COMPLETE;

    *minor = 0;
    if (store == NULL || store->count == 0)
        return GSS_S_COMPLETE;
    c->store.elements = calloc(store->count, sizeof *c->store.elements);
    if (c->store.elements == NULL)
        return fail_no_memory(minor);
    for (OM_uint32 i = 0; i < store->count && !GSS_ERROR(major); i++) {
        const char *key = store->elements[i].key;
        const char *value = store->elements[i].value;

        if (key == NULL || value == NULL)
            return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                        "the credential store has an element without key or value");
        major = read_element(minor, c, key, value);
    }
    if (GSS_ERROR(major))
        return major;
    if (c->smart_card != NULL)
        major = smart_card_check(minor, c->smart_card);
    if (GSS_ERROR(major))
        return major;
    if (!secret_is_present(&c->password))
        c->is_saved = store_has(store, key_client_keytab);
    return credential_check_tls(minor, c);
}

bool credential_asks_integrity(struct credential *credential)
{
    bool asks;

    if (credential == NULL)
        return true;
    (void)pthread_mutex_lock(&credential->lock);
    asks = !credential->no_integrity;
    (void)pthread_mutex_unlock(&credential->lock);
    return asks;
}

/* Finds one mechanism with credentials for a direction; the reasons of all when there is none. */
static OM_uint32 probe(OM_uint32 *minor, struct credential *c, const struct policy *policy,
                       bool acceptor)
{
    struct reasons reasons = NO_REASONS;
    struct package_list allowed;

    credential_mechanisms(c, &policy->packages, &allowed);
    for (size_t i = 0; i < allowed.count; i++) {
        gss_cred_id_t inner;

        if (allowed.kinds[i] == INNER_NEGOEX) /* its mechanisms are in the list themselves */
            continue;
        if (!GSS_ERROR(credential_inner(minor, c, allowed.kinds[i], acceptor, &inner)))
            return GSS_S_COMPLETE;
        note_reason(&reasons);
    }
    return fail_with_reasons(minor, GSS_S_NO_CRED, NT_STATUS_NONE, &reasons);
}

static OM_uint32 probe_directions(OM_uint32 *minor, struct credential *c)
{
    struct policy *policy = policy_acquire(minor);
    OM_uint32 major = GSS_S_COMPLETE;

    if (policy == NULL)
        return GSS_S_FAILURE;
    if (c->usage != GSS_C_ACCEPT && !secret_is_present(&c->password))
        major = probe(minor, c, policy, false);
    if (!GSS_ERROR(major) && c->usage != GSS_C_INITIATE)
        major = probe(minor, c, policy, true);
    policy_release(policy);
    return major;
}

struct credential *credential_create(void)
{
    struct credential *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    if (pthread_mutex_init(&c->lock, NULL) != 0) {
        free(c);
        return NULL;
    }
    return c;
}

bool credential_can_have(enum inner_kind kind)
{
    return kind != INNER_NEGOEX && inner_is_registered(kind);
}

struct credential *credential_create_given(gss_cred_usage_t usage)
{
    struct credential *c = credential_create();

    if (c == NULL)
        return NULL;
    c->usage = usage;
    c->only_given = true;
    return c;
}

OM_uint32 credential_acquire(OM_uint32 *minor, const struct credential_request *request,
                             struct credential **credential)
{
    struct credential *c = credential_create();
    OM_uint32 major;

    *credential = NULL;
    if (c == NULL)
        return fail_no_memory(minor);
    c->usage = request->usage;
    c->time_req = request->time_req;
    major = read_store(minor, c, request->store);
    if (GSS_ERROR(major))
        goto done;
    if (request->name != NULL) {
        major = glue_duplicate_name(minor, request->name->glue, &c->name);
        if (GSS_ERROR(major))
            goto done;
    }
    if (request->password != GSS_C_NO_BUFFER &&
        !secret_set(&c->password, request->password->value, request->password->length)) {
        major = fail_no_memory(minor);
        goto done;
    }
    /* The mechanisms take strings: they would log on by what stands before it. */
    if (secret_is_present(&c->password) &&
        memchr(c->password.data, '\0', c->password.length) != NULL) {
        major = fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "the password has a NUL in it");
        goto done;
    }
    if (secret_is_present(&c->password) && c->name == GSS_C_NO_NAME) {
        major = fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_ARGUMENT,
                     "a password needs the name of a user");
        goto done;
    }
    major = probe_directions(minor, c);
    if (GSS_ERROR(major))
        goto done;
    *credential = c;
    c = NULL;
    *minor = 0;
done:
    credential_release(&c);
    return major;
}

/* What one inner credential says of itself. */
static OM_uint32 inquire_inner(OM_uint32 *minor, gss_cred_id_t inner, struct name **name,
                               OM_uint32 *lifetime)
{
    gss_name_t glue = GSS_C_NO_NAME;
    OM_uint32 major =
        glue_inquire_cred(minor, inner, name != NULL ? &glue : NULL, lifetime, NULL, NULL);

    if (GSS_ERROR(major) || glue == GSS_C_NO_NAME)
        return major;
    return name_adopt(minor, &glue, name);
}

/* The first inner credential that can be had says what it knows; false when there is none. */
static bool inquire_any_inner(struct credential *credential, const struct policy *policy,
                              struct name **name, OM_uint32 *lifetime)
{
    bool acceptor = credential->usage == GSS_C_ACCEPT;
    struct package_list allowed;
    OM_uint32 ignored;

    credential_mechanisms(credential, &policy->packages, &allowed);
    for (size_t i = 0; i < allowed.count; i++) {
        gss_cred_id_t inner;

        if (allowed.kinds[i] != INNER_NEGOEX &&
            !GSS_ERROR(
                credential_inner(&ignored, credential, allowed.kinds[i], acceptor, &inner)) &&
            !GSS_ERROR(inquire_inner(&ignored, inner, name, lifetime)))
            return true;
    }
    return false;
}

OM_uint32 credential_inquire(OM_uint32 *minor, struct credential *credential, struct name **name,
                             OM_uint32 *lifetime, gss_cred_usage_t *usage)
{
    struct policy *policy = policy_acquire(minor);
    gss_name_t copy = GSS_C_NO_NAME;
    bool known = false;
    OM_uint32 major;

    if (policy == NULL)
        return GSS_S_FAILURE;
    *minor = 0;
    if (name != NULL)
        *name = NULL;
    if (usage != NULL)
        *usage = credential->usage;
    /* A password would have to be tried at a KDC first; the name is known without. */
    if (!secret_is_present(&credential->password))
        known = inquire_any_inner(credential, policy, name, lifetime);
    policy_release(policy);
    if (known)
        return GSS_S_COMPLETE;
    if (lifetime != NULL)
        *lifetime = GSS_C_INDEFINITE;
    if (name == NULL || credential->name == GSS_C_NO_NAME)
        return GSS_S_COMPLETE;
    major = glue_duplicate_name(minor, credential->name, &copy);
    if (GSS_ERROR(major))
        return fail_no_memory(minor);
    return name_adopt(minor, &copy, name);
}
