/*
 * sspi_module_client MODULE PACKAGE PORT SERVICE [DOMAIN USER]
 *
 * An RDP client up to the end of network level authentication, like FreeRDP with /sspi-module:MODULE.
 * It does X.224, TLS and CredSSP's TSRequests itself, and leaves the logon to the module's package.
 * The password is read from SSPI_MODULE_PASSWORD. Prints what was done; ends with 0 when the server
 * has proved that it knows its key by that logon, and has taken the password.
 */
#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "asn1/ts_credentials.h"
#include "asn1/ts_request.h"
#include "common/text.h"
#include "mech/certificate.h"
#include "tests/shim/sspi_module.h"
#include "tools/rdp_negotiation.h"

/* What FreeRDP says, and from which on the key is hashed (MS-CSSP 2.2.1). */
#define OUR_VERSION    6
#define HASHED_BINDING 5
#define HASH_OCTETS    32
#define NONCE_OCTETS   32
/* No answer of a logon is longer. */
#define ANSWER_LIMIT ((size_t)100000)

static const char to_server[] = "CredSSP Client-To-Server Binding Hash";
static const char to_client[] = "CredSSP Server-To-Client Binding Hash";

struct client {
    struct sspi_module *module;
    struct sspi_module_user user;
    const char *service;
    int socket;
    gnutls_certificate_credentials_t certificates;
    gnutls_session_t tls;
    struct byte_range public_key; /* in the certificate that tls holds */
    unsigned char nonce[NONCE_OCTETS];
    uint32_t version;
    unsigned char answer_octets[ANSWER_LIMIT];
    struct ts_request answer; /* points into answer_octets */
};

static bool complain(const char *what)
{
    (void)fprintf(stderr, "%s\n", what);
    return false;
}

static bool connect_to(struct client *client, const char *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    client->socket = socket(AF_INET, SOCK_STREAM, 0);
    return (client->socket >= 0 &&
            connect(client->socket, (struct sockaddr *)&address, sizeof address) == 0) ||
           complain("no connection");
}

static bool ask_for_credssp(struct client *client)
{
    unsigned char packet[RDP_NEGOTIATION_LIMIT];
    size_t length;
    uint32_t value = 0;

    rdp_write_request(packet, RDP_PROTOCOL_HYBRID | RDP_PROTOCOL_SSL);
    if (send(client->socket, packet, RDP_NEGOTIATION_LENGTH, MSG_NOSIGNAL) !=
            RDP_NEGOTIATION_LENGTH ||
        recv(client->socket, packet, RDP_TPKT_HEADER_LENGTH, MSG_WAITALL) != RDP_TPKT_HEADER_LENGTH)
        return complain("no X.224 negotiation");
    length = rdp_packet_length(packet);
    if (length <= RDP_TPKT_HEADER_LENGTH ||
        recv(client->socket, packet + RDP_TPKT_HEADER_LENGTH, length - RDP_TPKT_HEADER_LENGTH,
             MSG_WAITALL) != (ssize_t)(length - RDP_TPKT_HEADER_LENGTH))
        return complain("no X.224 answer");
    return (rdp_read_answer(packet, length, &value) == RDP_ANSWER_SELECTED &&
            value == RDP_PROTOCOL_HYBRID) ||
           complain("the server does not choose CredSSP");
}

/* Like FreeRDP with /cert:ignore: the key is bound to the logon, whoever vouches for it. */
static bool start_tls(struct client *client)
{
    const gnutls_datum_t *chain;
    unsigned count = 0;
    uint32_t minor;
    int status;

    if (gnutls_certificate_allocate_credentials(&client->certificates) < 0 ||
        gnutls_init(&client->tls, GNUTLS_CLIENT) < 0 ||
        gnutls_set_default_priority(client->tls) < 0 ||
        gnutls_credentials_set(client->tls, GNUTLS_CRD_CERTIFICATE, client->certificates) < 0)
        return complain("no TLS");
    gnutls_transport_set_int(client->tls, client->socket);
    do {
        status = gnutls_handshake(client->tls);
    } while (status < 0 && gnutls_error_is_fatal(status) == 0);
    chain = status < 0 ? NULL : gnutls_certificate_get_peers(client->tls, &count);
    if (chain == NULL || count == 0)
        return complain("the TLS handshake failed");
    return certificate_public_key(&minor, byte_range_of(chain[0].data, chain[0].size),
                                  &client->public_key) == GSS_S_COMPLETE ||
           complain("the certificate has no key");
}

static bool send_request(struct client *client, struct ts_request request)
{
    unsigned char *octets = NULL;
    size_t length = 0;
    bool sent;

    request.version = OUR_VERSION;
    request.client_nonce = byte_range_of(client->nonce, sizeof client->nonce);
    if (ts_request_encode(&request, &octets, &length) != DER_OK)
        return complain("a TSRequest could not be made");
    sent = gnutls_record_send(client->tls, octets, length) == (ssize_t)length;
    free(octets);
    return sent || complain("the server is gone");
}

static bool receive_answer(struct client *client)
{
    size_t length = 0;
    size_t total = 0;
    enum der_error error = DER_TRUNCATED;

    while (error == DER_TRUNCATED || (error == DER_OK && length < total)) {
        ssize_t got;

        if (length == ANSWER_LIMIT)
            return complain("the answer is too long");
        got =
            gnutls_record_recv(client->tls, client->answer_octets + length, ANSWER_LIMIT - length);
        if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
            continue;
        if (got <= 0)
            return complain("the server ends the connection");
        length += (size_t)got;
        error =
            ts_request_length(byte_range_of(client->answer_octets, length), ANSWER_LIMIT, &total);
    }
    if (error != DER_OK ||
        ts_request_decode(byte_range_of(client->answer_octets, total), &client->answer) != DER_OK)
        return complain("the answer is no TSRequest");
    if (client->answer.has_error_code) {
        (void)fprintf(stderr, "the server refuses: 0x%08x\n", (unsigned)client->answer.error_code);
        return false;
    }
    client->version = client->answer.version < OUR_VERSION ? client->answer.version : OUR_VERSION;
    return true;
}

