#include "tests/mech/crafted_attack.h"

#include <string.h>

#include "tests/runner.h"

/* Under valgrind, on a busy machine. */
#define TIMEOUT_SECONDS 600

struct crafted_peer peer;

void set_up(void)
{
    peer = (struct crafted_peer){.initiator = false};
    with_options("self_signed_key = ecdsa"); /* RSA keys take long to make */
}

void tear_down(void)
{
    OM_uint32 minor;

    crafted_peer_reset(&peer);
    (void)gss_release_cred(&minor, &peer.credential);
    (void)gss_release_cred(&minor, &peer.plugin_credential);
}

void be_client(void)
{
    peer.initiator = true;
}

void be_server(void)
{
    peer.initiator = false;
    peer.plugin_flags = GSS_C_DELEG_FLAG;
    if (peer.plugin_credential == GSS_C_NO_CREDENTIAL)
        peer.plugin_credential = password_credential(GSS_SSPI_MECH_CREDSSP, "EXAMPLE\\alice",
                                                     realm_variable("REALM_PASSWORD"));
}

void be(bool initiator)
{
    if (initiator)
        be_client();
    else
        be_server();
}

void assert_good(void)
{
    bool done = crafted_peer_run(&peer);

    ck_assert_msg(done, "plugin: %s; pubKeyAuth %s, errorCode 0x%x",
                  status_text(peer.major, peer.minor),
                  !peer.binding_seen    ? "absent"
                  : peer.binding_agreed ? "right"
                                        : "wrong",
                  peer.error_code);
}

void assert_failed(long code)
{
    ck_assert_msg(GSS_ERROR(peer.major), "not refused: %s", status_text(peer.major, peer.minor));
    if (code != ANY_CODE)
        ck_assert_msg(peer.failure.minor == (OM_uint32)code, "another failure: %s",
                      status_text(peer.major, peer.minor));
    ck_assert_uint_gt(strlen(status_text(peer.major, peer.minor)), 0);
    ck_assert_uint_eq(peer.auth_info.length, 0);
    ck_assert(!byte_range_is_present(peer.last.auth_info));
    ck_assert(peer.delegated == GSS_C_NO_CREDENTIAL);
}

void assert_refused(long code)
{
    ck_assert_msg(!crafted_peer_run(&peer), "the attack was accepted");
    assert_failed(code);
}

struct crafted_peer other_half;

/* Carries one TSRequest from one TLS session to the other. False when none came. */
static bool relay(struct crafted_peer *from, struct crafted_peer *to)
{
    struct ts_request request;
    bool came = crafted_peer_receive(from, &request);

    if (came || from->has_error_code)
        crafted_peer_send(to, &request);
    from->has_error_code = false;
    return came;
}

void stand_in_the_middle(void)
{
    be_server();
    other_half.initiator = true;
    crafted_peer_begin(&peer);
    crafted_peer_begin(&other_half);
    ck_assert(crafted_peer_handshake(&peer));
    ck_assert(crafted_peer_handshake(&other_half));
    while (relay(&peer, &other_half) && relay(&other_half, &peer))
        ;
    (void)crafted_peer_flush(&peer);
    (void)crafted_peer_flush(&other_half);
}

int run_attacks(const char *name, void (*add)(TCase *cases))
{
    return run_case(name, set_up, tear_down, TIMEOUT_SECONDS, add);
}
