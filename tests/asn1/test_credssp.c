/*
 * The grammar of CredSSP's messages: what may be absent, what may not, what is bounded, what peers
 * send that the grammar does not say, what the encoders refuse to write.
 */
#include <check.h>

#include "asn1/ts_credentials.h"
#include "asn1/ts_request.h"
#include "tests/runner.h"

#define RANGE(literal) byte_range_of(literal, sizeof(literal) - 1)

static struct ts_request request;
static struct ts_credentials credentials;

static enum der_error decode_request(struct byte_range input)
{
    return ts_request_decode(input, &request);
}

static enum der_error decode_credentials(struct byte_range input)
{
    return ts_credentials_decode(input, &credentials);
}

static void expect_range(struct byte_range found, struct byte_range wanted)
{
    ck_assert(byte_range_equal(found, wanted));
}

static void expect_absent(struct byte_range found)
{
    ck_assert(!byte_range_is_present(found));
}

START_TEST(ts_request_version_must_be_there_and_at_least_two)
{
    ck_assert_int_eq(decode_request(RANGE("\x30\x00")), DER_MISSING);
    ck_assert_int_eq(decode_request(RANGE("\x30\x05\xA2\x03\x04\x01\x00")), DER_BAD_TAG);
    ck_assert_int_eq(decode_request(RANGE("\x30\x09\xA0\x02\x02\x00\xA2\x03\x04\x01\x00")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(decode_request(RANGE("\x30\x0A\xA0\x03\x02\x01\x01\xA2\x03\x04\x01\x00")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(decode_request(RANGE("\x30\x0A\xA0\x03\x02\x01\xFF\xA2\x03\x04\x01\x00")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(decode_request(RANGE("\x30\x0B\xA0\x04\x02\x02\x00\x06\xA2\x03\x04\x01\x00")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(decode_request(RANGE("\x30\x0A\xA0\x03\x02\x01\x07\xA2\x03\x04\x01\x00")),
                     DER_OK);
    ck_assert_uint_eq(request.version, 7);
    ck_assert_int_eq(decode_request(RANGE("\x30\x0E\xA0\x07\x02\x05\x00\xFF\xFF\xFF\xFF"
                                          "\xA2\x03\x04\x01\x00")),
                     DER_OK);
    ck_assert_uint_eq(request.version, UINT32_MAX);
    ck_assert_int_eq(decode_request(RANGE("\x30\x0E\xA0\x07\x02\x05\x01\x00\x00\x00\x06"
                                          "\xA2\x03\x04\x01\x00")),
                     DER_BAD_VALUE);
}
END_TEST

START_TEST(ts_request_with_nothing_but_a_version_is_refused)
{
    ck_assert_int_eq(decode_request(RANGE("\x30\x05\xA0\x03\x02\x01\x06")), DER_MISSING);
}
END_TEST

START_TEST(ts_request_holds_one_nego_token_which_may_be_empty)
{
    ck_assert_int_eq(decode_request(RANGE("\x30\x0F\xA0\x03\x02\x01\x06\xA1\x08\x30\x06\x30\x04"
                                          "\xA0\x02\x04\x00")),
                     DER_OK);
    expect_range(request.nego_token, RANGE(""));
    ck_assert_int_eq(decode_request(RANGE("\x30\x09\xA0\x03\x02\x01\x06\xA1\x02\x30\x00")),
                     DER_MISSING);
    ck_assert_int_eq(decode_request(RANGE("\x30\x15\xA0\x03\x02\x01\x06\xA1\x0E\x30\x0C\x30\x04"
                                          "\xA0\x02\x04\x00\x30\x04\xA0\x02\x04\x00")),
                     DER_TOO_MANY);
    ck_assert_int_eq(decode_request(RANGE("\x30\x0B\xA0\x03\x02\x01\x06\xA1\x04\x30\x02\x30\x00")),
                     DER_MISSING);
}
END_TEST

START_TEST(ts_request_with_an_unknown_field_is_refused)
{
    ck_assert_int_eq(decode_request(RANGE("\x30\x0F\xA0\x03\x02\x01\x06\xA5\x03\x04\x01\x00"
                                          "\xA6\x03\x04\x01\x00")),
                     DER_BAD_TAG);
}
END_TEST

static uint32_t error_code_of(struct byte_range input)
{
    ck_assert_int_eq(decode_request(input), DER_OK);
    ck_assert(request.has_error_code);
    return request.error_code;
}

START_TEST(ts_request_error_code_is_read_in_every_form_that_peers_write)
{
    ck_assert_uint_eq(error_code_of(RANGE("\x30\x0A\xA0\x03\x02\x01\x06\xA4\x03\x02\x01\x00")), 0);
    ck_assert_uint_eq(error_code_of(RANGE("\x30\x0A\xA0\x03\x02\x01\x06\xA4\x03\x02\x01\xFF")),
                      0xFFFFFFFF);
    ck_assert_uint_eq(
        error_code_of(RANGE("\x30\x0D\xA0\x03\x02\x01\x06\xA4\x06\x02\x04\xC0\x00\x00\x6D")),
        0xC000006D);
    ck_assert_uint_eq(
        error_code_of(RANGE("\x30\x0E\xA0\x03\x02\x01\x06\xA4\x07\x02\x05\x00\xC0\x00\x00\x6D")),
        0xC000006D);
    /* FreeRDP 3 writes one, two or four octets: a number of three is padded */
    ck_assert_uint_eq(
        error_code_of(RANGE("\x30\x0D\xA0\x03\x02\x01\x06\xA4\x06\x02\x04\x00\x12\x34\x56")),
        0x00123456);
}
END_TEST

START_TEST(ts_request_error_code_in_any_other_form_is_refused)
{
    ck_assert_int_eq(decode_request(RANGE("\x30\x09\xA0\x03\x02\x01\x06\xA4\x02\x02\x00")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(decode_request(RANGE("\x30\x0B\xA0\x03\x02\x01\x06\xA4\x04\x02\x02\x00\x01")),
                     DER_BAD_VALUE);
    ck_assert_int_eq(
        decode_request(RANGE("\x30\x0E\xA0\x03\x02\x01\x06\xA4\x07\x02\x05\x00\x40\x00\x00\x6D")),
        DER_BAD_VALUE);
    ck_assert_int_eq(
        decode_request(RANGE("\x30\x0E\xA0\x03\x02\x01\x06\xA4\x07\x02\x05\x01\x40\x00\x00\x6D")),
        DER_BAD_VALUE);
    ck_assert_int_eq(decode_request(RANGE("\x30\x0F\xA0\x03\x02\x01\x06\xA4\x08\x02\x06\x00\x80"
                                          "\x40\x00\x00\x6D")),
                     DER_BAD_VALUE);
}
END_TEST

START_TEST(ts_request_length_is_told_as_soon_as_it_is_known)
{
    size_t total = 0;

    ck_assert_int_eq(ts_request_length(RANGE(""), 65536, &total), DER_TRUNCATED);
    ck_assert_int_eq(ts_request_length(RANGE("\x30"), 65536, &total), DER_TRUNCATED);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x82\x10"), 65536, &total), DER_TRUNCATED);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x82\x10\x00"), 65536, &total), DER_OK);
    ck_assert_uint_eq(total, 4 + 0x1000);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x05\xA0\x03\x02\x01\x06"
                                             "application data"),
                                       65536, &total),
                     DER_OK);
    ck_assert_uint_eq(total, 7);
}
END_TEST

START_TEST(ts_request_length_refuses_what_will_never_be_one)
{
    size_t total = 0;

    ck_assert_int_eq(ts_request_length(RANGE("\x31"), 65536, &total), DER_BAD_TAG);
    ck_assert_int_eq(ts_request_length(RANGE("\x16\x03\x01"), 65536, &total), DER_BAD_TAG);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x80"), 65536, &total), DER_BAD_LENGTH);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x81\x7F"), 65536, &total), DER_BAD_LENGTH);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x82\x00\xFF"), 65536, &total), DER_BAD_LENGTH);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x84\x00"), 65536, &total), DER_BAD_LENGTH);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x84"), 65536, &total), DER_TOO_LONG);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x84\xFF\xFF\xFF\xFF"), 65536, &total),
                     DER_TOO_LONG);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\xFF"), 65536, &total), DER_TOO_LONG);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x82\x10\x00"), 4 + 0x1000, &total), DER_OK);
    ck_assert_int_eq(ts_request_length(RANGE("\x30\x82\x10\x00"), 3 + 0x1000, &total),
                     DER_TOO_LONG);
}
END_TEST

