/* What a call of InitializeSecurityContext or AcceptSecurityContext means to a context. */
#ifndef SSPI_SHIM_STEP_H
#define SSPI_SHIM_STEP_H

#include "sspi-shim/delivery.h"

/* The peer's token; absent when there is none. SEC_E_INVALID_TOKEN when an acceptor has none. */
SECURITY_STATUS step_find_token(const struct call *call, struct byte_range *token);

/*
 * With the context locked: a leg of the logon, the rest of the leg before, a new logon, or the end
 * of the session, as the context's state says.
 */
SECURITY_STATUS step_run(struct context *context, const struct call *call);

#endif
