#include "tests/mech/crafted_peer.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

/* Hashed with their NUL (MS-CSSP 3.1.5). */
static const char to_server_magic[] = "CredSSP Client-To-Server Binding Hash";
static const char to_client_magic[] = "CredSSP Server-To-Client Binding Hash";

/* TSCredentials with three empty texts: nothing is delegated. */
static const unsigned char empty_credentials[] = {
    0x30, 0x17, 0xa0, 0x03, 0x02, 0x01, 0x01, 0xa1, 0x10, 0x04, 0x0e, 0x30, 0x0c,
    0xa0, 0x02, 0x04, 0x00, 0xa1, 0x02, 0x04, 0x00, 0xa2, 0x02, 0x04, 0x00};

#define QUEUE_LIMIT  ((size_t)64 << 20)
#define MAX_ROUNDS   8
#define HASH_OCTETS  32
#define FIRST_HASHED 5
#define OWN_VERSION  6

static gnutls_certificate_credentials_t client_credentials;
static gnutls_certificate_credentials_t server_credentials;

/* --- TLS --- */

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct crafted_peer *peer = pointer;
    size_t length = peer->from_plugin.length < size ? peer->from_plugin.length : size;

    if (length == 0) {
        gnutls_transport_set_errno(peer->tls, EAGAIN);
        return -1;
    }
    memcpy(data, peer->from_plugin.data, length);
    byte_buffer_consume(&peer->from_plugin, length);
    return (ssize_t)length;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    const struct crafted_peer *peer = pointer;

    (void)milliseconds;
    return peer->from_plugin.length != 0;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct crafted_peer *peer = pointer;

    ck_assert(byte_buffer_append(&peer->to_plugin, data, size));
    return (ssize_t)size;
}

static gnutls_x509_privkey_t new_key(void)
{
    gnutls_x509_privkey_t key;

    ck_assert_int_ge(gnutls_x509_privkey_init(&key), 0);
    ck_assert_int_ge(gnutls_x509_privkey_generate(
                         key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    return key;
}

static void make_server_credentials(void)
{
    gnutls_x509_privkey_t key = new_key();
    gnutls_x509_crt_t crt;

    ck_assert_int_ge(gnutls_x509_crt_init(&crt), 0);
    ck_assert_int_ge(gnutls_x509_crt_set_version(crt, 3), 0);
    ck_assert_int_ge(gnutls_x509_crt_set_serial(crt, "\x01", 1), 0);
    ck_assert_int_ge(gnutls_x509_crt_set_activation_time(crt, time(NULL) - 60), 0);
    ck_assert_int_ge(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 3600), 0);
    ck_assert_int_ge(gnutls_x509_crt_set_key(crt, key), 0);
    ck_assert_int_ge(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
    ck_assert_int_ge(gnutls_certificate_set_x509_key(server_credentials, &crt, 1, key), 0);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

static gnutls_certificate_credentials_t credentials_of(const struct crafted_peer *peer)
{
    if (client_credentials == NULL) {
        ck_assert_int_ge(gnutls_certificate_allocate_credentials(&client_credentials), 0);
        ck_assert_int_ge(gnutls_certificate_allocate_credentials(&server_credentials), 0);
        make_server_credentials();
    }
    if (peer->initiator)
        return client_credentials;
    return peer->certificate != NULL ? peer->certificate : server_credentials;
}

static struct byte_range copy_of(struct byte_range range)
{
    unsigned char *copy = malloc(range.length + 1);

    ck_assert(copy != NULL);
    memcpy(copy, range.data, range.length);
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the caller frees it. */
    return byte_range_of(copy, range.length);
}

/* The content of subjectPublicKey, malloc()ed. */
static struct byte_range key_content(gnutls_pubkey_t public_key)
{
    gnutls_datum_t info = {NULL, 0};
    struct der_reader message, fields;
    struct byte_range bits;
    enum der_error error;

    ck_assert_int_ge(gnutls_pubkey_export2(public_key, GNUTLS_X509_FMT_DER, &info), 0);
    message = der_reader_of(byte_range_of(info.data, info.size), &error);
    fields = der_enter(&message, DER_SEQUENCE);
    (void)der_read(&fields, DER_SEQUENCE);
    bits = der_read(&fields, DER_BIT_STRING);
    ck_assert_int_eq(error, DER_OK);
    bits = copy_of(byte_range_of(bits.data + 1, bits.length - 1));
    gnutls_free(info.data);
    return bits;
}

struct byte_range crafted_other_key(void)
{
    gnutls_x509_privkey_t key = new_key();
    gnutls_privkey_t abstract;
    gnutls_pubkey_t public_key;
    struct byte_range content;

    ck_assert_int_ge(gnutls_privkey_init(&abstract), 0);
    ck_assert_int_ge(gnutls_privkey_import_x509(abstract, key, 0), 0);
    ck_assert_int_ge(gnutls_pubkey_init(&public_key), 0);
    ck_assert_int_ge(gnutls_pubkey_import_privkey(public_key, abstract, 0, 0), 0);
    content = key_content(public_key);
    gnutls_pubkey_deinit(public_key);
    gnutls_privkey_deinit(abstract);
    gnutls_x509_privkey_deinit(key);
    return content;
}

static struct byte_range session_key_content(struct crafted_peer *peer)
{
    const gnutls_datum_t *der = peer->initiator ? gnutls_certificate_get_peers(peer->tls, NULL)
                                                : gnutls_certificate_get_ours(peer->tls);
    gnutls_pubkey_t public_key;
    struct byte_range content;
    gnutls_x509_crt_t crt;

    if (byte_range_is_present(peer->key))
        return copy_of(peer->key);
    ck_assert(der != NULL);
    ck_assert_int_ge(gnutls_x509_crt_init(&crt), 0);
    ck_assert_int_ge(gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER), 0);
    ck_assert_int_ge(gnutls_pubkey_init(&public_key), 0);
    ck_assert_int_ge(gnutls_pubkey_import_x509(public_key, crt, 0), 0);
    content = key_content(public_key);
    gnutls_pubkey_deinit(public_key);
    gnutls_x509_crt_deinit(crt);
    return content;
}

/* --- the plugin --- */

static gss_name_t target_name(void)
{
    gss_buffer_desc text = {17, (void *)(uintptr_t) "TERMSRV@localhost"};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name),
                      GSS_S_COMPLETE);
    return name;
}

