#include "mech/client_certificate.h"

#include <stdlib.h>
#include <string.h>

#include "common/secret.h"
#include "mech/status.h"
#include "mech/token_pin.h"

/* SHA-256 of a public key. */
#define KEY_ID_OCTETS 32

static struct file_cache read_from_files = FILE_CACHE_INITIALIZER;

static void certificate_destroy(struct cached *cached)
{
    struct client_certificate *certificate = (struct client_certificate *)cached;

    for (unsigned int i = 0; i < certificate->count; i++) {
        gnutls_pcert_deinit(&certificate->chain[i]);
        gnutls_free(certificate->issuers[i].data);
    }
    if (certificate->key != NULL)
        gnutls_privkey_deinit(certificate->key);
    free(certificate->key_source);
    free(certificate);
}

static int import_key_file(gnutls_privkey_t key, const char *file)
{
    gnutls_datum_t pem = {NULL, 0};
    int status = gnutls_load_file(file, &pem);

    if (status < 0)
        return status;
    status = gnutls_privkey_import_x509_raw(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    wipe(pem.data, pem.size);
    gnutls_free(pem.data);
    return status;
}

static int import_key(struct client_certificate *certificate)
{
    int status = gnutls_privkey_init(&certificate->key);

    if (status < 0)
        return status;
    gnutls_privkey_set_pin_function(certificate->key, token_pin_from_source,
                                    certificate->key_source);
    return gnutls_url_is_supported(certificate->key_source)
               ? gnutls_privkey_import_url(certificate->key, certificate->key_source, 0)
               : import_key_file(certificate->key, certificate->key_source);
}

static int import_chain(struct client_certificate *certificate, const char *source)
{
    unsigned int count = CERTIFICATE_CHAIN_MAXIMUM;
    int status =
        gnutls_pcert_list_import_x509_file(certificate->chain, &count, source, GNUTLS_X509_FMT_PEM,
                                           token_pin_from_source, certificate->key_source, 0);

    if (status < 0)
        return status;
    certificate->count = count;
    return count != 0 ? 0 : GNUTLS_E_NO_CERTIFICATE_FOUND;
}

static int find_issuers(struct client_certificate *certificate)
{
    int status = 0;

    for (unsigned int i = 0; i < certificate->count && status >= 0; i++) {
        gnutls_x509_crt_t crt = NULL;

        status = gnutls_pcert_export_x509(&certificate->chain[i], &crt);
        if (status >= 0)
            status = gnutls_x509_crt_get_raw_issuer_dn(crt, &certificate->issuers[i]);
        if (crt != NULL)
            gnutls_x509_crt_deinit(crt);
    }
    return status;
}

/* The key must be the certificate's, and may sign. */
static int check_key(const struct client_certificate *certificate)
{
    gnutls_pubkey_t own = certificate->chain[0].pubkey;
    gnutls_pubkey_t of_key = NULL;
    unsigned char ids[2][KEY_ID_OCTETS];
    size_t sizes[2] = {KEY_ID_OCTETS, KEY_ID_OCTETS};
    unsigned int usage = 0;
    int status = gnutls_pubkey_init(&of_key);

    if (status >= 0)
        status = gnutls_pubkey_import_privkey(of_key, certificate->key, 0, 0);
    if (status >= 0)
        status = gnutls_pubkey_get_key_id(of_key, GNUTLS_KEYID_USE_SHA256, ids[0], &sizes[0]);
    if (status >= 0)
        status = gnutls_pubkey_get_key_id(own, GNUTLS_KEYID_USE_SHA256, ids[1], &sizes[1]);
    if (status >= 0 && memcmp(ids[0], ids[1], KEY_ID_OCTETS) != 0)
        status = GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
    if (status >= 0 && gnutls_pubkey_get_key_usage(own, &usage) >= 0 && usage != 0 &&
        (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0)
        status = GNUTLS_E_KEY_USAGE_VIOLATION;
    gnutls_pubkey_deinit(of_key);
    return status;
}

static struct cached *read_files(OM_uint32 *minor, const void *argument)
{
    const struct certificate_source *source = argument;
    struct client_certificate *certificate = calloc(1, sizeof *certificate);
    int status;

    if (certificate == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    certificate->base = (struct cached){.references = 1, .destroy = certificate_destroy};
    certificate->key_source = strdup(source->private_key);
    status = certificate->key_source != NULL ? import_chain(certificate, source->certificate)
                                             : GNUTLS_E_MEMORY_ERROR;
    if (status >= 0)
        status = find_issuers(certificate);
    if (status >= 0)
        status = import_key(certificate);
    if (status >= 0)
        status = check_key(certificate);
    if (status >= 0)
        return &certificate->base;
    (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CLIENT_CERTIFICATE, "%.*s, %.*s: %s",
               certificate_source_shown(source->certificate), source->certificate,
               certificate_source_shown(source->private_key), source->private_key,
               certificate_source_reason(status));
    cached_release(&certificate->base);
    return NULL;
}

struct client_certificate *client_certificate_acquire(OM_uint32 *minor,
                                                      const struct certificate_source *source)
{
    return (struct client_certificate *)file_cache_acquire(
        minor, &read_from_files, file_identity(source->certificate, source->private_key),
        read_files, source);
}

void client_certificate_release(struct client_certificate *certificate)
{
    if (certificate != NULL)
        cached_release(&certificate->base);
}

bool client_certificate_is_issued_by(const struct client_certificate *certificate,
                                     const gnutls_datum_t *authorities, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (unsigned int j = 0; j < certificate->count; j++) {
            const gnutls_datum_t *issuer = &certificate->issuers[j];

            if (authorities[i].size == issuer->size &&
                memcmp(authorities[i].data, issuer->data, issuer->size) == 0)
                return true;
        }
    }
    return false;
}
