/*
 * A logon between two sides with somebody in between who changes, repeats, holds back, splits and
 * sends back tokens, as chance says.
 */
#ifndef TESTS_MECH_TAMPERING_H
#define TESTS_MECH_TAMPERING_H

#include <gssapi/gssapi.h>

#include "tests/mech/token_change.h"

/* More deliveries than this no logon needs, not even one whose tokens come in pieces. */
#define TAMPERING_MAX_DELIVERIES 24

/* One side; step makes one call with what was delivered, and leaves its token in *output. */
struct tampered_side {
    OM_uint32 (*step)(void *side, gss_buffer_t input, gss_buffer_t output);
    void *side;
    OM_uint32 major; /* its last answer */
};

struct tampering {
    struct chance *chance; /* NULL: everything is delivered as it is */
    struct seen_tokens *seen;
    struct tampered_side client, server;
    bool server_first; /* the server is called first, with an empty token */

    /* What came of it. */
    bool changed;      /* anything was done to any token */
    bool list_changed; /* the server read another list than the client sent */
    char log[1024];    /* what was done, in words */

    /* Its own. */
    bool strip_mic[2];
    enum neg_state first_state;
    unsigned deliveries;
    struct byte_range list_sent; /* malloc()ed */
    bool list_read;
};

/* Runs until nothing is on the way. The two sides are the caller's. */
void tampering_run(struct tampering *tampering);

/* Both sides take the logon for done. */
bool tampering_both_succeeded(const struct tampering *tampering);

#endif
