/* What QueryContextAttributes answers with: one function for each attribute, by topic. */
#ifndef SSPI_SHIM_ATTRIBUTES_H
#define SSPI_SHIM_ATTRIBUTES_H

#include "sspi-shim/context.h"

/*
 * Fills in *out, which is the attribute's structure, zeroed; pointers in it are SEC_WCHAR * when wide,
 * and the caller's, who frees them by FreeContextBuffer. With the context locked.
 */
typedef SECURITY_STATUS query_function(struct context *context, bool wide, void *out);

/* --- attributes_of_names.c --- */
query_function query_names;
query_function query_native_names;
query_function query_authority;
query_function query_dce_info;
query_function query_client_specified_target;
query_function query_target_information;

/* --- attributes_of_logon.c --- */
query_function query_flags;
query_function query_lifespan;
query_function query_package_info;
query_function query_negotiation_package;
query_function query_negotiation_info;
query_function query_last_client_token_status;
query_function query_access_token;
query_function query_gss_context;

/* --- attributes_of_keys.c --- */
query_function query_sizes;
query_function query_stream_sizes;
query_function query_session_key;
query_function query_key_info;

/* --- attributes_of_tls.c --- */
query_function query_cipher_info;
query_function query_connection_info;
query_function query_connection_info_ex;
query_function query_unique_bindings;
query_function query_endpoint_bindings;
query_function query_application_protocol;

/* --- attributes_of_certificates.c --- */
query_function query_remote_certificate;
query_function query_local_certificate;
query_function query_issuer_list;
query_function query_certificate_trust;
query_function query_server_auth_flags;

/* --- attributes_of_credentials.c --- */
query_function query_client_credentials;

#endif
