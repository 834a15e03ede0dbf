/*
 * sspi_gss.h - what this SSPI adds to Windows': texts of failures, and the GSS-API objects behind a
 * context, for programs that use both interfaces.
 */
#ifndef SSPI_GSS_SSPI_GSS_H
#define SSPI_GSS_SSPI_GSS_H

#include "sspi.h"
#include <gssapi/gssapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * QueryContextAttributes: the GSS-API context behind an SSPI context, and the credential that the
 * initiator delegated to it. Both are borrowed: they stay valid until DeleteSecurityContext, and
 * are not to be deleted or released.
 */
#define SECPKG_ATTR_GSS_CONTEXT 0xC0000001

typedef struct _SecPkgContext_GssContext {
    gss_ctx_id_t Context;
    gss_cred_id_t DelegatedCredential; /* GSS_C_NO_CREDENTIAL when none was delegated */
} SecPkgContext_GssContext, *PSecPkgContext_GssContext;

/*
 * Why the last failed SSPI call of this thread failed: the status' name and what the mechanism says
 * of it, in UTF-8. "" when the last call succeeded or none was made. Never NULL; valid until this
 * thread's next SSPI call. Nothing secret is in it.
 */
SSPI_GSS_API const char *SspiGssStatusText(void);

/* "SEC_E_LOGON_DENIED" for SEC_E_LOGON_DENIED; "unknown status" for a number that has no name. */
SSPI_GSS_API const char *SspiGssStatusName(SECURITY_STATUS Status);

#ifdef __cplusplus
}
#endif

#endif
