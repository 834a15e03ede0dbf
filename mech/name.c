#include "mech/name.h"

#include <ctype.h>
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/octets.h"
#include "mech/status.h"

/* First octets of every exported name (RFC 2743 3.2). */
static const unsigned char export_token_id[2] = {0x04, 0x01};

/* Longest name taken: Windows' limits are far below. */
#define NAME_MAX_OCTETS 4096

/* Longest OID of a name type that an exported name may carry. */
#define NAME_TYPE_MAX_OCTETS 64

OM_uint32 name_adopt(OM_uint32 *minor, gss_name_t *glue, struct name **name)
{
    OM_uint32 ignored;

    *name = malloc(sizeof **name);
    if (*name == NULL) {
        (void)glue_release_name(&ignored, glue);
        return fail_no_memory(minor);
    }
    (*name)->glue = *glue;
    *glue = GSS_C_NO_NAME;
    *minor = 0;
    return GSS_S_COMPLETE;
}

void name_release(struct name **name)
{
    OM_uint32 ignored;

    if (*name == NULL)
        return;
    (void)glue_release_name(&ignored, &(*name)->glue);
    free(*name);
    *name = NULL;
}

/*
 * The caller's own copy of a name type would be the mechglue's to free, and it frees those of names
 * of ours as if they were its own: only types that live as long as the process are handed out.
 */
static gss_OID static_name_type(gss_const_OID type)
{
    const gss_OID known[] = {
        GSS_C_NT_USER_NAME,       GSS_C_NT_HOSTBASED_SERVICE,   GSS_KRB5_NT_PRINCIPAL_NAME,
        GSS_C_NT_EXPORT_NAME,     GSS_C_NT_HOSTBASED_SERVICE_X, GSS_C_NT_MACHINE_UID_NAME,
        GSS_C_NT_STRING_UID_NAME, GSS_C_NT_ANONYMOUS,           GSS_C_NT_COMPOSITE_EXPORT};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (oid_equal(type, known[i]))
            return known[i];
    }
    return GSS_C_NO_OID;
}

/* The mechglue's text without the terminator that gss-ntlmssp counts. */
static OM_uint32 show(OM_uint32 *minor, gss_name_t name, gss_buffer_t text, gss_OID *type)
{
    OM_uint32 major = glue_display_name(minor, name, text, type);

    if (!GSS_ERROR(major) && text->length > 1 &&
        ((const char *)text->value)[text->length - 1] == '\0')
        text->length--;
    return major;
}

OM_uint32 name_display(OM_uint32 *minor, const struct name *name, gss_buffer_t text, gss_OID *type)
{
    gss_OID borrowed = GSS_C_NO_OID;
    OM_uint32 major = show(minor, name->glue, text, &borrowed);

    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, "The name", "being shown");
    if (type != NULL)
        *type = static_name_type(borrowed);
    return major;
}

/*
 * Takes the name type and text out of what name_export made, or the text out of what name_export_text made
 * for SPNEGO; *ours says whether it is one of these.
 */
static bool split_exported(gss_buffer_t text, gss_OID type, gss_buffer_t inner_text, bool *ours)
{
    struct byte_range rest = byte_range_of(text->value, text->length);
    bool failed = false;
    struct byte_range oid;
    struct byte_range part;
    size_t oid_length;
    bool typed;

    *ours = false;
    part = take_octets(&rest, sizeof export_token_id, &failed);
    if (failed || memcmp(part.data, export_token_id, sizeof export_token_id) != 0)
        return false;
    oid_length = take_number(&rest, 2, &failed);
    part = take_octets(&rest, 2, &failed);
    if (failed || part.data[0] != 0x06 || oid_length != (size_t)part.data[1] + 2)
        return false;
    oid = take_octets(&rest, part.data[1], &failed);
    typed = byte_range_equal(oid, oid_range(oid_credssp)) ||
            byte_range_equal(oid, oid_range(oid_negotiate));
    if (failed || (!typed && !byte_range_equal(oid, oid_range(oid_spnego))))
        return !failed;
    *ours = true;
    if (take_number(&rest, 4, &failed) != rest.length || failed)
        return false;
    part = typed ? take_octets(&rest, take_number(&rest, 1, &failed), &failed) : BYTE_RANGE_ABSENT;
    if (failed || part.length > NAME_TYPE_MAX_OCTETS || rest.length > NAME_MAX_OCTETS)
        return false;
    *type = (gss_OID_desc){(OM_uint32)part.length, (void *)(uintptr_t)part.data};
    *inner_text = (gss_buffer_desc){rest.length, (void *)(uintptr_t)rest.data};
    return true;
}

