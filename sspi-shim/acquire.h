/* Acquires the GSS-API credentials of one CredHandle. */
#ifndef SSPI_SHIM_ACQUIRE_H
#define SSPI_SHIM_ACQUIRE_H

#include <stdbool.h>
#include "sspi-shim/credentials.h"

/* Arguments of AcquireCredentialsHandle and AddCredentials; strings are UTF-8. */
struct credential_request {
    const char *principal;
    const char *package;
    ULONG use; /* SECPKG_CRED_... */
    const void *data;
    bool wide;
};

/*
 * Checks fCredentialUse. SEC_E_INVALID_PARAMETER (no such value), SEC_E_NO_CREDENTIALS
 * (SECPKG_CRED_PROCESS_POLICY_ONLY: nothing was to be acquired), SEC_E_UNSUPPORTED_FUNCTION.
 */
SECURITY_STATUS acquire_check_use(ULONG use, const struct package *package);

/*
 * Acquires what the request asks for, into a credential that has its package and mechanism and not
 * yet these directions. Nothing is kept of the request.
 */
SECURITY_STATUS acquire_directions(struct credential *credential,
                                   const struct credential_request *request);

#endif
