/*
 * sspi_sample client PACKAGE PORT TARGET [DOMAIN USER]
 * sspi_sample server PACKAGE
 *
 * MIT's gss-client and gss-server in SSPI: the same tokens on the wire, of krb5-gss-samples' second
 * format. The client sends an encrypted message and verifies the signature that comes back, twice; the
 * server, on a port of 127.0.0.1 that it prints, does the reverse for one client after the other. The
 * password is read from SSPI_SAMPLE_PASSWORD.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/interop/sspi_party.h"

/* The sample programs' flags: one octet before a token's length and the token. */
enum {
    FLAG_NOOP = 1,
    FLAG_CONTEXT = 2,
    FLAG_DATA = 4,
    FLAG_MIC = 8,
    FLAG_CONTEXT_NEXT = 16,
    FLAG_WRAPPED = 32,
    FLAG_ENCRYPTED = 64,
    FLAG_SEND_MIC = 128,
};
#define HEADER_OCTETS 5
#define MESSAGES      2

static struct sspi_token incoming;
static struct sspi_token outgoing;

static bool send_token(int peer, unsigned flags, struct byte_range token)
{
    uint32_t length = htonl((uint32_t)token.length);
    unsigned char header[HEADER_OCTETS] = {(unsigned char)flags};

    memcpy(header + 1, &length, sizeof length);
    return send(peer, header, sizeof header, MSG_NOSIGNAL) == (ssize_t)sizeof header &&
           (token.length == 0 ||
            send(peer, token.data, token.length, MSG_NOSIGNAL) == (ssize_t)token.length);
}

static bool send_outgoing(int peer, unsigned flags)
{
    return send_token(peer, flags, byte_range_of(outgoing.data, outgoing.length));
}

/* False at the end of the connection too. */
static bool receive_token(int peer, unsigned *flags)
{
    unsigned char header[HEADER_OCTETS];
    uint32_t length;

    if (recv(peer, header, sizeof header, MSG_WAITALL) != (ssize_t)sizeof header)
        return false;
    memcpy(&length, header + 1, sizeof length);
    incoming.length = ntohl(length);
    *flags = header[0];
    return incoming.length <= sizeof incoming.data &&
           (incoming.length == 0 ||
            recv(peer, incoming.data, incoming.length, MSG_WAITALL) == (ssize_t)incoming.length);
}

static bool log_on(struct sspi_party *party, int peer)
{
    struct byte_range input = BYTE_RANGE_ABSENT;
    enum sspi_step step = SSPI_STEP_CONTINUES;
    unsigned flags;

    if (party->is_initiator) {
        if (!send_token(peer, FLAG_NOOP | FLAG_CONTEXT_NEXT, BYTE_RANGE_ABSENT))
            return false;
    } else if (!receive_token(peer, &flags) || flags != (FLAG_NOOP | FLAG_CONTEXT_NEXT)) {
        return false;
    }
    for (;;) {
        if (!party->is_initiator || party->has_context) {
            if (!receive_token(peer, &flags))
                return false;
            input = byte_range_of(incoming.data, incoming.length);
        }
        step = sspi_party_step(party, input, &outgoing);
        if (step == SSPI_STEP_FAILED ||
            (outgoing.length != 0 && !send_outgoing(peer, FLAG_CONTEXT)))
            return false;
        if (step == SSPI_STEP_DONE)
            return true;
    }
}

static bool exchange_as_client(struct sspi_party *party, int peer)
{
    static const char text[] = "a message of an SSPI client";
    struct byte_range message = byte_range_of(text, sizeof text - 1);
    unsigned flags;

    for (int i = 0; i < MESSAGES; i++) {
        if (!sspi_party_seal(party, message, &outgoing) ||
            !send_outgoing(peer, FLAG_DATA | FLAG_WRAPPED | FLAG_ENCRYPTED | FLAG_SEND_MIC) ||
            !receive_token(peer, &flags) || flags != FLAG_MIC ||
            !sspi_party_verify(party, message, &incoming))
            return false;
    }
    (void)printf("signatures verified: %d\n", MESSAGES);
    return send_token(peer, FLAG_NOOP, BYTE_RANGE_ABSENT);
}

static bool exchange_as_server(struct sspi_party *party, int peer)
{
    struct byte_range text = BYTE_RANGE_ABSENT;
    unsigned flags;

    while (receive_token(peer, &flags)) {
        if ((flags & FLAG_NOOP) != 0)
            return true;
        if ((flags & FLAG_WRAPPED) == 0 || (flags & FLAG_SEND_MIC) == 0 ||
            !sspi_party_open(party, &incoming, &text))
            return false;
        (void)printf("message: %.*s\n", (int)text.length, (const char *)text.data);
        if (!sspi_party_sign(party, text, &outgoing) || !send_outgoing(peer, FLAG_MIC))
            return false;
    }
    return false;
}

static void say_who(const struct sspi_party *party)
{
    SecPkgContext_NamesA names;

    if (QueryContextAttributesA((PCtxtHandle)(uintptr_t)&party->context, SECPKG_ATTR_NAMES,
                                &names) != SEC_E_OK)
        return;
    (void)printf("client: %s\n", names.sUserName);
    (void)FreeContextBuffer(names.sUserName);
}

static int loopback(bool listens, const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int end = socket(AF_INET, SOCK_STREAM, 0);

    if (end < 0)
        return -1;
    if (listens ? bind(end, (struct sockaddr *)&address, length) == 0 && listen(end, 8) == 0 &&
                      getsockname(end, (struct sockaddr *)&address, &length) == 0
                : connect(end, (struct sockaddr *)&address, length) == 0) {
        if (listens)
            (void)printf("listening on %u\n", (unsigned)ntohs(address.sin_port));
        return end;
    }
    (void)close(end);
    return -1;
}

static int serve(const char *package)
{
    int listener = loopback(true, "0");

    if (listener < 0)
        return EXIT_FAILURE;
    for (;;) {
        struct sspi_party party;
        int peer = accept(listener, NULL, NULL);

        if (sspi_party_begin(&party, package, NULL, NULL, NULL, NULL) && log_on(&party, peer)) {
            say_who(&party);
            (void)printf(exchange_as_server(&party, peer) ? "done\n" : "no messages\n");
        } else {
            (void)printf("refused\n");
        }
        sspi_party_end(&party);
        (void)close(peer);
    }
}

static int run_client(int count, char **arguments)
{
    struct sspi_party party;
    bool by_password = count == 7;
    int peer = loopback(false, arguments[3]);
    bool done =
        peer >= 0 &&
        sspi_party_begin(&party, arguments[2], arguments[4], by_password ? arguments[5] : NULL,
                         by_password ? arguments[6] : NULL,
                         by_password ? getenv("SSPI_SAMPLE_PASSWORD") : NULL) &&
        log_on(&party, peer) && exchange_as_client(&party, peer);

    if (peer >= 0) {
        sspi_party_end(&party);
        (void)close(peer);
    }
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **arguments)
{
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (count == 3 && strcmp(arguments[1], "server") == 0)
        return serve(arguments[2]);
    if ((count == 5 || count == 7) && strcmp(arguments[1], "client") == 0)
        return run_client(count, arguments);
    (void)fprintf(stderr, "usage: sspi_sample client PACKAGE PORT TARGET [DOMAIN USER]\n"
                          "       sspi_sample server PACKAGE\n");
    return 2;
}
