#include "sspi-shim/acquire.h"

#include <stdlib.h>
#include <string.h>
#include <gssapi/gssapi_ext.h>
#include "sspi-shim/impersonation.h"
#include "sspi-shim/ntlm_offer.h"
#include "sspi-shim/status.h"
#include "sspi-shim/supplied.h"
#include "sspi-shim/target.h"
#include "sspi-shim/user_name.h"

#define USE_KNOWN                                                                \
    (SECPKG_CRED_BOTH | SECPKG_CRED_DEFAULT | SECPKG_CRED_AUTOLOGON_RESTRICTED | \
     SECPKG_CRED_PROCESS_POLICY_ONLY)

SECURITY_STATUS acquire_check_use(ULONG use, const struct package *package)
{
    if ((use & SECPKG_CRED_BOTH) == 0 || (use & ~(ULONG)USE_KNOWN) != 0)
        return status_because(SEC_E_INVALID_PARAMETER, "fCredentialUse has no such value");
    if ((use & SECPKG_CRED_PROCESS_POLICY_ONLY) == 0)
        return SEC_E_OK;
    if (package->id != PACKAGE_NEGOTIATE)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "SECPKG_CRED_PROCESS_POLICY_ONLY is Negotiate's alone");
    return status_because(SEC_E_NO_CREDENTIALS,
                          "SECPKG_CRED_PROCESS_POLICY_ONLY acquires nothing: ask the user");
}

static SECURITY_STATUS import_user(const char *text, gss_name_t *name)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    OM_uint32 minor;
    OM_uint32 major = gss_import_name(&minor, &buffer, GSS_C_NT_USER_NAME, name);

    return GSS_ERROR(major) ? status_from_gss(GSS_C_NO_OID, major, minor) : SEC_E_OK;
}

/* The user of the identity, or else the principal; GSS_C_NO_NAME when there is neither. */
static SECURITY_STATUS outbound_name(const struct package *package, const char *principal,
                                     const struct identity *identity, gss_name_t *name)
{
    SECURITY_STATUS status;
    char *text;

    *name = GSS_C_NO_NAME;
    if (identity->user.length != 0)
        text = identity_name(identity, package->names);
    else if (principal == NULL)
        return SEC_E_OK;
    else
        text = user_name_for(package->names, principal, "");
    if (text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = import_user(text, name);
    free(text);
    return status;
}

/* Kerberos and NTLM have no package lists, which are passed over there, as on Windows. */
static SECURITY_STATUS check_store(const struct credential *credential, struct store *store)
{
    if (store->count == 0 || package_mechanism_is_ours(credential->mechanism))
        return SEC_E_OK;
    if (credential->package->names == NAMES_ANY)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "package lists need the mechanisms of mech_sspi.so");
    store->count = 0;
    return SEC_E_OK;
}

/* A package list that leaves none is no failure of the library's. */
static SECURITY_STATUS failed_status(const struct credential *credential,
                                     const struct supplied *supplied, OM_uint32 major,
                                     OM_uint32 minor)
{
    SECURITY_STATUS status = status_from_gss(credential->mechanism, major, minor);

    if (status == SEC_E_NO_CREDENTIALS && supplied->identity.packages.length != 0 &&
        major == GSS_S_FAILURE)
        return SEC_E_SECPKG_NOT_FOUND;
    return status;
}

static OM_uint32 acquire_user(OM_uint32 *minor, struct credential *credential, gss_name_t name,
                              const struct identity *identity, struct store *store)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)credential->mechanism};
    gss_buffer_desc password = {identity->password.length, identity->password.data};
    gss_key_value_set_desc set;

    if (store->count == 0 && name != GSS_C_NO_NAME && secret_is_present(&identity->password))
        return gss_acquire_cred_with_password(minor, name, &password, GSS_C_INDEFINITE, &mechanisms,
                                              GSS_C_INITIATE, &credential->outbound, NULL,
                                              &credential->lifetime);
    if (name != GSS_C_NO_NAME)
        store_add(store, "password", (const char *)identity->password.data);
    set = (gss_key_value_set_desc){store->count, store->elements};
    return gss_acquire_cred_from(minor, name, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE,
                                 store->count != 0 ? &set : GSS_C_NO_CRED_STORE,
                                 &credential->outbound, NULL, &credential->lifetime);
}

/* The credential that this thread impersonates, when the package's mechanism can use it. */
static SECURITY_STATUS use_delegation(struct credential *credential, struct delegation *delegation)
{
    OM_uint32 minor;

    if (delegation_credential(delegation) == GSS_C_NO_CREDENTIAL)
        return status_because(SEC_E_NO_CREDENTIALS,
                              "the client that this thread impersonates has delegated nothing");
    if (GSS_ERROR(gss_inquire_cred_by_mech(&minor, delegation_credential(delegation),
                                           (gss_OID)(uintptr_t)credential->mechanism, NULL,
                                           &credential->lifetime, NULL, NULL)))
        return status_because(SEC_E_NO_CREDENTIALS,
                              "this package cannot use the delegated credential");
    credential->delegation = delegation_share(delegation);
    credential->outbound = delegation_credential(delegation);
    return SEC_E_OK;
}

