/*
 * What must come of a cell of the table, as rules: RFC 4178, MS-SPNG, and what Kerberos and gss-ntlmssp
 * themselves do with MIT's SPNEGO on both sides.
 */
#ifndef TESTS_INTEROP_SPNEGO_RULES_H
#define TESTS_INTEROP_SPNEGO_RULES_H

#include "tests/interop/spnego_cell.h"

enum outcome {
    BY_KERBEROS,
    BY_NTLM_FIRST,      /* the initiator's first choice */
    BY_NTLM_RESELECTED, /* the acceptor's, over the initiator's */
    REFUSED,            /* by the acceptor, or by what stands between the two */
};

enum outcome predict_outcome(const struct cell *cell);

/* The mechanisms that the initiator offers, as peer_wire_offer() writes them. */
const char *predict_offer(const struct cell *cell);

/*
 * All tokens of a logon that succeeds, as peer_wire_describe() writes them: the same for every pair of
 * peers but for the offer. false when it does not succeed.
 */
bool predict_tokens(const struct cell *cell, char *text, size_t size);

/* The flags that rules are about; PROT_READY and TRANS say nothing about a finished context. */
#define RULED_FLAGS                                                                   \
    (GSS_C_DELEG_FLAG | GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | \
     GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_ANON_FLAG | GSS_C_DCE_STYLE |         \
     GSS_C_CHANNEL_BOUND_FLAG)

/* A side's flags after a logon that succeeds. */
OM_uint32 predict_flags(const struct cell *cell, enum peer_side side);

/* The user's name that both sides tell. */
const char *predict_user(const struct cell *cell);

/* The acceptor's routine error when it refuses, or 0 where that is the peers' own business. */
OM_uint32 predict_acceptor_error(const struct cell *cell);

#endif
