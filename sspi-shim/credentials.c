#include "sspi-shim/credentials.h"

#include <stdlib.h>
#include <time.h>
#include "sspi-shim/acquire.h"
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"
#include "sspi-shim/timestamps.h"

struct credential *credential_share(struct credential *credential)
{
    (void)atomic_fetch_add(&credential->owners, 1);
    return credential;
}

void credential_release(struct credential *credential)
{
    OM_uint32 minor;

    if (credential == NULL || atomic_fetch_sub(&credential->owners, 1) != 1)
        return;
    if (credential->delegation != NULL)
        delegation_release(credential->delegation);
    else
        (void)gss_release_cred(&minor, &credential->outbound);
    (void)gss_release_cred(&minor, &credential->inbound);
    (void)pthread_mutex_destroy(&credential->lock);
    free(credential);
}

void credential_park(struct credential *credential, const SecHandle *context)
{
    SecHandle before;
    bool had_one;

    (void)pthread_mutex_lock(&credential->lock);
    had_one = credential->has_parked;
    before = credential->parked;
    credential->parked = *context;
    credential->has_parked = true;
    (void)pthread_mutex_unlock(&credential->lock);
    if (had_one)
        (void)handle_close(HANDLE_CONTEXT, &before);
}

/* With the lock held. */
static bool is_parked(const struct credential *credential, const SecHandle *context)
{
    return credential->has_parked && credential->parked.dwLower == context->dwLower &&
           credential->parked.dwUpper == context->dwUpper;
}

bool credential_is_parked(struct credential *credential, const SecHandle *context)
{
    bool parked;

    (void)pthread_mutex_lock(&credential->lock);
    parked = is_parked(credential, context);
    (void)pthread_mutex_unlock(&credential->lock);
    return parked;
}

void credential_unpark(struct credential *credential, const SecHandle *context)
{
    (void)pthread_mutex_lock(&credential->lock);
    if (is_parked(credential, context))
        credential->has_parked = false;
    (void)pthread_mutex_unlock(&credential->lock);
}

/* The handle is gone: a context that was kept for a repetition cannot be asked for any more. */
static void destroy(void *object)
{
    struct credential *credential = object;
    SecHandle parked;
    bool has_parked;

    (void)pthread_mutex_lock(&credential->lock);
    has_parked = credential->has_parked;
    parked = credential->parked;
    credential->has_parked = false;
    (void)pthread_mutex_unlock(&credential->lock);
    if (has_parked)
        (void)handle_close(HANDLE_CONTEXT, &parked);
    credential_release(credential);
}

static struct credential *credential_make(const struct package *package,
                                          const gss_OID_desc *mechanism)
{
    struct credential *credential = calloc(1, sizeof *credential);

    if (credential == NULL)
        return NULL;
    if (pthread_mutex_init(&credential->lock, NULL) != 0) {
        free(credential);
        return NULL;
    }
    atomic_init(&credential->owners, 1);
    credential->package = package;
    credential->mechanism = mechanism;
    credential->lifetime = GSS_C_INDEFINITE;
    return credential;
}

static SECURITY_STATUS find_package(const struct credential_request *request,
                                    const struct package **package, const gss_OID_desc **mechanism)
{
    *package = package_find(request->package);
    *mechanism = *package != NULL ? package_mechanism(*package) : NULL;
    return *mechanism != NULL ? SEC_E_OK : SEC_E_SECPKG_NOT_FOUND;
}

static SECURITY_STATUS make(const struct credential_request *request, struct credential **made)
{
    const gss_OID_desc *mechanism;
    const struct package *package;
    struct credential *credential;
    SECURITY_STATUS status = find_package(request, &package, &mechanism);

    if (status == SEC_E_OK)
        status = acquire_check_use(request->use, package);
    if (status != SEC_E_OK)
        return status;
    credential = credential_make(package, mechanism);
    if (credential == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = acquire_directions(credential, request);
    if (status != SEC_E_OK) {
        credential_release(credential);
        return status;
    }
    *made = credential;
    return SEC_E_OK;
}

static SECURITY_STATUS acquire(const struct credential_request *request, SecHandle *handle,
                               TimeStamp *expiry)
{
    struct credential *credential = NULL;
    SECURITY_STATUS status;

    if (handle == NULL || request->package == NULL)
        return SEC_E_INVALID_PARAMETER;
    status = make(request, &credential);
    if (status != SEC_E_OK)
        return status;
    if (expiry != NULL)
        *expiry = timestamp_after(time(NULL), credential->lifetime);
    if (!handle_create(HANDLE_CREDENTIAL, &credential->handled, destroy, handle)) {
        credential_release(credential);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    return SEC_E_OK;
}

/* A direction that the credential has not yet, with the lock held. */
static SECURITY_STATUS add_direction(struct credential *credential,
                                     const struct credential_request *request)
{
    ULONG directions = request->use & SECPKG_CRED_BOTH;

    if (package_find(request->package) != credential->package)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "a handle has the credentials of one package");
    if (((directions & SECPKG_CRED_OUTBOUND) != 0 && credential->outbound != GSS_C_NO_CREDENTIAL) ||
        ((directions & SECPKG_CRED_INBOUND) != 0 && credential->inbound != GSS_C_NO_CREDENTIAL))
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "a handle has one credential for each direction");
    return acquire_directions(credential, request);
}

