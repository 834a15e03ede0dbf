#include <errno.h>

#include "mech/negotiate/negotiate.h"
#include "mech/status.h"
#include "mech/trace.h"

/* The mechanisms to try, in order. */
static size_t list_candidates(const struct negotiate_context *negotiate,
                              enum inner_kind *candidates)
{
    size_t count = 0;

    for (size_t i = 0; i < negotiate->packages.count; i++) {
        if (inner_is_in_spnego(negotiate->packages.kinds[i]))
            candidates[count++] = negotiate->packages.kinds[i];
    }
    return count;
}

/*
 * Makes the optimistic token with the first mechanism that can: one that cannot (no credentials, no
 * KDC, a server it does not know) drops out. *first is the index of the one that could.
 */
static OM_uint32 make_optimistic_token(OM_uint32 *minor, struct negotiate_context *negotiate,
                                       const struct initiate_request *request,
                                       const enum inner_kind *candidates, size_t count,
                                       size_t *first, gss_buffer_t token)
{
    struct reasons reasons = NO_REASONS;

    for (*first = 0; *first < count; (*first)++) {
        OM_uint32 ignored;
        OM_uint32 major;

        negotiate->kind = candidates[*first];
        major = inner_initiate(minor, negotiate, request, BYTE_RANGE_ABSENT, token);
        if (!GSS_ERROR(major))
            return GSS_S_COMPLETE;
        note_reason(&reasons);
        trace("negotiate: %s drops out", inner_name(negotiate->kind));
        (void)glue_release_buffer(&ignored, token);
        inner_restart(negotiate);
        /* Want of memory must not put a weaker mechanism in this one's place. */
        if (*minor == (OM_uint32)GSS_SSPI_E_NO_MEMORY || *minor == ENOMEM)
            return major;
    }
    /* The preferred mechanism's failure decides the code, every mechanism's reason is in the text.
     */
    return fail_with_reasons(minor, reasons.first.major, reasons.first.nt_status, &reasons);
}

/* Reads what a server that speaks first says of itself (MS-SPNG 3.2.5.2). */
static OM_uint32 read_hints(OM_uint32 *minor, gss_buffer_t input, struct neg_token_init *hints)
{
    struct neg_token token;
    enum der_error error;

    *hints = (struct neg_token_init){.hint_name = BYTE_RANGE_ABSENT};
    if (input->length == 0)
        return GSS_S_COMPLETE;
    error = neg_token_decode(byte_range_of(input->value, input->length), &token);
    if (error != DER_OK)
        return fail_bad_token(minor, error);
    if (token.kind != NEG_TOKEN_INIT)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "a NegTokenResp before anything was asked");
    *hints = token.init;
    return GSS_S_COMPLETE;
}

/* Sends NegTokenInit: the list of these mechanisms and, where there is one, the optimistic token. */
static OM_uint32 send_init(OM_uint32 *minor, struct negotiate_context *negotiate,
                           const enum inner_kind *kinds, size_t count, gss_buffer_t token,
                           gss_buffer_t output)
{
    struct neg_token_init init = {.hint_name = BYTE_RANGE_ABSENT};
    unsigned char *octets = NULL;
    size_t length = 0;
    OM_uint32 major = mechlist_build(minor, negotiate, kinds, count);

    if (GSS_ERROR(major))
        return major;
    init.mech_types = negotiate->mech_types;
    if (token->length != 0)
        init.mech_token = byte_range_of(token->value, token->length);
    if (neg_token_init_encode(&init, &octets, &length) != DER_OK)
        return fail_no_memory(minor);
    *output = (gss_buffer_desc){length, octets};
    negotiate->state = NEGOTIATE_AWAIT_FIRST_REPLY;
    return GSS_S_CONTINUE_NEEDED;
}

/*
 * First call. In: nothing, or the NegTokenInit2 of a server that speaks first. Out: NegTokenInit.
 *
 * Nobody vouches for the server's hints. They only save an optimistic token that the server could not
 * use: our list stays whole and in our order, so that the mechListMIC covers what we really offer, and
 * a server that knows better chooses from it.
 */
