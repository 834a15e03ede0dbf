#include "mech/trace.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Longer lines are cut; the longest sentence of ours is a third of it. */
#define TRACE_LINE_OCTETS 1024

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static int trace_descriptor = -1;

/* A set-id program's environment belongs to its caller, who must not choose files to write. */
static void open_trace(void)
{
    const char *path = secure_getenv("GSS_SSPI_TRACE");

    if (path != NULL && *path != '\0')
        trace_descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool trace_is_on(void)
{
    (void)pthread_once(&opened, open_trace);
    return trace_descriptor >= 0;
}

void trace(const char *format, ...)
{
    char line[TRACE_LINE_OCTETS];
    struct timespec now = {0};
    int prefix;
    int body;
    size_t length;
    va_list arguments;

    if (!trace_is_on())
        return;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    prefix = snprintf(line, sizeof line, "%lld.%06ld [%d.%d] ", (long long)now.tv_sec,
                      now.tv_nsec / 1000, (int)getpid(), (int)gettid());
    if (prefix < 0 || (size_t)prefix >= sizeof line - 1)
        return;
    va_start(arguments, format);
    body = vsnprintf(line + prefix, sizeof line - 1 - (size_t)prefix, format, arguments);
    va_end(arguments);
    if (body < 0)
        return;
    length = (size_t)prefix + (size_t)body;
    if (length > sizeof line - 2)
        length = sizeof line - 2;
    line[length] = '\n';
    /* One write, so that lines of several processes do not mix; a full disk loses only the trace.
     */
    if (write(trace_descriptor, line, length + 1) < 0)
        return;
}
