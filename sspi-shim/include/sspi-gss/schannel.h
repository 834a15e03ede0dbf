/* schannel.h - credentials, attributes and control tokens of TLS. */
#ifndef SSPI_GSS_SCHANNEL_H
#define SSPI_GSS_SCHANNEL_H

#include "schannel_attributes.h"
#include "schannel_protocol.h"
#include "sspi.h"

#define UNISP_NAME_A "Microsoft Unified Security Protocol Provider"
#define UNISP_NAME_W u"Microsoft Unified Security Protocol Provider"
#define UNISP_NAME   SSPI_GSS_AW(UNISP_NAME_)

#define SCHANNEL_NAME_A "Schannel"
#define SCHANNEL_NAME_W u"Schannel"
#define SCHANNEL_NAME   SSPI_GSS_AW(SCHANNEL_NAME_)

#define UNISP_RPC_ID                                 14
#define SCH_CRED_V1                                  0x00000001
#define SCH_CRED_V2                                  0x00000002
#define SCH_CRED_VERSION                             0x00000002
#define SCH_CRED_V3                                  0x00000003
#define SCHANNEL_CRED_VERSION                        0x00000004
#define SCH_CREDENTIALS_VERSION                      0x00000005
#define SCH_CRED_MAX_SUPPORTED_PARAMETERS            16
#define SCH_CRED_MAX_SUPPORTED_ALPN_IDS              16
#define SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS       16
#define SCH_CRED_MAX_SUPPORTED_CHAINING_MODES        16
#define SCH_CRED_FORMAT_CERT_CONTEXT                 0x00000000
#define SCH_CRED_FORMAT_CERT_HASH                    0x00000001
#define SCH_CRED_FORMAT_CERT_HASH_STORE              0x00000002
#define SCH_CRED_MAX_STORE_NAME_SIZE                 128
#define SCH_CRED_MAX_SUPPORTED_ALGS                  256
#define SCH_CRED_MAX_SUPPORTED_CERTS                 100
#define SCH_CRED_NO_SYSTEM_MAPPER                    0x00000002
#define SCH_CRED_NO_SERVERNAME_CHECK                 0x00000004
#define SCH_CRED_MANUAL_CRED_VALIDATION              0x00000008
#define SCH_CRED_NO_DEFAULT_CREDS                    0x00000010
#define SCH_CRED_AUTO_CRED_VALIDATION                0x00000020
#define SCH_CRED_USE_DEFAULT_CREDS                   0x00000040
#define SCH_CRED_DISABLE_RECONNECTS                  0x00000080
#define SCH_CRED_REVOCATION_CHECK_END_CERT           0x00000100
#define SCH_CRED_REVOCATION_CHECK_CHAIN              0x00000200
#define SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT 0x00000400
#define SCH_CRED_IGNORE_NO_REVOCATION_CHECK          0x00000800
#define SCH_CRED_IGNORE_REVOCATION_OFFLINE           0x00001000
#define SCH_CRED_RESTRICTED_ROOTS                    0x00002000
#define SCH_CRED_REVOCATION_CHECK_CACHE_ONLY         0x00004000
#define SCH_CRED_CACHE_ONLY_URL_RETRIEVAL            0x00008000
#define SCH_CRED_MEMORY_STORE_CERT                   0x00010000
#define SCH_CRED_CACHE_ONLY_URL_RETRIEVAL_ON_CREATE  0x00020000
#define SCH_SEND_ROOT_CERT                           0x00040000
#define SCH_CRED_SNI_CREDENTIAL                      0x00080000
#define SCH_CRED_SNI_ENABLE_OCSP                     0x00100000
#define SCH_SEND_AUX_RECORD                          0x00200000
#define SCH_USE_STRONG_CRYPTO                        0x00400000
#define SCH_USE_PRESHAREDKEY_ONLY                    0x00800000
#define SCH_USE_DTLS_ONLY                            0x01000000
#define SCH_ALLOW_NULL_ENCRYPTION                    0x02000000
#define SCH_MACHINE_CERT_HASH                        0x00000001
#define SCH_MAX_EXT_SUBSCRIPTIONS                    2
#define TLS_PARAMS_OPTIONAL                          0x00000001
#define SCHANNEL_RENEGOTIATE                         0
#define SCHANNEL_SHUTDOWN                            1
#define SCHANNEL_ALERT                               2
#define SCHANNEL_SESSION                             3
#define SCH_CRED_X509_CERTCHAIN                      0x00000001
#define SCH_CRED_X509_CAPI                           0x00000002
#define SCH_CRED_CERT_CONTEXT                        0x00000003

