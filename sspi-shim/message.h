/* Protected messages: what the packages do behind EncryptMessage and its neighbours. */
#ifndef SSPI_SHIM_MESSAGE_H
#define SSPI_SHIM_MESSAGE_H

#include "sspi-shim/context.h"

/* The status of a call that seals or signs; of one that opens or verifies, which tells of gaps. */
SECURITY_STATUS status_of_sealing(const struct context *context, OM_uint32 major, OM_uint32 minor);
SECURITY_STATUS status_of_opening(const struct context *context, OM_uint32 major, OM_uint32 minor);

/* Whether the context protects messages in one of these ways (GSS_C_CONF_FLAG, ...). */
bool context_protects(const struct context *context, OM_uint32 flags);

/*
 * Signatures of all packages, in TOKEN: gss_get_mic over the DATA, those with
 * SECBUFFER_READONLY_WITH_CHECKSUM included and those with SECBUFFER_READONLY not. CREDSSP's are
 * those of the mechanism that has authenticated inside; Windows' has none.
 */
SECURITY_STATUS make_signature(struct context *context, const SecBufferDesc *message);
SECURITY_STATUS verify_signature(struct context *context, const SecBufferDesc *message);

/* Negotiate, Kerberos, NTLM: gss_wrap tokens, split over TOKEN, DATA and PADDING. */
SECURITY_STATUS wrap_message(struct context *context, ULONG qop, const SecBufferDesc *message);
SECURITY_STATUS unwrap_message(struct context *context, const SecBufferDesc *message, ULONG *qop);

/* CREDSSP: TLS records, split over STREAM_HEADER, DATA and STREAM_TRAILER. */
SECURITY_STATUS seal_record(struct context *context, const SecBufferDesc *message);
SECURITY_STATUS open_record(struct context *context, SecBufferDesc *message);

#endif
