/* ExportSecurityContext and ImportSecurityContext: a finished context goes to another process. */
#include <stdlib.h>
#include <string.h>
#include <sspi-gss/sspi_gss.h>

#include "common/secret.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/context.h"
#include "sspi-shim/handles.h"
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"

/* "SSPIctx" and the version of what follows. */
#define EXPORT_MARK UINT64_C(0x5353504963747801)

#define EXPORT_FLAGS_KNOWN                                                \
    (SECPKG_CONTEXT_EXPORT_RESET_NEW | SECPKG_CONTEXT_EXPORT_DELETE_OLD | \
     SECPKG_CONTEXT_EXPORT_TO_KERNEL)

/* What stands before the octets of gss_export_sec_context, in the byte order of this machine. */
struct export_header {
    uint64_t mark;
    uint32_t package; /* enum package_id */
    uint32_t initiator;
    uint32_t request; /* ISC_REQ_* or ASC_REQ_* */
    uint32_t flags;   /* GSS flags */
    uint32_t lifetime;
    uint32_t length; /* of the octets behind it: not every mechanism sees that some are missing */
    int64_t established;
};

/* --- export --- */

/* Ends the GSS-API context: what it was is in *token, wiped and released by the caller. */
static SECURITY_STATUS take_token(struct context *context, gss_buffer_desc *token)
{
    OM_uint32 minor;
    OM_uint32 major = gss_export_sec_context(&minor, &context->gss, token);
    SECURITY_STATUS status;

    if (!GSS_ERROR(major))
        return SEC_E_OK;
    status = status_from_gss(context->mechanism, major, minor);
    if (context->gss == GSS_C_NO_CONTEXT)
        context->state = CONTEXT_FAILED;
    return status;
}

/* The old context goes on, beside the new one. */
static SECURITY_STATUS restore(struct context *context, gss_buffer_desc *token)
{
    OM_uint32 minor;
    OM_uint32 major = gss_import_sec_context(&minor, token, &context->gss);

    if (!GSS_ERROR(major))
        return SEC_E_OK;
    context->state = CONTEXT_FAILED;
    return status_from_gss(context->mechanism, major, minor);
}

static SECURITY_STATUS pack(const struct context *context, const gss_buffer_desc *token,
                            SecBuffer *packed)
{
    struct export_header header = {
        .mark = EXPORT_MARK,
        .package = context->package->id,
        .initiator = context->initiator,
        .request = context->request,
        .flags = context->flags,
        .lifetime = context->lifetime,
        .length = (uint32_t)token->length,
        .established = context->established,
    };
    unsigned char *octets;

    if (token->length > UINT32_MAX - sizeof header)
        return SEC_E_INTERNAL_ERROR;
    octets = context_buffer_allocate(sizeof header + token->length);
    if (octets == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(octets, &header, sizeof header);
    memcpy(octets + sizeof header, token->value, token->length);
    *packed = (SecBuffer){(ULONG)(sizeof header + token->length), SECBUFFER_DATA, octets};
    return SEC_E_OK;
}

static SECURITY_STATUS export_context(struct context *context, ULONG flags, SecBuffer *packed)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    SECURITY_STATUS status;
    OM_uint32 minor;

    if (context->package->is_stream)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION, "a TLS session cannot be exported");
    /* GSS-API cannot set numbers of messages back. */
    if ((flags & SECPKG_CONTEXT_EXPORT_RESET_NEW) != 0 && context->has_messages)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION, "the context has protected messages");
    status = take_token(context, &token);
    if (status == SEC_E_OK)
        status = pack(context, &token, packed);
    if (token.length != 0 &&
        (status != SEC_E_OK || (flags & SECPKG_CONTEXT_EXPORT_DELETE_OLD) == 0)) {
        SECURITY_STATUS restored = restore(context, &token);

        if (status == SEC_E_OK && restored != SEC_E_OK) {
            (void)context_buffer_free(packed->pvBuffer);
            *packed = (SecBuffer){0, SECBUFFER_DATA, NULL};
            status = restored;
        }
    }
    wipe(token.value, token.length);
    (void)gss_release_buffer(&minor, &token);
    return status;
}

SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                PSecBuffer pPackedContext, void **pToken)
{
    SECURITY_STATUS status = SEC_E_OK;
    struct context *context;

    if (pToken != NULL)
        *pToken = NULL;
    if (pPackedContext == NULL || (fFlags & ~(ULONG)EXPORT_FLAGS_KNOWN) != 0)
        return status_finish(SEC_E_INVALID_PARAMETER);
    *pPackedContext = (SecBuffer){0, SECBUFFER_DATA, NULL};
    if ((fFlags & SECPKG_CONTEXT_EXPORT_TO_KERNEL) != 0)
        return status_finish(status_because(SEC_E_UNSUPPORTED_FUNCTION, "there is no kernel part"));
    if (pToken != NULL)
        status = QuerySecurityContextToken(phContext, pToken);
    /* An initiator has none; other handles are refused below. */
    if (status != SEC_E_OK && status != SEC_E_INVALID_HANDLE)
        return status;
    context = context_enter_established(phContext, &status);
    if (context != NULL) {
        status = export_context(context, fFlags, pPackedContext);
        context_leave(context);
    }
    if (status == SEC_E_OK && (fFlags & SECPKG_CONTEXT_EXPORT_DELETE_OLD) != 0)
        (void)handle_close(HANDLE_CONTEXT, phContext);
    if (status != SEC_E_OK && pToken != NULL && *pToken != NULL) {
        (void)SspiGssCloseToken(*pToken);
        *pToken = NULL;
    }
    return status_finish(status);
}

/* --- import --- */

/* Who is at either end, which gss_accept_sec_context and the caller have said before the export. */
static SECURITY_STATUS find_names(struct context *context)
{
    OM_uint32 minor;
    OM_uint32 major;

    /* gss-ntlmssp dies on the question for an acceptor's target. */
    major = gss_inquire_context(&minor, context->gss, context->initiator ? NULL : &context->source,
                                context->initiator ? &context->target : NULL, NULL, NULL, NULL,
                                NULL, NULL);
    return GSS_ERROR(major) ? status_from_gss(context->mechanism, major, minor) : SEC_E_OK;
}

static SECURITY_STATUS import_gss(struct context *context, gss_buffer_desc *token)
{
    OM_uint32 minor;
    OM_uint32 major = gss_import_sec_context(&minor, token, &context->gss);

    if (GSS_ERROR(major)) {
        (void)status_from_gss(context->mechanism, major, minor);
        return SEC_E_INVALID_TOKEN;
    }
    context->state = CONTEXT_ESTABLISHED;
    return find_names(context);
}

static SECURITY_STATUS import_context(const struct package *package, const gss_OID_desc *mechanism,
                                      struct byte_range packed, SecHandle *handle)
{
    struct export_header header;
    struct context *context;
    gss_buffer_desc token;
    SECURITY_STATUS status;

    if (packed.length <= sizeof header)
        return SEC_E_INVALID_TOKEN;
    memcpy(&header, packed.data, sizeof header);
    if (header.mark != EXPORT_MARK || header.package != (uint32_t)package->id ||
        header.initiator > 1 || header.length != packed.length - sizeof header)
        return status_because(SEC_E_INVALID_TOKEN, "it is no exported context of this package");
    context = context_make(NULL, package, mechanism, header.initiator != 0);
    if (context == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    context->request = header.request;
    context->flags = header.flags;
    context->lifetime = header.lifetime;
    context->established = (time_t)header.established;
    token = gss_buffer_of(
        (struct byte_range){packed.data + sizeof header, packed.length - sizeof header});
    status = import_gss(context, &token);
    if (status == SEC_E_OK &&
        !handle_create(HANDLE_CONTEXT, &context->handled, context_destroy, handle))
        status = SEC_E_INSUFFICIENT_MEMORY;
    if (status != SEC_E_OK)
        context_destroy(context);
    return status;
}

/* Token is what Export gave: there are no tokens of the system's that would have to be passed on. */
SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(SEC_CHAR *pszPackage, PSecBuffer pPackedContext,
                                                 void *Token, PCtxtHandle phContext)
{
    const struct package *package;
    const gss_OID_desc *mechanism;

    (void)Token;
    if (pszPackage == NULL || pPackedContext == NULL || phContext == NULL ||
        pPackedContext->pvBuffer == NULL || text_check(pszPackage) != SEC_E_OK)
        return status_finish(SEC_E_INVALID_PARAMETER);
    package = package_find(pszPackage);
    mechanism = package != NULL ? package_mechanism(package) : NULL;
    if (mechanism == NULL)
        return status_finish(SEC_E_SECPKG_NOT_FOUND);
    return status_finish(
        import_context(package, mechanism, buffer_range(pPackedContext), phContext));
}

SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(SEC_WCHAR *pszPackage, PSecBuffer pPackedContext,
                                                 void *Token, PCtxtHandle phContext)
{
    char *package = NULL;
    SECURITY_STATUS status = text_from_wide(pszPackage, &package);

    if (status != SEC_E_OK)
        return status_finish(status);
    status = ImportSecurityContextA(package, pPackedContext, Token, phContext);
    free(package);
    return status;
}
