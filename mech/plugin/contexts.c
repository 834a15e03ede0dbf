/* The door for contexts: making, asking, ending them. */
#include "mech/plugin/door.h"

#include "asn1/initial_context_token.h"
#include "mech/credssp/credssp.h"
#include "mech/negotiate/negotiate.h"

#pragma GCC visibility push(default)

/* Gives a name to the caller, as a name of ours; it is used up, also on failure. */
static OM_uint32 give_name(OM_uint32 *minor, gss_name_t *own, gss_name_t *given)
{
    if (given == NULL || *own == GSS_C_NO_NAME)
        return GSS_S_COMPLETE;
    return name_adopt(minor, own, (struct name **)given);
}

/* Names of the two sides; either may be NULL. */
static OM_uint32 give_names(OM_uint32 *minor, struct context *context, gss_name_t *initiator,
                            gss_name_t *acceptor)
{
    gss_name_t names[2] = {GSS_C_NO_NAME, GSS_C_NO_NAME};
    OM_uint32 ignored;
    OM_uint32 major;

    if (initiator == NULL && acceptor == NULL)
        return GSS_S_COMPLETE;
    context->operations->names(context, initiator != NULL ? &names[0] : NULL,
                               acceptor != NULL ? &names[1] : NULL);
    if (initiator != NULL)
        *initiator = GSS_C_NO_NAME;
    if (acceptor != NULL)
        *acceptor = GSS_C_NO_NAME;
    major = give_name(minor, &names[0], initiator);
    if (!GSS_ERROR(major))
        major = give_name(minor, &names[1], acceptor);
    if (!GSS_ERROR(major))
        return GSS_S_COMPLETE;
    (void)glue_release_name(&ignored, &names[1]);
    if (initiator != NULL)
        name_release((struct name **)initiator);
    return major;
}

static void give_flags_and_time(struct context *context, gss_OID *mechanism, OM_uint32 *flags,
                                OM_uint32 *lifetime)
{
    struct context_facts facts;

    context->operations->describe(context, &facts);
    if (mechanism != NULL)
        *mechanism = facts.mechanism;
    if (flags != NULL)
        *flags = facts.flags;
    if (lifetime != NULL)
        *lifetime = context->operations->lifetime(context);
}

OM_uint32 gss_init_sec_context(OM_uint32 *minor, gss_cred_id_t credential, gss_ctx_id_t *handle,
                               gss_name_t target, gss_OID mechanism, OM_uint32 flags,
                               OM_uint32 lifetime, gss_channel_bindings_t bindings,
                               gss_buffer_t input, gss_OID *actual_mechanism, gss_buffer_t output,
                               OM_uint32 *ret_flags, OM_uint32 *time_rec)
{
    const struct initiate_request request = {.credential = credential_of(credential),
                                             .target = name_of(target),
                                             .flags = flags,
                                             .lifetime = lifetime,
                                             .bindings = bindings};
    struct context *context = context_of(*handle);
    OM_uint32 major;

    clear_buffer(output);
    if (target == GSS_C_NO_NAME)
        return fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_ARGUMENT, "no target");
    if (context == NULL)
        context = oid_equal(mechanism, oid_credssp)
                      ? credssp_context_create(minor, true)
                      : negotiate_context_create(minor, true,
                                                 oid_equal(mechanism, oid_spnego)
                                                     ? NEGOTIATE_IN_PLACE_OF_SPNEGO
                                                     : NEGOTIATE_BY_NAME);
    if (context == NULL)
        return GSS_S_FAILURE;
    major = context_initiate(minor, context, &request, input, output);
    if (!GSS_ERROR(major))
        give_flags_and_time(context, actual_mechanism, ret_flags, time_rec);
    else if (*handle == GSS_C_NO_CONTEXT)
        context_delete(&context); /* a failed first call leaves nothing behind */
    *handle = (gss_ctx_id_t)context;
    return major;
}
INTERPOSER_ALIAS(gssi_init_sec_context, gss_init_sec_context);

/* The mechglue does not say which mechanism it means: the first token does. */
static struct context *create_acceptor(OM_uint32 *minor, gss_buffer_t input)
{
    struct byte_range oid = BYTE_RANGE_ABSENT;
    struct byte_range inner;

    if (input != GSS_C_NO_BUFFER && input->length != 0 &&
        encapsulated_token_decode(byte_range_of(input->value, input->length), &oid, &inner) !=
            DER_OK)
        oid = BYTE_RANGE_ABSENT;
    if (byte_range_equal(oid, oid_range(oid_credssp)))
        return credssp_context_create(minor, false);
    return negotiate_context_create(minor, false,
                                    byte_range_equal(oid, oid_range(oid_negotiate))
                                        ? NEGOTIATE_BY_NAME
                                        : NEGOTIATE_IN_PLACE_OF_SPNEGO);
}