static void call_initiator(struct crafted_peer *peer, gss_buffer_t input, gss_buffer_t output)
{
    gss_name_t target = target_name();
    gss_buffer_desc bare = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    peer->major = gss_init_sec_context(&peer->minor, peer->plugin_credential, &peer->plugin, target,
                                       (gss_OID)(uintptr_t)GSS_SSPI_MECH_CREDSSP,
                                       peer->plugin_flags, 0, GSS_C_NO_CHANNEL_BINDINGS, input,
                                       NULL, output, &peer->plugin_flags_granted, NULL);
    (void)gss_release_name(&minor, &target);
    if (peer->calls != 0 || GSS_ERROR(peer->major))
        return;
    ck_assert_uint_eq(gss_decapsulate_token(output, GSS_SSPI_MECH_CREDSSP, &bare), GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, output);
    *output = bare;
}

static void call_acceptor(struct crafted_peer *peer, gss_buffer_t input, gss_buffer_t output)
{
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;

    if (peer->calls == 0) {
        ck_assert_uint_eq(gss_encapsulate_token(input, GSS_SSPI_MECH_CREDSSP, &framed),
                          GSS_S_COMPLETE);
        input = &framed;
    }
    peer->major = gss_accept_sec_context(&peer->minor, &peer->plugin, peer->plugin_credential,
                                         input, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, output,
                                         &peer->plugin_flags_granted, NULL, &delegated);
    if (delegated != GSS_C_NO_CREDENTIAL)
        peer->delegated = delegated;
    (void)gss_release_buffer(&minor, &framed);
}

static void call_plugin(struct crafted_peer *peer, const void *octets, size_t length)
{
    gss_buffer_desc input = {length, (void *)(uintptr_t)octets};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (peer->call != NULL)
        peer->major = peer->call(peer, &input, &output);
    else if (peer->initiator)
        call_acceptor(peer, &input, &output);
    else
        call_initiator(peer, &input, &output);
    peer->calls++;
    if (GSS_ERROR(peer->major) && peer->call == NULL)
        peer->failure = plugin_failure();
    ck_assert(byte_buffer_append(&peer->from_plugin, output.value, output.length));
    (void)gss_release_buffer(&minor, &output);
}

