#include "tests/bench/tls_pair.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RSA_BITS         2048
#define LIFETIME_SECONDS (24L * 60 * 60)
/* TLS 1.2 takes two from each side. */
#define MAX_FLIGHTS 3

/* As mech/tls.c sets them. */
#define SESSION_FLAGS (GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS)
#define RESTRICTION   "-VERS-SSL3.0:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS-ALL"

static bool sign(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
    time_t now = time(NULL);

    return gnutls_x509_crt_set_version(crt, 3) >= 0 &&
           gnutls_x509_crt_set_serial(crt, "\x01", 1) >= 0 &&
           gnutls_x509_crt_set_activation_time(crt, now) >= 0 &&
           gnutls_x509_crt_set_expiration_time(crt, now + LIFETIME_SECONDS) >= 0 &&
           gnutls_x509_crt_set_dn(crt, "CN=localhost", NULL) >= 0 &&
           gnutls_x509_crt_set_key(crt, key) >= 0 &&
           gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "localhost",
                                                sizeof "localhost" - 1, GNUTLS_FSAN_SET) >= 0 &&
           gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE) >= 0 &&
           gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0) >= 0 &&
           gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0) >= 0;
}

gnutls_certificate_credentials_t tls_pair_certificate(bool ecdsa)
{
    gnutls_certificate_credentials_t certificate = NULL;
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t crt = NULL;
    unsigned int bits = ecdsa ? GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) : RSA_BITS;
    bool done;

    done =
        gnutls_certificate_allocate_credentials(&certificate) >= 0 &&
        gnutls_x509_privkey_init(&key) >= 0 && gnutls_x509_crt_init(&crt) >= 0 &&
        gnutls_x509_privkey_generate(key, ecdsa ? GNUTLS_PK_ECDSA : GNUTLS_PK_RSA, bits, 0) >= 0 &&
        sign(crt, key) && gnutls_certificate_set_x509_key(certificate, &crt, 1, key) >= 0;
    if (crt != NULL)
        gnutls_x509_crt_deinit(crt);
    if (key != NULL)
        gnutls_x509_privkey_deinit(key);
    if (!done && certificate != NULL) {
        gnutls_certificate_free_credentials(certificate);
        certificate = NULL;
    }
    return certificate;
}

/* Frees the text. */
static bool write_file(const char *path, gnutls_datum_t *text)
{
    FILE *file = fopen(path, "w");
    bool done = file != NULL && fwrite(text->data, 1, text->size, file) == text->size;

    if (file != NULL)
        done = fclose(file) == 0 && done;
    gnutls_free(text->data);
    return done;
}

bool tls_pair_write_certificate(gnutls_certificate_credentials_t certificate,
                                const char *certificate_file, const char *key_file)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t *crts = NULL;
    unsigned int count = 0;
    gnutls_datum_t text;
    bool done = gnutls_certificate_get_x509_crt(certificate, 0, &crts, &count) >= 0 &&
                gnutls_x509_crt_export2(crts[0], GNUTLS_X509_FMT_PEM, &text) >= 0 &&
                write_file(certificate_file, &text) &&
                gnutls_certificate_get_x509_key(certificate, 0, &key) >= 0 &&
                gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &text) >= 0 &&
                write_file(key_file, &text);

    for (unsigned int i = 0; i < count; i++)
        gnutls_x509_crt_deinit(crts[i]);
    gnutls_free(crts);
    if (key != NULL)
        gnutls_x509_privkey_deinit(key);
    return done;
}

static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    const struct tls_end *end = pointer;
    struct tls_pipe *pipe = end->in;
    size_t length = pipe->end - pipe->start;

    if (length == 0) {
        gnutls_transport_set_errno(end->session, EAGAIN);
        return -1;
    }
    if (length > size)
        length = size;
    memcpy(data, pipe->octets + pipe->start, length);
    pipe->start += length;
    if (pipe->start == pipe->end)
        pipe->start = pipe->end = 0;
    return (ssize_t)length;
}

static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    const struct tls_end *end = pointer;

    (void)milliseconds;
    return end->in->end != end->in->start;
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    const struct tls_end *end = pointer;
    struct tls_pipe *pipe = end->out;

    if (size > pipe->size - pipe->end) {
        gnutls_transport_set_errno(end->session, ENOMEM);
        return -1;
    }
    memcpy(pipe->octets + pipe->end, data, size);
    pipe->end += size;
    return (ssize_t)size;
}

/* Parsed once for all sessions, as mech/tls_priority.c does. */
static gnutls_priority_t priority;

void tls_pair_tear_down(void)
{
    if (priority != NULL)
        gnutls_priority_deinit(priority);
    priority = NULL;
}

