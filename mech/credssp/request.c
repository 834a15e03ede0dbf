#include <stdlib.h>

#include "common/nt_status.h"
#include "mech/credssp/credssp.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"
#include "mech/trace.h"

/* Largest TSRequest taken: a Kerberos token with the largest PAC is half of it. */
#define TS_REQUEST_LIMIT ((size_t)128 * 1024)

/* Decrypted octets fetched at a time: one TLS record. */
#define READ_OCTETS 16384

uint32_t negotiated_version(const struct credssp_context *credssp)
{
    return credssp->peer_version < CREDSSP_HIGHEST_VERSION ? credssp->peer_version
                                                           : CREDSSP_HIGHEST_VERSION;
}

/* The peer's version must be high enough, and the same in all its messages (MS-CSSP 2.2.1). */
static OM_uint32 check_version(OM_uint32 *minor, struct credssp_context *credssp, uint32_t version)
{
    enum policy_role role = credssp->base.initiator ? POLICY_CLIENT : POLICY_SERVER;
    uint32_t minimum = (uint32_t)credssp->policy->minimum_version_of[role];

    if (credssp->peer_version != 0 && version != credssp->peer_version)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_VERSION_CHANGED, "%u, then %u",
                    credssp->peer_version, version);
    credssp->peer_version = version;
    if (version < minimum)
        return fail_with_nt_status(minor, GSS_S_FAILURE, GSS_SSPI_E_VERSION,
                                   NT_STATUS_NOT_SUPPORTED,
                                   "it speaks version %u, the minimum is %u", version, minimum);
    return GSS_S_COMPLETE;
}

/* Whether the buffer holds one whole TSRequest; an error as soon as it cannot become one. */
static OM_uint32 assembled(OM_uint32 *minor, struct credssp_context *credssp)
{
    size_t total = 0;
    enum der_error error;

    if (credssp->request.length == 0)
        return GSS_S_CONTINUE_NEEDED;
    error = ts_request_length(byte_buffer_range(&credssp->request), TS_REQUEST_LIMIT, &total);
    if (error == DER_TRUNCATED || (error == DER_OK && credssp->request.length < total))
        return GSS_S_CONTINUE_NEEDED;
    if (error == DER_TOO_LONG)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TOKEN_TOO_LONG, NULL);
    if (error == DER_OK && credssp->request.length > total)
        error = DER_TRAILING;
    return error == DER_OK ? GSS_S_COMPLETE : fail_bad_token(minor, error);
}

OM_uint32 request_read(OM_uint32 *minor, struct credssp_context *credssp,
                       struct ts_request *request)
{
    struct byte_buffer *buffer = &credssp->request;
    enum der_error error;
    OM_uint32 major;

    while ((major = assembled(minor, credssp)) == GSS_S_CONTINUE_NEEDED) {
        enum tls_progress progress;
        size_t length;

        if (!byte_buffer_reserve(buffer, READ_OCTETS))
            return fail_no_memory(minor);
        progress =
            tls_read(minor, credssp->tls, buffer->data + buffer->length, READ_OCTETS, &length);
        if (progress == TLS_NEEDS_MORE)
            return GSS_S_CONTINUE_NEEDED;
        if (progress == TLS_CLOSED)
            return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TLS_CLOSED,
                        "in the middle of the logon, without saying why");
        if (progress == TLS_FAILED)
            return last_failure().major;
        buffer->length += length;
    }
    if (GSS_ERROR(major))
        return major;
    error = ts_request_decode(byte_buffer_range(buffer), request);
    buffer->length = 0; /* the octets stay where they are until the next call */
    if (error != DER_OK)
        return fail_bad_token(minor, error);
    trace("credssp: received TSRequest: version %u, negoToken %zu, pubKeyAuth %zu, authInfo %zu",
          request->version, request->nego_token.length, request->pub_key_auth.length,
          request->auth_info.length);
    major = check_version(minor, credssp, request->version);
    return GSS_ERROR(major) ? major : refusal_read(minor, request);
}

