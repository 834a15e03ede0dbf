/*
 * What Negotiate adds to a call on a message: CPU time of gss_wrap and its sisters on a context of
 * ours, beside the same call on a context of the mechanism inside, and on one of MIT's SPNEGO.
 *
 * The three run in turn in short batches, in another order each round, so that whatever else the
 * machine does hits all of them alike. What is shown is the median of one call, and the median over
 * the rounds of what the other two take longer. Messages are freed outside of what is timed.
 *
 * Nobody can add nothing: the application's call passes through the mechglue, and the inner
 * mechanism is reached through it once more. No figure makes it fail; a call that fails does.
 */
#include <alloca.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include "gssapi_sspi.h"
#include "tests/bench/logon.h"

#define LOGONS            60 /* new contexts lie elsewhere in memory, which changes what a call takes */
#define ROUNDS_EACH       15
#define ROUNDS            (LOGONS * ROUNDS_EACH)
#define BATCH             50
#define SIDES             4
#define LARGEST           1024
#define LIMIT_NANOSECONDS 30.0

/* The stack moves by steps of its alignment within a page; the stride visits all of them. */
#define STACK_STEP      16
#define STACK_POSITIONS 256
#define STACK_STRIDE    37

/* Longest header and trailer of a message in place; Kerberos takes 76 together. */
#define HEADER_OCTETS 64

/* Distinct messages of a batch: those in place stay sealed until they are opened. */
struct message {
    unsigned char octets[LARGEST];
    unsigned char header[HEADER_OCTETS];
    unsigned char padding[HEADER_OCTETS];
    unsigned char trailer[HEADER_OCTETS];
    gss_iov_buffer_desc iov[4];
    gss_buffer_desc plain;
    gss_buffer_desc sealed;
    gss_buffer_desc opened;
};

static struct message messages[BATCH];
static gss_buffer_desc no_octets = GSS_C_EMPTY_BUFFER;

typedef OM_uint32 (*message_call)(OM_uint32 *minor, gss_ctx_id_t context, struct message *message);

static OM_uint32 wrap(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    return gss_wrap(minor, context, 1, GSS_C_QOP_DEFAULT, &m->plain, NULL, &m->sealed);
}

static OM_uint32 unwrap(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    return gss_unwrap(minor, context, &m->sealed, &m->opened, NULL, NULL);
}

static OM_uint32 get_mic(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    return gss_get_mic(minor, context, GSS_C_QOP_DEFAULT, &m->plain, &m->sealed);
}

static OM_uint32 verify_mic(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    return gss_verify_mic(minor, context, &m->plain, &m->sealed, NULL);
}

static OM_uint32 wrap_iov(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    return gss_wrap_iov(minor, context, 1, GSS_C_QOP_DEFAULT, NULL, m->iov, 4);
}

static OM_uint32 unwrap_iov(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    return gss_unwrap_iov(minor, context, NULL, NULL, m->iov, 4);
}

/* A message's signature: its data, and the header's place for the token. */
static OM_uint32 get_mic_iov(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    m->iov[0].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN;
    return gss_get_mic_iov(minor, context, GSS_C_QOP_DEFAULT, m->iov, 2);
}

static OM_uint32 verify_mic_iov(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    return gss_verify_mic_iov(minor, context, NULL, m->iov, 2);
}

static OM_uint32 wrap_aead(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    return gss_wrap_aead(minor, context, 1, GSS_C_QOP_DEFAULT, &no_octets, &m->plain, NULL,
                         &m->sealed);
}

static OM_uint32 unwrap_aead(OM_uint32 *minor, gss_ctx_id_t context, struct message *m)
{
    return gss_unwrap_aead(minor, context, &m->sealed, &no_octets, &m->opened, NULL, NULL);
}

/* A call of the sender and the call of the receiver that goes with it. */
struct exchange {
    const char *names[2];
    message_call calls[2];
};

static const struct exchange exchanges[] = {
    {{"gss_wrap", "gss_unwrap"}, {wrap, unwrap}},
    {{"gss_get_mic", "gss_verify_mic"}, {get_mic, verify_mic}},
    {{"gss_wrap_iov", "gss_unwrap_iov"}, {wrap_iov, unwrap_iov}},
    {{"gss_get_mic_iov", "gss_verify_mic_iov"}, {get_mic_iov, verify_mic_iov}},
    {{"gss_wrap_aead", "gss_unwrap_aead"}, {wrap_aead, unwrap_aead}},
};

/*
 * One way to reach the mechanism inside: client's and server's context, and what was measured. The
 * mechanism itself is there a second time: what that seems to add tells how exact the figures are.
 */
struct side {
    struct logon logon;
    gss_ctx_id_t contexts[2];
    double samples[2][ROUNDS]; /* of the sender's and the receiver's call */
};

enum { INNER, INNER_AGAIN, MIT_SPNEGO, NEGOTIATE };

static double cpu_nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static gss_iov_buffer_desc part(OM_uint32 type, unsigned char *octets, size_t length)
{
    return (gss_iov_buffer_desc){type, {length, octets}};
}

static void prepare_message(struct message *m, size_t length)
{
    m->plain = (gss_buffer_desc){length, m->octets};
    m->iov[0] = part(GSS_IOV_BUFFER_TYPE_HEADER, m->header, sizeof m->header);
    m->iov[1] = part(GSS_IOV_BUFFER_TYPE_DATA, m->octets, length);
    m->iov[2] = part(GSS_IOV_BUFFER_TYPE_PADDING, m->padding, sizeof m->padding);
    m->iov[3] = part(GSS_IOV_BUFFER_TYPE_TRAILER, m->trailer, sizeof m->trailer);
}