static OM_uint32 start(OM_uint32 *minor, struct negotiate_context *negotiate,
                       const struct initiate_request *request, gss_buffer_t input,
                       gss_buffer_t output)
{
    enum inner_kind candidates[INNER_MAXIMUM];
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    struct neg_token_init hints;
    size_t count;
    size_t first;
    OM_uint32 ignored;
    OM_uint32 major = read_hints(minor, input, &hints);

    if (!GSS_ERROR(major))
        major = inner_find_usable(minor, negotiate, request->credential, request->target->glue);
    if (GSS_ERROR(major))
        return major;
    count = list_candidates(negotiate, candidates);
    if (count != 0 && hints.mech_types.count != 0 &&
        !mechlist_has(&hints.mech_types, candidates[0])) {
        trace("negotiate: the server does not hint at %s: no optimistic token",
              inner_name(candidates[0]));
        negotiate->kind = candidates[0];
        return send_init(minor, negotiate, candidates, count, &token, output);
    }
    major = make_optimistic_token(minor, negotiate, request, candidates, count, &first, &token);
    if (!GSS_ERROR(major) && negotiate->caller == NEGOTIATE_INSIDE_CREDSSP &&
        negotiate->kind == INNER_NTLM) {
        *output = token;
        negotiate->state = NEGOTIATE_RAW;
        return GSS_S_CONTINUE_NEEDED;
    }
    if (!GSS_ERROR(major))
        major = send_init(minor, negotiate, candidates + first, count - first, &token, output);
    (void)glue_release_buffer(&ignored, &token);
    return major;
}

/*
 * The acceptor refused. A token that came with it is fed to the inner mechanism, which knows best
 * why (a KRB-ERROR); the logon fails whatever it answers.
 */
static OM_uint32 read_rejection(OM_uint32 *minor, struct negotiate_context *negotiate,
                                const struct initiate_request *request,
                                const struct neg_token_resp *resp)
{
    gss_buffer_desc unused = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 major = GSS_S_COMPLETE;

    if (resp->response_token.length != 0 && !negotiate->inner_complete)
        major = inner_initiate(minor, negotiate, request, resp->response_token, &unused);
    (void)glue_release_buffer(&ignored, &unused);
    if (GSS_ERROR(major))
        return major;
    if (negotiate->state == NEGOTIATE_AWAIT_FIRST_REPLY)
        return fail(minor, GSS_S_BAD_MECH, GSS_SSPI_E_PEER_REJECTED,
                    "it takes none of the mechanisms offered, or not these credentials");
    return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_PEER_REJECTED, NULL);
}

/*
 * The inner mechanism is done: exchanges mechListMICs where they are due (RFC 4178 5), and says
 * whether anything is left to send or to wait for.
 */
static OM_uint32 finish(OM_uint32 *minor, struct negotiate_context *negotiate,
                        const struct neg_token_resp *resp, struct reply *reply, gss_buffer_t output)
{
    bool integrity = (negotiate->inner_flags & GSS_C_INTEG_FLAG) != 0;
    bool acceptor_is_done = resp->neg_state == NEG_STATE_ACCEPT_COMPLETED;
    struct byte_range mic = resp->mech_list_mic;
    OM_uint32 major;

    /* Windows 2000 copied its token into mechListMIC. */
    if (!negotiate->mic_required && byte_range_is_present(mic) &&
        byte_range_equal(mic, resp->response_token))
        mic = BYTE_RANGE_ABSENT;
    if (negotiate->mic_required && !integrity)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_PROTECTION, NULL);
    if (byte_range_is_present(mic)) {
        major = mic_verify(minor, negotiate, mic);
        if (GSS_ERROR(major))
            return major;
    }
    if (acceptor_is_done && reply->token.length != 0)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "the server takes the logon for complete, and it is not");
    if (!acceptor_is_done && !negotiate->mic_sent && integrity &&
        (negotiate->mic_required || negotiate->mic_received)) {
        major = mic_make(minor, negotiate, &reply->mic);
        if (GSS_ERROR(major))
            return major;
    }
    if (reply->token.length == 0 && reply->mic.length == 0) {
        if (negotiate->mic_required && !negotiate->mic_received)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_MIC_MISSING, NULL);
        negotiate->state = NEGOTIATE_DONE;
        return GSS_S_COMPLETE;
    }
    reply->neg_state =
        negotiate->mic_received ? NEG_STATE_ACCEPT_COMPLETED : NEG_STATE_ACCEPT_INCOMPLETE;
    major = reply_encode(minor, reply, output);
    if (GSS_ERROR(major))
        return major;
    negotiate->state = negotiate->mic_received ? NEGOTIATE_DONE : NEGOTIATE_AWAIT_REPLY;
    return negotiate->mic_received ? GSS_S_COMPLETE : GSS_S_CONTINUE_NEEDED;
}

