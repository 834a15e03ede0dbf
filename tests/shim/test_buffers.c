/* The caller's buffers during a logon: too small, allocated, partial TLS input, EXTRA, MISSING. */
#include <string.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

static struct party client;
static struct party server;

static const struct {
    const char *package;
    bool by_password;
} packages[] = {{"Kerberos", false}, {"NTLM", true},     {"Negotiate", false},
                {"Negotiate", true}, {"CREDSSP", false}, {"CREDSSP", true}};
#define PACKAGES 6

static void start(int i)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    party_init(&client, true, packages[i].package);
    party_init(&server, false, packages[i].package);
    party_must_acquire(&client, packages[i].by_password ? &alice : NULL);
    party_must_acquire(&server, NULL);
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

/* One leg with a buffer of one octet, then with one of the size that the first said. */
static void step_twice(struct party *party, struct party *peer)
{
    SecBuffer in[2] = {
        {(ULONG)party->wire.length, SECBUFFER_TOKEN, party->wire.data},
        {0, SECBUFFER_EMPTY, NULL},
    };
    unsigned char small[1];
    unsigned char large[OCTETS_MAX];
    SecBuffer out = {sizeof small, SECBUFFER_TOKEN, small};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SecHandle *context = party->has_context ? &party->context : NULL;
    SECURITY_STATUS status;

    for (int attempt = 0; attempt < 2; attempt++) {
        if (party->initiator)
            status = InitializeSecurityContextA(&party->credential, context, party->target,
                                                party->request, 0, SECURITY_NATIVE_DREP,
                                                context == NULL ? NULL : &input, 0, &party->context,
                                                &output, &party->attributes, NULL);
        else
            status = AcceptSecurityContext(&party->credential, context, &input, party->request,
                                           SECURITY_NATIVE_DREP, &party->context, &output,
                                           &party->attributes, NULL);
        if (status != SEC_E_BUFFER_TOO_SMALL)
            break;
        ck_assert_int_eq(attempt, 0);
        ck_assert_uint_gt(out.cbBuffer, sizeof small);
        ck_assert_uint_le(out.cbBuffer, sizeof large);
        ck_assert_uint_eq(in[1].BufferType, SECBUFFER_EMPTY);
        out.pvBuffer = large;
    }
    ck_assert_msg(status >= 0, "%s", SspiGssStatusText());
    party->status = status;
    party->has_context = true;
    if (in[1].BufferType == SECBUFFER_EXTRA) {
        memmove(party->wire.data, party->wire.data + party->wire.length - in[1].cbBuffer,
                in[1].cbBuffer);
        party->wire.length = in[1].cbBuffer;
    } else {
        party->wire.length = 0;
    }
    if (out.cbBuffer != 0 && out.pvBuffer == large)
        append(&peer->wire, large, out.cbBuffer);
}

START_TEST(a_buffer_too_small_loses_nothing)
{
    start(_i);
    while (client.status != SEC_E_OK || server.status != SEC_E_OK) {
        if (client.status != SEC_E_OK && (!client.has_context || client.wire.length != 0))
            step_twice(&client, &server);
        while (server.status != SEC_E_OK && server.wire.length != 0)
            step_twice(&server, &client);
    }
    stop();
}
END_TEST

/* The acceptor's first call is not made again behind the caller's back: that would be a replay. */
START_TEST(a_parked_context_belongs_to_its_token)
{
    unsigned char small[1];
    SecBuffer in = {0, SECBUFFER_TOKEN, NULL};
    SecBuffer out = {sizeof small, SECBUFFER_TOKEN, small};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle context;

    start(0);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    in = (SecBuffer){(ULONG)server.wire.length, SECBUFFER_TOKEN, server.wire.data};
    ck_assert_int_eq(AcceptSecurityContext(&server.credential, NULL, &input, 0, 0, &context,
                                           &output, NULL, NULL),
                     SEC_E_BUFFER_TOO_SMALL);
    server.wire.data[server.wire.length - 1] ^= 1;
    ck_assert_int_lt(AcceptSecurityContext(&server.credential, NULL, &input, 0, 0, &context,
                                           &output, NULL, NULL),
                     0);
    /* Freed with the credential: the leak checker watches. */
    stop();
    ck_assert_int_eq(DeleteSecurityContext(&context), SEC_E_INVALID_HANDLE);
}
END_TEST

