#include "mech/inner.h"

#include <pthread.h>

#include "asn1/initial_context_token.h"

static const char ntlmssp_signature[] = "NTLMSSP"; /* with its NUL: eight octets */

/* Identifier octet of a Kerberos AP-REQ that stands without a GSS header, [APPLICATION 14]. */
#define KERBEROS_AP_REQ_TAG 0x6E

static pthread_once_t asked = PTHREAD_ONCE_INIT;
static bool registered[INNER_COUNT];

gss_OID inner_oid(enum inner_kind kind)
{
    return kind == INNER_KERBEROS ? oid_krb5 : oid_ntlmssp;
}

const char *inner_name(enum inner_kind kind)
{
    return kind == INNER_KERBEROS ? "Kerberos" : "NTLM";
}

static void ask_the_mechglue(void)
{
    gss_OID_set mechanisms = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    if (GSS_ERROR(glue_indicate_mechs(&minor, &mechanisms)))
        return;
    for (int kind = 0; kind < INNER_COUNT; kind++)
        registered[kind] = oid_set_has(mechanisms, inner_oid((enum inner_kind)kind));
    (void)glue_release_oid_set(&minor, &mechanisms);
}

bool inner_is_registered(enum inner_kind kind)
{
    (void)pthread_once(&asked, ask_the_mechglue);
    return registered[kind];
}

enum inner_kind inner_from_wire(struct byte_range oid)
{
    if (byte_range_equal(oid, oid_range(oid_krb5)) ||
        byte_range_equal(oid, oid_range(oid_krb5_microsoft)))
        return INNER_KERBEROS;
    if (byte_range_equal(oid, oid_range(oid_ntlmssp)))
        return INNER_NTLM;
    return INNER_COUNT;
}

enum inner_kind inner_from_token(struct byte_range token)
{
    struct byte_range oid;
    struct byte_range inner;

    if (token.length >= sizeof ntlmssp_signature &&
        memcmp(token.data, ntlmssp_signature, sizeof ntlmssp_signature) == 0)
        return INNER_NTLM;
    if (token.length != 0 && token.data[0] == KERBEROS_AP_REQ_TAG)
        return INNER_KERBEROS;
    if (initial_context_token_decode(token, &oid, &inner) == DER_OK)
        return inner_from_wire(oid);
    return INNER_COUNT;
}
