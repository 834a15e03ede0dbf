#include "mech/server_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "mech/certificate.h"
#include "mech/certificate_chain.h"
#include "mech/policy.h"
#include "mech/status.h"
#include "mech/target_host.h"
#include "mech/trace.h"
#include "mech/trust.h"

#define HOST_NAME_OCTETS 256
/* Names of the certificate that an error text lists, and how many of them are looked at for that. */
#define NAMES_SHOWN  3
#define NAMES_READ   16
#define NAMES_OCTETS (NAMES_SHOWN * (HOST_NAME_OCTETS + 4) + 32)

/* Two hexadecimal digits for each octet, and a NUL. */
#define FINGERPRINT_TEXT (2 * FINGERPRINT_OCTETS + 1)

struct server_check *server_check_create(const char *target, const struct server_demand *policy,
                                         const struct server_demand *own)
{
    struct server_check *check = calloc(1, sizeof *check);

    if (check == NULL)
        return NULL;
    check->target = strdup(target);
    check->host = target_host(target);
    if (check->target == NULL || !server_demand_copy(&check->demands[0], policy) ||
        (own != NULL && !server_demand_copy(&check->demands[1], own)))
        server_check_release(&check);
    return check;
}

void server_check_release(struct server_check **check)
{
    if (*check == NULL)
        return;
    for (size_t i = 0; i < SERVER_DEMANDS; i++)
        server_demand_release(&(*check)->demands[i]);
    free((*check)->target);
    free((*check)->host);
    free(*check);
    *check = NULL;
}

bool server_check_proves(const struct server_check *check)
{
    for (size_t i = 0; i < SERVER_DEMANDS; i++) {
        if (check->demands[i].authentication != SERVER_UNVERIFIED)
            return true;
    }
    return false;
}

/* --- pins --- */

/* A server's own certificate and key, as people compare them. */
struct fingerprints {
    unsigned char certificate[FINGERPRINT_OCTETS];
    unsigned char key[FINGERPRINT_OCTETS];
};

static int take_fingerprints(const gnutls_datum_t *certificate, struct fingerprints *fingerprints)
{
    size_t size = sizeof fingerprints->key;
    gnutls_x509_crt_t crt = NULL;
    int status = gnutls_x509_crt_init(&crt);

    if (status >= 0)
        status = gnutls_x509_crt_import(crt, certificate, GNUTLS_X509_FMT_DER);
    if (status >= 0)
        status = gnutls_hash_fast(GNUTLS_DIG_SHA256, certificate->data, certificate->size,
                                  fingerprints->certificate);
    if (status >= 0)
        status = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, fingerprints->key, &size);
    if (crt != NULL)
        gnutls_x509_crt_deinit(crt);
    return status;
}

static void fingerprint_text(const unsigned char *fingerprint, char text[FINGERPRINT_TEXT])
{
    for (size_t i = 0; i < FINGERPRINT_OCTETS; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", fingerprint[i]);
}

static bool is_pinned(const char *list, const char *target, const struct fingerprints *fingerprints)
{
    unsigned char fingerprint[FINGERPRINT_OCTETS];
    struct byte_range pattern;

    while (next_fingerprint(&list, &pattern, fingerprint)) {
        if (byte_range_is_present(pattern) &&
            !policy_pattern_matches((const char *)pattern.data, pattern.length, target))
            continue;
        if (memcmp(fingerprint, fingerprints->certificate, FINGERPRINT_OCTETS) == 0 ||
            memcmp(fingerprint, fingerprints->key, FINGERPRINT_OCTETS) == 0)
            return true;
    }
    return false;
}

static OM_uint32 check_pins(OM_uint32 *minor, const struct server_check *check,
                            const struct server_demand *demand, const gnutls_datum_t *certificate)
{
    struct fingerprints fingerprints;
    char certificate_text[FINGERPRINT_TEXT];
    char key_text[FINGERPRINT_TEXT];
    int status = take_fingerprints(certificate, &fingerprints);

    if (status < 0)
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_CERTIFICATE, "%s",
                    gnutls_strerror(status));
    if (is_pinned(demand->fingerprints, check->target, &fingerprints))
        return GSS_S_COMPLETE;
    fingerprint_text(fingerprints.certificate, certificate_text);
    fingerprint_text(fingerprints.key, key_text);
    return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_NOT_PINNED,
                "%s showed a certificate with SHA-256 %s and a key with %s", check->target,
                certificate_text, key_text);
}

/* --- chains --- */

/*
 * Whether a name can stand in an error text: a host's, or a wildcard. Whoever wrote it is not
 * authenticated, and might aim at the reader's terminal.
 */
