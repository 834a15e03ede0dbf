#include "sspi-shim/credentials.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi_sspi.h>
#include "sspi-shim/identity.h"
#include "sspi-shim/impersonation.h"
#include "sspi-shim/ntlm_offer.h"
#include "sspi-shim/status.h"
#include "sspi-shim/target.h"
#include "sspi-shim/text.h"
#include "sspi-shim/timestamps.h"

/* Arguments of AcquireCredentialsHandle. */
struct request {
    const char *principal;
    const char *package;
    ULONG use;
    const void *data;
    bool wide;
};

#define USE_KNOWN                                                                \
    (SECPKG_CRED_BOTH | SECPKG_CRED_DEFAULT | SECPKG_CRED_AUTOLOGON_RESTRICTED | \
     SECPKG_CRED_PROCESS_POLICY_ONLY)

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

static SECURITY_STATUS import_user(const char *text, gss_name_t *name)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    OM_uint32 minor;
    OM_uint32 major = gss_import_name(&minor, &buffer, GSS_C_NT_USER_NAME, name);

    return GSS_ERROR(major) ? status_from_gss(GSS_C_NO_OID, major, minor) : SEC_E_OK;
}

/* With a list of packages, which only a credential store can carry. */
static OM_uint32 acquire_from_store(OM_uint32 *minor, gss_name_t name,
                                    const struct identity *identity, gss_OID_set mechanisms,
                                    gss_cred_id_t *acquired, OM_uint32 *lifetime)
{
    gss_key_value_element_desc elements[2] = {
        {"packages", (const char *)identity->packages.data},
        {"password", (const char *)identity->password.data},
    };
    gss_key_value_set_desc store = {secret_is_present(&identity->password) ? 2 : 1, elements};

    return gss_acquire_cred_from(minor, name, GSS_C_INDEFINITE, mechanisms, GSS_C_INITIATE, &store,
                                 acquired, NULL, lifetime);
}

static OM_uint32 acquire_for(OM_uint32 *minor, const struct credential *credential, gss_name_t name,
                             const struct identity *identity, gss_cred_id_t *acquired,
                             OM_uint32 *lifetime)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)credential->mechanism};
    gss_buffer_desc password = {identity->password.length, identity->password.data};

    if (identity->packages.length != 0 && package_mechanism_is_ours(credential->mechanism))
        return acquire_from_store(minor, name, identity, &mechanisms, acquired, lifetime);
    if (name != GSS_C_NO_NAME && secret_is_present(&identity->password))
        return gss_acquire_cred_with_password(minor, name, &password, GSS_C_INDEFINITE, &mechanisms,
                                              GSS_C_INITIATE, acquired, NULL, lifetime);
    return gss_acquire_cred(minor, name, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE, acquired,
                            NULL, lifetime);
}

/* The mechanism goes on without a certificate of the client's, unless the caller is to decide. */
static OM_uint32 let_caller_decide(OM_uint32 *minor, gss_cred_id_t *credential)
{
    gss_buffer_desc ask = {3, (void *)(uintptr_t) "ask"};

    return gss_set_cred_option(minor, credential,
                               (gss_OID)(uintptr_t)GSS_SSPI_CRED_WITHOUT_CLIENT_CERTIFICATE, &ask);
}

/* The credential that this thread impersonates, when the package's mechanism can use it. */
static SECURITY_STATUS use_delegation(struct credential *credential, struct delegation *delegation)
{
    OM_uint32 minor;
    OM_uint32 major = gss_inquire_cred_by_mech(&minor, delegation_credential(delegation),
                                               (gss_OID)(uintptr_t)credential->mechanism, NULL,
                                               &credential->lifetime, NULL, NULL);

    if (GSS_ERROR(major))
        return status_because(SEC_E_NO_CREDENTIALS,
                              "this package cannot use the delegated credential");
    credential->delegation = delegation_share(delegation);
    credential->outbound = delegation_credential(delegation);
    return SEC_E_OK;
}

