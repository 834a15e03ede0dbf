/*
 * Numbers and runs of octets in serialised forms of our own, exported names and credentials; and the
 * little-endian numbers of NTLM and NegoEx.
 */
#ifndef MECH_OCTETS_H
#define MECH_OCTETS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/byte_buffer.h"
#include "common/byte_range.h"

/* A big-endian number of that many octets; 0, and *failed set, when there are too few. */
static inline size_t take_number(struct byte_range *rest, size_t octets, bool *failed)
{
    size_t value = 0;

    if (rest->length < octets) {
        *failed = true;
        return 0;
    }
    for (size_t i = 0; i < octets; i++)
        value = value << 8 | rest->data[i];
    rest->data += octets;
    rest->length -= octets;
    return value;
}

/* The next length octets; an empty range, and *failed set, when there are too few. */
static inline struct byte_range take_octets(struct byte_range *rest, size_t length, bool *failed)
{
    struct byte_range taken = {rest->data, length};

    if (rest->length < length) {
        *failed = true;
        return byte_range_of(NULL, 0);
    }
    rest->data += length;
    rest->length -= length;
    return taken;
}

/* The twins of the above; both return the place behind what they wrote. */
static inline unsigned char *put_number(unsigned char *at, size_t value, size_t octets)
{
    for (size_t i = octets; i-- > 0;)
        *at++ = (unsigned char)(value >> (8 * i));
    return at;
}

static inline unsigned char *put_octets(unsigned char *at, const void *data, size_t length)
{
    if (length != 0)
        memcpy(at, data, length);
    return at + length;
}

/* A little-endian number of that many octets, four at most. */
static inline uint32_t little_endian(const unsigned char *at, size_t octets)
{
    uint32_t value = 0;

    while (octets-- > 0)
        value = value << 8 | at[octets];
    return value;
}

/* Appends octets behind their count in four octets; false when there is no room for them. */
static inline bool append_run(struct byte_buffer *buffer, const void *octets, size_t count)
{
    unsigned char length[4];

    (void)put_number(length, count, sizeof length);
    return byte_buffer_append(buffer, length, sizeof length) &&
           byte_buffer_append(buffer, octets, count);
}

#endif
