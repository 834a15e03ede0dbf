#include "mech/server_trust.h"

#include "mech/certificate.h"
#include "mech/status.h"
#include "mech/trust.h"

/* CERT_TRUST_STATUS.dwErrorStatus */
#define IS_NOT_TIME_VALID              0x00000001u
#define IS_REVOKED                     0x00000004u
#define IS_NOT_SIGNATURE_VALID         0x00000008u
#define IS_NOT_VALID_FOR_USAGE         0x00000010u
#define IS_UNTRUSTED_ROOT              0x00000020u
#define INVALID_EXTENSION              0x00000100u
#define INVALID_BASIC_CONSTRAINTS      0x00000400u
#define IS_PARTIAL_CHAIN               0x00010000u
#define HAS_WEAK_SIGNATURE             0x00100000u
#define HAS_NOT_SUPPORTED_CRITICAL_EXT 0x08000000u

/* CERT_TRUST_STATUS.dwInfoStatus */
#define IS_SELF_SIGNED 0x00000008u

static const struct translation {
    unsigned int status; /* GnuTLS' */
    uint32_t error;
} translations[] = {
    {GNUTLS_CERT_NOT_ACTIVATED, IS_NOT_TIME_VALID},
    {GNUTLS_CERT_EXPIRED, IS_NOT_TIME_VALID},
    {GNUTLS_CERT_REVOKED, IS_REVOKED},
    {GNUTLS_CERT_SIGNATURE_FAILURE, IS_NOT_SIGNATURE_VALID},
    {GNUTLS_CERT_PURPOSE_MISMATCH, IS_NOT_VALID_FOR_USAGE},
    {GNUTLS_CERT_SIGNER_NOT_CA, INVALID_BASIC_CONSTRAINTS},
    {GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, INVALID_BASIC_CONSTRAINTS},
    {GNUTLS_CERT_INSECURE_ALGORITHM, HAS_WEAK_SIGNATURE},
    {GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, HAS_NOT_SUPPORTED_CRITICAL_EXT},
};

int server_trust_verify(const struct certificate_chain *chain, const struct trust *trust,
                        const char *host, unsigned int *status)
{
    int result = certificate_chain_verify(chain, trust, host, GNUTLS_KP_TLS_WWW_SERVER, status);

    /* Windows has certificates that are good for this service alone. */
    if (result >= 0 && (*status & GNUTLS_CERT_PURPOSE_MISMATCH) != 0)
        result =
            certificate_chain_verify(chain, trust, host, TS_SERVER_AUTHENTICATION_PURPOSE, status);
    return result;
}

static bool is_self_signed(gnutls_x509_crt_t crt)
{
    return gnutls_x509_crt_check_issuer(crt, crt) != 0;
}

static void translate(const struct certificate_chain *chain, unsigned int status,
                      struct server_trust *trust)
{
    *trust = (struct server_trust){0};
    for (size_t i = 0; i < sizeof translations / sizeof translations[0]; i++) {
        if ((status & translations[i].status) != 0)
            trust->errors |= translations[i].error;
    }
    /* The chain ends with a root that nobody trusts, or before it comes to one. */
    if ((status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0)
        trust->errors |=
            is_self_signed(chain->crts[chain->count - 1]) ? IS_UNTRUSTED_ROOT : IS_PARTIAL_CHAIN;
    /* What GnuTLS has against it, and Windows has no word for. */
    if (status != 0 && trust->errors == 0)
        trust->errors = INVALID_EXTENSION;
    if (is_self_signed(chain->crts[0]))
        trust->information |= IS_SELF_SIGNED;
}

/* Against whose authorities. */
static const char *authorities_of(const struct server_check *check)
{
    for (size_t i = SERVER_DEMANDS; i-- > 0;) {
        if (check->demands[i].trusted_certificates != NULL)
            return check->demands[i].trusted_certificates;
    }
    return NULL;
}

OM_uint32 server_trust_find(OM_uint32 *minor, const struct server_check *check,
                            const gnutls_datum_t *certificates, unsigned int count,
                            struct server_trust *trust)
{
    struct certificate_chain chain;
    struct trust *authorities;
    unsigned int status = 0;
    int result;

    if (count == 0)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE, "no certificate was shown");
    authorities = trust_acquire(minor, authorities_of(check));
    if (authorities == NULL)
        return GSS_S_FAILURE;
    result = certificate_chain_import(&chain, certificates, count);
    if (result >= 0)
        result = server_trust_verify(&chain, authorities, NULL, &status);
    if (result >= 0)
        translate(&chain, status, trust);
    certificate_chain_release(&chain);
    cached_release(&authorities->base);
    if (result < 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_SERVER_CERTIFICATE, "%s",
                    gnutls_strerror(result));
    return GSS_S_COMPLETE;
}
