/*
 * Messages of Negotiate, Kerberos and NTLM: TOKEN, DATA and PADDING are a gss_wrap token that was
 * cut after its header. Kerberos does this in place (gss_wrap_iov with no TRAILER rotates the
 * checksum into the header, as Windows does). gss-ntlmssp has no *_iov calls: its tokens are made
 * whole and cut here.
 */
#include "sspi-shim/message.h"

#include <string.h>
#include <gssapi/gssapi_ext.h>
#include "common/secret.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/sizes.h"
#include "sspi-shim/status.h"

/* A message as gss_wrap_iov takes it; buffers[i] is what iov[i] was made of. */
struct layout {
    gss_iov_buffer_desc iov[BUFFERS_MAX];
    SecBuffer *buffers[BUFFERS_MAX];
    int count;
    SecBuffer *token;
};

static OM_uint32 iov_type(const SecBuffer *buffer)
{
    switch (buffer_type(buffer)) {
    case SECBUFFER_TOKEN:
        return GSS_IOV_BUFFER_TYPE_HEADER;
    case SECBUFFER_PADDING:
        return GSS_IOV_BUFFER_TYPE_PADDING;
    case SECBUFFER_STREAM:
        return GSS_IOV_BUFFER_TYPE_STREAM;
    case SECBUFFER_DATA:
        if ((buffer->BufferType & SECBUFFER_READONLY_WITH_CHECKSUM) != 0)
            return GSS_IOV_BUFFER_TYPE_SIGN_ONLY;
        return (buffer->BufferType & SECBUFFER_READONLY) == 0 ? GSS_IOV_BUFFER_TYPE_DATA
                                                              : GSS_IOV_BUFFER_TYPE_EMPTY;
    default:
        return GSS_IOV_BUFFER_TYPE_EMPTY;
    }
}

/* False when a buffer of which there may be one stands twice, or one has no memory. */
static bool lay_out(const SecBufferDesc *message, struct layout *layout)
{
    ULONG seen = 0;

    layout->count = 0;
    layout->token = NULL;
    for (ULONG i = 0; i < message->cBuffers; i++) {
        SecBuffer *buffer = &message->pBuffers[i];
        OM_uint32 type = iov_type(buffer);

        if (type == GSS_IOV_BUFFER_TYPE_EMPTY)
            continue;
        if (buffer->pvBuffer == NULL && buffer->cbBuffer != 0)
            return false;
        if (type != GSS_IOV_BUFFER_TYPE_DATA && type != GSS_IOV_BUFFER_TYPE_SIGN_ONLY) {
            if ((seen & (1u << type)) != 0)
                return false;
            seen |= 1u << type;
        }
        if (type == GSS_IOV_BUFFER_TYPE_HEADER)
            layout->token = buffer;
        layout->iov[layout->count].type = type;
        layout->iov[layout->count].buffer = gss_buffer_of(buffer_range(buffer));
        layout->buffers[layout->count] = buffer;
        layout->count++;
    }
    return true;
}

/* Tells the caller how long header and padding came out. */
static void report_lengths(const struct layout *layout)
{
    for (int i = 0; i < layout->count; i++) {
        if (layout->iov[i].type == GSS_IOV_BUFFER_TYPE_HEADER ||
            layout->iov[i].type == GSS_IOV_BUFFER_TYPE_PADDING)
            layout->buffers[i]->cbBuffer = (ULONG)layout->iov[i].buffer.length;
    }
}

/* Puts octets over the DATA buffers, in their order; they have the lengths that were gathered. */
static void scatter(const struct layout *layout, const unsigned char *octets)
{
    for (int i = 0; i < layout->count; i++) {
        const SecBuffer *buffer = layout->buffers[i];

        if (layout->iov[i].type != GSS_IOV_BUFFER_TYPE_DATA || buffer->cbBuffer == 0)
            continue;
        memcpy(buffer->pvBuffer, octets, buffer->cbBuffer);
        octets += buffer->cbBuffer;
    }
}

static void release_wiped(gss_buffer_desc *buffer)
{
    OM_uint32 minor;

    /* gss-ntlmssp leaves the length when it has failed. */
    if (buffer->value != NULL)
        wipe(buffer->value, buffer->length);
    (void)gss_release_buffer(&minor, buffer);
}

