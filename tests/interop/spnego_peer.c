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
 * Requests and answers are frames (see peer_process.h). Built with MIT's library and with Heimdal's.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <gssapi/gssapi.h>
#ifndef SPNEGO_PEER_HEIMDAL
#include <gssapi/gssapi_ext.h>
#endif
#include "tests/interop/peer_frame.h"

/* The second hop of a delegated credential: a service that the realm always has. */
#define SECOND_HOP "HTTP@localhost"

#define KEY_OCTETS 32

#define OID_OF(octets)                               \
    {                                                \
        sizeof octets - 1, (void *)(uintptr_t)octets \
    }

static gss_OID_desc spnego_oid = OID_OF("\x2b\x06\x01\x05\x05\x02");
static gss_OID_desc negotiate_oid = OID_OF("\x69\xb1\xd6\xc9\x88\x9c\x93\xe3\x94\x39\x02");
static gss_OID_desc krb5_oid = OID_OF("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
/* GSS_C_INQ_SSPI_SESSION_KEY, which each library declares in a header of its own. */
static gss_OID_desc session_key_oid = OID_OF("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05");

struct peer {
    bool initiator;
    gss_OID mechanism;
    const char *target;
    OM_uint32 request_flags;
    const char *bindings_text;
    bool acquire;
    const char *neg_mechs;
    struct store_element {
        const char *key;
        const char *value;
    } store; /* one is enough */

    gss_name_t target_name;
    gss_cred_id_t credential;
    gss_ctx_id_t context;
    OM_uint32 major;
    OM_uint32 minor;
    OM_uint32 flags;
    gss_OID actual_mechanism;
    gss_name_t source;
    gss_cred_id_t delegated;
};

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "spnego_peer: %s\n", why);
    exit(EXIT_FAILURE);
}

static bool read_exactly(void *buffer, size_t length)
{
    unsigned char *octets = buffer;

    while (length != 0) {
        ssize_t count = read(STDIN_FILENO, octets, length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        octets += count;
        length -= (size_t)count;
    }
    return true;
}

static void write_exactly(const void *buffer, size_t length)
{
    const unsigned char *octets = buffer;

    while (length != 0) {
        ssize_t count = write(STDOUT_FILENO, octets, length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            give_up("the driver has gone");
        octets += count;
        length -= (size_t)count;
    }
}

static void answer(char verdict, const void *octets, size_t length)
{
    struct peer_frame_header header = {.kind = verdict, .length = (uint32_t)length};

    write_exactly(&header, sizeof header);
    write_exactly(octets, length);
}

/* --- text --- */

static void append_status(char *text, size_t size, OM_uint32 value, int type, gss_OID mechanism)
{
    OM_uint32 more = 0;
    OM_uint32 minor;

    do {
        gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
        size_t used = strlen(text);

        if (GSS_ERROR(gss_display_status(&minor, value, type, mechanism, &more, &message)))
            return;
        (void)snprintf(text + used, size - used, "%s%.*s", used != 0 ? " / " : "",
                       (int)message.length, (const char *)message.value);
        (void)gss_release_buffer(&minor, &message);
    } while (more != 0);
}

static const char *status_text(const struct peer *peer, OM_uint32 major, OM_uint32 minor)
{
    static char text[4096];

    text[0] = '\0';
    append_status(text, sizeof text, major, GSS_C_GSS_CODE, GSS_C_NO_OID);
    if (minor != 0)
        append_status(text, sizeof text, minor, GSS_C_MECH_CODE, peer->mechanism);
    return text;
}

static void answer_failure(const struct peer *peer, OM_uint32 major, OM_uint32 minor)
{
    const char *text = status_text(peer, major, minor);

    answer(PEER_FAILED, text, strlen(text));
}

/* --- preparation --- */

static gss_name_t host_based(const char *text)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    if (GSS_ERROR(gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, &name)))
        give_up("the target's name is refused");
    return name;
}

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
        oids[set.count++] = krb5_oid;
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

/* --- the record --- */

static void record_name(FILE *record, const char *what, gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (name == GSS_C_NO_NAME || GSS_ERROR(gss_display_name(&minor, name, &text, NULL)))
        return;
    fprintf(record, "%s=%.*s\n", what, (int)text.length, (const char *)text.value);
    (void)gss_release_buffer(&minor, &text);
}

static void record_octets(FILE *record, const char *what, gss_buffer_t octets)
{
    fprintf(record, "%s=", what);
    for (size_t i = 0; i < octets->length; i++)
        fprintf(record, "%02x", ((const unsigned char *)octets->value)[i]);
    fprintf(record, "\n");
}

