/* Why something did not work, in words for the person who runs the program. */
#ifndef TOOLS_FAILURE_H
#define TOOLS_FAILURE_H

#include <stdbool.h>
#include "sspi-gss/sspi.h"

/* The first failure counts: what follows from it says less. All zero is "none yet". */
struct failure {
    char text[1024];
};

/* "WHAT: SEC_E_...: text of the mechanism", of the SSPI call that just returned status. */
void failure_of_sspi(struct failure *failure, const char *what, SECURITY_STATUS status);

/* "WHAT: text of errno". */
void failure_of_system(struct failure *failure, const char *what);

/* A sentence of our own. */
void failure_say(struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool failure_happened(const struct failure *failure)
{
    return failure->text[0] != '\0';
}

#endif
