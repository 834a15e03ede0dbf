#include "mech/negotiate/negoex.h"

#include "mech/status.h"
#include "mech/trace.h"

static bool has_scheme(struct byte_range schemes, const unsigned char *scheme)
{
    for (size_t i = 0; i < schemes.length; i += NEGOEX_GUID_OCTETS) {
        if (memcmp(schemes.data + i, scheme, NEGOEX_GUID_OCTETS) == 0)
            return true;
    }
    return false;
}

/* Lets the mechanism see the initiator's metadata and make its own. */
static OM_uint32 exchange_meta_data(OM_uint32 *minor, struct negoex_candidate *candidate,
                                    const struct accept_request *request)
{
    const struct negoex_module *module = inner_negoex_module(candidate->kind);
    gss_buffer_desc received = {candidate->received.length,
                                (void *)(uintptr_t)candidate->received.data};
    gss_cred_id_t credential;
    OM_uint32 ignored;
    OM_uint32 major =
        credential_inner(minor, request->credential, candidate->kind, true, &credential);

    if (GSS_ERROR(major))
        return major;
    if (byte_range_is_present(candidate->received))
        major = negoex_exchange_meta_data(&ignored, module, credential, &candidate->context,
                                          GSS_C_NO_NAME, 0, &received);
    if (!GSS_ERROR(major))
        major = negoex_query_meta_data(&ignored, module, credential, &candidate->context,
                                       GSS_C_NO_NAME, 0, &candidate->meta_data);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, 0, inner_name(candidate->kind), "exchanging metadata");
    return GSS_S_COMPLETE;
}

/* Leaves the mechanisms that the initiator offers, that have credentials, and that like its metadata. */
static OM_uint32 read_lists(OM_uint32 *minor, struct negoex *negoex,
                            const struct accept_request *request, const struct negoex_token *token)
{
    for (size_t i = 0; i < negoex->count;) {
        struct negoex_candidate *candidate = &negoex->candidates[i];

        if (has_scheme(token->schemes, negoex_scheme(candidate)) &&
            !GSS_ERROR(exchange_meta_data(minor, candidate, request))) {
            i++;
            continue;
        }
        trace("negoex: acceptor: without %s", inner_name(candidate->kind));
        negoex_remove_candidate(negoex, candidate);
    }
    return negoex->count != 0 ? GSS_S_COMPLETE : negoex_fail_no_scheme(minor);
}

/* Steps the mechanism in use, and asks it for keys. output may carry a token with an error too. */
static OM_uint32 step_mechanism(OM_uint32 *minor, struct negotiate_context *negotiate,
                                const struct accept_request *request,
                                const struct negoex_token *token, gss_buffer_t output)
{
    OM_uint32 major = mechanism_accept(minor, negotiate, request, token->token, output);

    if (GSS_ERROR(major))
        return major;
    negotiate->negoex->mechanism_complete = major == GSS_S_COMPLETE;
    return negoex_fetch_keys(minor, negotiate);
}

/*
 * The optimistic token is used when it is of the mechanism that we prefer. One that fails counts for
 * nothing: the initiator knows more after our reply, and begins again.
 */
static void try_optimistic_token(struct negotiate_context *negotiate,
                                 const struct accept_request *request,
                                 const struct negoex_token *token, gss_buffer_t output)
{
    struct negoex *negoex = negotiate->negoex;
    OM_uint32 ignored;

    if (!byte_range_is_present(token->token) ||
        memcmp(token->token_scheme, negoex_scheme(&negoex->candidates[0]), NEGOEX_GUID_OCTETS) != 0)
        return;
    negoex_use_first(negotiate);
    if (!GSS_ERROR(step_mechanism(&ignored, negotiate, request, token, output)))
        return;
    trace("negoex: acceptor: the optimistic token of %s fails", inner_name(negotiate->chosen));
    (void)glue_release_buffer(&ignored, output);
    negoex_unuse(negotiate);
}

/* A token of the mechanism: the first one after our list makes the choice. */
static OM_uint32 read_ap_request(OM_uint32 *minor, struct negotiate_context *negotiate,
                                 const struct accept_request *request,
                                 const struct negoex_token *token, gss_buffer_t output)
{
    struct negoex *negoex = negotiate->negoex;
    struct negoex_candidate *candidate;

    if (!byte_range_is_present(token->token)) {
        if (negoex->mechanism_complete)
            return GSS_S_COMPLETE;
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                    "NegoEx: no token of a mechanism");
    }
    candidate = negoex_candidate_of(negoex, token->token_scheme);
    if (candidate == NULL || negoex->mechanism_complete ||
        (negoex->started && candidate != &negoex->candidates[0]))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "NegoEx: a token that nobody asked for");
    negoex_choose(negoex, candidate);
    if (!negoex->started)
        negoex_use_first(negotiate);
    return step_mechanism(minor, negotiate, request, token, output);
}

/* In: messages of the initiator. Out: the first time our list and metadata; then as it goes. */
static OM_uint32 step(OM_uint32 *minor, struct negotiate_context *negotiate,
                      const struct accept_request *request, struct byte_range input,
                      gss_buffer_t output)
{
    struct negoex *negoex = negotiate->negoex;
    struct negoex_answer answer = {.no_key = false};
    struct negoex_token token;
    OM_uint32 ignored;
    OM_uint32 major = negoex_receive(minor, negotiate, input, &token);

    if (GSS_ERROR(major))
        return major;
    negoex_heed_alert(negoex, &token);
    if (negoex->steps == 1) {
        major = read_lists(minor, negoex, request, &token);
        if (!GSS_ERROR(major))
            try_optimistic_token(negotiate, request, &token, &answer.token);
    } else {
        major = read_ap_request(minor, negotiate, request, &token, &answer.token);
        if (GSS_ERROR(major))
            negoex_encode_failure(negotiate, &answer.token, output);
    }
    if (!GSS_ERROR(major))
        major = negoex_end_step(minor, negotiate, input, &token, &answer, output);
    (void)glue_release_buffer(&ignored, &answer.token);
    return major;
}

OM_uint32 negoex_accept(OM_uint32 *minor, struct negotiate_context *negotiate,
                        const struct accept_request *request, struct byte_range input,
                        gss_buffer_t output)
{
    OM_uint32 major = GSS_S_COMPLETE;

    *minor = 0;
    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (negotiate->negoex == NULL)
        major = negoex_create(minor, negotiate);
    if (!GSS_ERROR(major))
        major = step(minor, negotiate, request, input, output);
    if (GSS_ERROR(major))
        inner_restart(negotiate);
    return major;
}