START_TEST(allocated_memory_is_said_to_be)
{
    start(_i);
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_ne(client.attributes & ISC_RET_ALLOCATED_MEMORY, 0);
    ck_assert_uint_ne(server.attributes & ASC_RET_ALLOCATED_MEMORY, 0);
    stop();
}
END_TEST

START_TEST(callers_buffers_of_the_packages_size)
{
    PSecPkgInfoA info;

    start(_i);
    ck_assert_int_eq(QuerySecurityPackageInfoA(client.package, &info), SEC_E_OK);
    client.output_room = server.output_room = info->cbMaxToken;
    ck_assert_int_eq(FreeContextBuffer(info), SEC_E_OK);
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_eq(client.attributes & ISC_RET_ALLOCATED_MEMORY, 0);
    stop();
}
END_TEST

START_TEST(tls_input_in_small_pieces)
{
    static const size_t chunks[] = {1, 2, 3, 5, 7, 64, 1000};

    start(5);
    ck_assert(log_on(&client, &server, chunks[_i]));
    stop();
}
END_TEST

/*
 * Offers each beginning of the record that comes next, which must change nothing, and then the whole
 * record alone.
 */
static void read_record_at_every_split(struct party *party, struct party *peer)
{
    size_t record = 5 + ((size_t)party->wire.data[3] << 8 | party->wire.data[4]);

    ck_assert_uint_le(record, party->wire.length);
    for (size_t have = 0; have < record; have++) {
        SecBuffer in[2] = {
            {(ULONG)have, SECBUFFER_TOKEN, party->wire.data},
            {0, SECBUFFER_EMPTY, NULL},
        };
        unsigned char room[1];
        SecBuffer out = {sizeof room, SECBUFFER_TOKEN, room};
        SecBufferDesc input = {SECBUFFER_VERSION, 2, in};
        SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
        SecHandle *context = party->has_context ? &party->context : NULL;
        SECURITY_STATUS status;

        if (party->initiator)
            status = InitializeSecurityContextA(&party->credential, context, party->target,
                                                party->request, 0, SECURITY_NATIVE_DREP, &input, 0,
                                                &party->context, &output, &party->attributes, NULL);
        else
            status = AcceptSecurityContext(&party->credential, context, &input, party->request,
                                           SECURITY_NATIVE_DREP, &party->context, &output,
                                           &party->attributes, NULL);
        ck_assert_int_eq(status, SEC_E_INCOMPLETE_MESSAGE);
        ck_assert_uint_eq(in[0].cbBuffer, have);
        ck_assert_uint_eq(in[1].BufferType, SECBUFFER_MISSING);
        ck_assert_uint_eq(in[1].cbBuffer, have < 5 ? 5 - have : record - have);
        ck_assert_uint_eq(out.cbBuffer, sizeof room);
    }
    append(&party->inbox, party->wire.data, record);
    party->wire.length -= record;
    memmove(party->wire.data, party->wire.data + record, party->wire.length);
    (void)party_step(party, peer);
    ck_assert_msg(party->status >= 0, "%s", SspiGssStatusText());
    ck_assert_uint_eq(party->inbox.length, 0);
}

START_TEST(every_split_of_a_whole_logon)
{
    size_t records = 0;

    start(_i == 0 ? 4 : 5);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    while (client.status != SEC_E_OK || server.status != SEC_E_OK) {
        struct party *next = client.wire.length != 0 ? &client : &server;

        read_record_at_every_split(next, next == &client ? &server : &client);
        records++;
    }
    ck_assert_uint_ge(records, 8);
    stop();
}
END_TEST

/* Takes what is on the wire, and steps until nothing of it can be used any more. */
static void read_all(struct party *party, struct party *peer)
{
    append(&party->inbox, party->wire.data, party->wire.length);
    party->wire.length = 0;
    do {
        (void)party_step(party, peer);
    } while (party->status == SEC_I_CONTINUE_NEEDED && party->inbox.length != 0);
    ck_assert_msg(party->status >= 0, "%s", SspiGssStatusText());
}

