/* What can be said of our mechanisms without a context: attributes, SASL names, name types. */
#ifndef MECH_ATTRIBUTES_H
#define MECH_ATTRIBUTES_H

#include "mech/mechglue.h"

/* The attributes of RFC 5587; sets may be NULL. The caller frees them with gss_release_oid_set. */
OM_uint32 attributes_inquire(OM_uint32 *minor, gss_const_OID mechanism, gss_OID_set *attributes,
                             gss_OID_set *known);

/* The SASL name (RFC 5801's, or SPNEGO's own), a short name and a description; buffers may be NULL. */
OM_uint32 sasl_name_inquire(OM_uint32 *minor, gss_const_OID mechanism, gss_buffer_t sasl_name,
                            gss_buffer_t name, gss_buffer_t description);

/* The mechanism with this SASL name. */
OM_uint32 sasl_name_find(OM_uint32 *minor, const gss_buffer_desc *sasl_name, gss_OID *mechanism);

/* The name types that can be imported. */
OM_uint32 name_types_inquire(OM_uint32 *minor, gss_OID_set *types);

/* A set of one mechanism or, for GSS_C_NO_OID, of both. */
OM_uint32 mechanism_set(OM_uint32 *minor, gss_const_OID mechanism, gss_OID_set *set);

#endif
