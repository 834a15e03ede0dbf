/* The parser of X.224 Connection Requests and Confirms (tools/rdp_negotiation.c). */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "tools/rdp_negotiation.h"
#include "tests/runner.h"

/* From MS-RDPBCGR 4.1.1: a cookie, and a request for TLS. */
static const unsigned char request_with_cookie[] = {
    0x03, 0x00, 0x00, 0x2c, 0x27, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x43, 0x6f, 0x6f, 0x6b,
    0x69, 0x65, 0x3a, 0x20, 0x6d, 0x73, 0x74, 0x73, 0x68, 0x61, 0x73, 0x68, 0x3d, 0x65, 0x6c,
    0x74, 0x6f, 0x6e, 0x73, 0x0d, 0x0a, 0x01, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00};
/* From MS-RDPBCGR 4.1.2. */
static const unsigned char confirm_of_standard_security[] = {
    0x03, 0x00, 0x00, 0x13, 0x0e, 0xd0, 0x00, 0x00, 0x12, 0x34,
    0x00, 0x02, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00};

/* Reads a copy that ends where a page-checking allocator sees reading beyond it. */
static bool read_request(const void *packet, size_t length, uint32_t *protocols)
{
    unsigned char *copy = malloc(length > 0 ? length : 1);
    bool valid;

    memcpy(copy, packet, length);
    valid = rdp_read_request(copy, length, protocols);
    free(copy);
    return valid;
}

static enum rdp_answer read_answer(const void *packet, size_t length, uint32_t *value)
{
    unsigned char *copy = malloc(length > 0 ? length : 1);
    enum rdp_answer answer;

    memcpy(copy, packet, length);
    answer = rdp_read_answer(copy, length, value);
    free(copy);
    return answer;
}

START_TEST(request_of_the_specification_is_read)
{
    uint32_t protocols = 99;

    ck_assert(read_request(request_with_cookie, sizeof(request_with_cookie), &protocols));
    ck_assert_uint_eq(protocols, 0);
}
END_TEST

START_TEST(own_request_is_read)
{
    unsigned char packet[RDP_NEGOTIATION_LENGTH];
    uint32_t protocols;

    rdp_write_request(packet, RDP_PROTOCOL_HYBRID | RDP_PROTOCOL_SSL);
    ck_assert_uint_eq(rdp_packet_length(packet), sizeof(packet));
    ck_assert(read_request(packet, sizeof(packet), &protocols));
    ck_assert_uint_eq(protocols, 3);
}
END_TEST

START_TEST(request_without_negotiation_asks_for_nothing)
{
    static const unsigned char packet[] = {3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 0, 0};
    uint32_t protocols = 99;

    ck_assert(read_request(packet, sizeof(packet), &protocols));
    ck_assert_uint_eq(protocols, 0);
}
END_TEST

START_TEST(request_with_correlation_is_read_whole_only)
{
    unsigned char packet[RDP_NEGOTIATION_LENGTH + 36] = {0};
    uint32_t protocols;

    rdp_write_request(packet, RDP_PROTOCOL_HYBRID);
    packet[3] = sizeof(packet);
    packet[4] = sizeof(packet) - 5;
    packet[12] = 0x08;
    packet[RDP_NEGOTIATION_LENGTH] = 0x06;
    packet[RDP_NEGOTIATION_LENGTH + 2] = 36;
    ck_assert(read_request(packet, sizeof(packet), &protocols));
    ck_assert_uint_eq(protocols, RDP_PROTOCOL_HYBRID);
    packet[12] = 0; /* no longer announced */
    ck_assert(!read_request(packet, sizeof(packet), &protocols));
}
END_TEST

START_TEST(truncated_request_is_refused)
{
    unsigned char packet[sizeof(request_with_cookie)];
    uint32_t protocols;

    /* Cut at every length, with the lengths inside left as they were, and with them changed to fit.
     * What happens to end at the bare TPDU or behind the cookie is a whole request. */
    for (size_t length = 0; length < sizeof(packet); length++) {
        bool whole = length == 11 || length == 36;

        memcpy(packet, request_with_cookie, sizeof(packet));
        ck_assert(!read_request(packet, length, &protocols));
        packet[3] = (unsigned char)length;
        packet[4] = (unsigned char)(length - 5);
        ck_assert_int_eq(read_request(packet, length, &protocols), length >= 5 && whole);
    }
}
END_TEST

