/*
 * MakeSignature, VerifySignature, EncryptMessage, DecryptMessage: which package does what. Sequence
 * numbers are the mechanisms' own, so that MessageSeqNo is not looked at, as Windows does on
 * connections.
 */
#include "sspi-shim/message.h"

#include "sspi-shim/buffers.h"
#include "sspi-shim/status.h"

#define OUT_OF_SEQUENCE \
    (GSS_S_DUPLICATE_TOKEN | GSS_S_OLD_TOKEN | GSS_S_UNSEQ_TOKEN | GSS_S_GAP_TOKEN)

SECURITY_STATUS status_of_sealing(const struct context *context, OM_uint32 major, OM_uint32 minor)
{
    SECURITY_STATUS status;

    if (!GSS_ERROR(major))
        return SEC_E_OK;
    status = status_of_message(context->mechanism, major, minor);
    return status == SEC_E_MESSAGE_ALTERED ? SEC_E_ENCRYPT_FAILURE : status;
}

SECURITY_STATUS status_of_opening(const struct context *context, OM_uint32 major, OM_uint32 minor)
{
    SECURITY_STATUS status;

    if (!GSS_ERROR(major))
        return (major & OUT_OF_SEQUENCE) != 0 ? SEC_E_OUT_OF_SEQUENCE : SEC_E_OK;
    status = status_of_message(context->mechanism, major, minor);
    /* It is the peer's message that is too short, and no buffer of the caller's. */
    if (status == SEC_E_BUFFER_TOO_SMALL)
        return GSS_ROUTINE_ERROR(major) == GSS_S_BAD_SIG ? SEC_E_MESSAGE_ALTERED
                                                         : SEC_E_INVALID_TOKEN;
    return status;
}

bool context_protects(const struct context *context, OM_uint32 flags)
{
    return context->package->is_stream || (context->flags & flags) != 0;
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
        status = make_signature(context, pMessage);
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
    status =
        buffers_are_valid(pMessage) ? verify_signature(context, pMessage) : SEC_E_INVALID_TOKEN;
    if (status == SEC_E_OK && pfQOP != NULL)
        *pfQOP = 0;
    context_leave(context);
    return status_finish(status);
}

static SECURITY_STATUS check_quality(const struct context *context, ULONG qop)
{
    if (qop == SECQOP_WRAP_OOB_DATA)
        return status_because(SEC_E_QOP_NOT_SUPPORTED,
                              "alerts are Schannel's, and GSS-API has no call to send one");
    if (qop != 0 && (qop != SECQOP_WRAP_NO_ENCRYPT || context->package->is_stream))
        return SEC_E_QOP_NOT_SUPPORTED;
    return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                         ULONG MessageSeqNo)
{
    SECURITY_STATUS status;
    struct context *context = context_enter_established(phContext, &status);

    (void)MessageSeqNo;
    if (context == NULL)
        return status_finish(status);
    status = buffers_are_valid(pMessage) ? check_quality(context, fQOP) : SEC_E_INVALID_TOKEN;
    if (status == SEC_E_OK && context->package->is_stream)
        status = seal_record(context, pMessage);
    else if (status == SEC_E_OK)
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
