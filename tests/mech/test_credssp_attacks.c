/*
 * Attacks on what CredSSP proves: the binding of the key, the version, the nonce. The peer's every field
 * is the test's. Whatever comes: the failure that names it, and nothing delegated.
 */
#include <stdlib.h>
#include <string.h>

#include "asn1/ts_credentials.h"
#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

/* --- the peer can log on, so that a refusal means something --- */

static const gss_OID_desc *const inner_mechanisms[] = {&spnego_oid, &krb5_oid, &ntlm_oid};

START_TEST(good_logon_as_client)
{
    peer.mechanism = inner_mechanisms[_i];
    be_client();
    assert_good();
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
    assert_failed(GSS_SSPI_E_LOGON_FAILURE);
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

static void add_binding_tests(TCase *cases)
{
    tcase_add_loop_test(cases, good_logon_as_client, 0, 3);
    tcase_add_test(cases, good_logon_as_client_to_an_rsa_key);
    tcase_add_loop_test(cases, good_logon_as_server, 0, 2);
    tcase_add_loop_test(cases, man_in_the_middle_is_refused_by_both_sides, 0, 2);
    tcase_add_loop_test(cases, key_of_another_certificate_is_refused, 0, 4);
    tcase_add_loop_test(cases, hash_of_the_other_direction_is_refused, 0, 4);
    tcase_add_loop_test(cases, sealed_hash_sent_back_is_refused, 0, 2);
    tcase_add_loop_test(cases, binding_in_the_form_of_another_version_is_refused, 0, 8);
    tcase_add_loop_test(cases, version_that_changes_is_refused, 0, 6);
    tcase_add_loop_test(cases, version_that_changes_is_refused_by_the_client, 0, 2);
    tcase_add_loop_test(cases, versions_that_do_not_exist_are_refused, 0, 4);
    tcase_add_test(cases, nonce_stripped_with_a_lower_version_is_refused);
    tcase_add_loop_test(cases, nonce_in_some_messages_is_enough, 0, 3);
    tcase_add_loop_test(cases, nonce_of_another_length_is_refused, 0, 15);
    tcase_add_loop_test(cases, nonce_that_changes_is_refused, 0, 2);
    tcase_add_test(cases, nonce_of_the_server_is_not_used);
}

int main(void)
{
    return run_attacks("attacks on CredSSP's binding", add_binding_tests);
}
