/* Delegated credentials, and which of them a thread impersonates. */
#ifndef SSPI_SHIM_DELEGATION_H
#define SSPI_SHIM_DELEGATION_H

#include <gssapi/gssapi.h>
#include <sspi-gss/sspi.h>

/* A credential that an initiator delegated, shared by the context, threads and credential handles.
 */
struct delegation;

/* Takes over the credential. NULL when there is no memory: the credential stays the caller's. */
struct delegation *delegation_create(gss_cred_id_t credential);

/* Adds an owner; NULL stays NULL. */
struct delegation *delegation_share(struct delegation *delegation);

/* Ends one owner's share; the last one releases the credential. NULL is allowed. */
void delegation_release(struct delegation *delegation);

/* The credential; borrowed. GSS_C_NO_CREDENTIAL for NULL. */
gss_cred_id_t delegation_credential(const struct delegation *delegation);

/* What this thread impersonates, borrowed, or NULL. */
struct delegation *impersonation_current(void);

/*
 * Makes this thread impersonate, or stop for NULL. Takes over the share that it is given, on failure
 * too. SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS impersonation_set(struct delegation *delegation);

#endif
