#include "sspi-shim/sizes.h"

#include <string.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi_sspi.h>
#include "sspi-shim/status.h"

/* STREAM_HEADER, DATA, STREAM_TRAILER, EMPTY */
#define STREAM_BUFFERS 4

/* The longest record that TLS itself may put before a message: a key update (RFC 8446 4.6.3). */
#define RECORD_BETWEEN_OCTETS 5

/* By what a record without data is longer (RFC 8446 5.4). */
#define EMPTY_RECORD_PADDING 1

/* RC4's header has the message's length in DER, which is the longer the longer the message is. */
#define LONG_MESSAGE ((size_t)1 << 30)

/* Where a mechanism cannot say: RFC 4121's with the longest checksum in use, rounded up. */
#define SIGNATURE_UNKNOWN 64

static ULONG signature_size(const struct context *context)
{
    gss_iov_buffer_desc iov[2] = {
        {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_MIC_TOKEN, GSS_C_EMPTY_BUFFER},
    };
    OM_uint32 minor;

    if (gss_get_mic_iov_length(&minor, context->gss, GSS_C_QOP_DEFAULT, iov, 2) == GSS_S_COMPLETE)
        return (ULONG)iov[1].buffer.length;
    return context_inner_package(context)->id == PACKAGE_NTLM ? SIGNATURE_MIN : SIGNATURE_UNKNOWN;
}

static ULONG trailer_size(const struct context *context)
{
    gss_iov_buffer_desc iov[3] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA, {LONG_MESSAGE, NULL}}, /* nobody looks at it */
        {GSS_IOV_BUFFER_TYPE_PADDING, GSS_C_EMPTY_BUFFER},
    };
    int confidential = 0;
    OM_uint32 minor;

    if (gss_wrap_iov_length(&minor, context->gss, 1, GSS_C_QOP_DEFAULT, &confidential, iov, 3) ==
        GSS_S_COMPLETE)
        return (ULONG)iov[0].buffer.length;
    return SIGNATURE_MIN;
}

void sizes_of(const struct context *context, SecPkgContext_Sizes *sizes)
{
    SecPkgContext_StreamSizes stream = {0};

    *sizes = (SecPkgContext_Sizes){
        .cbMaxToken = context->package->max_token,
        .cbMaxSignature = signature_size(context),
        .cbBlockSize = 1,
    };
    if (sizes_of_stream(context, &stream) == SEC_E_OK)
        sizes->cbSecurityTrailer = stream.cbHeader + stream.cbTrailer;
    else
        sizes->cbSecurityTrailer = trailer_size(context);
}

SECURITY_STATUS sizes_of_stream(const struct context *context, SecPkgContext_StreamSizes *sizes)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    struct gss_sspi_stream_sizes found;
    ULONG record_between;
    OM_uint32 major;
    OM_uint32 minor;

    if (!context->package->is_stream)
        return SEC_E_UNSUPPORTED_FUNCTION;
    major = gss_inquire_sec_context_by_oid(&minor, context->gss,
                                           (gss_OID)(uintptr_t)GSS_SSPI_INQ_STREAM_SIZES, &answer);
    if (GSS_ERROR(major))
        return status_from_gss(context->mechanism, major, minor);
    if (answer->count == 1 && answer->elements[0].length == sizeof found)
        memcpy(&found, answer->elements[0].value, sizeof found);
    else
        major = GSS_S_FAILURE;
    (void)gss_release_buffer_set(&minor, &answer);
    if (GSS_ERROR(major))
        return SEC_E_INTERNAL_ERROR;
    /* Room behind the data, as callers leave no other, for a record that must go before them. */
    record_between = found.header + RECORD_BETWEEN_OCTETS + found.trailer;
    *sizes = (SecPkgContext_StreamSizes){
        .cbHeader = found.header,
        .cbTrailer = found.trailer + record_between + EMPTY_RECORD_PADDING,
        .cbMaximumMessage = found.maximum_message,
        .cBuffers = STREAM_BUFFERS,
        .cbBlockSize = found.block_size,
    };
    return SEC_E_OK;
}
