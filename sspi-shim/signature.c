/* Signatures: gss_get_mic and gss_verify_mic over the buffers that are signed. */
#include <string.h>

#include "sspi-shim/message.h"
#include "sspi-shim/message_layout.h"
#include "sspi-shim/sizes.h"
#include "sspi-shim/status.h"

static const struct buffer_role roles[] = {
    {SECBUFFER_TOKEN, GSS_IOV_BUFFER_TYPE_MIC_TOKEN},
    {SECBUFFER_EMPTY, GSS_IOV_BUFFER_TYPE_EMPTY},
};

/* What is signed; the TOKEN is required. */
static SECURITY_STATUS find_signed(const struct context *context, const SecBufferDesc *message,
                                   struct message_layout *layout)
{
    if (!context_protects(context, GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG)) {
        (void)status_because(SEC_E_QOP_NOT_SUPPORTED, "no integrity was asked for at the logon");
        return SEC_E_QOP_NOT_SUPPORTED;
    }
    if (!message_layout_find(message, roles, layout) || layout->header.buffer == NULL ||
        layout->header.buffer->pvBuffer == NULL)
        return SEC_E_INVALID_TOKEN;
    /* Nothing is sealed here: one kind of data, whose octets are signed in the order they stand. */
    for (int i = 0; i < layout->count; i++) {
        if (layout->iov[i].type == GSS_IOV_BUFFER_TYPE_SIGN_ONLY)
            layout->iov[i].type = GSS_IOV_BUFFER_TYPE_DATA;
    }
    return SEC_E_OK;
}

static SECURITY_STATUS too_small(const struct context *context, SecBuffer *token)
{
    SecPkgContext_Sizes sizes;

    sizes_of(context, &sizes);
    token->cbBuffer = sizes.cbMaxSignature;
    return SEC_E_BUFFER_TOO_SMALL;
}

/* For a mechanism without *_iov calls: gss-ntlmssp, whose signatures all have one length. */
static SECURITY_STATUS sign_joined(struct context *context, const struct message_layout *layout)
{
    gss_buffer_desc signature = GSS_C_EMPTY_BUFFER;
    struct joined_octets data;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    /* Before a sequence number is used up. */
    if (layout->header.buffer->cbBuffer < SIGNATURE_MIN)
        return too_small(context, layout->header.buffer);
    if (!message_layout_join_data(layout, &data))
        return SEC_E_INSUFFICIENT_MEMORY;
    major = gss_get_mic(&minor, context->gss, GSS_C_QOP_DEFAULT, &data.octets, &signature);
    status = status_of_sealing(context, major, minor);
    if (status == SEC_E_OK && signature.length > layout->header.buffer->cbBuffer)
        status = SEC_E_INTERNAL_ERROR;
    if (status == SEC_E_OK) {
        memcpy(layout->header.buffer->pvBuffer, signature.value, signature.length);
        layout->header.buffer->cbBuffer = (ULONG)signature.length;
    }
    (void)gss_release_buffer(&minor, &signature);
    joined_octets_release(&data);
    return status;
}

SECURITY_STATUS make_signature(struct context *context, const SecBufferDesc *message)
{
    struct message_layout layout;
    SECURITY_STATUS status = find_signed(context, message, &layout);
    OM_uint32 major;
    OM_uint32 minor;

    if (status != SEC_E_OK)
        return status;
    if (context->has_no_iov)
        return sign_joined(context, &layout);
    major = gss_get_mic_iov(&minor, context->gss, GSS_C_QOP_DEFAULT, layout.iov, layout.count);
    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE) {
        context->has_no_iov = true;
        return sign_joined(context, &layout);
    }
    status = status_of_sealing(context, major, minor);
    if (status == SEC_E_BUFFER_TOO_SMALL)
        return too_small(context, layout.header.buffer);
    if (status == SEC_E_OK)
        message_part_report(&layout.header);
    return status;
}

static SECURITY_STATUS verify_joined(const struct context *context,
                                     const struct message_layout *layout)
{
    gss_buffer_desc signature = gss_buffer_of(buffer_range(layout->header.buffer));
    struct joined_octets data;
    OM_uint32 major;
    OM_uint32 minor;

    if (!message_layout_join_data(layout, &data))
        return SEC_E_INSUFFICIENT_MEMORY;
    major = gss_verify_mic(&minor, context->gss, &data.octets, &signature, NULL);
    joined_octets_release(&data);
    return status_of_opening(context, major, minor);
}

SECURITY_STATUS verify_signature(struct context *context, const SecBufferDesc *message)
{
    struct message_layout layout;
    SECURITY_STATUS status = find_signed(context, message, &layout);
    OM_uint32 major;
    OM_uint32 minor;

    if (status != SEC_E_OK)
        return status;
    /* gss-ntlmssp compares as many octets without looking at the length. */
    if (layout.header.buffer->cbBuffer < SIGNATURE_MIN)
        return SEC_E_INVALID_TOKEN;
    if (context->has_no_iov)
        return verify_joined(context, &layout);
    major = gss_verify_mic_iov(&minor, context->gss, NULL, layout.iov, layout.count);
    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE) {
        context->has_no_iov = true;
        return verify_joined(context, &layout);
    }
    return status_of_opening(context, major, minor);
}
