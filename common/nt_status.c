#include "common/nt_status.h"

#include <errno.h>
#include <stddef.h>
#include <krb5.h>

struct cause {
    OM_uint32 minor;
    uint32_t status;
};

/* Kerberos error codes are negative com_err numbers; as minor status they are the same 32 bits. */
#define KRB5_MINOR(code) ((OM_uint32)(code))

/* gss-ntlmssp numbers its errors from "NT" in the upper half; it installs no header for them. */
#define NTLM_MINOR(number)  (0x4E540000u + (number))
#define NTLM_BAD_CREDENTIAL NTLM_MINOR(19)
#define NTLM_TIME_SKEW      NTLM_MINOR(25)
#define NTLM_USER_NOT_FOUND NTLM_MINOR(29)

static const struct cause causes[] = {
    {KRB5_MINOR(KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN), NT_STATUS_NO_SUCH_USER},
    {KRB5_MINOR(KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN), NT_STATUS_KDC_UNKNOWN_SERVER},
    {KRB5_MINOR(KRB5_KT_NOTFOUND), NT_STATUS_NONE},
    {KRB5_MINOR(KRB5KDC_ERR_PREAUTH_FAILED), NT_STATUS_WRONG_PASSWORD},
    {KRB5_MINOR(KRB5KRB_AP_ERR_BAD_INTEGRITY), NT_STATUS_WRONG_PASSWORD},
    {KRB5_MINOR(KRB5KDC_ERR_CLIENT_REVOKED), NT_STATUS_ACCOUNT_DISABLED},
    {KRB5_MINOR(KRB5KDC_ERR_NAME_EXP), NT_STATUS_ACCOUNT_EXPIRED},
    {KRB5_MINOR(KRB5KDC_ERR_KEY_EXP), NT_STATUS_PASSWORD_EXPIRED},
    {KRB5_MINOR(KRB5KDC_ERR_POLICY), NT_STATUS_ACCOUNT_RESTRICTION},
    {KRB5_MINOR(KRB5KDC_ERR_CLIENT_NOTYET), NT_STATUS_ACCOUNT_RESTRICTION},
    {KRB5_MINOR(KRB5KRB_AP_ERR_SKEW), NT_STATUS_TIME_DIFFERENCE_AT_DC},
    {KRB5_MINOR(KRB5KRB_AP_ERR_TKT_NYV), NT_STATUS_TIME_DIFFERENCE_AT_DC},
    {KRB5_MINOR(KRB5KDC_ERR_NEVER_VALID), NT_STATUS_TIME_DIFFERENCE_AT_DC},
    {KRB5_MINOR(KRB5_KDCREP_SKEW), NT_STATUS_TIME_DIFFERENCE_AT_DC},
    {KRB5_MINOR(KRB5_KDC_UNREACH), NT_STATUS_NO_LOGON_SERVERS},
    {KRB5_MINOR(KRB5_REALM_UNKNOWN), NT_STATUS_NO_LOGON_SERVERS},
    {KRB5_MINOR(KRB5_REALM_CANT_RESOLVE), NT_STATUS_NO_LOGON_SERVERS},
    {KRB5_MINOR(KRB5KDC_ERR_SVC_UNAVAILABLE), NT_STATUS_NO_LOGON_SERVERS},
    /* Like Windows, do not tell an NTLM client which of name and password is wrong. */
    {NTLM_BAD_CREDENTIAL, NT_STATUS_LOGON_FAILURE},
    {NTLM_USER_NOT_FOUND, NT_STATUS_LOGON_FAILURE},
    {NTLM_TIME_SKEW, NT_STATUS_TIME_DIFFERENCE_AT_DC},
};

uint32_t nt_status_from_gss(OM_uint32 major, OM_uint32 minor)
{
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (minor == causes[i].minor)
            return causes[i].status;
    }
    switch (GSS_ROUTINE_ERROR(major)) {
    case GSS_S_UNAUTHORIZED:
        return NT_STATUS_LOGON_FAILURE;
    case GSS_S_BAD_BINDINGS:
        return NT_STATUS_BAD_BINDINGS;
    case GSS_S_FAILURE:
        /*
         * gss-ntlmssp's acceptor: a response that does not fit the password is EINVAL, a user that
         * it does not know EACCES. A peer is not to learn which.
         */
        return minor == EINVAL || minor == EACCES ? NT_STATUS_LOGON_FAILURE : NT_STATUS_NONE;
    default:
        return NT_STATUS_NONE;
    }
}

const char *nt_status_text(uint32_t status)
{
    switch (status) {
    case NT_STATUS_ACCESS_DENIED:
        return "access was denied";
    case NT_STATUS_NO_LOGON_SERVERS:
    case NT_STATUS_DOMAIN_CONTROLLER_NOT_FOUND:
        return "no domain controller could be reached";
    case NT_STATUS_NO_SUCH_USER:
        return "the user does not exist";
    case NT_STATUS_WRONG_PASSWORD:
        return "the password is wrong";
    case NT_STATUS_LOGON_FAILURE:
        return "the user name or the password is wrong";
    case NT_STATUS_ACCOUNT_RESTRICTION:
        return "a restriction of the account forbids this logon";
    case NT_STATUS_INVALID_LOGON_HOURS:
        return "the account may not log on at this time";
    case NT_STATUS_INVALID_WORKSTATION:
        return "the account may not log on at this computer";
    case NT_STATUS_INSUFFICIENT_RESOURCES:
        return "memory or another resource ran out";
    case NT_STATUS_NO_SUCH_PACKAGE:
        return "no mechanism is common to both sides";
    case NT_STATUS_TRUSTED_DOMAIN_FAILURE:
    case NT_STATUS_TRUSTED_RELATIONSHIP_FAILURE:
        return "the trust between the domains, or of the computer in its domain, is broken";
    case NT_STATUS_AUTHENTICATION_FIREWALL_FAILED:
        return "the server takes users of its own domain and those that are named only";
    case NT_STATUS_NTLM_BLOCKED:
        return "the server or its domain takes no NTLM";
    case NT_STATUS_PASSWORD_EXPIRED:
        return "the password has expired";
    case NT_STATUS_ACCOUNT_DISABLED:
        return "the account is disabled";
    case NT_STATUS_NOT_SUPPORTED:
        return "the protocol version is not supported";
    case NT_STATUS_TIME_DIFFERENCE_AT_DC:
        return "the clocks of the client and the domain controller differ too much";
    case NT_STATUS_LOGON_NOT_GRANTED:
    case NT_STATUS_LOGON_TYPE_NOT_GRANTED:
        return "the user may not log on this way";
    case NT_STATUS_ACCOUNT_EXPIRED:
        return "the account has expired";
    case NT_STATUS_PASSWORD_MUST_CHANGE:
        return "the password must be changed before the first logon";
    case NT_STATUS_ACCOUNT_LOCKED_OUT:
        return "the account is locked";
    case NT_STATUS_SMARTCARD_LOGON_REQUIRED:
        return "a smart card is required";
    case NT_STATUS_BAD_BINDINGS:
        return "the two sides gave different channel bindings, or one gave none";
    case NT_STATUS_KDC_UNKNOWN_SERVER:
        return "the domain controller does not know the server's name";
    default:
        return NULL;
    }
}
