/* Attributes: how a logon goes on, and what has come of it. */
#include <sspi-gss/sspi_gss.h>
#include "sspi-shim/attributes.h"
#include "sspi-shim/timestamps.h"
#include "sspi-shim/token.h"

SECURITY_STATUS query_flags(struct context *context, bool wide, void *out)
{
    SecPkgContext_Flags *flags = out;

    (void)wide;
    flags->Flags = context_attributes(context);
    return SEC_E_OK;
}

SECURITY_STATUS query_lifespan(struct context *context, bool wide, void *out)
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
SECURITY_STATUS query_package_info(struct context *context, bool wide, void *out)
{
    SecPkgContext_PackageInfoA *info = out;
    bool chosen =
        context->package->id == PACKAGE_NEGOTIATE && context->state == CONTEXT_ESTABLISHED;

    return describe(chosen ? context_inner_package(context) : context->package, wide,
                    &info->PackageInfo);
}

SECURITY_STATUS query_negotiation_package(struct context *context, bool wide, void *out)
{
    SecPkgContext_PackageInfoA *info = out;

    return describe(context_inner_package(context), wide, &info->PackageInfo);
}

SECURITY_STATUS query_negotiation_info(struct context *context, bool wide, void *out)
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

/* While the logon goes on: a server that has not finished waits for another token. */
static SECPKG_ATTR_LCT_STATUS last_token_before_the_end(const struct context *context)
{
    if (!context->initiator)
        return SecPkgAttrLastClientTokenNo;
    switch (context->package->id) {
    case PACKAGE_KERBEROS: /* one from each side, but for DCE's third */
        return (context->request & ISC_REQ_USE_DCE_STYLE) != 0 ? SecPkgAttrLastClientTokenNo
                                                               : SecPkgAttrLastClientTokenYes;
    case PACKAGE_NEGOTIATE:
        return SecPkgAttrLastClientTokenMaybe;
    case PACKAGE_NTLM:
    case PACKAGE_CREDSSP:
    default:
        return SecPkgAttrLastClientTokenNo;
    }
}

SECURITY_STATUS query_last_client_token_status(struct context *context, bool wide, void *out)
{
    SecPkgContext_LastClientTokenStatus *status = out;

    (void)wide;
    status->LastClientTokenStatus = context->state == CONTEXT_ESTABLISHED
                                        ? SecPkgAttrLastClientTokenYes
                                        : last_token_before_the_end(context);
    return SEC_E_OK;
}

/* There is one token of a logon, with all that it may do. */
SECURITY_STATUS query_access_token(struct context *context, bool wide, void *out)
{
    SecPkgContext_AccessToken *access = out;
    struct token *token = NULL;
    SECURITY_STATUS status = token_lend(context, &token);

    (void)wide;
    access->AccessToken = token;
    return status;
}

SECURITY_STATUS query_gss_context(struct context *context, bool wide, void *out)
{
    SecPkgContext_GssContext *gss = out;

    (void)wide;
    gss->Context = context->gss;
    gss->DelegatedCredential = delegation_credential(context->delegation);
    return SEC_E_OK;
}
