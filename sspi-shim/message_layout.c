#include "sspi-shim/message_layout.h"

#include <stdlib.h>
#include <string.h>
#include "common/secret.h"

/* The parts of a message of which there is one at most. */
static struct message_part *part_of(struct message_layout *layout, OM_uint32 iov_type)
{
    switch (iov_type) {
    case GSS_IOV_BUFFER_TYPE_HEADER:
    case GSS_IOV_BUFFER_TYPE_MIC_TOKEN:
        return &layout->header;
    case GSS_IOV_BUFFER_TYPE_TRAILER:
        return &layout->trailer;
    case GSS_IOV_BUFFER_TYPE_PADDING:
        return &layout->padding;
    default:
        return &layout->stream;
    }
}

static OM_uint32 iov_type_of(const SecBuffer *buffer, const struct buffer_role *roles)
{
    if (buffer->BufferType == SECBUFFER_DATA)
        return GSS_IOV_BUFFER_TYPE_DATA;
    if (buffer_type(buffer) == SECBUFFER_DATA)
        return (buffer->BufferType & SECBUFFER_READONLY_WITH_CHECKSUM) != 0
                   ? GSS_IOV_BUFFER_TYPE_SIGN_ONLY
                   : GSS_IOV_BUFFER_TYPE_EMPTY;
    while (roles->buffer != SECBUFFER_EMPTY && roles->buffer != buffer_type(buffer))
        roles++;
    return roles->iov;
}

/* False when there is such a part already. */
static bool name_part(struct message_layout *layout, const struct message_part *part)
{
    struct message_part *place;

    switch (part->iov->type) {
    case GSS_IOV_BUFFER_TYPE_SIGN_ONLY:
        layout->has_associated_data = layout->has_associated_data || part->buffer->cbBuffer != 0;
        return true;
    case GSS_IOV_BUFFER_TYPE_DATA:
        layout->data_length += part->buffer->cbBuffer;
        if (layout->data_count++ == 0)
            layout->data = *part;
        return true;
    default:
        place = part_of(layout, part->iov->type);
        if (place->buffer != NULL)
            return false;
        *place = *part;
        return true;
    }
}

bool message_layout_find(const SecBufferDesc *message, const struct buffer_role *roles,
                         struct message_layout *layout)
{
    const struct message_part absent = {NULL, NULL};

    /* Not the arrays, which are long. */
    layout->header = layout->trailer = layout->padding = layout->stream = layout->data = absent;
    layout->count = layout->data_count = 0;
    layout->data_length = 0;
    layout->has_associated_data = false;
    for (ULONG i = 0; i < message->cBuffers; i++) {
        struct message_part part = {&message->pBuffers[i], &layout->iov[layout->count]};

        part.iov->type = iov_type_of(part.buffer, roles);
        if (part.iov->type == GSS_IOV_BUFFER_TYPE_EMPTY)
            continue;
        if (part.buffer->pvBuffer == NULL && part.buffer->cbBuffer != 0)
            return false;
        part.iov->buffer = gss_buffer_of(buffer_range(part.buffer));
        layout->buffers[layout->count++] = part.buffer;
        if (!name_part(layout, &part))
            return false;
    }
    return true;
}

void message_layout_report_data(const struct message_layout *layout)
{
    for (int i = 0; i < layout->count; i++) {
        if (layout->iov[i].type == GSS_IOV_BUFFER_TYPE_DATA)
            layout->buffers[i]->cbBuffer = (ULONG)layout->iov[i].buffer.length;
    }
}

void message_layout_scatter(const struct message_layout *layout, struct byte_range octets)
{
    for (int i = 0; i < layout->count; i++) {
        SecBuffer *buffer = layout->buffers[i];

        if (layout->iov[i].type != GSS_IOV_BUFFER_TYPE_DATA)
            continue;
        if (buffer->cbBuffer > octets.length)
            buffer->cbBuffer = (ULONG)octets.length;
        if (buffer->cbBuffer == 0)
            continue;
        memcpy(buffer->pvBuffer, octets.data, buffer->cbBuffer);
        octets.data += buffer->cbBuffer;
        octets.length -= buffer->cbBuffer;
    }
}

/* What is joined, in its order. */
struct run {
    const SecBuffer *parts[BUFFERS_MAX];
    int count;
};

static void run_add(struct run *run, const SecBuffer *part)
{
    if (part != NULL && part->cbBuffer != 0)
        run->parts[run->count++] = part;
}

static void run_add_data(struct run *run, const struct message_layout *layout)
{
    for (int i = 0; i < layout->count; i++) {
        if (layout->iov[i].type == GSS_IOV_BUFFER_TYPE_DATA)
            run_add(run, layout->buffers[i]);
    }
}

static bool join(const struct run *run, struct joined_octets *joined)
{
    unsigned char *place = run->count != 0 ? run->parts[0]->pvBuffer : NULL;
    bool adjacent = true;
    size_t length = 0;

    for (int i = 0; i < run->count; i++) {
        adjacent = adjacent && run->parts[i]->pvBuffer == place + length;
        length += run->parts[i]->cbBuffer;
    }
    *joined = (struct joined_octets){{length, place}, NULL};
    if (adjacent)
        return true;
    place = malloc(length);
    if (place == NULL)
        return false;
    joined->octets.value = place;
    joined->copy = place;
    for (int i = 0; i < run->count; i++) {
        memcpy(place, run->parts[i]->pvBuffer, run->parts[i]->cbBuffer);
        place += run->parts[i]->cbBuffer;
    }
    return true;
}

bool message_layout_join_data(const struct message_layout *layout, struct joined_octets *joined)
{
    struct run run;

    run.count = 0;
    run_add_data(&run, layout);
    return join(&run, joined);
}

bool message_layout_join_message(const struct message_layout *layout, struct joined_octets *joined)
{
    struct run run;

    run.count = 0;
    run_add(&run, layout->header.buffer);
    run_add_data(&run, layout);
    run_add(&run, layout->padding.buffer);
    return join(&run, joined);
}

void joined_octets_release(struct joined_octets *joined)
{
    if (joined->copy == NULL)
        return;
    wipe(joined->copy, joined->octets.length);
    free(joined->copy);
    joined->copy = NULL;
}
