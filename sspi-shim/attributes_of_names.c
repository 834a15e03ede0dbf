/* Attributes: who has logged on, to whom, and who says so. */
#include <string.h>
#include "sspi-shim/attributes.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"

/* SecPkgContext_DceInfo.AuthzSvc: what pPac points to is a name (Microsoft: RPC_C_AUTHZ_NAME). */
#define AUTHORIZATION_BY_NAME 1

static SECURITY_STATUS display(const struct context *context, gss_name_t name, gss_buffer_t text,
                               gss_OID *type)
{
    OM_uint32 minor;
    OM_uint32 major = gss_display_name(&minor, name, text, type);

    return GSS_ERROR(major) ? status_from_gss(context->mechanism, major, minor) : SEC_E_OK;
}

/* A copy of text for the caller, which goes to *place. */
static SECURITY_STATUS give(const char *text, size_t length, bool wide, void *place)
{
    void *copy = text_for_caller(text, length, wide);

    if (copy == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(place, &copy, sizeof copy);
    return SEC_E_OK;
}

static SECURITY_STATUS give_buffer(const gss_buffer_desc *text, bool wide, void *place)
{
    return give(text->length != 0 ? text->value : "", text->length, wide, place);
}

/* Who has logged on; the caller releases *text. */
static SECURITY_STATUS client_name(const struct context *context, gss_buffer_t text)
{
    gss_name_t own = GSS_C_NO_NAME;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    if (context->source != GSS_C_NO_NAME)
        return display(context, context->source, text, NULL);
    /* Of the source only: gss-ntlmssp dies on the question for an acceptor's target. */
    major = gss_inquire_context(&minor, context->gss, &own, NULL, NULL, NULL, NULL, NULL, NULL);
    if (GSS_ERROR(major))
        return status_from_gss(context->mechanism, major, minor);
    status = display(context, own, text, NULL);
    (void)gss_release_name(&minor, &own);
    return status;
}

/* The server as the mechanism knows it; SEC_E_UNSUPPORTED_FUNCTION for NTLM's, which knows none. */
static SECURITY_STATUS server_name(const struct context *context, gss_buffer_t text)
{
    gss_name_t server = GSS_C_NO_NAME;
    SECURITY_STATUS status;
    OM_uint32 major;
    OM_uint32 minor;

    if (!context->initiator && context_inner_package(context)->id == PACKAGE_NTLM)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "NTLM does not say what the client named");
    major = gss_inquire_context(&minor, context->gss, NULL, &server, NULL, NULL, NULL, NULL, NULL);
    if (GSS_ERROR(major))
        return status_from_gss(context->mechanism, major, minor);
    if (server == GSS_C_NO_NAME)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION, "the mechanism knows no server's name");
    status = display(context, server, text, NULL);
    (void)gss_release_name(&minor, &server);
    return status;
}

/* Who has logged on, as a copy for the caller, which goes to *place. */
static SECURITY_STATUS give_client_name(const struct context *context, bool wide, void *place)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    SECURITY_STATUS status = client_name(context, &text);
    OM_uint32 minor;

    if (status == SEC_E_OK)
        status = give_buffer(&text, wide, place);
    (void)gss_release_buffer(&minor, &text);
    return status;
}

/* Where the realm of a Kerberos principal begins, behind its '@'; its length when it has none. */
static size_t realm_of(const gss_buffer_desc *principal)
{
    const char *text = principal->value;

    for (size_t i = principal->length; i-- > 0;) {
        if (text[i] == '@' && (i == 0 || text[i - 1] != '\\'))
            return i + 1;
    }
    return principal->length;
}

SECURITY_STATUS query_names(struct context *context, bool wide, void *out)
{
    SecPkgContext_NamesA *names = out;

    return give_client_name(context, wide, &names->sUserName);
}

