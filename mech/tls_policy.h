/* The part of the policy that is about who the two ends of a TLS session are. */
#ifndef MECH_TLS_POLICY_H
#define MECH_TLS_POLICY_H

#include <krb5.h>
#include <stdbool.h>

#include "mech/certificate_source.h"
#include "mech/client_demand.h"
#include "mech/server_demand.h"

struct tls_policy {
    char *state_directory;       /* NULL: nothing is kept */
    struct server_demand server; /* of every initiator; its credential may demand more */
    struct client_demand client; /* of every acceptor; its credential may demand more */
    struct certificate_source
        client_certificate; /* an initiator's, unless its credential has one */
};

/* The name of an option with a bad value, or NULL; *failed as policy_option_read has it. */
const char *tls_policy_read(krb5_context krb5, struct tls_policy *policy, bool *failed);

void tls_policy_release(struct tls_policy *policy);

/* Lines "name = value"; the caller frees. NULL when memory runs out. */
char *tls_policy_text(const struct tls_policy *policy);

#endif
