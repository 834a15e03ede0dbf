/*
 * Attacks on the CredSSP exchange itself, made by a peer whose every field the test controls: key
 * binding, versions, nonce, order of messages, errorCode, delegated credentials. Whatever comes:
 * the failure that names it, nothing delegated, and no half of a logon that counts.
 */
#include <check.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/ts_credentials.h"
#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_peer.h"

#define VERSIONS_FROM    2
#define VERSIONS_TO      7
#define HIGHEST_VERSION  6
#define SEALED_MINIMUM   16
#define ANY_CODE         0
#define NT_LOGON_FAILURE 0xC000006Du
#define NT_NOT_SUPPORTED 0xC00000BBu
#define PASSWORD_TYPE    1
#define ABANDONED        500
#define ABANDONED_GROWTH ((size_t)64 * 1024)

static struct crafted_peer peer;

static void set_up(void)
{
    peer = (struct crafted_peer){.initiator = false};
    with_options("self_signed_key = ecdsa"); /* RSA keys take long to make */
}

static void tear_down(void)
{
    OM_uint32 minor;

    crafted_peer_reset(&peer);
    (void)gss_release_cred(&minor, &peer.credential);
    (void)gss_release_cred(&minor, &peer.plugin_credential);
}

/* The peer attacks a server. */
static void be_client(void)
{
    peer.initiator = true;
}

/* The peer attacks a client that would give it the password. */
static void be_server(void)
{
    peer.initiator = false;
    peer.plugin_flags = GSS_C_DELEG_FLAG;
    if (peer.plugin_credential == GSS_C_NO_CREDENTIAL)
        peer.plugin_credential = password_credential(GSS_SSPI_MECH_CREDSSP, "EXAMPLE\\alice",
                                                     realm_variable("REALM_PASSWORD"));
}

static void be(bool initiator)
{
    if (initiator)
        be_client();
    else
        be_server();
}

static void assert_good(void)
{
    bool done = crafted_peer_run(&peer);

    ck_assert_msg(done, "plugin: %s; pubKeyAuth %s, errorCode 0x%x",
                  status_text(peer.major, peer.minor),
                  !peer.binding_seen    ? "absent"
                  : peer.binding_agreed ? "right"
                                        : "wrong",
                  peer.error_code);
}

/* The plugin has refused, for this reason, and let go of nothing. */
static void assert_failed(long code)
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

static void assert_refused(long code)
{
    ck_assert_msg(!crafted_peer_run(&peer), "the attack was accepted");
    assert_failed(code);
}

static void assert_delegated(const char *const *expected)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(
                          &minor, peer.plugin, (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDENTIALS, &data),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(data->count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(data->elements[i].length, strlen(expected[i]));
        ck_assert_mem_eq(data->elements[i].value, expected[i], strlen(expected[i]));
    }
    (void)gss_release_buffer_set(&minor, &data);
}

static uint32_t version_in_use(void)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    uint32_t version;
    OM_uint32 minor;

    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, peer.plugin,
                                       (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDSSP_VERSION, &data),
        GSS_S_COMPLETE);
    memcpy(&version, data->elements[0].value, sizeof version);
    (void)gss_release_buffer_set(&minor, &data);
    return version;
}

/* --- the peer can log on, so that a refusal means something --- */

static const gss_OID_desc *const inner_mechanisms[] = {&spnego_oid, &krb5_oid, &ntlm_oid};

START_TEST(good_logon_as_client)
{
    peer.mechanism = inner_mechanisms[_i];
    be_client();
    assert_good();
    ck_assert_uint_eq(version_in_use(), HIGHEST_VERSION);
    ck_assert(peer.delegated == GSS_C_NO_CREDENTIAL);
}
END_TEST

START_TEST(good_logon_as_client_to_an_rsa_key)
{
    with_options("self_signed_key = rsa");
    be_client();
    assert_good();
}
END_TEST

START_TEST(good_logon_as_server)
{
    struct ts_credentials credentials;

    if (_i == 1)
        with_options("packages = ntlm");
    be_server();
    assert_good();
    ck_assert_int_eq(ts_credentials_decode(
                         byte_range_of(peer.auth_info.value, peer.auth_info.length), &credentials),
                     DER_OK);
    ck_assert_uint_eq(credentials.password.password.length,
                      2 * strlen(realm_variable("REALM_PASSWORD")));
}
END_TEST

/* --- key binding --- */

static struct crafted_peer other_half;

/* Carries one TSRequest from one TLS session to the other, as it is. False when none came. */
static bool relay(struct crafted_peer *from, struct crafted_peer *to)
{
    struct ts_request request;
    bool came = crafted_peer_receive(from, &request);

    if (came || from->has_error_code)
        crafted_peer_send(to, &request);
    from->has_error_code = false;
    return came;
}

