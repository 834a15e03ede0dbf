/* Sealing: messages into records. */
#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "common/secret.h"
#include "mech/status.h"
#include "mech/tls_session.h"

/* A KeyUpdate message (RFC 8446 4.6.3): the handshake's header and one octet. */
#define KEY_UPDATE_OCTETS 5

/*
 * GnuTLS updates its keys before the record with this number, modulo the mask and one: the limit of
 * AES-GCM (RFC 8446 5.5).
 */
#define REKEY_SEQUENCE_NUMBER 0xfffffdu
#define REKEY_SEQUENCE_MASK   0xffffffu

/* What makes GnuTLS seal a record without data, with TLS 1.3. */
#define EMPTY_RECORD_PADDING 1

/*
 * GnuTLS makes a record without data of its own accord only to say goodbye. With TLS 1.3 it does when
 * the record is padded. When a key update goes before it, the padding is forgotten, and the call
 * fails with nothing sent but the update; the next one makes the record.
 */
static ssize_t send_empty_record(const struct tls_session *tls)
{
    ssize_t sent = gnutls_record_send2(tls->session, "", 0, EMPTY_RECORD_PADDING, 0);

    if (sent == GNUTLS_E_INVALID_REQUEST && tls_is_1_3(tls))
        sent = gnutls_record_send2(tls->session, "", 0, EMPTY_RECORD_PADDING, 0);
    return sent;
}

static ssize_t send_record(const struct tls_session *tls, const void *data, size_t length)
{
    ssize_t sent;

    do {
        sent = length != 0 ? gnutls_record_send2(tls->session, data, length, 0, 0)
                           : send_empty_record(tls);
    } while (sent == GNUTLS_E_INTERRUPTED || sent == GNUTLS_E_AGAIN);
    return sent;
}

/* The next length octets of data lie in several buffers, and GnuTLS takes one. */
static ssize_t send_gathered(const struct tls_session *tls, struct iov_walk data, size_t length)
{
    unsigned char *gathered = malloc(length);
    ssize_t sent;

    if (gathered == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    (void)iov_walk_read(&data, gathered, length);
    sent = send_record(tls, gathered, length);
    wipe(gathered, length);
    free(gathered);
    return sent;
}

/* Seals the next record's data. A negative number is an error of GnuTLS. */
static ssize_t write_record(struct tls_session *tls, struct iov_walk *data)
{
    const size_t most = tls->sizes.maximum_message;
    size_t length = data->left < most ? data->left : most;
    unsigned char *place = NULL;
    size_t together = iov_walk_next(data, &place);
    ssize_t sent;

    if (together >= length)
        sent = send_record(tls, place, length);
    else
        sent = send_gathered(tls, *data, length);
    if (sent == 0 && length != 0)
        return GNUTLS_E_INTERNAL_ERROR;
    if (sent > 0)
        iov_walk_pass(data, (size_t)sent);
    tls->sealed_records++;
    return sent;
}

static OM_uint32 fail_to_seal(OM_uint32 *minor, const struct tls_session *tls, ssize_t status,
                              const struct iov_walk *data)
{
    if (status == GNUTLS_E_INVALID_REQUEST && data->left + data->passed == 0 && !tls_is_1_3(tls))
        return fail(
            minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
            "an empty message cannot be sealed with TLS 1.2 (GnuTLS makes no empty record)");
    return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TLS_RECORD, "%s", gnutls_strerror((int)status));
}

OM_uint32 tls_write_in_place(OM_uint32 *minor, struct tls_session *tls, struct iov_walk *data,
                             struct iov_walk *places)
{
    ssize_t sent;

    if (places != NULL && tls->output.length != 0) { /* an alert that was sealed before */
        (void)iov_walk_write(places, tls->output.data, tls->output.length);
        tls->output.length = 0;
    }
    tls->places = places;
    do {
        sent = write_record(tls, data);
    } while (sent >= 0 && data->left != 0);
    tls->places = NULL;
    if (sent < 0)
        return fail_to_seal(minor, tls, sent, data);
    tls->key_update_is_due = false;
    return GSS_S_COMPLETE;
}

OM_uint32 tls_write(OM_uint32 *minor, struct tls_session *tls, struct byte_range octets)
{
    gss_iov_buffer_desc part;
    const struct iov_message message =
        iov_message_of(&part, (void *)(uintptr_t)octets.data, octets.length);
    struct iov_walk data;

    iov_walk_data(&data, &message);
    return tls_write_in_place(minor, tls, &data, NULL);
}

static size_t records_of(const struct tls_session *tls, size_t length)
{
    const size_t most = tls->sizes.maximum_message;

    return length <= most ? 1 : (length - 1) / most + 1;
}

/* With CBC what is signed and encrypted is padded to whole blocks, by one octet at least. */
static size_t trailer_of(const struct tls_session *tls, size_t length)
{
    const size_t block = tls->sizes.block_size;
    size_t mac;

    if (block <= 1)
        return tls->sizes.trailer + (length == 0 ? EMPTY_RECORD_PADDING : 0);
    mac = tls->sizes.trailer - block;
    if (gnutls_session_etm_status(tls->session) == 0)
        length += mac;
    return mac + block - length % block;
}

/* Whether keys are updated before one of the next so many records. */
static bool key_update_comes(const struct tls_session *tls, size_t records)
{
    unsigned char number[8] = {0};
    size_t sequence = 0;

    if (tls->key_update_is_due)
        return true;
    if (tls->sealed_records < REKEY_SEQUENCE_NUMBER / 2 || !tls_is_1_3(tls) ||
        gnutls_cipher_get(tls->session) == GNUTLS_CIPHER_CHACHA20_POLY1305 ||
        gnutls_record_get_state(tls->session, 0, NULL, NULL, NULL, number) < 0)
        return false;
    for (size_t i = 0; i < sizeof number; i++)
        sequence = sequence << 8 | number[i];
    return ((REKEY_SEQUENCE_NUMBER - sequence) & REKEY_SEQUENCE_MASK) < records;
}

struct tls_protection tls_protection_of(const struct tls_session *tls, size_t length)
{
    const struct tls_sizes *sizes = &tls->sizes;
    const size_t records = records_of(tls, length);
    const size_t whole = (records - 1) * sizes->maximum_message;
    struct tls_protection protection = {sizes->header, trailer_of(tls, length - whole)};

    protection.header += (records - 1) * (sizes->header + trailer_of(tls, sizes->maximum_message));
    protection.header += tls->output.length;
    if (key_update_comes(tls, records))
        protection.header += sizes->header + KEY_UPDATE_OCTETS + sizes->trailer;
    return protection;
}

bool tls_reserve_output(struct tls_session *tls, size_t length)
{
    struct tls_protection protection;

    if (length > TLS_OUTPUT_LIMIT)
        return false;
    protection = tls_protection_of(tls, length);
    return byte_buffer_reserve(&tls->output, length + protection.header + protection.trailer);
}
