/*
 * Each way of talking two sides of Negotiate into a worse mechanism than they have in common, by
 * somebody who does everything else right. The list of mechanisms is protected as soon as another
 * mechanism than the client's first is chosen, and with NTLM always (RFC 4178 5, MS-SPNG 3.3.5.1):
 * there the attempt must be found out by that protection, not by chance.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/mech/token_change.h"
#include "tests/runner.h"

#define LOGON_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG)

/* Ours with ours, ours with MIT's acceptor, MIT's initiator with ours. */
enum sides { OURS_OURS, OURS_MIT, MIT_OURS, SIDES_COUNT };

static struct exchange x;
static enum sides sides;

/* What is done to the tokens; all may be left zero. */
static struct {
    void (*init)(struct neg_token_init *init);
    bool strip_mic[2]; /* on the way to the client, to the server */
    bool hide_request_mic;
} attack;

/* What went by. */
static struct {
    bool mic[2];
    bool request_mic;
    bool list_changed;
    OM_uint32 refusal; /* why a server of ours said reject */
} seen;

static unsigned char *list_octets; /* the changed list */

static void set_up(void)
{
    x = (struct exchange){.target = "host@localhost", .flags = LOGON_FLAGS};
    memset(&attack, 0, sizeof attack);
    memset(&seen, 0, sizeof seen);
}

static void tear_down(void)
{
    exchange_reset(&x);
    free(list_octets);
    list_octets = NULL;
}

static struct byte_range oid_octets(gss_const_OID oid)
{
    return byte_range_of(oid->elements, oid->length);
}

static bool is(struct byte_range octets, gss_const_OID oid)
{
    return byte_range_equal(octets, oid_octets(oid));
}

static void replace_token(gss_buffer_t token, struct byte_range octets)
{
    OM_uint32 minor;

    ck_assert(byte_range_is_present(octets));
    (void)gss_release_buffer(&minor, token);
    *token = (gss_buffer_desc){octets.length, (void *)(uintptr_t)octets.data};
}

static void change_resp(struct neg_token_resp *resp, bool to_server)
{
    seen.mic[to_server] = seen.mic[to_server] || byte_range_is_present(resp->mech_list_mic);
    if (resp->neg_state == NEG_STATE_REJECT && !to_server)
        seen.refusal = plugin_failure().minor;
    if (attack.strip_mic[to_server])
        resp->mech_list_mic = BYTE_RANGE_ABSENT;
    if (resp->neg_state != NEG_STATE_REQUEST_MIC)
        return;
    seen.request_mic = true;
    if (attack.hide_request_mic)
        resp->neg_state = NEG_STATE_ACCEPT_INCOMPLETE;
}

static void on_token(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    struct neg_token decoded;

    (void)argument;
    if (token->length == 0)
        return;
    ck_assert_int_eq(neg_token_decode(byte_range_of(token->value, token->length), &decoded),
                     DER_OK);
    if (decoded.kind == NEG_TOKEN_RESP)
        change_resp(&decoded.resp, exchange->to_server);
    else if (attack.init != NULL)
        attack.init(&decoded.init);
    replace_token(token, token_encode(&decoded));
}

static void choose_sides(int index)
{
    sides = (enum sides)(index % SIDES_COUNT);
    x.mechanism = sides == MIT_OURS ? &spnego_oid : GSS_SSPI_MECH_NEGOTIATE;
    x.server_header = sides == OURS_MIT ? GSS_C_NO_OID : GSS_SSPI_MECH_NEGOTIATE;
    x.on_token = on_token;
}

/* The server cannot accept Kerberos: what both have in common is NTLM, the client's second. */
static void server_without_keytab(void)
{
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
}

static void assert_logged_on(const char *user)
{
    bool done = exchange_run(&x);

    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    ck_assert_str_eq(name_text_of(x.source), user);
    exchange_check_messages(&x);
}

static void assert_refused(void)
{
    (void)exchange_run(&x);
    ck_assert_msg(x.client_major != GSS_S_COMPLETE || x.server_major != GSS_S_COMPLETE,
                  "both sides succeeded");
}

