#include "mech/negotiate/negoex.h"

#include <gnutls/crypto.h>
#include <stdlib.h>

#include "mech/status.h"
#include "mech/trace.h"

/* The bit of an NTSTATUS that says: an error (MS-ERREF 2.3). */
#define NT_STATUS_ERROR_BIT 0x80000000u

const unsigned char *negoex_scheme(const struct negoex_candidate *candidate)
{
    return inner_negoex_module(candidate->kind)->auth_scheme;
}

static void release_candidate(struct negoex_candidate *candidate)
{
    OM_uint32 ignored;

    (void)glue_delete_sec_context(&ignored, &candidate->context, GSS_C_NO_BUFFER);
    (void)glue_release_buffer(&ignored, &candidate->meta_data);
}

OM_uint32 negoex_create(OM_uint32 *minor, struct negotiate_context *negotiate)
{
    struct negoex *negoex = calloc(1, sizeof *negoex);
    const struct package_list *packages = &negotiate->packages;

    if (negoex == NULL)
        return fail_no_memory(minor);
    negoex->transcript.limit = NEGOEX_TRANSCRIPT_LIMIT;
    if (krb5_init_context(&negoex->krb5) != 0) {
        free(negoex);
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CONFIGURATION, "krb5.conf cannot be read");
    }
    for (size_t i = 0; i < packages->count; i++) {
        if (inner_negoex_module(packages->kinds[i]) != NULL)
            negoex->candidates[negoex->count++].kind = packages->kinds[i];
    }
    negotiate->negoex = negoex;
    return GSS_S_COMPLETE;
}

void negoex_delete(struct negoex **negoex)
{
    struct negoex *n = *negoex;

    if (n == NULL)
        return;
    while (n->count != 0)
        negoex_remove_candidate(n, &n->candidates[n->count - 1]);
    negoex_forget_keys(n);
    byte_buffer_release(&n->transcript);
    krb5_free_context(n->krb5);
    free(n);
    *negoex = NULL;
}

struct negoex_candidate *negoex_candidate_of(struct negoex *negoex, const unsigned char *scheme)
{
    for (size_t i = 0; i < negoex->count; i++) {
        if (memcmp(negoex_scheme(&negoex->candidates[i]), scheme, NEGOEX_GUID_OCTETS) == 0)
            return &negoex->candidates[i];
    }
    return NULL;
}

void negoex_remove_candidate(struct negoex *negoex, struct negoex_candidate *candidate)
{
    size_t index = (size_t)(candidate - negoex->candidates);

    release_candidate(candidate);
    negoex->count--;
    memmove(candidate, candidate + 1, (negoex->count - index) * sizeof *candidate);
}

void negoex_choose(struct negoex *negoex, const struct negoex_candidate *candidate)
{
    enum inner_kind kind = candidate->kind;

    for (size_t i = negoex->count; i-- > 0;) {
        if (negoex->candidates[i].kind != kind)
            negoex_remove_candidate(negoex, &negoex->candidates[i]);
    }
}

void negoex_use_first(struct negotiate_context *negotiate)
{
    struct negoex *negoex = negotiate->negoex;

    negotiate->inner = negoex->candidates[0].context;
    negoex->candidates[0].context = GSS_C_NO_CONTEXT;
    negotiate->chosen = negoex->candidates[0].kind;
    negoex->started = true;
}

void negoex_unuse(struct negotiate_context *negotiate)
{
    struct negoex *negoex = negotiate->negoex;

    mechanism_drop(negotiate);
    negoex_forget_keys(negoex);
    negotiate->chosen = INNER_NONE;
    negoex->started = false;
    negoex->mechanism_complete = false;
    negoex->verify_sent = false;
}

OM_uint32 negoex_fail_no_scheme(OM_uint32 *minor)
{
    return fail(minor, GSS_S_BAD_MECH, GSS_SSPI_E_NO_COMMON_MECHANISM,
                "NegoEx: both sides have no mechanism in common");
}