START_TEST(ts_credentials_of_an_unknown_type_name_the_type)
{
    ck_assert_int_eq(
        decode_credentials(RANGE("\x30\x0B\xA0\x03\x02\x01\x05\xA1\x04\x04\x02\x30\x00")),
        DER_BAD_VALUE);
    ck_assert_uint_eq(credentials.cred_type, 5);
}
END_TEST

START_TEST(ts_password_creds_need_all_three_fields_in_whole_characters)
{
    ck_assert_int_eq(decode_credentials(RANGE("\x30\x13\xA0\x03\x02\x01\x01\xA1\x0C\x04\x0A\x30\x08"
                                              "\xA0\x02\x04\x00\xA1\x02\x04\x00")),
                     DER_MISSING);
    ck_assert_int_eq(decode_credentials(RANGE("\x30\x13\xA0\x03\x02\x01\x01\xA1\x0C\x04\x0A\x30\x08"
                                              "\xA0\x02\x04\x00\xA2\x02\x04\x00")),
                     DER_BAD_TAG);
    ck_assert_int_eq(decode_credentials(RANGE("\x30\x18\xA0\x03\x02\x01\x01\xA1\x11\x04\x0F\x30\x0D"
                                              "\xA0\x03\x04\x01\x41\xA1\x02\x04\x00"
                                              "\xA2\x02\x04\x00")),
                     DER_BAD_VALUE);
}
END_TEST

