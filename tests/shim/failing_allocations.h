/* Every allocation that the shim makes in a call fails once. */
#ifndef TESTS_SHIM_FAILING_ALLOCATIONS_H
#define TESTS_SHIM_FAILING_ALLOCATIONS_H

#include <sspi-gss/sspi.h>

/* More than any call needs: a count that never ends is a fault of the test. */
#define ALLOCATIONS_MAX 2000

/* One SSPI call. */
typedef SECURITY_STATUS call_function(void *argument);

/*
 * Makes the call until it has failed with each of its allocations, and once more, with success. At
 * least so many allocations must have been met.
 */
SECURITY_STATUS fail_each(const char *name, call_function *call, void *argument, unsigned minimum);

#endif
