/* InitializeSecurityContext and AcceptSecurityContext: the caller's side of a leg. */
#include <stdlib.h>
#include <string.h>

#include "sspi-shim/buffers.h"
#include "sspi-shim/delivery.h"
#include "sspi-shim/handles.h"
#include "sspi-shim/status.h"
#include "sspi-shim/target.h"
#include "sspi-shim/text.h"

static SECURITY_STATUS check_arguments(const struct call *call)
{
    if (call->input != NULL && !buffers_are_valid(call->input))
        return SEC_E_INVALID_TOKEN;
    if (call->output != NULL && !buffers_are_valid(call->output))
        return SEC_E_INVALID_TOKEN;
    if (call->data_representation != SECURITY_NATIVE_DREP &&
        call->data_representation != SECURITY_NETWORK_DREP)
        return status_because(SEC_E_INVALID_PARAMETER, "TargetDataRep has no such value");
    if (call->initiator && (call->request & ISC_REQ_PROMPT_FOR_CREDS) != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION, "ISC_REQ_PROMPT_FOR_CREDS is not valid");
    /* On a later call it says to go on without a client's certificate. */
    if (call->initiator && (call->request & ISC_REQ_USE_SUPPLIED_CREDS) != 0 &&
        call->context == NULL)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "credentials are supplied to AcquireCredentialsHandle");
    if (call->context == NULL && call->new_context == NULL)
        return SEC_E_INVALID_PARAMETER;
    return SEC_E_OK;
}

/* The peer's token; absent when there is none. */
static SECURITY_STATUS find_token(const struct call *call, struct byte_range *token)
{
    const SecBuffer *buffer = buffer_find(call->input, SECBUFFER_TOKEN);

    *token = BYTE_RANGE_ABSENT;
    if (buffer == NULL)
        return call->initiator ? SEC_E_OK : SEC_E_INVALID_TOKEN;
    if (buffer->pvBuffer == NULL && buffer->cbBuffer != 0)
        return SEC_E_INVALID_TOKEN;
    *token = buffer_range(buffer);
    return SEC_E_OK;
}

