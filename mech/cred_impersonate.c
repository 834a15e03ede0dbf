#include "mech/cred_impersonate.h"

#include "common/nt_status.h"
#include "mech/status.h"

static OM_uint32 impersonate_with(OM_uint32 *minor, enum inner_kind kind,
                                  const struct impersonation_request *request, gss_cred_id_t *inner)
{
    gss_OID_set_desc mechanisms = {1, inner_oid(kind)};
    gss_cred_id_t impersonator = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 ignored;
    OM_uint32 major = credential_inner(minor, request->impersonator, kind, false, &impersonator);

    if (!GSS_ERROR(major))
        major = name_for_user(minor, kind, request->name->glue, &name);
    if (GSS_ERROR(major))
        return major;
    major = glue_acquire_cred_impersonate_name(minor, impersonator, name, request->time_req,
                                               &mechanisms, request->usage, inner, NULL, NULL);
    (void)glue_release_name(&ignored, &name);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(kind), "impersonating a user");
    return GSS_S_COMPLETE;
}

/* Asks every mechanism; the reasons of all when none can. */
static OM_uint32 impersonate_with_any(OM_uint32 *minor, const struct policy *policy,
                                      const struct impersonation_request *request,
                                      struct credential *c)
{
    struct reasons reasons = NO_REASONS;
    struct package_list allowed;
    bool made = false;

    credential_mechanisms(request->impersonator, &policy->packages, &allowed);
    for (size_t i = 0; i < allowed.count; i++) {
        enum inner_kind kind = allowed.kinds[i];
        gss_cred_id_t *inner = &c->inner[kind][request->usage == GSS_C_ACCEPT].handle;

        if (!credential_can_have(kind))
            continue;
        if (GSS_ERROR(impersonate_with(minor, kind, request, inner)))
            note_reason(&reasons);
        else
            made = true;
    }
    *minor = 0;
    if (made)
        return GSS_S_COMPLETE;
    return fail_with_reasons(minor, reasons.first.major, NT_STATUS_NONE, &reasons);
}

OM_uint32 credential_impersonate(OM_uint32 *minor, const struct impersonation_request *request,
                                 struct credential **credential)
{
    struct policy *policy = policy_acquire(minor);
    struct credential *c;
    OM_uint32 major;

    *credential = NULL;
    if (policy == NULL)
        return GSS_S_FAILURE;
    c = credential_create_given(request->usage);
    if (c == NULL) {
        major = fail_no_memory(minor);
        goto done;
    }
    major = impersonate_with_any(minor, policy, request, c);
    if (GSS_ERROR(major))
        goto done;
    *credential = c;
    c = NULL;
done:
    credential_release(&c);
    policy_release(policy);
    return major;
}
