#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "asn1/initial_context_token.h"
#include "mech/cred_tls.h"
#include "mech/credssp/credssp.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"

/* What CredSSP asks of the logon inside, as Windows' own does. */
#define INNER_FLAGS                                                               \
    (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | \
     GSS_C_SEQUENCE_FLAG)

/* One step of the Negotiate logon. */
static OM_uint32 step_negotiate(OM_uint32 *minor, struct credssp_context *credssp,
                                const struct initiate_request *request, struct byte_range token,
                                gss_buffer_t output)
{
    struct initiate_request inner = *request;
    gss_buffer_desc input = {token.length, (void *)(uintptr_t)token.data};

    inner.flags = INNER_FLAGS | (request->flags & GSS_C_IDENTIFY_FLAG);
    if (credssp->plan == DELEGATE_TICKET)
        inner.flags |= GSS_C_DELEG_FLAG;
    return context_initiate(minor, credssp->negotiate, &inner, &input, output);
}

/*
 * Sends the logon's token. Once the inner mechanism has keys, pubKeyAuth goes with it in the same
 * TSRequest (MS-CSSP 3.1.5); before that it is decided whether credentials may go to this server.
 */
static OM_uint32 send_nego_token(OM_uint32 *minor, struct credssp_context *credssp,
                                 gss_buffer_t token)
{
    struct ts_request request = {
        .client_nonce = byte_range_of(credssp->nonce, sizeof credssp->nonce),
    };
    gss_buffer_desc pub_key_auth = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 major = GSS_S_COMPLETE;

    if (token->length != 0)
        request.nego_token = byte_range_of(token->value, token->length);
    if (credssp->peer_version != 0 && negotiate_can_protect(credssp->negotiate)) {
        major = delegation_confirm(minor, credssp);
        if (!GSS_ERROR(major))
            major = binding_make(minor, credssp, BINDING_CLIENT_TO_SERVER, &pub_key_auth);
        if (GSS_ERROR(major))
            return major;
        request.pub_key_auth = byte_range_of(pub_key_auth.value, pub_key_auth.length);
        credssp->state = CREDSSP_AWAIT_BINDING;
    } else if (token->length == 0) {
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_PROTECTION, NULL);
    }
    major = request_write(minor, credssp, &request);
    (void)glue_release_buffer(&ignored, &pub_key_auth);
    return GSS_ERROR(major) ? major : GSS_S_CONTINUE_NEEDED;
}

/* A step of the logon, and its token on the way to the server. */
static OM_uint32 continue_negotiate(OM_uint32 *minor, struct credssp_context *credssp,
                                    const struct initiate_request *request, struct byte_range token)
{
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 major = step_negotiate(minor, credssp, request, token, &output);

    if (!GSS_ERROR(major))
        major = send_nego_token(minor, credssp, &output);
    (void)glue_release_buffer(&ignored, &output);
    return major;
}

/* What the client shows when it is asked: the credential's certificate, or else that of policy. */
static bool find_own_certificate(struct credssp_context *credssp, struct credential *credential)
{
    const struct certificate_source *source = &credssp->policy->tls.client_certificate;

    if (credential != NULL && credential->client_certificate.certificate != NULL)
        source = &credential->client_certificate;
    credssp->asks_without_certificate =
        credential != NULL && credential_asks_without_certificate(credential);
    return certificate_source_copy(&credssp->client_certificate, source);
}

/* First call: everything that can be refused without the server is refused here. */
static OM_uint32 start(OM_uint32 *minor, struct credssp_context *credssp,
                       const struct initiate_request *request)
{
    OM_uint32 major = delegation_prepare(minor, credssp, request);

    if (GSS_ERROR(major))
        return major;
    if (gnutls_rnd(GNUTLS_RND_NONCE, credssp->nonce, sizeof credssp->nonce) < 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_RANDOM, NULL);
    credssp->has_nonce = true;
    credssp->negotiate = negotiate_context_create(minor, true, NEGOTIATE_INSIDE_CREDSSP);
    if (credssp->negotiate == NULL)
        return GSS_S_FAILURE;
    credssp->server_check =
        server_check_create(credssp->target, &credssp->policy->tls.server,
                            request->credential != NULL ? &request->credential->server : NULL);
    if (credssp->server_check == NULL || !find_own_certificate(credssp, request->credential))
        return fail_no_memory(minor);
    credssp->tls = tls_client_create(minor, credssp->policy->tls_priority,
                                     credential_tls_versions(request->credential),
                                     credssp->server_check, &credssp->client_certificate);
    if (credssp->tls == NULL)
        return GSS_S_FAILURE;
    credssp->state = CREDSSP_TLS_HANDSHAKE;
    return GSS_S_COMPLETE;
}