bool crafted_peer_flush(struct crafted_peer *peer)
{
    size_t piece = peer->token_octets != 0 ? peer->token_octets : SIZE_MAX;
    size_t sent = 0;

    while (sent < peer->to_plugin.length && peer->major == GSS_S_CONTINUE_NEEDED) {
        size_t rest = peer->to_plugin.length - sent;
        size_t length = rest < piece ? rest : piece;

        call_plugin(peer, peer->to_plugin.data + sent, length);
        sent += length;
    }
    peer->to_plugin.length = 0;
    return !GSS_ERROR(peer->major);
}

/* --- the peer --- */

void crafted_peer_begin(struct crafted_peer *peer)
{
    const unsigned int role = peer->initiator ? GNUTLS_CLIENT : GNUTLS_SERVER;
    const char *priority = peer->priority != NULL ? peer->priority : "NORMAL";

    peer->to_plugin.limit = peer->from_plugin.limit = QUEUE_LIMIT;
    peer->major = GSS_S_CONTINUE_NEEDED;
    ck_assert_int_ge(gnutls_rnd(GNUTLS_RND_NONCE, peer->nonce, sizeof peer->nonce), 0);
    ck_assert_int_ge(
        gnutls_init(&peer->tls, role | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | peer->tls_flags), 0);
    ck_assert_int_ge(gnutls_priority_set_direct(peer->tls, priority, NULL), 0);
    ck_assert_int_ge(
        gnutls_credentials_set(peer->tls, GNUTLS_CRD_CERTIFICATE, credentials_of(peer)), 0);
    if (peer->tls_ticket_key.data != NULL)
        ck_assert_int_ge(gnutls_session_ticket_enable_server(peer->tls, &peer->tls_ticket_key), 0);
    if (peer->tls_session.data != NULL)
        ck_assert_int_ge(
            gnutls_session_set_data(peer->tls, peer->tls_session.data, peer->tls_session.size), 0);
    if (peer->record_limit != 0)
        ck_assert_int_ge(gnutls_record_set_max_recv_size(peer->tls, peer->record_limit), 0);
    gnutls_handshake_set_timeout(peer->tls, GNUTLS_INDEFINITE_TIMEOUT);
    gnutls_transport_set_ptr(peer->tls, peer);
    gnutls_transport_set_pull_function(peer->tls, pull);
    gnutls_transport_set_pull_timeout_function(peer->tls, pull_timeout);
    gnutls_transport_set_push_function(peer->tls, push);
    if (!peer->initiator)
        call_plugin(peer, NULL, 0);
}

bool crafted_peer_handshake(struct crafted_peer *peer)
{
    for (int round = 0; round < MAX_ROUNDS; round++) {
        int status = gnutls_handshake(peer->tls);

        /* The client's last flight waits for the TSRequest: both may go in one token. */
        if (status == GNUTLS_E_SUCCESS)
            return peer->initiator || crafted_peer_flush(peer);
        if (status != GNUTLS_E_AGAIN && gnutls_error_is_fatal(status))
            return false;
        if (!crafted_peer_flush(peer) && peer->from_plugin.length == 0)
            return false;
    }
    return false;
}

void crafted_peer_write(struct crafted_peer *peer, const void *octets, size_t length)
{
    const unsigned char *next = octets;
    size_t most = peer->record_octets != 0 ? peer->record_octets : 16384;

    while (length != 0) {
        size_t part = length < most ? length : most;

        ck_assert_int_eq(gnutls_record_send(peer->tls, next, part), (ssize_t)part);
        next += part;
        length -= part;
    }
}

void crafted_peer_send(struct crafted_peer *peer, const struct ts_request *request)
{
    struct ts_request changed = *request;
    unsigned char *octets = NULL;
    size_t length = 0;

    changed.version = peer->version != 0 ? peer->version : OWN_VERSION;
    if (peer->on_request != NULL)
        peer->on_request(peer, &changed);
    ck_assert_int_eq(ts_request_encode(&changed, &octets, &length), DER_OK);
    if (peer->on_octets != NULL)
        peer->on_octets(peer, &octets, &length);
    crafted_peer_write(peer, octets, length);
    free(octets);
    peer->sent++;
}

