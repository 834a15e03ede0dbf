/*
 * Hints of a server that speaks first (MS-SPNG 3.2.5.2), forged: nobody vouches for them, so they must
 * neither shorten nor reorder the list that the initiator offers and protects.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/neg_token.h"
#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

static struct exchange x;

/* What went by. */
static struct {
    unsigned char list[256]; /* the initiator's mechTypes, DER */
    size_t list_length;
    size_t count;
    bool kerberos_first;
    bool ntlm_last;
    bool optimistic_token;
    bool mic[2]; /* to the client, to the server */
} seen;

static bool is_oid(struct byte_range octets, const gss_OID_desc *oid)
{
    return byte_range_equal(octets, byte_range_of(oid->elements, oid->length));
}

static void look_at_init(const struct neg_token_init *init)
{
    static const gss_OID_desc krb5_microsoft = {
        9, (void *)(uintptr_t) "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"};
    const struct mech_type_list *list = &init->mech_types;

    ck_assert_uint_gt(list->count, 0);
    ck_assert_uint_le(list->der.length, sizeof seen.list);
    memcpy(seen.list, list->der.data, list->der.length);
    seen.list_length = list->der.length;
    seen.count = list->count;
    seen.kerberos_first =
        is_oid(list->oids[0], &krb5_oid) || is_oid(list->oids[0], &krb5_microsoft);
    seen.ntlm_last = is_oid(list->oids[list->count - 1], &ntlm_oid);
    seen.optimistic_token = byte_range_is_present(init->mech_token);
}

static void look(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    struct neg_token decoded;

    (void)argument;
    ck_assert_int_eq(neg_token_decode(byte_range_of(token->value, token->length), &decoded),
                     DER_OK);
    if (decoded.kind == NEG_TOKEN_INIT)
        look_at_init(&decoded.init);
    else if (byte_range_is_present(decoded.resp.mech_list_mic))
        seen.mic[exchange->to_server] = true;
}

/* NegTokenInit2 that hints at NTLM alone; malloc()ed. */
static gss_buffer_desc hint_at_ntlm(void)
{
    struct byte_range ntlm = byte_range_of(ntlm_oid.elements, ntlm_oid.length);
    struct neg_token_init init = {
        .hint_name = byte_range_of(NEG_TOKEN_HINT_NAME, sizeof NEG_TOKEN_HINT_NAME - 1)};
    unsigned char *list = NULL;
    unsigned char *octets = NULL;
    size_t length = 0;

    ck_assert_int_eq(mech_type_list_encode(&ntlm, 1, &list, &init.mech_types.der.length), DER_OK);
    init.mech_types.der.data = list;
    init.mech_types.count = 1;
    init.mech_types.oids[0] = ntlm;
    ck_assert_int_eq(neg_token_init_encode(&init, &octets, &length), DER_OK);
    free(list);
    return (gss_buffer_desc){length, octets};
}

static void set_up(void)
{
    x = (struct exchange){.target = "host@localhost",
                          .mechanism = GSS_SSPI_MECH_NEGOTIATE,
                          .flags = NEGOTIATE_FLAGS,
                          .on_token = look,
                          .hint = hint_at_ntlm()};
    memset(&seen, 0, sizeof seen);
}

static void tear_down(void)
{
    exchange_reset(&x);
    free(x.hint.value);
}

static void assert_logged_on(const char *user)
{
    bool done = exchange_run(&x);

    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    ck_assert_str_eq(name_text_of(x.source), user);
    exchange_check_messages(&x);
}

/* Our list is the one that goes out when nobody has hinted. */
static void assert_list_is_whole(void)
{
    unsigned char hinted[sizeof seen.list];
    size_t length = seen.list_length;

    ck_assert_uint_ge(seen.count, 2);
    ck_assert(seen.kerberos_first);
    ck_assert(seen.ntlm_last);
    memcpy(hinted, seen.list, length);
    exchange_reset(&x);
    free(x.hint.value);
    x.hint = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    ck_assert(exchange_run(&x));
    ck_assert(seen.optimistic_token);
    ck_assert_uint_eq(seen.list_length, length);
    ck_assert_mem_eq(seen.list, hinted, length);
}

/* Our acceptor, or MIT's SPNEGO. */
static void choose_acceptor(int index)
{
    x.server_header = index == 0 ? GSS_SSPI_MECH_NEGOTIATE : GSS_C_NO_OID;
}

START_TEST(forged_hint_does_not_lead_to_ntlm)
{
    choose_acceptor(_i);
    assert_logged_on("alice@EXAMPLE.TEST");
    ck_assert(!seen.optimistic_token);
    assert_list_is_whole();
}
END_TEST

/* The hint was true: the server's choice is not our first, and the list must be protected both ways. */
START_TEST(hint_of_a_server_without_keytab_ends_with_a_protected_list)
{
    ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    choose_acceptor(_i);
    assert_logged_on("EXAMPLE\\alice");
    ck_assert(!seen.optimistic_token);
    ck_assert(seen.mic[false]);
    ck_assert(seen.mic[true]);
    assert_list_is_whole();
}
END_TEST

/* An AP-REP that nobody asked for, bare. */
static const unsigned char bare_reply[] = {0x60, 0x0f, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                           0x12, 0x01, 0x02, 0x02, 0x02, 0x00, 0x6f, 0x00};

static void answer_what_was_not_sent(struct exchange *exchange, void *reject, gss_buffer_t token)
{
    struct neg_token_resp resp = {.neg_state = NEG_STATE_REJECT,
                                  .supported_mech = BYTE_RANGE_ABSENT,
                                  .response_token = byte_range_of(bare_reply, sizeof bare_reply),
                                  .mech_list_mic = BYTE_RANGE_ABSENT};
    unsigned char *octets = malloc(sizeof bare_reply);
    size_t length = sizeof bare_reply;

    if (exchange->to_server) {
        free(octets);
        return;
    }
    ck_assert_ptr_nonnull(octets);
    memcpy(octets, bare_reply, sizeof bare_reply);
    if (reject != NULL) {
        free(octets);
        ck_assert_int_eq(neg_token_resp_encode(&resp, &octets, &length), DER_OK);
    }
    free(token->value);
    *token = (gss_buffer_desc){length, octets};
}

/* After hints no optimistic token is sent: there is no mechanism yet that could read an answer. */
START_TEST(answer_to_a_token_that_was_not_sent_is_refused)
{
    choose_acceptor(0);
    x.on_token = answer_what_was_not_sent;
    x.argument = _i != 0 ? &x : NULL;
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(x.client_major), GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_UNEXPECTED_TOKEN);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server hints");
    TCase *cases = tcase_create("server hints");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, forged_hint_does_not_lead_to_ntlm, 0, 2);
    tcase_add_loop_test(cases, hint_of_a_server_without_keytab_ends_with_a_protected_list, 0, 2);
    tcase_add_loop_test(cases, answer_to_a_token_that_was_not_sent_is_refused, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
