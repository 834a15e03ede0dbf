/* Well-framed changes to a message: one element is changed and every length around it set right. */
#ifndef TESTS_ASN1_MUTATE_H
#define TESTS_ASN1_MUTATE_H

#include "common/byte_range.h"

enum mutation {
    MUTATION_NONE,
    MUTATION_REMOVE,
    MUTATION_REPEAT,
    MUTATION_SWAP,            /* with the next element of the same parent */
    MUTATION_EMPTY,           /* the element stays, its content goes */
    MUTATION_JUNK_INSIDE,     /* a NULL behind its content */
    MUTATION_LONG_LENGTH,     /* its length takes one octet more than it needs */
    MUTATION_INDEFINITE,      /* indefinite length, with the end mark behind its content */
    MUTATION_LENGTH_ONE_MORE, /* its length is one too large */
    MUTATION_LENGTH_ONE_LESS, /* its length is one too small */
    MUTATION_LENGTH_HUGE,     /* its length is 2^32-1 */
    MUTATION_LENGTH_WRAPPING, /* its length is 2^64-1 */
    MUTATION_LENGTH_BILLIONS, /* 2^31-1, the most that an int can hold */
    MUTATION_PAD_CONTENT,     /* a 0x00 before its content, as in an INTEGER that is not minimal */
    MUTATION_COUNT,
};

/*
 * Writes input with the change made to element number target, counted from 0 in the order of
 * their first octets. Elements are looked for in constructed ones, and in OCTET STRINGs that begin
 * like a SEQUENCE when into_octet_strings is true. Returns false when there is no such element,
 * or the change is not possible for it; otherwise *output is malloc()ed and the caller's to free.
 * *identifier is that of the element, *parent that of what holds it (0: nothing).
 */
bool mutate(struct byte_range input, bool into_octet_strings, size_t target, enum mutation mutation,
            unsigned char **output, size_t *length, unsigned *identifier, unsigned *parent);

/* What is done with each changed message. */
typedef void mutate_visit(const void *context, struct byte_range changed);

/*
 * Calls visit with input after each single octet was set to each value. Behind the first 300 octets
 * of a message there is only content, which no decoder looks at: that is left as it is.
 */
void mutate_each_octet(struct byte_range input, mutate_visit *visit, const void *context);

#endif
