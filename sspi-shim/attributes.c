/* QueryContextAttributes and SetContextAttributes: which attributes there are, and for whom. */
#include "sspi-shim/attributes.h"

#include <string.h>
#include <sspi-gss/credssp.h>
#include <sspi-gss/schannel.h>
#include <sspi-gss/sspi_gss.h>
#include "sspi-shim/status.h"

/* Which contexts have an attribute; without any of them: all, once the logon is done. */
enum restriction {
    UNFINISHED_TOO = 1, /* also while the logon goes on */
    TLS_ONLY = 2,
    ACCEPTOR_ONLY = 4,
    INITIATOR_ONLY = 8,
};

static const struct attribute {
    ULONG number;
    ULONG size;
    unsigned int restrictions;
    query_function *query;
} attributes[] = {
    {SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes), 0, query_sizes},
    {SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesA), 0, query_names},
    {SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan), 0, query_lifespan},
    {SECPKG_ATTR_DCE_INFO, sizeof(SecPkgContext_DceInfo), 0, query_dce_info},
    {SECPKG_ATTR_STREAM_SIZES, sizeof(SecPkgContext_StreamSizes), TLS_ONLY, query_stream_sizes},
    {SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoA), 0, query_key_info},
    {SECPKG_ATTR_AUTHORITY, sizeof(SecPkgContext_AuthorityA), 0, query_authority},
    {SECPKG_ATTR_SESSION_KEY, sizeof(SecPkgContext_SessionKey), 0, query_session_key},
    {SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoA), UNFINISHED_TOO,
     query_package_info},
    {SECPKG_ATTR_NEGOTIATION_INFO, sizeof(SecPkgContext_NegotiationInfoA), UNFINISHED_TOO,
     query_negotiation_info},
    {SECPKG_ATTR_NATIVE_NAMES, sizeof(SecPkgContext_NativeNamesA), 0, query_native_names},
    {SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags), 0, query_flags},
    {SECPKG_ATTR_TARGET_INFORMATION, sizeof(SecPkgContext_TargetInformation), INITIATOR_ONLY,
     query_target_information},
    {SECPKG_ATTR_ACCESS_TOKEN, sizeof(SecPkgContext_AccessToken), ACCEPTOR_ONLY,
     query_access_token},
    {SECPKG_ATTR_UNIQUE_BINDINGS, sizeof(SecPkgContext_Bindings), TLS_ONLY, query_unique_bindings},
    {SECPKG_ATTR_ENDPOINT_BINDINGS, sizeof(SecPkgContext_Bindings), TLS_ONLY,
     query_endpoint_bindings},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, sizeof(SecPkgContext_ClientSpecifiedTarget), 0,
     query_client_specified_target},
    {SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, sizeof(SecPkgContext_LastClientTokenStatus),
     UNFINISHED_TOO, query_last_client_token_status},
    {SECPKG_ATTR_APPLICATION_PROTOCOL, sizeof(SecPkgContext_ApplicationProtocol), TLS_ONLY,
     query_application_protocol},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, sizeof(PCCERT_CONTEXT), TLS_ONLY, query_remote_certificate},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT, sizeof(PCCERT_CONTEXT), TLS_ONLY, query_local_certificate},
    {SECPKG_ATTR_ISSUER_LIST_EX, sizeof(SecPkgContext_IssuerListInfoEx),
     TLS_ONLY | INITIATOR_ONLY | UNFINISHED_TOO, query_issuer_list},
    {SECPKG_ATTR_CONNECTION_INFO, sizeof(SecPkgContext_ConnectionInfo), TLS_ONLY,
     query_connection_info},
    {SECPKG_ATTR_CIPHER_INFO, sizeof(SecPkgContext_CipherInfo), TLS_ONLY, query_cipher_info},
    {SECPKG_ATTR_CONNECTION_INFO_EX, sizeof(SecPkgContext_ConnectionInfoEx), TLS_ONLY,
     query_connection_info_ex},
    {SECPKG_ATTR_C_ACCESS_TOKEN, sizeof(SecPkgContext_AccessToken), TLS_ONLY | ACCEPTOR_ONLY,
     query_access_token},
    {SECPKG_ATTR_C_FULL_ACCESS_TOKEN, sizeof(SecPkgContext_AccessToken), TLS_ONLY | ACCEPTOR_ONLY,
     query_access_token},
    {SECPKG_ATTR_CREDS, sizeof(SecPkgContext_ClientCreds), TLS_ONLY | ACCEPTOR_ONLY,
     query_client_credentials},
    {SECPKG_ATTR_CREDS_2, sizeof(SecPkgContext_ClientCreds), TLS_ONLY | ACCEPTOR_ONLY,
     query_client_credentials},
    {SECPKG_ATTR_NEGOTIATION_PACKAGE, sizeof(SecPkgContext_PackageInfoA), 0,
     query_negotiation_package},
    {SECPKG_ATTR_SERVER_AUTH_FLAGS, sizeof(SecPkgContext_Flags), TLS_ONLY, query_server_auth_flags},
    {SECPKG_ATTR_CERT_TRUST_STATUS, sizeof(CERT_TRUST_STATUS), TLS_ONLY | INITIATOR_ONLY,
     query_certificate_trust},
    {SECPKG_ATTR_GSS_CONTEXT, sizeof(SecPkgContext_GssContext), 0, query_gss_context},
};

