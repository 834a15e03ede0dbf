/* MakeSignature, VerifySignature, EncryptMessage, DecryptMessage: which package does what. */
#include "sspi-shim/message.h"

#include <stdlib.h>
#include <string.h>
#include "common/secret.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/sizes.h"
#include "sspi-shim/status.h"

static bool takes_part(const SecBuffer *buffer, bool with_read_only)
{
    return buffer_type(buffer) == SECBUFFER_DATA &&
           (with_read_only || (buffer->BufferType & SECBUFFER_ATTRMASK) == 0);
}

bool gather_data(const SecBufferDesc *message, bool with_read_only, struct gathered_data *data)
{
    unsigned char *place;
    size_t count = 0;

    *data = (struct gathered_data){.octets = GSS_C_EMPTY_BUFFER};
    for (ULONG i = 0; i < message->cBuffers; i++) {
        if (!takes_part(&message->pBuffers[i], with_read_only))
            continue;
        data->octets.length += message->pBuffers[i].cbBuffer;
        data->octets.value = message->pBuffers[i].pvBuffer;
        count++;
    }
    if (count <= 1)
        return true;
    place = malloc(data->octets.length + 1);
    if (place == NULL)
        return false;
    data->copy = place;
    data->octets.value = place;
    for (ULONG i = 0; i < message->cBuffers; i++) {
        const SecBuffer *buffer = &message->pBuffers[i];

        if (!takes_part(buffer, with_read_only) || buffer->cbBuffer == 0)
            continue;
        memcpy(place, buffer->pvBuffer, buffer->cbBuffer);
        place += buffer->cbBuffer;
    }
    return true;
}

void gathered_data_release(struct gathered_data *data)
{
    if (data->copy == NULL)
        return;
    wipe(data->copy, data->octets.length);
    free(data->copy);
    data->copy = NULL;
}

static SECURITY_STATUS sign(struct context *context, const SecBufferDesc *message)
{
    SecBuffer *token = buffer_find(message, SECBUFFER_TOKEN);
    gss_buffer_desc signature = GSS_C_EMPTY_BUFFER;
    struct gathered_data data;
    SecPkgContext_Sizes sizes;
    SECURITY_STATUS status = SEC_E_OK;
    OM_uint32 major;
    OM_uint32 minor;

    if (token == NULL || token->pvBuffer == NULL)
        return SEC_E_INVALID_TOKEN;
    sizes_of(context, &sizes);
    if (token->cbBuffer < sizes.cbMaxSignature) {
        token->cbBuffer = sizes.cbMaxSignature;
        return SEC_E_BUFFER_TOO_SMALL;
    }
    if (!gather_data(message, true, &data))
        return SEC_E_INSUFFICIENT_MEMORY;
    major = gss_get_mic(&minor, context->gss, GSS_C_QOP_DEFAULT, &data.octets, &signature);
    if (GSS_ERROR(major)) {
        status = status_of_message(context->mechanism, major, minor);
    } else if (signature.length > token->cbBuffer) {
        status = SEC_E_INTERNAL_ERROR;
    } else {
        memcpy(token->pvBuffer, signature.value, signature.length);
        token->cbBuffer = (ULONG)signature.length;
    }
    (void)gss_release_buffer(&minor, &signature);
    gathered_data_release(&data);
    return status;
}

static SECURITY_STATUS verify(struct context *context, const SecBufferDesc *message)
{
    const SecBuffer *token = buffer_find(message, SECBUFFER_TOKEN);
    gss_buffer_desc signature;
    struct gathered_data data;
    SECURITY_STATUS status = SEC_E_OK;
    OM_uint32 major;
    OM_uint32 minor;

    /* gss-ntlmssp compares as many octets without looking at the length. */
    if (token == NULL || token->pvBuffer == NULL || token->cbBuffer < SIGNATURE_MIN)
        return SEC_E_INVALID_TOKEN;
    if (!gather_data(message, true, &data))
        return SEC_E_INSUFFICIENT_MEMORY;
    signature = gss_buffer_of(buffer_range(token));
    major = gss_verify_mic(&minor, context->gss, &data.octets, &signature, NULL);
    if (GSS_ERROR(major))
        status = status_of_message(context->mechanism, major, minor);
    else if ((major & OUT_OF_SEQUENCE) != 0)
        status = SEC_E_OUT_OF_SEQUENCE;
    gathered_data_release(&data);
    return status;
}

SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                        ULONG MessageSeqNo)
{
    SECURITY_STATUS status;
    struct context *context = context_enter_established(phContext, &status);

    (void)MessageSeqNo;
    if (context == NULL)
        return status_finish(status);
    if (!buffers_are_valid(pMessage))
        status = SEC_E_INVALID_TOKEN;
    else if (fQOP != 0)
        status = SEC_E_QOP_NOT_SUPPORTED;
    else
        status = sign(context, pMessage);
    context_leave(context);
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                          ULONG MessageSeqNo, ULONG *pfQOP)
{
    SECURITY_STATUS status;
    struct context *context = context_enter_established(phContext, &status);

    (void)MessageSeqNo;
    if (context == NULL)
        return status_finish(status);
    status = buffers_are_valid(pMessage) ? verify(context, pMessage) : SEC_E_INVALID_TOKEN;
    if (status == SEC_E_OK && pfQOP != NULL)
        *pfQOP = 0;
    context_leave(context);
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                         ULONG MessageSeqNo)
{
    SECURITY_STATUS status;
    struct context *context = context_enter_established(phContext, &status);

    (void)MessageSeqNo;
    if (context == NULL)
        return status_finish(status);
    if (!buffers_are_valid(pMessage))
        status = SEC_E_INVALID_TOKEN;
    else if (fQOP != 0 && (fQOP != SECQOP_WRAP_NO_ENCRYPT || context->package->is_stream))
        status = SEC_E_QOP_NOT_SUPPORTED;
    else if (context->package->is_stream)
        status = seal_record(context, pMessage);
    else
        status = wrap_message(context, fQOP, pMessage);
    context_leave(context);
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                         ULONG MessageSeqNo, ULONG *pfQOP)
{
    SECURITY_STATUS status;
    struct context *context = context_enter_established(phContext, &status);
    ULONG qop = 0;

    (void)MessageSeqNo;
    if (context == NULL)
        return status_finish(status);
    if (!buffers_are_valid(pMessage))
        status = SEC_E_INVALID_TOKEN;
    else if (context->package->is_stream)
        status = open_record(context, pMessage);
    else
        status = unwrap_message(context, pMessage, &qop);
    if (status == SEC_E_OK && pfQOP != NULL)
        *pfQOP = qop;
    context_leave(context);
    return status_finish(status);
}
