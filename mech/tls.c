#include "mech/tls.h"

#include <stdlib.h>

#include "mech/status.h"
#include "mech/tls_session.h"
#include "mech/trace.h"

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
    if (tls->kept.length == 0)
        byte_buffer_release(&tls->kept); /* the longest flight's room, for as long as the session */
    return kept;
}

void tls_lend_message(struct tls_session *tls, struct iov_walk *message)
{
    tls->lent_message = message;
}

static size_t unread_octets(const struct tls_session *tls)
{
    size_t octets = tls->kept.length + tls->lent.length;

    return tls->lent_message != NULL ? octets + tls->lent_message->left : octets;
}

bool tls_has_unread(const struct tls_session *tls)
{
    return unread_octets(tls) != 0 || gnutls_record_check_pending(tls->session) != 0;
}

/* Alerts of a server about the client's certificate (RFC 8446 6.2, RFC 5246 7.2.2). */
static bool is_about_our_certificate(const struct tls_session *tls,
                                     gnutls_alert_description_t alert)
{
    if (tls->certificate != NULL || !gnutls_certificate_client_get_request_status(tls->session))
        return false;
    switch (alert) {
    case GNUTLS_A_BAD_CERTIFICATE:
    case GNUTLS_A_UNSUPPORTED_CERTIFICATE:
    case GNUTLS_A_CERTIFICATE_REVOKED:
    case GNUTLS_A_CERTIFICATE_EXPIRED:
    case GNUTLS_A_CERTIFICATE_UNKNOWN:
    case GNUTLS_A_CERTIFICATE_REQUIRED:
    case GNUTLS_A_UNKNOWN_CA:
    case GNUTLS_A_ACCESS_DENIED:
        return true;
    default: /* what TLS 1.2 says of a certificate that is missing */
        return alert == GNUTLS_A_HANDSHAKE_FAILURE && tls_lacks_certificate(tls);
    }
}

/* What the peer's alert says; code is for those about nothing in particular. */
static void fail_by_alert(OM_uint32 *minor, const struct tls_session *tls, long code)
{
    gnutls_alert_description_t alert = gnutls_alert_get(tls->session);
    bool ours = is_about_our_certificate(tls, alert);

    (void)fail(minor, ours ? GSS_S_UNAUTHORIZED : GSS_S_DEFECTIVE_TOKEN,
               ours ? GSS_SSPI_E_CLIENT_REFUSED : code, "the peer sent the alert \"%s\"",
               gnutls_alert_get_name(alert));
}

/* Both ends of one alert: what GnuTLS says of it, for people. */
static enum tls_progress handshake_failed(OM_uint32 *minor, struct tls_session *tls, int status)
{
    if (tls->check_minor != 0) /* the check has said it better */
        *minor = tls->check_minor;
    else if (status == GNUTLS_E_FATAL_ALERT_RECEIVED)
        fail_by_alert(minor, tls, GSS_SSPI_E_TLS_HANDSHAKE);
    else
        (void)fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TLS_HANDSHAKE, "%s",
                   gnutls_strerror(status));
    if (tls->check_alert != 0)
        (void)gnutls_alert_send(tls->session, GNUTLS_AL_FATAL, tls->check_alert);
    else
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
    size_t now = unread_octets(tls);
    bool used_some = now < *unread;

    *unread = now;
    if (status == GNUTLS_E_INTERRUPTED)
        return true;
    return (status == GNUTLS_E_AGAIN || status == GNUTLS_E_WARNING_ALERT_RECEIVED) && used_some &&
           now != 0;
}

enum tls_progress tls_handshake(OM_uint32 *minor, struct tls_session *tls)
{
    size_t unread = unread_octets(tls);
    int status;

    if (tls->handshake_done)
        return TLS_PROGRESS;
    do {
        status = gnutls_handshake(tls->session);
    } while (call_again(tls, status, &unread));
    if (status == GNUTLS_E_AGAIN || status == GNUTLS_E_WARNING_ALERT_RECEIVED)
        return TLS_NEEDS_MORE;
    if (status < 0)
        return handshake_failed(
            minor, tls,
            tls->handshake_octets > TLS_HANDSHAKE_LIMIT ? GNUTLS_E_HANDSHAKE_TOO_LARGE : status);
    if (gnutls_session_is_resumed(tls->session))
        return handshake_failed(minor, tls, GNUTLS_E_UNSUPPORTED_VERSION_PACKET);
    if (tls->client_check != NULL && !tls->client_is_checked) /* GnuTLS has not asked us */
        return handshake_failed(minor, tls, GNUTLS_E_CERTIFICATE_REQUIRED);
    tls->handshake_done = true;
    tls_find_sizes(tls);
    trace("tls: %s %s", tls_version_name(tls), tls_cipher_suite_name(tls));
    return TLS_PROGRESS;
}

/* What came of a call that was to read. */
static enum tls_progress reading_ended(OM_uint32 *minor, struct tls_session *tls, ssize_t got)
{
    if (got > 0)
        return TLS_PROGRESS;
    if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_WARNING_ALERT_RECEIVED)
        return TLS_NEEDS_MORE;
    if (got == 0)
        return TLS_CLOSED;
    if (got == GNUTLS_E_FATAL_ALERT_RECEIVED)
        fail_by_alert(minor, tls, GSS_SSPI_E_TLS_RECORD);
    else
        (void)fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TLS_RECORD, "%s",
                   got == GNUTLS_E_REHANDSHAKE ? "the peer wants to renegotiate"
                                               : gnutls_strerror((int)got));
    (void)gnutls_alert_send_appropriate(tls->session, (int)got);
    return TLS_FAILED;
}

enum tls_progress tls_read(OM_uint32 *minor, struct tls_session *tls, void *data, size_t size,
                           size_t *length)
{
    size_t unread = unread_octets(tls);
    ssize_t got;

    do {
        got = gnutls_record_recv(tls->session, data, size);
    } while (call_again(tls, got, &unread));
    *length = got > 0 ? (size_t)got : 0;
    return reading_ended(minor, tls, got);
}

enum tls_progress tls_read_record(OM_uint32 *minor, struct tls_session *tls,
                                  struct tls_record *record)
{
    size_t unread = unread_octets(tls);
    gnutls_datum_t datum = {NULL, 0};
    ssize_t got;

    do {
        record->packet = NULL;
        got = gnutls_record_recv_packet(tls->session, &record->packet);
    } while (call_again(tls, got, &unread));
    if (got > 0)
        gnutls_packet_get(record->packet, &datum, NULL);
    record->octets = (struct byte_range){datum.data, datum.size};
    return reading_ended(minor, tls, got);
}

void tls_record_release(struct tls_record *record)
{
    if (record->packet != NULL)
        gnutls_packet_deinit(record->packet);
    *record = (struct tls_record){NULL, BYTE_RANGE_ABSENT};
}

void tls_close(struct tls_session *tls)
{
    if (tls->handshake_done)
        (void)gnutls_bye(tls->session, GNUTLS_SHUT_WR);
}

bool tls_has_output(const struct tls_session *tls)
{
    return tls->output.length != 0;
}

void tls_take_output(struct tls_session *tls, gss_buffer_t output)
{
    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (tls->output.length == 0)
        return; /* the room stays for the next time, and nothing is handed out */
    *output = (gss_buffer_desc){tls->output.length, tls->output.data};
    tls->output = (struct byte_buffer){.limit = tls->output.limit};
}
