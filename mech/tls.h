/*
 * One TLS session over memory: octets in, octets out, no I/O. GnuTLS does the protocol; this keeps
 * what came and was not read yet, what is to be sent, and the rules of CredSSP (MS-CSSP 3.1.5):
 * TLS 1.2 at least, no session resumption, no renegotiation.
 */
#ifndef MECH_TLS_H
#define MECH_TLS_H

#include <stdbool.h>

#include "common/byte_range.h"
#include "mech/certificate.h"
#include "mech/certificate_source.h"
#include "mech/client_check.h"
#include "mech/iov_message.h"
#include "mech/mechglue.h"
#include "mech/server_check.h"
#include "mech/tls_priority.h"

struct tls_session;

/* What one step of reading or handshaking came to. Failures are GSS major codes beside it. */
enum tls_progress {
    TLS_PROGRESS,   /* the handshake is done; octets were read */
    TLS_NEEDS_MORE, /* everything that came is used, and more must come */
    TLS_CLOSED,     /* the peer said close_notify */
    TLS_FAILED,     /* *minor says why, last_failure() what to return; an alert may be waiting */
};

/*
 * A client session with the server that check is about, and with the client's own certificate, read when
 * the server asks for it; or a server session with certificate, which it holds, and with the check of the
 * client's, which is not asked for where it is NULL. check and own must live as long. own may be
 * empty. priority is a GnuTLS priority string, or NULL for the system's. NULL, with *minor set, on
 * failure.
 */
struct tls_session *tls_client_create(OM_uint32 *minor, const char *priority,
                                      enum tls_versions versions, const struct server_check *check,
                                      const struct certificate_source *own);
struct tls_session *tls_server_create(OM_uint32 *minor, const char *priority,
                                      enum tls_versions versions, struct certificate *certificate,
                                      const struct client_check *check);

/* Deletes and sets to NULL; NULL is allowed. */
void tls_delete(struct tls_session **tls);

/*
 * One thread may seal and another open: what a session does for one (an alert, the answer to a key
 * update) shows in the other. Held over a whole call on messages.
 */
void tls_lock(struct tls_session *tls);
void tls_unlock(struct tls_session *tls);

/*
 * Lends the peer's octets to the session until tls_keep_rest(), which copies what was not used
 * (limited: a peer that has not logged on must not make us store more than a record or two; false
 * then).
 */
void tls_lend(struct tls_session *tls, struct byte_range octets);
bool tls_keep_rest(struct tls_session *tls);

/* Whether octets of the peer are still unread: lent, kept, or decrypted and not fetched. */
bool tls_has_unread(const struct tls_session *tls);

/* Goes on with the handshake as far as the octets reach. */
enum tls_progress tls_handshake(OM_uint32 *minor, struct tls_session *tls);

/* Reads decrypted octets, one record at most, into size octets at data; size must not be 0. */
enum tls_progress tls_read(OM_uint32 *minor, struct tls_session *tls, void *data, size_t size,
                           size_t *length);

/* The data of one record, in memory of GnuTLS'. */
struct tls_record {
    gnutls_packet_t packet;
    struct byte_range octets;
};

/* Reads one record; the caller gives it back by tls_record_release, also after a failure. */
enum tls_progress tls_read_record(OM_uint32 *minor, struct tls_session *tls,
                                  struct tls_record *record);
void tls_record_release(struct tls_record *record);

/*
 * Lends a message in its owner's buffers, to be read like tls_lend's octets; NULL ends it. The walk
 * goes on as octets are read, and what it has passed may be overwritten.
 */
void tls_lend_message(struct tls_session *tls, struct iov_walk *message);

/*
 * Seals octets into as few records as they need; an empty message is one empty record with TLS 1.3 and
 * a failure with TLS 1.2, for which GnuTLS makes none.
 */
OM_uint32 tls_write(OM_uint32 *minor, struct tls_session *tls, struct byte_range octets);