/* CVE-2018-0886: a man in the middle with a certificate of his own, who carries everything over. */
START_TEST(man_in_the_middle_is_refused_by_both_sides)
{
    if (_i == 1)
        with_options("packages = ntlm");
    be_server();
    other_half = (struct crafted_peer){.initiator = true};
    crafted_peer_begin(&peer);
    crafted_peer_begin(&other_half);
    ck_assert(crafted_peer_handshake(&peer));
    ck_assert(crafted_peer_handshake(&other_half));
    while (relay(&peer, &other_half) && relay(&other_half, &peer))
        ;
    (void)crafted_peer_flush(&peer);
    (void)crafted_peer_flush(&other_half);
    ck_assert_uint_eq(other_half.failure.minor, (OM_uint32)GSS_SSPI_E_BINDING);
    ck_assert_uint_eq(other_half.major, GSS_S_BAD_BINDINGS);
    ck_assert(other_half.delegated == GSS_C_NO_CREDENTIAL);
    assert_failed(GSS_SSPI_E_PEER_ERROR);
    crafted_peer_reset(&other_half);
}
END_TEST

/* The server that the client logs on to knows the user's key, and sits behind another certificate.
 */
START_TEST(key_of_another_certificate_is_refused)
{
    peer.key = crafted_other_key();
    peer.version = _i < 2 ? 6 : 4;
    if (_i >= 2)
        with_options("minimum_version = 2");
    be(_i % 2 != 0);
    assert_refused(GSS_SSPI_E_BINDING);
    ck_assert_uint_eq(peer.major, GSS_S_BAD_BINDINGS);
    ck_assert(!peer.initiator || !peer.binding_seen);
    free((void *)(uintptr_t)peer.key.data);
}
END_TEST

/* The hash (or key) that the other side would make: the client's, sealed anew by the server. */
START_TEST(hash_of_the_other_direction_is_refused)
{
    peer.reflect = true;
    peer.version = _i < 2 ? 6 : 4;
    if (_i >= 2)
        with_options("minimum_version = 2");
    be(_i % 2 != 0);
    assert_refused(GSS_SSPI_E_BINDING);
}
END_TEST

static void reflect_octets(struct crafted_peer *server, struct ts_request *request)
{
    if (byte_range_is_present(request->pub_key_auth))
        request->pub_key_auth = server->last.pub_key_auth;
}

START_TEST(sealed_hash_sent_back_is_refused)
{
    if (_i == 1)
        with_options("packages = ntlm");
    peer.on_request = reflect_octets;
    be_server();
    assert_refused(ANY_CODE);
}
END_TEST

/* --- versions --- */

/* 2 to 7, with a minimum of 5 and of 2, each role. */
START_TEST(every_version_against_each_minimum)
{
    int count = VERSIONS_TO - VERSIONS_FROM + 1;
    uint32_t version = (uint32_t)(VERSIONS_FROM + _i % count);
    bool initiator = _i / count % 2 != 0;
    uint32_t minimum = _i / count < 2 ? 5 : 2;

    if (minimum == 2)
        with_options("minimum_version = 2");
    peer.version = version;
    be(initiator);
    if (version < minimum) {
        assert_refused(GSS_SSPI_E_VERSION);
        ck_assert(!initiator || peer.has_error_code == (version >= 3));
        ck_assert(!peer.has_error_code || peer.error_code == NT_NOT_SUPPORTED);
        return;
    }
    assert_good();
    ck_assert_uint_eq(version_in_use(), version < HIGHEST_VERSION ? version : HIGHEST_VERSION);
}
END_TEST

/* The form of pubKeyAuth goes by the version, not by what comes. */
START_TEST(binding_in_the_form_of_another_version_is_refused)
{
    static const uint32_t forms[][2] = {{6, 4}, {5, 2}, {4, 5}, {2, 6}};

    with_options("minimum_version = 2");
    peer.version = forms[_i % 4][0];
    peer.version_bound = forms[_i % 4][1];
    be(_i / 4 != 0);
    assert_refused(GSS_SSPI_E_BINDING);
}
END_TEST

static unsigned message; /* that on_request changes */
static uint32_t version_then;

static void change_version(struct crafted_peer *self, struct ts_request *request)
{
    if (self->sent == message)
        request->version = version_then;
}

START_TEST(version_that_changes_is_refused)
{
    static const uint32_t versions[] = {2, 5, 7};

    with_options("minimum_version = 2");
    message = 1 + (unsigned)_i % 2;
    version_then = versions[_i / 2 % 3];
    peer.on_request = change_version;
    be_client();
    assert_refused(GSS_SSPI_E_VERSION_CHANGED);
}
END_TEST

