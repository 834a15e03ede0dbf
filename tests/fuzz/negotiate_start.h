/*
 * The places in a negotiation from which a fuzzer's token goes on: each is reached by real tokens of
 * the other side, so that what follows is all that an attacker could choose.
 */
#ifndef TESTS_FUZZ_NEGOTIATE_START_H
#define TESTS_FUZZ_NEGOTIATE_START_H

#include "tests/fuzz/negotiate_side.h"

enum acceptor_start {
    ACCEPTOR_FIRST_TOKEN,
    ACCEPTOR_FIRST_TOKEN_WITH_NTLM_ONLY,
    ACCEPTOR_SENT_HINTS,
    ACCEPTOR_SECOND_TOKEN, /* the first ones from here on are real */
    ACCEPTOR_SENT_NTLM_CHALLENGE = ACCEPTOR_SECOND_TOKEN,
    ACCEPTOR_SENT_BARE_NTLM_CHALLENGE,
    ACCEPTOR_WANTS_DCE_THIRD_LEG,
    ACCEPTOR_REQUESTED_MIC,
    ACCEPTOR_WAITS_FOR_KERBEROS_MIC,
    ACCEPTOR_STARTS
};

enum initiator_start {
    INITIATOR_FIRST_CALL, /* the token is a server's hints */
    INITIATOR_FIRST_REPLY,
    INITIATOR_SENT_KERBEROS = INITIATOR_FIRST_REPLY,
    INITIATOR_SENT_KERBEROS_ONE_WAY,
    INITIATOR_SENT_NTLM,
    INITIATOR_SENT_NO_TOKEN,
    INITIATOR_SECOND_REPLY,
    INITIATOR_RESELECTED_NTLM = INITIATOR_SECOND_REPLY,
    INITIATOR_SENT_NTLM_AUTHENTICATE,
    INITIATOR_SENT_DCE_THIRD_LEG,
    INITIATOR_STARTS
};

/* libFuzzer's hook: prepares the sides and makes the tokens that the starts take. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Takes a new side to its place. */
struct negotiate_side negotiate_start_acceptor(enum acceptor_start start);
struct negotiate_side negotiate_start_initiator(enum initiator_start start);

/* Whether somebody without the user's or the server's key could complete the logon from there. */
bool negotiate_start_acceptor_may_complete(enum acceptor_start start);
bool negotiate_start_initiator_may_complete(enum initiator_start start);

#endif
