#include "tests/fuzz/credssp_script.h"

#include <gnutls/gnutls.h>

#include "tests/fuzz/credssp_turn.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* More turns than a logon has, with room for what does not belong to it. */
#define MOST_ACTIONS    20
#define MOST_HANDSHAKES 6

struct credssp_script script = {.last.limit = 1 << 20, .delivered.limit = 1 << 22};
static bool succeeded;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    credssp_side_prepare();
    credssp_turn_prepare();
    return 0;
}

/* --- what the side answers --- */

static bool proved(void)
{
    return script.proved[credssp_side_binds_by_hash(&script.side)];
}

static OM_uint32 call(struct crafted_peer *peer, gss_buffer_t input, gss_buffer_t output)
{
    (void)peer;
    must(byte_buffer_append(&script.delivered, input->value, input->length), "there is memory");
    (void)credssp_side_step(&script.side, input, output);
    return script.side.major;
}

/* An answer in pubKeyAuth, or credentials, without a proof would be given to everybody. */
static void look_at(const struct ts_request *request)
{
    must(request->version == CREDSSP_HIGHEST_VERSION, "the side's version is always the same");
    if (script.side.initiator) {
        must(!byte_range_is_present(request->auth_info) || proved(),
             "credentials go to servers that have proved themselves");
        must(!request->has_error_code, "clients report no errors");
        must(request->client_nonce.length == sizeof script.peer.nonce, "clients send a nonce");
        memcpy(script.peer.nonce, request->client_nonce.data, sizeof script.peer.nonce);
    } else {
        must(!byte_range_is_present(request->pub_key_auth) || proved(),
             "clients have to prove the binding first");
        must(!byte_range_is_present(request->auth_info), "servers send no credentials");
    }
    script.received = *request;
}

/* Delivers what waits, changed on the way or not, and reads the answers. */
static void deliver(void)
{
    struct crafted_peer *peer = &script.peer;
    struct ts_request request;
    ssize_t got;

    change_buffer(&script.chance, &peer->to_plugin);
    peer->token_octets = choose_size(&script.chance);
    (void)crafted_peer_flush(peer);
    if (peer->from_plugin.length == 0)
        return;
    script.received = (struct ts_request){.version = 0};
    while ((got = gnutls_record_recv(peer->tls, peer->received, sizeof peer->received)) > 0) {
        must(ts_request_decode(byte_range_of(peer->received, (size_t)got), &request) == DER_OK,
             "the side sends one TSRequest as one record");
        look_at(&request);
    }
    if (got != GNUTLS_E_AGAIN)
        script.silent = true;
}

static void on_request(struct crafted_peer *peer, struct ts_request *request)
{
    change_request(&script.chance, &peer->version, request);
}

static void on_octets(struct crafted_peer *peer, unsigned char **octets, size_t *length)
{
    (void)peer;
    change_element(&script.chance, false, octets, length);
    change_octets(&script.chance, octets, length);
    script.last.length = 0;
    must(byte_buffer_append(&script.last, *octets, *length), "there is memory");
}

/* --- a run --- */

/* As far as it goes; somebody may be in between here, too. */
static bool shake_hands(void)
{
    for (int round = 0; round < MOST_HANDSHAKES; round++) {
        int status = gnutls_handshake(script.peer.tls);

        if (status != GNUTLS_E_SUCCESS && status != GNUTLS_E_AGAIN && gnutls_error_is_fatal(status))
            script.silent = true;
        if (status == GNUTLS_E_SUCCESS && script.peer.initiator)
            return true; /* its last flight goes with the first TSRequest */
        change_buffer(&script.chance, &script.peer.to_plugin);
        script.peer.token_octets = choose_size(&script.chance);
        if (!crafted_peer_flush(&script.peer) || script.silent)
            return false;
        if (status == GNUTLS_E_SUCCESS)
            return true;
    }
    return false;
}

static void play(enum script_start start)
{
    struct crafted_peer *peer = &script.peer;
    bool ntlm = start == SCRIPT_TLS_1_3_NTLM || start == SCRIPT_TLS_1_3_RAW_NTLM;

    peer->priority = start == SCRIPT_TLS_1_2 ? TLS_1_2 : TLS_1_3;
    if (start == SCRIPT_TLS_1_3_RAW_NTLM && peer->initiator)
        peer->mechanism = &ntlm_oid;
    else if (ntlm && peer->initiator)
        peer->credential = ntlm_credential;
    script.side.mechanisms = ntlm ? SIDE_HAS_NTLM : SIDE_HAS_ALL;
    peer->call = call;
    peer->on_request = on_request;
    peer->on_octets = on_octets;
    crafted_peer_begin(peer);
    if (!shake_hands())
        return;
    if (!peer->initiator)
        deliver(); /* reads the client's first TSRequest */
    for (int i = 0; i < MOST_ACTIONS && !script.over && !GSS_ERROR(script.side.major) &&
                    script.side.major == GSS_S_CONTINUE_NEEDED;
         i++) {
        credssp_turn_act((enum credssp_action)choose(&script.chance, ACTIONS));
        deliver();
    }
}

static void feed(struct byte_range octets, size_t piece)
{
    gss_buffer_desc output;
    OM_uint32 minor;

    if (script.side.initiator) {
        gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;

        (void)credssp_side_step(&script.side, &nothing, &output);
        (void)gss_release_buffer(&minor, &output);
    }
    while (octets.length != 0 &&
           (script.side.context == NULL || script.side.major == GSS_S_CONTINUE_NEEDED)) {
        size_t length = piece != 0 && piece < octets.length ? piece : octets.length;
        gss_buffer_desc input = {length, (void *)(uintptr_t)octets.data};

        (void)credssp_side_step(&script.side, &input, &output);
        (void)gss_release_buffer(&minor, &output);
        octets.data += length;
        octets.length -= length;
    }
}

static void begin(bool initiator, struct byte_range input)
{
    struct byte_buffer last = script.last;
    struct byte_buffer delivered = script.delivered;

    last.length = delivered.length = 0;
    script = (struct credssp_script){.peer = {.initiator = !initiator},
                                     .side = {.initiator = initiator},
                                     .chance = chance_of_octets(input),
                                     .last = last,
                                     .delivered = delivered};
}

void credssp_script_run(bool initiator, struct byte_range input)
{
    enum script_start start;

    if (input.length == 0)
        return;
    start = (enum script_start)(input.data[0] % SCRIPT_STARTS);
    input.data++;
    input.length--;
    begin(initiator, input);
    if (start >= SCRIPT_OCTETS)
        feed(input, start == SCRIPT_OCTETS_IN_PIECES);
    else
        play(start);
    succeeded = script.side.context != NULL && script.side.major == GSS_S_COMPLETE;
    if (succeeded) {
        must(proved(), "nobody is connected without the peer's proof");
        must(initiator || script.credentials_sealed, "the client has sent credentials");
    }
    credssp_side_end(&script.side);
    crafted_peer_reset(&script.peer);
}

struct byte_range credssp_script_octets(void)
{
    return byte_buffer_range(&script.delivered);
}

bool credssp_script_succeeded(void)
{
    return succeeded;
}