START_TEST(version_that_changes_is_refused_by_the_client)
{
    with_options("minimum_version = 2");
    message = 1;
    version_then = _i == 0 ? 2 : 7;
    peer.on_request = change_version;
    be_server();
    assert_refused(GSS_SSPI_E_VERSION_CHANGED);
}
END_TEST

START_TEST(versions_that_do_not_exist_are_refused)
{
    message = 0;
    version_then = (uint32_t)_i / 2;
    peer.on_request = change_version;
    with_options("minimum_version = 2");
    be(_i % 2 != 0);
    assert_refused(GSS_SSPI_E_BAD_TOKEN);
}
END_TEST

/* --- nonce --- */

static struct byte_range nonce_then;
static unsigned last_message;

static void change_nonce(struct crafted_peer *self, struct ts_request *request)
{
    if (self->sent >= message && self->sent <= last_message)
        request->client_nonce = nonce_then;
}

static const unsigned char other_nonce[64];

START_TEST(nonce_that_is_missing_is_refused)
{
    peer.version = _i == 0 ? 5 : 6;
    message = 0;
    last_message = 9;
    nonce_then = BYTE_RANGE_ABSENT;
    peer.on_request = change_nonce;
    be_client();
    assert_refused(GSS_SSPI_E_NONCE);
    ck_assert(!peer.binding_seen);
}
END_TEST

/* Stripping the nonce and announcing version 4 is what a man in the middle would do. */
START_TEST(nonce_stripped_with_a_lower_version_is_refused)
{
    peer.version = 4;
    message = 0;
    last_message = 9;
    nonce_then = BYTE_RANGE_ABSENT;
    peer.on_request = change_nonce;
    be_client();
    assert_refused(GSS_SSPI_E_VERSION);
}
END_TEST

START_TEST(nonce_in_some_messages_is_enough)
{
    message = last_message = (unsigned)_i;
    nonce_then = BYTE_RANGE_ABSENT;
    peer.on_request = change_nonce;
    be_client();
    assert_good();
}
END_TEST

START_TEST(nonce_of_another_length_is_refused)
{
    static const size_t lengths[] = {0, 1, 31, 33, 64};

    message = (unsigned)_i / 5;
    last_message = message;
    nonce_then = byte_range_of(other_nonce, lengths[_i % 5]);
    peer.on_request = change_nonce;
    be_client();
    assert_refused(GSS_SSPI_E_NONCE);
}
END_TEST

START_TEST(nonce_that_changes_is_refused)
{
    message = last_message = 1 + (unsigned)_i;
    nonce_then = byte_range_of(other_nonce, CRAFTED_NONCE_OCTETS);
    peer.on_request = change_nonce;
    be_client();
    assert_refused(GSS_SSPI_E_NONCE);
}
END_TEST

/* The nonce is the client's. */
START_TEST(nonce_of_the_server_is_not_used)
{
    message = 0;
    last_message = 9;
    nonce_then = byte_range_of(other_nonce, CRAFTED_NONCE_OCTETS);
    peer.on_request = change_nonce;
    be_server();
    assert_good();
}
END_TEST

/* --- messages in the wrong place --- */

static struct ts_request added; /* fields that add_fields puts into one message */

static void add_fields(struct crafted_peer *self, struct ts_request *request)
{
    if (self->sent != message)
        return;
    if (byte_range_is_present(added.nego_token))
        request->nego_token = added.nego_token;
    if (byte_range_is_present(added.pub_key_auth))
        request->pub_key_auth = added.pub_key_auth;
    if (byte_range_is_present(added.auth_info))
        request->auth_info = added.auth_info;
    if (added.has_error_code) {
        request->has_error_code = true;
        request->error_code = added.error_code;
    }
}

static const unsigned char garbage[64] = "sixteen octets that are no sealed message, and many more";

static void add_to_message(unsigned number, struct ts_request fields)
{
    message = number;
    added = fields;
    peer.on_request = add_fields;
}

START_TEST(auth_info_before_the_binding_is_refused)
{
    add_to_message((unsigned)_i, (struct ts_request){.auth_info = byte_range_of(garbage, 64)});
    be_client();
    assert_refused(GSS_SSPI_E_UNEXPECTED_TOKEN);
    ck_assert(!peer.binding_seen);
}
END_TEST

