#include "sspi-shim/delegation.h"

#include <krb5.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <gssapi/gssapi_ext.h>

struct delegation {
    atomic_uint owners;
    gss_cred_id_t credential;
    pthread_mutex_t lock; /* for what follows */
    char *ccache;         /* NULL: not made yet */
    bool is_stored;
};

struct delegation *delegation_create(void)
{
    struct delegation *delegation = calloc(1, sizeof *delegation);

    if (delegation == NULL)
        return NULL;
    atomic_init(&delegation->owners, 1);
    delegation->credential = GSS_C_NO_CREDENTIAL;
    (void)pthread_mutex_init(&delegation->lock, NULL);
    return delegation;
}

void delegation_fill(struct delegation *delegation, gss_cred_id_t credential)
{
    delegation->credential = credential;
}

struct delegation *delegation_share(struct delegation *delegation)
{
    if (delegation != NULL)
        (void)atomic_fetch_add(&delegation->owners, 1);
    return delegation;
}

gss_cred_id_t delegation_credential(const struct delegation *delegation)
{
    return delegation != NULL ? delegation->credential : GSS_C_NO_CREDENTIAL;
}

/* A cache in memory that has no other user, and nothing in it. Its name is the caller's to free. */
static char *make_ccache(void)
{
    krb5_context kerberos = NULL;
    krb5_ccache ccache = NULL;
    char *shown = NULL;
    char *name = NULL;

    if (krb5_init_context(&kerberos) != 0)
        return NULL;
    if (krb5_cc_new_unique(kerberos, "MEMORY", NULL, &ccache) == 0 &&
        krb5_cc_get_full_name(kerberos, ccache, &shown) == 0)
        name = strdup(shown);
    if (shown != NULL)
        krb5_free_string(kerberos, shown);
    if (ccache != NULL && name == NULL)
        (void)krb5_cc_destroy(kerberos, ccache);
    else if (ccache != NULL)
        (void)krb5_cc_close(kerberos, ccache);
    krb5_free_context(kerberos);
    return name;
}

static void destroy_ccache(const char *name)
{
    krb5_context kerberos = NULL;
    krb5_ccache ccache;

    if (krb5_init_context(&kerberos) != 0)
        return;
    if (krb5_cc_resolve(kerberos, name, &ccache) == 0)
        (void)krb5_cc_destroy(kerberos, ccache);
    krb5_free_context(kerberos);
}

static bool has_tickets(const char *name)
{
    krb5_context kerberos = NULL;
    krb5_principal client = NULL;
    krb5_ccache ccache = NULL;
    bool has = false;

    if (krb5_init_context(&kerberos) != 0)
        return false;
    if (krb5_cc_resolve(kerberos, name, &ccache) == 0) {
        has = krb5_cc_get_principal(kerberos, ccache, &client) == 0;
        (void)krb5_cc_close(kerberos, ccache);
    }
    krb5_free_principal(kerberos, client);
    krb5_free_context(kerberos);
    return has;
}

/* The mechglue calls it a success when a mechanism has nothing that it could store: the cache knows. */
static bool store(gss_cred_id_t credential, const char *ccache)
{
    gss_key_value_element_desc element = {"ccache", ccache};
    const gss_key_value_set_desc where = {1, &element};
    OM_uint32 minor;

    (void)gss_store_cred_into(&minor, credential, GSS_C_INITIATE, GSS_C_NO_OID, 1, 0, &where, NULL,
                              NULL);
    return has_tickets(ccache);
}

const char *delegation_ccache(struct delegation *delegation)
{
    const char *name;

    (void)pthread_mutex_lock(&delegation->lock);
    if (delegation->ccache == NULL)
        delegation->ccache = make_ccache();
    name = delegation->ccache;
    if (name != NULL && !delegation->is_stored && delegation->credential != GSS_C_NO_CREDENTIAL)
        delegation->is_stored = store(delegation->credential, name);
    (void)pthread_mutex_unlock(&delegation->lock);
    return name;
}

void delegation_release(struct delegation *delegation)
{
    OM_uint32 minor;

    if (delegation == NULL || atomic_fetch_sub(&delegation->owners, 1) != 1)
        return;
    (void)gss_release_cred(&minor, &delegation->credential);
    if (delegation->ccache != NULL)
        destroy_ccache(delegation->ccache);
    free(delegation->ccache);
    (void)pthread_mutex_destroy(&delegation->lock);
    free(delegation);
}
