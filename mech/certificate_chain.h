/* The certificates that a TLS peer shows, and whether somebody who is trusted vouches for them. */
#ifndef MECH_CERTIFICATE_CHAIN_H
#define MECH_CERTIFICATE_CHAIN_H

#include <gnutls/x509.h>

#include "mech/mechglue.h"
#include "mech/trust.h"

/* Certificates that are looked at; GnuTLS' verification takes no longer chains. */
#define CERTIFICATE_CHAIN_MAXIMUM 16

struct certificate_chain {
    gnutls_x509_crt_t crts[CERTIFICATE_CHAIN_MAXIMUM]; /* the peer's own first */
    unsigned int count;
};

/*
 * Takes the first certificates (DER) apart, those behind the maximum not. 0, or an error of GnuTLS; to
 * be released in either case.
 */
int certificate_chain_import(struct certificate_chain *chain, const gnutls_datum_t *certificates,
                             unsigned int count);
void certificate_chain_release(struct certificate_chain *chain);

/*
 * Verifies the chain for an extended key usage, and for a host where it is not NULL: names are compared
 * as RFC 6125 has it, and an address must stand in the certificate as one. *status gets GnuTLS'
 * GNUTLS_CERT_*, 0 when all is well. 0, or an error of GnuTLS.
 */
int certificate_chain_verify(const struct certificate_chain *chain, const struct trust *trust,
                             const char *host, const char *purpose, unsigned int *status);

/* Fails with GSS_S_UNAUTHORIZED and this minor status, in GnuTLS' words for *status. */
OM_uint32 certificate_chain_fail(OM_uint32 *minor, long code, unsigned int status);

#endif
