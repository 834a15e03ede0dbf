#include "mech/negotiate/negoex.h"

#include <gnutls/crypto.h>

#include "mech/status.h"
#include "mech/trace.h"

/* Nobody is left: the first one's failure decides the code. */
static OM_uint32 fail_without_candidates(OM_uint32 *minor, const struct reasons *reasons)
{
    if (reasons->text[0] == '\0')
        return negoex_fail_no_scheme(minor);
    return fail_again(minor, &reasons->first, reasons->text);
}

/* What the mechanism wants the acceptor to know beforehand. */
static OM_uint32 query_meta_data(OM_uint32 *minor, struct negoex_candidate *candidate,
                                 const struct initiate_request *request)
{
    gss_cred_id_t credential;
    OM_uint32 ignored; /* the module's own code, which the mechglue could not explain */
    OM_uint32 major =
        credential_inner(minor, request->credential, candidate->kind, false, &credential);

    if (GSS_ERROR(major))
        return major;
    major = negoex_query_meta_data(&ignored, inner_negoex_module(candidate->kind), credential,
                                   &candidate->context, request->target->glue, request->flags,
                                   &candidate->meta_data);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, 0, inner_name(candidate->kind), "making its metadata");
    return GSS_S_COMPLETE;
}

/* What the acceptor wants the mechanism to know. */
static OM_uint32 exchange_meta_data(OM_uint32 *minor, struct negotiate_context *negotiate,
                                    struct negoex_candidate *candidate,
                                    const struct initiate_request *request)
{
    bool in_use = negotiate->negoex->started;
    gss_buffer_desc meta_data = {candidate->received.length,
                                 (void *)(uintptr_t)candidate->received.data};
    gss_cred_id_t credential;
    OM_uint32 ignored;
    OM_uint32 major =
        credential_inner(minor, request->credential, candidate->kind, false, &credential);

    candidate->received = BYTE_RANGE_ABSENT; /* it was borrowed from the token */
    if (GSS_ERROR(major))
        return major;
    major = negoex_exchange_meta_data(&ignored, inner_negoex_module(candidate->kind), credential,
                                      in_use ? &negotiate->inner : &candidate->context,
                                      request->target->glue, request->flags, &meta_data);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, 0, inner_name(candidate->kind),
                          "reading the server's metadata");
    return GSS_S_COMPLETE;
}

/* Steps the mechanism in use, and asks it for keys. */
static OM_uint32 step_mechanism(OM_uint32 *minor, struct negotiate_context *negotiate,
                                const struct initiate_request *request, struct byte_range input,
                                gss_buffer_t output)
{
    OM_uint32 major = mechanism_initiate(minor, negotiate, request, input, output);

    if (GSS_ERROR(major))
        return major;
    negotiate->negoex->mechanism_complete = major == GSS_S_COMPLETE;
    return negoex_fetch_keys(minor, negotiate);
}

/* Makes a first token with the first candidate that can; those that cannot drop out. */
static OM_uint32 start_mechanism(OM_uint32 *minor, struct negotiate_context *negotiate,
                                 const struct initiate_request *request, struct reasons *reasons,
                                 gss_buffer_t output)
{
    struct negoex *negoex = negotiate->negoex;
    OM_uint32 ignored;

    while (negoex->count != 0) {
        negoex_use_first(negotiate);
        if (!GSS_ERROR(step_mechanism(minor, negotiate, request, BYTE_RANGE_ABSENT, output)))
            return GSS_S_COMPLETE;
        note_reason(reasons);
        trace("negoex: %s drops out", inner_name(negotiate->chosen));
        (void)glue_release_buffer(&ignored, output);
        negoex_unuse(negotiate);
        negoex_remove_candidate(negoex, &negoex->candidates[0]);
    }
    return fail_without_candidates(minor, reasons);
}

/* First call. Out: our list, the mechanisms' metadata, the first one's optimistic token. */
static OM_uint32 begin(OM_uint32 *minor, struct negotiate_context *negotiate,
                       const struct initiate_request *request, gss_buffer_t output)
{
    struct reasons reasons = NO_REASONS;
    struct negoex_answer answer = {.no_key = false};
    struct negoex *negoex;
    OM_uint32 ignored;
    OM_uint32 major = negoex_create(minor, negotiate);

    if (GSS_ERROR(major))
        return major;
    negoex = negotiate->negoex;
    negoex->steps = 1;
    if (gnutls_rnd(GNUTLS_RND_NONCE, negoex->conversation, sizeof negoex->conversation) < 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_RANDOM, NULL);
    for (size_t i = 0; i < negoex->count;) {
        if (!GSS_ERROR(query_meta_data(minor, &negoex->candidates[i], request))) {
            i++;
            continue;
        }
        note_reason(&reasons);
        negoex_remove_candidate(negoex, &negoex->candidates[i]);
    }
    major = start_mechanism(minor, negotiate, request, &reasons, &answer.token);
    if (!GSS_ERROR(major))
        major = negoex_end_step(minor, negotiate, BYTE_RANGE_ABSENT, NULL, &answer, output);
    (void)glue_release_buffer(&ignored, &answer.token);
    return major;
}

