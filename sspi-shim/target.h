/* Names of servers: service principal names as SSPI writes them, and other targets. */
#ifndef SSPI_SHIM_TARGET_H
#define SSPI_SHIM_TARGET_H

#include <gssapi/gssapi.h>
#include "sspi-shim/packages.h"

/*
 * The GSS-API name of a target. NULL (or "") is allowed for NTLM, which needs none. The caller
 * releases *name. SEC_E_TARGET_UNKNOWN when the text is no name.
 */
SECURITY_STATUS target_import(const char *target, const struct package *package, gss_name_t *name);

#endif