OM_uint32 request_is_last(OM_uint32 *minor, struct credssp_context *credssp)
{
    unsigned char octet;
    size_t length;

    switch (tls_read(minor, credssp->tls, &octet, sizeof octet, &length)) {
    case TLS_NEEDS_MORE:
    case TLS_CLOSED: /* the next step will meet it, if there is one */
        return GSS_S_COMPLETE;
    case TLS_FAILED:
        return last_failure().major;
    case TLS_PROGRESS:
    default:
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "something follows the TSRequest");
    }
}

OM_uint32 request_write(OM_uint32 *minor, struct credssp_context *credssp,
                        struct ts_request *request)
{
    unsigned char *octets = NULL;
    size_t length = 0;
    OM_uint32 major;

    request->version = CREDSSP_HIGHEST_VERSION;
    if (ts_request_encode(request, &octets, &length) != DER_OK)
        return fail_no_memory(minor);
    trace("credssp: sending TSRequest: negoToken %zu, pubKeyAuth %zu, authInfo %zu",
          request->nego_token.length, request->pub_key_auth.length, request->auth_info.length);
    major = tls_write(minor, credssp->tls, byte_range_of(octets, length));
    free(octets);
    return major;
}

/* Gets the public key that is to be bound. */
static OM_uint32 learn_public_key(OM_uint32 *minor, struct credssp_context *credssp)
{
    struct byte_range certificate = tls_server_certificate(credssp->tls);

    if (!byte_range_is_present(certificate))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE, "the server presented none");
    return certificate_public_key(minor, certificate, &credssp->public_key);
}

OM_uint32 continue_tls(OM_uint32 *minor, struct credssp_context *credssp)
{
    OM_uint32 major;

    switch (tls_handshake(minor, credssp->tls)) {
    case TLS_NEEDS_MORE:
        return GSS_S_CONTINUE_NEEDED;
    case TLS_PROGRESS:
        break;
    case TLS_CLOSED:
    case TLS_FAILED:
    default:
        return last_failure().major;
    }
    major = learn_public_key(minor, credssp);
    if (!GSS_ERROR(major))
        credssp->state = CREDSSP_NEGOTIATE;
    return major;
}

OM_uint32 end_of_step(OM_uint32 *minor, struct credssp_context *credssp, OM_uint32 major,
                      gss_buffer_t output)
{
    if (!tls_keep_rest(credssp->tls) && !GSS_ERROR(major))
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TOKEN_TOO_LONG, NULL);
    if (credssp->state == CREDSSP_DONE) {
        byte_buffer_release(&credssp->request); /* messages do not need it */
        tls_peer_has_logged_on(credssp->tls);
    }
    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (credssp->state != CREDSSP_CERTIFICATE_WANTED)
        tls_take_output(credssp->tls, output);
    return major;
}

OM_uint32 inner_open(OM_uint32 *minor, struct credssp_context *credssp, struct byte_range sealed,
                     gss_buffer_t plain)
{
    gss_ctx_id_t inner = *credssp->negotiate->operations->inner(credssp->negotiate);
    gss_buffer_desc input = {sealed.length, (void *)(uintptr_t)sealed.data};
    OM_uint32 major;
    int conf_state = 0;

    if (sealed.length < INNER_PROTECTED_MINIMUM)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                    "a sealed message of only %zu octets", sealed.length);
    major = glue_unwrap(minor, inner, &input, plain, &conf_state, NULL);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(negotiate_kind(credssp->negotiate)),
                          "opening a sealed message");
    if (major != GSS_S_COMPLETE || conf_state == 0) {
        release_secret_buffer(plain);
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN,
                    conf_state == 0 ? "a message that should be sealed is only signed"
                                    : "a sealed message that was sent before");
    }
    return GSS_S_COMPLETE;
}

void release_secret_buffer(gss_buffer_t buffer)
{
    wipe(buffer->value, buffer->length);
    free(buffer->value); /* gss_release_buffer would leave an empty one */
    *buffer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
}