/* Somebody refuses because of mechListMIC: with our own sides the reason is told. */
static void assert_found_out(void)
{
    OM_uint32 reason;

    assert_refused();
    ck_assert(GSS_ERROR(x.client_major) || GSS_ERROR(x.server_major));
    if (sides != OURS_OURS)
        return;
    reason = seen.refusal != 0 ? seen.refusal : plugin_failure().minor;
    ck_assert_msg(reason == (OM_uint32)GSS_SSPI_E_MIC_WRONG ||
                      reason == (OM_uint32)GSS_SSPI_E_MIC_MISSING,
                  "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
}

/* --- the list --- */

/* Puts another list in place of the client's; its first mechanism's token does not fit it. */
static void put_list(struct neg_token_init *init, const struct byte_range *oids, size_t count)
{
    struct mech_type_list *list = &init->mech_types;

    free(list_octets);
    ck_assert_int_eq(mech_type_list_encode(oids, count, &list_octets, &list->der.length), DER_OK);
    list->der.data = list_octets;
    list->count = count;
    seen.list_changed = true;
}

static void cut_kerberos(struct neg_token_init *init)
{
    struct byte_range ntlm = oid_octets(&ntlm_oid);

    put_list(init, &ntlm, 1);
    init->mech_token = BYTE_RANGE_ABSENT;
}

static void swap_order(struct neg_token_init *init)
{
    struct byte_range oids[NEG_TOKEN_MAX_MECH_TYPES];
    size_t count = init->mech_types.count;

    ck_assert_uint_ge(count, 2);
    for (size_t i = 0; i < count; i++)
        oids[i] = init->mech_types.oids[count - 1 - i];
    ck_assert(is(oids[0], &ntlm_oid));
    put_list(init, oids, count);
    init->mech_token = BYTE_RANGE_ABSENT;
}

static const gss_OID_desc stranger = {4, (void *)(uintptr_t) "\x2a\x03\x04\x05"};

static void extend(struct neg_token_init *init, bool in_front)
{
    struct byte_range oids[NEG_TOKEN_MAX_MECH_TYPES];
    size_t count = init->mech_types.count;

    memcpy(oids + in_front, init->mech_types.oids, count * sizeof oids[0]);
    oids[in_front ? 0 : count] = oid_octets(&stranger);
    put_list(init, oids, count + 1);
}

static void extend_in_front(struct neg_token_init *init)
{
    extend(init, true);
}

static void extend_behind(struct neg_token_init *init)
{
    extend(init, false);
}

/* Kerberos disappears, or goes to the end: NTLM is chosen, and the list found to be another. */
START_TEST(kerberos_cut_from_the_list_is_found_out)
{
    attack.init = cut_kerberos;
    choose_sides(_i);
    assert_found_out();
    ck_assert(seen.list_changed);
}
END_TEST

START_TEST(order_that_was_swapped_is_found_out)
{
    attack.init = swap_order;
    choose_sides(_i);
    assert_found_out();
    ck_assert(seen.list_changed);
}
END_TEST

/* The same with either or both sides' mechListMIC taken away. */
START_TEST(kerberos_cut_and_mic_stripped_is_found_out)
{
    attack.init = _i / SIDES_COUNT % 2 != 0 ? swap_order : cut_kerberos;
    attack.strip_mic[true] = _i / SIDES_COUNT / 2 % 2 == 0;
    attack.strip_mic[false] = _i / SIDES_COUNT / 2 != 1;
    choose_sides(_i);
    assert_found_out();
    ck_assert(seen.list_changed);
}
END_TEST

/* The server takes Kerberos for a second choice, and does not look at the token. */
START_TEST(list_extended_in_front_of_kerberos_is_refused)
{
    attack.init = extend_in_front;
    attack.hide_request_mic = _i / SIDES_COUNT != 0;
    choose_sides(_i);
    assert_refused();
    ck_assert(seen.list_changed && seen.request_mic);
}
END_TEST

/*
 * Kerberos is the client's first choice and what the server takes: no mechListMIC is exchanged, and
 * nothing is lost.
 */
START_TEST(list_extended_behind_kerberos_ends_with_kerberos)
{
    attack.init = extend_behind;
    choose_sides(_i);
    assert_logged_on("alice@EXAMPLE.TEST");
    ck_assert(seen.list_changed);
}
END_TEST

START_TEST(list_extended_behind_ntlm_is_found_out)
{
    without_tickets();
    attack.init = extend_behind;
    choose_sides(_i);
    assert_found_out();
    ck_assert(seen.list_changed);
}
END_TEST

/* --- mechListMIC --- */

/* The server asks for a MIC, and the client does not hear of it: it sends one, and wants one. */
START_TEST(hidden_request_mic_changes_nothing)
{
    server_without_keytab();
    attack.hide_request_mic = true;
    choose_sides(_i);
    assert_logged_on("EXAMPLE\\alice");
    ck_assert(seen.request_mic && seen.mic[true] && seen.mic[false]);
}
END_TEST

START_TEST(hidden_request_mic_does_not_hide_a_changed_list)
{
    server_without_keytab();
    attack.hide_request_mic = true;
    attack.init = extend_behind;
    choose_sides(_i);
    assert_found_out();
    ck_assert(seen.list_changed && seen.request_mic);
}
END_TEST

/* In front of the server, the client, both; NTLM as first choice, and as second. */
START_TEST(stripped_mic_is_missed)
{
    int which = _i / SIDES_COUNT % 3;

    if (_i / SIDES_COUNT / 3 != 0)
        without_tickets();
    else
        server_without_keytab();
    attack.strip_mic[true] = which != 1;
    attack.strip_mic[false] = which != 0;
    choose_sides(_i);
    assert_found_out();
    ck_assert(seen.mic[true]);
}
END_TEST

/* --- hints of a server that speaks first --- */

static struct byte_range list_offered;

static void keep_list(struct neg_token_init *init)
{
    free((void *)(uintptr_t)list_offered.data);
    list_offered = octets_copy(init->mech_types.der);
}

static void hint_at_stranger(struct neg_token_init *init)
{
    struct byte_range oid = oid_octets(&stranger);

    put_list(init, &oid, 1);
}

/* What an acceptor of ours says when it is called first, with its list changed. */
static gss_buffer_desc hint_with(void (*change)(struct neg_token_init *))
{
    gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc hint = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    struct neg_token token;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_encapsulate_token(&nothing, GSS_SSPI_MECH_NEGOTIATE, &framed),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &framed,
                                             GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &hint, NULL,
                                             NULL, NULL),
                      GSS_S_CONTINUE_NEEDED);
    ck_assert_int_eq(neg_token_decode(byte_range_of(hint.value, hint.length), &token), DER_OK);
    ck_assert(byte_range_is_present(token.init.hint_name));
    if (change != NULL)
        change(&token.init);
    replace_token(&hint, token_encode(&token));
    (void)gss_release_buffer(&minor, &framed);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    return hint;
}

