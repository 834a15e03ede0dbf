/* What the parts of the NegoEx test mechanism share (negoex_mech.c says what it is). */
#ifndef TESTS_MECH_NEGOEX_MECH_H
#define TESTS_MECH_NEGOEX_MECH_H

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <stdbool.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

/* Minor status codes. */
#define MINOR_REFUSED  1001 /* this side refuses */
#define MINOR_REPORTED 1002 /* the acceptor reported that it refused */

struct test_context {
    bool initiator;
    bool started;
    unsigned char letter; /* the mechanism: the last octet of its OID */
    unsigned char hops;   /* tokens still to come */
    uint32_t sent, received;
};

/* Whether an environment variable names the mechanism. */
bool negoex_mech_is_named(const char *variable, unsigned char letter);

/* The OID of a mechanism, static. */
gss_OID negoex_mech_oid(unsigned char letter);

/* The flags of a context. */
OM_uint32 negoex_mech_flags(const struct test_context *context);

#endif