START_TEST(damaged_envelope_is_refused)
{
    static const size_t fixed[] = {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 13, 14};
    unsigned char packet[RDP_NEGOTIATION_LENGTH];
    uint32_t protocols;

    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        rdp_write_request(packet, RDP_PROTOCOL_HYBRID);
        packet[fixed[i]] ^= 0x20;
        ck_assert_msg(!read_request(packet, sizeof(packet), &protocols), "octet %zu", fixed[i]);
    }
}
END_TEST

START_TEST(octets_behind_the_request_are_refused)
{
    unsigned char packet[RDP_NEGOTIATION_LENGTH + 1] = {0};
    uint32_t protocols;

    rdp_write_request(packet, RDP_PROTOCOL_HYBRID);
    ck_assert(!read_request(packet, sizeof(packet), &protocols));
    packet[3]++;
    packet[4]++;
    ck_assert(!read_request(packet, sizeof(packet), &protocols));
}
END_TEST

START_TEST(answers_are_told_apart)
{
    static const unsigned char bare[] = {3, 0, 0, 11, 6, 0xd0, 0, 0, 0x12, 0x34, 0};
    unsigned char packet[RDP_NEGOTIATION_LENGTH];
    uint32_t value;

    rdp_write_confirm(packet, RDP_PROTOCOL_HYBRID);
    ck_assert_int_eq(read_answer(packet, sizeof(packet), &value), RDP_ANSWER_SELECTED);
    ck_assert_uint_eq(value, RDP_PROTOCOL_HYBRID);
    rdp_write_refusal(packet, RDP_HYBRID_REQUIRED_BY_SERVER);
    ck_assert_int_eq(read_answer(packet, sizeof(packet), &value), RDP_ANSWER_REFUSED);
    ck_assert_uint_eq(value, RDP_HYBRID_REQUIRED_BY_SERVER);
    ck_assert_int_eq(read_answer(bare, sizeof(bare), &value), RDP_ANSWER_NO_NEGOTIATION);
    ck_assert_int_eq(
        read_answer(confirm_of_standard_security, sizeof(confirm_of_standard_security), &value),
        RDP_ANSWER_SELECTED);
    ck_assert_uint_eq(value, 0);
}
END_TEST

START_TEST(malformed_answers_are_refused)
{
    unsigned char packet[RDP_NEGOTIATION_LENGTH];
    uint32_t value;

    rdp_write_confirm(packet, RDP_PROTOCOL_HYBRID);
    for (size_t length = 0; length < sizeof(packet); length++)
        ck_assert_int_eq(read_answer(packet, length, &value), RDP_ANSWER_MALFORMED);
    packet[11] = 9; /* neither response nor failure */
    ck_assert_int_eq(read_answer(packet, sizeof(packet), &value), RDP_ANSWER_MALFORMED);
    rdp_write_request(packet, RDP_PROTOCOL_HYBRID);
    ck_assert_int_eq(read_answer(packet, sizeof(packet), &value), RDP_ANSWER_MALFORMED);
}
END_TEST

START_TEST(packet_length_is_limited)
{
    static const unsigned char longest[] = {3, 0, 1, 3};
    static const unsigned char too_long[] = {3, 0, 1, 4};
    static const unsigned char too_short[] = {3, 0, 0, 10};

    ck_assert_uint_eq(rdp_packet_length(longest), RDP_NEGOTIATION_LIMIT);
    ck_assert_uint_eq(rdp_packet_length(too_long), 0);
    ck_assert_uint_eq(rdp_packet_length(too_short), 0);
}
END_TEST

START_TEST(every_refusal_has_a_text)
{
    for (uint32_t code = 0; code < 8; code++)
        ck_assert_uint_gt(strlen(rdp_refusal_text(code)), 0);
    ck_assert_uint_gt(strlen(rdp_refusal_text(UINT32_MAX)), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rdp_negotiation");
    TCase *cases = tcase_create("rdp_negotiation");

    suite_add_tcase(suite, cases);
    tcase_add_test(cases, request_of_the_specification_is_read);
    tcase_add_test(cases, own_request_is_read);
    tcase_add_test(cases, request_without_negotiation_asks_for_nothing);
    tcase_add_test(cases, request_with_correlation_is_read_whole_only);
    tcase_add_test(cases, truncated_request_is_refused);
    tcase_add_test(cases, damaged_envelope_is_refused);
    tcase_add_test(cases, octets_behind_the_request_are_refused);
    tcase_add_test(cases, answers_are_told_apart);
    tcase_add_test(cases, malformed_answers_are_refused);
    tcase_add_test(cases, packet_length_is_limited);
    tcase_add_test(cases, every_refusal_has_a_text);
    return run_suite(suite);
}
