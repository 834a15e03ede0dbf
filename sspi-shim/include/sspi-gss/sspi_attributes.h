/*
 * sspi_attributes.h - what attributes of contexts and of credentials are returned and set in, laid
 * out as on 64-bit Windows. Those of TLS are in schannel_attributes.h, those of CredSSP in
 * credssp.h.
 */
#ifndef SSPI_GSS_SSPI_ATTRIBUTES_H
#define SSPI_GSS_SSPI_ATTRIBUTES_H

#include "sspi_buffers.h"

/* What QueryContextAttributes fills in. Pointers in them are freed with FreeContextBuffer. */
typedef struct _SecPkgContext_Sizes {
    ULONG cbMaxToken;
    ULONG cbMaxSignature;
    ULONG cbBlockSize;
    ULONG cbSecurityTrailer;
} SecPkgContext_Sizes, *PSecPkgContext_Sizes;

/* The client's name, on both sides: "user@REALM" of Kerberos, "DOMAIN\\user" of NTLM. */
typedef struct _SecPkgContext_NamesA {
    SEC_CHAR *sUserName;
} SecPkgContext_NamesA, *PSecPkgContext_NamesA;

typedef struct _SecPkgContext_NamesW {
    SEC_WCHAR *sUserName;
} SecPkgContext_NamesW, *PSecPkgContext_NamesW;

typedef struct _SecPkgContext_Lifespan {
    TimeStamp tsStart;
    TimeStamp tsExpiry;
} SecPkgContext_Lifespan, *PSecPkgContext_Lifespan;

/* AuthzSvc is 1, RPC_C_AUTHZ_NAME: pPac is the client's name in UTF-16, from A functions too. */
typedef struct _SecPkgContext_DceInfo {
    ULONG AuthzSvc;
    void *pPac;
} SecPkgContext_DceInfo, *PSecPkgContext_DceInfo;

typedef struct _SecPkgContext_StreamSizes {
    ULONG cbHeader;
    ULONG cbTrailer;
    ULONG cbMaximumMessage;
    ULONG cBuffers;
    ULONG cbBlockSize;
} SecPkgContext_StreamSizes, *PSecPkgContext_StreamSizes;
typedef SecPkgContext_StreamSizes SecPkgContext_DatagramSizes, *PSecPkgContext_DatagramSizes;

/*
 * What messages are protected with. KeySize is bits. SignatureAlgorithm and EncryptAlgorithm are
 * KERB_CHECKSUM_... and KERB_ETYPE_... (ntsecapi.h) of Kerberos, CALG_... (wincrypt.h) of NTLM and of
 * CREDSSP, whose messages TLS protects; 0 where Windows has no number.
 */
typedef struct _SecPkgContext_KeyInfoA {
    SEC_CHAR *sSignatureAlgorithmName;
    SEC_CHAR *sEncryptAlgorithmName;
    ULONG KeySize;
    ULONG SignatureAlgorithm;
    ULONG EncryptAlgorithm;
} SecPkgContext_KeyInfoA, *PSecPkgContext_KeyInfoA;

typedef struct _SecPkgContext_KeyInfoW {
    SEC_WCHAR *sSignatureAlgorithmName;
    SEC_WCHAR *sEncryptAlgorithmName;
    ULONG KeySize;
    ULONG SignatureAlgorithm;
    ULONG EncryptAlgorithm;
} SecPkgContext_KeyInfoW, *PSecPkgContext_KeyInfoW;

/* Who vouches for the client: its Kerberos realm or NTLM domain. "" when its name has none. */
typedef struct _SecPkgContext_AuthorityA {
    SEC_CHAR *sAuthorityName;
} SecPkgContext_AuthorityA, *PSecPkgContext_AuthorityA;

typedef struct _SecPkgContext_AuthorityW {
    SEC_WCHAR *sAuthorityName;
} SecPkgContext_AuthorityW, *PSecPkgContext_AuthorityW;

typedef struct _SecPkgContext_ProtoInfoA {
    SEC_CHAR *sProtocolName;
    ULONG majorVersion;
    ULONG minorVersion;
} SecPkgContext_ProtoInfoA, *PSecPkgContext_ProtoInfoA;

