#include "sspi-shim/leg.h"

#include <errno.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi_sspi.h>
#include <krb5.h>
#include "sspi-shim/flags.h"
#include "sspi-shim/status.h"
#include "sspi-shim/tls_record.h"

static struct gss_channel_bindings_struct *bindings_of(struct context *context)
{
    return context->binding_octets != NULL ? &context->bindings : GSS_C_NO_CHANNEL_BINDINGS;
}

static OM_uint32 initiate(struct context *context, struct byte_range input, OM_uint32 *minor,
                          gss_buffer_desc *token)
{
    gss_buffer_desc buffer = gss_buffer_of(input);
    bool first = context->state == CONTEXT_NEW;

    return gss_init_sec_context(minor, context->credential->outbound, &context->gss,
                                context->target, (gss_OID)(uintptr_t)context->mechanism,
                                flags_to_gss(context->request, context->package->is_stream), 0,
                                bindings_of(context),
                                first && input.length == 0 ? GSS_C_NO_BUFFER : &buffer, NULL, token,
                                &context->flags, &context->lifetime);
}

static OM_uint32 accept_token(struct context *context, gss_buffer_desc *buffer, OM_uint32 *minor,
                              gss_buffer_desc *token)
{
    gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
    OM_uint32 ignored;
    OM_uint32 major;

    (void)gss_release_name(&ignored, &context->source);
    major = gss_accept_sec_context(minor, &context->gss, context->credential->inbound, buffer,
                                   bindings_of(context), &context->source, NULL, token,
                                   &context->flags, &context->lifetime, &delegated);
    if (!GSS_ERROR(major) && delegated != GSS_C_NO_CREDENTIAL) {
        delegation_fill(context->reserved, delegated);
        context->delegation = context->reserved;
        context->reserved = NULL;
    } else {
        (void)gss_release_cred(&ignored, &delegated);
    }
    return major;
}

/*
 * The mechglue finds the mechanism of a first token by its RFC 2743 header. SSPI's first tokens are
 * bare TLS records (CredSSP), or anything from SPNEGO over raw NTLMSSP to nothing (Negotiate).
 */
static OM_uint32 accept_input(struct context *context, struct byte_range input, OM_uint32 *minor,
                              gss_buffer_desc *token)
{
    gss_buffer_desc buffer = gss_buffer_of(input);
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 major;

    if (context->state != CONTEXT_NEW || !package_mechanism_is_ours(context->mechanism))
        return accept_token(context, &buffer, minor, token);
    *minor = 0;
    major = gss_encapsulate_token(&buffer, context->mechanism, &framed);
    if (GSS_ERROR(major))
        return major;
    major = accept_token(context, &framed, minor, token);
    (void)gss_release_buffer(&ignored, &framed);
    return major;
}

/* CredSSP's first token leaves the mechanism with the header that SSPI peers do not know. */
static SECURITY_STATUS unframe(struct context *context, gss_buffer_desc *token)
{
    gss_buffer_desc bare = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_decapsulate_token(token, context->mechanism, &bare);

    if (GSS_ERROR(major))
        return status_from_gss(context->mechanism, major, 0);
    (void)gss_release_buffer(&minor, token);
    *token = bare;
    return SEC_E_OK;
}

/* NTLM numbers messages whenever it signs them (MS-NLMP 3.4.4); gss-ntlmssp's acceptor does not say so. */
static void note_numbered_messages(struct context *context)
{
    const OM_uint32 numbered = GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;

    if ((context->flags & GSS_C_INTEG_FLAG) != 0 && (context->flags & numbered) != numbered &&
        context_inner_package(context)->id == PACKAGE_NTLM)
        context->flags |= numbered;
}

/* What GSS-API calls complete may still lack what the caller has required. */
static SECURITY_STATUS check_established(struct context *context)
{
    if (context->initiator) {
        if (context->package->is_stream && (context->request & ISC_REQ_MUTUAL_AUTH) != 0 &&
            (context->flags & GSS_C_MUTUAL_FLAG) == 0)
            return status_because(SEC_E_MUTUAL_AUTH_FAILED, "the server was not authenticated");
        return SEC_E_OK;
    }
    if (context->binding_octets != NULL && (context->flags & GSS_C_CHANNEL_BOUND_FLAG) == 0 &&
        (context->request & ASC_REQ_ALLOW_MISSING_BINDINGS) == 0 &&
        (context->binding_flags & SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS) == 0) {
        context->lacks_bindings = true;
        return status_because(SEC_E_BAD_BINDINGS, "the client sent no channel bindings");
    }
    if ((context->flags & GSS_C_ANON_FLAG) != 0 &&
        (context->request & ASC_REQ_ALLOW_NULL_SESSION) == 0)
        return status_because(SEC_E_LOGON_DENIED, "the client has no name");
    if (flags_lack_required(context->flags, context->request))
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "the client did not ask for the protection that is required");
    return SEC_E_OK;
}

