/* What a context's mechanism answers to the inquiries of gssapi_sspi.h. */
#ifndef SSPI_SHIM_INQUIRY_H
#define SSPI_SHIM_INQUIRY_H

#include <gssapi/gssapi_ext.h>
#include "sspi-shim/context.h"

/*
 * *answer is what the mechanism says, at least `least` buffers; the caller releases it with
 * gss_release_buffer_set. SEC_E_UNSUPPORTED_FUNCTION when it has no such thing.
 */
SECURITY_STATUS inquiry_make(const struct context *context, const gss_OID_desc *what, size_t least,
                             gss_buffer_set_t *answer);

/* The same of one buffer with length octets, which go to value. */
SECURITY_STATUS inquiry_read(const struct context *context, const gss_OID_desc *what, void *value,
                             size_t length);

/* The same of text; "" when it does not fit into size octets. */
SECURITY_STATUS inquiry_read_text(const struct context *context, const gss_OID_desc *what,
                                  char *text, size_t size);

#endif
