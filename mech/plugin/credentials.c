/* The door for credentials. */
#include "mech/plugin/door.h"

#include "mech/attributes.h"
#include "mech/cred_impersonate.h"
#include "mech/cred_option.h"
#include "mech/cred_store.h"

#pragma GCC visibility push(default)

/* Gives the caller a credential that was made, and what is known of it; major says how that went. */
static OM_uint32 give_credential(OM_uint32 *minor, OM_uint32 major, struct credential **credential,
                                 gss_cred_id_t *handle, gss_OID_set *mechanisms,
                                 OM_uint32 *time_rec)
{
    if (!GSS_ERROR(major) && time_rec != NULL)
        major = credential_inquire(minor, *credential, NULL, time_rec, NULL);
    if (!GSS_ERROR(major) && mechanisms != NULL)
        major = mechanism_set(minor, GSS_C_NO_OID, mechanisms);
    if (GSS_ERROR(major))
        credential_release(credential);
    *handle = (gss_cred_id_t)*credential;
    return major;
}

static OM_uint32 acquire(OM_uint32 *minor, const struct credential_request *request,
                         gss_cred_id_t *handle, gss_OID_set *mechanisms, OM_uint32 *time_rec)
{
    struct credential *credential = NULL;
    OM_uint32 major = credential_acquire(minor, request, &credential);

    return give_credential(minor, major, &credential, handle, mechanisms, time_rec);
}

OM_uint32 gss_acquire_cred_from(OM_uint32 *minor, gss_name_t desired_name, OM_uint32 time_req,
                                gss_OID_set desired_mechs, gss_cred_usage_t usage,
                                gss_const_key_value_set_t store, gss_cred_id_t *handle,
                                gss_OID_set *actual_mechs, OM_uint32 *time_rec)
{
    const struct credential_request request = {
        .name = name_of(desired_name), .time_req = time_req, .usage = usage, .store = store};

    (void)desired_mechs;
    return acquire(minor, &request, handle, actual_mechs, time_rec);
}
INTERPOSER_ALIAS(gssi_acquire_cred_from, gss_acquire_cred_from);

OM_uint32 gss_acquire_cred(OM_uint32 *minor, gss_name_t desired_name, OM_uint32 time_req,
                           gss_OID_set desired_mechs, gss_cred_usage_t usage, gss_cred_id_t *handle,
                           gss_OID_set *actual_mechs, OM_uint32 *time_rec)
{
    const struct credential_request request = {
        .name = name_of(desired_name), .time_req = time_req, .usage = usage};

    (void)desired_mechs;
    return acquire(minor, &request, handle, actual_mechs, time_rec);
}
INTERPOSER_ALIAS(gssi_acquire_cred, gss_acquire_cred);

OM_uint32 gssspi_acquire_cred_with_password(OM_uint32 *minor, const gss_name_t desired_name,
                                            const gss_buffer_t password, OM_uint32 time_req,
                                            const gss_OID_set desired_mechs, int usage,
                                            gss_cred_id_t *handle, gss_OID_set *actual_mechs,
                                            OM_uint32 *time_rec);
OM_uint32 gssspi_acquire_cred_with_password(OM_uint32 *minor, const gss_name_t desired_name,
                                            const gss_buffer_t password, OM_uint32 time_req,
                                            const gss_OID_set desired_mechs, int usage,
                                            gss_cred_id_t *handle, gss_OID_set *actual_mechs,
                                            OM_uint32 *time_rec)
{
    const struct credential_request request = {.name = name_of(desired_name),
                                               .password = password,
                                               .time_req = time_req,
                                               .usage = (gss_cred_usage_t)usage};

    (void)desired_mechs;
    return acquire(minor, &request, handle, actual_mechs, time_rec);
}
INTERPOSER_ALIAS(gssi_acquire_cred_with_password, gssspi_acquire_cred_with_password);

OM_uint32 gss_release_cred(OM_uint32 *minor, gss_cred_id_t *handle)
{
    struct credential *credential = credential_of(*handle);

    *minor = 0;
    credential_release(&credential);
    *handle = GSS_C_NO_CREDENTIAL;
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_release_cred, gss_release_cred);

OM_uint32 gss_inquire_cred(OM_uint32 *minor, gss_cred_id_t handle, gss_name_t *name,
                           OM_uint32 *lifetime, gss_cred_usage_t *usage, gss_OID_set *mechanisms)
{
    const struct credential_request request = {.usage = GSS_C_INITIATE};
    struct credential *made = NULL;
    OM_uint32 major = GSS_S_COMPLETE;

    if (handle == GSS_C_NO_CREDENTIAL)
        major = credential_acquire(minor, &request, &made);
    if (!GSS_ERROR(major))
        major = credential_inquire(minor, made != NULL ? made : credential_of(handle),
                                   (struct name **)name, lifetime, usage);
    if (!GSS_ERROR(major) && mechanisms != NULL)
        major = mechanism_set(minor, GSS_C_NO_OID, mechanisms);
    credential_release(&made);
    return major;
}
INTERPOSER_ALIAS(gssi_inquire_cred, gss_inquire_cred);

