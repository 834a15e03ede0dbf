/*
 * windows_types.h - the Windows names for basic types, in the widths that they have on Windows.
 *
 * ULONG, LONG and DWORD are 32 bits, unlike Linux's long; WCHAR is one unit of UTF-16, unlike
 * wchar_t. In C++, WCHAR is char16_t; in C, char16_t is the same type as uint16_t: u"text" is a
 * WCHAR string in both.
 */
#ifndef SSPI_GSS_WINDOWS_TYPES_H
#define SSPI_GSS_WINDOWS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef void VOID;
typedef uint8_t BYTE, UCHAR, BOOLEAN;
typedef BYTE *PBYTE, *LPBYTE;
typedef UCHAR *PUCHAR;
typedef BOOLEAN *PBOOLEAN;
typedef uint16_t WORD, USHORT;
typedef WORD *PWORD;
typedef USHORT *PUSHORT;
typedef int32_t BOOL, INT, LONG;
typedef BOOL *PBOOL;
typedef LONG *PLONG;
typedef LONG NTSTATUS, HRESULT; /* negative: a failure */
typedef uint32_t DWORD, UINT, ULONG;
typedef DWORD *PDWORD, *LPDWORD;
typedef ULONG *PULONG;
typedef int64_t LONGLONG;
typedef uint64_t ULONGLONG, ULONG64, DWORD64;
typedef intptr_t INT_PTR, LONG_PTR;
typedef uintptr_t UINT_PTR, ULONG_PTR;
typedef ULONG_PTR *PULONG_PTR;

typedef char CHAR;
typedef CHAR *PCHAR, *PSTR, *LPSTR;
typedef const CHAR *PCSTR, *LPCSTR;
#ifdef __cplusplus
typedef char16_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif
typedef WCHAR *PWCHAR, *PWSTR, *LPWSTR;
typedef const WCHAR *PCWSTR, *LPCWSTR;

/* SSPI_GSS_AW(name): nameW in programs that define UNICODE, else nameA. */
#ifdef UNICODE
typedef WCHAR TCHAR;
#define SSPI_GSS_QUOTE(quote) u##quote
#define SSPI_GSS_AW(name)     name##W
#else
typedef CHAR TCHAR;
#define SSPI_GSS_QUOTE(quote) quote
#define SSPI_GSS_AW(name)     name##A
#endif
typedef TCHAR *PTSTR, *LPTSTR;
typedef const TCHAR *PCTSTR, *LPCTSTR;
#ifndef TEXT
#define TEXT(quote) SSPI_GSS_QUOTE(quote)
#endif

typedef void *PVOID, *LPVOID, *HANDLE;
typedef HANDLE *PHANDLE;

/* A signed 64-bit number; the halves are there because callers name them. */
typedef union _LARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

/* Names a logon session on Windows; it has no meaning here. */
typedef struct _LUID {
    DWORD LowPart;
    LONG HighPart;
} LUID, *PLUID;

typedef struct _GUID {
    uint32_t Data1;
    uint16_t Data2;
    uint16_t Data3;
    uint8_t Data4[8];
} GUID, *PGUID;

/* Length and MaximumLength are octets; Buffer need not end with a NUL. */
typedef struct _UNICODE_STRING {
    USHORT Length;
    USHORT MaximumLength;
    PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;

/* What a structure ends with whose last member has as many elements as another member says. */
#ifndef ANYSIZE_ARRAY
#define ANYSIZE_ARRAY 1
#endif

/* No calling convention besides that of C. */
#define SEC_ENTRY

#define SSPI_GSS_API __attribute__((visibility("default")))

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#endif
