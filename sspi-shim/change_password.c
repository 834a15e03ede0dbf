/*
 * ChangeAccountPassword: Kerberos' protocol for it (RFC 3244), which domain controllers speak too.
 * The old password gets a ticket for kadmin/changepw, with which the new one is sent.
 */
#include <sspi-gss/ntsecapi.h>
#include <sspi-gss/sspi.h>

#include <errno.h>
#include <krb5.h>
#include <stdlib.h>
#include <string.h>
#include "sspi-shim/buffers.h"
#include "sspi-shim/packages.h"
#include "sspi-shim/secret_text.h"
#include "sspi-shim/status.h"
#include "sspi-shim/user_name.h"

/* The service that changes passwords; tickets for it are given for passwords only. */
static const char changepw_service[] = "kadmin/changepw";

/* What Windows returns when the new password does not fit the domain's policy. */
#define STATUS_PASSWORD_RESTRICTION ((SECURITY_STATUS)0xC000006C)

/* All UTF-8. */
struct change {
    struct secret package;
    struct secret domain;
    struct secret account;
    struct secret old_password;
    struct secret new_password;
};

static void change_release(struct change *change)
{
    secret_release(&change->package);
    secret_release(&change->domain);
    secret_release(&change->account);
    secret_release(&change->old_password);
    secret_release(&change->new_password);
}

/* Keeps libkrb5's sentence for SspiGssStatusText. */
static SECURITY_STATUS because_krb5(krb5_context krb5, krb5_error_code error,
                                    SECURITY_STATUS status)
{
    const char *message = krb5_get_error_message(krb5, error);

    status = status_because(status, message);
    krb5_free_error_message(krb5, message);
    return status;
}

/* Why there is no ticket for kadmin/changepw. */
static SECURITY_STATUS logon_status(krb5_context krb5, krb5_error_code error)
{
    switch (error) {
    case KRB5KDC_ERR_PREAUTH_FAILED:
    case KRB5KRB_AP_ERR_BAD_INTEGRITY:
    case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
    case KRB5KDC_ERR_CLIENT_REVOKED:
    case KRB5KDC_ERR_POLICY:
    case KRB5_PREAUTH_FAILED:
        return because_krb5(krb5, error, SEC_E_LOGON_DENIED);
    case KRB5_KDC_UNREACH:
    case KRB5_REALM_UNKNOWN:
    case KRB5_REALM_CANT_RESOLVE:
        return because_krb5(krb5, error, SEC_E_NO_AUTHENTICATING_AUTHORITY);
    case KRB5KRB_AP_ERR_SKEW:
    case KRB5_KDCREP_SKEW:
        return because_krb5(krb5, error, SEC_E_TIME_SKEW);
    case KRB5_PARSE_MALFORMED:
        return because_krb5(krb5, error, SEC_E_INVALID_PARAMETER);
    case ENOMEM:
        return SEC_E_INSUFFICIENT_MEMORY;
    default:
        return because_krb5(krb5, error, SEC_E_INTERNAL_ERROR);
    }
}

/* What the server has answered (RFC 3244 2). */
static SECURITY_STATUS answer_status(krb5_context krb5, int result, const krb5_data *text)
{
    SECURITY_STATUS status;
    char *message = NULL;

    switch (result) {
    case KRB5_KPASSWD_SUCCESS:
        return SEC_E_OK;
    case KRB5_KPASSWD_SOFTERROR:
        status = STATUS_PASSWORD_RESTRICTION;
        break;
    case KRB5_KPASSWD_AUTHERROR:
    case KRB5_KPASSWD_ACCESSDENIED:
    case KRB5_KPASSWD_INITIAL_FLAG_NEEDED:
        status = SEC_E_LOGON_DENIED;
        break;
    default:
        status = SEC_E_INTERNAL_ERROR;
        break;
    }
    if (krb5_chpw_message(krb5, text, &message) == 0)
        (void)status_because(status, message);
    krb5_free_string(krb5, message);
    return status;
}

