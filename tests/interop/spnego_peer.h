/* One side of a SPNEGO logon, with MIT's library or with Heimdal's. */
#ifndef TESTS_INTEROP_SPNEGO_PEER_H
#define TESTS_INTEROP_SPNEGO_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <gssapi/gssapi.h>
#ifndef SPNEGO_PEER_HEIMDAL
#include <gssapi/gssapi_ext.h>
#endif

/* An OID by its content octets. */
#define OID_OF(octets)                               \
    {                                                \
        sizeof octets - 1, (void *)(uintptr_t)octets \
    }

struct peer {
    bool initiator;
    gss_OID mechanism;
    const char *target;
    OM_uint32 request_flags;
    const char *bindings_text;
    bool acquire;
    const char *neg_mechs;
    struct store_element {
        const char *key;
        const char *value;
    } store; /* one is enough */

    gss_name_t target_name;
    gss_cred_id_t credential;
    gss_ctx_id_t context;
    OM_uint32 major;
    OM_uint32 minor;
    OM_uint32 flags;
    gss_OID actual_mechanism;
    gss_name_t source;
    gss_cred_id_t delegated;
};

extern gss_OID_desc peer_krb5_oid;

/* A status in words, in static memory: "what GSS calls it / what the mechanism says". */
const char *peer_status_text(const struct peer *peer, OM_uint32 major, OM_uint32 minor);

/* A name of the form service@host; GSS_C_NO_NAME when it is refused. The caller releases it. */
gss_name_t peer_host_based(const char *text);

/*
 * Lines name=value on what came of the logon: major, minor, text; after one that succeeded flags, mechanism
 * (hexadecimal octets), source, inquired_*, lifetime, local, open, derived_key and session_key where
 * there are some, and of a delegated credential its name (delegated) and the length of a token that it
 * made for another service (second_hop). The caller frees them; NULL without memory.
 */
char *peer_report(struct peer *peer, size_t *length);

#endif
