/* A certificate for servers that were given none: signed with its own key. */
#ifndef MECH_SELF_SIGNED_H
#define MECH_SELF_SIGNED_H

#include <gnutls/x509.h>

#include "mech/policy.h"

struct self_signed {
    gnutls_x509_privkey_t key; /* NULL: none yet */
    gnutls_x509_crt_t crt;
};

/* Makes a key of this kind. 0, or an error of GnuTLS; the caller releases in both cases. */
int self_signed_generate(struct self_signed *self_signed, enum self_signed_key kind);

/* Makes a certificate for the key that is there, in place of the one that is there. As above. */
int self_signed_certify(struct self_signed *self_signed, long lifetime_seconds);

void self_signed_release(struct self_signed *self_signed);

#endif
