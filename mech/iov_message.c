#include "mech/iov_message.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mech/status.h"

/* --- parts --- */

/* Where to note a part that may be there once; NULL for other types. */
static gss_iov_buffer_desc **place_of(struct iov_message *message, OM_uint32 type)
{
    switch (type) {
    case GSS_IOV_BUFFER_TYPE_HEADER:
        return &message->header;
    case GSS_IOV_BUFFER_TYPE_PADDING:
        return &message->padding;
    case GSS_IOV_BUFFER_TYPE_TRAILER:
        return &message->trailer;
    case GSS_IOV_BUFFER_TYPE_STREAM:
        return &message->stream;
    default:
        return NULL;
    }
}

static OM_uint32 pass_over(OM_uint32 *minor, const gss_iov_buffer_desc *part)
{
    if (part->buffer.length == 0)
        return GSS_S_COMPLETE;
    if (GSS_IOV_BUFFER_TYPE(part->type) == GSS_IOV_BUFFER_TYPE_SIGN_ONLY)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_BAD_ARGUMENT,
                    "TLS signs no data that it does not send (SIGN_ONLY)");
    return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                "TLS has no use for a buffer of type %u",
                (unsigned)GSS_IOV_BUFFER_TYPE(part->type));
}

static OM_uint32 add_data(OM_uint32 *minor, struct iov_message *message, gss_iov_buffer_desc *data)
{
    if (data->buffer.length > SIZE_MAX - message->data_length)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "more data than there can be");
    message->data_length += data->buffer.length;
    message->last_data = data;
    if (message->data_count++ == 0)
        message->first_data = data;
    return GSS_S_COMPLETE;
}

static OM_uint32 add_part(OM_uint32 *minor, struct iov_message *message, gss_iov_buffer_desc *part)
{
    gss_iov_buffer_desc **place;

    if (GSS_IOV_BUFFER_TYPE(part->type) == GSS_IOV_BUFFER_TYPE_DATA)
        return add_data(minor, message, part);
    place = place_of(message, GSS_IOV_BUFFER_TYPE(part->type));
    if (place == NULL)
        return pass_over(minor, part);
    if (*place != NULL)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "two buffers of type %u",
                    (unsigned)GSS_IOV_BUFFER_TYPE(part->type));
    *place = part;
    return GSS_S_COMPLETE;
}

OM_uint32 iov_message_find(OM_uint32 *minor, gss_iov_buffer_desc *iov, int count,
                           struct iov_message *message)
{
    OM_uint32 major = GSS_S_COMPLETE;

    *message = (struct iov_message){0};
    for (int i = 0; i < count && !GSS_ERROR(major); i++)
        major = add_part(minor, message, &iov[i]);
    return major;
}

struct iov_message iov_message_of(gss_iov_buffer_desc *data, void *octets, size_t length)
{
    *data = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_DATA, {length, octets}};
    return (struct iov_message){
        .first_data = data, .last_data = data, .data_count = 1, .data_length = length};
}

OM_uint32 iov_part_provide(OM_uint32 *minor, gss_iov_buffer_desc *part, size_t length)
{
    if ((part->type & GSS_IOV_BUFFER_FLAG_ALLOCATE) != 0) {
        part->buffer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
        if (length == 0)
            return GSS_S_COMPLETE; /* callers cannot free a buffer without length */
        part->buffer = (gss_buffer_desc){length, malloc(length)};
        if (part->buffer.value == NULL) {
            part->buffer.length = 0;
            return fail_no_memory(minor);
        }
        part->type |= GSS_IOV_BUFFER_FLAG_ALLOCATED;
        return GSS_S_COMPLETE;
    }
    if (part->buffer.length < length)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                    "a buffer of type %u has %zu octets and needs %zu: ask gss_wrap_iov_length",
                    (unsigned)GSS_IOV_BUFFER_TYPE(part->type), part->buffer.length, length);
    part->buffer.length = length;
    return GSS_S_COMPLETE;
}

