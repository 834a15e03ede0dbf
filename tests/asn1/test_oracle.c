/*
 * Our decoders against the tree that libtasn1 makes of the grammars: what ours accept the tree
 * accepts, with equal values. Where they differ is said in one table, each row with its reason and
 * an example; any other difference fails the test.
 */
#include <check.h>
#include <stdlib.h>

#include "tests/asn1/message.h"
#include "tests/asn1/mutate.h"
#include "tests/asn1/tree.h"
#include "tests/runner.h"

struct difference {
    const struct message_type *type;
    enum der_error ours; /* DER_OK: ours accept what the tree refuses; else ours refuse */
    const char *reason;
    struct byte_range example;
};

#define RANGE(literal)                                        \
    {                                                         \
        (const unsigned char *)(literal), sizeof(literal) - 1 \
    }
#define SPNEGO_OID "\x06\x06\x2B\x06\x01\x05\x05\x02"

static const struct difference differences[] = {
    {&message_neg_token, DER_OK, "libtasn1 has no extension markers: ours skip what stands behind",
     RANGE("\xA1\x04\x30\x02\xA4\x00")},
    {&message_neg_token, DER_OK, "ours compare OIDs by octets and need no arc of 64 bits or less",
     RANGE("\xA1\x11\x30\x0F\xA1\x0D\x06\x0B\x69\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F")},
    {&message_neg_token, DER_BAD_TAG,
     "the tree does not compare the length of a field with what is in it",
     RANGE("\xA1\x0B\x30\x09\xA0\x04\x0A\x01\x00\xA2\x02\x04\x00")},
    {&message_neg_token, DER_BAD_LENGTH, "the tree takes lengths that are not minimal",
     RANGE("\xA1\x81\x07\x30\x05\xA0\x03\x0A\x01\x00")},
    {&message_neg_token, DER_BAD_VALUE, "the tree takes numbers outside their ENUMERATED",
     RANGE("\xA1\x07\x30\x05\xA0\x03\x0A\x01\x04")},
    {&message_neg_token, DER_BAD_VALUE, "the tree takes OIDs that end inside an arc",
     RANGE("\xA1\x08\x30\x06\xA1\x04\x06\x02\x2A\x86")},
    {&message_neg_token, DER_MISSING, "an empty MechTypeList is of no use to anybody",
     RANGE("\x60\x10" SPNEGO_OID "\xA0\x06\x30\x04\xA0\x02\x30\x00")},
    {&message_ts_request, DER_TRUNCATED, "the tree takes the beginning of a length for the whole",
     RANGE("\x30\x81")},
    {&message_ts_request, DER_BAD_TAG,
     "the tree does not compare the length of a field with what is in it",
     RANGE("\x30\x0A\xA0\x04\x02\x01\x06\xA2\x03\x04\x01\x00")},
    {&message_ts_request, DER_BAD_LENGTH, "the tree takes lengths that are not minimal",
     RANGE("\x30\x81\x0A\xA0\x03\x02\x01\x06\xA2\x03\x04\x01\x00")},
    {&message_ts_request, DER_BAD_VALUE, "there is no version below 2",
     RANGE("\x30\x0A\xA0\x03\x02\x01\x01\xA2\x03\x04\x01\x00")},
    {&message_ts_request, DER_BAD_VALUE, "the tree takes INTEGERs without content",
     RANGE("\x30\x09\xA0\x02\x02\x00\xA2\x03\x04\x01\x00")},
    {&message_ts_request, DER_BAD_VALUE, "the tree takes INTEGERs that are not minimal",
     RANGE("\x30\x0B\xA0\x04\x02\x02\x00\x06\xA2\x03\x04\x01\x00")},
    {&message_ts_request, DER_MISSING, "nobody sends a version and nothing else",
     RANGE("\x30\x05\xA0\x03\x02\x01\x06")},
    {&message_ts_request, DER_MISSING, "no peer sends negoTokens with no token",
     RANGE("\x30\x09\xA0\x03\x02\x01\x06\xA1\x02\x30\x00")},
    {&message_ts_request, DER_TOO_MANY, "no peer sends or reads a second token in negoTokens",
     RANGE("\x30\x15\xA0\x03\x02\x01\x06\xA1\x0E\x30\x0C\x30\x04\xA0\x02\x04\x00"
           "\x30\x04\xA0\x02\x04\x00")},
    {&message_ts_credentials, DER_BAD_TAG,
     "the tree does not compare the length of a field with what is in it",
     RANGE("\x30\x17\xA0\x04\x02\x01\x01\xA1\x10\x04\x0E\x30\x0C\xA0\x02\x04\x00"
           "\xA1\x02\x04\x00\xA2\x02\x04\x00")},
    {&message_ts_credentials, DER_MISSING,
     "the tree does not compare the length of a field with what is in it",
     RANGE("\x30\x17\xA0\x00\x02\x01\x01\xA1\x10\x04\x0E\x30\x0C\xA0\x02\x04\x00"
           "\xA1\x02\x04\x00\xA2\x02\x04\x00")},
    {&message_ts_credentials, DER_BAD_LENGTH, "the tree takes lengths that are not minimal",
     RANGE("\x30\x81\x17\xA0\x03\x02\x01\x01\xA1\x10\x04\x0E\x30\x0C\xA0\x02\x04\x00"
           "\xA1\x02\x04\x00\xA2\x02\x04\x00")},
    {&message_ts_credentials, DER_BAD_VALUE, "an odd number of octets is not UTF-16",
     RANGE("\x30\x18\xA0\x03\x02\x01\x01\xA1\x11\x04\x0F\x30\x0D\xA0\x03\x04\x01\x41"
           "\xA1\x02\x04\x00\xA2\x02\x04\x00")},
};

