/*
 * Messages of CREDSSP: one TLS record each, sealed and opened in the caller's buffers.
 *
 * TLS itself may have to send a record first: a key update that the peer asked for, or the refusal
 * of a renegotiation. SSPI callers know nothing of it. They leave cbHeader octets before the data
 * and cbTrailer behind, and send what the three buffers hold as one run of octets: both records are
 * laid over them, and cbTrailer is reported so large that they fit.
 */
#include <string.h>

#include "sspi-shim/message.h"
#include "sspi-shim/message_layout.h"
#include "sspi-shim/sizes.h"
#include "sspi-shim/status.h"
#include "sspi-shim/tls_record.h"

/* DecryptMessage gives four buffers: header, data, trailer, and what stands behind the record. */
#define OPENED_BUFFERS 4

static const struct buffer_role roles[] = {
    {SECBUFFER_STREAM_HEADER, GSS_IOV_BUFFER_TYPE_HEADER},
    {SECBUFFER_STREAM_TRAILER, GSS_IOV_BUFFER_TYPE_TRAILER},
    {SECBUFFER_EMPTY, GSS_IOV_BUFFER_TYPE_EMPTY},
};

/* They do not change as long as the session lasts. */
static SECURITY_STATUS get_stream_sizes(struct context *context)
{
    return context->stream_sizes.cbHeader != 0 ? SEC_E_OK
                                               : sizes_of_stream(context, &context->stream_sizes);
}

static void report_lengths(const struct message_layout *layout, size_t header, size_t trailer)
{
    layout->header.buffer->cbBuffer = (ULONG)header;
    layout->trailer.buffer->cbBuffer = (ULONG)trailer;
}

/* Lays whole records over the buffers, header and DATA of which they fill. */
static SECURITY_STATUS lay_over(const struct message_layout *layout, size_t header,
                                const gss_buffer_desc *records)
{
    const size_t before = header + layout->data_length;
    const unsigned char *octets = records->value;

    if (records->length < before || records->length - before > layout->trailer.buffer->cbBuffer)
        return SEC_E_INTERNAL_ERROR;
    memcpy(layout->header.buffer->pvBuffer, octets, header);
    message_layout_scatter(layout, byte_range_of(octets + header, layout->data_length));
    memcpy(layout->trailer.buffer->pvBuffer, octets + before, records->length - before);
    report_lengths(layout, header, records->length - before);
    return SEC_E_OK;
}

static SECURITY_STATUS seal_copying(struct context *context, const struct message_layout *layout,
                                    size_t header)
{
    gss_buffer_desc records = GSS_C_EMPTY_BUFFER;
    struct joined_octets data;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    if (!message_layout_join_data(layout, &data))
        return SEC_E_INSUFFICIENT_MEMORY;
    major = gss_wrap(&minor, context->gss, 1, GSS_C_QOP_DEFAULT, &data.octets, NULL, &records);
    status = status_of_sealing(context, major, minor);
    if (status == SEC_E_OK) {
        status = lay_over(layout, header, &records);
    } else if (status == SEC_E_INTERNAL_ERROR && layout->data_length == 0) {
        /* With TLS 1.2 GnuTLS makes no record without data. It would tell the peer nothing. */
        report_lengths(layout, 0, 0);
        status = SEC_E_OK;
    }
    (void)gss_release_buffer(&minor, &records);
    joined_octets_release(&data);
    return status;
}

/* The room that the message needs now; a buffer that is missing it says so. */
static SECURITY_STATUS check_room(const struct context *context,
                                  const struct message_layout *layout)
{
    gss_iov_buffer_desc iov[3] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA, {layout->data_length, NULL}},
        {GSS_IOV_BUFFER_TYPE_TRAILER, GSS_C_EMPTY_BUFFER},
    };
    const SecPkgContext_StreamSizes *sizes = &context->stream_sizes;
    size_t behind;
    OM_uint32 minor;
    OM_uint32 major = gss_wrap_iov_length(&minor, context->gss, 1, GSS_C_QOP_DEFAULT, NULL, iov, 3);

    if (GSS_ERROR(major))
        return status_of_sealing(context, major, minor);
    if (iov[0].buffer.length < sizes->cbHeader)
        return SEC_E_INTERNAL_ERROR;
    behind = iov[0].buffer.length - sizes->cbHeader + iov[2].buffer.length;
    if (layout->header.buffer->cbBuffer >= sizes->cbHeader &&
        layout->trailer.buffer->cbBuffer >= behind)
        return SEC_E_OK;
    report_lengths(layout, sizes->cbHeader, behind > sizes->cbTrailer ? behind : sizes->cbTrailer);
    return SEC_E_BUFFER_TOO_SMALL;
}

static SECURITY_STATUS seal(struct context *context, struct message_layout *layout)
{
    const size_t header = context->stream_sizes.cbHeader;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    /* No more than a record's own: with room for another one it would be used, and not full. */
    if (layout->header.iov->buffer.length > header)
        layout->header.iov->buffer.length = header;
    major =
        gss_wrap_iov(&minor, context->gss, 1, GSS_C_QOP_DEFAULT, NULL, layout->iov, layout->count);
    if (!GSS_ERROR(major)) {
        message_part_report(&layout->header);
        message_part_report(&layout->trailer);
        return SEC_E_OK;
    }
    if (GSS_ROUTINE_ERROR(major) != GSS_S_FAILURE)
        return status_of_sealing(context, major, minor);
    status = check_room(context, layout);
    return status == SEC_E_OK ? seal_copying(context, layout, header) : status;
}

