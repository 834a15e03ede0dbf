/*
 * Tokens that a caller put our header on with gss_encapsulate_token(), of every length: MIT's writes an
 * octet too many behind some of them.
 */
#include <check.h>
#include <stdlib.h>

#include "asn1/initial_context_token.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

static void check_length(size_t length, unsigned char *octets)
{
    gss_buffer_desc bare = {length, octets};
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    struct byte_range oid;
    struct byte_range inner;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_encapsulate_token(&bare, GSS_SSPI_MECH_CREDSSP, &framed), GSS_S_COMPLETE);
    ck_assert_msg(encapsulated_token_decode(byte_range_of(framed.value, framed.length), &oid,
                                            &inner) == DER_OK,
                  "%zu octets", length);
    ck_assert(byte_range_equal(inner, byte_range_of(octets, length)));
    ck_assert(byte_range_equal(
        oid, byte_range_of(GSS_SSPI_MECH_CREDSSP->elements, GSS_SSPI_MECH_CREDSSP->length)));
    /* Two octets too many are nobody's. */
    framed.value = realloc(framed.value, framed.length + 2);
    ck_assert_ptr_nonnull(framed.value);
    ck_assert_int_ne(
        encapsulated_token_decode(byte_range_of(framed.value, framed.length + 2), &oid, &inner),
        DER_OK);
    (void)gss_release_buffer(&minor, &framed);
}

START_TEST(tokens_of_every_length_come_back)
{
    unsigned char *octets = calloc(1, 66000);

    ck_assert_ptr_nonnull(octets);
    for (size_t length = 0; length < 600; length++)
        check_length(length, octets);
    for (size_t length = 65000; length < 66000; length++)
        check_length(length, octets);
    free(octets);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("encapsulation");
    TCase *tests = tcase_create("encapsulation");

    tcase_add_test(tests, tokens_of_every_length_come_back);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
