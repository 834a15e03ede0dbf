#include "sspi-shim/tls_credential.h"

#include <stdlib.h>
#include <string.h>
#include <sspi-gss/schannel.h>
#include <sspi-gss/sspi_gss.h>
#include "sspi-shim/status.h"

/* The two versions of TLS that the mechanism speaks; policy says which of them it does. */
#define SPOKEN_CLIENT (SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)
#define SPOKEN_SERVER (SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER)

/* Strength of the weakest and of the strongest cipher that the mechanism may choose. */
#define WEAKEST_CIPHER_BITS   128
#define STRONGEST_CIPHER_BITS 256

/* Longest names of certificate and key together. */
#define NAMES_MAX 8192

/* What both structures say, in one form. */
struct schannel_part {
    DWORD certificate_count;
    PCCERT_CONTEXT *certificates;
    DWORD flags;
    DWORD versions; /* SP_PROT_...; 0: all */
    bool restricts_algorithms;
    bool has_root_store;
};

static SECURITY_STATUS unsupported(const char *why)
{
    return status_because(SEC_E_UNSUPPORTED_FUNCTION, why);
}

static void read_old(const void *data, struct schannel_part *part)
{
    SCHANNEL_CRED old;

    memcpy(&old, data, sizeof old);
    *part = (struct schannel_part){
        .certificate_count = old.cCreds,
        .certificates = old.paCred,
        .flags = old.dwFlags,
        .versions = old.grbitEnabledProtocols,
        .has_root_store = old.hRootStore != NULL,
        .restricts_algorithms = old.cSupportedAlgs != 0 ||
                                old.dwMinimumCipherStrength > WEAKEST_CIPHER_BITS ||
                                (old.dwMaximumCipherStrength != 0 &&
                                 old.dwMaximumCipherStrength < STRONGEST_CIPHER_BITS),
    };
}

static SECURITY_STATUS read_new(const void *data, bool inbound, struct schannel_part *part)
{
    SCH_CREDENTIALS new;

    memcpy(&new, data, sizeof new);
    *part = (struct schannel_part){
        .certificate_count = new.cCreds,
        .certificates = new.paCred,
        .flags = new.dwFlags,
        .has_root_store = new.hRootStore != NULL,
    };
    if (new.cTlsParameters > SCH_CRED_MAX_SUPPORTED_PARAMETERS ||
        (new.cTlsParameters != 0 && new.pTlsParameters == NULL))
        return status_because(SEC_E_INVALID_PARAMETER, "cTlsParameters is not their count");
    if (new.cTlsParameters > 1)
        return unsupported("TLS_PARAMETERS for single application protocols are not honoured");
    if (new.cTlsParameters == 1) {
        TLS_PARAMETERS parameters;

        memcpy(&parameters, new.pTlsParameters, sizeof parameters);
        if (parameters.cAlpnIds != 0)
            return unsupported("TLS_PARAMETERS for single application protocols are not honoured");
        part->restricts_algorithms = parameters.cDisabledCrypto != 0;
        if (parameters.grbitDisabledProtocols != 0)
            part->versions = (inbound ? SP_PROT_X_SERVERS : SP_PROT_X_CLIENTS) &
                             ~parameters.grbitDisabledProtocols;
        if (parameters.grbitDisabledProtocols != 0 && part->versions == 0)
            return status_because(SEC_E_ALGORITHM_MISMATCH, "no version of TLS is left");
    }
    return SEC_E_OK;
}

static SECURITY_STATUS choose_version(DWORD versions, bool inbound, struct tls_credential *tls)
{
    const DWORD spoken = inbound ? SPOKEN_SERVER : SPOKEN_CLIENT;

    if (versions == 0 || (versions & spoken) == spoken)
        return SEC_E_OK;
    if ((versions & spoken) == 0)
        return status_because(SEC_E_ALGORITHM_MISMATCH,
                              "neither TLS 1.2 nor TLS 1.3 is among the versions asked for");
    tls->version = (versions & spoken & SP_PROT_TLS1_2) != 0 ? "1.2" : "1.3";
    return SEC_E_OK;
}

static SECURITY_STATUS check_flags(DWORD flags)
{
    const DWORD revocation = SCH_CRED_REVOCATION_CHECK_END_CERT | SCH_CRED_REVOCATION_CHECK_CHAIN |
                             SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT;

    if ((flags & (SCH_USE_DTLS_ONLY | SCH_USE_PRESHAREDKEY_ONLY)) != 0)
        return unsupported("CREDSSP has neither DTLS nor pre-shared keys");
    if ((flags & SCH_CRED_AUTO_CRED_VALIDATION) == 0)
        return SEC_E_OK;
    if ((flags & SCH_CRED_MANUAL_CRED_VALIDATION) != 0)
        return status_because(SEC_E_INVALID_PARAMETER,
                              "the certificate is to be validated and not to be validated");
    if ((flags & revocation) != 0)
        return unsupported("revocation of certificates is not looked up");
    if ((flags & SCH_CRED_NO_SERVERNAME_CHECK) != 0)
        return unsupported("a certificate is not validated without the server's name");
    return SEC_E_OK;
}

