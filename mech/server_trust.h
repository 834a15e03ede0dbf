/* Whether somebody who is trusted vouches for a server, for callers that judge by themselves. */
#ifndef MECH_SERVER_TRUST_H
#define MECH_SERVER_TRUST_H

#include <stdint.h>

#include "mech/certificate_chain.h"
#include "mech/server_check.h"

/* The bits of Windows' CERT_TRUST_STATUS (Microsoft: CERT_TRUST_STATUS structure). */
struct server_trust {
    uint32_t errors;
    uint32_t information;
};

/*
 * Verifies a chain as a server's, for TLS or for remote desktops, and for a host where it is not NULL.
 * *status gets GnuTLS' GNUTLS_CERT_*. 0, or an error of GnuTLS.
 */
int server_trust_verify(const struct certificate_chain *chain, const struct trust *trust,
                        const char *host, unsigned int *status);

/*
 * What verifying a server's certificates (DER), its own first, comes to against the authorities that
 * the check is about: the credential's, or else policy's, or else the system's. An error only when
 * there is no certificate, or no authority can be read.
 */
OM_uint32 server_trust_find(OM_uint32 *minor, const struct server_check *check,
                            const gnutls_datum_t *certificates, unsigned int count,
                            struct server_trust *trust);

#endif