OM_uint32 name_import(OM_uint32 *minor, gss_buffer_t text, gss_OID type, struct name **name)
{
    gss_name_t glue = GSS_C_NO_NAME;
    gss_buffer_desc inner_text = *text;
    gss_OID_desc inner_type;
    gss_OID used_type = type;
    bool ours = false;
    OM_uint32 major;

    *name = NULL;
    if (text->length > NAME_MAX_OCTETS)
        return fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_NAME, "it is longer than %d octets",
                    NAME_MAX_OCTETS);
    if (oid_equal(type, GSS_C_NT_EXPORT_NAME)) {
        if (!split_exported(text, &inner_type, &inner_text, &ours))
            return fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_NAME,
                        "the exported name is malformed");
        if (ours)
            used_type = inner_type.length != 0 ? &inner_type : GSS_C_NO_OID;
        else
            inner_text = *text;
    } else if (inner_text.length != 0 &&
               ((const char *)inner_text.value)[inner_text.length - 1] == '\0') {
        inner_text.length--; /* programs that count the terminator, MIT's gss-server among them */
    }
    /* What stops early in C would be taken for another name. An exported name of Kerberos is
     * binary. */
    if (inner_text.length != 0 && (ours || !oid_equal(type, GSS_C_NT_EXPORT_NAME)) &&
        memchr(inner_text.value, '\0', inner_text.length) != NULL)
        return fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_NAME, "it has a NUL inside");
    major = glue_import_name(minor, &inner_text, used_type, &glue);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, "The name", "being imported");
    return name_adopt(minor, &glue, name);
}

/* Joins the parts of an exported name (RFC 2743 3.2); body is what is the mechanism's own. */
static OM_uint32 join_exported(OM_uint32 *minor, gss_const_OID mechanism,
                               const struct byte_range body[2], gss_buffer_t text)
{
    size_t body_length = body[0].length + body[1].length;
    unsigned char *at;

    if (mechanism->length > 0x7F)
        return fail(minor, GSS_S_BAD_NAMETYPE, GSS_SSPI_E_BAD_NAME, NULL);
    text->length = sizeof export_token_id + 2 + 2 + mechanism->length + 4 + body_length;
    text->value = malloc(text->length);
    if (text->value == NULL) {
        text->length = 0;
        return fail_no_memory(minor);
    }
    at = put_octets(text->value, export_token_id, sizeof export_token_id);
    at = put_number(at, 2 + mechanism->length, 2);
    at = put_number(at, 0x06, 1);
    at = put_number(at, mechanism->length, 1);
    at = put_octets(at, mechanism->elements, mechanism->length);
    at = put_number(at, body_length, 4);
    at = put_octets(at, body[0].data, body[0].length);
    (void)put_octets(at, body[1].data, body[1].length);
    *minor = 0;
    return GSS_S_COMPLETE;
}

/* The body of an exported name of ours: the name's type behind its length, and its text. */
static OM_uint32 export_typed(OM_uint32 *minor, gss_const_OID mechanism, gss_const_OID type,
                              gss_buffer_t shown, gss_buffer_t text)
{
    unsigned char typed[1 + NAME_TYPE_MAX_OCTETS];
    size_t type_length = type != GSS_C_NO_OID ? type->length : 0;
    struct byte_range body[2] = {{typed, 1 + type_length}, {shown->value, shown->length}};

    if (type_length > NAME_TYPE_MAX_OCTETS)
        return fail(minor, GSS_S_BAD_NAMETYPE, GSS_SSPI_E_BAD_NAME, "unknown name type");
    (void)put_octets(put_number(typed, type_length, 1),
                     type != GSS_C_NO_OID ? type->elements : NULL, type_length);
    return join_exported(minor, mechanism, body, text);
}

OM_uint32 name_export(OM_uint32 *minor, const struct name *name, gss_const_OID mechanism,
                      gss_buffer_t text)
{
    gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
    gss_OID type = GSS_C_NO_OID;
    OM_uint32 ignored;
    OM_uint32 major = glue_export_name(minor, name->glue, text);

    if (major != GSS_S_NAME_NOT_MN)
        return major;
    major = show(minor, name->glue, &shown, &type);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, "The name", "being exported");
    major = export_typed(minor, mechanism, type, &shown, text);
    (void)glue_release_buffer(&ignored, &shown);
    return major;
}

OM_uint32 name_export_text(OM_uint32 *minor, const struct name *name, gss_const_OID mechanism,
                           gss_buffer_t text)
{
    gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
    struct byte_range body[2] = {BYTE_RANGE_ABSENT, BYTE_RANGE_ABSENT};
    OM_uint32 ignored;
    OM_uint32 major = show(minor, name->glue, &shown, NULL);

    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, "The name", "being exported");
    body[1] = byte_range_of(shown.value, shown.length);
    major = join_exported(minor, mechanism, body, text);
    (void)glue_release_buffer(&ignored, &shown);
    return major;
}