_Static_assert(GSS_SSPI_CERTIFICATE_WANTED == (OM_uint32)GSS_SSPI_E_CERTIFICATE_WANTED,
               "what programs are told to look for");

/*
 * Whether the caller is to decide now: the flight that tells the server that there is no certificate is
 * made, and has not left.
 */
static bool caller_must_decide(const struct credssp_context *credssp)
{
    return credssp->asks_without_certificate && tls_has_output(credssp->tls) &&
           tls_lacks_certificate(credssp->tls);
}

/*
 * The caller's answer. GnuTLS cannot go back to where a certificate was asked for, so that one that
 * comes now is of no use to this session.
 */
static OM_uint32 go_on_without_certificate(OM_uint32 *minor, struct credssp_context *credssp,
                                           const struct initiate_request *request,
                                           gss_buffer_t input)
{
    const struct credential *credential = request->credential;
    const char *known = credssp->client_certificate.certificate;
    const char *now = credential != NULL ? credential->client_certificate.certificate : NULL;

    if (input->length != 0)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "an empty one goes on without a certificate");
    if (now != NULL && (known == NULL || strcmp(now, known) != 0))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CALL_SEQUENCE,
                    "a new context, on a new connection, can use the certificate");
    credssp->asks_without_certificate = false;
    credssp->state = CREDSSP_TLS_HANDSHAKE;
    return GSS_S_COMPLETE;
}

/* The handshake; when it is done the logon begins in the same step. */
static OM_uint32 continue_handshake(OM_uint32 *minor, struct credssp_context *credssp,
                                    const struct initiate_request *request)
{
    OM_uint32 major = continue_tls(minor, credssp);

    if (!GSS_ERROR(major) && caller_must_decide(credssp)) {
        credssp->state = CREDSSP_CERTIFICATE_WANTED;
        *minor = GSS_SSPI_CERTIFICATE_WANTED;
        return GSS_S_CONTINUE_NEEDED;
    }
    if (major != GSS_S_COMPLETE)
        return major;
    return continue_negotiate(minor, credssp, request, BYTE_RANGE_ABSENT);
}

/* A token of the server's. Nothing else may come before our pubKeyAuth has gone. */
static OM_uint32 read_nego_token(OM_uint32 *minor, struct credssp_context *credssp,
                                 const struct initiate_request *request,
                                 const struct ts_request *reply)
{
    if (!byte_range_is_present(reply->nego_token) || byte_range_is_present(reply->pub_key_auth) ||
        byte_range_is_present(reply->auth_info))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "the server should send a negoToken and nothing else");
    /* The mechanism was done and its last word was not awaited: feed it all the same. */
    return continue_negotiate(minor, credssp, request, reply->nego_token);
}

/*
 * The server's last word in the logon, where it sends one (a mechListMIC). It is read before
 * pubKeyAuth is opened: verifying the MIC moves NTLM's key stream.
 */
static OM_uint32 finish_negotiate(OM_uint32 *minor, struct credssp_context *credssp,
                                  const struct initiate_request *request, struct byte_range token)
{
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 major;

    if (token.length == 0)
        return GSS_S_COMPLETE;
    if (credssp->negotiate->stage == CONTEXT_ESTABLISHED)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "a negoToken after the end of the logon");
    major = step_negotiate(minor, credssp, request, token, &output);
    if (!GSS_ERROR(major) && (major != GSS_S_COMPLETE || output.length != 0))
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                     "the server wants another round after pubKeyAuth");
    (void)glue_release_buffer(&ignored, &output);
    return major;
}

/*
 * The server has proved that it sees the same key: now, and only now, a password goes to it. (A ticket
 * went before, sealed for the server that Kerberos knows by the target's name.)
 */
