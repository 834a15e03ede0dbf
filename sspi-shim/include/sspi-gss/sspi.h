/*
 * sspi.h - SSPI for Linux, on top of GSS-API.
 *
 * Types, numbers and layouts are those of 64-bit Windows. A functions take and give UTF-8, W
 * functions UTF-16; UNICODE selects which one the plain names stand for. No function changes a
 * string that it is given, although the Windows prototypes do not say so.
 *
 * Every function returns SEC_E_INVALID_HANDLE for a handle that is not alive or of the wrong kind,
 * SEC_E_INVALID_PARAMETER for a NULL pointer where something is needed, SEC_E_INVALID_TOKEN for
 * buffers that do not fit the call, and SEC_E_INSUFFICIENT_MEMORY. What else is returned, and when,
 * stands in sspi-gss(3), and which function, flag or attribute has no meaning here and returns
 * SEC_E_UNSUPPORTED_FUNCTION. The source of each function is Microsoft's page on it (sspi.h), with
 * its pages for single packages, such as InitializeSecurityContext (CredSSP).
 *
 * Different contexts may be used by different threads at the same time; one context is used by one
 * thread at a time.
 */
#ifndef SSPI_GSS_SSPI_H
#define SSPI_GSS_SSPI_H

#include "windows_types.h"
#include "sspi_status.h"
#include "sspi_constants.h"
#include "sspi_structures.h"
#include "sspi_buffers.h"
#include "sspi_attributes.h"
#include "sspi_identity.h"
#include "sspi_functions.h"
#include "sspi_identity_functions.h"
#include "sspi_async.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The packages whose mechanism is there: an array of *pcPackages descriptions, in one allocation
 * that the caller frees with FreeContextBuffer.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG *pcPackages,
                                                                  PSecPkgInfoA *ppPackageInfo);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG *pcPackages,
                                                                  PSecPkgInfoW *ppPackageInfo);

