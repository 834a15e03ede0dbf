#include "mech/certificate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/x509.h>

#include "asn1/der.h"
#include "mech/certificate_source.h"
#include "mech/kept_certificate.h"
#include "mech/status.h"
#include "mech/token_pin.h"
#include "mech/trace.h"

/* A self-signed certificate is made anew by each process: its end is only a formality. */
#define SELF_SIGNED_LIFETIME_SECONDS (365L * 24 * 60 * 60)

static pthread_mutex_t self_signed_lock = PTHREAD_MUTEX_INITIALIZER;
static struct certificate *of_this_process[SELF_SIGNED_KINDS];
static struct file_cache kept_in_files = FILE_CACHE_INITIALIZER;
static struct file_cache read_from_files = FILE_CACHE_INITIALIZER;

static void certificate_destroy(struct cached *cached)
{
    struct certificate *certificate = (struct certificate *)cached;

    gnutls_certificate_free_credentials(certificate->credentials);
    free(certificate->key_source);
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

/* Serves a self-signed certificate. NULL, with *minor set, on failure. */
static struct certificate *certificate_of(OM_uint32 *minor, const struct self_signed *self_signed)
{
    struct certificate *certificate = certificate_create();
    gnutls_x509_crt_t crt = self_signed->crt;
    int status;

    if (certificate == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    status = gnutls_certificate_set_x509_key(certificate->credentials, &crt, 1, self_signed->key);
    if (status < 0) {
        (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE, "%s", gnutls_strerror(status));
        certificate_release(certificate);
        return NULL;
    }
    certificate->renew_at =
        gnutls_x509_crt_get_expiration_time(crt) - KEPT_CERTIFICATE_RENEWAL_SECONDS;
    return certificate;
}

static bool is_due(const struct certificate *certificate)
{
    return time(NULL) >= certificate->renew_at;
}

static struct certificate *make_self_signed(OM_uint32 *minor, enum self_signed_key kind)
{
    struct self_signed self_signed = {NULL, NULL};
    struct certificate *certificate = NULL;
    int status = self_signed_generate(&self_signed, kind);

    if (status >= 0)
        status = self_signed_certify(&self_signed, SELF_SIGNED_LIFETIME_SECONDS);
    if (status < 0)
        (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE, "%s", gnutls_strerror(status));
    else
        certificate = certificate_of(minor, &self_signed);
    self_signed_release(&self_signed);
    if (certificate != NULL)
        trace("certificate: a self-signed one was made, for this process");
    return certificate;
}

static struct certificate *self_signed_certificate(OM_uint32 *minor, enum self_signed_key kind)
{
    struct certificate **own = &of_this_process[kind];
    struct certificate *certificate;

    (void)pthread_mutex_lock(&self_signed_lock);
    if (*own == NULL || is_due(*own)) {
        certificate_release(*own);
        *own = make_self_signed(minor, kind);
    }
    certificate = certificate_hold(*own);
    (void)pthread_mutex_unlock(&self_signed_lock);
    return certificate;
}

/* --- kept in the state directory --- */

static struct cached *read_kept(OM_uint32 *minor, const void *argument)
{
    const struct policy *policy = argument;
    struct certificate *certificate = NULL;
    struct self_signed kept;

    if (!GSS_ERROR(kept_certificate_read(minor, policy->tls.state_directory,
                                         policy->self_signed_key, &kept)))
        certificate = certificate_of(minor, &kept);
    self_signed_release(&kept);
    return certificate != NULL ? &certificate->base : NULL;
}

static struct certificate *acquire_kept(OM_uint32 *minor, const struct policy *policy,
                                        const char *path)
{
    return (struct certificate *)file_cache_acquire(minor, &kept_in_files,
                                                    file_identity(path, NULL), read_kept, policy);
}

/* Makes it, or renews it, where that is due. */
static bool make_kept(OM_uint32 *minor, const struct policy *policy)
{
    struct cached *made = read_kept(minor, policy);

    cached_release(made);
    return made != NULL;
}

/*
 * The cache goes by the file, which another process may renew, or an administrator remove: that must be
 * there before it is asked.
 */
static struct certificate *kept_certificate(OM_uint32 *minor, const struct policy *policy)
{
    char *path = kept_certificate_path(policy->tls.state_directory, policy->self_signed_key);
    struct certificate *certificate = NULL;

    if (path == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    if (access(path, F_OK) == 0 || make_kept(minor, policy))
        certificate = acquire_kept(minor, policy, path);
    if (certificate != NULL && is_due(certificate)) {
        certificate_release(certificate);
        certificate = make_kept(minor, policy) ? acquire_kept(minor, policy, path) : NULL;
    }
    free(path);
    return certificate;
}

/* --- from files and tokens --- */

struct certificate_files {
    const char *certificate;
    const char *key;
};

static struct cached *read_files(OM_uint32 *minor, const void *argument)
{
    const struct certificate_files *files = argument;
    struct certificate *certificate = certificate_create();
    int status;

    if (certificate == NULL || (certificate->key_source = strdup(files->key)) == NULL) {
        certificate_release(certificate);
        (void)fail_no_memory(minor);
        return NULL;
    }
    gnutls_certificate_set_pin_function(certificate->credentials, token_pin_from_source,
                                        certificate->key_source);
    status = gnutls_certificate_set_x509_key_file2(certificate->credentials, files->certificate,
                                                   files->key, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (status >= 0)
        return &certificate->base;
    (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE, "%.*s, %.*s: %s",
               certificate_source_shown(files->certificate), files->certificate,
               certificate_source_shown(files->key), files->key, certificate_source_reason(status));
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
    return policy->tls.state_directory != NULL
               ? kept_certificate(minor, policy)
               : self_signed_certificate(minor, policy->self_signed_key);
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
