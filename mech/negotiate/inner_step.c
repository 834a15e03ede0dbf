#include <stdlib.h>

#include "mech/negotiate/negoex.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"
#include "mech/trace.h"

OM_uint32 inner_find_usable(OM_uint32 *minor, struct negotiate_context *negotiate,
                            struct credential *credential, gss_name_t target)
{
    const struct policy *policy = negotiate->policy;
    struct package_list packages = policy->packages;
    char *principal;

    *minor = 0;
    if (target != GSS_C_NO_NAME && *policy->target_packages != '\0') {
        principal = name_service_principal(target);
        if (principal == NULL)
            return fail_no_memory(minor);
        /* "host." is the same host, and a link can be written so. */
        if (*principal != '\0' && principal[strlen(principal) - 1] == '.')
            principal[strlen(principal) - 1] = '\0';
        policy_packages_for(policy, principal, &packages);
        free(principal);
    }
    credential_mechanisms(credential, &packages, &negotiate->packages);
    return GSS_S_COMPLETE;
}

bool inner_is_usable(const struct negotiate_context *negotiate, enum inner_kind kind)
{
    return inner_is_in_spnego(kind) && package_list_has(&negotiate->packages, kind);
}

void mechanism_drop(struct negotiate_context *negotiate)
{
    OM_uint32 ignored;

    (void)glue_delete_sec_context(&ignored, &negotiate->inner, GSS_C_NO_BUFFER);
    (void)glue_release_name(&ignored, &negotiate->initiator_name);
    (void)glue_release_name(&ignored, &negotiate->target);
    (void)glue_release_cred(&ignored, &negotiate->delegated);
    negotiate->inner_complete = false;
    negotiate->inner_flags = 0;
}

void inner_restart(struct negotiate_context *negotiate)
{
    mechanism_drop(negotiate);
    negoex_delete(&negotiate->negoex);
    negotiate->chosen = INNER_NONE;
    negotiate->mic_required = negotiate->mic_sent = negotiate->mic_received = false;
}

/*
 * The inner mechanism failed: its context goes at once. MIT's Kerberos has freed its half already,
 * and a later question would make the mechglue hand it a null context (as in CVE-2015-2695).
 */
static OM_uint32 drop_inner(OM_uint32 *minor, struct negotiate_context *negotiate, OM_uint32 major,
                            const char *stage)
{
    (void)fail_inner(minor, major, *minor, inner_name(negotiate_mechanism(negotiate)), stage);
    mechanism_drop(negotiate);
    return major;
}

/* What the inner mechanism is to log on with: the caller's credential, or its own default. */
static OM_uint32 initiator_credential(OM_uint32 *minor, struct negotiate_context *negotiate,
                                      struct credential *credential, gss_cred_id_t *inner)
{
    enum inner_kind kind = negotiate_mechanism(negotiate);
    OM_uint32 major = GSS_S_COMPLETE;

    if (credential != NULL || kind != INNER_NTLM)
        return credential_inner(minor, credential, kind, false, inner);
    if (negotiate->default_ntlm == GSS_C_NO_CREDENTIAL)
        major = credential_default_ntlm(minor, &negotiate->default_ntlm);
    *inner = negotiate->default_ntlm;
    return major;
}

/*
 * The server's name in the mechanism's own form, made once for all steps: Kerberos parses its
 * configuration for each name that it reads and for each that it forgets.
 */
static OM_uint32 translate_target(OM_uint32 *minor, struct negotiate_context *negotiate,
                                  gss_name_t target)
{
    enum inner_kind kind = negotiate_mechanism(negotiate);
    OM_uint32 major;

    if (negotiate->target != GSS_C_NO_NAME)
        return GSS_S_COMPLETE;
    if (kind != INNER_KERBEROS)
        return name_for_target(minor, kind, target, &negotiate->target);
    major = glue_canonicalize_name(minor, target, inner_oid(kind), &negotiate->target);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(kind), "reading the server's name");
    return GSS_S_COMPLETE;
}

OM_uint32 mechanism_initiate(OM_uint32 *minor, struct negotiate_context *negotiate,
                             const struct initiate_request *request, struct byte_range input,
                             gss_buffer_t output)
{
    enum inner_kind kind = negotiate_mechanism(negotiate);
    gss_buffer_desc token = {input.length, (void *)(uintptr_t)input.data};
    gss_cred_id_t credential;
    /* Usually asked for, so that the list of mechanisms can be protected. */
    OM_uint32 integrity = credential_asks_integrity(request->credential) ? GSS_C_INTEG_FLAG : 0;
    OM_uint32 major;

    /* Nothing was sent that it could answer; what a mechanism makes of it is not to be tried. */
    if (negotiate->inner == GSS_C_NO_CONTEXT && input.length != 0)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "an answer to a token that was not sent");
    /* gss-ntlmssp has no anonymous logons: given a credential, it would name the user all the same. */
    if (kind == INNER_NTLM && (request->flags & GSS_C_ANON_FLAG) != 0)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE,
                    "NTLM failed while making the first token: it has no anonymous logons");
    if (kind == INNER_NTLM && input.length != 0 && !ntlm_challenge_is_readable(input))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                    "NTLM's challenge names no server");
    major = initiator_credential(minor, negotiate, request->credential, &credential);
    if (!GSS_ERROR(major))
        major = translate_target(minor, negotiate, request->target->glue);
    if (GSS_ERROR(major))
        return major;
    major = glue_init_sec_context(minor, credential, &negotiate->inner, negotiate->target,
                                  inner_oid(kind), request->flags | integrity, request->lifetime,
                                  request->bindings, input.length != 0 ? &token : GSS_C_NO_BUFFER,
                                  NULL, output, &negotiate->inner_flags, NULL);
    if (GSS_ERROR(major))
        return drop_inner(minor, negotiate, major,
                          input.length != 0 ? "reading the server's token"
                                            : "making the first token");
    negotiate->inner_complete = major == GSS_S_COMPLETE;
    if (mic_wanted_by_ntlm(negotiate) && negotiate->inner_complete)
        negotiate->mic_required = true;
    trace("negotiate: initiator: %s: %zu octets in, %zu out%s", inner_name(kind), input.length,
          output->length, negotiate->inner_complete ? ", complete" : "");
    return major;
}