static const struct attribute *find(ULONG number)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (attributes[i].number == number)
            return &attributes[i];
    }
    return NULL;
}

static bool has(const struct context *context, const struct attribute *attribute)
{
    unsigned int restrictions = attribute->restrictions;

    return ((restrictions & TLS_ONLY) == 0 || context->package->is_stream) &&
           ((restrictions & ACCEPTOR_ONLY) == 0 || !context->initiator) &&
           ((restrictions & INITIATOR_ONLY) == 0 || context->initiator);
}

/* A logon whose last token the caller has not got is not done. */
static bool is_too_early(const struct context *context, const struct attribute *attribute)
{
    return (attribute->restrictions & UNFINISHED_TOO) == 0 &&
           (context->state != CONTEXT_ESTABLISHED || context->pending.present);
}

/* Without check_size the caller vouches for the buffer, as QueryContextAttributes has it. */
static SECURITY_STATUS query(const SecHandle *handle, ULONG number, void *out, ULONG size,
                             bool check_size, bool wide)
{
    const struct attribute *attribute = find(number);
    struct context *context = context_enter(handle);
    SECURITY_STATUS status;

    if (context == NULL)
        return SEC_E_INVALID_HANDLE;
    if (attribute == NULL || !has(context, attribute))
        status = SEC_E_UNSUPPORTED_FUNCTION;
    else if (out == NULL)
        status = SEC_E_INVALID_PARAMETER;
    else if (check_size && size < attribute->size)
        status = SEC_E_BUFFER_TOO_SMALL;
    else if (is_too_early(context, attribute))
        status = status_because(SEC_E_INVALID_HANDLE, "the logon on this context is not done");
    else {
        memset(out, 0, attribute->size);
        status = attribute->query(context, wide, out);
    }
    context_leave(context);
    return status;
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void *pBuffer)
{
    return status_finish(query(phContext, ulAttribute, pBuffer, 0, false, false));
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                  void *pBuffer)
{
    return status_finish(query(phContext, ulAttribute, pBuffer, 0, false, true));
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer)
{
    return status_finish(query(phContext, ulAttribute, pBuffer, cbBuffer, true, false));
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute,
                                                    void *pBuffer, ULONG cbBuffer)
{
    return status_finish(query(phContext, ulAttribute, pBuffer, cbBuffer, true, true));
}

/*
 * What Windows lets a caller set belongs to Schannel: data that go with a session that is resumed, EAP,
 * DTLS, TLS' false start. None of the packages here has it.
 */
static SECURITY_STATUS set(const SecHandle *handle, const void *value)
{
    struct context *context = context_enter(handle);

    if (context == NULL)
        return SEC_E_INVALID_HANDLE;
    context_leave(context);
    return value != NULL ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_INVALID_PARAMETER;
}

SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                void *pBuffer, ULONG cbBuffer)
{
    (void)ulAttribute;
    (void)cbBuffer;
    return status_finish(set(phContext, pBuffer));
}

SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                void *pBuffer, ULONG cbBuffer)
{
    return SetContextAttributesA(phContext, ulAttribute, pBuffer, cbBuffer);
}
