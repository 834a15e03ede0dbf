/* Where to connect to and where to listen. */
#ifndef TOOLS_ENDPOINT_H
#define TOOLS_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include "tools/failure.h"

/* A host's name or address without brackets, and a port's number as text. */
struct endpoint {
    char host[256];
    char port[6];
};

/* The longest text of an address and its port: "[IPv6%scope]:65535". */
#define ENDPOINT_TEXT_SIZE 96

/*
 * Reads HOST, HOST:PORT, ADDRESS or [ADDRESS]:PORT; without a port, default_port is taken. False
 * when text is none of these.
 */
bool endpoint_parse(struct endpoint *endpoint, const char *text, const char *default_port);

/* True for a decimal number from 0 to 65535 of at most five digits. */
bool endpoint_is_port(const char *text);

/* A connected, non-blocking socket, or -1 with *failure. Gives up at deadline (monotonic ms). */
int endpoint_connect(const struct endpoint *endpoint, int64_t deadline, struct failure *failure);

/* A listening socket, or -1 with *failure. bound receives "ADDRESS:PORT". */
int endpoint_listen(const struct endpoint *endpoint, char bound[ENDPOINT_TEXT_SIZE],
                    struct failure *failure);

/* "ADDRESS:PORT" of the peer of a socket. */
void endpoint_of_peer(int socket, char text[ENDPOINT_TEXT_SIZE]);

#endif