/*
 * A thread that impersonates has no other credentials of its own than those of the client: what the
 * process has is never used in their place.
 */
static SECURITY_STATUS acquire_impersonated(struct credential *credential,
                                            const struct credential_request *request,
                                            const struct store *store)
{
    if (request->principal != NULL)
        return status_because(SEC_E_NO_CREDENTIALS,
                              "a thread that impersonates a client has no other principals");
    if (store->count != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "a delegated credential takes no package list and no TLS part");
    return use_delegation(credential, impersonation_current());
}

static SECURITY_STATUS acquire_outbound(struct credential *credential,
                                        const struct credential_request *request,
                                        const struct supplied *supplied)
{
    const struct identity *identity = &supplied->identity;
    struct store store = {.count = 0};
    gss_name_t name = GSS_C_NO_NAME;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    supplied_store(supplied, false, &store);
    status = check_store(credential, &store);
    if (status != SEC_E_OK)
        return status;
    if (identity->user.length == 0 && identity->password.length != 0)
        return status_because(SEC_E_UNKNOWN_CREDENTIALS, "the identity has a password and no user");
    if (identity->user.length == 0 && (request->use & SECPKG_CRED_AUTOLOGON_RESTRICTED) != 0)
        return status_because(SEC_E_NO_CREDENTIALS,
                              "SECPKG_CRED_AUTOLOGON_RESTRICTED wants supplied credentials");
    if (identity->user.length == 0 && impersonation_current() != NULL)
        return acquire_impersonated(credential, request, &store);
    /* The mechanism goes on without a client's certificate, unless the caller is to decide. */
    if (supplied->tls.is_given)
        store_add(&store, "without_client_certificate", "ask");
    status = outbound_name(credential->package, request->principal, identity, &name);
    if (status != SEC_E_OK)
        return status;
    major = acquire_user(&minor, credential, name, identity, &store);
    if (GSS_ERROR(major))
        status = failed_status(credential, supplied, major, minor);
    else if (credential->package->id == PACKAGE_NTLM)
        ntlm_offer_only_unicode(&credential->outbound);
    (void)gss_release_name(&minor, &name);
    return status;
}

static SECURITY_STATUS acquire_inbound(struct credential *credential, const char *principal,
                                       const struct supplied *supplied)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)credential->mechanism};
    struct store store = {.count = 0};
    gss_key_value_set_desc set;
    gss_name_t name = GSS_C_NO_NAME;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    supplied_store(supplied, true, &store);
    status = check_store(credential, &store);
    if (status == SEC_E_OK && principal != NULL)
        status = target_import(principal, credential->package, &name);
    if (status != SEC_E_OK)
        return status;
    set = (gss_key_value_set_desc){store.count, store.elements};
    major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms, GSS_C_ACCEPT,
                                  store.count != 0 ? &set : GSS_C_NO_CRED_STORE,
                                  &credential->inbound, NULL, NULL);
    if (GSS_ERROR(major))
        status = failed_status(credential, supplied, major, minor);
    (void)gss_release_name(&minor, &name);
    return status;
}

/* With both directions asked for, one that can be had is enough: the other may never be used. */
static SECURITY_STATUS acquire_supplied(struct credential *credential,
                                        const struct credential_request *request,
                                        const struct supplied *supplied)
{
    ULONG directions = request->use & SECPKG_CRED_BOTH;
    SECURITY_STATUS inbound = SEC_E_OK;
    SECURITY_STATUS outbound = SEC_E_OK;

    if (directions == SECPKG_CRED_INBOUND && supplied->identity.user.length != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "logons are accepted with a keytab, not with an identity");
    if ((directions & SECPKG_CRED_INBOUND) != 0)
        inbound = acquire_inbound(
            credential, directions == SECPKG_CRED_INBOUND ? request->principal : NULL, supplied);
    if ((directions & SECPKG_CRED_OUTBOUND) != 0)
        outbound = acquire_outbound(credential, request, supplied);
    if (directions == SECPKG_CRED_BOTH && (inbound == SEC_E_OK || outbound == SEC_E_OK) &&
        request->data == NULL)
        return SEC_E_OK;
    return outbound != SEC_E_OK ? outbound : inbound;
}

SECURITY_STATUS acquire_directions(struct credential *credential,
                                   const struct credential_request *request)
{
    struct supplied supplied;
    SECURITY_STATUS status =
        supplied_read(request->data, credential->package->id, request->wide,
                      (request->use & SECPKG_CRED_BOTH) == SECPKG_CRED_INBOUND, &supplied);

    if (status == SEC_E_OK)
        status = acquire_supplied(credential, request, &supplied);
    supplied_release(&supplied);
    return status;
}
