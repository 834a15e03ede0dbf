#include "sspi-shim/cipher_info.h"

#include <string.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi_sspi.h>
#include "sspi-shim/status.h"

/* Protocol numbers as they stand in records (RFC 8446 5.1), which is what Windows reports here. */
#define TLS_1_2 0x0303
#define TLS_1_3 0x0304

/* A part of a cipher suite's name, and what it stands for. */
struct part {
    const char *sign;
    const char *name;
    DWORD bits;
    DWORD block;
};

static const struct part ciphers[] = {
    {"AES_256", "AES", 256, 16},
    {"AES_128", "AES", 128, 16},
    {"CHACHA20", "CHACHA20_POLY1305", 256, 1},
};

static const struct part hashes[] = {
    {"SHA384", "SHA384", 384, 0},
    {"SHA256", "SHA256", 256, 0},
    {"SHA", "SHA1", 160, 0},
};

static const struct part exchanges[] = {
    {"TLS_ECDHE_", "ECDH", 0, 0},
    {"TLS_DHE_", "DH", 0, 0},
    {"TLS_RSA_", "RSA", 0, 0},
};

static const struct part certificates[] = {
    {"_ECDSA_", "ECDSA", 0, 0},
    {"_RSA_", "RSA", 0, 0},
};

/* IANA's numbers of the suites that TLS libraries still negotiate. */
static const struct suite {
    const char *name;
    DWORD number;
} suites[] = {
    {"TLS_AES_128_GCM_SHA256", 0x1301},
    {"TLS_AES_256_GCM_SHA384", 0x1302},
    {"TLS_CHACHA20_POLY1305_SHA256", 0x1303},
    {"TLS_AES_128_CCM_SHA256", 0x1304},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xC02B},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xC02C},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xC02F},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xC030},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xCCA8},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xCCA9},
    {"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", 0x009E},
    {"TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", 0x009F},
    {"TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009C},
    {"TLS_RSA_WITH_AES_256_GCM_SHA384", 0x009D},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void put(WCHAR *place, const char *ascii)
{
    for (size_t i = 0; i + 1 < SZ_ALG_MAX_SIZE && ascii[i] != '\0'; i++)
        place[i] = (unsigned char)ascii[i];
}

/* The first part that occurs in the suite's name, or NULL. */
static const struct part *find(const struct part *parts, size_t count, const char *suite)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(suite, parts[i].sign) != NULL)
            return &parts[i];
    }
    return NULL;
}

static void take_apart(const char *suite, SecPkgContext_CipherInfo *info)
{
    const struct part *cipher = find(ciphers, COUNT_OF(ciphers), suite);
    const struct part *hash = find(hashes, COUNT_OF(hashes), suite);
    const struct part *exchange = find(exchanges, COUNT_OF(exchanges), suite);
    const struct part *certificate = find(certificates, COUNT_OF(certificates), suite);

    put(info->szCipherSuite, suite);
    if (cipher != NULL) {
        put(info->szCipher, cipher->name);
        info->dwCipherLen = cipher->bits;
        info->dwCipherBlockLen = cipher->block;
    }
    if (hash != NULL) {
        put(info->szHash, hash->name);
        info->dwHashLen = hash->bits;
    }
    if (exchange != NULL)
        put(info->szExchange, exchange->name);
    if (certificate != NULL)
        put(info->szCertificate, certificate->name);
    for (size_t i = 0; i < COUNT_OF(suites); i++) {
        if (strcmp(suite, suites[i].name) == 0)
            info->dwCipherSuite = info->dwBaseCipherSuite = suites[i].number;
    }
}

/* Text that the mechanism answers an inquiry with; "" when it is too long. */
static SECURITY_STATUS inquire_text(const struct context *context, const gss_OID_desc *what,
                                    char text[SZ_ALG_MAX_SIZE])
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;
    OM_uint32 major =
        gss_inquire_sec_context_by_oid(&minor, context->gss, (gss_OID)(uintptr_t)what, &answer);

    text[0] = '\0';
    if (GSS_ERROR(major))
        return status_from_gss(context->mechanism, major, minor);
    if (answer->count == 1 && answer->elements[0].length < SZ_ALG_MAX_SIZE) {
        memcpy(text, answer->elements[0].value, answer->elements[0].length);
        text[answer->elements[0].length] = '\0';
    }
    (void)gss_release_buffer_set(&minor, &answer);
    return SEC_E_OK;
}

SECURITY_STATUS cipher_info_query(const struct context *context, SecPkgContext_CipherInfo *info)
{
    char version[SZ_ALG_MAX_SIZE];
    char suite[SZ_ALG_MAX_SIZE];
    SECURITY_STATUS status;

    if (!context->package->is_stream)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = inquire_text(context, GSS_SSPI_INQ_TLS_VERSION, version);
    if (status == SEC_E_OK)
        status = inquire_text(context, GSS_SSPI_INQ_TLS_CIPHER_SUITE, suite);
    if (status != SEC_E_OK)
        return status;
    *info = (SecPkgContext_CipherInfo){.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    if (strcmp(version, "TLS1.3") == 0)
        info->dwProtocol = TLS_1_3;
    else if (strcmp(version, "TLS1.2") == 0)
        info->dwProtocol = TLS_1_2;
    take_apart(suite, info);
    return SEC_E_OK;
}
