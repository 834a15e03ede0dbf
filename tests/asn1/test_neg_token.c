/*
 * The grammar of SPNEGO's messages and of the header before them: what may be absent, what may not,
 * what is bounded, what peers send that the grammar does not say, what the encoders refuse to
 * write.
 */
#include <check.h>
#include <stdlib.h>

#include "asn1/initial_context_token.h"
#include "asn1/neg_token.h"
#include "tests/runner.h"

#define RANGE(literal) byte_range_of(literal, sizeof(literal) - 1)

#define SPNEGO_OID "\x06\x06\x2B\x06\x01\x05\x05\x02"
#define KRB5_OID   "\x2A\x86\x48\x86\xF7\x12\x01\x02\x02"
#define NTLM_OID   "\x2B\x06\x01\x04\x01\x82\x37\x02\x02\x0A"

/* The linker gives us der.c's malloc(), to see what happens when there is no memory. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
static bool memory_is_gone;

void *__wrap_malloc(size_t size)
{
    return memory_is_gone ? NULL : __real_malloc(size);
}

static struct neg_token token;

static enum der_error decode_neg_token(struct byte_range input)
{
    return neg_token_decode(input, &token);
}

static void expect_range(struct byte_range found, struct byte_range wanted)
{
    ck_assert(byte_range_equal(found, wanted));
}

static void expect_absent(struct byte_range found)
{
    ck_assert(!byte_range_is_present(found));
}

START_TEST(neg_token_init_may_have_no_field_at_all)
{
    ck_assert_int_eq(decode_neg_token(RANGE("\x60\x0C" SPNEGO_OID "\xA0\x02\x30\x00")), DER_OK);
    ck_assert_int_eq(token.kind, NEG_TOKEN_INIT);
    expect_absent(token.init.mech_types.der);
    ck_assert_uint_eq(token.init.mech_types.count, 0);
    expect_absent(token.init.mech_token);
    expect_absent(token.init.hint_name);
    expect_absent(token.init.hint_address);
    expect_absent(token.init.mech_list_mic);
}
END_TEST

START_TEST(neg_token_init_without_its_header_is_refused)
{
    ck_assert_int_eq(decode_neg_token(RANGE("\xA0\x02\x30\x00")), DER_BAD_TAG);
    ck_assert(!neg_token_is_plausible(RANGE("\xA0\x02\x30\x00")));
}
END_TEST

START_TEST(neg_token_init_with_an_empty_mech_type_list_is_refused)
{
    ck_assert_int_eq(
        decode_neg_token(RANGE("\x60\x10" SPNEGO_OID "\xA0\x06\x30\x04\xA0\x02\x30\x00")),
        DER_MISSING);
}
END_TEST

START_TEST(neg_token_init_with_malformed_oids_is_refused)
{
    /* empty; ends inside a subidentifier; a subidentifier that is not minimal */
    ck_assert_int_eq(
        decode_neg_token(RANGE("\x60\x12" SPNEGO_OID "\xA0\x08\x30\x06\xA0\x04\x30\x02\x06\x00")),
        DER_BAD_VALUE);
    ck_assert_int_eq(decode_neg_token(RANGE("\x60\x14" SPNEGO_OID
                                            "\xA0\x0A\x30\x08\xA0\x06\x30\x04\x06\x02\x2A\x86")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(
        decode_neg_token(
            RANGE("\x60\x15" SPNEGO_OID "\xA0\x0B\x30\x09\xA0\x07\x30\x05\x06\x03\x2A\x80\x01")),
        DER_BAD_VALUE);
}
END_TEST

START_TEST(neg_token_init_for_another_oid_is_refused)
{
    ck_assert_int_eq(decode_neg_token(RANGE("\x60\x0C\x06\x06\x2B\x06\x01\x05\x05\x03"
                                            "\xA0\x02\x30\x00")),
                     DER_BAD_VALUE);
}
END_TEST

START_TEST(neg_token_init_with_empty_hints_is_taken)
{
    ck_assert_int_eq(
        decode_neg_token(RANGE("\x60\x10" SPNEGO_OID "\xA0\x06\x30\x04\xA3\x02\x30\x00")), DER_OK);
    expect_absent(token.init.hint_name);
    expect_absent(token.init.hint_address);
}
END_TEST

START_TEST(neg_token_init_with_a_mic_in_both_places_is_refused)
{
    ck_assert_int_eq(decode_neg_token(RANGE("\x60\x16" SPNEGO_OID "\xA0\x0C\x30\x0A"
                                            "\xA3\x03\x04\x01\x01\xA4\x03\x04\x01\x01")),
                     DER_BAD_TAG);
}
END_TEST

START_TEST(neg_token_init_with_bad_req_flags_is_refused)
{
    /* no octet that counts the unused bits; more than seven of them; unused bits of nothing */
    ck_assert_int_eq(
        decode_neg_token(RANGE("\x60\x10" SPNEGO_OID "\xA0\x06\x30\x04\xA1\x02\x03\x00")),
        DER_BAD_VALUE);
    ck_assert_int_eq(
        decode_neg_token(RANGE("\x60\x12" SPNEGO_OID "\xA0\x08\x30\x06\xA1\x04\x03\x02\x08\x00")),
        DER_BAD_VALUE);
    ck_assert_int_eq(
        decode_neg_token(RANGE("\x60\x11" SPNEGO_OID "\xA0\x07\x30\x05\xA1\x03\x03\x01\x01")),
        DER_BAD_VALUE);
}
END_TEST

START_TEST(fields_behind_the_extension_markers_are_skipped)
{
    /* [5] constructed, [30] primitive and [31], whose identifier takes two octets */
    ck_assert_int_eq(
        decode_neg_token(RANGE("\x60\x1A" SPNEGO_OID "\xA0\x10\x30\x0E\xA2\x03\x04\x01\x55"
                               "\xA5\x01\xFF\x9E\x00\xBF\x1F\x01\x00")),
        DER_OK);
    expect_range(token.init.mech_token, RANGE("\x55"));
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x0A\x30\x08\xA3\x03\x04\x01\x55\xA4\x01\x00")),
                     DER_OK);
    expect_range(token.resp.mech_list_mic, RANGE("\x55"));
}
END_TEST