/* The second of two strings, each with a NUL, that fill length octets; NULL when they do not. */
static const char *second_name(const char *names, size_t length)
{
    const char *first_end = memchr(names, '\0', length);
    const char *second;

    if (first_end == NULL || first_end == names)
        return NULL;
    second = first_end + 1;
    length -= (size_t)(second - names);
    if (length < 2 || memchr(second, '\0', length) != second + length - 1)
        return NULL;
    return second;
}

static SECURITY_STATUS read_certificate(const CERT_CONTEXT *certificate, struct tls_credential *tls)
{
    const char *key;

    if (certificate == NULL)
        return status_because(SEC_E_INVALID_PARAMETER, "paCred has no certificate");
    if (certificate->dwCertEncodingType != SSPI_GSS_CERTIFICATE_NAMES)
        return status_because(SEC_E_UNKNOWN_CREDENTIALS,
                              "the certificate has no private key: SSPI_GSS_CERTIFICATE_NAMES");
    key = certificate->pbCertEncoded != NULL && certificate->cbCertEncoded <= NAMES_MAX
              ? second_name((const char *)certificate->pbCertEncoded, certificate->cbCertEncoded)
              : NULL;
    if (key == NULL)
        return status_because(SEC_E_INVALID_PARAMETER,
                              "pbCertEncoded has not the names of a certificate and of its key");
    tls->certificate = strdup((const char *)certificate->pbCertEncoded);
    tls->private_key = strdup(key);
    return tls->certificate != NULL && tls->private_key != NULL ? SEC_E_OK
                                                                : SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS read_certificates(const struct schannel_part *part,
                                         struct tls_credential *tls)
{
    if (part->certificate_count == 0)
        return SEC_E_OK;
    if (part->certificates == NULL)
        return status_because(SEC_E_INVALID_PARAMETER, "cCreds is not the count of paCred");
    if (part->certificate_count != 1)
        return unsupported("there can be one certificate, and its chain in the same file");
    return read_certificate(part->certificates[0], tls);
}

SECURITY_STATUS tls_credential_read(const void *data, bool inbound, struct tls_credential *tls)
{
    struct schannel_part part = {0};
    SECURITY_STATUS status = SEC_E_OK;
    DWORD version;

    *tls = (struct tls_credential){0};
    if (data == NULL)
        return SEC_E_OK;
    memcpy(&version, data, sizeof version);
    if (version == SCHANNEL_CRED_VERSION)
        read_old(data, &part);
    else if (version == SCH_CREDENTIALS_VERSION)
        status = read_new(data, inbound, &part);
    else
        return status_because(SEC_E_UNKNOWN_CREDENTIALS,
                              "pSchannelCred is no SCHANNEL_CRED and no SCH_CREDENTIALS");
    if (status == SEC_E_OK && part.restricts_algorithms)
        status = unsupported("algorithms of TLS are chosen in krb5.conf (gss-sspi.conf(5))");
    if (status == SEC_E_OK && part.has_root_store)
        status = unsupported("trusted roots are chosen in krb5.conf (gss-sspi.conf(5))");
    if (status == SEC_E_OK)
        status = choose_version(part.versions, inbound, tls);
    if (status == SEC_E_OK)
        status = check_flags(part.flags);
    if (status == SEC_E_OK)
        status = read_certificates(&part, tls);
    tls->is_given = true;
    tls->verify = (part.flags & SCH_CRED_AUTO_CRED_VALIDATION) != 0;
    return status;
}

void tls_credential_store(const struct tls_credential *tls, bool inbound, struct store *store)
{
    store_add(store, "tls_version", tls->version);
    if (inbound) {
        store_add(store, "certificate", tls->certificate);
        store_add(store, "private_key", tls->private_key);
        return;
    }
    store_add(store, "client_certificate_file", tls->certificate);
    store_add(store, "client_private_key", tls->private_key);
    store_add(store, "server_authentication", tls->verify ? "verify" : NULL);
}

void tls_credential_release(struct tls_credential *tls)
{
    free(tls->certificate);
    free(tls->private_key);
    *tls = (struct tls_credential){0};
}
