/* A ticket that was delegated, for every mechanism that can use it. */
#ifndef MECH_CRED_UNION_H
#define MECH_CRED_UNION_H

#include <stdbool.h>

#include "common/byte_range.h"
#include "mech/mechglue.h"

/*
 * Gives a credential of the mechglue's that has a Kerberos element one for SPNEGO, Negotiate and
 * CredSSP as well. Without them a second hop by SPNEGO would be made with the credentials of the
 * process: the mechglue takes its default where a credential has no element for a mechanism. On
 * failure *credential is released, and GSS_C_NO_CREDENTIAL.
 */
OM_uint32 credential_for_every_mechanism(OM_uint32 *minor, gss_cred_id_t *credential);

/* Whether the mechglue knows the mechanism: an administrator may register only some of ours. */
bool mechanism_is_registered(gss_const_OID mechanism);

/* Whether octets are a credential as the mechglue exports it, and not one of ours. */
bool is_exported_by_mechglue(struct byte_range octets);

#endif
