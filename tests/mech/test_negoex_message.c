/*
 * The decoder and encoder of NegoEx messages: vectors, every truncation, and every field with every
 * value that could lead outside the message (CVE-2022-37958, CVE-2026-40355, CVE-2026-40356).
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/asn1/vector.h"
#include "tests/mech/negoex_message_check.h"
#include "tests/runner.h"

static struct vector_list *vectors;

static const struct {
    const char *name;
    enum negoex_error error;
} errors[] = {
    {"bad_checksum", NEGOEX_BAD_CHECKSUM},
    {"bad_version", NEGOEX_BAD_VERSION},
    {"critical_extension", NEGOEX_CRITICAL_EXTENSION},
};

static void load(void)
{
    vectors = vector_list_load("negoex_message.txt");
}

static void unload(void)
{
    vector_list_free(vectors);
}

static enum negoex_error error_of(const struct vector *vector)
{
    const char *name = vector_value(vector, "error");

    if (name == NULL)
        return NEGOEX_OK;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (strcmp(errors[i].name, name) == 0)
            return errors[i].error;
    }
    ck_abort_msg("%s: unknown error %s", vector->name, name);
}

static void expect_octets(const struct vector *vector, const char *key, const unsigned char *found,
                          size_t length)
{
    unsigned char storage[256];
    const char *value = vector_value(vector, key);
    struct byte_range wanted;

    if (value == NULL)
        return;
    wanted = vector_octets(vector, value, storage, sizeof storage);
    ck_assert_msg(byte_range_equal(wanted, byte_range_of(found, length)), "%s: %s", vector->name,
                  key);
}

static void expect_number(const struct vector *vector, const char *key, uint32_t found)
{
    const char *value = vector_value(vector, key);

    if (value != NULL)
        ck_assert_msg(strtoul(value, NULL, 10) == found, "%s: %s is %u", vector->name, key,
                      (unsigned)found);
}

static void expect_fields(const struct vector *vector, const struct negoex_message *message)
{
    expect_number(vector, "type", message->type);
    expect_number(vector, "sequence", message->sequence);
    expect_octets(vector, "conversation", message->conversation, NEGOEX_GUID_OCTETS);
    if (message->scheme != NULL)
        expect_octets(vector, "scheme", message->scheme, NEGOEX_GUID_OCTETS);
    switch (message->type) {
    case NEGOEX_INITIATOR_NEGO:
    case NEGOEX_ACCEPTOR_NEGO:
        expect_octets(vector, "random", message->nego.random, NEGOEX_RANDOM_OCTETS);
        expect_octets(vector, "schemes", message->nego.schemes.data, message->nego.schemes.length);
        break;
    case NEGOEX_VERIFY:
        expect_number(vector, "checksum_type", message->checksum.type);
        expect_octets(vector, "checksum", message->checksum.value.data,
                      message->checksum.value.length);
        break;
    case NEGOEX_ALERT:
        expect_number(vector, "error_code", message->alert.error_code);
        expect_number(vector, "verify_no_key", message->alert.verify_no_key);
        break;
    case NEGOEX_INITIATOR_META_DATA:
    case NEGOEX_ACCEPTOR_META_DATA:
    case NEGOEX_CHALLENGE:
    case NEGOEX_AP_REQUEST:
    default:
        expect_octets(vector, "token", message->token.data, message->token.length);
    }
}

static void check_round_trip(const struct vector *vector, const struct negoex_message *message)
{
    struct byte_buffer encoded = {.limit = VECTOR_MAX_OCTETS};

    ck_assert(negoex_message_encode(message, &encoded));
    ck_assert_msg(byte_range_equal(byte_buffer_range(&encoded), vector->octets), "%s",
                  vector->name);
    byte_buffer_release(&encoded);
}

START_TEST(vectors_decode_to_their_fields_and_back)
{
    for (size_t i = 0; i < vectors->count; i++) {
        const struct vector *vector = &vectors->vectors[i];
        struct byte_range rest = vector->octets;
        struct negoex_message message;
        enum negoex_error error = negoex_message_decode(&rest, &message);

        ck_assert_msg(error == error_of(vector), "%s: %s", vector->name, negoex_error_text(error));
        if (error != NEGOEX_OK)
            continue;
        ck_assert_uint_eq(rest.length, 0);
        expect_fields(vector, &message);
        if (vector_value(vector, "round_trip") == NULL)
            check_round_trip(vector, &message);
    }
}
END_TEST

/* A copy that ends where its memory ends, so that the sanitizers see a step beyond. */
static enum negoex_error check_exact(const unsigned char *octets, size_t length)
{
    unsigned char *copy = malloc(length != 0 ? length : 1);
    enum negoex_error error;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, octets, length);
    error = negoex_message_check(byte_range_of(copy, length));
    free(copy);
    return error;
}

START_TEST(every_truncation_is_refused)
{
    for (size_t i = 0; i < vectors->count; i++) {
        struct byte_range octets = vectors->vectors[i].octets;

        for (size_t length = 1; length < octets.length; length++)
            ck_assert_int_ne(check_exact(octets.data, length), NEGOEX_OK);
    }
}
END_TEST