/* Accepts, and takes over what the inner mechanism found out when it is done. */
static OM_uint32 call_inner_accept(OM_uint32 *minor, struct negotiate_context *negotiate,
                                   const struct accept_request *request, gss_cred_id_t credential,
                                   gss_buffer_t token, gss_buffer_t output)
{
    OM_uint32 ignored;
    OM_uint32 major = glue_accept_sec_context(
        minor, &negotiate->inner, credential, token, channel_bindings_to_check(negotiate, request),
        request->wants_initiator ? &negotiate->initiator_name : NULL, NULL, output,
        &negotiate->inner_flags, NULL, &negotiate->delegated);

    if (GSS_ROUTINE_ERROR(major) == GSS_S_DEFECTIVE_TOKEN && negotiate->kind == INNER_NTLM &&
        channel_bindings_are_others(channel_bindings_to_check(negotiate, request),
                                    byte_range_of(token->value, token->length)))
        major = GSS_S_BAD_BINDINGS;
    if (GSS_ERROR(major))
        return drop_inner(minor, negotiate, major, "reading the client's token");
    negotiate->inner_complete = major == GSS_S_COMPLETE;
    if (negotiate->inner_complete &&
        channel_bindings_confirm(minor, negotiate, request) != GSS_S_COMPLETE) {
        /* An AP-REP proves who we are: not to somebody who is refused. */
        (void)glue_release_buffer(&ignored, output);
        mechanism_drop(negotiate);
        return GSS_S_BAD_BINDINGS;
    }
    return major;
}

OM_uint32 mechanism_accept(OM_uint32 *minor, struct negotiate_context *negotiate,
                           const struct accept_request *request, struct byte_range input,
                           gss_buffer_t output)
{
    enum inner_kind kind = negotiate_mechanism(negotiate);
    gss_buffer_desc token = {input.length, (void *)(uintptr_t)input.data};
    gss_cred_id_t credential;
    OM_uint32 major;

    /* The mechglue goes by the token's own OID: it must be the one that was agreed upon. */
    if (negotiate->inner == GSS_C_NO_CONTEXT && inner_from_token(input) != kind)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "the token inside is not %s's", inner_name(kind));
    if (kind == INNER_NTLM && !ntlm_authenticate_is_readable(input, negotiate->ntlm_exchanges_key))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                    "NTLM's response or session key is too short");
    major = credential_inner(minor, request->credential, kind, true, &credential);
    if (GSS_ERROR(major))
        return major;
    major = call_inner_accept(minor, negotiate, request, credential, &token, output);
    if (GSS_ERROR(major))
        return major;
    if (mic_wanted_by_ntlm(negotiate) && negotiate->inner_complete)
        negotiate->mic_required = true;
    if (kind == INNER_NTLM && !negotiate->inner_complete)
        negotiate->ntlm_exchanges_key =
            ntlm_challenge_exchanges_key(byte_range_of(output->value, output->length));
    /* gss-ntlmssp tells initiators only: a client that signed its messages signs the list too. */
    if (negotiate->inner_complete && kind == INNER_NTLM && ntlm_message_has_mic(input))
        negotiate->mic_required = true;
    trace("negotiate: acceptor: %s: %zu octets in, %zu out%s", inner_name(kind), input.length,
          output->length, negotiate->inner_complete ? ", complete" : "");
    return major;
}

OM_uint32 inner_initiate(OM_uint32 *minor, struct negotiate_context *negotiate,
                         const struct initiate_request *request, struct byte_range input,
                         gss_buffer_t output)
{
    return negotiate->kind == INNER_NEGOEX
               ? negoex_initiate(minor, negotiate, request, input, output)
               : mechanism_initiate(minor, negotiate, request, input, output);
}

OM_uint32 inner_accept(OM_uint32 *minor, struct negotiate_context *negotiate,
                       const struct accept_request *request, struct byte_range input,
                       gss_buffer_t output)
{
    return negotiate->kind == INNER_NEGOEX
               ? negoex_accept(minor, negotiate, request, input, output)
               : mechanism_accept(minor, negotiate, request, input, output);
}
