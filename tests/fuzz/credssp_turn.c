#include "tests/fuzz/credssp_turn.h"

#include <stdlib.h>

#include <gnutls/gnutls.h>

#include "asn1/ts_credentials.h"
#include "tests/mech/token_change.h"

gss_cred_id_t ntlm_credential;

static struct byte_range credentials[4]; /* of each type, and empty ones */

static struct byte_range utf16(const char *ascii, unsigned char *room)
{
    size_t length = strlen(ascii);

    for (size_t i = 0; i < length; i++) {
        room[2 * i] = (unsigned char)ascii[i];
        room[2 * i + 1] = 0;
    }
    return byte_range_of(room, 2 * length);
}

static void keep_credentials(size_t place, const struct ts_credentials *c)
{
    struct secret encoded = {0};

    must(ts_credentials_encode(c, &encoded) == DER_OK, "credentials can be written");
    credentials[place] = octets_copy(byte_range_of(encoded.data, encoded.length));
    secret_release(&encoded);
}

static void make_credentials(void)
{
    unsigned char domain[32], user[32], password[32];
    const struct byte_range empty = byte_range_of(NULL, 0);
    const struct ts_password_creds none = {empty, empty, empty};
    const struct ts_password_creds filled = {utf16("EXAMPLE", domain), utf16("alice", user),
                                             utf16("Wonderland", password)};
    struct ts_credentials c = {.cred_type = TS_CREDENTIALS_PASSWORD, .password = none};

    keep_credentials(0, &c);
    c.password = filled;
    keep_credentials(1, &c);
    c = (struct ts_credentials){
        .cred_type = TS_CREDENTIALS_SMART_CARD,
        .smart_card = {.pin = filled.password,
                       .csp_data = {.key_spec = 1, .card_name = filled.domain_name},
                       .user_hint = filled.user_name}};
    keep_credentials(2, &c);
    c = (struct ts_credentials){
        .cred_type = TS_CREDENTIALS_REMOTE_GUARD,
        .remote_guard = {.logon_cred = {filled.domain_name, filled.password},
                         .has_supplemental_creds = true}};
    keep_credentials(3, &c);
}

static void acquire_ntlm(void)
{
    gss_OID_set_desc spnego = {1, (gss_OID)(uintptr_t)&spnego_oid};
    gss_OID_set_desc ntlm = {1, (gss_OID)(uintptr_t)&ntlm_oid};
    OM_uint32 minor;

    must(gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &spnego, GSS_C_INITIATE,
                          &ntlm_credential, NULL, NULL) == GSS_S_COMPLETE &&
             gss_set_neg_mechs(&minor, ntlm_credential, &ntlm) == GSS_S_COMPLETE,
         "the peer has a credential for NTLM");
}

void credssp_turn_prepare(void)
{
    acquire_ntlm();
    make_credentials();
}

