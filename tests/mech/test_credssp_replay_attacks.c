/*
 * What was recorded in one logon and comes again in another, a man in the middle who also rolls the
 * version back, floods of logons that stop half-way, and what an initiator gives to servers that
 * proved nothing.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

/* --- recorded messages and nonces --- */

static struct {
    unsigned char nonce[CRAFTED_NONCE_OCTETS];
    unsigned char pub_key_auth[512];
    size_t length;
    bool replaying;
} recorded;

/* The first logon's pubKeyAuth is kept; in the second one it goes out in place of a new one. */
static void record_or_replay(struct crafted_peer *self, struct ts_request *request)
{
    if (recorded.replaying)
        memcpy(self->nonce, recorded.nonce, sizeof self->nonce);
    else
        memcpy(recorded.nonce, self->nonce, sizeof recorded.nonce);
    if (!byte_range_is_present(request->pub_key_auth))
        return;
    if (recorded.replaying) {
        request->pub_key_auth = byte_range_of(recorded.pub_key_auth, recorded.length);
        return;
    }
    ck_assert_uint_le(request->pub_key_auth.length, sizeof recorded.pub_key_auth);
    recorded.length = request->pub_key_auth.length;
    memcpy(recorded.pub_key_auth, request->pub_key_auth.data, recorded.length);
}

/* To the same server, with the same key and the same nonce: the inner logon's keys are new. */
START_TEST(binding_of_an_earlier_logon_is_refused)
{
    bool initiator = _i % 2 != 0;

    if (_i / 2 != 0)
        peer.mechanism = &ntlm_oid;
    peer.on_request = record_or_replay;
    be(initiator);
    assert_good();
    crafted_peer_reset(&peer);
    recorded.replaying = true;
    ck_assert_msg(!crafted_peer_run(&peer), "the replay was accepted");
    assert_failed(ANY_CODE);
    ck_assert(!initiator || !peer.binding_seen);
}
END_TEST

/* Our initiator's nonce is new each time. */
START_TEST(nonce_is_never_used_twice)
{
    enum { LOGONS = 8 };
    unsigned char nonces[LOGONS][CRAFTED_NONCE_OCTETS];

    be_server();
    for (int i = 0; i < LOGONS; i++) {
        assert_good();
        memcpy(nonces[i], peer.nonce, sizeof nonces[i]);
        for (int earlier = 0; earlier < i; earlier++)
            ck_assert(memcmp(nonces[earlier], nonces[i], sizeof nonces[i]) != 0);
        crafted_peer_reset(&peer);
    }
}
END_TEST

/* --- a man in the middle --- */

static void roll_back(struct crafted_peer *self, struct ts_request *request)
{
    (void)self;
    request->version = 2;
    request->client_nonce = BYTE_RANGE_ABSENT;
}

/*
 * He tells both sides that the other speaks version 2 only. Both are told to speak it too: what is
 * left is the key itself, and that is his own for one of them.
 */
START_TEST(relay_with_the_version_rolled_back_is_refused)
{
    with_options(_i == 0 ? "minimum_version = 2\nself_signed_key = ecdsa"
                         : "minimum_version = 2\nself_signed_key = ecdsa\npackages = ntlm");
    peer.on_request = other_half.on_request = roll_back;
    stand_in_the_middle();
    ck_assert_uint_eq(other_half.failure.minor, (OM_uint32)GSS_SSPI_E_BINDING);
    ck_assert(other_half.delegated == GSS_C_NO_CREDENTIAL);
    ck_assert(peer.major != GSS_S_COMPLETE);
    ck_assert_uint_eq(peer.auth_info.length, 0);
    ck_assert(!byte_range_is_present(peer.last.auth_info));
    crafted_peer_reset(&other_half);
}
END_TEST

/* --- servers that proved nothing --- */

enum misdeed {
    NO_BINDING,        /* its last token and no pubKeyAuth */
    EMPTY_BINDING,     /* an empty one */
    WRONG_KEY,         /* of a certificate that it does not have */
    CLIENTS_DIRECTION, /* the hash that the client made */
    CLIENTS_OWN,       /* the client's pubKeyAuth as it came */
    OLD_BINDING,       /* the key, as before version 5 */
    MISDEEDS
};

static void misbehave(struct crafted_peer *self, struct ts_request *request)
{
    enum misdeed misdeed = *(const enum misdeed *)self->argument;

    if (!byte_range_is_present(request->pub_key_auth))
        return;
    if (misdeed == NO_BINDING)
        request->pub_key_auth = BYTE_RANGE_ABSENT;
    else if (misdeed == EMPTY_BINDING)
        request->pub_key_auth = byte_range_of(NULL, 0);
    else if (misdeed == CLIENTS_OWN)
        request->pub_key_auth = self->last.pub_key_auth;
}