/* What a finished acceptor gives its caller besides flags and time. */
static OM_uint32 give_client(OM_uint32 *minor, struct context *context, gss_name_t *source,
                             gss_OID *mechanism, gss_cred_id_t *delegated)
{
    struct context_facts facts;
    OM_uint32 major = GSS_S_COMPLETE;
    OM_uint32 ignored;

    context->operations->describe(context, &facts);
    /*
     * The inner mechanism's OID, also with CredSSP: the mechglue wraps a delegated credential up as
     * one of the mechanism's own unless the OID is another, and ours is one of several mechanisms.
     */
    if (mechanism != NULL)
        *mechanism = facts.inner_mechanism;
    if (delegated != NULL)
        major = context->operations->take_delegated(minor, context, delegated);
    if (GSS_ERROR(major) || source == NULL)
        return major;
    major = give_names(minor, context, source, NULL);
    if (GSS_ERROR(major) && delegated != NULL)
        (void)glue_release_cred(&ignored, delegated);
    return major;
}

OM_uint32 gss_accept_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_cred_id_t credential,
                                 gss_buffer_t input, gss_channel_bindings_t bindings,
                                 gss_name_t *source, gss_OID *mechanism, gss_buffer_t output,
                                 OM_uint32 *ret_flags, OM_uint32 *time_rec,
                                 gss_cred_id_t *delegated)
{
    const struct accept_request request = {.credential = credential_of(credential),
                                           .bindings = bindings,
                                           .wants_initiator = source != NULL};
    struct context *context = context_of(*handle);
    OM_uint32 major;

    clear_buffer(output);
    if (source != NULL)
        *source = GSS_C_NO_NAME;
    if (delegated != NULL)
        *delegated = GSS_C_NO_CREDENTIAL;
    if (context == NULL)
        context = create_acceptor(minor, input);
    if (context == NULL)
        return GSS_S_FAILURE;
    major = context_accept(minor, context, &request, input, output);
    if (!GSS_ERROR(major))
        give_flags_and_time(context, mechanism, ret_flags, time_rec);
    if (major == GSS_S_COMPLETE) {
        major = give_client(minor, context, source, mechanism, delegated);
        /* Whoever is not told who has logged on must not find an established context either. */
        if (GSS_ERROR(major))
            context->stage = CONTEXT_FAILED;
    }
    if (GSS_ERROR(major) && *handle == GSS_C_NO_CONTEXT)
        context_delete(&context);
    *handle = (gss_ctx_id_t)context;
    return major;
}
INTERPOSER_ALIAS(gssi_accept_sec_context, gss_accept_sec_context);

OM_uint32 gss_delete_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_buffer_t output)
{
    struct context *context = context_of(*handle);

    *minor = 0;
    clear_buffer(output);
    if (context != NULL && output != GSS_C_NO_BUFFER)
        context->operations->close(context, output);
    context_delete(&context);
    *handle = GSS_C_NO_CONTEXT;
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_delete_sec_context, gss_delete_sec_context);

OM_uint32 gss_inquire_context(OM_uint32 *minor, gss_ctx_id_t handle, gss_name_t *source,
                              gss_name_t *target, OM_uint32 *lifetime, gss_OID *mechanism,
                              OM_uint32 *flags, int *locally_initiated, int *open)
{
    struct context *context = context_of(handle);
    struct context_facts facts;
    OM_uint32 major = check_not_failed(minor, context);

    if (!GSS_ERROR(major))
        major = give_names(minor, context, source, target);
    if (GSS_ERROR(major))
        return major;
    context->operations->describe(context, &facts);
    if (lifetime != NULL)
        *lifetime = context->operations->lifetime(context);
    if (mechanism != NULL)
        *mechanism = facts.mechanism;
    if (flags != NULL)
        *flags = facts.flags;
    if (locally_initiated != NULL)
        *locally_initiated = context->initiator;
    if (open != NULL)
        *open = facts.established;
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_inquire_context, gss_inquire_context);

OM_uint32 gss_context_time(OM_uint32 *minor, gss_ctx_id_t handle, OM_uint32 *lifetime)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor,
                      glue_context_time(minor, *context->operations->inner(context), lifetime),
                      "telling how long the context lives");
}
INTERPOSER_ALIAS(gssi_context_time, gss_context_time);

OM_uint32 gss_inquire_sec_context_by_oid(OM_uint32 *minor, const gss_ctx_id_t handle,
                                         const gss_OID object, gss_buffer_set_t *data)
{
    struct context *context = context_of(handle);
    OM_uint32 ignored;
    OM_uint32 major;

    *minor = 0;
    *data = GSS_C_NO_BUFFER_SET;
    major = context->operations->inquire_by_oid(minor, context, object, data);
    if (GSS_ERROR(major))
        (void)glue_release_buffer_set(&ignored, data);
    return major;
}
INTERPOSER_ALIAS(gssi_inquire_sec_context_by_oid, gss_inquire_sec_context_by_oid);

