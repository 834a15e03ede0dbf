/* Messages of CREDSSP: one TLS record each. */
#include <string.h>

#include "common/secret.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/message.h"
#include "sspi-shim/sizes.h"
#include "sspi-shim/status.h"
#include "sspi-shim/tls_record.h"

/* DecryptMessage gives four buffers: header, data, trailer, and what stands behind the record. */
#define OPENED_BUFFERS 4

/* Copies the next octets of a record over a buffer, which has room for them. */
static const unsigned char *lay_over(const SecBuffer *buffer, const unsigned char *octets)
{
    if (buffer->cbBuffer != 0)
        memcpy(buffer->pvBuffer, octets, buffer->cbBuffer);
    return octets + buffer->cbBuffer;
}

static SECURITY_STATUS seal(struct context *context, SecBuffer *header, const SecBuffer *data,
                            SecBuffer *trailer)
{
    gss_buffer_desc plain = gss_buffer_of(buffer_range(data));
    gss_buffer_desc record = GSS_C_EMPTY_BUFFER;
    SECURITY_STATUS status = SEC_E_OK;
    const unsigned char *rest;
    int confidential = 0;
    OM_uint32 minor;
    OM_uint32 major =
        gss_wrap(&minor, context->gss, 1, GSS_C_QOP_DEFAULT, &plain, &confidential, &record);

    if (GSS_ERROR(major))
        return status_of_message(context->mechanism, major, minor);
    if (record.length < (size_t)header->cbBuffer + data->cbBuffer ||
        record.length - header->cbBuffer - data->cbBuffer > trailer->cbBuffer) {
        status = SEC_E_INTERNAL_ERROR;
    } else {
        trailer->cbBuffer = (ULONG)(record.length - header->cbBuffer - data->cbBuffer);
        rest = lay_over(header, record.value);
        rest = lay_over(data, rest);
        (void)lay_over(trailer, rest);
    }
    (void)gss_release_buffer(&minor, &record);
    return status;
}

SECURITY_STATUS seal_record(struct context *context, const SecBufferDesc *message)
{
    SecBuffer *header = buffer_find(message, SECBUFFER_STREAM_HEADER);
    SecBuffer *data = buffer_find(message, SECBUFFER_DATA);
    SecBuffer *trailer = buffer_find(message, SECBUFFER_STREAM_TRAILER);
    SecPkgContext_StreamSizes sizes;
    SECURITY_STATUS status;

    if (header == NULL || data == NULL || trailer == NULL || header->pvBuffer == NULL ||
        trailer->pvBuffer == NULL)
        return SEC_E_INVALID_TOKEN;
    status = sizes_of_stream(context, &sizes);
    if (status != SEC_E_OK)
        return status;
    if (data->cbBuffer > sizes.cbMaximumMessage)
        return status_because(SEC_E_INVALID_PARAMETER, "the data does not fit into one record");
    if (header->cbBuffer < sizes.cbHeader || trailer->cbBuffer < sizes.cbTrailer) {
        header->cbBuffer = sizes.cbHeader;
        trailer->cbBuffer = sizes.cbTrailer;
        return SEC_E_BUFFER_TOO_SMALL;
    }
    header->cbBuffer = sizes.cbHeader;
    return seal(context, header, data, trailer);
}

/* Lays out what a record was opened to, in the order that callers depend on. */
static void report_opened(SecBufferDesc *message, struct byte_range input, size_t record,
                          size_t header, size_t plain)
{
    unsigned char *start = (unsigned char *)(uintptr_t)input.data;
    SecBuffer *buffers = message->pBuffers;

    buffers[0] = (SecBuffer){(ULONG)header, SECBUFFER_STREAM_HEADER, start};
    buffers[1] = (SecBuffer){(ULONG)plain, SECBUFFER_DATA, start + header};
    buffers[2] = (SecBuffer){(ULONG)(record - header - plain), SECBUFFER_STREAM_TRAILER,
                             start + header + plain};
    buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    if (input.length > record)
        buffers[3] = (SecBuffer){(ULONG)(input.length - record), SECBUFFER_EXTRA, start + record};
}

SECURITY_STATUS open_record(struct context *context, SecBufferDesc *message)
{
    SecBuffer *data = buffer_find(message, SECBUFFER_DATA);
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    SecPkgContext_StreamSizes sizes;
    struct byte_range input;
    gss_buffer_desc record;
    SECURITY_STATUS status;
    size_t length;
    OM_uint32 major;
    OM_uint32 minor;

    if (data == NULL || message->cBuffers < OPENED_BUFFERS)
        return SEC_E_INVALID_TOKEN;
    input = buffer_range(data);
    status = tls_record_length(input, &length);
    if (status == SEC_E_INCOMPLETE_MESSAGE)
        (void)tls_report_rest(message, SECBUFFER_MISSING, length, NULL);
    if (status == SEC_E_OK)
        status = sizes_of_stream(context, &sizes);
    if (status != SEC_E_OK)
        return status;
    record = gss_buffer_of((struct byte_range){input.data, length});
    major = gss_unwrap(&minor, context->gss, &record, &plain, NULL, NULL);
    if (GSS_ROUTINE_ERROR(major) == GSS_S_CONTEXT_EXPIRED) {
        report_opened(message, input, length, length, 0);
        return SEC_I_CONTEXT_EXPIRED;
    }
    if (GSS_ERROR(major))
        return status_of_message(context->mechanism, major, minor);
    if (length < sizes.cbHeader || plain.length > length - sizes.cbHeader) {
        status = SEC_E_INTERNAL_ERROR;
    } else {
        if (plain.length != 0)
            memcpy((unsigned char *)data->pvBuffer + sizes.cbHeader, plain.value, plain.length);
        report_opened(message, input, length, sizes.cbHeader, plain.length);
    }
    wipe(plain.value, plain.length);
    (void)gss_release_buffer(&minor, &plain);
    return status;
}