START_TEST(extension_fields_do_not_bring_back_known_ones)
{
    /* [3] behind [4]; a universal tag; [5] cut short; [31] not minimal */
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x09\x30\x07\xA4\x00\xA3\x03\x04\x01\x55")),
                     DER_BAD_TAG);
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x04\x30\x02\x05\x00")), DER_BAD_TAG);
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x04\x30\x02\xA5\x01")), DER_BAD_LENGTH);
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x06\x30\x04\xBF\x80\x20\x00")), DER_BAD_TAG);
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x05\x30\x03\xBF\x05\x00")), DER_BAD_TAG);
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x04\x30\x02\xBF\xFF")), DER_BAD_TAG);
}
END_TEST

START_TEST(extension_fields_are_bounded)
{
    unsigned char octets[4 + 2 * (DER_MAX_EXTENSIONS + 1)] = {0xA1, sizeof octets - 2, 0x30,
                                                              sizeof octets - 4};

    for (size_t i = 4; i < sizeof octets; i += 2)
        octets[i] = 0xA4;
    ck_assert_int_eq(decode_neg_token(byte_range_of(octets, sizeof octets)), DER_TOO_MANY);
    octets[1] = (unsigned char)(octets[1] - 2);
    octets[3] = (unsigned char)(octets[3] - 2);
    ck_assert_int_eq(decode_neg_token(byte_range_of(octets, sizeof octets - 2)), DER_OK);
}
END_TEST

START_TEST(mech_type_list_is_bounded)
{
    struct byte_range oids[NEG_TOKEN_MAX_MECH_TYPES + 1];
    struct neg_token_init init = {0};
    unsigned char *list, *framed;
    size_t length, framed_length;

    for (size_t i = 0; i <= NEG_TOKEN_MAX_MECH_TYPES; i++)
        oids[i] = RANGE(NTLM_OID);
    ck_assert_int_eq(mech_type_list_encode(oids, NEG_TOKEN_MAX_MECH_TYPES + 1, &list, &length),
                     DER_TOO_MANY);
    ck_assert_int_eq(mech_type_list_encode(oids, 0, &list, &length), DER_MISSING);
    ck_assert_int_eq(mech_type_list_encode(oids, NEG_TOKEN_MAX_MECH_TYPES, &list, &length), DER_OK);
    init.mech_types.der = byte_range_of(list, length);
    ck_assert_int_eq(neg_token_init_encode(&init, &framed, &framed_length), DER_OK);
    ck_assert_int_eq(decode_neg_token(byte_range_of(framed, framed_length)), DER_OK);
    ck_assert_uint_eq(token.init.mech_types.count, NEG_TOKEN_MAX_MECH_TYPES);
    expect_range(token.init.mech_types.der, init.mech_types.der);
    free(framed);
    free(list);
}
END_TEST

