/*
 * Client certificates with a peer made by hand: servers that admit some authorities and some keys, and
 * clients that show what is not theirs, or more than anybody should look at.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/abstract.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/certificate_files.h"
#include "tests/mech/crafted_attack.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* What the plugin takes of a handshake, at most, and what the attackers would send. */
#define HANDSHAKE_MAXIMUM     ((size_t)192 * 1024)
#define HANDSHAKE_OF_ATTACKER ((size_t)16 << 20)
#define ENDLESS_OCTETS        ((size_t)8 << 20)
#define RECORD_OCTETS         16384

/* A signature of such a key takes a quarter of a minute to verify. */
#define HUGE_KEY_OCTETS 6144

/* CPU time that a client which has not logged on may cost, in seconds: many times what it takes. */
#define CPU_LIMIT 5.0

/* Certificates in one message: as many as fit, and more than that. */
#define FEW_CERTIFICATES  200
#define MANY_CERTIFICATES 1000

static struct certificate_files authority;
static struct certificate_files stranger;
static struct certificate_files client;
static gnutls_certificate_credentials_t credentials;

static void make_files(gnutls_pk_algorithm_t algorithm)
{
    certificate_files_make(&authority,
                           &(struct certificate_wish){.file = "authority", .authority = true});
    certificate_files_make(&stranger,
                           &(struct certificate_wish){.file = "stranger", .authority = true});
    certificate_files_make(
        &client,
        &(struct certificate_wish){.file = "client", .algorithm = algorithm, .issuer = &authority});
    ck_assert_int_ge(gnutls_certificate_allocate_credentials(&credentials), 0);
}

static void release_files(void)
{
    gnutls_certificate_free_credentials(credentials);
    certificate_files_release(&authority);
    certificate_files_release(&stranger);
    certificate_files_release(&client);
}

/* --- servers --- */

/* Our client, which has a certificate, shakes hands with a server that asks. */
static void serve(const char *priority, const char *admitted)
{
    struct certificate_files server = {.der = {NULL, 0}};

    peer.initiator = false;
    peer.priority = priority;
    peer.plugin_credential =
        store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, "client_certificate_file",
                         client.certificate, "client_private_key", client.key, NULL);
    ck_assert(peer.plugin_credential != GSS_C_NO_CREDENTIAL);
    certificate_files_make(&server, &(struct certificate_wish){.file = "server"});
    ck_assert_int_ge(gnutls_certificate_set_x509_key_file(credentials, server.certificate,
                                                          server.key, GNUTLS_X509_FMT_PEM),
                     0);
    if (admitted != NULL)
        ck_assert_int_ge(
            gnutls_certificate_set_x509_trust_file(credentials, admitted, GNUTLS_X509_FMT_PEM), 1);
    crafted_peer_begin(&peer);
    ck_assert_int_ge(gnutls_credentials_set(peer.tls, GNUTLS_CRD_CERTIFICATE, credentials), 0);
    gnutls_certificate_server_set_request(peer.tls, GNUTLS_CERT_REQUEST);
    ck_assert(crafted_peer_handshake(&peer));
    certificate_files_release(&server);
}

static void assert_shown(bool shown)
{
    unsigned int count = 0;
    const gnutls_datum_t *certificates = gnutls_certificate_get_peers(peer.tls, &count);
    OM_uint32 minor;

    ck_assert_uint_eq(count != 0, shown);
    if (shown) {
        ck_assert_uint_eq(certificates[0].size, client.der.size);
        ck_assert_mem_eq(certificates[0].data, client.der.data, client.der.size);
    }
    (void)gss_release_cred(&minor, &peer.plugin_credential);
}

static const char *const servers[] = {TLS_1_2, TLS_1_3};

START_TEST(server_without_a_list_admits_any)
{
    make_files(GNUTLS_PK_ECDSA);
    serve(servers[_i], NULL);
    assert_shown(true);
    release_files();
}
END_TEST

START_TEST(server_that_admits_the_authority_gets_it)
{
    make_files(GNUTLS_PK_ECDSA);
    serve(servers[_i], authority.certificate);
    assert_shown(true);
    release_files();
}
END_TEST

START_TEST(server_that_admits_others_gets_none)
{
    make_files(GNUTLS_PK_ECDSA);
    serve(servers[_i], stranger.certificate);
    assert_shown(false);
    release_files();
}
END_TEST

START_TEST(server_that_takes_no_such_signatures_gets_none)
{
    static const char *const priorities[] = {
        TLS_1_2 ":-SIGN-ALL:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SECP256R1-SHA256",
        TLS_1_3 ":-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256"};

    make_files(_i / 2 == 0 ? GNUTLS_PK_EDDSA_ED25519 : GNUTLS_PK_RSA);
    serve(priorities[_i % 2], NULL);
    assert_shown(false);
    release_files();
}
END_TEST

/* --- clients --- */

