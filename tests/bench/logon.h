/* Logons of a client and a server in one process, through the mechglue. A failure ends the program. */
#ifndef TESTS_BENCH_LOGON_H
#define TESTS_BENCH_LOGON_H

#include <stdbool.h>

#include <gssapi/gssapi.h>

extern const gss_OID_desc krb5_oid;
extern const gss_OID_desc spnego_oid;
extern const gss_OID_desc ntlm_oid;

struct credentials {
    gss_cred_id_t client;
    gss_cred_id_t server;
};

/* What is logged on with. */
struct logon {
    const gss_OID_desc *mechanism;
    const gss_OID_desc *header; /* put around the first token, to reach that acceptor; or NULL */
    /*
     * NTLM without SPNEGO, but with all that SPNEGO must ask of it (MS-SPNG 3.3.5.1): the MIC in
     * AUTHENTICATE and a mechListMIC each way. No SPNEGO can cost less.
     */
    bool with_mics;
    /* With the messages that CredSSP seals by the logon inside: two for the binding, one to delegate. */
    bool with_sealed;
    /*
     * As a program for which the logon is not all: the client has its target as text, the server wants
     * to know who logs on, both what they have and how long. Otherwise one imported name serves all
     * logons, and nothing is asked for.
     */
    bool asks_everything;
    struct credentials credentials; /* GSS_C_NO_CREDENTIAL: the defaults */
};

/* Keeps the ticket cache that the environment names. Once, before everything else. */
void logon_set_up(void);

/* Frees what logon_set_up has made. */
void logon_tear_down(void);

/* The environment with the tickets, as it was. */
void logon_with_tickets(void);

/* One without: NTLM is all that is left then. */
void logon_without_tickets(void);

/* Says what failed and why, and ends the program. */
_Noreturn void die(const char *what, OM_uint32 major, OM_uint32 minor);

/* The caller's default credentials; credentials_release frees them. */
struct credentials credentials_acquire(const gss_OID_desc *mechanism);
void credentials_release(struct credentials *credentials);

/*
 * A whole logon, as CredSSP wants the one inside: mutual, with confidentiality. The caller deletes
 * both contexts.
 */
void logon_run(const struct logon *logon, gss_ctx_id_t *client, gss_ctx_id_t *server);

/* The first token each way: the server then waits for more. The caller deletes both contexts. */
void logon_begin(const struct logon *logon, gss_ctx_id_t *client, gss_ctx_id_t *server);

#endif