SECURITY_STATUS query_native_names(struct context *context, bool wide, void *out)
{
    SecPkgContext_NativeNamesA *names = out;
    gss_buffer_desc client = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc server = GSS_C_EMPTY_BUFFER;
    SECURITY_STATUS status = client_name(context, &client);
    OM_uint32 minor;

    if (status == SEC_E_OK)
        status = server_name(context, &server);
    if (status == SEC_E_UNSUPPORTED_FUNCTION)
        status = SEC_E_OK; /* the server's stays empty */
    if (status == SEC_E_OK)
        status = give_buffer(&client, wide, &names->sClientName);
    if (status == SEC_E_OK)
        status = give_buffer(&server, wide, &names->sServerName);
    if (status != SEC_E_OK) {
        (void)context_buffer_free(names->sClientName);
        names->sClientName = NULL;
    }
    (void)gss_release_buffer(&minor, &client);
    (void)gss_release_buffer(&minor, &server);
    return status;
}

/* The realm, or the domain: of "DOMAIN\user" or "user@domain". Empty when the name has none. */
SECURITY_STATUS query_authority(struct context *context, bool wide, void *out)
{
    SecPkgContext_AuthorityA *authority = out;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    SECURITY_STATUS status = client_name(context, &text);
    const char *name = text.length != 0 ? text.value : "";
    const char *backslash = NULL;
    OM_uint32 minor;

    if (context_inner_package(context)->id == PACKAGE_NTLM)
        backslash = memchr(name, '\\', text.length);
    if (status == SEC_E_OK && backslash != NULL)
        status = give(name, (size_t)(backslash - name), wide, &authority->sAuthorityName);
    else if (status == SEC_E_OK)
        status = give(name + realm_of(&text), text.length - realm_of(&text), wide,
                      &authority->sAuthorityName);
    (void)gss_release_buffer(&minor, &text);
    return status;
}

/* Windows has no form of it for A functions: the name is UTF-16 for both. */
SECURITY_STATUS query_dce_info(struct context *context, bool wide, void *out)
{
    SecPkgContext_DceInfo *info = out;

    (void)wide;
    info->AuthzSvc = AUTHORIZATION_BY_NAME;
    return give_client_name(context, true, &info->pPac);
}

/* The service principal name that the caller has named: service/host of service@host. */
static SECURITY_STATUS named_target(const struct context *context, gss_buffer_t text)
{
    gss_OID type = GSS_C_NO_OID;
    SECURITY_STATUS status;
    char *at;

    status = display(context, context->target, text, &type);
    if (status != SEC_E_OK || !package_oid_equal(type, GSS_C_NT_HOSTBASED_SERVICE))
        return status;
    at = text->length != 0 ? memchr(text->value, '@', text->length) : NULL;
    if (at == text->value) /* what NTLM gets when nobody is named */
        return status_because(SEC_E_UNSUPPORTED_FUNCTION, "no server was named");
    if (at != NULL)
        *at = '/';
    return SEC_E_OK;
}

static SECURITY_STATUS target_name(const struct context *context, gss_buffer_t text)
{
    SECURITY_STATUS status;
    size_t realm;

    if (context->target != GSS_C_NO_NAME)
        return named_target(context, text);
    status = server_name(context, text);
    if (status != SEC_E_OK)
        return status;
    realm = realm_of(text);
    if (realm < text->length)
        text->length = realm - 1;
    return SEC_E_OK;
}

/* Windows' structure has UTF-16 for A functions too. */
SECURITY_STATUS query_client_specified_target(struct context *context, bool wide, void *out)
{
    SecPkgContext_ClientSpecifiedTarget *target = out;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    SECURITY_STATUS status = target_name(context, &text);
    OM_uint32 minor;

    (void)wide;
    if (status == SEC_E_OK)
        status = give_buffer(&text, true, &target->sTargetName);
    (void)gss_release_buffer(&minor, &text);
    return status;
}

/* Windows documents octets that stand for the target, and not which: the name in UTF-16 here. */
SECURITY_STATUS query_target_information(struct context *context, bool wide, void *out)
{
    SecPkgContext_TargetInformation *information = out;
    SecPkgContext_ClientSpecifiedTarget target = {0};
    SECURITY_STATUS status = query_client_specified_target(context, wide, &target);
    size_t length = 0;

    if (status != SEC_E_OK)
        return status;
    while (target.sTargetName[length] != 0)
        length++;
    information->MarshalledTargetInfoLength = (ULONG)(length * sizeof target.sTargetName[0]);
    information->MarshalledTargetInfo = (UCHAR *)target.sTargetName;
    return SEC_E_OK;
}
