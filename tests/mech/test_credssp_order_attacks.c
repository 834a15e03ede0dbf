/*
 * CredSSP messages in the wrong place, cut, repeated, empty, or with errorCode: each ends the logon with
 * the failure that names it, and nothing is delegated.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

#define SEALED_MINIMUM   16
#define NT_LOGON_FAILURE 0xC000006Du

static const gss_OID_desc *const inner_mechanisms[] = {&spnego_oid, &krb5_oid, &ntlm_oid};

static unsigned message; /* that is changed */

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

static const struct {
    uint32_t code;
    long failure;
} error_codes[] = {
    {NT_LOGON_FAILURE, GSS_SSPI_E_LOGON_FAILURE},  {0xC000006Au, GSS_SSPI_E_LOGON_FAILURE},
    {0xC0000064u, GSS_SSPI_E_LOGON_FAILURE},       {0xC007030Cu, GSS_SSPI_E_LOGON_FAILURE},
    {0x8009030Cu, GSS_SSPI_E_LOGON_FAILURE},       {0xC0000072u, GSS_SSPI_E_ACCOUNT_DISABLED},
    {0xC0000193u, GSS_SSPI_E_ACCOUNT_EXPIRED},     {0xC0000234u, GSS_SSPI_E_ACCOUNT_LOCKED_OUT},
    {0xC000006Eu, GSS_SSPI_E_ACCOUNT_RESTRICTION}, {0xC000006Fu, GSS_SSPI_E_LOGON_HOURS},
    {0xC0000070u, GSS_SSPI_E_LOGON_WORKSTATION},   {0xC000015Bu, GSS_SSPI_E_LOGON_TYPE},
    {0xC0000071u, GSS_SSPI_E_PASSWORD_EXPIRED},    {0xC0000224u, GSS_SSPI_E_PASSWORD_MUST_CHANGE},
    {0xC0000133u, GSS_SSPI_E_CLOCK_SKEW},          {0xC000005Eu, GSS_SSPI_E_NO_LOGON_SERVERS},
    {0xC00002FAu, GSS_SSPI_E_SMART_CARD_REQUIRED}, {0xC0000418u, GSS_SSPI_E_NTLM_BLOCKED},
    {0xC00000BBu, GSS_SSPI_E_PEER_VERSION},        {0xC0000022u, GSS_SSPI_E_PEER_ERROR},
    {0x00000001u, GSS_SSPI_E_PEER_ERROR},          {0xC0070057u, GSS_SSPI_E_PEER_ERROR},
    {0xDEADBEEFu, GSS_SSPI_E_PEER_ERROR},
};

#define ERROR_CODES ((int)(sizeof error_codes / sizeof error_codes[0]))

/* Alone, with the server's token, and with its pubKeyAuth. */
START_TEST(error_code_of_the_server_ends_the_logon)
{
    uint32_t code = error_codes[_i % ERROR_CODES].code;
    char hexadecimal[16];

    add_to_message((unsigned)(_i / ERROR_CODES) != 0,
                   (struct ts_request){.has_error_code = true, .error_code = code});
    be_server();
    assert_refused(error_codes[_i % ERROR_CODES].failure);
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
    assert_refused(GSS_SSPI_E_LOGON_FAILURE);
}
END_TEST

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
    tcase_add_loop_test(cases, error_code_of_the_server_ends_the_logon, 0, 2 * ERROR_CODES);
    tcase_add_loop_test(cases, error_code_of_zero_is_no_error, 0, 2);
    tcase_add_loop_test(cases, error_code_of_zero_alone_is_refused, 0, 4);
    tcase_add_loop_test(cases, error_code_of_the_client_ends_the_logon, 0, 3);
}

int main(void)
{
    return run_attacks("attacks on the order of CredSSP's messages", add_order_tests);
}
