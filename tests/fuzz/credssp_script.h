/*
 * A CredSSP logon of our side with a real peer, GnuTLS and an inner mechanism of the mechglue's, who
 * does at every turn what an input says: the right thing where the input is 0 or has ended.
 */
#ifndef TESTS_FUZZ_CREDSSP_SCRIPT_H
#define TESTS_FUZZ_CREDSSP_SCRIPT_H

#include "common/byte_range.h"

/* The first octet of an input. The rest are choices, or the octets that the side gets. */
enum script_start {
    SCRIPT_TLS_1_3,
    SCRIPT_TLS_1_2,
    SCRIPT_TLS_1_3_NTLM,
    SCRIPT_TLS_1_3_RAW_NTLM, /* where the peer is the client; else as the one before */
    SCRIPT_OCTETS,           /* no peer: the input as it is, in one token */
    SCRIPT_OCTETS_IN_PIECES, /* the same, octet by octet */
    SCRIPT_STARTS
};

/* libFuzzer's hook. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Runs one input against our initiator or acceptor; aborts when something is not so. */
void credssp_script_run(bool initiator, struct byte_range input);

/* The tokens that the side got in the run before; until the next one. */
struct byte_range credssp_script_octets(void);

/* Whether that run ended with an established context. */
bool credssp_script_succeeded(void);

#endif
