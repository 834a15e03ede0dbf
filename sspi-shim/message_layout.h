/* The buffers of one message, as the gss_*_iov calls take them. */
#ifndef SSPI_SHIM_MESSAGE_LAYOUT_H
#define SSPI_SHIM_MESSAGE_LAYOUT_H

#include <gssapi/gssapi_ext.h>
#include "sspi-shim/buffers.h"

/* Types of buffers besides SECBUFFER_DATA, and as what a call takes them; SECBUFFER_EMPTY ends. */
struct buffer_role {
    ULONG buffer;
    OM_uint32 iov;
};

/* A buffer of the caller's, and what it is in the gss_*_iov call; NULL both when there is none. */
struct message_part {
    SecBuffer *buffer;
    gss_iov_buffer_desc *iov;
};

/*
 * The buffers that take part; iov[i] was made of buffers[i]. Borrowed. SECBUFFER_READONLY takes no
 * part, and SECBUFFER_READONLY_WITH_CHECKSUM is signed and not sealed.
 */
struct message_layout {
    struct message_part header;  /* SECBUFFER_TOKEN or SECBUFFER_STREAM_HEADER */
    struct message_part trailer; /* SECBUFFER_STREAM_TRAILER */
    struct message_part padding;
    struct message_part stream;
    struct message_part data; /* the first one that is sealed */
    int count;
    int data_count;
    size_t data_length; /* of all that are sealed */
    bool has_associated_data;
    SecBuffer *buffers[BUFFERS_MAX];
    gss_iov_buffer_desc iov[BUFFERS_MAX];
};

/*
 * Finds the buffers of a valid descriptor. False when one but DATA stands there twice, or has a
 * length and no memory.
 */
bool message_layout_find(const SecBufferDesc *message, const struct buffer_role *roles,
                         struct message_layout *layout);

/* Tell the caller how long a part has become, which may be absent, and the DATA. */
static inline void message_part_report(const struct message_part *part)
{
    if (part->buffer != NULL)
        part->buffer->cbBuffer = (ULONG)part->iov->buffer.length;
}
void message_layout_report_data(const struct message_layout *layout);

/* Lays octets over the DATA; those that they do not fill become shorter. */
void message_layout_scatter(const struct message_layout *layout, struct byte_range octets);

/*
 * Octets of several buffers, one behind the other. *copy is malloc()ed, and NULL when they stand so
 * in memory already.
 */
struct joined_octets {
    gss_buffer_desc octets;
    void *copy;
};

/*
 * The DATA alone, in their order, or the message: header, DATA and padding. False when there is no
 * memory. The caller releases it, which wipes what was copied.
 */
bool message_layout_join_data(const struct message_layout *layout, struct joined_octets *joined);
bool message_layout_join_message(const struct message_layout *layout, struct joined_octets *joined);
void joined_octets_release(struct joined_octets *joined);

#endif
