/* The mechanisms that do the work inside Negotiate: Kerberos and NTLM, reached by the mechglue. */
#ifndef MECH_INNER_H
#define MECH_INNER_H

#include <stdbool.h>
#include "mech/oids.h"

/*
 * No mechanism's signature or sealed message is shorter (NTLM's signature is just as long). Shorter ones
 * never reach the inner mechanism: gss-ntlmssp 1.2.0 reads and subtracts 16 octets unasked.
 */
#define INNER_PROTECTED_MINIMUM 16

enum inner_kind { INNER_KERBEROS, INNER_NTLM, INNER_COUNT };

/* The OID under which the mechglue knows it. */
gss_OID inner_oid(enum inner_kind kind);

/* For people: "Kerberos", "NTLM". */
const char *inner_name(enum inner_kind kind);

/* Whether the mechglue has the mechanism. Asked once for each process. */
bool inner_is_registered(enum inner_kind kind);

/*
 * The mechanism that an OID on the wire stands for, by its content octets: Kerberos has two
 * spellings. INNER_COUNT when it is none of ours.
 */
enum inner_kind inner_from_wire(struct byte_range oid);

/*
 * The mechanism that a token without SPNEGO around it belongs to: NTLMSSP by its signature,
 * Kerberos by its RFC 2743 header or as a bare AP-REQ. INNER_COUNT when it is neither.
 */
enum inner_kind inner_from_token(struct byte_range token);

#endif