#define DIFFERENCE_COUNT (sizeof differences / sizeof differences[0])

/* Inputs that were compared, to see that there were some. */
static size_t compared;

static bool tree_accepts(const struct message_type *type, struct byte_range input,
                         enum der_error *ours, bool *equal)
{
    static struct neg_token token;
    static struct ts_request request;
    static struct ts_credentials credentials;

    *equal = false;
    if (type == &message_neg_token) {
        *ours = neg_token_decode(input, &token);
        return tree_accepts_neg_token(input, *ours == DER_OK ? &token : NULL, equal);
    }
    if (type == &message_ts_request) {
        *ours = ts_request_decode(input, &request);
        return tree_accepts_ts_request(input, *ours == DER_OK ? &request : NULL, equal);
    }
    *ours = ts_credentials_decode(input, &credentials);
    return tree_accepts_ts_credentials(input, *ours == DER_OK ? &credentials : NULL, equal);
}

static bool is_listed(const struct message_type *type, enum der_error ours)
{
    for (size_t i = 0; i < DIFFERENCE_COUNT; i++) {
        if (differences[i].type == type && differences[i].ours == ours)
            return true;
    }
    return false;
}

/* Written anew, without its extension fields, the tree must take the message too. */
static void expect_recoded_accepted(const struct message_type *type, struct byte_range input)
{
    unsigned char *output;
    size_t length;
    enum der_error ours;
    bool equal;

    ck_assert_int_eq(message_check(type, input), DER_OK);
    ck_assert_int_eq(type->recode(input, &output, &length), DER_OK);
    ck_assert(tree_accepts(type, byte_range_of(output, length), &ours, &equal) && equal);
    free(output);
}

static void compare(const struct message_type *type, struct byte_range input, const char *name)
{
    enum der_error ours;
    bool equal;
    bool theirs = tree_accepts(type, input, &ours, &equal);

    compared++;
    if (ours == DER_OK && theirs)
        ck_assert_msg(equal, "%s: other values", name);
    if ((ours == DER_OK) == theirs)
        return;
    ck_assert_msg(is_listed(type, ours), "%s: ours %s, the tree %s", name, der_error_text(ours),
                  theirs ? "accepts" : "refuses");
    if (ours == DER_OK)
        expect_recoded_accepted(type, input);
}

static void compare_changed(const void *context, struct byte_range changed)
{
    const struct vector *vector = context;

    compare(message_type_of(vector), changed, vector->name);
}

static void compare_each_element_changed(const struct message_type *type,
                                         const struct vector *vector)
{
    for (int mutation = MUTATION_REMOVE; mutation < MUTATION_COUNT; mutation++) {
        for (size_t target = 0; target < 64; target++) {
            unsigned char *changed;
            size_t length;
            unsigned identifier, parent;

            if (!mutate(vector->octets, type == &message_ts_credentials, target,
                        (enum mutation)mutation, &changed, &length, &identifier, &parent))
                continue;
            compare(type, byte_range_of(changed, length), vector->name);
            free(changed);
        }
    }
}

static void compare_file(const char *file_name)
{
    struct vector_list *list = vector_list_load(file_name);

    for (size_t i = 0; i < list->count; i++) {
        const struct vector *vector = &list->vectors[i];
        const struct message_type *type = message_type_of(vector);

        if (type == NULL || type == &message_initial_context_token)
            continue;
        compare(type, vector->octets, vector->name);
        for (size_t length = 0; length < vector->octets.length; length++)
            compare(type, byte_range_of(vector->octets.data, length), vector->name);
        mutate_each_octet(vector->octets, compare_changed, vector);
        if (vector_value(vector, "error") == NULL)
            compare_each_element_changed(type, vector);
    }
    vector_list_free(list);
    ck_assert_uint_gt(compared, 10000);
}

START_TEST(neg_tokens_agree)
{
    compare_file(message_neg_token.vector_file);
}
END_TEST

START_TEST(ts_requests_agree)
{
    compare_file(message_ts_request.vector_file);
}
END_TEST

START_TEST(ts_credentials_agree)
{
    compare_file(message_ts_credentials.vector_file);
}
END_TEST

START_TEST(each_difference_is_as_listed)
{
    const struct difference *difference = &differences[_i];
    enum der_error ours;
    bool equal;
    bool theirs = tree_accepts(difference->type, difference->example, &ours, &equal);

    ck_assert_msg(ours == difference->ours, "%s: ours %s", difference->reason,
                  der_error_text(ours));
    ck_assert_msg(theirs == (ours != DER_OK), "%s: the tree agrees", difference->reason);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle");
    TCase *tcase = tcase_create("libtasn1's tree");
    int status;

    tree_load();
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, neg_tokens_agree);
    tcase_add_test(tcase, ts_requests_agree);
    tcase_add_test(tcase, ts_credentials_agree);
    tcase_add_loop_test(tcase, each_difference_is_as_listed, 0, (int)DIFFERENCE_COUNT);
    suite_add_tcase(suite, tcase);
    status = run_suite(suite);
    tree_free();
    return status;
}
