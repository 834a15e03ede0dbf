#include "sspi-shim/status.h"

#include <errno.h>
#include <krb5.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi_sspi.h>
#include <sspi-gss/sspi_gss.h>
#include "common/nt_status.h"
#include "mech/gss_sspi_errors.h"
#include "sspi-shim/packages.h"

static _Thread_local struct {
    char reason[STATUS_TEXT_OCTETS]; /* of the call that is being made */
    char text[STATUS_TEXT_OCTETS];   /* of the last call that was made */
    bool has_reason;
} last;

struct translation {
    uint32_t from;
    SECURITY_STATUS to;
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The causes that an NTSTATUS names. */
static const struct translation nt_statuses[] = {
    {NT_STATUS_ACCESS_DENIED, SEC_E_LOGON_DENIED},
    {NT_STATUS_NO_LOGON_SERVERS, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {NT_STATUS_DOMAIN_CONTROLLER_NOT_FOUND, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {NT_STATUS_NO_SUCH_USER, SEC_E_LOGON_DENIED},
    {NT_STATUS_WRONG_PASSWORD, SEC_E_LOGON_DENIED},
    {NT_STATUS_LOGON_FAILURE, SEC_E_LOGON_DENIED},
    {NT_STATUS_ACCOUNT_RESTRICTION, SEC_E_LOGON_DENIED},
    {NT_STATUS_INVALID_LOGON_HOURS, SEC_E_LOGON_DENIED},
    {NT_STATUS_INVALID_WORKSTATION, SEC_E_LOGON_DENIED},
    {NT_STATUS_PASSWORD_EXPIRED, SEC_E_LOGON_DENIED},
    {NT_STATUS_ACCOUNT_DISABLED, SEC_E_LOGON_DENIED},
    {NT_STATUS_LOGON_NOT_GRANTED, SEC_E_LOGON_DENIED},
    {NT_STATUS_LOGON_TYPE_NOT_GRANTED, SEC_E_LOGON_DENIED},
    {NT_STATUS_AUTHENTICATION_FIREWALL_FAILED, SEC_E_LOGON_DENIED},
    {NT_STATUS_NTLM_BLOCKED, SEC_E_LOGON_DENIED},
    {NT_STATUS_TRUSTED_DOMAIN_FAILURE, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {NT_STATUS_TRUSTED_RELATIONSHIP_FAILURE, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {NT_STATUS_INSUFFICIENT_RESOURCES, SEC_E_INSUFFICIENT_MEMORY},
    {NT_STATUS_NO_SUCH_PACKAGE, SEC_E_SECPKG_NOT_FOUND},
    {NT_STATUS_ACCOUNT_EXPIRED, SEC_E_LOGON_DENIED},
    {NT_STATUS_PASSWORD_MUST_CHANGE, SEC_E_LOGON_DENIED},
    {NT_STATUS_ACCOUNT_LOCKED_OUT, SEC_E_LOGON_DENIED},
    {NT_STATUS_NOT_SUPPORTED, SEC_E_UNSUPPORTED_FUNCTION},
    {NT_STATUS_TIME_DIFFERENCE_AT_DC, SEC_E_TIME_SKEW},
    {NT_STATUS_SMARTCARD_LOGON_REQUIRED, SEC_E_SMARTCARD_LOGON_REQUIRED},
    {NT_STATUS_KDC_UNKNOWN_SERVER, SEC_E_TARGET_UNKNOWN},
};

/* Minor status codes that say more than their major status, and have no NTSTATUS. */
static const struct translation minors[] = {
    {(uint32_t)GSS_SSPI_E_NO_MEMORY, SEC_E_INSUFFICIENT_MEMORY},
    {(uint32_t)GSS_SSPI_E_BAD_TOKEN, SEC_E_INVALID_TOKEN},
    {(uint32_t)GSS_SSPI_E_UNEXPECTED_TOKEN, SEC_E_INVALID_TOKEN},
    {(uint32_t)GSS_SSPI_E_TOKEN_TOO_LONG, SEC_E_INVALID_TOKEN},
    {(uint32_t)GSS_SSPI_E_PEER_REJECTED, SEC_E_LOGON_DENIED},
    {(uint32_t)GSS_SSPI_E_MIC_MISSING, SEC_E_MESSAGE_ALTERED},
    {(uint32_t)GSS_SSPI_E_MIC_WRONG, SEC_E_MESSAGE_ALTERED},
    {(uint32_t)GSS_SSPI_E_NEGOEX_CHECKSUM, SEC_E_MESSAGE_ALTERED},
    {(uint32_t)GSS_SSPI_E_TLS_RECORD, SEC_E_MESSAGE_ALTERED},
    {(uint32_t)GSS_SSPI_E_TLS_HANDSHAKE, SEC_E_ILLEGAL_MESSAGE},
    {(uint32_t)GSS_SSPI_E_TLS_CLOSED, SEC_E_CONTEXT_EXPIRED},
    {(uint32_t)GSS_SSPI_E_VERSION, SEC_E_DOWNGRADE_DETECTED},
    {(uint32_t)GSS_SSPI_E_VERSION_CHANGED, SEC_E_DOWNGRADE_DETECTED},
    {(uint32_t)GSS_SSPI_E_NONCE, SEC_E_INVALID_TOKEN},
    {(uint32_t)GSS_SSPI_E_BINDING, SEC_E_MUTUAL_AUTH_FAILED},
    {(uint32_t)GSS_SSPI_E_PEER_ERROR, SEC_E_LOGON_DENIED},
    {(uint32_t)GSS_SSPI_E_CLOCK_SKEW, SEC_E_TIME_SKEW},
    {(uint32_t)GSS_SSPI_E_NO_LOGON_SERVERS, SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {(uint32_t)GSS_SSPI_E_SMART_CARD_REQUIRED, SEC_E_SMARTCARD_LOGON_REQUIRED},
    {(uint32_t)GSS_SSPI_E_DELEGATION_POLICY, SEC_E_DELEGATION_POLICY},
    {(uint32_t)GSS_SSPI_E_DELEGATION_NTLM_ONLY, SEC_E_POLICY_NLTM_ONLY},
    {(uint32_t)GSS_SSPI_E_MUTUAL_AUTH, SEC_E_MUTUAL_AUTH_FAILED},
    {(uint32_t)GSS_SSPI_E_SERVER_CERTIFICATE, SEC_E_CERT_UNKNOWN},
    {(uint32_t)GSS_SSPI_E_SERVER_UNTRUSTED, SEC_E_UNTRUSTED_ROOT},
    {(uint32_t)GSS_SSPI_E_SERVER_NAME, SEC_E_WRONG_PRINCIPAL},
    {(uint32_t)GSS_SSPI_E_SERVER_TIME, SEC_E_CERT_EXPIRED},
    {(uint32_t)GSS_SSPI_E_SERVER_NOT_PINNED, SEC_E_CERT_UNKNOWN},
    {(uint32_t)GSS_SSPI_E_CLIENT_CERTIFICATE, SEC_E_UNKNOWN_CREDENTIALS},
    {(uint32_t)GSS_SSPI_E_CLIENT_REFUSED, SEC_E_INCOMPLETE_CREDENTIALS},
    {(uint32_t)GSS_SSPI_E_CLIENT_MISSING, SEC_E_INCOMPLETE_CREDENTIALS},
    {(uint32_t)GSS_SSPI_E_CLIENT_UNFIT, SEC_E_CERT_UNKNOWN},
    {(uint32_t)GSS_SSPI_E_CLIENT_UNTRUSTED, SEC_E_UNTRUSTED_ROOT},
    {(uint32_t)GSS_SSPI_E_CLIENT_TIME, SEC_E_CERT_EXPIRED},
    {(uint32_t)GSS_SSPI_E_BAD_CREDENTIALS, SEC_E_INVALID_TOKEN},
    {(uint32_t)GSS_SSPI_E_CREDENTIALS_TYPE, SEC_E_UNKNOWN_CREDENTIALS},
    {(uint32_t)GSS_SSPI_E_BAD_NAME, SEC_E_TARGET_UNKNOWN},
    {(uint32_t)GSS_SSPI_E_NOT_AVAILABLE, SEC_E_UNSUPPORTED_FUNCTION},
    {(uint32_t)KRB5KRB_AP_WRONG_PRINC, SEC_E_WRONG_PRINCIPAL},
    {(uint32_t)KRB5KRB_AP_ERR_NOT_US, SEC_E_WRONG_PRINCIPAL},
    {(uint32_t)KRB5KRB_AP_ERR_BADMATCH, SEC_E_WRONG_PRINCIPAL},
    {(uint32_t)KRB5KRB_AP_ERR_TKT_EXPIRED, SEC_E_CONTEXT_EXPIRED},
    {(uint32_t)KRB5KRB_AP_ERR_MODIFIED, SEC_E_MESSAGE_ALTERED},
    {(uint32_t)KRB5KRB_AP_ERR_REPEAT, SEC_E_OUT_OF_SEQUENCE},
    {(uint32_t)KRB5KRB_AP_ERR_NOKEY, SEC_E_NO_KERB_KEY},
    {(uint32_t)KRB5_KT_KVNONOTFOUND, SEC_E_NO_KERB_KEY},
    {(uint32_t)KRB5_FCC_NOFILE, SEC_E_NO_CREDENTIALS},
    {(uint32_t)KRB5_CC_NOTFOUND, SEC_E_NO_CREDENTIALS},
    {(uint32_t)KRB5_BAD_MSIZE, SEC_E_BUFFER_TOO_SMALL},
    {ENOMEM, SEC_E_INSUFFICIENT_MEMORY},
    {ENOENT, SEC_E_NO_CREDENTIALS}, /* gss-ntlmssp: there is no file of users */
};

/* RFC 2744's routine errors. */
static const struct translation majors[] = {
    {GSS_S_BAD_MECH, SEC_E_SECPKG_NOT_FOUND},
    {GSS_S_BAD_NAME, SEC_E_TARGET_UNKNOWN},
    {GSS_S_BAD_NAMETYPE, SEC_E_TARGET_UNKNOWN},
    {GSS_S_BAD_BINDINGS, SEC_E_BAD_BINDINGS},
    {GSS_S_BAD_SIG, SEC_E_MESSAGE_ALTERED},
    {GSS_S_NO_CRED, SEC_E_NO_CREDENTIALS},
    {GSS_S_NO_CONTEXT, SEC_E_INVALID_HANDLE},
    {GSS_S_DEFECTIVE_TOKEN, SEC_E_INVALID_TOKEN},
    {GSS_S_DEFECTIVE_CREDENTIAL, SEC_E_UNKNOWN_CREDENTIALS},
    {GSS_S_CREDENTIALS_EXPIRED, SEC_E_CONTEXT_EXPIRED},
    {GSS_S_CONTEXT_EXPIRED, SEC_E_CONTEXT_EXPIRED},
    {GSS_S_BAD_QOP, SEC_E_QOP_NOT_SUPPORTED},
    {GSS_S_UNAUTHORIZED, SEC_E_LOGON_DENIED},
    {GSS_S_UNAVAILABLE, SEC_E_UNSUPPORTED_FUNCTION},
};

static bool translate(const struct translation *table, size_t count, uint32_t from,
                      SECURITY_STATUS *to)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].from == from) {
            *to = table[i].to;
            return true;
        }
    }
    return false;
}

static SECURITY_STATUS status_of(const struct gss_sspi_failure *failure)
{
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;

    if (translate(nt_statuses, COUNT_OF(nt_statuses), failure->nt_status, &status) ||
        translate(minors, COUNT_OF(minors), failure->minor, &status) ||
        translate(majors, COUNT_OF(majors), GSS_ROUTINE_ERROR(failure->major), &status))
        return status;
    if ((failure->major & (GSS_S_DUPLICATE_TOKEN | GSS_S_OLD_TOKEN | GSS_S_UNSEQ_TOKEN)) != 0)
        return SEC_E_OUT_OF_SEQUENCE;
    if (GSS_CALLING_ERROR(failure->major) != 0)
        return SEC_E_INVALID_PARAMETER;
    return status;
}

/* What our plugin says of its last failure: the mechglue renumbers minor status codes. */
static bool ask_plugin(const gss_OID_desc *mechanism, struct gss_sspi_failure *failure)
{
    gss_buffer_desc answer = {sizeof *failure, failure};
    OM_uint32 minor;

    return gssspi_mech_invoke(&minor, (gss_OID)(uintptr_t)mechanism,
                              (gss_OID)(uintptr_t)GSS_SSPI_LAST_FAILURE,
                              &answer) == GSS_S_COMPLETE &&
           failure->major != GSS_S_COMPLETE;
}

/* Appends the sentences that gss_display_status has for a status. */
static void append_messages(OM_uint32 value, int type, const gss_OID_desc *mechanism)
{
    OM_uint32 more = 0;

    do {
        gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
        size_t used = strlen(last.reason);
        OM_uint32 minor;

        if (GSS_ERROR(gss_display_status(&minor, value, type, (gss_OID)(uintptr_t)mechanism, &more,
                                         &message)))
            return;
        if (message.length != 0)
            (void)snprintf(last.reason + used, sizeof last.reason - used, "%s%.*s",
                           used != 0 ? ": " : "", (int)message.length, (const char *)message.value);
        (void)gss_release_buffer(&minor, &message);
    } while (more != 0);
}

/* Keeps the sentences for a failure, and finds out what the mechanism knows of it. */
static struct gss_sspi_failure look_at(const gss_OID_desc *mechanism, OM_uint32 major,
                                       OM_uint32 minor)
{
    struct gss_sspi_failure failure = {major, minor, NT_STATUS_NONE};

    if (!package_mechanism_is_ours(mechanism) || !ask_plugin(mechanism, &failure))
        failure = (struct gss_sspi_failure){major, minor, nt_status_from_gss(major, minor)};
    last.reason[0] = '\0';
    append_messages(major, GSS_C_GSS_CODE, GSS_C_NO_OID);
    if (minor != 0)
        append_messages(minor, GSS_C_MECH_CODE, mechanism);
    last.has_reason = true;
    return failure;
}

SECURITY_STATUS status_from_gss(const gss_OID_desc *mechanism, OM_uint32 major, OM_uint32 minor)
{
    struct gss_sspi_failure failure = look_at(mechanism, major, minor);

    return status_of(&failure);
}

SECURITY_STATUS status_of_message(const gss_OID_desc *mechanism, OM_uint32 major, OM_uint32 minor)
{
    struct gss_sspi_failure failure = look_at(mechanism, major, minor);

    failure.nt_status = NT_STATUS_NONE;
    return status_of(&failure);
}

SECURITY_STATUS status_because(SECURITY_STATUS status, const char *reason)
{
    (void)snprintf(last.reason, sizeof last.reason, "%s", reason);
    last.has_reason = true;
    return status;
}

SECURITY_STATUS status_finish(SECURITY_STATUS status)
{
    if (status >= 0)
        last.text[0] = '\0';
    else if (last.has_reason)
        (void)snprintf(last.text, sizeof last.text, "%s: %.*s", SspiGssStatusName(status),
                       (int)sizeof last.text - 64, last.reason);
    else
        (void)snprintf(last.text, sizeof last.text, "%s", SspiGssStatusName(status));
    last.has_reason = false;
    return status;
}

SECURITY_STATUS status_repeat(SECURITY_STATUS status, const char *text)
{
    (void)snprintf(last.text, sizeof last.text, "%s", text);
    last.has_reason = false;
    return status;
}

const char *SspiGssStatusText(void)
{
    return last.text;
}
