/* SECPKG_ATTR_CIPHER_INFO: a TLS session's cipher suite, taken apart. */
#ifndef SSPI_SHIM_CIPHER_INFO_H
#define SSPI_SHIM_CIPHER_INFO_H

#include <sspi-gss/schannel.h>
#include "sspi-shim/context.h"

/* SEC_E_UNSUPPORTED_FUNCTION for contexts without TLS. */
SECURITY_STATUS cipher_info_query(const struct context *context, SecPkgContext_CipherInfo *info);

#endif
