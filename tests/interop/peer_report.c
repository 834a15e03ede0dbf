#include <stdio.h>
#include <string.h>
#include "tests/interop/spnego_peer.h"

/* The second hop of a delegated credential: a service that the realm always has. */
#define SECOND_HOP "HTTP@localhost"

#define KEY_OCTETS 32

gss_OID_desc peer_krb5_oid = OID_OF("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
/* GSS_C_INQ_SSPI_SESSION_KEY, which each library declares in a header of its own. */
static gss_OID_desc session_key_oid = OID_OF("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05");

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

const char *peer_status_text(const struct peer *peer, OM_uint32 major, OM_uint32 minor)
{
    static char text[4096];

    text[0] = '\0';
    append_status(text, sizeof text, major, GSS_C_GSS_CODE, GSS_C_NO_OID);
    if (minor != 0)
        append_status(text, sizeof text, minor, GSS_C_MECH_CODE, peer->mechanism);
    return text;
}

gss_name_t peer_host_based(const char *text)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    (void)gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, &name);
    return name;
}

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
    hop = peer_host_based(SECOND_HOP);
    if (!GSS_ERROR(gss_init_sec_context(&minor, peer->delegated, &context, hop, &peer_krb5_oid,
                                        GSS_C_MUTUAL_FLAG, 0, GSS_C_NO_CHANNEL_BINDINGS,
                                        GSS_C_NO_BUFFER, NULL, &token, NULL, NULL)))
        fprintf(record, "second_hop=%zu\n", token.length);
    (void)gss_release_buffer(&minor, &token);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    (void)gss_release_name(&minor, &hop);
    (void)gss_release_name(&minor, &name);
}

char *peer_report(struct peer *peer, size_t *length)
{
    char *text = NULL;
    FILE *record = open_memstream(&text, length);

    if (record == NULL)
        return NULL;
    fprintf(record, "major=%u\nminor=%u\ntext=%s\n", (unsigned)peer->major, (unsigned)peer->minor,
            peer_status_text(peer, peer->major, peer->minor));
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
    return fclose(record) == 0 ? text : NULL;
}
