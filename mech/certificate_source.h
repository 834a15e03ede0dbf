/* Where a certificate or key is: the name of a file, or a PKCS#11 URI (RFC 7512). */
#ifndef MECH_CERTIFICATE_SOURCE_H
#define MECH_CERTIFICATE_SOURCE_H

#include <string.h>

/*
 * How many of its characters people may see: the query of a URI may hold the token's PIN (pin-value).
 * An int, for "%.*s".
 */
static inline int certificate_source_shown(const char *source)
{
    return (int)(strncmp(source, "pkcs11:", 7) == 0 ? strcspn(source, "?") : strlen(source));
}

#endif
