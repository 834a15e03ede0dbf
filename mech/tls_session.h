/* What the files tls*.c know of a session; nobody else looks inside. */
#ifndef MECH_TLS_SESSION_H
#define MECH_TLS_SESSION_H

#include <pthread.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include "common/byte_buffer.h"
#include "mech/tls.h"

/* More than any message that GSS buffers may describe with 32-bit sizes elsewhere. */
#define TLS_OUTPUT_LIMIT ((size_t)UINT32_MAX)

struct tls_session {
    pthread_mutex_t lock;
    gnutls_session_t session;
    struct certificate *certificate;  /* server */
    const struct server_check *check; /* client */
    OM_uint32 check_minor;            /* why the server was refused; 0: it was not */
    struct byte_range lent;
    struct iov_walk *lent_message; /* or a message in its owner's buffers; or NULL */
    struct iov_walk *places;       /* where what is sealed goes instead of output; or NULL */
    struct byte_buffer kept;
    struct byte_buffer output;
    size_t peer_record_limit; /* of RFC 8449, as the peer sent it; 0: it sent none */
    bool server_is_proved;
    uint64_t sealed_records; /* with data of ours */
    struct tls_sizes sizes;  /* once the handshake is done */
    bool handshake_done;
    bool key_update_is_due; /* the peer asked for it; GnuTLS sends it before the next message */
};

/* Finds the sizes, which do not change any more. */
void tls_find_sizes(struct tls_session *tls);

bool tls_is_1_3(const struct tls_session *tls);

#endif
