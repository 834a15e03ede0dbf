/*
 * What TLS itself sends between messages, from a CredSSP peer made by hand: key updates, tickets,
 * renegotiations, alerts and the end.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/mech/crafted_attack.h"
#include "tests/shim/records.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

#define LENGTH 1000

static struct party party;
static struct party other; /* its wire is where the party's output goes */

static struct sealed_record record;

/* The peer's octets go to the party, as far as the logon needs them. */
static OM_uint32 call_shim(struct crafted_peer *self, gss_buffer_t input, gss_buffer_t output)
{
    (void)self;
    append(&party.inbox, input->value, input->length);
    do {
        (void)party_step(&party, &other);
    } while (party.status == SEC_I_CONTINUE_NEEDED && party.inbox.length != 0);
    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (other.wire.length != 0) {
        *output = (gss_buffer_desc){other.wire.length, malloc(other.wire.length)};
        ck_assert_ptr_nonnull(output->value);
        memcpy(output->value, other.wire.data, other.wire.length);
        other.wire.length = 0;
    }
    if (party.status == SEC_E_OK)
        return GSS_S_COMPLETE;
    return party.status == SEC_I_CONTINUE_NEEDED || party.status == SEC_E_INCOMPLETE_MESSAGE
               ? GSS_S_CONTINUE_NEEDED
               : GSS_S_FAILURE;
}

/* The peer as server or client, the party as the other. */
static void start(const char *priority, bool peer_is_client)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    memset(&other, 0, sizeof other);
    party_init(&party, !peer_is_client, "CREDSSP");
    party.target = TEXT_OF("TERMSRV/localhost");
    party_must_acquire(&party, peer_is_client ? NULL : &alice);
    peer.call = call_shim;
    peer.priority = priority;
    peer.initiator = peer_is_client;
    ck_assert_msg(crafted_peer_run(&peer), "%s", SspiGssStatusText());
}

static void stop(void)
{
    party_end(&party);
}

/* The party reads what waits for it. */
static SECURITY_STATUS deliver(SecBuffer buffers[4])
{
    size_t length = peer.to_plugin.length;

    ck_assert_uint_gt(length, 0);
    ck_assert_uint_le(length, sizeof record.octets);
    memcpy(record.octets, peer.to_plugin.data, length);
    peer.to_plugin.length = 0;
    return open_octets(&party, record.octets, length, buffers);
}

/* The party's message reaches the peer, behind something that the peer has another word for. */
static void assert_arrives(ULONG length, ssize_t first)
{
    ULONG whole = seal_record_of(&record, &party, length);
    ssize_t got;

    ck_assert(byte_buffer_append(&peer.from_plugin, record.octets, whole));
    do {
        got = gnutls_record_recv(peer.tls, peer.received, sizeof peer.received);
        if (got < 0)
            ck_assert_int_eq(got, first);
    } while (got < 0 && peer.from_plugin.length != 0);
    ck_assert_uint_eq(peer.from_plugin.length, 0);
    if (length == 0) {
        ck_assert_int_eq(got, GNUTLS_E_AGAIN);
        return;
    }
    ck_assert_int_eq(got, (ssize_t)length);
    for (ULONG i = 0; i < length; i++)
        ck_assert_uint_eq(peer.received[i], 'a' + i % 26);
}

/* And the peer's reaches the party. */
static void assert_is_read(void)
{
    SecBuffer buffers[4];

    ck_assert_int_eq(gnutls_record_send(peer.tls, "abcd", 4), 4);
    ck_assert_int_eq(deliver(buffers), SEC_E_OK);
    assert_opened(buffers, record.octets, 4);
}

