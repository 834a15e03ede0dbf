/*
 * Logons by NegoEx in one process, with the test mechanism: each side is ours or MIT's SPNEGO, and the
 * messages that went by are told.
 */
#ifndef TESTS_MECH_NEGOEX_PEERS_H
#define TESTS_MECH_NEGOEX_PEERS_H

#include "tests/mech/exchange.h"

/* Who is on which side. MIT's SPNEGO is not there when ours is in its place. */
struct negoex_peers {
    const char *name;
    bool our_client;
    bool our_server;
    bool interposed;
};

/* MIT with itself, ours with MIT's in both roles, ours with itself, and in place of MIT's. */
enum { NEGOEX_MIT_MIT, NEGOEX_OURS_MIT, NEGOEX_MIT_OURS, NEGOEX_OURS_OURS, NEGOEX_INTERPOSED };
extern const struct negoex_peers negoex_peers[];
#define NEGOEX_PEERS_COUNT 5

/*
 * Registers the mechanisms for these peers, before the mechglue is first used in this process; the test mechanism
 * has the OIDs of letters ("ij").
 */
void negoex_register(const struct negoex_peers *peers, const char *letters);

/*
 * Sets an exchange up. A list says what a side may use, in order: letters of the test mechanism, K for
 * Kerberos, N for NTLM; NULL for the default credentials.
 */
void negoex_set_up(struct exchange *x, const struct negoex_peers *peers, const char *client_list,
                   const char *server_list);

/* Releases what negoex_set_up made, and what came of the exchange. */
void negoex_tear_down(struct exchange *x);

/*
 * The mechanism that both sides agreed on, by its letter as above; '-' when the logon failed. Aborts
 * the test when the two sides do not agree.
 */
char negoex_outcome(const struct exchange *x);

/*
 * One letter for each NegoEx message that was delivered since the last set-up: n and N for the two NEGOs
 * (initiator's and acceptor's), m and M metadata, r AP_REQUEST, C CHALLENGE, v and V VERIFY, a and A alerts;
 * a blank between tokens; ? for a token without NegoEx. NegoEx tokens that do not decode abort the test.
 */
const char *negoex_messages(void);

/* Where the NegoEx part of a SPNEGO token lies; absent when it has none. */
struct byte_range negoex_part(const gss_buffer_desc *token);

#endif
