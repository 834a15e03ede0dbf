#include "tests/mech/huge_key.h"

#include <check.h>
#include <string.h>

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

void huge_key_certify(struct certificate_files *files, const struct certificate_files *issuer)
{
    static unsigned char modulus[HUGE_KEY_OCTETS];
    static unsigned char exponent[HUGE_KEY_OCTETS];
    const gnutls_datum_t parts[2] = {{modulus, sizeof modulus}, {exponent, sizeof exponent}};
    gnutls_pubkey_t public_key;

    memset(modulus, 0x77, sizeof modulus);
    memset(exponent, 0x55, sizeof exponent);
    ck_assert_int_ge(gnutls_pubkey_init(&public_key), 0);
    ck_assert_int_ge(gnutls_pubkey_import_rsa_raw(public_key, &parts[0], &parts[1]), 0);
    ck_assert_int_ge(gnutls_x509_crt_set_pubkey(files->crt, public_key), 0);
    ck_assert_int_ge(
        gnutls_x509_crt_sign2(files->crt, issuer->crt, issuer->private_key, GNUTLS_DIG_SHA256, 0),
        0);
    gnutls_free(files->der.data);
    ck_assert_int_ge(gnutls_x509_crt_export2(files->crt, GNUTLS_X509_FMT_DER, &files->der), 0);
    gnutls_pubkey_deinit(public_key);
}

gnutls_privkey_t huge_key_signer(void)
{
    gnutls_privkey_t key;

    ck_assert_int_ge(gnutls_privkey_init(&key), 0);
    ck_assert_int_ge(gnutls_privkey_import_ext4(key, NULL, sign_anyhow, sign_anyhow, NULL, NULL,
                                                describe_key, 0),
                     0);
    return key;
}
