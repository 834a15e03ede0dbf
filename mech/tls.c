#include "mech/tls.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "common/byte_buffer.h"
#include "mech/status.h"
#include "mech/tls_record_limit.h"
#include "mech/trace.h"

#define TLS_RECORD_HEADER 5
#define TLS_MAX_PLAINTEXT 16384
#define TLS_MAX_RECORD    (TLS_RECORD_HEADER + TLS_MAX_PLAINTEXT + 2048)

/* Octets of the peer that are kept while a record is not whole: one record, and the start of the
 * next. */
#define KEPT_INPUT_LIMIT (2 * TLS_MAX_RECORD)

/* More than any message that GSS buffers may describe with 32-bit sizes elsewhere. */
#define OUTPUT_LIMIT ((size_t)UINT32_MAX)

/*
 * What CredSSP never speaks, whatever the system's policy or the administrator's string enables.
 * DTLS is no part of a stream session, but costs nothing to name.
 */
#define PRIORITY_RESTRICTION "-VERS-SSL3.0:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS-ALL"

struct tls_session {
    pthread_mutex_t lock;
    gnutls_session_t session;
    struct certificate *certificate; /* server */
    struct byte_range lent;
    struct byte_buffer kept;
    struct byte_buffer output;
    size_t peer_record_limit; /* of RFC 8449, as the peer sent it; 0: it sent none */
    bool handshake_done;
};

/* A client has no certificate of its own; one object serves all sessions. */
static pthread_once_t client_credentials_once = PTHREAD_ONCE_INIT;
static gnutls_certificate_credentials_t client_credentials;

static void make_client_credentials(void)
{
    if (gnutls_certificate_allocate_credentials(&client_credentials) < 0)
        client_credentials = NULL;
}

static size_t take_from(const unsigned char *source, size_t available, void *data, size_t size)
{
    size_t length = available < size ? available : size;

    memcpy(data, source, length);
    return length;
}

/* GnuTLS reads: what was kept comes first, then what is lent. */
static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct tls_session *tls = pointer;
    size_t length;

    if (tls->kept.length != 0) {
        length = take_from(tls->kept.data, tls->kept.length, data, size);
        byte_buffer_consume(&tls->kept, length);
        return (ssize_t)length;
    }
    if (tls->lent.length == 0) {
        gnutls_transport_set_errno(tls->session, EAGAIN);
        return -1;
    }
    length = take_from(tls->lent.data, tls->lent.length, data, size);
    tls->lent.data += length;
    tls->lent.length -= length;
    return (ssize_t)length;
}

/* There is never anything to wait for. */
static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    const struct tls_session *tls = pointer;

    (void)milliseconds;
    return tls->kept.length != 0 || tls->lent.length != 0;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct tls_session *tls = pointer;

    if (!byte_buffer_append(&tls->output, data, size)) {
        gnutls_transport_set_errno(tls->session, ENOMEM);
        return -1;
    }
    return (ssize_t)size;
}

/*
 * Priority strings take a while to parse; the last one used is kept. GnuTLS counts its own references
 * from sessions to the parsed form, so that ours may go when another string comes.
 */
static pthread_mutex_t last_priority_lock = PTHREAD_MUTEX_INITIALIZER;
static char *last_priority_text; /* NULL: the system's default */
static gnutls_priority_t last_priority;

static bool is_last_priority(const char *priority)
{
    if (last_priority == NULL || (priority == NULL) != (last_priority_text == NULL))
        return false;
    return priority == NULL || strcmp(priority, last_priority_text) == 0;
}

static int parse_priority(const char *priority, gnutls_priority_t *parsed)
{
    char *restricted = NULL;
    int status;

    if (priority == NULL)
        return gnutls_priority_init2(parsed, PRIORITY_RESTRICTION, NULL,
                                     GNUTLS_PRIORITY_INIT_DEF_APPEND);
    if (asprintf(&restricted, "%s:%s", priority, PRIORITY_RESTRICTION) < 0)
        return GNUTLS_E_MEMORY_ERROR;
    status = gnutls_priority_init(parsed, restricted, NULL);
    free(restricted);
    return status;
}