static SECURITY_STATUS acquire_outbound(struct credential *credential,
                                        const struct request *request)
{
    struct identity identity = {0};
    gss_name_t name = GSS_C_NO_NAME;
    char *text = NULL;
    SECURITY_STATUS status = SEC_E_OK;
    OM_uint32 major;
    OM_uint32 minor;

    if (request->data != NULL)
        status = identity_read(request->data, credential->package->id, request->wide, &identity);
    if (status != SEC_E_OK)
        goto done;
    /*
     * A thread that impersonates has no other credentials of its own than those of the client: what the
     * process has is never used in their place.
     */
    if (identity.user.length == 0 && impersonation_current() != NULL) {
        status =
            request->principal == NULL
                ? use_delegation(credential, impersonation_current())
                : status_because(SEC_E_NO_CREDENTIALS,
                                 "a thread that impersonates a client has no other principals");
        goto done;
    }
    status = SEC_E_INSUFFICIENT_MEMORY;
    if (identity.user.length != 0) {
        text = identity_name(&identity, credential->package->names);
        if (text == NULL)
            goto done;
    }
    status = SEC_E_OK;
    if (text != NULL || request->principal != NULL)
        status = import_user(text != NULL ? text : request->principal, &name);
    if (status != SEC_E_OK)
        goto done;
    major = acquire_for(&minor, credential, name, &identity, &credential->outbound,
                        &credential->lifetime);
    if (!GSS_ERROR(major) && identity.decides_on_certificates)
        major = let_caller_decide(&minor, &credential->outbound);
    if (GSS_ERROR(major))
        status = status_from_gss(credential->mechanism, major, minor);
    else if (credential->package->id == PACKAGE_NTLM)
        ntlm_offer_only_unicode(&credential->outbound);
done:
    (void)gss_release_name(&minor, &name);
    identity_release(&identity);
    free(text);
    return status;
}

static SECURITY_STATUS acquire_inbound(struct credential *credential, const char *principal)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)credential->mechanism};
    gss_name_t name = GSS_C_NO_NAME;
    SECURITY_STATUS status = SEC_E_OK;
    OM_uint32 major;
    OM_uint32 minor;

    if (principal != NULL)
        status = target_import(principal, credential->package, &name);
    if (status != SEC_E_OK)
        return status;
    major = gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, &mechanisms, GSS_C_ACCEPT,
                             &credential->inbound, NULL, NULL);
    if (GSS_ERROR(major))
        status = status_from_gss(credential->mechanism, major, minor);
    (void)gss_release_name(&minor, &name);
    return status;
}

/* With both directions asked for, one that can be had is enough: the other may never be used. */
static SECURITY_STATUS acquire_directions(struct credential *credential,
                                          const struct request *request)
{
    ULONG directions = request->use & SECPKG_CRED_BOTH;
    SECURITY_STATUS inbound = SEC_E_OK;
    SECURITY_STATUS outbound = SEC_E_OK;

    if ((directions & SECPKG_CRED_INBOUND) != 0)
        inbound = acquire_inbound(credential,
                                  directions == SECPKG_CRED_INBOUND ? request->principal : NULL);
    if ((directions & SECPKG_CRED_OUTBOUND) != 0)
        outbound = acquire_outbound(credential, request);
    if (directions == SECPKG_CRED_BOTH && (inbound == SEC_E_OK || outbound == SEC_E_OK) &&
        request->data == NULL)
        return SEC_E_OK;
    return outbound != SEC_E_OK ? outbound : inbound;
}

static SECURITY_STATUS make(const struct request *request, struct credential **made)
{
    const struct package *package = package_find(request->package);
    const gss_OID_desc *mechanism = package != NULL ? package_mechanism(package) : NULL;
    struct credential *credential;
    SECURITY_STATUS status;

    if (mechanism == NULL)
        return SEC_E_SECPKG_NOT_FOUND;
    credential = calloc(1, sizeof *credential);
    if (credential == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    atomic_init(&credential->owners, 1);
    credential->package = package;
    credential->mechanism = mechanism;
    credential->lifetime = GSS_C_INDEFINITE;
    (void)pthread_mutex_init(&credential->lock, NULL);
    status = acquire_directions(credential, request);
    if (status != SEC_E_OK) {
        credential_release(credential);
        return status;
    }
    *made = credential;
    return SEC_E_OK;
}

static SECURITY_STATUS acquire(const struct request *request, SecHandle *handle, TimeStamp *expiry)
{
    struct credential *credential = NULL;
    SECURITY_STATUS status;

    if (handle == NULL || request->package == NULL)
        return SEC_E_INVALID_PARAMETER;
    if ((request->use & SECPKG_CRED_BOTH) == 0 || (request->use & ~(ULONG)USE_KNOWN) != 0)
        return status_because(SEC_E_INVALID_PARAMETER, "fCredentialUse has no such value");
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

SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage,
                                                    ULONG fCredentialUse, void *pvLogonId,
                                                    void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    struct request request = {pszPrincipal, pszPackage, fCredentialUse, pAuthData, false};
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
    SECURITY_STATUS status = text_from_wide(pszPrincipal, &principal);

    (void)pvLogonId;
    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    if (status == SEC_E_OK)
        status = text_from_wide(pszPackage, &package);
    if (status == SEC_E_OK) {
        struct request request = {principal, package, fCredentialUse, pAuthData, true};

        status = acquire(&request, phCredential, ptsExpiry);
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