/* Context and credential attributes. */
#define SECPKG_ATTR_ISSUER_LIST                   0x50
#define SECPKG_ATTR_REMOTE_CRED                   0x51
#define SECPKG_ATTR_LOCAL_CRED                    0x52
#define SECPKG_ATTR_REMOTE_CERT_CONTEXT           0x53
#define SECPKG_ATTR_LOCAL_CERT_CONTEXT            0x54
#define SECPKG_ATTR_ROOT_STORE                    0x55
#define SECPKG_ATTR_SUPPORTED_ALGS                0x56
#define SECPKG_ATTR_CIPHER_STRENGTHS              0x57
#define SECPKG_ATTR_SUPPORTED_PROTOCOLS           0x58
#define SECPKG_ATTR_ISSUER_LIST_EX                0x59
#define SECPKG_ATTR_CONNECTION_INFO               0x5a
#define SECPKG_ATTR_EAP_KEY_BLOCK                 0x5b
#define SECPKG_ATTR_MAPPED_CRED_ATTR              0x5c
#define SECPKG_ATTR_SESSION_INFO                  0x5d
#define SECPKG_ATTR_APP_DATA                      0x5e
#define SECPKG_ATTR_REMOTE_CERTIFICATES           0x5f
#define SECPKG_ATTR_CLIENT_CERT_POLICY            0x60
#define SECPKG_ATTR_CC_POLICY_RESULT              0x61
#define SECPKG_ATTR_USE_NCRYPT                    0x62
#define SECPKG_ATTR_LOCAL_CERT_INFO               0x63
#define SECPKG_ATTR_CIPHER_INFO                   0x64
#define SECPKG_ATTR_EAP_PRF_INFO                  0x65
#define SECPKG_ATTR_SUPPORTED_SIGNATURES          0x66
#define SECPKG_ATTR_REMOTE_CERT_CHAIN             0x67
#define SECPKG_ATTR_UI_INFO                       0x68
#define SECPKG_ATTR_EARLY_START                   0x69
#define SECPKG_ATTR_KEYING_MATERIAL_INFO          0x6a
#define SECPKG_ATTR_KEYING_MATERIAL               0x6b
#define SECPKG_ATTR_SRTP_PARAMETERS               0x6c
#define SECPKG_ATTR_TOKEN_BINDING                 0x6d
#define SECPKG_ATTR_CONNECTION_INFO_EX            0x6e
#define SECPKG_ATTR_KEYING_MATERIAL_TOKEN_BINDING 0x6f
#define SECPKG_ATTR_KEYING_MATERIAL_INPROC        0x70

/* dwVersion is SCHANNEL_CRED_VERSION. */
typedef struct _SCHANNEL_CRED {
    DWORD dwVersion;
    DWORD cCreds;
    PCCERT_CONTEXT *paCred;
    HCERTSTORE hRootStore;
    DWORD cMappers;
    struct _HMAPPER **aphMappers;
    DWORD cSupportedAlgs;
    ALG_ID *palgSupportedAlgs;
    DWORD grbitEnabledProtocols;
    DWORD dwMinimumCipherStrength;
    DWORD dwMaximumCipherStrength;
    DWORD dwSessionLifespan;
    DWORD dwFlags;
    DWORD dwCredFormat;
} SCHANNEL_CRED, *PSCHANNEL_CRED;

typedef enum _eTlsAlgorithmUsage {
    TlsParametersCngAlgUsageKeyExchange,
    TlsParametersCngAlgUsageSignature,
    TlsParametersCngAlgUsageCipher,
    TlsParametersCngAlgUsageDigest,
    TlsParametersCngAlgUsageCertSig
} eTlsAlgorithmUsage;

typedef struct _CRYPTO_SETTINGS {
    eTlsAlgorithmUsage eAlgorithmUsage;
    UNICODE_STRING strCngAlgId;
    DWORD cChainingModes;
    PUNICODE_STRING rgstrChainingModes;
    DWORD dwMinBitLength;
    DWORD dwMaxBitLength;
} CRYPTO_SETTINGS, *PCRYPTO_SETTINGS;

