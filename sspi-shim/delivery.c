#include "sspi-shim/delivery.h"

#include <string.h>

#include "sspi-shim/buffers.h"
#include "sspi-shim/flags.h"
#include "sspi-shim/status.h"
#include "sspi-shim/timestamps.h"
#include "sspi-shim/tls_record.h"

_Static_assert(ISC_REQ_ALLOCATE_MEMORY == ASC_REQ_ALLOCATE_MEMORY, "one test for both");

/*
 * Puts a token into the caller's SECBUFFER_TOKEN. What does not fit stays in *token, and the buffer
 * says how large it must be.
 */
static SECURITY_STATUS deliver_token(const struct call *call, gss_buffer_desc *token)
{
    SecBuffer *buffer = buffer_find(call->output, SECBUFFER_TOKEN);
    OM_uint32 minor;
    void *place;

    if (token->length > UINT32_MAX)
        return SEC_E_INTERNAL_ERROR;
    if (buffer == NULL)
        return token->length == 0 ? SEC_E_OK
                                  : status_because(SEC_E_BUFFER_TOO_SMALL,
                                                   "there is no SECBUFFER_TOKEN for the output");
    if (token->length == 0) {
        buffer->cbBuffer = 0;
        if ((call->request & ISC_REQ_ALLOCATE_MEMORY) != 0)
            buffer->pvBuffer = NULL;
        return SEC_E_OK;
    }
    if ((call->request & ISC_REQ_ALLOCATE_MEMORY) != 0) {
        place = context_buffer_allocate(token->length);
        if (place == NULL)
            return SEC_E_INSUFFICIENT_MEMORY;
        buffer->pvBuffer = place;
    } else if (buffer->pvBuffer == NULL || buffer->cbBuffer < token->length) {
        buffer->cbBuffer = (ULONG)token->length;
        return SEC_E_BUFFER_TOO_SMALL;
    }
    memcpy(buffer->pvBuffer, token->value, token->length);
    buffer->cbBuffer = (ULONG)token->length;
    (void)gss_release_buffer(&minor, token);
    return SEC_E_OK;
}

/* What the context is, as far as it is known. */
static void report_attributes(const struct context *context, const struct call *call)
{
    ULONG attributes = flags_from_gss(context->flags, call->request, call->initiator);

    if (call->initiator && context->package->is_stream)
        attributes |= ISC_RET_MANUAL_CRED_VALIDATION;
    if (call->attributes != NULL)
        *call->attributes = attributes;
    if (call->expiry != NULL)
        *call->expiry = timestamp_after(context->established, context->lifetime);
}

SECURITY_STATUS deliver(struct context *context, const struct call *call, struct byte_range input,
                        struct leg_result *result)
{
    SECURITY_STATUS status = deliver_token(call, &result->token);

    if (status != SEC_E_OK) {
        context->pending.present = true;
        context->pending.status = result->status;
        context->pending.token = result->token;
        context->pending.unconsumed = result->unconsumed;
        result->token = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
        return status;
    }
    report_attributes(context, call);
    if (result->unconsumed != 0 &&
        !tls_report_rest(call->input, SECBUFFER_EXTRA, result->unconsumed,
                         (void *)(uintptr_t)(input.data + input.length - result->unconsumed))) {
        context->state = CONTEXT_FAILED;
        return status_because(SEC_E_INVALID_TOKEN,
                              "the input holds more than this leg, and no SECBUFFER_EMPTY for it");
    }
    return result->status;
}

/* An error may come with a token that tells the peer, which goes out if the caller asked for that.
 */
SECURITY_STATUS deliver_error(const struct call *call, struct leg_result *result)
{
    ULONG wanted = call->initiator ? ISC_REQ_EXTENDED_ERROR : ASC_REQ_EXTENDED_ERROR;
    SecBuffer *buffer = buffer_find(call->output, SECBUFFER_TOKEN);
    OM_uint32 minor;

    if (result->status == SEC_E_INCOMPLETE_MESSAGE) {
        (void)tls_report_rest(call->input, SECBUFFER_MISSING, result->missing, NULL);
        return result->status;
    }
    if ((call->request & wanted) == 0 || deliver_token(call, &result->token) != SEC_E_OK) {
        (void)gss_release_buffer(&minor, &result->token);
        if (buffer != NULL)
            buffer->cbBuffer = 0;
    }
    return result->status;
}
