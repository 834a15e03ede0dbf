/*
 * Credentials of our mechanisms: what the caller gave, and the credentials of inner mechanisms that
 * are acquired from it when a mechanism is tried, not before.
 */
#ifndef MECH_CRED_H
#define MECH_CRED_H

#include <pthread.h>
#include <stdbool.h>

#include "common/secret.h"
#include "mech/inner.h"
#include "mech/name.h"
#include "mech/policy.h"
#include "mech/smart_card.h"
#include "mech/status.h"
#include "mech/tls_priority.h"

/* One inner mechanism's credential for one direction. */
struct inner_credential {
    gss_cred_id_t handle; /* GSS_C_NO_CREDENTIAL until it is acquired */
    /* Why it cannot be had; text is NULL as long as it was not refused. What was not there when the
     * credential was made is not looked for again, as with credentials of other mechanisms; a KDC
     * that could not be reached is asked again. */
    struct gss_sspi_failure failure;
    char *text;
};

struct credential {
    gss_cred_usage_t usage;
    gss_name_t name; /* GSS_C_NO_NAME: the default */
    OM_uint32 time_req;
    struct secret password;
    bool is_saved; /* password or tickets come from what the user keeps for later logons */
    struct smart_card *smart_card; /* initiator: to be delegated; NULL: none */
    char *certificate;             /* acceptor: files, or NULL for what policy says */
    char *private_key;
    struct server_demand server;                  /* initiator: besides what policy demands */
    struct client_demand client;                  /* acceptor: besides what policy demands */
    struct certificate_source client_certificate; /* initiator: instead of policy's */
    enum tls_versions tls_versions;               /* of those that policy allows */
    bool needs_channel_bindings;                  /* acceptor: whatever policy says */
    gss_key_value_set_desc store;                 /* what is passed on to inner mechanisms; owned */

    /*
     * It was made of inner credentials, which are all that it has: none is acquired. One that
     * serves both roles stands in one place of inner.
     */
    bool only_given;

    pthread_mutex_t
        lock;            /* guards the rest: contexts of several threads may share the credential */
    char *packages;      /* package list, as it was given; NULL: none was */
    gss_OID_set allowed; /* gss_set_neg_mechs; NULL: all */
    bool no_integrity;   /* see credential_asks_integrity */
    bool asks_without_certificate; /* initiator: see credential_set_without_certificate */
    struct inner_credential inner[INNER_MAXIMUM][2]; /* [mechanism][acceptor] */
};

/* Where a credential comes from. Nothing is owned; all may be absent but usage. */
struct credential_request {
    const struct name *name;
    gss_buffer_t password;
    OM_uint32 time_req;
    gss_cred_usage_t usage;
    gss_const_key_value_set_t store;
};

/*
 * Makes a credential. Without a password it asks the inner mechanisms, in their order, until one
 * has credentials for each direction, and fails with the reasons of all when none has: programs
 * rely on gss_acquire_cred to tell them that there is no ticket. *credential is NULL on failure;
 * the caller releases it with credential_release.
 */
OM_uint32 credential_acquire(OM_uint32 *minor, const struct credential_request *request,
                             struct credential **credential);

/* An empty credential, for those who fill it in; NULL when memory runs out. */
struct credential *credential_create(void);

/* Whether an inner mechanism has credentials: NegoEx has none but those of its mechanisms. */
bool credential_can_have(enum inner_kind kind);

/* A credential for those who give it inner credentials: see only_given. NULL when memory runs out. */
struct credential *credential_create_given(gss_cred_usage_t usage);

/*
 * A credential as octets, for another process or for a copy. It holds what the credential holds, secrets
 * included. The caller wipes it and frees it with gss_release_buffer.
 */
OM_uint32 credential_export(OM_uint32 *minor, struct credential *credential, gss_buffer_t token);

/*
 * The credential that credential_export made a token of, or one of the mechglue's with a Kerberos
 * element; NULL on failure.
 */
OM_uint32 credential_import(OM_uint32 *minor, gss_buffer_t token, struct credential **credential);

/* Releases and sets to NULL; NULL is allowed. Secrets are wiped. */
void credential_release(struct credential **credential);

/*
 * The inner mechanism's credential, acquired now when it was not before. A NULL credential stands
 * for the caller's defaults and gives GSS_C_NO_CREDENTIAL. *inner stays the credential's.
 */
OM_uint32 credential_inner(OM_uint32 *minor, struct credential *credential, enum inner_kind kind,
                           bool acceptor, gss_cred_id_t *inner);

/*
 * Whether the inner mechanism has a credential to accept with; for a NULL credential the caller's
 * default is acquired and given back. GSS_S_COMPLETE, or the reason.
 */
OM_uint32 credential_can_accept(OM_uint32 *minor, struct credential *credential,
                                enum inner_kind kind);

/*
 * The caller's default NTLM credential as an initiator. Unlike the default that gss-ntlmssp would
 * take by itself, it offers Unicode alone: servers that send both character sets back (FreeRDP 2)
 * would be refused. The caller releases *inner with gss_release_cred.
 */
OM_uint32 credential_default_ntlm(OM_uint32 *minor, gss_cred_id_t *inner);

/*
 * The inner mechanisms that are registered and that the caller (credential, NULL for the default)
 * and policy (packages) allow, in the order of gss_set_neg_mechs, or else of the credential's
 * package list, or else of packages.
 */
void credential_mechanisms(struct credential *credential, const struct package_list *packages,
                           struct package_list *allowed);

/*
 * Whether integrity is asked of the inner mechanism though the caller did not: so the list of mechanisms
 * can be protected. KRB5_NO_CI_FLAGS_X_OID switches it off, for protocols that must not have it.
 */
bool credential_asks_integrity(struct credential *credential);

/* Gives the credential a package list of its own. */
OM_uint32 credential_set_packages(OM_uint32 *minor, struct credential *credential,
                                  const char *text);

/* gss_set_neg_mechs: replaces what is allowed, and its order; a copy is made. */
OM_uint32 credential_set_neg_mechs(OM_uint32 *minor, struct credential *credential,
                                   gss_const_OID_set mechanisms);

/*
 * gss_inquire_cred: the name and lifetime of the first inner credential that can be had; out
 * parameters may be NULL. *name is the caller's.
 */
OM_uint32 credential_inquire(OM_uint32 *minor, struct credential *credential, struct name **name,
                             OM_uint32 *lifetime, gss_cred_usage_t *usage);

#endif
