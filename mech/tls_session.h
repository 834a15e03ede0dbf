/* What the files tls*.c know of a session; nobody else looks inside. */
#ifndef MECH_TLS_SESSION_H
#define MECH_TLS_SESSION_H

#include <pthread.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include "common/byte_buffer.h"
#include "mech/client_certificate.h"
#include "mech/tls.h"

/* More than any message that GSS buffers may describe with 32-bit sizes elsewhere. */
#define TLS_OUTPUT_LIMIT ((size_t)UINT32_MAX)

/*
 * What a peer may send before the handshake is done. GnuTLS refuses handshakes of more than 128 KiB, but not
 * before a message is whole, and keeps messages of up to 16 MiB until then.
 */
#define TLS_HANDSHAKE_LIMIT ((size_t)160 * 1024)

struct tls_session {
    pthread_mutex_t lock;
    gnutls_session_t session;
    struct certificate *certificate;             /* server */
    const struct client_check *client_check;     /* server; NULL: no certificate is asked for */
    const struct server_check *check;            /* client */
    const struct certificate_source *own_source; /* client; NULL: it has none */
    struct client_certificate *own;              /* client, once it was asked for */
    OM_uint32 check_minor;                       /* why the peer was refused; 0: it was not */
    gnutls_alert_description_t check_alert;      /* what it is told then; 0: as GnuTLS has it */
    struct byte_range lent;
    struct iov_walk *lent_message; /* or a message in its owner's buffers; or NULL */
    struct iov_walk *places;       /* where what is sealed goes instead of output; or NULL */
    struct byte_buffer kept;
    struct byte_buffer output;
    size_t peer_record_limit; /* of RFC 8449, as the peer sent it; 0: it sent none */
    bool server_is_proved;    /* client */
    bool client_is_checked;   /* server */
    bool client_is_proved;
    uint64_t sealed_records; /* with data of ours */
    struct tls_sizes sizes;  /* once the handshake is done */
    bool handshake_done;
    size_t handshake_octets; /* of the peer's, until it is done */
    bool key_update_is_due;  /* the peer asked for it; GnuTLS sends it before the next message */
};

/* Finds the sizes, which do not change any more. */
void tls_find_sizes(struct tls_session *tls);

bool tls_is_1_3(const struct tls_session *tls);

/* --- tls_client_certificate.c --- */

/* Called by GnuTLS when the server has asked for the client's certificate. */
gnutls_certificate_retrieve_function3 tls_choose_client_certificate;

/*
 * Called by GnuTLS when the client has shown its certificates, or none, before its proof that it has the
 * key is looked at.
 */
int tls_check_client(gnutls_session_t session);

#endif
