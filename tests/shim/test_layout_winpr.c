/* The same numbers against WinPR's headers: what a program built with those hands us is what we
 * read. */
#include <stddef.h>
#include <stdlib.h>

#include <winpr/sspi.h>
#include <winpr/schannel.h>

#include "tests/shim/layout_asserts.h"

#include "tests/shim/constants_common.inc"
#include "tests/shim/layout_common.inc"
#include "tests/shim/prototypes_common.inc"

int main(void)
{
    return EXIT_SUCCESS;
}