static SECURITY_STATUS too_small(const struct context *context, SecBuffer *token)
{
    SecPkgContext_Sizes sizes;

    sizes_of(context, &sizes);
    token->cbBuffer = sizes.cbSecurityTrailer;
    return SEC_E_BUFFER_TOO_SMALL;
}

/* Cuts a whole gss_wrap token into TOKEN and DATA. */
static SECURITY_STATUS cut(const struct layout *layout, gss_buffer_desc *whole, size_t data_length)
{
    size_t header;

    if (whole->length < data_length || whole->length - data_length > layout->token->cbBuffer)
        return SEC_E_INTERNAL_ERROR;
    header = whole->length - data_length;
    memcpy(layout->token->pvBuffer, whole->value, header);
    scatter(layout, (unsigned char *)whole->value + header);
    for (int i = 0; i < layout->count; i++) {
        if (layout->iov[i].type == GSS_IOV_BUFFER_TYPE_PADDING)
            layout->buffers[i]->cbBuffer = 0;
    }
    layout->token->cbBuffer = (ULONG)header;
    return SEC_E_OK;
}

static SECURITY_STATUS wrap_whole(struct context *context, const SecBufferDesc *message,
                                  const struct layout *layout)
{
    gss_buffer_desc whole = GSS_C_EMPTY_BUFFER;
    struct gathered_data data;
    SECURITY_STATUS status;
    int confidential = 0;
    OM_uint32 major;
    OM_uint32 minor;

    /* Before a sequence number is used up. */
    if (layout->token->cbBuffer < SIGNATURE_MIN)
        return too_small(context, layout->token);
    if (!gather_data(message, false, &data))
        return SEC_E_INSUFFICIENT_MEMORY;
    major =
        gss_wrap(&minor, context->gss, 1, GSS_C_QOP_DEFAULT, &data.octets, &confidential, &whole);
    if (GSS_ERROR(major))
        status = status_of_message(context->mechanism, major, minor);
    else if (!confidential)
        status = status_because(SEC_E_ENCRYPT_FAILURE, "the context cannot encrypt");
    else
        status = cut(layout, &whole, data.octets.length);
    (void)gss_release_buffer(&minor, &whole);
    gathered_data_release(&data);
    return status;
}

SECURITY_STATUS wrap_message(struct context *context, ULONG qop, const SecBufferDesc *message)
{
    int wanted = qop == SECQOP_WRAP_NO_ENCRYPT ? 0 : 1;
    int confidential = 0;
    struct layout layout;
    OM_uint32 major;
    OM_uint32 minor;

    if (!lay_out(message, &layout) || layout.token == NULL || layout.token->pvBuffer == NULL ||
        buffer_find(message, SECBUFFER_DATA) == NULL ||
        buffer_find(message, SECBUFFER_STREAM) != NULL)
        return SEC_E_INVALID_TOKEN;
    major = gss_wrap_iov(&minor, context->gss, wanted, GSS_C_QOP_DEFAULT, &confidential, layout.iov,
                         layout.count);
    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE)
        return wanted ? wrap_whole(context, message, &layout)
                      : status_because(SEC_E_QOP_NOT_SUPPORTED, "NTLM always encrypts");
    if (GSS_ERROR(major)) {
        SECURITY_STATUS status = status_of_message(context->mechanism, major, minor);

        return status == SEC_E_BUFFER_TOO_SMALL ? too_small(context, layout.token) : status;
    }
    if (wanted && !confidential)
        return status_because(SEC_E_ENCRYPT_FAILURE, "the context cannot encrypt");
    report_lengths(&layout);
    return SEC_E_OK;
}

/* The result of gss_unwrap or gss_unwrap_iov. */
static SECURITY_STATUS unwrapped(const struct context *context, OM_uint32 major, OM_uint32 minor,
                                 int confidential, ULONG *qop)
{
    if (GSS_ERROR(major))
        return status_of_message(context->mechanism, major, minor);
    *qop = confidential ? 0 : SECQOP_WRAP_NO_ENCRYPT;
    return (major & OUT_OF_SEQUENCE) != 0 ? SEC_E_OUT_OF_SEQUENCE : SEC_E_OK;
}

