/*
 * gss-sspi serve: accepts logons. Each connection has a thread: a process for each would have to
 * make the server's self-signed certificate anew, which takes longer than the logon.
 */
#include "tools/command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "sspi-gss/credssp.h"
#include "tools/serve.h"

/* Connections served at the same time; more wait in the listening socket's queue. */
#define MOST_CONNECTIONS 32
/* How long connections may go on when the server is told to end. */
#define STOP_SECONDS 2

struct options {
    const char *package;
    const char *address;
    const char *second_hop;
    const char *second_hop_target;
    bool rdp;
    bool once;
};

enum {
    OPTION_PACKAGE = 256,
    OPTION_RDP,
    OPTION_ONCE,
    OPTION_SECOND_HOP,
    OPTION_SECOND_HOP_TARGET,
    OPTION_BIND,
};

static const struct option long_options[] = {
    {"package", required_argument, NULL, OPTION_PACKAGE},
    {"rdp", no_argument, NULL, OPTION_RDP},
    {"once", no_argument, NULL, OPTION_ONCE},
    {"second-hop", required_argument, NULL, OPTION_SECOND_HOP},
    {"second-hop-target", required_argument, NULL, OPTION_SECOND_HOP_TARGET},
    {"bind", required_argument, NULL, OPTION_BIND},
    {0},
};

/* The connections that are being served, for the threads and for who starts and waits for them. */
static pthread_mutex_t connections_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t connection_ended = PTHREAD_COND_INITIALIZER;
static unsigned connection_count;

static volatile sig_atomic_t told_to_end;

struct connection {
    struct server *server;
    int socket;
};

static bool parse_options(struct options *options, int argc, char **argv)
{
    int option;

    *options = (struct options){.package = DEFAULT_PACKAGE, .address = "127.0.0.1"};
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case OPTION_PACKAGE:
            options->package = optarg;
            break;
        case OPTION_RDP:
            options->rdp = true;
            break;
        case OPTION_ONCE:
            options->once = true;
            break;
        case OPTION_SECOND_HOP:
            options->second_hop = optarg;
            break;
        case OPTION_SECOND_HOP_TARGET:
            options->second_hop_target = optarg;
            break;
        case OPTION_BIND:
            options->address = optarg;
            break;
        default:
            return false;
        }
    }
    return true;
}

static void note_signal(int number)
{
    (void)number;
    told_to_end = 1;
}

/*
 * Signals that end the server are blocked in all threads, except while the main thread waits for a
 * connection with the mask *waiting.
 */
static void prepare_signals(sigset_t *waiting)
{
    struct sigaction end = {.sa_handler = note_signal};
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &blocked, waiting);
    (void)sigaction(SIGINT, &end, NULL);
    (void)sigaction(SIGTERM, &end, NULL);
    (void)sigaction(SIGHUP, &end, NULL);
    sigdelset(waiting, SIGINT);
    sigdelset(waiting, SIGTERM);
    sigdelset(waiting, SIGHUP);
}

/* A connection, or -1 when the server is to end. */
static int wait_for_connection(int listening, const sigset_t *waiting)
{
    struct pollfd poll_for = {.fd = listening, .events = POLLIN};

    while (!told_to_end) {
        int socket;

        if (ppoll(&poll_for, 1, NULL, waiting) <= 0)
            continue;
        socket = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0)
            return socket;
        /* Out of descriptors or memory: give the connections under way time to end. */
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            (void)poll(NULL, 0, 100);
    }
    return -1;
}

static void connection_begins(void)
{
    (void)pthread_mutex_lock(&connections_lock);
    while (connection_count == MOST_CONNECTIONS)
        (void)pthread_cond_wait(&connection_ended, &connections_lock);
    connection_count++;
    (void)pthread_mutex_unlock(&connections_lock);
}

static void connection_ends(void)
{
    (void)pthread_mutex_lock(&connections_lock);
    connection_count--;
    (void)pthread_cond_signal(&connection_ended);
    (void)pthread_mutex_unlock(&connections_lock);
}

/* False when there are still connections after STOP_SECONDS. */
static bool wait_for_connections_to_end(void)
{
    struct timespec until;
    int error = 0;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STOP_SECONDS;
    (void)pthread_mutex_lock(&connections_lock);
    while (connection_count > 0 && error == 0)
        error = pthread_cond_timedwait(&connection_ended, &connections_lock, &until);
    (void)pthread_mutex_unlock(&connections_lock);
    return error == 0;
}