START_TEST(ts_smart_card_creds_need_only_pin_and_key_spec)
{
    ck_assert_int_eq(decode_credentials(RANGE("\x30\x1A\xA0\x03\x02\x01\x02\xA1\x13\x04\x11\x30\x0F"
                                              "\xA0\x04\x04\x02\x31\x00\xA1\x07\x30\x05"
                                              "\xA0\x03\x02\x01\x00")),
                     DER_OK);
    expect_range(credentials.smart_card.pin, RANGE("1\0"));
    ck_assert_uint_eq(credentials.smart_card.csp_data.key_spec, 0);
    expect_absent(credentials.smart_card.csp_data.card_name);
    expect_absent(credentials.smart_card.user_hint);
    expect_absent(credentials.smart_card.domain_hint);
    ck_assert_int_eq(decode_credentials(RANGE("\x30\x13\xA0\x03\x02\x01\x02\xA1\x0C\x04\x0A\x30\x08"
                                              "\xA0\x02\x04\x00\xA1\x02\x30\x00")),
                     DER_MISSING);
}
END_TEST

static void fill_remote_guard(size_t count)
{
    struct ts_remote_guard_creds *creds = &credentials.remote_guard;

    credentials.cred_type = TS_CREDENTIALS_REMOTE_GUARD;
    creds->logon_cred = (struct ts_remote_guard_package_cred){RANGE("K\0"), RANGE("ticket")};
    creds->has_supplemental_creds = true;
    creds->supplemental_count = count;
    for (size_t i = 0; i < TS_CREDENTIALS_MAX_SUPPLEMENTAL; i++)
        creds->supplemental_creds[i] = creds->logon_cred;
}

