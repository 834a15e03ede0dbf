#include "tools/token_stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/secret.h"
#include "tools/clock.h"

#define LENGTH_OCTETS 4

/* A peer that reads the end of our stream needs no longer than this to close its side. */
#define LINGER_MILLISECONDS 1000

bool token_stream_open(struct token_stream *stream, int socket, enum framing framing,
                       int64_t deadline, struct failure *failure)
{
    int on = 1;

    *stream = (struct token_stream){.socket = socket, .framing = framing, .deadline = deadline};
    /* A logon is a conversation of small messages: none may wait for the next. */
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    stream->input = malloc(TOKEN_STREAM_LIMIT);
    if (stream->input == NULL)
        failure_say(failure, "out of memory");
    return stream->input != NULL;
}

void token_stream_close(struct token_stream *stream)
{
    if (stream->input != NULL)
        wipe(stream->input, TOKEN_STREAM_LIMIT);
    free(stream->input);
    if (stream->socket >= 0)
        (void)close(stream->socket);
    *stream = (struct token_stream){.socket = -1};
}

void token_stream_linger(struct token_stream *stream)
{
    struct pollfd poll_for = {.fd = stream->socket, .events = POLLIN};
    int64_t deadline = clock_milliseconds() + LINGER_MILLISECONDS;
    size_t discarded = 0;
    ssize_t received = 1;

    (void)shutdown(stream->socket, SHUT_WR);
    while (received > 0 && discarded < TOKEN_STREAM_LIMIT &&
           poll(&poll_for, 1, clock_left(deadline)) > 0) {
        received = recv(stream->socket, stream->input, TOKEN_STREAM_LIMIT, 0);
        discarded += received > 0 ? (size_t)received : 0;
    }
}

static bool wait_until_ready(struct token_stream *stream, short events, struct failure *failure)
{
    struct pollfd poll_for = {.fd = stream->socket, .events = events};
    int ready;

    do {
        ready = poll(&poll_for, 1, clock_left(stream->deadline));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0)
        failure_say(failure, "the peer took too long");
    else if (ready < 0)
        failure_of_system(failure, "poll");
    return ready > 0;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

bool token_stream_write(struct token_stream *stream, const void *data, size_t length,
                        struct failure *failure)
{
    const unsigned char *next = data;

    while (length > 0) {
        ssize_t sent = send(stream->socket, next, length, MSG_NOSIGNAL);

        if (sent < 0 && !would_block()) {
            failure_of_system(failure, "sending");
            return false;
        }
        if (sent < 0 && !wait_until_ready(stream, POLLOUT, failure))
            return false;
        if (sent <= 0)
            continue;
        next += sent;
        length -= (size_t)sent;
        stream->octets_sent += (uint64_t)sent;
        stream->sent_since_receiving = true;
    }
    return true;
}

bool token_stream_send(struct token_stream *stream, const void *token, size_t length,
                       struct failure *failure)
{
    unsigned char prefix[LENGTH_OCTETS] = {
        (unsigned char)(length >> 24 & 0xff), (unsigned char)(length >> 16 & 0xff),
        (unsigned char)(length >> 8 & 0xff), (unsigned char)(length & 0xff)};

    if (length > TOKEN_STREAM_LIMIT) {
        failure_say(failure, "a token of %zu octets is too long to be sent", length);
        return false;
    }
    if (stream->framing == FRAMING_LENGTH &&
        !token_stream_write(stream, prefix, sizeof(prefix), failure))
        return false;
    return token_stream_write(stream, token, length, failure);
}

/* Receives something, at most until input holds limit octets. */
static bool receive_some(struct token_stream *stream, size_t limit, struct failure *failure)
{
    ssize_t received;

    if (limit > TOKEN_STREAM_LIMIT || stream->input_length >= limit) {
        failure_say(failure, "the peer sent more than %d octets that belong together",
                    TOKEN_STREAM_LIMIT);
        return false;
    }
    do {
        if (!wait_until_ready(stream, POLLIN, failure))
            return false;
        received = recv(stream->socket, stream->input + stream->input_length,
                        limit - stream->input_length, 0);
    } while (received < 0 && would_block());
    if (received < 0)
        failure_of_system(failure, "receiving");
    if (received == 0)
        failure_say(failure, "the peer closed the connection");
    if (received <= 0)
        return false;
    stream->input_length += (size_t)received;
    stream->octets_received += (uint64_t)received;
    stream->round_trips += stream->sent_since_receiving;
    stream->sent_since_receiving = false;
    return true;
}

bool token_stream_need(struct token_stream *stream, size_t length, struct failure *failure)
{
    while (stream->input_length < length)
        if (!receive_some(stream, length, failure))
            return false;
    return true;
}

static bool receive_prefixed(struct token_stream *stream, struct failure *failure)
{
    const unsigned char *input = stream->input;
    size_t length;

    if (!token_stream_need(stream, LENGTH_OCTETS, failure))
        return false;
    length = (size_t)input[0] << 24 | (size_t)input[1] << 16 | (size_t)input[2] << 8 | input[3];
    if (length > TOKEN_STREAM_LIMIT) {
        failure_say(failure, "the peer announced a token of %zu octets; %d are taken", length,
                    TOKEN_STREAM_LIMIT);
        return false;
    }
    token_stream_consume(stream, LENGTH_OCTETS);
    return token_stream_need(stream, length, failure);
}

bool token_stream_receive(struct token_stream *stream, struct failure *failure)
{
    if (stream->framing == FRAMING_LENGTH)
        return receive_prefixed(stream, failure);
    return receive_some(stream, TOKEN_STREAM_LIMIT, failure);
}

void token_stream_consume(struct token_stream *stream, size_t length)
{
    if (length > stream->input_length)
        length = stream->input_length;
    token_stream_keep_last(stream, stream->input_length - length);
}

void token_stream_keep_last(struct token_stream *stream, size_t length)
{
    size_t before = stream->input_length;

    if (length > before)
        length = before;
    memmove(stream->input, stream->input + (before - length), length);
    wipe(stream->input + length, before - length);
    stream->input_length = length;
}