/* STREAM and DATA: the whole token, and what will point to the plain text in it. */
static SECURITY_STATUS unwrap_stream(struct context *context, const SecBuffer *stream,
                                     SecBuffer *data, ULONG *qop)
{
    gss_iov_buffer_desc iov[2] = {
        {GSS_IOV_BUFFER_TYPE_STREAM, gss_buffer_of(buffer_range(stream))},
        {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER},
    };
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    int confidential = 0;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    major = gss_unwrap_iov(&minor, context->gss, &confidential, NULL, iov, 2);
    if (GSS_ROUTINE_ERROR(major) != GSS_S_UNAVAILABLE) {
        status = unwrapped(context, major, minor, confidential, qop);
        if (GSS_ERROR(major))
            return status;
        data->pvBuffer = iov[1].buffer.value;
        data->cbBuffer = (ULONG)iov[1].buffer.length;
        return status;
    }
    major = gss_unwrap(&minor, context->gss, &iov[0].buffer, &plain, &confidential, NULL);
    status = unwrapped(context, major, minor, confidential, qop);
    if (!GSS_ERROR(major) && plain.length <= stream->cbBuffer) {
        data->pvBuffer = (unsigned char *)stream->pvBuffer + (stream->cbBuffer - plain.length);
        data->cbBuffer = (ULONG)plain.length;
        if (plain.length != 0)
            memcpy(data->pvBuffer, plain.value, plain.length);
    }
    release_wiped(&plain);
    return status;
}

/* TOKEN and DATA for a mechanism without *_iov: put together, opened, and laid back. */
static SECURITY_STATUS unwrap_whole(struct context *context, const SecBufferDesc *message,
                                    const struct layout *layout, ULONG *qop)
{
    struct gathered_data data;
    gss_buffer_desc whole;
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    struct secret joined = {0};
    int confidential = 0;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    if (!gather_data(message, false, &data))
        return SEC_E_INSUFFICIENT_MEMORY;
    status = SEC_E_INSUFFICIENT_MEMORY;
    if (!secret_allocate(&joined, layout->token->cbBuffer + data.octets.length))
        goto done;
    memcpy(joined.data, layout->token->pvBuffer, layout->token->cbBuffer);
    if (data.octets.length != 0)
        memcpy(joined.data + layout->token->cbBuffer, data.octets.value, data.octets.length);
    whole = (gss_buffer_desc){joined.length, joined.data};
    major = gss_unwrap(&minor, context->gss, &whole, &plain, &confidential, NULL);
    status = unwrapped(context, major, minor, confidential, qop);
    if (!GSS_ERROR(major) && plain.length == data.octets.length)
        scatter(layout, plain.value);
    else if (!GSS_ERROR(major))
        status = SEC_E_INVALID_TOKEN;
done:
    release_wiped(&plain);
    secret_release(&joined);
    gathered_data_release(&data);
    return status;
}

SECURITY_STATUS unwrap_message(struct context *context, const SecBufferDesc *message, ULONG *qop)
{
    const SecBuffer *stream = buffer_find(message, SECBUFFER_STREAM);
    SecBuffer *data = buffer_find(message, SECBUFFER_DATA);
    struct layout layout;
    int confidential = 0;
    OM_uint32 major;
    OM_uint32 minor;

    if (data == NULL || !lay_out(message, &layout))
        return SEC_E_INVALID_TOKEN;
    if (stream != NULL) {
        /* gss-ntlmssp subtracts its signature's length without looking. */
        if (layout.token != NULL || stream->cbBuffer < SIGNATURE_MIN)
            return SEC_E_INVALID_TOKEN;
        return unwrap_stream(context, stream, data, qop);
    }
    if (layout.token == NULL || layout.token->cbBuffer < SIGNATURE_MIN)
        return SEC_E_INVALID_TOKEN;
    major = gss_unwrap_iov(&minor, context->gss, &confidential, NULL, layout.iov, layout.count);
    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE)
        return unwrap_whole(context, message, &layout, qop);
    return unwrapped(context, major, minor, confidential, qop);
}
