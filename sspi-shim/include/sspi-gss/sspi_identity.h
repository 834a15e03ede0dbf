/*
 * sspi_identity.h - who logs on: the structures that AcquireCredentialsHandle takes as pAuthData,
 * laid out as on 64-bit Windows. What works on them is in sspi_identity_functions.h.
 */
#ifndef SSPI_GSS_SSPI_IDENTITY_H
#define SSPI_GSS_SSPI_IDENTITY_H

#include "sspi_structures.h"

/* SEC_WINNT_AUTH_IDENTITY: versions and flags */
#define SEC_WINNT_AUTH_IDENTITY_VERSION_2                          0x201
#define SEC_WINNT_AUTH_IDENTITY_ANSI                               0x1
#define SEC_WINNT_AUTH_IDENTITY_UNICODE                            0x2
#define SEC_WINNT_AUTH_IDENTITY_VERSION                            0x200
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED            0x10
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED             0x20
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED               0x40
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED             0x80
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_RESERVED                     0x10000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER                    0x20000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN                  0x40000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_ID_PROVIDER                  0x80000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_USE_MASK             0xff000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_SAVE 0x80000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_CHECKED    0x40000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_NO_CHECKBOX          0x20000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_LOAD 0x10000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_BY_CALLER \
    SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_SAVE
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_VALID_SSPIPFC_FLAGS         \
    (SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_SAVE | \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_CHECKED |    \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_NO_CHECKBOX |          \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_LOAD)
#define SEC_WINNT_AUTH_IDENTITY_MARSHALLED           0x4
#define SEC_WINNT_AUTH_IDENTITY_ONLY                 0x8
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON   1
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS 2
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM   4

/*
 * Lengths are in characters, without a terminator; a NULL string is the default.
 * Flags: SEC_WINNT_AUTH_IDENTITY_ANSI (here: UTF-8) or _UNICODE says what the strings are.
 */
typedef struct _SEC_WINNT_AUTH_IDENTITY_A {
    UCHAR *User;
    ULONG UserLength;
    UCHAR *Domain;
    ULONG DomainLength;
    UCHAR *Password;
    ULONG PasswordLength;
    ULONG Flags;
} SEC_WINNT_AUTH_IDENTITY_A, *PSEC_WINNT_AUTH_IDENTITY_A;

typedef struct _SEC_WINNT_AUTH_IDENTITY_W {
    WCHAR *User;
    ULONG UserLength;
    WCHAR *Domain;
    ULONG DomainLength;
    WCHAR *Password;
    ULONG PasswordLength;
    ULONG Flags;
} SEC_WINNT_AUTH_IDENTITY_W, *PSEC_WINNT_AUTH_IDENTITY_W;

