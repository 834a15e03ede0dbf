#include "sspi-shim/delivery.h"

#include <string.h>
#include <gssapi/gssapi_ext.h>

#include "sspi-shim/buffers.h"
#include "sspi-shim/flags.h"
#include "sspi-shim/status.h"
#include "sspi-shim/timestamps.h"
#include "sspi-shim/tls_record.h"

_Static_assert(ISC_REQ_ALLOCATE_MEMORY == ASC_REQ_ALLOCATE_MEMORY, "one test for both");

/* A buffer of the caller's that may be written to, or NULL. */
static SecBuffer *output_buffer(const struct call *call, ULONG type)
{
    SecBuffer *buffer = buffer_find(call->output, type);

    return buffer != NULL && (buffer->BufferType & SECBUFFER_READONLY) == 0 ? buffer : NULL;
}

/* Octets in a buffer of the caller's, or in one that is allocated for it. */
static SECURITY_STATUS fill(const struct call *call, SecBuffer *buffer, const void *octets,
                            size_t length)
{
    void *place;

    if ((call->request & ISC_REQ_ALLOCATE_MEMORY) != 0) {
        place = context_buffer_allocate(length);
        if (place == NULL)
            return SEC_E_INSUFFICIENT_MEMORY;
        buffer->pvBuffer = place;
    } else if (buffer->pvBuffer == NULL || buffer->cbBuffer < length) {
        buffer->cbBuffer = (ULONG)length;
        return SEC_E_BUFFER_TOO_SMALL;
    }
    memcpy(buffer->pvBuffer, octets, length);
    buffer->cbBuffer = (ULONG)length;
    return SEC_E_OK;
}

/* The caller finds nothing in the buffer, and nothing to free. */
static void leave_empty(const struct call *call, SecBuffer *buffer)
{
    if (buffer == NULL)
        return;
    buffer->cbBuffer = 0;
    if ((call->request & ISC_REQ_ALLOCATE_MEMORY) != 0)
        buffer->pvBuffer = NULL;
}

/*
 * Puts a token into the caller's SECBUFFER_TOKEN. What does not fit stays in *token, and the buffer
 * says how large it must be.
 */
static SECURITY_STATUS deliver_token(const struct call *call, gss_buffer_desc *token)
{
    SecBuffer *buffer = output_buffer(call, SECBUFFER_TOKEN);
    SECURITY_STATUS status;
    OM_uint32 minor;

    if (token->length > UINT32_MAX)
        return SEC_E_INTERNAL_ERROR;
    if (token->length == 0) {
        leave_empty(call, buffer);
        return SEC_E_OK;
    }
    if (buffer == NULL)
        return status_because(SEC_E_BUFFER_TOO_SMALL, "there is no SECBUFFER_TOKEN for the output");
    status = fill(call, buffer, token->value, token->length);
    if (status == SEC_E_OK)
        (void)gss_release_buffer(&minor, token);
    return status;
}

/*
 * Whether the token goes out in parts. The peer collects them: that is Negotiate's, the token of
 * another package cannot be told from its beginning.
 */
static bool goes_in_fragments(const struct context *context, const struct call *call,
                              const gss_buffer_desc *token)
{
    const SecBuffer *buffer = output_buffer(call, SECBUFFER_TOKEN);
    ULONG wanted = call->initiator ? ISC_REQ_FRAGMENT_TO_FIT : ASC_REQ_FRAGMENT_TO_FIT;

    return (call->request & wanted) != 0 && (call->request & ISC_REQ_ALLOCATE_MEMORY) == 0 &&
           context->package->id == PACKAGE_NEGOTIATE && buffer != NULL &&
           buffer->pvBuffer != NULL && buffer->cbBuffer != 0 && buffer->cbBuffer < token->length;
}

/* As much as fits; the rest moves to the front of *token. */
static void deliver_fragment(const struct call *call, gss_buffer_desc *token)
{
    const SecBuffer *buffer = output_buffer(call, SECBUFFER_TOKEN);
    unsigned char *octets = token->value;

    memcpy(buffer->pvBuffer, octets, buffer->cbBuffer);
    token->length -= buffer->cbBuffer;
    memmove(octets, octets + buffer->cbBuffer, token->length);
}

/* What did not reach the caller waits for its next call. */
static void keep_pending(struct context *context, struct leg_result *result, bool is_fragment)
{
    context->pending.present = true;
    context->pending.is_fragment = is_fragment;
    context->pending.status = result->status;
    context->pending.token = result->token;
    context->pending.unconsumed = result->unconsumed;
    result->token = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
}

