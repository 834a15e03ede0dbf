#include "mech/inner.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <strings.h>

#include "asn1/initial_context_token.h"

static const char ntlmssp_signature[] = "NTLMSSP"; /* with its NUL: eight octets */

/* Identifier octet of a Kerberos AP-REQ that stands without a GSS header, [APPLICATION 14]. */
#define KERBEROS_AP_REQ_TAG 0x6E

/* Room for a mechanism's name; longer ones are cut. */
#define NAME_OCTETS 64

/* Longest OID of a mechanism that is taken. */
#define OID_OCTETS 32

struct inner_mechanism {
    gss_OID oid;
    gss_OID_desc own_oid;
    unsigned char oid_octets[OID_OCTETS];
    char name[NAME_OCTETS];
    bool registered;
    bool in_spnego;
    bool in_negoex;
    struct negoex_module negoex;
};

static pthread_once_t asked = PTHREAD_ONCE_INIT;
static struct inner_mechanism table[INNER_MAXIMUM + 1] = {
    [INNER_KERBEROS] = {.name = "Kerberos"},
    [INNER_NTLM] = {.name = "NTLM"},
    [INNER_NEGOEX] = {.name = "NegoEx"},
    [INNER_NONE] = {.name = "no mechanism"},
};
static size_t count = INNER_OTHER;

/* "1.3.6.1.5.5.2" for a mechanism that has no better name. */
static void name_by_oid(gss_const_OID oid, char *name)
{
    const unsigned char *octets = oid->elements;
    unsigned long value = 0;
    size_t used = 0;

    for (size_t i = 0; i < oid->length && used < NAME_OCTETS; i++) {
        value = value << 7 | (octets[i] & 0x7F);
        if ((octets[i] & 0x80) != 0)
            continue;
        if (used == 0) {
            unsigned long first = value < 80 ? value / 40 : 2;

            used = (size_t)snprintf(name, NAME_OCTETS, "%lu.%lu", first, value - 40 * first);
        } else {
            used += (size_t)snprintf(name + used, NAME_OCTETS - used, ".%lu", value);
        }
        value = 0;
    }
}

/* The name that the mechanism gives itself (RFC 5801's, for programs), or its OID. */
static void name_mechanism(struct inner_mechanism *mechanism)
{
    gss_buffer_desc name = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (!GSS_ERROR(glue_inquire_saslname_for_mech(&minor, mechanism->oid, NULL, &name, NULL)) &&
        name.length != 0 && name.length < NAME_OCTETS &&
        memchr(name.value, '\0', name.length) == NULL)
        memcpy(mechanism->name, name.value, name.length);
    else
        name_by_oid(mechanism->oid, mechanism->name);
    (void)glue_release_buffer(&minor, &name);
}

/* Whether a mechanism that NegoEx can negotiate wants to be in SPNEGO's list as well. */
static bool wants_both(gss_const_OID oid)
{
    gss_OID_set attributes = GSS_C_NO_OID_SET;
    OM_uint32 minor;
    bool both;

    if (GSS_ERROR(glue_inquire_attrs_for_mech(&minor, oid, &attributes, NULL)))
        return false;
    both = oid_set_has(attributes, GSS_C_MA_NEGOEX_AND_SPNEGO);
    (void)glue_release_oid_set(&minor, &attributes);
    return both;
}

static void enter(enum inner_kind kind, gss_OID oid)
{
    struct inner_mechanism *mechanism = &table[kind];
    char dotted[NAME_OCTETS];

    mechanism->oid = oid;
    mechanism->registered = true;
    if (mechanism->name[0] == '\0')
        name_mechanism(mechanism);
    name_by_oid(oid, dotted);
    mechanism->in_negoex =
        kind >= INNER_OTHER && negoex_module_find(oid, dotted, &mechanism->negoex);
    mechanism->in_spnego = !mechanism->in_negoex || wants_both(oid);
    if (mechanism->in_negoex) {
        table[INNER_NEGOEX].registered = true;
        table[INNER_NEGOEX].in_spnego = true;
    }
}

