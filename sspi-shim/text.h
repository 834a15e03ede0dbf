/*
 * Strings of the A and W functions. Inside, everything is UTF-8 that ends with a NUL; A functions
 * hand theirs on, W functions convert.
 */
#ifndef SSPI_SHIM_TEXT_H
#define SSPI_SHIM_TEXT_H

#include <stdbool.h>
#include <sspi-gss/sspi.h>

/* Longest string that a caller may hand in, in octets of UTF-8 or units of UTF-16. */
#define TEXT_MAX 65536

/*
 * Checks an A function's string: NULL stays NULL, ill-formed UTF-8 and what is longer than TEXT_MAX
 * is SEC_E_INVALID_PARAMETER.
 */
SECURITY_STATUS text_check(const SEC_CHAR *text);

/*
 * Converts a W function's string. *utf8 is NULL when text is; the caller frees it. Ill-formed
 * UTF-16 is SEC_E_INVALID_PARAMETER.
 */
SECURITY_STATUS text_from_wide(const SEC_WCHAR *text, char **utf8);

/*
 * A copy of a string of length octets for the caller, UTF-16 when wide, freed by FreeContextBuffer;
 * NULL when there is no memory, or the text is ill-formed.
 */
void *text_for_caller(const char *utf8, size_t length, bool wide);

/* Octets that text_copy_for_caller needs for a string, its NUL included. */
size_t text_size_for_caller(const char *utf8, bool wide);

/* Writes an ASCII string of our own to place, which has room; returns where its NUL ends. */
unsigned char *text_copy_for_caller(const char *ascii, bool wide, unsigned char *place);

#endif
