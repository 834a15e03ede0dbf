/*
 * Sealing in place. The message is the same as gss_wrap's, in HEADER, DATA and TRAILER one after
 * the other: of several records the headers and trailers that are between them make HEADER longer.
 */
#include "mech/credssp/protect.h"
#include "mech/status.h"

static OM_uint32 find_parts(OM_uint32 *minor, gss_qop_t qop, gss_iov_buffer_desc *iov, int count,
                            struct iov_message *message)
{
    OM_uint32 major = protect_check_quality(minor, qop);

    if (!GSS_ERROR(major))
        major = iov_message_find(minor, iov, count, message);
    if (GSS_ERROR(major))
        return major;
    if (message->header == NULL || message->trailer == NULL)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                    "TLS needs a HEADER and a TRAILER buffer");
    if (message->stream != NULL)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                    "a STREAM buffer is for gss_unwrap_iov");
    return GSS_S_COMPLETE;
}

OM_uint32 credssp_wrap_iov_length(OM_uint32 *minor, struct context *context, int conf,
                                  gss_qop_t qop, int *conf_state, gss_iov_buffer_desc *iov,
                                  int count)
{
    const struct credssp_context *credssp = (struct credssp_context *)context;
    struct tls_protection protection;
    struct iov_message message;
    OM_uint32 major = find_parts(minor, qop, iov, count, &message);

    (void)conf; /* TLS always encrypts */
    if (GSS_ERROR(major))
        return major;
    tls_lock(credssp->tls);
    protection = tls_protection_of(credssp->tls, message.data_length);
    tls_unlock(credssp->tls);
    message.header->buffer.length = protection.header;
    message.trailer->buffer.length = protection.trailer;
    if (message.padding != NULL)
        message.padding->buffer.length = 0;
    if (conf_state != NULL)
        *conf_state = 1;
    return GSS_S_COMPLETE;
}

static OM_uint32 provide(OM_uint32 *minor, const struct tls_session *tls,
                         struct iov_message *message)
{
    struct tls_protection protection = tls_protection_of(tls, message->data_length);
    OM_uint32 major = iov_part_provide(minor, message->header, protection.header);

    if (!GSS_ERROR(major))
        major = iov_part_provide(minor, message->trailer, protection.trailer);
    if (!GSS_ERROR(major) && message->padding != NULL)
        major = iov_part_provide(minor, message->padding, 0);
    return major;
}

/* The session is locked. */
static OM_uint32 seal(OM_uint32 *minor, struct tls_session *tls, struct iov_message *message)
{
    OM_uint32 major = provide(minor, tls, message);
    struct iov_walk data;
    struct iov_walk places;

    if (GSS_ERROR(major))
        return major;
    iov_walk_data(&data, message);
    iov_walk_message(&places, message);
    major = tls_write_in_place(minor, tls, &data, &places);
    if (!GSS_ERROR(major) && places.left != 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TLS_RECORD,
                    "GnuTLS made %zu octets less than it should", places.left);
    return major;
}

OM_uint32 credssp_wrap_iov(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                           int *conf_state, gss_iov_buffer_desc *iov, int count)
{
    const struct credssp_context *credssp = (struct credssp_context *)context;
    struct iov_message message;
    OM_uint32 major = find_parts(minor, qop, iov, count, &message);

    (void)conf; /* TLS always encrypts */
    if (GSS_ERROR(major))
        return major;
    tls_lock(credssp->tls);
    major = seal(minor, credssp->tls, &message);
    tls_unlock(credssp->tls);
    if (GSS_ERROR(major)) {
        iov_part_withdraw(message.header);
        iov_part_withdraw(message.padding);
        iov_part_withdraw(message.trailer);
    } else if (conf_state != NULL) {
        *conf_state = 1;
    }
    return major;
}
