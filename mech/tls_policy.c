#include "mech/tls_policy.h"

#include <stdio.h>
#include <stdlib.h>

#include "mech/policy_option.h"

const char *tls_policy_read(krb5_context krb5, struct tls_policy *policy, bool *failed)
{
    char *authentication = policy_option_read(krb5, "server_authentication", "none", failed);
    const char *bad = NULL;

    policy->server.trusted_certificates =
        policy_option_read(krb5, "trusted_certificates", NULL, failed);
    policy->server.fingerprints = policy_option_read(krb5, "server_fingerprints", NULL, failed);
    if (*failed)
        goto done;
    if (!server_authentication_parse(authentication, &policy->server.authentication))
        bad = "server_authentication";
    else
        bad = server_demand_flaw(&policy->server);
done:
    free(authentication);
    return bad;
}

void tls_policy_release(struct tls_policy *policy)
{
    server_demand_release(&policy->server);
}

char *tls_policy_text(const struct tls_policy *policy)
{
    char *text = NULL;

    if (asprintf(&text,
                 "server_authentication = %s\n"
                 "trusted_certificates = %s\n"
                 "server_fingerprints = %s\n",
                 server_authentication_text(policy->server.authentication),
                 text_or_empty(policy->server.trusted_certificates),
                 text_or_empty(policy->server.fingerprints)) < 0)
        return NULL;
    return text;
}