/* The logon is done, and credentials come without any proof of the key. */
START_TEST(auth_info_in_place_of_the_binding_is_refused)
{
    struct ts_request request = {.client_nonce = byte_range_of(peer.nonce, sizeof peer.nonce)};
    gss_buffer_desc sealed;
    OM_uint32 minor;

    be_client();
    crafted_peer_begin(&peer);
    ck_assert(crafted_peer_handshake(&peer));
    ck_assert(crafted_peer_logon(&peer));
    sealed = crafted_peer_seal(&peer, byte_range_of(garbage, 64));
    request.auth_info = byte_range_of(sealed.value, sealed.length);
    crafted_peer_send(&peer, &request);
    (void)crafted_peer_flush(&peer);
    assert_failed(GSS_SSPI_E_UNEXPECTED_TOKEN);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

START_TEST(auth_info_from_the_server_is_refused)
{
    add_to_message((unsigned)_i, (struct ts_request){.auth_info = byte_range_of(garbage, 64)});
    be_server();
    assert_refused(GSS_SSPI_E_UNEXPECTED_TOKEN);
}
END_TEST

START_TEST(binding_before_the_end_of_the_logon_is_refused)
{
    add_to_message(0, (struct ts_request){.pub_key_auth = byte_range_of(garbage, 48)});
    be_client();
    peer.mechanism = inner_mechanisms[_i];
    assert_refused(ANY_CODE);
    ck_assert(!peer.binding_seen);
}
END_TEST

START_TEST(binding_before_the_client_sent_its_own_is_refused)
{
    with_options("packages = ntlm"); /* a logon that is not done at this point */
    add_to_message(0, (struct ts_request){.pub_key_auth = byte_range_of(garbage, 48)});
    be_server();
    assert_refused(GSS_SSPI_E_UNEXPECTED_TOKEN);
    ck_assert(!peer.binding_seen);
}
END_TEST

static void no_binding(struct crafted_peer *self, struct ts_request *request)
{
    if (byte_range_is_present(request->pub_key_auth)) {
        request->pub_key_auth = BYTE_RANGE_ABSENT;
        request->nego_token = byte_range_of(self->token.value, self->token.length);
    }
}

/* A token once more in place of pubKeyAuth: never a way around the binding. */
START_TEST(binding_left_out_is_refused)
{
    if (_i / 2 == 1)
        with_options("packages = ntlm");
    peer.mechanism = _i / 2 == 1 ? &ntlm_oid : &spnego_oid;
    peer.on_request = no_binding;
    be(_i % 2 != 0);
    if (!peer.initiator)
        peer.mechanism = GSS_C_NO_OID;
    assert_refused(ANY_CODE);
}
END_TEST

static size_t binding_octets;
static bool from_the_end;

static void cut_binding(struct crafted_peer *self, struct ts_request *request)
{
    (void)self;
    if (byte_range_is_present(request->pub_key_auth))
        request->pub_key_auth.length =
            from_the_end ? request->pub_key_auth.length - binding_octets : binding_octets;
}

START_TEST(short_binding_is_refused)
{
    bool ntlm = _i / 4 != 0;

    for (binding_octets = 0; binding_octets <= SEALED_MINIMUM; binding_octets++) {
        set_up();
        if (ntlm)
            with_options("packages = ntlm");
        from_the_end = _i / 2 % 2 != 0;
        if (from_the_end && binding_octets == 0)
            continue;
        peer.mechanism = ntlm && _i % 2 != 0 ? &ntlm_oid : GSS_C_NO_OID;
        peer.on_request = cut_binding;
        be(_i % 2 != 0);
        assert_refused(ANY_CODE);
        tear_down();
    }
}
END_TEST

static void unsealed_binding(struct crafted_peer *self, struct ts_request *request)
{
    (void)self;
    if (byte_range_is_present(request->pub_key_auth))
        request->pub_key_auth = byte_range_of(garbage, 32);
}

START_TEST(unsealed_binding_is_refused)
{
    peer.on_request = unsealed_binding;
    be(_i != 0);
    assert_refused(ANY_CODE);
}
END_TEST

/* Right in every octet, but anybody on the way could have read it: not what MS-CSSP calls Encrypt.
 */
START_TEST(signed_binding_is_refused)
{
    peer.sign_only = true;
    be(_i != 0);
    assert_refused(GSS_SSPI_E_BAD_TOKEN);
}
END_TEST

static const unsigned char *raw_octets;
static size_t raw_length;

static void replace_octets(struct crafted_peer *self, unsigned char **octets, size_t *length)
{
    if (self->sent != message)
        return;
    free(*octets);
    *octets = malloc(raw_length + 1);
    ck_assert(*octets != NULL);
    memcpy(*octets, raw_octets, raw_length);
    *length = raw_length;
}

START_TEST(request_with_nothing_in_it_is_refused)
{
    static const unsigned char nothing[][16] = {
        {5, 0x30, 0x03, 0xa0, 0x01, 0x06},
        {7, 0x30, 0x05, 0xa0, 0x03, 0x02, 0x01, 0x06},
        {2, 0x30, 0x00},
        {11, 0x30, 0x09, 0xa0, 0x03, 0x02, 0x01, 0x06, 0xa5, 0x02, 0x04, 0x00},
    };

    raw_octets = nothing[_i / 2] + 1;
    raw_length = nothing[_i / 2][0];
    message = 0;
    peer.on_octets = replace_octets;
    be(_i % 2 != 0);
    assert_refused(ANY_CODE);
}
END_TEST

START_TEST(two_nego_tokens_are_refused)
{
    static const unsigned char two[] = {0x30, 0x19, 0xa0, 0x03, 0x02, 0x01, 0x06, 0xa1, 0x12,
                                        0x30, 0x10, 0x30, 0x06, 0xa0, 0x04, 0x04, 0x02, 0x01,
                                        0x02, 0x30, 0x06, 0xa0, 0x04, 0x04, 0x02, 0x01, 0x02};

    raw_octets = two;
    raw_length = sizeof two;
    message = 0;
    peer.on_octets = replace_octets;
    be(_i != 0);
    assert_refused(GSS_SSPI_E_BAD_TOKEN);
}
END_TEST

static void double_octets(struct crafted_peer *self, unsigned char **octets, size_t *length)
{
    if (self->sent != message)
        return;
    *octets = realloc(*octets, 2 * *length);
    ck_assert(*octets != NULL);
    memcpy(*octets + *length, *octets, *length);
    *length *= 2;
}

static void double_record(struct crafted_peer *self, unsigned char **octets, size_t *length)
{
    if (self->sent == message)
        crafted_peer_write(self, *octets, *length);
}

/* In the same TLS record and in one of its own; message 2 is the client's last. */
START_TEST(second_request_in_the_same_flight_is_refused)
{
    message = (unsigned)_i / 4;
    peer.on_octets = _i % 2 != 0 ? double_record : double_octets;
    be(_i / 2 % 2 != 0);
    if (!peer.initiator && message == 2)
        return; /* a server has but two */
    assert_refused(ANY_CODE);
}
END_TEST

static void repeat_binding(struct crafted_peer *self, struct ts_request *request)
{
    static gss_buffer_desc sealed;

    if (byte_range_is_present(request->pub_key_auth)) {
        sealed =
            (gss_buffer_desc){request->pub_key_auth.length, malloc(request->pub_key_auth.length)};
        ck_assert(sealed.value != NULL);
        memcpy(sealed.value, request->pub_key_auth.data, sealed.length);
    }
    if (!byte_range_is_present(request->auth_info))
        return;
    if (self->argument != NULL) /* as credentials, or as itself */
        request->auth_info = byte_range_of(sealed.value, sealed.length);
    else
        *request = (struct ts_request){.version = request->version,
                                       .client_nonce = request->client_nonce,
                                       .pub_key_auth = byte_range_of(sealed.value, sealed.length)};
}

START_TEST(binding_repeated_is_refused)
{
    peer.argument = _i != 0 ? &peer : NULL;
    peer.on_request = repeat_binding;
    be_client();
    assert_refused(ANY_CODE);
}
END_TEST

/* --- errorCode --- */

static const uint32_t error_codes[] = {NT_LOGON_FAILURE, 0xC0000022u, 0xC0000224u, 0xC00000BBu,
                                       0x00000001u,      0xC0070057u, 0xDEADBEEFu};

/* Alone, with the server's token, and with its pubKeyAuth. */
START_TEST(error_code_of_the_server_ends_the_logon)
{
    uint32_t code = error_codes[_i % 7];
    char hexadecimal[16];

    add_to_message((unsigned)_i / 7 != 0,
                   (struct ts_request){.has_error_code = true, .error_code = code});
    be_server();
    assert_refused(GSS_SSPI_E_PEER_ERROR);
    ck_assert_uint_eq(peer.major, GSS_S_UNAUTHORIZED);
    ck_assert_uint_eq(peer.failure.nt_status, code);
    (void)snprintf(hexadecimal, sizeof hexadecimal, "0x%08X", code);
    ck_assert(strstr(status_text(peer.major, peer.minor), hexadecimal) != NULL);
    ck_assert_uint_eq(peer.from_plugin.length, 0); /* and nothing more was sent */
}
END_TEST

START_TEST(error_code_of_zero_is_no_error)
{
    add_to_message((unsigned)_i, (struct ts_request){.has_error_code = true, .error_code = 0});
    be_server();
    assert_good();
}
END_TEST

START_TEST(error_code_of_zero_alone_is_refused)
{
    static const unsigned char zero[] = {0x30, 0x0a, 0xa0, 0x03, 0x02, 0x01,
                                         0x06, 0xa4, 0x03, 0x02, 0x01, 0x00};

    raw_octets = zero;
    raw_length = sizeof zero;
    message = (unsigned)_i / 2;
    peer.on_octets = replace_octets;
    be(_i % 2 != 0);
    assert_refused(ANY_CODE);
}
END_TEST

START_TEST(error_code_of_the_client_ends_the_logon)
{
    add_to_message((unsigned)_i,
                   (struct ts_request){.has_error_code = true, .error_code = NT_LOGON_FAILURE});
    be_client();
    assert_refused(GSS_SSPI_E_PEER_ERROR);
}
END_TEST

/* --- TSCredentials --- */

/* UTF-16LE texts: any octets, so that odd and ill-formed ones can be made. */
#define TEXT(octets)                                        \
    {                                                       \
        (const unsigned char *)(octets), sizeof(octets) - 1 \
    }

struct password_case {
    long code; /* 0: good */
    struct byte_range domain, user, password;
};

static const struct password_case password_cases[] = {
    {0, TEXT("D\0"), TEXT("u\0"), TEXT("p\0w\0")},
    {0, TEXT(""), TEXT("u\0"), TEXT("\x3d\xd8\x00\xde")}, /* a surrogate pair */
    {0, TEXT("D\0"), TEXT("u\0"), TEXT("p\0\0\0w\0")},    /* a password may have a NUL */
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("u\0x"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D"), TEXT("u\0"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("u\0"), TEXT("p")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("\x3d\xd8"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("\x00\xde"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("\x3d\xd8u\0"), TEXT("u\0"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("u\0"), TEXT("\x00\xde\x3d\xd8")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("u\0\0\0x\0"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0\0\0"), TEXT("u\0"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("\0\0"), TEXT(""), TEXT("")},
};

#define PASSWORD_CASES ((int)(sizeof password_cases / sizeof password_cases[0]))

/* TSCredentials, without looking at the texts: all lengths stay below 128. */
static size_t encode_credentials(const struct password_case *texts, unsigned char *octets)
{
    const struct byte_range *fields[3] = {&texts->domain, &texts->user, &texts->password};
    const unsigned char type[] = {0xa0, 0x03, 0x02, 0x01, 0x01, 0xa1};
    size_t inner = texts->domain.length + texts->user.length + texts->password.length + 12;
    unsigned char *next = octets;

    ck_assert_uint_lt(inner, 100);
    *next++ = 0x30;
    *next++ = (unsigned char)(inner + 11);
    memcpy(next, type, sizeof type);
    next += sizeof type;
    *next++ = (unsigned char)(inner + 4);
    *next++ = 0x04;
    *next++ = (unsigned char)(inner + 2);
    *next++ = 0x30;
    *next++ = (unsigned char)inner;
    for (size_t i = 0; i < 3; i++) {
        *next++ = (unsigned char)(0xa0 + i);
        *next++ = (unsigned char)(fields[i]->length + 2);
        *next++ = 0x04;
        *next++ = (unsigned char)fields[i]->length;
        memcpy(next, fields[i]->data, fields[i]->length);
        next += fields[i]->length;
    }
    return (size_t)(next - octets);
}

static unsigned char encoded_credentials[128];

static void send_credentials(const struct password_case *texts)
{
    size_t length = encode_credentials(texts, encoded_credentials);

    peer.credentials = byte_range_of(encoded_credentials, length);
    be_client();
}

START_TEST(odd_texts_in_credentials)
{
    send_credentials(&password_cases[_i]);
    if (password_cases[_i].code != 0) {
        assert_refused(password_cases[_i].code);
    } else {
        assert_good();
        ck_assert(peer.plugin_flags_granted & GSS_C_DELEG_FLAG);
    }
}
END_TEST

START_TEST(credentials_arrive_as_they_were_sent)
{
    static const char *const expected[] = {"", "u", "\xf0\x9f\x98\x80"};

    send_credentials(&password_cases[1]);
    assert_good();
    assert_delegated(expected);
}
END_TEST

START_TEST(credentials_of_other_types_are_refused)
{
    static const unsigned char types[] = {0, 2, 3, 5, 6, 7, 127};
    unsigned char octets[] = {0x30, 0x17, 0xa0, 0x03, 0x02, 0x01, 0x01, 0xa1, 0x10,
                              0x04, 0x0e, 0x30, 0x0c, 0xa0, 0x02, 0x04, 0x00, 0xa1,
                              0x02, 0x04, 0x00, 0xa2, 0x02, 0x04, 0x00};

    octets[6] = types[_i];
    peer.credentials = byte_range_of(octets, sizeof octets);
    be_client();
    assert_refused(ANY_CODE);
    ck_assert(peer.failure.minor == (OM_uint32)GSS_SSPI_E_CREDENTIALS_TYPE ||
              peer.failure.minor == (OM_uint32)GSS_SSPI_E_BAD_CREDENTIALS);
}
END_TEST

/* Cut at every length, and with octets behind the end. */
START_TEST(credentials_cut_anywhere_are_refused)
{
    size_t whole = encode_credentials(&password_cases[0], encoded_credentials);

    encoded_credentials[whole] = 0;
    for (size_t length = 1; length <= whole + 1; length++) {
        set_up();
        be_client();
        if (length == whole)
            continue;
        peer.credentials = byte_range_of(encoded_credentials, length);
        assert_refused(GSS_SSPI_E_BAD_CREDENTIALS);
        tear_down();
    }
}
END_TEST

static void cut_auth_info(struct crafted_peer *self, struct ts_request *request)
{
    (void)self;
    if (byte_range_is_present(request->auth_info))
        request->auth_info.length = binding_octets;
}

START_TEST(short_auth_info_is_refused)
{
    for (binding_octets = 0; binding_octets <= SEALED_MINIMUM; binding_octets++) {
        set_up();
        peer.mechanism = _i != 0 ? &ntlm_oid : &spnego_oid;
        peer.on_request = cut_auth_info;
        be_client();
        assert_refused(ANY_CODE);
        tear_down();
    }
}
END_TEST

/* --- passwords --- */

/* What a stranger is told does not tell which users there are. */
START_TEST(wrong_passwords_are_refused)
{
    static const char *const users[][2] = {
        {"EXAMPLE\\alice", "wrong"}, {"EXAMPLE\\alice", "wonderland-7"}, {"EXAMPLE\\alice", " "},
        {"EXAMPLE\\nobody", "x"},    {"EXAMPLE\\bob", "Wonderland-7"},   {"OTHER\\alice", "x"},
    };

    peer.mechanism = &ntlm_oid;
    peer.credential = password_credential(&ntlm_oid, users[_i][0], users[_i][1]);
    be_client();
    assert_refused(ANY_CODE);
    ck_assert(peer.has_error_code);
    ck_assert_uint_eq(peer.error_code, NT_LOGON_FAILURE);
}
END_TEST

START_TEST(right_password_is_accepted)
{
    peer.mechanism = &ntlm_oid;
    peer.credential =
        password_credential(&ntlm_oid, "EXAMPLE\\alice", realm_variable("REALM_PASSWORD"));
    be_client();
    assert_good();
}
END_TEST

/* --- memory --- */

/* NTLM's NEGOTIATE: it is the same for all users, and is made once (see below). */
static gss_buffer_desc ntlm_token;

static void make_ntlm_token(void)
{
    peer.mechanism = &ntlm_oid;
    ck_assert(crafted_peer_step(&peer, BYTE_RANGE_ABSENT));
    ntlm_token = peer.token;
    peer.token = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    crafted_peer_reset(&peer);
    peer.mechanism = &krb5_oid;
}

enum stage { AFTER_HELLO, AFTER_HANDSHAKE, AFTER_KERBEROS_TOKEN, AFTER_NTLM_TOKEN, STAGES };

/* Goes so far, and walks away. */
static void abandon(enum stage stage)
{
    struct ts_request request = {.client_nonce = byte_range_of(peer.nonce, sizeof peer.nonce)};
    struct ts_request reply;

    crafted_peer_begin(&peer);
    if (stage == AFTER_HELLO)
        (void)gnutls_handshake(peer.tls);
    else
        ck_assert(crafted_peer_handshake(&peer));
    (void)crafted_peer_flush(&peer);
    if (stage >= AFTER_KERBEROS_TOKEN && peer.initiator) {
        if (stage == AFTER_KERBEROS_TOKEN)
            ck_assert(crafted_peer_step(&peer, BYTE_RANGE_ABSENT));
        request.nego_token = stage == AFTER_NTLM_TOKEN
                                 ? byte_range_of(ntlm_token.value, ntlm_token.length)
                                 : byte_range_of(peer.token.value, peer.token.length);
        crafted_peer_send(&peer, &request);
    }
    if (stage >= AFTER_KERBEROS_TOKEN)
        ck_assert(crafted_peer_receive(&peer, &reply));
    ck_assert_uint_eq(peer.major, GSS_S_CONTINUE_NEEDED);
    crafted_peer_reset(&peer);
}

/*
 * 2,000 of them. gss-ntlmssp itself leaks some kilobytes for every password that it hashes, so the
 * peer does not use it here but for one token.
 */
START_TEST(abandoned_exchanges_keep_memory_flat)
{
    struct mallinfo2 before = {0};
    struct mallinfo2 after;

    be(_i != 0);
    if (peer.initiator)
        make_ntlm_token();
    for (int i = 0; i < ABANDONED + ABANDONED / 10; i++) {
        if (i == ABANDONED / 10)
            before = mallinfo2();
        for (enum stage stage = AFTER_HELLO; stage < STAGES; stage++)
            abandon(stage);
    }
    after = mallinfo2();
    ck_assert_msg(
        after.uordblks + after.hblkhd <= before.uordblks + before.hblkhd + ABANDONED_GROWTH,
        "%zu octets, then %zu", before.uordblks + before.hblkhd, after.uordblks + after.hblkhd);
}
END_TEST

static void add_binding_tests(TCase *cases)
{
    tcase_add_loop_test(cases, good_logon_as_client, 0, 3);
    tcase_add_test(cases, good_logon_as_client_to_an_rsa_key);
    tcase_add_loop_test(cases, good_logon_as_server, 0, 2);
    tcase_add_loop_test(cases, man_in_the_middle_is_refused_by_both_sides, 0, 2);
    tcase_add_loop_test(cases, key_of_another_certificate_is_refused, 0, 4);
    tcase_add_loop_test(cases, hash_of_the_other_direction_is_refused, 0, 4);
    tcase_add_loop_test(cases, sealed_hash_sent_back_is_refused, 0, 2);
    tcase_add_loop_test(cases, every_version_against_each_minimum, 0, 24);
    tcase_add_loop_test(cases, binding_in_the_form_of_another_version_is_refused, 0, 8);
    tcase_add_loop_test(cases, version_that_changes_is_refused, 0, 6);
    tcase_add_loop_test(cases, version_that_changes_is_refused_by_the_client, 0, 2);
    tcase_add_loop_test(cases, versions_that_do_not_exist_are_refused, 0, 4);
    tcase_add_loop_test(cases, nonce_that_is_missing_is_refused, 0, 2);
    tcase_add_test(cases, nonce_stripped_with_a_lower_version_is_refused);
    tcase_add_loop_test(cases, nonce_in_some_messages_is_enough, 0, 3);
    tcase_add_loop_test(cases, nonce_of_another_length_is_refused, 0, 15);
    tcase_add_loop_test(cases, nonce_that_changes_is_refused, 0, 2);
    tcase_add_test(cases, nonce_of_the_server_is_not_used);
}

static void add_order_tests(TCase *cases)
{
    tcase_add_loop_test(cases, auth_info_before_the_binding_is_refused, 0, 2);
    tcase_add_test(cases, auth_info_in_place_of_the_binding_is_refused);
    tcase_add_loop_test(cases, auth_info_from_the_server_is_refused, 0, 2);
    tcase_add_loop_test(cases, binding_before_the_end_of_the_logon_is_refused, 0, 3);
    tcase_add_test(cases, binding_before_the_client_sent_its_own_is_refused);
    tcase_add_loop_test(cases, binding_left_out_is_refused, 0, 4);
    tcase_add_loop_test(cases, short_binding_is_refused, 0, 8);
    tcase_add_loop_test(cases, unsealed_binding_is_refused, 0, 2);
    tcase_add_loop_test(cases, signed_binding_is_refused, 0, 2);
    tcase_add_loop_test(cases, request_with_nothing_in_it_is_refused, 0, 8);
    tcase_add_loop_test(cases, two_nego_tokens_are_refused, 0, 2);
    tcase_add_loop_test(cases, second_request_in_the_same_flight_is_refused, 0, 12);
    tcase_add_loop_test(cases, binding_repeated_is_refused, 0, 2);
    tcase_add_loop_test(cases, error_code_of_the_server_ends_the_logon, 0, 14);
    tcase_add_loop_test(cases, error_code_of_zero_is_no_error, 0, 2);
    tcase_add_loop_test(cases, error_code_of_zero_alone_is_refused, 0, 4);
    tcase_add_loop_test(cases, error_code_of_the_client_ends_the_logon, 0, 3);
}

static void add_credentials_tests(TCase *cases)
{
    tcase_add_loop_test(cases, odd_texts_in_credentials, 0, PASSWORD_CASES);
    tcase_add_test(cases, credentials_arrive_as_they_were_sent);
    tcase_add_loop_test(cases, credentials_of_other_types_are_refused, 0, 7);
    tcase_add_test(cases, credentials_cut_anywhere_are_refused);
    tcase_add_loop_test(cases, short_auth_info_is_refused, 0, 2);
    tcase_add_loop_test(cases, wrong_passwords_are_refused, 0, 6);
    tcase_add_test(cases, right_password_is_accepted);
}

int main(void)
{
    Suite *suite = suite_create("attacks on CredSSP");
    TCase *cases = tcase_create("attacks");
    TCase *memory = tcase_create("memory");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 600);
    add_binding_tests(cases);
    add_order_tests(cases);
    add_credentials_tests(cases);
    tcase_add_checked_fixture(memory, set_up, tear_down);
    tcase_set_timeout(memory, 600);
    tcase_add_loop_test(memory, abandoned_exchanges_keep_memory_flat, 0, 2);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, memory);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
