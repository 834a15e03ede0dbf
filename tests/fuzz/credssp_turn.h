/* One turn of the peer in a CredSSP logon: the right message, or one of many wrong ones. */
#ifndef TESTS_FUZZ_CREDSSP_TURN_H
#define TESTS_FUZZ_CREDSSP_TURN_H

#include "tests/fuzz/credssp_change.h"
#include "tests/fuzz/credssp_side.h"
#include "tests/mech/crafted_peer.h"

enum credssp_action {
    ACTION_PROPER,     /* what the protocol wants now */
    ACTION_NEGO_TOKEN, /* the logon's next token alone */
    ACTION_BINDING,    /* pubKeyAuth alone, now */
    ACTION_CREDENTIALS,
    ACTION_ALL,     /* every field in one TSRequest */
    ACTION_NOTHING, /* a TSRequest that only has a version */
    ACTION_AGAIN,   /* the octets of the TSRequest before */
    ACTION_OCTETS,  /* octets of the input, sealed */
    ACTION_RECORD,  /* octets of the input, between the records */
    ACTION_KEY_UPDATE,
    ACTION_ALERT,
    ACTION_CLOSE,
    ACTION_HANDSHAKE, /* a second one */
    ACTIONS
};

/* The two sides of a run, and what has happened in it. */
struct credssp_script {
    struct crafted_peer peer;
    struct credssp_side side;
    struct chance chance;
    struct ts_request received;   /* the side's last TSRequest */
    struct byte_buffer last;      /* octets of the peer's last one */
    struct byte_buffer delivered; /* to the side, in all */
    bool inner_failed;
    bool bound;              /* pubKeyAuth is done, as the protocol goes */
    bool silent;             /* the peer's TLS session writes no more */
    bool proved[2];          /* the right pubKeyAuth was sealed, by its form: the key, the hash */
    bool credentials_sealed; /* and something as authInfo */
    bool over;
};

extern struct credssp_script script;

/* For the peer that has SPNEGO with NTLM alone; there once credssp_turn_prepare was called. */
extern gss_cred_id_t ntlm_credential;

/* Makes what the turns of all runs need; aborts on failure. */
void credssp_turn_prepare(void);

/* Writes into the peer's TLS session, and to the wire; nothing is delivered. */
void credssp_turn_act(enum credssp_action action);

#endif
