#include "mech/kept_certificate.h"

#include <stdio.h>
#include <time.h>

#include <gnutls/gnutls.h>

#include "common/byte_buffer.h"
#include "mech/state_directory.h"
#include "mech/status.h"
#include "mech/trace.h"

/* Whoever pinned the certificate itself is not to be bothered for long. */
#define KEPT_LIFETIME_SECONDS (10L * 365 * 24 * 60 * 60)

#define PEM_MAXIMUM 65536

static const char *const names[] = {
    [SELF_SIGNED_RSA] = "server-rsa.pem",
    [SELF_SIGNED_ECDSA] = "server-ecdsa.pem",
    [SELF_SIGNED_ED25519] = "server-ed25519.pem",
};

char *kept_certificate_path(const char *directory, enum self_signed_key kind)
{
    char *path = NULL;

    return asprintf(&path, "%s/%s", directory, names[kind]) < 0 ? NULL : path;
}

static OM_uint32 fail_with(OM_uint32 *minor, const struct state_directory *state,
                           enum self_signed_key kind, int status)
{
    return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_STATE_DIRECTORY, "%s/%s: %s", state->path,
                names[kind], gnutls_strerror(status));
}

static int parse(const struct secret *content, struct self_signed *kept)
{
    const gnutls_datum_t pem = {content->data, (unsigned int)content->length};
    int status = gnutls_x509_privkey_init(&kept->key);

    if (status >= 0)
        status = gnutls_x509_privkey_import(kept->key, &pem, GNUTLS_X509_FMT_PEM);
    if (status >= 0)
        status = gnutls_x509_crt_init(&kept->crt);
    return status < 0 ? status : gnutls_x509_crt_import(kept->crt, &pem, GNUTLS_X509_FMT_PEM);
}

/* A clock that was wrong when it was made may have made it for another time altogether. */
static bool is_due(gnutls_x509_crt_t crt)
{
    time_t now = time(NULL);

    return gnutls_x509_crt_get_activation_time(crt) > now ||
           gnutls_x509_crt_get_expiration_time(crt) < now + KEPT_CERTIFICATE_RENEWAL_SECONDS;
}

/* Key and certificate, one behind the other; the caller wipes. */
static int join(const struct self_signed *kept, struct byte_buffer *pem)
{
    gnutls_datum_t key = {NULL, 0};
    gnutls_datum_t crt = {NULL, 0};
    int status = gnutls_x509_privkey_export2_pkcs8(kept->key, GNUTLS_X509_FMT_PEM, NULL,
                                                   GNUTLS_PKCS_PLAIN, &key);

    if (status >= 0)
        status = gnutls_x509_crt_export2(kept->crt, GNUTLS_X509_FMT_PEM, &crt);
    if (status >= 0 && (!byte_buffer_reserve(pem, (size_t)key.size + crt.size) ||
                        !byte_buffer_append(pem, key.data, key.size) ||
                        !byte_buffer_append(pem, crt.data, crt.size)))
        status = GNUTLS_E_MEMORY_ERROR;
    if (key.data != NULL)
        wipe(key.data, key.size);
    gnutls_free(key.data);
    gnutls_free(crt.data);
    return status;
}

static OM_uint32 write_down(OM_uint32 *minor, const struct state_directory *state,
                            enum self_signed_key kind, const struct self_signed *kept)
{
    struct byte_buffer pem = {.limit = PEM_MAXIMUM};
    int status = join(kept, &pem);
    OM_uint32 major;

    if (status < 0)
        major = fail_with(minor, state, kind, status);
    else
        major = state_directory_write(minor, state, names[kind], byte_buffer_range(&pem));
    wipe(pem.data, pem.length);
    byte_buffer_release(&pem);
    return major;
}

/* With the directory locked: what two processes find wanting, one makes. */
static OM_uint32 read_or_make(OM_uint32 *minor, const struct state_directory *state,
                              enum self_signed_key kind, struct self_signed *kept)
{
    struct secret content = {NULL, 0, 0};
    OM_uint32 major = state_directory_read(minor, state, names[kind], &content);
    int status = 0;

    if (GSS_ERROR(major))
        return major;
    if (secret_is_present(&content)) {
        status = parse(&content, kept);
        secret_release(&content);
        if (status >= 0 && !is_due(kept->crt))
            return GSS_S_COMPLETE;
    } else {
        status = self_signed_generate(kept, kind);
    }
    if (status >= 0)
        status = self_signed_certify(kept, KEPT_LIFETIME_SECONDS);
    if (status < 0)
        return fail_with(minor, state, kind, status);
    trace("certificate: a self-signed one was made, and kept in %s/%s", state->path, names[kind]);
    return write_down(minor, state, kind, kept);
}

OM_uint32 kept_certificate_read(OM_uint32 *minor, const char *directory, enum self_signed_key kind,
                                struct self_signed *kept)
{
    struct state_directory state;
    OM_uint32 major = state_directory_open(minor, directory, &state);

    *kept = (struct self_signed){NULL, NULL};
    if (!GSS_ERROR(major))
        major = read_or_make(minor, &state, kind, kept);
    state_directory_close(&state);
    return major;
}
