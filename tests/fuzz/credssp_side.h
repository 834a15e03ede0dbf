/*
 * Our side of a CredSSP logon in a throw-away realm, without the mechglue around it. After every
 * step it is checked for what must hold whatever the peer sent.
 */
#ifndef TESTS_FUZZ_CREDSSP_SIDE_H
#define TESTS_FUZZ_CREDSSP_SIDE_H

#include "mech/credssp/credssp.h"
#include "tests/fuzz/negotiate_side.h"

struct credssp_side {
    bool initiator;
    enum side_mechanisms mechanisms; /* initiator */
    struct context *context;         /* NULL until the first step */
    OM_uint32 major;                 /* its last answer */
};

/* Reads the realm into memory and acquires the credentials; aborts on failure. */
void credssp_side_prepare(void);

/* One step. Tokens are bare TLS. The caller frees *output with gss_release_buffer. */
OM_uint32 credssp_side_step(struct credssp_side *side, gss_buffer_t input, gss_buffer_t output);

/* Asks for all that can be asked in any state, tries a step too many, and ends it. */
void credssp_side_end(struct credssp_side *side);

/* Whether the version that both speak has the hash in pubKeyAuth. */
bool credssp_side_binds_by_hash(const struct credssp_side *side);

#endif
