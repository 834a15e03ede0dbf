/*
 * sspi_async.h - calls that do not wait. Windows has them for its kernel only, where strings are
 * counted; here they take the strings of the calls that they stand for.
 *
 * A call is queued, and runs on a thread of the library. It returns SEC_E_OK when it was queued,
 * and else why not: SEC_E_INVALID_PARAMETER for a NULL AsyncContext and for one whose call has not
 * ended, SEC_E_INSUFFICIENT_MEMORY. SspiGetAsyncCallStatus tells how the call itself
 * ended, with the codes of the call that it stands for. Everything that was passed by pointer must
 * stay valid until then; results are in place when the call has ended. One SspiAsyncContext is for
 * one call at a time. A call impersonates whom the thread impersonates that asks for it. In the child
 * of a fork, calls that the parent had queued never end. The source of each is Microsoft's page on the function (sspi.h).
 */
#ifndef SSPI_GSS_SSPI_ASYNC_H
#define SSPI_GSS_SSPI_ASYNC_H

#include "sspi_functions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A call: its state, its result and whom to tell. */
typedef struct _SspiAsyncContext SspiAsyncContext;

/*
 * Called once for each call that ended, on a thread of the library; Handle may be used again, or
 * freed, in it. CallbackData is what SspiSetAsyncNotifyCallback was given.
 */
typedef void (*SspiAsyncNotifyCallback)(SspiAsyncContext *Handle, PVOID CallbackData);

/* NULL when there is no memory. The caller frees it with SspiFreeAsyncContext. */
SSPI_GSS_API SspiAsyncContext *SspiCreateAsyncContext(void);

/* Frees it; while its call runs, when that has ended, and nobody is told. NULL: nothing. */
SSPI_GSS_API void SspiFreeAsyncContext(SspiAsyncContext *Handle);

/* For the next call, with the same callback. SEC_E_INVALID_PARAMETER while a call runs. */
SSPI_GSS_API NTSTATUS SspiReinitAsyncContext(SspiAsyncContext *Handle);

/*
 * Whom to tell; before the call is made. Callback NULL: nobody, which Microsoft's page allows for
 * SspiDeleteSecurityContextAsync only. SEC_E_INVALID_PARAMETER while a call runs.
 */
SSPI_GSS_API SECURITY_STATUS SspiSetAsyncNotifyCallback(SspiAsyncContext *Context,
                                                        SspiAsyncNotifyCallback Callback,
                                                        void *CallbackData);

/* Whether a callback is set. */
SSPI_GSS_API BOOLEAN SspiAsyncContextRequiresNotify(SspiAsyncContext *AsyncContext);

/*
 * SEC_I_ASYNC_CALL_PENDING while the call runs, afterwards what it returned, and SspiGssStatusText
 * says why. SEC_E_INVALID_PARAMETER when no call was made.
 */
SSPI_GSS_API SECURITY_STATUS SspiGetAsyncCallStatus(SspiAsyncContext *Handle);

/* AcquireCredentialsHandle */
SSPI_GSS_API SECURITY_STATUS SspiAcquireCredentialsHandleAsyncA(
    SspiAsyncContext *AsyncContext, LPSTR pszPrincipal, LPSTR pszPackage, ULONG fCredentialUse,
    void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument,
    PCredHandle phCredential, PTimeStamp ptsExpiry);
SSPI_GSS_API SECURITY_STATUS SspiAcquireCredentialsHandleAsyncW(
    SspiAsyncContext *AsyncContext, LPWSTR pszPrincipal, LPWSTR pszPackage, ULONG fCredentialUse,
    void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument,
    PCredHandle phCredential, PTimeStamp ptsExpiry);
#define SspiAcquireCredentialsHandleAsync SSPI_GSS_AW(SspiAcquireCredentialsHandleAsync)

/* FreeCredentialsHandle */
SSPI_GSS_API SECURITY_STATUS SspiFreeCredentialsHandleAsync(SspiAsyncContext *AsyncContext,
                                                            PCredHandle phCredential);

/* InitializeSecurityContext */
SSPI_GSS_API SECURITY_STATUS SspiInitializeSecurityContextAsyncA(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry);
SSPI_GSS_API SECURITY_STATUS SspiInitializeSecurityContextAsyncW(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPWSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry);
#define SspiInitializeSecurityContextAsync SSPI_GSS_AW(SspiInitializeSecurityContextAsync)

/* AcceptSecurityContext */
SSPI_GSS_API SECURITY_STATUS SspiAcceptSecurityContextAsync(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    PSecBufferDesc pInput, ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
    PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);

/* DeleteSecurityContext */
SSPI_GSS_API SECURITY_STATUS SspiDeleteSecurityContextAsync(SspiAsyncContext *AsyncContext,
                                                            PCtxtHandle phContext);

#ifdef __cplusplus
}
#endif

#endif
