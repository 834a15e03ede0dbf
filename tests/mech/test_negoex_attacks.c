/*
 * Attacks on NegoEx, by somebody who changes its messages between two honest sides, and by a hostile
 * initiator: never do both sides succeed on what was changed, and nobody who does not speak NegoEx
 * looks at it.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/neg_token.h"
#include "mech/gss_sspi_errors.h"
#include "mech/negotiate/negoex_message.h"
#include "tests/mech/negoex_peers.h"
#include "tests/runner.h"

/* Pairs in which at least one side is ours. */
#define FIRST_PEERS NEGOEX_OURS_MIT
#define PAIRS       (NEGOEX_PEERS_COUNT - FIRST_PEERS)

#define MAX_MESSAGES 32

/*
 * What comes after the last VERIFY is covered by none, and neither is that itself. Nobody reads what
 * fills its header up; and MIT's takes any header length between what it needs and the message's.
 */
#define VERIFY_FILLER_BEGIN 76
#define VERIFY_FILLER_END   80
#define HEADER_LENGTH_BEGIN 16
#define HEADER_LENGTH_END   20

static struct exchange x;

static const struct {
    const char *variable, *value;
    const char *hops;
} handshakes[] = {
    {"NEGOEX_KEY", NULL, "1"},
    {"NEGOEX_KEY", NULL, "2"},
    {"NEGOEX_KEY", NULL, "3"},
    {"NEGOEX_KEY", "always", "4"},
    {"NEGOEX_KEY", "initiator", "3"},
    {"NEGOEX_KEY", "acceptor", "4"},
    {"NEGOEX_ACCEPT_QUERY_FAIL", "i", "2"},
};

#define HANDSHAKES ((int)(sizeof handshakes / sizeof handshakes[0]))

/* A handshake between one of the pairs, by number; says who they are. */
static const struct negoex_peers *set_up_handshake(int number)
{
    const struct negoex_peers *peers = &negoex_peers[FIRST_PEERS + number % PAIRS];
    int h = number / PAIRS;

    negoex_register(peers, "ij");
    ck_assert_int_eq(setenv("NEGOEX_HOPS", handshakes[h].hops, 1), 0);
    if (handshakes[h].value != NULL)
        ck_assert_int_eq(setenv(handshakes[h].variable, handshakes[h].value, 1), 0);
    negoex_set_up(&x, peers, "ij", "ij");
    return peers;
}

/* --- single octets --- */

static struct {
    unsigned token; /* which one, counted over both directions */
    size_t at;      /* which octet of its NegoEx part */
    unsigned char change;
    unsigned seen;
    bool done; /* the octet was there, and was changed */
    bool free; /* it makes no difference */
    const struct negoex_peers *peers;
} octet;

/* Whether the receiver has no reason of its own to refuse another octet here. */
static bool is_free(struct byte_range part, size_t at, bool to_us)
{
    struct byte_range rest = part;
    struct negoex_message message;

    while (rest.length != 0 && negoex_message_decode(&rest, &message) == NEGOEX_OK) {
        size_t begin = (size_t)(message.conversation - 24 - part.data);
        size_t end = part.length - rest.length;
        size_t offset = at - begin;

        if (at < begin || at >= end)
            continue;
        if (!to_us && offset >= HEADER_LENGTH_BEGIN && offset < HEADER_LENGTH_END)
            return true;
        return message.type == NEGOEX_VERIFY && offset >= VERIFY_FILLER_BEGIN &&
               offset < VERIFY_FILLER_END;
    }
    return false;
}

static void change_octet(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    struct byte_range part = negoex_part(token);

    (void)argument;
    if (octet.seen++ != octet.token || octet.at >= part.length)
        return;
    octet.free = is_free(part, octet.at,
                         exchange->to_server ? octet.peers->our_server : octet.peers->our_client);
    *(unsigned char *)(uintptr_t)(part.data + octet.at) ^= octet.change;
    octet.done = true;
}