typedef struct _SecPkgContext_ProtoInfoW {
    SEC_WCHAR *sProtocolName;
    ULONG majorVersion;
    ULONG minorVersion;
} SecPkgContext_ProtoInfoW, *PSecPkgContext_ProtoInfoW;

typedef struct _SecPkgContext_PasswordExpiry {
    TimeStamp tsPasswordExpires;
} SecPkgContext_PasswordExpiry, *PSecPkgContext_PasswordExpiry;

/* SECPKG_ATTR_LOGOFF_TIME */
typedef struct _SecPkgContext_LogoffTime {
    TimeStamp tsLogoffTime;
} SecPkgContext_LogoffTime, *PSecPkgContext_LogoffTime;

typedef struct _SecPkgContext_SessionKey {
    ULONG SessionKeyLength;
    UCHAR *SessionKey;
} SecPkgContext_SessionKey, *PSecPkgContext_SessionKey;

typedef struct _SecPkgContext_PackageInfoA {
    PSecPkgInfoA PackageInfo;
} SecPkgContext_PackageInfoA, *PSecPkgContext_PackageInfoA;

typedef struct _SecPkgContext_PackageInfoW {
    PSecPkgInfoW PackageInfo;
} SecPkgContext_PackageInfoW, *PSecPkgContext_PackageInfoW;

typedef struct _SecPkgContext_UserFlags {
    ULONG UserFlags;
} SecPkgContext_UserFlags, *PSecPkgContext_UserFlags;

typedef struct _SecPkgContext_NegotiationInfoA {
    PSecPkgInfoA PackageInfo;
    ULONG NegotiationState;
} SecPkgContext_NegotiationInfoA, *PSecPkgContext_NegotiationInfoA;

typedef struct _SecPkgContext_NegotiationInfoW {
    PSecPkgInfoW PackageInfo;
    ULONG NegotiationState;
} SecPkgContext_NegotiationInfoW, *PSecPkgContext_NegotiationInfoW;

/*
 * Client and server as the mechanism names them: principals of Kerberos, with realms. sServerName
 * is "" on the accepting side of NTLM, which does not know what the client named.
 */
typedef struct _SecPkgContext_NativeNamesA {
    SEC_CHAR *sClientName;
    SEC_CHAR *sServerName;
} SecPkgContext_NativeNamesA, *PSecPkgContext_NativeNamesA;

typedef struct _SecPkgContext_NativeNamesW {
    SEC_WCHAR *sClientName;
    SEC_WCHAR *sServerName;
} SecPkgContext_NativeNamesW, *PSecPkgContext_NativeNamesW;

typedef struct _SecPkgContext_Flags {
    ULONG Flags;
} SecPkgContext_Flags, *PSecPkgContext_Flags;

typedef struct _SecPkgContext_CredentialNameA {
    ULONG CredentialType;
    SEC_CHAR *sCredentialName;
} SecPkgContext_CredentialNameA, *PSecPkgContext_CredentialNameA;

typedef struct _SecPkgContext_CredentialNameW {
    ULONG CredentialType;
    SEC_WCHAR *sCredentialName;
} SecPkgContext_CredentialNameW, *PSecPkgContext_CredentialNameW;

/* The target's name as in SecPkgContext_ClientSpecifiedTarget, without a NUL; octets are counted. */
typedef struct _SecPkgContext_TargetInformation {
    ULONG MarshalledTargetInfoLength;
    UCHAR *MarshalledTargetInfo;
} SecPkgContext_TargetInformation, *PSecPkgContext_TargetInformation;

/* SECPKG_ATTR_ACCESS_TOKEN. What SspiGssTokenInformation reads; it lives as long as the context. */
typedef struct _SecPkgContext_AccessToken {
    void *AccessToken;
} SecPkgContext_AccessToken, *PSecPkgContext_AccessToken;

/* The SASL authorization identity. */
typedef struct _SecPkgContext_AuthzID {
    ULONG AuthzIDLength;
    SEC_CHAR *AuthzID;
} SecPkgContext_AuthzID, *PSecPkgContext_AuthzID;

typedef struct _SecPkgContext_Target {
    ULONG TargetLength;
    SEC_CHAR *Target;
} SecPkgContext_Target, *PSecPkgContext_Target;

