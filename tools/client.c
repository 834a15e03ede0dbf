#include "tools/client.h"

#include <strings.h>
#include "tools/clock.h"
#include "tools/rdp_handshake.h"

static ULONG requirements_for(const struct client_request *request, enum framing framing)
{
    ULONG requirements = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT |
                         ISC_REQ_SEQUENCE_DETECT | ISC_REQ_EXTENDED_ERROR;

    if (request->delegate)
        requirements |= ISC_REQ_DELEGATE;
    if (framing == FRAMING_STREAM)
        return requirements | ISC_REQ_STREAM | ISC_REQ_MANUAL_CRED_VALIDATION;
    /* NTLM cannot prove who the server is. Negotiate is asked to, where it can. */
    if (strcasecmp(request->package, "NTLM") != 0)
        requirements |= ISC_REQ_MUTUAL_AUTH;
    return requirements | ISC_REQ_CONNECTION;
}

static bool exchange_messages(const struct client_request *request, struct client_result *result,
                              struct logon *logon, struct token_stream *stream,
                              struct failure *failure)
{
    struct failure cause = {{0}};

    if (request->message == NULL || (message_send(logon, stream, request->message, &cause) &&
                                     message_receive(logon, stream, result->answer, &cause)))
        return true;
    /* Where the client has the last word, the server may refuse after the client is done. */
    failure_say(failure, "the server gave no answer after the logon; it may have refused it (%s)",
                cause.text);
    return false;
}

static bool run_on(struct token_stream *stream, const struct client_request *request,
                   struct client_result *result, bool *logged_on, struct failure *failure)
{
    struct logon logon = {0};
    int64_t started = clock_microseconds();
    bool done = !request->rdp || rdp_handshake_initiate(stream, failure);

    done = done && logon_initiate(&logon, stream, request->credential, request->target,
                                  requirements_for(request, stream->framing), failure);
    if (done) {
        *logged_on = true;
        result->cost = report_cost(stream, started);
        report_query(&result->facts, &logon, true);
        done = exchange_messages(request, result, &logon, stream, failure);
    }
    logon_release(&logon);
    return done;
}

bool client_run(const struct client_request *request, struct client_result *result, bool *logged_on,
                struct failure *failure)
{
    int64_t deadline = clock_milliseconds() + SESSION_MILLISECONDS;
    struct token_stream stream;
    enum framing framing;
    int socket;
    bool done;

    *result = (struct client_result){0};
    *logged_on = false;
    if (!logon_framing(request->package, &framing, failure))
        return false;
    socket = endpoint_connect(&request->server, deadline, failure);
    if (socket < 0)
        return false;
    done = token_stream_open(&stream, socket, framing, deadline, failure) &&
           run_on(&stream, request, result, logged_on, failure);
    token_stream_close(&stream);
    return done;
}
