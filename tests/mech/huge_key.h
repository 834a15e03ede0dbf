/* An RSA key whose exponent is as long as its modulus: a signature of it takes long to verify. */
#ifndef TESTS_MECH_HUGE_KEY_H
#define TESTS_MECH_HUGE_KEY_H

#include <gnutls/abstract.h>

#include "tests/mech/certificate_files.h"

/* A quarter of a minute; the time grows with the third power. */
#define HUGE_KEY_OCTETS 6144

/* Puts such a key into the certificate, in memory only, and has issuer sign it. */
void huge_key_certify(struct certificate_files *files, const struct certificate_files *issuer);

/* A private key that says it is that one, and signs by making something up. */
gnutls_privkey_t huge_key_signer(void);

#endif
