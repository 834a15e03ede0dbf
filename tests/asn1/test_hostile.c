/*
 * What no decoder may take: every vector cut at every length, with octets behind it, with every
 * length wrong in every way, and with every element repeated, moved, emptied, padded or left out;
 * and input made to cost time. Inputs stand in memory of their exact size, so that
 * AddressSanitizer and valgrind see any octet that is read outside.
 */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "asn1/neg_token.h"
#include "asn1/ts_request.h"
#include "tests/asn1/message.h"
#include "tests/asn1/mutate.h"
#include "tests/runner.h"

/* Far more than any of these inputs needs, also under valgrind. */
#define TIME_LIMIT_SECONDS 1.0

/* Decodes a copy of exactly this size, and checks what must hold when that succeeds. */
static enum der_error decode_copy(const struct message_type *type, struct byte_range input)
{
    unsigned char *copy = malloc(input.length != 0 ? input.length : 1);
    enum der_error error;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, input.data, input.length);
    error = message_check(type, (struct byte_range){copy, input.length});
    free(copy);
    return error;
}

typedef void vector_test(const struct message_type *type, const struct vector *vector);

/* Runs a test over every vector that is accepted. */
static void for_each_vector(vector_test *test)
{
    const char *const files[] = {"neg_token.txt", "ts_request.txt", "ts_credentials.txt"};
    size_t tested = 0;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct vector_list *list = vector_list_load(files[i]);

        for (size_t j = 0; j < list->count; j++) {
            const struct message_type *type = message_type_of(&list->vectors[j]);

            if (type == NULL || vector_value(&list->vectors[j], "error") != NULL)
                continue;
            test(type, &list->vectors[j]);
            tested++;
        }
        vector_list_free(list);
    }
    ck_assert_uint_gt(tested, 40);
}

static void cut_everywhere(const struct message_type *type, const struct vector *vector)
{
    for (size_t length = 0; length < vector->octets.length; length++) {
        enum der_error error = decode_copy(type, (struct byte_range){vector->octets.data, length});

        ck_assert_msg(error == DER_TRUNCATED, "%s cut to %zu: %s", vector->name, length,
                      der_error_text(error));
    }
}

START_TEST(message_cut_at_every_length_is_truncated)
{
    for_each_vector(cut_everywhere);
}
END_TEST

static void add_an_octet(const struct message_type *type, const struct vector *vector)
{
    unsigned char longer[VECTOR_MAX_OCTETS + 1];

    memcpy(longer, vector->octets.data, vector->octets.length);
    for (unsigned octet = 0; octet < 256; octet++) {
        longer[vector->octets.length] = (unsigned char)octet;
        ck_assert_int_eq(decode_copy(type, byte_range_of(longer, vector->octets.length + 1)),
                         DER_TRAILING);
    }
}

START_TEST(octet_behind_the_message_is_trailing)
{
    for_each_vector(add_an_octet);
}
END_TEST

/* Most changes are refused, and what is accepted must be consistent. */
static void decode_changed(const void *context, struct byte_range changed)
{
    (void)decode_copy(context, changed);
}

static void change_each_octet(const struct message_type *type, const struct vector *vector)
{
    mutate_each_octet(vector->octets, decode_changed, type);
}

START_TEST(message_with_any_octet_changed_is_refused_or_consistent)
{
    for_each_vector(change_each_octet);
}
END_TEST

static bool is_field(unsigned identifier)
{
    return (identifier & 0xC0) == 0x80;
}

