/*
 * What somebody who has not logged on may cost, at either end: a server whose key takes minutes to
 * verify, and a peer whose messages of TLS itself never end, behind the handshake.
 */
#include <malloc.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/certificate_files.h"
#include "tests/mech/crafted_attack.h"
#include "tests/mech/huge_key.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* CPU time that a peer which has not logged on may cost, in seconds: many times what it takes. */
#define CPU_LIMIT 5.0

/* What the plugin may store for such a peer, and what the attackers would send. */
#define MEMORY_LIMIT   ((size_t)512 * 1024)
#define ENDLESS_OCTETS ((size_t)8 << 20)

#define AES_128_GCM   ":-CIPHER-ALL:+AES-128-GCM"
#define NONCE_OCTETS  12
#define TAG_OCTETS    16
#define RECORD_HEADER 5
#define RECORD_OCTETS 16384

/* RFC 8446 5.1. */
#define CONTENT_HANDSHAKE        22
#define CONTENT_APPLICATION_DATA 23

/* --- a server's key --- */

static const char *const servers[] = {TLS_1_2, TLS_1_3, TLS_1_2 ":-KX-ALL:+DHE-RSA"};

/* A server's certificate with such a key; the key and what shows the certificate become the server's. */
static void make_huge_server(void)
{
    struct certificate_files authority;
    struct certificate_files server;
    gnutls_pcert_st shown;

    certificate_files_make(&authority,
                           &(struct certificate_wish){.file = "authority", .authority = true});
    certificate_files_make(&server,
                           &(struct certificate_wish){.file = "huge", .issuer = &authority});
    huge_key_certify(&server, &authority);
    ck_assert_int_ge(gnutls_pcert_import_x509_raw(&shown, &server.der, GNUTLS_X509_FMT_DER, 0), 0);
    ck_assert_int_ge(gnutls_certificate_allocate_credentials(&peer.certificate), 0);
    gnutls_certificate_set_flags(peer.certificate, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
    ck_assert_int_ge(
        gnutls_certificate_set_key(peer.certificate, NULL, 0, &shown, 1, huge_key_signer()), 0);
    certificate_files_release(&server);
    certificate_files_release(&authority);
}

START_TEST(signature_of_a_servers_huge_key_is_not_verified)
{
    double start;

    make_huge_server();
    peer.priority = servers[_i];
    be_server();
    crafted_peer_begin(&peer);
    start = (double)clock() / CLOCKS_PER_SEC;
    ck_assert(!crafted_peer_handshake(&peer) || !crafted_peer_flush(&peer));
    ck_assert_double_lt((double)clock() / CLOCKS_PER_SEC - start, CPU_LIMIT);
    assert_failed(GSS_SSPI_E_TLS_HANDSHAKE);
    ck_assert_msg(strstr(status_text(peer.major, peer.minor), "the server's key has") != NULL, "%s",
                  status_text(peer.major, peer.minor));
    crafted_peer_reset(&peer);
    gnutls_certificate_free_credentials(peer.certificate);
}
END_TEST

/* --- messages behind the handshake --- */

/* The peer's keys for what it sends, taken from its session, which sends nothing any more. */
struct sealer {
    gnutls_aead_cipher_hd_t cipher;
    unsigned char iv[NONCE_OCTETS];
    uint64_t sequence;
};

static void take_over(struct sealer *sealer)
{
    gnutls_datum_t mac;
    gnutls_datum_t iv;
    gnutls_datum_t key;
    unsigned char sequence[8];

    ck_assert_int_ge(gnutls_record_get_state(peer.tls, 0, &mac, &iv, &key, sequence), 0);
    ck_assert_uint_eq(iv.size, NONCE_OCTETS);
    memcpy(sealer->iv, iv.data, NONCE_OCTETS);
    ck_assert_int_ge(gnutls_aead_cipher_init(&sealer->cipher, GNUTLS_CIPHER_AES_128_GCM, &key), 0);
    sealer->sequence = 0;
    for (size_t i = 0; i < sizeof sequence; i++)
        sealer->sequence = sealer->sequence << 8 | sequence[i];
}

/* One record of handshake messages, as RFC 8446 5.2 has it. */
static void write_handshake_record(struct sealer *sealer, const unsigned char *octets,
                                   size_t length)
{
    const size_t sealed = length + 1 + TAG_OCTETS;
    unsigned char record[RECORD_HEADER + RECORD_OCTETS + 1 + TAG_OCTETS] = {
        CONTENT_APPLICATION_DATA, 3, 3, (unsigned char)(sealed >> 8), (unsigned char)sealed};
    unsigned char plain[RECORD_OCTETS + 1];
    unsigned char nonce[NONCE_OCTETS];
    size_t room = sizeof record - RECORD_HEADER;

    memcpy(plain, octets, length);
    plain[length] = CONTENT_HANDSHAKE;
    memcpy(nonce, sealer->iv, sizeof nonce);
    for (size_t i = 0; i < 8; i++)
        nonce[NONCE_OCTETS - 1 - i] ^= (unsigned char)(sealer->sequence >> 8 * i);
    sealer->sequence++;
    ck_assert_int_ge(gnutls_aead_cipher_encrypt(sealer->cipher, nonce, sizeof nonce, record,
                                                RECORD_HEADER, TAG_OCTETS, plain, length + 1,
                                                record + RECORD_HEADER, &room),
                     0);
    ck_assert(byte_buffer_append(&peer.to_plugin, record, RECORD_HEADER + room));
}

static size_t memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* NewSessionTicket, and KeyUpdate, with the longest length that can be said. */
START_TEST(endless_message_behind_the_handshake_is_refused)
{
    unsigned char octets[RECORD_OCTETS] = {_i / 2 != 0 ? 24 : 4, 0xff, 0xff, 0xff};
    struct sealer sealer;
    size_t before;
    size_t sent = 0;

    peer.priority = TLS_1_3 AES_128_GCM;
    be(_i % 2 != 0);
    crafted_peer_begin(&peer);
    ck_assert(crafted_peer_handshake(&peer));
    ck_assert(crafted_peer_flush(&peer));
    take_over(&sealer);
    before = memory_in_use();
    while (peer.major == GSS_S_CONTINUE_NEEDED && sent < ENDLESS_OCTETS) {
        write_handshake_record(&sealer, octets, sizeof octets);
        (void)crafted_peer_flush(&peer);
        memset(octets, 0, sizeof octets);
        sent += sizeof octets;
    }
    gnutls_aead_cipher_deinit(sealer.cipher);
    ck_assert_uint_le(memory_in_use(), before + MEMORY_LIMIT);
    assert_failed(GSS_SSPI_E_TLS_RECORD);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, signature_of_a_servers_huge_key_is_not_verified, 0, 3);
    tcase_add_loop_test(cases, endless_message_behind_the_handshake_is_refused, 0, 4);
}

int main(void)
{
    return run_attacks("what an attack on CredSSP costs", add);
}
