/* The door for what can be said without a context: status, attributes, policy. */
#include "mech/plugin/door.h"

#include <string.h>

#include "mech/attributes.h"

#pragma GCC visibility push(default)

OM_uint32 gss_display_status(OM_uint32 *minor, OM_uint32 value, int type, gss_OID mechanism,
                             OM_uint32 *message_context, gss_buffer_t text)
{
    (void)mechanism;
    clear_buffer(text);
    *message_context = 0;
    if (type != GSS_C_MECH_CODE)
        return GSS_S_BAD_STATUS;
    return status_display(minor, value, text);
}
INTERPOSER_ALIAS(gssi_display_status, gss_display_status);

OM_uint32 gss_indicate_mechs(OM_uint32 *minor, gss_OID_set *mechanisms)
{
    return mechanism_set(minor, GSS_C_NO_OID, mechanisms);
}

OM_uint32 gss_inquire_attrs_for_mech(OM_uint32 *minor, gss_const_OID mechanism,
                                     gss_OID_set *attributes, gss_OID_set *known)
{
    return attributes_inquire(minor, mechanism, attributes, known);
}
INTERPOSER_ALIAS(gssi_inquire_attrs_for_mech, gss_inquire_attrs_for_mech);

OM_uint32 gss_inquire_saslname_for_mech(OM_uint32 *minor, const gss_OID mechanism,
                                        gss_buffer_t sasl_name, gss_buffer_t name,
                                        gss_buffer_t description)
{
    return sasl_name_inquire(minor, mechanism, sasl_name, name, description);
}
INTERPOSER_ALIAS(gssi_inquire_saslname_for_mech, gss_inquire_saslname_for_mech);

OM_uint32 gss_inquire_mech_for_saslname(OM_uint32 *minor, const gss_buffer_t sasl_name,
                                        gss_OID *mechanism)
{
    return sasl_name_find(minor, sasl_name, mechanism);
}
INTERPOSER_ALIAS(gssi_inquire_mech_for_saslname, gss_inquire_mech_for_saslname);

/* Our OIDs are static: this tells gss_release_oid not to free them. */
OM_uint32 gss_internal_release_oid(OM_uint32 *minor, gss_OID *oid);
OM_uint32 gss_internal_release_oid(OM_uint32 *minor, gss_OID *oid)
{
    const gss_OID own[] = {oid_credssp, oid_negotiate, oid_spnego};
    bool known = inner_owns_oid(*oid);

    *minor = 0;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        known = known || *oid == own[i];
    if (!known)
        return GSS_S_CONTINUE_NEEDED;
    *oid = GSS_C_NO_OID;
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_internal_release_oid, gss_internal_release_oid);

/* Questions of our own that need no context: gssapi_sspi.h. */
OM_uint32 gssspi_mech_invoke(OM_uint32 *minor, const gss_OID mechanism, const gss_OID object,
                             gss_buffer_t value)
{
    struct gss_sspi_failure failure = last_failure();
    struct policy *policy;
    OM_uint32 major;

    (void)mechanism;
    *minor = 0;
    if (oid_equal(object, GSS_SSPI_LAST_FAILURE)) {
        if (value == GSS_C_NO_BUFFER || value->length != sizeof failure || value->value == NULL)
            return GSS_S_CALL_BAD_STRUCTURE;
        memcpy(value->value, &failure, sizeof failure);
        return GSS_S_COMPLETE;
    }
    if (!oid_equal(object, GSS_SSPI_POLICY) || value == GSS_C_NO_BUFFER)
        return GSS_S_UNAVAILABLE;
    policy = policy_acquire(minor);
    if (policy == NULL)
        return GSS_S_FAILURE;
    major = policy_describe(minor, policy, value);
    policy_release(policy);
    return major;
}

/* What the interposer takes over (the mechglue asks and frees the set). */
gss_OID_set gss_mech_interposer(gss_OID mechanism);
gss_OID_set gss_mech_interposer(gss_OID mechanism)
{
    gss_OID_set set = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    if (!oid_equal(mechanism, oid_interposer) || GSS_ERROR(mechanism_set(&minor, oid_spnego, &set)))
        return GSS_C_NO_OID_SET;
    return set;
}

#pragma GCC visibility pop
