/* Sizes, offsets and values of the headers against the numbers of 64-bit Windows: by the compiler.
 */
#include <stddef.h>
#include <stdlib.h>

#include <sspi-gss/credssp.h>
#include <sspi-gss/schannel.h>
#include <sspi-gss/security.h>

#include "tests/shim/layout_asserts.h"

#include "tests/shim/constants_common.inc"
#include "tests/shim/constants.inc"
#include "tests/shim/layout_common.inc"
#include "tests/shim/layout.inc"

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

int main(void)
{
    /* What is compiled has passed. The plain names, and u"text" as WCHAR, must exist as well. */
    const WCHAR *wide = NEGOSSP_NAME_W;
    SecPkgInfo *info = NULL;
    QUERY_CONTEXT_ATTRIBUTES_FN query = QueryContextAttributes;

    return wide[0] == u'N' && info == NULL && query == QueryContextAttributesA ? EXIT_SUCCESS
                                                                               : EXIT_FAILURE;
}
