/*
 * CredSSP's messages in two threads beside those in one: with contexts of their own, and with the same
 * two contexts, where one thread sends from client to server and the other back. GnuTLS' records are
 * beside them.
 *
 * Two figures. How many messages more two threads send in the same time, by the clock on the wall: in
 * the middle of the rounds, and by the shortest time of one thread and the shortest of two. Whatever
 * else the machine does makes a round longer, and the shortest is the least disturbed. And
 * the CPU time of a message in two threads to that in one, which other programs change little: threads
 * that take no more of it and wait for nobody scale. How often they waited is shown for each message.
 *
 * No figure makes it fail; a message that does not arrive does.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "gssapi_sspi.h"
#include "tests/bench/logon.h"
#include "tests/bench/tls_pair.h"

#define MESSAGE_OCTETS 16384
#define MESSAGES       1000 /* of each thread, in a round: short enough to be undisturbed at times */
#define ROUNDS         101
#define THREADS        2

static gnutls_certificate_credentials_t tls_client;
static gnutls_certificate_credentials_t tls_server;

static char text[MESSAGE_OCTETS];

/* What one thread sends on: a pair of its own, or the other's in the other direction. */
struct sender {
    gss_ctx_id_t from;
    gss_ctx_id_t to;
    struct tls_pair *tls;
    bool answers;
};

static void *send_messages(void *argument)
{
    const struct sender *sender = argument;
    gss_buffer_desc message = {sizeof text, text};

    for (int i = 0; i < MESSAGES; i++) {
        gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
        gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
        OM_uint32 minor;
        OM_uint32 major =
            gss_wrap(&minor, sender->from, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed);

        if (!GSS_ERROR(major))
            major = gss_unwrap(&minor, sender->to, &sealed, &opened, NULL, NULL);
        if (GSS_ERROR(major) || opened.length != sizeof text)
            die("a message", major, minor);
        (void)gss_release_buffer(&minor, &sealed);
        (void)gss_release_buffer(&minor, &opened);
    }
    return NULL;
}

static void *send_records(void *argument)
{
    const struct sender *sender = argument;
    char *received = malloc(sizeof text);
    bool sent = received != NULL;

    for (int i = 0; i < MESSAGES && sent; i++)
        sent = sender->answers ? tls_pair_answer(sender->tls, text, sizeof text, received)
                               : tls_pair_send(sender->tls, text, sizeof text, received);
    if (!sent)
        die("the TLS record failed", GSS_S_FAILURE, 0);
    free(received);
    return NULL;
}

static double seconds(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What a round took. */
struct cost {
    double wall; /* seconds */
    double cpu;  /* seconds, of all threads */
    long waits;
};

static long waits_so_far(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nvcsw;
}

/* The second thread's creation and end are in it: two of thousands of messages. */
static struct cost run(void *(*send)(void *), struct sender *senders, int threads)
{
    struct cost cost = {-seconds(CLOCK_MONOTONIC), -seconds(CLOCK_PROCESS_CPUTIME_ID),
                        -waits_so_far()};
    pthread_t others[THREADS];

    for (int i = 1; i < threads; i++) {
        if (pthread_create(&others[i], NULL, send, &senders[i]) != 0)
            die("pthread_create", GSS_S_FAILURE, 0);
    }
    (void)send(&senders[0]);
    for (int i = 1; i < threads; i++)
        (void)pthread_join(others[i], NULL);
    cost.wall += seconds(CLOCK_MONOTONIC);
    cost.cpu += seconds(CLOCK_PROCESS_CPUTIME_ID);
    cost.waits += waits_so_far();
    return cost;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double shorter(double a, double b)
{
    return a < b ? a : b;
}

static void measure(const char *name, void *(*send)(void *), struct sender *senders)
{
    double gains[ROUNDS];
    double cpu[ROUNDS];
    double shortest_of_one = HUGE_VAL;
    double shortest_of_all = HUGE_VAL;
    double waits = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct cost one = run(send, senders, 1);
        struct cost all = run(send, senders, THREADS);

        gains[i] = THREADS * one.wall / all.wall;
        shortest_of_one = shorter(shortest_of_one, one.wall);
        shortest_of_all = shorter(shortest_of_all, all.wall);
        cpu[i] = all.cpu / (THREADS * one.cpu);
        waits += (double)all.waits / (THREADS * MESSAGES) / ROUNDS;
    }
    qsort(gains, ROUNDS, sizeof *gains, compare);
    qsort(cpu, ROUNDS, sizeof *cpu, compare);
    printf("  %-48s %6.3f  shortest %6.3f  CPU %6.3f  waits %6.3f\n", name, gains[ROUNDS / 2],
           THREADS * shortest_of_one / shortest_of_all, cpu[ROUNDS / 2], waits);
}

/* --- what they send on --- */

static struct tls_pair *open_tls(void)
{
    struct tls_pair *tls = calloc(1, sizeof *tls);

    if (tls == NULL || !tls_pair_handshake(tls, tls_client, tls_server))
        die("the TLS handshake failed", GSS_S_FAILURE, 0);
    return tls;
}

static void close_tls(struct tls_pair *tls)
{
    tls_pair_end(tls);
    free(tls);
}

static void measure_records(void)
{
    struct tls_pair *tls[THREADS] = {open_tls(), open_tls()};
    struct sender apart[THREADS] = {{.tls = tls[0]}, {.tls = tls[1]}};
    struct sender together[THREADS] = {{.tls = tls[0]}, {.tls = tls[0], .answers = true}};

    measure("GnuTLS records, sessions of their own", send_records, apart);
    measure("GnuTLS records, both ways of the same sessions", send_records, together);
    for (int i = 0; i < THREADS; i++)
        close_tls(tls[i]);
}

static void measure_messages(void)
{
    const struct logon logon = {.mechanism = &GSS_SSPI_MECH_CREDSSP_desc};
    gss_ctx_id_t clients[THREADS] = {GSS_C_NO_CONTEXT, GSS_C_NO_CONTEXT};
    gss_ctx_id_t servers[THREADS] = {GSS_C_NO_CONTEXT, GSS_C_NO_CONTEXT};
    OM_uint32 minor;

    for (int i = 0; i < THREADS; i++)
        logon_run(&logon, &clients[i], &servers[i]);
    struct sender apart[THREADS] = {{.from = clients[0], .to = servers[0]},
                                    {.from = clients[1], .to = servers[1]}};
    struct sender together[THREADS] = {{.from = clients[0], .to = servers[0]},
                                       {.from = servers[0], .to = clients[0]}};

    measure("CredSSP, contexts of their own (target 1.9)", send_messages, apart);
    measure("CredSSP, both ways of the same contexts", send_messages, together);
    for (int i = 0; i < THREADS; i++) {
        (void)gss_delete_sec_context(&minor, &clients[i], GSS_C_NO_BUFFER);
        (void)gss_delete_sec_context(&minor, &servers[i], GSS_C_NO_BUFFER);
    }
}

int main(void)
{
    logon_set_up();
    tls_server = tls_pair_certificate(false);
    if (tls_server == NULL || gnutls_certificate_allocate_credentials(&tls_client) < 0)
        die("no memory or no certificate", GSS_S_FAILURE, 0);
    printf("Messages of 16 KiB in two threads to those in one: in the same time, and for each\n");
    measure_records();
    measure_messages();
    logon_tear_down();
    gnutls_certificate_free_credentials(tls_client);
    gnutls_certificate_free_credentials(tls_server);
    tls_pair_tear_down();
    return EXIT_SUCCESS;
}
