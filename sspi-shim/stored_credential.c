/* What a store of credentials keeps an identity under, and of it: Windows' credential manager. */
#include <sspi-gss/sspi.h>

#include <stdlib.h>
#include <string.h>
#include "sspi-shim/buffers.h"
#include "sspi-shim/identity.h"
#include "sspi-shim/secret_text.h"
#include "sspi-shim/status.h"

/* DOMAIN\user, or the user alone; absent when the identity has no user. */
static SECURITY_STATUS full_user_name(const struct identity *identity, struct secret *name)
{
    char *text;
    SECURITY_STATUS status;

    if (!secret_is_present(&identity->user))
        return SEC_E_OK;
    text = identity_name(identity, NAMES_NTLM);
    if (text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = secret_set(name, text, strlen(text)) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
    wipe(text, strlen(text));
    free(text);
    return status;
}

/* The name in the store: the target, or else the user. */
static SECURITY_STATUS target_name(const struct secret *user, PCWSTR target, WCHAR **name)
{
    struct secret text = {0};
    SECURITY_STATUS status;

    if (target == NULL && !secret_is_present(user))
        return status_because(SEC_E_INVALID_PARAMETER,
                              "there is neither a target nor a user to name the credential by");
    if (target == NULL)
        return secret_text_for_caller(user, name);
    status = secret_text_read_string(target, true, &text);
    if (status == SEC_E_OK)
        status = secret_text_for_caller(&text, name);
    secret_release(&text);
    return status;
}

/* The password as the store keeps it: UTF-16 without a terminator. */
static SECURITY_STATUS make_blob(const struct secret *password, PUCHAR *blob, ULONG *size)
{
    struct secret wide = {0};
    SECURITY_STATUS status = secret_text_widen(password, &wide);

    if (status == SEC_E_OK) {
        *blob = context_buffer_allocate(wide.length);
        if (*blob == NULL)
            status = SEC_E_INSUFFICIENT_MEMORY;
        else if (wide.length != 0)
            memcpy(*blob, wide.data, wide.length);
        *size = (ULONG)wide.length;
    }
    secret_release(&wide);
    return status;
}

SECURITY_STATUS SEC_ENTRY SspiPrepareForCredRead(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                 PCWSTR pszTargetName,
                                                 PULONG pCredmanCredentialType,
                                                 PCWSTR *ppszCredmanTargetName)
{
    struct identity identity = {0};
    struct secret user = {0};
    WCHAR *target = NULL;
    SECURITY_STATUS status;

    if (ppszCredmanTargetName != NULL)
        *ppszCredmanTargetName = NULL;
    if (AuthIdentity == NULL || pCredmanCredentialType == NULL || ppszCredmanTargetName == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = identity_read(AuthIdentity, true, &identity);
    if (status == SEC_E_OK)
        status = full_user_name(&identity, &user);
    if (status == SEC_E_OK)
        status = target_name(&user, pszTargetName, &target);
    if (status == SEC_E_OK) {
        *pCredmanCredentialType = CRED_TYPE_DOMAIN_PASSWORD;
        *ppszCredmanTargetName = target;
    }
    secret_release(&user);
    identity_release(&identity);
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY SspiPrepareForCredWrite(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
    PULONG pCredmanCredentialType, PCWSTR *ppszCredmanTargetName, PCWSTR *ppszCredmanUserName,
    PUCHAR *ppCredentialBlob, PULONG pCredentialBlobSize)
{
    struct identity identity = {0};
    struct secret user = {0};
    WCHAR *target = NULL;
    WCHAR *name = NULL;
    PUCHAR blob = NULL;
    SECURITY_STATUS status;

    if (ppszCredmanTargetName != NULL)
        *ppszCredmanTargetName = NULL;
    if (ppszCredmanUserName != NULL)
        *ppszCredmanUserName = NULL;
    if (ppCredentialBlob != NULL)
        *ppCredentialBlob = NULL;
    if (AuthIdentity == NULL || pCredmanCredentialType == NULL || ppszCredmanTargetName == NULL ||
        ppszCredmanUserName == NULL || ppCredentialBlob == NULL || pCredentialBlobSize == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    *pCredentialBlobSize = 0;
    status = identity_read(AuthIdentity, true, &identity);
    if (status == SEC_E_OK)
        status = full_user_name(&identity, &user);
    if (status == SEC_E_OK)
        status = target_name(&user, pszTargetName, &target);
    if (status == SEC_E_OK)
        status = secret_text_for_caller(&user, &name);
    if (status == SEC_E_OK)
        status = make_blob(&identity.password, &blob, pCredentialBlobSize);
    if (status == SEC_E_OK) {
        *pCredmanCredentialType = CRED_TYPE_DOMAIN_PASSWORD;
        *ppszCredmanTargetName = target;
        *ppszCredmanUserName = name;
        *ppCredentialBlob = blob;
    } else {
        (void)context_buffer_free(target);
        (void)context_buffer_free(name);
    }
    secret_release(&user);
    identity_release(&identity);
    return status_finish(status);
}
