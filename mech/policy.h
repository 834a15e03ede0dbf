/*
 * What the administrator allows: [appdefaults] gss-sspi in krb5.conf, see gss-sspi.conf(5).
 */
#ifndef MECH_POLICY_H
#define MECH_POLICY_H

#include <stdbool.h>
#include "mech/mechglue.h"

/* Credentials that may be delegated, as Windows' group policy tells them apart. */
enum credentials_kind {
    FRESH_CREDENTIALS,   /* given by the program: a password */
    DEFAULT_CREDENTIALS, /* of the caller's logon: a ticket */
};

/* How the server proved its identity before anything is delegated to it. */
enum server_proof {
    SERVER_NOT_KNOWN_YET, /* the logon has not begun */
    SERVER_PROVED_NTLM,   /* it only knows the user's password, or a domain controller that does */
    SERVER_PROVED,        /* Kerberos */
};

enum delegation_answer { DELEGATION_ALLOWED, DELEGATION_DENIED, DELEGATION_DENIED_NTLM_ONLY };

/* The inner mechanisms that a package list can name. */
struct package_list {
    bool kerberos;
    bool ntlm;
};

enum self_signed_key { SELF_SIGNED_RSA, SELF_SIGNED_ECDSA };

/* One reading of the configuration; it does not change after it was made. */
struct policy {
    unsigned int references;
    char *allow[2][2]; /* [credentials_kind][only NTLM]: patterns separated by blanks */
    char *deny[2];
    struct package_list packages;
    char *certificate; /* NULL: a self-signed one */
    char *private_key;
    enum self_signed_key self_signed_key;
    char *tls_priority; /* NULL: the system's */
    int minimum_version;
};

/*
 * The policy in force. The files are read again when the last reading is older than a second and
 * asked for. Returns NULL, with *minor set, when they cannot be read or have a bad value: nothing
 * is allowed then. The caller releases it with policy_release.
 */
struct policy *policy_acquire(OM_uint32 *minor);

/* NULL is allowed. */
void policy_release(struct policy *policy);

/*
 * Whether credentials of this kind may be delegated to target ("TERMSRV/host.example.com", compared
 * without regard to case). Before the logon (SERVER_NOT_KNOWN_YET) the answer is ALLOWED when some
 * proof would be enough.
 */
enum delegation_answer policy_allows_delegation(const struct policy *policy,
                                                enum credentials_kind kind, enum server_proof proof,
                                                const char *target);

/*
 * Whether pattern, with at most one '*', matches text; ASCII letters match in either case. A
 * pattern with more than one '*' matches nothing.
 */
bool policy_pattern_matches(const char *pattern, size_t length, const char *text);

/*
 * Reads a list as Windows' package lists are written: "kerberos,ntlm" allows only these, "!ntlm"
 * all but that; blanks do not count, unknown names are passed over. Returns false when nothing is
 * left.
 */
bool package_list_parse(const char *text, struct package_list *packages);

/* Lines "name = value" of the whole policy. The caller frees *text with gss_release_buffer. */
OM_uint32 policy_describe(OM_uint32 *minor, const struct policy *policy, gss_buffer_t text);

#endif
