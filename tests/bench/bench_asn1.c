/*
 * CPU time of decoding and encoding the messages of a usual logon, in nanoseconds. Each is limited
 * to one microsecond (design: a token costs next to nothing beside the cryptography in it); a
 * message over the limit makes the program fail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "asn1/neg_token.h"
#include "asn1/ts_credentials.h"
#include "asn1/ts_request.h"
#include "tests/asn1/message.h"

#define ROUNDS            200000
#define REPEATS           5 /* the best of them counts: the others were disturbed */
#define LIMIT_NANOSECONDS 1000.0

/* The messages of a logon with Kerberos or NTLM, by the names of their vectors. */
static const char *const usual[] = {
    "windows_init_krb5_ntlm",
    "init_ntlm",
    "init2_windows",
    "windows_resp_krb5",
    "resp_incomplete_ntlm",
    "resp_completed_with_mic",
    "ntlm_1_phase",
    "ntlm_2_phase",
    "ntlm_3_phase",
    "ntlm_4_phase",
    "ntlm_5_phase",
    "error_logon_failure",
    "domain_user",
};

static double cpu_nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* One decoded message; which member counts is known by its type. */
static struct neg_token token;
static struct ts_request request;
static struct ts_credentials credentials;

static enum der_error decode(const struct message_type *type, struct byte_range input)
{
    if (type == &message_neg_token)
        return neg_token_decode(input, &token);
    if (type == &message_ts_request)
        return ts_request_decode(input, &request);
    return ts_credentials_decode(input, &credentials);
}

/* Encodes what was decoded last. The memory is given back, because every caller must. */
static enum der_error encode(const struct message_type *type)
{
    unsigned char *output = NULL;
    size_t length;
    enum der_error error;

    if (type == &message_ts_request)
        error = ts_request_encode(&request, &output, &length);
    else if (token.kind == NEG_TOKEN_INIT)
        error = neg_token_init_encode(&token.init, &output, &length);
    else
        error = neg_token_resp_encode(&token.resp, &output, &length);
    free(output);
    return error;
}

static double time_decode(const struct message_type *type, struct byte_range input)
{
    double start = cpu_nanoseconds();

    for (size_t i = 0; i < ROUNDS; i++) {
        if (decode(type, input) != DER_OK)
            exit(EXIT_FAILURE);
    }
    return (cpu_nanoseconds() - start) / ROUNDS;
}

static double time_encode(const struct message_type *type)
{
    double start = cpu_nanoseconds();

    for (size_t i = 0; i < ROUNDS; i++) {
        if (encode(type) != DER_OK)
            exit(EXIT_FAILURE);
    }
    return (cpu_nanoseconds() - start) / ROUNDS;
}

/* TSCredentials are encoded into locked pages of their own, whose system calls are not ours to
 * time. */
static bool is_timed_both_ways(const struct message_type *type)
{
    return type != &message_ts_credentials;
}

static bool measure(const struct message_type *type, const struct vector *vector)
{
    double decoding = 0, encoding = 0;

    for (int i = 0; i < REPEATS; i++) {
        double time = time_decode(type, vector->octets);

        decoding = i == 0 || time < decoding ? time : decoding;
        if (!is_timed_both_ways(type))
            continue;
        time = time_encode(type);
        encoding = i == 0 || time < encoding ? time : encoding;
    }
    printf("%-26s %6zu octets   decode %5.0f ns", vector->name, vector->octets.length, decoding);
    if (is_timed_both_ways(type))
        printf("   encode %5.0f ns", encoding);
    printf("\n");
    return decoding <= LIMIT_NANOSECONDS && encoding <= LIMIT_NANOSECONDS;
}

static const struct vector *find(const struct vector_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->vectors[i].name, name) == 0)
            return &list->vectors[i];
    }
    return NULL;
}

static bool measure_file(const struct message_type *type, size_t *measured)
{
    struct vector_list *list = vector_list_load(type->vector_file);
    bool within_limit = true;

    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        const struct vector *vector = find(list, usual[i]);

        if (vector == NULL)
            continue;
        within_limit = measure(type, vector) && within_limit;
        ++*measured;
    }
    vector_list_free(list);
    return within_limit;
}

int main(void)
{
    size_t measured = 0;
    bool within_limit = measure_file(&message_neg_token, &measured);

    within_limit = measure_file(&message_ts_request, &measured) && within_limit;
    within_limit = measure_file(&message_ts_credentials, &measured) && within_limit;
    if (measured != sizeof usual / sizeof usual[0]) {
        fprintf(stderr, "a vector is missing\n");
        return EXIT_FAILURE;
    }
    if (!within_limit) {
        fprintf(stderr, "a message takes more than %.0f ns\n", LIMIT_NANOSECONDS);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