static SECURITY_STATUS add(SecHandle *handle, const struct credential_request *request,
                           TimeStamp *expiry)
{
    struct credential *credential;
    SECURITY_STATUS status;

    if (handle == NULL || request->package == NULL)
        return SEC_E_INVALID_PARAMETER;
    credential = handle_acquire(HANDLE_CREDENTIAL, handle);
    if (credential == NULL)
        return SEC_E_INVALID_HANDLE;
    status = package_find(request->package) != NULL
                 ? acquire_check_use(request->use, credential->package)
                 : SEC_E_SECPKG_NOT_FOUND;
    if (status == SEC_E_OK) {
        (void)pthread_mutex_lock(&credential->lock);
        status = add_direction(credential, request);
        (void)pthread_mutex_unlock(&credential->lock);
    }
    if (status == SEC_E_OK && expiry != NULL)
        *expiry = timestamp_after(time(NULL), credential->lifetime);
    handle_release(&credential->handled);
    return status;
}

/* The strings of a W function, narrowed; the caller frees both. */
static SECURITY_STATUS narrow(const SEC_WCHAR *principal, const SEC_WCHAR *package,
                              char **principal_text, char **package_text)
{
    SECURITY_STATUS status = text_from_wide(principal, principal_text);

    *package_text = NULL;
    return status == SEC_E_OK ? text_from_wide(package, package_text) : status;
}

SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage,
                                                    ULONG fCredentialUse, void *pvLogonId,
                                                    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    struct credential_request request = {pszPrincipal, pszPackage, fCredentialUse, pAuthData,
                                         false};
    SECURITY_STATUS status = text_check(pszPrincipal);

    (void)pvLogonId;
    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    if (status == SEC_E_OK)
        status = acquire(&request, phCredential, ptsExpiry);
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage,
                                                    ULONG fCredentialUse, void *pvLogonId,
                                                    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    char *principal = NULL;
    char *package = NULL;
    SECURITY_STATUS status = narrow(pszPrincipal, pszPackage, &principal, &package);

    (void)pvLogonId;
    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    if (status == SEC_E_OK) {
        struct credential_request request = {principal, package, fCredentialUse, pAuthData, true};

        status = acquire(&request, phCredential, ptsExpiry);
    }
    free(principal);
    free(package);
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY AddCredentialsA(PCredHandle hCredentials, SEC_CHAR *pszPrincipal,
                                          SEC_CHAR *pszPackage, ULONG fCredentialUse,
                                          void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument, PTimeStamp ptsExpiry)
{
    struct credential_request request = {pszPrincipal, pszPackage, fCredentialUse, pAuthData,
                                         false};
    SECURITY_STATUS status = text_check(pszPrincipal);

    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    if (status == SEC_E_OK)
        status = add(hCredentials, &request, ptsExpiry);
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY AddCredentialsW(PCredHandle hCredentials, SEC_WCHAR *pszPrincipal,
                                          SEC_WCHAR *pszPackage, ULONG fCredentialUse,
                                          void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument, PTimeStamp ptsExpiry)
{
    char *principal = NULL;
    char *package = NULL;
    SECURITY_STATUS status = narrow(pszPrincipal, pszPackage, &principal, &package);

    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    if (status == SEC_E_OK) {
        struct credential_request request = {principal, package, fCredentialUse, pAuthData, true};

        status = add(hCredentials, &request, ptsExpiry);
    }
    free(principal);
    free(package);
    return status_finish(status);
}

SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential)
{
    return status_finish(handle_close(HANDLE_CREDENTIAL, phCredential) ? SEC_E_OK
                                                                       : SEC_E_INVALID_HANDLE);
}