typedef struct _SecPkgContext_NegoKeys {
    ULONG KeyType;
    USHORT KeyLength;
    UCHAR *KeyValue;
    ULONG VerifyKeyType;
    USHORT VerifyKeyLength;
    UCHAR *VerifyKeyValue;
} SecPkgContext_NegoKeys, *PSecPkgContext_NegoKeys;

/* What a SECBUFFER_CHANNEL_BINDINGS takes: BindingsLength octets. */
typedef struct _SecPkgContext_Bindings {
    ULONG BindingsLength;
    SEC_CHANNEL_BINDINGS *Bindings;
} SecPkgContext_Bindings, *PSecPkgContext_Bindings;

/*
 * The service principal name that the client named, in UTF-16 from A functions too. On the accepting
 * side Kerberos alone knows it; SEC_E_UNSUPPORTED_FUNCTION of NTLM.
 */
typedef struct _SecPkgContext_ClientSpecifiedTarget {
    SEC_WCHAR *sTargetName;
} SecPkgContext_ClientSpecifiedTarget, *PSecPkgContext_ClientSpecifiedTarget;

/* Whether the client's last token has come, as far as the package can tell. */
typedef enum _SECPKG_ATTR_LCT_STATUS {
    SecPkgAttrLastClientTokenYes,
    SecPkgAttrLastClientTokenNo,
    SecPkgAttrLastClientTokenMaybe
} SECPKG_ATTR_LCT_STATUS,
    *PSECPKG_ATTR_LCT_STATUS;

typedef struct _SecPkgContext_LastClientTokenStatus {
    SECPKG_ATTR_LCT_STATUS LastClientTokenStatus;
} SecPkgContext_LastClientTokenStatus, *PSecPkgContext_LastClientTokenStatus;

/* SECPKG_ATTR_NEGO_PKG_INFO. PackageMask: SECPKG_ATTR_NEGO_INFO_FLAG_... */
typedef struct _SecPkgContext_NegoPackageInfo {
    ULONG PackageMask;
} SecPkgContext_NegoPackageInfo, *PSecPkgContext_NegoPackageInfo;

typedef struct _SecPkgContext_NegoStatus {
    ULONG LastStatus;
} SecPkgContext_NegoStatus, *PSecPkgContext_NegoStatus;

/* SECPKG_ATTR_PROMPTING_NEEDED */
typedef enum _SECPKG_CRED_CLASS {
    SecPkgCredClass_None = 0,
    SecPkgCredClass_Ephemeral = 10,
    SecPkgCredClass_PersistedGeneric = 20,
    SecPkgCredClass_PersistedSpecific = 30,
    SecPkgCredClass_Explicit = 40
} SECPKG_CRED_CLASS,
    *PSECPKG_CRED_CLASS;

typedef struct _SecPkgContext_CredInfo {
    SECPKG_CRED_CLASS CredClass;
    ULONG IsPromptingNeeded;
} SecPkgContext_CredInfo, *PSecPkgContext_CredInfo;

/* SECPKG_ATTR_SUBJECT_SECURITY_ATTRIBUTES */
typedef struct _SecPkgContext_SubjectAttributes {
    void *AttributeInfo;
} SecPkgContext_SubjectAttributes, *PSecPkgContext_SubjectAttributes;

/* SECPKG_ATTR_APPLICATION_PROTOCOL */
typedef enum _SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS {
    SecApplicationProtocolNegotiationStatus_None,
    SecApplicationProtocolNegotiationStatus_Success,
    SecApplicationProtocolNegotiationStatus_SelectedClientOnly
} SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS,
    *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS;

#define MAX_PROTOCOL_ID_SIZE 0xff

typedef struct _SecPkgContext_ApplicationProtocol {
    SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS ProtoNegoStatus;
    SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
    UCHAR ProtocolIdSize;
    UCHAR ProtocolId[MAX_PROTOCOL_ID_SIZE];
} SecPkgContext_ApplicationProtocol, *PSecPkgContext_ApplicationProtocol;

/* SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS */
typedef struct _SecPkgContext_NegotiatedTlsExtensions {
    ULONG ExtensionsCount;
    USHORT *Extensions;
} SecPkgContext_NegotiatedTlsExtensions, *PSecPkgContext_NegotiatedTlsExtensions;