/* The text of a name as a string; the caller frees. *type is static. */
static OM_uint32 name_text(OM_uint32 *minor, gss_name_t name, char **text, gss_OID *type)
{
    gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
    OM_uint32 major = GSS_S_COMPLETE;
    OM_uint32 ignored;

    *text = NULL;
    if (GSS_ERROR(show(minor, name, &shown, type)) ||
        memchr(shown.value, '\0', shown.length) != NULL) {
        (void)fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_NAME, "it has no text form");
        major = GSS_S_BAD_NAME;
    } else if ((*text = strndup(shown.value, shown.length)) == NULL) {
        (void)fail_no_memory(minor);
        major = GSS_S_FAILURE;
    }
    (void)glue_release_buffer(&ignored, &shown);
    return major;
}

void name_split_user(const char *text, struct byte_range *domain, struct byte_range *user)
{
    const char *backslash = strchr(text, '\\');

    if (backslash == NULL) {
        *domain = byte_range_of(NULL, 0);
        *user = byte_range_of(text, strlen(text));
        return;
    }
    *domain = byte_range_of(text, (size_t)(backslash - text));
    *user = byte_range_of(backslash + 1, strlen(backslash + 1));
}

static OM_uint32 import_text(OM_uint32 *minor, const char *text, gss_OID type, gss_name_t *name)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    OM_uint32 major = glue_import_name(minor, &buffer, type, name);

    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, "The name", "being translated");
    return major;
}

OM_uint32 name_for_user(OM_uint32 *minor, enum inner_kind kind, gss_name_t name,
                        gss_name_t *translated)
{
    struct byte_range domain;
    struct byte_range user;
    gss_OID type = GSS_C_NO_OID;
    char *text = NULL;
    char *principal = NULL;
    OM_uint32 major;
    int length;

    *translated = GSS_C_NO_NAME;
    *minor = 0;
    if (name == GSS_C_NO_NAME)
        return GSS_S_COMPLETE;
    major = name_text(minor, name, &text, &type);
    if (GSS_ERROR(major))
        return major;
    if (kind != INNER_KERBEROS || strchr(text, '\\') == NULL) {
        major = glue_duplicate_name(minor, name, translated);
        goto done;
    }
    name_split_user(text, &domain, &user);
    for (size_t i = 0; i < domain.length; i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    if (memchr(domain.data, '.', domain.length) != NULL)
        length = asprintf(&principal, "%s@%.*s", (const char *)user.data, (int)domain.length,
                          (const char *)domain.data);
    else
        length = asprintf(&principal, "%s", (const char *)user.data);
    if (length < 0) {
        principal = NULL;
        major = fail_no_memory(minor);
        goto done;
    }
    major = import_text(minor, principal, GSS_C_NT_USER_NAME, translated);
done:
    free(principal);
    free(text);
    return major;
}

char *name_service_principal(gss_name_t name)
{
    gss_OID type = GSS_C_NO_OID;
    OM_uint32 ignored;
    char *text;
    char *at;

    if (GSS_ERROR(name_text(&ignored, name, &text, &type)))
        return NULL;
    at = strrchr(text, '@');
    if (at == NULL)
        return text;
    if (oid_equal(type, GSS_C_NT_HOSTBASED_SERVICE) ||
        oid_equal(type, GSS_C_NT_HOSTBASED_SERVICE_X))
        *at = '/';
    else
        *at = '\0';
    return text;
}

OM_uint32 name_for_target(OM_uint32 *minor, enum inner_kind kind, gss_name_t name,
                          gss_name_t *translated)
{
    gss_OID type = GSS_C_NO_OID;
    char *text;
    char *service = NULL;
    char *slash;
    OM_uint32 major = name_text(minor, name, &text, &type);

    *translated = GSS_C_NO_NAME;
    if (GSS_ERROR(major))
        return major;
    if (kind != INNER_NTLM || oid_equal(type, GSS_C_NT_HOSTBASED_SERVICE)) {
        major = glue_duplicate_name(minor, name, translated);
        goto done;
    }
    service = name_service_principal(name);
    if (service == NULL) {
        major = fail_no_memory(minor);
        goto done;
    }
    slash = strchr(service, '/');
    if (slash != NULL)
        *slash = '@';
    major = import_text(minor, service, GSS_C_NT_HOSTBASED_SERVICE, translated);
done:
    free(service);
    free(text);
    return major;
}
