#include "tests/bench/logon.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>

#define MAX_TOKENS 16

/* What CredSSP asks of the logon inside; all are measured with these. */
#define FLAGS                                                                     \
    (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | \
     GSS_C_SEQUENCE_FLAG)

const gss_OID_desc krb5_oid = {9, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
const gss_OID_desc spnego_oid = {6, (void *)(uintptr_t) "\x2b\x06\x01\x05\x05\x02"};
const gss_OID_desc ntlm_oid = {10, (void *)(uintptr_t) "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"};

/* gss-ntlmssp's: whether a mechListMIC is due (asking makes it due), and resetting a key stream. */
static const gss_OID_desc require_mic_oid = {
    11, (void *)(uintptr_t) "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x02"};
static const gss_OID_desc reset_crypto_oid = {
    11, (void *)(uintptr_t) "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x03"};
enum key_stream { SENDING = 0, RECEIVING = 1 };

/* A list of NTLM alone, as NegTokenInit has it. */
static unsigned char ntlm_list[] = {0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06, 0x01,
                                    0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a};

static gss_name_t target;
static char *tickets; /* KRB5CCNAME as it was */

_Noreturn void die(const char *what, OM_uint32 major, OM_uint32 minor)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 more = 0;
    OM_uint32 ignored;

    if (minor != 0)
        (void)gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text);
    fprintf(stderr, "%s: %08x %.*s\n", what, (unsigned)major, (int)text.length,
            text.length != 0 ? (const char *)text.value : "");
    exit(EXIT_FAILURE);
}

static gss_name_t import_target(void)
{
    char host[] = "host@localhost";
    gss_buffer_desc text = {sizeof host - 1, host};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;
    OM_uint32 major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name);

    if (GSS_ERROR(major))
        die("gss_import_name", major, minor);
    return name;
}

void logon_set_up(void)
{
    const char *cache = getenv("KRB5CCNAME");

    target = import_target();
    if (cache == NULL)
        die("run this by tests/realm/with-realm", GSS_S_FAILURE, 0);
    tickets = strdup(cache);
    if (tickets == NULL)
        die("no memory", GSS_S_FAILURE, 0);
}

void logon_tear_down(void)
{
    OM_uint32 minor;

    (void)gss_release_name(&minor, &target);
    free(tickets);
}

static void use_cache(const char *name)
{
    if (setenv("KRB5CCNAME", name, 1) != 0)
        die("setenv", GSS_S_FAILURE, 0);
}

void logon_with_tickets(void)
{
    use_cache(tickets);
}

void logon_without_tickets(void)
{
    use_cache("MEMORY:empty");
}

struct credentials credentials_acquire(const gss_OID_desc *mechanism)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)mechanism};
    struct credentials credentials = {GSS_C_NO_CREDENTIAL, GSS_C_NO_CREDENTIAL};
    OM_uint32 minor;
    OM_uint32 major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms,
                                       GSS_C_INITIATE, &credentials.client, NULL, NULL);

    if (!GSS_ERROR(major))
        major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms, GSS_C_ACCEPT,
                                 &credentials.server, NULL, NULL);
    if (GSS_ERROR(major))
        die("gss_acquire_cred", major, minor);
    return credentials;
}

void credentials_release(struct credentials *credentials)
{
    OM_uint32 minor;

    (void)gss_release_cred(&minor, &credentials->client);
    (void)gss_release_cred(&minor, &credentials->server);
}

static void ask_for_mic(gss_ctx_id_t context)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;
    OM_uint32 major = gss_inquire_sec_context_by_oid(&minor, context,
                                                     (gss_OID)(uintptr_t)&require_mic_oid, &answer);

    if (GSS_ERROR(major))
        die("asking for a mechListMIC", major, minor);
    (void)gss_release_buffer_set(&minor, &answer);
}

static void reset(gss_ctx_id_t *context, OM_uint32 stream)
{
    gss_buffer_desc value = {sizeof stream, &stream};
    OM_uint32 minor;
    OM_uint32 major =
        gss_set_sec_context_option(&minor, context, (gss_OID)(uintptr_t)&reset_crypto_oid, &value);

    if (GSS_ERROR(major))
        die("resetting a key stream", major, minor);
}

/* A mechListMIC from one side to the other. */
static void send_mic(gss_ctx_id_t *from, gss_ctx_id_t *to)
{
    gss_buffer_desc list = {sizeof ntlm_list, ntlm_list};
    gss_buffer_desc mic = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_get_mic(&minor, *from, GSS_C_QOP_DEFAULT, &list, &mic);

    if (!GSS_ERROR(major))
        major = gss_verify_mic(&minor, *to, &list, &mic, NULL);
    if (GSS_ERROR(major))
        die("a mechListMIC", major, minor);
    reset(from, SENDING);
    reset(to, RECEIVING);
    (void)gss_release_buffer(&minor, &mic);
}