/* Our server requires a certificate of the authority's. */
static void require_certificate(const char *priority)
{
    peer.initiator = true;
    peer.priority = priority;
    peer.plugin_credential =
        store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_ACCEPT, NULL, "client_certificate", "require",
                         "trusted_client_certificates", authority.certificate, NULL);
    ck_assert(peer.plugin_credential != GSS_C_NO_CREDENTIAL);
    crafted_peer_begin(&peer);
    ck_assert_int_ge(gnutls_credentials_set(peer.tls, GNUTLS_CRD_CERTIFICATE, credentials), 0);
}

/* Refused in the handshake, whatever the client says next. */
static void assert_handshake_refused(long code)
{
    OM_uint32 minor;

    if (crafted_peer_handshake(&peer))
        (void)crafted_peer_flush(&peer);
    ck_assert(GSS_ERROR(peer.major));
    if (code != ANY_CODE)
        ck_assert_uint_eq(peer.failure.minor, (OM_uint32)code);
    (void)gss_release_cred(&minor, &peer.plugin_credential);
}

static gnutls_pcert_st shown[MANY_CERTIFICATES];
static unsigned int shown_count;
static gnutls_privkey_t shown_key;

static int show(gnutls_session_t session, const struct gnutls_cert_retr_st *asked,
                gnutls_pcert_st **chain, unsigned int *count, gnutls_ocsp_data_st **ocsp,
                unsigned int *ocsp_count, gnutls_privkey_t *key, unsigned int *flags)
{
    (void)session;
    (void)asked;
    (void)flags;
    *chain = shown;
    *count = shown_count;
    *ocsp = NULL;
    *ocsp_count = 0;
    *key = shown_key;
    return 0;
}

/* The client shows its certificate, others behind it, and signs by the key of files. */
static void prepare_show(const struct certificate_files *signer, unsigned int count)
{
    for (shown_count = 0; shown_count < count; shown_count++)
        ck_assert_int_ge(gnutls_pcert_import_x509_raw(
                             &shown[shown_count], shown_count == 0 ? &client.der : &stranger.der,
                             GNUTLS_X509_FMT_DER, 0),
                         0);
    ck_assert_int_ge(gnutls_privkey_init(&shown_key), 0);
    ck_assert_int_ge(gnutls_privkey_import_x509(shown_key, signer->private_key, 0), 0);
    gnutls_certificate_set_retrieve_function3(credentials, show);
}

static void release_shown(void)
{
    while (shown_count > 0)
        gnutls_pcert_deinit(&shown[--shown_count]);
    gnutls_privkey_deinit(shown_key);
}

START_TEST(own_certificate_is_taken)
{
    OM_uint32 minor;

    make_files(GNUTLS_PK_ECDSA);
    prepare_show(&client, 1);
    require_certificate(servers[_i]);
    ck_assert(crafted_peer_handshake(&peer));
    ck_assert(crafted_peer_flush(&peer));
    ck_assert_uint_eq(peer.major, GSS_S_CONTINUE_NEEDED);
    (void)gss_release_cred(&minor, &peer.plugin_credential);
    release_shown();
    release_files();
}
END_TEST

/* Whoever has seen a certificate can show it; only its owner can sign. */
START_TEST(certificate_of_somebody_else_is_refused)
{
    make_files(GNUTLS_PK_ECDSA);
    prepare_show(&stranger, 1);
    require_certificate(servers[_i]);
    assert_handshake_refused(GSS_SSPI_E_TLS_HANDSHAKE);
    release_shown();
    release_files();
}
END_TEST

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* Certificates that nobody needs to verify this one are not looked at. */
START_TEST(long_chain_costs_little)
{
    double start;
    OM_uint32 minor;

    make_files(GNUTLS_PK_ECDSA);
    prepare_show(&client, FEW_CERTIFICATES);
    require_certificate(servers[_i]);
    start = cpu_seconds();
    ck_assert(crafted_peer_handshake(&peer));
    ck_assert(crafted_peer_flush(&peer));
    ck_assert_uint_eq(peer.major, GSS_S_CONTINUE_NEEDED);
    ck_assert_double_lt(cpu_seconds() - start, CPU_LIMIT);
    (void)gss_release_cred(&minor, &peer.plugin_credential);
    release_shown();
    release_files();
}
END_TEST

START_TEST(too_long_chain_is_refused)
{
    double start;

    make_files(GNUTLS_PK_ECDSA);
    prepare_show(&client, MANY_CERTIFICATES);
    require_certificate(servers[_i]);
    gnutls_handshake_set_max_packet_length(peer.tls, HANDSHAKE_OF_ATTACKER);
    start = cpu_seconds();
    assert_handshake_refused(GSS_SSPI_E_TLS_HANDSHAKE);
    ck_assert_double_lt(cpu_seconds() - start, CPU_LIMIT);
    release_shown();
    release_files();
}
END_TEST

/* --- a key of which a signature takes minutes to verify --- */