START_TEST(neg_token_resp_may_have_no_field_at_all)
{
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x02\x30\x00")), DER_OK);
    ck_assert_int_eq(token.kind, NEG_TOKEN_RESP);
    ck_assert_int_eq(token.resp.neg_state, NEG_STATE_ABSENT);
    expect_absent(token.resp.supported_mech);
    expect_absent(token.resp.response_token);
    expect_absent(token.resp.mech_list_mic);
}
END_TEST

START_TEST(neg_token_resp_in_a_header_is_taken_as_from_old_sun_acceptors)
{
    const struct byte_range framed = RANGE("\x60\x11" SPNEGO_OID "\xA1\x07\x30\x05\xA0\x03\x0A\x01"
                                           "\x02");

    ck_assert_int_eq(decode_neg_token(framed), DER_OK);
    ck_assert_int_eq(token.kind, NEG_TOKEN_RESP);
    ck_assert_int_eq(token.resp.neg_state, NEG_STATE_REJECT);
    ck_assert(neg_token_is_plausible(framed));
}
END_TEST

START_TEST(neg_token_resp_with_an_empty_response_token_is_taken_as_from_old_iis)
{
    ck_assert_int_eq(
        decode_neg_token(RANGE("\xA1\x0B\x30\x09\xA0\x03\x0A\x01\x00\xA2\x02\x04\x00")), DER_OK);
    ck_assert(byte_range_is_present(token.resp.response_token));
    ck_assert_uint_eq(token.resp.response_token.length, 0);
}
END_TEST

START_TEST(neg_state_outside_its_enumeration_is_refused)
{
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x07\x30\x05\xA0\x03\x0A\x01\x04")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x07\x30\x05\xA0\x03\x0A\x01\xFF")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x06\x30\x04\xA0\x02\x0A\x00")), DER_BAD_VALUE);
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x08\x30\x06\xA0\x04\x0A\x02\x00\x01")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(decode_neg_token(RANGE("\xA1\x07\x30\x05\xA0\x03\x02\x01\x00")), DER_BAD_TAG);
}
END_TEST

START_TEST(neg_token_is_told_from_others_by_its_beginning)
{
    ck_assert(neg_token_is_plausible(RANGE("\x60\x82\x05\x00" SPNEGO_OID)));
    ck_assert(neg_token_is_plausible(RANGE("\xA1\x82\x05\x00\x30")));
    ck_assert(!neg_token_is_plausible(RANGE("\x60\x82\x05\x00\x06\x09" KRB5_OID)));
    ck_assert(!neg_token_is_plausible(RANGE("\xA1\x82\x05\x00")));
    ck_assert(!neg_token_is_plausible(RANGE("\xA1\x04\x04\x02\x00\x00")));
    ck_assert(!neg_token_is_plausible(RANGE("\x60\x08\x06\x06\x2B\x06\x01\x05\x05")));
    ck_assert(!neg_token_is_plausible(RANGE("")));
    ck_assert(!neg_token_is_plausible(BYTE_RANGE_ABSENT));
}
END_TEST

START_TEST(initial_context_token_may_hold_nothing_or_anything)
{
    struct byte_range oid, inner;

    ck_assert_int_eq(initial_context_token_decode(RANGE("\x60\x03\x06\x01\x2A"), &oid, &inner),
                     DER_OK);
    expect_range(oid, RANGE("\x2A"));
    expect_range(inner, RANGE(""));
    ck_assert_int_eq(
        initial_context_token_decode(RANGE("\x60\x06\x06\x01\x2A\x16\x03\x01"), &oid, &inner),
        DER_OK);
    expect_range(inner, RANGE("\x16\x03\x01"));
    ck_assert_int_eq(initial_context_token_decode(RANGE("\x60\x00"), &oid, &inner), DER_MISSING);
    ck_assert_int_eq(initial_context_token_decode(RANGE("\x60\x02\x06\x00"), &oid, &inner),
                     DER_BAD_VALUE);
    ck_assert_int_eq(initial_context_token_decode(RANGE("\x60\x03\x06\x01\x86"), &oid, &inner),
                     DER_BAD_VALUE);
}
END_TEST

START_TEST(encoders_refuse_what_the_decoder_would)
{
    struct neg_token_resp resp = {.neg_state = (enum neg_state)4};
    struct neg_token_init init = {.mech_token = {(const unsigned char *)"", DER_MAX_MESSAGE + 1}};
    struct byte_range oid = RANGE("\x2A\x80\x01");
    unsigned char *output = (unsigned char *)&resp;
    size_t length = 1;

    ck_assert_int_eq(neg_token_resp_encode(&resp, &output, &length), DER_BAD_VALUE);
    ck_assert_ptr_null(output);
    ck_assert_uint_eq(length, 0);
    resp = (struct neg_token_resp){.neg_state = NEG_STATE_REJECT, .supported_mech = RANGE("")};
    ck_assert_int_eq(neg_token_resp_encode(&resp, &output, &length), DER_BAD_VALUE);
    ck_assert_int_eq(neg_token_init_encode(&init, &output, &length), DER_TOO_LONG);
    ck_assert_int_eq(mech_type_list_encode(&oid, 1, &output, &length), DER_BAD_VALUE);
    ck_assert_int_eq(initial_context_token_encode(oid, RANGE(""), &output, &length), DER_BAD_VALUE);
}
END_TEST

