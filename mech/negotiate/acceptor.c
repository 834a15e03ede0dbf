#include "mech/negotiate/negotiate.h"

#include "asn1/initial_context_token.h"
#include "mech/status.h"
#include "mech/trace.h"

/*
 * Nothing came: tells the initiator what we take, and waits for its NegTokenInit (MS-SPNG 3.2.5.2).
 */
static OM_uint32 send_hints(OM_uint32 *minor, struct negotiate_context *negotiate,
                            const struct accept_request *request, gss_buffer_t output)
{
    struct neg_token_init init = {
        .hint_name = byte_range_of(NEG_TOKEN_HINT_NAME, sizeof NEG_TOKEN_HINT_NAME - 1)};
    enum inner_kind kinds[INNER_MAXIMUM];
    unsigned char *octets = NULL;
    size_t length = 0;
    size_t count = 0;
    OM_uint32 major;

    for (size_t i = 0; i < negotiate->packages.count; i++) {
        enum inner_kind kind = negotiate->packages.kinds[i];

        if (inner_is_in_spnego(kind) &&
            !GSS_ERROR(credential_can_accept(minor, request->credential, kind)))
            kinds[count++] = kind;
    }
    if (count == 0)
        return fail(minor, GSS_S_NO_CRED, GSS_SSPI_E_NO_MECHANISM, NULL);
    major = mechlist_build(minor, negotiate, kinds, count);
    if (GSS_ERROR(major))
        return major;
    init.mech_types = negotiate->mech_types;
    if (neg_token_init_encode(&init, &octets, &length) != DER_OK)
        return fail_no_memory(minor);
    mechlist_clear(negotiate);
    *output = (gss_buffer_desc){length, octets};
    negotiate->state = NEGOTIATE_AWAIT_INIT;
    return GSS_S_CONTINUE_NEEDED;
}

/*
 * Sends a reply once the inner mechanism has moved: asks for more, or exchanges mechListMICs where
 * they are due (RFC 4178 5) and completes. mic is the initiator's, or absent.
 */
static OM_uint32 finish(OM_uint32 *minor, struct negotiate_context *negotiate,
                        struct byte_range mic, struct reply *reply, gss_buffer_t output)
{
    bool integrity = (negotiate->inner_flags & GSS_C_INTEG_FLAG) != 0;
    bool had_sent_mic = negotiate->mic_sent;
    bool wait_for_mic;
    OM_uint32 major;

    if (negotiate->mic_required && !integrity)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_PROTECTION, NULL);
    if (byte_range_is_present(mic)) {
        major = mic_verify(minor, negotiate, mic);
        if (GSS_ERROR(major))
            return major;
    }
    wait_for_mic = negotiate->mic_required && !negotiate->mic_received;
    /* Whoever sends the last token of the mechanism sends its MIC with it (RFC 4178 5). */
    if (wait_for_mic && (reply->token.length == 0 || had_sent_mic))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_MIC_MISSING, NULL);
    /* Never unasked: Windows' clients fail on a MIC that they did not ask for. */
    if (!negotiate->mic_sent && (negotiate->mic_required || negotiate->mic_received)) {
        major = mic_make(minor, negotiate, &reply->mic);
        if (GSS_ERROR(major))
            return major;
    }
    negotiate->state = wait_for_mic ? NEGOTIATE_AWAIT_REPLY : NEGOTIATE_DONE;
    /* The initiator has had our MIC and sent its own: there is nothing more to tell it. */
    if (!wait_for_mic && had_sent_mic)
        return GSS_S_COMPLETE;
    reply->neg_state = wait_for_mic ? NEG_STATE_ACCEPT_INCOMPLETE : NEG_STATE_ACCEPT_COMPLETED;
    major = reply_encode(minor, reply, output);
    if (GSS_ERROR(major))
        return major;
    return wait_for_mic ? GSS_S_CONTINUE_NEEDED : GSS_S_COMPLETE;
}

/* Feeds a token to the inner mechanism and replies; on failure the initiator is told. */
static OM_uint32 step_and_reply(OM_uint32 *minor, struct negotiate_context *negotiate,
                                const struct accept_request *request, struct byte_range token,
                                struct byte_range mic, struct reply *reply, gss_buffer_t output)
{
    OM_uint32 ignored;
    OM_uint32 major = inner_accept(minor, negotiate, request, token, &reply->token);

    if (GSS_ERROR(major))
        goto done;
    if (negotiate->inner_complete) {
        major = finish(minor, negotiate, mic, reply, output);
    } else if (byte_range_is_present(mic)) {
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                     "a mechListMIC before %s is done", inner_name(negotiate->kind));
    } else {
        reply->neg_state = NEG_STATE_ACCEPT_INCOMPLETE;
        negotiate->state = NEGOTIATE_AWAIT_REPLY;
        major = reply_encode(minor, reply, output);
        if (!GSS_ERROR(major))
            major = GSS_S_CONTINUE_NEEDED;
    }
done:
    if (GSS_ERROR(major))
        (void)reply_reject(major, reply, output);
    (void)glue_release_buffer(&ignored, &reply->token);
    (void)glue_release_buffer(&ignored, &reply->mic);
    return major;
}

