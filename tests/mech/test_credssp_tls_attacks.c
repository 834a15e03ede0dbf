/*
 * Attacks on CredSSP's TLS session, and on how TSRequests lie in it: versions, resumption,
 * renegotiation, key updates, ends without warning, records of every size, and lengths that promise
 * more than anybody should store.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* What the plugin may store for a peer that has not logged on: one TSRequest and some records. */
#define MEMORY_LIMIT     ((size_t)512 * 1024)
#define TS_REQUEST_LIMIT ((size_t)128 * 1024)
#define ENDLESS_OCTETS   ((size_t)2 * 1024 * 1024)
#define DEEP_LEVELS      100000
#define KEY_UPDATES      2000

/* Puts octets on the wire as they are. */
static void send_plain(const void *octets, size_t length)
{
    ck_assert(byte_buffer_append(&peer.to_plugin, octets, length));
    (void)crafted_peer_flush(&peer);
}

static void shake_hands(void)
{
    crafted_peer_begin(&peer);
    ck_assert(crafted_peer_handshake(&peer));
    ck_assert(crafted_peer_flush(&peer));
}

/* A message each way over the finished session. */
static void assert_messages_pass(void)
{
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc text = {4, (void *)(uintptr_t) "text"};
    OM_uint32 minor;
    ssize_t got;

    ck_assert_uint_eq(gss_wrap(&minor, peer.plugin, 1, 0, &text, NULL, &sealed), GSS_S_COMPLETE);
    ck_assert(byte_buffer_append(&peer.from_plugin, sealed.value, sealed.length));
    do { /* an answer to a key update comes first */
        got = gnutls_record_recv(peer.tls, peer.received, sizeof peer.received);
    } while (got == GNUTLS_E_AGAIN && peer.from_plugin.length != 0);
    ck_assert_int_eq(got, 4);
    (void)gss_release_buffer(&minor, &sealed);
    ck_assert_int_eq(gnutls_record_send(peer.tls, "text", 4), 4);
    sealed = (gss_buffer_desc){peer.to_plugin.length, peer.to_plugin.data};
    ck_assert_uint_eq(gss_unwrap(&minor, peer.plugin, &sealed, &opened, NULL, NULL),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(opened.length, 4);
    peer.to_plugin.length = 0;
    (void)gss_release_buffer(&minor, &opened);
}

/* --- versions, resumption, renegotiation --- */

START_TEST(good_logon_over_each_version)
{
    peer.priority = _i / 2 != 0 ? TLS_1_2 : TLS_1_3;
    be(_i % 2 != 0);
    assert_good();
    assert_messages_pass();
}
END_TEST

START_TEST(client_of_tls_1_1_is_refused)
{
    peer.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0:+SIGN-ALL:%COMPAT";
    be(true);
    assert_refused(GSS_SSPI_E_TLS_HANDSHAKE);
    ck_assert_int_eq(gnutls_alert_get(peer.tls), GNUTLS_A_PROTOCOL_VERSION);
}
END_TEST

/* A ServerHello of TLS 1.1, of 1.0 and of SSL 3, choosing a suite that the client offered. */
START_TEST(server_of_tls_1_1_is_refused)
{
    unsigned char hello[] = {0x16, 0x03, 0x02, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x02, 1,
                             2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,
                             14,   15,   16,   17,   18,   19,   20,   21,   22,   23,   24,   25,
                             26,   27,   28,   29,   30,   31,   32,   0x00, 0xc0, 0x09, 0x00};

    hello[2] = hello[10] = (unsigned char)(2 - _i);
    be(false);
    crafted_peer_begin(&peer);
    send_plain(hello, sizeof hello);
    assert_failed(GSS_SSPI_E_TLS_HANDSHAKE);
}
END_TEST

START_TEST(octets_that_are_no_tls_are_refused)
{
    static const char *const starts[] = {"HTTP/1.1 200 OK\r\n\r\n", "\x30\x0d\xa0\x03\x02\x01\x06",
                                         "NTLMSSP\0\1\0\0\0", "\xff\xff\xff\xff\xff\xff\xff\xff"};

    be(_i % 2 != 0);
    crafted_peer_begin(&peer);
    send_plain(starts[_i / 2], strlen(starts[_i / 2]));
    assert_failed(GSS_SSPI_E_TLS_HANDSHAKE);
}
END_TEST

/* The server hands out tickets; nothing is ever resumed. */
START_TEST(tickets_of_the_server_are_not_used)
{
    ck_assert_int_ge(gnutls_session_ticket_key_generate(&peer.tls_ticket_key), 0);
    peer.priority = _i != 0 ? TLS_1_2 : TLS_1_3;
    be(false);
    for (int twice = 0; twice < 2; twice++) {
        assert_good();
        ck_assert_int_eq(gnutls_session_is_resumed(peer.tls), 0);
        assert_messages_pass();
        crafted_peer_reset(&peer);
    }
    gnutls_free(peer.tls_ticket_key.data);
}
END_TEST

START_TEST(session_of_the_client_is_not_resumed)
{
    peer.priority = _i != 0 ? TLS_1_2 : TLS_1_3;
    be(true);
    assert_good();
    ck_assert_uint_eq(gnutls_session_get_flags(peer.tls) & GNUTLS_SFLAGS_SESSION_TICKET, 0);
    ck_assert_int_ge(gnutls_session_get_data2(peer.tls, &peer.tls_session), 0);
    crafted_peer_reset(&peer);
    assert_good();
    ck_assert_int_eq(gnutls_session_is_resumed(peer.tls), 0);
    gnutls_free(peer.tls_session.data);
}
END_TEST

/* Asks for a new handshake in the middle of a session of TLS 1.2. */
static void renegotiate(void)
{
    if (peer.initiator)
        (void)gnutls_handshake(peer.tls);
    else
        ck_assert_int_ge(gnutls_rehandshake(peer.tls), 0);
}

START_TEST(renegotiation_before_the_logon_is_refused)
{
    peer.priority = TLS_1_2;
    be(_i != 0);
    shake_hands();
    renegotiate();
    (void)crafted_peer_flush(&peer);
    assert_failed(GSS_SSPI_E_TLS_RECORD);
    ck_assert(strstr(status_text(peer.major, peer.minor), "renegotiate") != NULL);
}
END_TEST

START_TEST(renegotiation_after_the_logon_is_refused)
{
    gss_buffer_desc record;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    peer.priority = TLS_1_2;
    be(_i != 0);
    assert_good();
    renegotiate();
    record = (gss_buffer_desc){peer.to_plugin.length, peer.to_plugin.data};
    ck_assert_uint_gt(record.length, 0);
    ck_assert(GSS_ERROR(gss_unwrap(&minor, peer.plugin, &record, &opened, NULL, NULL)));
    ck_assert_uint_eq(opened.length, 0);
}
END_TEST

/* --- key updates --- */

static void update_keys(struct crafted_peer *self, struct ts_request *request)
{
    (void)request;
    ck_assert_int_ge(gnutls_session_key_update(self->tls, GNUTLS_KU_PEER), 0);
}

START_TEST(key_update_before_each_request_is_followed)
{
    peer.priority = TLS_1_3;
    peer.on_request = update_keys;
    be(_i != 0);
    assert_good();
    assert_messages_pass();
}
END_TEST

START_TEST(key_update_after_the_logon_is_followed)
{
    peer.priority = TLS_1_3;
    be(_i != 0);
    assert_good();
    ck_assert_int_ge(gnutls_session_key_update(peer.tls, GNUTLS_KU_PEER), 0);
    assert_messages_pass();
    assert_messages_pass();
}
END_TEST

/* The plugin answers each of them: without a limit, octets in would be octets out for ever. */
START_TEST(key_updates_without_end_are_bounded)
{
    size_t answered;

    peer.priority = TLS_1_3;
    be(_i != 0);
    shake_hands();
    answered = peer.from_plugin.length;
    for (int i = 0; i < KEY_UPDATES; i++)
        (void)gnutls_session_key_update(peer.tls, GNUTLS_KU_PEER);
    (void)crafted_peer_flush(&peer);
    ck_assert_uint_le(peer.from_plugin.length - answered, MEMORY_LIMIT);
    ck_assert(peer.major != GSS_S_COMPLETE);
}
END_TEST

/* --- ends --- */

/* close_notify after the handshake, and after a token. */
START_TEST(close_notify_in_the_middle_ends_the_logon)
{
    struct ts_request request = {.client_nonce = byte_range_of(peer.nonce, sizeof peer.nonce)};
    struct ts_request reply;

    peer.priority = _i / 4 != 0 ? TLS_1_2 : TLS_1_3;
    be(_i % 2 != 0);
    shake_hands();
    if (_i / 2 % 2 != 0 && peer.initiator) {
        ck_assert(crafted_peer_step(&peer, BYTE_RANGE_ABSENT));
        request.nego_token = byte_range_of(peer.token.value, peer.token.length);
        crafted_peer_send(&peer, &request);
        ck_assert(crafted_peer_receive(&peer, &reply));
    } else if (_i / 2 % 2 != 0) {
        ck_assert(crafted_peer_receive(&peer, &reply));
    }
    (void)gnutls_bye(peer.tls, GNUTLS_SHUT_WR);
    (void)crafted_peer_flush(&peer);
    assert_failed(GSS_SSPI_E_TLS_CLOSED);
}
END_TEST

START_TEST(fatal_alert_ends_the_logon)
{
    be(_i != 0);
    shake_hands();
    ck_assert_int_ge(gnutls_alert_send(peer.tls, GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED), 0);
    (void)crafted_peer_flush(&peer);
    assert_failed(GSS_SSPI_E_TLS_RECORD);
}
END_TEST

/* close_notify behind the first half of a TSRequest: the half is not taken for a whole one. */
START_TEST(request_cut_by_close_notify_is_refused)
{
    static const unsigned char half[] = {0x30, 0x0d, 0xa0, 0x03, 0x02, 0x01, 0x06, 0xa3};

    be(_i != 0);
    shake_hands();
    crafted_peer_write(&peer, half, sizeof half);
    (void)gnutls_bye(peer.tls, GNUTLS_SHUT_WR);
    (void)crafted_peer_flush(&peer);
    assert_failed(GSS_SSPI_E_TLS_CLOSED);
}
END_TEST

/* --- records and tokens of every size --- */

/* Octet by octet on the wire, in records of one octet, and both. */
START_TEST(logon_in_small_pieces_is_a_good_one)
{
    static const size_t sizes[][2] = {{1, 0}, {0, 1}, {1, 1}, {7, 3}, {0, 100}, {1000, 0}};

    peer.token_octets = sizes[_i / 4][0];
    peer.record_octets = sizes[_i / 4][1];
    peer.priority = _i / 2 % 2 != 0 ? TLS_1_2 : TLS_1_3;
    be(_i % 2 != 0);
    assert_good();
    assert_messages_pass();
}
END_TEST

/* --- lengths that promise too much --- */

static size_t memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Sends data inside TLS and looks at what the plugin stores for it. */
static void assert_bomb_refused(const void *octets, size_t length, long code)
{
    size_t before = memory_in_use();

    peer.to_plugin.length = 0;
    crafted_peer_write(&peer, octets, length);
    (void)crafted_peer_flush(&peer);
    ck_assert_uint_le(memory_in_use(), before + length + MEMORY_LIMIT);
    assert_failed(code);
}

START_TEST(announced_lengths_are_not_believed)
{
    static const struct {
        size_t length;
        unsigned char octets[12];
        long code;
    } bombs[] = {
        {6, {0x30, 0x84, 0x80, 0x00, 0x00, 0x00}, GSS_SSPI_E_TOKEN_TOO_LONG},
        {6, {0x30, 0x84, 0x7f, 0xff, 0xff, 0xff}, GSS_SSPI_E_TOKEN_TOO_LONG},
        {6, {0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, GSS_SSPI_E_TOKEN_TOO_LONG},
        {7, {0x30, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00}, GSS_SSPI_E_TOKEN_TOO_LONG},
        {10, {0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, ANY_CODE},
        {10, {0x30, 0x88, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10}, GSS_SSPI_E_BAD_TOKEN},
        {5, {0x30, 0x83, 0x02, 0x00, 0x00}, GSS_SSPI_E_TOKEN_TOO_LONG},
        {2, {0x30, 0x80}, GSS_SSPI_E_BAD_TOKEN},
        {2, {0x30, 0xff}, ANY_CODE},
        {1, {0x31}, GSS_SSPI_E_BAD_TOKEN},
        {1, {0x00}, GSS_SSPI_E_BAD_TOKEN},
        {12, {0x30, 0x0a, 0xa0, 0x03, 0x02, 0x01, 0x06, 0xa2, 0x84, 0xff, 0xff, 0xff}, ANY_CODE},
        {12, {0x30, 0x0a, 0xa0, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02, 0x01, 0x06, 0x00}, ANY_CODE},
    };

    be(_i % 2 != 0);
    shake_hands();
    assert_bomb_refused(bombs[_i / 2].octets, bombs[_i / 2].length, bombs[_i / 2].code);
}
END_TEST

/* As long as may be, in records of every size, and then rubbish after all. */
START_TEST(long_request_is_stored_once)
{
    size_t length = TS_REQUEST_LIMIT;
    unsigned char *octets = calloc(1, length);

    ck_assert(octets != NULL);
    memcpy(octets, "\x30\x83\x01\xff\xfb", 5);
    be(_i % 2 != 0);
    shake_hands();
    peer.record_octets = _i / 2 != 0 ? 16384 : 500;
    assert_bomb_refused(octets, length, GSS_SSPI_E_BAD_TOKEN);
    free(octets);
}
END_TEST

/* A stream of records that never ends, within an announced length or against it. */
START_TEST(endless_stream_of_records_is_refused)
{
    static unsigned char zeros[16384];
    size_t before;
    size_t sent = 0;

    be(_i != 0);
    shake_hands();
    before = memory_in_use();
    crafted_peer_write(&peer, "\x30\x83\x01\xff\xfb", 5);
    while (crafted_peer_flush(&peer) && sent < ENDLESS_OCTETS) {
        crafted_peer_write(&peer, zeros, sizeof zeros);
        sent += sizeof zeros;
    }
    ck_assert_uint_le(sent, TS_REQUEST_LIMIT + sizeof zeros);
    ck_assert_uint_le(memory_in_use(), before + MEMORY_LIMIT);
    assert_failed(GSS_SSPI_E_BAD_TOKEN);
}
END_TEST

/* SEQUENCE in SEQUENCE, of indefinite length and announced; also deeper than a TSRequest may be
 * long. */
START_TEST(deep_nesting_is_refused)
{
    size_t levels = _i / 2 != 0 ? DEEP_LEVELS : TS_REQUEST_LIMIT / 2 - 4;
    unsigned char *octets = malloc(4 + 2 * levels);

    ck_assert(octets != NULL);
    memcpy(octets, "\x30\x83", 2);
    octets[2] = (unsigned char)((2 * levels - 1) >> 16);
    octets[3] = (unsigned char)((2 * levels - 1) >> 8);
    octets[4] = (unsigned char)(2 * levels - 1);
    for (size_t i = 5; i < 4 + 2 * levels; i++)
        octets[i] = i % 2 != 0 ? 0x30 : 0x80;
    be(_i % 2 != 0);
    shake_hands();
    assert_bomb_refused(octets, 4 + 2 * levels, ANY_CODE);
    free(octets);
}
END_TEST

static void add_tls_tests(TCase *cases)
{
    tcase_add_loop_test(cases, good_logon_over_each_version, 0, 4);
    tcase_add_test(cases, client_of_tls_1_1_is_refused);
    tcase_add_loop_test(cases, server_of_tls_1_1_is_refused, 0, 3);
    tcase_add_loop_test(cases, octets_that_are_no_tls_are_refused, 0, 8);
    tcase_add_loop_test(cases, tickets_of_the_server_are_not_used, 0, 2);
    tcase_add_loop_test(cases, session_of_the_client_is_not_resumed, 0, 2);
    tcase_add_loop_test(cases, renegotiation_before_the_logon_is_refused, 0, 2);
    tcase_add_loop_test(cases, renegotiation_after_the_logon_is_refused, 0, 2);
    tcase_add_loop_test(cases, key_update_before_each_request_is_followed, 0, 2);
    tcase_add_loop_test(cases, key_update_after_the_logon_is_followed, 0, 2);
    tcase_add_loop_test(cases, key_updates_without_end_are_bounded, 0, 2);
    tcase_add_loop_test(cases, close_notify_in_the_middle_ends_the_logon, 0, 8);
    tcase_add_loop_test(cases, fatal_alert_ends_the_logon, 0, 2);
    tcase_add_loop_test(cases, request_cut_by_close_notify_is_refused, 0, 2);
    tcase_add_loop_test(cases, logon_in_small_pieces_is_a_good_one, 0, 24);
    tcase_add_loop_test(cases, announced_lengths_are_not_believed, 0, 26);
    tcase_add_loop_test(cases, long_request_is_stored_once, 0, 4);
    tcase_add_loop_test(cases, endless_stream_of_records_is_refused, 0, 2);
    tcase_add_loop_test(cases, deep_nesting_is_refused, 0, 4);
}

int main(void)
{
    return run_attacks("attacks on CredSSP's TLS session", add_tls_tests);
}
