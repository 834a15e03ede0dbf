#include "mech/attributes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "mech/oids.h"
#include "mech/status.h"

/* RFC 5801 3.1: "GS2-" and eleven characters of base 32, which are 55 bits of a SHA-1. */
#define SASL_PREFIX          "GS2-"
#define SASL_HASH_CHARACTERS 11
#define SASL_NAME_CHARACTERS (sizeof SASL_PREFIX - 1 + SASL_HASH_CHARACTERS)
#define SHA1_OCTETS          20
#define OID_MAX_OCTETS       64

struct mechanism_texts {
    const gss_OID *oid;
    const char *sasl_name; /* NULL: RFC 5801's */
    const char *name;
    const char *description;
};

static const struct mechanism_texts mechanisms[] = {
    {&oid_credssp, NULL, "credssp", "CredSSP: TLS, Negotiate and delegated credentials (MS-CSSP)"},
    {&oid_negotiate, NULL, "negotiate",
     "Negotiate: SPNEGO over Kerberos and NTLM (RFC 4178, MS-SPNG)"},
    /* As the interposer; SASL has a name of its own for SPNEGO. */
    {&oid_spnego, "SPNEGO", "spnego", "Simple and Protected GSS-API Negotiation Mechanism"},
};

#define MECHANISM_COUNT (sizeof mechanisms / sizeof mechanisms[0])

static OM_uint32 make_set(OM_uint32 *minor, const gss_const_OID *members, size_t count,
                          gss_OID_set *set)
{
    OM_uint32 ignored;
    OM_uint32 major = glue_create_empty_oid_set(minor, set);

    for (size_t i = 0; i < count && !GSS_ERROR(major); i++)
        major = glue_add_oid_set_member(minor, (gss_OID)(uintptr_t)members[i], set);
    if (!GSS_ERROR(major))
        return GSS_S_COMPLETE;
    (void)glue_release_oid_set(&ignored, set);
    return fail_no_memory(minor);
}

/*
 * MECH_NEGO keeps us out of what other negotiating mechanisms offer. NOT_DFLT_MECH would do the
 * same, but acceptors with default credentials would then refuse us.
 */
OM_uint32 attributes_inquire(OM_uint32 *minor, gss_const_OID mechanism, gss_OID_set *attributes,
                             gss_OID_set *known)
{
    const gss_const_OID negotiate[] = {GSS_C_MA_MECH_NEGO, GSS_C_MA_ITOK_FRAMED};
    const gss_const_OID credssp[] = {GSS_C_MA_MECH_NEGO,  GSS_C_MA_ITOK_FRAMED, GSS_C_MA_AUTH_INIT,
                                     GSS_C_MA_AUTH_TARG,  GSS_C_MA_DELEG_CRED,  GSS_C_MA_INTEG_PROT,
                                     GSS_C_MA_CONF_PROT,  GSS_C_MA_MIC,         GSS_C_MA_WRAP,
                                     GSS_C_MA_REPLAY_DET, GSS_C_MA_OOS_DET,     GSS_C_MA_CBINDINGS};
    bool is_credssp = oid_equal(mechanism, oid_credssp);
    OM_uint32 ignored;
    OM_uint32 major = GSS_S_COMPLETE;

    *minor = 0;
    if (attributes != NULL)
        major =
            is_credssp
                ? make_set(minor, credssp, sizeof credssp / sizeof credssp[0], attributes)
                : make_set(minor, negotiate, sizeof negotiate / sizeof negotiate[0], attributes);
    if (GSS_ERROR(major) || known == NULL)
        return major;
    major = make_set(minor, credssp, sizeof credssp / sizeof credssp[0], known);
    if (GSS_ERROR(major) && attributes != NULL)
        (void)glue_release_oid_set(&ignored, attributes);
    return major;
}

/* Room for a SASL name and its NUL. */
#define SASL_NAME_OCTETS (SASL_NAME_CHARACTERS + 1)

