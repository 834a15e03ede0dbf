/* InitializeSecurityContext and AcceptSecurityContext: the caller's side of a leg. */
#include <stdlib.h>
#include <string.h>

#include "sspi-shim/buffers.h"
#include "sspi-shim/delivery.h"
#include "sspi-shim/input_parameters.h"
#include "sspi-shim/handles.h"
#include "sspi-shim/status.h"
#include "sspi-shim/step.h"
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
    if (call->context == NULL && call->new_context == NULL)
        return SEC_E_INVALID_PARAMETER;
    return SEC_E_OK;
}

/*
 * Whether a later call brings a credential that its context can go on with. A context with supplied
 * credentials has another one than the handle that it was begun with. Where the server wants a
 * certificate, the caller may answer with a new credential.
 */
static SECURITY_STATUS check_credential(struct context *context, struct credential *credential)
{
    if (credential == NULL || credential == context->credential || context->has_supplied_credential)
        return SEC_E_OK;
    if (context->credential == NULL || !context->waits_for_decision ||
        credential->package != context->package || credential->outbound == GSS_C_NO_CREDENTIAL)
        return SEC_E_WRONG_CREDENTIAL_HANDLE;
    credential_release(context->credential);
    context->credential = credential_share(credential);
    return SEC_E_OK;
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
    else
        status = check_credential(context, credential);
    if (status == SEC_E_OK)
        status = step_run(context, call);
    if (context != NULL)
        context_leave(context);
    if (credential != NULL)
        handle_release(&credential->handled);
    if (status >= 0 && call->new_context != NULL)
        *call->new_context = *call->context;
    return status;
}

/* The server, as pszTargetName or else a buffer names it. */
static SECURITY_STATUS find_target(struct context *context, const struct call *call)
{
    char *named = NULL;
    SECURITY_STATUS status = SEC_E_OK;

    if (call->target == NULL || call->target[0] == '\0')
        status = target_from_buffers(call->input, &named);
    if (status == SEC_E_OK)
        status =
            target_import(named != NULL ? named : call->target, context->package, &context->target);
    free(named);
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
    context = context_make(credential, credential->package, credential->mechanism, call->initiator);
    if (context == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    context->has_supplied_credential = call->has_supplied_credential;
    if (call->initiator)
        status = find_target(context, call);
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
    SECURITY_STATUS status = step_find_token(call, &input);
    bool parked;

    if (status != SEC_E_OK)
        return status;
    context = find_parked(credential, call, input);
    if (context != NULL) {
        handle = *call->new_context;
        status = step_run(context, call);
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
    status = step_run(context, call);
    parked = status < 0 && context->pending.present;
    if (!context->pending.present)
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

/* With the credentials of a SECBUFFER_PKG_PARAMS in place of the handle's. */
static SECURITY_STATUS begin_with_supplied(const struct credential *credential,
                                           const struct call *call)
{
    struct call supplied_call = *call;
    struct credential *supplied;
    SecHandle handle;
    SECURITY_STATUS status = credential_from_buffers(call->input, credential->package, &handle);

    if (status != SEC_E_OK)
        return status;
    supplied = handle_acquire(HANDLE_CREDENTIAL, &handle);
    if (supplied == NULL)
        return SEC_E_INTERNAL_ERROR;
    supplied_call.has_supplied_credential = true;
    status = begin(supplied, &supplied_call);
    handle_release(&supplied->handled);
    (void)handle_close(HANDLE_CREDENTIAL, &handle);
    return status;
}

static SECURITY_STATUS first_call(const struct call *call)
{
    struct credential *credential = handle_acquire(HANDLE_CREDENTIAL, call->credential);
    bool wants_supplied = call->initiator && (call->request & ISC_REQ_USE_SUPPLIED_CREDS) != 0;
    SECURITY_STATUS status;

    if (credential == NULL)
        return SEC_E_INVALID_HANDLE;
    if (wants_supplied && buffer_find(call->input, SECBUFFER_PKG_PARAMS) != NULL)
        status = begin_with_supplied(credential, call);
    else if (wants_supplied && !credential->is_supplied)
        status =
            status_because(SEC_E_NO_CREDENTIALS, "ISC_REQ_USE_SUPPLIED_CREDS, and there are none");
    else
        status = begin(credential, call);
    handle_release(&credential->handled);
    return status;
}

static SECURITY_STATUS run(struct call *call)
{
    SECURITY_STATUS status = check_arguments(call);

    if (status == SEC_E_OK)
        status = flags_from_buffers(call->input, &call->request);
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
