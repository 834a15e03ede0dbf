#include "mech/self_signed.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "mech/certificate.h"

/* RSA by default: some clients can hash only RSA keys, and all take 2,048 bits. */
#define SELF_SIGNED_RSA_BITS 2048

/* Clients with slow clocks must not take it for one from the future. */
#define SELF_SIGNED_BACKDATE_SECONDS (24L * 60 * 60)

#define SERIAL_OCTETS    16
#define HOST_NAME_OCTETS 256

int self_signed_generate(struct self_signed *self_signed, enum self_signed_key kind)
{
    const struct {
        gnutls_pk_algorithm_t algorithm;
        unsigned int bits;
    } keys[] = {
        [SELF_SIGNED_RSA] = {GNUTLS_PK_RSA, SELF_SIGNED_RSA_BITS},
        [SELF_SIGNED_ECDSA] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
        [SELF_SIGNED_ED25519] = {GNUTLS_PK_EDDSA_ED25519, 0},
    };
    int status = gnutls_x509_privkey_init(&self_signed->key);

    if (status < 0)
        return status;
    return gnutls_x509_privkey_generate(self_signed->key, keys[kind].algorithm, keys[kind].bits, 0);
}

/* RSA keys may also be used the old way, with TLS 1.2. */
static unsigned int usage_of(gnutls_x509_privkey_t key)
{
    return gnutls_x509_privkey_get_pk_algorithm(key) == GNUTLS_PK_RSA
               ? GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT
               : GNUTLS_KEY_DIGITAL_SIGNATURE;
}

/* The only digest that Ed25519 has is its own. */
static gnutls_digest_algorithm_t digest_of(gnutls_x509_privkey_t key)
{
    return gnutls_x509_privkey_get_pk_algorithm(key) == GNUTLS_PK_EDDSA_ED25519 ? GNUTLS_DIG_SHA512
                                                                                : GNUTLS_DIG_SHA256;
}

/* Fills in a certificate that names this host and is good for a server, and signs it. */
static int fill_in(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, long lifetime_seconds)
{
    unsigned char serial[SERIAL_OCTETS];
    char host[HOST_NAME_OCTETS];
    time_t now = time(NULL);
    int status = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);

    serial[0] &= 0x7F; /* a serial number is positive */
    if (gethostname(host, sizeof host) != 0 || host[0] == '\0')
        (void)snprintf(host, sizeof host, "localhost");
    host[sizeof host - 1] = '\0';
    if (status < 0 || (status = gnutls_x509_crt_set_version(crt, 3)) < 0 ||
        (status = gnutls_x509_crt_set_serial(crt, serial, sizeof serial)) < 0 ||
        (status = gnutls_x509_crt_set_activation_time(crt, now - SELF_SIGNED_BACKDATE_SECONDS)) <
            0 ||
        (status = gnutls_x509_crt_set_expiration_time(crt, now + lifetime_seconds)) < 0 ||
        (status = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, host,
                                                (unsigned)strlen(host))) < 0 ||
        (status = gnutls_x509_crt_set_subject_alt_name(
             crt, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host), GNUTLS_FSAN_SET)) < 0 ||
        (status = gnutls_x509_crt_set_key_usage(crt, usage_of(key))) < 0 ||
        (status = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0)) < 0 ||
        (status = gnutls_x509_crt_set_key_purpose_oid(crt, TS_SERVER_AUTHENTICATION_PURPOSE, 0)) <
            0 ||
        (status = gnutls_x509_crt_set_key(crt, key)) < 0)
        return status;
    return gnutls_x509_crt_sign2(crt, crt, key, digest_of(key), 0);
}

int self_signed_certify(struct self_signed *self_signed, long lifetime_seconds)
{
    int status;

    if (self_signed->crt != NULL)
        gnutls_x509_crt_deinit(self_signed->crt);
    self_signed->crt = NULL;
    status = gnutls_x509_crt_init(&self_signed->crt);
    return status < 0 ? status : fill_in(self_signed->crt, self_signed->key, lifetime_seconds);
}

void self_signed_release(struct self_signed *self_signed)
{
    if (self_signed->crt != NULL)
        gnutls_x509_crt_deinit(self_signed->crt);
    if (self_signed->key != NULL)
        gnutls_x509_privkey_deinit(self_signed->key);
    *self_signed = (struct self_signed){NULL, NULL};
}
