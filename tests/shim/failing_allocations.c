#include "tests/shim/failing_allocations.h"

#include <check.h>
#include <stdbool.h>
#include <sspi-gss/sspi_gss.h>

#include "tests/common/allocation_failure.h"

#define SHIM "libsspi-gss.so"

SECURITY_STATUS fail_each(const char *name, call_function *call, void *argument, unsigned minimum)
{
    for (unsigned n = 1; n < ALLOCATIONS_MAX; n++) {
        SECURITY_STATUS status;
        bool failed;

        allocation_failure_arm(SHIM, n);
        status = call(argument);
        failed = allocation_failure_disarm();
        if (!failed) {
            ck_assert_msg(status >= 0, "%s after %u failures: %s", name, n - 1,
                          SspiGssStatusText());
            ck_assert_msg(n > minimum, "%s: %u allocations", name, n - 1);
            return status;
        }
        ck_assert_msg(status == SEC_E_INSUFFICIENT_MEMORY, "%s, allocation %u: %s", name, n,
                      SspiGssStatusName(status));
    }
    ck_abort_msg("%s: there is no end of allocations", name);
    return SEC_E_INTERNAL_ERROR;
}
