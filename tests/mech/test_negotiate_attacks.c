/*
 * Attacks on SPNEGO's negotiation, by somebody who changes tokens between two honest sides (ours, and
 * MIT's SPNEGO): the list of mechanisms, its protection, the acceptor's choice, NTLM's messages. Never
 * do both sides succeed on a list that was changed.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/neg_token.h"
#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define MIC_OCTETS 16

static struct exchange x;

/* What is done to the tokens on their way. */
static struct {
    enum { LIST_AS_IT_IS, KERBEROS_REMOVED, ORDER_CHANGED, STRANGER_FIRST } list;
    bool strip_client_mic, strip_server_mic;
    enum neg_state as_if; /* for the server's first reply; NEG_STATE_ABSENT: as it is */
    void (*on_init)(struct neg_token_init *init);
    void (*on_resp)(struct neg_token_resp *resp);
    bool replace_by_init; /* the token is a NegTokenInit in place of a NegTokenResp */
    bool to_server;       /* which direction the two above look at */
    unsigned number;      /* which token of that direction, from 0 */
} change;

static unsigned seen[2]; /* tokens delivered to the client and to the server */
static bool changed;
static bool on_resp_called;

static void set_up(void)
{
    x = (struct exchange){.target = "host@localhost", .flags = NEGOTIATE_FLAGS};
    memset(&change, 0, sizeof change);
    change.as_if = NEG_STATE_ABSENT;
    seen[0] = seen[1] = 0;
    changed = on_resp_called = false;
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
}

static void replace_token(gss_buffer_t token, unsigned char *octets, size_t length)
{
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, token);
    *token = (gss_buffer_desc){length, octets};
    changed = true;
}

static struct byte_range oid_octets(const gss_OID_desc *oid)
{
    return byte_range_of(oid->elements, oid->length);
}

/* Another list in place of the initiator's. *octets is malloc()ed. */
static void change_list(struct neg_token_init *init, unsigned char **octets)
{
    static const unsigned char stranger[] = {0x2b, 0x06, 0x01, 0x05, 0x02, 0x07};
    struct byte_range oids[3] = {oid_octets(&ntlm_oid), oid_octets(&krb5_oid),
                                 byte_range_of(stranger, sizeof stranger)};
    size_t count = change.list == KERBEROS_REMOVED ? 1 : 2;

    if (change.list == STRANGER_FIRST) {
        oids[1] = oids[0];
        oids[0] = oids[2];
    }
    ck_assert_int_eq(mech_type_list_encode(oids, count, octets, &init->mech_types.der.length),
                     DER_OK);
    init->mech_types.der.data = *octets;
    init->mech_types.count = count;
    memcpy(init->mech_types.oids, oids, count * sizeof oids[0]);
    init->mech_token = BYTE_RANGE_ABSENT;
}

static void change_init(gss_buffer_t token, struct neg_token_init *init)
{
    unsigned char *list = NULL;
    unsigned char *octets = NULL;
    size_t length = 0;

    if (change.list != LIST_AS_IT_IS)
        change_list(init, &list);
    if (change.on_init != NULL)
        change.on_init(init);
    ck_assert_int_eq(neg_token_init_encode(init, &octets, &length), DER_OK);
    free(list);
    replace_token(token, octets, length);
}

static void change_resp(gss_buffer_t token, struct neg_token_resp *resp, bool to_server,
                        unsigned number)
{
    unsigned char *octets = NULL;
    size_t length = 0;

    if (to_server ? change.strip_client_mic : change.strip_server_mic)
        resp->mech_list_mic = BYTE_RANGE_ABSENT;
    if (!to_server && number == 0 && change.as_if != NEG_STATE_ABSENT)
        resp->neg_state = change.as_if;
    if (change.on_resp != NULL && change.to_server == to_server && change.number == number) {
        change.on_resp(resp);
        on_resp_called = true;
    }
    ck_assert_int_eq(neg_token_resp_encode(resp, &octets, &length), DER_OK);
    replace_token(token, octets, length);
}

/* A NegTokenInit that offers NTLM, where another message is due. */
static void replace_by_init(gss_buffer_t token)
{
    static const char init[] = "\x60\x1c\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x12"
                               "\x30\x10\xa0\x0e\x30\x0c\x06\x0a\x2b\x06\x01\x04"
                               "\x01\x82\x37\x02\x02\x0a";
    unsigned char *octets = malloc(sizeof init - 1);

    ck_assert_ptr_nonnull(octets);
    memcpy(octets, init, sizeof init - 1);
    replace_token(token, octets, sizeof init - 1);
}

