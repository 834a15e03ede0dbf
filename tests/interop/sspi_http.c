/*
 * sspi_http PACKAGE PORT PATH TARGET [DOMAIN USER]
 *
 * An HTTP client that logs on by "Negotiate" (RFC 4559) through libsspi-gss, over one connection to
 * 127.0.0.1. Prints the status line and the headers of the last answer; ends with 0 when that is 200 and
 * the context is complete. The password is read from SSPI_SAMPLE_PASSWORD.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/interop/sspi_party.h"

/* An answer's head, and the most requests of a logon. */
#define HEAD_MAX      65536
#define REQUESTS_MAX  8
#define SCHEME        "Negotiate "
#define CHALLENGE     "\r\nWWW-Authenticate: " SCHEME
#define LENGTH_HEADER "\r\nContent-Length: "

static char head[HEAD_MAX + 1];
static struct sspi_token token;
static struct sspi_token answer;

static bool ask(int peer, const char *path)
{
    gnutls_datum_t octets = {token.data, (unsigned)token.length};
    gnutls_datum_t text = {NULL, 0};
    bool sent;

    if (gnutls_base64_encode2(&octets, &text) < 0)
        return false;
    sent =
        dprintf(peer, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: " SCHEME "%.*s\r\n\r\n",
                path, (int)text.size, (const char *)text.data) > 0;
    gnutls_free(text.data);
    return sent;
}

/* Reads an answer's head into head, and passes over its body. */
static bool read_answer(int peer)
{
    size_t length = 0;
    const char *at;
    unsigned long body;
    char octet;

    do {
        if (length == HEAD_MAX || recv(peer, head + length, 1, 0) != 1)
            return false;
        head[++length] = '\0';
    } while (length < 4 || memcmp(head + length - 4, "\r\n\r\n", 4) != 0);
    at = strcasestr(head, LENGTH_HEADER);
    body = at != NULL ? strtoul(at + strlen(LENGTH_HEADER), NULL, 10) : 0;
    while (body-- != 0) {
        if (recv(peer, &octet, 1, 0) != 1)
            return false;
    }
    return true;
}

/* The server's token; absent when it sent none. */
static struct byte_range find_token(void)
{
    const char *at = strcasestr(head, CHALLENGE);
    gnutls_datum_t text;
    gnutls_datum_t octets = {NULL, 0};

    if (at == NULL)
        return BYTE_RANGE_ABSENT;
    at += strlen(CHALLENGE);
    text = (gnutls_datum_t){(unsigned char *)(uintptr_t)at, (unsigned)strcspn(at, "\r")};
    answer.length = 0;
    if (gnutls_base64_decode2(&text, &octets) == 0 && octets.size <= sizeof answer.data) {
        memcpy(answer.data, octets.data, octets.size);
        answer.length = octets.size;
    }
    gnutls_free(octets.data);
    return byte_range_of(answer.data, answer.length);
}

static bool get(struct sspi_party *party, int peer, const char *path)
{
    struct byte_range input = BYTE_RANGE_ABSENT;
    enum sspi_step step = SSPI_STEP_CONTINUES;

    for (int i = 0; i < REQUESTS_MAX; i++) {
        bool is_page;

        if (step == SSPI_STEP_CONTINUES)
            step = sspi_party_step(party, input, &token);
        if (step == SSPI_STEP_FAILED || !ask(peer, path) || !read_answer(peer))
            return false;
        is_page = strncmp(head, "HTTP/1.1 200", 12) == 0;
        input = find_token();
        /* Who asks for mutual authentication looks at the token that comes with the page. */
        if (is_page && step == SSPI_STEP_CONTINUES && byte_range_is_present(input))
            step = sspi_party_step(party, input, &token);
        if (is_page)
            return step == SSPI_STEP_DONE;
        if (!byte_range_is_present(input))
            return false;
    }
    return false;
}

int main(int count, char **arguments)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool by_password = count == 7;
    struct sspi_party party;
    bool done = false;
    int peer;

    if (count != 5 && count != 7) {
        (void)fprintf(stderr, "usage: sspi_http PACKAGE PORT PATH TARGET [DOMAIN USER]\n");
        return 2;
    }
    address.sin_port = htons((uint16_t)strtoul(arguments[2], NULL, 10));
    peer = socket(AF_INET, SOCK_STREAM, 0);
    if (peer < 0)
        return EXIT_FAILURE;
    if (connect(peer, (struct sockaddr *)&address, sizeof address) == 0) {
        done =
            sspi_party_begin(&party, arguments[1], arguments[4], by_password ? arguments[5] : NULL,
                             by_password ? arguments[6] : NULL,
                             by_password ? getenv("SSPI_SAMPLE_PASSWORD") : NULL) &&
            get(&party, peer, arguments[3]);
        sspi_party_end(&party);
    }
    (void)close(peer);
    (void)fputs(head, stdout);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
