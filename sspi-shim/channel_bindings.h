/* SECBUFFER_CHANNEL_BINDINGS, in its two forms. */
#ifndef SSPI_SHIM_CHANNEL_BINDINGS_H
#define SSPI_SHIM_CHANNEL_BINDINGS_H

#include <stdbool.h>
#include "sspi-shim/buffers.h"

/*
 * Reads SEC_CHANNEL_BINDINGS or SEC_CHANNEL_BINDINGS_EX. *bindings points into the octets; *flags
 * is 0 for the former. False when an offset or a length leads out of them, or a flag is unknown.
 */
bool channel_bindings_read(struct byte_range octets, struct gss_channel_bindings_struct *bindings,
                           ULONG *flags);

#endif