static void on_token(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    bool to_server = exchange->to_server;
    unsigned number = seen[to_server]++;
    struct neg_token decoded;

    (void)argument;
    if (neg_token_decode(byte_range_of(token->value, token->length), &decoded) != DER_OK)
        return;
    if (change.replace_by_init && change.to_server == to_server && change.number == number)
        replace_by_init(token);
    else if (decoded.kind == NEG_TOKEN_INIT)
        change_init(token, &decoded.init);
    else
        change_resp(token, &decoded.resp, to_server, number);
}

/* Who speaks with whom: ours with ours, ours with MIT's acceptor, MIT's initiator with ours. */
static void choose_sides(int sides)
{
    x.mechanism = sides == 2 ? &spnego_oid : GSS_SSPI_MECH_NEGOTIATE;
    x.server_header = sides == 1 ? GSS_C_NO_OID : GSS_SSPI_MECH_NEGOTIATE;
    x.on_token = on_token;
}

static void assert_good(void)
{
    bool done = exchange_run(&x);

    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    exchange_check_messages(&x);
    ck_assert(changed);
}

/* Both never succeed. A side may be left waiting: for it there is no logon either. */
static void assert_refused(void)
{
    ck_assert_msg(!exchange_run(&x), "both sides succeeded");
    ck_assert_msg(changed, "nothing was changed");
    ck_assert(change.on_resp == NULL || on_resp_called);
}

/* The client, one of ours, refuses for this reason. */
static void assert_client_refuses(long code)
{
    assert_refused();
    ck_assert_msg(GSS_ERROR(x.client_major), "server: %s",
                  status_text(x.server_major, x.server_minor));
    ck_assert_msg(plugin_failure().minor == (OM_uint32)code, "client: %s",
                  status_text(x.client_major, x.client_minor));
}

/* --- the one in the middle changes nothing: tokens taken apart and put together again --- */

START_TEST(good_logon_with_tokens_encoded_again)
{
    if (_i / 3 != 0)
        without_tickets();
    choose_sides(_i % 3);
    assert_good();
}
END_TEST

/* --- the list --- */

#define STRIPS 4
#define STATES 4

/*
 * Kerberos removed, order changed, a stranger put first: with and without stripping either side's
 * mechListMIC, and with every negState in the acceptor's first reply.
 */
START_TEST(changed_list_never_succeeds)
{
    static const enum neg_state states[STATES] = {NEG_STATE_ABSENT, NEG_STATE_ACCEPT_INCOMPLETE,
                                                  NEG_STATE_ACCEPT_COMPLETED,
                                                  NEG_STATE_REQUEST_MIC};

    for (int variant = 0; variant < STRIPS * STATES; variant++) {
        set_up();
        change.list = KERBEROS_REMOVED + (unsigned)_i / 3;
        change.strip_client_mic = variant % 2 != 0;
        change.strip_server_mic = variant / 2 % 2 != 0;
        change.as_if = states[variant / STRIPS];
        choose_sides(_i % 3);
        assert_refused();
        /* No server of ours takes the user for logged on, even if the client knows better. */
        ck_assert(_i % 3 == 1 || x.server_major != GSS_S_COMPLETE);
        tear_down();
    }
}
END_TEST

/* --- mechListMIC, in a logon by NTLM, which needs one --- */

static struct byte_range mic_seen;
static unsigned char mic_octets[256];
static size_t mic_position;
static unsigned char mic_mask;

static void flip_mic(struct neg_token_resp *resp)
{
    ck_assert(byte_range_is_present(resp->mech_list_mic));
    ck_assert_uint_le(resp->mech_list_mic.length, sizeof mic_octets);
    memcpy(mic_octets, resp->mech_list_mic.data, resp->mech_list_mic.length);
    mic_octets[mic_position] ^= mic_mask;
    resp->mech_list_mic.data = mic_octets;
}

static void cut_mic(struct neg_token_resp *resp)
{
    ck_assert(byte_range_is_present(resp->mech_list_mic));
    resp->mech_list_mic.length = mic_position;
}

