#include "sspi-shim/context.h"

#include <stdlib.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi_sspi.h>
#include "common/secret.h"
#include "sspi-shim/status.h"
#include "sspi-shim/token.h"

struct context *context_make(struct credential *credential, bool initiator)
{
    struct context *context = calloc(1, sizeof *context);

    if (context == NULL)
        return NULL;
    (void)pthread_mutex_init(&context->lock, NULL);
    context->credential = credential_share(credential);
    context->package = credential->package;
    context->mechanism = credential->mechanism;
    context->initiator = initiator;
    context->state = CONTEXT_NEW;
    return context;
}

void context_drop_pending(struct context *context)
{
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &context->pending.token);
    free(context->pending.input);
    context->pending = (struct pending_output){0};
}

void context_restart(struct context *context)
{
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &context->gss, GSS_C_NO_BUFFER);
    (void)gss_release_name(&minor, &context->source);
    token_release(context->token);
    context->token = NULL;
    delegation_release(context->delegation);
    context->delegation = NULL;
    context->flags = 0;
    context->has_no_iov = false;
    context->stream_sizes = (SecPkgContext_StreamSizes){0};
    context->state = CONTEXT_NEW;
}

bool context_reserve_delegation(struct context *context)
{
    if (!context->initiator && context->reserved == NULL)
        context->reserved = delegation_create();
    return context->initiator || context->reserved != NULL;
}

void context_destroy(void *object)
{
    struct context *context = object;
    OM_uint32 minor;

    context_drop_pending(context);
    context_restart(context);
    (void)gss_release_name(&minor, &context->target);
    delegation_release(context->reserved);
    free(context->binding_octets);
    credential_release(context->credential);
    (void)pthread_mutex_destroy(&context->lock);
    free(context);
}

struct context *context_enter(const SecHandle *handle)
{
    struct context *context = handle_acquire(HANDLE_CONTEXT, handle);

    if (context != NULL)
        (void)pthread_mutex_lock(&context->lock);
    return context;
}

void context_leave(struct context *context)
{
    (void)pthread_mutex_unlock(&context->lock);
    handle_release(&context->handled);
}

struct context *context_enter_established(const SecHandle *handle, SECURITY_STATUS *status)
{
    struct context *context = context_enter(handle);

    *status = SEC_E_OK;
    if (context == NULL) {
        *status = SEC_E_INVALID_HANDLE;
        return NULL;
    }
    if (context->state == CONTEXT_ESTABLISHED && !context->pending.present)
        return context;
    context_leave(context);
    *status = status_because(SEC_E_INVALID_HANDLE, "the logon on this context is not done");
    return NULL;
}

const struct package *context_inner_package(const struct context *context)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    const struct package *inner = NULL;
    gss_OID mechanism = GSS_C_NO_OID;
    OM_uint32 minor;

    if (context->gss == GSS_C_NO_CONTEXT)
        return context->package;
    if (!package_mechanism_is_ours(context->mechanism)) {
        /* MIT's SPNEGO answers for the mechanism that it has negotiated. */
        if (!GSS_ERROR(gss_inquire_context(&minor, context->gss, NULL, NULL, NULL, &mechanism, NULL,
                                           NULL, NULL)))
            inner = package_of_mechanism(mechanism);
        return inner != NULL ? inner : context->package;
    }
    if (!GSS_ERROR(gss_inquire_sec_context_by_oid(
            &minor, context->gss, (gss_OID)(uintptr_t)GSS_SSPI_INQ_INNER_MECHANISM, &answer)) &&
        answer->count == 1) {
        gss_OID_desc oid = {(OM_uint32)answer->elements[0].length, answer->elements[0].value};

        inner = package_of_mechanism(&oid);
    }
    (void)gss_release_buffer_set(&minor, &answer);
    return inner != NULL ? inner : context->package;
}

SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext)
{
    return status_finish(handle_close(HANDLE_CONTEXT, phContext) ? SEC_E_OK : SEC_E_INVALID_HANDLE);
}

SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc pToken)
{
    struct context *context = handle_acquire(HANDLE_CONTEXT, phContext);

    /* No package here asks for it; callers that call it anyway find their token unchanged. */
    if (context == NULL)
        return status_finish(SEC_E_INVALID_HANDLE);
    handle_release(&context->handled);
    return status_finish(pToken != NULL ? SEC_E_OK : SEC_E_INVALID_PARAMETER);
}