/* The next mechanism of the initiator's list that is usable here and was not tried. */
static bool choose(struct negotiate_context *negotiate, const bool *tried)
{
    const struct mech_type_list *list = &negotiate->mech_types;

    for (size_t i = 0; i < list->count; i++) {
        enum inner_kind kind = inner_from_wire(list->oids[i]);

        if (kind == INNER_NONE || tried[kind] || !inner_is_usable(negotiate, kind))
            continue;
        negotiate->kind = kind;
        /* Windows wants its own spelling back when that is the one it listed. */
        negotiate->wire_oid = byte_range_equal(list->oids[i], oid_range(oid_krb5_microsoft))
                                  ? oid_krb5_microsoft
                                  : inner_oid(kind);
        return true;
    }
    return false;
}

/* Failures on a first token that mean: not this mechanism, rather than: not this client. */
static bool means_no_credentials(OM_uint32 major)
{
    switch (GSS_ROUTINE_ERROR(major)) {
    case GSS_S_NO_CRED:
    case GSS_S_BAD_MECH:
    case GSS_S_UNAVAILABLE:
        return true;
    default:
        return false;
    }
}

/*
 * The initiator's first choice with its optimistic token: tried at once. false means that we have
 * no credentials for it, and the next one is due.
 */
static bool try_optimistic_token(OM_uint32 *minor, struct negotiate_context *negotiate,
                                 const struct accept_request *request,
                                 const struct neg_token_init *init, gss_buffer_t output,
                                 OM_uint32 *major)
{
    bool has_token = byte_range_is_present(init->mech_token);
    struct reply reply = {.supported_mech = negotiate->wire_oid};
    OM_uint32 ignored;

    if (!has_token || negotiate->kind == INNER_NEGOEX) {
        *major = credential_can_accept(minor, request->credential, negotiate->kind);
        if (GSS_ERROR(*major))
            return false;
    }
    if (!has_token) {
        reply.neg_state = NEG_STATE_ACCEPT_INCOMPLETE;
        negotiate->state = NEGOTIATE_AWAIT_REPLY;
        *major = reply_encode(minor, &reply, output);
        if (!GSS_ERROR(*major))
            *major = GSS_S_CONTINUE_NEEDED;
        return true;
    }
    *major = step_and_reply(minor, negotiate, request, init->mech_token, init->mech_list_mic,
                            &reply, output);
    /* The mechListMIC does not cover what NegoEx negotiates: whoever changes it gets no other mechanism. */
    if (!means_no_credentials(*major) || negotiate->kind == INNER_NEGOEX)
        return true;
    (void)glue_release_buffer(&ignored, output);
    inner_restart(negotiate);
    return false;
}

/* Our choice is not the initiator's first: it has to begin again, and to protect its list. */
static OM_uint32 request_mic(OM_uint32 *minor, struct negotiate_context *negotiate,
                             gss_buffer_t output)
{
    struct reply reply = {.neg_state = NEG_STATE_REQUEST_MIC,
                          .supported_mech = negotiate->wire_oid};
    OM_uint32 major;

    trace("negotiate: acceptor: %s instead of the initiator's first choice",
          inner_name(negotiate->kind));
    negotiate->mic_required = true;
    negotiate->state = NEGOTIATE_AWAIT_REPLY;
    major = reply_encode(minor, &reply, output);
    return GSS_ERROR(major) ? major : GSS_S_CONTINUE_NEEDED;
}

/*
 * Chooses by the initiator's order. Its first choice may be answered at once; for any other the
 * optimistic token is not even looked at, and the list must be protected (RFC 4178 4.2.2, 5).
 */
static OM_uint32 read_init(OM_uint32 *minor, struct negotiate_context *negotiate,
                           const struct accept_request *request, const struct neg_token_init *init,
                           gss_buffer_t output)
{
    struct reply reply = {.neg_state = NEG_STATE_REJECT};
    bool tried[INNER_MAXIMUM] = {false};
    OM_uint32 major;

    if (init->mech_types.count == 0)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN, "no list of mechanisms");
    major = mechlist_keep(minor, negotiate, &init->mech_types);
    if (GSS_ERROR(major))
        return major;
    while (choose(negotiate, tried)) {
        if (inner_from_wire(negotiate->mech_types.oids[0]) == negotiate->kind) {
            if (try_optimistic_token(minor, negotiate, request, init, output, &major))
                return major;
        } else {
            major = credential_can_accept(minor, request->credential, negotiate->kind);
            if (!GSS_ERROR(major))
                return request_mic(minor, negotiate, output);
        }
        trace("negotiate: acceptor: no credentials for %s", inner_name(negotiate->kind));
        tried[negotiate->kind] = true;
    }
    negotiate->kind = INNER_NONE;
    if (!GSS_ERROR(major)) /* otherwise the mechanism that was tried said why */
        major = fail(minor, GSS_S_BAD_MECH, GSS_SSPI_E_NO_COMMON_MECHANISM, NULL);
    return reply_reject(major, &reply, output);
}

