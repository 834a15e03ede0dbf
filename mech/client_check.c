#include "mech/client_check.h"

#include <stdlib.h>

#include <gnutls/x509.h>

#include "mech/certificate_chain.h"
#include "mech/status.h"
#include "mech/trace.h"

/* The authorities of one demand; NULL, with *minor set, when there are none. */
static struct trust *acquire_trust(OM_uint32 *minor, const char *file)
{
    if (file != NULL)
        return trust_acquire(minor, file);
    /* Not the system's: they vouch for servers, and for anybody who has a host's name. */
    (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TRUST,
               "client_certificate needs trusted_client_certificates");
    return NULL;
}

OM_uint32 client_check_create(OM_uint32 *minor, const struct client_demand *policy,
                              const struct client_demand *own, struct client_check **check)
{
    static const struct client_demand nothing = {CLIENT_CERTIFICATE_NONE, NULL};
    const struct client_demand *demands[CLIENT_DEMANDS] = {policy, own != NULL ? own : &nothing};
    struct client_check *made;

    *check = NULL;
    if (demands[0]->mode == CLIENT_CERTIFICATE_NONE && demands[1]->mode == CLIENT_CERTIFICATE_NONE)
        return GSS_S_COMPLETE;
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail_no_memory(minor);
    for (size_t i = 0; i < CLIENT_DEMANDS; i++) {
        const char *file = demands[i]->trusted_certificates;

        if (demands[i]->mode == CLIENT_CERTIFICATE_NONE)
            continue;
        made->trusts[i] = acquire_trust(minor, file != NULL ? file : policy->trusted_certificates);
        if (made->trusts[i] == NULL) {
            client_check_release(&made);
            return GSS_S_FAILURE;
        }
        if (demands[i]->mode == CLIENT_CERTIFICATE_REQUIRE)
            made->is_required = true;
    }
    *check = made;
    return GSS_S_COMPLETE;
}

void client_check_release(struct client_check **check)
{
    if (*check == NULL)
        return;
    for (size_t i = 0; i < CLIENT_DEMANDS; i++) {
        if ((*check)->trusts[i] != NULL)
            cached_release(&(*check)->trusts[i]->base);
    }
    free(*check);
    *check = NULL;
}

/* One reason, the most telling of those that GnuTLS found. */
static OM_uint32 refuse(OM_uint32 *minor, unsigned int status, gnutls_alert_description_t *alert)
{
    if ((status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA)) != 0) {
        *alert = GNUTLS_A_UNKNOWN_CA;
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_CLIENT_UNTRUSTED, NULL);
    }
    if ((status & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED)) != 0) {
        *alert = GNUTLS_A_CERTIFICATE_EXPIRED; /* or not valid yet: RFC 8446 6.2 */
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_CLIENT_TIME,
                    (status & GNUTLS_CERT_EXPIRED) != 0 ? "it has expired"
                                                        : "its time has not come");
    }
    *alert = (status & GNUTLS_CERT_PURPOSE_MISMATCH) != 0 ? GNUTLS_A_UNSUPPORTED_CERTIFICATE
                                                          : GNUTLS_A_BAD_CERTIFICATE;
    return certificate_chain_fail(minor, GSS_SSPI_E_CLIENT_UNFIT, status);
}

static OM_uint32 fail_unreadable(OM_uint32 *minor, int error, gnutls_alert_description_t *alert)
{
    *alert = GNUTLS_A_BAD_CERTIFICATE;
    return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_CLIENT_UNFIT, "%s", gnutls_strerror(error));
}

static OM_uint32 verify(OM_uint32 *minor, const struct client_check *check,
                        const struct certificate_chain *chain, gnutls_alert_description_t *alert)
{
    for (size_t i = 0; i < CLIENT_DEMANDS; i++) {
        unsigned int status = 0;
        int error;

        if (check->trusts[i] == NULL)
            continue;
        error = certificate_chain_verify(chain, check->trusts[i], NULL, GNUTLS_KP_TLS_WWW_CLIENT,
                                         &status);
        if (error < 0)
            return fail_unreadable(minor, error, alert);
        if (status != 0)
            return refuse(minor, status, alert);
    }
    return GSS_S_COMPLETE;
}

OM_uint32 client_check_certificates(OM_uint32 *minor, const struct client_check *check,
                                    const gnutls_datum_t *certificates, unsigned int count,
                                    gnutls_alert_description_t *alert)
{
    struct certificate_chain chain;
    OM_uint32 major;
    int error;

    if (count == 0 && check->is_required) {
        *alert = GNUTLS_A_CERTIFICATE_REQUIRED;
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_CLIENT_MISSING, NULL);
    }
    if (count == 0)
        return GSS_S_COMPLETE;
    error = certificate_chain_import(&chain, certificates, count);
    major = error >= 0 ? verify(minor, check, &chain, alert) : fail_unreadable(minor, error, alert);
    certificate_chain_release(&chain);
    if (!GSS_ERROR(major))
        trace("certificate: the client's is good");
    return major;
}
