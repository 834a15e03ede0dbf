/*
 * NTLM without SPNEGO around it, where the client has offered Kerberos: the strongest downgrade, as
 * the server never hears of a list. Our initiator refuses; MIT's 1.20 goes without mechListMIC when
 * it is not asked for one, and is not tested here.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/mech/token_change.h"
#include "tests/runner.h"

#define LOGON_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG)

static struct exchange x;

static void set_up(void)
{
    x = (struct exchange){
        .mechanism = GSS_SSPI_MECH_NEGOTIATE, .target = "host@localhost", .flags = LOGON_FLAGS};
}

static void tear_down(void)
{
    exchange_reset(&x);
}

/* Our acceptor, or the mechglue's own way for such tokens. */
static void choose_acceptor(int index)
{
    x.server_header = index == 0 ? GSS_SSPI_MECH_NEGOTIATE : GSS_C_NO_OID;
}

static gss_name_t target;

/* One call of the client with a reply of our making; its token's inner token goes to *sent. */
static void tell_client(const struct neg_token_resp *resp, struct byte_range *sent)
{
    struct neg_token token = {.kind = NEG_TOKEN_RESP, .resp = *resp};
    struct byte_range octets = token_encode(&token);
    gss_buffer_desc input = {octets.length, (void *)(uintptr_t)octets.data};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    x.client_major = gss_init_sec_context(
        &x.client_minor, GSS_C_NO_CREDENTIAL, &x.client, target, (gss_OID)(uintptr_t)x.mechanism,
        x.flags, 0, GSS_C_NO_CHANNEL_BINDINGS, &input, NULL, &output, &x.client_flags, NULL);
    *sent = BYTE_RANGE_ABSENT;
    if (output.length != 0) {
        ck_assert_int_eq(neg_token_decode(byte_range_of(output.value, output.length), &token),
                         DER_OK);
        *sent = octets_copy(token.resp.response_token);
    }
    (void)gss_release_buffer(&minor, &output);
    free((void *)(uintptr_t)octets.data);
}

/* One call of the server with a token that has no SPNEGO around it. */
static gss_buffer_desc tell_server(struct byte_range bare)
{
    gss_buffer_desc input = {bare.length, (void *)(uintptr_t)bare.data};
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (x.server == GSS_C_NO_CONTEXT && x.server_header != GSS_C_NO_OID) {
        ck_assert_uint_eq(gss_encapsulate_token(&input, x.server_header, &framed), GSS_S_COMPLETE);
        input = framed;
    }
    x.server_major =
        gss_accept_sec_context(&x.server_minor, &x.server, GSS_C_NO_CREDENTIAL, &input,
                               GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL, NULL, NULL);
    (void)gss_release_buffer(&minor, &framed);
    free((void *)(uintptr_t)bare.data);
    return output;
}

static void start_client(void)
{
    gss_buffer_desc text = {sizeof "host@localhost" - 1, (void *)(uintptr_t) "host@localhost"};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &x.client, target,
                                           (gss_OID)(uintptr_t)x.mechanism, x.flags, 0,
                                           GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL,
                                           &output, NULL, NULL),
                      GSS_S_CONTINUE_NEEDED);
    (void)gss_release_buffer(&minor, &output);
}

#define CHALLENGE_TARGET_INFO 40 /* length, room and offset (MS-NLMP 2.2.1.2) */
#define AV_TIMESTAMP          7
#define AV_TIMESTAMP_OCTETS   12

static size_t little_endian(const unsigned char *octets, size_t count)
{
    size_t value = 0;

    while (count-- != 0)
        value = value << 8 | octets[count];
    return value;
}

/*
 * Takes the time out of a challenge's target information, where it stands last: a client then sends
 * an AUTHENTICATE without MIC, and NTLM asks for no mechListMIC by itself.
 */
