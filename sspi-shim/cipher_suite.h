/* A TLS session's cipher suite, taken apart. */
#ifndef SSPI_SHIM_CIPHER_SUITE_H
#define SSPI_SHIM_CIPHER_SUITE_H

#include <sspi-gss/schannel.h>
#include "sspi-shim/context.h"

/* A part, as Windows calls it; numbers are 0 where Windows has none. name is never NULL. */
struct cipher_part {
    const char *name;
    DWORD bits;
    DWORD block; /* octets */
    ALG_ID algorithm;
};

struct cipher_suite {
    char name[SZ_ALG_MAX_SIZE]; /* IANA's */
    DWORD number;               /* IANA's */
    WORD version;               /* as it stands in records (RFC 8446 5.1) */
    struct cipher_part cipher;
    struct cipher_part hash;
    struct cipher_part exchange; /* of the session; with TLS 1.3 the suite does not say it */
    const char *suite_exchange;  /* as the suite's name has it: "" with TLS 1.3 */
    const char *certificate;     /* likewise */
};

/* Asks the context's mechanism. SEC_E_UNSUPPORTED_FUNCTION for contexts without TLS. */
SECURITY_STATUS cipher_suite_find(const struct context *context, struct cipher_suite *suite);

#define TLS_1_2_VERSION 0x0303
#define TLS_1_3_VERSION 0x0304

#endif
