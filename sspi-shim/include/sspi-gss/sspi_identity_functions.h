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
 * An identity, a SEC_WINNT_AUTH_IDENTITY_EX2, of a user name, a domain name and a password, which
 * is the only kind of packed credentials here; each may be NULL. The caller frees *ppAuthIdentity
 * with SspiFreeAuthIdentity. SEC_E_INVALID_PARAMETER when a string has more than 65534 octets.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SspiEncodeStringsAsAuthIdentity(
    PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity);

/*
 * The reverse. Each of the three results may be asked for with a pointer or left out with NULL; the
 * caller frees each with SspiLocalFree. Microsoft's page names SspiFreeAuthIdentity, which frees
 * them as well. NULL stands for what the identity has not. 0xC000000D (STATUS_INVALID_PARAMETER)
 * for an encrypted identity, SEC_E_UNSUPPORTED_FUNCTION for credentials that are no password.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
SspiEncodeAuthIdentityAsStrings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity, PCWSTR *ppszUserName,
                                PCWSTR *ppszDomainName, PCWSTR *ppszPackedCredentialsString);

/*
 * SEC_E_OK when all offsets, lengths and flags of the identity fit together, and its strings are
 * well-formed where they are not encrypted.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
SspiValidateAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/* A copy in the same form, which the caller frees with SspiFreeAuthIdentity. */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY SspiCopyAuthIdentity(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData, PSEC_WINNT_AUTH_IDENTITY_OPAQUE *AuthDataCopy);

/* Wipes and frees an identity that a function of this file has made. NULL: nothing. */
SSPI_GSS_API VOID SEC_ENTRY SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Wipes the strings of an identity, whoever has made it; it stays allocated, and what can be freed
 * by its members still can. NULL, and what is no identity: nothing.
 */
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

/*
 * The reverse; the octets stay the caller's, *ppAuthIdentity is freed with SspiFreeAuthIdentity.
 * They may come from anywhere: SEC_E_INVALID_PARAMETER when any offset or length in them leads
 * astray.
 */
SSPI_GSS_API SECURITY_STATUS SEC_ENTRY
SspiUnmarshalAuthIdentity(ULONG AuthIdentityLength, char *AuthIdentityByteArray,
                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity);

/*
 * Under which kind (CRED_TYPE_...) and name a store of credentials keeps those of this identity for
 * this target: CRED_TYPE_DOMAIN_PASSWORD, and the target's name; pszTargetName NULL: the user's.
 * The caller frees *ppszCredmanTargetName with SspiLocalFree. SEC_E_UNSUPPORTED_FUNCTION for an
 * identity that is encrypted or has no password.
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

/*
 * The host of a target: of "service/host[:port][/name][@realm]", or of a host's name or address
 * alone, without port and brackets. The caller frees *pszHostName with SspiLocalFree.
 * SEC_E_INVALID_PARAMETER when the target names no host, as the name of a user does not.
 */
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