static uint64_t take_number(const unsigned char *octets, size_t count)
{
    uint64_t number = 0;

    for (size_t i = 0; i < count; i++)
        number = number << 8 | octets[i];
    return number;
}

/*
 * A domain controller explains a refusal by the domain's policy, in 30 octets: two zeros, shortest
 * length, length of the history, properties, longest and shortest age.
 */
static SECURITY_STATUS give_policy(const krb5_data *answer, SecBuffer *output)
{
    const unsigned char *octets = (const unsigned char *)answer->data;
    DOMAIN_PASSWORD_INFORMATION *policy;

    if (output == NULL || answer->length != 30 || octets[0] != 0 || octets[1] != 0)
        return SEC_E_OK;
    policy = context_buffer_allocate(sizeof *policy);
    if (policy == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    policy->MinPasswordLength = (USHORT)take_number(octets + 2, 4);
    policy->PasswordHistoryLength = (USHORT)take_number(octets + 6, 4);
    policy->PasswordProperties = (ULONG)take_number(octets + 10, 4);
    policy->MaxPasswordAge.QuadPart = (LONGLONG)take_number(octets + 14, 8);
    policy->MinPasswordAge.QuadPart = (LONGLONG)take_number(octets + 22, 8);
    output->pvBuffer = policy;
    output->cbBuffer = sizeof *policy;
    return SEC_E_OK;
}

static SECURITY_STATUS send_new_password(krb5_context krb5, krb5_creds *ticket,
                                         struct change *change, SecBuffer *output)
{
    krb5_data code_text = {.length = 0};
    krb5_data text = {.length = 0};
    SECURITY_STATUS status;
    int result = 0;
    krb5_error_code error = krb5_change_password(krb5, ticket, (char *)change->new_password.data,
                                                 &result, &code_text, &text);

    if (error != 0)
        return logon_status(krb5, error);
    status = answer_status(krb5, result, &text);
    if (status == STATUS_PASSWORD_RESTRICTION &&
        give_policy(&text, output) == SEC_E_INSUFFICIENT_MEMORY)
        status = SEC_E_INSUFFICIENT_MEMORY;
    krb5_free_data_contents(krb5, &code_text);
    krb5_free_data_contents(krb5, &text);
    return status;
}

static SECURITY_STATUS change_in_realm(krb5_context krb5, const char *name, struct change *change,
                                       SecBuffer *output)
{
    krb5_get_init_creds_opt *options = NULL;
    krb5_principal user = NULL;
    krb5_creds ticket = {0};
    SECURITY_STATUS status;
    krb5_error_code error = krb5_parse_name(krb5, name, &user);

    if (error == 0)
        error = krb5_get_init_creds_opt_alloc(krb5, &options);
    if (error == 0) {
        /* The ticket lives as long as this call. */
        krb5_get_init_creds_opt_set_tkt_life(options, 5 * 60);
        krb5_get_init_creds_opt_set_renew_life(options, 0);
        krb5_get_init_creds_opt_set_forwardable(options, 0);
        krb5_get_init_creds_opt_set_proxiable(options, 0);
        error = krb5_get_init_creds_password(krb5, &ticket, user, (char *)change->old_password.data,
                                             NULL, NULL, 0, changepw_service, options);
    }
    status =
        error != 0 ? logon_status(krb5, error) : send_new_password(krb5, &ticket, change, output);
    krb5_free_cred_contents(krb5, &ticket);
    krb5_get_init_creds_opt_free(krb5, options);
    krb5_free_principal(krb5, user);
    return status;
}

static SECURITY_STATUS check(const struct change *change)
{
    const struct package *package;

    if (!secret_is_present(&change->package) || change->account.length == 0 ||
        !secret_is_present(&change->old_password) || change->new_password.length == 0)
        return status_because(SEC_E_INVALID_PARAMETER,
                              "package, account, old and new password are needed");
    package = package_find((const char *)change->package.data);
    if (package == NULL)
        return SEC_E_SECPKG_NOT_FOUND;
    if (package->id == PACKAGE_NTLM)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "NTLM changes passwords by calls to a domain controller (MS-SAMR)");
    if (package->id != PACKAGE_KERBEROS && package->id != PACKAGE_NEGOTIATE)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION, "this package changes no passwords");
    return SEC_E_OK;
}