static SECURITY_STATUS failed_status(const struct context *context, bool had_token, OM_uint32 major,
                                     OM_uint32 minor)
{
    SECURITY_STATUS status;

    /* The mechglue's own refusal, before any mechanism was asked. */
    if (context->state == CONTEXT_NEW && !context->initiator && major == GSS_S_NO_CRED &&
        minor == 0)
        return status_because(SEC_E_INVALID_TOKEN, "the token is meant for another package");
    status = status_from_gss(context->mechanism, major, minor);
    /* gss-ntlmssp's acceptor has no other word for bindings that are not the client's. */
    if (!context->initiator && context->binding_octets != NULL && major == GSS_S_DEFECTIVE_TOKEN &&
        minor == EACCES)
        return SEC_E_BAD_BINDINGS;
    /* What does not decrypt is a password without the peer's token, and that token with it. */
    if (had_token && context->package->id == PACKAGE_KERBEROS &&
        minor == (OM_uint32)KRB5KRB_AP_ERR_BAD_INTEGRITY)
        return SEC_E_MESSAGE_ALTERED;
    /* An own ticket that has expired is as good as none. */
    if (context->initiator && minor == (OM_uint32)KRB5KRB_AP_ERR_TKT_EXPIRED)
        return SEC_E_NO_CREDENTIALS;
    /* Kerberos gives no reason for a token that it cannot decode. */
    return status == SEC_E_INTERNAL_ERROR && had_token ? SEC_E_INVALID_TOKEN : status;
}

/* One call of the mechanism. */
static void feed(struct context *context, struct byte_range input, struct leg_result *result)
{
    OM_uint32 minor = 0;
    OM_uint32 major = context->initiator ? initiate(context, input, &minor, &result->token)
                                         : accept_input(context, input, &minor, &result->token);

    /* gss-ntlmssp may leave a length behind when it has failed. */
    if (result->token.value == NULL)
        result->token.length = 0;
    if (GSS_ERROR(major)) {
        result->status = failed_status(context, input.length != 0, major, minor);
    } else if (major == GSS_S_COMPLETE) {
        note_numbered_messages(context);
        result->status = check_established(context);
    } else {
        context->waits_for_decision = context->initiator && context->package->is_stream &&
                                      minor == GSS_SSPI_CERTIFICATE_WANTED;
        result->status =
            context->waits_for_decision ? SEC_I_INCOMPLETE_CREDENTIALS : SEC_I_CONTINUE_NEEDED;
    }
    if (result->status >= 0 && context->initiator && context->package->is_stream &&
        context->state == CONTEXT_NEW && result->token.length != 0) {
        SECURITY_STATUS status = unframe(context, &result->token);

        if (status != SEC_E_OK)
            result->status = status;
    }
    if (result->status < 0)
        context->state = CONTEXT_FAILED;
    else if (result->status == SEC_E_OK)
        context->state = CONTEXT_ESTABLISHED;
    else
        context->state = CONTEXT_NEGOTIATING;
    if (context->state == CONTEXT_ESTABLISHED)
        context->established = time(NULL);
}

/*
 * TLS records one by one, until the mechanism has something to send or is done: what the peer sent
 * behind them is not this leg's, and may be application data.
 */
static void feed_records(struct context *context, struct byte_range input,
                         struct leg_result *result)
{
    size_t length;
    SECURITY_STATUS status = tls_record_length(input, &length);

    if (status == SEC_E_INCOMPLETE_MESSAGE)
        result->missing = length;
    else if (status != SEC_E_OK)
        context->state = CONTEXT_FAILED;
    if (status != SEC_E_OK) {
        result->status = status;
        return;
    }
    do {
        feed(context, (struct byte_range){input.data, length}, result);
        input.data += length;
        input.length -= length;
    } while (result->status == SEC_I_CONTINUE_NEEDED && result->token.length == 0 &&
             tls_record_length(input, &length) == SEC_E_OK);
    result->unconsumed = input.length;
}

void leg_step(struct context *context, struct byte_range input, struct leg_result *result)
{
    bool first_of_initiator = context->initiator && context->state == CONTEXT_NEW;

    *result = (struct leg_result){.status = SEC_E_INTERNAL_ERROR};
    if (context->waits_for_decision) {
        /* The caller goes on; its input is that of the call before, which is used up. */
        context->waits_for_decision = false;
        feed(context, BYTE_RANGE_ABSENT, result);
    } else if (context->package->is_stream && !first_of_initiator)
        feed_records(context, input, result);
    else if (input.length == 0 && !context->initiator && context->state == CONTEXT_NEW &&
             context->package->id != PACKAGE_NEGOTIATE)
        result->status = status_because(SEC_E_INVALID_TOKEN, "the client's token is empty");
    else
        feed(context, input, result);
}