static void lengthen_mic(struct neg_token_resp *resp)
{
    ck_assert(byte_range_is_present(resp->mech_list_mic));
    memcpy(mic_octets, resp->mech_list_mic.data, resp->mech_list_mic.length);
    mic_octets[resp->mech_list_mic.length] = 0;
    resp->mech_list_mic = byte_range_of(mic_octets, resp->mech_list_mic.length + 1);
}

static void remove_mic(struct neg_token_resp *resp)
{
    ck_assert(byte_range_is_present(resp->mech_list_mic));
    resp->mech_list_mic = BYTE_RANGE_ABSENT;
}

/* The server's MIC is in its second token, as the client's is. */
static void attack_mic(int direction, void (*on_resp)(struct neg_token_resp *))
{
    set_up();
    change.on_resp = on_resp;
    change.to_server = direction != 0;
    change.number = 1;
    choose_sides(direction != 0 ? 2 * (int)(mic_position % 2) : (int)(mic_position % 2));
    assert_refused();
    ck_assert(direction != 0 ? GSS_ERROR(x.server_major) : GSS_ERROR(x.client_major));
    tear_down();
}

START_TEST(mic_with_one_wrong_bit_is_refused)
{
    without_tickets();
    for (mic_position = 0; mic_position < MIC_OCTETS; mic_position++) {
        mic_mask = 0x01;
        attack_mic(_i, flip_mic);
        mic_mask = 0x80;
        attack_mic(_i, flip_mic);
    }
}
END_TEST

START_TEST(short_mic_is_refused)
{
    without_tickets();
    for (mic_position = 0; mic_position < MIC_OCTETS; mic_position++)
        attack_mic(_i, cut_mic);
}
END_TEST

START_TEST(long_mic_is_refused)
{
    without_tickets();
    mic_position = 0;
    attack_mic(_i, lengthen_mic);
}
END_TEST

START_TEST(mic_that_is_missing_is_refused)
{
    without_tickets();
    for (mic_position = 0; mic_position < 2; mic_position++)
        attack_mic(_i, remove_mic);
}
END_TEST

/* A MIC before there is a key, and one after there was one. */
static void add_mic(struct neg_token_resp *resp)
{
    mic_seen = byte_range_of(mic_octets, MIC_OCTETS);
    resp->mech_list_mic = mic_seen;
}

START_TEST(mic_before_its_time_is_refused)
{
    without_tickets();
    change.on_resp = add_mic;
    choose_sides(0);
    assert_client_refuses(GSS_SSPI_E_MIC_WRONG);
}
END_TEST

START_TEST(mic_that_kerberos_did_not_make_is_refused)
{
    change.on_resp = add_mic;
    choose_sides(_i);
    assert_client_refuses(GSS_SSPI_E_MIC_WRONG);
}
END_TEST

/* --- the acceptor's choice --- */

static const gss_OID_desc *mech_then;
static bool keep_token;

static void choose_other(struct neg_token_resp *resp)
{
    resp->supported_mech = oid_octets(mech_then);
    if (!keep_token)
        resp->response_token = BYTE_RANGE_ABSENT;
}

START_TEST(mechanism_that_was_not_offered_is_refused)
{
    static const gss_OID_desc iakerb = {6, (void *)(uintptr_t) "\x2b\x06\x01\x05\x02\x05"};

    change.on_resp = choose_other;
    change.as_if = _i % 2 != 0 ? NEG_STATE_REQUEST_MIC : NEG_STATE_ABSENT;
    keep_token = _i / 2 % 2 != 0;
    mech_then = _i / 4 == 0 ? &iakerb : &spnego_oid;
    choose_sides(0);
    assert_client_refuses(GSS_SSPI_E_NO_COMMON_MECHANISM);
}
END_TEST

/* Kerberos, when only NTLM was offered. */
START_TEST(mechanism_that_the_client_cannot_use_is_refused)
{
    without_tickets();
    change.on_resp = choose_other;
    change.as_if = NEG_STATE_REQUEST_MIC;
    mech_then = &krb5_oid;
    choose_sides(0);
    assert_client_refuses(GSS_SSPI_E_NO_COMMON_MECHANISM);
}
END_TEST

