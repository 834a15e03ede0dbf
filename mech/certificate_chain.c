#include "mech/certificate_chain.h"

#include <stdint.h>

#include "mech/status.h"
#include "mech/target_host.h"

/* Keys and hashes of 112 bits of security at least: RSA of 2048 bits, and no SHA-1. */
#define VERIFY_FLAGS GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM)

int certificate_chain_import(struct certificate_chain *chain, const gnutls_datum_t *certificates,
                             unsigned int count)
{
    int status = 0;

    if (count > CERTIFICATE_CHAIN_MAXIMUM)
        count = CERTIFICATE_CHAIN_MAXIMUM;
    chain->count = 0;
    while (chain->count < count) {
        gnutls_x509_crt_t *crt = &chain->crts[chain->count];

        status = gnutls_x509_crt_init(crt);
        if (status < 0)
            return status;
        status = gnutls_x509_crt_import(*crt, &certificates[chain->count], GNUTLS_X509_FMT_DER);
        if (status < 0) {
            gnutls_x509_crt_deinit(*crt);
            return status;
        }
        chain->count++;
    }
    return status;
}

void certificate_chain_release(struct certificate_chain *chain)
{
    while (chain->count > 0)
        gnutls_x509_crt_deinit(chain->crts[--chain->count]);
}

int certificate_chain_verify(const struct certificate_chain *chain, const struct trust *trust,
                             const char *host, const char *purpose, unsigned int *status)
{
    unsigned char address[ADDRESS_MAXIMUM];
    size_t length;
    gnutls_typed_vdata_st data[2] = {
        {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(uintptr_t)purpose, 0},
        {GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)(uintptr_t)host, 0},
    };

    if (host != NULL && host_is_address(host, address, &length))
        data[1] = (gnutls_typed_vdata_st){GNUTLS_DT_IP_ADDRESS, address, (unsigned int)length};
    return gnutls_x509_trust_list_verify_crt2(
        trust->list, (gnutls_x509_crt_t *)(uintptr_t)chain->crts, chain->count, data,
        host != NULL ? 2 : 1, VERIFY_FLAGS, status, NULL);
}

OM_uint32 certificate_chain_fail(OM_uint32 *minor, long code, unsigned int status)
{
    gnutls_datum_t text = {NULL, 0};

    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) >= 0)
        (void)fail(minor, GSS_S_UNAUTHORIZED, code, "%s", text.data);
    else
        (void)fail(minor, GSS_S_UNAUTHORIZED, code, NULL);
    gnutls_free(text.data);
    return GSS_S_UNAUTHORIZED;
}
