/* The door for messages. */
#include "mech/plugin/door.h"

/* Whether the context protects messages itself, as it should: it has no sealer. */
static OM_uint32 check_protects(OM_uint32 *minor, const struct context *context)
{
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    if (context->operations->wrap == NULL)
        return fail(minor, GSS_S_NO_CONTEXT, GSS_SSPI_E_CALL_SEQUENCE,
                    "the inner context went with a failed export");
    return GSS_S_COMPLETE;
}

/*
 * Messages go straight to the inner mechanism where the context has a sealer. Where it has none, it
 * protects them itself (CredSSP, whose messages are TLS records) or is not established.
 */
static OM_uint32 wrap_ourselves(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                                gss_buffer_t input, int *conf_state, gss_buffer_t output)
{
    OM_uint32 major = check_protects(minor, context);

    return GSS_ERROR(major)
               ? major
               : context->operations->wrap(minor, context, conf, qop, input, conf_state, output);
}

static OM_uint32 unwrap_ourselves(OM_uint32 *minor, struct context *context, gss_buffer_t input,
                                  gss_buffer_t output, int *conf_state, gss_qop_t *qop)
{
    OM_uint32 major = check_protects(minor, context);

    return GSS_ERROR(major)
               ? major
               : context->operations->unwrap(minor, context, input, output, conf_state, qop);
}

static OM_uint32 limit_ourselves(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                                 OM_uint32 output_size, OM_uint32 *input_size)
{
    OM_uint32 major = check_protects(minor, context);

    return GSS_ERROR(major) ? major
                            : context->operations->wrap_size_limit(minor, context, conf, qop,
                                                                   output_size, input_size);
}

static OM_uint32 wrap_iov_ourselves(OM_uint32 *minor, struct context *context, int conf,
                                    gss_qop_t qop, int *conf_state, gss_iov_buffer_desc *iov,
                                    int count)
{
    OM_uint32 major = check_protects(minor, context);

    return GSS_ERROR(major)
               ? major
               : context->operations->wrap_iov(minor, context, conf, qop, conf_state, iov, count);
}

static OM_uint32 unwrap_iov_ourselves(OM_uint32 *minor, struct context *context, int *conf_state,
                                      gss_qop_t *qop, gss_iov_buffer_desc *iov, int count)
{
    OM_uint32 major = check_protects(minor, context);

    return GSS_ERROR(major)
               ? major
               : context->operations->unwrap_iov(minor, context, conf_state, qop, iov, count);
}

static OM_uint32 measure_ourselves(OM_uint32 *minor, struct context *context, int conf,
                                   gss_qop_t qop, int *conf_state, gss_iov_buffer_desc *iov,
                                   int count)
{
    OM_uint32 major = check_protects(minor, context);

    return GSS_ERROR(major) ? major
                            : context->operations->wrap_iov_length(minor, context, conf, qop,
                                                                   conf_state, iov, count);
}

static bool is_there(const gss_buffer_desc *buffer)
{
    return buffer != GSS_C_NO_BUFFER && buffer->length != 0;
}

static OM_uint32 fail_associated(OM_uint32 *minor, const struct context *context)
{
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_BAD_ARGUMENT,
                "TLS signs no data that it does not send");
}

static OM_uint32 fail_too_short(OM_uint32 *minor, const gss_buffer_desc *message)
{
    return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                "a sealed message of only %zu octets", message->length);
}

#pragma GCC visibility push(default)

OM_uint32 gss_wrap(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                   gss_buffer_t input, int *conf_state, gss_buffer_t output)
{
    struct context *context = context_of(handle);
    OM_uint32 major;

    if (context->sealer != GSS_C_NO_CONTEXT)
        major = glue_wrap(minor, context->sealer, conf, qop, input, conf_state, output);
    else
        major = wrap_ourselves(minor, context, conf, qop, input, conf_state, output);
    return from_inner(minor, major, "sealing a message");
}
INTERPOSER_ALIAS(gssi_wrap, gss_wrap);

OM_uint32 gss_unwrap(OM_uint32 *minor, gss_ctx_id_t handle, gss_buffer_t input, gss_buffer_t output,
                     int *conf_state, gss_qop_t *qop)
{
    struct context *context = context_of(handle);
    OM_uint32 major;

    if (context->sealer == GSS_C_NO_CONTEXT)
        major = unwrap_ourselves(minor, context, input, output, conf_state, qop);
    else if (input->length < INNER_PROTECTED_MINIMUM)
        major = fail_too_short(minor, input);
    else
        major = glue_unwrap(minor, context->sealer, input, output, conf_state, qop);
    if (GSS_ERROR(major))
        clear_buffer(output); /* gss-ntlmssp 1.2.0 leaves a length without a value */
    return from_inner(minor, major, "opening a message");
}
INTERPOSER_ALIAS(gssi_unwrap, gss_unwrap);

OM_uint32 gss_wrap_size_limit(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                              OM_uint32 output_size, OM_uint32 *input_size)
{
    struct context *context = context_of(handle);
    OM_uint32 major;

    if (context->sealer != GSS_C_NO_CONTEXT)
        major = glue_wrap_size_limit(minor, context->sealer, conf, qop, output_size, input_size);
    else
        major = limit_ourselves(minor, context, conf, qop, output_size, input_size);
    return from_inner(minor, major, "telling how large a message may be");
}
INTERPOSER_ALIAS(gssi_wrap_size_limit, gss_wrap_size_limit);

