#include "mech/cred_tls.h"

#include <stdlib.h>
#include <string.h>

#include "mech/policy_option.h"
#include "mech/status.h"

typedef OM_uint32 credential_element_reader(OM_uint32 *minor, struct credential *credential,
                                            const char *value);

static OM_uint32 read_server_authentication(OM_uint32 *minor, struct credential *c,
                                            const char *value)
{
    if (server_authentication_parse(value, &c->server.authentication))
        return GSS_S_COMPLETE;
    return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                "server_authentication is not \"%s\"", value);
}

static OM_uint32 read_client_certificate(OM_uint32 *minor, struct credential *c, const char *value)
{
    if (client_certificate_mode_parse(value, &c->client.mode))
        return GSS_S_COMPLETE;
    return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "client_certificate is not \"%s\"",
                value);
}

OM_uint32 credential_set_without_certificate(OM_uint32 *minor, struct credential *credential,
                                             const char *value)
{
    static const char *const words[] = {"continue", "ask"};
    size_t word;

    if (!policy_word_find(words, sizeof words / sizeof words[0], value, &word))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                    "without_client_certificate is not \"%s\"", value);
    (void)pthread_mutex_lock(&credential->lock);
    credential->asks_without_certificate = word == 1;
    (void)pthread_mutex_unlock(&credential->lock);
    return GSS_S_COMPLETE;
}

bool credential_asks_without_certificate(struct credential *credential)
{
    bool asks;

    (void)pthread_mutex_lock(&credential->lock);
    asks = credential->asks_without_certificate;
    (void)pthread_mutex_unlock(&credential->lock);
    return asks;
}

static OM_uint32 read_tls_version(OM_uint32 *minor, struct credential *c, const char *value)
{
    static const char *const words[TLS_VERSIONS_COUNT] = {"all", "1.2", "1.3"};
    size_t word;

    if (!policy_word_find(words, TLS_VERSIONS_COUNT, value, &word))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "tls_version is not \"%s\"",
                    value);
    c->tls_versions = (enum tls_versions)word;
    return GSS_S_COMPLETE;
}

enum tls_versions credential_tls_versions(const struct credential *credential)
{
    return credential != NULL ? credential->tls_versions : TLS_VERSIONS_ALL;
}

/* Elements that are words; NULL when key is none of them. */
static credential_element_reader *reader_of(const char *key)
{
    if (strcmp(key, "server_authentication") == 0)
        return read_server_authentication;
    if (strcmp(key, "client_certificate") == 0)
        return read_client_certificate;
    if (strcmp(key, "tls_version") == 0)
        return read_tls_version;
    if (strcmp(key, "without_client_certificate") == 0)
        return credential_set_without_certificate;
    return NULL;
}

/* Where an element that is kept as it is has its place; NULL when it has none. */
static char **place_of(struct credential *c, const char *key)
{
    const struct {
        const char *key;
        char **place;
    } places[] = {
        {"certificate", &c->certificate},
        {"private_key", &c->private_key},
        {"trusted_certificates", &c->server.trusted_certificates},
        {"server_fingerprints", &c->server.fingerprints},
        {"trusted_client_certificates", &c->client.trusted_certificates},
        {"client_certificate_file", &c->client_certificate.certificate},
        {"client_private_key", &c->client_certificate.private_key},
    };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(key, places[i].key) == 0)
            return places[i].place;
    }
    return NULL;
}

bool credential_take_tls_element(OM_uint32 *minor, struct credential *credential, const char *key,
                                 const char *value, OM_uint32 *major)
{
    credential_element_reader *read = reader_of(key);
    char **place = place_of(credential, key);

    *major = GSS_S_COMPLETE;
    if (read != NULL) {
        *major = read(minor, credential, value);
        return true;
    }
    if (place == NULL)
        return false;
    free(*place);
    *place = strdup(value);
    if (*place == NULL)
        *major = fail_no_memory(minor);
    return true;
}

OM_uint32 credential_check_tls(OM_uint32 *minor, const struct credential *credential)
{
    const char *flaw = server_demand_flaw(&credential->server);

    if ((credential->certificate == NULL) != (credential->private_key == NULL))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CERTIFICATE,
                    "certificate and private_key must be given together");
    if (!certificate_source_is_whole(&credential->client_certificate))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CLIENT_CERTIFICATE,
                    "they must be given together");
    if (flaw != NULL)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "%s", flaw);
    return GSS_S_COMPLETE;
}

void credential_release_tls(struct credential *credential)
{
    free(credential->certificate);
    free(credential->private_key);
    server_demand_release(&credential->server);
    free(credential->client.trusted_certificates);
    certificate_source_release(&credential->client_certificate);
}