/* What pubKeyAuth seals, one way or the other; the caller releases it. */
static bool bind_key(const struct client *client, const char *magic, struct secret *binding)
{
    gnutls_hash_hd_t hash;

    if (client->version < HASHED_BINDING) {
        if (!secret_set(binding, client->public_key.data, client->public_key.length))
            return false;
        if (magic == to_client)
            binding->data[0]++;
        return true;
    }
    if (!secret_allocate(binding, HASH_OCTETS) || gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0)
        return false;
    (void)gnutls_hash(hash, magic, sizeof to_server);
    (void)gnutls_hash(hash, client->nonce, sizeof client->nonce);
    (void)gnutls_hash(hash, client->public_key.data, client->public_key.length);
    gnutls_hash_deinit(hash, binding->data);
    return true;
}

/* The last token of the logon, if there is one, goes with the key. */
static bool send_key(struct client *client, struct byte_range token)
{
    struct secret binding = {0};
    struct secret sealed = {0};
    bool sent =
        bind_key(client, to_server, &binding) &&
        sspi_module_encrypt(client->module, secret_range(&binding), &sealed) &&
        send_request(client, (struct ts_request){
                                 .nego_token = token.length != 0 ? token : BYTE_RANGE_ABSENT,
                                 .pub_key_auth = secret_range(&sealed),
                             });

    secret_release(&binding);
    secret_release(&sealed);
    return sent;
}

static bool check_key(struct client *client)
{
    struct secret expected = {0};
    struct secret opened = {0};
    bool right = bind_key(client, to_client, &expected) &&
                 sspi_module_decrypt(client->module, client->answer.pub_key_auth, &opened) &&
                 byte_range_equal(secret_range(&expected), secret_range(&opened));

    secret_release(&expected);
    secret_release(&opened);
    return right || complain("the server does not know its own key");
}

static bool to_utf16(const char *text, struct secret *wide)
{
    return text_to_utf16le(byte_range_of(text, text != NULL ? strlen(text) : 0), wide) == TEXT_OK;
}

static bool send_password(struct client *client)
{
    struct secret texts[3] = {{0}};
    struct secret credentials = {0};
    struct secret sealed = {0};
    struct ts_credentials content = {.cred_type = TS_CREDENTIALS_PASSWORD};
    bool sent = false;

    if (!to_utf16(client->user.domain, &texts[0]) || !to_utf16(client->user.user, &texts[1]) ||
        !to_utf16(client->user.password, &texts[2]))
        goto done;
    content.password.domain_name = secret_range(&texts[0]);
    content.password.user_name = secret_range(&texts[1]);
    content.password.password = secret_range(&texts[2]);
    sent = ts_credentials_encode(&content, &credentials) == DER_OK &&
           sspi_module_encrypt(client->module, secret_range(&credentials), &sealed) &&
           send_request(client, (struct ts_request){.auth_info = secret_range(&sealed)});
done:
    for (int i = 0; i < 3; i++)
        secret_release(&texts[i]);
    secret_release(&credentials);
    secret_release(&sealed);
    return sent;
}

static bool log_on(struct client *client)
{
    struct byte_range input = BYTE_RANGE_ABSENT;
    struct byte_range token = BYTE_RANGE_ABSENT;
    enum sspi_module_result result;
    int legs = 0;

    for (;;) {
        result = sspi_module_step(client->module, client->service, input, &token);
        legs++;
        if (result != SSPI_MODULE_CONTINUES)
            break;
        if (!send_request(client, (struct ts_request){.nego_token = token}) ||
            !receive_answer(client))
            return false;
        input = client->answer.nego_token;
    }
    if (result == SSPI_MODULE_FAILED || !send_key(client, token) || !receive_answer(client) ||
        !check_key(client) || !send_password(client))
        return false;
    (void)printf("logged on: %d legs, CredSSP version %u\n", legs, (unsigned)client->version);
    return true;
}

static bool run(struct client *client, char **arguments)
{
    return gnutls_rnd(GNUTLS_RND_NONCE, client->nonce, sizeof client->nonce) == 0 &&
           connect_to(client, arguments[3]) && ask_for_credssp(client) && start_tls(client) &&
           (client->module = sspi_module_open(arguments[1], arguments[2])) != NULL &&
           sspi_module_acquire(client->module, &client->user) && log_on(client);
}

int main(int count, char **arguments)
{
    static struct client client = {.socket = -1, .version = OUR_VERSION};
    bool done;

    if (count != 5 && count != 7) {
        (void)complain("usage: sspi_module_client MODULE PACKAGE PORT SERVICE [DOMAIN USER]");
        return 2;
    }
    client.service = arguments[4];
    if (count == 7)
        client.user =
            (struct sspi_module_user){arguments[5], arguments[6], getenv("SSPI_MODULE_PASSWORD")};
    done = run(&client, arguments);
    if (client.module != NULL)
        sspi_module_close(client.module);
    if (done)
        (void)gnutls_bye(client.tls, GNUTLS_SHUT_WR);
    gnutls_deinit(client.tls);
    gnutls_certificate_free_credentials(client.certificates);
    if (client.socket >= 0)
        (void)close(client.socket);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
