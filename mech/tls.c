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
    if (tls->check_minor != 0) /* the check has said it better */
        *minor = tls->check_minor;
    else if (status == GNUTLS_E_FATAL_ALERT_RECEIVED)
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

OM_uint32 tls_write(OM_uint32 *minor, struct tls_session *tls, struct byte_range octets)
{
    const size_t most = tls_maximum_plaintext(tls);

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
    size_t records = length / tls_maximum_plaintext(tls) + 1;
    size_t overhead = gnutls_record_overhead_size(tls->session) + TLS_RECORD_HEADER;

    if (length > TLS_OUTPUT_LIMIT - records * overhead)
        return false;
    return byte_buffer_reserve(&tls->output, length + records * overhead);
}
