/* Calls on names and on the mechanism itself. */
#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mech/spnego_calls.h"

static gss_buffer_desc local_user = {16, (void *)"local-login-user"};
static gss_buffer_desc unknown_attribute = {12, (void *)"urn:nobody:x"};

static void call_display(const struct subject *s)
{
    gss_name_t copy = GSS_C_NO_NAME;
    OM_uint32 minor;

    (void)result_major("duplicate", gss_duplicate_name(&minor, s->name, &copy));
    result_name("name", &copy);
}

static void call_compare(const struct subject *s)
{
    gss_name_t alice = import_name("alice", GSS_C_NT_USER_NAME);
    gss_name_t principal = import_name("alice@EXAMPLE.TEST", GSS_KRB5_NT_PRINCIPAL_NAME);
    OM_uint32 minor;
    int equal = -1;

    (void)result_major("itself", gss_compare_name(&minor, s->name, s->name, &equal));
    result("%d", equal);
    (void)result_major("alice", gss_compare_name(&minor, s->name, alice, &equal));
    result("%d", equal);
    (void)result_major("principal", gss_compare_name(&minor, s->name, principal, &equal));
    result("%d", equal);
}

static void call_canonicalize(const struct subject *s)
{
    gss_name_t own = GSS_C_NO_NAME;
    OM_uint32 minor;

    (void)result_major("", gss_canonicalize_name(&minor, s->name, mechanism, &own));
    result_name("name", &own);
}

/* Exports, imports what came, and compares that with the name. */
static void call_export_name(const struct subject *s)
{
    gss_buffer_desc exported = GSS_C_EMPTY_BUFFER;
    gss_name_t own = s->name;
    gss_name_t again = GSS_C_NO_NAME;
    OM_uint32 minor;
    int equal = -1;

    /* Only names that a peer proved are canonical already. */
    if (result_major("as it is", gss_export_name(&minor, own, &exported)) == GSS_S_NAME_NOT_MN &&
        (GSS_ERROR(gss_canonicalize_name(&minor, s->name, mechanism, &own)) ||
         GSS_ERROR(result_major("canonical", gss_export_name(&minor, own, &exported)))))
        return;
    if (GSS_ERROR(result_major("import",
                               gss_import_name(&minor, &exported, GSS_C_NT_EXPORT_NAME, &again))))
        return;
    (void)gss_canonicalize_name(&minor, again, mechanism, &again);
    (void)result_major("compare", gss_compare_name(&minor, own, again, &equal));
    result("equal=%d", equal);
    result_name("name", &again);
}

static void result_exported(const char *what, gss_name_t name)
{
    gss_buffer_desc exported = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (GSS_ERROR(result_major(what, gss_export_name(&minor, name, &exported))))
        return;
    for (size_t i = 0; i < exported.length; i++)
        result("%02x", ((unsigned char *)exported.value)[i]);
    (void)gss_release_buffer(&minor, &exported);
}

/* The exported form itself, which access lists hold. */
static void call_exported_form(const struct subject *s)
{
    gss_name_t own = GSS_C_NO_NAME;
    OM_uint32 minor;

    result_exported("as it is", s->name);
    if (!GSS_ERROR(gss_canonicalize_name(&minor, s->name, mechanism, &own)))
        result_exported("canonical", own);
}

static void call_display_ext(const struct subject *s)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    (void)result_major("user", gss_display_name_ext(&minor, s->name, GSS_C_NT_USER_NAME, &text));
    result_text("text", &text);
    (void)result_major("principal",
                       gss_display_name_ext(&minor, s->name,
                                            (gss_OID)(uintptr_t)GSS_KRB5_NT_PRINCIPAL_NAME, &text));
    result_text("text", &text);
}

static void call_inquire_name(const struct subject *s)
{
    gss_buffer_set_t attributes = GSS_C_NO_BUFFER_SET;
    gss_OID of = GSS_C_NO_OID;
    OM_uint32 minor;
    int is_mechanism_name = -1;

    if (GSS_ERROR(result_major(
            "", gss_inquire_name(&minor, s->name, &is_mechanism_name, &of, &attributes))))
        return;
    result("mn=%d", is_mechanism_name);
    result_oid("of", of);
    for (size_t i = 0; attributes != GSS_C_NO_BUFFER_SET && i < attributes->count; i++)
        result_text("attribute", &attributes->elements[i]);
}

static void call_attribute(const struct subject *s)
{
    gss_buffer_desc value = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    int authenticated = -1;
    int complete = -1;
    int more = -1;

    (void)result_major("get", gss_get_name_attribute(&minor, s->name, &local_user, &authenticated,
                                                     &complete, &value, &shown, &more));
    result("authenticated=%d complete=%d", authenticated, complete);
    result_text("value", &value);
    more = -1;
    (void)result_major("unknown", gss_get_name_attribute(&minor, s->name, &unknown_attribute, NULL,
                                                         NULL, NULL, NULL, &more));
    (void)result_major("set",
                       gss_set_name_attribute(&minor, s->name, 1, &unknown_attribute, &local_user));
    (void)result_major("delete", gss_delete_name_attribute(&minor, s->name, &unknown_attribute));
}

