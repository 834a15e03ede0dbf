#include "sspi-shim/delegation.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "sspi-shim/context.h"
#include "sspi-shim/handles.h"
#include "sspi-shim/status.h"

struct delegation {
    atomic_uint owners;
    gss_cred_id_t credential;
};

/* A thread that ends while it impersonates gives its share back. */
static pthread_key_t thread_key;
static pthread_once_t thread_key_once = PTHREAD_ONCE_INIT;
static int thread_key_error;

struct delegation *delegation_create(gss_cred_id_t credential)
{
    struct delegation *delegation = malloc(sizeof *delegation);

    if (delegation == NULL)
        return NULL;
    atomic_init(&delegation->owners, 1);
    delegation->credential = credential;
    return delegation;
}

struct delegation *delegation_share(struct delegation *delegation)
{
    if (delegation != NULL)
        (void)atomic_fetch_add(&delegation->owners, 1);
    return delegation;
}

void delegation_release(struct delegation *delegation)
{
    OM_uint32 minor;

    if (delegation == NULL || atomic_fetch_sub(&delegation->owners, 1) != 1)
        return;
    (void)gss_release_cred(&minor, &delegation->credential);
    free(delegation);
}

gss_cred_id_t delegation_credential(const struct delegation *delegation)
{
    return delegation != NULL ? delegation->credential : GSS_C_NO_CREDENTIAL;
}

static void end_of_thread(void *delegation)
{
    delegation_release(delegation);
}

static void make_thread_key(void)
{
    thread_key_error = pthread_key_create(&thread_key, end_of_thread);
}

struct delegation *impersonation_current(void)
{
    (void)pthread_once(&thread_key_once, make_thread_key);
    return thread_key_error == 0 ? pthread_getspecific(thread_key) : NULL;
}

SECURITY_STATUS impersonation_set(struct delegation *delegation)
{
    struct delegation *before = impersonation_current();

    if (thread_key_error != 0 || pthread_setspecific(thread_key, delegation) != 0) {
        delegation_release(delegation);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    delegation_release(before);
    return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext)
{
    struct context *context = handle_acquire(HANDLE_CONTEXT, phContext);
    struct delegation *delegation;

    if (context == NULL)
        return status_finish(SEC_E_INVALID_HANDLE);
    (void)pthread_mutex_lock(&context->lock);
    delegation = delegation_share(context->delegation);
    (void)pthread_mutex_unlock(&context->lock);
    handle_release(phContext);
    if (delegation == NULL)
        return status_finish(
            status_because(SEC_E_NO_IMPERSONATION, "no credential was delegated to this context"));
    return status_finish(impersonation_set(delegation));
}

SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext)
{
    if (handle_acquire(HANDLE_CONTEXT, phContext) == NULL)
        return status_finish(SEC_E_INVALID_HANDLE);
    handle_release(phContext);
    return status_finish(impersonation_set(NULL));
}
