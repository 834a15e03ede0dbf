/* Credentials that initiators have delegated. */
#ifndef SSPI_SHIM_DELEGATION_H
#define SSPI_SHIM_DELEGATION_H

#include <gssapi/gssapi.h>

/* A delegated credential, shared by the context, threads, tokens and credential handles. */
struct delegation;

/* One without a credential, as it stays when nothing was delegated. NULL when there is no memory. */
struct delegation *delegation_create(void);

/* Takes over the credential. */
void delegation_fill(struct delegation *delegation, gss_cred_id_t credential);

/* Adds an owner; NULL stays NULL. */
struct delegation *delegation_share(struct delegation *delegation);

/* Ends one owner's share; the last one releases the credential. NULL is allowed. */
void delegation_release(struct delegation *delegation);

/* The credential; borrowed. GSS_C_NO_CREDENTIAL for NULL. */
gss_cred_id_t delegation_credential(const struct delegation *delegation);

/*
 * The name of a credential cache of this process with the credential's tickets, which lives as long as
 * the delegation; borrowed. A password is turned into a ticket by the first call, for which the KDC is
 * asked; the cache is empty while that fails, and where the credential is nothing for Kerberos. NULL
 * when there is no memory.
 */
const char *delegation_ccache(struct delegation *delegation);

#endif
