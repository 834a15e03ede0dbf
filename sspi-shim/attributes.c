/* QueryContextAttributes: one function for each attribute, and the table of them. */
#include <string.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi_sspi.h>
#include <sspi-gss/credssp.h>
#include <sspi-gss/sspi_gss.h>
#include "common/secret.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/cipher_info.h"
#include "sspi-shim/flags.h"
#include "sspi-shim/sizes.h"
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"
#include "sspi-shim/timestamps.h"

/* Fills in *out, which is the attribute's structure; pointers are SEC_WCHAR * when wide. */
typedef SECURITY_STATUS query_function(const struct context *context, bool wide, void *out);

static SECURITY_STATUS query_sizes(const struct context *context, bool wide, void *out)
{
    (void)wide;
    sizes_of(context, out);
    return SEC_E_OK;
}

static SECURITY_STATUS query_stream_sizes(const struct context *context, bool wide, void *out)
{
    (void)wide;
    return sizes_of_stream(context, out);
}

/* Who has logged on: on the accepting side the peer, on the other the caller. */
static SECURITY_STATUS query_names(const struct context *context, bool wide, void *out)
{
    SecPkgContext_NamesA *names = out;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_name_t own = GSS_C_NO_NAME;
    OM_uint32 major = GSS_S_COMPLETE;
    OM_uint32 minor = 0;
    SECURITY_STATUS status;

    /* Of the source only: gss-ntlmssp dies on the question for an acceptor's target. */
    if (context->source == GSS_C_NO_NAME)
        major = gss_inquire_context(&minor, context->gss, &own, NULL, NULL, NULL, NULL, NULL, NULL);
    if (!GSS_ERROR(major))
        major = gss_display_name(&minor, own != GSS_C_NO_NAME ? own : context->source, &text, NULL);
    if (GSS_ERROR(major)) {
        status = status_from_gss(context->mechanism, major, minor);
    } else {
        names->sUserName = text_for_caller(text.value, text.length, wide);
        status = names->sUserName != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
    }
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &own);
    return status;
}

static SECURITY_STATUS query_lifespan(const struct context *context, bool wide, void *out)
{
    SecPkgContext_Lifespan *lifespan = out;

    (void)wide;
    lifespan->tsStart = timestamp_of(context->established);
    lifespan->tsExpiry = timestamp_after(context->established, context->lifetime);
    return SEC_E_OK;
}

