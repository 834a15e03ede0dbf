/*
 * Tokens of a server that gss-ntlmssp 1.2.0 crashes on, as fuzzing found: the initiator refuses them
 * before it hands them on.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/mech/token_change.h"

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

int main(void)
{
    Suite *suite = suite_create("guards around NTLM");
    TCase *cases = tcase_create("guards");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, empty_token_inside_a_reply_is_refused, 0, 2);
    tcase_add_test(cases, challenge_with_an_empty_target_name_is_refused);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
