/*
 * Opening for Negotiate, Kerberos and NTLM: a gss_wrap token cut into TOKEN, DATA and PADDING, or
 * whole in STREAM. Where the mechanism has no *_iov calls (gss-ntlmssp) the token is put together.
 */
#include <string.h>

#include "common/secret.h"
#include "sspi-shim/message.h"
#include "sspi-shim/message_layout.h"
#include "sspi-shim/sizes.h"
#include "sspi-shim/status.h"

/*
 * More in PADDING is not handed to MIT's gss_unwrap_iov: where the padding says that it is shorter
 * than its buffer an assertion ends the process.
 */
#define PADDING_MAX_IN_PLACE 1

static const struct buffer_role roles[] = {
    {SECBUFFER_TOKEN, GSS_IOV_BUFFER_TYPE_HEADER},
    {SECBUFFER_PADDING, GSS_IOV_BUFFER_TYPE_PADDING},
    {SECBUFFER_STREAM, GSS_IOV_BUFFER_TYPE_STREAM},
    {SECBUFFER_EMPTY, GSS_IOV_BUFFER_TYPE_EMPTY},
};

static void release_wiped(gss_buffer_desc *buffer)
{
    OM_uint32 minor;

    /* gss-ntlmssp leaves the length when it has failed. */
    if (buffer->value != NULL)
        wipe(buffer->value, buffer->length);
    (void)gss_release_buffer(&minor, buffer);
}

/* The result of gss_unwrap or gss_unwrap_iov. */
static SECURITY_STATUS unwrapped(const struct context *context, OM_uint32 major, OM_uint32 minor,
                                 int confidential, ULONG *qop)
{
    *qop = confidential ? 0 : SECQOP_WRAP_NO_ENCRYPT;
    return status_of_opening(context, major, minor);
}

static SECURITY_STATUS fail_associated(void)
{
    return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                          "the mechanism cannot verify data that it does not open");
}

/* A whole token by gss_unwrap; DATA will point to the plain text, which is laid over its end. */
static SECURITY_STATUS unwrap_stream_copying(struct context *context,
                                             const struct message_layout *layout, ULONG *qop)
{
    const SecBuffer *stream = layout->stream.buffer;
    gss_buffer_desc sealed = gss_buffer_of(buffer_range(stream));
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    int confidential = 0;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    context->has_no_iov = true;
    if (layout->has_associated_data)
        return fail_associated();
    major = gss_unwrap(&minor, context->gss, &sealed, &plain, &confidential, NULL);
    status = unwrapped(context, major, minor, confidential, qop);
    if (!GSS_ERROR(major) && plain.length <= stream->cbBuffer) {
        SecBuffer *data = layout->data.buffer;

        data->pvBuffer = (unsigned char *)stream->pvBuffer + (stream->cbBuffer - plain.length);
        data->cbBuffer = (ULONG)plain.length;
        if (plain.length != 0)
            memcpy(data->pvBuffer, plain.value, plain.length);
    } else if (!GSS_ERROR(major)) {
        status = SEC_E_INTERNAL_ERROR;
    }
    release_wiped(&plain);
    return status;
}

/* STREAM and DATA: the whole token, and what will point to the plain text in it. */
static SECURITY_STATUS unwrap_stream(struct context *context, struct message_layout *layout,
                                     ULONG *qop)
{
    int confidential = 0;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    /* gss-ntlmssp subtracts its signature's length without looking. */
    if (layout->header.buffer != NULL || layout->data_count != 1 ||
        layout->stream.buffer->cbBuffer < SIGNATURE_MIN)
        return SEC_E_INVALID_TOKEN;
    if ((context->flags & GSS_C_DCE_STYLE) != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "with DCE style messages are opened in TOKEN and DATA only");
    if (context->has_no_iov)
        return unwrap_stream_copying(context, layout, qop);
    major = gss_unwrap_iov(&minor, context->gss, &confidential, NULL, layout->iov, layout->count);
    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE)
        return unwrap_stream_copying(context, layout, qop);
    status = unwrapped(context, major, minor, confidential, qop);
    if (!GSS_ERROR(major)) {
        layout->data.buffer->pvBuffer = layout->data.iov->buffer.value;
        message_part_report(&layout->data);
    }
    return status;
}

/* The parts put together, opened by gss_unwrap, and laid back. */
static SECURITY_STATUS unwrap_joined(struct context *context, const struct message_layout *layout,
                                     ULONG *qop)
{
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    struct joined_octets sealed;
    int confidential = 0;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    if (layout->has_associated_data)
        return fail_associated();
    if (!message_layout_join_message(layout, &sealed))
        return SEC_E_INSUFFICIENT_MEMORY;
    major = gss_unwrap(&minor, context->gss, &sealed.octets, &plain, &confidential, NULL);
    status = unwrapped(context, major, minor, confidential, qop);
    if (!GSS_ERROR(major) && plain.length > layout->data_length) {
        status = SEC_E_INVALID_TOKEN;
    } else if (!GSS_ERROR(major)) {
        message_layout_scatter(layout, byte_range_of(plain.value, plain.length));
        if (layout->padding.buffer != NULL)
            layout->padding.buffer->cbBuffer = 0;
    }
    release_wiped(&plain);
    joined_octets_release(&sealed);
    return status;
}

static SECURITY_STATUS unwrap_in_place(struct context *context, struct message_layout *layout,
                                       ULONG *qop)
{
    int confidential = 0;
    SECURITY_STATUS status;
    OM_uint32 minor;
    OM_uint32 major =
        gss_unwrap_iov(&minor, context->gss, &confidential, NULL, layout->iov, layout->count);

    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE) {
        context->has_no_iov = true;
        return unwrap_joined(context, layout, qop);
    }
    status = unwrapped(context, major, minor, confidential, qop);
    if (!GSS_ERROR(major)) {
        message_layout_report_data(layout);
        message_part_report(&layout->padding);
    }
    return status;
}

SECURITY_STATUS unwrap_message(struct context *context, const SecBufferDesc *message, ULONG *qop)
{
    struct message_layout layout;

    if (!message_layout_find(message, roles, &layout) || layout.data.buffer == NULL)
        return SEC_E_INVALID_TOKEN;
    if (layout.stream.buffer != NULL)
        return unwrap_stream(context, &layout, qop);
    if (layout.header.buffer == NULL || layout.header.buffer->cbBuffer < SIGNATURE_MIN)
        return SEC_E_INVALID_TOKEN;
    if (context->has_no_iov ||
        (layout.padding.buffer != NULL && layout.padding.buffer->cbBuffer > PADDING_MAX_IN_PLACE))
        return unwrap_joined(context, &layout, qop);
    return unwrap_in_place(context, &layout, qop);
}
