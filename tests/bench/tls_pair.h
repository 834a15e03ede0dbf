/* A GnuTLS client and server in one process, over memory: what the TLS inside CredSSP is compared with. */
#ifndef TESTS_BENCH_TLS_PAIR_H
#define TESTS_BENCH_TLS_PAIR_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

/* Room for the header and the trailer of any record. */
#define TLS_RECORD_OVERHEAD 64

/* More than the longest flight of a handshake and than any message that is measured. */
#define TLS_PIPE_OCTETS (64 * 1024)

/* One direction. What was read is forgotten once everything is. */
struct tls_pipe {
    unsigned char room[TLS_PIPE_OCTETS];
    unsigned char *octets; /* room, or memory of one message only */
    size_t size;
    size_t start;
    size_t end;
};

struct tls_end {
    gnutls_session_t session;
    struct tls_pipe *in;
    struct tls_pipe *out;
};

struct tls_pair {
    struct tls_end client;
    struct tls_end server;
    struct tls_pipe to_server;
    struct tls_pipe to_client;
};

/*
 * A server's self-signed certificate, RSA-2048 or P-256. NULL on failure; the caller frees it with
 * gnutls_certificate_free_credentials.
 */
gnutls_certificate_credentials_t tls_pair_certificate(bool ecdsa);

/* Writes it and its key as PEM, so that CredSSP can present the same. True when it was done. */
bool tls_pair_write_certificate(gnutls_certificate_credentials_t certificate,
                                const char *certificate_file, const char *key_file);

/* A handshake with the versions, flags and checks that CredSSP's TLS has. True when it was done. */
bool tls_pair_handshake(struct tls_pair *pair, gnutls_certificate_credentials_t client,
                        gnutls_certificate_credentials_t server);

/*
 * The first flight each way, after which the server waits for more; the client is given up, so that only
 * the server's session is there.
 */
bool tls_pair_half_open(struct tls_pair *pair, gnutls_certificate_credentials_t client,
                        gnutls_certificate_credentials_t server);

/* Sends one message from the client and reads it at the server. */
bool tls_pair_send(struct tls_pair *pair, const void *message, size_t length, void *received);

/*
 * The same from the server to the client; two threads may send, one each way.
 */
bool tls_pair_answer(struct tls_pair *pair, const void *message, size_t length, void *received);

/*
 * Sends one message as tls_pair_send, with memory that is allocated for it and freed: for the records,
 * and for the message that arrives. GSS-API's calls must do the same.
 */
bool tls_pair_send_in_new_memory(struct tls_pair *pair, const void *message, size_t length);

/* Frees what all handshakes share; the last call. */
void tls_pair_tear_down(void);

/* Frees what a handshake has made, also one that failed. */
void tls_pair_end(struct tls_pair *pair);

#endif
