#include "mech/cred_impersonate.h"

#include <stdio.h>
#include <string.h>

#include "mech/status.h"

/* Room for the reasons of all mechanisms in one sentence. */
#define REASONS_OCTETS 512

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
    char reasons[REASONS_OCTETS] = "";
    struct package_list allowed;
    OM_uint32 first = GSS_S_COMPLETE;
    bool made = false;

    credential_mechanisms(request->impersonator, &policy->packages, &allowed);
    for (size_t i = 0; i < allowed.count; i++) {
        enum inner_kind kind = allowed.kinds[i];
        gss_cred_id_t *inner = &c->inner[kind][request->usage == GSS_C_ACCEPT].handle;
        size_t used = strlen(reasons);
        OM_uint32 major;

        if (!credential_can_have(kind))
            continue;
        major = impersonate_with(minor, kind, request, inner);
        made = made || !GSS_ERROR(major);
        if (!GSS_ERROR(major))
            continue;
        if (first == GSS_S_COMPLETE)
            first = major;
        (void)snprintf(reasons + used, sizeof reasons - used, "%s%s", used != 0 ? "; " : "",
                       last_failure_text());
    }
    *minor = 0;
    if (made)
        return GSS_S_COMPLETE;
    return fail(minor, first != GSS_S_COMPLETE ? first : GSS_S_NO_CRED, GSS_SSPI_E_NO_MECHANISM,
                "%s", reasons[0] != '\0' ? reasons : "none is registered and allowed");
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
