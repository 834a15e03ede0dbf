/* Attributes: the TLS session of a CREDSSP context. */
#include <string.h>
#include <gssapi_sspi.h>
#include <sspi-gss/schannel.h>
#include "sspi-shim/attributes.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/cipher_suite.h"
#include "sspi-shim/inquiry.h"

/* Writes ASCII that fits in place, which is zeroed. */
static void put(WCHAR place[SZ_ALG_MAX_SIZE], const char *ascii)
{
    for (size_t i = 0; i + 1 < SZ_ALG_MAX_SIZE && ascii[i] != '\0'; i++)
        place[i] = (unsigned char)ascii[i];
}

SECURITY_STATUS query_cipher_info(struct context *context, bool wide, void *out)
{
    SecPkgContext_CipherInfo *info = out;
    struct cipher_suite suite;
    SECURITY_STATUS status = cipher_suite_find(context, &suite);

    (void)wide;
    if (status != SEC_E_OK)
        return status;
    info->dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    info->dwProtocol = suite.version;
    info->dwCipherSuite = suite.number;
    info->dwBaseCipherSuite = suite.number;
    put(info->szCipherSuite, suite.name);
    put(info->szCipher, suite.cipher.name);
    info->dwCipherLen = suite.cipher.bits;
    info->dwCipherBlockLen = suite.cipher.block;
    put(info->szHash, suite.hash.name);
    info->dwHashLen = suite.hash.bits;
    put(info->szExchange, suite.suite_exchange);
    put(info->szCertificate, suite.certificate);
    return SEC_E_OK;
}

/* The version as Schannel numbers it: a bit for each version and side. */
static DWORD protocol_of(const struct context *context, const struct cipher_suite *suite)
{
    if (suite->version == TLS_1_3_VERSION)
        return context->initiator ? SP_PROT_TLS1_3_CLIENT : SP_PROT_TLS1_3_SERVER;
    if (suite->version == TLS_1_2_VERSION)
        return context->initiator ? SP_PROT_TLS1_2_CLIENT : SP_PROT_TLS1_2_SERVER;
    return SP_PROT_NONE;
}

SECURITY_STATUS query_connection_info(struct context *context, bool wide, void *out)
{
    SecPkgContext_ConnectionInfo *info = out;
    struct cipher_suite suite;
    SECURITY_STATUS status = cipher_suite_find(context, &suite);

    (void)wide;
    if (status == SEC_E_OK)
        *info = (SecPkgContext_ConnectionInfo){
            .dwProtocol = protocol_of(context, &suite),
            .aiCipher = suite.cipher.algorithm,
            .dwCipherStrength = suite.cipher.bits,
            .aiHash = suite.hash.algorithm,
            .dwHashStrength = suite.hash.bits,
            .aiExch = suite.exchange.algorithm,
            .dwExchStrength = suite.exchange.bits,
        };
    return status;
}

SECURITY_STATUS query_connection_info_ex(struct context *context, bool wide, void *out)
{
    SecPkgContext_ConnectionInfoEx *info = out;
    struct cipher_suite suite;
    SECURITY_STATUS status = cipher_suite_find(context, &suite);

    (void)wide;
    if (status != SEC_E_OK)
        return status;
    info->dwVersion = SECPKGCONTEXT_CONNECTION_INFO_EX_V1;
    info->dwProtocol = protocol_of(context, &suite);
    put(info->szCipher, suite.cipher.name);
    info->dwCipherStrength = suite.cipher.bits;
    put(info->szHash, suite.hash.name);
    info->dwHashStrength = suite.hash.bits;
    put(info->szExchange, suite.exchange.name);
    info->dwExchStrength = suite.exchange.bits;
    return SEC_E_OK;
}

/* What a SECBUFFER_CHANNEL_BINDINGS takes: the mechanism's answer is its application data. */
static SECURITY_STATUS query_bindings(const struct context *context, const gss_OID_desc *kind,
                                      SecPkgContext_Bindings *bindings)
{
    gss_buffer_set_t answer;
    SECURITY_STATUS status = inquiry_make(context, kind, 1, &answer);
    const gss_buffer_desc *data;
    OM_uint32 minor;

    if (status != SEC_E_OK)
        return status;
    data = &answer->elements[0];
    bindings->Bindings = context_buffer_allocate(sizeof *bindings->Bindings + data->length);
    if (bindings->Bindings != NULL) {
        bindings->BindingsLength = (ULONG)(sizeof *bindings->Bindings + data->length);
        bindings->Bindings->cbApplicationDataLength = (ULONG)data->length;
        bindings->Bindings->dwApplicationDataOffset = sizeof *bindings->Bindings;
        if (data->length != 0)
            memcpy(bindings->Bindings + 1, data->value, data->length);
    }
    (void)gss_release_buffer_set(&minor, &answer);
    return bindings->Bindings != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS query_unique_bindings(struct context *context, bool wide, void *out)
{
    (void)wide;
    return query_bindings(context, GSS_SSPI_INQ_TLS_UNIQUE, out);
}

SECURITY_STATUS query_endpoint_bindings(struct context *context, bool wide, void *out)
{
    (void)wide;
    return query_bindings(context, GSS_SSPI_INQ_TLS_SERVER_END_POINT, out);
}

/* CredSSP's TLS sessions negotiate none (RFC 7301). */
SECURITY_STATUS query_application_protocol(struct context *context, bool wide, void *out)
{
    SecPkgContext_ApplicationProtocol *protocol = out;

    (void)context;
    (void)wide;
    protocol->ProtoNegoStatus = SecApplicationProtocolNegotiationStatus_None;
    protocol->ProtoNegoExt = SecApplicationProtocolNegotiationExt_None;
    return SEC_E_OK;
}
