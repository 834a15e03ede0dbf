/*
 * What a stranger's token may cost: work and memory grow no faster than the token, however it is
 * made. Allocations of the plugin's own code are counted (the linker puts the functions below in
 * place of malloc and its sisters); work is compared between two sizes, with much room for a busy
 * machine: what grows with the square exceeds it four times over.
 */
#include "mech/negotiate/negotiate.h"

#include <check.h> /* behind what is ours: it has a macro named fail */
#include <stdlib.h>
#include <time.h>

#include "tests/runner.h"

#define SMALL ((size_t)1 << 14)
#define LARGE ((size_t)1 << 18)

/* 16 is in proportion. */
#define MOST_TIMES_THE_WORK 64

/* Copies of the token, and what a context needs whatever comes. */
#define MOST_COPIES      3
#define OCTETS_ALL_ROUND 65536

#define MOST_NESTED 100000

#define MEASURED_CALLS  10
#define MEASURED_ROUNDS 5

/* --- allocations --- */

static size_t allocations;
static size_t allocated;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static void count(size_t size)
{
    allocations++;
    allocated += size;
}

void *__wrap_malloc(size_t size)
{
    count(size);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
    count(number * size);
    return __real_calloc(number, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    count(size);
    return __real_realloc(old, size);
}

/* --- tokens --- */

/* Written from the end to the beginning, so that each length is known when its header comes. */
struct token {
    unsigned char *octets;
    size_t room; /* octets before start that are free */
    size_t length;
};

static void put(struct token *token, const void *octets, size_t length)
{
    if (token->room < length)
        abort(); /* Check's own assertions write a file, which is too slow here */
    token->room -= length;
    token->length += length;
    memcpy(token->octets + token->room, octets, length);
}

static void put_octet(struct token *token, unsigned value)
{
    unsigned char octet = (unsigned char)value;

    put(token, &octet, 1);
}

/* The header of an element with what has been written since. */
static void put_header(struct token *token, unsigned identifier, size_t since)
{
    size_t length = token->length - since;
    unsigned octets = 0;

    if (length < 0x80) {
        put_octet(token, (unsigned)length);
    } else {
        for (; length != 0; length >>= 8, octets++)
            put_octet(token, (unsigned)length & 0xFF);
        put_octet(token, 0x80 | octets);
    }
    put_octet(token, identifier);
}

/* Nested elements up to size octets in all. */
static void put_nested(struct token *token, size_t size, unsigned identifier)
{
    size_t since = token->length;

    for (size_t depth = 0; depth < MOST_NESTED && token->length - since + 6 < size; depth++)
        put_header(token, identifier, since);
}

static void put_times(struct token *token, size_t size, const char *element, size_t length)
{
    for (size_t i = 0; i + length <= size; i += length)
        put(token, element, length);
}

static const char kerberos[] = "\xa0\x0d\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";

static void many_mechanisms(struct token *token, size_t size)
{
    put_times(token, size, "\x06\x01\x2a", 3);
    put_header(token, 0x30, 0);
    put_header(token, 0xA0, 0);
}

static void nested_mechanisms(struct token *token, size_t size)
{
    put_nested(token, size, 0x30);
    put_header(token, 0xA0, 0);
}

static void indefinite_mechanisms(struct token *token, size_t size)
{
    put_times(token, size, "\x30\x80", 2);
}

static void nested_hints(struct token *token, size_t size)
{
    put_nested(token, size, 0x30);
    put_header(token, 0xA3, 0);
    put(token, kerberos, sizeof kerberos - 1);
}

static void nested_extension(struct token *token, size_t size)
{
    put_nested(token, size, 0xA5);
    put(token, kerberos, sizeof kerberos - 1);
}

static void many_extensions(struct token *token, size_t size)
{
    put_times(token, size, "\xa5\x00", 2);
    put(token, kerberos, sizeof kerberos - 1);
}

/* The mechanism's own token: it is Kerberos' to read, and ours to look at. */
static void nested_mech_token(struct token *token, size_t size)
{
    put_nested(token, size, 0x60);
    put_header(token, 0x04, 0);
    put_header(token, 0xA2, 0);
    put(token, kerberos, sizeof kerberos - 1);
}

static void (*const shapes[])(struct token *, size_t) = {
    many_mechanisms,  nested_mechanisms, indefinite_mechanisms, nested_hints,
    nested_extension, many_extensions,   nested_mech_token};

#define SHAPES ((int)(sizeof shapes / sizeof shapes[0]))

static struct token make_token(int shape, size_t size)
{
    struct token token = {.room = size + 64};

    token.octets = malloc(token.room);
    ck_assert_ptr_nonnull(token.octets);
    shapes[shape](&token, size);
    put_header(&token, 0x30, 0);
    put_header(&token, 0xA0, 0);
    put(&token, "\x06\x06\x2b\x06\x01\x05\x05\x02", 8);
    put_header(&token, 0x60, 0);
    return token;
}

static struct byte_range octets_of(const struct token *token)
{
    return byte_range_of(token->octets + token->room, token->length);
}

/* --- what is measured --- */

static void decode(struct byte_range octets)
{
    struct neg_token token;

    (void)neg_token_decode(octets, &token);
    (void)neg_token_is_plausible(octets);
}

static void accept_token(struct byte_range octets)
{
    const struct accept_request request = {.credential = NULL};
    gss_buffer_desc input = {octets.length, (void *)(uintptr_t)octets.data};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    struct context *context = negotiate_context_create(&minor, false, NEGOTIATE_IN_PLACE_OF_SPNEGO);

    ck_assert_ptr_nonnull(context);
    ck_assert_uint_ne(context_accept(&minor, context, &request, &input, &output), GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, &output);
    context_delete(&context);
}

/* As hints, which an initiator reads before it has said anything. */
static void initiate_with(struct byte_range octets)
{
    const struct initiate_request request = {.credential = NULL};
    gss_buffer_desc input = {octets.length, (void *)(uintptr_t)octets.data};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    struct neg_token token;
    struct context *context;
    OM_uint32 minor;

    if (neg_token_decode(octets, &token) == DER_OK)
        return; /* then the inner mechanisms would be asked, whose work is not what is measured */
    context = negotiate_context_create(&minor, true, NEGOTIATE_IN_PLACE_OF_SPNEGO);
    ck_assert_ptr_nonnull(context);
    ck_assert(GSS_ERROR(context_initiate(&minor, context, &request, &input, &output)));
    context_delete(&context);
}

static void (*const readers[])(struct byte_range) = {decode, accept_token, initiate_with};

#define READERS ((int)(sizeof readers / sizeof readers[0]))

static double seconds_now(void)
{
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The least that some calls took: whatever disturbs makes them longer, never shorter. */
static double measure(void (*read)(struct byte_range), struct byte_range octets)
{
    double least = 1e9;

    for (int round = 0; round < MEASURED_ROUNDS; round++) {
        double start = seconds_now();

        for (int call = 0; call < MEASURED_CALLS; call++)
            read(octets);
        if (seconds_now() - start < least)
            least = seconds_now() - start;
    }
    return least;
}

START_TEST(work_is_in_proportion)
{
    struct token small = make_token(_i % SHAPES, SMALL);
    struct token large = make_token(_i % SHAPES, LARGE);
    void (*read)(struct byte_range) = readers[_i / SHAPES];
    double ratio;

    read(octets_of(&small)); /* sets up what is set up once */
    ratio = measure(read, octets_of(&large)) / measure(read, octets_of(&small));
    ck_assert_msg(ratio < MOST_TIMES_THE_WORK, "16 times the octets, %.1f times the work", ratio);
    free(small.octets);
    free(large.octets);
}
END_TEST

START_TEST(memory_is_in_proportion)
{
    struct token token = make_token(_i % SHAPES, LARGE);
    void (*read)(struct byte_range) = readers[_i / SHAPES];
    size_t calls, octets;

    read(octets_of(&token));
    allocations = allocated = 0;
    read(octets_of(&token));
    calls = allocations;
    octets = allocated; /* Check allocates too */
    ck_assert_msg(octets <= MOST_COPIES * token.length + OCTETS_ALL_ROUND,
                  "%zu octets allocated for a token of %zu", octets, token.length);
    if (read == decode)
        ck_assert_uint_eq(calls, 0);
    else if (read == accept_token)
        ck_assert_uint_ne(calls, 0); /* otherwise nothing counts them */
    free(token.octets);
}
END_TEST

/* The most that is put together, an octet at a time. */
#define PIECES_OCTETS ((size_t)60000)

static void accept_octet_by_octet(struct byte_range octets)
{
    const struct accept_request request = {.credential = NULL};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    struct context *context = negotiate_context_create(&minor, false, NEGOTIATE_IN_PLACE_OF_SPNEGO);
    size_t taken = 0;
    OM_uint32 major;

    ck_assert_ptr_nonnull(context);
    do {
        gss_buffer_desc input = {1, (void *)(uintptr_t)(octets.data + taken)};

        major = context_accept(&minor, context, &request, &input, &output);
    } while (major == GSS_S_CONTINUE_NEEDED && output.length == 0 && ++taken < octets.length);
    ck_assert_uint_eq(taken, octets.length - 1); /* the last one made it whole */
    (void)gss_release_buffer(&minor, &output);
    context_delete(&context);
}

START_TEST(memory_for_pieces_is_in_proportion)
{
    struct token token = make_token(_i, PIECES_OCTETS);
    size_t octets;

    accept_octet_by_octet(octets_of(&token));
    allocated = 0;
    accept_octet_by_octet(octets_of(&token));
    octets = allocated;
    ck_assert_msg(octets <= MOST_COPIES * token.length + OCTETS_ALL_ROUND,
                  "%zu octets allocated for pieces of %zu", octets, token.length);
    free(token.octets);
}
END_TEST

/* As deep as a message of the largest size can be: neither stack nor time runs out. */
START_TEST(deepest_nesting_is_read)
{
    struct token token = make_token(_i, DER_MAX_MESSAGE - 64);

    accept_token(octets_of(&token));
    initiate_with(octets_of(&token));
    free(token.octets);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cost of Negotiate's tokens");
    TCase *cases = tcase_create("cost");

    tcase_set_timeout(cases, 600);
    tcase_add_loop_test(cases, work_is_in_proportion, 0, READERS * SHAPES);
    tcase_add_loop_test(cases, memory_is_in_proportion, 0, READERS * SHAPES);
    tcase_add_loop_test(cases, memory_for_pieces_is_in_proportion, 0, SHAPES);
    tcase_add_loop_test(cases, deepest_nesting_is_read, 0, SHAPES);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
