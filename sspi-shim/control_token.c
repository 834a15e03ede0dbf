/* ApplyControlToken: what Schannel's control tokens mean to a session of CREDSSP. */
#include <string.h>
#include <sspi-gss/schannel.h>

#include "sspi-shim/buffers.h"
#include "sspi-shim/context.h"
#include "sspi-shim/status.h"

/* close_notify (RFC 8446 6.1), the one alert that gss_* can send. */
#define ALERT_CLOSE_NOTIFY 0

/* Reads size octets of a token, or fails when it is shorter. */
static bool read_token(const SecBuffer *buffer, void *token, size_t size)
{
    if (buffer->pvBuffer == NULL || buffer->cbBuffer < size)
        return false;
    memcpy(token, buffer->pvBuffer, size);
    return true;
}

static SECURITY_STATUS close_next(struct context *context)
{
    if (context->state == CONTEXT_FAILED || context->state == CONTEXT_CLOSED)
        return status_because(SEC_E_INVALID_HANDLE, "there is no session to be closed");
    context_drop_pending(context);
    context->is_closing = true;
    return SEC_E_OK;
}

static SECURITY_STATUS apply_alert(struct context *context, const SecBuffer *buffer)
{
    SCHANNEL_ALERT_TOKEN alert;

    if (!read_token(buffer, &alert, sizeof alert))
        return SEC_E_INVALID_TOKEN;
    if (alert.dwAlertNumber == ALERT_CLOSE_NOTIFY)
        return close_next(context);
    return status_because(SEC_E_UNSUPPORTED_FUNCTION, "no alert but close_notify can be sent");
}

/* Sessions are never resumed: that is allowed in either case. */
static SECURITY_STATUS apply_session(const SecBuffer *buffer)
{
    SCHANNEL_SESSION_TOKEN session;

    if (!read_token(buffer, &session, sizeof session))
        return SEC_E_INVALID_TOKEN;
    return session.dwFlags == SSL_SESSION_ENABLE_RECONNECTS ||
                   session.dwFlags == SSL_SESSION_DISABLE_RECONNECTS
               ? SEC_E_OK
               : SEC_E_INVALID_PARAMETER;
}

static SECURITY_STATUS apply(struct context *context, const SecBufferDesc *input)
{
    const SecBuffer *buffer;
    DWORD type;

    if (!context->package->is_stream)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION, "this package has no control tokens");
    if (input == NULL)
        return SEC_E_INVALID_PARAMETER;
    if (!buffers_are_valid(input))
        return SEC_E_INVALID_TOKEN;
    buffer = buffer_find(input, SECBUFFER_TOKEN);
    if (buffer == NULL || !read_token(buffer, &type, sizeof type))
        return SEC_E_INVALID_TOKEN;
    switch (type) {
    case SCHANNEL_SHUTDOWN:
        return close_next(context);
    case SCHANNEL_ALERT:
        return apply_alert(context, buffer);
    case SCHANNEL_SESSION:
        return apply_session(buffer);
    default: /* SCHANNEL_RENEGOTIATE: TLS 1.3 has none, and ours takes none of 1.2 */
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
}

SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc pInput)
{
    struct context *context = context_enter(phContext);
    SECURITY_STATUS status;

    if (context == NULL)
        return status_finish(SEC_E_INVALID_HANDLE);
    status = apply(context, pInput);
    context_leave(context);
    return status_finish(status);
}