/* --- reading --- */

static OM_uint32 fail_order(OM_uint32 *minor, const struct negoex_message *message)
{
    return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                "a NegoEx message of type %d out of place", (int)message->type);
}

static OM_uint32 read_meta_data(OM_uint32 *minor, struct negoex *negoex,
                                const struct negoex_message *message)
{
    struct negoex_candidate *candidate = negoex_candidate_of(negoex, message->scheme);

    if (candidate == NULL)
        return GSS_S_COMPLETE;
    if (byte_range_is_present(candidate->received))
        return fail_order(minor, message);
    candidate->received = message->token;
    return GSS_S_COMPLETE;
}

/* An alert with an error ends the logon; of the others only one kind means something to us. */
static OM_uint32 read_alert(OM_uint32 *minor, const struct negoex_message *message,
                            struct negoex_token *token)
{
    if ((message->alert.error_code & NT_STATUS_ERROR_BIT) != 0)
        return fail_with_nt_status(minor, GSS_S_FAILURE, GSS_SSPI_E_PEER_REJECTED,
                                   message->alert.error_code, "NegoEx: status 0x%08X",
                                   (unsigned)message->alert.error_code);
    if (message->alert.verify_no_key)
        token->no_key_for = message->scheme;
    return GSS_S_COMPLETE;
}

/*
 * Takes over what one message says, where it may stand: NEGO opens a side's first token, in which
 * metadata follows; one token of the mechanism; VERIFY is last, so that nothing in the token is left
 * without a checksum.
 */
static OM_uint32 read_message(OM_uint32 *minor, struct negotiate_context *negotiate,
                              const struct negoex_message *message, bool opens,
                              struct negoex_token *token)
{
    bool initiator = negotiate->base.initiator;
    bool first_step = negotiate->negoex->steps == (initiator ? 2 : 1);
    int nego = initiator ? NEGOEX_ACCEPTOR_NEGO : NEGOEX_INITIATOR_NEGO;
    int meta_data = initiator ? NEGOEX_ACCEPTOR_META_DATA : NEGOEX_INITIATOR_META_DATA;
    int exchange = initiator ? NEGOEX_CHALLENGE : NEGOEX_AP_REQUEST;
    int type = (int)message->type;

    if (token->has_verify || (type == nego) != (opens && first_step))
        return fail_order(minor, message);
    if (type == nego) {
        token->schemes = message->nego.schemes;
        return GSS_S_COMPLETE;
    }
    if (type == meta_data && first_step)
        return read_meta_data(minor, negotiate->negoex, message);
    if (type == exchange && !byte_range_is_present(token->token)) {
        token->token = message->token;
        token->token_scheme = message->scheme;
        return GSS_S_COMPLETE;
    }
    if (type == NEGOEX_ALERT)
        return read_alert(minor, message, token);
    if (type != NEGOEX_VERIFY)
        return fail_order(minor, message);
    token->has_verify = true;
    token->verify = *message;
    return GSS_S_COMPLETE;
}

/* Every message has the next number, and the conversation that the first one of all began. */
static bool belongs(struct negoex *negoex, const struct negoex_message *message)
{
    if (message->sequence != negoex->sequence)
        return false;
    if (negoex->sequence == 0)
        memcpy(negoex->conversation, message->conversation, NEGOEX_GUID_OCTETS);
    negoex->sequence++;
    return memcmp(negoex->conversation, message->conversation, NEGOEX_GUID_OCTETS) == 0;
}

OM_uint32 negoex_receive(OM_uint32 *minor, struct negotiate_context *negotiate,
                         struct byte_range input, struct negoex_token *token)
{
    struct negoex *negoex = negotiate->negoex;
    struct byte_range rest = input;
    OM_uint32 major = GSS_S_COMPLETE;