void iov_part_withdraw(gss_iov_buffer_desc *part)
{
    if (part == NULL || (part->type & GSS_IOV_BUFFER_FLAG_ALLOCATED) == 0)
        return;
    free(part->buffer.value);
    part->buffer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    part->type &= ~(OM_uint32)GSS_IOV_BUFFER_FLAG_ALLOCATED;
}

gss_iov_buffer_desc *iov_message_data_after(const struct iov_message *message,
                                            gss_iov_buffer_desc *data)
{
    while (data != message->last_data) {
        data++;
        if (GSS_IOV_BUFFER_TYPE(data->type) == GSS_IOV_BUFFER_TYPE_DATA)
            return data;
    }
    return NULL;
}

/* --- walks --- */

static size_t length_of(const gss_iov_buffer_desc *part)
{
    return part != NULL ? part->buffer.length : 0;
}

static void stand_at(struct iov_walk *walk, gss_iov_buffer_desc *buffer)
{
    walk->buffer = buffer;
    walk->place = buffer != NULL ? buffer->buffer.value : NULL;
    walk->together = length_of(buffer);
}

static void begin(struct iov_walk *walk, const struct iov_message *message, enum iov_stage stage,
                  gss_iov_buffer_desc *first)
{
    walk->message = message;
    walk->stage = stage;
    walk->passed = 0;
    stand_at(walk, first);
}

void iov_walk_message(struct iov_walk *walk, const struct iov_message *message)
{
    begin(walk, message, IOV_HEADER, message->header);
    walk->left = length_of(message->header) + message->data_length + length_of(message->padding) +
                 length_of(message->trailer);
}

void iov_walk_data(struct iov_walk *walk, const struct iov_message *message)
{
    begin(walk, message, IOV_DATA, message->first_data);
    walk->left = message->data_length;
}

static void go_to_next_buffer(struct iov_walk *walk)
{
    const struct iov_message *message = walk->message;
    gss_iov_buffer_desc *data = NULL;

    switch (walk->stage) {
    case IOV_HEADER:
        walk->stage = IOV_DATA;
        stand_at(walk, message->first_data);
        return;
    case IOV_DATA:
        if (walk->buffer != NULL)
            data = iov_message_data_after(message, walk->buffer);
        if (data == NULL)
            walk->stage = IOV_PADDING;
        stand_at(walk, data != NULL ? data : message->padding);
        return;
    case IOV_PADDING:
    case IOV_TRAILER:
    default:
        walk->stage = IOV_TRAILER;
        stand_at(walk, message->trailer);
        return;
    }
}

void iov_walk_go_on(struct iov_walk *walk)
{
    while (walk->together == 0 && walk->left != 0)
        go_to_next_buffer(walk);
}

/* Goes on within the present buffer. */
static inline void pass_within(struct iov_walk *walk, size_t length)
{
    walk->place += length;
    walk->together -= length;
    walk->passed += length;
    walk->left -= length;
}

void iov_walk_pass(struct iov_walk *walk, size_t length)
{
    while (length != 0) {
        unsigned char *place;
        size_t together = iov_walk_next(walk, &place);
        size_t part = length < together ? length : together;

        pass_within(walk, part);
        length -= part;
    }
}

/* The next part to copy, and past it. */
static size_t take_part(struct iov_walk *walk, size_t most, unsigned char **place)
{
    size_t part = iov_walk_next(walk, place);

    if (part > most)
        part = most;
    pass_within(walk, part);
    return part;
}

size_t iov_walk_read(struct iov_walk *walk, void *octets, size_t size)
{
    const size_t length = size < walk->left ? size : walk->left;
    unsigned char *place;

    for (size_t done = 0, part; done < length; done += part) {
        part = take_part(walk, length - done, &place);
        memcpy((unsigned char *)octets + done, place, part);
    }
    return length;
}

size_t iov_walk_write(struct iov_walk *walk, const void *octets, size_t size)
{
    const size_t length = size < walk->left ? size : walk->left;
    unsigned char *place;

    for (size_t done = 0, part; done < length; done += part) {
        part = take_part(walk, length - done, &place);
        memcpy(place, (const unsigned char *)octets + done, part);
    }
    return length;
}