/*
 * The inner mechanism's options, of which there are few: gss-ntlmssp's sequence number and reset of keys.
 * With CredSSP they would part its two layers.
 */
OM_uint32 gss_set_sec_context_option(OM_uint32 *minor, gss_ctx_id_t *handle, const gss_OID object,
                                     const gss_buffer_t value)
{
    struct context *context = context_of(*handle);
    gss_ctx_id_t *inner = context != NULL ? context->operations->inner(context) : NULL;

    if (inner == NULL || *inner == GSS_C_NO_CONTEXT || context->stage == CONTEXT_FAILED ||
        !context->operations->passes_messages_on)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE, NULL);
    return from_inner(minor, glue_set_sec_context_option(minor, inner, object, value),
                      "setting an option");
}
INTERPOSER_ALIAS(gssi_set_sec_context_option, gss_set_sec_context_option);

OM_uint32 gss_complete_auth_token(OM_uint32 *minor, const gss_ctx_id_t handle, gss_buffer_t message)
{
    struct context *context = context_of(handle);
    gss_ctx_id_t inner = *context->operations->inner(context);
    OM_uint32 major = check_not_failed(minor, context);

    if (GSS_ERROR(major))
        return major;
    if (inner == GSS_C_NO_CONTEXT)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE, NULL);
    return from_inner(minor, glue_complete_auth_token(minor, inner, message), "completing a token");
}
INTERPOSER_ALIAS(gssi_complete_auth_token, gss_complete_auth_token);

/*
 * CredSSP's only context token is that of gss_delete_sec_context. SPNEGO has none, and an inner
 * mechanism's could delete the inner context under us (CVE-2014-5352). MIT's SPNEGO answers the same.
 */
OM_uint32 gss_process_context_token(OM_uint32 *minor, const gss_ctx_id_t handle,
                                    const gss_buffer_t token)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_not_failed(minor, context);

    if (GSS_ERROR(major))
        return major;
    if (context->operations->process_token != NULL && context->stage == CONTEXT_ESTABLISHED)
        return context->operations->process_token(minor, context,
                                                  byte_range_of(token->value, token->length));
    return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE, "there are no context tokens");
}
INTERPOSER_ALIAS(gssi_process_context_token, gss_process_context_token);

OM_uint32 gss_pseudo_random(OM_uint32 *minor, gss_ctx_id_t handle, int key,
                            const gss_buffer_t input, ssize_t length, gss_buffer_t output)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    clear_buffer(output);
    if (GSS_ERROR(major))
        return major;
    if (context->operations->pseudo_random != NULL)
        return context->operations->pseudo_random(
            minor, context, key, byte_range_of(input->value, input->length), length, output);
    return from_inner(
        minor,
        glue_pseudo_random(minor, *context->operations->inner(context), key, input, length, output),
        "deriving a key");
}
INTERPOSER_ALIAS(gssi_pseudo_random, gss_pseudo_random);

/*
 * A Negotiate context is exported as the inner mechanism's own (as MIT's SPNEGO does, which imports what
 * the interposer exported). The keys of a TLS session cannot be handed on.
 */
OM_uint32 gss_export_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_buffer_t token)
{
    struct context *context = context_of(*handle);
    OM_uint32 major = check_not_failed(minor, context);

    clear_buffer(token);
    if (GSS_ERROR(major))
        return major;
    if (context->stage != CONTEXT_ESTABLISHED)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_CALL_SEQUENCE,
                    "the logon is not finished");
    if (!context->operations->passes_messages_on)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE,
                    "a TLS session cannot be exported");
    major = from_inner(minor,
                       glue_export_sec_context(minor, context->operations->inner(context), token),
                       "exporting the context");
    if (GSS_ERROR(major)) {
        context_establish(context); /* the inner context may be gone all the same */
        return major;
    }
    context_delete(&context);
    *handle = GSS_C_NO_CONTEXT;
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_export_sec_context, gss_export_sec_context);

static OM_uint32 import(OM_uint32 *minor, gss_buffer_t token, enum negotiate_caller caller,
                        gss_ctx_id_t *handle)
{
    *handle = (gss_ctx_id_t)negotiate_context_import(minor, token, caller);
    return *handle != GSS_C_NO_CONTEXT ? GSS_S_COMPLETE : GSS_S_DEFECTIVE_TOKEN;
}

OM_uint32 gss_import_sec_context(OM_uint32 *minor, gss_buffer_t token, gss_ctx_id_t *handle)
{
    return import(minor, token, NEGOTIATE_BY_NAME, handle);
}

/* The interposer's differs: the application is told the inner mechanism's name. */
extern __typeof__(gss_import_sec_context) gssi_import_sec_context;
OM_uint32 gssi_import_sec_context(OM_uint32 *minor, gss_buffer_t token, gss_ctx_id_t *handle)
{
    return import(minor, token, NEGOTIATE_IN_PLACE_OF_SPNEGO, handle);
}

#pragma GCC visibility pop