/*
 * The same with a message whose data lie in several buffers, into places that may be these buffers:
 * tls_protection_of() says how much must stand before and behind the data then. Nothing is copied
 * but the data of a record that lies in more than one buffer.
 */
OM_uint32 tls_write_in_place(OM_uint32 *minor, struct tls_session *tls, struct iov_walk *data,
                             struct iov_walk *places);

/*
 * How much stands before and behind length octets of data when they are sealed in place, now: what
 * is between their records stands before them too, so that no record is written over data that is
 * still to be sealed.
 */
struct tls_protection {
    size_t header;
    size_t trailer;
};
struct tls_protection tls_protection_of(const struct tls_session *tls, size_t length);

/* Seals close_notify. */
void tls_close(struct tls_session *tls);

bool tls_has_output(const struct tls_session *tls);

/* Hands what is to be sent to *output, to be freed by gss_release_buffer. */
void tls_take_output(struct tls_session *tls, gss_buffer_t output);

/* Room for the records of a message of length octets, so that they are sealed without copying. */
bool tls_reserve_output(struct tls_session *tls, size_t length);

/* The certificate that the server presented in this session; borrowed, absent before the handshake.
 */
struct byte_range tls_server_certificate(const struct tls_session *tls);

/* The certificates that the two sides presented; borrowed, absent where a side presented none. */
struct byte_range tls_own_certificate(const struct tls_session *tls);
struct byte_range tls_peer_certificate(const struct tls_session *tls);

/* Whether the server has asked this client for a certificate, and gets none. */
bool tls_lacks_certificate(const struct tls_session *tls);

/* Whether the peer's certificate was verified or known, and not only its key proved. */
bool tls_peer_is_proved(const struct tls_session *tls);

/* Whether a server proved by its certificate who it is; false before the handshake. */
bool tls_server_is_proved(const struct tls_session *tls);

/* Texts of GnuTLS and IANA, static: "TLS1.3", "TLS_AES_256_GCM_SHA384". */
const char *tls_version_name(const struct tls_session *tls);
const char *tls_cipher_suite_name(const struct tls_session *tls);

/* Channel bindings of a TLS session, by the names that IANA has for them. */
enum tls_binding {
    TLS_BINDING_SERVER_END_POINT, /* RFC 5929 4: of the server's certificate */
    TLS_BINDING_UNIQUE,           /* RFC 5929 3: TLS 1.2 only */
    TLS_BINDING_EXPORTER,         /* RFC 9266; with TLS 1.2 where the master secret is extended */
};

/*
 * The binding as programs exchange it: its name, ':' and its data (RFC 5056 2.1). GSS_S_UNAVAILABLE
 * when this session has none of the kind. The caller frees it with gss_release_buffer.
 */
OM_uint32 tls_channel_binding(OM_uint32 *minor, const struct tls_session *tls,
                              enum tls_binding kind, gss_buffer_t binding);

/*
 * Exports length octets, at octets, that only the two ends can make of label and context (RFC 5705;
 * RFC 8446 7.5). GSS_S_UNAVAILABLE with TLS 1.2 without the extended master secret: another session
 * may have been made to export the same (RFC 7627 5.4). The handshake must be done.
 */
OM_uint32 tls_export(OM_uint32 *minor, const struct tls_session *tls, const char *label,
                     struct byte_range context, unsigned char *octets, size_t length);

/* How much one record adds, and how much data it takes; known when the handshake is done. */
struct tls_sizes {
    size_t header;
    size_t trailer;
    size_t maximum_message;
    size_t block_size;
};
struct tls_sizes tls_sizes(const struct tls_session *tls);

/* Type, version and length of a record (RFC 8446 5.1). */
#define TLS_RECORD_HEADER 5

/*
 * Length of the record that octets begin with, header included; 0 when fewer than five octets are
 * there. It may be more than is there.
 */
size_t tls_record_length(struct byte_range octets);

#endif
