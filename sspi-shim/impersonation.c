#include "sspi-shim/impersonation.h"

#include <krb5.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <gssapi/gssapi_krb5.h>
#include "sspi-shim/context.h"
#include "sspi-shim/handles.h"
#include "sspi-shim/status.h"

struct impersonation {
    struct delegation *delegation;
    char *ccache_before; /* which the program chose for this thread; NULL: none */
};

/* A thread that ends while it impersonates gives its share back. */
static pthread_key_t thread_key;
static pthread_once_t thread_key_once = PTHREAD_ONCE_INIT;
static int thread_key_error;

static void free_impersonation(void *object)
{
    struct impersonation *impersonation = object;

    delegation_release(impersonation->delegation);
    free(impersonation->ccache_before);
    free(impersonation);
}

static void make_thread_key(void)
{
    thread_key_error = pthread_key_create(&thread_key, free_impersonation);
}

static struct impersonation *current(void)
{
    (void)pthread_once(&thread_key_once, make_thread_key);
    return thread_key_error == 0 ? pthread_getspecific(thread_key) : NULL;
}

struct delegation *impersonation_current(void)
{
    const struct impersonation *impersonation = current();

    return impersonation != NULL ? impersonation->delegation : NULL;
}

static bool is_default_ccache(const char *name)
{
    krb5_context kerberos = NULL;
    bool is_default;

    if (krb5_init_context(&kerberos) != 0)
        return false;
    is_default = strcmp(name, krb5_cc_default_name(kerberos)) == 0;
    krb5_free_context(kerberos);
    return is_default;
}

/*
 * Chooses this thread's cache; *before, the caller's to free, is which the program had chosen. Asked for
 * that, Kerberos names its default where none was chosen: NULL stands for it, so that the thread follows
 * KRB5CCNAME again afterwards.
 */
static SECURITY_STATUS choose_ccache(const char *name, char **before)
{
    const char *old = NULL;
    OM_uint32 minor;

    *before = NULL;
    if (GSS_ERROR(gss_krb5_ccache_name(&minor, name, &old)))
        return SEC_E_INSUFFICIENT_MEMORY;
    if (old == NULL || is_default_ccache(old))
        return SEC_E_OK;
    *before = strdup(old);
    if (*before != NULL)
        return SEC_E_OK;
    (void)gss_krb5_ccache_name(&minor, old, NULL);
    return SEC_E_INSUFFICIENT_MEMORY;
}

static void stop(struct impersonation *impersonation)
{
    OM_uint32 minor;

    if (impersonation == NULL)
        return;
    (void)gss_krb5_ccache_name(&minor, impersonation->ccache_before, NULL);
    (void)pthread_setspecific(thread_key, NULL);
    free_impersonation(impersonation);
}

/* From one client to the next. */
static SECURITY_STATUS go_on_with(struct impersonation *impersonation,
                                  struct delegation *delegation)
{
    const char *ccache = delegation_ccache(delegation);
    OM_uint32 minor;

    if (ccache == NULL || GSS_ERROR(gss_krb5_ccache_name(&minor, ccache, NULL))) {
        delegation_release(delegation);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    delegation_release(impersonation->delegation);
    impersonation->delegation = delegation;
    return SEC_E_OK;
}

static SECURITY_STATUS start(struct delegation *delegation)
{
    struct impersonation *impersonation = calloc(1, sizeof *impersonation);
    const char *ccache = delegation_ccache(delegation);
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;

    if (impersonation == NULL) {
        delegation_release(delegation);
        return status;
    }
    impersonation->delegation = delegation;
    if (ccache != NULL && thread_key_error == 0 &&
        pthread_setspecific(thread_key, impersonation) == 0) {
        status = choose_ccache(ccache, &impersonation->ccache_before);
        if (status != SEC_E_OK)
            (void)pthread_setspecific(thread_key, NULL);
    }
    if (status != SEC_E_OK)
        free_impersonation(impersonation);
    return status;
}

SECURITY_STATUS impersonation_set(struct delegation *delegation)
{
    struct impersonation *impersonation = current();

    if (delegation == NULL) {
        stop(impersonation);
        return SEC_E_OK;
    }
    return impersonation != NULL ? go_on_with(impersonation, delegation) : start(delegation);
}

/* Who has delegated nothing has nothing to show elsewhere; what the process has is not his. */
static SECURITY_STATUS delegation_of(const struct context *context, struct delegation **delegation)
{
    if (context->initiator)
        return status_because(SEC_E_NO_IMPERSONATION, "nobody has logged on to this context");
    *delegation =
        context->delegation != NULL ? delegation_share(context->delegation) : delegation_create();
    return *delegation != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext)
{
    SECURITY_STATUS status;
    struct context *context = context_enter_established(phContext, &status);
    struct delegation *delegation = NULL;

    if (context == NULL)
        return status_finish(status);
    status = delegation_of(context, &delegation);
    context_leave(context);
    return status_finish(status == SEC_E_OK ? impersonation_set(delegation) : status);
}

SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext)
{
    struct context *context = context_enter(phContext);

    if (context == NULL)
        return status_finish(SEC_E_INVALID_HANDLE);
    context_leave(context);
    return status_finish(impersonation_set(NULL));
}
