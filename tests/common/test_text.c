/* common/text.[ch]: UTF-8 to UTF-16LE and back. */
#include <check.h>
#include <stdlib.h>

#include "common/text.h"
#include "tests/common/zero_octets.h"
#include "tests/runner.h"

#define RANGE(literal) byte_range_of(literal, sizeof(literal) - 1)

/* The longest text that is taken. */
#define LONGEST ((size_t)1 << 20)

struct pair {
    struct byte_range utf8, utf16le;
};

static struct pair pair_at(int index)
{
    const struct pair pairs[] = {
        {RANGE(""), RANGE("")},
        {RANGE("Password"), RANGE("P\0a\0s\0s\0w\0o\0r\0d\0")},
        {RANGE("a\0b"), RANGE("a\0\0\0b\0")},
        {RANGE("\0"), RANGE("\0\0")},
        {RANGE("J\xC3\xBCrgen"), RANGE("J\0\xFC\0r\0g\0e\0n\0")},
        {RANGE("\xE2\x82\xAC"), RANGE("\xAC\x20")},
        {RANGE("\xF0\x9F\x98\x80"), RANGE("\x3D\xD8\x00\xDE")},         /* U+1F600 */
        {RANGE("\xF4\x8F\xBF\xBF"), RANGE("\xFF\xDB\xFF\xDF")},         /* U+10FFFF */
        {RANGE("\xEF\xBB\xBF\xEF\xBF\xBF"), RANGE("\xFF\xFE\xFF\xFF")}, /* U+FEFF, U+FFFF */
        {RANGE("\xED\x9F\xBF\xEE\x80\x80"), RANGE("\xFF\xD7\x00\xE0")}, /* around surrogates */
        {RANGE("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80"), RANGE("\x7F\0\x80\0\xFF\x07\x00\x08")},
    };

    ck_assert_int_lt(index, (int)(sizeof pairs / sizeof pairs[0]));
    return pairs[index];
}

#define PAIR_COUNT 11

START_TEST(text_is_converted_both_ways)
{
    struct pair pair = pair_at(_i);
    struct secret out = {0};

    ck_assert_int_eq(text_to_utf16le(pair.utf8, &out), TEXT_OK);
    ck_assert(byte_range_equal(secret_range(&out), pair.utf16le));
    ck_assert_int_eq(text_from_utf16le(pair.utf16le, &out), TEXT_OK);
    ck_assert(byte_range_equal(secret_range(&out), pair.utf8));
    ck_assert_uint_eq(out.data[out.length], 0);
    secret_release(&out);
}
END_TEST

static void expect_invalid_utf8(struct byte_range utf8)
{
    struct secret out = {0};

    ck_assert(secret_set(&out, "old", 3));
    ck_assert_int_eq(text_to_utf16le(utf8, &out), TEXT_INVALID);
    ck_assert(!secret_is_present(&out));
}

START_TEST(ill_formed_utf8_is_refused)
{
    expect_invalid_utf8(RANGE("\x80"));
    expect_invalid_utf8(RANGE("a\xC3"));
    expect_invalid_utf8(RANGE("\xE2\x82"));
    expect_invalid_utf8(RANGE("\xF0\x9F\x98"));
    expect_invalid_utf8(RANGE("\xC0\x80"));         /* NUL, too long */
    expect_invalid_utf8(RANGE("\xED\xA0\x80"));     /* a surrogate */
    expect_invalid_utf8(RANGE("\xF4\x90\x80\x80")); /* above U+10FFFF */
    expect_invalid_utf8(RANGE("\xFF"));
}
END_TEST

static void expect_invalid_utf16(struct byte_range utf16le)
{
    struct secret out = {0};

    ck_assert(secret_set(&out, "old", 3));
    ck_assert_int_eq(text_from_utf16le(utf16le, &out), TEXT_INVALID);
    ck_assert(!secret_is_present(&out));
}

START_TEST(ill_formed_utf16_is_refused)
{
    expect_invalid_utf16(RANGE("a"));
    expect_invalid_utf16(RANGE("a\0b"));
    expect_invalid_utf16(RANGE("\x3D\xD8")); /* high surrogate at the end */
    expect_invalid_utf16(RANGE("\x3D\xD8"
                               "a\0"));                      /* and before a letter */
    expect_invalid_utf16(RANGE("\x00\xDE"));                 /* low surrogate alone */
    expect_invalid_utf16(RANGE("\x00\xDE\x3D\xD8"));         /* the wrong way round */
    expect_invalid_utf16(RANGE("\x3D\xD8\x3D\xD8\x00\xDE")); /* two high ones */
}
END_TEST

START_TEST(text_is_read_from_odd_addresses)
{
    const char shifted[] = "xP\0w\0";
    struct secret out = {0};

    ck_assert_int_eq(text_from_utf16le(byte_range_of(shifted + 1, 4), &out), TEXT_OK);
    ck_assert_str_eq((const char *)out.data, "Pw");
    secret_release(&out);
}
END_TEST

START_TEST(absent_text_is_empty_text)
{
    struct secret out = {0};

    ck_assert_int_eq(text_to_utf16le(BYTE_RANGE_ABSENT, &out), TEXT_OK);
    ck_assert(secret_is_present(&out));
    ck_assert_uint_eq(out.length, 0);
    ck_assert_int_eq(text_from_utf16le(BYTE_RANGE_ABSENT, &out), TEXT_OK);
    ck_assert(secret_is_present(&out));
    ck_assert_uint_eq(out.length, 0);
    secret_release(&out);
}
END_TEST

/* The octets that the converter asked for but did not need hold nothing of the text. */
START_TEST(converted_text_is_followed_by_zeros)
{
    struct pair pair = pair_at(6);
    struct secret out = {0};

    ck_assert_int_eq(text_to_utf16le(pair.utf8, &out), TEXT_OK);
    ck_assert(is_zero(out.data + out.length, out.mapped - out.length));
    ck_assert_int_eq(text_from_utf16le(pair.utf16le, &out), TEXT_OK);
    ck_assert(is_zero(out.data + out.length, out.mapped - out.length));
    secret_release(&out);
}
END_TEST

START_TEST(text_is_bounded)
{
    char *text = calloc(1, LONGEST + 2);
    struct secret out = {0};

    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(text_to_utf16le(byte_range_of(text, LONGEST), &out), TEXT_OK);
    ck_assert_uint_eq(out.length, 2 * LONGEST);
    ck_assert_int_eq(text_from_utf16le(byte_range_of(text, LONGEST), &out), TEXT_OK);
    ck_assert_uint_eq(out.length, LONGEST / 2);
    expect_invalid_utf8(byte_range_of(text, LONGEST + 1));
    expect_invalid_utf16(byte_range_of(text, LONGEST + 2));
    secret_release(&out);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tcase = tcase_create("text");

    tcase_add_loop_test(tcase, text_is_converted_both_ways, 0, PAIR_COUNT);
    tcase_add_test(tcase, ill_formed_utf8_is_refused);
    tcase_add_test(tcase, ill_formed_utf16_is_refused);
    tcase_add_test(tcase, text_is_read_from_odd_addresses);
    tcase_add_test(tcase, absent_text_is_empty_text);
    tcase_add_test(tcase, converted_text_is_followed_by_zeros);
    tcase_add_test(tcase, text_is_bounded);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
