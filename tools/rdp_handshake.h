/* The X.224 exchange of rdp_negotiation.h over a connection, for CredSSP. */
#ifndef TOOLS_RDP_HANDSHAKE_H
#define TOOLS_RDP_HANDSHAKE_H

#include <stdbool.h>
#include "tools/token_stream.h"

/* Asks the server for CredSSP. False when it does not choose it. */
bool rdp_handshake_initiate(struct token_stream *stream, struct failure *failure);

/* Takes a client's request and answers it. False when the client does not offer CredSSP. */
bool rdp_handshake_accept(struct token_stream *stream, struct failure *failure);

#endif