/* Runs with each octet of each token changed. */
START_TEST(no_octet_can_be_changed)
{
    static const unsigned char changes[] = {0x01, 0x10, 0x80, 0xff};
    const struct negoex_peers *peers = set_up_handshake(_i);
    int h = _i / PAIRS;
    unsigned runs = 0;

    ck_assert(exchange_run(&x));
    x.on_token = change_octet;
    octet.peers = peers;
    for (size_t c = 0; c < sizeof changes; c++) {
        octet.change = changes[c];
        octet.token = 0;
        octet.at = 0;
        for (;;) {
            bool both;

            exchange_reset(&x);
            octet.seen = 0;
            octet.done = false;
            (void)exchange_run(&x);
            both = x.client_major == GSS_S_COMPLETE && x.server_major == GSS_S_COMPLETE;
            ck_assert_msg(!both || !octet.done || octet.free,
                          "%s, handshake %d: octet %zu of token %u changed by %02x", peers->name, h,
                          octet.at, octet.token, octet.change);
            runs += octet.done;
            if (octet.done) {
                octet.at++;
            } else if (octet.at != 0) {
                octet.token++;
                octet.at = 0;
            } else if (++octet.token > EXCHANGE_MAX_TOKENS) {
                break;
            }
        }
    }
    ck_assert_uint_gt(runs, 1000);
    negoex_tear_down(&x);
}
END_TEST

/* --- whole messages, by somebody who numbers them anew so that every side finds its own count --- */

enum operation {
    REMOVE,
    REPEAT,
    SWAP,
    ALERT_BEFORE,
    ALERT_ERROR,
    OTHER_SCHEME,
    TRUNCATE,
    OPERATIONS
};

static struct {
    enum operation operation;
    unsigned message; /* which one, counted over both directions */
    unsigned seen;
    uint32_t number[2]; /* the next one of each side, [client] */
    bool done;
} editor;

static void append(struct byte_buffer *output, struct negoex_message message)
{
    message.sequence = editor.number[!x.to_server]++;
    ck_assert(negoex_message_encode(&message, output));
}

static void append_alert(struct byte_buffer *output, const struct negoex_message *like,
                         uint32_t error_code)
{
    static const unsigned char any[NEGOEX_GUID_OCTETS] = "NegoEx test meci";
    struct negoex_message alert = {.type = NEGOEX_ALERT,
                                   .conversation = like->conversation,
                                   .scheme = like->scheme != NULL ? like->scheme : any,
                                   .alert = {error_code, error_code == 0}};

    append(output, alert);
}

/* Does what is to be done with message k. Returns how many messages were dealt with. */
static size_t edit(const struct negoex_message *messages, size_t k, size_t count,
                   struct byte_buffer *output)
{
    static unsigned char other[NEGOEX_GUID_OCTETS] = "NegoEx test mec?";
    struct negoex_message message = messages[k];

    editor.done = true;
    switch (editor.operation) {
    case REMOVE:
        return 1;
    case REPEAT:
        append(output, message);
        append(output, message);
        return 1;
    case SWAP:
        editor.done = k + 1 < count;
        if (editor.done)
            append(output, messages[k + 1]);
        append(output, message);
        return editor.done ? 2 : 1;
    case ALERT_BEFORE:
        append_alert(output, &message, 0);
        append(output, message);
        return 1;
    case ALERT_ERROR:
        append_alert(output, &message, 0xC0000022u);
        append(output, message);
        return 1;
    case OTHER_SCHEME:
        editor.done = message.scheme != NULL;
        if (editor.done) {
            other[NEGOEX_GUID_OCTETS - 1] =
                message.scheme[NEGOEX_GUID_OCTETS - 1] == 'j' ? 'i' : 'j';
            message.scheme = other;
        }
        append(output, message);
        return 1;
    case TRUNCATE:
    case OPERATIONS:
    default:
        editor.done = message.type == NEGOEX_VERIFY;
        if (editor.done)
            message.checksum.value.length /= 2;
        append(output, message);
        return 1;
    }
}

static void replace_part(gss_buffer_t token, struct byte_range part)
{
    struct neg_token decoded;
    unsigned char *octets = NULL;
    size_t length = 0;
    OM_uint32 minor;

    ck_assert_int_eq(neg_token_decode(byte_range_of(token->value, token->length), &decoded),
                     DER_OK);
    if (decoded.kind == NEG_TOKEN_INIT) {
        decoded.init.mech_token = part;
        ck_assert_int_eq(neg_token_init_encode(&decoded.init, &octets, &length), DER_OK);
    } else {
        decoded.resp.response_token = part.length != 0 ? part : BYTE_RANGE_ABSENT;
        ck_assert_int_eq(neg_token_resp_encode(&decoded.resp, &octets, &length), DER_OK);
    }
    (void)gss_release_buffer(&minor, token);
    *token = (gss_buffer_desc){length, octets};
}

