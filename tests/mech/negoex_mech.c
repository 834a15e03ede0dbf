/*
 * A mechanism for the tests of NegoEx, loaded by the mechglue under up to three OIDs (2.25.1001 to
 * 2.25.1003, called i, j and k after their last octets). It protects nothing: what it has is every way to
 * behave that NegoEx must cope with, chosen by environment variables.
 *
 *   NEGOEX_HOPS          tokens until both sides are done (1)
 *   NEGOEX_KEY           when there are keys: at the end (not set), "always", "initiator" (always,
 *                        on that side), "acceptor", "never", "bad" (of no known type)
 *   NEGOEX_META_CONTEXT  the context is made by the call for metadata
 *   NEGOEX_NO_INTEGRITY  neither signatures nor sealed messages
 *   NEGOEX_BINDINGS      channel bindings that each side must have been given
 *
 * and, with letters of mechanisms:
 *
 *   NEGOEX_NO_CRED                                      no credentials
 *   NEGOEX_INIT_FAIL, NEGOEX_ACCEPT_FAIL                refuses every token; the acceptor says so
 *   NEGOEX_ACCEPT_FAIL_ONCE                             the acceptor refuses the process' first token
 *   NEGOEX_INIT_QUERY_FAIL, NEGOEX_ACCEPT_QUERY_FAIL    no metadata can be made
 *   NEGOEX_INIT_QUERY_NONE, NEGOEX_ACCEPT_QUERY_NONE    nothing to say in metadata
 *   NEGOEX_INIT_EXCHANGE_FAIL, NEGOEX_ACCEPT_EXCHANGE_FAIL  the peer's metadata does not please
 */
#include "tests/mech/negoex_mech.h"

#include <stdlib.h>
#include <string.h>

#define KEY_OCTETS   32
#define TOKEN_OCTETS 4

/* aes256-cts-hmac-sha1-96, and a number that is no encryption type. */
#define ENCTYPE_AES_256 18
#define ENCTYPE_BAD     9999

static const char refusal[] = "fail";

static bool is_set(const char *variable)
{
    return getenv(variable) != NULL;
}

bool negoex_mech_is_named(const char *variable, unsigned char letter)
{
    const char *letters = getenv(variable);

    return letters != NULL && strchr(letters, letter) != NULL;
}

static unsigned char letter_of(gss_const_OID mechanism)
{
    const unsigned char *octets = mechanism->elements;

    return octets[mechanism->length - 1];
}

gss_OID negoex_mech_oid(unsigned char letter)
{
    static char octets[] = "\x69\x87i\x69\x87j\x69\x87k";
    static gss_OID_desc oids[] = {{3, octets}, {3, octets + 3}, {3, octets + 6}};

    return &oids[letter - 'i'];
}

static OM_uint32 refuse(OM_uint32 *minor, OM_uint32 major)
{
    *minor = MINOR_REFUSED;
    return major;
}

static struct test_context *make_context(bool initiator, unsigned char letter)
{
    const char *hops = getenv("NEGOEX_HOPS");
    struct test_context *context = calloc(1, sizeof *context);

    if (context == NULL)
        return NULL;
    context->initiator = initiator;
    context->letter = letter;
    context->hops = hops != NULL ? (unsigned char)atoi(hops) : 1;
    return context;
}

static bool bindings_please(gss_channel_bindings_t bindings)
{
    const char *wanted = getenv("NEGOEX_BINDINGS");

    return wanted == NULL ||
           (bindings != GSS_C_NO_CHANNEL_BINDINGS &&
            bindings->application_data.length == strlen(wanted) &&
            memcmp(bindings->application_data.value, wanted, strlen(wanted)) == 0);
}

/* The next token of ours: how many follow it. The first one of a logon has the RFC 2743 header. */
static OM_uint32 write_token(struct test_context *context, gss_buffer_t output)
{
    unsigned char octets[TOKEN_OCTETS] = {'N', 'X', context->letter, --context->hops};
    gss_buffer_desc token = {sizeof octets, octets};

    if (context->initiator && !context->started)
        return gss_encapsulate_token(&token, negoex_mech_oid(context->letter), output);
    output->value = malloc(sizeof octets);
    if (output->value == NULL)
        return GSS_S_FAILURE;
    memcpy(output->value, octets, sizeof octets);
    output->length = sizeof octets;
    return GSS_S_COMPLETE;
}

/* The peer's token must be the one that is due, to the last octet. */
static bool read_token(struct test_context *context, gss_buffer_t input)
{
    unsigned char due[TOKEN_OCTETS] = {'N', 'X', context->letter, 0};

    if (context->hops == 0)
        return false;
    due[3] = --context->hops;
    return input->length == sizeof due && memcmp(input->value, due, sizeof due) == 0;
}

OM_uint32 negoex_mech_flags(const struct test_context *context)
{
    const OM_uint32 messages =
        GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;

    return (is_set("NEGOEX_NO_INTEGRITY") ? 0 : messages) | GSS_C_MUTUAL_FLAG | GSS_C_TRANS_FLAG |
           (context->hops == 0 ? GSS_C_PROT_READY_FLAG : 0);
}