bool crafted_peer_receive(struct crafted_peer *peer, struct ts_request *request)
{
    size_t length = 0;
    ssize_t got;

    (void)crafted_peer_flush(peer);
    do { /* small records hold part of a TSRequest */
        got =
            gnutls_record_recv(peer->tls, peer->received + length, sizeof peer->received - length);
        if (got > 0)
            length += (size_t)got;
    } while ((got > 0 || got == GNUTLS_E_AGAIN) && peer->from_plugin.length != 0);
    if (length == 0)
        return false;
    ck_assert_int_eq(ts_request_decode(byte_range_of(peer->received, length), request), DER_OK);
    peer->last = *request;
    if (!request->has_error_code)
        return true;
    peer->has_error_code = true;
    peer->error_code = request->error_code;
    return false;
}

bool crafted_peer_step(struct crafted_peer *peer, struct byte_range input)
{
    const OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG |
                            GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | peer->inner_flags;
    gss_OID mechanism =
        (gss_OID)(uintptr_t)(peer->mechanism != GSS_C_NO_OID ? peer->mechanism : &spnego_oid);
    gss_buffer_desc token = {input.length, (void *)(uintptr_t)input.data};
    gss_name_t target = target_name();
    OM_uint32 minor;
    OM_uint32 major;

    (void)gss_release_buffer(&minor, &peer->token);
    if (peer->initiator)
        major = gss_init_sec_context(&minor, peer->credential, &peer->inner, target, mechanism,
                                     flags, 0, GSS_C_NO_CHANNEL_BINDINGS, &token, NULL,
                                     &peer->token, NULL, NULL);
    else
        major = gss_accept_sec_context(&minor, &peer->inner, peer->credential, &token,
                                       GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &peer->token, NULL,
                                       NULL, NULL);
    peer->inner_done = major == GSS_S_COMPLETE;
    (void)gss_release_name(&minor, &target);
    return !GSS_ERROR(major);
}

gss_buffer_desc crafted_peer_seal(struct crafted_peer *peer, struct byte_range plain)
{
    gss_buffer_desc input = {plain.length, (void *)(uintptr_t)plain.data};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_wrap(&minor, peer->inner, !peer->sign_only, 0, &input, NULL, &output),
                      GSS_S_COMPLETE);
    return output;
}

/* What one direction's pubKeyAuth holds; malloc()ed. */
static struct byte_range binding_plain(struct crafted_peer *peer, bool to_server)
{
    uint32_t version = peer->version != 0 ? peer->version : OWN_VERSION;
    struct byte_range key = session_key_content(peer);
    unsigned char *hash;
    gnutls_hash_hd_t state;

    if (peer->version_bound != 0)
        version = peer->version_bound;
    if (version < FIRST_HASHED) {
        if (!to_server)
            ((unsigned char *)(uintptr_t)key.data)[0]++;
        return key;
    }
    hash = malloc(HASH_OCTETS);
    ck_assert(hash != NULL);
    ck_assert_int_ge(gnutls_hash_init(&state, GNUTLS_DIG_SHA256), 0);
    (void)gnutls_hash(state, to_server ? to_server_magic : to_client_magic, sizeof to_server_magic);
    (void)gnutls_hash(state, peer->nonce, sizeof peer->nonce);
    (void)gnutls_hash(state, key.data, key.length);
    gnutls_hash_deinit(state, hash);
    free((void *)(uintptr_t)key.data);
    return byte_range_of(hash, HASH_OCTETS);
}

gss_buffer_desc crafted_peer_binding(struct crafted_peer *peer)
{
    struct byte_range plain = binding_plain(peer, peer->initiator != peer->reflect);
    gss_buffer_desc sealed = crafted_peer_seal(peer, plain);

    free((void *)(uintptr_t)plain.data);
    return sealed;
}

static gss_buffer_desc open_sealed(struct crafted_peer *peer, struct byte_range sealed)
{
    gss_buffer_desc input = {sealed.length, (void *)(uintptr_t)sealed.data};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    (void)gss_unwrap(&minor, peer->inner, &input, &output, NULL, NULL);
    return output;
}

static void check_binding(struct crafted_peer *peer, struct byte_range pub_key_auth)
{
    struct byte_range expected = binding_plain(peer, !peer->initiator);
    gss_buffer_desc received = open_sealed(peer, pub_key_auth);
    OM_uint32 minor;

    peer->binding_seen = true;
    peer->binding_agreed =
        byte_range_equal(expected, byte_range_of(received.value, received.length));
    free((void *)(uintptr_t)expected.data);
    (void)gss_release_buffer(&minor, &received);
}

