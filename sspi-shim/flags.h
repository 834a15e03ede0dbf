/* What a context is asked for and what it has: SSPI's bits and GSS-API's. */
#ifndef SSPI_SHIM_FLAGS_H
#define SSPI_SHIM_FLAGS_H

#include <stdbool.h>
#include <gssapi/gssapi.h>
#include <sspi-gss/sspi.h>

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
