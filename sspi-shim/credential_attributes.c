/* QueryCredentialsAttributes and SetCredentialsAttributes. */
#include <sspi-gss/sspi.h>

#include <string.h>
#include "sspi-shim/buffers.h"
#include "sspi-shim/credentials.h"
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"

static SECURITY_STATUS unsupported(const char *why)
{
    return status_because(SEC_E_UNSUPPORTED_FUNCTION, why);
}

/* The name as gss_display_name writes it; the caller releases *text. */
static SECURITY_STATUS display(const struct credential *credential, gss_buffer_desc *text)
{
    gss_cred_id_t handle =
        credential->outbound != GSS_C_NO_CREDENTIAL ? credential->outbound : credential->inbound;
    gss_name_t name = GSS_C_NO_NAME;
    SECURITY_STATUS status = SEC_E_OK;
    OM_uint32 minor;
    OM_uint32 ignored;
    OM_uint32 major = gss_inquire_cred_by_mech(
        &minor, handle, (gss_OID)(uintptr_t)credential->mechanism, &name, NULL, NULL, NULL);

    if (!GSS_ERROR(major) && name == GSS_C_NO_NAME)
        return status_because(SEC_E_NO_CREDENTIALS, "these credentials have no name of their own");
    if (!GSS_ERROR(major))
        major = gss_display_name(&minor, name, text, NULL);
    if (GSS_ERROR(major))
        status = status_from_gss(credential->mechanism, major, minor);
    (void)gss_release_name(&ignored, &name);
    return status;
}

static SECURITY_STATUS query_names(const struct credential *credential, bool wide, void *out)
{
    SecPkgCredentials_NamesA *names = out;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    SECURITY_STATUS status = display(credential, &text);

    if (status == SEC_E_OK) {
        /* gss-ntlmssp counts its terminator. */
        while (text.length != 0 && ((const char *)text.value)[text.length - 1] == '\0')
            text.length--;
        names->sUserName = text_for_caller(text.value, text.length, wide);
        if (names->sUserName == NULL)
            status = SEC_E_INSUFFICIENT_MEMORY;
    }
    (void)gss_release_buffer(&minor, &text);
    return status;
}

/* Octets that an attribute's structure has; 0 for attributes that there are not. */
static size_t size_of(ULONG attribute)
{
    switch (attribute) {
    case SECPKG_CRED_ATTR_NAMES:
        return sizeof(SecPkgCredentials_NamesA);
    case SECPKG_CRED_ATTR_SSI_PROVIDER:
        return sizeof(SecPkgCredentials_SSIProviderA);
    case SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS:
        return sizeof(SecPkgCredentials_KdcProxySettingsW);
    case SECPKG_CRED_ATTR_CERT:
        return sizeof(SecPkgCredentials_Cert);
    default:
        return 0;
    }
}

static SECURITY_STATUS query_one(const struct credential *credential, ULONG attribute, bool wide,
                                 void *out)
{
    switch (attribute) {
    case SECPKG_CRED_ATTR_NAMES:
        return query_names(credential, wide, out);
    case SECPKG_CRED_ATTR_SSI_PROVIDER:
        return unsupported("no package here is another provider's");
    case SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS:
        return unsupported("KDC proxies are settings of krb5.conf");
    case SECPKG_CRED_ATTR_CERT:
        return unsupported("a ticket does not tell the certificate that it was got with");
    case SECPKG_CRED_ATTR_PAC_BYPASS:
        return unsupported("there is no local security authority whose check could be left out");
    default:
        return unsupported("no package here has this attribute");
    }
}

/* size: of the caller's structure, SIZE_MAX when it did not say. */
static SECURITY_STATUS query(const SecHandle *handle, ULONG attribute, bool wide, void *out,
                             size_t size)
{
    struct credential *credential;
    SECURITY_STATUS status;

    if (handle == NULL)
        return SEC_E_INVALID_HANDLE;
    if (out == NULL)
        return SEC_E_INVALID_PARAMETER;
    credential = handle_acquire(HANDLE_CREDENTIAL, handle);
    if (credential == NULL)
        return SEC_E_INVALID_HANDLE;
    status = size >= size_of(attribute) ? query_one(credential, attribute, wide, out)
                                        : SEC_E_BUFFER_TOO_SMALL;
    handle_release(&credential->handled);
    return status;
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                      void *pBuffer)
{
    return status_finish(query(phCredential, ulAttribute, false, pBuffer, SIZE_MAX));
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                      void *pBuffer)
{
    return status_finish(query(phCredential, ulAttribute, true, pBuffer, SIZE_MAX));
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential, ULONG ulAttribute,
                                                        void *pBuffer, ULONG cbBuffer)
{
    return status_finish(query(phCredential, ulAttribute, false, pBuffer, cbBuffer));
}

SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential, ULONG ulAttribute,
                                                        void *pBuffer, ULONG cbBuffer)
{
    return status_finish(query(phCredential, ulAttribute, true, pBuffer, cbBuffer));
}

static bool leads_out(size_t whole, size_t offset, size_t length)
{
    return length != 0 && (offset < sizeof(SecPkgCredentials_KdcProxySettingsW) || offset > whole ||
                           length > whole - offset);
}

/* Settings that ask for no proxy are what there is. */
static SECURITY_STATUS set_kdc_proxy(const void *data, size_t length)
{
    SecPkgCredentials_KdcProxySettingsW settings;

    if (length < sizeof settings)
        return SEC_E_BUFFER_TOO_SMALL;
    memcpy(&settings, data, sizeof settings);
    if (settings.Version != KDC_PROXY_SETTINGS_V1 ||
        (settings.Flags & ~(ULONG)KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY) != 0 ||
        leads_out(length, settings.ProxyServerOffset, settings.ProxyServerLength) ||
        leads_out(length, settings.ClientTlsCredOffset, settings.ClientTlsCredLength))
        return status_because(SEC_E_INVALID_PARAMETER, "these are no KDC proxy settings");
    if (settings.Flags != 0 || settings.ProxyServerLength != 0 || settings.ClientTlsCredLength != 0)
        return unsupported("KDC proxies are set in krb5.conf: kdc = https://...");
    return SEC_E_OK;
}

static SECURITY_STATUS set(const SecHandle *handle, ULONG attribute, bool wide, const void *data,
                           size_t length)
{
    struct credential *credential;
    SECURITY_STATUS status;

    if (handle == NULL)
        return SEC_E_INVALID_HANDLE;
    credential = handle_acquire(HANDLE_CREDENTIAL, handle);
    if (credential == NULL)
        return SEC_E_INVALID_HANDLE;
    if (data == NULL)
        status = SEC_E_INVALID_PARAMETER;
    else if (attribute == SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS && wide &&
             credential->package->names != NAMES_NTLM)
        status = set_kdc_proxy(data, length);
    else
        status = unsupported("this attribute of a credential cannot be set");
    handle_release(&credential->handled);
    return status;
}

SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer)
{
    return status_finish(set(phCredential, ulAttribute, false, pBuffer, cbBuffer));
}

SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer)
{
    return status_finish(set(phCredential, ulAttribute, true, pBuffer, cbBuffer));
}
