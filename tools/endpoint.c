#include "tools/endpoint.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tools/clock.h"

/* Connections that wait to be accepted; as many again are being served (serve.c). */
#define LISTEN_BACKLOG 32

bool endpoint_is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits > 0 && digits <= 5 && text[digits] == '\0' && atol(text) <= 65535;
}

static bool set_parts(struct endpoint *endpoint, const char *host, size_t host_length,
                      const char *port)
{
    if (host_length == 0 || host_length >= sizeof(endpoint->host) || !endpoint_is_port(port))
        return false;
    memcpy(endpoint->host, host, host_length);
    endpoint->host[host_length] = '\0';
    (void)snprintf(endpoint->port, sizeof(endpoint->port), "%s", port);
    return true;
}

bool endpoint_parse(struct endpoint *endpoint, const char *text, const char *default_port)
{
    const char *colon = strchr(text, ':');
    const char *bracket = strchr(text, ']');

    if (text[0] == '[' && bracket != NULL && bracket[1] == ':')
        return set_parts(endpoint, text + 1, (size_t)(bracket - text - 1), bracket + 2);
    if (text[0] == '[' && bracket != NULL && bracket[1] == '\0')
        return set_parts(endpoint, text + 1, (size_t)(bracket - text - 1), default_port);
    if (colon != NULL && strchr(colon + 1, ':') == NULL)
        return set_parts(endpoint, text, (size_t)(colon - text), colon + 1);
    return set_parts(endpoint, text, strlen(text), default_port);
}

static struct addrinfo *resolve(const struct endpoint *endpoint, int flags, struct failure *failure)
{
    struct addrinfo hints = {
        .ai_flags = flags | AI_NUMERICSERV, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(endpoint->host, endpoint->port, &hints, &found);

    if (error == 0)
        return found;
    failure_say(failure, "%s: %s", endpoint->host, gai_strerror(error));
    return NULL;
}

static int open_socket(const struct addrinfo *address)
{
    return socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                  address->ai_protocol);
}

/* Waits for a connect() that is under way; leaves its error in errno. */
static bool wait_for_connection(int descriptor, int64_t deadline)
{
    struct pollfd poll_for = {.fd = descriptor, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    if (errno != EINPROGRESS)
        return false;
    if (poll(&poll_for, 1, clock_left(deadline)) != 1) {
        errno = ETIMEDOUT;
        return false;
    }
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return false;
    errno = error;
    return error == 0;
}

int endpoint_connect(const struct endpoint *endpoint, int64_t deadline, struct failure *failure)
{
    struct addrinfo *addresses = resolve(endpoint, 0, failure);
    char what[sizeof(endpoint->host) + 32];
    int connected = -1;

    if (addresses == NULL)
        return -1;
    for (struct addrinfo *one = addresses; one != NULL && connected < 0; one = one->ai_next) {
        int descriptor = open_socket(one);

        if (descriptor < 0)
            continue;
        if (connect(descriptor, one->ai_addr, one->ai_addrlen) == 0 ||
            wait_for_connection(descriptor, deadline))
            connected = descriptor;
        else
            (void)close(descriptor);
    }
    freeaddrinfo(addresses);
    (void)snprintf(what, sizeof(what), "connecting to %s port %s", endpoint->host, endpoint->port);
    if (connected < 0)
        failure_of_system(failure, what);
    return connected;
}

static void describe_address(const struct sockaddr *address, socklen_t size,
                             char text[ENDPOINT_TEXT_SIZE])
{
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];

    if (getnameinfo(address, size, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        (void)snprintf(text, ENDPOINT_TEXT_SIZE, "?");
    else if (strchr(host, ':') != NULL)
        (void)snprintf(text, ENDPOINT_TEXT_SIZE, "[%.64s]:%.5s", host, port);
    else
        (void)snprintf(text, ENDPOINT_TEXT_SIZE, "%.64s:%.5s", host, port);
}

/* Leaves the error in errno. */
static int listen_at(const struct addrinfo *address)
{
    int descriptor = open_socket(address);
    int on = 1;

    if (descriptor < 0)
        return -1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(descriptor, LISTEN_BACKLOG) == 0)
        return descriptor;
    on = errno;
    (void)close(descriptor);
    errno = on;
    return -1;
}

int endpoint_listen(const struct endpoint *endpoint, char bound[ENDPOINT_TEXT_SIZE],
                    struct failure *failure)
{
    struct addrinfo *address = resolve(endpoint, AI_PASSIVE, failure);
    struct sockaddr_storage name = {0};
    socklen_t size = sizeof(name);
    char what[sizeof(endpoint->host) + 32];
    int listening;

    if (address == NULL)
        return -1;
    listening = listen_at(address);
    freeaddrinfo(address);
    (void)snprintf(what, sizeof(what), "listening on %s port %s", endpoint->host, endpoint->port);
    if (listening < 0 || getsockname(listening, (struct sockaddr *)&name, &size) != 0) {
        failure_of_system(failure, what);
        if (listening >= 0)
            (void)close(listening);
        return -1;
    }
    describe_address((struct sockaddr *)&name, size, bound);
    return listening;
}

void endpoint_of_peer(int socket, char text[ENDPOINT_TEXT_SIZE])
{
    struct sockaddr_storage name = {0};
    socklen_t size = sizeof(name);

    (void)snprintf(text, ENDPOINT_TEXT_SIZE, "?");
    if (getpeername(socket, (struct sockaddr *)&name, &size) == 0)
        describe_address((struct sockaddr *)&name, size, text);
}
