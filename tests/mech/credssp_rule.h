/*
 * One cell of the matrix of CredSSP logons, and what MS-CSSP and the delegation policy say must
 * come of it: written from the specification, and knowing nothing of the code under test.
 */
#ifndef TESTS_MECH_CREDSSP_RULE_H
#define TESTS_MECH_CREDSSP_RULE_H

#include <stdbool.h>
#include <stdint.h>
#include <gssapi/gssapi.h>

#define LOWEST_VERSION  2
#define HIGHEST_VERSION 6
#define VERSIONS        5

/* The logon inside. */
enum cell_inner { SPNEGO_KERBEROS, SPNEGO_NTLM, RAW_NTLM, RAW_KERBEROS };
#define INNERS 4

/* What the initiator delegates: TSCredentials of a type, none, or a ticket in the logon inside. */
enum cell_credentials { PASSWORD, SMART_CARD, REMOTE_GUARD, EMPTY, TICKET };
#define CREDENTIALS 5

/*
 * The initiator's policy: every list has the target; it is denied; only the lists for servers that
 * more than NTLM proved have it; only those for servers that NTLM alone did.
 */
enum cell_policy { ALLOWED, DENIED, PROVED_ONLY, NTLM_ONLY };
#define POLICIES 4

enum cell_key { KEY_RSA, KEY_P256, KEY_ED25519 };
#define KEYS 3

struct cell {
    uint32_t initiator_version, acceptor_version;
    uint32_t minimum; /* of our sides */
    bool tls_1_2;
    enum cell_key key;
    enum cell_inner inner;
    enum cell_credentials credentials;
    enum cell_policy policy;
};

/* The cell in words, in static memory. */
const char *cell_text(const struct cell *cell);

bool cell_is_kerberos(const struct cell *cell);
uint32_t cell_version(const struct cell *cell); /* that both sides speak */

/*
 * Who plays a role: the plugin, or a peer made by hand, which has no policy and no minimum. The
 * initiator is made by hand where ours sends no such thing (a logon without SPNEGO, remote guard
 * credentials) and where one side is older than the other: what an older peer says is then said by
 * code that is not the plugin's.
 */
bool cell_has_crafted_initiator(const struct cell *cell);
bool cell_has_crafted_acceptor(const struct cell *cell);

struct expectation {
    bool accepted;
    bool nothing_sent;   /* refused before the first token */
    long initiator_code; /* GSS_SSPI_E_* with which our side refuses; 0: it does not */
    long acceptor_code;
    bool told;                                 /* the acceptor sends errorCode */
    OM_uint32 initiator_flags, acceptor_flags; /* of our sides, when accepted */
    uint32_t credentials_type;                 /* as the acceptor's program sees it */
    bool credential; /* the acceptor gets a delegated credential of GSS-API */
};

struct expectation cell_expectation(const struct cell *cell);

#endif