static int sign_anyhow(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *userdata,
                       unsigned int flags, const gnutls_datum_t *data, gnutls_datum_t *signature)
{
    (void)key;
    (void)algorithm;
    (void)userdata;
    (void)flags;
    (void)data;
    signature->data = gnutls_malloc(HUGE_KEY_OCTETS);
    ck_assert(signature->data != NULL);
    signature->size = HUGE_KEY_OCTETS;
    memset(signature->data, 0x33, HUGE_KEY_OCTETS);
    return 0;
}

static int describe_key(gnutls_privkey_t key, unsigned int question, void *userdata)
{
    (void)key;
    (void)userdata;
    if ((question & GNUTLS_PRIVKEY_INFO_PK_ALGO) != 0)
        return GNUTLS_PK_RSA;
    if ((question & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS) != 0)
        return 8 * HUGE_KEY_OCTETS;
    return (question & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) != 0 ? 1 : -1;
}

/* Modulus and exponent as long as each other, in a certificate that the stranger has issued. */
static void prepare_huge_key(void)
{
    static unsigned char modulus[HUGE_KEY_OCTETS];
    static unsigned char exponent[HUGE_KEY_OCTETS];
    const gnutls_datum_t parts[2] = {{modulus, sizeof modulus}, {exponent, sizeof exponent}};
    gnutls_pubkey_t public_key;

    memset(modulus, 0x77, sizeof modulus);
    memset(exponent, 0x55, sizeof exponent);
    ck_assert_int_ge(gnutls_pubkey_init(&public_key), 0);
    ck_assert_int_ge(gnutls_pubkey_import_rsa_raw(public_key, &parts[0], &parts[1]), 0);
    ck_assert_int_ge(gnutls_x509_crt_set_pubkey(client.crt, public_key), 0);
    ck_assert_int_ge(
        gnutls_x509_crt_sign2(client.crt, stranger.crt, stranger.private_key, GNUTLS_DIG_SHA256, 0),
        0);
    gnutls_free(client.der.data);
    ck_assert_int_ge(gnutls_x509_crt_export2(client.crt, GNUTLS_X509_FMT_DER, &client.der), 0);
    gnutls_pubkey_deinit(public_key);
    prepare_show(&client, 1);
    gnutls_privkey_deinit(shown_key);
    ck_assert_int_ge(gnutls_privkey_init(&shown_key), 0);
    ck_assert_int_ge(gnutls_privkey_import_ext4(shown_key, NULL, sign_anyhow, sign_anyhow, NULL,
                                                NULL, describe_key, 0),
                     0);
}

START_TEST(signature_of_a_strangers_key_is_not_verified)
{
    double start;

    make_files(GNUTLS_PK_ECDSA);
    prepare_huge_key();
    require_certificate(servers[_i]);
    start = cpu_seconds();
    assert_handshake_refused(GSS_SSPI_E_CLIENT_UNTRUSTED);
    ck_assert_double_lt(cpu_seconds() - start, CPU_LIMIT);
    release_shown();
    release_files();
}
END_TEST

/* A handshake message that does not end is not stored for long. */
START_TEST(endless_message_is_refused)
{
    unsigned char record[5 + RECORD_OCTETS] = {0x16, 0x03, 0x01, RECORD_OCTETS >> 8, 0};
    size_t sent = 0;

    record[5] = 0x01; /* ClientHello */
    record[6] = record[7] = record[8] = 0xff;
    peer.initiator = true;
    crafted_peer_begin(&peer);
    while (peer.major == GSS_S_CONTINUE_NEEDED && sent < ENDLESS_OCTETS) {
        ck_assert(byte_buffer_append(&peer.to_plugin, record, sizeof record));
        (void)crafted_peer_flush(&peer);
        record[5] = 0;
        sent += sizeof record;
    }
    ck_assert(GSS_ERROR(peer.major));
    ck_assert_uint_eq(peer.failure.minor, (OM_uint32)GSS_SSPI_E_TLS_HANDSHAKE);
    ck_assert_uint_lt(sent, HANDSHAKE_MAXIMUM);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, server_without_a_list_admits_any, 0, 2);
    tcase_add_loop_test(cases, server_that_admits_the_authority_gets_it, 0, 2);
    tcase_add_loop_test(cases, server_that_admits_others_gets_none, 0, 2);
    tcase_add_loop_test(cases, server_that_takes_no_such_signatures_gets_none, 0, 4);
    tcase_add_loop_test(cases, own_certificate_is_taken, 0, 2);
    tcase_add_loop_test(cases, certificate_of_somebody_else_is_refused, 0, 2);
    tcase_add_loop_test(cases, long_chain_costs_little, 0, 2);
    tcase_add_loop_test(cases, too_long_chain_is_refused, 0, 2);
    tcase_add_loop_test(cases, signature_of_a_strangers_key_is_not_verified, 0, 2);
    tcase_add_test(cases, endless_message_is_refused);
}

int main(void)
{
    return run_attacks("client certificates, attacks", add);
}
