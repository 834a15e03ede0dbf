#include "mech/tls_policy.h"

#include <stdio.h>
#include <stdlib.h>

#include "mech/policy_option.h"

const char *tls_policy_read(krb5_context krb5, struct tls_policy *policy, bool *failed)
{
    char *authentication = policy_option_read(krb5, "server_authentication", "none", failed);
    const char *bad = NULL;

    policy->state_directory = policy_option_read(krb5, "state_directory", NULL, failed);
    policy->server.trusted_certificates =
        policy_option_read(krb5, "trusted_certificates", NULL, failed);
    policy->server.fingerprints = policy_option_read(krb5, "server_fingerprints", NULL, failed);
    if (*failed)
        goto done;
    /* A program's own directory must not decide where. */
    if (policy->state_directory != NULL && policy->state_directory[0] != '/')
        bad = "state_directory";
    else if (!server_authentication_parse(authentication, &policy->server.authentication))
        bad = "server_authentication";
    else
        bad = server_demand_flaw(&policy->server);
done:
    free(authentication);
    return bad;
}

void tls_policy_release(struct tls_policy *policy)
{
    free(policy->state_directory);
    server_demand_release(&policy->server);
}

char *tls_policy_text(const struct tls_policy *policy)
{
    char *text = NULL;

    if (asprintf(&text,
                 "state_directory = %s\n"
                 "server_authentication = %s\n"
                 "trusted_certificates = %s\n"
                 "server_fingerprints = %s\n",
                 text_or_empty(policy->state_directory),
                 server_authentication_text(policy->server.authentication),
                 text_or_empty(policy->server.trusted_certificates),
                 text_or_empty(policy->server.fingerprints)) < 0)
        return NULL;
    return text;
}
