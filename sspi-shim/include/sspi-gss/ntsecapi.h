/*
 * ntsecapi.h - the parts of Windows' interface to the local security authority that SSPI callers
 * use: what SECPKG_ATTR_CREDS and SECPKG_ATTR_CREDS_2 give, and the numbers of Kerberos'
 * algorithms, which SECPKG_ATTR_KEY_INFO gives. Laid out as on 64-bit Windows.
 */
#ifndef SSPI_GSS_NTSECAPI_H
#define SSPI_GSS_NTSECAPI_H

#include "windows_types.h"

/* fQOP of EncryptMessage, and what DecryptMessage gives: signed only. */
#define KERB_WRAP_NO_ENCRYPT 0x80000001

/* How a user logs on; the first member of each of the structures below. */
typedef enum _KERB_LOGON_SUBMIT_TYPE {
    KerbInteractiveLogon = 2,
    KerbSmartCardLogon = 6,
    KerbWorkstationUnlockLogon = 7,
    KerbSmartCardUnlockLogon = 8,
    KerbProxyLogon = 9,
    KerbTicketLogon = 10,
    KerbTicketUnlockLogon = 11,
    KerbS4ULogon = 12,
    KerbCertificateLogon = 13,
    KerbCertificateS4ULogon = 14,
    KerbCertificateUnlockLogon = 15,
    KerbNoElevationLogon = 83,
    KerbLuidLogon = 84
} KERB_LOGON_SUBMIT_TYPE,
    *PKERB_LOGON_SUBMIT_TYPE;

/*
 * Packed, as in SecPkgContext_ClientCreds: one block of octets, and Buffer of each string is its
 * offset from the start of the block.
 */
typedef struct _KERB_INTERACTIVE_LOGON {
    KERB_LOGON_SUBMIT_TYPE MessageType;
    UNICODE_STRING LogonDomainName;
    UNICODE_STRING UserName;
    UNICODE_STRING Password;
} KERB_INTERACTIVE_LOGON, *PKERB_INTERACTIVE_LOGON;

typedef struct _KERB_INTERACTIVE_UNLOCK_LOGON {
    KERB_INTERACTIVE_LOGON Logon;
    LUID LogonId;
} KERB_INTERACTIVE_UNLOCK_LOGON, *PKERB_INTERACTIVE_UNLOCK_LOGON;

/* CspData is a KERB_SMARTCARD_CSP_INFO of CspDataLength octets. */
typedef struct _KERB_SMART_CARD_LOGON {
    KERB_LOGON_SUBMIT_TYPE MessageType;
    UNICODE_STRING Pin;
    ULONG CspDataLength;
    PUCHAR CspData;
} KERB_SMART_CARD_LOGON, *PKERB_SMART_CARD_LOGON;

typedef struct _KERB_SMART_CARD_UNLOCK_LOGON {
    KERB_SMART_CARD_LOGON Logon;
    LUID LogonId;
} KERB_SMART_CARD_UNLOCK_LOGON, *PKERB_SMART_CARD_UNLOCK_LOGON;

/* As KERB_SMART_CARD_LOGON, with the user's name; Flags: KERB_CERTIFICATE_LOGON_FLAG_... */
typedef struct _KERB_CERTIFICATE_LOGON {
    KERB_LOGON_SUBMIT_TYPE MessageType;
    UNICODE_STRING DomainName;
    UNICODE_STRING UserName;
    UNICODE_STRING Pin;
    ULONG Flags;
    ULONG CspDataLength;
    PUCHAR CspData;
} KERB_CERTIFICATE_LOGON, *PKERB_CERTIFICATE_LOGON;

#define KERB_CERTIFICATE_LOGON_FLAG_CHECK_DUPLICATES     0x1
#define KERB_CERTIFICATE_LOGON_FLAG_USE_CERTIFICATE_INFO 0x2

typedef struct _KERB_CERTIFICATE_UNLOCK_LOGON {
    KERB_CERTIFICATE_LOGON Logon;
    LUID LogonId;
} KERB_CERTIFICATE_UNLOCK_LOGON, *PKERB_CERTIFICATE_UNLOCK_LOGON;

