/* The server's side of one connection. */
#ifndef TOOLS_SERVE_H
#define TOOLS_SERVE_H

#include "tools/client.h"

/* What is the same for all connections of a server; read only while it runs. */
struct server {
    const char *package;
    enum framing framing;
    CredHandle credential;
    bool rdp;
    bool has_second_hop;
    struct endpoint second_hop;
    const char *second_hop_target;
};

/*
 * Serves one connection to its end, and closes it: the logon, its report on standard output, the
 * second hop, the exchange of messages. Returns whether all of it succeeded.
 */
bool serve_connection(struct server *server, int socket);

#endif