/* Whether a change must be refused, wherever it is made. The others may leave a valid message. */
static bool must_be_refused(enum mutation mutation, unsigned identifier, unsigned parent)
{
    bool is_number = identifier == DER_INTEGER || identifier == DER_ENUMERATED;

    switch (mutation) {
    case MUTATION_LONG_LENGTH:
    case MUTATION_INDEFINITE:
    case MUTATION_LENGTH_ONE_MORE:
    case MUTATION_LENGTH_ONE_LESS:
    case MUTATION_LENGTH_HUGE:
    case MUTATION_LENGTH_BILLIONS:
    case MUTATION_LENGTH_WRAPPING:
        return true;
    case MUTATION_REPEAT:
        return is_field(identifier) || is_field(parent) || parent == 0;
    case MUTATION_SWAP:
        return is_field(identifier);
    case MUTATION_JUNK_INSIDE: /* a list of fields, or a field */
        return (identifier & 0x20) != 0;
    case MUTATION_EMPTY:
        return is_field(identifier) || is_number || identifier == DER_OBJECT_IDENTIFIER;
    case MUTATION_REMOVE:
        return is_field(parent) || parent == 0;
    case MUTATION_PAD_CONTENT: /* errorCode may be positive in one octet more (pyspnego) */
        return is_number && parent != DER_CONTEXT(4);
    default:
        return false;
    }
}

/* Removing or repeating these leaves a valid message: the lists of OIDs and of credentials. */
static bool is_in_a_list(unsigned identifier, unsigned parent)
{
    return parent == DER_SEQUENCE && !is_field(identifier);
}

static void mutate_each_element(const struct message_type *type, const struct vector *vector)
{
    for (int mutation = MUTATION_REMOVE; mutation < MUTATION_COUNT; mutation++) {
        unsigned char *changed;
        size_t length;
        unsigned identifier, parent;
        size_t changes = 0;

        for (size_t target = 0; target < 64; target++) {
            enum der_error error;

            if (type == &message_initial_context_token && target > 0)
                break; /* what the header holds is the mechanism's own */
            if (!mutate(vector->octets, type == &message_ts_credentials, target,
                        (enum mutation)mutation, &changed, &length, &identifier, &parent))
                continue;
            changes++;
            error = decode_copy(type, byte_range_of(changed, length));
            free(changed);
            if (type == &message_initial_context_token && target == 0 &&
                mutation == MUTATION_JUNK_INSIDE)
                continue; /* the inner token ends where the header says */
            if (must_be_refused((enum mutation)mutation, identifier, parent) &&
                !is_in_a_list(identifier, parent))
                ck_assert_msg(error != DER_OK, "%s: change %d of element %zu (%02x) is taken",
                              vector->name, mutation, target, identifier);
        }
        if (mutation == MUTATION_LONG_LENGTH)
            ck_assert_uint_ge(changes, 1);
    }
}

START_TEST(message_with_an_element_changed_is_refused)
{
    for_each_vector(mutate_each_element);
}
END_TEST

/* Builds depth constructed elements around nothing; every length is right and minimal. */
static struct byte_range nested(size_t depth, unsigned char *storage, size_t size,
                                const unsigned char *identifiers, size_t identifier_count)
{
    size_t start = size, content = 0;

    for (size_t level = depth; level-- > 0;) {
        unsigned octets = content < 0x80 ? 0 : content < 0x100 ? 1 : content < 0x10000 ? 2 : 3;

        for (unsigned i = 0; i < octets; i++)
            storage[--start] = (unsigned char)(content >> (8 * i));
        storage[--start] = (unsigned char)(octets != 0 ? 0x80 | octets : content);
        storage[--start] = identifiers[level < identifier_count ? level : identifier_count - 1];
        content = size - start;
    }
    return byte_range_of(storage + start, size - start);
}

