/* Octets that grow up to a limit. */
#ifndef COMMON_BYTE_BUFFER_H
#define COMMON_BYTE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include "common/byte_range.h"

/* All zero but limit is an empty buffer. */
struct byte_buffer {
    unsigned char *data; /* malloc()ed */
    size_t length;
    size_t capacity;
    size_t limit; /* length never grows beyond it */
};

/*
 * Makes room for length more octets behind the present ones. Returns false, changing nothing, when
 * that is more than the limit or than memory allows.
 */
bool byte_buffer_reserve(struct byte_buffer *buffer, size_t length);

/* Appends a copy; false as above. */
bool byte_buffer_append(struct byte_buffer *buffer, const void *data, size_t length);

/* Removes length octets from the front; length may not be more than there are. */
void byte_buffer_consume(struct byte_buffer *buffer, size_t length);

/* Frees the memory; the buffer is empty afterwards and can be used again. */
void byte_buffer_release(struct byte_buffer *buffer);

static inline struct byte_range byte_buffer_range(const struct byte_buffer *buffer)
{
    return byte_range_of(buffer->data, buffer->length);
}

#endif
