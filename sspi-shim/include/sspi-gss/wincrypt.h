/*
 * wincrypt.h - the parts of Windows' CryptoAPI that TLS' credentials and attributes are made of:
 * certificates, whether they are trusted, and the numbers of algorithms. Laid out as on 64-bit
 * Windows.
 */
#ifndef SSPI_GSS_WINCRYPT_H
#define SSPI_GSS_WINCRYPT_H

#include "windows_types.h"

typedef UINT ALG_ID;
typedef void *HCERTSTORE;
typedef ULONG_PTR HCRYPTPROV;

typedef struct _CRYPTOAPI_BLOB {
    DWORD cbData;
    BYTE *pbData;
} DATA_BLOB, *PDATA_BLOB, CERT_NAME_BLOB, *PCERT_NAME_BLOB;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A certificate: DER at pbCertEncoded. pCertInfo and hCertStore are NULL here: take it apart with a
 * library for X.509. One with its private key, in credentials: SSPI_GSS_CERTIFICATE_NAMES
 * (sspi_gss.h).
 */
typedef struct _CERT_CONTEXT {
    DWORD dwCertEncodingType;
    BYTE *pbCertEncoded;
    DWORD cbCertEncoded;
    struct _CERT_INFO *pCertInfo;
    HCERTSTORE hCertStore;
} CERT_CONTEXT, *PCERT_CONTEXT;
typedef const CERT_CONTEXT *PCCERT_CONTEXT;

/*
 * Frees a certificate of SECPKG_ATTR_REMOTE_CERT_CONTEXT or SECPKG_ATTR_LOCAL_CERT_CONTEXT, as
 * FreeContextBuffer does too. NULL is allowed. TRUE, as on Windows.
 */
SSPI_GSS_API BOOL SEC_ENTRY CertFreeCertificateContext(PCCERT_CONTEXT pCertContext);

#define X509_ASN_ENCODING   0x00000001
#define PKCS_7_ASN_ENCODING 0x00010000

/* SECPKG_ATTR_CERT_TRUST_STATUS */
typedef struct _CERT_TRUST_STATUS {
    DWORD dwErrorStatus;
    DWORD dwInfoStatus;
} CERT_TRUST_STATUS, *PCERT_TRUST_STATUS;

/* CERT_TRUST_STATUS.dwErrorStatus */
#define CERT_TRUST_NO_ERROR                          0x00000000
#define CERT_TRUST_IS_NOT_TIME_VALID                 0x00000001
#define CERT_TRUST_IS_NOT_TIME_NESTED                0x00000002
#define CERT_TRUST_IS_REVOKED                        0x00000004
#define CERT_TRUST_IS_NOT_SIGNATURE_VALID            0x00000008
#define CERT_TRUST_IS_NOT_VALID_FOR_USAGE            0x00000010
#define CERT_TRUST_IS_UNTRUSTED_ROOT                 0x00000020
#define CERT_TRUST_REVOCATION_STATUS_UNKNOWN         0x00000040
#define CERT_TRUST_IS_CYCLIC                         0x00000080
#define CERT_TRUST_INVALID_EXTENSION                 0x00000100
#define CERT_TRUST_INVALID_POLICY_CONSTRAINTS        0x00000200
#define CERT_TRUST_INVALID_BASIC_CONSTRAINTS         0x00000400
#define CERT_TRUST_INVALID_NAME_CONSTRAINTS          0x00000800
#define CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT 0x00001000
#define CERT_TRUST_HAS_NOT_DEFINED_NAME_CONSTRAINT   0x00002000
#define CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT 0x00004000
#define CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT      0x00008000
#define CERT_TRUST_IS_PARTIAL_CHAIN                  0x00010000
#define CERT_TRUST_CTL_IS_NOT_TIME_VALID             0x00020000
#define CERT_TRUST_CTL_IS_NOT_SIGNATURE_VALID        0x00040000
#define CERT_TRUST_CTL_IS_NOT_VALID_FOR_USAGE        0x00080000
#define CERT_TRUST_HAS_WEAK_SIGNATURE                0x00100000
#define CERT_TRUST_IS_OFFLINE_REVOCATION             0x01000000
#define CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY          0x02000000
#define CERT_TRUST_IS_EXPLICIT_DISTRUST              0x04000000
#define CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT    0x08000000

/* CERT_TRUST_STATUS.dwInfoStatus */
#define CERT_TRUST_HAS_EXACT_MATCH_ISSUER        0x00000001
#define CERT_TRUST_HAS_KEY_MATCH_ISSUER          0x00000002
#define CERT_TRUST_HAS_NAME_MATCH_ISSUER         0x00000004
#define CERT_TRUST_IS_SELF_SIGNED                0x00000008
#define CERT_TRUST_HAS_PREFERRED_ISSUER          0x00000100
#define CERT_TRUST_HAS_ISSUANCE_CHAIN_POLICY     0x00000200
#define CERT_TRUST_HAS_VALID_NAME_CONSTRAINTS    0x00000400
#define CERT_TRUST_IS_PEER_TRUSTED               0x00000800
#define CERT_TRUST_HAS_CRL_VALIDITY_EXTENDED     0x00001000
#define CERT_TRUST_IS_FROM_EXCLUSIVE_TRUST_STORE 0x00002000
#define CERT_TRUST_IS_COMPLEX_CHAIN              0x00010000

/* ALG_ID, in SecPkgContext_ConnectionInfo and SCHANNEL_CRED (Microsoft: ALG_ID). */
#define CALG_MD5        0x00008003
#define CALG_SHA        0x00008004
#define CALG_SHA1       0x00008004
#define CALG_HMAC       0x00008009
#define CALG_SHA_256    0x0000800c
#define CALG_SHA_384    0x0000800d
#define CALG_SHA_512    0x0000800e
#define CALG_DES        0x00006601
#define CALG_RC2        0x00006602
#define CALG_3DES       0x00006603
#define CALG_AES_128    0x0000660e
#define CALG_AES_192    0x0000660f
#define CALG_AES_256    0x00006610
#define CALG_AES        0x00006611
#define CALG_RC4        0x00006801
#define CALG_NULLCIPHER 0x00006000
#define CALG_RSA_SIGN   0x00002400
#define CALG_DSS_SIGN   0x00002200
#define CALG_ECDSA      0x00002203
#define CALG_RSA_KEYX   0x0000a400
#define CALG_DH_SF      0x0000aa01
#define CALG_DH_EPHEM   0x0000aa02
#define CALG_ECDH       0x0000aa05
#define CALG_ECDH_EPHEM 0x0000ae06

#ifdef __cplusplus
}
#endif

#endif
