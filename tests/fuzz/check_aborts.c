/* Check's assertions in a fuzz target: one that fails ends the program, which libFuzzer reports. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void _ck_assert_failed(const char *file, int line, const char *expr, const char *msg, ...)
{
    (void)fprintf(stderr, "%s:%d: %s\n", file, line, expr);
    if (msg != NULL) {
        va_list arguments;

        va_start(arguments, msg);
        (void)vfprintf(stderr, msg, arguments);
        va_end(arguments);
        (void)fputc('\n', stderr);
    }
    abort();
}

void _mark_point(const char *file, int line)
{
    (void)file;
    (void)line;
}
