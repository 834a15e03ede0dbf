/*
 * Exported credentials: what lets a process hand a credential to another, and the mechglue copy
 * one. They hold secrets, as those of Kerberos do.
 *
 *   octets  content
 *   1       version, 6
 *   1       usage
 *   1       authentication of the server, for an initiator
 *   1       whether channel bindings must be there, for an acceptor
 *   1       whether a client's certificate is asked for, for an acceptor
 *   4       lifetime asked for
 *   4 + n   name as name_export gives it; n is 0 for the default
 *   1       flags: bit 0 there is a password, bit 1 only_given, bit 2 no_integrity, bit 3 there is
 *           a set of gss_set_neg_mechs, bit 4 is_saved, bit 5 asks_without_certificate,
 *           bits 6 and 7 tls_versions
 *   4 + n   password
 *   4 + n   certificate file; n is 0 when there is none
 *   4 + n   key file
 *   4 + n   file of trusted certificates
 *   4 + n   fingerprints of servers
 *   4 + n   file of certificates that are trusted to vouch for clients
 *   4 + n   client's certificate file
 *   4 + n   client's key file
 *   4 + n   package list, as it was given; n is 0 when there is none
 *   4 + n   the set of gss_set_neg_mechs: 4 + n for each OID's content octets
 *   4 + n   the credential store that is passed on: 4 + n for each key and each value
 *   4 + n   smart card, by the keys of a credential store; n is 0 when there is none
 *   4 + n   Kerberos' credential as initiator, as the mechglue exports it; n is 0 where there is
 *           none
 *   4 + n   Kerberos' credential as acceptor
 *
 * NTLM's is acquired anew from name, password and store: gss-ntlmssp 1.2.0 does not import what it
 * exports.
 */
#ifndef MECH_CRED_EXPORTED_H
#define MECH_CRED_EXPORTED_H

#define EXPORT_VERSION 6

/* Version, usage, the two authentications, channel bindings, lifetime and flags. */
#define FIXED_OCTETS 10

/* The runs of octets, each behind its length. */
enum {
    RUN_NAME,
    RUN_PASSWORD,
    RUN_CERTIFICATE,
    RUN_KEY,
    RUN_TRUSTED,
    RUN_FINGERPRINTS,
    RUN_TRUSTED_CLIENTS,
    RUN_CLIENT_CERTIFICATE,
    RUN_CLIENT_KEY,
    RUN_PACKAGES,
    RUN_ALLOWED,
    RUN_STORE,
    RUN_SMART_CARD,
    RUN_INITIATOR,
    RUN_ACCEPTOR,
    RUN_COUNT
};

/* More elements than any credential store has. */
#define STORE_MAXIMUM 64
#define STORE_OCTETS  ((size_t)64 * 1024)

/* In the octet before the runs. */
#define FLAG_PASSWORD     1u
#define FLAG_ONLY_GIVEN   2u
#define FLAG_NO_INTEGRITY 4u
#define FLAG_HAS_SET      8u
#define FLAG_SAVED        16u
#define FLAG_ASKS         32u
#define FLAGS_TLS_SHIFT   6

#endif
