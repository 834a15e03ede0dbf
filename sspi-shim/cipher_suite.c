#include "sspi-shim/cipher_suite.h"

#include <string.h>
#include <gssapi_sspi.h>
#include "sspi-shim/inquiry.h"

/* What stands in a cipher suite's name or is the name of a group, and what it means. */
struct sign {
    const char *text;
    struct cipher_part part;
};

static const struct sign ciphers[] = {
    {"AES_256", {"AES", 256, 16, CALG_AES_256}},
    {"AES_128", {"AES", 128, 16, CALG_AES_128}},
    {"CHACHA20", {"CHACHA20_POLY1305", 256, 1, 0}},
};

static const struct sign hashes[] = {
    {"SHA384", {"SHA384", 384, 0, CALG_SHA_384}},
    {"SHA256", {"SHA256", 256, 0, CALG_SHA_256}},
    {"SHA", {"SHA1", 160, 0, CALG_SHA1}},
};

/* Bits of an RSA key are the certificate's, which this does not look into. */
static const struct sign exchanges[] = {
    {"TLS_ECDHE_", {"ECDH", 0, 0, CALG_ECDH_EPHEM}},
    {"TLS_DHE_", {"DH", 0, 0, CALG_DH_EPHEM}},
    {"TLS_RSA_", {"RSA", 0, 0, CALG_RSA_KEYX}},
};

/* IANA's TLS Supported Groups. */
static const struct sign groups[] = {
    {"x25519", {"ECDH", 255, 0, CALG_ECDH_EPHEM}},
    {"x448", {"ECDH", 448, 0, CALG_ECDH_EPHEM}},
    {"secp256r1", {"ECDH", 256, 0, CALG_ECDH_EPHEM}},
    {"secp384r1", {"ECDH", 384, 0, CALG_ECDH_EPHEM}},
    {"secp521r1", {"ECDH", 521, 0, CALG_ECDH_EPHEM}},
    {"ffdhe2048", {"DH", 2048, 0, CALG_DH_EPHEM}},
    {"ffdhe3072", {"DH", 3072, 0, CALG_DH_EPHEM}},
    {"ffdhe4096", {"DH", 4096, 0, CALG_DH_EPHEM}},
    {"ffdhe6144", {"DH", 6144, 0, CALG_DH_EPHEM}},
    {"ffdhe8192", {"DH", 8192, 0, CALG_DH_EPHEM}},
};

static const struct sign certificates[] = {
    {"_ECDSA_", {"ECDSA", 0, 0, 0}},
    {"_RSA_", {"RSA", 0, 0, 0}},
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

static const struct cipher_part nothing = {"", 0, 0, 0};

/* The first part whose sign occurs in the text, or nothing. */
static struct cipher_part find(const struct sign *signs, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(text, signs[i].text) != NULL)
            return signs[i].part;
    }
    return nothing;
}

static void take_apart(struct cipher_suite *suite)
{
    suite->cipher = find(ciphers, COUNT_OF(ciphers), suite->name);
    suite->hash = find(hashes, COUNT_OF(hashes), suite->name);
    suite->exchange = find(exchanges, COUNT_OF(exchanges), suite->name);
    suite->suite_exchange = suite->exchange.name;
    suite->certificate = find(certificates, COUNT_OF(certificates), suite->name).name;
    for (size_t i = 0; i < COUNT_OF(suites); i++) {
        if (strcmp(suite->name, suites[i].name) == 0)
            suite->number = suites[i].number;
    }
}

static WORD version_of(const char *name)
{
    if (strcmp(name, "TLS1.3") == 0)
        return TLS_1_3_VERSION;
    return strcmp(name, "TLS1.2") == 0 ? TLS_1_2_VERSION : 0;
}

SECURITY_STATUS cipher_suite_find(const struct context *context, struct cipher_suite *suite)
{
    char text[SZ_ALG_MAX_SIZE];
    SECURITY_STATUS status;

    *suite = (struct cipher_suite){0};
    if (!context->package->is_stream)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = inquiry_read_text(context, GSS_SSPI_INQ_TLS_VERSION, text, sizeof text);
    if (status != SEC_E_OK)
        return status;
    suite->version = version_of(text);
    status =
        inquiry_read_text(context, GSS_SSPI_INQ_TLS_CIPHER_SUITE, suite->name, sizeof suite->name);
    if (status != SEC_E_OK)
        return status;
    take_apart(suite);
    /* A session without a group is one of the suites that say all themselves. */
    if (inquiry_read_text(context, GSS_SSPI_INQ_TLS_GROUP, text, sizeof text) == SEC_E_OK) {
        struct cipher_part group = find(groups, COUNT_OF(groups), text);

        if (group.bits != 0)
            suite->exchange = group;
    }
    return SEC_E_OK;
}