/* Version is SEC_WINNT_AUTH_IDENTITY_VERSION, Length the size of the structure. */
typedef struct _SEC_WINNT_AUTH_IDENTITY_EXA {
    ULONG Version;
    ULONG Length;
    UCHAR *User;
    ULONG UserLength;
    UCHAR *Domain;
    ULONG DomainLength;
    UCHAR *Password;
    ULONG PasswordLength;
    ULONG Flags;
    UCHAR *PackageList;
    ULONG PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXA, *PSEC_WINNT_AUTH_IDENTITY_EXA;

typedef struct _SEC_WINNT_AUTH_IDENTITY_EXW {
    ULONG Version;
    ULONG Length;
    WCHAR *User;
    ULONG UserLength;
    WCHAR *Domain;
    ULONG DomainLength;
    WCHAR *Password;
    ULONG PasswordLength;
    ULONG Flags;
    WCHAR *PackageList;
    ULONG PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXW, *PSEC_WINNT_AUTH_IDENTITY_EXW;

/*
 * Version is SEC_WINNT_AUTH_IDENTITY_VERSION_2. Offsets count from the start of the structure,
 * lengths are in octets, strings are UTF-16 at even offsets. What is at offset 0 is absent.
 */
typedef struct _SEC_WINNT_AUTH_IDENTITY_EX2 {
    ULONG Version;
    USHORT cbHeaderLength;
    ULONG cbStructureLength;
    ULONG UserOffset;
    USHORT UserLength;
    ULONG DomainOffset;
    USHORT DomainLength;
    ULONG PackedCredentialsOffset;
    USHORT PackedCredentialsLength;
    ULONG Flags;
    ULONG PackageListOffset;
    USHORT PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EX2, *PSEC_WINNT_AUTH_IDENTITY_EX2;

/* What identifies one of the above: its Version or, where it has none, its Flags. */
typedef union _SEC_WINNT_AUTH_IDENTITY_INFO {
    SEC_WINNT_AUTH_IDENTITY_EXW AuthIdExw;
    SEC_WINNT_AUTH_IDENTITY_EXA AuthIdExa;
    SEC_WINNT_AUTH_IDENTITY_A AuthId_a;
    SEC_WINNT_AUTH_IDENTITY_W AuthId_w;
    SEC_WINNT_AUTH_IDENTITY_EX2 AuthIdEx2;
} SEC_WINNT_AUTH_IDENTITY_INFO, *PSEC_WINNT_AUTH_IDENTITY_INFO;

/* Any of the above; what the library makes is freed with SspiFreeAuthIdentity. */
typedef PVOID PSEC_WINNT_AUTH_IDENTITY_OPAQUE;

/*
 * What PackedCredentialsOffset of a SEC_WINNT_AUTH_IDENTITY_EX2 points to: a
 * SEC_WINNT_AUTH_PACKED_CREDENTIALS and, behind it, the data. Offsets count from the start of the
 * structure that they are in, or that the vector is in; lengths are octets.
 */
typedef struct _SEC_WINNT_AUTH_BYTE_VECTOR {
    ULONG ByteArrayOffset;
    USHORT ByteArrayLength;
} SEC_WINNT_AUTH_BYTE_VECTOR, *PSEC_WINNT_AUTH_BYTE_VECTOR;

/* ShortArrayCount is elements of two octets. */
typedef struct _SEC_WINNT_AUTH_SHORT_VECTOR {
    ULONG ShortArrayOffset;
    USHORT ShortArrayCount;
} SEC_WINNT_AUTH_SHORT_VECTOR, *PSEC_WINNT_AUTH_SHORT_VECTOR;

typedef struct _SEC_WINNT_AUTH_DATA {
    GUID CredType;
    SEC_WINNT_AUTH_BYTE_VECTOR CredData;
} SEC_WINNT_AUTH_DATA, *PSEC_WINNT_AUTH_DATA;

typedef struct _SEC_WINNT_AUTH_PACKED_CREDENTIALS {
    USHORT cbHeaderLength;
    USHORT cbStructureLength;
    SEC_WINNT_AUTH_DATA AuthData;
} SEC_WINNT_AUTH_PACKED_CREDENTIALS, *PSEC_WINNT_AUTH_PACKED_CREDENTIALS;

typedef struct _SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX {
    USHORT cbHeaderLength;
    ULONG Flags;
    SEC_WINNT_AUTH_BYTE_VECTOR PackedCredentials;
    SEC_WINNT_AUTH_SHORT_VECTOR PackageList;
} SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, *PSEC_WINNT_AUTH_PACKED_CREDENTIALS_EX;

/* CredData of SEC_WINNT_AUTH_DATA_TYPE_PASSWORD: this, or the UTF-16 of the password itself. */
typedef struct _SEC_WINNT_AUTH_DATA_PASSWORD {
    SEC_WINNT_AUTH_BYTE_VECTOR UnicodePassword;
} SEC_WINNT_AUTH_DATA_PASSWORD, *PSEC_WINNT_AUTH_DATA_PASSWORD;

/* CredData of SEC_WINNT_AUTH_DATA_TYPE_CERT: DER. */
typedef struct _SEC_WINNT_AUTH_CERTIFICATE_DATA {
    USHORT cbHeaderLength;
    USHORT cbStructureLength;
    SEC_WINNT_AUTH_BYTE_VECTOR Certificate;
} SEC_WINNT_AUTH_CERTIFICATE_DATA, *PSEC_WINNT_AUTH_CERTIFICATE_DATA;

/* SEC_WINNT_AUTH_DATA.CredType. KEYTAB: CredData is a keytab file. */
#define SSPI_GSS_GUID __attribute__((unused)) static const GUID
SSPI_GSS_GUID SEC_WINNT_AUTH_DATA_TYPE_PASSWORD = {
    0x28bfc32f, 0x10f6, 0x4738, {0x98, 0xd1, 0x1a, 0xc0, 0x61, 0xdf, 0x71, 0x6a}};
SSPI_GSS_GUID SEC_WINNT_AUTH_DATA_TYPE_CERT = {
    0x235f69ad, 0x73fb, 0x4dbc, {0x82, 0x03, 0x06, 0x29, 0xe7, 0x39, 0x33, 0x9b}};
SSPI_GSS_GUID SEC_WINNT_AUTH_DATA_TYPE_CREDMAN_CERT = {
    0x7cb72412, 0x1016, 0x491a, {0x8c, 0x87, 0x4d, 0x2a, 0xa1, 0xb7, 0xdd, 0x3a}};
SSPI_GSS_GUID SEC_WINNT_AUTH_DATA_TYPE_KEYTAB = {
    0xd587aae8, 0xf78f, 0x4455, {0xa1, 0x12, 0xc9, 0x34, 0xbe, 0xee, 0x7c, 0xe1}};
SSPI_GSS_GUID SEC_WINNT_AUTH_DATA_TYPE_CSP_DATA = {
    0x68fd9879, 0x079c, 0x4dfe, {0x82, 0x81, 0x57, 0x8a, 0xad, 0xc1, 0xc1, 0x00}};

/* What a dialogue for credentials works with on Windows; no function here takes or makes one. */
typedef struct _SEC_WINNT_CREDUI_CONTEXT_VECTOR {
    ULONG CredUIContextArrayOffset;
    USHORT CredUIContextCount;
} SEC_WINNT_CREDUI_CONTEXT_VECTOR, *PSEC_WINNT_CREDUI_CONTEXT_VECTOR;

typedef struct _CREDUIWIN_MARSHALED_CONTEXT {
    GUID StructureType;
    USHORT cbHeaderLength;
    LUID LogonId;
    GUID MarshaledDataType;
    ULONG MarshaledDataOffset;
    USHORT MarshaledDataLength;
} CREDUIWIN_MARSHALED_CONTEXT, *PCREDUIWIN_MARSHALED_CONTEXT;

typedef struct _SEC_WINNT_CREDUI_CONTEXT {
    USHORT cbHeaderLength;
    HANDLE CredUIContextHandle;
    PVOID UIInfo;
    ULONG dwAuthError;
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity;
    PUNICODE_STRING TargetName;
} SEC_WINNT_CREDUI_CONTEXT, *PSEC_WINNT_CREDUI_CONTEXT;

/* What SspiPrepareForCredRead and SspiPrepareForCredWrite call a kind of stored credential. */
#define CRED_TYPE_GENERIC                 1
#define CRED_TYPE_DOMAIN_PASSWORD         2
#define CRED_TYPE_DOMAIN_CERTIFICATE      3
#define CRED_TYPE_DOMAIN_VISIBLE_PASSWORD 4

#define SEC_WINNT_AUTH_IDENTITY     SSPI_GSS_AW(SEC_WINNT_AUTH_IDENTITY_)
#define PSEC_WINNT_AUTH_IDENTITY    SSPI_GSS_AW(PSEC_WINNT_AUTH_IDENTITY_)
#define SEC_WINNT_AUTH_IDENTITY_EX  SSPI_GSS_AW(SEC_WINNT_AUTH_IDENTITY_EX)
#define PSEC_WINNT_AUTH_IDENTITY_EX SSPI_GSS_AW(PSEC_WINNT_AUTH_IDENTITY_EX)

#endif
