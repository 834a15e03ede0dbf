/*
 * An SSPI module that is loaded at run time, as FreeRDP loads the one of its /sspi-module: and called
 * through the table of functions, in FreeRDP's order and with its arguments (its credssp_auth.c and,
 * before version 3, nla.c). The file behind this header is built against WinPR's headers; nothing of
 * them is in here.
 */
#ifndef TESTS_SHIM_SSPI_MODULE_H
#define TESTS_SHIM_SSPI_MODULE_H

#include <stdbool.h>
#include "common/byte_range.h"
#include "common/secret.h"

struct sspi_module;

/* Who logs on, in UTF-8. user NULL: the module's own credentials. */
struct sspi_module_user {
    const char *domain;
    const char *user;
    const char *password;
};

enum sspi_module_result {
    SSPI_MODULE_FAILED,
    SSPI_MODULE_CONTINUES,
    SSPI_MODULE_DONE,
};

/*
 * Loads it, and looks the package up. NULL, with a line on standard error, on failure, as for the
 * calls below. The caller closes it.
 */
struct sspi_module *sspi_module_open(const char *path, const char *package);

bool sspi_module_acquire(struct sspi_module *module, const struct sspi_module_user *user);

/*
 * One leg of the logon to the service, with the server's token (absent at first). *output is the
 * module's until the next call.
 */
enum sspi_module_result sspi_module_step(struct sspi_module *module, const char *service,
                                         struct byte_range input, struct byte_range *output);

/* Seals and opens a message; the caller releases what comes out. */
bool sspi_module_encrypt(struct sspi_module *module, struct byte_range plain,
                         struct secret *sealed);
bool sspi_module_decrypt(struct sspi_module *module, struct byte_range sealed,
                         struct secret *plain);

void sspi_module_close(struct sspi_module *module);

#endif
