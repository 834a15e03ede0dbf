/* What tls.c, tls_setup.c and tls_inquiry.c know of a session; nobody else looks inside. */
#ifndef MECH_TLS_SESSION_H
#define MECH_TLS_SESSION_H

#include <pthread.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include "common/byte_buffer.h"
#include "mech/tls.h"

#define TLS_RECORD_HEADER 5

/* More than any message that GSS buffers may describe with 32-bit sizes elsewhere. */
#define TLS_OUTPUT_LIMIT ((size_t)UINT32_MAX)

struct tls_session {
    pthread_mutex_t lock;
    gnutls_session_t session;
    struct certificate *certificate;  /* server */
    const struct server_check *check; /* client */
    OM_uint32 check_minor;            /* why the server was refused; 0: it was not */
    struct byte_range lent;
    struct byte_buffer kept;
    struct byte_buffer output;
    size_t peer_record_limit; /* of RFC 8449, as the peer sent it; 0: it sent none */
    bool server_is_proved;
    bool handshake_done;
};

bool tls_is_1_3(const struct tls_session *tls);

/* Data in one record: a peer may have asked for less than TLS allows (RFC 6066 4, RFC 8449). */
size_t tls_maximum_plaintext(const struct tls_session *tls);

#endif