/*
 * An acceptor that used the optimistic token sends the mechanism's next one, or a checksum: then there
 * is no way back. Otherwise the mechanism begins afresh, if it is chosen.
 */
static void settle_optimistic_token(struct negotiate_context *negotiate,
                                    const struct negoex_token *token)
{
    struct negoex *negoex = negotiate->negoex;

    if (!negoex->started)
        return;
    if (byte_range_is_present(token->token) || token->has_verify) {
        negoex_choose(negoex, &negoex->candidates[0]);
        return;
    }
    trace("negoex: the server did not use the optimistic token of %s",
          inner_name(negotiate->chosen));
    negoex_unuse(negotiate);
}

/* Leaves the mechanisms that the acceptor has too, in its order. */
static void order_candidates(struct negoex *negoex, struct byte_range schemes)
{
    size_t chosen = 0;

    for (size_t i = 0; i < schemes.length && chosen < negoex->count; i += NEGOEX_GUID_OCTETS) {
        struct negoex_candidate *candidate = negoex_candidate_of(negoex, schemes.data + i);
        struct negoex_candidate moved;

        if (candidate == NULL || candidate < negoex->candidates + chosen)
            continue; /* unknown, or named twice */
        moved = *candidate;
        *candidate = negoex->candidates[chosen];
        negoex->candidates[chosen++] = moved;
    }
    while (negoex->count > chosen)
        negoex_remove_candidate(negoex, &negoex->candidates[negoex->count - 1]);
}

/* The acceptor's list and metadata: who is left, in which order. */
static OM_uint32 read_lists(OM_uint32 *minor, struct negotiate_context *negotiate,
                            const struct initiate_request *request,
                            const struct negoex_token *token, struct reasons *reasons)
{
    struct negoex *negoex = negotiate->negoex;

    settle_optimistic_token(negotiate, token);
    for (size_t i = 0; i < negoex->count;) {
        struct negoex_candidate *candidate = &negoex->candidates[i];

        if (!byte_range_is_present(candidate->received) ||
            !GSS_ERROR(exchange_meta_data(minor, negotiate, candidate, request))) {
            i++;
            continue;
        }
        note_reason(reasons);
        negoex_remove_candidate(negoex, candidate);
    }
    order_candidates(negoex, token->schemes);
    return negoex->count != 0 ? GSS_S_COMPLETE : fail_without_candidates(minor, reasons);
}

/* Hands the acceptor's token to the mechanism in use. */
static OM_uint32 read_challenge(OM_uint32 *minor, struct negotiate_context *negotiate,
                                const struct initiate_request *request,
                                const struct negoex_token *token, gss_buffer_t output)
{
    struct negoex *negoex = negotiate->negoex;

    if (!byte_range_is_present(token->token)) {
        if (negoex->mechanism_complete)
            return GSS_S_COMPLETE;
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                    "NegoEx: no token, though %s needs one", inner_name(negotiate->chosen));
    }
    if (!negoex->started || negoex->mechanism_complete ||
        !negoex_is_first(negoex, token->token_scheme))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "NegoEx: a token that nobody asked for");
    return step_mechanism(minor, negotiate, request, token->token, output);
}

/* A further call. In: messages of the acceptor. Out: what the mechanism says, our checksum. */
static OM_uint32 go_on(OM_uint32 *minor, struct negotiate_context *negotiate,
                       const struct initiate_request *request, struct byte_range input,
                       gss_buffer_t output)
{
    struct negoex *negoex = negotiate->negoex;
    struct reasons reasons = NO_REASONS;
    struct negoex_answer answer = {.no_key = false};
    struct negoex_token token;
    OM_uint32 ignored;
    OM_uint32 major = negoex_receive(minor, negotiate, input, &token);
    bool first_reply = negoex->steps == 2;

    if (!GSS_ERROR(major))
        negoex_heed_alert(negoex, &token);
    if (!GSS_ERROR(major) && first_reply)
        major = read_lists(minor, negotiate, request, &token, &reasons);
    if (GSS_ERROR(major))
        return major;
    if (first_reply && !negoex->started && !byte_range_is_present(token.token))
        major = start_mechanism(minor, negotiate, request, &reasons, &answer.token);
    else
        major = read_challenge(minor, negotiate, request, &token, &answer.token);
    if (!GSS_ERROR(major)) {
        negoex_choose(negoex, &negoex->candidates[0]);
        major = negoex_end_step(minor, negotiate, input, &token, &answer, output);
    }
    (void)glue_release_buffer(&ignored, &answer.token);
    return major;
}

OM_uint32 negoex_initiate(OM_uint32 *minor, struct negotiate_context *negotiate,
                          const struct initiate_request *request, struct byte_range input,
                          gss_buffer_t output)
{
    OM_uint32 major;

    *minor = 0;
    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (negotiate->negoex == NULL)
        major = begin(minor, negotiate, request, output);
    else
        major = go_on(minor, negotiate, request, input, output);
    if (GSS_ERROR(major))
        inner_restart(negotiate);
    return major;
}