START_TEST(other_mechanism_together_with_a_token_is_refused)
{
    change.on_resp = choose_other;
    change.as_if = _i != 0 ? NEG_STATE_REQUEST_MIC : NEG_STATE_ACCEPT_INCOMPLETE;
    keep_token = true;
    mech_then = &ntlm_oid;
    choose_sides(0);
    assert_client_refuses(GSS_SSPI_E_UNEXPECTED_TOKEN);
}
END_TEST

START_TEST(other_mechanism_without_request_mic_is_refused)
{
    change.on_resp = choose_other;
    change.as_if = NEG_STATE_ACCEPT_COMPLETED;
    mech_then = &ntlm_oid;
    choose_sides(0);
    assert_client_refuses(GSS_SSPI_E_UNEXPECTED_TOKEN);
}
END_TEST

/* A server that asks for a MIC and takes the logon for done without one. */
START_TEST(request_mic_put_in_by_another_does_not_pass)
{
    change.as_if = NEG_STATE_REQUEST_MIC;
    choose_sides(_i);
    assert_refused();
    ck_assert(x.client_major != GSS_S_COMPLETE);
}
END_TEST

/* --- negState --- */

static void drop_token(struct neg_token_resp *resp)
{
    resp->response_token = BYTE_RANGE_ABSENT;
    resp->mech_list_mic = BYTE_RANGE_ABSENT;
}

static void spoil_token(struct neg_token_resp *resp)
{
    resp->response_token = byte_range_of("no token of any mechanism", 25);
}

/* With no token, with a good one, with a bad one; at the first reply and at the second. */
START_TEST(reject_is_final)
{
    static void (*const tokens[])(struct neg_token_resp *) = {drop_token, NULL, spoil_token};

    if (_i / 3 != 0)
        without_tickets();
    change.as_if = NEG_STATE_REJECT;
    change.on_resp = tokens[_i % 3];
    choose_sides(0);
    assert_refused();
    ck_assert(GSS_ERROR(x.client_major));
    if (_i % 3 == 0)
        ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_PEER_REJECTED);
}
END_TEST

START_TEST(completed_too_early_is_refused)
{
    without_tickets();
    change.as_if = NEG_STATE_ACCEPT_COMPLETED;
    choose_sides(0);
    assert_client_refuses(GSS_SSPI_E_UNEXPECTED_TOKEN);
}
END_TEST

/* --- the wrong kind of token --- */

START_TEST(init_in_place_of_a_reply_is_refused)
{
    without_tickets();
    change.replace_by_init = true;
    change.to_server = _i != 0;
    change.number = (unsigned)_i;
    choose_sides(0);
    assert_refused();
    ck_assert(GSS_ERROR(_i != 0 ? x.server_major : x.client_major));
}
END_TEST

static void no_mechanisms(struct neg_token_init *init)
{
    init->mech_types.der = byte_range_of("\x30\x00", 2);
}

START_TEST(empty_list_is_refused)
{
    change.on_init = no_mechanisms;
    choose_sides(0);
    assert_refused();
    ck_assert(GSS_ERROR(x.server_major));
}
END_TEST

/* --- NTLM --- */

#define NTLM_HEADER       12
#define NTLM_AUTHENTICATE 3
#define NTLM_LM_FIELD     12
#define NTLM_NT_FIELD     20
#define NTLM_MIC_OFFSET   72
#define NTLM_MIC_OCTETS   16
#define NTLM_V2_FIXED     44 /* NTProofStr and what stands before the AV pairs */
#define NTLM_AV_FLAGS     6
#define NTLM_AV_FLAG_MIC  0x02

static unsigned char ntlm_octets[4096];
static int ntlm_change;

static size_t little_endian(const unsigned char *octets, size_t count)
{
    size_t value = 0;

    while (count-- != 0)
        value = value << 8 | octets[count];
    return value;
}

/* Takes the MIC flag out of the AV pairs that the client echoes, and the MIC out of the message. */
static void clear_mic_flag(unsigned char *message, size_t length)
{
    size_t offset = little_endian(message + NTLM_NT_FIELD + 4, 4) + NTLM_V2_FIXED;
    bool found = false;

    while (offset + 8 <= length && little_endian(message + offset, 2) != 0) {
        if (little_endian(message + offset, 2) == NTLM_AV_FLAGS) {
            message[offset + 4] &= (unsigned char)~NTLM_AV_FLAG_MIC;
            found = true;
        }
        offset += 4 + little_endian(message + offset + 2, 2);
    }
    ck_assert(found || ntlm_change == 0);
    memset(message + NTLM_MIC_OFFSET, 0, NTLM_MIC_OCTETS);
}

