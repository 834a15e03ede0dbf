/*
 * The mechglue's own functions, called from inside a library that exports the same names.
 *
 * The plugin exports gss_init_sec_context and its sisters for the mechglue to find, and calls the
 * mechglue's to reach Kerberos and NTLM. A plain call would bind to whichever definition the
 * program's symbol order brings first, often our own; a reference that names MIT's version node
 * cannot (our own definitions carry another node, see plugin.map). This holds also where libgssapi
 * was loaded by dlopen(RTLD_LOCAL), as Python, PHP and .NET do.
 */
#ifndef MECH_MECHGLUE_H
#define MECH_MECHGLUE_H

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#define MECHGLUE_FUNCTION(glue_name, gss_name) \
    extern __typeof__(gss_name) glue_name;     \
    __asm__(".symver " #glue_name ", " #gss_name "@gssapi_krb5_2_MIT")

MECHGLUE_FUNCTION(glue_accept_sec_context, gss_accept_sec_context);
MECHGLUE_FUNCTION(glue_acquire_cred_from, gss_acquire_cred_from);
MECHGLUE_FUNCTION(glue_acquire_cred_impersonate_name, gss_acquire_cred_impersonate_name);
MECHGLUE_FUNCTION(glue_acquire_cred_with_password, gss_acquire_cred_with_password);
MECHGLUE_FUNCTION(glue_add_cred_from, gss_add_cred_from);
MECHGLUE_FUNCTION(glue_add_cred_with_password, gss_add_cred_with_password);
MECHGLUE_FUNCTION(glue_authorize_localname, gss_authorize_localname);
MECHGLUE_FUNCTION(glue_localname, gss_localname);
MECHGLUE_FUNCTION(glue_canonicalize_name, gss_canonicalize_name);
MECHGLUE_FUNCTION(glue_compare_name, gss_compare_name);
MECHGLUE_FUNCTION(glue_complete_auth_token, gss_complete_auth_token);
MECHGLUE_FUNCTION(glue_context_time, gss_context_time);
MECHGLUE_FUNCTION(glue_delete_sec_context, gss_delete_sec_context);
MECHGLUE_FUNCTION(glue_delete_name_attribute, gss_delete_name_attribute);
MECHGLUE_FUNCTION(glue_display_name, gss_display_name);
MECHGLUE_FUNCTION(glue_display_name_ext, gss_display_name_ext);
MECHGLUE_FUNCTION(glue_display_status, gss_display_status);
MECHGLUE_FUNCTION(glue_duplicate_name, gss_duplicate_name);
MECHGLUE_FUNCTION(glue_export_cred, gss_export_cred);
MECHGLUE_FUNCTION(glue_export_name, gss_export_name);
MECHGLUE_FUNCTION(glue_export_name_composite, gss_export_name_composite);
MECHGLUE_FUNCTION(glue_import_cred, gss_import_cred);
MECHGLUE_FUNCTION(glue_inquire_cred_by_oid, gss_inquire_cred_by_oid);
MECHGLUE_FUNCTION(glue_inquire_name, gss_inquire_name);
MECHGLUE_FUNCTION(glue_get_name_attribute, gss_get_name_attribute);
MECHGLUE_FUNCTION(glue_export_sec_context, gss_export_sec_context);
MECHGLUE_FUNCTION(glue_import_sec_context, gss_import_sec_context);
MECHGLUE_FUNCTION(glue_get_mic, gss_get_mic);
MECHGLUE_FUNCTION(glue_get_mic_iov, gss_get_mic_iov);
MECHGLUE_FUNCTION(glue_get_mic_iov_length, gss_get_mic_iov_length);
MECHGLUE_FUNCTION(glue_import_name, gss_import_name);
MECHGLUE_FUNCTION(glue_indicate_mechs_by_attrs, gss_indicate_mechs_by_attrs);
MECHGLUE_FUNCTION(glue_init_sec_context, gss_init_sec_context);
MECHGLUE_FUNCTION(glue_inquire_attrs_for_mech, gss_inquire_attrs_for_mech);
MECHGLUE_FUNCTION(glue_inquire_context, gss_inquire_context);
MECHGLUE_FUNCTION(glue_inquire_cred, gss_inquire_cred);
MECHGLUE_FUNCTION(glue_inquire_saslname_for_mech, gss_inquire_saslname_for_mech);
MECHGLUE_FUNCTION(glue_inquire_sec_context_by_oid, gss_inquire_sec_context_by_oid);
MECHGLUE_FUNCTION(glue_map_name_to_any, gss_map_name_to_any);
MECHGLUE_FUNCTION(glue_pseudo_random, gss_pseudo_random);
MECHGLUE_FUNCTION(glue_release_any_name_mapping, gss_release_any_name_mapping);
MECHGLUE_FUNCTION(glue_release_buffer, gss_release_buffer);
MECHGLUE_FUNCTION(glue_release_buffer_set, gss_release_buffer_set);
MECHGLUE_FUNCTION(glue_add_buffer_set_member, gss_add_buffer_set_member);
MECHGLUE_FUNCTION(glue_release_cred, gss_release_cred);
MECHGLUE_FUNCTION(glue_release_name, gss_release_name);
MECHGLUE_FUNCTION(glue_create_empty_oid_set, gss_create_empty_oid_set);
MECHGLUE_FUNCTION(glue_add_oid_set_member, gss_add_oid_set_member);
MECHGLUE_FUNCTION(glue_release_oid_set, gss_release_oid_set);
MECHGLUE_FUNCTION(glue_set_cred_option, gss_set_cred_option);
MECHGLUE_FUNCTION(glue_set_name_attribute, gss_set_name_attribute);
MECHGLUE_FUNCTION(glue_set_sec_context_option, gss_set_sec_context_option);
MECHGLUE_FUNCTION(glue_store_cred_into, gss_store_cred_into);
MECHGLUE_FUNCTION(glue_unwrap, gss_unwrap);
MECHGLUE_FUNCTION(glue_unwrap_aead, gss_unwrap_aead);
MECHGLUE_FUNCTION(glue_unwrap_iov, gss_unwrap_iov);
MECHGLUE_FUNCTION(glue_verify_mic, gss_verify_mic);
MECHGLUE_FUNCTION(glue_verify_mic_iov, gss_verify_mic_iov);
MECHGLUE_FUNCTION(glue_wrap, gss_wrap);
MECHGLUE_FUNCTION(glue_wrap_aead, gss_wrap_aead);
MECHGLUE_FUNCTION(glue_wrap_iov, gss_wrap_iov);
MECHGLUE_FUNCTION(glue_wrap_iov_length, gss_wrap_iov_length);
MECHGLUE_FUNCTION(glue_wrap_size_limit, gss_wrap_size_limit);

#undef MECHGLUE_FUNCTION

#endif