static bool can_be_shown(const char *name, size_t length)
{
    if (memchr(name, '\0', length) != NULL)
        return false;
    if (strncmp(name, "*.", 2) == 0)
        name += 2;
    return *name != '\0' && host_is_dns_name(name);
}

/* The names in the certificate, for the one who asked for another. */
static void list_names(gnutls_x509_crt_t crt, char text[NAMES_OCTETS])
{
    unsigned int shown = 0;
    unsigned int hidden = 0;
    size_t used = 0;

    text[0] = '\0';
    for (unsigned int i = 0; i < NAMES_READ; i++) {
        char name[HOST_NAME_OCTETS];
        size_t size = sizeof name; /* GnuTLS ends the name with a NUL that it does not count */
        int type = gnutls_x509_crt_get_subject_alt_name(crt, i, name, &size, NULL);

        if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
            break;
        if (type != GNUTLS_SAN_DNSNAME || shown == NAMES_SHOWN || !can_be_shown(name, size)) {
            hidden++;
            continue;
        }
        used += (size_t)snprintf(text + used, NAMES_OCTETS - used, "%s%s",
                                 shown++ != 0 ? ", " : ", but for ", name);
    }
    if (hidden != 0)
        (void)snprintf(text + used, NAMES_OCTETS - used, " (names not shown: %u)", hidden);
}

/* One reason, the most telling of those that GnuTLS found. */
static OM_uint32 refuse(OM_uint32 *minor, const struct server_check *check, gnutls_x509_crt_t crt,
                        unsigned int status)
{
    char names[NAMES_OCTETS];

    if ((status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA)) != 0)
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_UNTRUSTED, "%s", check->target);
    if ((status & GNUTLS_CERT_EXPIRED) != 0)
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_TIME, "it has expired");
    if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0)
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_TIME, "its time has not come");
    if ((status & GNUTLS_CERT_UNEXPECTED_OWNER) != 0) {
        list_names(crt, names);
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_NAME, "not for %s%s", check->host,
                    names);
    }
    return certificate_chain_fail(minor, GSS_SSPI_E_SERVER_CERTIFICATE, status);
}

static OM_uint32 verify(OM_uint32 *minor, const struct server_check *check,
                        const struct trust *trust, const struct certificate_chain *chain)
{
    unsigned int status = 0;
    int result =
        certificate_chain_verify(chain, trust, check->host, GNUTLS_KP_TLS_WWW_SERVER, &status);

    /* Windows has certificates that are good for this service alone. */
    if (result >= 0 && (status & GNUTLS_CERT_PURPOSE_MISMATCH) != 0)
        result = certificate_chain_verify(chain, trust, check->host,
                                          TS_SERVER_AUTHENTICATION_PURPOSE, &status);
    if (result < 0)
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_CERTIFICATE, "%s",
                    gnutls_strerror(result));
    return status == 0 ? GSS_S_COMPLETE : refuse(minor, check, chain->crts[0], status);
}

static OM_uint32 check_chain(OM_uint32 *minor, const struct server_check *check,
                             const struct server_demand *demand, const gnutls_datum_t *certificates,
                             unsigned int count)
{
    struct certificate_chain chain;
    struct trust *trust;
    OM_uint32 major;
    int status;

    if (check->host == NULL)
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_NAME, "%s names no host",
                    check->target);
    trust = trust_acquire(minor, demand->trusted_certificates);
    if (trust == NULL)
        return GSS_S_FAILURE;
    status = certificate_chain_import(&chain, certificates, count);
    if (status < 0)
        major = fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_CERTIFICATE, "%s",
                     gnutls_strerror(status));
    else
        major = verify(minor, check, trust, &chain);
    certificate_chain_release(&chain);
    cached_release(&trust->base);
    return major;
}

OM_uint32 server_check_certificates(OM_uint32 *minor, const struct server_check *check,
                                    const gnutls_datum_t *chain, unsigned int count)
{
    OM_uint32 major = GSS_S_COMPLETE;

    if (count == 0)
        return server_check_proves(check)
                   ? fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_SERVER_CERTIFICATE, "it has none")
                   : GSS_S_COMPLETE;
    for (size_t i = 0; i < SERVER_DEMANDS && !GSS_ERROR(major); i++) {
        const struct server_demand *demand = &check->demands[i];

        if (demand->authentication == SERVER_VERIFIED)
            major = check_chain(minor, check, demand, chain, count);
        else if (demand->authentication == SERVER_FINGERPRINT)
            major = check_pins(minor, check, demand, chain);
    }
    if (!GSS_ERROR(major) && server_check_proves(check))
        trace("certificate: it proves that the server is %s", check->target);
    return major;
}
