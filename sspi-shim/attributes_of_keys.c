/* Attributes: the keys of a logon, and what protection with them adds to messages. */
#include <string.h>
#include <gssapi/gssapi_ext.h>
#include <sspi-gss/ntsecapi.h>
#include <sspi-gss/wincrypt.h>
#include "common/secret.h"
#include "sspi-shim/attributes.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/cipher_suite.h"
#include "sspi-shim/inquiry.h"
#include "sspi-shim/sizes.h"
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"

#define NTLM_KEY_BITS 128

/* What messages are signed and encrypted with. */
struct algorithms {
    const char *signature_name;
    const char *encryption_name;
    ULONG bits;
    ULONG signature;
    ULONG encryption;
};

/* Kerberos' encryption types (IANA), with the checksum that goes with each (RFC 3961, 3962, 8009). */
static const struct encryption_type {
    ULONG number;
    ULONG bits;
    ULONG checksum;
    const char *name;
    const char *checksum_name;
} encryption_types[] = {
    {KERB_ETYPE_AES128_CTS_HMAC_SHA1_96, 128, KERB_CHECKSUM_HMAC_SHA1_96_AES128,
     "AES128-CTS-HMAC-SHA1-96", "HMAC-SHA1-96-AES128"},
    {KERB_ETYPE_AES256_CTS_HMAC_SHA1_96, 256, KERB_CHECKSUM_HMAC_SHA1_96_AES256,
     "AES256-CTS-HMAC-SHA1-96", "HMAC-SHA1-96-AES256"},
    {19, 128, 19, "AES128-CTS-HMAC-SHA256-128", "HMAC-SHA256-128-AES128"},
    {20, 256, 20, "AES256-CTS-HMAC-SHA384-192", "HMAC-SHA384-192-AES256"},
    {KERB_ETYPE_RC4_HMAC_NT, 128, (ULONG)KERB_CHECKSUM_HMAC_MD5, "RC4-HMAC", "HMAC-MD5"},
    {25, 128, 17, "CAMELLIA128-CTS-CMAC", "CMAC-CAMELLIA128"},
    {26, 256, 18, "CAMELLIA256-CTS-CMAC", "CMAC-CAMELLIA256"},
    {KERB_ETYPE_DES3_CBC_SHA1_KD, 168, 12, "DES3-CBC-SHA1-KD", "HMAC-SHA1-DES3-KD"},
};

/* 1.2.840.113554.1.2.2.4, behind which MIT's Kerberos puts the key's encryption type. */
static const unsigned char encryption_type_arc[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                    0x12, 0x01, 0x02, 0x02, 0x04};

SECURITY_STATUS query_sizes(struct context *context, bool wide, void *out)
{
    (void)wide;
    sizes_of(context, out);
    return SEC_E_OK;
}

SECURITY_STATUS query_stream_sizes(struct context *context, bool wide, void *out)
{
    (void)wide;
    return sizes_of_stream(context, out);
}

/* The mechanism's answer about its key; to be released by release_key. */
static SECURITY_STATUS inquire_key(const struct context *context, gss_buffer_set_t *answer)
{
    return inquiry_make(context, GSS_C_INQ_SSPI_SESSION_KEY, 1, answer);
}

static void release_key(gss_buffer_set_t *answer)
{
    OM_uint32 minor;

    wipe((*answer)->elements[0].value, (*answer)->elements[0].length);
    (void)gss_release_buffer_set(&minor, answer);
}

SECURITY_STATUS query_session_key(struct context *context, bool wide, void *out)
{
    SecPkgContext_SessionKey *key = out;
    gss_buffer_set_t answer;
    SECURITY_STATUS status = inquire_key(context, &answer);
    const gss_buffer_desc *found;

    (void)wide;
    if (status != SEC_E_OK)
        return status;
    found = &answer->elements[0];
    key->SessionKey = context_buffer_allocate(found->length);
    if (key->SessionKey == NULL) {
        status = SEC_E_INSUFFICIENT_MEMORY;
    } else if (found->length != 0) {
        memcpy(key->SessionKey, found->value, found->length);
        key->SessionKeyLength = (ULONG)found->length;
    }
    release_key(&answer);
    return status;
}

