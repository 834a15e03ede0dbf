/*
 * sspi_gss.h - what this SSPI adds to Windows': texts of failures, what a token of
 * QuerySecurityContextToken says, and the GSS-API objects behind a context, for programs that use
 * both interfaces.
 */
#ifndef SSPI_GSS_SSPI_GSS_H
#define SSPI_GSS_SSPI_GSS_H

#include "sspi.h"
#include <sys/types.h>
#include <gssapi/gssapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * CERT_CONTEXT.dwCertEncodingType of a certificate with its private key, in paCred of a
 * CREDSSP_CRED's SCHANNEL_CRED or SCH_CREDENTIALS: pbCertEncoded has two strings in UTF-8, each
 * with a NUL, in cbCertEncoded octets: where the certificate is (a PEM file with its chain, or a
 * PKCS#11 URI), and where its key.
 */
#define SSPI_GSS_CERTIFICATE_NAMES 0x47535350

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
 * Who has logged on. Strings are UTF-8. What belongs to the account is absent (UserId and GroupId
 * -1, Groups and AccountName NULL) when no account of this machine belongs to the principal.
 */
typedef struct _SSPI_GSS_TOKEN_INFORMATION {
    uid_t UserId;
    gid_t GroupId;
    ULONG GroupCount;
    const gid_t *Groups;               /* GroupCount of them, GroupId among them */
    const char *AccountName;           /* the name in the passwd database */
    const char *PrincipalName;         /* as gss_display_name writes the initiator's name */
    const char *PackageName;           /* which has authenticated it: "Kerberos", "NTLM" */
    gss_cred_id_t DelegatedCredential; /* GSS_C_NO_CREDENTIAL when none was delegated */
} SSPI_GSS_TOKEN_INFORMATION, *PSSPI_GSS_TOKEN_INFORMATION;

/*
 * *Information is what a token of QuerySecurityContextToken, or of SECPKG_ATTR_ACCESS_TOKEN, says.
 * It is the token's, and so is the credential: valid until the token is closed. Later versions of
 * this library may append members. SEC_E_INVALID_HANDLE for what is no token.
 */
SSPI_GSS_API SECURITY_STATUS
SspiGssTokenInformation(HANDLE Token, const SSPI_GSS_TOKEN_INFORMATION **Information);

/* Frees a token of QuerySecurityContextToken. SEC_E_INVALID_HANDLE for what is no such token. */
SSPI_GSS_API SECURITY_STATUS SspiGssCloseToken(HANDLE Token);

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
