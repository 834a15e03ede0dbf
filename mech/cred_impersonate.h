/* Credentials for a user who did not log on here: S4U2Self (MS-SFU). */
#ifndef MECH_CRED_IMPERSONATE_H
#define MECH_CRED_IMPERSONATE_H

#include "mech/cred.h"

/* Whom to stand for. Nothing is owned. */
struct impersonation_request {
    struct credential *impersonator; /* a service's, as initiator */
    const struct name *name;         /* the user */
    OM_uint32 time_req;
    gss_cred_usage_t usage; /* inner mechanisms know GSS_C_INITIATE only */
};

/*
 * Makes a credential of what the impersonator's inner mechanisms get for the user. It has nothing
 * else: a mechanism that cannot impersonate is never tried with credentials of the process. Fails,
 * as the first mechanism did, when none can; the sentence names all. *credential is NULL on
 * failure; the caller releases it with credential_release.
 */
OM_uint32 credential_impersonate(OM_uint32 *minor, const struct impersonation_request *request,
                                 struct credential **credential);

#endif
