/* Whose credentials a thread uses. */
#ifndef SSPI_SHIM_IMPERSONATION_H
#define SSPI_SHIM_IMPERSONATION_H

#include <sspi-gss/sspi.h>
#include "sspi-shim/delegation.h"

/* What this thread impersonates, borrowed, or NULL. */
struct delegation *impersonation_current(void);

/*
 * Makes this thread impersonate, or stop for NULL: the delegated tickets are its default credential for
 * Kerberos, in GSS-API too, and no other thread's. What the program has chosen itself by
 * gss_krb5_ccache_name comes back at the end. Takes over the share that it is given, on failure too.
 * SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS impersonation_set(struct delegation *delegation);

#endif
