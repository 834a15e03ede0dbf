/* errorCode (MS-CSSP 2.2.1): why a server refuses, from our acceptor and to our initiator. */
#include "common/nt_status.h"
#include "mech/credssp/credssp.h"
#include "mech/status.h"

/* Versions in which a client understands errorCode; 5 is not among them. */
#define FIRST_WITH_ERROR_CODE 3
#define BETWEEN_WITHOUT_IT    5

struct reason {
    uint32_t status;
    long code;
};

/*
 * What a server says. Besides NTSTATUS, implementations made after SSPI's model send its SEC_E codes: bare,
 * or the low half under NTSTATUS' facility for them.
 */
static const struct reason peers_reasons[] = {
    {NT_STATUS_LOGON_FAILURE, GSS_SSPI_E_LOGON_FAILURE},
    {NT_STATUS_WRONG_PASSWORD, GSS_SSPI_E_LOGON_FAILURE},
    {NT_STATUS_NO_SUCH_USER, GSS_SSPI_E_LOGON_FAILURE},
    {0x8009030Cu /* SEC_E_LOGON_DENIED */, GSS_SSPI_E_LOGON_FAILURE},
    {0xC007030Cu, GSS_SSPI_E_LOGON_FAILURE},
    {NT_STATUS_ACCOUNT_DISABLED, GSS_SSPI_E_ACCOUNT_DISABLED},
    {NT_STATUS_ACCOUNT_EXPIRED, GSS_SSPI_E_ACCOUNT_EXPIRED},
    {NT_STATUS_ACCOUNT_LOCKED_OUT, GSS_SSPI_E_ACCOUNT_LOCKED_OUT},
    {NT_STATUS_ACCOUNT_RESTRICTION, GSS_SSPI_E_ACCOUNT_RESTRICTION},
    {NT_STATUS_INVALID_LOGON_HOURS, GSS_SSPI_E_LOGON_HOURS},
    {NT_STATUS_INVALID_WORKSTATION, GSS_SSPI_E_LOGON_WORKSTATION},
    {NT_STATUS_LOGON_TYPE_NOT_GRANTED, GSS_SSPI_E_LOGON_TYPE},
    {NT_STATUS_LOGON_NOT_GRANTED, GSS_SSPI_E_LOGON_TYPE},
    {NT_STATUS_PASSWORD_EXPIRED, GSS_SSPI_E_PASSWORD_EXPIRED},
    {NT_STATUS_PASSWORD_MUST_CHANGE, GSS_SSPI_E_PASSWORD_MUST_CHANGE},
    {NT_STATUS_TIME_DIFFERENCE_AT_DC, GSS_SSPI_E_CLOCK_SKEW},
    {0x80090324u /* SEC_E_TIME_SKEW */, GSS_SSPI_E_CLOCK_SKEW},
    {0xC0070324u, GSS_SSPI_E_CLOCK_SKEW},
    {NT_STATUS_NO_LOGON_SERVERS, GSS_SSPI_E_NO_LOGON_SERVERS},
    {NT_STATUS_DOMAIN_CONTROLLER_NOT_FOUND, GSS_SSPI_E_NO_LOGON_SERVERS},
    {0x80090311u /* SEC_E_NO_AUTHENTICATING_AUTHORITY */, GSS_SSPI_E_NO_LOGON_SERVERS},
    {0xC0070311u, GSS_SSPI_E_NO_LOGON_SERVERS},
    {NT_STATUS_SMARTCARD_LOGON_REQUIRED, GSS_SSPI_E_SMART_CARD_REQUIRED},
    {NT_STATUS_NTLM_BLOCKED, GSS_SSPI_E_NTLM_BLOCKED},
    {NT_STATUS_NOT_SUPPORTED, GSS_SSPI_E_PEER_VERSION},
};

/* Failures of ours that a client may know the cause of, and that have no NTSTATUS of their own. */
static const struct reason own_reasons[] = {
    {NT_STATUS_NO_SUCH_PACKAGE, GSS_SSPI_E_NO_COMMON_MECHANISM},
    {NT_STATUS_INSUFFICIENT_RESOURCES, GSS_SSPI_E_NO_MEMORY},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

OM_uint32 refusal_read(OM_uint32 *minor, const struct ts_request *request)
{
    uint32_t status = request->error_code;
    const char *text = nt_status_text(status);

    if (!request->has_error_code || status == 0)
        return GSS_S_COMPLETE;
    for (size_t i = 0; i < COUNT_OF(peers_reasons); i++) {
        if (peers_reasons[i].status == status)
            return fail_with_nt_status(minor, GSS_S_UNAUTHORIZED, peers_reasons[i].code, status,
                                       "NTSTATUS 0x%08X", status);
    }
    return fail_with_nt_status(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_PEER_ERROR, status,
                               "%s%s0x%08X", text != NULL ? text : "",
                               text != NULL ? ", NTSTATUS " : "NTSTATUS ", status);
}

/*
 * What the client is told. Whether the name or the password was wrong is not said: it would tell
 * strangers which users there are. Nor is it said what only this server's administrator can make use of.
 */
static uint32_t status_to_tell(struct gss_sspi_failure failure)
{
    switch (failure.nt_status) {
    case NT_STATUS_NONE:
    case NT_STATUS_NO_SUCH_USER:
    case NT_STATUS_WRONG_PASSWORD:
    case NT_STATUS_KDC_UNKNOWN_SERVER:
        break;
    default:
        return failure.nt_status;
    }
    for (size_t i = 0; i < COUNT_OF(own_reasons); i++) {
        if ((OM_uint32)own_reasons[i].code == failure.minor)
            return own_reasons[i].status;
    }
    return NT_STATUS_LOGON_FAILURE;
}

OM_uint32 refusal_send(struct credssp_context *credssp, OM_uint32 major)
{
    uint32_t version = negotiated_version(credssp);
    struct ts_request message = {.has_error_code = true,
                                 .error_code = status_to_tell(last_failure())};
    OM_uint32 ignored;

    if (version >= FIRST_WITH_ERROR_CODE && version != BETWEEN_WITHOUT_IT)
        (void)request_write(&ignored, credssp, &message);
    return major;
}
