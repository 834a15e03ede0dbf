/*
 * sspi_structures.h - handles, buffers and packages, laid out as on 64-bit Windows. What buffers
 * contain is in sspi_buffers.h, attributes in sspi_attributes.h, identities in sspi_identity.h.
 */
#ifndef SSPI_GSS_SSPI_STRUCTURES_H
#define SSPI_GSS_SSPI_STRUCTURES_H

#include "sspi_status.h"

typedef WCHAR SEC_WCHAR;
typedef CHAR SEC_CHAR;
typedef TCHAR *SECURITY_PSTR;
typedef const TCHAR *SECURITY_PCSTR;
typedef UNICODE_STRING SECURITY_STRING, *PSECURITY_STRING;
#define SEC_TEXT TEXT

/* Opaque. Both words all ones: no handle. */
typedef struct _SecHandle {
    ULONG_PTR dwLower;
    ULONG_PTR dwUpper;
} SecHandle, *PSecHandle;

typedef SecHandle CredHandle, *PCredHandle;
typedef SecHandle CtxtHandle, *PCtxtHandle;

#define SecInvalidateHandle(handle) \
    ((void)((handle)->dwLower = (ULONG_PTR)(INT_PTR)-1, (handle)->dwUpper = (ULONG_PTR)(INT_PTR)-1))
#define SecIsValidHandle(handle) \
    ((handle)->dwLower != (ULONG_PTR)(INT_PTR)-1 && (handle)->dwUpper != (ULONG_PTR)(INT_PTR)-1)

/* What Windows leaves in the words of a handle that was deleted; here they are all ones. */
#define SEC_DELETED_HANDLE ((ULONG_PTR)-2)

/* Count of 100 ns since 1601-01-01, local time. INT64_MAX: never. */
typedef LARGE_INTEGER SECURITY_INTEGER, *PSECURITY_INTEGER;
typedef SECURITY_INTEGER TimeStamp, *PTimeStamp;

typedef struct _SecBuffer {
    ULONG cbBuffer;
    ULONG BufferType;
    void *pvBuffer;
} SecBuffer, *PSecBuffer;

/* ulVersion is SECBUFFER_VERSION. */
typedef struct _SecBufferDesc {
    ULONG ulVersion;
    ULONG cBuffers;
    PSecBuffer pBuffers;
} SecBufferDesc, *PSecBufferDesc;

typedef struct _SecPkgInfoA {
    ULONG fCapabilities;
    USHORT wVersion;
    USHORT wRPCID;
    ULONG cbMaxToken;
    SEC_CHAR *Name;
    SEC_CHAR *Comment;
} SecPkgInfoA, *PSecPkgInfoA;

typedef struct _SecPkgInfoW {
    ULONG fCapabilities;
    USHORT wVersion;
    USHORT wRPCID;
    ULONG cbMaxToken;
    SEC_WCHAR *Name;
    SEC_WCHAR *Comment;
} SecPkgInfoW, *PSecPkgInfoW;

#define SecPkgInfo  SSPI_GSS_AW(SecPkgInfo)
#define PSecPkgInfo SSPI_GSS_AW(PSecPkgInfo)

#endif
