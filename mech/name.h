/*
 * Names of our mechanisms: a mechglue name that every inner mechanism can read, with the few
 * translations between the forms that Kerberos and NTLM know.
 */
#ifndef MECH_NAME_H
#define MECH_NAME_H

#include "common/secret.h"
#include "mech/inner.h"
#include "mech/mechglue.h"

struct name {
    gss_name_t glue;
};

/*
 * Imports as gss_import_name does, and what name_export made. The caller releases *name, which is
 * NULL on failure.
 */
OM_uint32 name_import(OM_uint32 *minor, gss_buffer_t text, gss_OID type, struct name **name);

/* Makes a name of a mechglue name, which it owns from then on, also on failure. */
OM_uint32 name_adopt(OM_uint32 *minor, gss_name_t *glue, struct name **name);

/* Releases and sets to NULL; NULL is allowed. */
void name_release(struct name **name);

/*
 * As gss_display_name does; *type (may be NULL) is static, GSS_C_NO_OID for a type that nobody knows.
 * The caller frees *text with gss_release_buffer.
 */
OM_uint32 name_display(OM_uint32 *minor, const struct name *name, gss_buffer_t text, gss_OID *type);

/*
 * The exported form (RFC 2743 3.2). A name that Kerberos canonicalised is exported as Kerberos
 * exports it, so that access lists made for Kerberos hold here; any other carries the OID
 * mechanism, its name type and its text. The caller frees *text with gss_release_buffer.
 */
OM_uint32 name_export(OM_uint32 *minor, const struct name *name, gss_const_OID mechanism,
                      gss_buffer_t text);

/*
 * The exported form that a mechglue makes for mechanisms that do not: the OID mechanism and the text,
 * without its type. The caller frees *text with gss_release_buffer.
 */
OM_uint32 name_export_text(OM_uint32 *minor, const struct name *name, gss_const_OID mechanism,
                           gss_buffer_t text);

/*
 * The name of a user as the inner mechanism wants it: Kerberos takes user@REALM for DOMAIN\user,
 * where a domain with a dot is a realm in capitals and one without stands for the default realm.
 * The caller releases *translated, which is GSS_C_NO_NAME when name is.
 */
OM_uint32 name_for_user(OM_uint32 *minor, enum inner_kind kind, gss_name_t name,
                        gss_name_t *translated);

/*
 * The name of a server as the inner mechanism wants it: NTLM takes service@host for a Kerberos
 * principal service/host@REALM. The caller releases *translated.
 */
OM_uint32 name_for_target(OM_uint32 *minor, enum inner_kind kind, gss_name_t name,
                          gss_name_t *translated);

/*
 * The service principal name "service/host" of a server, without realm; the whole text of a name
 * that has no such form. Returns NULL when memory runs out; the caller frees.
 */
char *name_service_principal(gss_name_t name);

/*
 * Splits what a person types as a user: DOMAIN\user into its parts; user@realm stays whole with an
 * empty domain, as Windows takes user principal names. Both are UTF-8 and point into text.
 */
void name_split_user(const char *text, struct byte_range *domain, struct byte_range *user);

#endif