    *token = (struct negoex_token){.schemes = BYTE_RANGE_ABSENT};
    if (rest.length == 0 || ++negoex->steps > NEGOEX_MAX_STEPS)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    rest.length == 0 ? "NegoEx: no messages"
                                     : "NegoEx: it does not come to an end");
    for (size_t i = 0; !GSS_ERROR(major) && rest.length != 0; i++) {
        size_t offset = input.length - rest.length;
        struct negoex_message message;
        enum negoex_error error = negoex_message_decode(&rest, &message);

        if (error != NEGOEX_OK)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN, "%s",
                        negoex_error_text(error));
        if (i == NEGOEX_MAX_MESSAGES)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TOKEN_TOO_LONG,
                        "NegoEx: more than %d messages", NEGOEX_MAX_MESSAGES);
        if (!belongs(negoex, &message))
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                        "a NegoEx message that is not the next one of this conversation");
        major = read_message(minor, negotiate, &message, i == 0, token);
        if (message.type == NEGOEX_VERIFY)
            token->verify_offset = offset;
    }
    return major;
}

void negoex_heed_alert(struct negoex *negoex, const struct negoex_token *token)
{
    if (token->no_key_for != NULL && negoex->started &&
        memcmp(token->no_key_for, negoex_scheme(&negoex->candidates[0]), NEGOEX_GUID_OCTETS) == 0)
        negoex->verify_sent = false;
}

/* --- writing --- */

/* Appends a message of ours to the transcript, with the fields that all have. */
static OM_uint32 add_message(OM_uint32 *minor, struct negoex *negoex,
                             struct negoex_message *message)
{
    message->sequence = negoex->sequence;
    message->conversation = negoex->conversation;
    if (!negoex_message_encode(message, &negoex->transcript))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TOKEN_TOO_LONG, "NegoEx");
    negoex->sequence++;
    return GSS_S_COMPLETE;
}

/* Our list, and what the mechanisms of it have to say. */
static OM_uint32 add_lists(OM_uint32 *minor, struct negotiate_context *negotiate)
{
    struct negoex *negoex = negotiate->negoex;
    bool initiator = negotiate->base.initiator;
    unsigned char random[NEGOEX_RANDOM_OCTETS];
    unsigned char schemes[INNER_MAXIMUM * NEGOEX_GUID_OCTETS];
    struct negoex_message nego = {.type = initiator ? NEGOEX_INITIATOR_NEGO : NEGOEX_ACCEPTOR_NEGO};
    OM_uint32 major;

    if (gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof random) < 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_RANDOM, NULL);
    for (size_t i = 0; i < negoex->count; i++)
        memcpy(schemes + i * NEGOEX_GUID_OCTETS, negoex_scheme(&negoex->candidates[i]),
               NEGOEX_GUID_OCTETS);
    nego.nego.random = random;
    nego.nego.schemes = byte_range_of(schemes, negoex->count * NEGOEX_GUID_OCTETS);
    major = add_message(minor, negoex, &nego);
    for (size_t i = 0; !GSS_ERROR(major) && i < negoex->count; i++) {
        const struct negoex_candidate *candidate = &negoex->candidates[i];
        struct negoex_message message = {
            .type = initiator ? NEGOEX_INITIATOR_META_DATA : NEGOEX_ACCEPTOR_META_DATA,
            .scheme = negoex_scheme(candidate),
            .token = byte_range_of(candidate->meta_data.value, candidate->meta_data.length)};

        if (message.token.length != 0)
            major = add_message(minor, negoex, &message);
    }
    return major;
}

static OM_uint32 add_exchange(OM_uint32 *minor, struct negotiate_context *negotiate,
                              const gss_buffer_desc *token)
{
    struct negoex_message message = {.type = negotiate->base.initiator ? NEGOEX_AP_REQUEST
                                                                       : NEGOEX_CHALLENGE,
                                     .scheme = negoex_scheme(&negotiate->negoex->candidates[0]),
                                     .token = byte_range_of(token->value, token->length)};

    return add_message(minor, negotiate->negoex, &message);
}