static OM_uint32 send_credentials(OM_uint32 *minor, struct credssp_context *credssp)
{
    gss_buffer_desc auth_info = GSS_C_EMPTY_BUFFER;
    struct ts_request message = {
        .client_nonce = byte_range_of(credssp->nonce, sizeof credssp->nonce),
    };
    OM_uint32 ignored;
    OM_uint32 major = delegation_make(minor, credssp, &auth_info);

    if (GSS_ERROR(major))
        return major;
    message.auth_info = byte_range_of(auth_info.value, auth_info.length);
    major = request_write(minor, credssp, &message);
    (void)glue_release_buffer(&ignored, &auth_info);
    if (!GSS_ERROR(major))
        credssp->state = CREDSSP_DONE;
    return major;
}

static OM_uint32 read_binding(OM_uint32 *minor, struct credssp_context *credssp,
                              const struct initiate_request *request,
                              const struct ts_request *reply)
{
    OM_uint32 major;

    if (byte_range_is_present(reply->auth_info))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "authInfo from the server");
    major = finish_negotiate(minor, credssp, request, reply->nego_token);
    if (GSS_ERROR(major))
        return major;
    major = binding_verify(minor, credssp, BINDING_SERVER_TO_CLIENT, reply->pub_key_auth);
    if (GSS_ERROR(major))
        return major;
    major = negotiate_conclude(minor, credssp->negotiate);
    return GSS_ERROR(major) ? major : send_credentials(minor, credssp);
}

/* Goes on as far as the octets that came reach. */
static OM_uint32 run(OM_uint32 *minor, struct credssp_context *credssp,
                     const struct initiate_request *request)
{
    struct ts_request reply;
    OM_uint32 major;

    if (credssp->state == CREDSSP_TLS_HANDSHAKE) {
        major = continue_handshake(minor, credssp, request);
        if (GSS_ERROR(major) || credssp->state == CREDSSP_TLS_HANDSHAKE ||
            credssp->state == CREDSSP_CERTIFICATE_WANTED)
            return major;
        return request_is_last(minor, credssp) == GSS_S_COMPLETE ? GSS_S_CONTINUE_NEEDED
                                                                 : GSS_S_DEFECTIVE_TOKEN;
    }
    major = request_read(minor, credssp, &reply);
    if (major != GSS_S_COMPLETE)
        return major;
    major = request_is_last(minor, credssp);
    if (GSS_ERROR(major))
        return major;
    switch (credssp->state) {
    case CREDSSP_NEGOTIATE:
        return read_nego_token(minor, credssp, request, &reply);
    case CREDSSP_AWAIT_BINDING:
        return read_binding(minor, credssp, request, &reply);
    case CREDSSP_START:
    case CREDSSP_TLS_HANDSHAKE:
    case CREDSSP_CERTIFICATE_WANTED:
    case CREDSSP_AWAIT_CREDENTIALS:
    case CREDSSP_DONE:
    default:
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CALL_SEQUENCE, NULL);
    }
}

/* The first token carries the mechanism's OID, as every GSS mechanism's does (RFC 2743 3.1). */
static OM_uint32 frame_first_token(OM_uint32 *minor, gss_buffer_t token)
{
    unsigned char *framed = NULL;
    size_t length = 0;
    OM_uint32 ignored;
    enum der_error error = initial_context_token_encode(
        oid_range(oid_credssp), byte_range_of(token->value, token->length), &framed, &length);

    (void)glue_release_buffer(&ignored, token);
    if (error != DER_OK)
        return fail_no_memory(minor);
    *token = (gss_buffer_desc){length, framed};
    return GSS_S_CONTINUE_NEEDED;
}

OM_uint32 credssp_initiate(OM_uint32 *minor, struct context *context,
                           const struct initiate_request *request, gss_buffer_t input,
                           gss_buffer_t output)
{
    struct credssp_context *credssp = (struct credssp_context *)context;
    bool first = credssp->state == CREDSSP_START;
    OM_uint32 major = GSS_S_COMPLETE;

    if (credssp->state == CREDSSP_CERTIFICATE_WANTED)
        major = go_on_without_certificate(minor, credssp, request, input);
    else if (first != (input->length == 0))
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                     first ? "the server speaks first" : "an empty token");
    else if (first)
        major = start(minor, credssp, request);
    if (GSS_ERROR(major))
        return major;
    tls_lend(credssp->tls, byte_range_of(input->value, input->length));
    major = end_of_step(minor, credssp, run(minor, credssp, request), output);
    if (first && !GSS_ERROR(major))
        major = frame_first_token(minor, output);
    return major;
}