/* Feeds the acceptor's token to the inner mechanism, and goes on from there. */
static OM_uint32 continue_inner(OM_uint32 *minor, struct negotiate_context *negotiate,
                                const struct initiate_request *request,
                                const struct neg_token_resp *resp, gss_buffer_t output)
{
    struct reply reply = {.neg_state = NEG_STATE_ACCEPT_INCOMPLETE};
    OM_uint32 ignored;
    OM_uint32 major = GSS_S_COMPLETE;

    if (negotiate->inner_complete) {
        /* Old IIS sends an empty token at the end instead of none. */
        if (resp->response_token.length != 0)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                        "a token, though %s is done", inner_name(negotiate->kind));
    } else {
        if (resp->response_token.length == 0)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                        "no token, though %s needs one", inner_name(negotiate->kind));
        major = inner_initiate(minor, negotiate, request, resp->response_token, &reply.token);
    }
    if (GSS_ERROR(major))
        goto done;
    negotiate->state = NEGOTIATE_AWAIT_REPLY;
    if (negotiate->inner_complete) {
        major = finish(minor, negotiate, resp, &reply, output);
    } else if (resp->neg_state == NEG_STATE_ACCEPT_COMPLETED ||
               byte_range_is_present(resp->mech_list_mic)) {
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                     "the server takes the logon for complete, and it is not");
    } else {
        major = reply_encode(minor, &reply, output);
        if (!GSS_ERROR(major))
            major = GSS_S_CONTINUE_NEEDED;
    }
done:
    (void)glue_release_buffer(&ignored, &reply.token);
    (void)glue_release_buffer(&ignored, &reply.mic);
    return major;
}

/* Starts the mechanism that the acceptor chose, and sends its first token. */
static OM_uint32 begin_inner(OM_uint32 *minor, struct negotiate_context *negotiate,
                             const struct initiate_request *request, gss_buffer_t output)
{
    struct reply reply = {.neg_state = NEG_STATE_ACCEPT_INCOMPLETE};
    struct neg_token_resp nothing = {.neg_state = NEG_STATE_ACCEPT_INCOMPLETE};
    OM_uint32 ignored;
    OM_uint32 major;

    negotiate->state = NEGOTIATE_AWAIT_REPLY;
    major = inner_initiate(minor, negotiate, request, BYTE_RANGE_ABSENT, &reply.token);
    if (GSS_ERROR(major)) {
        (void)glue_release_buffer(&ignored, &reply.token);
        return major;
    }
    if (negotiate->inner_complete) {
        major = finish(minor, negotiate, &nothing, &reply, output);
    } else {
        major = reply_encode(minor, &reply, output);
        if (!GSS_ERROR(major))
            major = GSS_S_CONTINUE_NEEDED;
    }
    (void)glue_release_buffer(&ignored, &reply.token);
    (void)glue_release_buffer(&ignored, &reply.mic);
    return major;
}

/*
 * The acceptor chose another mechanism of our list: what was made so far is dropped, the new one
 * starts afresh, and the list must be protected (RFC 4178 4.2.2). Acceptors before Windows 2008 say
 * accept-incomplete where they should ask for a MIC, when they fall back to NTLM.
 */
static OM_uint32 reselect(OM_uint32 *minor, struct negotiate_context *negotiate,
                          const struct initiate_request *request, const struct neg_token_resp *resp,
                          enum inner_kind kind, gss_buffer_t output)
{
    if (resp->neg_state != NEG_STATE_REQUEST_MIC &&
        !(resp->neg_state == NEG_STATE_ACCEPT_INCOMPLETE && kind == INNER_NTLM))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "another mechanism, without request-mic");
    if (resp->response_token.length != 0 || byte_range_is_present(resp->mech_list_mic))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "a token together with another mechanism");
    trace("negotiate: the server chose %s over %s", inner_name(kind), inner_name(negotiate->kind));
    inner_restart(negotiate);
    negotiate->kind = kind;
    negotiate->mic_required = true;
    return begin_inner(minor, negotiate, request, output);
}

/*
 * The acceptor's choice. negState and supportedMech should both be there; old Java servers send
 * neither and mean the optimistic mechanism, old Samba names Kerberos in its other spelling.
 */
static OM_uint32 read_first_reply(OM_uint32 *minor, struct negotiate_context *negotiate,
                                  const struct initiate_request *request,
                                  const struct neg_token_resp *resp, gss_buffer_t output)
{
    enum inner_kind kind = negotiate->kind;

    if (byte_range_is_present(resp->supported_mech)) {
        kind = inner_from_wire(resp->supported_mech);
        if (kind == INNER_NONE || !mechlist_has(&negotiate->mech_types, kind))
            return fail(minor, GSS_S_BAD_MECH, GSS_SSPI_E_NO_COMMON_MECHANISM,
                        "the server chose a mechanism that was not offered");
    }
    if (kind != negotiate->kind)
        return reselect(minor, negotiate, request, resp, kind, output);
    if (resp->neg_state == NEG_STATE_REQUEST_MIC)
        negotiate->mic_required = true;
    if (negotiate->inner == GSS_C_NO_CONTEXT && !negotiate->inner_complete) {
        /* No optimistic token went out: there is nothing yet that the server could have answered. */
        if (resp->response_token.length != 0 || byte_range_is_present(resp->mech_list_mic) ||
            resp->neg_state == NEG_STATE_ACCEPT_COMPLETED)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                        "an answer to a token that was not sent");
        return begin_inner(minor, negotiate, request, output);
    }
    return continue_inner(minor, negotiate, request, resp, output);
}

