/* A password from the terminal or a file descriptor; never from the command line. */
#ifndef TOOLS_PASSWORD_H
#define TOOLS_PASSWORD_H

#include <stdbool.h>
#include "common/secret.h"
#include "tools/failure.h"

/* Asks for it on the terminal, without echo. The caller releases *password. */
bool password_ask(struct secret *password, const char *prompt, struct failure *failure);

/* Reads the first line from a descriptor, up to its end of line. The caller releases *password. */
bool password_read(struct secret *password, int descriptor, struct failure *failure);

#endif