static void edit_messages(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    struct byte_range part = negoex_part(token);
    struct byte_range rest = part;
    struct byte_buffer output = {.limit = 1 << 16};
    struct negoex_message messages[MAX_MESSAGES];
    size_t count = 0;

    (void)exchange, (void)argument;
    if (!byte_range_is_present(part))
        return;
    while (rest.length != 0) {
        ck_assert_uint_lt(count, MAX_MESSAGES);
        ck_assert_int_eq(negoex_message_decode(&rest, &messages[count++]), NEGOEX_OK);
    }
    editor.number[x.to_server] += (uint32_t)count; /* the sender has counted its own */
    for (size_t k = 0; k < count;) {
        if (editor.seen++ == editor.message) {
            size_t dealt = edit(messages, k, count, &output);

            k += dealt;
            editor.seen += (unsigned)dealt - 1;
        } else {
            append(&output, messages[k++]);
        }
    }
    replace_part(token, byte_buffer_range(&output));
    byte_buffer_release(&output);
}

START_TEST(no_message_can_be_changed)
{
    const struct negoex_peers *peers = set_up_handshake(_i);
    int h = _i / PAIRS;
    unsigned runs = 0;

    x.on_token = edit_messages;
    for (editor.operation = REMOVE; editor.operation < OPERATIONS; editor.operation++) {
        for (editor.message = 0;; editor.message++) {
            exchange_reset(&x);
            editor.seen = 0;
            editor.number[0] = editor.number[1] = 0;
            editor.done = false;
            (void)exchange_run(&x);
            ck_assert_msg(!editor.done || x.client_major != GSS_S_COMPLETE ||
                              x.server_major != GSS_S_COMPLETE,
                          "%s, handshake %d: operation %d on message %u", peers->name, h,
                          (int)editor.operation, editor.message);
            runs += editor.done;
            if (editor.seen <= editor.message)
                break;
        }
    }
    ck_assert_uint_gt(runs, 20);
    negoex_tear_down(&x);
}
END_TEST

/* The editor itself changes nothing: with no message to edit, both sides succeed. */
START_TEST(messages_left_alone_pass)
{
    negoex_register(&negoex_peers[NEGOEX_OURS_OURS], "ij");
    ck_assert_int_eq(setenv("NEGOEX_HOPS", "3", 1), 0);
    negoex_set_up(&x, &negoex_peers[NEGOEX_OURS_OURS], "ij", "ij");
    x.on_token = edit_messages;
    editor.message = 1000;
    ck_assert(exchange_run(&x));
    negoex_tear_down(&x);
}
END_TEST

/* --- checksums of other types --- */

static struct {
    uint32_t type;
    bool to_server;
    bool done;
} checksum;

static void change_checksum_type(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    struct byte_range part = negoex_part(token);
    struct byte_range rest = part;
    struct negoex_message message;

    (void)argument;
    if (exchange->to_server != checksum.to_server || !byte_range_is_present(part))
        return;
    while (rest.length != 0) {
        unsigned char *octets = (unsigned char *)(uintptr_t)rest.data;

        ck_assert_int_eq(negoex_message_decode(&rest, &message), NEGOEX_OK);
        if (message.type != NEGOEX_VERIFY)
            continue;
        for (size_t i = 0; i < 4; i++)
            octets[64 + i] = (unsigned char)(checksum.type >> (8 * i));
        checksum.done = true;
    }
}

/* 0 means any to the library, 1 and 7 need no key (CRC-32, MD5), 15 is of another key's type. */
START_TEST(a_checksum_has_the_type_of_its_key)
{
    static const uint32_t types[] = {0, 1, 7, 14, 15, 0xffffff76u, 0x7fffffff};

    negoex_register(&negoex_peers[NEGOEX_OURS_OURS], "i");
    ck_assert_int_eq(setenv("NEGOEX_HOPS", "2", 1), 0);
    negoex_set_up(&x, &negoex_peers[NEGOEX_OURS_OURS], "i", "i");
    x.on_token = change_checksum_type;
    for (size_t i = 0; i < 2 * sizeof types / sizeof types[0]; i++) {
        checksum.type = types[i / 2];
        checksum.to_server = i % 2 == 0;
        checksum.done = false;
        exchange_reset(&x);
        (void)exchange_run(&x);
        ck_assert(checksum.done);
        ck_assert_uint_eq(checksum.to_server ? x.server_major : x.client_major, GSS_S_BAD_SIG);
        ck_assert_uint_eq(checksum.to_server ? x.server_minor : x.client_minor,
                          (OM_uint32)GSS_SSPI_E_NEGOEX_CHECKSUM);
    }
    negoex_tear_down(&x);
}
END_TEST

