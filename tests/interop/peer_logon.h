/* A logon between two spnego_peers, with every token that went over the wire. */
#ifndef TESTS_INTEROP_PEER_LOGON_H
#define TESTS_INTEROP_PEER_LOGON_H

#include <stdint.h>
#include "tests/interop/peer_process.h"

/* More tokens than any logon has. */
#define PEER_LOGON_MAXIMUM_TOKENS 12

enum peer_side { PEER_INITIATOR, PEER_ACCEPTOR };

struct peer_token {
    enum peer_side from;
    unsigned char *octets;
    size_t length;
};

struct peer_logon {
    struct peer_settings settings[2];

    struct peer_process processes[2];
    char verdicts[2]; /* of each side's last step: PEER_CONTINUES, PEER_DONE, PEER_FAILED; or 0 */
    char *reports[2]; /* lines name=value, see spnego_peer.c */
    struct peer_token tokens[PEER_LOGON_MAXIMUM_TOKENS];
    size_t token_count;
};

/*
 * Runs a logon from settings to its end: both sides done, or one failed and the other told. False
 * when a side hangs or dies, or when the logon does not end.
 */
bool peer_logon_run(struct peer_logon *logon);

/* Ends the peers and releases what came of the logon. False when a peer did not end in order. */
bool peer_logon_end(struct peer_logon *logon);

/* A line of one side's report: its value, for the caller to free, or NULL. */
char *peer_logon_value(const struct peer_logon *logon, enum peer_side side, const char *name);

/* The same as a number; 0 when it is not there. */
uint32_t peer_logon_number(const struct peer_logon *logon, enum peer_side side, const char *name);

/*
 * Sends a text from one side to the other by these requests (PEER_WRAP and PEER_UNWRAP, ...). True when
 * it arrives.
 */
bool peer_logon_send(struct peer_logon *logon, enum peer_side from, char make, char take);

#endif