/* The party answers with its own key update in front of its next message, and finds room for it. */
START_TEST(key_updates_are_followed)
{
    static const ULONG lengths[] = {LENGTH, 16384, 1, 0};
    SecBuffer buffers[4];

    start(TLS_1_3, _i != 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_ge(gnutls_session_key_update(peer.tls, GNUTLS_KU_PEER), 0);
        ck_assert_int_eq(deliver(buffers), SEC_E_OK);
        assert_opened(buffers, record.octets, 0);
        assert_is_read();
        assert_arrives(lengths[i], GNUTLS_E_AGAIN);
        assert_arrives(LENGTH, GNUTLS_E_AGAIN);
        assert_is_read();
    }
    stop();
}
END_TEST

/* Two records in one read: the second comes back as EXTRA. */
START_TEST(a_key_update_and_a_message_behind_it)
{
    SecBuffer buffers[4];

    start(TLS_1_3, _i != 0);
    ck_assert_int_ge(gnutls_session_key_update(peer.tls, GNUTLS_KU_PEER), 0);
    ck_assert_int_eq(gnutls_record_send(peer.tls, "abcd", 4), 4);
    ck_assert_int_eq(deliver(buffers), SEC_E_OK);
    assert_opened(buffers, record.octets, 0);
    ck_assert_uint_eq(buffers[3].BufferType, SECBUFFER_EXTRA);
    ck_assert_int_eq(open_octets(&party, buffers[3].pvBuffer, buffers[3].cbBuffer, buffers),
                     SEC_E_OK);
    assert_opened(buffers, buffers[0].pvBuffer, 4);
    assert_arrives(LENGTH, GNUTLS_E_AGAIN);
    stop();
}
END_TEST

