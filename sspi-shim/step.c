#include "sspi-shim/step.h"

#include <stdlib.h>
#include <string.h>

#include "sspi-shim/buffers.h"
#include "sspi-shim/channel_bindings.h"
#include "sspi-shim/flags.h"
#include "sspi-shim/status.h"

SECURITY_STATUS step_find_token(const struct call *call, struct byte_range *token)
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

    if (buffer == NULL)
        return SEC_E_OK;
    octets = malloc((size_t)buffer->cbBuffer + 1);
    if (octets == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (buffer->cbBuffer != 0)
        memcpy(octets, buffer->pvBuffer, buffer->cbBuffer);
    free(context->binding_octets);
    context->binding_octets = octets;
    if (channel_bindings_read(byte_range_of(octets, buffer->cbBuffer), &context->bindings,
                              &context->binding_flags))
        return SEC_E_OK;
    free(context->binding_octets);
    context->binding_octets = NULL;
    return status_because(SEC_E_INVALID_TOKEN, "the channel bindings are malformed");
}

/*
 * The repeated call after SEC_E_BUFFER_TOO_SMALL gets what the first one made; the call after a
 * fragment, which brings the peer's empty answer, gets the next.
 */
static SECURITY_STATUS repeat(struct context *context, const struct call *call,
                              struct byte_range input)
{
    struct leg_result result = {
        .status = context->pending.status,
        .token = context->pending.token,
        .unconsumed = context->pending.unconsumed,
    };
    SECURITY_STATUS status;

    if (context->pending.is_fragment && input.length != 0)
        return status_because(SEC_E_INVALID_TOKEN, "the peer has not waited for the whole token");
    context->pending.token = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    context->pending.present = false;
    context->pending.is_fragment = false;
    status = deliver(context, call, input, &result);
    if (!context->pending.present)
        context_drop_pending(context);
    return status;
}

/* After ApplyControlToken: the octets that tell the peer, and the end of the GSS-API context. */
static SECURITY_STATUS close_session(struct context *context, const struct call *call)
{
    struct leg_result result = {.status = SEC_E_OK};
    OM_uint32 minor;

    if (context->pending.present)
        return repeat(context, call, BYTE_RANGE_ABSENT);
    context->is_closing = false;
    context->state = CONTEXT_CLOSED;
    (void)gss_delete_sec_context(&minor, &context->gss, &result.token);
    return deliver(context, call, BYTE_RANGE_ABSENT, &result);
}

/* A call on a context that is done asks for a new logon. */
static SECURITY_STATUS begin_again(struct context *context, const struct call *call,
                                   struct byte_range input)
{
    if (context->credential == NULL)
        return status_because(SEC_E_NO_CREDENTIALS,
                              "the context was imported, without credentials");
    if (call->initiator && input.length != 0)
        return status_because(SEC_E_INVALID_TOKEN, "the logon on this context is done");
    context_restart(context);
    return SEC_E_OK;
}

SECURITY_STATUS step_run(struct context *context, const struct call *call)
{
    struct leg_result result;
    struct byte_range input;
    SECURITY_STATUS status = flags_check(call->request, call->initiator, context->package);

    if (status != SEC_E_OK)
        return status;
    if (context->is_closing || (context->state == CONTEXT_CLOSED && context->pending.present))
        return close_session(context, call);
    status = step_find_token(call, &input);
    if (status != SEC_E_OK)
        return status;
    if (context->pending.present)
        return repeat(context, call, input);
    if (context->state == CONTEXT_FAILED)
        return status_because(SEC_E_INVALID_HANDLE, "the logon on this context has failed");
    if (context->state == CONTEXT_CLOSED)
        return status_because(SEC_E_CONTEXT_EXPIRED, "the session on this context is closed");
    if (context->state == CONTEXT_ESTABLISHED)
        status = begin_again(context, call, input);
    /* What needs memory comes first: a step of the mechanism cannot be taken back and repeated. */
    if (status == SEC_E_OK)
        status = keep_bindings(context, call);
    if (status != SEC_E_OK)
        return status;
    if (!context_reserve_delegation(context))
        return SEC_E_INSUFFICIENT_MEMORY;
    context->request = call->request;
    leg_step(context, input, &result);
    if (result.status < 0)
        return deliver_error(context, call, &result);
    return deliver(context, call, input, &result);
}
