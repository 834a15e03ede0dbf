/*
 * What an initiator demands of the server's certificate: options of gss-sspi.conf(5), and elements of
 * a credential store with the same names and values.
 */
#ifndef MECH_SERVER_DEMAND_H
#define MECH_SERVER_DEMAND_H

#include <stdbool.h>

#include "common/byte_range.h"

/* server_authentication, as it is written: "none", "verify", "pin". */
enum server_authentication {
    SERVER_UNVERIFIED,  /* the key is bound to the logon, and belongs to whoever it belongs */
    SERVER_VERIFIED,    /* it leads to somebody who is trusted, and names the target's host */
    SERVER_FINGERPRINT, /* certificate or key has a known SHA-256 */
};

struct server_demand {
    enum server_authentication authentication;
    char *trusted_certificates; /* PEM file; NULL: those that the system trusts */
    char *fingerprints;         /* "[pattern=]fingerprint" separated by blanks; NULL: none */
};

/* In either case; false when it is none of them. */
bool server_authentication_parse(const char *text, enum server_authentication *authentication);
const char *server_authentication_text(enum server_authentication authentication);

/* The name of an option that has a wrong value, or is missing; NULL when all is well. */
const char *server_demand_flaw(const struct server_demand *demand);

/* False when memory runs out; the copy can be released all the same. */
bool server_demand_copy(struct server_demand *copy, const struct server_demand *demand);
void server_demand_release(struct server_demand *demand);

/* SHA-256 of a certificate (DER), or of its SubjectPublicKeyInfo. */
#define FINGERPRINT_OCTETS 32

/*
 * The next fingerprint of *list, and the pattern of targets that it is for, which is absent when it
 * is for all; *list goes on behind it. False at the end, and, with *list not at its end, at
 * something that is no fingerprint.
 */
bool next_fingerprint(const char **list, struct byte_range *pattern,
                      unsigned char fingerprint[FINGERPRINT_OCTETS]);

#endif
