/*
 * Whether a server is who it should be, by its certificate: asked during the handshake, before anything
 * of the user's goes to it.
 */
#ifndef MECH_SERVER_CHECK_H
#define MECH_SERVER_CHECK_H

#include <gnutls/gnutls.h>

#include "mech/mechglue.h"
#include "mech/server_demand.h"

/* Policy's demand and the credential's: both must be met. */
#define SERVER_DEMANDS 2

struct server_check {
    char *target; /* service principal name */
    char *host;   /* NULL: the target has none */
    struct server_demand demands[SERVER_DEMANDS];
};

/*
 * Copies all; own may be NULL. NULL when memory runs out. The caller releases it with
 * server_check_release.
 */
struct server_check *server_check_create(const char *target, const struct server_demand *policy,
                                         const struct server_demand *own);

/* Releases and sets to NULL; NULL is allowed. */
void server_check_release(struct server_check **check);

/* Whether a server that passes the check has proved who it is. */
bool server_check_proves(const struct server_check *check);

/*
 * Asks each demand about the server's certificates, its own first (DER). GSS_S_COMPLETE, or why it is
 * refused, with a minor status for each reason: it is issued by nobody who is trusted, for another
 * host, for another time, not the one that is pinned.
 */
OM_uint32 server_check_certificates(OM_uint32 *minor, const struct server_check *check,
                                    const gnutls_datum_t *chain, unsigned int count);

#endif