START_TEST(ts_remote_guard_creds_are_bounded)
{
    struct secret encoded = {0};
    unsigned char longer[512];
    static const unsigned char one_more[] = {0x30, 0x14, 0xA0, 0x06, 0x04, 0x04, 'N', 0,
                                             'T',  0,    0xA1, 0x0A, 0x04, 0x08, 1,   2,
                                             3,    4,    5,    6,    7,    8};

    fill_remote_guard(TS_CREDENTIALS_MAX_SUPPLEMENTAL + 1);
    ck_assert_int_eq(ts_credentials_encode(&credentials, &encoded), DER_TOO_MANY);
    ck_assert(!secret_is_present(&encoded));
    fill_remote_guard(TS_CREDENTIALS_MAX_SUPPLEMENTAL);
    ck_assert_int_eq(ts_credentials_encode(&credentials, &encoded), DER_OK);
    ck_assert_int_eq(decode_credentials(secret_range(&encoded)), DER_OK);
    ck_assert_uint_eq(credentials.remote_guard.supplemental_count, TS_CREDENTIALS_MAX_SUPPLEMENTAL);
    /* The list is last, so that one more means only longer lengths, all of which take one octet. */
    memcpy(longer, encoded.data, encoded.length);
    memcpy(longer + encoded.length, one_more, sizeof one_more);
    ck_assert_uint_eq(longer[1], 0x81);
    for (size_t i = 0; i + 1 < encoded.length; i++) {
        if (longer[i] == 0x81 && i + 2 + longer[i + 1] == encoded.length)
            longer[i + 1] = (unsigned char)(longer[i + 1] + sizeof one_more);
    }
    ck_assert_int_eq(decode_credentials(byte_range_of(longer, encoded.length + sizeof one_more)),
                     DER_TOO_MANY);
    secret_release(&encoded);
}
END_TEST

START_TEST(ts_credentials_encoder_refuses_what_the_decoder_would)
{
    struct secret encoded = {0};

    credentials = (struct ts_credentials){.cred_type = TS_CREDENTIALS_PASSWORD};
    ck_assert_int_eq(ts_credentials_encode(&credentials, &encoded), DER_MISSING);
    credentials.password = (struct ts_password_creds){RANGE(""), RANGE(""), RANGE("odd")};
    ck_assert_int_eq(ts_credentials_encode(&credentials, &encoded), DER_BAD_VALUE);
    credentials.cred_type = 3;
    ck_assert_int_eq(ts_credentials_encode(&credentials, &encoded), DER_BAD_VALUE);
    ck_assert(!secret_is_present(&encoded));
}
END_TEST

static TCase *credssp_case(void)
{
    TCase *tcase = tcase_create("CredSSP");

    tcase_add_test(tcase, ts_request_version_must_be_there_and_at_least_two);
    tcase_add_test(tcase, ts_request_with_nothing_but_a_version_is_refused);
    tcase_add_test(tcase, ts_request_holds_one_nego_token_which_may_be_empty);
    tcase_add_test(tcase, ts_request_with_an_unknown_field_is_refused);
    tcase_add_test(tcase, ts_request_error_code_is_read_in_every_form_that_peers_write);
    tcase_add_test(tcase, ts_request_error_code_in_any_other_form_is_refused);
    tcase_add_test(tcase, ts_request_length_is_told_as_soon_as_it_is_known);
    tcase_add_test(tcase, ts_request_length_refuses_what_will_never_be_one);
    tcase_add_test(tcase, ts_credentials_of_an_unknown_type_name_the_type);
    tcase_add_test(tcase, ts_password_creds_need_all_three_fields_in_whole_characters);
    tcase_add_test(tcase, ts_smart_card_creds_need_only_pin_and_key_spec);
    tcase_add_test(tcase, ts_remote_guard_creds_are_bounded);
    tcase_add_test(tcase, ts_credentials_encoder_refuses_what_the_decoder_would);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("CredSSP messages");

    suite_add_tcase(suite, credssp_case());
    return run_suite(suite);
}