OM_uint32 gss_get_mic(OM_uint32 *minor, gss_ctx_id_t handle, gss_qop_t qop, gss_buffer_t message,
                      gss_buffer_t token)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor, glue_get_mic(minor, context->signer, qop, message, token),
                      "signing a message");
}
INTERPOSER_ALIAS(gssi_get_mic, gss_get_mic);

OM_uint32 gss_verify_mic(OM_uint32 *minor, gss_ctx_id_t handle, gss_buffer_t message,
                         gss_buffer_t token, gss_qop_t *qop)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    if (token->length < INNER_PROTECTED_MINIMUM)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN, "a signature of %zu octets",
                    token->length);
    return from_inner(minor, glue_verify_mic(minor, context->signer, message, token, qop),
                      "verifying a signature");
}
INTERPOSER_ALIAS(gssi_verify_mic, gss_verify_mic);

OM_uint32 gss_wrap_iov(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                       int *conf_state, gss_iov_buffer_desc *iov, int count)
{
    struct context *context = context_of(handle);
    OM_uint32 major;

    if (context->sealer != GSS_C_NO_CONTEXT)
        major = glue_wrap_iov(minor, context->sealer, conf, qop, conf_state, iov, count);
    else
        major = wrap_iov_ourselves(minor, context, conf, qop, conf_state, iov, count);
    return from_inner(minor, major, "sealing a message");
}
INTERPOSER_ALIAS(gssi_wrap_iov, gss_wrap_iov);

OM_uint32 gss_unwrap_iov(OM_uint32 *minor, gss_ctx_id_t handle, int *conf_state, gss_qop_t *qop,
                         gss_iov_buffer_desc *iov, int count)
{
    struct context *context = context_of(handle);
    OM_uint32 major;

    if (context->sealer != GSS_C_NO_CONTEXT)
        major = glue_unwrap_iov(minor, context->sealer, conf_state, qop, iov, count);
    else
        major = unwrap_iov_ourselves(minor, context, conf_state, qop, iov, count);
    return from_inner(minor, major, "opening a message");
}
INTERPOSER_ALIAS(gssi_unwrap_iov, gss_unwrap_iov);

OM_uint32 gss_wrap_iov_length(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                              int *conf_state, gss_iov_buffer_desc *iov, int count)
{
    struct context *context = context_of(handle);
    OM_uint32 major;

    if (context->sealer != GSS_C_NO_CONTEXT)
        major = glue_wrap_iov_length(minor, context->sealer, conf, qop, conf_state, iov, count);
    else
        major = measure_ourselves(minor, context, conf, qop, conf_state, iov, count);
    return from_inner(minor, major, "measuring a message");
}
INTERPOSER_ALIAS(gssi_wrap_iov_length, gss_wrap_iov_length);

/* A message with associated data that is signed but not sent; with TLS there is none. */
OM_uint32 gss_wrap_aead(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                        gss_buffer_t associated, gss_buffer_t payload, int *conf_state,
                        gss_buffer_t output)
{
    struct context *context = context_of(handle);
    OM_uint32 major;

    if (context->sealer != GSS_C_NO_CONTEXT)
        major = glue_wrap_aead(minor, context->sealer, conf, qop, associated, payload, conf_state,
                               output);
    else if (is_there(associated))
        major = fail_associated(minor, context);
    else
        major = wrap_ourselves(minor, context, conf, qop, payload, conf_state, output);
    return from_inner(minor, major, "sealing a message");
}
INTERPOSER_ALIAS(gssi_wrap_aead, gss_wrap_aead);

OM_uint32 gss_unwrap_aead(OM_uint32 *minor, gss_ctx_id_t handle, gss_buffer_t input,
                          gss_buffer_t associated, gss_buffer_t payload, int *conf_state,
                          gss_qop_t *qop)
{
    struct context *context = context_of(handle);
    OM_uint32 major;

    if (context->sealer == GSS_C_NO_CONTEXT)
        major = is_there(associated)
                    ? fail_associated(minor, context)
                    : unwrap_ourselves(minor, context, input, payload, conf_state, qop);
    else if (input->length < INNER_PROTECTED_MINIMUM)
        return fail_too_short(minor, input);
    else
        major =
            glue_unwrap_aead(minor, context->sealer, input, associated, payload, conf_state, qop);
    return from_inner(minor, major, "opening a message");
}
INTERPOSER_ALIAS(gssi_unwrap_aead, gss_unwrap_aead);

/* Signatures are the inner mechanism's with CredSSP too (see gss_get_mic). */
OM_uint32 gss_get_mic_iov(OM_uint32 *minor, gss_ctx_id_t handle, gss_qop_t qop,
                          gss_iov_buffer_desc *iov, int count)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor, glue_get_mic_iov(minor, context->signer, qop, iov, count),
                      "signing a message");
}
INTERPOSER_ALIAS(gssi_get_mic_iov, gss_get_mic_iov);

OM_uint32 gss_get_mic_iov_length(OM_uint32 *minor, gss_ctx_id_t handle, gss_qop_t qop,
                                 gss_iov_buffer_desc *iov, int count)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor, glue_get_mic_iov_length(minor, context->signer, qop, iov, count),
                      "measuring a signature");
}
INTERPOSER_ALIAS(gssi_get_mic_iov_length, gss_get_mic_iov_length);

OM_uint32 gss_verify_mic_iov(OM_uint32 *minor, gss_ctx_id_t handle, gss_qop_t *qop,
                             gss_iov_buffer_desc *iov, int count)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor, glue_verify_mic_iov(minor, context->signer, qop, iov, count),
                      "verifying a signature");
}
INTERPOSER_ALIAS(gssi_verify_mic_iov, gss_verify_mic_iov);

#pragma GCC visibility pop