static bool start(struct tls_end *end, unsigned int role,
                  gnutls_certificate_credentials_t credentials)
{
    if (priority == NULL &&
        gnutls_priority_init2(&priority, RESTRICTION, NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND) < 0)
        return false;
    if (gnutls_init(&end->session, role | SESSION_FLAGS) < 0 ||
        gnutls_priority_set(end->session, priority) < 0 ||
        gnutls_credentials_set(end->session, GNUTLS_CRD_CERTIFICATE, credentials) < 0)
        return false;
    gnutls_handshake_set_timeout(end->session, GNUTLS_INDEFINITE_TIMEOUT);
    gnutls_transport_set_ptr(end->session, end);
    gnutls_transport_set_pull_function(end->session, pull);
    gnutls_transport_set_pull_timeout_function(end->session, pull_timeout);
    gnutls_transport_set_push_function(end->session, push);
    return true;
}

static void use_room(struct tls_pipe *pipe)
{
    pipe->octets = pipe->room;
    pipe->size = sizeof pipe->room;
    pipe->start = pipe->end = 0;
}

static bool start_both(struct tls_pair *pair, gnutls_certificate_credentials_t client,
                       gnutls_certificate_credentials_t server)
{
    static const char host[] = "localhost";

    pair->client = (struct tls_end){.in = &pair->to_client, .out = &pair->to_server};
    pair->server = (struct tls_end){.in = &pair->to_server, .out = &pair->to_client};
    use_room(&pair->to_client);
    use_room(&pair->to_server);
    if (!start(&pair->client, GNUTLS_CLIENT, client) ||
        !start(&pair->server, GNUTLS_SERVER, server))
        return false;
    (void)gnutls_server_name_set(pair->client.session, GNUTLS_NAME_DNS, host, sizeof host - 1);
    gnutls_certificate_server_set_request(pair->server.session, GNUTLS_CERT_IGNORE);
    return true;
}

bool tls_pair_half_open(struct tls_pair *pair, gnutls_certificate_credentials_t client,
                        gnutls_certificate_credentials_t server)
{
    bool done = start_both(pair, client, server) &&
                gnutls_handshake(pair->client.session) == GNUTLS_E_AGAIN &&
                gnutls_handshake(pair->server.session) == GNUTLS_E_AGAIN;

    if (pair->client.session != NULL)
        gnutls_deinit(pair->client.session);
    pair->client.session = NULL;
    return done;
}

bool tls_pair_handshake(struct tls_pair *pair, gnutls_certificate_credentials_t client,
                        gnutls_certificate_credentials_t server)
{
    int client_status = GNUTLS_E_AGAIN;
    int server_status = GNUTLS_E_AGAIN;

    if (!start_both(pair, client, server))
        return false;
    for (int flight = 0; flight < MAX_FLIGHTS; flight++) {
        if (client_status == GNUTLS_E_AGAIN)
            client_status = gnutls_handshake(pair->client.session);
        if (server_status == GNUTLS_E_AGAIN)
            server_status = gnutls_handshake(pair->server.session);
    }
    return client_status == 0 && server_status == 0;
}

static bool send_record(struct tls_end *from, struct tls_end *to, const void *message,
                        size_t length, void *received)
{
    return gnutls_record_send(from->session, message, length) == (ssize_t)length &&
           gnutls_record_recv(to->session, received, length) == (ssize_t)length;
}

bool tls_pair_send(struct tls_pair *pair, const void *message, size_t length, void *received)
{
    return send_record(&pair->client, &pair->server, message, length, received);
}

bool tls_pair_answer(struct tls_pair *pair, const void *message, size_t length, void *received)
{
    return send_record(&pair->server, &pair->client, message, length, received);
}

bool tls_pair_send_in_new_memory(struct tls_pair *pair, const void *message, size_t length)
{
    struct tls_pipe *pipe = &pair->to_server;
    void *received = NULL;
    bool sent = false;

    pipe->size = length + TLS_RECORD_OVERHEAD;
    pipe->octets = malloc(pipe->size);
    if (pipe->octets != NULL)
        sent = gnutls_record_send(pair->client.session, message, length) == (ssize_t)length;
    if (sent)
        received = malloc(pipe->end);
    sent = received != NULL &&
           gnutls_record_recv(pair->server.session, received, pipe->end) == (ssize_t)length;
    free(pipe->octets);
    free(received);
    use_room(pipe);
    return sent;
}

void tls_pair_end(struct tls_pair *pair)
{
    if (pair->client.session != NULL)
        gnutls_deinit(pair->client.session);
    if (pair->server.session != NULL)
        gnutls_deinit(pair->server.session);
    pair->client.session = NULL;
    pair->server.session = NULL;
}
