/*
 * What the administrator allows: [appdefaults] gss-sspi in krb5.conf, see gss-sspi.conf(5).
 */
#ifndef MECH_POLICY_H
#define MECH_POLICY_H

#include <stdbool.h>
#include "mech/delegation_policy.h"
#include "mech/mechglue.h"
#include "mech/package_list.h"
#include "mech/tls_policy.h"

/* What an acceptor makes of channel bindings (Windows' Extended Protection), weakest first. */
enum channel_binding_mode {
    CHANNEL_BINDINGS_NONE,          /* not looked at */
    CHANNEL_BINDINGS_WHEN_SUPPLIED, /* an initiator that sends none gets in */
    CHANNEL_BINDINGS_REQUIRED,
};

/* Blanks that separate the patterns of a list. */
#define POLICY_LIST_SEPARATORS " \t\r\n"

enum policy_role { POLICY_CLIENT, POLICY_SERVER };

enum self_signed_key {
    SELF_SIGNED_RSA,
    SELF_SIGNED_ECDSA,
    SELF_SIGNED_ED25519,
    SELF_SIGNED_KINDS /* how many */
};

/* One reading of the configuration; it does not change after it was made. */
struct policy {
    unsigned int references;
    struct delegation_policy delegation;
    struct package_list packages;
    char *target_packages; /* "pattern=list", separated by blanks: see policy_packages_for */
    enum channel_binding_mode channel_bindings;
    char *certificate; /* NULL: a self-signed one */
    char *private_key;
    enum self_signed_key self_signed_key;
    char *tls_priority;        /* NULL: the system's */
    int minimum_version;       /* for either role, when its own is not set */
    int minimum_version_of[2]; /* [policy_role] of CredSSP */
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
 * Whether a pattern is one: it has one '*' at most, and no comma, by which those separate names who mistake
 * a list for another's. A list that forbids would else allow what it was written against.
 */
bool policy_pattern_is_right(const char *pattern, size_t length);

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
