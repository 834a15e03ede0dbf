/*
 * Opening in place: a message in HEADER, DATA and TRAILER, or a STREAM whose data are found in it.
 *
 * The message is read ahead of where its data are written. In a STREAM it always is. In HEADER, DATA
 * and TRAILER a record's data may belong where later records still wait to be read, because the
 * sealer's HEADER holds more than the first record's header: they stay in GnuTLS' memory until then.
 */
#include <stdlib.h>

#include "common/secret.h"
#include "mech/credssp/protect.h"
#include "mech/status.h"

/* A record that was opened and whose data have no place yet. */
struct held_record {
    struct tls_record record;
    struct held_record *next;
};

struct opening {
    struct iov_walk message; /* what is still to be read */
    struct iov_walk data;    /* where the next data go */
    size_t header;           /* octets before the first DATA */
    struct held_record *held;
    struct held_record **last;
};

/* Whether nothing unread stands where so many octets of data belong. */
static bool has_place(const struct opening *opening, size_t length)
{
    if (opening->message.left == 0)
        return true;
    return opening->message.passed >= opening->header &&
           length <= opening->message.passed - opening->header &&
           opening->data.passed <= opening->message.passed - opening->header - length;
}

static OM_uint32 write_data(OM_uint32 *minor, struct opening *opening, struct byte_range octets)
{
    if (octets.length > opening->data.left)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_ARGUMENT,
                    "the message holds more data than its DATA buffers");
    (void)iov_walk_write(&opening->data, octets.data, octets.length);
    return GSS_S_COMPLETE;
}

/* Holds the record; *record is taken over. */
static OM_uint32 hold(OM_uint32 *minor, struct opening *opening, struct tls_record *record)
{
    struct held_record *held = malloc(sizeof *held);

    if (held == NULL)
        return fail_no_memory(minor);
    *held = (struct held_record){.record = *record};
    *record = (struct tls_record){NULL, BYTE_RANGE_ABSENT};
    *opening->last = held;
    opening->last = &held->next;
    return GSS_S_COMPLETE;
}

static void drop_first(struct opening *opening)
{
    struct held_record *first = opening->held;

    opening->held = first->next;
    if (opening->held == NULL)
        opening->last = &opening->held;
    tls_record_release(&first->record);
    free(first);
}

static OM_uint32 write_held(OM_uint32 *minor, struct opening *opening)
{
    OM_uint32 major = GSS_S_COMPLETE;

    while (!GSS_ERROR(major) && opening->held != NULL &&
           has_place(opening, opening->held->record.octets.length)) {
        major = write_data(minor, opening, opening->held->record.octets);
        drop_first(opening);
    }
    return major;
}

static OM_uint32 take_record(OM_uint32 *minor, struct opening *opening, struct tls_record *record)
{
    if (opening->held == NULL && has_place(opening, record->octets.length))
        return write_data(minor, opening, record->octets);
    return hold(minor, opening, record);
}

static OM_uint32 read_message(OM_uint32 *minor, struct tls_session *tls, struct opening *opening)
{
    enum tls_progress progress;
    OM_uint32 major;

    do {
        struct tls_record record;

        major = GSS_S_COMPLETE;
        progress = tls_read_record(minor, tls, &record);
        if (progress == TLS_PROGRESS)
            major = take_record(minor, opening, &record);
        if (!GSS_ERROR(major))
            major = write_held(minor, opening);
        tls_record_release(&record);
    } while (!GSS_ERROR(major) && progress == TLS_PROGRESS && opening->message.left != 0);
    if (GSS_ERROR(major))
        return major;
    return protect_end_of_reading(minor, progress, opening->data.passed);
}

/* The DATA buffers hold what was in the records, and no more. */
static void set_data_lengths(const struct iov_message *message, size_t length)
{
    gss_iov_buffer_desc *data = message->first_data;

    for (; data != NULL; data = iov_message_data_after(message, data)) {
        if (data->buffer.length > length)
            data->buffer.length = length;
        length -= data->buffer.length;
    }
}

static void wipe_data(const struct iov_message *message)
{
    gss_iov_buffer_desc *data = message->first_data;

    for (; data != NULL; data = iov_message_data_after(message, data))
        wipe(data->buffer.value, data->buffer.length);
}

/* As protect_is_whole_records, over several buffers. */
static bool is_whole_records(const struct iov_message *message)
{
    unsigned char start[TLS_RECORD_HEADER];
    struct iov_walk walk;

    iov_walk_message(&walk, message);
    if (walk.left == 0)
        return false;
    while (walk.left != 0) {
        size_t got = iov_walk_read(&walk, start, sizeof start);
        size_t length = tls_record_length(byte_range_of(start, got));

        if (length == 0 || length - got > walk.left)
            return false;
        iov_walk_pass(&walk, length - got);
    }
    return true;
}

/* Opens a message of any records. *length is how much data they held. */
static OM_uint32 open_records(OM_uint32 *minor, struct tls_session *tls,
                              const struct iov_message *message, size_t *length)
{
    struct opening opening;
    OM_uint32 major;

    iov_walk_message(&opening.message, message);
    iov_walk_data(&opening.data, message);
    opening.header = message->header != NULL ? message->header->buffer.length : 0;
    opening.held = NULL;
    opening.last = &opening.held;
    tls_lend_message(tls, &opening.message);
    major = read_message(minor, tls, &opening);
    tls_lend_message(tls, NULL);
    while (opening.held != NULL)
        drop_first(&opening);
    *length = opening.data.passed;
    return major;
}

