/* What a CredHandle stands for. */
#ifndef SSPI_SHIM_CREDENTIALS_H
#define SSPI_SHIM_CREDENTIALS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <gssapi/gssapi.h>
#include "sspi-shim/delegation.h"
#include "sspi-shim/handles.h"
#include "sspi-shim/packages.h"

/* Contexts share the credential that they were made with: it may be freed before them. */
struct credential {
    struct handle_object handled; /* first: what has a handle begins with it */
    atomic_uint owners;
    const struct package *package;
    const gss_OID_desc *mechanism;
    gss_cred_id_t outbound; /* GSS_C_NO_CREDENTIAL: not asked for, or not to be had */
    gss_cred_id_t inbound;
    struct delegation *delegation; /* owns outbound when it is the thread's impersonated one */
    OM_uint32 lifetime;

    /*
     * The last context whose first call ended with SEC_E_BUFFER_TOO_SMALL: the call can be
     * repeated, but not by making the context again, which a replay check would refuse.
     */
    pthread_mutex_t lock;
    SecHandle parked;
    bool has_parked;
};

/* Adds an owner. */
struct credential *credential_share(struct credential *credential);

/* Ends one owner's share. NULL is allowed. */
void credential_release(struct credential *credential);

/* Keeps the handle of an unfinished context for its call's repetition; deletes the one before. */
void credential_park(struct credential *credential, const SecHandle *context);

/* Stops keeping the handle. */
void credential_unpark(struct credential *credential, const SecHandle *context);

/* True when *context is the handle that is kept. */
bool credential_is_parked(struct credential *credential, const SecHandle *context);

#endif
