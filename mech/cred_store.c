#include "mech/cred_store.h"

#include "mech/status.h"

/* Whether the place that the request names holds credentials for the same name. */
static bool is_there_already(gss_cred_id_t inner, enum inner_kind kind,
                             const struct store_request *request)
{
    gss_OID_set_desc mechanisms = {1, inner_oid(kind)};
    gss_cred_id_t there = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 ignored;
    OM_uint32 major = glue_inquire_cred(&ignored, inner, &name, NULL, NULL, NULL);

    if (!GSS_ERROR(major) && name != GSS_C_NO_NAME)
        major = glue_acquire_cred_from(&ignored, name, GSS_C_INDEFINITE, &mechanisms,
                                       GSS_C_INITIATE, request->store, &there, NULL, NULL);
    (void)glue_release_cred(&ignored, &there);
    (void)glue_release_name(&ignored, &name);
    return !GSS_ERROR(major);
}

/* Stores one inner credential; GSS_S_UNAVAILABLE when its mechanism cannot. */
static OM_uint32 store_inner(OM_uint32 *minor, gss_cred_id_t inner, enum inner_kind kind,
                             const struct store_request *request, gss_cred_usage_t *stored)
{
    gss_OID_set elements = GSS_C_NO_OID_SET;
    OM_uint32 ignored;
    OM_uint32 major;

    /* Asked for a mechanism that cannot, the mechglue says that it did; asked for all, it fails. */
    major = glue_store_cred_into(minor, inner, request->usage, GSS_C_NO_OID, request->overwrite,
                                 request->make_default, request->store, &elements, stored);
    if (GSS_ERROR(major) && *minor == 0 && GSS_ROUTINE_ERROR(major) == GSS_S_FAILURE)
        major = GSS_S_UNAVAILABLE;
    if (GSS_ROUTINE_ERROR(major) == GSS_S_DUPLICATE_ELEMENT && request->among_others &&
        is_there_already(inner, kind, request))
        major = GSS_S_COMPLETE;
    (void)glue_release_oid_set(&ignored, &elements);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(kind), "storing credentials");
    *minor = 0;
    return GSS_S_COMPLETE;
}

OM_uint32 credential_store(OM_uint32 *minor, struct credential *credential,
                           const struct store_request *request, gss_cred_usage_t *stored)
{
    gss_cred_usage_t usage = GSS_C_INITIATE;
    OM_uint32 result = fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE,
                            "no inner mechanism stores credentials");
    OM_uint32 result_minor = *minor;

    for (size_t kind = 0; kind < inner_count(); kind++) {
        gss_cred_id_t inner = GSS_C_NO_CREDENTIAL;
        OM_uint32 major;

        if (!credential_can_have((enum inner_kind)kind))
            continue;
        major = credential_inner(minor, credential, (enum inner_kind)kind,
                                 credential->usage == GSS_C_ACCEPT, &inner);
        if (!GSS_ERROR(major))
            major = store_inner(minor, inner, (enum inner_kind)kind, request, &usage);
        /* Success with one may hide another's failure, as the mechglue has it. */
        if (major == GSS_S_COMPLETE ||
            (result == GSS_S_UNAVAILABLE && GSS_ROUTINE_ERROR(major) != GSS_S_UNAVAILABLE)) {
            result = major;
            result_minor = *minor;
        }
        if (major == GSS_S_COMPLETE && stored != NULL)
            *stored = usage;
    }
    *minor = result_minor;
    return result;
}
