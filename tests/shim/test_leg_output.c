/* What a leg gives besides a whole token: alerts, fragments. */
#include <string.h>

#include "tests/runner.h"
#include "tests/shim/failed_logon.h"

static void before(void)
{
}

/* The server has its credentials. */
static void begin(const char *package)
{
    start(package);
    party_must_acquire(&server, NULL);
}

static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};
#define PACKAGES 4

/* --- SECBUFFER_ALERT --- */

/* A server that is told nonsense in place of a ClientHello says so in an alert. */
START_TEST(alert_of_a_failed_handshake)
{
    static const unsigned char hello[] = {0x16, 3, 1, 0, 4, 1, 0, 0, 0};
    unsigned char room[100];
    SecBuffer alert = {sizeof room, SECBUFFER_ALERT, room};

    begin("CREDSSP");
    server.extra_output = &alert;
    if (_i == 0) {
        server.output_room = 4096; /* and so is not to be allocated */
    } else if (_i == 2) {
        server.request |= ASC_REQ_EXTENDED_ERROR;
    }
    append(&server.inbox, hello, sizeof hello);
    ck_assert_int_lt(party_step(&server, &client), 0);
    ck_assert_uint_ge(alert.cbBuffer, 7);
    ck_assert_uint_eq(((unsigned char *)alert.pvBuffer)[0], 21); /* RFC 8446 5.1: alert */
    ck_assert((alert.pvBuffer == room) == (_i == 0));
    if (_i == 2) {
        ck_assert_uint_eq(client.wire.length, alert.cbBuffer);
        ck_assert_mem_eq(client.wire.data, alert.pvBuffer, alert.cbBuffer);
    } else {
        ck_assert_uint_eq(client.wire.length, 0);
    }
    if (_i != 0)
        ck_assert_int_eq(FreeContextBuffer(alert.pvBuffer), SEC_E_OK);
    stop();
}
END_TEST

START_TEST(no_alert_where_nothing_failed)
{
    SecBuffer alert = {0, SECBUFFER_ALERT, &alert};

    begin(packages[_i]);
    server.extra_output = &alert;
    if (strcmp(packages[_i], "NTLM") == 0) {
        SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

        party_must_acquire(&client, &alice);
    } else {
        party_must_acquire(&client, NULL);
    }
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_eq(alert.cbBuffer, 0);
    ck_assert_ptr_null(alert.pvBuffer);
    stop();
}
END_TEST

/* --- ISC_REQ_FRAGMENT_TO_FIT --- */

/* Negotiate's first token, in pieces; the acceptor answers each but the last with nothing. */
START_TEST(token_in_fragments)
{
    static const size_t rooms[] = {1, 100, 333};
    int fragments = 0;

    begin("Negotiate");
    party_must_acquire(&client, NULL);
    client.request |= ISC_REQ_FRAGMENT_TO_FIT;
    client.output_room = rooms[_i];
    server.request |= ASC_REQ_FRAGMENT_SUPPLIED;
    do {
        demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
        ck_assert_uint_le(server.wire.length, rooms[_i]);
        fragments++;
        append(&server.inbox, server.wire.data, server.wire.length);
        server.wire.length = 0;
        ck_assert_msg(party_step(&server, &client) >= 0, "%s", SspiGssStatusText());
        ck_assert(((client.attributes & ISC_RET_FRAGMENT_ONLY) != 0) == (client.wire.length == 0));
    } while (client.wire.length == 0);
    ck_assert_int_gt(fragments, 2);
    client.output_room = 0;
    ck_assert(log_on(&client, &server, 0));
    stop();
}
END_TEST

/* An answer that is not empty before the token is whole. */
START_TEST(fragment_that_is_answered_too_early)
{
    begin("Negotiate");
    party_must_acquire(&client, NULL);
    client.request |= ISC_REQ_FRAGMENT_TO_FIT;
    client.output_room = 100;
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&client.inbox, "x", 1);
    demand(party_step(&client, &server), SEC_E_INVALID_TOKEN);
    stop();
}
END_TEST

/* Others have no way to collect them: the buffer is too small, as without the flag. */
START_TEST(no_fragments_of_other_packages)
{
    begin(_i == 0 ? "Kerberos" : "CREDSSP");
    party_must_acquire(&client, NULL);
    client.request |= ISC_REQ_FRAGMENT_TO_FIT;
    client.output_room = 100;
    demand(party_step(&client, &server), SEC_E_BUFFER_TOO_SMALL);
    stop();
}
END_TEST

/* --- SECBUFFER_READONLY --- */

/* A token may be marked as read-only on the way in, and has no place in such a buffer on the way out. */
START_TEST(read_only_buffers)
{
    SecBuffer in = {0, SECBUFFER_TOKEN | SECBUFFER_READONLY_WITH_CHECKSUM, NULL};
    unsigned char room[4096] = {0};
    SecBuffer out = {sizeof room, SECBUFFER_TOKEN | SECBUFFER_READONLY, room};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle context;

    begin("Kerberos");
    party_must_acquire(&client, NULL);
    demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    in.pvBuffer = server.wire.data;
    in.cbBuffer = (ULONG)server.wire.length;
    demand(AcceptSecurityContext(&server.credential, NULL, &input, 0, 0, &context, &output, NULL,
                                 NULL),
           SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(room[0], 0);
    out.BufferType = SECBUFFER_TOKEN;
    demand(AcceptSecurityContext(&server.credential, NULL, &input, 0, 0, &context, &output, NULL,
                                 NULL),
           SEC_E_OK);
    ck_assert_uint_ne(room[0], 0);
    ck_assert_int_eq(DeleteSecurityContext(&context), SEC_E_OK);
    stop();
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, alert_of_a_failed_handshake, 0, 3);
    tcase_add_loop_test(cases, no_alert_where_nothing_failed, 0, PACKAGES);
    tcase_add_loop_test(cases, token_in_fragments, 0, 3);
    tcase_add_test(cases, fragment_that_is_answered_too_early);
    tcase_add_loop_test(cases, no_fragments_of_other_packages, 0, 2);
    tcase_add_test(cases, read_only_buffers);
}

int main(void)
{
    return run_case("shim: alerts and fragments", before, before, 60, add);
}
