/* Text that may be secret: between the strings of callers and struct secret, which holds UTF-8. */
#ifndef SSPI_SHIM_SECRET_TEXT_H
#define SSPI_SHIM_SECRET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sspi-gss/sspi.h>
#include "common/secret.h"

/*
 * Copies length characters, of UTF-16 when wide and of UTF-8 otherwise, as UTF-8; text NULL leaves
 * *secret absent. text need not be aligned. The caller releases *secret, also on failure.
 * SEC_E_INVALID_PARAMETER when the text is ill-formed, has a NUL in it or is longer than TEXT_MAX.
 */
SECURITY_STATUS secret_text_read(const void *text, size_t length, bool wide, struct secret *secret);

/* The same of a string that ends with a NUL. */
SECURITY_STATUS secret_text_read_string(const void *text, bool wide, struct secret *secret);

/*
 * The reverse: length characters of UTF-16 in wide->data, without a terminator; absent when the
 * text is. The caller releases *wide, also on failure. SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS secret_text_widen(const struct secret *secret, struct secret *wide);

/*
 * A string for a caller, UTF-16 with a NUL, freed like a context buffer, which wipes it. *string is
 * NULL when the text is absent. SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS secret_text_for_caller(const struct secret *secret, WCHAR **string);

#endif