/*
 * The description of one package, by any of its names, whatever their case. The caller frees it
 * with FreeContextBuffer. SEC_E_SECPKG_NOT_FOUND when there is none, or its mechanism is not there.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(SEC_CHAR *pszPackageName,
                                                                 PSecPkgInfoA *ppPackageInfo);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(SEC_WCHAR *pszPackageName,
                                                                 PSecPkgInfoW *ppPackageInfo);

/*
 * A handle to credentials: who logs on (SECPKG_CRED_OUTBOUND), or what logons are accepted with
 * (SECPKG_CRED_INBOUND), or both: then one of the two is enough, unless pAuthData is given.
 * pAuthData is any SEC_WINNT_AUTH_IDENTITY structure, for CREDSSP also a CREDSSP_CRED; it is
 * copied, and the caller may wipe it after the call. An identity with a user and no password picks
 * this user's tickets. The list of packages counts for Negotiate and CREDSSP. NULL: the caller's
 * own, or those of pszPrincipal, by which Kerberos picks one of several caches of tickets, or the
 * keys of a service in the keytab. pvLogonId, pGetKeyFn and pvGetKeyArgument have no effect, nor
 * has SECPKG_CRED_DEFAULT. SECPKG_CRED_AUTOLOGON_RESTRICTED: the identity is used, and nothing
 * else. *phCredential is freed with FreeCredentialsHandle; *ptsExpiry (may be NULL) tells how long
 * the credentials last.
 *
 * SEC_E_SECPKG_NOT_FOUND (also: the package list leaves none), SEC_E_NO_CREDENTIALS (there are
 * none; and always with Negotiate's SECPKG_CRED_PROCESS_POLICY_ONLY), SEC_E_LOGON_DENIED (Kerberos:
 * the password is wrong), SEC_E_UNKNOWN_CREDENTIALS (pAuthData is not one of these structures, or
 * has a password without a user), SEC_E_INVALID_PARAMETER (it is ill-formed),
 * SEC_E_ALGORITHM_MISMATCH (no version of TLS is left), SEC_E_UNSUPPORTED_FUNCTION (an encrypted
 * identity, credentials that are no password, an identity for SECPKG_CRED_INBOUND, or what of TLS
 * cannot be chosen: credssp.h).
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
AcquireCredentialsHandleA(SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage, ULONG fCredentialUse,
                          void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                          void *pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
AcquireCredentialsHandleW(SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage, ULONG fCredentialUse,
                          void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                          void *pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry);

/*
 * Gives a handle credentials for the direction, SECPKG_CRED_INBOUND or _OUTBOUND, that it has none
 * for. Meanwhile no other thread may use the handle. The arguments are those of
 * AcquireCredentialsHandle, whose errors these are. SEC_E_UNSUPPORTED_FUNCTION for another package,
 * and for a direction that the handle has: here a handle has one credential for each.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY AddCredentialsA(
    PCredHandle hCredentials, SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage, ULONG fCredentialUse,
    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument, PTimeStamp ptsExpiry);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY AddCredentialsW(
    PCredHandle hCredentials, SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage, ULONG fCredentialUse,
    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument, PTimeStamp ptsExpiry);

/* Frees the handle. Contexts that were made with it go on. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential);

/*
 * Fills in the SecPkgCredentials_ structure that belongs to SECPKG_CRED_ATTR_...; the Ex form
 * checks its size first. Pointers in it are freed with FreeContextBuffer. SECPKG_CRED_ATTR_NAMES:
 * the name as gss_display_name writes it, SEC_E_NO_CREDENTIALS where there is none.
 * SEC_E_BUFFER_TOO_SMALL; SEC_E_UNSUPPORTED_FUNCTION for other attributes.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential,
                                                                   ULONG ulAttribute,
                                                                   void *pBuffer);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential,
                                                                   ULONG ulAttribute,
                                                                   void *pBuffer);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential,
                                                                     ULONG ulAttribute,
                                                                     void *pBuffer, ULONG cbBuffer);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential,
                                                                     ULONG ulAttribute,
                                                                     void *pBuffer, ULONG cbBuffer);

/*
 * Sets an attribute of a credential: cbBuffer octets at pBuffer.
 * SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS (the W function, Kerberos, Negotiate and CREDSSP): settings
 * without a proxy are accepted, as that is what there is; proxies are settings of krb5.conf.
 * SEC_E_UNSUPPORTED_FUNCTION for these, and for other attributes.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential,
                                                                 ULONG ulAttribute, void *pBuffer,
                                                                 ULONG cbBuffer);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential,
                                                                 ULONG ulAttribute, void *pBuffer,
                                                                 ULONG cbBuffer);

/*
 * Changes the password of an account of a domain or realm, with the old one (RFC 3244). Kerberos
 * and Negotiate. pszDomainName may be NULL: the default realm, or what is in pszAccountName.
 * bImpersonating has no effect, dwReserved is 0. pOutput may be NULL, or has one
 * SECBUFFER_CHANGE_PASS_RESPONSE: a domain controller that refuses the new password tells its
 * policy there, in a DOMAIN_PASSWORD_INFORMATION (ntsecapi.h) that is freed with FreeContextBuffer;
 * else pvBuffer becomes NULL.
 *
 * SEC_E_LOGON_DENIED (old password or account are wrong, or the password may not be changed),
 * 0xC000006C (STATUS_PASSWORD_RESTRICTION: the new password does not fit the policy),
 * SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_TIME_SKEW, SEC_E_SECPKG_NOT_FOUND,
 * SEC_E_UNSUPPORTED_FUNCTION (NTLM, whose protocol for it, MS-SAMR, is not GSS-API's; CREDSSP).
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
ChangeAccountPasswordA(SEC_CHAR *pszPackageName, SEC_CHAR *pszDomainName, SEC_CHAR *pszAccountName,
                       SEC_CHAR *pszOldPassword, SEC_CHAR *pszNewPassword, BOOLEAN bImpersonating,
                       ULONG dwReserved, PSecBufferDesc pOutput);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(
    SEC_WCHAR *pszPackageName, SEC_WCHAR *pszDomainName, SEC_WCHAR *pszAccountName,
    SEC_WCHAR *pszOldPassword, SEC_WCHAR *pszNewPassword, BOOLEAN bImpersonating, ULONG dwReserved,
    PSecBufferDesc pOutput);

/*
 * One leg of a logon, on the side that starts it. First call: phContext NULL, phNewContext receives
 * the handle, pInput NULL or without a token. Later calls: phContext, and the peer's token in
 * pInput. pOutput's SECBUFFER_TOKEN receives the token to send: package-allocated with
 * ISC_REQ_ALLOCATE_MEMORY (FreeContextBuffer), else at most cbBuffer octets at pvBuffer.
 *
 * SEC_E_OK: done, a token that is not empty must still be sent. SEC_I_CONTINUE_NEEDED: send it, and
 * call again with the answer. SEC_E_BUFFER_TOO_SMALL: cbBuffer says what is needed; the same call
 * with a larger buffer goes on where this one stopped. SEC_E_INCOMPLETE_MESSAGE (CREDSSP): nothing
 * was consumed, and a SECBUFFER_EMPTY of pInput has become SECBUFFER_MISSING with the count of
 * octets to read. Input beyond what this leg needed: the SECBUFFER_EMPTY becomes SECBUFFER_EXTRA
 * with the count of trailing octets to keep. A failed first call leaves no handle; after a later
 * one the handle is still the caller's to delete. A call after SEC_E_OK, without a token, begins a
 * new logon on the same handle.
 *
 * Besides the token, pInput may have: SECBUFFER_CHANNEL_BINDINGS; SECBUFFER_PKG_PARAMS (first call,
 * with ISC_REQ_USE_SUPPLIED_CREDS: what pAuthData of AcquireCredentialsHandle points to, in place of
 * the credential's own); SECBUFFER_TARGET or SECBUFFER_TARGET_HOST (first call, UTF-16: the server,
 * when pszTargetName is NULL or ""); SECBUFFER_FLAGS. pOutput may have SECBUFFER_ALERT, which a
 * failed leg of CREDSSP fills with what tells the peer, as ISC_REQ_EXTENDED_ERROR does with the
 * token. Other types have no effect. With ISC_REQ_FRAGMENT_TO_FIT a token of Negotiate that does not
 * fit goes out in pieces: SEC_I_CONTINUE_NEEDED and ISC_RET_FRAGMENT_ONLY, and each further call,
 * with the peer's empty answer, gives the next.
 *
 * SEC_I_INCOMPLETE_CREDENTIALS (CREDSSP): the server wants a certificate of the client's. The same
 * call again, with the same credential, goes on without one; another credential is taken, but its
 * certificate is for a new connection.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);

/*
 * One leg of a logon, on the side that accepts it; as InitializeSecurityContext, with ASC_REQ_*.
 * SEC_E_BAD_BINDINGS: pInput has a SECBUFFER_CHANNEL_BINDINGS, and the client sent others, or none
 * without ASC_REQ_ALLOW_MISSING_BINDINGS or SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS. A
 * SECBUFFER_CHANNEL_BINDINGS_RESULT of pOutput, always the caller's own memory, tells which.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
                      ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
                      PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);

/* For SEC_I_COMPLETE_NEEDED, which no package here returns: there is nothing to complete. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext,
                                                         PSecBufferDesc pToken);

/*
 * Gives the context of CREDSSP a control token, in a SECBUFFER_TOKEN (schannel.h). SCHANNEL_SHUTDOWN,
 * or SCHANNEL_ALERT with the alert close_notify (0): the next InitializeSecurityContext or
 * AcceptSecurityContext, which needs no pInput, gives the close_notify to send, and ends the
 * session: nothing but DeleteSecurityContext is possible then. SCHANNEL_SESSION has no effect, as
 * sessions are never resumed. SEC_E_UNSUPPORTED_FUNCTION for other tokens, alerts and packages.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext,
                                                         PSecBufferDesc pInput);

/* Frees the context, finished or not. Buffers that were handed out stay the caller's. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext);

/*
 * Fills in the structure that belongs to the attribute, and after a failure leaves no pointers in it
 * to be freed. The others are freed with FreeContextBuffer. Of a context, finished unless it says
 * otherwise:
 *
 *   SIZES, NAMES, LIFESPAN, DCE_INFO, KEY_INFO, AUTHORITY, SESSION_KEY, NATIVE_NAMES, FLAGS,
 *   CLIENT_SPECIFIED_TARGET, NEGOTIATION_PACKAGE   all packages, both sides
 *   PACKAGE_INFO, NEGOTIATION_INFO, LAST_CLIENT_TOKEN_STATUS   likewise, unfinished too
 *   TARGET_INFORMATION                             all packages, the side that initiated
 *   ACCESS_TOKEN                                   all packages, the side that accepted
 *   STREAM_SIZES, CIPHER_INFO, CONNECTION_INFO, CONNECTION_INFO_EX, REMOTE_CERT_CONTEXT,
 *   LOCAL_CERT_CONTEXT, ENDPOINT_BINDINGS, UNIQUE_BINDINGS (TLS 1.2), APPLICATION_PROTOCOL (none),
 *   SERVER_AUTH_FLAGS                              CREDSSP
 *   CERT_TRUST_STATUS; ISSUER_LIST_EX, after SEC_I_INCOMPLETE_CREDENTIALS too
 *                                                  CREDSSP, the side that initiated
 *   CREDS, CREDS_2, C_ACCESS_TOKEN, C_FULL_ACCESS_TOKEN   CREDSSP, the side that accepted
 *
 * Errors: SEC_E_UNSUPPORTED_FUNCTION for all other attributes, packages and sides (it is looked at
 * first); SEC_E_INVALID_PARAMETER without a buffer; from the Ex form SEC_E_BUFFER_TOO_SMALL when
 * cbBuffer is less than the structure's size, of which it writes no more; SEC_E_INVALID_HANDLE when
 * the logon is not done; SEC_E_NO_CREDENTIALS for a certificate that was not shown, or credentials
 * that were not delegated.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext,
                                                               ULONG ulAttribute, void *pBuffer);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext,
                                                               ULONG ulAttribute, void *pBuffer);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext,
                                                                 ULONG ulAttribute, void *pBuffer,
                                                                 ULONG cbBuffer);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext,
                                                                 ULONG ulAttribute, void *pBuffer,
                                                                 ULONG cbBuffer);

/*
 * Sets an attribute of a context. On Windows too only Schannel has such: SEC_E_UNSUPPORTED_FUNCTION
 * for every attribute of the packages here, SEC_E_INVALID_PARAMETER when pBuffer is NULL.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer);

/*
 * Makes the credential that was delegated to the context this thread's own: the one that
 * AcquireCredentialsHandle uses for outbound credentials with neither principal nor pAuthData, and the
 * default credential of Kerberos in GSS-API. A delegated password gets its ticket from the KDC here;
 * when that fails the thread has no ticket at all, and the password still serves other packages. The
 * thread's user id stays. When nothing was delegated the thread has no outbound credentials at all.
 * SEC_E_NO_IMPERSONATION on the side that initiated. The context may be deleted meanwhile.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext);

/* Ends what ImpersonateSecurityContext began on this thread, for whichever context. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext);

/*
 * Who has logged on to the context, on the side that accepted: an object that
 * SspiGssTokenInformation (sspi_gss.h) reads, and that outlives the context. The caller frees it
 * with SspiGssCloseToken, where Windows has CloseHandle. SEC_E_INVALID_HANDLE before the end of the
 * logon and on the side that started it.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext,
                                                                 void **Token);

/*
 * A finished context as octets, for another process. fFlags: SECPKG_CONTEXT_EXPORT_RESET_NEW (the
 * new one counts messages from 0: possible while none has been protected), and
 * SECPKG_CONTEXT_EXPORT_DELETE_OLD (phContext is deleted). pPackedContext->pvBuffer is freed with
 * FreeContextBuffer, and has keys in it; *pToken (may be NULL) receives what
 * QuerySecurityContextToken gives, or NULL on the side that started the logon. Delegated
 * credentials do not go with it. SEC_E_UNSUPPORTED_FUNCTION for CREDSSP, whose TLS session cannot be
 * exported, and for SECPKG_CONTEXT_EXPORT_TO_KERNEL.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                             PSecBuffer pPackedContext,
                                                             void **pToken);

/*
 * The context of octets that ExportSecurityContext made, by the same version of this library.
 * *phContext is for messages and queries, and is freed with DeleteSecurityContext. Token has no
 * effect. The octets must be from a trusted place: they are keys, and not protected from changes.
 * SEC_E_INVALID_TOKEN (they are no context of this package), SEC_E_SECPKG_NOT_FOUND.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(SEC_CHAR *pszPackage,
                                                              PSecBuffer pPackedContext,
                                                              void *Token, PCtxtHandle phContext);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(SEC_WCHAR *pszPackage,
                                                              PSecBuffer pPackedContext,
                                                              void *Token, PCtxtHandle phContext);

/*
 * Signature over the SECBUFFER_DATA buffers, in their order, to and from SECBUFFER_TOKEN.
 * MessageSeqNo has no effect: contexts count by themselves. SEC_E_MESSAGE_ALTERED,
 * SEC_E_OUT_OF_SEQUENCE.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP,
                                                     PSecBufferDesc pMessage, ULONG MessageSeqNo);
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext,
                                                       PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                       ULONG *pfQOP);

/*
 * Protects a message in place. Negotiate, Kerberos, NTLM: SECBUFFER_TOKEN (cbSecurityTrailer
 * octets), SECBUFFER_DATA and for Kerberos SECBUFFER_PADDING (cbBlockSize octets); TOKEN, DATA and
 * PADDING, one behind the other, are what gss_unwrap takes. fQOP SECQOP_WRAP_NO_ENCRYPT signs only.
 * CREDSSP: SECBUFFER_STREAM_HEADER, _DATA, _STREAM_TRAILER (sizes: SECPKG_ATTR_STREAM_SIZES) and
 * _EMPTY; the three, one behind the other, are the record to send.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP,
                                                      PSecBufferDesc pMessage, ULONG MessageSeqNo);

/*
 * Opens a message in place. Negotiate, Kerberos, NTLM: SECBUFFER_STREAM with the whole and
 * SECBUFFER_DATA, which is pointed to the plain text; or the buffers of EncryptMessage. CREDSSP:
 * four buffers, SECBUFFER_DATA with what was received and three SECBUFFER_EMPTY, which become
 * STREAM_HEADER, DATA, STREAM_TRAILER, and EXTRA when more than one record was there.
 * SEC_E_INCOMPLETE_MESSAGE (with SECBUFFER_MISSING), SEC_I_CONTEXT_EXPIRED (the peer has closed the
 * session).
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext,
                                                      PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                      ULONG *pfQOP);

/* Frees what another function allocated. SEC_E_INVALID_HANDLE for what is seen not to be such. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void *pvContextBuffer);

/* The table of functions, static. */
SSPI_GSS_API PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void);
SSPI_GSS_API PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void);

#ifdef __cplusplus
}
#endif

#endif
