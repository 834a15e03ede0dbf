/*
 * Decisions of a test that tries many things: from a seed, so that a run can be repeated, or from a
 * fuzzer's input. No decision is ever out of octets: from the end of the input on it is 0, which
 * stands for leaving things as they are.
 */
#ifndef TESTS_MECH_CHANCE_H
#define TESTS_MECH_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/byte_range.h"

struct chance {
    bool from_octets;
    struct byte_range octets; /* what is left of them; borrowed */
    uint64_t state;
};

struct chance chance_of_seed(uint64_t seed);
struct chance chance_of_octets(struct byte_range octets);

/* A number from 0 to count - 1; count is 1 to 65536. */
unsigned choose(struct chance *chance, size_t count);

#endif