typedef struct _TLS_PARAMETERS {
    DWORD cAlpnIds;
    PUNICODE_STRING rgstrAlpnIds;
    DWORD grbitDisabledProtocols;
    DWORD cDisabledCrypto;
    PCRYPTO_SETTINGS pDisabledCrypto;
    DWORD dwFlags;
} TLS_PARAMETERS, *PTLS_PARAMETERS;

/* dwVersion is SCH_CREDENTIALS_VERSION. */
typedef struct _SCH_CREDENTIALS {
    DWORD dwVersion;
    DWORD dwCredFormat;
    DWORD cCreds;
    PCCERT_CONTEXT *paCred;
    HCERTSTORE hRootStore;
    DWORD cMappers;
    struct _HMAPPER **aphMappers;
    DWORD dwSessionLifespan;
    DWORD dwFlags;
    DWORD cTlsParameters;
    PTLS_PARAMETERS pTlsParameters;
} SCH_CREDENTIALS, *PSCH_CREDENTIALS;

/* paCred with SCH_CRED_FORMAT_CERT_HASH, and with SCH_CRED_FORMAT_CERT_HASH_STORE: SHA-1. */
typedef struct _SCHANNEL_CERT_HASH {
    DWORD dwLength;
    DWORD dwFlags;
    HCRYPTPROV hProv;
    BYTE ShaHash[20];
} SCHANNEL_CERT_HASH, *PSCHANNEL_CERT_HASH;

typedef struct _SCHANNEL_CERT_HASH_STORE {
    DWORD dwLength;
    DWORD dwFlags;
    HCRYPTPROV hProv;
    BYTE ShaHash[20];
    WCHAR pwszStoreName[SCH_CRED_MAX_STORE_NAME_SIZE];
} SCHANNEL_CERT_HASH_STORE, *PSCHANNEL_CERT_HASH_STORE;

/*
 * What ApplyControlToken takes in its SECBUFFER_TOKEN: a DWORD SCHANNEL_SHUTDOWN or
 * SCHANNEL_RENEGOTIATE, or one of these, whose dwTokenType is SCHANNEL_ALERT and SCHANNEL_SESSION.
 */
typedef struct _SCHANNEL_ALERT_TOKEN {
    DWORD dwTokenType;
    DWORD dwAlertType;
    DWORD dwAlertNumber;
} SCHANNEL_ALERT_TOKEN;

/* dwFlags: SSL_SESSION_... */
typedef struct _SCHANNEL_SESSION_TOKEN {
    DWORD dwTokenType;
    DWORD dwFlags;
} SCHANNEL_SESSION_TOKEN;

#define SSL_SESSION_ENABLE_RECONNECTS  1
#define SSL_SESSION_DISABLE_RECONNECTS 2

typedef struct _SCHANNEL_CLIENT_SIGNATURE {
    DWORD cbLength;
    ALG_ID aiHash;
    DWORD cbHash;
    BYTE HashValue[36];
    BYTE CertThumbprint[20];
} SCHANNEL_CLIENT_SIGNATURE, *PSCHANNEL_CLIENT_SIGNATURE;

/* SECBUFFER_SEND_GENERIC_TLS_EXTENSION. HandshakeType: RFC 8446 4. */
typedef struct _SEND_GENERIC_TLS_EXTENSION {
    WORD ExtensionType;
    WORD HandshakeType;
    DWORD Flags;
    WORD BufferSize;
    UCHAR Buffer[ANYSIZE_ARRAY];
} SEND_GENERIC_TLS_EXTENSION, *PSEND_GENERIC_TLS_EXTENSION;

/* SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION, at most SCH_MAX_EXT_SUBSCRIPTIONS. */
typedef struct _TLS_EXTENSION_SUBSCRIPTION {
    WORD ExtensionType;
    WORD HandshakeType;
} TLS_EXTENSION_SUBSCRIPTION, *PTLS_EXTENSION_SUBSCRIPTION;

typedef struct _SUBSCRIBE_GENERIC_TLS_EXTENSION {
    DWORD Flags;
    DWORD SubscriptionsCount;
    TLS_EXTENSION_SUBSCRIPTION Subscriptions[ANYSIZE_ARRAY];
} SUBSCRIBE_GENERIC_TLS_EXTENSION, *PSUBSCRIBE_GENERIC_TLS_EXTENSION;

#endif