/* Makes priority the last one used; the lock is held. */
static int keep_priority(const char *priority)
{
    gnutls_priority_t parsed = NULL;
    char *text = NULL;
    int status = parse_priority(priority, &parsed);

    if (status < 0)
        return status;
    if (priority != NULL && (text = strdup(priority)) == NULL) {
        gnutls_priority_deinit(parsed);
        return GNUTLS_E_MEMORY_ERROR;
    }
    if (last_priority != NULL)
        gnutls_priority_deinit(last_priority);
    free(last_priority_text);
    last_priority = parsed;
    last_priority_text = text;
    return 0;
}

static int set_priority(struct tls_session *tls, const char *priority)
{
    int status = 0;

    (void)pthread_mutex_lock(&last_priority_lock);
    if (!is_last_priority(priority))
        status = keep_priority(priority);
    if (status >= 0)
        status = gnutls_priority_set(tls->session, last_priority);
    (void)pthread_mutex_unlock(&last_priority_lock);
    return status;
}

/* After GnuTLS has found the message good. */
static int look_at_handshake(gnutls_session_t session, unsigned int type, unsigned int when,
                             unsigned int incoming, const gnutls_datum_t *message)
{
    struct tls_session *tls = gnutls_transport_get_ptr(session);

    (void)when;
    if (incoming)
        tls_find_record_limit(type, message, &tls->peer_record_limit);
    return 0;
}

static struct tls_session *tls_create(OM_uint32 *minor, unsigned int role, const char *priority,
                                      gnutls_certificate_credentials_t credentials)
{
    const unsigned int flags = role | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;
    struct tls_session *tls = calloc(1, sizeof *tls);
    int status;

    if (tls == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    if (pthread_mutex_init(&tls->lock, NULL) != 0) {
        free(tls);
        (void)fail_no_memory(minor);
        return NULL;
    }
    tls->kept.limit = KEPT_INPUT_LIMIT;
    tls->output.limit = OUTPUT_LIMIT;
    if ((status = gnutls_init(&tls->session, flags)) < 0 ||
        (status = set_priority(tls, priority)) < 0 ||
        (status = gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, credentials)) < 0) {
        (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TLS_SETUP, "%s", gnutls_strerror(status));
        tls_delete(&tls);
        return NULL;
    }
    gnutls_handshake_set_timeout(tls->session, GNUTLS_INDEFINITE_TIMEOUT);
    gnutls_transport_set_ptr(tls->session, tls);
    gnutls_transport_set_pull_function(tls->session, pull);
    gnutls_transport_set_pull_timeout_function(tls->session, pull_timeout);
    gnutls_transport_set_push_function(tls->session, push);
    gnutls_handshake_set_hook_function(tls->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_POST,
                                       look_at_handshake);
    return tls;
}

/*
 * The server name of RFC 6066 3, where the host is a name that DNS could have; a port is cut off.
 * Without one (an address, a NetBIOS name with an underscore) the server chooses by itself.
 */
static void set_server_name(struct tls_session *tls, const char *host)
{
    size_t length = strcspn(host, ":/");

    if (length == 0 || strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789-.") < length)
        return;
    if (strspn(host, "0123456789.") >= length)
        return; /* an IPv4 address is no server name */
    (void)gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, host, length);
}

struct tls_session *tls_client_create(OM_uint32 *minor, const char *priority, const char *host)
{
    struct tls_session *tls;

    (void)pthread_once(&client_credentials_once, make_client_credentials);
    if (client_credentials == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    tls = tls_create(minor, GNUTLS_CLIENT, priority, client_credentials);
    if (tls != NULL && host != NULL)
        set_server_name(tls, host);
    return tls;
}

struct tls_session *tls_server_create(OM_uint32 *minor, const char *priority,
                                      struct certificate *certificate)
{
    struct tls_session *tls = tls_create(minor, GNUTLS_SERVER, priority, certificate->credentials);