/* The first 55 bits of SHA-1 over the OID's DER, in base 32 (RFC 5801 3.1, RFC 4648 6). */
static bool make_sasl_name(gss_const_OID mechanism, char *name)
{
    static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned char der[2 + OID_MAX_OCTETS] = {0x06, (unsigned char)mechanism->length};
    unsigned char hash[SHA1_OCTETS];
    uint64_t bits = 0;

    memcpy(der + 2, mechanism->elements, mechanism->length);
    if (gnutls_hash_fast(GNUTLS_DIG_SHA1, der, 2 + mechanism->length, hash) < 0)
        return false;
    for (size_t i = 0; i < sizeof bits; i++)
        bits = bits << 8 | hash[i];
    memcpy(name, SASL_PREFIX, sizeof SASL_PREFIX - 1);
    name += sizeof SASL_PREFIX - 1;
    for (size_t i = 0; i < SASL_HASH_CHARACTERS; i++)
        name[i] = base32[bits >> (59 - 5 * i) & 31];
    name[SASL_HASH_CHARACTERS] = '\0';
    return true;
}

static bool find_sasl_name(const struct mechanism_texts *texts, char name[SASL_NAME_OCTETS])
{
    if (texts->sasl_name == NULL)
        return make_sasl_name(*texts->oid, name);
    (void)strcpy(name, texts->sasl_name);
    return true;
}

static bool put_text(gss_buffer_t buffer, const char *text)
{
    if (buffer == GSS_C_NO_BUFFER)
        return true;
    buffer->value = strdup(text);
    buffer->length = buffer->value != NULL ? strlen(text) : 0;
    return buffer->value != NULL;
}

OM_uint32 sasl_name_inquire(OM_uint32 *minor, gss_const_OID mechanism, gss_buffer_t sasl_name,
                            gss_buffer_t name, gss_buffer_t description)
{
    char text[SASL_NAME_OCTETS];
    gss_buffer_t buffers[3] = {sasl_name, name, description};
    OM_uint32 ignored;

    *minor = 0;
    for (size_t i = 0; i < MECHANISM_COUNT; i++) {
        const struct mechanism_texts *texts = &mechanisms[i];

        if (!oid_equal(mechanism, *texts->oid))
            continue;
        if (find_sasl_name(texts, text) && put_text(sasl_name, text) &&
            put_text(name, texts->name) && put_text(description, texts->description))
            return GSS_S_COMPLETE;
        for (size_t j = 0; j < 3; j++) {
            if (buffers[j] != GSS_C_NO_BUFFER)
                (void)glue_release_buffer(&ignored, buffers[j]);
        }
        return fail_no_memory(minor);
    }
    return GSS_S_BAD_MECH;
}

OM_uint32 sasl_name_find(OM_uint32 *minor, const gss_buffer_desc *sasl_name, gss_OID *mechanism)
{
    char text[SASL_NAME_OCTETS];

    *minor = 0;
    for (size_t i = 0; i < MECHANISM_COUNT; i++) {
        if (find_sasl_name(&mechanisms[i], text) && sasl_name->length == strlen(text) &&
            memcmp(sasl_name->value, text, sasl_name->length) == 0) {
            if (mechanism != NULL)
                *mechanism = *mechanisms[i].oid;
            return GSS_S_COMPLETE;
        }
    }
    return GSS_S_BAD_MECH;
}

OM_uint32 name_types_inquire(OM_uint32 *minor, gss_OID_set *types)
{
    const gss_const_OID members[] = {GSS_C_NT_USER_NAME,         GSS_C_NT_MACHINE_UID_NAME,
                                     GSS_C_NT_STRING_UID_NAME,   GSS_C_NT_HOSTBASED_SERVICE,
                                     GSS_KRB5_NT_PRINCIPAL_NAME, GSS_C_NT_EXPORT_NAME};

    return make_set(minor, members, sizeof members / sizeof members[0], types);
}

OM_uint32 mechanism_set(OM_uint32 *minor, gss_const_OID mechanism, gss_OID_set *set)
{
    const gss_const_OID both[] = {oid_credssp, oid_negotiate};

    if (mechanism != GSS_C_NO_OID)
        return make_set(minor, &mechanism, 1, set);
    return make_set(minor, both, 2, set);
}