START_TEST(messages_in_a_row_are_taken_one_by_one)
{
    struct byte_buffer row = {.limit = (size_t)VECTOR_MAX_OCTETS * VECTOR_MAX_COUNT};
    struct byte_range rest;
    size_t count = 0;

    for (size_t i = 0; i < vectors->count; i++) {
        const struct vector *vector = &vectors->vectors[i];

        if (error_of(vector) == NEGOEX_OK)
            ck_assert(byte_buffer_append(&row, vector->octets.data, vector->octets.length));
    }
    rest = byte_buffer_range(&row);
    while (rest.length != 0) {
        struct negoex_message message;

        ck_assert_int_eq(negoex_message_decode(&rest, &message), NEGOEX_OK);
        count++;
    }
    ck_assert_uint_gt(count, 10);
    ck_assert_int_eq(negoex_message_check(byte_buffer_range(&row)), NEGOEX_OK);
    byte_buffer_release(&row);
}
END_TEST

static void set_number(unsigned char *at, uint32_t value, size_t octets)
{
    for (size_t i = 0; i < octets; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

/* Numbers at the edges of the message, of the header and of what numbers can be. */
static size_t hostile_numbers(size_t length, uint32_t numbers[32])
{
    const uint32_t fixed[] = {0,          1,           7,           12,          16,
                              39,         40,          63,          64,          71,
                              72,         79,          80,          95,          96,
                              97,         0x7fff,      0x8000,      0xffff,      0x10000,
                              0x7fffffff, 0x80000000u, 0xfffffff0u, 0xfffffff4u, 0xffffffffu};
    size_t count = sizeof fixed / sizeof fixed[0];

    memcpy(numbers, fixed, sizeof fixed);
    numbers[count++] = (uint32_t)length - 1;
    numbers[count++] = (uint32_t)length;
    numbers[count++] = (uint32_t)length + 1;
    return count;
}

/* Every two and every four octets of the header and of the payload's first elements. */
START_TEST(every_number_may_be_hostile)
{
    const struct vector *vector = &vectors->vectors[_i];
    size_t length = vector->octets.length;
    unsigned char *octets = malloc(length);
    uint32_t numbers[32];
    size_t count = hostile_numbers(length, numbers);

    ck_assert_ptr_nonnull(octets);
    for (size_t at = 0; at + 4 <= length; at++) {
        for (size_t i = 0; i < 2 * count; i++) {
            memcpy(octets, vector->octets.data, length);
            set_number(octets + at, numbers[i / 2], i % 2 == 0 ? 4 : 2);
            (void)negoex_message_check(byte_range_of(octets, length));
        }
    }
    free(octets);
}
END_TEST

/* Two numbers at a time: an offset with each count, a header length with each message length. */
START_TEST(every_pair_of_numbers_may_be_hostile)
{
    static const size_t first[] = {16, 56, 60, 64, 68, 80, 86, 88, 96, 100, 104};
    const struct vector *vector = &vectors->vectors[_i];
    size_t length = vector->octets.length;
    unsigned char *octets = malloc(length);
    uint32_t numbers[32];
    size_t count = hostile_numbers(length, numbers);

    ck_assert_ptr_nonnull(octets);
    for (size_t f = 0; f < sizeof first / sizeof first[0]; f++) {
        for (size_t i = 0; i < count * count && first[f] + 8 <= length; i++) {
            memcpy(octets, vector->octets.data, length);
            set_number(octets + first[f], numbers[i / count], 4);
            set_number(octets + first[f] + 4, numbers[i % count], 4);
            (void)negoex_message_check(byte_range_of(octets, length));
        }
    }
    free(octets);
}
END_TEST

static const struct vector *vector_named(const char *name)
{
    for (size_t i = 0; i < vectors->count; i++) {
        if (strcmp(vectors->vectors[i].name, name) == 0)
            return &vectors->vectors[i];
    }
    ck_abort_msg("no vector %s", name);
}

/* One number of one message, and what must come of it. */
static const struct {
    const char *vector;
    size_t at;
    size_t octets;
    uint32_t value;
    enum negoex_error error;
} cases[] = {
    {"verify", 0, 1, 'n', NEGOEX_BAD_SIGNATURE},
    {"verify", 8, 4, 8, NEGOEX_BAD_TYPE},
    {"verify", 8, 4, 0xffffffffu, NEGOEX_BAD_TYPE},
    /* CVE-2026-40356: a header shorter than its fields. */
    {"verify", 16, 4, 79, NEGOEX_BAD_HEADER_LENGTH},
    {"verify", 16, 4, 0, NEGOEX_BAD_HEADER_LENGTH},
    {"two_schemes", 16, 4, 95, NEGOEX_BAD_HEADER_LENGTH},
    {"windows_server_metadata", 16, 4, 63, NEGOEX_BAD_HEADER_LENGTH},
    {"alert_no_key", 16, 4, 71, NEGOEX_BAD_HEADER_LENGTH},
    {"verify", 16, 4, 93, NEGOEX_BAD_HEADER_LENGTH}, /* longer than the message */
    {"verify", 20, 4, 79, NEGOEX_BAD_HEADER_LENGTH},
    {"verify", 20, 4, 93, NEGOEX_TRUNCATED},
    {"verify", 20, 4, 0xffffffffu, NEGOEX_TRUNCATED},
    /* CVE-2026-40355: a vector anywhere. */
    {"verify", 68, 4, 81, NEGOEX_BAD_VECTOR},
    {"verify", 68, 4, 79, NEGOEX_BAD_VECTOR},
    {"verify", 68, 4, 0xffffffffu, NEGOEX_BAD_VECTOR},
    {"verify", 72, 4, 13, NEGOEX_BAD_VECTOR},
    {"verify", 72, 4, 0xffffffffu, NEGOEX_BAD_VECTOR},
    {"two_schemes", 80, 4, 97, NEGOEX_BAD_VECTOR},
    {"two_schemes", 80, 4, 0xfffffff0u, NEGOEX_BAD_VECTOR},
    {"two_schemes", 84, 2, 3, NEGOEX_BAD_VECTOR},
    {"two_schemes", 84, 2, 0xffff, NEGOEX_BAD_VECTOR},
    {"two_schemes", 90, 2, 1, NEGOEX_BAD_VECTOR},      /* extensions at 0, packed */
    {"two_schemes", 92, 2, 0xffff, NEGOEX_BAD_VECTOR}, /* the same, aligned */
    {"extension_packed", 112 + 4, 4, 0, NEGOEX_BAD_VECTOR},
    {"extension_packed", 112 + 8, 4, 6, NEGOEX_BAD_VECTOR},
    {"alert_no_key", 60, 4, 0x100, NEGOEX_BAD_VECTOR},
    {"alert_no_key", 64, 2, 2, NEGOEX_BAD_VECTOR},
    {"alert_no_key", 72 + 4, 4, 85, NEGOEX_BAD_VECTOR},
    {"alert_no_key", 72 + 8, 4, 9, NEGOEX_BAD_VECTOR},
    {"windows_server_metadata", 56, 4, 65, NEGOEX_BAD_VECTOR},
    {"windows_server_metadata", 60, 4, 89, NEGOEX_BAD_VECTOR},
    {"windows_server_metadata", 60, 4, 0xffffffc0u, NEGOEX_BAD_VECTOR}, /* offset + length is 0 */
    /* Not a vector at all. */
    {"windows_server_metadata", 60, 4, 0, NEGOEX_OK},
};

START_TEST(a_number_that_lies_is_named)
{
    const struct vector *vector = vector_named(cases[_i].vector);
    unsigned char *octets = malloc(vector->octets.length);
    enum negoex_error error;

    ck_assert_ptr_nonnull(octets);
    memcpy(octets, vector->octets.data, vector->octets.length);
    set_number(octets + cases[_i].at, cases[_i].value, cases[_i].octets);
    error = negoex_message_check(byte_range_of(octets, vector->octets.length));
    ck_assert_msg(error == cases[_i].error, "%s at %zu: %s", cases[_i].vector, cases[_i].at,
                  negoex_error_text(error));
    free(octets);
}
END_TEST

START_TEST(encoding_stops_at_the_limit)
{
    static const unsigned char guid[NEGOEX_GUID_OCTETS] = {1};
    struct negoex_message message = {
        .type = NEGOEX_AP_REQUEST, .conversation = guid, .scheme = guid, .token = {guid, 16}};
    struct byte_buffer output = {.limit = 64 + 15};

    ck_assert(!negoex_message_encode(&message, &output));
    ck_assert_uint_eq(output.length, 0);
    output.limit++;
    ck_assert(negoex_message_encode(&message, &output));
    ck_assert_uint_eq(output.length, 80);
    ck_assert(!negoex_message_encode(&message, &output));
    ck_assert_uint_eq(output.length, 80);
    message.token.length = (size_t)UINT32_MAX - 63;
    output.limit = SIZE_MAX;
    ck_assert(!negoex_message_encode(&message, &output));
    message.type = NEGOEX_INITIATOR_NEGO;
    message.nego.random = guid;
    message.nego.schemes = (struct byte_range){guid, (size_t)65536 * NEGOEX_GUID_OCTETS};
    ck_assert(!negoex_message_encode(&message, &output));
    byte_buffer_release(&output);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("NegoEx messages");
    TCase *tests = tcase_create("codec");
    int status;
    int count;

    load();
    count = (int)vectors->count;
    tcase_add_test(tests, vectors_decode_to_their_fields_and_back);
    tcase_add_test(tests, every_truncation_is_refused);
    tcase_add_test(tests, messages_in_a_row_are_taken_one_by_one);
    tcase_add_loop_test(tests, every_number_may_be_hostile, 0, count);
    tcase_add_loop_test(tests, every_pair_of_numbers_may_be_hostile, 0, count);
    tcase_add_loop_test(tests, a_number_that_lies_is_named, 0,
                        (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tests, encoding_stops_at_the_limit);
    suite_add_tcase(suite, tests);
    status = run_suite(suite);
    unload();
    return status;
}