START_TEST(forged_hints_neither_shorten_nor_reorder_the_list)
{
    static void (*const changes[])(struct neg_token_init *) = {NULL, cut_kerberos, swap_order,
                                                               hint_at_stranger};
    struct byte_range honest = BYTE_RANGE_ABSENT;
    OM_uint32 minor;

    choose_sides(_i);
    attack.init = keep_list;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        x.hint = hint_with(changes[i]);
        assert_logged_on("alice@EXAMPLE.TEST");
        if (i == 0)
            honest = octets_copy(list_offered);
        ck_assert(byte_range_equal(list_offered, honest));
        (void)gss_release_buffer(&minor, &x.hint);
        exchange_reset(&x);
    }
    free((void *)(uintptr_t)honest.data);
    free((void *)(uintptr_t)list_offered.data);
    list_offered = BYTE_RANGE_ABSENT;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("downgrades of Negotiate");
    TCase *cases = tcase_create("downgrades");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, kerberos_cut_from_the_list_is_found_out, 0, SIDES_COUNT);
    tcase_add_loop_test(cases, order_that_was_swapped_is_found_out, 0, SIDES_COUNT);
    tcase_add_loop_test(cases, kerberos_cut_and_mic_stripped_is_found_out, 0, 6 * SIDES_COUNT);
    tcase_add_loop_test(cases, list_extended_in_front_of_kerberos_is_refused, 0, 2 * SIDES_COUNT);
    tcase_add_loop_test(cases, list_extended_behind_kerberos_ends_with_kerberos, 0, SIDES_COUNT);
    tcase_add_loop_test(cases, list_extended_behind_ntlm_is_found_out, 0, SIDES_COUNT);
    tcase_add_loop_test(cases, hidden_request_mic_changes_nothing, 0, SIDES_COUNT);
    tcase_add_loop_test(cases, hidden_request_mic_does_not_hide_a_changed_list, 0, SIDES_COUNT);
    tcase_add_loop_test(cases, stripped_mic_is_missed, 0, 6 * SIDES_COUNT);
    /* MIT's initiator passes hints over. */
    tcase_add_loop_test(cases, forged_hints_neither_shorten_nor_reorder_the_list, OURS_OURS,
                        OURS_MIT + 1);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