/* --- a hostile initiator, and acceptors that do not speak NegoEx --- */

static const unsigned char negoex_oid[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e";

/* NegTokenInit with NegoEx first and, when asked for, Kerberos; framed for our acceptor. */
static gss_buffer_desc make_init(struct byte_range part, bool kerberos)
{
    struct byte_range oids[] = {byte_range_of(negoex_oid, sizeof negoex_oid - 1),
                                byte_range_of(krb5_oid.elements, krb5_oid.length)};
    struct neg_token_init init = {.mech_token = part, .hint_name = BYTE_RANGE_ABSENT};
    unsigned char *list = NULL;
    unsigned char *octets = NULL;
    size_t length = 0;
    gss_buffer_desc token;
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;

    ck_assert_int_eq(mech_type_list_encode(oids, kerberos ? 2 : 1, &list, &length), DER_OK);
    init.mech_types.der = byte_range_of(list, length);
    init.mech_types.count = kerberos ? 2 : 1;
    memcpy(init.mech_types.oids, oids, sizeof oids);
    ck_assert_int_eq(neg_token_init_encode(&init, &octets, &length), DER_OK);
    token = (gss_buffer_desc){length, octets};
    ck_assert_uint_eq(gss_encapsulate_token(&token, GSS_SSPI_MECH_NEGOTIATE, &framed),
                      GSS_S_COMPLETE);
    free(octets);
    free(list);
    return framed;
}

/* What our acceptor makes of a first token; *state is the negState of its answer. */
static OM_uint32 accept_init(struct byte_range part, bool kerberos, enum neg_state *state,
                             OM_uint32 *code)
{
    gss_buffer_desc token = make_init(part, kerberos);
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    struct neg_token reply = {.resp.neg_state = NEG_STATE_ABSENT};
    OM_uint32 minor;
    OM_uint32 major =
        gss_accept_sec_context(code, &context, x.server_credential, &token,
                               GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL, NULL, NULL);

    if (output.length != 0)
        ck_assert_int_eq(neg_token_decode(byte_range_of(output.value, output.length), &reply),
                         DER_OK);
    *state = reply.resp.neg_state;
    (void)gss_release_buffer(&minor, &token);
    (void)gss_release_buffer(&minor, &output);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    return major;
}

static const unsigned char conversation[NEGOEX_GUID_OCTETS] = "a conversation.";
static const unsigned char random_octets[NEGOEX_RANDOM_OCTETS] = "random";
static const unsigned char scheme[NEGOEX_GUID_OCTETS] = "NegoEx test meci";

static struct negoex_message message_of(enum negoex_message_type type, uint32_t sequence)
{
    struct negoex_message message = {
        .type = type, .sequence = sequence, .conversation = conversation, .scheme = scheme};

    if (type == NEGOEX_INITIATOR_NEGO || type == NEGOEX_ACCEPTOR_NEGO) {
        message.nego.random = random_octets;
        message.nego.schemes = byte_range_of(scheme, sizeof scheme);
        message.scheme = NULL;
    } else {
        message.token = byte_range_of(scheme, 5);
    }
    return message;
}

/*
 * CVE-2022-37958: who has no mechanism of NegoEx, or may not use it, answers with another mechanism and
 * never looks at the token, be it well formed, Windows' own or the worst.
 */
START_TEST(without_a_mechanism_nothing_is_parsed)
{
    unsigned char worst[200];
    struct byte_buffer real = {.limit = 4096};
    struct negoex_message nego = message_of(NEGOEX_INITIATOR_NEGO, 0);
    struct negoex_message ap_request = message_of(NEGOEX_AP_REQUEST, 1);
    enum neg_state state;
    OM_uint32 minor;

    memset(worst, 0xff, sizeof worst);
    ck_assert(negoex_message_encode(&nego, &real));
    ck_assert(negoex_message_encode(&ap_request, &real));
    negoex_register(&negoex_peers[NEGOEX_OURS_OURS], _i == 0 ? "" : "i");
    negoex_set_up(&x, &negoex_peers[NEGOEX_OURS_OURS], NULL, _i == 0 ? NULL : "K");
    ck_assert_uint_eq(accept_init(byte_buffer_range(&real), true, &state, &minor),
                      GSS_S_CONTINUE_NEEDED);
    ck_assert_int_eq(state, NEG_STATE_REQUEST_MIC);
    ck_assert_uint_eq(accept_init(byte_range_of(worst, sizeof worst), true, &state, &minor),
                      GSS_S_CONTINUE_NEEDED);
    ck_assert_int_eq(state, NEG_STATE_REQUEST_MIC);
    /* Nothing else is offered. */
    ck_assert_uint_eq(accept_init(byte_buffer_range(&real), false, &state, &minor), GSS_S_BAD_MECH);
    ck_assert_int_eq(state, NEG_STATE_REJECT);
    byte_buffer_release(&real);
    negoex_tear_down(&x);
}
END_TEST

static OM_uint32 accept_messages(const struct negoex_message *messages, size_t count,
                                 OM_uint32 *minor)
{
    struct byte_buffer part = {.limit = 1 << 20};
    enum neg_state state;
    OM_uint32 major;

    for (size_t i = 0; i < count; i++)
        ck_assert(negoex_message_encode(&messages[i], &part));
    major = accept_init(byte_buffer_range(&part), false, &state, minor);
    byte_buffer_release(&part);
    return major;
}

static void expect_refusal(const struct negoex_message *messages, size_t count, long code)
{
    OM_uint32 minor;

    ck_assert_uint_eq(accept_messages(messages, count, &minor), GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(minor, (OM_uint32)code);
}

START_TEST(messages_out_of_place_are_refused)
{
    const struct negoex_message nego = message_of(NEGOEX_INITIATOR_NEGO, 0);
    struct negoex_message m[3];

    negoex_register(&negoex_peers[NEGOEX_OURS_OURS], "i");
    negoex_set_up(&x, &negoex_peers[NEGOEX_OURS_OURS], NULL, "i");
    /* The list is missing, comes late, comes twice, is the acceptor's. */
    m[0] = message_of(NEGOEX_AP_REQUEST, 0);
    expect_refusal(m, 1, GSS_SSPI_E_UNEXPECTED_TOKEN);
    m[1] = message_of(NEGOEX_INITIATOR_NEGO, 1);
    expect_refusal(m, 2, GSS_SSPI_E_UNEXPECTED_TOKEN);
    m[0] = nego;
    expect_refusal(m, 2, GSS_SSPI_E_UNEXPECTED_TOKEN);
    m[0] = message_of(NEGOEX_ACCEPTOR_NEGO, 0);
    expect_refusal(m, 1, GSS_SSPI_E_UNEXPECTED_TOKEN);
    /* What only acceptors say; two tokens; two metadata of one mechanism. */
    m[0] = nego;
    m[1] = message_of(NEGOEX_CHALLENGE, 1);
    expect_refusal(m, 2, GSS_SSPI_E_UNEXPECTED_TOKEN);
    m[1] = message_of(NEGOEX_ACCEPTOR_META_DATA, 1);
    expect_refusal(m, 2, GSS_SSPI_E_UNEXPECTED_TOKEN);
    m[1] = message_of(NEGOEX_AP_REQUEST, 1);
    m[2] = message_of(NEGOEX_AP_REQUEST, 2);
    expect_refusal(m, 3, GSS_SSPI_E_UNEXPECTED_TOKEN);
    m[1] = message_of(NEGOEX_INITIATOR_META_DATA, 1);
    m[2] = message_of(NEGOEX_INITIATOR_META_DATA, 2);
    expect_refusal(m, 3, GSS_SSPI_E_UNEXPECTED_TOKEN);
    /* Something behind VERIFY. */
    m[1] = message_of(NEGOEX_VERIFY, 1);
    m[1].checksum.type = 16;
    m[1].checksum.value = byte_range_of(scheme, 12);
    m[2] = message_of(NEGOEX_AP_REQUEST, 2);
    expect_refusal(m, 3, GSS_SSPI_E_UNEXPECTED_TOKEN);
    /* Numbers and conversations. */
    m[0].sequence = 1;
    expect_refusal(m, 1, GSS_SSPI_E_UNEXPECTED_TOKEN);
    m[0] = nego;
    m[1] = message_of(NEGOEX_AP_REQUEST, 2);
    expect_refusal(m, 2, GSS_SSPI_E_UNEXPECTED_TOKEN);
    m[1] = message_of(NEGOEX_AP_REQUEST, 1);
    m[1].conversation = scheme;
    expect_refusal(m, 2, GSS_SSPI_E_UNEXPECTED_TOKEN);
    negoex_tear_down(&x);
}
END_TEST

START_TEST(too_much_is_refused)
{
    const size_t many = 65535;
    unsigned char *big = calloc(many, NEGOEX_GUID_OCTETS);
    struct negoex_message m[66];
    OM_uint32 minor;

    ck_assert_ptr_nonnull(big);
    negoex_register(&negoex_peers[NEGOEX_OURS_OURS], "i");
    negoex_set_up(&x, &negoex_peers[NEGOEX_OURS_OURS], NULL, "i");
    /* More messages than there can be. */
    m[0] = message_of(NEGOEX_INITIATOR_NEGO, 0);
    for (uint32_t i = 1; i < 66; i++) {
        m[i] = message_of(NEGOEX_INITIATOR_META_DATA, i);
        m[i].scheme = conversation;
    }
    expect_refusal(m, 65, GSS_SSPI_E_TOKEN_TOO_LONG);
    ck_assert_uint_eq(accept_messages(m, 64, &minor), GSS_S_CONTINUE_NEEDED);
    /* A token that nobody would keep. */
    m[1] = message_of(NEGOEX_AP_REQUEST, 1);
    m[1].token = byte_range_of(big, (size_t)1 << 18);
    expect_refusal(m, 2, GSS_SSPI_E_TOKEN_TOO_LONG);
    /* As many schemes as can be announced, none of them known. */
    m[0].nego.schemes = byte_range_of(big, many * NEGOEX_GUID_OCTETS - 4096);
    ck_assert_uint_eq(accept_messages(m, 1, &minor), GSS_S_BAD_MECH);
    free(big);
    negoex_tear_down(&x);
}
END_TEST

/* An AP_REQUEST of one scheme with another mechanism's token inside. */
START_TEST(a_token_of_another_mechanism_is_not_taken)
{
    static const unsigned char inside[] =
        "\x60\x09\x06\x03\x69\x87\x6aNXj"; /* j's, under i's scheme */
    struct negoex_message m[2] = {message_of(NEGOEX_INITIATOR_NEGO, 0),
                                  message_of(NEGOEX_AP_REQUEST, 1)};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    struct byte_buffer part = {.limit = 4096};
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_buffer_desc token;
    struct byte_range reply;
    struct negoex_message message = {.type = NEGOEX_ALERT};
    OM_uint32 minor;

    negoex_register(&negoex_peers[NEGOEX_OURS_OURS], "ij");
    negoex_set_up(&x, &negoex_peers[NEGOEX_OURS_OURS], NULL, "ij");
    m[1].token = byte_range_of(inside, sizeof inside);
    ck_assert(negoex_message_encode(&m[0], &part));
    ck_assert(negoex_message_encode(&m[1], &part));
    token = make_init(byte_buffer_range(&part), false);
    ck_assert_uint_eq(gss_accept_sec_context(&minor, &context, x.server_credential, &token,
                                             GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL,
                                             NULL, NULL),
                      GSS_S_CONTINUE_NEEDED);
    /* The optimistic token counted for nothing: no CHALLENGE. */
    reply = negoex_part(&output);
    ck_assert(byte_range_is_present(reply));
    while (reply.length != 0) {
        ck_assert_int_eq(negoex_message_decode(&reply, &message), NEGOEX_OK);
        ck_assert_int_ne(message.type, NEGOEX_CHALLENGE);
        ck_assert_int_ne(message.type, NEGOEX_VERIFY);
    }
    (void)gss_release_buffer(&minor, &token);
    (void)gss_release_buffer(&minor, &output);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    byte_buffer_release(&part);
    negoex_tear_down(&x);
}
END_TEST

int main(void)
{
    const int loops = HANDSHAKES * PAIRS;
    Suite *suite = suite_create("attacks on NegoEx");
    TCase *tests = tcase_create("attacks");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, no_octet_can_be_changed, 0, loops);
    tcase_add_loop_test(tests, no_message_can_be_changed, 0, loops);
    tcase_add_test(tests, messages_left_alone_pass);
    tcase_add_test(tests, a_checksum_has_the_type_of_its_key);
    tcase_add_loop_test(tests, without_a_mechanism_nothing_is_parsed, 0, 2);
    tcase_add_test(tests, messages_out_of_place_are_refused);
    tcase_add_test(tests, too_much_is_refused);
    tcase_add_test(tests, a_token_of_another_mechanism_is_not_taken);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
