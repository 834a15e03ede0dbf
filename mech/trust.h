/* Authorities that are trusted to say who a TLS peer is. */
#ifndef MECH_TRUST_H
#define MECH_TRUST_H

#include <gnutls/x509.h>

#include "mech/file_cache.h"

struct trust {
    struct cached base;
    gnutls_x509_trust_list_t list;
};

/*
 * The certificates in file (PEM), or those that the system trusts when it is NULL. NULL, with *minor
 * set, when there are none; the caller releases it with cached_release.
 */
struct trust *trust_acquire(OM_uint32 *minor, const char *file);

#endif
