/* Options of a credential: gss_set_cred_option and gss_inquire_cred_by_oid. */
#ifndef MECH_CRED_OPTION_H
#define MECH_CRED_OPTION_H

#include "mech/cred.h"

/*
 * Sets an option of ours (gssapi_sspi.h), or one of the inner mechanisms: it is handed to all of them
 * that have credentials, which are acquired for that, and holds when one takes it. An empty
 * *credential (NULL) is filled: with what GSS_KRB5_IMPORT_CRED imports, and by other options with
 * the caller's default, which the caller releases with credential_release. GSS_S_UNAVAILABLE when
 * nobody knows the option.
 */
OM_uint32 credential_set_option(OM_uint32 *minor, struct credential **credential,
                                gss_const_OID object, gss_buffer_t value);

/*
 * The answer of the first inner mechanism that has credentials and knows one. The caller frees *data with
 * gss_release_buffer_set.
 */
OM_uint32 credential_inquire_option(OM_uint32 *minor, struct credential *credential,
                                    gss_const_OID object, gss_buffer_set_t *data);

#endif
