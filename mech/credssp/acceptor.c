#include <stdlib.h>

#include <gnutls/gnutls.h>

#include "asn1/initial_context_token.h"
#include "mech/cred_tls.h"
#include "mech/credssp/credssp.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"

/* First call: the client's TLS hello, behind the header with our OID. */
static OM_uint32 start(OM_uint32 *minor, struct credssp_context *credssp,
                       const struct accept_request *request, struct byte_range *token)
{
    const struct credential *credential = request->credential;
    struct certificate *certificate;
    struct byte_range inner;
    struct byte_range oid;
    OM_uint32 major;

    if (encapsulated_token_decode(*token, &oid, &inner) == DER_OK &&
        byte_range_equal(oid, oid_range(oid_credssp)))
        *token = inner;
    major = client_check_create(minor, &credssp->policy->tls.client,
                                credential != NULL ? &credential->client : NULL,
                                &credssp->client_check);
    if (GSS_ERROR(major))
        return major;
    certificate = certificate_acquire(minor, credssp->policy,
                                      credential != NULL ? credential->certificate : NULL,
                                      credential != NULL ? credential->private_key : NULL);
    if (certificate == NULL)
        return GSS_S_FAILURE;
    credssp->tls =
        tls_server_create(minor, credssp->policy->tls_priority, credential_tls_versions(credential),
                          certificate, credssp->client_check);
    if (credssp->tls == NULL)
        return GSS_S_FAILURE;
    credssp->negotiate = negotiate_context_create(minor, false, NEGOTIATE_INSIDE_CREDSSP);
    if (credssp->negotiate == NULL)
        return GSS_S_FAILURE;
    credssp->state = CREDSSP_TLS_HANDSHAKE;
    return GSS_S_COMPLETE;
}

/*
 * The client's nonce may come with any of its messages and must stay the same. At version 5 and
 * above it has 32 octets; without it, a man in the middle could fall back to the older binding.
 */
static OM_uint32 keep_nonce(OM_uint32 *minor, struct credssp_context *credssp,
                            const struct ts_request *message)
{
    struct byte_range nonce = message->client_nonce;

    if (!byte_range_is_present(nonce) || negotiated_version(credssp) < CREDSSP_HASHED_BINDING)
        return GSS_S_COMPLETE;
    if (nonce.length != sizeof credssp->nonce)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_NONCE, "it has %zu octets",
                    nonce.length);
    if (credssp->has_nonce && memcmp(credssp->nonce, nonce.data, nonce.length) != 0)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_NONCE, "it changed");
    memcpy(credssp->nonce, nonce.data, nonce.length);
    credssp->has_nonce = true;
    return GSS_S_COMPLETE;
}

/* The client's token, fed to the Negotiate logon. */
static OM_uint32 step_negotiate(OM_uint32 *minor, struct credssp_context *credssp,
                                const struct accept_request *request, struct byte_range token,
                                gss_buffer_t output)
{
    gss_buffer_desc input = {token.length, (void *)(uintptr_t)token.data};

    if (!byte_range_is_present(token))
        return GSS_S_COMPLETE;
    if (credssp->negotiate->stage == CONTEXT_ESTABLISHED)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "a negoToken after the end of the logon");
    return context_accept(minor, credssp->negotiate, request, &input, output);
}

/*
 * The logon is done and pubKeyAuth came: verified first, answered then. The other way round the
 * server would seal the answer for whoever asks.
 */
static OM_uint32 answer_binding(OM_uint32 *minor, struct credssp_context *credssp,
                                struct byte_range received, gss_buffer_t token)
{
    struct ts_request reply = {.version = 0};
    gss_buffer_desc pub_key_auth = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 major;

    if (credssp->negotiate->stage != CONTEXT_ESTABLISHED)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "pubKeyAuth before the end of the logon");
    if (!negotiate_can_protect(credssp->negotiate))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_PROTECTION, NULL);
    major = binding_verify(minor, credssp, BINDING_CLIENT_TO_SERVER, received);
    if (GSS_ERROR(major))
        return major;
    major = binding_make(minor, credssp, BINDING_SERVER_TO_CLIENT, &pub_key_auth);
    if (GSS_ERROR(major))
        return major;
    if (token->length != 0)
        reply.nego_token = byte_range_of(token->value, token->length);
    reply.pub_key_auth = byte_range_of(pub_key_auth.value, pub_key_auth.length);
    major = request_write(minor, credssp, &reply);
    (void)glue_release_buffer(&ignored, &pub_key_auth);
    if (!GSS_ERROR(major))
        credssp->state = CREDSSP_AWAIT_CREDENTIALS;
    return GSS_ERROR(major) ? major : GSS_S_CONTINUE_NEEDED;
}

