#include "common/byte_buffer.h"

#include <stdlib.h>

/* The first allocation: a TLS flight without certificates fits. */
#define FIRST_CAPACITY 1024

bool byte_buffer_reserve(struct byte_buffer *buffer, size_t length)
{
    size_t capacity = FIRST_CAPACITY;
    unsigned char *data;
    size_t needed;

    if (length > buffer->limit || buffer->length > buffer->limit - length)
        return false;
    needed = buffer->length + length;
    if (needed <= buffer->capacity)
        return true;
    if (buffer->capacity != 0)
        capacity = buffer->capacity > buffer->limit / 2 ? buffer->limit : buffer->capacity * 2;
    if (capacity < needed)
        capacity = needed; /* exactly, so that who knows the whole length pays for no more */
    data = realloc(buffer->data, capacity);
    if (data == NULL)
        return false;
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool byte_buffer_append(struct byte_buffer *buffer, const void *data, size_t length)
{
    if (!byte_buffer_reserve(buffer, length))
        return false;
    if (length != 0)
        memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
    return true;
}

void byte_buffer_consume(struct byte_buffer *buffer, size_t length)
{
    buffer->length -= length;
    if (buffer->length != 0 && length != 0)
        memmove(buffer->data, buffer->data + length, buffer->length);
}

void byte_buffer_release(struct byte_buffer *buffer)
{
    free(buffer->data);
    buffer->data = NULL;
    buffer->length = 0;
    buffer->capacity = 0;
}