static void call_composite(const struct subject *s)
{
    gss_buffer_desc exported = GSS_C_EMPTY_BUFFER;
    gss_name_t again = GSS_C_NO_NAME;
    OM_uint32 minor;

    if (GSS_ERROR(result_major("", gss_export_name_composite(&minor, s->name, &exported))))
        return;
    (void)result_major("import",
                       gss_import_name(&minor, &exported, GSS_C_NT_COMPOSITE_EXPORT, &again));
    result_name("name", &again);
}

static void call_map(const struct subject *s)
{
    gss_any_t mapped = NULL;
    OM_uint32 minor;

    (void)result_major("map", gss_map_name_to_any(&minor, s->name, 0, &unknown_attribute, &mapped));
    (void)result_major("release",
                       gss_release_any_name_mapping(&minor, s->name, &unknown_attribute, &mapped));
}

static void call_local(const struct subject *s)
{
    gss_buffer_desc local = GSS_C_EMPTY_BUFFER;
    gss_name_t alice = import_name("alice", GSS_C_NT_USER_NAME);
    gss_name_t bob = import_name("bob", GSS_C_NT_USER_NAME);
    OM_uint32 minor;

    (void)result_major("localname", gss_localname(&minor, s->name, mechanism, &local));
    result_text("text", &local);
    (void)result_major("default", gss_localname(&minor, s->name, GSS_C_NO_OID, &local));
    (void)result_major("alice", gss_authorize_localname(&minor, s->name, alice));
    (void)result_major("bob", gss_authorize_localname(&minor, s->name, bob));
    result("userok=%d", gss_userok(s->name, "alice"));
}

const struct call name_calls[] = {
    {"gss_display_name", call_display},
    {"gss_compare_name", call_compare},
    {"gss_canonicalize_name", call_canonicalize},
    {"gss_export_name", call_export_name},
    {"exported form", call_exported_form},
    {"gss_display_name_ext", call_display_ext},
    {"gss_inquire_name", call_inquire_name},
    {"attributes", call_attribute},
    {"gss_export_name_composite", call_composite},
    {"gss_map_name_to_any", call_map},
    {"gss_localname", call_local},
    {NULL, NULL},
};

static void call_attributes_of_mechanism(const struct subject *s)
{
    gss_OID_set told = GSS_C_NO_OID_SET;
    gss_OID_set known = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    (void)s;
    (void)result_major("", gss_inquire_attrs_for_mech(&minor, mechanism, &told, &known));
    for (size_t i = 0; told != GSS_C_NO_OID_SET && i < told->count; i++)
        result_oid("has", &told->elements[i]);
    result("known=%d", known != GSS_C_NO_OID_SET);
}

static void call_name_types(const struct subject *s)
{
    gss_OID const wanted[] = {GSS_C_NT_USER_NAME, GSS_C_NT_MACHINE_UID_NAME,
                              GSS_C_NT_STRING_UID_NAME, GSS_C_NT_HOSTBASED_SERVICE};
    gss_OID_set types = GSS_C_NO_OID_SET;
    gss_OID_set mechanisms = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    (void)s;
    (void)result_major("", gss_inquire_names_for_mech(&minor, mechanism, &types));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        gss_name_t name = import_name("1000", wanted[i]);
        int present = 0;

        (void)gss_test_oid_set_member(&minor, wanted[i], types, &present);
        result("%d", present);
        (void)gss_inquire_mechs_for_name(&minor, name, &mechanisms);
        (void)gss_test_oid_set_member(&minor, mechanism, mechanisms, &present);
        result("%d", present);
    }
}

static void call_sasl_name(const struct subject *s)
{
    gss_buffer_desc sasl = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc name = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc description = GSS_C_EMPTY_BUFFER;
    gss_OID found = GSS_C_NO_OID;
    OM_uint32 minor;

    (void)s;
    (void)result_major(
        "", gss_inquire_saslname_for_mech(&minor, mechanism, &sasl, &name, &description));
    result_text("sasl", &sasl);
    result_text("name", &name);
    result_text("description", &description);
    (void)result_major("back", gss_inquire_mech_for_saslname(&minor, &sasl, &found));
    result_oid("mechanism", found);
}

static void call_status(const struct subject *s)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 context = 0;
    OM_uint32 minor;

    (void)s;
    (void)result_major("",
                       gss_display_status(&minor, 0, GSS_C_MECH_CODE, mechanism, &context, &text));
    result("text=%d more=%u", text.length != 0, context);
}

static void call_import_failures(const struct subject *s)
{
    static gss_OID_desc nobodys = {4, (void *)"\x2a\x03\x04\x05"};
    gss_buffer_desc text = {5, (void *)"alice"};
    gss_name_t name = GSS_C_NO_NAME;
    gss_name_t own = GSS_C_NO_NAME;
    OM_uint32 minor;

    (void)s;
    (void)result_major("type", gss_import_name(&minor, &text, &nobodys, &name));
    (void)result_major("canonicalize", gss_canonicalize_name(&minor, name, mechanism, &own));
    (void)result_major("exported", gss_import_name(&minor, &text, GSS_C_NT_EXPORT_NAME, &name));
}

const struct call mechanism_calls[] = {
    {"gss_inquire_attrs_for_mech", call_attributes_of_mechanism},
    {"gss_inquire_names_for_mech", call_name_types},
    {"gss_inquire_saslname_for_mech", call_sasl_name},
    {"gss_display_status", call_status},
    {"gss_import_name of what is wrong", call_import_failures},
    {NULL, NULL},
};
