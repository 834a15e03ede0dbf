#include "mech/tls_policy.h"

#include <stdio.h>
#include <stdlib.h>

#include "mech/policy_option.h"

static const char *read_server_demand(krb5_context krb5, struct server_demand *demand, bool *failed)
{
    char *authentication = policy_option_read(krb5, "server_authentication", "none", failed);
    const char *bad = NULL;

    demand->trusted_certificates = policy_option_read(krb5, "trusted_certificates", NULL, failed);
    demand->fingerprints = policy_option_read(krb5, "server_fingerprints", NULL, failed);
    if (!*failed)
        bad = server_authentication_parse(authentication, &demand->authentication)
                  ? server_demand_flaw(demand)
                  : "server_authentication";
    free(authentication);
    return bad;
}

static const char *read_client_demand(krb5_context krb5, struct client_demand *demand, bool *failed)
{
    char *mode = policy_option_read(krb5, "client_certificate", "none", failed);
    const char *bad = NULL;

    demand->trusted_certificates =
        policy_option_read(krb5, "trusted_client_certificates", NULL, failed);
    if (!*failed && !client_certificate_mode_parse(mode, &demand->mode))
        bad = "client_certificate";
    else if (demand->mode != CLIENT_CERTIFICATE_NONE && demand->trusted_certificates == NULL)
        bad = "client_certificate (without trusted_client_certificates)";
    free(mode);
    return bad;
}

static const char *read_client_certificate(krb5_context krb5, struct certificate_source *source,
                                           bool *failed)
{
    source->certificate = policy_option_read(krb5, "client_certificate_file", NULL, failed);
    source->private_key = policy_option_read(krb5, "client_private_key", NULL, failed);
    if (*failed || certificate_source_is_whole(source))
        return NULL;
    return source->certificate == NULL ? "client_private_key (without client_certificate_file)"
                                       : "client_certificate_file (without client_private_key)";
}

const char *tls_policy_read(krb5_context krb5, struct tls_policy *policy, bool *failed)
{
    const char *bad = read_server_demand(krb5, &policy->server, failed);

    if (bad == NULL)
        bad = read_client_demand(krb5, &policy->client, failed);
    if (bad == NULL)
        bad = read_client_certificate(krb5, &policy->client_certificate, failed);
    policy->state_directory = policy_option_read(krb5, "state_directory", NULL, failed);
    /* A program's own directory must not decide where. */
    if (bad == NULL && policy->state_directory != NULL && policy->state_directory[0] != '/')
        bad = "state_directory";
    return bad;
}

void tls_policy_release(struct tls_policy *policy)
{
    free(policy->state_directory);
    server_demand_release(&policy->server);
    free(policy->client.trusted_certificates);
    certificate_source_release(&policy->client_certificate);
}

char *tls_policy_text(const struct tls_policy *policy)
{
    const char *file = text_or_empty(policy->client_certificate.certificate);
    const char *key = text_or_empty(policy->client_certificate.private_key);
    char *text = NULL;

    if (asprintf(&text,
                 "state_directory = %s\n"
                 "server_authentication = %s\n"
                 "trusted_certificates = %s\n"
                 "server_fingerprints = %s\n"
                 "client_certificate = %s\n"
                 "trusted_client_certificates = %s\n"
                 "client_certificate_file = %.*s\n"
                 "client_private_key = %.*s\n",
                 text_or_empty(policy->state_directory),
                 server_authentication_text(policy->server.authentication),
                 text_or_empty(policy->server.trusted_certificates),
                 text_or_empty(policy->server.fingerprints),
                 client_certificate_mode_text(policy->client.mode),
                 text_or_empty(policy->client.trusted_certificates), certificate_source_shown(file),
                 file, certificate_source_shown(key), key) < 0)
        return NULL;
    return text;
}