/* Which key on which card. The offsets count characters from bBuffer, where the strings are. */
typedef struct _KERB_SMARTCARD_CSP_INFO {
    DWORD dwCspInfoLen;
    DWORD MessageType;
    union {
        PVOID ContextInformation;
        ULONG64 SpaceHolderForWow64;
    };
    DWORD flags;
    DWORD KeySpec;
    ULONG nCardNameOffset;
    ULONG nReaderNameOffset;
    ULONG nContainerNameOffset;
    ULONG nCSPNameOffset;
    TCHAR bBuffer;
} KERB_SMARTCARD_CSP_INFO, *PKERB_SMARTCARD_CSP_INFO;

/* Tickets are ASN.1: a service ticket, and a KRB_CRED with a ticket-granting ticket. */
typedef struct _KERB_TICKET_LOGON {
    KERB_LOGON_SUBMIT_TYPE MessageType;
    ULONG Flags;
    ULONG ServiceTicketLength;
    ULONG TicketGrantingTicketLength;
    PUCHAR ServiceTicket;
    PUCHAR TicketGrantingTicket;
} KERB_TICKET_LOGON, *PKERB_TICKET_LOGON;

#define KERB_LOGON_FLAG_ALLOW_EXPIRED_TICKET 0x1
#define KERB_LOGON_FLAG_REDIRECTED           0x2

typedef struct _KERB_TICKET_UNLOCK_LOGON {
    KERB_TICKET_LOGON Logon;
    LUID LogonId;
} KERB_TICKET_UNLOCK_LOGON, *PKERB_TICKET_UNLOCK_LOGON;

/*
 * The domain's policy for passwords, which ChangeAccountPassword gives with a refusal. Ages are
 * counts of 100 ns, negative; PasswordProperties: DOMAIN_PASSWORD_... (Microsoft:
 * DOMAIN_PASSWORD_INFORMATION).
 */
typedef struct _DOMAIN_PASSWORD_INFORMATION {
    USHORT MinPasswordLength;
    USHORT PasswordHistoryLength;
    ULONG PasswordProperties;
    LARGE_INTEGER MaxPasswordAge;
    LARGE_INTEGER MinPasswordAge;
} DOMAIN_PASSWORD_INFORMATION, *PDOMAIN_PASSWORD_INFORMATION;

#define DOMAIN_PASSWORD_COMPLEX         0x1
#define DOMAIN_PASSWORD_NO_ANON_CHANGE  0x2
#define DOMAIN_PASSWORD_NO_CLEAR_CHANGE 0x4
#define DOMAIN_LOCKOUT_ADMINS           0x8
#define DOMAIN_PASSWORD_STORE_CLEARTEXT 0x10
#define DOMAIN_REFUSE_PASSWORD_CHANGE   0x20

/* KeyType: KERB_ETYPE_...; Length is octets. The tag has no underscore on Windows either. */
typedef struct KERB_CRYPTO_KEY {
    LONG KeyType;
    ULONG Length;
    PUCHAR Value;
} KERB_CRYPTO_KEY, *PKERB_CRYPTO_KEY;

/* SecPkgContext_KeyInfo.EncryptAlgorithm of Kerberos (IANA: Kerberos Encryption Type Numbers). */
#define KERB_ETYPE_NULL                    0
#define KERB_ETYPE_DES_CBC_CRC             1
#define KERB_ETYPE_DES_CBC_MD4             2
#define KERB_ETYPE_DES_CBC_MD5             3
#define KERB_ETYPE_DES3_CBC_SHA1_KD        16
#define KERB_ETYPE_AES128_CTS_HMAC_SHA1_96 17
#define KERB_ETYPE_AES256_CTS_HMAC_SHA1_96 18
#define KERB_ETYPE_RC4_HMAC_NT             23
#define KERB_ETYPE_RC4_HMAC_NT_EXP         24

/* SecPkgContext_KeyInfo.SignatureAlgorithm of Kerberos (IANA: Kerberos Checksum Type Numbers). */
#define KERB_CHECKSUM_NONE                0
#define KERB_CHECKSUM_CRC32               1
#define KERB_CHECKSUM_MD5                 7
#define KERB_CHECKSUM_HMAC_SHA1_96_AES128 15
#define KERB_CHECKSUM_HMAC_SHA1_96_AES256 16
#define KERB_CHECKSUM_HMAC_MD5            (-138)

#endif
