/* The cells of the table: who talks to whom, in what circumstances, and asks for what. */
#ifndef TESTS_INTEROP_SPNEGO_CELL_H
#define TESTS_INTEROP_SPNEGO_CELL_H

#include <stdbool.h>
#include <gssapi/gssapi_ext.h>
#include "tests/interop/peer_logon.h"

/* Whose SPNEGO a side has. */
enum peer_kind {
    PEER_MIT,        /* MIT's; our plugin is not registered */
    PEER_MIT_BESIDE, /* MIT's; our plugin is registered under its own OIDs */
    PEER_OURS,       /* ours, called by its own OID */
    PEER_INTERPOSED, /* ours, called by SPNEGO's OID: the <interposer> line */
    PEER_HEIMDAL,
    PEER_KINDS
};

/* Ours, by whatever OID. */
bool peer_kind_is_ours(enum peer_kind kind);

/* What decides about the mechanism. */
enum scenario_kind {
    KERBEROS_WORKS,
    ONLY_NTLM_IS_WANTED, /* gss_set_neg_mechs */
    ONLY_KERBEROS_IS_WANTED,
    SERVICE_IS_UNKNOWN, /* to the KDC */
    NO_TICKETS,
    NO_KDC,                      /* nobody listens there; a TGT, and no ticket for the service */
    NO_SERVICE_KEY,              /* no keytab at all: the acceptor cannot choose Kerberos */
    OTHER_SERVICE_KEY,           /* a keytab without the key that is needed: it can, and fails */
    CREDENTIALS_ACQUIRED,        /* beforehand, by both; Kerberos works */
    CREDENTIALS_WITHOUT_TICKETS, /* the same, and the initiator has no tickets */
    SCENARIO_KINDS
};

struct scenario {
    const char *name;
    const char *ccache;    /* initiator; files are in the realm's directory, NULL: the realm's */
    const char *krb5_conf; /* initiator */
    const char *keytab;    /* acceptor */
    const char *target;    /* NULL: host@localhost */
    const char *neg_mechs; /* initiator */
    bool acquire;          /* both sides */
};

enum feature_kind {
    NO_FLAGS,
    MUTUAL,
    DCE_STYLE,
    BINDINGS_SAME,
    BINDINGS_OF_INITIATOR,
    BINDINGS_OF_ACCEPTOR,
    BINDINGS_DIFFERENT,
    DELEGATION,
    ANONYMOUS_FLAG,   /* GSS_C_ANON_FLAG, with an ordinary ticket */
    ANONYMOUS_TICKET, /* the same, with a ticket of RFC 8062 */
    FEATURE_KINDS
};

struct feature {
    const char *name;
    OM_uint32 flags; /* req_flags */
    const char *initiator_bindings;
    const char *acceptor_bindings;
    const char *ccache; /* instead of the scenario's */
};

extern const struct scenario scenarios[SCENARIO_KINDS];
extern const struct feature features[FEATURE_KINDS];

struct cell {
    enum scenario_kind scenario;
    enum feature_kind feature;
    enum peer_kind initiator;
    enum peer_kind acceptor;
};

#define MAXIMUM_CELLS (SCENARIO_KINDS * FEATURE_KINDS * PEER_KINDS * PEER_KINDS)

/*
 * All cells that there are, scenario by scenario, each from first[scenario] to first[scenario + 1].
 * Heimdal lacks gss_set_neg_mechs, anonymous tickets are Kerberos' alone, and MIT's SPNEGO beside our
 * plugin need only show that it is what it was.
 */
struct cell_list {
    struct cell cells[MAXIMUM_CELLS];
    int first[SCENARIO_KINDS + 1];
};

void cell_list_make(struct cell_list *list);

/* An environment variable that with-realm or spnego-table.sh sets. */
const char *realm_variable(const char *name);

/* For people. */
const char *cell_name(const struct cell *cell);

/* The program, mechanism and registration of one side; everything else is the realm's. */
void peer_settings_begin(struct peer_settings *settings, enum peer_side side, enum peer_kind kind);

/*
 * In a build with AddressSanitizer: has a side look for leaks when it ends, which takes ten times as long
 * as all else that it does. spnego-table.sh keeps the others from it.
 */
void peer_settings_look_for_leaks(struct peer_settings *settings);

/* Both sides' settings. Sides that are of the same kind, and ours, look for leaks. */
void cell_prepare(const struct cell *cell, struct peer_logon *logon);

#endif
