/* How much protection adds to messages of an established context. */
#ifndef SSPI_SHIM_SIZES_H
#define SSPI_SHIM_SIZES_H

#include "sspi-shim/context.h"

/* NTLM's signature, and the least that any mechanism's has. */
#define SIGNATURE_MIN 16

/* Fills in the sizes, asking the mechanism without using up a sequence number. */
void sizes_of(const struct context *context, SecPkgContext_Sizes *sizes);

/*
 * The sizes of TLS records; SEC_E_UNSUPPORTED_FUNCTION for packages that make none. cbTrailer is more
 * than a record's trailer: see record.c.
 */
SECURITY_STATUS sizes_of_stream(const struct context *context, SecPkgContext_StreamSizes *sizes);

#endif
