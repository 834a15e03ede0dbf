/* What a context is asked for and what it has: SSPI's bits and GSS-API's. */
#ifndef SSPI_SHIM_FLAGS_H
#define SSPI_SHIM_FLAGS_H

#include <stdbool.h>
#include <gssapi/gssapi.h>
#include <sspi-gss/sspi.h>
#include "sspi-shim/packages.h"

/*
 * SEC_E_UNSUPPORTED_FUNCTION when the package does not have what a flag asks for, and ignoring it
 * would do the caller harm; SEC_E_SECURITY_QOS_FAILED when flags contradict each other.
 */
SECURITY_STATUS flags_check(ULONG request, bool initiator, const struct package *package);

/*
 * GSS request flags for ISC_REQ_* bits. Packages that delegate tickets do so only together with
 * mutual authentication; CredSSP (a stream package) has its own proof of the server and its policy.
 */
OM_uint32 flags_to_gss(ULONG request, bool is_stream);

/*
 * ISC_RET_* or ASC_RET_* bits for the flags of a context, with those of the request that say how
 * the caller works rather than what the peer agreed to.
 */
ULONG flags_from_gss(OM_uint32 flags, ULONG request, bool initiator);

/* True when the context lacks protection that an acceptor's request asks for. */
bool flags_lack_required(OM_uint32 flags, ULONG request);

#endif