static OM_uint32 add_no_key(OM_uint32 *minor, struct negoex *negoex)
{
    struct negoex_message message = {.type = NEGOEX_ALERT,
                                     .scheme = negoex_scheme(&negoex->candidates[0]),
                                     .alert = {.verify_no_key = true}};

    return add_message(minor, negoex, &message);
}

OM_uint32 negoex_add_verify_message(OM_uint32 *minor, struct negoex *negoex, uint32_t type,
                                    struct byte_range value)
{
    struct negoex_message message = {.type = NEGOEX_VERIFY,
                                     .scheme = negoex_scheme(&negoex->candidates[0]),
                                     .checksum = {type, value}};

    return add_message(minor, negoex, &message);
}

/* Appends to the transcript what this step has to say. */
static OM_uint32 add_messages(OM_uint32 *minor, struct negotiate_context *negotiate,
                              const struct negoex_answer *answer)
{
    struct negoex *negoex = negotiate->negoex;
    OM_uint32 major = GSS_S_COMPLETE;

    if (negoex->steps == 1)
        major = add_lists(minor, negotiate);
    if (!GSS_ERROR(major) && answer->token.length != 0)
        major = add_exchange(minor, negotiate, &answer->token);
    if (!GSS_ERROR(major) && answer->no_key)
        major = add_no_key(minor, negoex);
    if (GSS_ERROR(major) || negoex->verify_sent || !negoex->started)
        return major;
    if (secret_is_present(&negoex->key.octets))
        return negoex_add_verify(minor, negotiate);
    if (negoex->mechanism_complete)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NEGOEX_NO_KEY, "%s",
                    inner_name(negotiate->chosen));
    return GSS_S_COMPLETE;
}

/* Copies what was appended to the transcript since then. */
static OM_uint32 copy_output(OM_uint32 *minor, const struct negoex *negoex, size_t start,
                             gss_buffer_t output)
{
    size_t length = negoex->transcript.length - start;

    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (length == 0)
        return GSS_S_COMPLETE;
    output->value = malloc(length);
    if (output->value == NULL)
        return fail_no_memory(minor);
    memcpy(output->value, negoex->transcript.data + start, length);
    output->length = length;
    return GSS_S_COMPLETE;
}

OM_uint32 negoex_end_step(OM_uint32 *minor, struct negotiate_context *negotiate,
                          struct byte_range input, const struct negoex_token *token,
                          struct negoex_answer *answer, gss_buffer_t output)
{
    struct negoex *negoex = negotiate->negoex;
    OM_uint32 major = GSS_S_COMPLETE;
    size_t start;

    if (token != NULL && token->has_verify && negoex->started)
        major = negoex_check_verify(minor, negotiate, input, token, &answer->no_key);
    if (!GSS_ERROR(major) && !byte_buffer_append(&negoex->transcript, input.data, input.length))
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TOKEN_TOO_LONG, "NegoEx");
    start = negoex->transcript.length;
    if (!GSS_ERROR(major))
        major = add_messages(minor, negotiate, answer);
    if (!GSS_ERROR(major))
        major = copy_output(minor, negoex, start, output);
    if (GSS_ERROR(major))
        return major;
    negotiate->inner_complete = negoex->mechanism_complete && negoex->verified;
    if (negotiate->inner_complete)
        return GSS_S_COMPLETE;
    if (output->length == 0)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_NEGOEX_CHECKSUM, "it is missing");
    return GSS_S_CONTINUE_NEEDED;
}

void negoex_encode_failure(struct negotiate_context *negotiate, const gss_buffer_desc *token,
                           gss_buffer_t output)
{
    struct negoex *negoex = negotiate->negoex;
    size_t start = negoex->transcript.length;
    OM_uint32 ignored;

    if (token->length != 0 && !GSS_ERROR(add_exchange(&ignored, negotiate, token)))
        (void)copy_output(&ignored, negoex, start, output);
}
