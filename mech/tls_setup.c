/* Making and deleting sessions, and the memory between GnuTLS and us. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mech/status.h"
#include "mech/target_host.h"
#include "mech/tls_priority.h"
#include "mech/tls_record_limit.h"
#include "mech/tls_session.h"

#define TLS_MAX_PLAINTEXT 16384
#define TLS_MAX_RECORD    (TLS_RECORD_HEADER + TLS_MAX_PLAINTEXT + 2048)

/* Octets of the peer that are kept while a record is not whole: one record, and the start of the
 * next. */
#define KEPT_INPUT_LIMIT (2 * TLS_MAX_RECORD)

/* A client's certificate is chosen when the server asks for it: one object serves all sessions. */
static pthread_once_t client_credentials_once = PTHREAD_ONCE_INIT;
static gnutls_certificate_credentials_t client_credentials;

static void make_client_credentials(void)
{
    if (gnutls_certificate_allocate_credentials(&client_credentials) < 0)
        client_credentials = NULL;
    else
        gnutls_certificate_set_retrieve_function3(client_credentials,
                                                  tls_choose_client_certificate);
}

static size_t take_from(const unsigned char *source, size_t available, void *data, size_t size)
{
    size_t length = available < size ? available : size;

    memcpy(data, source, length);
    return length;
}

/* What was kept comes first, then what is lent. */
static ssize_t take_unread(struct tls_session *tls, void *data, size_t size)
{
    size_t length;

    if (tls->kept.length != 0) {
        length = take_from(tls->kept.data, tls->kept.length, data, size);
        byte_buffer_consume(&tls->kept, length);
        return (ssize_t)length;
    }
    if (tls->lent_message != NULL && tls->lent_message->left != 0)
        return (ssize_t)iov_walk_read(tls->lent_message, data, size);
    if (tls->lent.length == 0) {
        gnutls_transport_set_errno(tls->session, EAGAIN);
        return -1;
    }
    length = take_from(tls->lent.data, tls->lent.length, data, size);
    tls->lent.data += length;
    tls->lent.length -= length;
    return (ssize_t)length;
}

/* GnuTLS reads. */
static ssize_t pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct tls_session *tls = pointer;
    ssize_t length;

    if (!tls->handshake_done && tls->handshake_octets > TLS_HANDSHAKE_LIMIT) {
        gnutls_transport_set_errno(tls->session, EMSGSIZE);
        return -1;
    }
    length = take_unread(tls, data, size);
    if (!tls->handshake_done && length > 0)
        tls->handshake_octets += (size_t)length;
    return length;
}

/* There is never anything to wait for. */
static int pull_timeout(gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    const struct tls_session *tls = pointer;

    (void)milliseconds;
    return tls->kept.length != 0 || tls->lent.length != 0 ||
           (tls->lent_message != NULL && tls->lent_message->left != 0);
}

static ssize_t push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct tls_session *tls = pointer;

    if (tls->places != NULL && size <= tls->places->left)
        return (ssize_t)iov_walk_write(tls->places, data, size);
    if (!byte_buffer_append(&tls->output, data, size)) {
        gnutls_transport_set_errno(tls->session, ENOMEM);
        return -1;
    }
    return (ssize_t)size;
}

/* RFC 8446 4.6.3: update_requested. */
#define KEY_UPDATE_REQUESTED 1

/* Called by GnuTLS with each message, before it makes use of what it received. */
static int look_at_handshake(gnutls_session_t session, unsigned int type, unsigned int when,
                             unsigned int incoming, const gnutls_datum_t *message)
{
    struct tls_session *tls = gnutls_transport_get_ptr(session);

    (void)when;
    if (!incoming)
        return 0;
    /* A stranger's key can be so large that a signature of it takes minutes to verify. */
    if (type == GNUTLS_HANDSHAKE_CERTIFICATE_VERIFY && tls->client_check != NULL)
        return tls_check_client(session);
    if (type == GNUTLS_HANDSHAKE_KEY_UPDATE)
        tls->key_update_is_due = tls->key_update_is_due ||
                                 (message->size == 1 && message->data[0] == KEY_UPDATE_REQUESTED);
    else
        tls_find_record_limit(type, message, &tls->peer_record_limit);
    return 0;
}

static struct tls_session *tls_create(OM_uint32 *minor, unsigned int role, const char *priority,
                                      enum tls_versions versions,
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
    tls->output.limit = TLS_OUTPUT_LIMIT;
    if ((status = gnutls_init(&tls->session, flags)) < 0 ||
        (status = tls_priority_set(tls->session, priority, versions)) < 0 ||
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

/* Called by GnuTLS when the server has shown its certificates, before anything is sent to it. */
static int check_server(gnutls_session_t session)
{
    struct tls_session *tls = gnutls_transport_get_ptr(session);
    unsigned int count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    OM_uint32 minor = 0;

    if (GSS_ERROR(server_check_certificates(&minor, tls->check, chain, count))) {
        tls->check_minor = minor;
        return GNUTLS_E_CERTIFICATE_ERROR;
    }
    tls->server_is_proved = server_check_proves(tls->check);
    return 0;
}

struct tls_session *tls_client_create(OM_uint32 *minor, const char *priority,
                                      enum tls_versions versions, const struct server_check *check,
                                      const struct certificate_source *own)
{
    struct tls_session *tls;

    (void)pthread_once(&client_credentials_once, make_client_credentials);
    if (client_credentials == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    tls = tls_create(minor, GNUTLS_CLIENT, priority, versions, client_credentials);
    if (tls == NULL)
        return NULL;
    tls->check = check;
    tls->own_source = own;
    gnutls_session_set_verify_function(tls->session, check_server);
    /* Without a server name (RFC 6066 3; an address has none) the server chooses by itself. */
    if (check->host != NULL && host_is_dns_name(check->host))
        (void)gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, check->host,
                                     strlen(check->host));
    return tls;
}

struct tls_session *tls_server_create(OM_uint32 *minor, const char *priority,
                                      enum tls_versions versions, struct certificate *certificate,
                                      const struct client_check *check)
{
    struct tls_session *tls =
        tls_create(minor, GNUTLS_SERVER, priority, versions, certificate->credentials);

    if (tls == NULL) {
        certificate_release(certificate);
        return NULL;
    }
    tls->certificate = certificate;
    tls->client_check = check;
    if (check == NULL) {
        gnutls_certificate_server_set_request(tls->session, GNUTLS_CERT_IGNORE);
        return tls;
    }
    /*
     * Not GNUTLS_CERT_REQUIRE: the check says better what is missing. Strangers are not told which
     * authorities there are; nor do Windows' servers tell.
     */
    gnutls_certificate_server_set_request(tls->session, GNUTLS_CERT_REQUEST);
    gnutls_session_set_verify_function(tls->session, tls_check_client);
    return tls;
}

void tls_delete(struct tls_session **tls)
{
    if (*tls == NULL)
        return;
    if ((*tls)->session != NULL)
        gnutls_deinit((*tls)->session);
    certificate_release((*tls)->certificate);
    client_certificate_release((*tls)->own);
    byte_buffer_release(&(*tls)->kept);
    byte_buffer_release(&(*tls)->output);
    (void)pthread_mutex_destroy(&(*tls)->lock);
    free(*tls);
    *tls = NULL;
}
