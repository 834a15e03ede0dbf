/* The acceptor's certificate: from files, or a self-signed one made once for each process. */
#ifndef MECH_CERTIFICATE_H
#define MECH_CERTIFICATE_H

#include <gnutls/gnutls.h>

#include "common/byte_range.h"
#include "mech/mechglue.h"
#include "mech/policy.h"

/* A certificate with its key; shared by contexts and not changed after it was made. */
struct certificate {
    unsigned int references;
    gnutls_certificate_credentials_t credentials;
    char *identity; /* of the files it came from, NULL for a self-signed one */
};

/*
 * The certificate to serve. certificate_file and key_file (PEM) win; then those of policy; then the
 * process's self-signed one. Files that have not changed since they were last read are not read
 * again. NULL, with *minor set, on failure; the caller releases it.
 */
struct certificate *certificate_acquire(OM_uint32 *minor, const struct policy *policy,
                                        const char *certificate_file, const char *key_file);

/* NULL is allowed. */
void certificate_release(struct certificate *certificate);

/*
 * The public key that CredSSP binds (MS-CSSP 3.1.5): the content of the subjectPublicKey BIT STRING
 * of a certificate (DER), without its count of unused bits. *key points into the certificate, which
 * GnuTLS has read and checked for itself during the handshake.
 */
OM_uint32 certificate_public_key(OM_uint32 *minor, struct byte_range certificate,
                                 struct byte_range *key);

#endif