/* For gss_release_buffer, which leaves an empty one as it is. */
static gss_buffer_desc copy_buffer(struct byte_range range)
{
    struct byte_range copy;

    if (range.length == 0)
        return (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    copy = octets_copy(range);

    return (gss_buffer_desc){range.length, (void *)(uintptr_t)copy.data};
}

/* The logon's next token, as far as it goes. */
static void add_nego_token(struct ts_request *request)
{
    struct crafted_peer *peer = &script.peer;
    struct byte_range input = script.received.nego_token;

    if (script.inner_failed || peer->inner_done)
        return;
    script.inner_failed = !crafted_peer_step(peer, input);
    if (peer->token.length != 0)
        request->nego_token = byte_range_of(peer->token.value, peer->token.length);
}

/* gss-ntlmssp seals also what is only to be signed. */
static bool can_only_sign(void)
{
    return script.side.mechanisms != SIDE_HAS_NTLM;
}

/* Right, or wrong in one of many ways; without keys it is no more than octets. */
static gss_buffer_desc make_binding(void)
{
    static const struct byte_range other_key = {(const unsigned char *)"another key", 11};
    struct crafted_peer *peer = &script.peer;
    gss_buffer_desc sealed;

    if (!peer->inner_done)
        return copy_buffer(other_key);
    peer->version_bound = 0;
    peer->reflect = peer->sign_only = false;
    peer->key = BYTE_RANGE_ABSENT;
    switch (choose(&script.chance, 7)) {
    case 1:
        peer->reflect = true;
        break;
    case 2:
        peer->version_bound = 4;
        break;
    case 3:
        peer->version_bound = 6;
        break;
    case 4:
        peer->key = other_key;
        break;
    case 5:
        peer->sign_only = can_only_sign();
        break;
    case 6:
        return copy_buffer(other_key);
    default:
        break;
    }
    sealed = crafted_peer_binding(peer);
    if (!peer->reflect && !peer->sign_only && !byte_range_is_present(peer->key)) {
        uint32_t version = peer->version_bound != 0 ? peer->version_bound
                           : peer->version != 0     ? peer->version
                                                    : CREDSSP_HIGHEST_VERSION;

        script.proved[version >= CREDSSP_HASHED_BINDING] = true;
    }
    return sealed;
}

static gss_buffer_desc make_auth_info(void)
{
    struct byte_range plain =
        octets_copy(credentials[choose(&script.chance, sizeof credentials / sizeof *credentials)]);
    unsigned char *octets = (unsigned char *)(uintptr_t)plain.data;
    gss_buffer_desc sealed;

    change_element(&script.chance, true, &octets, &plain.length);
    change_octets(&script.chance, &octets, &plain.length);
    plain.data = octets;
    if (script.peer.inner_done && plain.length != 0) { /* gss-ntlmssp seals nothing empty */
        script.peer.sign_only = choose(&script.chance, 8) == 1 && can_only_sign();
        script.credentials_sealed = script.credentials_sealed || !script.peer.sign_only;
        sealed = crafted_peer_seal(&script.peer, plain);
    } else {
        sealed = copy_buffer(plain);
    }
    free_range(plain);
    return sealed;
}

static void send_request(bool nego_token, bool binding, bool auth_info)
{
    struct ts_request request = {.client_nonce = BYTE_RANGE_ABSENT};
    gss_buffer_desc sealed[2] = {GSS_C_EMPTY_BUFFER, GSS_C_EMPTY_BUFFER};
    OM_uint32 minor;

    if (script.peer.initiator)
        request.client_nonce = byte_range_of(script.peer.nonce, sizeof script.peer.nonce);
    if (nego_token)
        add_nego_token(&request);
    /* A client binds as soon as it can; a server when it is asked to. */
    if (nego_token && !binding && script.peer.initiator && script.peer.inner_done &&
        choose(&script.chance, 8) != 1)
        binding = script.bound = true;
    if (binding) {
        sealed[0] = make_binding();
        request.pub_key_auth = byte_range_of(sealed[0].value, sealed[0].length);
    }
    if (auth_info) {
        sealed[1] = make_auth_info();
        request.auth_info = byte_range_of(sealed[1].value, sealed[1].length);
    }
    script.peer.record_octets = choose_size(&script.chance);
    crafted_peer_send(&script.peer, &request);
    (void)gss_release_buffer(&minor, &sealed[0]);
    (void)gss_release_buffer(&minor, &sealed[1]);
}

/* What the protocol wants of this peer now; nothing is left to do when the credentials have gone. */
static void send_proper(void)
{
    const struct ts_request *received = &script.received;

    if (script.peer.initiator && !script.bound) {
        send_request(!script.peer.inner_done, script.peer.inner_done, false);
        script.bound = script.peer.inner_done;
    } else if (script.peer.initiator) {
        send_request(false, false, true);
        script.over = true;
    } else if (byte_range_is_present(received->auth_info)) {
        script.over = true;
    } else {
        send_request(byte_range_is_present(received->nego_token),
                     byte_range_is_present(received->pub_key_auth), false);
    }
}

static void send_octets(bool sealed)
{
    struct byte_range octets = choose_octets(&script.chance);

    if (sealed)
        crafted_peer_write(&script.peer, octets.data, octets.length);
    else
        must(byte_buffer_append(&script.peer.to_plugin, octets.data, octets.length),
             "there is memory");
    free_range(octets);
}

/* A client begins a second handshake, and is silent then; a server asks for one. */
static void shake_hands_again(void)
{
    if (script.peer.initiator) {
        (void)gnutls_handshake(script.peer.tls);
        script.silent = true;
    } else if (gnutls_rehandshake(script.peer.tls) < 0) {
        script.silent = true;
    }
}

void credssp_turn_act(enum credssp_action action)
{
    struct crafted_peer *peer = &script.peer;

    if (script.silent && action != ACTION_RECORD)
        return;
    switch (action) {
    case ACTION_NEGO_TOKEN:
    case ACTION_BINDING:
    case ACTION_CREDENTIALS:
        send_request(action == ACTION_NEGO_TOKEN, action == ACTION_BINDING,
                     action == ACTION_CREDENTIALS);
        break;
    case ACTION_ALL:
    case ACTION_NOTHING:
        send_request(action == ACTION_ALL, action == ACTION_ALL, action == ACTION_ALL);
        break;
    case ACTION_AGAIN:
        crafted_peer_write(peer, script.last.data, script.last.length);
        break;
    case ACTION_OCTETS:
    case ACTION_RECORD:
        send_octets(action == ACTION_OCTETS);
        break;
    case ACTION_KEY_UPDATE:
        (void)gnutls_session_key_update(peer->tls,
                                        choose(&script.chance, 2) == 1 ? GNUTLS_KU_PEER : 0);
        break;
    case ACTION_ALERT:
        (void)gnutls_alert_send(
            peer->tls, choose(&script.chance, 2) == 1 ? GNUTLS_AL_WARNING : GNUTLS_AL_FATAL,
            (gnutls_alert_description_t)choose(&script.chance, 256));
        script.silent = true;
        break;
    case ACTION_CLOSE:
        (void)gnutls_bye(peer->tls, GNUTLS_SHUT_WR);
        script.silent = true;
        break;
    case ACTION_HANDSHAKE:
        shake_hands_again();
        break;
    case ACTION_PROPER:
    case ACTIONS:
    default:
        send_proper();
    }
}
