/*
 * One side of a SPNEGO logon, moved by requests on standard input: spnego_peer initiate|accept
 * [name=value]...
 *
 *   mechanism=negotiate  our mechanism by its own OID; otherwise SPNEGO's, whoever answers to it
 *   target=SERVICE@HOST  whom the initiator wants
 *   flags=NUMBER         req_flags
 *   bindings=TEXT        application data of channel bindings; absent: none are given
 *   credential=1         a default credential is acquired, instead of giving none
 *   neg_mechs=LIST       krb5, ntlm: gss_set_neg_mechs on that credential (not with Heimdal)
 *   packages=LIST        that key in that credential's store (not with Heimdal)
 *   channel_bindings=... another key in it
 *
 * Requests and answers are frames (peer_frame.h). Built with MIT's library and with Heimdal's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/interop/peer_frame.h"
#include "tests/interop/spnego_peer.h"

static gss_OID_desc spnego_oid = OID_OF("\x2b\x06\x01\x05\x05\x02");
static gss_OID_desc negotiate_oid = OID_OF("\x69\xb1\xd6\xc9\x88\x9c\x93\xe3\x94\x39\x02");

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "spnego_peer: %s\n", why);
    exit(EXIT_FAILURE);
}

static void answer(char verdict, const void *octets, size_t length)
{
    if (!peer_frame_send(STDOUT_FILENO, verdict, octets, length))
        give_up("the driver has gone");
}

static void answer_failure(const struct peer *peer, OM_uint32 major, OM_uint32 minor)
{
    const char *text = peer_status_text(peer, major, minor);

    answer(PEER_FAILED, text, strlen(text));
}

/* --- preparation --- */

static bool value_of(const char *argument, const char *name, const char **value)
{
    size_t length = strlen(name);

    if (strncmp(argument, name, length) != 0 || argument[length] != '=')
        return false;
    *value = argument + length + 1;
    return true;
}

static void read_argument(struct peer *peer, const char *argument)
{
    static const char *const store_keys[] = {"packages", "channel_bindings"};
    const char *value;

    for (size_t i = 0; i < sizeof store_keys / sizeof store_keys[0]; i++) {
        if (value_of(argument, store_keys[i], &value)) {
            peer->store = (struct store_element){store_keys[i], value};
            return;
        }
    }
    if (value_of(argument, "mechanism", &value))
        peer->mechanism = strcmp(value, "negotiate") == 0 ? &negotiate_oid : &spnego_oid;
    else if (value_of(argument, "flags", &value))
        peer->request_flags = (OM_uint32)strtoul(value, NULL, 0);
    else if (value_of(argument, "credential", &value))
        peer->acquire = true;
    else if (!value_of(argument, "target", &peer->target) &&
             !value_of(argument, "bindings", &peer->bindings_text) &&
             !value_of(argument, "neg_mechs", &peer->neg_mechs))
        give_up("an argument is not known");
}

/* A credential when one is to be acquired; a failure counts as one of the first step. */
#ifdef SPNEGO_PEER_HEIMDAL
static void acquire(struct peer *peer)
{
    gss_OID_set_desc mechanisms = {1, peer->mechanism};

    if (peer->neg_mechs != NULL || peer->store.key != NULL)
        give_up("Heimdal has neither gss_set_neg_mechs nor credential stores");
    peer->major = gss_acquire_cred(&peer->minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms,
                                   peer->initiator ? GSS_C_INITIATE : GSS_C_ACCEPT,
                                   &peer->credential, NULL, NULL);
}
#else
static gss_OID_desc ntlm_oid = OID_OF("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a");

static void restrict_mechanisms(struct peer *peer)
{
    gss_OID_desc oids[2];
    gss_OID_set_desc set = {0, oids};

    if (strstr(peer->neg_mechs, "krb5") != NULL)
        oids[set.count++] = peer_krb5_oid;
    if (strstr(peer->neg_mechs, "ntlm") != NULL)
        oids[set.count++] = ntlm_oid;
    peer->major = gss_set_neg_mechs(&peer->minor, peer->credential, &set);
}

static void acquire(struct peer *peer)
{
    gss_OID_set_desc mechanisms = {1, peer->mechanism};
    gss_key_value_element_desc element = {peer->store.key, peer->store.value};
    gss_key_value_set_desc store = {1, &element};

    peer->major = gss_acquire_cred_from(&peer->minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms,
                                        peer->initiator ? GSS_C_INITIATE : GSS_C_ACCEPT,
                                        peer->store.key != NULL ? &store : GSS_C_NO_CRED_STORE,
                                        &peer->credential, NULL, NULL);
    if (!GSS_ERROR(peer->major) && peer->neg_mechs != NULL)
        restrict_mechanisms(peer);
}
#endif

/* --- the logon --- */

static gss_channel_bindings_t bindings_of(const struct peer *peer,
                                          struct gss_channel_bindings_struct *bindings)
{
    if (peer->bindings_text == NULL)
        return GSS_C_NO_CHANNEL_BINDINGS;
    *bindings = (struct gss_channel_bindings_struct){
        .initiator_addrtype = GSS_C_AF_UNSPEC,
        .acceptor_addrtype = GSS_C_AF_UNSPEC,
        .application_data = {strlen(peer->bindings_text), (void *)(uintptr_t)peer->bindings_text}};
    return bindings;
}

static void initiate(struct peer *peer, gss_buffer_t input, gss_buffer_t output)
{
    struct gss_channel_bindings_struct bindings;

    peer->major =
        gss_init_sec_context(&peer->minor, peer->credential, &peer->context, peer->target_name,
                             peer->mechanism, peer->request_flags, 0, bindings_of(peer, &bindings),
                             input, &peer->actual_mechanism, output, &peer->flags, NULL);
}

