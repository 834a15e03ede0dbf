/*
 * One direction of a CredSSP context: a thread that seals messages of chance's lengths in place,
 * and one that opens them in place, as HEADER, DATA and TRAILER or as a STREAM.
 */
#ifndef TESTS_MECH_DUPLEX_H
#define TESTS_MECH_DUPLEX_H

#include <gssapi/gssapi.h>

#include "tests/mech/chance.h"
#include "tests/mech/message_queue.h"

/* More than four records of TLS. */
#define LONGEST_MESSAGE 70000

/* What messages are made of: each begins at another octet. */
#define PATTERN_OCTETS ((size_t)3 * LONGEST_MESSAGE)

/* A thread's work. It fails with a text, and closes the queue. */
struct duplex_work {
    gss_ctx_id_t context;
    struct message_queue *queue;
    const unsigned char *pattern;
    unsigned messages;
    uint64_t seed; /* of the lengths; the same at both ends */
    unsigned done;
    const char *failure;
};

/* A message's data, from the lengths' chance: 1 to LONGEST_MESSAGE octets of the pattern. */
struct byte_range duplex_next(struct chance *lengths, const unsigned char *pattern);

/*
 * Bodies of threads; the argument is a struct duplex_work. The sealer closes the queue at its end.
 */
void *duplex_seal(void *argument);
void *duplex_open(void *argument);

#endif