static OM_uint32 state_of(const struct test_context *context, OM_uint32 *flags)
{
    if (flags != NULL)
        *flags = negoex_mech_flags(context);
    return context->hops != 0 ? GSS_S_CONTINUE_NEEDED : GSS_S_COMPLETE;
}

EXPORT OM_uint32 gss_init_sec_context(OM_uint32 *minor, gss_cred_id_t credential,
                                      gss_ctx_id_t *handle, gss_name_t target, gss_OID mechanism,
                                      OM_uint32 requested, OM_uint32 lifetime,
                                      gss_channel_bindings_t bindings, gss_buffer_t input,
                                      gss_OID *actual, gss_buffer_t output, OM_uint32 *flags,
                                      OM_uint32 *time_rec)
{
    struct test_context *context = (struct test_context *)*handle;
    bool has_input = input != GSS_C_NO_BUFFER && input->length != 0;

    (void)credential, (void)target, (void)requested, (void)lifetime;
    *minor = 0;
    if (has_input && input->length == strlen(refusal) &&
        memcmp(input->value, refusal, strlen(refusal)) == 0) {
        *minor = MINOR_REPORTED;
        return GSS_S_FAILURE;
    }
    if (negoex_mech_is_named("NEGOEX_INIT_FAIL", letter_of(mechanism)))
        return refuse(minor, GSS_S_FAILURE);
    if (!bindings_please(bindings))
        return refuse(minor, GSS_S_BAD_BINDINGS);
    if (context == NULL) {
        context = make_context(true, letter_of(mechanism));
        if (context == NULL)
            return GSS_S_FAILURE;
        *handle = (gss_ctx_id_t)context;
    }
    if (context->started ? !has_input || !read_token(context, input) : has_input)
        return refuse(minor, GSS_S_DEFECTIVE_TOKEN);
    if (context->hops != 0 && GSS_ERROR(write_token(context, output)))
        return GSS_S_FAILURE;
    context->started = true;
    if (actual != NULL)
        *actual = mechanism;
    if (time_rec != NULL)
        *time_rec = GSS_C_INDEFINITE;
    return state_of(context, flags);
}

/* Whether the acceptor refuses; it says so in a token. */
static bool refuses(unsigned char letter, gss_buffer_t output)
{
    static bool refused_once;

    if (negoex_mech_is_named("NEGOEX_ACCEPT_FAIL_ONCE", letter) && !refused_once)
        refused_once = true;
    else if (!negoex_mech_is_named("NEGOEX_ACCEPT_FAIL", letter))
        return false;
    output->value = strdup(refusal);
    output->length = output->value != NULL ? strlen(refusal) : 0;
    return true;
}

EXPORT OM_uint32 gss_accept_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle,
                                        gss_cred_id_t credential, gss_buffer_t input,
                                        gss_channel_bindings_t bindings, gss_name_t *source,
                                        gss_OID *actual, gss_buffer_t output, OM_uint32 *flags,
                                        OM_uint32 *time_rec, gss_cred_id_t *delegated)
{
    struct test_context *context = (struct test_context *)*handle;
    bool first = context == NULL || !context->started;
    gss_buffer_desc token = *input;
    unsigned char letter = 0;

    (void)actual, (void)credential, (void)delegated;
    *minor = 0;
    for (unsigned char l = 'i'; first && l <= 'k'; l++) {
        if (!GSS_ERROR(gss_decapsulate_token(input, negoex_mech_oid(l), &token))) {
            letter = l;
            break;
        }
    }
    if (!first)
        letter = context->letter;
    if (letter == 0 || (context != NULL && context->letter != letter))
        return refuse(minor, GSS_S_DEFECTIVE_TOKEN);
    if (context == NULL) {
        context = make_context(false, letter);
        if (context == NULL)
            return GSS_S_FAILURE;
        *handle = (gss_ctx_id_t)context;
    }
    context->started = true;
    if (first && token.length == TOKEN_OCTETS)
        context->hops = (unsigned char)(((unsigned char *)token.value)[3] + 1);
    if (refuses(letter, output) || !read_token(context, &token)) {
        if (first)
            free(token.value);
        return refuse(minor, GSS_S_FAILURE);
    }
    if (first)
        free(token.value);
    if (!bindings_please(bindings))
        return refuse(minor, GSS_S_BAD_BINDINGS);
    if (context->hops != 0 && GSS_ERROR(write_token(context, output)))
        return GSS_S_FAILURE;
    if (source != NULL && context->hops == 0)
        *source = (gss_name_t)strdup("client");
    if (time_rec != NULL)
        *time_rec = GSS_C_INDEFINITE;
    return state_of(context, flags);
}

EXPORT OM_uint32 gss_delete_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_buffer_t output)
{
    (void)output;
    *minor = 0;
    free(*handle);
    *handle = GSS_C_NO_CONTEXT;
    return GSS_S_COMPLETE;
}