static void remove_timestamp(gss_buffer_t challenge)
{
    unsigned char *octets = challenge->value;
    size_t length = little_endian(octets + CHALLENGE_TARGET_INFO, 2);
    size_t offset = little_endian(octets + CHALLENGE_TARGET_INFO + 4, 4);
    size_t at = offset;

    ck_assert_uint_eq(offset + length, challenge->length);
    while (little_endian(octets + at, 2) != AV_TIMESTAMP) {
        ck_assert_uint_ne(little_endian(octets + at, 2), 0);
        at += 4 + little_endian(octets + at + 2, 2);
    }
    challenge->length -= AV_TIMESTAMP_OCTETS;
    memmove(octets + at, octets + at + AV_TIMESTAMP_OCTETS, challenge->length - at);
    length -= AV_TIMESTAMP_OCTETS;
    for (size_t i = 0; i < 2; i++) {
        octets[CHALLENGE_TARGET_INFO + 2 * i] = (unsigned char)(length & 0xFF);
        octets[CHALLENGE_TARGET_INFO + 2 * i + 1] = (unsigned char)(length >> 8);
    }
}

/*
 * The server hears of no list at all: it is spoken to as by a client that knows NTLM only, and the
 * client is told that the server chose NTLM. The server has no way to know; the client does.
 */
START_TEST(raw_ntlm_in_place_of_spnego_does_not_convince_the_client)
{
    struct neg_token_resp resp = {
        .neg_state = _i / 2 % 2 != 0 ? NEG_STATE_ACCEPT_INCOMPLETE : NEG_STATE_REQUEST_MIC,
        .supported_mech = byte_range_of(ntlm_oid.elements, ntlm_oid.length)};
    struct byte_range sent;
    gss_buffer_desc challenge, nothing;
    OM_uint32 minor;

    choose_acceptor(_i % 2);
    start_client();
    tell_client(&resp, &sent);
    ck_assert_uint_eq(x.client_major, GSS_S_CONTINUE_NEEDED);
    challenge = tell_server(sent);
    ck_assert_uint_eq(x.server_major, GSS_S_CONTINUE_NEEDED);
    if (_i / 4 != 0)
        remove_timestamp(&challenge);
    resp =
        (struct neg_token_resp){.neg_state = NEG_STATE_ACCEPT_INCOMPLETE,
                                .response_token = byte_range_of(challenge.value, challenge.length)};
    tell_client(&resp, &sent);
    (void)gss_release_buffer(&minor, &challenge);
    ck_assert_uint_eq(x.client_major, GSS_S_CONTINUE_NEEDED);
    nothing = tell_server(sent);
    ck_assert_uint_eq(nothing.length, 0);
    ck_assert_uint_eq(x.server_major, GSS_S_COMPLETE);
    resp = (struct neg_token_resp){.neg_state = NEG_STATE_ACCEPT_COMPLETED};
    tell_client(&resp, &sent);
    ck_assert(GSS_ERROR(x.client_major));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_MIC_MISSING);
    (void)gss_release_name(&minor, &target);
}
END_TEST

/* An NTLM challenge without SPNEGO, for a client that has offered Kerberos first. */
static void raw_challenge(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    static const char challenge[] = "NTLMSSP\0\2\0\0\0";
    struct byte_range octets;
    OM_uint32 minor;

    (void)argument;
    if (exchange->to_server)
        return;
    octets = octets_copy(byte_range_of(challenge, sizeof challenge - 1));
    (void)gss_release_buffer(&minor, token);
    *token = (gss_buffer_desc){octets.length, (void *)(uintptr_t)octets.data};
}

START_TEST(raw_ntlm_challenge_is_no_answer_to_kerberos)
{
    choose_acceptor(_i);
    x.on_token = raw_challenge;
    ck_assert(!exchange_run(&x));
    ck_assert(GSS_ERROR(x.client_major));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("NTLM without SPNEGO");
    TCase *cases = tcase_create("NTLM without SPNEGO");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, raw_ntlm_in_place_of_spnego_does_not_convince_the_client, 0, 8);
    tcase_add_loop_test(cases, raw_ntlm_challenge_is_no_answer_to_kerberos, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