/* A mechanism that we know nothing of: its OID is kept in the table. */
static void enter_other(gss_const_OID oid)
{
    struct inner_mechanism *mechanism = &table[count];

    if (count == INNER_MAXIMUM || oid->length > sizeof mechanism->oid_octets)
        return;
    memcpy(mechanism->oid_octets, oid->elements, oid->length);
    mechanism->own_oid = (gss_OID_desc){oid->length, mechanism->oid_octets};
    enter((enum inner_kind)count++, &mechanism->own_oid);
}

/* What MIT's SPNEGO negotiates too: neither negotiating mechanisms nor those not for everybody. */
static void ask_the_mechglue(void)
{
    gss_OID_desc unwanted[] = {*GSS_C_MA_DEPRECATED, *GSS_C_MA_NOT_DFLT_MECH, *GSS_C_MA_MECH_NEGO};
    gss_OID_set_desc except = {sizeof unwanted / sizeof unwanted[0], unwanted};
    gss_OID_set found = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    table[INNER_KERBEROS].oid = oid_krb5;
    table[INNER_NTLM].oid = oid_ntlmssp;
    table[INNER_NEGOEX].oid = oid_negoex;
    if (GSS_ERROR(glue_indicate_mechs_by_attrs(&minor, GSS_C_NO_OID_SET, &except, GSS_C_NO_OID_SET,
                                               &found)))
        return;
    for (size_t i = 0; i < found->count; i++) {
        gss_const_OID oid = &found->elements[i];

        if (oid_equal(oid, oid_krb5))
            enter(INNER_KERBEROS, oid_krb5);
        else if (oid_equal(oid, oid_ntlmssp))
            enter(INNER_NTLM, oid_ntlmssp);
        else
            enter_other(oid);
    }
    (void)glue_release_oid_set(&minor, &found);
}

static const struct inner_mechanism *mechanism_of(enum inner_kind kind)
{
    (void)pthread_once(&asked, ask_the_mechglue);
    return &table[kind];
}

size_t inner_count(void)
{
    (void)pthread_once(&asked, ask_the_mechglue);
    return count;
}

gss_OID inner_oid(enum inner_kind kind)
{
    return mechanism_of(kind)->oid;
}

const char *inner_name(enum inner_kind kind)
{
    return mechanism_of(kind)->name;
}

bool inner_owns_oid(gss_const_OID oid)
{
    uintptr_t address = (uintptr_t)oid;

    return oid == oid_krb5 || oid == oid_ntlmssp || oid == oid_negoex ||
           (address >= (uintptr_t)table && address < (uintptr_t)(table + INNER_MAXIMUM));
}

bool inner_is_registered(enum inner_kind kind)
{
    return mechanism_of(kind)->registered;
}

bool inner_is_in_spnego(enum inner_kind kind)
{
    return mechanism_of(kind)->in_spnego;
}

const struct negoex_module *inner_negoex_module(enum inner_kind kind)
{
    return mechanism_of(kind)->in_negoex ? &mechanism_of(kind)->negoex : NULL;
}

enum inner_kind inner_from_wire(struct byte_range oid)
{
    if (byte_range_equal(oid, oid_range(oid_krb5_microsoft)))
        return INNER_KERBEROS;
    for (size_t kind = 0; kind < inner_count(); kind++) {
        if (byte_range_equal(oid, oid_range(table[kind].oid)))
            return (enum inner_kind)kind;
    }
    return INNER_NONE;
}

enum inner_kind inner_from_name(const char *name, size_t length)
{
    char dotted[NAME_OCTETS];

    for (size_t kind = 0; kind < inner_count(); kind++) {
        if (strlen(table[kind].name) == length && strncasecmp(name, table[kind].name, length) == 0)
            return (enum inner_kind)kind;
        name_by_oid(table[kind].oid, dotted);
        if (strlen(dotted) == length && memcmp(name, dotted, length) == 0)
            return (enum inner_kind)kind;
    }
    return INNER_NONE;
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
    if (encapsulated_token_decode(token, &oid, &inner) == DER_OK)
        return inner_from_wire(oid);
    return INNER_NONE;
}