/* By its password, by a saved one, and by a smart card: nothing of it goes out. */
static gss_cred_id_t credential_of_kind(int kind)
{
    const char *keys[] = {"password", "saved_password"};

    if (kind == 2)
        return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, "smart_card_pin",
                                "1234", NULL);
    return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, "EXAMPLE\\alice", keys[kind],
                            realm_variable("REALM_PASSWORD"), NULL);
}

#define CREDENTIAL_KINDS 3

START_TEST(nothing_goes_to_a_server_that_proved_nothing)
{
    enum misdeed misdeed = (enum misdeed)(_i % MISDEEDS);

    peer.plugin_credential = credential_of_kind(_i / MISDEEDS);
    peer.on_request = misbehave;
    peer.argument = &misdeed;
    if (misdeed == WRONG_KEY)
        peer.key = crafted_other_key();
    if (misdeed == OLD_BINDING)
        peer.version_bound = 4;
    peer.reflect = misdeed == CLIENTS_DIRECTION;
    be_server();
    assert_refused(ANY_CODE);
    if (misdeed == WRONG_KEY)
        free((void *)(uintptr_t)peer.key.data);
}
END_TEST

/* The same credentials do go to a server that does what it should. */
START_TEST(everything_goes_to_a_server_that_proved_its_key)
{
    peer.plugin_credential = credential_of_kind(_i);
    be_server();
    assert_good();
    ck_assert_uint_gt(peer.auth_info.length, 0);
    ck_assert(peer.plugin_flags_granted & GSS_C_DELEG_FLAG);
}
END_TEST

/* --- floods --- */

#define FLOOD 200

/*
 * Most that a half-open logon may hold, with GnuTLS' session (some 40 KiB, before the hello and
 * behind it) and the crafted client's.
 */
#define HALF_OPEN_OCTETS ((size_t)160 * 1024)

static struct crafted_peer flood[FLOOD];

static size_t memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* As far as a stranger gets: a hello, a handshake, and an NTLM token in half a TSRequest. */
static void half_open(struct crafted_peer *stranger, int stage)
{
    static const unsigned char half[] = {0x30, 0x82, 0x40, 0x00, 0xa0, 0x03, 0x02, 0x01, 0x06};

    *stranger = (struct crafted_peer){.initiator = true};
    crafted_peer_begin(stranger);
    if (stage == 0) {
        (void)gnutls_handshake(stranger->tls);
    } else {
        ck_assert(crafted_peer_handshake(stranger));
        if (stage == 2)
            crafted_peer_write(stranger, half, sizeof half);
    }
    (void)crafted_peer_flush(stranger);
    ck_assert_uint_eq(stranger->major, GSS_S_CONTINUE_NEEDED);
}

/* All at once; the server goes on, and each costs little. */
START_TEST(flood_of_half_open_logons_costs_little)
{
    size_t before;

    be_client();
    assert_good(); /* what is made once is there */
    crafted_peer_reset(&peer);
    before = memory_in_use();
    for (int i = 0; i < FLOOD; i++)
        half_open(&flood[i], _i);
    ck_assert_msg((memory_in_use() - before) / FLOOD <= HALF_OPEN_OCTETS,
                  "%zu octets for each half-open logon", (memory_in_use() - before) / FLOOD);
    assert_good();
    for (int i = 0; i < FLOOD; i++)
        crafted_peer_reset(&flood[i]);
}
END_TEST

static void add_replay_tests(TCase *cases)
{
    tcase_add_loop_test(cases, binding_of_an_earlier_logon_is_refused, 0, 4);
    tcase_add_test(cases, nonce_is_never_used_twice);
    tcase_add_loop_test(cases, relay_with_the_version_rolled_back_is_refused, 0, 2);
    tcase_add_loop_test(cases, nothing_goes_to_a_server_that_proved_nothing, 0,
                        MISDEEDS * CREDENTIAL_KINDS);
    tcase_add_loop_test(cases, everything_goes_to_a_server_that_proved_its_key, 0,
                        CREDENTIAL_KINDS);
    tcase_add_loop_test(cases, flood_of_half_open_logons_costs_little, 0, 3);
}

int main(void)
{
    return run_attacks("replays, relays and floods", add_replay_tests);
}
