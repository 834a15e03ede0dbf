#include <stdlib.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "mech/credssp/credssp.h"
#include "mech/status.h"

/* Hashed with their terminating NUL (MS-CSSP 3.1.5). */
static const char client_magic[] = "CredSSP Client-To-Server Binding Hash";
static const char server_magic[] = "CredSSP Server-To-Client Binding Hash";

#define HASH_OCTETS 32

/* Version 5 and later: SHA-256 of magic, nonce and key. */
static OM_uint32 hash_binding(OM_uint32 *minor, const struct credssp_context *credssp,
                              enum binding_direction direction, unsigned char *hash)
{
    const char *magic = direction == BINDING_CLIENT_TO_SERVER ? client_magic : server_magic;
    gnutls_hash_hd_t state;
    int status = gnutls_hash_init(&state, GNUTLS_DIG_SHA256);

    if (status < 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TLS_SETUP, "%s", gnutls_strerror(status));
    (void)gnutls_hash(state, magic, sizeof client_magic);
    (void)gnutls_hash(state, credssp->nonce, sizeof credssp->nonce);
    (void)gnutls_hash(state, credssp->public_key.data, credssp->public_key.length);
    gnutls_hash_deinit(state, hash);
    return GSS_S_COMPLETE;
}

/*
 * What pubKeyAuth holds before it is sealed: a hash, or (versions 2 to 4) the key itself, whose
 * first octet the server raises by one. *plain is malloc()ed and the caller's to free.
 */
static OM_uint32 make_plain(OM_uint32 *minor, const struct credssp_context *credssp,
                            enum binding_direction direction, unsigned char **plain, size_t *length)
{
    bool hashed = negotiated_version(credssp) >= CREDSSP_HASHED_BINDING;

    *length = hashed ? HASH_OCTETS : credssp->public_key.length;
    *plain = malloc(*length);
    if (*plain == NULL)
        return fail_no_memory(minor);
    if (hashed)
        return hash_binding(minor, credssp, direction, *plain);
    memcpy(*plain, credssp->public_key.data, *length);
    if (direction == BINDING_SERVER_TO_CLIENT)
        (*plain)[0]++;
    return GSS_S_COMPLETE;
}

_Static_assert(sizeof client_magic == sizeof server_magic, "both hashes cover as many octets");

OM_uint32 binding_make(OM_uint32 *minor, struct credssp_context *credssp,
                       enum binding_direction direction, gss_buffer_t pub_key_auth)
{
    unsigned char *plain = NULL;
    size_t length = 0;
    OM_uint32 major = make_plain(minor, credssp, direction, &plain, &length);

    if (!GSS_ERROR(major))
        major = inner_seal(minor, credssp, byte_range_of(plain, length), pub_key_auth);
    free(plain);
    return major;
}

OM_uint32 binding_verify(OM_uint32 *minor, struct credssp_context *credssp,
                         enum binding_direction direction, struct byte_range pub_key_auth)
{
    gss_buffer_desc received = GSS_C_EMPTY_BUFFER;
    unsigned char *expected = NULL;
    size_t length = 0;
    OM_uint32 major;

    if (!byte_range_is_present(pub_key_auth))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BINDING, "pubKeyAuth is missing");
    if (negotiated_version(credssp) >= CREDSSP_HASHED_BINDING && !credssp->has_nonce)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_NONCE, "it is missing");
    major = inner_open(minor, credssp, pub_key_auth, &received);
    if (GSS_ERROR(major))
        return major;
    major = make_plain(minor, credssp, direction, &expected, &length);
    if (!GSS_ERROR(major) &&
        (received.length != length || gnutls_memcmp(received.value, expected, length) != 0))
        major = fail(minor, GSS_S_BAD_BINDINGS, GSS_SSPI_E_BINDING, NULL);
    release_secret_buffer(&received);
    free(expected);
    return major;
}
