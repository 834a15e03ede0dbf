/* The one owner of passwords, keys and other octets that must not outlive their use. */
#ifndef COMMON_SECRET_H
#define COMMON_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include "common/byte_range.h"

/*
 * Octets in pages of their own: locked into memory as far as RLIMIT_MEMLOCK allows, left out of
 * core dumps, followed by one NUL that length does not count, and wiped when they are released.
 * All zero is an absent secret; a present one may be empty (length 0). A few wiped pages are kept for
 * the secrets that come next, of any thread.
 */
struct secret {
    unsigned char *data;
    size_t length;
    size_t mapped; /* size of the mapping that data starts */
};

/* True when the secret is present (it may be empty). */
static inline bool secret_is_present(const struct secret *secret)
{
    return secret->data != NULL;
}

static inline struct byte_range secret_range(const struct secret *secret)
{
    return (struct byte_range){secret->data, secret->length};
}

/*
 * Makes *secret hold length zero octets, releasing what it held. The caller fills them.
 * Returns false, with *secret absent, when there is no memory.
 */
bool secret_allocate(struct secret *secret, size_t length);

/*
 * Makes *secret hold a copy of length octets at data, releasing what it held (data may not point
 * into it). Returns false, with *secret absent, when there is no memory.
 */
bool secret_set(struct secret *secret, const void *data, size_t length);

/* Cuts the secret to length octets, which may not be more than it has, and wipes the rest. */
void secret_truncate(struct secret *secret, size_t length);

/* Wipes and releases; *secret is absent afterwards. An absent secret is left as it is. */
void secret_release(struct secret *secret);

/* Wipes length octets at data, in a way that the compiler keeps. NULL is allowed with length 0. */
void wipe(void *data, size_t length);

#endif
