/* The credentials of inner mechanisms, acquired when a mechanism is tried. */
#include "mech/cred.h"

#include <string.h>

#include "common/nt_status.h"
#include "common/ntlm_offer.h"
#include "mech/status.h"

/* Another NTLM than gss-ntlmssp may not know the option, and is left as it is. */
static void offer_only_unicode(gss_cred_id_t *inner)
{
    uint32_t flags = NTLM_OFFER_FLAGS;
    gss_buffer_desc value = {sizeof flags, &flags};
    OM_uint32 ignored;

    (void)glue_set_cred_option(&ignored, inner, oid_ntlmssp_flags, &value);
}

static OM_uint32 acquire_default(OM_uint32 *minor, enum inner_kind kind, gss_cred_usage_t usage,
                                 gss_cred_id_t *inner)
{
    gss_OID_set_desc mechanisms = {1, inner_oid(kind)};
    OM_uint32 major = glue_acquire_cred_from(minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms,
                                             usage, GSS_C_NO_CRED_STORE, inner, NULL, NULL);

    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(kind), "acquiring credentials");
    return GSS_S_COMPLETE;
}

OM_uint32 credential_default_ntlm(OM_uint32 *minor, gss_cred_id_t *inner)
{
    OM_uint32 major = acquire_default(minor, INNER_NTLM, GSS_C_INITIATE, inner);

    if (!GSS_ERROR(major))
        offer_only_unicode(inner);
    return major;
}

/* Acquires from what the caller gave, for one use; the lock is held. */
static OM_uint32 acquire_for(OM_uint32 *minor, struct credential *c, enum inner_kind kind,
                             gss_cred_usage_t usage, gss_cred_id_t *inner)
{
    gss_OID_set_desc mechanisms = {1, inner_oid(kind)};
    bool acceptor = usage != GSS_C_INITIATE;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 ignored;
    OM_uint32 major;

    major = acceptor ? (c->name != GSS_C_NO_NAME ? name_for_target(minor, kind, c->name, &name)
                                                 : GSS_S_COMPLETE)
                     : name_for_user(minor, kind, c->name, &name);
    if (GSS_ERROR(major))
        return major;
    if (secret_is_present(&c->password) && !acceptor) {
        gss_buffer_desc password = {c->password.length, c->password.data};

        major = glue_acquire_cred_with_password(minor, name, &password, c->time_req, &mechanisms,
                                                usage, inner, NULL, NULL);
    } else {
        major = glue_acquire_cred_from(minor, name, c->time_req, &mechanisms, usage,
                                       c->store.count != 0 ? &c->store : GSS_C_NO_CRED_STORE, inner,
                                       NULL, NULL);
    }
    (void)glue_release_name(&ignored, &name);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(kind), "acquiring credentials");
    if (kind == INNER_NTLM && !acceptor)
        offer_only_unicode(inner);
    return GSS_S_COMPLETE;
}

/*
 * Acquires for one role; the lock is held. Kerberos hands a service the ticket that its client sent, for
 * constrained delegation (S4U2Proxy), only when one credential of the service is for both roles.
 */
static OM_uint32 acquire_inner(OM_uint32 *minor, struct credential *c, enum inner_kind kind,
                               bool acceptor, gss_cred_id_t *inner)
{
    if (!acceptor)
        return acquire_for(minor, c, kind, GSS_C_INITIATE, inner);
    if (c->usage == GSS_C_BOTH && kind == INNER_KERBEROS &&
        !GSS_ERROR(acquire_for(minor, c, kind, GSS_C_BOTH, inner)))
        return GSS_S_COMPLETE;
    return acquire_for(minor, c, kind, GSS_C_ACCEPT, inner);
}

/* Where a mechanism's credential for one role stands. */
static struct inner_credential *find_inner(struct credential *c, enum inner_kind kind,
                                           bool acceptor)
{
    struct inner_credential *own = &c->inner[kind][acceptor];
    struct inner_credential *other = &c->inner[kind][!acceptor];

    return c->only_given && own->handle == GSS_C_NO_CREDENTIAL ? other : own;
}

OM_uint32 credential_inner(OM_uint32 *minor, struct credential *credential, enum inner_kind kind,
                           bool acceptor, gss_cred_id_t *inner)
{
    struct inner_credential *own;
    OM_uint32 major = GSS_S_COMPLETE;

    *minor = 0;
    *inner = GSS_C_NO_CREDENTIAL;
    if (credential == NULL)
        return GSS_S_COMPLETE;
    if (credential->usage == (acceptor ? GSS_C_INITIATE : GSS_C_ACCEPT))
        return fail(minor, GSS_S_NO_CRED, GSS_SSPI_E_BAD_ARGUMENT,
                    "the credential was acquired for the other role");
    (void)pthread_mutex_lock(&credential->lock);
    own = find_inner(credential, kind, acceptor);
    if (own->handle == GSS_C_NO_CREDENTIAL && credential->only_given) {
        major = fail(minor, GSS_S_NO_CRED, GSS_SSPI_E_NO_MECHANISM, "the credential is not %s's",
                     inner_name(kind));
    } else if (own->text != NULL) {
        major = fail_again(minor, &own->failure, own->text);
    } else if (own->handle == GSS_C_NO_CREDENTIAL) {
        major = acquire_inner(minor, credential, kind, acceptor, &own->handle);
        if (GSS_ROUTINE_ERROR(major) == GSS_S_NO_CRED &&
            last_failure().nt_status != NT_STATUS_NO_LOGON_SERVERS) {
            own->failure = last_failure();
            own->text = strdup(last_failure_text());
        }
    }
    *inner = own->handle;
    (void)pthread_mutex_unlock(&credential->lock);
    return major;
}

/* NegoEx can where one of its mechanisms can. */
static OM_uint32 negoex_can_accept(OM_uint32 *minor, struct credential *credential)
{
    for (size_t kind = 0; kind < inner_count(); kind++) {
        if (inner_negoex_module((enum inner_kind)kind) != NULL &&
            !GSS_ERROR(credential_can_accept(minor, credential, (enum inner_kind)kind)))
            return GSS_S_COMPLETE;
    }
    return fail(minor, GSS_S_NO_CRED, GSS_SSPI_E_NO_MECHANISM, "none of NegoEx's can accept");
}

OM_uint32 credential_can_accept(OM_uint32 *minor, struct credential *credential,
                                enum inner_kind kind)
{
    gss_cred_id_t inner = GSS_C_NO_CREDENTIAL;
    OM_uint32 ignored;
    OM_uint32 major;

    if (kind == INNER_NEGOEX)
        return negoex_can_accept(minor, credential);
    if (credential != NULL)
        return credential_inner(minor, credential, kind, true, &inner);
    major = acquire_default(minor, kind, GSS_C_ACCEPT, &inner);
    (void)glue_release_cred(&ignored, &inner);
    return major;
}
