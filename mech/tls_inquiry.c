/* What a session says of itself. */
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "mech/status.h"
#include "mech/tls_session.h"

bool tls_is_1_3(const struct tls_session *tls)
{
    return gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_3;
}

/* Data in one record: a peer may have asked for less than TLS allows (RFC 6066 4, RFC 8449). */
static size_t maximum_plaintext(const struct tls_session *tls)
{
    size_t most = gnutls_record_get_max_size(tls->session);
    size_t limit = tls->peer_record_limit;

    if (tls_is_1_3(tls) && limit != 0)
        limit--; /* with TLS 1.3 the content type counts */
    return limit != 0 && limit < most ? limit : most;
}

static struct byte_range range_of(const gnutls_datum_t *certificate)
{
    if (certificate == NULL)
        return BYTE_RANGE_ABSENT;
    return byte_range_of(certificate->data, certificate->size);
}

struct byte_range tls_own_certificate(const struct tls_session *tls)
{
    return tls->handshake_done ? range_of(gnutls_certificate_get_ours(tls->session))
                               : BYTE_RANGE_ABSENT;
}

struct byte_range tls_peer_certificate(const struct tls_session *tls)
{
    const gnutls_datum_t *certificates;
    unsigned int count = 0;

    if (!tls->handshake_done)
        return BYTE_RANGE_ABSENT;
    certificates = gnutls_certificate_get_peers(tls->session, &count);
    return range_of(count != 0 ? certificates : NULL);
}

struct byte_range tls_server_certificate(const struct tls_session *tls)
{
    return tls->certificate != NULL ? tls_own_certificate(tls) : tls_peer_certificate(tls);
}

bool tls_server_is_proved(const struct tls_session *tls)
{
    return tls->handshake_done && tls->server_is_proved;
}

bool tls_peer_is_proved(const struct tls_session *tls)
{
    return tls->handshake_done && (tls->server_is_proved || tls->client_is_proved);
}

const char *tls_version_name(const struct tls_session *tls)
{
    return gnutls_protocol_get_name(gnutls_protocol_get_version(tls->session));
}

const char *tls_cipher_suite_name(const struct tls_session *tls)
{
    const char *name = gnutls_ciphersuite_get(tls->session);

    return name != NULL ? name : "unknown";
}

/* RFC 9266 4.2: without the extended master secret, TLS 1.2 binds to nothing. */
static bool can_export(const struct tls_session *tls)
{
    return tls_is_1_3(tls) || gnutls_session_ext_master_secret_status(tls->session) != 0;
}

/* GnuTLS' own data for the kind; older versions know no exporter. */
static int binding_data(const struct tls_session *tls, enum tls_binding kind, gnutls_datum_t *data)
{
    switch (kind) {
    case TLS_BINDING_SERVER_END_POINT:
        return gnutls_session_channel_binding(tls->session, GNUTLS_CB_TLS_SERVER_END_POINT, data);
    case TLS_BINDING_UNIQUE:
        if (tls_is_1_3(tls))
            return GNUTLS_E_CHANNEL_BINDING_NOT_AVAILABLE;
        return gnutls_session_channel_binding(tls->session, GNUTLS_CB_TLS_UNIQUE, data);
    case TLS_BINDING_EXPORTER:
    default:
#if GNUTLS_VERSION_NUMBER >= 0x030702
        if (can_export(tls))
            return gnutls_session_channel_binding(tls->session, GNUTLS_CB_TLS_EXPORTER, data);
#endif
        return GNUTLS_E_CHANNEL_BINDING_NOT_AVAILABLE;
    }
}

OM_uint32 tls_channel_binding(OM_uint32 *minor, const struct tls_session *tls,
                              enum tls_binding kind, gss_buffer_t binding)
{
    static const char *const names[] = {"tls-server-end-point:", "tls-unique:", "tls-exporter:"};
    const size_t name_length = strlen(names[kind]);
    gnutls_datum_t data = {NULL, 0};
    int status = binding_data(tls, kind, &data);

    if (status < 0)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE, "%s %s", names[kind],
                    gnutls_strerror(status));
    *binding = (gss_buffer_desc){name_length + data.size, malloc(name_length + data.size)};
    if (binding->value != NULL) {
        memcpy(binding->value, names[kind], name_length);
        memcpy((char *)binding->value + name_length, data.data, data.size);
    }
    gnutls_free(data.data);
    return binding->value != NULL ? GSS_S_COMPLETE : fail_no_memory(minor);
}

OM_uint32 tls_export(OM_uint32 *minor, const struct tls_session *tls, const char *label,
                     struct byte_range context, unsigned char *octets, size_t length)
{
    int status;

    if (!can_export(tls))
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE,
                    "TLS 1.2 without the extended master secret gives no keys");
    status = gnutls_prf_rfc5705(tls->session, strlen(label), label, context.length,
                                (const char *)context.data, length, (char *)octets);
    if (status < 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TLS_SETUP, "%s", gnutls_strerror(status));
    return GSS_S_COMPLETE;
}

static struct tls_sizes sizes_of(const struct tls_session *tls)
{
    gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(tls->session);
    size_t tag = gnutls_cipher_get_tag_size(cipher);
    size_t block = gnutls_cipher_get_block_size(cipher);
    size_t nonce = 0;
    struct tls_sizes sizes = {TLS_RECORD_HEADER, 0, maximum_plaintext(tls), 1};

    if (tls_is_1_3(tls)) { /* the tag, and the content type that is sealed with the data */
        sizes.trailer = tag + 1;
        return sizes;
    }
    if (tag == 0) { /* CBC: explicit IV, MAC, padding to a whole block and its length */
        sizes.header += gnutls_cipher_get_iv_size(cipher);
        sizes.block_size = block;
        sizes.trailer = gnutls_mac_get_key_size(gnutls_mac_get(tls->session)) + block;
        return sizes;
    }
    /* AES-GCM and CCM carry eight octets of nonce; ChaCha20-Poly1305 none. */
    if (cipher != GNUTLS_CIPHER_CHACHA20_POLY1305)
        nonce = 8;
    sizes.header += nonce;
    sizes.trailer = tag;
    return sizes;
}

void tls_find_sizes(struct tls_session *tls)
{
    tls->sizes = sizes_of(tls);
}

struct tls_sizes tls_sizes(const struct tls_session *tls)
{
    return tls->sizes;
}

size_t tls_record_length(struct byte_range octets)
{
    if (octets.length < TLS_RECORD_HEADER)
        return 0;
    return TLS_RECORD_HEADER + ((size_t)octets.data[3] << 8 | octets.data[4]);
}