OM_uint32 gss_inquire_cred_by_mech(OM_uint32 *minor, gss_cred_id_t handle, gss_OID mechanism,
                                   gss_name_t *name, OM_uint32 *initiator_lifetime,
                                   OM_uint32 *acceptor_lifetime, gss_cred_usage_t *usage)
{
    OM_uint32 lifetime = 0;
    gss_cred_usage_t own_usage = GSS_C_BOTH;
    OM_uint32 major = gss_inquire_cred(minor, handle, name, &lifetime, &own_usage, NULL);

    (void)mechanism;
    if (GSS_ERROR(major))
        return major;
    if (initiator_lifetime != NULL)
        *initiator_lifetime = own_usage != GSS_C_ACCEPT ? lifetime : 0;
    if (acceptor_lifetime != NULL)
        *acceptor_lifetime = own_usage != GSS_C_INITIATE ? lifetime : 0;
    if (usage != NULL)
        *usage = own_usage;
    return major;
}
INTERPOSER_ALIAS(gssi_inquire_cred_by_mech, gss_inquire_cred_by_mech);

OM_uint32 gss_set_neg_mechs(OM_uint32 *minor, gss_cred_id_t handle, const gss_OID_set mechanisms)
{
    if (handle == GSS_C_NO_CREDENTIAL || mechanisms == GSS_C_NO_OID_SET)
        return fail(minor, GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED, GSS_SSPI_E_BAD_ARGUMENT,
                    NULL);
    return credential_set_neg_mechs(minor, credential_of(handle), mechanisms);
}
INTERPOSER_ALIAS(gssi_set_neg_mechs, gss_set_neg_mechs);

OM_uint32 gss_export_cred(OM_uint32 *minor, gss_cred_id_t handle, gss_buffer_t token)
{
    clear_buffer(token);
    return credential_export(minor, credential_of(handle), token);
}
INTERPOSER_ALIAS(gssi_export_cred, gss_export_cred);

OM_uint32 gss_import_cred(OM_uint32 *minor, gss_buffer_t token, gss_cred_id_t *handle)
{
    return credential_import(minor, token, (struct credential **)handle);
}
INTERPOSER_ALIAS(gssi_import_cred, gss_import_cred);

OM_uint32 gss_inquire_cred_by_oid(OM_uint32 *minor, const gss_cred_id_t handle,
                                  const gss_OID object, gss_buffer_set_t *data)
{
    return credential_inquire_option(minor, credential_of(handle), object, data);
}
INTERPOSER_ALIAS(gssi_inquire_cred_by_oid, gss_inquire_cred_by_oid);

OM_uint32 gssspi_set_cred_option(OM_uint32 *minor, gss_cred_id_t *handle, const gss_OID object,
                                 const gss_buffer_t value);
OM_uint32 gssspi_set_cred_option(OM_uint32 *minor, gss_cred_id_t *handle, const gss_OID object,
                                 const gss_buffer_t value)
{
    return credential_set_option(minor, (struct credential **)handle, object, value);
}
INTERPOSER_ALIAS(gssi_set_cred_option, gssspi_set_cred_option);

OM_uint32 gss_acquire_cred_impersonate_name(OM_uint32 *minor, const gss_cred_id_t impersonator,
                                            const gss_name_t desired_name, OM_uint32 time_req,
                                            const gss_OID_set desired_mechs, gss_cred_usage_t usage,
                                            gss_cred_id_t *handle, gss_OID_set *actual_mechs,
                                            OM_uint32 *time_rec)
{
    const struct impersonation_request request = {.impersonator = credential_of(impersonator),
                                                  .name = name_of(desired_name),
                                                  .time_req = time_req,
                                                  .usage = usage};
    struct credential *credential = NULL;
    OM_uint32 major = credential_impersonate(minor, &request, &credential);

    (void)desired_mechs;
    return give_credential(minor, major, &credential, handle, actual_mechs, time_rec);
}
INTERPOSER_ALIAS(gssi_acquire_cred_impersonate_name, gss_acquire_cred_impersonate_name);

OM_uint32 gss_store_cred_into(OM_uint32 *minor, gss_cred_id_t handle, gss_cred_usage_t usage,
                              gss_OID mechanism, OM_uint32 overwrite, OM_uint32 make_default,
                              gss_const_key_value_set_t store, gss_OID_set *elements_stored,
                              gss_cred_usage_t *usage_stored)
{
    /* Of a credential with several elements, the mechglue stores each without asking for this set. */
    const struct store_request request = {.usage = usage,
                                          .overwrite = overwrite != 0,
                                          .make_default = make_default != 0,
                                          .store = store,
                                          .among_others = elements_stored == NULL};
    OM_uint32 major = credential_store(minor, credential_of(handle), &request, usage_stored);

    if (!GSS_ERROR(major) && elements_stored != NULL)
        major = mechanism_set(minor, mechanism, elements_stored);
    return major;
}
INTERPOSER_ALIAS(gssi_store_cred_into, gss_store_cred_into);

OM_uint32 gss_store_cred(OM_uint32 *minor, gss_cred_id_t handle, gss_cred_usage_t usage,
                         const gss_OID mechanism, OM_uint32 overwrite, OM_uint32 make_default,
                         gss_OID_set *elements_stored, gss_cred_usage_t *usage_stored)
{
    return gss_store_cred_into(minor, handle, usage, mechanism, overwrite, make_default,
                               GSS_C_NO_CRED_STORE, elements_stored, usage_stored);
}
INTERPOSER_ALIAS(gssi_store_cred, gss_store_cred);

#pragma GCC visibility pop