static struct byte_range token_range(const struct crafted_peer *peer)
{
    return peer->token.length != 0 ? byte_range_of(peer->token.value, peer->token.length)
                                   : BYTE_RANGE_ABSENT;
}

bool crafted_peer_logon(struct crafted_peer *peer)
{
    struct ts_request reply = {.version = 0};

    for (int round = 0; round < MAX_ROUNDS; round++) {
        struct ts_request request = {.client_nonce =
                                         byte_range_of(peer->nonce, sizeof peer->nonce)};

        if (!crafted_peer_step(peer, reply.nego_token))
            return false;
        if (peer->inner_done)
            return true;
        request.nego_token = token_range(peer);
        crafted_peer_send(peer, &request);
        if (!crafted_peer_receive(peer, &reply))
            return false;
    }
    return false;
}

static bool run_client(struct crafted_peer *peer)
{
    struct ts_request request = {.client_nonce = byte_range_of(peer->nonce, sizeof peer->nonce)};
    struct ts_request credentials = request;
    struct ts_request reply = {.version = 0};
    gss_buffer_desc sealed;
    OM_uint32 minor;

    if (!crafted_peer_logon(peer))
        return false;
    sealed = crafted_peer_binding(peer);
    request.nego_token = token_range(peer);
    request.pub_key_auth = byte_range_of(sealed.value, sealed.length);
    crafted_peer_send(peer, &request);
    (void)gss_release_buffer(&minor, &sealed);
    if (!crafted_peer_receive(peer, &reply) || !byte_range_is_present(reply.pub_key_auth))
        return false;
    check_binding(peer, reply.pub_key_auth);
    sealed =
        crafted_peer_seal(peer, byte_range_is_present(peer->credentials)
                                    ? peer->credentials
                                    : byte_range_of(empty_credentials, sizeof empty_credentials));
    credentials.auth_info = byte_range_of(sealed.value, sealed.length);
    crafted_peer_send(peer, &credentials);
    (void)gss_release_buffer(&minor, &sealed);
    return crafted_peer_flush(peer) && peer->major == GSS_S_COMPLETE && peer->binding_agreed;
}

static bool run_server(struct crafted_peer *peer)
{
    struct ts_request request;

    while (crafted_peer_receive(peer, &request)) {
        struct ts_request reply = {.version = 0};
        gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
        OM_uint32 minor;

        if (request.client_nonce.length == sizeof peer->nonce)
            memcpy(peer->nonce, request.client_nonce.data, sizeof peer->nonce);
        if (byte_range_is_present(request.auth_info)) {
            peer->auth_info = open_sealed(peer, request.auth_info);
            return peer->major == GSS_S_COMPLETE && peer->binding_agreed;
        }
        (void)gss_release_buffer(&minor, &peer->token);
        if (byte_range_is_present(request.nego_token) &&
            !crafted_peer_step(peer, request.nego_token))
            return false;
        reply.nego_token = token_range(peer);
        if (byte_range_is_present(request.pub_key_auth)) {
            check_binding(peer, request.pub_key_auth);
            sealed = crafted_peer_binding(peer);
            reply.pub_key_auth = byte_range_of(sealed.value, sealed.length);
        }
        crafted_peer_send(peer, &reply);
        (void)gss_release_buffer(&minor, &sealed);
    }
    return false;
}

bool crafted_peer_run(struct crafted_peer *peer)
{
    crafted_peer_begin(peer);
    if (!crafted_peer_handshake(peer))
        return false;
    return peer->initiator ? run_client(peer) : run_server(peer);
}

void crafted_peer_reset(struct crafted_peer *peer)
{
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &peer->plugin, GSS_C_NO_BUFFER);
    (void)gss_delete_sec_context(&minor, &peer->inner, GSS_C_NO_BUFFER);
    (void)gss_release_cred(&minor, &peer->delegated);
    (void)gss_release_buffer(&minor, &peer->token);
    (void)gss_release_buffer(&minor, &peer->auth_info);
    byte_buffer_release(&peer->to_plugin);
    byte_buffer_release(&peer->from_plugin);
    if (peer->tls != NULL)
        gnutls_deinit(peer->tls);
    peer->tls = NULL;
    peer->sent = peer->calls = 0;
    peer->inner_done = peer->binding_seen = peer->binding_agreed = peer->has_error_code = false;
}
