/*
 * What the administrator allows: [appdefaults] gss-sspi in krb5.conf, see gss-sspi.conf(5).
 */
#ifndef MECH_POLICY_H
#define MECH_POLICY_H

#include <stdbool.h>
#include "mech/mechglue.h"
#include "mech/package_list.h"
#include "mech/tls_policy.h"

/* Credentials that may be delegated, as Windows' group policy tells them apart. */
enum credentials_kind {
    FRESH_CREDENTIALS,   /* given by the program: a password */
    DEFAULT_CREDENTIALS, /* of the caller's logon: a ticket */
};

/* How the server proved its identity before anything is delegated to it. */
enum server_proof {
    SERVER_NOT_KNOWN_YET, /* the logon has not begun */
    SERVER_PROVED_NTLM,   /* it only knows the user's password, or a domain controller that does */
    SERVER_PROVED,        /* Kerberos, or a certificate that was checked */
};

enum delegation_answer { DELEGATION_ALLOWED, DELEGATION_DENIED, DELEGATION_DENIED_NTLM_ONLY };

/* What an acceptor makes of channel bindings (Windows' Extended Protection), weakest first. */
enum channel_binding_mode {
    CHANNEL_BINDINGS_NONE,          /* not looked at */
    CHANNEL_BINDINGS_WHEN_SUPPLIED, /* an initiator that sends none gets in */
    CHANNEL_BINDINGS_REQUIRED,
};

enum self_signed_key { SELF_SIGNED_RSA, SELF_SIGNED_ECDSA };

/* One reading of the configuration; it does not change after it was made. */
struct policy {
    unsigned int references;
    char *allow[2][2]; /* [credentials_kind][only NTLM]: patterns separated by blanks */
    char *deny[2];
    struct package_list packages;
    char *target_packages; /* "pattern=list", separated by blanks: see policy_packages_for */
    enum channel_binding_mode channel_bindings;
    char *certificate; /* NULL: a self-signed one */
    char *private_key;
    enum self_signed_key self_signed_key;
    char *tls_priority; /* NULL: the system's */
    int minimum_version;
    struct tls_policy tls;
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
 * The packages for a logon on target ("HTTP/host.example.com"): those of the first pattern that
 * matches it, or those of every target.
 */
void policy_packages_for(const struct policy *policy, const char *target,
                         struct package_list *packages);

/* Reads "none", "when_supplied" or "required", in any case; false when it is none of them. */
bool channel_binding_mode_parse(const char *text, enum channel_binding_mode *mode);

/* Lines "name = value" of the whole policy. The caller frees *text with gss_release_buffer. */
OM_uint32 policy_describe(OM_uint32 *minor, const struct policy *policy, gss_buffer_t text);

#endif
