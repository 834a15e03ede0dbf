/*
 * Sealing for Negotiate, Kerberos and NTLM: TOKEN, DATA and PADDING are a gss_wrap token that was
 * cut after its header. Kerberos does this in place (gss_wrap_iov with no TRAILER rotates the
 * checksum into the header, as Windows does). gss-ntlmssp has no *_iov calls: its tokens are made
 * whole and cut here.
 */
#include <string.h>

#include "sspi-shim/message.h"
#include "sspi-shim/message_layout.h"
#include "sspi-shim/sizes.h"
#include "sspi-shim/status.h"

static const struct buffer_role roles[] = {
    {SECBUFFER_TOKEN, GSS_IOV_BUFFER_TYPE_HEADER},
    {SECBUFFER_PADDING, GSS_IOV_BUFFER_TYPE_PADDING},
    {SECBUFFER_STREAM, GSS_IOV_BUFFER_TYPE_STREAM},
    {SECBUFFER_EMPTY, GSS_IOV_BUFFER_TYPE_EMPTY},
};

static SECURITY_STATUS too_small(const struct context *context, const struct message_layout *layout)
{
    SecPkgContext_Sizes sizes;

    sizes_of(context, &sizes);
    layout->header.buffer->cbBuffer = sizes.cbSecurityTrailer;
    if (layout->padding.buffer != NULL && layout->padding.buffer->cbBuffer < sizes.cbBlockSize)
        layout->padding.buffer->cbBuffer = sizes.cbBlockSize;
    return SEC_E_BUFFER_TOO_SMALL;
}

/* Cuts a whole gss_wrap token into TOKEN and DATA. */
static SECURITY_STATUS cut(const struct message_layout *layout, const gss_buffer_desc *whole)
{
    const unsigned char *octets = whole->value;
    size_t header;

    if (whole->length < layout->data_length ||
        whole->length - layout->data_length > layout->header.buffer->cbBuffer)
        return SEC_E_INTERNAL_ERROR;
    header = whole->length - layout->data_length;
    memcpy(layout->header.buffer->pvBuffer, octets, header);
    layout->header.buffer->cbBuffer = (ULONG)header;
    message_layout_scatter(layout, byte_range_of(octets + header, layout->data_length));
    if (layout->padding.buffer != NULL)
        layout->padding.buffer->cbBuffer = 0;
    return SEC_E_OK;
}

static SECURITY_STATUS wrap_joined(struct context *context, const struct message_layout *layout)
{
    gss_buffer_desc whole = GSS_C_EMPTY_BUFFER;
    struct joined_octets data;
    SECURITY_STATUS status;
    int confidential = 0;
    OM_uint32 major;
    OM_uint32 minor;

    /* Before a sequence number is used up. */
    if (layout->header.buffer->cbBuffer < SIGNATURE_MIN)
        return too_small(context, layout);
    if (layout->data_length == 0)
        return status_because(SEC_E_INVALID_PARAMETER, "NTLM seals no empty message here");
    if (!message_layout_join_data(layout, &data))
        return SEC_E_INSUFFICIENT_MEMORY;
    major =
        gss_wrap(&minor, context->gss, 1, GSS_C_QOP_DEFAULT, &data.octets, &confidential, &whole);
    status = status_of_sealing(context, major, minor);
    if (status == SEC_E_OK && !confidential)
        status = status_because(SEC_E_ENCRYPT_FAILURE, "the context cannot encrypt");
    if (status == SEC_E_OK)
        status = cut(layout, &whole);
    (void)gss_release_buffer(&minor, &whole);
    joined_octets_release(&data);
    return status;
}

/* What a mechanism without *_iov calls can do of what is asked for. */
static SECURITY_STATUS wrap_without_iov(struct context *context,
                                        const struct message_layout *layout, ULONG qop)
{
    context->has_no_iov = true;
    if (qop == SECQOP_WRAP_NO_ENCRYPT)
        return status_because(SEC_E_QOP_NOT_SUPPORTED, "NTLM always encrypts");
    if (layout->has_associated_data)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "the mechanism cannot sign data that it does not seal");
    return wrap_joined(context, layout);
}

/* MIT's Kerberos with RC4, where the padding is a part of what is signed. */
static bool needs_padding(const struct context *context)
{
    gss_iov_buffer_desc iov[2] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER},
    };
    OM_uint32 minor;

    return GSS_ERROR(gss_wrap_iov_length(&minor, context->gss, 1, GSS_C_QOP_DEFAULT, NULL, iov, 2));
}

static SECURITY_STATUS wrap_in_place(struct context *context, struct message_layout *layout,
                                     ULONG qop)
{
    int wanted = qop == SECQOP_WRAP_NO_ENCRYPT ? 0 : 1;
    int confidential = 0;
    SECURITY_STATUS status;
    OM_uint32 minor;
    OM_uint32 major = gss_wrap_iov(&minor, context->gss, wanted, GSS_C_QOP_DEFAULT, &confidential,
                                   layout->iov, layout->count);

    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE)
        return wrap_without_iov(context, layout, qop);
    status = status_of_sealing(context, major, minor);
    if (status == SEC_E_BUFFER_TOO_SMALL)
        return too_small(context, layout);
    if (status == SEC_E_INTERNAL_ERROR && layout->padding.buffer == NULL && needs_padding(context))
        return status_because(SEC_E_INVALID_TOKEN,
                              "this encryption type needs a SECBUFFER_PADDING");
    if (status != SEC_E_OK)
        return status;
    if (wanted && !confidential)
        return status_because(SEC_E_ENCRYPT_FAILURE, "the context cannot encrypt");
    message_part_report(&layout->header);
    message_part_report(&layout->padding);
    return SEC_E_OK;
}

SECURITY_STATUS wrap_message(struct context *context, ULONG qop, const SecBufferDesc *message)
{
    OM_uint32 needed =
        qop == SECQOP_WRAP_NO_ENCRYPT ? GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG : GSS_C_CONF_FLAG;
    struct message_layout layout;

    if (!message_layout_find(message, roles, &layout) || layout.header.buffer == NULL ||
        layout.header.buffer->pvBuffer == NULL || layout.data.buffer == NULL ||
        layout.stream.buffer != NULL)
        return SEC_E_INVALID_TOKEN;
    if (!context_protects(context, needed))
        return status_because(SEC_E_QOP_NOT_SUPPORTED,
                              "this protection was not asked for at the logon");
    return context->has_no_iov ? wrap_without_iov(context, &layout, qop)
                               : wrap_in_place(context, &layout, qop);
}
