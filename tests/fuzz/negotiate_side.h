/*
 * One side of a negotiation in a throw-away realm, without the mechglue around it: Kerberos and
 * NTLM inside are real, credentials are acquired once for all runs.
 */
#ifndef TESTS_FUZZ_NEGOTIATE_SIDE_H
#define TESTS_FUZZ_NEGOTIATE_SIDE_H

#include <stdio.h>
#include <stdlib.h>

#include "mech/negotiate/negotiate.h"

enum side_mechanisms { SIDE_HAS_ALL, SIDE_HAS_NTLM };

#define SIDE_FLAGS                                                                \
    (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | \
     GSS_C_SEQUENCE_FLAG)

struct negotiate_side {
    bool initiator;
    enum side_mechanisms mechanisms;
    OM_uint32 flags;         /* initiator */
    struct context *context; /* NULL until the first step */
    OM_uint32 major;         /* its last answer */
};

/* Reads the realm's tickets and keys into memory, and acquires the credentials; aborts on failure. */
void negotiate_side_prepare(void);

/* One step; side is a struct negotiate_side. The caller frees *output with gss_release_buffer. */
OM_uint32 negotiate_side_step(void *side, gss_buffer_t input, gss_buffer_t output);

/* The same with octets, for those who do not want the answer. */
OM_uint32 negotiate_side_feed(struct negotiate_side *side, struct byte_range input);

/* Asks for all that can be asked of a context in any state, tries a step too many, and ends it. */
void negotiate_side_end(struct negotiate_side *side);

/* What must hold of every step's answer, and of the context then. */
void check_answer(const struct context *context, OM_uint32 major, gss_buffer_t output);

/*
 * Asks a context, in any state, for all that can be asked of it; told_when_complete is answered on an
 * established one only.
 */
void ask_context(struct context *context, bool complete, gss_const_OID told_when_complete);

/* The server's name, for those who call the mechglue themselves. */
gss_name_t negotiate_side_target(void);

/* Ends the program when something is not so. */
static inline void must(bool condition, const char *what)
{
    if (condition)
        return;
    (void)fprintf(stderr, "not so: %s\n", what);
    abort();
}

#endif
