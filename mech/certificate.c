#include "mech/certificate.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "asn1/der.h"
#include "mech/status.h"
#include "mech/trace.h"

/* RSA by default: some clients can hash only RSA keys, and all take 2,048 bits. */
#define SELF_SIGNED_RSA_BITS 2048

/* A self-signed certificate is made anew by each process: its end is only a formality. */
#define SELF_SIGNED_LIFETIME_SECONDS (365L * 24 * 60 * 60)
/* Clients with slow clocks must not take it for one from the future. */
#define SELF_SIGNED_BACKDATE_SECONDS (24L * 60 * 60)

#define SERIAL_OCTETS    16
#define HOST_NAME_OCTETS 256

static pthread_mutex_t self_signed_lock = PTHREAD_MUTEX_INITIALIZER;
static struct certificate *self_signed[2]; /* by enum self_signed_key; kept for the process */
static struct file_cache read_from_files = FILE_CACHE_INITIALIZER;

static void certificate_destroy(struct cached *cached)
{
    struct certificate *certificate = (struct certificate *)cached;

    gnutls_certificate_free_credentials(certificate->credentials);
    free(certificate);
}

static struct certificate *certificate_create(void)
{
    struct certificate *certificate = calloc(1, sizeof *certificate);

    if (certificate == NULL)
        return NULL;
    if (gnutls_certificate_allocate_credentials(&certificate->credentials) < 0) {
        free(certificate);
        return NULL;
    }
    certificate->base = (struct cached){.references = 1, .destroy = certificate_destroy};
    return certificate;
}

static struct certificate *certificate_hold(struct certificate *certificate)
{
    return certificate != NULL ? (struct certificate *)cached_hold(&certificate->base) : NULL;
}

void certificate_release(struct certificate *certificate)
{
    if (certificate != NULL)
        cached_release(&certificate->base);
}

static int generate_key(gnutls_x509_privkey_t key, enum self_signed_key kind)
{
    if (kind == SELF_SIGNED_ECDSA)
        return gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                            GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    return gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, SELF_SIGNED_RSA_BITS, 0);
}

/* Fills in a certificate that names this host and is good for a server, and signs it. */
static int fill_in(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
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
        (status = gnutls_x509_crt_set_expiration_time(crt, now + SELF_SIGNED_LIFETIME_SECONDS)) <
            0 ||
        (status = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, host,
                                                (unsigned)strlen(host))) < 0 ||
        (status = gnutls_x509_crt_set_subject_alt_name(
             crt, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host), GNUTLS_FSAN_SET)) < 0 ||
        (status = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE |
                                                         GNUTLS_KEY_KEY_ENCIPHERMENT)) < 0 ||
        (status = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0)) < 0 ||
        (status = gnutls_x509_crt_set_key_purpose_oid(crt, TS_SERVER_AUTHENTICATION_PURPOSE, 0)) <
            0 ||
        (status = gnutls_x509_crt_set_key(crt, key)) < 0)
        return status;
    return gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
}

static int make_self_signed(struct certificate *certificate, enum self_signed_key kind)
{
    gnutls_x509_crt_t crt = NULL;
    gnutls_x509_privkey_t key = NULL;
    int status;

    if ((status = gnutls_x509_privkey_init(&key)) < 0 ||
        (status = gnutls_x509_crt_init(&crt)) < 0 || (status = generate_key(key, kind)) < 0 ||
        (status = fill_in(crt, key)) < 0)
        goto done;
    status = gnutls_certificate_set_x509_key(certificate->credentials, &crt, 1, key);
done:
    if (crt != NULL)
        gnutls_x509_crt_deinit(crt);
    if (key != NULL)
        gnutls_x509_privkey_deinit(key);
    return status;
}

static struct certificate *self_signed_certificate(OM_uint32 *minor, enum self_signed_key kind)
{
    struct certificate *certificate;
    int status = GNUTLS_E_MEMORY_ERROR;

    (void)pthread_mutex_lock(&self_signed_lock);
    certificate = self_signed[kind];
    if (certificate == NULL) {
        certificate = certificate_create();
        if (certificate != NULL)
            status = make_self_signed(certificate, kind);
        if (status < 0) {
            certificate_release(certificate);
            certificate = NULL;
        }
        self_signed[kind] = certificate;
        trace("certificate: a self-signed one was made");
    }
    certificate = certificate_hold(certificate);
    (void)pthread_mutex_unlock(&self_signed_lock);
    if (certificate == NULL)
        (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE, "%s", gnutls_strerror(status));
    return certificate;
}

struct certificate_files {
    const char *certificate;
    const char *key;
};

static struct cached *read_files(OM_uint32 *minor, const void *argument)
{
    const struct certificate_files *files = argument;
    struct certificate *certificate = certificate_create();
    int status;

    if (certificate == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    status = gnutls_certificate_set_x509_key_file2(certificate->credentials, files->certificate,
                                                   files->key, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (status >= 0)
        return &certificate->base;
    (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE, "%s, %s: %s", files->certificate,
               files->key, gnutls_strerror(status));
    certificate_release(certificate);
    return NULL;
}

static struct certificate *certificate_from_files(OM_uint32 *minor, const char *file,
                                                  const char *key)
{
    const struct certificate_files files = {file, key};

    return (struct certificate *)file_cache_acquire(minor, &read_from_files,
                                                    file_identity(file, key), read_files, &files);
}

struct certificate *certificate_acquire(OM_uint32 *minor, const struct policy *policy,
                                        const char *certificate_file, const char *key_file)
{
    if (certificate_file != NULL)
        return certificate_from_files(minor, certificate_file, key_file);
    if (policy->certificate != NULL)
        return certificate_from_files(minor, policy->certificate, policy->private_key);
    return self_signed_certificate(minor, policy->self_signed_key);
}

/*
 * Certificate ::= SEQUENCE { tbsCertificate SEQUENCE { version [0] OPTIONAL, serialNumber INTEGER,
 * signature, issuer, validity, subject SEQUENCE each, subjectPublicKeyInfo SEQUENCE { algorithm
 * SEQUENCE, subjectPublicKey BIT STRING }, ... }, ... } (RFC 5280 4.1)
 */
static enum der_error find_public_key(struct byte_range octets, struct byte_range *bits)
{
    enum der_error error;
    struct der_reader message = der_reader_of(octets, &error);
    struct der_reader certificate = der_enter(&message, DER_SEQUENCE);
    struct der_reader body = der_enter(&certificate, DER_SEQUENCE);
    struct der_reader info;

    der_finish(&message);
    if (der_next_is(&body, DER_CONTEXT(0)))
        (void)der_read(&body, DER_CONTEXT(0));
    (void)der_read(&body, DER_INTEGER);
    for (int skipped = 0; skipped < 4; skipped++)
        (void)der_read(&body, DER_SEQUENCE);
    info = der_enter(&body, DER_SEQUENCE);
    (void)der_read(&info, DER_SEQUENCE);
    *bits = der_read(&info, DER_BIT_STRING);
    der_finish(&info);
    return error;
}

OM_uint32 certificate_public_key(OM_uint32 *minor, struct byte_range certificate,
                                 struct byte_range *key)
{
    struct byte_range bits = BYTE_RANGE_ABSENT;
    enum der_error error = find_public_key(certificate, &bits);

    if (error != DER_OK)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE, "%s", der_error_text(error));
    if (bits.length < 2 || bits.data[0] != 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE,
                    "its public key is not a whole number of octets");
    *key = byte_range_of(bits.data + 1, bits.length - 1);
    return GSS_S_COMPLETE;
}
