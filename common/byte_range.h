/* A borrowed run of octets. */
#ifndef COMMON_BYTE_RANGE_H
#define COMMON_BYTE_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Octets that somebody else owns. data is NULL where the thing is absent; a thing that is present
 * and empty has a non-NULL data and length 0.
 */
struct byte_range {
    const unsigned char *data;
    size_t length;
};

/* An absent range. */
#define BYTE_RANGE_ABSENT ((struct byte_range){NULL, 0})

/* A range over length octets at data; present even when length is 0 and data NULL. */
static inline struct byte_range byte_range_of(const void *data, size_t length)
{
    static const unsigned char nothing[1];

    return (struct byte_range){data != NULL ? data : nothing, length};
}

static inline bool byte_range_is_present(struct byte_range range)
{
    return range.data != NULL;
}

/* Both absent, or both present with the same octets. Not for secrets: it stops at a difference. */
static inline bool byte_range_equal(struct byte_range a, struct byte_range b)
{
    if (a.data == NULL || b.data == NULL)
        return a.data == b.data;
    return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

#endif
