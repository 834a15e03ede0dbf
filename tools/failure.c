#include "tools/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "sspi-gss/sspi_gss.h"

void failure_of_sspi(struct failure *failure, const char *what, SECURITY_STATUS status)
{
    const char *text = SspiGssStatusText();
    const char *name = SspiGssStatusName(status);

    if (strncmp(text, name, strlen(name)) == 0)
        failure_say(failure, "%s: %s", what, text);
    else
        failure_say(failure, "%s: %s (0x%08x)%s%s", what, name, (unsigned)status,
                    text[0] != '\0' ? ": " : "", text);
}

void failure_of_system(struct failure *failure, const char *what)
{
    failure_say(failure, "%s: %s", what, strerror(errno));
}

void failure_say(struct failure *failure, const char *format, ...)
{
    va_list arguments;

    if (failure_happened(failure))
        return;
    va_start(arguments, format);
    (void)vsnprintf(failure->text, sizeof(failure->text), format, arguments);
    va_end(arguments);
}
