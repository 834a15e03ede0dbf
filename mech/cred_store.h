/* Putting a credential where other programs find it: gss_store_cred_into. */
#ifndef MECH_CRED_STORE_H
#define MECH_CRED_STORE_H

#include "mech/cred.h"

/* Where to, and how; the parameters of gss_store_cred_into. Nothing is owned. */
struct store_request {
    gss_cred_usage_t usage;
    bool overwrite;
    bool make_default;
    gss_const_key_value_set_t store; /* NULL: the default place */
    /* One of several elements of the caller's credential, which are stored one after the other. */
    bool among_others;
};

/*
 * Stores what the inner mechanisms have, those that can: Kerberos tickets go to a credential cache.
 * *stored (may be NULL) is the usage that was stored. GSS_S_UNAVAILABLE when no inner mechanism
 * can.
 *
 * MIT's SPNEGO has no such call, and its mechglue then reports success with nothing stored. Where the
 * caller's credential also has an element for Kerberos itself, that was stored a moment ago: with
 * among_others, a place that holds the same principal's tickets already is no error.
 */
OM_uint32 credential_store(OM_uint32 *minor, struct credential *credential,
                           const struct store_request *request, gss_cred_usage_t *stored);

#endif
