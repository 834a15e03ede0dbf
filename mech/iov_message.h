/*
 * Messages that lie in several buffers of their owner (gss_wrap_iov): their parts, and walks over
 * their octets in the order of the wire: HEADER, the DATA as they come, PADDING, TRAILER.
 */
#ifndef MECH_IOV_MESSAGE_H
#define MECH_IOV_MESSAGE_H

#include <stddef.h>

#include "mech/mechglue.h"

/* The parts, borrowed; NULL where there is none. */
struct iov_message {
    gss_iov_buffer_desc *header;
    gss_iov_buffer_desc *padding;
    gss_iov_buffer_desc *trailer;
    gss_iov_buffer_desc *stream;
    gss_iov_buffer_desc *first_data; /* and between these two what is of type DATA too */
    gss_iov_buffer_desc *last_data;
    size_t data_count;
    size_t data_length; /* of all of them */
};

/*
 * Finds the parts. Fails when one but DATA is there twice, and when there are octets in one that a
 * protocol without associated data cannot take: SIGN_ONLY and the like.
 */
OM_uint32 iov_message_find(OM_uint32 *minor, gss_iov_buffer_desc *iov, int count,
                           struct iov_message *message);

/* A message that is one run of octets; data is filled in and must live as long. */
struct iov_message iov_message_of(gss_iov_buffer_desc *data, void *octets, size_t length);

/* Makes room in a part: allocates it where that is wanted, or finds it large enough. */
OM_uint32 iov_part_provide(OM_uint32 *minor, gss_iov_buffer_desc *part, size_t length);

/* Frees what iov_part_provide has allocated; NULL is allowed. */
void iov_part_withdraw(gss_iov_buffer_desc *part);

/* The DATA buffer behind this one; NULL behind the last. */
gss_iov_buffer_desc *iov_message_data_after(const struct iov_message *message,
                                            gss_iov_buffer_desc *data);

enum iov_stage { IOV_HEADER, IOV_DATA, IOV_PADDING, IOV_TRAILER };

/* Where a walk stands. Lengths of the message's buffers must not change under it. */
struct iov_walk {
    const struct iov_message *message;
    gss_iov_buffer_desc *buffer;
    enum iov_stage stage;
    unsigned char *place; /* in buffer */
    size_t together;      /* octets at place */
    size_t passed;        /* octets */
    size_t left;
};

/* Begins a walk over the whole message, and over its DATA alone. */
void iov_walk_message(struct iov_walk *walk, const struct iov_message *message);
void iov_walk_data(struct iov_walk *walk, const struct iov_message *message);

/* Goes to the next buffer that holds something, when none is left in this one. */
void iov_walk_go_on(struct iov_walk *walk);

/* Where the next octets are, and how many of them are together; 0 at the end. */
static inline size_t iov_walk_next(struct iov_walk *walk, unsigned char **place)
{
    if (walk->together == 0)
        iov_walk_go_on(walk);
    *place = walk->place;
    return walk->together;
}

/* Goes on by length octets, which may not be more than are left. */
void iov_walk_pass(struct iov_walk *walk, size_t length);

/* Copies from and to the next octets and goes on; returns how many there were, size at most. */
size_t iov_walk_read(struct iov_walk *walk, void *octets, size_t size);
size_t iov_walk_write(struct iov_walk *walk, const void *octets, size_t size);

#endif