/* A message as long as the hash of a public key. */
static void send_sealed(gss_ctx_id_t from, gss_ctx_id_t to)
{
    static unsigned char octets[32];
    gss_buffer_desc message = {sizeof octets, octets};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_wrap(&minor, from, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed);

    if (!GSS_ERROR(major))
        major = gss_unwrap(&minor, to, &sealed, &opened, NULL, NULL);
    if (GSS_ERROR(major))
        die("a sealed message", major, minor);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &opened);
}

/* *client gets the client's name, when it is asked for and known. */
static OM_uint32 step_server(const struct logon *logon, gss_ctx_id_t *server, gss_buffer_t input,
                             gss_name_t *client, gss_buffer_t output)
{
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    const bool asks = logon->asks_everything;
    OM_uint32 lifetime;
    OM_uint32 flags;
    OM_uint32 ignored;
    OM_uint32 minor;
    OM_uint32 major;

    if (*server == GSS_C_NO_CONTEXT && logon->header != NULL) {
        major = gss_encapsulate_token(input, logon->header, &framed);
        if (GSS_ERROR(major))
            die("gss_encapsulate_token", major, 0);
        input = &framed;
    }
    major = gss_accept_sec_context(&minor, server, logon->credentials.server, input,
                                   GSS_C_NO_CHANNEL_BINDINGS, asks ? client : NULL, NULL, output,
                                   asks ? &flags : NULL, asks ? &lifetime : NULL, NULL);
    if (GSS_ERROR(major))
        die("gss_accept_sec_context", major, minor);
    (void)gss_release_buffer(&ignored, &framed);
    if (logon->with_mics)
        ask_for_mic(*server);
    return major;
}

static OM_uint32 step_client(const struct logon *logon, gss_ctx_id_t *client, gss_name_t server,
                             gss_buffer_t input, gss_buffer_t output)
{
    const bool asks = logon->asks_everything;
    OM_uint32 lifetime;
    OM_uint32 flags;
    OM_uint32 minor;
    OM_uint32 major = gss_init_sec_context(&minor, logon->credentials.client, client, server,
                                           (gss_OID)(uintptr_t)logon->mechanism, FLAGS, 0,
                                           GSS_C_NO_CHANNEL_BINDINGS, input, NULL, output,
                                           asks ? &flags : NULL, asks ? &lifetime : NULL);

    if (GSS_ERROR(major))
        die("gss_init_sec_context", major, minor);
    if (logon->with_mics)
        ask_for_mic(*client);
    return major;
}

void logon_begin(const struct logon *logon, gss_ctx_id_t *client, gss_ctx_id_t *server)
{
    gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc to_server = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc to_client = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (step_client(logon, client, target, &nothing, &to_server) != GSS_S_CONTINUE_NEEDED ||
        step_server(logon, server, &to_server, NULL, &to_client) != GSS_S_CONTINUE_NEEDED)
        die("the logon ended at once", GSS_S_COMPLETE, 0);
    (void)gss_release_buffer(&minor, &to_server);
    (void)gss_release_buffer(&minor, &to_client);
}

void logon_run(const struct logon *logon, gss_ctx_id_t *client, gss_ctx_id_t *server)
{
    gss_buffer_desc to_server = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc to_client = GSS_C_EMPTY_BUFFER;
    gss_name_t server_name = logon->asks_everything ? import_target() : target;
    gss_name_t client_name = GSS_C_NO_NAME;
    OM_uint32 client_major = GSS_S_CONTINUE_NEEDED;
    OM_uint32 server_major = GSS_S_CONTINUE_NEEDED;
    OM_uint32 minor;

    for (int tokens = 0; tokens < MAX_TOKENS && client_major != GSS_S_COMPLETE; tokens++) {
        client_major = step_client(logon, client, server_name, &to_client, &to_server);
        (void)gss_release_buffer(&minor, &to_client);
        if (to_server.length != 0 && server_major == GSS_S_CONTINUE_NEEDED)
            server_major = step_server(logon, server, &to_server, &client_name, &to_client);
        (void)gss_release_buffer(&minor, &to_server);
    }
    if (client_major != GSS_S_COMPLETE || server_major != GSS_S_COMPLETE || to_client.length != 0)
        die("the logon did not end", client_major, 0);
    if (logon->asks_everything) {
        if (client_name == GSS_C_NO_NAME)
            die("the client has no name", server_major, 0);
        (void)gss_release_name(&minor, &client_name);
        (void)gss_release_name(&minor, &server_name);
    }
    if (logon->with_mics) {
        send_mic(client, server);
        send_mic(server, client);
    }
    if (logon->with_sealed) {
        send_sealed(*client, *server);
        send_sealed(*server, *client);
        send_sealed(*client, *server);
    }
}
