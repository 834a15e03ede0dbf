/*
 * Whom credentials may be delegated to: the lists of Windows' group policy "Credentials
 * Delegation", under the names that they have in its registry.
 */
#ifndef MECH_DELEGATION_POLICY_H
#define MECH_DELEGATION_POLICY_H

#include <stdbool.h>
#include <krb5.h>

/* Credentials that may be delegated, as the group policy tells them apart. */
enum credentials_kind {
    FRESH_CREDENTIALS,   /* given by the user or the program for this logon */
    SAVED_CREDENTIALS,   /* kept for later logons: a saved password, a client keytab */
    DEFAULT_CREDENTIALS, /* of the caller's logon: a ticket */
};

#define CREDENTIALS_KINDS 3

/* How the server proved its identity before anything is delegated to it. */
enum server_proof {
    SERVER_NOT_KNOWN_YET, /* the logon has not begun */
    SERVER_PROVED_NTLM,   /* it only knows the user's password, or a domain controller that does */
    SERVER_PROVED,        /* Kerberos, or a certificate that was checked */
};

enum delegation_answer { DELEGATION_ALLOWED, DELEGATION_DENIED, DELEGATION_DENIED_NTLM_ONLY };

/* Lists of patterns separated by blanks. */
struct delegation_policy {
    char *allow[CREDENTIALS_KINDS][2]; /* [credentials_kind][only NTLM] */
    char *deny[CREDENTIALS_KINDS];
};

/* Reads the lists; *failed is set when memory runs out. delegation_policy_clear frees them. */
void delegation_policy_read(krb5_context krb5, struct delegation_policy *policy, bool *failed);
void delegation_policy_clear(struct delegation_policy *policy);

/* The name of a list with a pattern that can match nothing that was meant, or NULL. */
const char *delegation_policy_flaw(const struct delegation_policy *policy);

/* Lines "name = list" of all lists; the caller frees. NULL when memory runs out. */
char *delegation_policy_text(const struct delegation_policy *policy);

/*
 * Whether credentials of this kind may be delegated to target ("TERMSRV/host.example.com", compared
 * without regard to case). Before the logon (SERVER_NOT_KNOWN_YET) the answer is ALLOWED when some
 * proof would be enough.
 */
enum delegation_answer delegation_policy_allows(const struct delegation_policy *policy,
                                                enum credentials_kind kind, enum server_proof proof,
                                                const char *target);

#endif