/* Kerberos or NTLM without SPNEGO around it: answered in kind. */
static OM_uint32 continue_raw(OM_uint32 *minor, struct negotiate_context *negotiate,
                              const struct accept_request *request, struct byte_range token,
                              gss_buffer_t output)
{
    OM_uint32 major;

    if (token.length == 0 || negotiate->inner_complete)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN, NULL);
    negotiate->state = NEGOTIATE_RAW;
    major = inner_accept(minor, negotiate, request, token, output);
    if (major == GSS_S_COMPLETE)
        negotiate->state = NEGOTIATE_DONE;
    return major;
}

/* Takes off the header with our own OID that callers put on tokens of other kinds to reach us. */
static void strip_own_header(struct byte_range *token)
{
    struct byte_range oid;
    struct byte_range inner;

    if (encapsulated_token_decode(*token, &oid, &inner) == DER_OK &&
        byte_range_equal(oid, oid_range(oid_negotiate)))
        *token = inner;
}

/* The initiator's first token, of whatever kind. */
static OM_uint32 read_first_token(OM_uint32 *minor, struct negotiate_context *negotiate,
                                  const struct accept_request *request, struct byte_range input,
                                  gss_buffer_t output)
{
    struct neg_token token;
    enum der_error error;
    OM_uint32 major = inner_find_usable(minor, negotiate, request->credential, GSS_C_NO_NAME);

    if (GSS_ERROR(major))
        return major;
    if (input.length == 0 && negotiate->state == NEGOTIATE_START)
        return send_hints(minor, negotiate, request, output);
    if (!neg_token_is_plausible(input)) {
        negotiate->kind = inner_from_token(input);
        if (negotiate->kind == INNER_NONE)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                        "neither SPNEGO nor Kerberos nor NTLM");
        if (!inner_is_usable(negotiate, negotiate->kind))
            return fail(minor, GSS_S_BAD_MECH, GSS_SSPI_E_NO_COMMON_MECHANISM, NULL);
        return continue_raw(minor, negotiate, request, input, output);
    }
    error = neg_token_decode(input, &token);
    if (error != DER_OK)
        return fail_bad_token(minor, error);
    if (token.kind != NEG_TOKEN_INIT)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "a NegTokenResp in place of the first token");
    return read_init(minor, negotiate, request, &token.init, output);
}

/* A further token of the initiator. */
static OM_uint32 read_reply(OM_uint32 *minor, struct negotiate_context *negotiate,
                            const struct accept_request *request, struct byte_range input,
                            gss_buffer_t output)
{
    struct reply reply = {.supported_mech = GSS_C_NO_OID};
    struct neg_token token;
    enum der_error error = neg_token_decode(input, &token);
    OM_uint32 major;

    if (error != DER_OK)
        return fail_bad_token(minor, error);
    if (token.kind != NEG_TOKEN_RESP || byte_range_is_present(token.resp.supported_mech))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "the initiator begins again");
    if (token.resp.neg_state == NEG_STATE_REJECT)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_PEER_REJECTED, NULL);
    if (!negotiate->inner_complete) {
        if (token.resp.response_token.length == 0)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                        "no token, though %s needs one", inner_name(negotiate->kind));
        return step_and_reply(minor, negotiate, request, token.resp.response_token,
                              token.resp.mech_list_mic, &reply, output);
    }
    if (token.resp.response_token.length != 0)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "a token, though %s is done", inner_name(negotiate->kind));
    major = finish(minor, negotiate, token.resp.mech_list_mic, &reply, output);
    return GSS_ERROR(major) ? reply_reject(major, &reply, output) : major;
}

/* One step with a whole token. */
static OM_uint32 step(OM_uint32 *minor, struct negotiate_context *negotiate,
                      const struct accept_request *request, struct byte_range token,
                      gss_buffer_t output)
{
    switch (negotiate->state) {
    case NEGOTIATE_START:
    case NEGOTIATE_AWAIT_INIT:
        return read_first_token(minor, negotiate, request, token, output);
    case NEGOTIATE_AWAIT_REPLY:
        return read_reply(minor, negotiate, request, token, output);
    case NEGOTIATE_RAW:
        return continue_raw(minor, negotiate, request, token, output);
    case NEGOTIATE_AWAIT_FIRST_REPLY:
    case NEGOTIATE_DONE:
    default:
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CALL_SEQUENCE, NULL);
    }
}

OM_uint32 negotiate_accept(OM_uint32 *minor, struct context *context,
                           const struct accept_request *request, gss_buffer_t input,
                           gss_buffer_t output)
{
    struct negotiate_context *negotiate = (struct negotiate_context *)context;
    struct byte_range token = byte_range_of(input->value, input->length);
    OM_uint32 major;

    if ((negotiate->state == NEGOTIATE_START || negotiate->state == NEGOTIATE_AWAIT_INIT) &&
        negotiate->fragments.length == 0)
        strip_own_header(&token);
    major = fragments_collect(minor, negotiate, &token);
    if (major != GSS_S_COMPLETE)
        return major;
    major = step(minor, negotiate, request, token, output);
    byte_buffer_release(&negotiate->fragments);
    return major;
}
