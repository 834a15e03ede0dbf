/* Where a certificate or key is: the name of a file, or a PKCS#11 URI (RFC 7512). */
#ifndef MECH_CERTIFICATE_SOURCE_H
#define MECH_CERTIFICATE_SOURCE_H

#include <stdbool.h>

/* A certificate with its key: both or neither. */
struct certificate_source {
    char *certificate;
    char *private_key;
};

bool certificate_source_is_whole(const struct certificate_source *source);

/* False when memory runs out; what was copied is released with the copy. */
bool certificate_source_copy(struct certificate_source *copy,
                             const struct certificate_source *source);
void certificate_source_release(struct certificate_source *source);

/*
 * How many of its characters people may see: the query of a URI may hold the token's PIN (pin-value).
 * An int, for "%.*s".
 */
int certificate_source_shown(const char *source);

/* Why it cannot be read, by the error of GnuTLS: what people can do something about. Static. */
const char *certificate_source_reason(int status);

#endif
