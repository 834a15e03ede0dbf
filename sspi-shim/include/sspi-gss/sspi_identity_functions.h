/*
 * sspi_identity_functions.h - makes, reads, copies and frees identities (sspi_identity.h), and cuts
 * the names of targets. Strings are UTF-16 and end with a NUL in all of them; there are no A forms.
 *
 * Functions that return SECURITY_STATUS return SEC_E_INVALID_PARAMETER for a NULL pointer where
 * something is needed, and for an identity that is not well-formed, and SEC_E_INSUFFICIENT_MEMORY.
 * What they give is NULL when they fail. The source of each is Microsoft's page on the function
 * (sspi.h).
 */
#ifndef SSPI_GSS_SSPI_IDENTITY_FUNCTIONS_H
#define SSPI_GSS_SSPI_IDENTITY_FUNCTIONS_H

#include "sspi_attributes.h"
#include "sspi_identity.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An identity of a user name, a domain name, and a password or packed credentials as
 * SspiEncodeAuthIdentityAsStrings writes them; each may be NULL. The caller frees *ppAuthIdentity
 * with SspiFreeAuthIdentity.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SspiEncodeStringsAsAuthIdentity(
    PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity);

/*
 * The reverse. Each of the three results may be asked for with a pointer or left out with NULL; the
 * caller frees each with SspiLocalFree. Microsoft's page names SspiFreeAuthIdentity, which frees
 * them as well. Fails for an encrypted identity.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
SspiEncodeAuthIdentityAsStrings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity, PCWSTR *ppszUserName,
                                PCWSTR *ppszDomainName, PCWSTR *ppszPackedCredentialsString);

/* SEC_E_OK when all offsets, lengths and flags of the identity fit together. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
SspiValidateAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/* A copy, which the caller frees with SspiFreeAuthIdentity. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SspiCopyAuthIdentity(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData, PSEC_WINNT_AUTH_IDENTITY_OPAQUE *AuthDataCopy);

/* Wipes and frees an identity that a function of this file has made. NULL: nothing. */
SSPI_GSS_API VOID SEC_ENTRY SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/* Wipes the strings of an identity, whoever has made it; it stays allocated. NULL: nothing. */
SSPI_GSS_API VOID SEC_ENTRY SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/* Wipes and frees a string or octets that a function of this file gave. NULL: nothing. */
SSPI_GSS_API VOID SEC_ENTRY SspiLocalFree(PVOID DataBuffer);

/* Whether a flag of the identity says so. Nothing here encrypts one, or reads an encrypted one. */
SSPI_GSS_API BOOLEAN SEC_ENTRY
SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);

/*
 * The identity as *AuthIdentityLength octets without pointers, for SspiUnmarshalAuthIdentity. They
 * have the password in the clear. The caller frees *AuthIdentityByteArray with SspiLocalFree.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
SspiMarshalAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, ULONG *AuthIdentityLength,
                        char **AuthIdentityByteArray);

/* The reverse; the octets stay the caller's, *ppAuthIdentity is freed with SspiFreeAuthIdentity. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
SspiUnmarshalAuthIdentity(ULONG AuthIdentityLength, char *AuthIdentityByteArray,
                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity);

/*
 * Under which kind (CRED_TYPE_...) and name a store of credentials keeps those of this identity for
 * this target; pszTargetName NULL: under the user's name. The caller frees *ppszCredmanTargetName
 * with SspiLocalFree.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
SspiPrepareForCredRead(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
                       PULONG pCredmanCredentialType, PCWSTR *ppszCredmanTargetName);

/*
 * The same, with what the store is to keep: the user's name and *pCredentialBlobSize octets, which
 * have the password in the clear. The caller frees the three results with SspiLocalFree.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SspiPrepareForCredWrite(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
    PULONG pCredmanCredentialType, PCWSTR *ppszCredmanTargetName, PCWSTR *ppszCredmanUserName,
    PUCHAR *ppCredentialBlob, PULONG pCredentialBlobSize);

/* The host of a service principal name. The caller frees *pszHostName with SspiLocalFree. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SspiGetTargetHostName(PCWSTR pszTargetName,
                                                             PWSTR *pszHostName);

/*
 * Gives bindings that QueryContextAttributes has returned the flags SEC_CHANNEL_BINDINGS_...:
 * replaces *pBindings by a SEC_CHANNEL_BINDINGS_EX, which is freed with FreeContextBuffer as the
 * one before would have been. SEC_E_INVALID_PARAMETER for other flags.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SspiSetChannelBindingFlags(SecPkgContext_Bindings *pBindings,
                                                                  ULONG flags);

#ifdef __cplusplus
}
#endif

#endif
