#include "tests/mech/certificate_files.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>

#include "tests/mech/exchange.h"

#define LIFETIME_SECONDS (24L * 60 * 60)
#define HASH_OCTETS      32

static void write_pem(const char *path, const char *mode, gnutls_datum_t *pem)
{
    FILE *file = fopen(path, mode);

    ck_assert(file != NULL);
    ck_assert_uint_eq(fwrite(pem->data, 1, pem->size, file), pem->size);
    ck_assert_int_eq(fclose(file), 0);
    gnutls_free(pem->data);
    pem->data = NULL;
}

static void hexadecimal(const unsigned char *hash, char text[FINGERPRINT_CHARACTERS])
{
    for (size_t i = 0; i < HASH_OCTETS; i++)
        (void)snprintf(text + 2 * i, 3, "%02X", hash[i]);
}

static gnutls_x509_privkey_t make_key(gnutls_pk_algorithm_t algorithm, unsigned int bits)
{
    gnutls_x509_privkey_t key = NULL;

    if (algorithm == GNUTLS_PK_UNKNOWN)
        algorithm = GNUTLS_PK_ECDSA;
    if (algorithm == GNUTLS_PK_RSA && bits == 0)
        bits = 2048;
    else if (algorithm == GNUTLS_PK_ECDSA)
        bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
    ck_assert_int_eq(gnutls_x509_privkey_init(&key), 0);
    ck_assert_int_eq(gnutls_x509_privkey_generate(key, algorithm, bits, 0), 0);
    return key;
}

static void set_names(gnutls_x509_crt_t crt, const struct certificate_wish *wish)
{
    const char *host = wish->host != NULL ? wish->host : "localhost";
    const char *name = wish->common_name != NULL ? wish->common_name : wish->file;
    unsigned char address[16];
    bool v6 = wish->address != NULL && strchr(wish->address, ':') != NULL;

    ck_assert_int_eq(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                                   (unsigned)strlen(name)),
                     0);
    if (wish->alternative_names.data != NULL) {
        ck_assert_int_eq(gnutls_x509_crt_set_extension_by_oid(crt, GNUTLS_X509EXT_OID_SAN,
                                                              wish->alternative_names.data,
                                                              wish->alternative_names.size, 0),
                         0);
        return;
    }
    if (wish->common_name == NULL && !wish->authority && wish->address == NULL)
        ck_assert_int_eq(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, host,
                                                              (unsigned)strlen(host),
                                                              GNUTLS_FSAN_APPEND),
                         0);
    if (wish->address == NULL)
        return;
    ck_assert_int_eq(inet_pton(v6 ? AF_INET6 : AF_INET, wish->address, address), 1);
    ck_assert_int_eq(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address,
                                                          v6 ? 16 : 4, GNUTLS_FSAN_APPEND),
                     0);
}

static void fill_in(struct certificate_files *files, const struct certificate_wish *wish)
{
    long ends = wish->begins == 0 && wish->ends == 0 ? LIFETIME_SECONDS : wish->ends;
    gnutls_x509_crt_t crt = files->crt;
    time_t now = time(NULL);
    unsigned char serial[8] = {1};

    ck_assert_int_eq(gnutls_rnd(GNUTLS_RND_NONCE, serial + 1, sizeof serial - 1), 0);
    ck_assert_int_eq(gnutls_x509_crt_set_version(crt, 3), 0);
    ck_assert_int_eq(gnutls_x509_crt_set_serial(crt, serial, sizeof serial), 0);
    ck_assert_int_eq(gnutls_x509_crt_set_activation_time(crt, now + wish->begins), 0);
    ck_assert_int_eq(gnutls_x509_crt_set_expiration_time(crt, now + ends), 0);
    set_names(crt, wish);
    ck_assert_int_eq(gnutls_x509_crt_set_basic_constraints(crt, wish->authority, -1), 0);
    ck_assert_int_eq(gnutls_x509_crt_set_key_usage(crt, wish->authority
                                                            ? GNUTLS_KEY_KEY_CERT_SIGN
                                                            : GNUTLS_KEY_DIGITAL_SIGNATURE),
                     0);
    if (wish->purpose != NULL)
        ck_assert_int_eq(gnutls_x509_crt_set_key_purpose_oid(crt, wish->purpose, 0), 0);
    ck_assert_int_eq(gnutls_x509_crt_set_key(crt, files->private_key), 0);
}

/* A digest that the issuer's key can sign. */
static void sign(struct certificate_files *files, const struct certificate_files *issuer)
{
    int algorithm = gnutls_x509_privkey_get_pk_algorithm(issuer->private_key);

    ck_assert_int_eq(gnutls_x509_crt_sign2(files->crt, issuer->crt, issuer->private_key,
                                           algorithm == GNUTLS_PK_EDDSA_ED25519 ? GNUTLS_DIG_SHA512
                                                                                : GNUTLS_DIG_SHA256,
                                           0),
                     0);
}

static void write_files(struct certificate_files *files, const struct certificate_wish *wish)
{
    gnutls_datum_t pem = {NULL, 0};

    (void)snprintf(files->certificate, sizeof files->certificate, "%s/%s.pem",
                   realm_variable("REALM_DIR"), wish->file);
    (void)snprintf(files->key, sizeof files->key, "%s/%s.key", realm_variable("REALM_DIR"),
                   wish->file);
    ck_assert_int_eq(gnutls_x509_crt_export2(files->crt, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_pem(files->certificate, "w", &pem);
    if (wish->issuer != NULL) {
        ck_assert_int_eq(gnutls_x509_crt_export2(wish->issuer->crt, GNUTLS_X509_FMT_PEM, &pem), 0);
        write_pem(files->certificate, "a", &pem);
    }
    ck_assert_int_eq(gnutls_x509_privkey_export2_pkcs8(
                         files->private_key, GNUTLS_X509_FMT_PEM, wish->password,
                         wish->password != NULL ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN,
                         &pem),
                     0);
    write_pem(files->key, "w", &pem);
}

void certificate_files_make(struct certificate_files *files, const struct certificate_wish *wish)
{
    unsigned char hash[HASH_OCTETS];
    size_t size = sizeof hash;

    files->private_key = make_key(wish->algorithm, wish->bits);
    ck_assert_int_eq(gnutls_x509_crt_init(&files->crt), 0);
    fill_in(files, wish);
    sign(files, wish->issuer != NULL ? wish->issuer : files);
    write_files(files, wish);
    ck_assert_int_eq(gnutls_x509_crt_export2(files->crt, GNUTLS_X509_FMT_DER, &files->der), 0);
    ck_assert_int_eq(gnutls_hash_fast(GNUTLS_DIG_SHA256, files->der.data, files->der.size, hash),
                     0);
    hexadecimal(hash, files->fingerprint);
    ck_assert_int_eq(gnutls_x509_crt_get_key_id(files->crt, GNUTLS_KEYID_USE_SHA256, hash, &size),
                     0);
    hexadecimal(hash, files->key_fingerprint);
}

void certificate_files_release(struct certificate_files *files)
{
    if (files->crt != NULL)
        gnutls_x509_crt_deinit(files->crt);
    if (files->private_key != NULL)
        gnutls_x509_privkey_deinit(files->private_key);
    gnutls_free(files->der.data);
    memset(files, 0, sizeof *files);
}