/* A reply that is no rejection. */
static OM_uint32 read_answer(OM_uint32 *minor, struct negotiate_context *negotiate,
                             const struct initiate_request *request,
                             const struct neg_token_resp *resp, gss_buffer_t output)
{
    if (negotiate->state == NEGOTIATE_AWAIT_FIRST_REPLY)
        return read_first_reply(minor, negotiate, request, resp, output);
    if (byte_range_is_present(resp->supported_mech) &&
        inner_from_wire(resp->supported_mech) != negotiate->kind)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "the mechanism changed in the middle of the logon");
    return continue_inner(minor, negotiate, request, resp, output);
}

/* An acceptor that waits for more is told when none comes; CredSSP ends its connection instead. */
static OM_uint32 read_reply(OM_uint32 *minor, struct negotiate_context *negotiate,
                            const struct initiate_request *request, struct byte_range input,
                            gss_buffer_t output)
{
    struct reply rejection = {.neg_state = NEG_STATE_REJECT};
    struct neg_token token;
    enum der_error error = neg_token_decode(input, &token);
    OM_uint32 major;

    if (error != DER_OK)
        return fail_bad_token(minor, error);
    if (token.kind != NEG_TOKEN_RESP)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "a NegTokenInit in place of a reply");
    if (token.resp.neg_state == NEG_STATE_REJECT)
        return read_rejection(minor, negotiate, request, &token.resp);
    major = read_answer(minor, negotiate, request, &token.resp, output);
    if (GSS_ERROR(major) && token.resp.neg_state != NEG_STATE_ACCEPT_COMPLETED &&
        negotiate->caller != NEGOTIATE_INSIDE_CREDSSP)
        (void)reply_reject(major, &rejection, output);
    return major;
}

/* The inner mechanism alone, without SPNEGO around it. */
static OM_uint32 continue_raw(OM_uint32 *minor, struct negotiate_context *negotiate,
                              const struct initiate_request *request, gss_buffer_t input,
                              gss_buffer_t output)
{
    OM_uint32 major;

    if (input->length == 0 || negotiate->inner_complete)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN, NULL);
    major = inner_initiate(minor, negotiate, request, byte_range_of(input->value, input->length),
                           output);
    if (major == GSS_S_COMPLETE)
        negotiate->state = NEGOTIATE_DONE;
    return major;
}

/* One step with a whole token. */
static OM_uint32 step(OM_uint32 *minor, struct negotiate_context *negotiate,
                      const struct initiate_request *request, gss_buffer_t input,
                      gss_buffer_t output)
{
    struct byte_range token = byte_range_of(input->value, input->length);

    switch (negotiate->state) {
    case NEGOTIATE_START:
        return start(minor, negotiate, request, input, output);
    case NEGOTIATE_AWAIT_FIRST_REPLY:
        /* Some servers answer with the bare token of the mechanism that they were offered first. */
        if (!neg_token_is_plausible(token) && inner_from_token(token) == negotiate->kind) {
            negotiate->state = NEGOTIATE_RAW;
            return continue_raw(minor, negotiate, request, input, output);
        }
        return read_reply(minor, negotiate, request, token, output);
    case NEGOTIATE_AWAIT_REPLY:
        return read_reply(minor, negotiate, request, token, output);
    case NEGOTIATE_RAW:
        return continue_raw(minor, negotiate, request, input, output);
    case NEGOTIATE_AWAIT_INIT:
    case NEGOTIATE_DONE:
    default:
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CALL_SEQUENCE, NULL);
    }
}

OM_uint32 negotiate_initiate(OM_uint32 *minor, struct context *context,
                             const struct initiate_request *request, gss_buffer_t input,
                             gss_buffer_t output)
{
    struct negotiate_context *negotiate = (struct negotiate_context *)context;
    struct byte_range token = byte_range_of(input->value, input->length);
    OM_uint32 major = fragments_collect(minor, negotiate, &token);
    gss_buffer_desc whole = {token.length, (void *)(uintptr_t)token.data};

    if (major != GSS_S_COMPLETE)
        return major;
    major = step(minor, negotiate, request, &whole, output);
    byte_buffer_release(&negotiate->fragments);
    return major;
}
