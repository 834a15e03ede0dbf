/* The calls that need not be waited for: what each does on its thread, and how it is asked for. */
#include <sspi-gss/sspi.h>
#include "sspi-shim/async.h"

static SECURITY_STATUS acquire_a(const struct async_arguments *arguments)
{
    return AcquireCredentialsHandleA(arguments->principal, arguments->package, arguments->use,
                                     arguments->logon_id, arguments->auth_data, arguments->get_key,
                                     arguments->get_key_argument, arguments->credential,
                                     arguments->expiry);
}

static SECURITY_STATUS acquire_w(const struct async_arguments *arguments)
{
    return AcquireCredentialsHandleW(arguments->principal, arguments->package, arguments->use,
                                     arguments->logon_id, arguments->auth_data, arguments->get_key,
                                     arguments->get_key_argument, arguments->credential,
                                     arguments->expiry);
}

/* Both forms differ in what the texts are made of. */
static SECURITY_STATUS queue_acquire(SspiAsyncContext *context, async_call *call, void *principal,
                                     void *package, ULONG use, void *logon_id, void *auth_data,
                                     SEC_GET_KEY_FN get_key, void *get_key_argument,
                                     PCredHandle credential, PTimeStamp expiry)
{
    const struct async_arguments arguments = {
        .call = call,
        .principal = principal,
        .package = package,
        .use = use,
        .logon_id = logon_id,
        .auth_data = auth_data,
        .get_key = get_key,
        .get_key_argument = get_key_argument,
        .credential = credential,
        .expiry = expiry,
    };

    return async_queue_call(context, &arguments);
}

SECURITY_STATUS SspiAcquireCredentialsHandleAsyncA(SspiAsyncContext *AsyncContext,
                                                   LPSTR pszPrincipal, LPSTR pszPackage,
                                                   ULONG fCredentialUse, void *pvLogonId,
                                                   void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                   void *pvGetKeyArgument, PCredHandle phCredential,
                                                   PTimeStamp ptsExpiry)
{
    return queue_acquire(AsyncContext, acquire_a, pszPrincipal, pszPackage, fCredentialUse,
                         pvLogonId, pAuthData, pGetKeyFn, pvGetKeyArgument, phCredential,
                         ptsExpiry);
}

SECURITY_STATUS SspiAcquireCredentialsHandleAsyncW(SspiAsyncContext *AsyncContext,
                                                   LPWSTR pszPrincipal, LPWSTR pszPackage,
                                                   ULONG fCredentialUse, void *pvLogonId,
                                                   void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                   void *pvGetKeyArgument, PCredHandle phCredential,
                                                   PTimeStamp ptsExpiry)
{
    return queue_acquire(AsyncContext, acquire_w, pszPrincipal, pszPackage, fCredentialUse,
                         pvLogonId, pAuthData, pGetKeyFn, pvGetKeyArgument, phCredential,
                         ptsExpiry);
}

static SECURITY_STATUS free_credentials(const struct async_arguments *arguments)
{
    return FreeCredentialsHandle(arguments->credential);
}

SECURITY_STATUS SspiFreeCredentialsHandleAsync(SspiAsyncContext *AsyncContext,
                                               PCredHandle phCredential)
{
    const struct async_arguments arguments = {
        .call = free_credentials,
        .credential = phCredential,
    };

    return async_queue_call(AsyncContext, &arguments);
}

static SECURITY_STATUS initialize_a(const struct async_arguments *arguments)
{
    return InitializeSecurityContextA(arguments->credential, arguments->context, arguments->target,
                                      arguments->request, arguments->reserved1,
                                      arguments->data_representation, arguments->input,
                                      arguments->reserved2, arguments->new_context,
                                      arguments->output, arguments->attributes, arguments->expiry);
}

static SECURITY_STATUS initialize_w(const struct async_arguments *arguments)
{
    return InitializeSecurityContextW(arguments->credential, arguments->context, arguments->target,
                                      arguments->request, arguments->reserved1,
                                      arguments->data_representation, arguments->input,
                                      arguments->reserved2, arguments->new_context,
                                      arguments->output, arguments->attributes, arguments->expiry);
}

static SECURITY_STATUS queue_initialize(SspiAsyncContext *async, async_call *call,
                                        PCredHandle credential, PCtxtHandle context, void *target,
                                        ULONG request, ULONG reserved1, ULONG data_representation,
                                        PSecBufferDesc input, ULONG reserved2,
                                        PCtxtHandle new_context, PSecBufferDesc output,
                                        ULONG *attributes, PTimeStamp expiry)
{
    const struct async_arguments arguments = {
        .call = call,
        .credential = credential,
        .context = context,
        .target = target,
        .request = request,
        .reserved1 = reserved1,
        .data_representation = data_representation,
        .input = input,
        .reserved2 = reserved2,
        .new_context = new_context,
        .output = output,
        .attributes = attributes,
        .expiry = expiry,
    };

    return async_queue_call(async, &arguments);
}

SECURITY_STATUS SspiInitializeSecurityContextAsyncA(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    return queue_initialize(AsyncContext, initialize_a, phCredential, phContext, pszTargetName,
                            fContextReq, Reserved1, TargetDataRep, pInput, Reserved2, phNewContext,
                            pOutput, pfContextAttr, ptsExpiry);
}

SECURITY_STATUS SspiInitializeSecurityContextAsyncW(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPWSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    return queue_initialize(AsyncContext, initialize_w, phCredential, phContext, pszTargetName,
                            fContextReq, Reserved1, TargetDataRep, pInput, Reserved2, phNewContext,
                            pOutput, pfContextAttr, ptsExpiry);
}

static SECURITY_STATUS accept_token(const struct async_arguments *arguments)
{
    return AcceptSecurityContext(arguments->credential, arguments->context, arguments->input,
                                 arguments->request, arguments->data_representation,
                                 arguments->new_context, arguments->output, arguments->attributes,
                                 arguments->expiry);
}

SECURITY_STATUS SspiAcceptSecurityContextAsync(SspiAsyncContext *AsyncContext,
                                               PCredHandle phCredential, PCtxtHandle phContext,
                                               PSecBufferDesc pInput, ULONG fContextReq,
                                               ULONG TargetDataRep, PCtxtHandle phNewContext,
                                               PSecBufferDesc pOutput, ULONG *pfContextAttr,
                                               PTimeStamp ptsExpiry)
{
    const struct async_arguments arguments = {
        .call = accept_token,
        .credential = phCredential,
        .context = phContext,
        .input = pInput,
        .request = fContextReq,
        .data_representation = TargetDataRep,
        .new_context = phNewContext,
        .output = pOutput,
        .attributes = pfContextAttr,
        .expiry = ptsExpiry,
    };

    return async_queue_call(AsyncContext, &arguments);
}

static SECURITY_STATUS delete_context(const struct async_arguments *arguments)
{
    return DeleteSecurityContext(arguments->context);
}

SECURITY_STATUS SspiDeleteSecurityContextAsync(SspiAsyncContext *AsyncContext,
                                               PCtxtHandle phContext)
{
    const struct async_arguments arguments = {
        .call = delete_context,
        .context = phContext,
    };

    return async_queue_call(AsyncContext, &arguments);
}