/*
 * Whether the message is one record, whose data have room in the one DATA buffer whatever they are:
 * most are. (How much of a record of CBC is padding shows only when it is opened.)
 */
static bool is_one_record(const struct tls_session *tls, const struct iov_message *message)
{
    const struct tls_sizes sizes = tls_sizes(tls);
    const gss_iov_buffer_desc *header = message->header;
    struct iov_walk walk;

    if (header == NULL || message->data_count != 1 || message->data_length == 0 ||
        sizes.block_size > 1)
        return false;
    iov_walk_message(&walk, message);
    return walk.left <= message->data_length + sizes.header + sizes.trailer &&
           walk.left ==
               tls_record_length(byte_range_of(header->buffer.value, header->buffer.length));
}

/* GnuTLS reads the whole record before it writes its data: they go where they belong at once. */
static OM_uint32 open_one_record(OM_uint32 *minor, struct tls_session *tls,
                                 const struct iov_message *message, size_t *length)
{
    const gss_buffer_desc *data = &message->first_data->buffer;
    enum tls_progress progress;
    struct iov_walk walk;

    iov_walk_message(&walk, message);
    tls_lend_message(tls, &walk);
    progress = tls_read(minor, tls, data->value, data->length, length);
    tls_lend_message(tls, NULL);
    return protect_end_of_reading(minor, progress, *length);
}

static OM_uint32 open_message(OM_uint32 *minor, struct tls_session *tls,
                              const struct iov_message *message)
{
    size_t length = 0;
    OM_uint32 major;

    if (is_one_record(tls, message))
        major = open_one_record(minor, tls, message, &length);
    else if (is_whole_records(message))
        major = open_records(minor, tls, message, &length);
    else
        return protect_fail_cut(minor);
    if (GSS_ERROR(major))
        wipe_data(message);
    else
        set_data_lengths(message, length);
    return major;
}

/* Where a stream's data go: memory of their own, or the stream, behind its header, as with SSPI. */
static OM_uint32 provide_room(OM_uint32 *minor, const struct iov_message *message, size_t header,
                              gss_buffer_t room)
{
    const gss_buffer_desc *stream = &message->stream->buffer;
    OM_uint32 major;

    if (stream->length <= header)
        return protect_fail_cut(minor);
    *room = (gss_buffer_desc){stream->length - header, (unsigned char *)stream->value + header};
    if ((message->first_data->type & GSS_IOV_BUFFER_FLAG_ALLOCATE) == 0)
        return GSS_S_COMPLETE;
    major = iov_part_provide(minor, message->first_data, stream->length);
    *room = message->first_data->buffer;
    return major;
}

/* Reads the stream into DATA. */
static OM_uint32 open_stream(OM_uint32 *minor, struct credssp_context *credssp,
                             const struct iov_message *message)
{
    const gss_buffer_desc *stream = &message->stream->buffer;
    const bool allocate = (message->first_data->type & GSS_IOV_BUFFER_FLAG_ALLOCATE) != 0;
    gss_buffer_desc room = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc output;
    OM_uint32 major = provide_room(minor, message, tls_sizes(credssp->tls).header, &room);

    if (GSS_ERROR(major))
        return major;
    output = (gss_buffer_desc){0, room.value};
    tls_lend(credssp->tls, byte_range_of(stream->value, stream->length));
    major = protect_read_records(minor, credssp, room.length, &output);
    (void)tls_keep_rest(credssp->tls);
    if (GSS_ERROR(major))
        wipe(output.value, output.length);
    if (allocate && (GSS_ERROR(major) || output.length == 0))
        iov_part_withdraw(message->first_data); /* callers cannot free a buffer without length */
    else if (!GSS_ERROR(major))
        message->first_data->buffer = output;
    return major;
}

static OM_uint32 check_parts(OM_uint32 *minor, const struct tls_session *tls,
                             const struct iov_message *message)
{
    if (message->stream != NULL && message->data_count != 1)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                    "a STREAM buffer needs one DATA buffer");
    if (message->stream != NULL &&
        !protect_is_whole_records(
            byte_range_of(message->stream->buffer.value, message->stream->buffer.length)))
        return protect_fail_cut(minor);
    if (tls_has_unread(tls))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CALL_SEQUENCE,
                    "records that came with the logon go first: use gss_unwrap for this message");
    return GSS_S_COMPLETE;
}

OM_uint32 credssp_unwrap_iov(OM_uint32 *minor, struct context *context, int *conf_state,
                             gss_qop_t *qop, gss_iov_buffer_desc *iov, int count)
{
    struct credssp_context *credssp = (struct credssp_context *)context;
    struct iov_message message;
    OM_uint32 major = iov_message_find(minor, iov, count, &message);

    if (GSS_ERROR(major))
        return major;
    tls_lock(credssp->tls);
    major = check_parts(minor, credssp->tls, &message);
    if (!GSS_ERROR(major))
        major = message.stream != NULL ? open_stream(minor, credssp, &message)
                                       : open_message(minor, credssp->tls, &message);
    tls_unlock(credssp->tls);
    if (GSS_ERROR(major))
        return major;
    if (conf_state != NULL)
        *conf_state = 1;
    if (qop != NULL)
        *qop = GSS_C_QOP_DEFAULT;
    return GSS_S_COMPLETE;
}
