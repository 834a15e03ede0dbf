#include "tests/mech/duplex.h"

#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>

/* Another stream of chance than that of the lengths. */
#define FORM_SEED UINT64_C(0x666f726d)

/* Keys that are updated between measuring and sealing make HEADER longer; not often in turn. */
#define MEASURING_ATTEMPTS 8

enum part { HEADER, DATA, TRAILER, PARTS };

struct byte_range duplex_next(struct chance *lengths, const unsigned char *pattern)
{
    size_t kind = choose(lengths, 4);
    size_t length;

    /* Small ones more often than 70000 numbers have them; and ones about a record long. */
    if (kind == 0)
        length = 1 + choose(lengths, 64);
    else if (kind == 1)
        length = 16384 - 32 + choose(lengths, 64);
    else
        length = 1 + choose(lengths, 65536) % LONGEST_MESSAGE + (kind == 2 ? 0 : 4464);
    return byte_range_of(pattern + choose(lengths, 65536), length);
}

static void lay_out(gss_iov_buffer_desc iov[PARTS], unsigned char *octets)
{
    for (int i = 0; i < PARTS; i++) {
        iov[i].buffer.value = octets;
        octets += iov[i].buffer.length;
    }
}

/* Puts the parts together where they are shorter than was measured. */
static size_t close_up(gss_iov_buffer_desc iov[PARTS], unsigned char *octets)
{
    size_t length = 0;

    for (int i = 0; i < PARTS; i++) {
        memmove(octets + length, iov[i].buffer.value, iov[i].buffer.length);
        length += iov[i].buffer.length;
    }
    return length;
}

/* Measures, and seals in place in one piece of memory. */
static OM_uint32 seal(gss_ctx_id_t context, struct byte_range text, struct queued_message *message)
{
    gss_iov_buffer_desc iov[PARTS] = {{GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER},
                                      {GSS_IOV_BUFFER_TYPE_DATA, {text.length, NULL}},
                                      {GSS_IOV_BUFFER_TYPE_TRAILER, GSS_C_EMPTY_BUFFER}};
    OM_uint32 minor;
    OM_uint32 major = gss_wrap_iov_length(&minor, context, 1, GSS_C_QOP_DEFAULT, NULL, iov, PARTS);
    int conf = 0;

    if (GSS_ERROR(major))
        return major;
    message->length = iov[HEADER].buffer.length + text.length + iov[TRAILER].buffer.length;
    message->octets = malloc(message->length);
    if (message->octets == NULL)
        return GSS_S_FAILURE;
    lay_out(iov, message->octets);
    memcpy(iov[DATA].buffer.value, text.data, text.length);
    major = gss_wrap_iov(&minor, context, 1, GSS_C_QOP_DEFAULT, &conf, iov, PARTS);
    if (GSS_ERROR(major) || conf != 1) {
        free(message->octets);
        return GSS_S_FAILURE;
    }
    message->header = iov[HEADER].buffer.length;
    message->trailer = iov[TRAILER].buffer.length;
    message->length = close_up(iov, message->octets);
    return GSS_S_COMPLETE;
}

void *duplex_seal(void *argument)
{
    struct duplex_work *work = argument;
    struct chance lengths = chance_of_seed(work->seed);

    while (work->done < work->messages && work->failure == NULL) {
        struct byte_range text = duplex_next(&lengths, work->pattern);
        struct queued_message message = {NULL, 0, 0, 0};
        OM_uint32 major = GSS_S_FAILURE;

        for (int attempt = 0; GSS_ERROR(major) && attempt < MEASURING_ATTEMPTS; attempt++)
            major = seal(work->context, text, &message);
        if (GSS_ERROR(major))
            work->failure = "a message was not sealed";
        else if (!message_queue_put(work->queue, &message))
            work->failure = "nobody opens messages";
        else
            work->done++;
    }
    message_queue_close(work->queue);
    return NULL;
}

/* In HEADER, DATA and TRAILER, as they were sealed. */
static struct byte_range open_parts(gss_ctx_id_t context, struct queued_message *message)
{
    size_t data = message->length - message->header - message->trailer;
    gss_iov_buffer_desc iov[PARTS] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, {message->header, NULL}},
        {GSS_IOV_BUFFER_TYPE_DATA, {data, NULL}},
        {GSS_IOV_BUFFER_TYPE_TRAILER, {message->trailer, NULL}},
    };
    OM_uint32 minor;

    lay_out(iov, message->octets);
    if (GSS_ERROR(gss_unwrap_iov(&minor, context, NULL, NULL, iov, PARTS)))
        return BYTE_RANGE_ABSENT;
    return byte_range_of(iov[DATA].buffer.value, iov[DATA].buffer.length);
}

static struct byte_range open_stream(gss_ctx_id_t context, struct queued_message *message)
{
    gss_iov_buffer_desc iov[] = {
        {GSS_IOV_BUFFER_TYPE_STREAM, {message->length, message->octets}},
        {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER},
    };
    OM_uint32 minor;

    if (GSS_ERROR(gss_unwrap_iov(&minor, context, NULL, NULL, iov, 2)))
        return BYTE_RANGE_ABSENT;
    return byte_range_of(iov[1].buffer.value, iov[1].buffer.length);
}

void *duplex_open(void *argument)
{
    struct duplex_work *work = argument;
    struct chance lengths = chance_of_seed(work->seed);
    struct chance form = chance_of_seed(work->seed ^ FORM_SEED);
    struct queued_message message;

    while (work->failure == NULL && message_queue_get(work->queue, &message)) {
        struct byte_range text = duplex_next(&lengths, work->pattern);
        struct byte_range opened = message.header != 0 && choose(&form, 2) == 0
                                       ? open_parts(work->context, &message)
                                       : open_stream(work->context, &message);

        if (!byte_range_is_present(opened))
            work->failure = "a message was not opened";
        else if (!byte_range_equal(opened, text))
            work->failure = "a message is another one";
        free(message.octets);
        work->done++;
    }
    message_queue_close(work->queue);
    return NULL;
}
