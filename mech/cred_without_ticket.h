/* Kerberos' part of credentials that have no ticket. */
#ifndef MECH_CRED_WITHOUT_TICKET_H
#define MECH_CRED_WITHOUT_TICKET_H

#include "mech/mechglue.h"

/*
 * Adds an element for the mechanism (Kerberos, or SPNEGO over it) to a credential of the mechglue's that
 * opens nothing: its ticket has expired. Where an element is missing the mechglue takes the process' own
 * credential (krb5 1.20), and what was meant as the user's second hop would be the server's.
 */
OM_uint32 credential_add_without_ticket(OM_uint32 *minor, gss_cred_id_t credential,
                                        gss_OID mechanism);

#endif
