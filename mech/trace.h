/* GSS_SSPI_TRACE=file: the road that led to a result, for people. Never a secret. */
#ifndef MECH_TRACE_H
#define MECH_TRACE_H

#include <stdbool.h>

/* True when somebody reads the trace: lets callers skip the work of preparing a line. */
bool trace_is_on(void);

/* Appends one line: time, process, thread, and the formatted text (printf, no newline). */
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
