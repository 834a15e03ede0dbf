/*
 * The acceptor's certificate: from files, from a token, or a self-signed one that is kept in the state
 * directory or made once for each process.
 */
#ifndef MECH_CERTIFICATE_H
#define MECH_CERTIFICATE_H

#include <time.h>

#include <gnutls/gnutls.h>

#include "common/byte_range.h"
#include "mech/file_cache.h"
#include "mech/mechglue.h"
#include "mech/policy.h"

/* Extended key usage of a server that Windows' remote desktop service makes certificates for. */
#define TS_SERVER_AUTHENTICATION_PURPOSE "1.3.6.1.4.1.311.54.1.2"

/* A certificate with its key; shared by contexts and not changed after it was made. */
struct certificate {
    struct cached base;
    gnutls_certificate_credentials_t credentials;
    time_t renew_at;  /* of a self-signed one */
    char *key_source; /* of one that was given: it may say where a token's PIN is */
};

/*
 * The certificate to serve. certificate_file and key_file (PEM, or a PKCS#11 URI) win; then those of
 * policy; then a self-signed one. Files that have not changed since they were last read are not read
 * again, nor are tokens. NULL, with *minor set, on failure; the caller releases it.
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