    if (tls == NULL) {
        certificate_release(certificate);
        return NULL;
    }
    tls->certificate = certificate;
    gnutls_certificate_server_set_request(tls->session, GNUTLS_CERT_IGNORE);
    return tls;
}

void tls_delete(struct tls_session **tls)
{
    if (*tls == NULL)
        return;
    if ((*tls)->session != NULL)
        gnutls_deinit((*tls)->session);
    certificate_release((*tls)->certificate);
    byte_buffer_release(&(*tls)->kept);
    byte_buffer_release(&(*tls)->output);
    (void)pthread_mutex_destroy(&(*tls)->lock);
    free(*tls);
    *tls = NULL;
}

void tls_lock(struct tls_session *tls)
{
    (void)pthread_mutex_lock(&tls->lock);
}

void tls_unlock(struct tls_session *tls)
{
    (void)pthread_mutex_unlock(&tls->lock);
}

void tls_lend(struct tls_session *tls, struct byte_range octets)
{
    tls->lent = octets;
}

bool tls_keep_rest(struct tls_session *tls)
{
    bool kept = byte_buffer_append(&tls->kept, tls->lent.data, tls->lent.length);

    tls->lent = BYTE_RANGE_ABSENT;
    return kept;
}

bool tls_has_unread(const struct tls_session *tls)
{
    return tls->kept.length != 0 || tls->lent.length != 0 ||
           gnutls_record_check_pending(tls->session) != 0;
}

/* Both ends of one alert: what GnuTLS says of it, for people. */
static enum tls_progress handshake_failed(OM_uint32 *minor, struct tls_session *tls, int status)
{
    if (status == GNUTLS_E_FATAL_ALERT_RECEIVED)
        (void)fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TLS_HANDSHAKE,
                   "the peer sent the alert \"%s\"",
                   gnutls_alert_get_name(gnutls_alert_get(tls->session)));
    else
        (void)fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TLS_HANDSHAKE, "%s",
                   gnutls_strerror(status));
    (void)gnutls_alert_send_appropriate(tls->session, status);
    return TLS_FAILED;
}

/*
 * GnuTLS answers "again" also when it has read something that is not for us (a ticket, a key
 * update) and octets are left. True when it is worth another call: octets are left, and the last
 * call used some of those that were there before it.
 */
static bool call_again(const struct tls_session *tls, ssize_t status, size_t *unread)
{
    size_t now = tls->kept.length + tls->lent.length;
    bool used_some = now < *unread;

    *unread = now;
    if (status == GNUTLS_E_INTERRUPTED)
        return true;
    return (status == GNUTLS_E_AGAIN || status == GNUTLS_E_WARNING_ALERT_RECEIVED) && used_some &&
           now != 0;
}

enum tls_progress tls_handshake(OM_uint32 *minor, struct tls_session *tls)
{
    size_t unread = tls->kept.length + tls->lent.length;
    int status;

    if (tls->handshake_done)
        return TLS_PROGRESS;
    do {
        status = gnutls_handshake(tls->session);
    } while (call_again(tls, status, &unread));
    if (status == GNUTLS_E_AGAIN || status == GNUTLS_E_WARNING_ALERT_RECEIVED)
        return TLS_NEEDS_MORE;
    if (status < 0)
        return handshake_failed(minor, tls, status);
    if (gnutls_session_is_resumed(tls->session))
        return handshake_failed(minor, tls, GNUTLS_E_UNSUPPORTED_VERSION_PACKET);
    tls->handshake_done = true;
    trace("tls: %s %s", tls_version_name(tls), tls_cipher_suite_name(tls));
    return TLS_PROGRESS;
}

enum tls_progress tls_read(OM_uint32 *minor, struct tls_session *tls, void *data, size_t size,
                           size_t *length)
{
    size_t unread = tls->kept.length + tls->lent.length;
    ssize_t got;

    *length = 0;
    do {
        got = gnutls_record_recv(tls->session, data, size);
    } while (call_again(tls, got, &unread));
    if (got > 0) {
        *length = (size_t)got;
        return TLS_PROGRESS;
    }
    if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_WARNING_ALERT_RECEIVED)
        return TLS_NEEDS_MORE;
    if (got == 0)
        return TLS_CLOSED;
    if (got == GNUTLS_E_FATAL_ALERT_RECEIVED)
        (void)fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TLS_RECORD,
                   "the peer sent the alert \"%s\"",
                   gnutls_alert_get_name(gnutls_alert_get(tls->session)));
    else
        (void)fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TLS_RECORD, "%s",
                   got == GNUTLS_E_REHANDSHAKE ? "the peer wants to renegotiate"
                                               : gnutls_strerror((int)got));
    (void)gnutls_alert_send_appropriate(tls->session, (int)got);
    return TLS_FAILED;
}

