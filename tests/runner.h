/* What the main of a test program does. */
#ifndef TESTS_RUNNER_H
#define TESTS_RUNNER_H

#include <check.h>
#include <stdlib.h>

/* Runs the suite and frees it; the program's exit status. */
static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The same with a suite of one case, whose tests have a fixture and so much time. */
static inline int run_case(const char *name, SFun before, SFun after, double seconds,
                           void (*add_tests)(TCase *cases))
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);

    tcase_add_checked_fixture(cases, before, after);
    tcase_set_timeout(cases, seconds);
    add_tests(cases);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}

#endif