/* Sends the logon's next token; there must be one as long as the client has not bound the key. */
static OM_uint32 send_nego_token(OM_uint32 *minor, struct credssp_context *credssp,
                                 gss_buffer_t token)
{
    struct ts_request reply = {.version = 0};
    OM_uint32 major;

    if (token->length == 0)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BINDING,
                    "pubKeyAuth is missing at the end of the logon");
    reply.nego_token = byte_range_of(token->value, token->length);
    major = request_write(minor, credssp, &reply);
    return GSS_ERROR(major) ? major : GSS_S_CONTINUE_NEEDED;
}

/* negoToken, pubKeyAuth, or both. */
static OM_uint32 read_logon(OM_uint32 *minor, struct credssp_context *credssp,
                            const struct accept_request *request, const struct ts_request *message)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 major;

    if (byte_range_is_present(message->auth_info))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "authInfo before the key was bound");
    if (!byte_range_is_present(message->nego_token) &&
        !byte_range_is_present(message->pub_key_auth))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "a TSRequest with nothing in it");
    major = keep_nonce(minor, credssp, message);
    if (GSS_ERROR(major))
        return major;
    major = step_negotiate(minor, credssp, request, message->nego_token, &token);
    if (!GSS_ERROR(major)) {
        if (byte_range_is_present(message->pub_key_auth))
            major = answer_binding(minor, credssp, message->pub_key_auth, &token);
        else
            major = send_nego_token(minor, credssp, &token);
    }
    (void)glue_release_buffer(&ignored, &token);
    return GSS_ERROR(major) ? refusal_send(credssp, major) : major;
}

/* authInfo and nothing else ends the logon (MS-CSSP 3.1.5). */
static OM_uint32 read_credentials(OM_uint32 *minor, struct credssp_context *credssp,
                                  const struct ts_request *message)
{
    OM_uint32 major;

    if (!byte_range_is_present(message->auth_info) || byte_range_is_present(message->nego_token) ||
        byte_range_is_present(message->pub_key_auth))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "the client should send authInfo and nothing else");
    major = keep_nonce(minor, credssp, message);
    if (!GSS_ERROR(major))
        major = delegation_receive(minor, credssp, message->auth_info);
    if (!GSS_ERROR(major))
        credssp->state = CREDSSP_DONE;
    return major;
}

static OM_uint32 run(OM_uint32 *minor, struct credssp_context *credssp,
                     const struct accept_request *request)
{
    struct ts_request message;
    OM_uint32 major;

    if (credssp->state == CREDSSP_TLS_HANDSHAKE) {
        major = continue_tls(minor, credssp);
        if (major != GSS_S_COMPLETE)
            return major;
    }
    major = request_read(minor, credssp, &message);
    /* A client that is too old can be told so; where TLS failed there is nobody to tell. */
    if (GSS_ERROR(major) && *minor == (OM_uint32)GSS_SSPI_E_VERSION)
        return refusal_send(credssp, major);
    if (major != GSS_S_COMPLETE)
        return major;
    major = request_is_last(minor, credssp);
    if (GSS_ERROR(major))
        return major;
    switch (credssp->state) {
    case CREDSSP_NEGOTIATE:
        return read_logon(minor, credssp, request, &message);
    case CREDSSP_AWAIT_CREDENTIALS:
        return read_credentials(minor, credssp, &message);
    case CREDSSP_START:
    case CREDSSP_TLS_HANDSHAKE:
    case CREDSSP_CERTIFICATE_WANTED:
    case CREDSSP_AWAIT_BINDING:
    case CREDSSP_DONE:
    default:
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CALL_SEQUENCE, NULL);
    }
}

OM_uint32 credssp_accept(OM_uint32 *minor, struct context *context,
                         const struct accept_request *request, gss_buffer_t input,
                         gss_buffer_t output)
{
    struct credssp_context *credssp = (struct credssp_context *)context;
    struct byte_range token = byte_range_of(input->value, input->length);
    OM_uint32 major;

    if (token.length == 0)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN, "an empty token");
    if (credssp->state == CREDSSP_START) {
        major = start(minor, credssp, request, &token);
        if (GSS_ERROR(major))
            return major;
    }
    tls_lend(credssp->tls, token);
    return end_of_step(minor, credssp, run(minor, credssp, request), output);
}