/*
 * GnuTLS makes a record without data of its own accord only to say goodbye. With TLS 1.3 it does when
 * the record is padded; with TLS 1.2 it cannot, and gives GNUTLS_E_INVALID_REQUEST.
 */
static ssize_t send_record(const struct tls_session *tls, const void *data, size_t length)
{
    const size_t padding = length == 0 ? 1 : 0;

    return gnutls_record_send2(tls->session, data, length, padding, 0);
}

static bool is_tls_1_3(const struct tls_session *tls)
{
    return gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_3;
}

/* Data in one record: a peer may have asked for less than TLS allows (RFC 6066 4, RFC 8449). */
static size_t maximum_plaintext(const struct tls_session *tls)
{
    size_t most = gnutls_record_get_max_size(tls->session);
    size_t limit = tls->peer_record_limit;

    if (is_tls_1_3(tls) && limit != 0)
        limit--; /* with TLS 1.3 the content type counts */
    return limit != 0 && limit < most ? limit : most;
}

OM_uint32 tls_write(OM_uint32 *minor, struct tls_session *tls, struct byte_range octets)
{
    const size_t most = maximum_plaintext(tls);

    do {
        size_t part = octets.length < most ? octets.length : most;
        ssize_t written = send_record(tls, octets.data, part);

        if (written == GNUTLS_E_INTERRUPTED || written == GNUTLS_E_AGAIN)
            continue;
        if (written < 0 || (written == 0 && part != 0))
            return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TLS_RECORD, "%s",
                        gnutls_strerror((int)written));
        octets.data += written;
        octets.length -= (size_t)written;
    } while (octets.length != 0);
    return GSS_S_COMPLETE;
}

void tls_close(struct tls_session *tls)
{
    if (tls->handshake_done)
        (void)gnutls_bye(tls->session, GNUTLS_SHUT_WR);
}

void tls_take_output(struct tls_session *tls, gss_buffer_t output)
{
    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (tls->output.length == 0)
        return; /* the room stays for the next time, and nothing is handed out */
    *output = (gss_buffer_desc){tls->output.length, tls->output.data};
    tls->output = (struct byte_buffer){.limit = tls->output.limit};
}

bool tls_reserve_output(struct tls_session *tls, size_t length)
{
    size_t records = length / maximum_plaintext(tls) + 1;
    size_t overhead = gnutls_record_overhead_size(tls->session) + TLS_RECORD_HEADER;

    if (length > OUTPUT_LIMIT - records * overhead)
        return false;
    return byte_buffer_reserve(&tls->output, length + records * overhead);
}

struct byte_range tls_server_certificate(const struct tls_session *tls)
{
    const gnutls_datum_t *certificate;
    unsigned int count = 0;

    if (!tls->handshake_done)
        return BYTE_RANGE_ABSENT;
    if (tls->certificate != NULL) {
        certificate = gnutls_certificate_get_ours(tls->session);
    } else {
        certificate = gnutls_certificate_get_peers(tls->session, &count);
        if (count == 0)
            certificate = NULL;
    }
    if (certificate == NULL)
        return BYTE_RANGE_ABSENT;
    return byte_range_of(certificate->data, certificate->size);
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

struct tls_sizes tls_sizes(const struct tls_session *tls)
{
    gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(tls->session);
    size_t tag = gnutls_cipher_get_tag_size(cipher);
    size_t block = gnutls_cipher_get_block_size(cipher);
    size_t nonce = 0;
    struct tls_sizes sizes = {TLS_RECORD_HEADER, 0, maximum_plaintext(tls), 1};

    if (is_tls_1_3(tls)) { /* the tag, and the content type that is sealed with the data */
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

size_t tls_record_length(struct byte_range octets)
{
    if (octets.length < TLS_RECORD_HEADER)
        return 0;
    return TLS_RECORD_HEADER + ((size_t)octets.data[3] << 8 | octets.data[4]);
}
