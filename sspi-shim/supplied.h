/* pAuthData of AcquireCredentialsHandle: an identity and, for CREDSSP, TLS or a smart card. */
#ifndef SSPI_SHIM_SUPPLIED_H
#define SSPI_SHIM_SUPPLIED_H

#include <stdbool.h>
#include "sspi-shim/identity.h"
#include "sspi-shim/smart_card.h"
#include "sspi-shim/store.h"
#include "sspi-shim/tls_credential.h"

/* All zero: nothing was supplied. */
struct supplied {
    struct identity identity;
    struct tls_credential tls;
    struct smart_card card;
    bool has_card;
};

/*
 * Reads pAuthData, which may be NULL; for CREDSSP it is an identity or a CREDSSP_CRED. wide says
 * what an identity's strings are when its flags do not. The caller releases *supplied, also on
 * failure. The errors are those of identity_read, tls_credential_read and smart_card_read.
 */
SECURITY_STATUS supplied_read(const void *data, enum package_id package, bool wide, bool inbound,
                              struct supplied *supplied);

/* Wipes and releases. */
void supplied_release(struct supplied *supplied);

/* Adds what only a credential store can carry; the password is not added. */
void supplied_store(const struct supplied *supplied, bool inbound, struct store *store);

#endif
