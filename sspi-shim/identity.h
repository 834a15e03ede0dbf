/* Who logs on: the SEC_WINNT_AUTH_IDENTITY structures, read into one form. */
#ifndef SSPI_SHIM_IDENTITY_H
#define SSPI_SHIM_IDENTITY_H

#include <stdbool.h>
#include <sspi-gss/sspi.h>
#include "common/secret.h"
#include "sspi-shim/packages.h"

/* All UTF-8; what the structure left to the default is absent. */
struct identity {
    struct secret user;
    struct secret domain;
    struct secret password;
    struct secret packages; /* the package list */
};

/*
 * Reads any identity. wide says what its strings are when its flags do not. Everything is copied;
 * the caller releases *identity, also on failure. SEC_E_UNKNOWN_CREDENTIALS (none of the
 * structures), SEC_E_UNSUPPORTED_FUNCTION (encrypted, or no password), SEC_E_INVALID_PARAMETER
 * (ill-formed).
 */
SECURITY_STATUS identity_read(const void *data, bool wide, struct identity *identity);

/* Wipes and releases. */
void identity_release(struct identity *identity);

/*
 * The identity's user in the form that a package's mechanism takes: "DOMAIN\user", "user@REALM", or
 * what the caller wrote. The caller frees; NULL when there is no memory.
 */
char *identity_name(const struct identity *identity, enum package_names form);

#endif