/* The last arc of an OID that says an encryption type; 0, which is none, when it is another OID. */
static ULONG encryption_type_of(const gss_buffer_desc *oid)
{
    const unsigned char *octets = oid->value;
    ULONG number = 0;

    if (oid->length <= sizeof encryption_type_arc ||
        memcmp(octets, encryption_type_arc, sizeof encryption_type_arc) != 0)
        return 0;
    for (size_t i = sizeof encryption_type_arc; i < oid->length; i++)
        number = (number << 7) | (octets[i] & 0x7f);
    return number;
}

static SECURITY_STATUS kerberos_algorithms(const struct context *context,
                                           struct algorithms *algorithms)
{
    gss_buffer_set_t answer;
    SECURITY_STATUS status = inquire_key(context, &answer);
    ULONG number;

    if (status != SEC_E_OK)
        return status;
    number = answer->count >= 2 ? encryption_type_of(&answer->elements[1]) : 0;
    *algorithms = (struct algorithms){
        .signature_name = "unknown",
        .encryption_name = "unknown",
        .bits = (ULONG)answer->elements[0].length * 8,
        .encryption = number,
    };
    release_key(&answer);
    for (size_t i = 0; i < sizeof encryption_types / sizeof encryption_types[0]; i++) {
        const struct encryption_type *type = &encryption_types[i];

        if (type->number == number)
            *algorithms = (struct algorithms){type->checksum_name, type->name, type->bits,
                                              type->checksum, number};
    }
    return SEC_E_OK;
}

/* TLS protects CREDSSP's messages, whoever has logged on. */
static SECURITY_STATUS tls_algorithms(const struct context *context, struct algorithms *algorithms)
{
    struct cipher_suite suite;
    SECURITY_STATUS status = cipher_suite_find(context, &suite);

    if (status == SEC_E_OK)
        *algorithms = (struct algorithms){suite.hash.name, suite.cipher.name, suite.cipher.bits,
                                          suite.hash.algorithm, suite.cipher.algorithm};
    return status;
}

static SECURITY_STATUS find_algorithms(const struct context *context, struct algorithms *algorithms)
{
    if (context->package->is_stream)
        return tls_algorithms(context, algorithms);
    if (context_inner_package(context)->id != PACKAGE_NTLM)
        return kerberos_algorithms(context, algorithms);
    *algorithms = (struct algorithms){"HMAC-MD5", "RC4", NTLM_KEY_BITS, CALG_HMAC, CALG_RC4};
    return SEC_E_OK;
}

SECURITY_STATUS query_key_info(struct context *context, bool wide, void *out)
{
    SecPkgContext_KeyInfoA *info = out;
    struct algorithms algorithms;
    SECURITY_STATUS status = find_algorithms(context, &algorithms);

    if (status != SEC_E_OK)
        return status;
    info->sSignatureAlgorithmName =
        text_for_caller(algorithms.signature_name, strlen(algorithms.signature_name), wide);
    info->sEncryptAlgorithmName =
        text_for_caller(algorithms.encryption_name, strlen(algorithms.encryption_name), wide);
    if (info->sSignatureAlgorithmName == NULL || info->sEncryptAlgorithmName == NULL) {
        (void)context_buffer_free(info->sSignatureAlgorithmName);
        (void)context_buffer_free(info->sEncryptAlgorithmName);
        *info = (SecPkgContext_KeyInfoA){0};
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    info->KeySize = algorithms.bits;
    info->SignatureAlgorithm = algorithms.signature;
    info->EncryptAlgorithm = algorithms.encryption;
    return SEC_E_OK;
}
