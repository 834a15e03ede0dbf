/* What a CredSSP context says of its TLS session: the same as the peer's own TLS says of it. */
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

#define HASH_OCTETS 32

static const gss_OID_desc *const questions[] = {
    &GSS_SSPI_INQ_INNER_MECHANISM_desc,  &GSS_SSPI_INQ_TLS_VERSION_desc,
    &GSS_SSPI_INQ_TLS_CIPHER_SUITE_desc, &GSS_SSPI_INQ_CREDSSP_VERSION_desc,
    &GSS_SSPI_INQ_STREAM_SIZES_desc,     &GSS_SSPI_INQ_SERVER_AUTH_FLAGS_desc,
    &GSS_SSPI_INQ_PEER_CERTIFICATE_desc, &GSS_SSPI_INQ_PEER_CERTIFICATE_STATUS_desc,
    &GSS_SSPI_INQ_OWN_CERTIFICATE_desc,  &GSS_SSPI_INQ_TLS_SERVER_END_POINT_desc,
    &GSS_SSPI_INQ_TLS_UNIQUE_desc,       &GSS_SSPI_INQ_TLS_EXPORTER_desc,
};

static OM_uint32 ask(const gss_OID_desc *question, gss_buffer_set_t *answer)
{
    OM_uint32 minor;

    return gss_inquire_sec_context_by_oid(&minor, peer.plugin, (gss_OID)(uintptr_t)question,
                                          answer);
}

static void assert_answer(const gss_OID_desc *question, const void *octets, size_t length)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(ask(question, &answer), GSS_S_COMPLETE);
    ck_assert_uint_eq(answer->count, 1);
    ck_assert_uint_eq(answer->elements[0].length, length);
    ck_assert_mem_eq(answer->elements[0].value, octets, length);
    (void)gss_release_buffer_set(&minor, &answer);
}

static void assert_text(const gss_OID_desc *question, const char *text)
{
    assert_answer(question, text, strlen(text));
}

static void assert_binding(const gss_OID_desc *question, const char *name,
                           const gnutls_datum_t *data)
{
    unsigned char binding[256];
    size_t length = strlen(name);

    ck_assert_uint_le(length + data->size, sizeof binding);
    memcpy(binding, name, length);
    memcpy(binding + length, data->data, data->size);
    assert_answer(question, binding, length + data->size);
}

/* By the versions, two by two with the roles. */
static void log_on(int index)
{
    peer.priority = index / 2 != 0 ? TLS_1_2 : TLS_1_3;
    be(index % 2 != 0);
    assert_good();
}

static const gnutls_datum_t *server_certificate(void)
{
    const gnutls_datum_t *der = peer.initiator ? gnutls_certificate_get_peers(peer.tls, NULL)
                                               : gnutls_certificate_get_ours(peer.tls);

    ck_assert(der != NULL);
    return der;
}

START_TEST(session_is_described)
{
    uint32_t version = 6;

    log_on(_i);
    assert_text(&GSS_SSPI_INQ_TLS_VERSION_desc, _i / 2 != 0 ? "TLS1.2" : "TLS1.3");
    assert_text(&GSS_SSPI_INQ_TLS_CIPHER_SUITE_desc, gnutls_ciphersuite_get(peer.tls));
    assert_answer(&GSS_SSPI_INQ_CREDSSP_VERSION_desc, &version, sizeof version);
    assert_answer(peer.initiator ? &GSS_SSPI_INQ_OWN_CERTIFICATE_desc
                                 : &GSS_SSPI_INQ_PEER_CERTIFICATE_desc,
                  server_certificate()->data, server_certificate()->size);
    assert_answer(&GSS_SSPI_INQ_INNER_MECHANISM_desc, krb5_oid.elements, krb5_oid.length);
}
END_TEST

START_TEST(end_point_is_the_hash_of_the_certificate)
{
    unsigned char hash[HASH_OCTETS];
    const gnutls_datum_t data = {hash, sizeof hash};

    log_on(_i);
    ck_assert_int_eq(gnutls_hash_fast(GNUTLS_DIG_SHA256, server_certificate()->data,
                                      server_certificate()->size, hash),
                     0);
    assert_binding(&GSS_SSPI_INQ_TLS_SERVER_END_POINT_desc, "tls-server-end-point:", &data);
}
END_TEST

START_TEST(unique_is_that_of_tls_1_2)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    gnutls_datum_t data = {NULL, 0};

    log_on(_i);
    if (_i / 2 == 0) {
        ck_assert_uint_eq(ask(&GSS_SSPI_INQ_TLS_UNIQUE_desc, &answer), GSS_S_UNAVAILABLE);
        return;
    }
    ck_assert_int_eq(gnutls_session_channel_binding(peer.tls, GNUTLS_CB_TLS_UNIQUE, &data), 0);
    assert_binding(&GSS_SSPI_INQ_TLS_UNIQUE_desc, "tls-unique:", &data);
    gnutls_free(data.data);
}
END_TEST

START_TEST(exporter_is_that_of_the_session)
{
    unsigned char exported[HASH_OCTETS];
    const gnutls_datum_t data = {exported, sizeof exported};

    log_on(_i);
    ck_assert_int_eq(gnutls_prf_rfc5705(peer.tls, 24, "EXPORTER-Channel-Binding", 0, "",
                                        sizeof exported, (char *)exported),
                     0);
    assert_binding(&GSS_SSPI_INQ_TLS_EXPORTER_desc, "tls-exporter:", &data);
}
END_TEST

/* Without the extended master secret two sessions of TLS 1.2 may export the same (RFC 7627). */
START_TEST(exporter_needs_the_extended_master_secret)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;

    peer.priority = TLS_1_2;
    peer.tls_flags = GNUTLS_NO_EXTENSIONS;
    be(true);
    assert_good();
    ck_assert_uint_eq(ask(&GSS_SSPI_INQ_TLS_EXPORTER_desc, &answer), GSS_S_UNAVAILABLE);
}
END_TEST

START_TEST(nothing_is_told_before_the_logon)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;

    be(_i != 0);
    crafted_peer_begin(&peer);
    ck_assert(crafted_peer_handshake(&peer));
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
        ck_assert(GSS_ERROR(ask(questions[i], &answer)));
}
END_TEST

static void add_tests(TCase *cases)
{
    tcase_add_loop_test(cases, session_is_described, 0, 4);
    tcase_add_loop_test(cases, end_point_is_the_hash_of_the_certificate, 0, 4);
    tcase_add_loop_test(cases, unique_is_that_of_tls_1_2, 0, 4);
    tcase_add_loop_test(cases, exporter_is_that_of_the_session, 0, 4);
    tcase_add_test(cases, exporter_needs_the_extended_master_secret);
    tcase_add_loop_test(cases, nothing_is_told_before_the_logon, 0, 2);
}

int main(void)
{
    return run_attacks("inquiries about TLS", add_tests);
}
