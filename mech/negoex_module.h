/*
 * The three calls by which a mechanism takes part in NegoEx (gssapi_ext.h). libgssapi declares them
 * for mechanisms to define and makes them itself for its own SPNEGO, but does not export them: they
 * are looked up in the mechanism's module.
 */
#ifndef MECH_NEGOEX_MODULE_H
#define MECH_NEGOEX_MODULE_H

#include <stdbool.h>
#include "mech/mechglue.h"

/* What NegoEx calls a mechanism: a GUID. */
#define AUTH_SCHEME_OCTETS 16

struct negoex_module {
    gss_OID mechanism; /* borrowed */
    __typeof__(gssspi_query_meta_data) *query_meta_data;
    __typeof__(gssspi_exchange_meta_data) *exchange_meta_data;
    unsigned char auth_scheme[AUTH_SCHEME_OCTETS];
};

/*
 * Whether the mechanism can be negotiated by NegoEx; if so, *module is set for as long as the process
 * lives. The mechglue must have loaded the mechanism. dotted is the OID as the mechglue's
 * configuration has it.
 */
bool negoex_module_find(gss_OID mechanism, const char *dotted, struct negoex_module *module);

/*
 * As gssspi_query_meta_data, with handles of the mechglue. The mechanism may make a context. The
 * caller frees *meta_data with gss_release_buffer.
 */
OM_uint32 negoex_query_meta_data(OM_uint32 *minor, const struct negoex_module *module,
                                 gss_cred_id_t credential, gss_ctx_id_t *context, gss_name_t target,
                                 OM_uint32 flags, gss_buffer_t meta_data);

/* As gssspi_exchange_meta_data, with handles of the mechglue. */
OM_uint32 negoex_exchange_meta_data(OM_uint32 *minor, const struct negoex_module *module,
                                    gss_cred_id_t credential, gss_ctx_id_t *context,
                                    gss_name_t target, OM_uint32 flags,
                                    gss_const_buffer_t meta_data);

#endif
