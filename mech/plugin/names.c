/* The door for names. */
#include "mech/plugin/door.h"

#include "mech/attributes.h"

#pragma GCC visibility push(default)

OM_uint32 gss_import_name(OM_uint32 *minor, gss_buffer_t text, gss_OID type, gss_name_t *name)
{
    return name_import(minor, text, type, (struct name **)name);
}
INTERPOSER_ALIAS(gssi_import_name, gss_import_name);

OM_uint32 gss_release_name(OM_uint32 *minor, gss_name_t *name)
{
    *minor = 0;
    name_release((struct name **)name);
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_release_name, gss_release_name);

OM_uint32 gss_display_name(OM_uint32 *minor, gss_name_t name, gss_buffer_t text, gss_OID *type)
{
    return name_display(minor, name_of(name), text, type);
}
INTERPOSER_ALIAS(gssi_display_name, gss_display_name);

OM_uint32 gss_compare_name(OM_uint32 *minor, gss_name_t a, gss_name_t b, int *equal)
{
    return glue_compare_name(minor, name_of(a)->glue, name_of(b)->glue, equal);
}
INTERPOSER_ALIAS(gssi_compare_name, gss_compare_name);

OM_uint32 gss_duplicate_name(OM_uint32 *minor, const gss_name_t name, gss_name_t *copy)
{
    gss_name_t glue = GSS_C_NO_NAME;
    OM_uint32 major = glue_duplicate_name(minor, name_of(name)->glue, &glue);

    return GSS_ERROR(major) ? major : name_adopt(minor, &glue, (struct name **)copy);
}
INTERPOSER_ALIAS(gssi_duplicate_name, gss_duplicate_name);

OM_uint32 gss_export_name(OM_uint32 *minor, const gss_name_t name, gss_buffer_t text)
{
    return name_export(minor, name_of(name), oid_negotiate, text);
}

/* In MIT's place, what lies in access lists that were made with MIT's SPNEGO. */
extern __typeof__(gss_export_name) gssi_export_name;
OM_uint32 gssi_export_name(OM_uint32 *minor, const gss_name_t name, gss_buffer_t text)
{
    return name_export_text(minor, name_of(name), oid_spnego, text);
}

/* Who a name is on this machine: the inner mechanism's rules decide (auth_to_local, .k5login). */
OM_uint32 gss_localname(OM_uint32 *minor, const gss_name_t name, gss_const_OID mechanism,
                        gss_buffer_t local)
{
    (void)mechanism;
    return glue_localname(minor, name_of(name)->glue, GSS_C_NO_OID, local);
}
INTERPOSER_ALIAS(gssi_localname, gss_localname);

OM_uint32 gssspi_authorize_localname(OM_uint32 *minor, const gss_name_t name,
                                     gss_const_buffer_t user, gss_const_OID user_type);
OM_uint32 gssspi_authorize_localname(OM_uint32 *minor, const gss_name_t name,
                                     gss_const_buffer_t user, gss_const_OID user_type)
{
    gss_name_t local = GSS_C_NO_NAME;
    OM_uint32 ignored;
    OM_uint32 major = glue_import_name(minor, (gss_buffer_t)(uintptr_t)user,
                                       (gss_OID)(uintptr_t)user_type, &local);

    if (GSS_ERROR(major))
        return major;
    major = glue_authorize_localname(minor, name_of(name)->glue, local);
    (void)glue_release_name(&ignored, &local);
    /* MIT's mechglue ends so where Kerberos said no, and compares the names when it hears it of us. */
    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE)
        major = GSS_S_UNAUTHORIZED;
    return major;
}
INTERPOSER_ALIAS(gssi_authorize_localname, gssspi_authorize_localname);

/* The naming extensions (RFC 6680) are the inner mechanism's: a PAC's attributes, for example. */
OM_uint32 gss_inquire_name(OM_uint32 *minor, gss_name_t name, int *is_mechanism_name,
                           gss_OID *mechanism, gss_buffer_set_t *attributes)
{
    return glue_inquire_name(minor, name_of(name)->glue, is_mechanism_name, mechanism, attributes);
}
INTERPOSER_ALIAS(gssi_inquire_name, gss_inquire_name);

OM_uint32 gss_get_name_attribute(OM_uint32 *minor, gss_name_t name, gss_buffer_t attribute,
                                 int *authenticated, int *complete, gss_buffer_t value,
                                 gss_buffer_t display_value, int *more)
{
    return glue_get_name_attribute(minor, name_of(name)->glue, attribute, authenticated, complete,
                                   value, display_value, more);
}
INTERPOSER_ALIAS(gssi_get_name_attribute, gss_get_name_attribute);

OM_uint32 gss_set_name_attribute(OM_uint32 *minor, gss_name_t name, int complete,
                                 gss_buffer_t attribute, gss_buffer_t value)
{
    return glue_set_name_attribute(minor, name_of(name)->glue, complete, attribute, value);
}
INTERPOSER_ALIAS(gssi_set_name_attribute, gss_set_name_attribute);

OM_uint32 gss_delete_name_attribute(OM_uint32 *minor, gss_name_t name, gss_buffer_t attribute)
{
    return glue_delete_name_attribute(minor, name_of(name)->glue, attribute);
}
INTERPOSER_ALIAS(gssi_delete_name_attribute, gss_delete_name_attribute);

OM_uint32 gss_display_name_ext(OM_uint32 *minor, gss_name_t name, gss_OID type, gss_buffer_t text)
{
    return glue_display_name_ext(minor, name_of(name)->glue, type, text);
}
INTERPOSER_ALIAS(gssi_display_name_ext, gss_display_name_ext);

OM_uint32 gss_export_name_composite(OM_uint32 *minor, gss_name_t name, gss_buffer_t text)
{
    return glue_export_name_composite(minor, name_of(name)->glue, text);
}
INTERPOSER_ALIAS(gssi_export_name_composite, gss_export_name_composite);

OM_uint32 gss_map_name_to_any(OM_uint32 *minor, gss_name_t name, int authenticated,
                              gss_buffer_t type, gss_any_t *mapping)
{
    return glue_map_name_to_any(minor, name_of(name)->glue, authenticated, type, mapping);
}
INTERPOSER_ALIAS(gssi_map_name_to_any, gss_map_name_to_any);

OM_uint32 gss_release_any_name_mapping(OM_uint32 *minor, gss_name_t name, gss_buffer_t type,
                                       gss_any_t *mapping)
{
    return glue_release_any_name_mapping(minor, name_of(name)->glue, type, mapping);
}
INTERPOSER_ALIAS(gssi_release_any_name_mapping, gss_release_any_name_mapping);

OM_uint32 gss_inquire_names_for_mech(OM_uint32 *minor, gss_OID mechanism, gss_OID_set *types)
{
    (void)mechanism;
    return name_types_inquire(minor, types);
}
INTERPOSER_ALIAS(gssi_inquire_names_for_mech, gss_inquire_names_for_mech);

#pragma GCC visibility pop
