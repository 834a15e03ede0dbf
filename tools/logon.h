/* A logon by SSPI over a token stream, and protected messages behind it. */
#ifndef TOOLS_LOGON_H
#define TOOLS_LOGON_H

#include <stdbool.h>
#include "sspi-gss/sspi.h"
#include "tools/token_stream.h"

/* A security context. attributes are the ISC_RET_* or ASC_RET_* of the last leg. */
struct logon {
    CtxtHandle context;
    bool has_context;
    ULONG attributes;
};

/* How the package's tokens are carried. False when there is no such package. */
bool logon_framing(const char *package, enum framing *framing, struct failure *failure);

/*
 * Runs a logon to its end, as the side that starts it (target is the service's SPN) or as the one
 * that accepts it. What follows the last token stays in stream->input. logon_release() in any case.
 */
bool logon_initiate(struct logon *logon, struct token_stream *stream, CredHandle *credential,
                    const char *target, ULONG requirements, struct failure *failure);
bool logon_accept(struct logon *logon, struct token_stream *stream, CredHandle *credential,
                  ULONG requirements, struct failure *failure);
void logon_release(struct logon *logon);

/* The longest text of one message. */
#define MESSAGE_LIMIT 4096

/* Sends text encrypted. */
bool message_send(struct logon *logon, struct token_stream *stream, const char *text,
                  struct failure *failure);

/* Receives and decrypts one message as a string; one that holds a NUL is refused. */
bool message_receive(struct logon *logon, struct token_stream *stream, char text[MESSAGE_LIMIT + 1],
                     struct failure *failure);

#endif