static double seconds_since(clock_t start)
{
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

START_TEST(nesting_100000_deep_is_refused)
{
    static unsigned char storage[600000];
    static const unsigned char resp[] = {0xA1, 0x30, 0xA2, 0x30};
    static const unsigned char request[] = {0x30, 0xA1, 0x30, 0x30, 0xA0, 0x30};
    clock_t start = clock();

    for (size_t i = 0; message_types[i] != NULL; i++) {
        ck_assert_int_ne(
            message_types[i]->decode(nested(100000, storage, sizeof storage, resp, sizeof resp)),
            DER_OK);
        ck_assert_int_ne(message_types[i]->decode(
                             nested(100000, storage, sizeof storage, request, sizeof request)),
                         DER_OK);
    }
    ck_assert(seconds_since(start) < TIME_LIMIT_SECONDS);
}
END_TEST

/* Header octets, then as many elements as 64 KiB have room for. */
static enum der_error decode_many(const struct message_type *type, const unsigned char *levels,
                                  size_t level_count, const unsigned char *element, size_t size)
{
    static unsigned char storage[70000];
    const size_t count = 65536 / size;
    size_t start = sizeof storage - count * size;

    for (size_t i = 0; i < count; i++)
        memcpy(storage + start + i * size, element, size);
    for (size_t level = level_count; level-- > 0;) {
        size_t content = sizeof storage - start;

        if (levels[level] == DER_OBJECT_IDENTIFIER) { /* SPNEGO's, before the rest */
            start -= 8;
            memcpy(storage + start, "\x06\x06\x2B\x06\x01\x05\x05\x02", 8);
            continue;
        }
        start -= 5;
        memcpy(storage + start,
               (unsigned char[]){levels[level], 0x83, (unsigned char)(content >> 16),
                                 (unsigned char)(content >> 8), (unsigned char)content},
               5);
        if (storage[start + 2] == 0) { /* minimal: two octets do */
            memmove(storage + start + 1, storage + start, 1);
            start++;
            storage[start + 1] = 0x82;
        }
    }
    return type->decode(byte_range_of(storage + start, sizeof storage - start));
}

START_TEST(sixty_four_kib_of_tiny_elements_take_no_time)
{
    static const unsigned char mech_types[] = {0x60, 0x06, 0xA0, 0x30, 0xA0, 0x30};
    static const unsigned char extensions[] = {0xA1, 0x30};
    static const unsigned char nego_tokens[] = {0x30, 0xA1, 0x30};
    static const unsigned char oid[] = {0x06, 0x01, 0x2A};
    static const unsigned char field[] = {0xA4, 0x00};
    static const unsigned char item[] = {0x30, 0x00};
    clock_t start = clock();

    ck_assert_int_eq(
        decode_many(&message_neg_token, mech_types, sizeof mech_types, oid, sizeof oid),
        DER_TOO_MANY);
    ck_assert_int_eq(
        decode_many(&message_neg_token, extensions, sizeof extensions, field, sizeof field),
        DER_TOO_MANY);
    ck_assert_int_ne(
        decode_many(&message_ts_request, nego_tokens, sizeof nego_tokens, item, sizeof item),
        DER_OK);
    ck_assert(seconds_since(start) < TIME_LIMIT_SECONDS);
}
END_TEST

START_TEST(message_longer_than_any_is_refused_before_it_is_read)
{
    unsigned char *octets = calloc(1, DER_MAX_MESSAGE + 1);

    ck_assert_ptr_nonnull(octets);
    for (size_t i = 0; message_types[i] != NULL; i++)
        ck_assert_int_eq(message_types[i]->decode(byte_range_of(octets, DER_MAX_MESSAGE + 1)),
                         DER_TOO_LONG);
    free(octets);
}
END_TEST

START_TEST(two_octet_and_headers_only_tokens_are_truncated)
{
    static const unsigned char header[] = {0x60, 0x82, 0x10, 0x00, 0x06, 0x06,
                                           0x2B, 0x06, 0x01, 0x05, 0x05, 0x02};

    for (size_t length = 0; length <= sizeof header; length++) {
        ck_assert_int_eq(decode_copy(&message_neg_token, (struct byte_range){header, length}),
                         DER_TRUNCATED);
        ck_assert_int_eq(
            decode_copy(&message_initial_context_token, (struct byte_range){header, length}),
            DER_TRUNCATED);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hostile input");
    TCase *tcase = tcase_create("asn1");

    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, message_cut_at_every_length_is_truncated);
    tcase_add_test(tcase, octet_behind_the_message_is_trailing);
    tcase_add_test(tcase, message_with_any_octet_changed_is_refused_or_consistent);
    tcase_add_test(tcase, message_with_an_element_changed_is_refused);
    tcase_add_test(tcase, nesting_100000_deep_is_refused);
    tcase_add_test(tcase, sixty_four_kib_of_tiny_elements_take_no_time);
    tcase_add_test(tcase, message_longer_than_any_is_refused_before_it_is_read);
    tcase_add_test(tcase, two_octet_and_headers_only_tokens_are_truncated);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