/* What QueryCredentialsAttributes fills in. Pointers are freed with FreeContextBuffer. */
typedef struct _SecPkgCredentials_NamesA {
    SEC_CHAR *sUserName;
} SecPkgCredentials_NamesA, *PSecPkgCredentials_NamesA;

typedef struct _SecPkgCredentials_NamesW {
    SEC_WCHAR *sUserName;
} SecPkgCredentials_NamesW, *PSecPkgCredentials_NamesW;

/* SECPKG_CRED_ATTR_SSI_PROVIDER */
typedef struct _SecPkgCredentials_SSIProviderA {
    SEC_CHAR *sProviderName;
    ULONG ProviderInfoLength;
    char *ProviderInfo;
} SecPkgCredentials_SSIProviderA, *PSecPkgCredentials_SSIProviderA;

typedef struct _SecPkgCredentials_SSIProviderW {
    SEC_WCHAR *sProviderName;
    ULONG ProviderInfoLength;
    char *ProviderInfo;
} SecPkgCredentials_SSIProviderW, *PSecPkgCredentials_SSIProviderW;

/* SECPKG_CRED_ATTR_CERT: DER. */
typedef struct _SecPkgCredentials_Cert {
    ULONG EncodedCertSize;
    UCHAR *EncodedCert;
} SecPkgCredentials_Cert, *PSecPkgCredentials_Cert;

/*
 * SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, for SetCredentialsAttributesW. Version is
 * KDC_PROXY_SETTINGS_V1; offsets count from the start of the structure, lengths are octets.
 */
#define KDC_PROXY_SETTINGS_V1               1
#define KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY 0x1

typedef struct _SecPkgCredentials_KdcProxySettingsW {
    ULONG Version;
    ULONG Flags;
    USHORT ProxyServerOffset;
    USHORT ProxyServerLength;
    USHORT ClientTlsCredOffset;
    USHORT ClientTlsCredLength;
} SecPkgCredentials_KdcProxySettingsW, *PSecPkgCredentials_KdcProxySettingsW;

#define SecPkgContext_Names            SSPI_GSS_AW(SecPkgContext_Names)
#define PSecPkgContext_Names           SSPI_GSS_AW(PSecPkgContext_Names)
#define SecPkgContext_KeyInfo          SSPI_GSS_AW(SecPkgContext_KeyInfo)
#define PSecPkgContext_KeyInfo         SSPI_GSS_AW(PSecPkgContext_KeyInfo)
#define SecPkgContext_Authority        SSPI_GSS_AW(SecPkgContext_Authority)
#define PSecPkgContext_Authority       SSPI_GSS_AW(PSecPkgContext_Authority)
#define SecPkgContext_ProtoInfo        SSPI_GSS_AW(SecPkgContext_ProtoInfo)
#define PSecPkgContext_ProtoInfo       SSPI_GSS_AW(PSecPkgContext_ProtoInfo)
#define SecPkgContext_PackageInfo      SSPI_GSS_AW(SecPkgContext_PackageInfo)
#define PSecPkgContext_PackageInfo     SSPI_GSS_AW(PSecPkgContext_PackageInfo)
#define SecPkgContext_NegotiationInfo  SSPI_GSS_AW(SecPkgContext_NegotiationInfo)
#define PSecPkgContext_NegotiationInfo SSPI_GSS_AW(PSecPkgContext_NegotiationInfo)
#define SecPkgContext_NativeNames      SSPI_GSS_AW(SecPkgContext_NativeNames)
#define PSecPkgContext_NativeNames     SSPI_GSS_AW(PSecPkgContext_NativeNames)
#define SecPkgContext_CredentialName   SSPI_GSS_AW(SecPkgContext_CredentialName)
#define PSecPkgContext_CredentialName  SSPI_GSS_AW(PSecPkgContext_CredentialName)
#define SecPkgCredentials_Names        SSPI_GSS_AW(SecPkgCredentials_Names)
#define PSecPkgCredentials_Names       SSPI_GSS_AW(PSecPkgCredentials_Names)
#define SecPkgCredentials_SSIProvider  SSPI_GSS_AW(SecPkgCredentials_SSIProvider)
#define PSecPkgCredentials_SSIProvider SSPI_GSS_AW(PSecPkgCredentials_SSIProvider)

#endif
