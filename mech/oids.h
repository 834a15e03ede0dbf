/* Object identifiers of mechanisms and of the side channels between them. */
#ifndef MECH_OIDS_H
#define MECH_OIDS_H

#include <stdbool.h>
#include "common/byte_range.h"
#include "mech/mechglue.h"

/* Static OIDs, in the shape that gss_* calls take. */
extern const gss_OID oid_credssp;
extern const gss_OID oid_negotiate;
extern const gss_OID oid_interposer;
extern const gss_OID oid_spnego;
extern const gss_OID oid_krb5;
extern const gss_OID oid_krb5_microsoft; /* 1.2.840.48018.1.2.2, Windows' truncated spelling */
extern const gss_OID oid_ntlmssp;
extern const gss_OID oid_negoex; /* what SPNEGO's list has for all mechanisms of NegoEx */

/* gss-ntlmssp: does the peer have to see a mechListMIC (asking also tells NTLM that it can). */
extern const gss_OID oid_ntlmssp_require_mic;
/* gss-ntlmssp: puts an RC4 handle back after a mechListMIC; value 0 sending, 1 receiving. */
extern const gss_OID oid_ntlmssp_reset_crypto;

/* gss-ntlmssp: the NEGOTIATE flags that an initiator's credential begins with. */
extern const gss_OID oid_ntlmssp_flags;

/* Both absent, or equal. */
bool oid_equal(gss_const_OID a, gss_const_OID b);

/* The content octets of an OID. */
struct byte_range oid_range(gss_const_OID oid);

/* Whether a set has the OID; a NULL set has none. */
bool oid_set_has(gss_const_OID_set set, gss_const_OID oid);

#endif