/* Keeps a copy of the caller's channel bindings: later legs need them too. */
static SECURITY_STATUS keep_bindings(struct context *context, const struct call *call)
{
    const SecBuffer *buffer = buffer_find(call->input, SECBUFFER_CHANNEL_BINDINGS);
    unsigned char *octets;
    SecBuffer copy;

    if (buffer == NULL)
        return SEC_E_OK;
    octets = malloc((size_t)buffer->cbBuffer + 1);
    if (octets == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (buffer->cbBuffer != 0)
        memcpy(octets, buffer->pvBuffer, buffer->cbBuffer);
    free(context->binding_octets);
    context->binding_octets = octets;
    copy = (SecBuffer){buffer->cbBuffer, SECBUFFER_CHANNEL_BINDINGS, context->binding_octets};
    if (!buffer_read_channel_bindings(&copy, &context->bindings)) {
        free(context->binding_octets);
        context->binding_octets = NULL;
        return status_because(SEC_E_INVALID_TOKEN, "the channel bindings are malformed");
    }
    return SEC_E_OK;
}

/* The repeated call after SEC_E_BUFFER_TOO_SMALL gets what the first one made. */
static SECURITY_STATUS repeat(struct context *context, const struct call *call,
                              struct byte_range input)
{
    struct leg_result result = {
        .status = context->pending.status,
        .token = context->pending.token,
        .unconsumed = context->pending.unconsumed,
    };
    SECURITY_STATUS status;

    context->pending.token = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    context->pending.present = false;
    status = deliver(context, call, input, &result);
    if (!context->pending.present)
        context_drop_pending(context);
    return status;
}

/* With the context locked. */
static SECURITY_STATUS step(struct context *context, const struct call *call)
{
    struct leg_result result;
    struct byte_range input;
    SECURITY_STATUS status = find_token(call, &input);

    if (status != SEC_E_OK)
        return status;
    if (context->pending.present)
        return repeat(context, call, input);
    if (context->state == CONTEXT_FAILED)
        return status_because(SEC_E_INVALID_HANDLE, "the logon on this context has failed");
    if (context->state == CONTEXT_ESTABLISHED) {
        if (call->initiator && input.length != 0)
            return status_because(SEC_E_INVALID_TOKEN, "the logon on this context is done");
        context_restart(context);
    }
    /* What needs memory comes first: a step of the mechanism cannot be taken back and repeated. */
    status = keep_bindings(context, call);
    if (status != SEC_E_OK)
        return status;
    if (!context_reserve_delegation(context))
        return SEC_E_INSUFFICIENT_MEMORY;
    context->request = call->request;
    leg_step(context, input, &result);
    if (result.status < 0)
        return deliver_error(call, &result);
    return deliver(context, call, input, &result);
}

static SECURITY_STATUS later_call(const struct call *call)
{
    struct credential *credential = NULL;
    struct context *context;
    SECURITY_STATUS status;

    if (call->credential != NULL) {
        credential = handle_acquire(HANDLE_CREDENTIAL, call->credential);
        if (credential == NULL)
            return SEC_E_INVALID_HANDLE;
    }
    context = context_enter(call->context);
    if (context == NULL || context->initiator != call->initiator)
        status = SEC_E_INVALID_HANDLE;
    else if (credential != NULL && credential != context->credential)
        status = SEC_E_WRONG_CREDENTIAL_HANDLE;
    else
        status = step(context, call);
    if (context != NULL)
        context_leave(context);
    if (credential != NULL)
        handle_release(&credential->handled);
    if (status >= 0 && call->new_context != NULL)
        *call->new_context = *call->context;
    return status;
}

/* Keeps a copy of the first call's token, in case the call has to be repeated. */
static bool keep_input(struct context *context, struct byte_range input)
{
    context->pending.input = malloc(input.length + 1);
    if (context->pending.input == NULL)
        return false;
    if (input.length != 0)
        memcpy(context->pending.input, input.data, input.length);
    context->pending.input_length = input.length;
    return true;
}

/*
 * A new context for a first call, which the caller does not know yet. It has its handle and room
 * for what may have to be kept before the mechanism is called, which cannot be taken back.
 */
static SECURITY_STATUS prepare(struct credential *credential, const struct call *call,
                               struct byte_range input, SecHandle *handle)
{
    SECURITY_STATUS status = SEC_E_OK;
    struct context *context;

    if ((call->initiator ? credential->outbound : credential->inbound) == GSS_C_NO_CREDENTIAL)
        return status_because(SEC_E_NO_CREDENTIALS, "there is no credential for this direction");
    context = context_make(credential, call->initiator);
    if (context == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (call->initiator)
        status = target_import(call->target, credential->package, &context->target);
    if (status == SEC_E_OK &&
        (!keep_input(context, input) ||
         !handle_create(HANDLE_CONTEXT, &context->handled, context_destroy, handle)))
        status = SEC_E_INSUFFICIENT_MEMORY;
    if (status != SEC_E_OK)
        context_destroy(context);
    return status;
}

/* The parked context of this call, when it is a repetition; locked. */
static struct context *find_parked(struct credential *credential, const struct call *call,
                                   struct byte_range input)
{
    struct context *context;

    if (!credential_is_parked(credential, call->new_context))
        return NULL;
    context = context_enter(call->new_context);
    if (context == NULL)
        return NULL;
    if (context->initiator == call->initiator && context->pending.present &&
        byte_range_equal(byte_range_of(input.data, input.length),
                         byte_range_of(context->pending.input, context->pending.input_length)))
        return context;
    context_leave(context);
    return NULL;
}

/*
 * A context whose first output could not be delivered is parked. The caller has no handle of it, in
 * its eyes; the one in *phNewContext, the same credential and the same token find it again.
 */
static SECURITY_STATUS begin(struct credential *credential, const struct call *call)
{
    struct context *context;
    struct byte_range input;
    SecHandle handle;
    SECURITY_STATUS status = find_token(call, &input);
    bool parked;

    if (status != SEC_E_OK)
        return status;
    context = find_parked(credential, call, input);
    if (context != NULL) {
        handle = *call->new_context;
        status = step(context, call);
        if (!context->pending.present)
            credential_unpark(credential, &handle);
        context_leave(context);
        return status;
    }
    status = prepare(credential, call, input, &handle);
    if (status != SEC_E_OK)
        return status;
    context = context_enter(&handle);
    if (context == NULL)
        return SEC_E_INVALID_HANDLE; /* somebody has guessed the handle and closed it */
    status = step(context, call);
    parked = context->pending.present;
    if (!parked)
        context_drop_pending(context);
    context_leave(context);
    if (parked)
        credential_park(credential, &handle);
    if (parked || status >= 0)
        *call->new_context = handle;
    else
        (void)handle_close(HANDLE_CONTEXT, &handle);
    return status;
}

static SECURITY_STATUS first_call(const struct call *call)
{
    struct credential *credential = handle_acquire(HANDLE_CREDENTIAL, call->credential);
    SECURITY_STATUS status;

    if (credential == NULL)
        return SEC_E_INVALID_HANDLE;
    status = begin(credential, call);
    handle_release(&credential->handled);
    return status;
}

static SECURITY_STATUS run(const struct call *call)
{
    SECURITY_STATUS status = check_arguments(call);

    if (status != SEC_E_OK)
        return status_finish(status);
    return status_finish(call->context != NULL ? later_call(call) : first_call(call));
}

static SECURITY_STATUS run_initiator(struct call *call, ULONG reserved1, ULONG reserved2)
{
    call->initiator = true;
    if (reserved1 != 0 || reserved2 != 0)
        return status_finish(SEC_E_INVALID_PARAMETER);
    return run(call);
}

SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    struct call call = {
        .credential = phCredential,
        .context = phContext,
        .target = pszTargetName,
        .request = fContextReq,
        .data_representation = TargetDataRep,
        .input = pInput,
        .new_context = phNewContext,
        .output = pOutput,
        .attributes = pfContextAttr,
        .expiry = ptsExpiry,
    };
    SECURITY_STATUS status = text_check(pszTargetName);

    return status == SEC_E_OK ? run_initiator(&call, Reserved1, Reserved2) : status_finish(status);
}

SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    char *target = NULL;
    SECURITY_STATUS status = text_from_wide(pszTargetName, &target);

    if (status != SEC_E_OK)
        return status_finish(status);
    status = InitializeSecurityContextA(phCredential, phContext, target, fContextReq, Reserved1,
                                        TargetDataRep, pInput, Reserved2, phNewContext, pOutput,
                                        pfContextAttr, ptsExpiry);
    free(target);
    return status;
}

SECURITY_STATUS SEC_ENTRY AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                PSecBufferDesc pInput, ULONG fContextReq,
                                                ULONG TargetDataRep, PCtxtHandle phNewContext,
                                                PSecBufferDesc pOutput, ULONG *pfContextAttr,
                                                PTimeStamp ptsExpiry)
{
    struct call call = {
        .credential = phCredential,
        .context = phContext,
        .request = fContextReq,
        .data_representation = TargetDataRep,
        .input = pInput,
        .new_context = phNewContext,
        .output = pOutput,
        .attributes = pfContextAttr,
        .expiry = ptsExpiry,
        .initiator = false,
    };

    return run(&call);
}