static void change_authenticate(struct neg_token_resp *resp)
{
    unsigned char *message = ntlm_octets;
    size_t length = resp->response_token.length;

    ck_assert(length > NTLM_MIC_OFFSET + NTLM_MIC_OCTETS && length <= sizeof ntlm_octets);
    memcpy(message, resp->response_token.data, length);
    ck_assert_uint_eq(message[8], NTLM_AUTHENTICATE);
    if (ntlm_change == 0 || ntlm_change == 1)
        clear_mic_flag(message, length);
    if (ntlm_change == 2 || ntlm_change == 4) /* no response to the challenge at all */
        memset(message + NTLM_NT_FIELD, 0, 4);
    if (ntlm_change == 3 || ntlm_change == 4)
        memset(message + NTLM_LM_FIELD, 0, 4);
    resp->response_token = byte_range_of(message, length);
    resp->mech_list_mic = BYTE_RANGE_ABSENT;
}

/* The server must look at the password whatever the message says of its own protection. */
START_TEST(ntlm_logon_without_its_protection_is_refused)
{
    bool right = _i / 5 != 0;

    without_tickets();
    with_options("packages = ntlm");
    ntlm_change = _i % 5;
    x.client_credential = password_credential(GSS_SSPI_MECH_NEGOTIATE, "EXAMPLE\\alice",
                                              right ? realm_variable("REALM_PASSWORD") : "wrong");
    change.on_resp = change_authenticate;
    change.to_server = true;
    change.number = 1;
    choose_sides(0);
    assert_refused();
    ck_assert(GSS_ERROR(x.server_major));
    ck_assert(x.source == GSS_C_NO_NAME);
}
END_TEST

START_TEST(wrong_passwords_are_refused)
{
    static const char *const users[][2] = {{"EXAMPLE\\alice", "wrong"},
                                           {"EXAMPLE\\alice", " "},
                                           {"EXAMPLE\\bob", "Wonderland-7"},
                                           {"EXAMPLE\\nobody", "Wonderland-7"}};

    without_tickets();
    with_options("packages = ntlm");
    x.client_credential =
        password_credential(GSS_SSPI_MECH_NEGOTIATE, users[_i % 4][0], users[_i % 4][1]);
    choose_sides(0);
    assert_refused();
    ck_assert(GSS_ERROR(x.server_major));
    ck_assert(x.source == GSS_C_NO_NAME);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("attacks on Negotiate");
    TCase *cases = tcase_create("attacks");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 600);
    tcase_add_loop_test(cases, good_logon_with_tokens_encoded_again, 0, 6);
    tcase_add_loop_test(cases, changed_list_never_succeeds, 0, 9);
    tcase_add_loop_test(cases, mic_with_one_wrong_bit_is_refused, 0, 2);
    tcase_add_loop_test(cases, short_mic_is_refused, 0, 2);
    tcase_add_loop_test(cases, long_mic_is_refused, 0, 2);
    tcase_add_loop_test(cases, mic_that_is_missing_is_refused, 0, 2);
    tcase_add_test(cases, mic_before_its_time_is_refused);
    tcase_add_loop_test(cases, mic_that_kerberos_did_not_make_is_refused, 0, 2);
    tcase_add_loop_test(cases, mechanism_that_was_not_offered_is_refused, 0, 8);
    tcase_add_test(cases, mechanism_that_the_client_cannot_use_is_refused);
    tcase_add_loop_test(cases, other_mechanism_together_with_a_token_is_refused, 0, 2);
    tcase_add_test(cases, other_mechanism_without_request_mic_is_refused);
    tcase_add_loop_test(cases, request_mic_put_in_by_another_does_not_pass, 0, 2);
    tcase_add_loop_test(cases, reject_is_final, 0, 6);
    tcase_add_test(cases, completed_too_early_is_refused);
    tcase_add_loop_test(cases, init_in_place_of_a_reply_is_refused, 0, 2);
    tcase_add_test(cases, empty_list_is_refused);
    tcase_add_loop_test(cases, ntlm_logon_without_its_protection_is_refused, 0, 10);
    tcase_add_loop_test(cases, wrong_passwords_are_refused, 0, 4);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