static void *run_connection(void *argument)
{
    struct connection connection = *(struct connection *)argument;

    free(argument);
    (void)serve_connection(connection.server, connection.socket);
    connection_ends();
    return NULL;
}

/* Serves in a thread of its own; when there can be none, the connection is closed. */
static void start_connection(struct server *server, int socket)
{
    struct connection *connection = malloc(sizeof(*connection));
    pthread_attr_t attributes;
    pthread_t thread;
    int error = ENOMEM;

    connection_begins();
    if (connection != NULL && pthread_attr_init(&attributes) == 0) {
        *connection = (struct connection){server, socket};
        (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        error = pthread_create(&thread, &attributes, run_connection, connection);
        (void)pthread_attr_destroy(&attributes);
    }
    if (error != 0) {
        fprintf(stderr, "gss-sspi: a connection could not be served: no memory or threads\n");
        free(connection);
        (void)close(socket);
        connection_ends();
    }
}

/* Serves until told to end, or with once one connection. Returns the exit status. */
static int serve(struct server *server, int listening, bool once, const sigset_t *waiting)
{
    int socket = wait_for_connection(listening, waiting);

    if (once)
        return socket >= 0 && serve_connection(server, socket) ? EXIT_DONE : EXIT_FAILED;
    while (socket >= 0) {
        start_connection(server, socket);
        socket = wait_for_connection(listening, waiting);
    }
    if (!wait_for_connections_to_end())
        _exit(EXIT_DONE); /* their threads still use what exit() would take down */
    return EXIT_DONE;
}

static bool acquire(struct server *server, struct failure *failure)
{
    SECURITY_STATUS status =
        AcquireCredentialsHandleA(NULL, (char *)server->package, SECPKG_CRED_INBOUND, NULL, NULL,
                                  NULL, NULL, &server->credential, NULL);

    if (status != SEC_E_OK)
        failure_of_sspi(failure, "acquiring the server's credentials", status);
    return status == SEC_E_OK;
}

static int listen_and_serve(struct server *server, const struct endpoint *endpoint, bool once)
{
    struct failure failure = {{0}};
    char bound[ENDPOINT_TEXT_SIZE];
    sigset_t waiting;
    int status = EXIT_FAILED;
    int listening = -1;

    prepare_signals(&waiting);
    if (logon_framing(server->package, &server->framing, &failure) && acquire(server, &failure)) {
        listening = endpoint_listen(endpoint, bound, &failure);
        if (listening >= 0) {
            printf("listening on %s\n", bound);
            (void)fflush(stdout);
            status = serve(server, listening, once, &waiting);
            (void)close(listening);
        }
        (void)FreeCredentialsHandle(&server->credential);
    }
    if (failure_happened(&failure))
        fprintf(stderr, "gss-sspi: %s\n", failure.text);
    return status;
}

int serve_command(int argc, char **argv)
{
    struct server server = {0};
    struct endpoint endpoint = {{0}, {0}};
    struct options options;
    char target[sizeof(server.second_hop.host) + sizeof("host/")];

    if (!parse_options(&options, argc, argv))
        return command_usage_error("serve: an option is wrong");
    if (argc - optind != 1 || !endpoint_is_port(argv[optind]))
        return command_usage_error("serve: give one PORT (0: any free one)");
    if (options.rdp && strcasecmp(options.package, CREDSSP_NAME_A) != 0)
        return command_usage_error("serve: --rdp goes with the package CredSSP only");
    (void)snprintf(endpoint.host, sizeof(endpoint.host), "%s", options.address);
    (void)snprintf(endpoint.port, sizeof(endpoint.port), "%s", argv[optind]);
    server.package = options.package;
    server.rdp = options.rdp;
    server.has_second_hop = options.second_hop != NULL;
    if (server.has_second_hop &&
        !endpoint_parse(&server.second_hop, options.second_hop, DEFAULT_PORT))
        return command_usage_error("serve: --second-hop takes HOST[:PORT]");
    (void)snprintf(target, sizeof(target), "host/%s", server.second_hop.host);
    server.second_hop_target =
        options.second_hop_target != NULL ? options.second_hop_target : target;
    return listen_and_serve(&server, &endpoint, options.once);
}