static SECURITY_STATUS describe(const struct package *package, bool wide, PSecPkgInfoA *info)
{
    *info = package_describe(&package, 1, wide);
    return *info != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

/* Negotiate answers for what it has chosen, as on Windows; CREDSSP for itself. */
static SECURITY_STATUS query_package_info(const struct context *context, bool wide, void *out)
{
    SecPkgContext_PackageInfoA *info = out;
    bool chosen =
        context->package->id == PACKAGE_NEGOTIATE && context->state == CONTEXT_ESTABLISHED;

    return describe(chosen ? context_inner_package(context) : context->package, wide,
                    &info->PackageInfo);
}

static SECURITY_STATUS query_negotiation_package(const struct context *context, bool wide,
                                                 void *out)
{
    SecPkgContext_PackageInfoA *info = out;

    return describe(context_inner_package(context), wide, &info->PackageInfo);
}

static SECURITY_STATUS query_negotiation_info(const struct context *context, bool wide, void *out)
{
    SecPkgContext_NegotiationInfoA *info = out;
    bool established = context->state == CONTEXT_ESTABLISHED;

    if (context->package->id == PACKAGE_KERBEROS || context->package->id == PACKAGE_NTLM)
        info->NegotiationState = SECPKG_NEGOTIATION_DIRECT;
    else
        info->NegotiationState =
            established ? SECPKG_NEGOTIATION_COMPLETE : SECPKG_NEGOTIATION_IN_PROGRESS;
    return describe(established ? context_inner_package(context) : context->package, wide,
                    &info->PackageInfo);
}

static SECURITY_STATUS query_flags(const struct context *context, bool wide, void *out)
{
    SecPkgContext_Flags *flags = out;

    (void)wide;
    flags->Flags = flags_from_gss(context->flags, context->request, context->initiator);
    return SEC_E_OK;
}

static SECURITY_STATUS query_session_key(const struct context *context, bool wide, void *out)
{
    SecPkgContext_SessionKey *key = out;
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;
    OM_uint32 minor;
    OM_uint32 major =
        gss_inquire_sec_context_by_oid(&minor, context->gss, GSS_C_INQ_SSPI_SESSION_KEY, &answer);

    (void)wide;
    if (GSS_ERROR(major))
        return status_from_gss(context->mechanism, major, minor);
    if (answer->count >= 1 && answer->elements[0].length <= UINT32_MAX) {
        key->SessionKeyLength = (ULONG)answer->elements[0].length;
        key->SessionKey = context_buffer_allocate(answer->elements[0].length);
        if (key->SessionKey != NULL)
            memcpy(key->SessionKey, answer->elements[0].value, answer->elements[0].length);
        wipe(answer->elements[0].value, answer->elements[0].length);
        status = key->SessionKey != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
    }
    (void)gss_release_buffer_set(&minor, &answer);
    return status;
}

static SECURITY_STATUS query_cipher_info(const struct context *context, bool wide, void *out)
{
    (void)wide;
    return cipher_info_query(context, out);
}

static SECURITY_STATUS query_server_auth_flags(const struct context *context, bool wide, void *out)
{
    SecPkgContext_Flags *flags = out;
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    SECURITY_STATUS status = SEC_E_OK;
    OM_uint32 major;
    OM_uint32 minor;

    (void)wide;
    if (!context->package->is_stream)
        return SEC_E_UNSUPPORTED_FUNCTION;
    major = gss_inquire_sec_context_by_oid(
        &minor, context->gss, (gss_OID)(uintptr_t)GSS_SSPI_INQ_SERVER_AUTH_FLAGS, &answer);
    if (GSS_ERROR(major))
        return status_from_gss(context->mechanism, major, minor);
    if (answer->count == 1 && answer->elements[0].length == sizeof flags->Flags)
        memcpy(&flags->Flags, answer->elements[0].value, sizeof flags->Flags);
    else
        status = SEC_E_INTERNAL_ERROR;
    (void)gss_release_buffer_set(&minor, &answer);
    return status;
}

static SECURITY_STATUS query_gss_context(const struct context *context, bool wide, void *out)
{
    SecPkgContext_GssContext *gss = out;

    (void)wide;
    gss->Context = context->gss;
    gss->DelegatedCredential = delegation_credential(context->delegation);
    return SEC_E_OK;
}

static const struct attribute {
    ULONG number;
    ULONG size;
    bool before_established; /* can be asked for while the logon goes on */
    query_function *query;
} attributes[] = {
    {SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes), false, query_sizes},
    {SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesA), false, query_names},
    {SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan), false, query_lifespan},
    {SECPKG_ATTR_STREAM_SIZES, sizeof(SecPkgContext_StreamSizes), false, query_stream_sizes},
    {SECPKG_ATTR_SESSION_KEY, sizeof(SecPkgContext_SessionKey), false, query_session_key},
    {SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoA), true, query_package_info},
    {SECPKG_ATTR_NEGOTIATION_INFO, sizeof(SecPkgContext_NegotiationInfoA), true,
     query_negotiation_info},
    {SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags), false, query_flags},
    {SECPKG_ATTR_CIPHER_INFO, sizeof(SecPkgContext_CipherInfo), false, query_cipher_info},
    {SECPKG_ATTR_NEGOTIATION_PACKAGE, sizeof(SecPkgContext_PackageInfoA), false,
     query_negotiation_package},
    {SECPKG_ATTR_SERVER_AUTH_FLAGS, sizeof(SecPkgContext_Flags), false, query_server_auth_flags},
    {SECPKG_ATTR_GSS_CONTEXT, sizeof(SecPkgContext_GssContext), false, query_gss_context},
};

static const struct attribute *find(ULONG number)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (attributes[i].number == number)
            return &attributes[i];
    }
    return NULL;
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
    if (attribute == NULL)
        status = SEC_E_UNSUPPORTED_FUNCTION;
    else if (out == NULL)
        status = SEC_E_INVALID_PARAMETER;
    else if (check_size && size < attribute->size)
        status = SEC_E_BUFFER_TOO_SMALL;
    else if (!attribute->before_established && context->state != CONTEXT_ESTABLISHED)
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