/*
 * Nanoseconds that a call takes, over all messages of a batch. The stack lies elsewhere each round:
 * how the buffers on it are aligned changes what the cryptography takes by tens of nanoseconds, and
 * a call that passes through more functions has another alignment always.
 */
static double time_calls(const struct exchange *exchange, size_t number, gss_ctx_id_t context,
                         size_t round)
{
    volatile char *moved = alloca(STACK_STEP * (1 + round * STACK_STRIDE % STACK_POSITIONS));
    OM_uint32 major = GSS_S_COMPLETE;
    OM_uint32 minor = 0;
    double start;
    double end;

    moved[0] = 0; /* or it would not be there */
    start = cpu_nanoseconds();
    for (size_t i = 0; i < BATCH && !GSS_ERROR(major); i++)
        major = exchange->calls[number](&minor, context, &messages[i]);
    end = cpu_nanoseconds();
    if (GSS_ERROR(major))
        die(exchange->names[number], major, minor);
    return (end - start) / BATCH;
}

static void log_on(struct side *side)
{
    logon_run(&side->logon, &side->contexts[0], &side->contexts[1]);
}

static void log_off(struct side *side)
{
    OM_uint32 minor;

    for (size_t i = 0; i < 2; i++)
        (void)gss_delete_sec_context(&minor, &side->contexts[i], GSS_C_NO_BUFFER);
}

static void run_batch(const struct exchange *exchange, struct side *side, size_t length,
                      size_t round)
{
    OM_uint32 minor;

    for (size_t i = 0; i < BATCH; i++)
        prepare_message(&messages[i], length);
    for (size_t number = 0; number < 2; number++)
        side->samples[number][round] = time_calls(exchange, number, side->contexts[number], round);
    for (size_t i = 0; i < BATCH; i++) {
        (void)gss_release_buffer(&minor, &messages[i].sealed);
        (void)gss_release_buffer(&minor, &messages[i].opened);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The median of the samples, or of what they exceed the others by. */
static double median(const double *samples, const double *others)
{
    double values[ROUNDS];

    for (size_t round = 0; round < ROUNDS; round++)
        values[round] = samples[round] - (others != NULL ? others[round] : 0);
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

static void show(const struct exchange *exchange, const struct side *sides, size_t length)
{
    for (size_t number = 0; number < 2; number++) {
        const double *inner = sides[INNER].samples[number];
        double ours = median(sides[NEGOTIATE].samples[number], inner);

        printf("  %-19s %4zu octets %7.0f ns   again %+4.0f   SPNEGO %+4.0f   Negotiate %+4.0f%s\n",
               exchange->names[number], length, median(inner, NULL),
               median(sides[INNER_AGAIN].samples[number], inner),
               median(sides[MIT_SPNEGO].samples[number], inner), ours,
               ours > LIMIT_NANOSECONDS ? "  over the limit" : "");
    }
}

/* Whether the inner mechanism has the call: gss-ntlmssp knows no messages in place. */
static bool is_available(const struct exchange *exchange, struct side *inner)
{
    OM_uint32 minor;
    OM_uint32 major;

    log_on(inner);
    prepare_message(&messages[0], LARGEST);
    major = exchange->calls[0](&minor, inner->contexts[0], &messages[0]);
    if (GSS_ERROR(major) && GSS_ROUTINE_ERROR(major) != GSS_S_UNAVAILABLE)
        die(exchange->names[0], major, minor);
    (void)gss_release_buffer(&minor, &messages[0].sealed);
    log_off(inner);
    return !GSS_ERROR(major);
}

static void measure_exchange(const struct exchange *exchange, struct side *sides, size_t length)
{
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < SIDES && round % ROUNDS_EACH == 0; i++) {
            log_off(&sides[i]);
            log_on(&sides[i]);
        }
        for (size_t i = 0; i < SIDES; i++)
            run_batch(exchange, &sides[(round + i) % SIDES], length, round);
    }
    for (size_t i = 0; i < SIDES; i++)
        log_off(&sides[i]);
    show(exchange, sides, length);
}

static void measure(const char *title, const gss_OID_desc *inner)
{
    static struct side sides[SIDES];

    memset(sides, 0, sizeof sides);
    sides[INNER].logon.mechanism = inner;
    sides[INNER_AGAIN].logon.mechanism = inner;
    sides[MIT_SPNEGO].logon.mechanism = &spnego_oid;
    sides[NEGOTIATE].logon.mechanism = &GSS_SSPI_MECH_NEGOTIATE_desc;
    sides[NEGOTIATE].logon.header = &GSS_SSPI_MECH_NEGOTIATE_desc;
    printf("%s: one call, and what is added to it in ns (limit %+.0f)\n", title, LIMIT_NANOSECONDS);
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        if (!is_available(&exchanges[i], &sides[INNER])) {
            printf("  %-19s the mechanism does not have it\n", exchanges[i].names[0]);
            continue;
        }
        measure_exchange(&exchanges[i], sides, 64);
        measure_exchange(&exchanges[i], sides, LARGEST);
    }
    printf("\n");
}

int main(void)
{
    logon_set_up();
    measure("krb5", &krb5_oid);
    logon_without_tickets();
    measure("NTLM (gss-ntlmssp)", &ntlm_oid);
    logon_tear_down();
    return EXIT_SUCCESS;
}
