/* credssp.h - credentials and context attributes of the package CREDSSP. */
#ifndef SSPI_GSS_CREDSSP_H
#define SSPI_GSS_CREDSSP_H

#include "ntsecapi.h"
#include "sspi.h"
#include "wincrypt.h"

#define CREDSSP_NAME_A "CREDSSP"
#define CREDSSP_NAME_W u"CREDSSP"
#define CREDSSP_NAME   SSPI_GSS_AW(CREDSSP_NAME_)

#define TS_SSP_NAME_A "TSSSP"
#define TS_SSP_NAME   u"TSSSP"

/* Extended key usage of a certificate for RDP servers. */
#define szOID_TS_KP_TS_SERVER_AUTH "1.3.6.1.4.1.311.54.1.2"

/* What is delegated, and in which structures it is supplied. */
typedef enum _CREDSSP_SUBMIT_TYPE {
    CredsspPasswordCreds = 2,
    CredsspSchannelCreds = 4,
    CredsspCertificateCreds = 13,
    CredsspSubmitBufferBoth = 50,
    CredsspSubmitBufferBothOld = 51,
    CredsspCredEx = 100
} CREDSPP_SUBMIT_TYPE; /* so spelt on Windows */

/*
 * pAuthData of AcquireCredentialsHandle. pSchannelCred points to an SCHANNEL_CRED or an
 * SCH_CREDENTIALS, pSpnegoCred to one of the SEC_WINNT_AUTH_IDENTITY structures; each may be NULL.
 * CredsspCertificateCreds: pSpnegoCred points to a KERB_CERTIFICATE_LOGON or a
 * KERB_SMART_CARD_LOGON (ntsecapi.h) whose pointers are addresses: this smart card is delegated,
 * while the logon itself uses the caller's ticket, which kinit can get with the card.
 *
 * Of the TLS part, grbitEnabledProtocols (grbitDisabledProtocols) chooses among TLS 1.2 and 1.3,
 * which are all that there are; dwFlags' SCH_CRED_AUTO_CRED_VALIDATION has the server's certificate
 * and its name verified; a certificate of this side is given as SSPI_GSS_CERTIFICATE_NAMES says
 * (sspi_gss.h). A client that gives a TLS part is asked by SEC_I_INCOMPLETE_CREDENTIALS where a
 * server wants another certificate than there is. What can only be set for the whole machine here
 * (gss-sspi.conf(5)) is refused with SEC_E_UNSUPPORTED_FUNCTION: algorithms, strengths, hRootStore;
 * so are checks of revocation. Other members and flags have no effect.
 */
typedef struct _CREDSSP_CRED {
    CREDSPP_SUBMIT_TYPE Type;
    PVOID pSchannelCred;
    PVOID pSpnegoCred;
} CREDSSP_CRED, *PCREDSSP_CRED;

/* Type is CredsspCredEx, Version CREDSSP_CRED_EX_VERSION. */
typedef struct _CREDSSP_CRED_EX {
    CREDSPP_SUBMIT_TYPE Type;
    ULONG Version;
    ULONG Flags;
    ULONG Reserved;
    CREDSSP_CRED Cred;
} CREDSSP_CRED_EX, *PCREDSSP_CRED_EX;

#define CREDSSP_CRED_EX_VERSION 0
/* CREDSSP_CRED_EX.Flags: prove who the user is, and delegate nothing (remote guard). */
#define CREDSSP_FLAG_REDIRECT 0x1

/*
 * Context attributes (Microsoft: QueryContextAttributes (CredSSP)). The ..._TOKEN attributes fill
 * in a SecPkgContext_AccessToken, NEGOTIATION_PACKAGE a SecPkgContext_PackageInfo,
 * SERVER_AUTH_FLAGS a SecPkgContext_Flags, CERT_TRUST_STATUS a CERT_TRUST_STATUS, CREDS and CREDS_2
 * a SecPkgContext_ClientCreds.
 */
#define SECPKG_ATTR_C_ACCESS_TOKEN      0x80000012
#define SECPKG_ATTR_CREDS               0x80000080
#define SECPKG_ATTR_NEGOTIATION_PACKAGE 0x80000081
#define SECPKG_ATTR_C_FULL_ACCESS_TOKEN 0x80000082
#define SECPKG_ATTR_SERVER_AUTH_FLAGS   0x80000083
#define SECPKG_ATTR_CERT_TRUST_STATUS   0x80000084
#define SECPKG_ATTR_C_FULL_IDENT_TOKEN  0x80000085
#define SECPKG_ATTR_CREDS_2             0x80000086

/* SECPKG_ATTR_SERVER_AUTH_FLAGS: who vouched for the server. */
#define CREDSSP_SERVER_AUTH_NEGOTIATE   0x1
#define CREDSSP_SERVER_AUTH_CERTIFICATE 0x2
#define CREDSSP_SERVER_AUTH_LOOPBACK    0x4

/*
 * What the client delegated. AuthBuffer is a KERB_INTERACTIVE_LOGON or a KERB_CERTIFICATE_LOGON,
 * packed as ntsecapi.h says; it has the password or the PIN in the clear, and is freed with
 * FreeContextBuffer.
 */
typedef struct _SecPkgContext_ClientCreds {
    ULONG AuthBufferLen;
    PUCHAR AuthBuffer;
} SecPkgContext_ClientCreds, *PSecPkgContext_ClientCreds;

#endif