/* What stands behind the last handshake record is the application's. */
START_TEST(octets_behind_the_logon_come_back)
{
    static const unsigned char more[] = {0x17, 3, 3, 0, 2, 0xAA, 0xBB};

    start(5);
    (void)party_step(&client, &server);
    while (server.status != SEC_E_OK) {
        read_all(&server, &client);
        if (client.status != SEC_E_OK) {
            read_all(&client, &server);
            if (client.status == SEC_E_OK)
                append(&server.wire, more, sizeof more);
        }
    }
    ck_assert_msg(server.status == SEC_E_OK, "%s", SspiGssStatusText());
    ck_assert_uint_eq(server.inbox.length, sizeof more);
    ck_assert_mem_eq(server.inbox.data, more, sizeof more);
    stop();
}
END_TEST

START_TEST(what_is_no_tls_is_an_invalid_token)
{
    static const char no_tls[] = "GET / HTTP/1.0\r\n\r\n";

    start(5);
    append(&server.inbox, no_tls, sizeof no_tls - 1);
    ck_assert_int_eq(party_step(&server, &client), SEC_E_INVALID_TOKEN);
    ck_assert(!server.has_context);
    stop();
}
END_TEST

START_TEST(a_failed_first_call_leaves_no_handle)
{
    start(_i);
    append(&server.inbox, "\x60\x02\x01\x01", 4);
    ck_assert_int_lt(party_step(&server, &client), 0);
    ck_assert_int_eq(DeleteSecurityContext(&server.context), SEC_E_INVALID_HANDLE);
    stop();
}
END_TEST

START_TEST(a_failed_later_call_leaves_the_handle)
{
    static const unsigned char garbage[] = {0x16, 3, 3, 0, 4, 2, 0, 0, 0};

    start(_i);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&client.inbox, garbage, sizeof garbage);
    ck_assert_int_lt(party_step(&client, &server), 0);
    append(&client.inbox, garbage, sizeof garbage);
    ck_assert_int_eq(party_step(&client, &server), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(DeleteSecurityContext(&client.context), SEC_E_OK);
    ck_assert_int_eq(DeleteSecurityContext(&client.context), SEC_E_INVALID_HANDLE);
    client.has_context = false;
    stop();
}
END_TEST

/* The calls without credentials, and freeing them in between. */
START_TEST(later_calls_need_no_credential)
{
    SecBuffer in = {0, SECBUFFER_TOKEN, NULL};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};

    start(0);
    (void)party_step(&client, &server);
    ck_assert_int_eq(FreeCredentialsHandle(&client.credential), SEC_E_OK);
    append(&server.inbox, server.wire.data, server.wire.length);
    ck_assert_int_eq(party_step(&server, &client), SEC_E_OK);
    in = (SecBuffer){(ULONG)client.wire.length, SECBUFFER_TOKEN, client.wire.data};
    ck_assert_int_eq(InitializeSecurityContextA(NULL, &client.context, NULL, USUAL_ISC, 0, 0,
                                                &input, 0, NULL, &output, NULL, NULL),
                     SEC_E_OK);
    SecInvalidateHandle(&client.credential);
    stop();
}
END_TEST

/* Calling again after success starts over, with the same handle. */
START_TEST(a_call_after_success_authenticates_again)
{
    start(_i);
    ck_assert(log_on(&client, &server, 0));
    client.status = server.status = SEC_I_CONTINUE_NEEDED;
    client.calls = 0;
    ck_assert(log_on(&client, &server, 0));
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: buffers");
    TCase *t = tcase_create("buffers");

    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, a_buffer_too_small_loses_nothing, 0, PACKAGES);
    tcase_add_test(t, a_parked_context_belongs_to_its_token);
    tcase_add_loop_test(t, allocated_memory_is_said_to_be, 0, PACKAGES);
    tcase_add_loop_test(t, callers_buffers_of_the_packages_size, 0, PACKAGES);
    tcase_add_loop_test(t, tls_input_in_small_pieces, 0, 7);
    tcase_add_loop_test(t, every_split_of_a_whole_logon, 0, 2);
    tcase_add_test(t, octets_behind_the_logon_come_back);
    tcase_add_test(t, what_is_no_tls_is_an_invalid_token);
    tcase_add_loop_test(t, a_failed_first_call_leaves_no_handle, 0, PACKAGES);
    tcase_add_loop_test(t, a_failed_later_call_leaves_the_handle, 0, PACKAGES);
    tcase_add_test(t, later_calls_need_no_credential);
    tcase_add_loop_test(t, a_call_after_success_authenticates_again, 0, PACKAGES);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