/* A caller that has a trailer of its own size is told what is missing, and nothing is lost. */
START_TEST(a_key_update_without_room_can_be_repeated)
{
    SecBuffer buffers[4];

    start(TLS_1_3, _i != 0);
    ck_assert_int_ge(gnutls_session_key_update(peer.tls, GNUTLS_KU_PEER), 0);
    ck_assert_int_eq(deliver(buffers), SEC_E_OK);
    prepare_record(&record, &party, LENGTH);
    record.buffers[2].cbBuffer = 17;
    ck_assert_int_eq(EncryptMessage(&party.context, 0, &record.descriptor, 0),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(record.buffers[2].cbBuffer, stream_sizes_of(&party).cbTrailer);
    assert_arrives(LENGTH, GNUTLS_E_AGAIN);
    stop();
}
END_TEST

START_TEST(tickets_are_invisible)
{
    gnutls_datum_t key;
    SecBuffer buffers[4];

    ck_assert_int_ge(gnutls_session_ticket_key_generate(&key), 0);
    peer.tls_ticket_key = key;
    start(TLS_1_3, false);
    ck_assert_int_ge(gnutls_session_ticket_send(peer.tls, 1, 0), 0);
    ck_assert_int_eq(deliver(buffers), SEC_E_OK);
    assert_opened(buffers, record.octets, 0);
    assert_is_read();
    assert_arrives(LENGTH, GNUTLS_E_AGAIN);
    stop();
    gnutls_free(key.data);
}
END_TEST

/* TLS 1.2: refused, and the session goes on. SEC_I_RENEGOTIATE would ask for a handshake. */
START_TEST(renegotiation_is_refused)
{
    SecBuffer buffers[4];

    start(TLS_1_2, _i != 0);
    if (peer.initiator)
        (void)gnutls_handshake(peer.tls);
    else
        ck_assert_int_ge(gnutls_rehandshake(peer.tls), 0);
    ck_assert_int_eq(deliver(buffers), SEC_E_ILLEGAL_MESSAGE);
    ck_assert_ptr_nonnull(strstr(SspiGssStatusText(), "renegotiate"));
    if (!peer.initiator)
        assert_arrives(LENGTH, GNUTLS_E_WARNING_ALERT_RECEIVED);
    stop();
}
END_TEST

START_TEST(close_notify_ends_the_context)
{
    SecBuffer buffers[4];

    start(_i / 2 != 0 ? TLS_1_2 : TLS_1_3, _i % 2 != 0);
    ck_assert_int_ge(gnutls_bye(peer.tls, GNUTLS_SHUT_WR), 0);
    ck_assert(byte_buffer_append(&peer.to_plugin, "behind", 6));
    ck_assert_int_eq(deliver(buffers), SEC_I_CONTEXT_EXPIRED);
    ck_assert_uint_eq(buffers[1].BufferType, SECBUFFER_DATA);
    ck_assert_uint_eq(buffers[1].cbBuffer, 0);
    ck_assert_uint_eq(buffers[3].BufferType, SECBUFFER_EXTRA);
    ck_assert_uint_eq(buffers[3].cbBuffer, 6);
    ck_assert_mem_eq(buffers[3].pvBuffer, "behind", 6);
    assert_arrives(LENGTH, GNUTLS_E_AGAIN); /* one direction is closed, and not the other */
    stop();
}
END_TEST

/* With TLS 1.3 an alert is a record like any other from outside. */
START_TEST(fatal_alerts_are_failures)
{
    SecBuffer buffers[4];
    SECURITY_STATUS status;

    start(_i / 2 != 0 ? TLS_1_2 : TLS_1_3, _i % 2 != 0);
    ck_assert_int_ge(gnutls_alert_send(peer.tls, GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED), 0);
    status = deliver(buffers);
    ck_assert_int_eq(status, _i / 2 != 0 ? SEC_E_ILLEGAL_MESSAGE : SEC_E_MESSAGE_ALTERED);
    ck_assert_ptr_nonnull(strstr(SspiGssStatusText(), "alert"));
    prepare_record(&record, &party, LENGTH);
    status = EncryptMessage(&party.context, 0, &record.descriptor, 0);
    ck_assert_msg(status == SEC_E_ENCRYPT_FAILURE || status == SEC_E_OK, "%s", SspiGssStatusText());
    stop();
}
END_TEST

START_TEST(warning_alerts_are_passed_over)
{
    SecBuffer buffers[4];

    start(TLS_1_2, _i != 0);
    ck_assert_int_ge(gnutls_alert_send(peer.tls, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED), 0);
    ck_assert_int_eq(deliver(buffers), SEC_E_OK);
    assert_opened(buffers, record.octets, 0);
    assert_is_read();
    stop();
}
END_TEST

/* A peer that takes short records only (RFC 8449). */
START_TEST(a_peers_record_limit_is_the_largest_message)
{
    SecPkgContext_StreamSizes sizes;

    peer.record_limit = 1000;
    start(TLS_1_3, _i != 0);
    sizes = stream_sizes_of(&party);
    ck_assert_uint_le(sizes.cbMaximumMessage, 1000);
    prepare_record(&record, &party, sizes.cbMaximumMessage + 1);
    record.buffers[0].cbBuffer += 1; /* that of two records would not do it either */
    ck_assert_int_eq(EncryptMessage(&party.context, 0, &record.descriptor, 0),
                     SEC_E_INVALID_PARAMETER);
    assert_arrives(sizes.cbMaximumMessage, GNUTLS_E_AGAIN);
    stop();
}
END_TEST

static void add_tests(TCase *cases)
{
    tcase_add_loop_test(cases, key_updates_are_followed, 0, 2);
    tcase_add_loop_test(cases, a_key_update_and_a_message_behind_it, 0, 2);
    tcase_add_loop_test(cases, a_key_update_without_room_can_be_repeated, 0, 2);
    tcase_add_test(cases, tickets_are_invisible);
    tcase_add_loop_test(cases, renegotiation_is_refused, 0, 2);
    tcase_add_loop_test(cases, close_notify_ends_the_context, 0, 4);
    tcase_add_loop_test(cases, fatal_alerts_are_failures, 0, 4);
    tcase_add_loop_test(cases, warning_alerts_are_passed_over, 0, 2);
    tcase_add_loop_test(cases, a_peers_record_limit_is_the_largest_message, 0, 2);
}

int main(void)
{
    return run_attacks("shim: records between messages", add_tests);
}
