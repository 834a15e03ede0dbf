/*
 * Tokens that gss-ntlmssp 1.2.0 crashes on, found by fuzzing and by reading: they are refused before
 * they are handed on, a server's by the initiator and a client's by the acceptor.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/mech/token_change.h"
#include "tests/runner.h"

#define LOGON_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG)

/* CHALLENGE (MS-NLMP 2.2.1.2): the length and the room of TargetName. */
#define TARGET_NAME_OFFSET 12
#define TARGET_NAME_OCTETS 4

static struct exchange x;
static unsigned char challenge[4096];

static void set_up(void)
{
    x = (struct exchange){.mechanism = GSS_SSPI_MECH_NEGOTIATE,
                          .target = "host@localhost",
                          .server_header = GSS_SSPI_MECH_NEGOTIATE,
                          .flags = LOGON_FLAGS};
}

static void tear_down(void)
{
    exchange_reset(&x);
}

/* Changes responseToken of the server's first reply. */
static void change_reply(struct exchange *exchange, void *change, gss_buffer_t token)
{
    struct byte_range (*const *const changed)(struct byte_range) = change;
    struct neg_token decoded;
    struct byte_range octets;
    OM_uint32 minor;

    if (exchange->to_server)
        return;
    ck_assert_int_eq(neg_token_decode(byte_range_of(token->value, token->length), &decoded),
                     DER_OK);
    decoded.resp.response_token = (*changed)(decoded.resp.response_token);
    octets = token_encode(&decoded);
    (void)gss_release_buffer(&minor, token);
    *token = (gss_buffer_desc){octets.length, (void *)(uintptr_t)octets.data};
}

static void assert_refused(struct byte_range (*changed)(struct byte_range))
{
    x.on_token = change_reply;
    x.argument = (void *)&changed;
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(x.client_major), GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_TOKEN);
}

static struct byte_range emptied(struct byte_range token)
{
    (void)token;
    return byte_range_of("", 0);
}

/* It takes no token for a first call, and then reads what is not there. */
START_TEST(empty_token_inside_a_reply_is_refused)
{
    if (_i != 0)
        without_tickets();
    assert_refused(emptied);
}
END_TEST

static struct byte_range without_target_name(struct byte_range token)
{
    ck_assert_uint_le(token.length, sizeof challenge);
    ck_assert_uint_ge(token.length, TARGET_NAME_OFFSET + TARGET_NAME_OCTETS);
    memcpy(challenge, token.data, token.length);
    memset(challenge + TARGET_NAME_OFFSET, 0, TARGET_NAME_OCTETS);
    return byte_range_of(challenge, token.length);
}

/* It writes the end of a text that it has made no room for. */
START_TEST(challenge_with_an_empty_target_name_is_refused)
{
    without_tickets();
    assert_refused(without_target_name);
}
END_TEST

/* AUTHENTICATE (MS-NLMP 2.2.1.3): its type, and the lengths of three fields. */
#define TYPE_OFFSET               8
#define TYPE_AUTHENTICATE         3
#define LM_RESPONSE_OFFSET        12
#define NT_RESPONSE_OFFSET        20
#define SESSION_KEY_OFFSET        52
#define NTLMV1_RESPONSE_OCTETS    24
#define AUTHENTICATE_FIXED_OCTETS 72

/* What a client puts in the place of these lengths; a negative one stays as it is. */
struct lengths {
    int lm_response;
    int nt_response;
    int session_key;
};

static void set_length(unsigned char *message, size_t offset, int length)
{
    if (length >= 0) {
        message[offset] = (unsigned char)length;
        message[offset + 1] = 0;
    }
}

/* The server's last failure when its last token went by; the client's comes after it. */
static struct gss_sspi_failure server_failure;

/* Changes the client's AUTHENTICATE. */
static void change_authenticate(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    const struct lengths *lengths = argument;
    struct neg_token decoded;
    unsigned char *message;
    struct byte_range octets;
    OM_uint32 minor;

    if (!exchange->to_server)
        server_failure = plugin_failure();
    if (!exchange->to_server ||
        neg_token_decode(byte_range_of(token->value, token->length), &decoded) != DER_OK ||
        decoded.kind != NEG_TOKEN_RESP ||
        decoded.resp.response_token.length < AUTHENTICATE_FIXED_OCTETS)
        return;
    octets = octets_copy(decoded.resp.response_token);
    message = (unsigned char *)(uintptr_t)octets.data;
    ck_assert_int_eq(message[TYPE_OFFSET], TYPE_AUTHENTICATE);
    set_length(message, LM_RESPONSE_OFFSET, lengths->lm_response);
    set_length(message, NT_RESPONSE_OFFSET, lengths->nt_response);
    set_length(message, SESSION_KEY_OFFSET, lengths->session_key);
    decoded.resp.response_token = octets;
    octets = token_encode(&decoded);
    free(message);
    (void)gss_release_buffer(&minor, token);
    *token = (gss_buffer_desc){octets.length, (void *)(uintptr_t)octets.data};
}

static const struct lengths unreadable[] = {
    /* It copies a key of 16 octets where one was agreed upon, however long it is. */
    {-1, -1, 0},
    {-1, -1, 15},
    /* It reads the client's challenge of NTLMv1 from LmChallengeResponse, however long that is. */
    {0, NTLMV1_RESPONSE_OCTETS, -1},
    {7, NTLMV1_RESPONSE_OCTETS, -1},
    /* It takes an LMv2 response alone, and then reads the proof from NtChallengeResponse. */
    {NTLMV1_RESPONSE_OCTETS, 0, -1},
    {NTLMV1_RESPONSE_OCTETS, 15, -1},
};

START_TEST(authenticate_with_short_fields_is_refused)
{
    without_tickets();
    /* As a member of a domain it leaves the decision on NTLMv1 to others, and so takes it. */
    ck_assert_int_eq(setenv("NETBIOS_DOMAIN_NAME", "EXAMPLE", 1), 0);
    x.on_token = change_authenticate;
    x.argument = (void *)(uintptr_t)&unreadable[_i];
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(x.server_major), GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(server_failure.minor, (OM_uint32)GSS_SSPI_E_BAD_TOKEN);
}
END_TEST

/* The same by the same way, unchanged: it is what was changed that is refused. */
START_TEST(authenticate_as_it_was_is_taken)
{
    static struct lengths none = {-1, -1, -1};

    without_tickets();
    ck_assert_int_eq(setenv("NETBIOS_DOMAIN_NAME", "EXAMPLE", 1), 0);
    x.flags = _i != 0 ? LOGON_FLAGS : 0;
    x.on_token = change_authenticate;
    x.argument = &none;
    ck_assert_msg(exchange_run(&x), "%s", status_text(x.server_major, x.server_minor));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guards around NTLM");
    TCase *cases = tcase_create("guards");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, empty_token_inside_a_reply_is_refused, 0, 2);
    tcase_add_test(cases, challenge_with_an_empty_target_name_is_refused);
    tcase_add_loop_test(cases, authenticate_with_short_fields_is_refused, 0,
                        sizeof unreadable / sizeof unreadable[0]);
    tcase_add_loop_test(cases, authenticate_as_it_was_is_taken, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
