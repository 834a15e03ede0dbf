/*
 * Makes one allocation of a shared library fail, to see what the library does. Only what the
 * library itself asks for counts (by the caller's address), not what the libraries below it do, and
 * only in the thread that armed it.
 *
 * A program that is linked with this has malloc and its sisters from here, and so have all of its
 * libraries.
 */
#ifndef TESTS_COMMON_ALLOCATION_FAILURE_H
#define TESTS_COMMON_ALLOCATION_FAILURE_H

#include <stdbool.h>

/*
 * From now on the n-th allocation (from 1) of the library whose file name begins with this fails;
 * those behind it succeed. The library must have been loaded; otherwise the program ends.
 */
void allocation_failure_arm(const char *library, unsigned n);

/* Stops it. True when the n-th allocation was asked for, and refused. */
bool allocation_failure_disarm(void);

/* True when an allocation has been refused since it was armed. */
bool allocation_failure_happened(void);

#endif