static void report_attributes(const struct context *context, const struct call *call)
{
    if (call->attributes != NULL)
        *call->attributes = context_attributes(context);
    if (call->expiry != NULL)
        *call->expiry = timestamp_after(context->established, context->lifetime);
}

/* What became of channel bindings, for acceptors that ask. */
static void report_bindings(const struct context *context, const struct call *call,
                            SECURITY_STATUS status)
{
    const SecBuffer *buffer = output_buffer(call, SECBUFFER_CHANNEL_BINDINGS_RESULT);
    SEC_CHANNEL_BINDINGS_RESULT result = {0};

    if (call->initiator || buffer == NULL || buffer->pvBuffer == NULL ||
        buffer->cbBuffer < sizeof result)
        return;
    if (status == SEC_E_OK && (context->flags & GSS_C_CHANNEL_BOUND_FLAG) != 0)
        result.flags =
            SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED;
    else if (status == SEC_E_OK)
        result.flags =
            SEC_CHANNEL_BINDINGS_RESULT_ABSENT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING;
    else if (status == SEC_E_BAD_BINDINGS)
        result.flags = context->lacks_bindings ? SEC_CHANNEL_BINDINGS_RESULT_ABSENT |
                                                     SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING
                                               : SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT |
                                                     SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH;
    memcpy(buffer->pvBuffer, &result, sizeof result);
}

SECURITY_STATUS deliver(struct context *context, const struct call *call, struct byte_range input,
                        struct leg_result *result)
{
    bool in_fragments = goes_in_fragments(context, call, &result->token);
    SECURITY_STATUS status = SEC_E_OK;

    if (in_fragments)
        deliver_fragment(call, &result->token);
    else
        status = deliver_token(call, &result->token);
    if (in_fragments || status != SEC_E_OK)
        keep_pending(context, result, in_fragments);
    if (status != SEC_E_OK)
        return status;
    leave_empty(call, output_buffer(call, SECBUFFER_ALERT));
    report_attributes(context, call);
    if (in_fragments)
        return SEC_I_CONTINUE_NEEDED;
    report_bindings(context, call, result->status);
    if (result->unconsumed != 0 &&
        !tls_report_rest(call->input, SECBUFFER_EXTRA, result->unconsumed,
                         (void *)(uintptr_t)(input.data + input.length - result->unconsumed))) {
        context->state = CONTEXT_FAILED;
        return status_because(SEC_E_INVALID_TOKEN,
                              "the input holds more than this leg, and no SECBUFFER_EMPTY for it");
    }
    return result->status;
}

/* A copy of what tells the peer that TLS has failed. It is lost when it does not fit. */
static void give_alert(const struct context *context, const struct call *call,
                       const gss_buffer_desc *token)
{
    SecBuffer *buffer = output_buffer(call, SECBUFFER_ALERT);

    if (buffer != NULL &&
        (!context->package->is_stream || token->length == 0 || token->length > UINT32_MAX ||
         fill(call, buffer, token->value, token->length) != SEC_E_OK))
        leave_empty(call, buffer);
}

SECURITY_STATUS deliver_error(const struct context *context, const struct call *call,
                              struct leg_result *result)
{
    ULONG wanted = call->initiator ? ISC_REQ_EXTENDED_ERROR : ASC_REQ_EXTENDED_ERROR;
    OM_uint32 minor;

    if (result->status == SEC_E_INCOMPLETE_MESSAGE) {
        /* Nothing has happened, and the caller may repeat the call with its room for the output. */
        (void)tls_report_rest(call->input, SECBUFFER_MISSING, result->missing, NULL);
        if ((call->request & ISC_REQ_ALLOCATE_MEMORY) != 0) {
            leave_empty(call, output_buffer(call, SECBUFFER_TOKEN));
            leave_empty(call, output_buffer(call, SECBUFFER_ALERT));
        }
        return result->status;
    }
    give_alert(context, call, &result->token);
    report_bindings(context, call, result->status);
    if ((call->request & wanted) == 0 || deliver_token(call, &result->token) != SEC_E_OK) {
        (void)gss_release_buffer(&minor, &result->token);
        leave_empty(call, output_buffer(call, SECBUFFER_TOKEN));
    }
    return result->status;
}