/* Puts a header with our own OID on the first token, which alone leads to us by that name. */
static void encapsulate(gss_buffer_t token, gss_buffer_t framed)
{
    if (GSS_ERROR(gss_encapsulate_token(token, &negotiate_oid, framed)))
        give_up("no memory");
}

static void accept_token(struct peer *peer, gss_buffer_t input, gss_buffer_t output)
{
    struct gss_channel_bindings_struct bindings;
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (peer->context == GSS_C_NO_CONTEXT && peer->mechanism == &negotiate_oid) {
        encapsulate(input, &framed);
        input = &framed;
    }
    (void)gss_release_name(&minor, &peer->source);
    peer->major = gss_accept_sec_context(
        &peer->minor, &peer->context, peer->credential, input, bindings_of(peer, &bindings),
        &peer->source, &peer->actual_mechanism, output, &peer->flags, NULL, &peer->delegated);
    (void)gss_release_buffer(&minor, &framed);
}

static void step(struct peer *peer, gss_buffer_t input)
{
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    char verdict;

    if (!GSS_ERROR(peer->major)) {
        if (peer->initiator)
            initiate(peer, input, &output);
        else
            accept_token(peer, input, &output);
    }
    verdict = GSS_ERROR(peer->major)                 ? PEER_FAILED
              : peer->major == GSS_S_CONTINUE_NEEDED ? PEER_CONTINUES
                                                     : PEER_DONE;
    answer(verdict, output.value, output.length);
    (void)gss_release_buffer(&minor, &output);
}

/* --- messages --- */

static void wrap(struct peer *peer, gss_buffer_t message, int conf)
{
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    int sealed_conf = 0;
    OM_uint32 minor;
    OM_uint32 major =
        gss_wrap(&minor, peer->context, conf, GSS_C_QOP_DEFAULT, message, &sealed_conf, &sealed);

    if (GSS_ERROR(major))
        answer_failure(peer, major, minor);
    else
        answer(PEER_DONE, sealed.value, sealed.length);
    (void)gss_release_buffer(&minor, &sealed);
}

static void unwrap(struct peer *peer, gss_buffer_t sealed)
{
    gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_unwrap(&minor, peer->context, sealed, &message, NULL, NULL);

    if (GSS_ERROR(major))
        answer_failure(peer, major, minor);
    else
        answer(PEER_DONE, message.value, message.length);
    (void)gss_release_buffer(&minor, &message);
}

static void sign(struct peer *peer, gss_buffer_t message)
{
    gss_buffer_desc mic = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_get_mic(&minor, peer->context, GSS_C_QOP_DEFAULT, message, &mic);

    if (GSS_ERROR(major))
        answer_failure(peer, major, minor);
    else
        answer(PEER_DONE, mic.value, mic.length);
    (void)gss_release_buffer(&minor, &mic);
}

/* The request is the message PEER_SIGNED_TEXT's signature. */
static void verify(struct peer *peer, gss_buffer_t mic)
{
    gss_buffer_desc message = {sizeof PEER_SIGNED_TEXT - 1, (void *)(uintptr_t)PEER_SIGNED_TEXT};
    OM_uint32 minor;
    OM_uint32 major = gss_verify_mic(&minor, peer->context, &message, mic, NULL);

    if (GSS_ERROR(major))
        answer_failure(peer, major, minor);
    else
        answer(PEER_DONE, NULL, 0);
}

static void report(struct peer *peer)
{
    size_t length;
    char *text = peer_report(peer, &length);

    if (text == NULL)
        give_up("no memory");
    answer(PEER_DONE, text, length);
    free(text);
}

static void serve(struct peer *peer, char kind, gss_buffer_t request)
{
    switch (kind) {
    case PEER_STEP:
        step(peer, request);
        return;
    case PEER_WRAP:
        wrap(peer, request, 1);
        return;
    case PEER_WRAP_UNSEALED:
        wrap(peer, request, 0);
        return;
    case PEER_UNWRAP:
        unwrap(peer, request);
        return;
    case PEER_SIGN:
        sign(peer, request);
        return;
    case PEER_VERIFY:
        verify(peer, request);
        return;
    case PEER_REPORT:
        report(peer);
        return;
    default:
        give_up("a request is not known");
    }
}

static void serve_all(struct peer *peer)
{
    struct peer_frame frame;

    while (peer_frame_receive(STDIN_FILENO, PEER_FRAME_WAITS, &frame)) {
        gss_buffer_desc request = {frame.length, frame.octets};

        serve(peer, frame.kind, &request);
        free(frame.octets);
    }
}

static void release(struct peer *peer)
{
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &peer->context, GSS_C_NO_BUFFER);
    (void)gss_release_name(&minor, &peer->source);
    (void)gss_release_name(&minor, &peer->target_name);
    (void)gss_release_cred(&minor, &peer->delegated);
    (void)gss_release_cred(&minor, &peer->credential);
}

int main(int count, char **arguments)
{
    struct peer peer = {.mechanism = &spnego_oid, .target = "host@localhost"};

    if (count < 2)
        give_up("initiate or accept?");
    peer.initiator = strcmp(arguments[1], "initiate") == 0;
    for (int i = 2; i < count; i++)
        read_argument(&peer, arguments[i]);
    if (peer.initiator)
        peer.target_name = peer_host_based(peer.target);
    if (peer.initiator && peer.target_name == GSS_C_NO_NAME)
        give_up("the target's name is refused");
    if (peer.acquire || peer.neg_mechs != NULL || peer.store.key != NULL)
        acquire(&peer);
    serve_all(&peer);
    release(&peer);
    return EXIT_SUCCESS;
}
