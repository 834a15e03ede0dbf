#include <stdint.h>
#include <stdlib.h>

#include "mech/credssp/protect.h"
#include "mech/status.h"

OM_uint32 credssp_wrap(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                       gss_buffer_t input, int *conf_state, gss_buffer_t output)
{
    struct credssp_context *credssp = (struct credssp_context *)context;
    OM_uint32 major = protect_check_quality(minor, qop);

    (void)conf; /* TLS always encrypts */
    if (GSS_ERROR(major))
        return major;
    tls_lock(credssp->tls);
    if (tls_reserve_output(credssp->tls, input->length))
        major = tls_write(minor, credssp->tls, byte_range_of(input->value, input->length));
    else
        major = fail_no_memory(minor);
    if (!GSS_ERROR(major))
        tls_take_output(credssp->tls, output);
    tls_unlock(credssp->tls);
    if (!GSS_ERROR(major) && conf_state != NULL)
        *conf_state = 1;
    return major;
}

OM_uint32 protect_fail_cut(OM_uint32 *minor)
{
    return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TLS_RECORD,
                "the message is not made of whole records");
}

OM_uint32 protect_check_quality(OM_uint32 *minor, gss_qop_t qop)
{
    if (qop != GSS_C_QOP_DEFAULT)
        return fail(minor, GSS_S_BAD_QOP, GSS_SSPI_E_BAD_ARGUMENT, "TLS has one quality only");
    return GSS_S_COMPLETE;
}

bool protect_is_whole_records(struct byte_range token)
{
    if (token.length == 0)
        return false;
    do {
        size_t length = tls_record_length(token);

        if (length == 0 || length > token.length)
            return false;
        token.data += length;
        token.length -= length;
    } while (token.length != 0);
    return true;
}

OM_uint32 protect_end_of_reading(OM_uint32 *minor, enum tls_progress progress, size_t octets)
{
    switch (progress) {
    case TLS_CLOSED:
        if (octets != 0)
            return GSS_S_COMPLETE; /* the close is met again by the next call */
        return fail(minor, GSS_S_CONTEXT_EXPIRED, GSS_SSPI_E_TLS_CLOSED, NULL);
    case TLS_FAILED:
        return GSS_S_BAD_SIG;
    case TLS_PROGRESS:
    case TLS_NEEDS_MORE:
    default:
        return GSS_S_COMPLETE;
    }
}

OM_uint32 protect_read_records(OM_uint32 *minor, struct credssp_context *credssp, size_t room,
                               gss_buffer_t output)
{
    enum tls_progress progress;

    do {
        size_t length;

        progress = tls_read(minor, credssp->tls, (unsigned char *)output->value + output->length,
                            room - output->length, &length);
        output->length += length;
    } while (progress == TLS_PROGRESS && output->length < room && tls_has_unread(credssp->tls));
    return protect_end_of_reading(minor, progress, output->length);
}

OM_uint32 credssp_unwrap(OM_uint32 *minor, struct context *context, gss_buffer_t input,
                         gss_buffer_t output, int *conf_state, gss_qop_t *qop)
{
    struct credssp_context *credssp = (struct credssp_context *)context;
    struct byte_range token = byte_range_of(input->value, input->length);
    OM_uint32 major;

    if (!protect_is_whole_records(token))
        return protect_fail_cut(minor);
    *output = (gss_buffer_desc){0, malloc(token.length)};
    if (output->value == NULL)
        return fail_no_memory(minor);
    tls_lock(credssp->tls);
    tls_lend(credssp->tls, token);
    major = protect_read_records(minor, credssp, token.length, output);
    (void)tls_keep_rest(credssp->tls);
    tls_unlock(credssp->tls);
    if (GSS_ERROR(major) || output->length == 0)
        release_secret_buffer(output); /* callers cannot free a buffer without length */
    if (conf_state != NULL)
        *conf_state = 1;
    if (qop != NULL)
        *qop = GSS_C_QOP_DEFAULT;
    return major;
}

OM_uint32 credssp_wrap_size_limit(OM_uint32 *minor, struct context *context, int conf,
                                  gss_qop_t qop, OM_uint32 output_size, OM_uint32 *input_size)
{
    struct credssp_context *credssp = (struct credssp_context *)context;
    struct tls_sizes sizes;
    size_t overhead;
    size_t record;
    size_t whole;
    size_t rest;
    OM_uint32 major = protect_check_quality(minor, qop);

    (void)conf;
    if (GSS_ERROR(major))
        return major;
    tls_lock(credssp->tls);
    sizes = tls_sizes(credssp->tls);
    tls_unlock(credssp->tls);
    overhead = sizes.header + sizes.trailer;
    record = sizes.maximum_message + overhead;
    whole = output_size / record;
    rest = output_size % record;
    *minor = 0;
    *input_size =
        (OM_uint32)(whole * sizes.maximum_message + (rest > overhead ? rest - overhead : 0));
    return GSS_S_COMPLETE;
}