/* --- what NegoEx asks --- */

EXPORT OM_uint32 gssspi_query_mechanism_info(OM_uint32 *minor, gss_const_OID mechanism,
                                             unsigned char auth_scheme[16])
{
    *minor = 0;
    memcpy(auth_scheme, "NegoEx test mech", 15);
    auth_scheme[15] = letter_of(mechanism);
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gssspi_query_meta_data(OM_uint32 *minor, gss_const_OID mechanism,
                                        gss_cred_id_t credential, gss_ctx_id_t *handle,
                                        const gss_name_t target, OM_uint32 flags,
                                        gss_buffer_t meta_data)
{
    bool initiator = target != GSS_C_NO_NAME;
    unsigned char letter = letter_of(mechanism);

    (void)credential, (void)flags;
    *minor = 0;
    if (negoex_mech_is_named(initiator ? "NEGOEX_INIT_QUERY_FAIL" : "NEGOEX_ACCEPT_QUERY_FAIL",
                             letter))
        return refuse(minor, GSS_S_FAILURE);
    if (is_set("NEGOEX_META_CONTEXT") && *handle == GSS_C_NO_CONTEXT)
        *handle = (gss_ctx_id_t)make_context(initiator, letter);
    if (negoex_mech_is_named(initiator ? "NEGOEX_INIT_QUERY_NONE" : "NEGOEX_ACCEPT_QUERY_NONE",
                             letter))
        return GSS_S_COMPLETE;
    meta_data->value = strdup(initiator ? "initiator's metadata of " : "acceptor's metadata of ");
    if (meta_data->value == NULL)
        return GSS_S_FAILURE;
    meta_data->length = strlen(meta_data->value);
    ((unsigned char *)meta_data->value)[meta_data->length - 1] = letter;
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gssspi_exchange_meta_data(OM_uint32 *minor, gss_const_OID mechanism,
                                           gss_cred_id_t credential, gss_ctx_id_t *handle,
                                           const gss_name_t target, OM_uint32 flags,
                                           gss_const_buffer_t meta_data)
{
    bool initiator = target != GSS_C_NO_NAME;
    const char *start = initiator ? "acceptor's metadata of" : "initiator's metadata of";
    unsigned char letter = letter_of(mechanism);

    (void)credential, (void)flags;
    *minor = 0;
    if (negoex_mech_is_named(
            initiator ? "NEGOEX_INIT_EXCHANGE_FAIL" : "NEGOEX_ACCEPT_EXCHANGE_FAIL", letter))
        return refuse(minor, GSS_S_FAILURE);
    if (is_set("NEGOEX_META_CONTEXT") && *handle == GSS_C_NO_CONTEXT)
        *handle = (gss_ctx_id_t)make_context(initiator, letter);
    if (meta_data->length != strlen(start) + 1 ||
        memcmp(meta_data->value, start, strlen(start)) != 0 ||
        ((unsigned char *)meta_data->value)[strlen(start)] != letter)
        return refuse(minor, GSS_S_DEFECTIVE_TOKEN);
    return GSS_S_COMPLETE;
}

static bool has_key(const struct test_context *context)
{
    const char *when = getenv("NEGOEX_KEY");

    if (when == NULL || strcmp(when, "bad") == 0)
        return context->hops == 0;
    if (strcmp(when, "never") == 0)
        return false;
    return context->hops == 0 || strcmp(when, "always") == 0 ||
           strcmp(when, context->initiator ? "initiator" : "acceptor") == 0;
}

EXPORT OM_uint32 gss_inquire_sec_context_by_oid(OM_uint32 *minor, const gss_ctx_id_t handle,
                                                const gss_OID object, gss_buffer_set_t *data)
{
    const struct test_context *context = (const struct test_context *)handle;
    const char *when = getenv("NEGOEX_KEY");
    bool verify = gss_oid_equal(object, GSS_C_INQ_NEGOEX_VERIFY_KEY);
    bool bad = when != NULL && strcmp(when, "bad") == 0;
    unsigned char key[KEY_OCTETS];
    unsigned char type[4] = {ENCTYPE_AES_256, 0, 0, 0};
    gss_buffer_desc key_buffer = {sizeof key, key};
    gss_buffer_desc type_buffer = {sizeof type, type};

    *minor = 0;
    if (!verify && !gss_oid_equal(object, GSS_C_INQ_NEGOEX_KEY))
        return GSS_S_UNAVAILABLE;
    if (!has_key(context))
        return GSS_S_UNAVAILABLE;
    if (bad) {
        type[0] = ENCTYPE_BAD & 0xFF;
        type[1] = ENCTYPE_BAD >> 8;
    }
    memset(key, context->letter, sizeof key);
    key[0] =
        verify != context->initiator; /* what one side signs with the other side verifies with */
    if (GSS_ERROR(gss_add_buffer_set_member(minor, &key_buffer, data)))
        return GSS_S_FAILURE;
    return gss_add_buffer_set_member(minor, &type_buffer, data);
}