static void record_keys(FILE *record, struct peer *peer)
{
    static gss_buffer_desc salt = {4, (void *)(uintptr_t) "salt"};
    gss_buffer_desc derived = GSS_C_EMPTY_BUFFER;
    gss_buffer_set_t keys = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    if (!GSS_ERROR(gss_pseudo_random(&minor, peer->context, GSS_C_PRF_KEY_FULL, &salt, KEY_OCTETS,
                                     &derived)))
        record_octets(record, "derived_key", &derived);
    (void)gss_release_buffer(&minor, &derived);
    if (!GSS_ERROR(
            gss_inquire_sec_context_by_oid(&minor, peer->context, &session_key_oid, &keys)) &&
        keys != GSS_C_NO_BUFFER_SET && keys->count != 0)
        record_octets(record, "session_key", &keys->elements[0]);
    (void)gss_release_buffer_set(&minor, &keys);
}

/* What gss_inquire_context says. gss-ntlmssp crashes when an acceptor is asked for the target. */
static void record_inquiry(FILE *record, struct peer *peer)
{
    gss_name_t source = GSS_C_NO_NAME;
    gss_name_t target = GSS_C_NO_NAME;
    OM_uint32 lifetime = 0;
    OM_uint32 flags = 0;
    OM_uint32 minor;
    int local = -1;
    int open = -1;

    if (GSS_ERROR(gss_inquire_context(&minor, peer->context, &source,
                                      peer->initiator ? &target : NULL, &lifetime, NULL, &flags,
                                      &local, &open)))
        return;
    record_name(record, "inquired_source", source);
    record_name(record, "inquired_target", target);
    fprintf(record, "lifetime=%u\ninquired_flags=%u\nlocal=%d\nopen=%d\n", (unsigned)lifetime,
            (unsigned)flags, local, open);
    (void)gss_release_name(&minor, &source);
    (void)gss_release_name(&minor, &target);
}

/* Whether a delegated credential can be asked about, and makes a token for another service. */
static void record_delegated(FILE *record, struct peer *peer)
{
    gss_name_t name = GSS_C_NO_NAME;
    gss_name_t hop = GSS_C_NO_NAME;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (peer->delegated == GSS_C_NO_CREDENTIAL)
        return;
    if (!GSS_ERROR(gss_inquire_cred(&minor, peer->delegated, &name, NULL, NULL, NULL)))
        record_name(record, "delegated", name);
    hop = host_based(SECOND_HOP);
    if (!GSS_ERROR(gss_init_sec_context(&minor, peer->delegated, &context, hop, &krb5_oid,
                                        GSS_C_MUTUAL_FLAG, 0, GSS_C_NO_CHANNEL_BINDINGS,
                                        GSS_C_NO_BUFFER, NULL, &token, NULL, NULL)))
        fprintf(record, "second_hop=%zu\n", token.length);
    (void)gss_release_buffer(&minor, &token);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    (void)gss_release_name(&minor, &hop);
    (void)gss_release_name(&minor, &name);
}

static void report(struct peer *peer)
{
    char *text = NULL;
    size_t length = 0;
    FILE *record = open_memstream(&text, &length);

    if (record == NULL)
        give_up("no memory");
    fprintf(record, "major=%u\nminor=%u\ntext=%s\n", (unsigned)peer->major, (unsigned)peer->minor,
            status_text(peer, peer->major, peer->minor));
    /* Heimdal's acceptor is "complete", with nothing to show, when the initiator gives up. */
    if (peer->major == GSS_S_COMPLETE && peer->actual_mechanism != GSS_C_NO_OID) {
        gss_buffer_desc oid = {peer->actual_mechanism->length, peer->actual_mechanism->elements};

        fprintf(record, "flags=%u\n", (unsigned)peer->flags);
        record_octets(record, "mechanism", &oid);
        record_name(record, "source", peer->source);
        record_inquiry(record, peer);
        record_keys(record, peer);
        record_delegated(record, peer);
    }
    if (fclose(record) != 0)
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
    struct peer_frame_header header;

    while (read_exactly(&header, sizeof header)) {
        gss_buffer_desc request = {header.length, NULL};

        if (header.length > PEER_FRAME_MAXIMUM)
            give_up("a request is too long");
        request.value = malloc(header.length + 1);
        if (request.value == NULL || !read_exactly(request.value, header.length))
            give_up("a request is cut off");
        serve(peer, header.kind, &request);
        free(request.value);
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
        peer.target_name = host_based(peer.target);
    if (peer.acquire || peer.neg_mechs != NULL || peer.store.key != NULL)
        acquire(&peer);
    serve_all(&peer);
    release(&peer);
    return EXIT_SUCCESS;
}
