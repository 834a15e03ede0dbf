/* Attributes: the certificates of a CREDSSP context's two sides, and who vouches for them. */
#include <string.h>
#include <gssapi_sspi.h>
#include <sspi-gss/schannel.h>
#include "sspi-shim/attributes.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/inquiry.h"
#include "sspi-shim/status.h"

/* A certificate and its DER in one allocation for the caller; NULL when there is no memory. */
static CERT_CONTEXT *make_certificate(const gss_buffer_desc *der)
{
    CERT_CONTEXT *certificate = context_buffer_allocate(sizeof *certificate + der->length);

    if (certificate == NULL)
        return NULL;
    certificate->dwCertEncodingType = X509_ASN_ENCODING;
    certificate->pbCertEncoded = (BYTE *)(certificate + 1);
    certificate->cbCertEncoded = (DWORD)der->length;
    if (der->length != 0)
        memcpy(certificate->pbCertEncoded, der->value, der->length);
    return certificate;
}

static SECURITY_STATUS query_certificate(const struct context *context, const gss_OID_desc *whose,
                                         PCCERT_CONTEXT *certificate)
{
    gss_buffer_set_t answer;
    SECURITY_STATUS status = inquiry_make(context, whose, 1, &answer);
    OM_uint32 minor;

    if (status == SEC_E_UNSUPPORTED_FUNCTION)
        return status_because(SEC_E_NO_CREDENTIALS, "no certificate was shown");
    if (status != SEC_E_OK)
        return status;
    *certificate = make_certificate(&answer->elements[0]);
    (void)gss_release_buffer_set(&minor, &answer);
    return *certificate != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS query_remote_certificate(struct context *context, bool wide, void *out)
{
    (void)wide;
    return query_certificate(context, GSS_SSPI_INQ_PEER_CERTIFICATE, out);
}

SECURITY_STATUS query_local_certificate(struct context *context, bool wide, void *out)
{
    (void)wide;
    return query_certificate(context, GSS_SSPI_INQ_OWN_CERTIFICATE, out);
}

BOOL SEC_ENTRY CertFreeCertificateContext(PCCERT_CONTEXT pCertContext)
{
    /* Windows' function has no other answer. */
    (void)context_buffer_free((void *)(uintptr_t)pCertContext);
    return TRUE;
}

/* The names and their octets in one allocation for the caller; NULL when there is no memory. */
static CERT_NAME_BLOB *make_names(const gss_buffer_set_desc *names)
{
    size_t size = names->count * sizeof(CERT_NAME_BLOB);
    CERT_NAME_BLOB *blobs;
    BYTE *place;

    for (size_t i = 0; i < names->count; i++)
        size += names->elements[i].length;
    blobs = context_buffer_allocate(size);
    if (blobs == NULL)
        return NULL;
    place = (BYTE *)(blobs + names->count);
    for (size_t i = 0; i < names->count; i++) {
        const gss_buffer_desc *name = &names->elements[i];

        if (name->length != 0)
            memcpy(place, name->value, name->length);
        blobs[i] = (CERT_NAME_BLOB){(DWORD)name->length, place};
        place += name->length;
    }
    return blobs;
}

/* No names: the server takes any certificate, or asks for none. */
SECURITY_STATUS query_issuer_list(struct context *context, bool wide, void *out)
{
    SecPkgContext_IssuerListInfoEx *list = out;
    gss_buffer_set_t answer;
    SECURITY_STATUS status;
    OM_uint32 minor;

    (void)wide;
    if (context->state != CONTEXT_ESTABLISHED && !context->waits_for_decision)
        return status_because(SEC_E_INVALID_HANDLE, "the server has not asked for a certificate");
    status = inquiry_make(context, GSS_SSPI_INQ_CERTIFICATE_AUTHORITIES, 0, &answer);
    if (status == SEC_E_UNSUPPORTED_FUNCTION)
        return SEC_E_OK;
    if (status != SEC_E_OK)
        return status;
    if (answer->count != 0) {
        list->aIssuers = make_names(answer);
        if (list->aIssuers != NULL)
            list->cIssuers = (DWORD)answer->count;
        else
            status = SEC_E_INSUFFICIENT_MEMORY;
    }
    (void)gss_release_buffer_set(&minor, &answer);
    return status;
}

SECURITY_STATUS query_certificate_trust(struct context *context, bool wide, void *out)
{
    CERT_TRUST_STATUS *trust = out;
    gss_buffer_set_t answer;
    SECURITY_STATUS status = inquiry_make(context, GSS_SSPI_INQ_PEER_CERTIFICATE_TRUST, 2, &answer);
    OM_uint32 minor;

    (void)wide;
    if (status != SEC_E_OK)
        return status;
    if (answer->elements[0].length == sizeof trust->dwErrorStatus &&
        answer->elements[1].length == sizeof trust->dwInfoStatus) {
        memcpy(&trust->dwErrorStatus, answer->elements[0].value, sizeof trust->dwErrorStatus);
        memcpy(&trust->dwInfoStatus, answer->elements[1].value, sizeof trust->dwInfoStatus);
    } else {
        status = SEC_E_INTERNAL_ERROR;
    }
    (void)gss_release_buffer_set(&minor, &answer);
    return status;
}

SECURITY_STATUS query_server_auth_flags(struct context *context, bool wide, void *out)
{
    SecPkgContext_Flags *flags = out;

    (void)wide;
    return inquiry_read(context, GSS_SSPI_INQ_SERVER_AUTH_FLAGS, &flags->Flags,
                        sizeof flags->Flags);
}
