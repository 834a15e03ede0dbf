/*
 * The mechanisms that do the work inside Negotiate, reached by the mechglue: Kerberos, NTLM, and
 * whatever else the mechglue knows and RFC 5587's attributes let us negotiate.
 */
#ifndef MECH_INNER_H
#define MECH_INNER_H

#include <stdbool.h>
#include "mech/negoex_module.h"
#include "mech/oids.h"

/*
 * No mechanism's signature or sealed message is shorter (NTLM's signature is just as long). Shorter ones
 * never reach the inner mechanism: gss-ntlmssp 1.2.0 reads and subtracts 16 octets unasked.
 */
#define INNER_PROTECTED_MINIMUM 16

/*
 * An inner mechanism: a place in a table that is made once for each process. The places below
 * INNER_OTHER are always there, though their mechanism may not be registered.
 */
enum inner_kind {
    INNER_KERBEROS,
    INNER_NTLM,
    INNER_NEGOEX, /* what SPNEGO's list calls all the mechanisms that NegoEx negotiates */
    INNER_OTHER,  /* the first of the mechanisms that we know nothing of */
    INNER_MAXIMUM = 16,
    INNER_NONE = INNER_MAXIMUM,
};

/* The places in use; kinds are below it. */
size_t inner_count(void);

/* The OID under which the mechglue knows it; of INNER_NEGOEX, the one in SPNEGO's list. */
gss_OID inner_oid(enum inner_kind kind);

/*
 * Whether an OID is one that inner_oid() gives out. It does not make the table: the mechglue may
 * ask while it is made.
 */
bool inner_owns_oid(gss_const_OID oid);

/* For people: "Kerberos", "NTLM", the mechanism's own name or its OID in dots. */
const char *inner_name(enum inner_kind kind);

/*
 * Whether the mechglue has the mechanism; INNER_NEGOEX is there when a mechanism is that NegoEx can
 * negotiate.
 */
bool inner_is_registered(enum inner_kind kind);

/* Whether the mechanism is offered in SPNEGO's list itself. */
bool inner_is_in_spnego(enum inner_kind kind);

/* How NegoEx speaks to the mechanism; NULL when it cannot negotiate it. */
const struct negoex_module *inner_negoex_module(enum inner_kind kind);

/*
 * The mechanism that an OID on the wire stands for, by its content octets: Kerberos has two
 * spellings. INNER_NONE when it is none of ours.
 */
enum inner_kind inner_from_wire(struct byte_range oid);

/* The mechanism of that name (in any case) or dotted OID; INNER_NONE when it is none of ours. */
enum inner_kind inner_from_name(const char *name, size_t length);

/*
 * The mechanism that a token without SPNEGO around it belongs to: NTLMSSP by its signature,
 * Kerberos as a bare AP-REQ, all by their RFC 2743 header. INNER_NONE when it is none of ours.
 */
enum inner_kind inner_from_token(struct byte_range token);

#endif
