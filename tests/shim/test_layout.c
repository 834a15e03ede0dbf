/*
 * Sizes, offsets and values of the headers, and the types of the functions, against those of 64-bit
 * Windows: by the compiler.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sspi-gss/credssp.h>
#include <sspi-gss/ntsecapi.h>
#include <sspi-gss/schannel.h>
#include <sspi-gss/security.h>

#include "tests/shim/layout_asserts.h"

#include "tests/shim/constants_common.inc"
#include "tests/shim/constants.inc"
#include "tests/shim/layout_common.inc"
#include "tests/shim/constants_ntsecapi.inc"
#include "tests/shim/constants_schannel.inc"
#include "tests/shim/layout.inc"
#include "tests/shim/layout_ntsecapi.inc"
#include "tests/shim/layout_schannel.inc"
#include "tests/shim/prototypes_common.inc"
#include "tests/shim/prototypes.inc"

VALUE(CredsspPasswordCreds, 2)
VALUE(CredsspSchannelCreds, 4)
VALUE(CredsspCertificateCreds, 13)
VALUE(CredsspSubmitBufferBoth, 50)
VALUE(CredsspSubmitBufferBothOld, 51)
VALUE(CredsspCredEx, 100)
VALUE(sizeof(ULONG), 4)
VALUE(sizeof(LONG), 4)
VALUE(sizeof(DWORD), 4)
VALUE(sizeof(USHORT), 2)
VALUE(sizeof(WCHAR), 2)
VALUE(sizeof(BOOLEAN), 1)
VALUE(sizeof(ULONG_PTR), 8)
VALUE(sizeof(SECURITY_STATUS), 4)
VALUE(SEC_E_INVALID_HANDLE < 0, 1)
VALUE(SEC_I_CONTINUE_NEEDED > 0, 1)

/* As it is on the wire: the first three numbers little-endian. */
static int guid_is(const GUID *guid, const char octets[sizeof(GUID) + 1])
{
    return memcmp(guid, octets, sizeof(*guid)) == 0;
}

static int guids_are_those_of_windows(void)
{
    return guid_is(&SEC_WINNT_AUTH_DATA_TYPE_PASSWORD,
                   "\x2f\xc3\xbf\x28\xf6\x10\x38\x47\x98\xd1\x1a\xc0\x61\xdf\x71\x6a") &&
           guid_is(&SEC_WINNT_AUTH_DATA_TYPE_CERT,
                   "\xad\x69\x5f\x23\xfb\x73\xbc\x4d\x82\x03\x06\x29\xe7\x39\x33\x9b") &&
           guid_is(&SEC_WINNT_AUTH_DATA_TYPE_CREDMAN_CERT,
                   "\x12\x24\xb7\x7c\x16\x10\x1a\x49\x8c\x87\x4d\x2a\xa1\xb7\xdd\x3a") &&
           guid_is(&SEC_WINNT_AUTH_DATA_TYPE_KEYTAB,
                   "\xe8\xaa\x87\xd5\x8f\xf7\x55\x44\xa1\x12\xc9\x34\xbe\xee\x7c\xe1") &&
           guid_is(&SEC_WINNT_AUTH_DATA_TYPE_CSP_DATA,
                   "\x79\x98\xfd\x68\x9c\x07\xfe\x4d\x82\x81\x57\x8a\xad\xc1\xc1\x00");
}

int main(void)
{
    /* What is compiled has passed. The plain names, and u"text" as WCHAR, must exist as well. */
    const WCHAR *wide = NEGOSSP_NAME_W;
    SecPkgInfo *info = NULL;
    QUERY_CONTEXT_ATTRIBUTES_FN query = QueryContextAttributes;

    if (wide[0] != u'N' || info != NULL || query != QueryContextAttributesA)
        return EXIT_FAILURE;
    if (strcmp(SECURITY_ENTRYPOINT_ANSI, "InitSecurityInterfaceA") != 0)
        return EXIT_FAILURE;
    return guids_are_those_of_windows() ? EXIT_SUCCESS : EXIT_FAILURE;
}
