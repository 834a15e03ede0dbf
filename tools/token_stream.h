/* Tokens over a TCP connection, with a deadline and a limit on what is kept. */
#ifndef TOOLS_TOKEN_STREAM_H
#define TOOLS_TOKEN_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tools/failure.h"

/*
 * The most that is kept of a peer's input: larger than any package's cbMaxToken (CredSSP's, the
 * largest, is 73,032 in Windows), and than a TLS record with what comes behind it.
 */
#define TOKEN_STREAM_LIMIT (128 * 1024)

enum framing {
    FRAMING_LENGTH, /* each token after its length: four octets, big-endian */
    FRAMING_STREAM, /* the tokens mark their own ends, as TLS records do */
};

/*
 * A connection. input holds what was received and not consumed; the counts are of octets on the
 * wire, and of the times that we waited for an answer to something we had sent.
 */
struct token_stream {
    int socket; /* non-blocking; owned */
    enum framing framing;
    int64_t deadline; /* of clock_milliseconds() */
    unsigned char *input;
    size_t input_length;
    uint64_t octets_sent;
    uint64_t octets_received;
    unsigned round_trips;
    bool sent_since_receiving;
};

/* Takes over the socket, also when it fails. token_stream_close() releases all. */
bool token_stream_open(struct token_stream *stream, int socket, enum framing framing,
                       int64_t deadline, struct failure *failure);
void token_stream_close(struct token_stream *stream);

/*
 * Ends what we send, and waits shortly for the peer to end too. Closing a connection on which input
 * is left unread resets it, and what was sent last may then never be read.
 */
void token_stream_linger(struct token_stream *stream);

/* Sends octets as they are. */
bool token_stream_write(struct token_stream *stream, const void *data, size_t length,
                        struct failure *failure);

/* Sends a token in the stream's framing. An empty one leaves no trace in FRAMING_STREAM. */
bool token_stream_send(struct token_stream *stream, const void *token, size_t length,
                       struct failure *failure);

/*
 * Receives until input holds at least length octets. The connection's end before that is a failure
 * that says so.
 */
bool token_stream_need(struct token_stream *stream, size_t length, struct failure *failure);

/*
 * Receives the next thing to look at. FRAMING_LENGTH: input holds exactly one token, whose length
 * has been taken off. FRAMING_STREAM: input holds more than it did.
 */
bool token_stream_receive(struct token_stream *stream, struct failure *failure);

/* Drops length octets, at most those that are there, from the front of input, and wipes them. */
void token_stream_consume(struct token_stream *stream, size_t length);

/* Keeps the last length octets of input. */
void token_stream_keep_last(struct token_stream *stream, size_t length);

#endif
