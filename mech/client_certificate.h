/* The certificate that an initiator shows to a server that asks for one. */
#ifndef MECH_CLIENT_CERTIFICATE_H
#define MECH_CLIENT_CERTIFICATE_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "mech/certificate_chain.h"
#include "mech/certificate_source.h"
#include "mech/file_cache.h"
#include "mech/mechglue.h"

/* Shared by contexts and not changed after it was made. */
struct client_certificate {
    struct cached base;
    gnutls_pcert_st chain[CERTIFICATE_CHAIN_MAXIMUM];  /* its own first */
    gnutls_datum_t issuers[CERTIFICATE_CHAIN_MAXIMUM]; /* of each: DER of a distinguished name */
    unsigned int count;
    gnutls_privkey_t key;
    char *key_source; /* it may say where a token's PIN is */
};

/*
 * The certificate and key of source, both of which are there: PEM files, or PKCS#11 URIs. Files that
 * have not changed since they were last read are not read again, nor are tokens. NULL, with *minor
 * set, when they cannot be used; the caller releases it with client_certificate_release.
 */
struct client_certificate *client_certificate_acquire(OM_uint32 *minor,
                                                      const struct certificate_source *source);

/* NULL is allowed. */
void client_certificate_release(struct client_certificate *certificate);

/* Whether an authority of the list has issued it or one that leads to it (RFC 8446 4.2.4). */
bool client_certificate_is_issued_by(const struct client_certificate *certificate,
                                     const gnutls_datum_t *authorities, size_t count);

#endif
