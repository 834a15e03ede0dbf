/* What a credential says of TLS: elements of a credential store that are only CredSSP's. */
#ifndef MECH_CRED_TLS_H
#define MECH_CRED_TLS_H

#include "mech/cred.h"

/*
 * Keeps an element that is about TLS. False when key is none of these; *major says what became of one
 * that is.
 */
bool credential_take_tls_element(OM_uint32 *minor, struct credential *credential, const char *key,
                                 const char *value, OM_uint32 *major);

/*
 * "continue" or "ask": what becomes of a logon on a server that asks for a client's certificate when there
 * is none.
 */
OM_uint32 credential_set_without_certificate(OM_uint32 *minor, struct credential *credential,
                                             const char *value);

bool credential_asks_without_certificate(struct credential *credential);

/* Whether what was taken fits together, when all has been. */
OM_uint32 credential_check_tls(OM_uint32 *minor, const struct credential *credential);

void credential_release_tls(struct credential *credential);

/* The versions of TLS that the credential allows; all of them for NULL. */
enum tls_versions credential_tls_versions(const struct credential *credential);

#endif
