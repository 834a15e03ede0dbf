/* What the tokens of a logon say, for assertions and for people. */
#ifndef TESTS_INTEROP_PEER_WIRE_H
#define TESTS_INTEROP_PEER_WIRE_H

#include "asn1/neg_token.h"
#include "tests/interop/peer_logon.h"

/* Content octets of the mechanisms' OIDs. */
extern const struct byte_range wire_krb5;
extern const struct byte_range wire_krb5_microsoft;
extern const struct byte_range wire_ntlm;

/* A token decoded; it points into the logon's. False when it is no SPNEGO token. */
bool peer_wire_decode(const struct peer_token *token, struct neg_token *decoded);

/* A letter for a mechanism: M Microsoft's Kerberos, K Kerberos, N NTLM, ? any other, - absent. */
char peer_wire_letter(struct byte_range oid);

/* The letters of a NegTokenInit's list: "MKN". The caller frees it. */
char *peer_wire_offer(const struct neg_token_init *init);

/* All tokens in a line, as "I init MKN token; A completed M token". The caller frees it. */
char *peer_wire_describe(const struct peer_logon *logon);

#endif
