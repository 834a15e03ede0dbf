#include "mech/cred_tls.h"

#include <stdlib.h>
#include <string.h>

#include "mech/status.h"

static OM_uint32 read_server_authentication(OM_uint32 *minor, struct credential *c,
                                            const char *value)
{
    if (server_authentication_parse(value, &c->server.authentication))
        return GSS_S_COMPLETE;
    return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                "server_authentication is not \"%s\"", value);
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
    char **place = place_of(credential, key);

    *major = GSS_S_COMPLETE;
    if (strcmp(key, "server_authentication") == 0) {
        *major = read_server_authentication(minor, credential, value);
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
    if (flaw != NULL)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "%s", flaw);
    return GSS_S_COMPLETE;
}

void credential_release_tls(struct credential *credential)
{
    free(credential->certificate);
    free(credential->private_key);
    server_demand_release(&credential->server);
}
