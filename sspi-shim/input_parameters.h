/* What the input of InitializeSecurityContext and AcceptSecurityContext may hold besides a token. */
#ifndef SSPI_SHIM_INPUT_PARAMETERS_H
#define SSPI_SHIM_INPUT_PARAMETERS_H

#include <sspi-gss/sspi.h>
#include "sspi-shim/packages.h"

/*
 * The credential of a SECBUFFER_PKG_PARAMS, which holds what pAuthData points to: *handle is a new
 * CredHandle of the package, for outbound credentials. The errors are AcquireCredentialsHandle's,
 * and SEC_E_INVALID_TOKEN when the buffer is too short for the structure that it begins.
 */
SECURITY_STATUS credential_from_buffers(const SecBufferDesc *input, const struct package *package,
                                        SecHandle *handle);

/*
 * The server's name in a SECBUFFER_TARGET or SECBUFFER_TARGET_HOST, UTF-16 with or without a NUL,
 * as UTF-8 that the caller frees; *target is NULL when there is none.
 */
SECURITY_STATUS target_from_buffers(const SecBufferDesc *input, char **target);

/*
 * Adds the flags of a SECBUFFER_FLAGS. SEC_E_UNSUPPORTED_FUNCTION for ISC_REQ_MESSAGES, which says
 * that the caller makes TLS records itself; the other two that have more than 32 bits have no effect.
 */
SECURITY_STATUS flags_from_buffers(const SecBufferDesc *input, ULONG *request);

#endif