SECURITY_STATUS seal_record(struct context *context, const SecBufferDesc *message)
{
    struct message_layout layout;
    SECURITY_STATUS status;

    if (!message_layout_find(message, roles, &layout) || layout.data.buffer == NULL ||
        layout.header.buffer == NULL || layout.header.buffer->pvBuffer == NULL ||
        layout.trailer.buffer == NULL || layout.trailer.buffer->pvBuffer == NULL)
        return SEC_E_INVALID_TOKEN;
    if (layout.has_associated_data)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "TLS signs no data that it does not send");
    status = get_stream_sizes(context);
    if (status != SEC_E_OK)
        return status;
    if (layout.data_length > context->stream_sizes.cbMaximumMessage)
        return status_because(SEC_E_INVALID_PARAMETER, "the data does not fit into one record");
    return seal(context, &layout);
}

/* What a record was opened to, in the caller's memory. */
struct opened_record {
    unsigned char *start;
    size_t length;
    size_t header; /* octets before the data */
    size_t data;
};

/* Lays it out in the order that callers depend on; input is what they have read. */
static void report_opened(SecBufferDesc *message, size_t input, const struct opened_record *opened)
{
    unsigned char *trailer = opened->start + opened->header + opened->data;
    SecBuffer *buffers = message->pBuffers;

    buffers[0] = (SecBuffer){(ULONG)opened->header, SECBUFFER_STREAM_HEADER, opened->start};
    buffers[1] = (SecBuffer){(ULONG)opened->data, SECBUFFER_DATA, opened->start + opened->header};
    buffers[2] = (SecBuffer){(ULONG)(opened->length - opened->header - opened->data),
                             SECBUFFER_STREAM_TRAILER, trailer};
    buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    if (input > opened->length)
        buffers[3] = (SecBuffer){(ULONG)(input - opened->length), SECBUFFER_EXTRA,
                                 opened->start + opened->length};
}

static OM_uint32 open_in_place(struct context *context, OM_uint32 *minor,
                               struct opened_record *opened)
{
    gss_iov_buffer_desc iov[2] = {
        {GSS_IOV_BUFFER_TYPE_STREAM, {opened->length, opened->start}},
        {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER},
    };
    OM_uint32 major = gss_unwrap_iov(minor, context->gss, NULL, NULL, iov, 2);

    if (!GSS_ERROR(major)) {
        opened->header = (size_t)((unsigned char *)iov[1].buffer.value - opened->start);
        opened->data = iov[1].buffer.length;
    }
    return major;
}

/*
 * One whole record. A renegotiation is refused (MS-CSSP 3.1.5: there is none), which Schannel's
 * SEC_I_RENEGOTIATE would not tell: that asks the caller for a new handshake.
 */
static SECURITY_STATUS open_whole(struct context *context, SecBufferDesc *message, size_t input,
                                  struct opened_record *opened)
{
    bool is_data = tls_record_is_data(opened->start);
    OM_uint32 minor;
    OM_uint32 major = open_in_place(context, &minor, opened);
    SECURITY_STATUS status = status_of_opening(context, major, minor);

    if (GSS_ROUTINE_ERROR(major) == GSS_S_CONTEXT_EXPIRED) {
        opened->header = opened->length;
        opened->data = 0;
        status = SEC_I_CONTEXT_EXPIRED;
    }
    if (status >= 0)
        report_opened(message, input, opened);
    else if (status == SEC_E_MESSAGE_ALTERED && !is_data)
        status = SEC_E_ILLEGAL_MESSAGE;
    return status;
}

/* The one buffer of data that may be written to; NULL when there is none or another one. */
static SecBuffer *only_data(const SecBufferDesc *message)
{
    SecBuffer *found = NULL;

    for (ULONG i = 0; i < message->cBuffers; i++) {
        SecBuffer *buffer = &message->pBuffers[i];

        if (buffer->BufferType != SECBUFFER_DATA)
            continue;
        if (found != NULL)
            return NULL;
        found = buffer;
    }
    return found;
}

SECURITY_STATUS open_record(struct context *context, SecBufferDesc *message)
{
    const SecBuffer *data = only_data(message);
    struct opened_record opened;
    struct byte_range input;
    SECURITY_STATUS status;

    if (data == NULL || message->cBuffers < OPENED_BUFFERS)
        return SEC_E_INVALID_TOKEN;
    input = buffer_range(data);
    status = tls_record_length(input, &opened.length);
    if (status == SEC_E_INCOMPLETE_MESSAGE)
        (void)tls_report_rest(message, SECBUFFER_MISSING, opened.length, NULL);
    if (status != SEC_E_OK)
        return status;
    opened.start = data->pvBuffer;
    return open_whole(context, message, input.length, &opened);
}
