#include "mech/oids.h"

#include "common/ntlm_offer.h"
#include "gssapi_sspi.h"

/* The GSS-API types are not const, though nothing writes through them. */
#define DEFINE_OID(name, octets, count)                                       \
    static gss_OID_desc name##_desc = {(count), (void *)(uintptr_t)(octets)}; \
    const gss_OID name = &name##_desc

DEFINE_OID(oid_credssp, GSS_SSPI_ARC_OCTETS "\x01", GSS_SSPI_ARC_LENGTH + 1);
DEFINE_OID(oid_negotiate, GSS_SSPI_ARC_OCTETS "\x02", GSS_SSPI_ARC_LENGTH + 1);
DEFINE_OID(oid_interposer, GSS_SSPI_ARC_OCTETS "\x03", GSS_SSPI_ARC_LENGTH + 1);
DEFINE_OID(oid_spnego, "\x2b\x06\x01\x05\x05\x02", 6);
DEFINE_OID(oid_krb5, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 9);
DEFINE_OID(oid_krb5_microsoft, "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02", 9);
DEFINE_OID(oid_ntlmssp, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", 10);
DEFINE_OID(oid_negoex, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e", 10);
DEFINE_OID(oid_ntlmssp_require_mic, "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x02", 11);
DEFINE_OID(oid_ntlmssp_reset_crypto, "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x03", 11);
DEFINE_OID(oid_ntlmssp_flags, NTLM_OFFER_OID, NTLM_OFFER_OID_LENGTH);

bool oid_equal(gss_const_OID a, gss_const_OID b)
{
    return byte_range_equal(oid_range(a), oid_range(b));
}

struct byte_range oid_range(gss_const_OID oid)
{
    if (oid == GSS_C_NO_OID)
        return BYTE_RANGE_ABSENT;
    return byte_range_of(oid->elements, oid->length);
}

bool oid_set_has(gss_const_OID_set set, gss_const_OID oid)
{
    for (size_t i = 0; set != GSS_C_NO_OID_SET && i < set->count; i++) {
        if (oid_equal(&set->elements[i], oid))
            return true;
    }
    return false;
}
