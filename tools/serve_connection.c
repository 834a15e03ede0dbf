#include "tools/serve.h"

#include <inttypes.h>
#include <stdio.h>
#include "tools/clock.h"
#include "tools/rdp_handshake.h"

/* Room for a text of which every octet is escaped. */
#define ESCAPED_SIZE(size) (4 * (size) + 1)

/* One line, written in one piece: several connections share standard output. */
static void print_failure(const char *what, const char *peer, const struct failure *failure)
{
    char text[ESCAPED_SIZE(sizeof(failure->text))];

    report_escape(text, sizeof(text), failure->text, true);
    printf("%s peer=%s reason=%s\n", what, peer, text);
    (void)fflush(stdout);
}

static const char *or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

static void print_logon(const struct server *server, const char *peer,
                        const struct logon_facts *facts, const struct logon_cost *cost)
{
    printf("logon peer=%s client=%s package=%s version=%u tls=%s cipher=%s inner=%s delegated=%s "
           "round_trips=%u sent=%" PRIu64 " received=%" PRIu64 " ms=%.1f\n",
           peer, or_dash(facts->user), server->package, facts->credssp_version,
           or_dash(facts->tls_version), or_dash(facts->cipher_suite),
           or_dash(facts->inner_mechanism), facts->delegated ? "yes" : "no", cost->round_trips,
           cost->octets_sent, cost->octets_received, (double)cost->microseconds / 1000);
    (void)fflush(stdout);
}

/* Outbound credentials of the client, as far as it delegated any. */
static bool acquire_as_client(struct logon *logon, CredHandle *credential, struct failure *failure)
{
    SECURITY_STATUS status = ImpersonateSecurityContext(&logon->context);

    if (status != SEC_E_OK) {
        failure_of_sspi(failure, "impersonating the client", status);
        return false;
    }
    status = AcquireCredentialsHandleA(NULL, (char *)"Negotiate", SECPKG_CRED_OUTBOUND, NULL, NULL,
                                       NULL, NULL, credential, NULL);
    if (status != SEC_E_OK)
        failure_of_sspi(failure, "acquiring the client's credentials", status);
    (void)RevertSecurityContext(&logon->context);
    return status == SEC_E_OK;
}

/* Logs on to the second server as the client, with what the client delegated. */
static bool second_hop(struct server *server, struct logon *logon, struct client_result *result,
                       struct failure *failure)
{
    CredHandle credential;
    struct client_request request = {.server = server->second_hop,
                                     .package = "Negotiate",
                                     .target = server->second_hop_target,
                                     .credential = &credential,
                                     .message = "second hop"};
    bool logged_on;
    bool done;

    if (!acquire_as_client(logon, &credential, failure))
        return false;
    done = client_run(&request, result, &logged_on, failure);
    (void)FreeCredentialsHandle(&credential);
    return done;
}

/* Runs the second hop, reports it, and puts into said what the client is told about it. */
static bool run_second_hop(struct server *server, struct logon *logon, const char *peer, char *said,
                           size_t size)
{
    struct failure failure = {{0}};
    struct client_result result;
    char answer[512];

    if (!second_hop(server, logon, &result, &failure)) {
        print_failure("second-hop-failed", peer, &failure);
        (void)snprintf(said, size, "\nsecond hop failed: %s", failure.text);
        return false;
    }
    report_escape(answer, sizeof(answer), result.answer, true);
    printf("second-hop peer=%s inner=%s round_trips=%u sent=%" PRIu64 " received=%" PRIu64
           " ms=%.1f answer=%s\n",
           peer, or_dash(result.facts.inner_mechanism), result.cost.round_trips,
           result.cost.octets_sent, result.cost.octets_received,
           (double)result.cost.microseconds / 1000, answer);
    (void)fflush(stdout);
    (void)snprintf(said, size, "\nsecond hop to %s: %s", server->second_hop.host, answer);
    return true;
}

/* The client speaks first, and is told who it is. A client that has nothing to say may leave. */
static bool exchange_messages(struct logon *logon, struct token_stream *stream, const char *user,
                              const char *second_hop_said, struct failure *failure)
{
    char message[MESSAGE_LIMIT + 1];
    char answer[MESSAGE_LIMIT + 1];

    if (!message_receive(logon, stream, message, failure))
        return false;
    (void)snprintf(answer, sizeof(answer), "you are %s%s", or_dash(user), second_hop_said);
    return message_send(logon, stream, answer, failure);
}

static bool log_on(struct server *server, struct token_stream *stream, struct logon *logon,
                   struct failure *failure)
{
    /* No REPLAY_DETECT and SEQUENCE_DETECT: gss-ntlmssp's acceptor has both and does not say so. */
    ULONG requirements = ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY | ASC_REQ_EXTENDED_ERROR;

    if (server->framing == FRAMING_STREAM)
        requirements |= ASC_REQ_STREAM;
    return (!server->rdp || rdp_handshake_accept(stream, failure)) &&
           logon_accept(logon, stream, &server->credential, requirements, failure);
}

static bool serve_stream(struct server *server, struct token_stream *stream, const char *peer)
{
    struct failure failure = {{0}};
    struct logon logon = {0};
    struct logon_facts facts;
    struct logon_cost cost;
    int64_t started = clock_microseconds();
    char second_hop_said[1536] = "";
    bool done = log_on(server, stream, &logon, &failure);

    if (!done) {
        print_failure("refused", peer, &failure);
        logon_release(&logon);
        return false;
    }
    cost = report_cost(stream, started);
    report_query(&facts, &logon, false);
    print_logon(server, peer, &facts, &cost);
    if (server->has_second_hop)
        done = run_second_hop(server, &logon, peer, second_hop_said, sizeof(second_hop_said));
    if (!server->rdp && !exchange_messages(&logon, stream, facts.user, second_hop_said, &failure)) {
        print_failure("left", peer, &failure);
        done = false;
    }
    logon_release(&logon);
    return done;
}

bool serve_connection(struct server *server, int socket)
{
    struct failure failure = {{0}};
    struct token_stream stream;
    char peer[ENDPOINT_TEXT_SIZE];
    bool done = false;

    endpoint_of_peer(socket, peer);
    if (token_stream_open(&stream, socket, server->framing,
                          clock_milliseconds() + SESSION_MILLISECONDS, &failure))
        done = serve_stream(server, &stream, peer);
    else
        print_failure("refused", peer, &failure);
    if (stream.input != NULL)
        token_stream_linger(&stream);
    token_stream_close(&stream);
    return done;
}