START_TEST(encoder_says_that_there_is_no_memory)
{
    struct neg_token_resp resp = {.neg_state = NEG_STATE_REJECT};
    unsigned char *output = (unsigned char *)&resp;
    size_t length = 1;
    enum der_error error;

    memory_is_gone = true; /* also for Check, so nothing is asserted meanwhile */
    error = neg_token_resp_encode(&resp, &output, &length);
    memory_is_gone = false;
    ck_assert_int_eq(error, DER_NO_MEMORY);
    ck_assert_ptr_null(output);
    ck_assert_uint_eq(length, 0);
}
END_TEST

START_TEST(message_too_long_as_a_whole_is_not_written)
{
    unsigned char *half = calloc(1, DER_MAX_MESSAGE / 2);
    struct byte_range field = byte_range_of(half, DER_MAX_MESSAGE / 2);
    struct neg_token_resp resp = {
        .neg_state = NEG_STATE_REJECT, .response_token = field, .mech_list_mic = field};
    unsigned char *output;
    size_t length;

    ck_assert_ptr_nonnull(half);
    ck_assert_int_eq(neg_token_resp_encode(&resp, &output, &length), DER_TOO_LONG);
    resp.mech_list_mic.length -= 64;
    ck_assert_int_eq(neg_token_resp_encode(&resp, &output, &length), DER_OK);
    ck_assert_int_eq(decode_neg_token(byte_range_of(output, length)), DER_OK);
    ck_assert_uint_eq(token.resp.mech_list_mic.length, DER_MAX_MESSAGE / 2 - 64);
    free(output);
    free(half);
}
END_TEST

START_TEST(every_error_has_a_text)
{
    for (int error = DER_OK; error <= DER_NO_MEMORY; error++) {
        for (int other = DER_OK; other < error; other++)
            ck_assert_str_ne(der_error_text((enum der_error)error),
                             der_error_text((enum der_error)other));
    }
    ck_assert_ptr_nonnull(der_error_text((enum der_error)99));
}
END_TEST

static TCase *neg_token_case(void)
{
    TCase *tcase = tcase_create("NegotiationToken");

    tcase_add_test(tcase, neg_token_init_may_have_no_field_at_all);
    tcase_add_test(tcase, neg_token_init_without_its_header_is_refused);
    tcase_add_test(tcase, neg_token_init_with_an_empty_mech_type_list_is_refused);
    tcase_add_test(tcase, neg_token_init_with_malformed_oids_is_refused);
    tcase_add_test(tcase, neg_token_init_for_another_oid_is_refused);
    tcase_add_test(tcase, neg_token_init_with_empty_hints_is_taken);
    tcase_add_test(tcase, neg_token_init_with_a_mic_in_both_places_is_refused);
    tcase_add_test(tcase, neg_token_init_with_bad_req_flags_is_refused);
    tcase_add_test(tcase, fields_behind_the_extension_markers_are_skipped);
    tcase_add_test(tcase, extension_fields_do_not_bring_back_known_ones);
    tcase_add_test(tcase, extension_fields_are_bounded);
    tcase_add_test(tcase, mech_type_list_is_bounded);
    tcase_add_test(tcase, neg_token_resp_may_have_no_field_at_all);
    tcase_add_test(tcase, neg_token_resp_in_a_header_is_taken_as_from_old_sun_acceptors);
    tcase_add_test(tcase, neg_token_resp_with_an_empty_response_token_is_taken_as_from_old_iis);
    tcase_add_test(tcase, neg_state_outside_its_enumeration_is_refused);
    tcase_add_test(tcase, neg_token_is_told_from_others_by_its_beginning);
    tcase_add_test(tcase, initial_context_token_may_hold_nothing_or_anything);
    tcase_add_test(tcase, encoders_refuse_what_the_decoder_would);
    tcase_add_test(tcase, encoder_says_that_there_is_no_memory);
    tcase_add_test(tcase, message_too_long_as_a_whole_is_not_written);
    tcase_add_test(tcase, every_error_has_a_text);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("NegotiationToken");

    suite_add_tcase(suite, neg_token_case());
    return run_suite(suite);
}
