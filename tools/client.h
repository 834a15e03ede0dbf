/* The client's side of a logon, from the connection to the server's answer. */
#ifndef TOOLS_CLIENT_H
#define TOOLS_CLIENT_H

#include "tools/endpoint.h"
#include "tools/report.h"

/* What this program allows a logon and what follows it, on either side. */
#define SESSION_MILLISECONDS 30000

struct client_request {
    struct endpoint server;
    const char *package;
    const char *target; /* SPN */
    CredHandle *credential;
    bool rdp;
    bool delegate;
    const char *message; /* NULL: do not exchange messages */
};

struct client_result {
    struct logon_facts facts;
    struct logon_cost cost; /* of the logon alone */
    char answer[MESSAGE_LIMIT + 1];
};

/*
 * Connects and logs on; then sends the message, and receives the server's answer to it. False with
 * *failure; *logged_on then says whether the logon itself was done, and the result's facts and cost
 * are there.
 */
bool client_run(const struct client_request *request, struct client_result *result, bool *logged_on,
                struct failure *failure);

#endif
