/* The TLS part of a CREDSSP_CRED: SCHANNEL_CRED and SCH_CREDENTIALS. */
#ifndef SSPI_SHIM_TLS_CREDENTIAL_H
#define SSPI_SHIM_TLS_CREDENTIAL_H

#include <stdbool.h>
#include <sspi-gss/sspi.h>
#include "sspi-shim/store.h"

struct tls_credential {
    bool is_given;       /* the caller knows what SEC_I_INCOMPLETE_CREDENTIALS asks */
    bool verify;         /* the server's certificate, whatever policy says */
    const char *version; /* "1.2" or "1.3", this one alone; NULL: both */
    char *certificate;   /* file or PKCS#11 URI; NULL: none was given */
    char *private_key;
};

/*
 * Reads pSchannelCred, which may be NULL. The caller releases *tls, also on failure. What a caller
 * asks for and cannot have is refused: SEC_E_UNKNOWN_CREDENTIALS (another structure, or a
 * certificate without a key), SEC_E_ALGORITHM_MISMATCH (no version of TLS is left),
 * SEC_E_UNSUPPORTED_FUNCTION, SEC_E_INVALID_PARAMETER, SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS tls_credential_read(const void *data, bool inbound, struct tls_credential *tls);

/* Adds what the mechanism is to know of it. */
void tls_credential_store(const struct tls_credential *tls, bool inbound, struct store *store);

void tls_credential_release(struct tls_credential *tls);

#endif
