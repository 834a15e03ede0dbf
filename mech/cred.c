#include "mech/cred.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/status.h"
#include "mech/trace.h"

/* Room for the reasons of all mechanisms in one sentence. */
#define REASONS_OCTETS 512

/* Keys of a credential store that are ours; every other one is passed on. */
static const char key_password[] = "password";
static const char key_certificate[] = "certificate";
static const char key_private_key[] = "private_key";
static const char key_packages[] = "packages";
static const char key_channel_bindings[] = "channel_bindings";

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
    store_free(&c->store);
    free(c->packages);
    free(c->certificate);
    free(c->private_key);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
    *credential = NULL;
}

/* Replaces *copy by a copy of text. */
static bool keep_text(char **copy, const char *text)
{
    free(*copy);
    *copy = strdup(text);
    return *copy != NULL;
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

static OM_uint32 read_store(OM_uint32 *minor, struct credential *c, gss_const_key_value_set_t store)
{
    OM_uint32 major = GSS_S_COMPLETE;
    bool kept = true;

    *minor = 0;
    if (store == NULL || store->count == 0)
        return GSS_S_COMPLETE;
    c->store.elements = calloc(store->count, sizeof *c->store.elements);
    if (c->store.elements == NULL)
        return fail_no_memory(minor);
    for (OM_uint32 i = 0; i < store->count && kept && !GSS_ERROR(major); i++) {
        const char *key = store->elements[i].key;
        const char *value = store->elements[i].value;

        if (key == NULL || value == NULL)
            return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                        "the credential store has an element without key or value");
        if (strcmp(key, key_password) == 0)
            kept = secret_set(&c->password, value, strlen(value));
        else if (strcmp(key, key_certificate) == 0)
            kept = keep_text(&c->certificate, value);
        else if (strcmp(key, key_private_key) == 0)
            kept = keep_text(&c->private_key, value);
        else if (strcmp(key, key_packages) == 0)
            major = credential_set_packages(minor, c, value);
        else if (strcmp(key, key_channel_bindings) == 0)
            major = read_channel_bindings(minor, c, value);
        else
            kept = keep_element(&c->store, key, value);
    }
    if (GSS_ERROR(major))
        return major;
    if (!kept)
        return fail_no_memory(minor);
    if ((c->certificate == NULL) != (c->private_key == NULL))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE,
                    "certificate and private_key must be given together");
    return GSS_S_COMPLETE;
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
    char reasons[REASONS_OCTETS] = "";
    struct package_list allowed;

    credential_mechanisms(c, &policy->packages, &allowed);
    for (size_t i = 0; i < allowed.count; i++) {
        size_t used = strlen(reasons);
        gss_cred_id_t inner;

        if (allowed.kinds[i] == INNER_NEGOEX) /* its mechanisms are in the list themselves */
            continue;
        if (!GSS_ERROR(credential_inner(minor, c, allowed.kinds[i], acceptor, &inner)))
            return GSS_S_COMPLETE;
        (void)snprintf(reasons + used, sizeof reasons - used, "%s%s", used != 0 ? "; " : "",
                       last_failure_text());
    }
    return fail(minor, GSS_S_NO_CRED, GSS_SSPI_E_NO_MECHANISM, "%s",
                reasons[0] != '\0' ? reasons : "none is registered and allowed");
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