static SECURITY_STATUS run(struct change *change, SecBuffer *output)
{
    krb5_context krb5 = NULL;
    SECURITY_STATUS status = check(change);
    krb5_error_code error;
    char *name;

    if (status != SEC_E_OK)
        return status;
    name = user_name_for_kerberos(
        (const char *)change->account.data,
        secret_is_present(&change->domain) ? (const char *)change->domain.data : "");
    if (name == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    error = krb5_init_context(&krb5);
    if (error != 0)
        status = error == ENOMEM ? SEC_E_INSUFFICIENT_MEMORY
                                 : because_krb5(NULL, error, SEC_E_INTERNAL_ERROR);
    else
        status = change_in_realm(krb5, name, change, output);
    krb5_free_context(krb5);
    free(name);
    return status;
}

/* pOutput: NULL, or a descriptor with one SECBUFFER_CHANGE_PASS_RESPONSE. */
static SECURITY_STATUS find_output(PSecBufferDesc descriptor, SecBuffer **output)
{
    *output = NULL;
    if (descriptor == NULL)
        return SEC_E_OK;
    if (!buffers_are_valid(descriptor) || descriptor->cBuffers != 1)
        return SEC_E_INVALID_TOKEN;
    *output = buffer_find(descriptor, SECBUFFER_CHANGE_PASS_RESPONSE);
    if (*output == NULL)
        return SEC_E_INVALID_TOKEN;
    (*output)->pvBuffer = NULL;
    (*output)->cbBuffer = 0;
    return SEC_E_OK;
}

static SECURITY_STATUS change_password(const void *const texts[5], bool wide, ULONG reserved,
                                       PSecBufferDesc descriptor)
{
    struct change change = {.package = {0}};
    struct secret *const places[5] = {&change.package, &change.domain, &change.account,
                                      &change.old_password, &change.new_password};
    SecBuffer *output = NULL;
    SECURITY_STATUS status = reserved == 0 ? SEC_E_OK : SEC_E_INVALID_PARAMETER;

    if (status == SEC_E_OK)
        status = find_output(descriptor, &output);
    for (size_t i = 0; i < 5 && status == SEC_E_OK; i++)
        status = secret_text_read_string(texts[i], wide, places[i]);
    if (status == SEC_E_OK)
        status = run(&change, output);
    change_release(&change);
    return status;
}

SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordA(SEC_CHAR *pszPackageName, SEC_CHAR *pszDomainName,
                                                 SEC_CHAR *pszAccountName, SEC_CHAR *pszOldPassword,
                                                 SEC_CHAR *pszNewPassword, BOOLEAN bImpersonating,
                                                 ULONG dwReserved, PSecBufferDesc pOutput)
{
    const void *const texts[5] = {pszPackageName, pszDomainName, pszAccountName, pszOldPassword,
                                  pszNewPassword};

    (void)bImpersonating;
    return status_finish(change_password(texts, false, dwReserved, pOutput));
}

SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(SEC_WCHAR *pszPackageName,
                                                 SEC_WCHAR *pszDomainName,
                                                 SEC_WCHAR *pszAccountName,
                                                 SEC_WCHAR *pszOldPassword,
                                                 SEC_WCHAR *pszNewPassword, BOOLEAN bImpersonating,
                                                 ULONG dwReserved, PSecBufferDesc pOutput)
{
    const void *const texts[5] = {pszPackageName, pszDomainName, pszAccountName, pszOldPassword,
                                  pszNewPassword};

    (void)bImpersonating;
    return status_finish(change_password(texts, true, dwReserved, pOutput));
}
