/*
 * Whether a client's certificate is good, where an acceptor asks for one: during the handshake, before
 * the client's first word in the logon. It says nothing about who the user is.
 */
#ifndef MECH_CLIENT_CHECK_H
#define MECH_CLIENT_CHECK_H

#include <gnutls/gnutls.h>

#include "mech/client_demand.h"
#include "mech/mechglue.h"
#include "mech/trust.h"

/* Policy's demand and the credential's: both must be met. */
#define CLIENT_DEMANDS 2

struct client_check {
    bool is_required;
    struct trust *trusts[CLIENT_DEMANDS]; /* each must vouch for the certificate; NULL: none such */
};

/*
 * Makes the check that both demands come to; *check is NULL where neither asks for a certificate. own
 * may be NULL; without authorities of its own it has those of policy. Fails when a demand is left
 * without authorities, or they cannot be read. The caller releases it with client_check_release.
 */
OM_uint32 client_check_create(OM_uint32 *minor, const struct client_demand *policy,
                              const struct client_demand *own, struct client_check **check);

/* Releases and sets to NULL; NULL is allowed. */
void client_check_release(struct client_check **check);

/*
 * GSS_S_COMPLETE, or why the client is refused, with a minor status for each reason and *alert for the
 * client. count is 0 when it showed no certificate. What stands in the certificate (DER) is
 * not in the error's text: until now nobody vouches for it.
 */
OM_uint32 client_check_certificates(OM_uint32 *minor, const struct client_check *check,
                                    const gnutls_datum_t *certificates, unsigned int count,
                                    gnutls_alert_description_t *alert);

#endif
