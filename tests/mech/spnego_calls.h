/*
 * The calls that an application can make on SPNEGO, in every state that it can meet, each with what came of
 * it as one line of text: spnego_calls prints them, test_spnego_calls compares those of MIT's
 * SPNEGO with those of ours.
 */
#ifndef TESTS_MECH_SPNEGO_CALLS_H
#define TESTS_MECH_SPNEGO_CALLS_H

#include <stdbool.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

/* What a call is made on; what a group of calls does not need may be absent. */
struct subject {
    gss_ctx_id_t context;
    gss_ctx_id_t peer; /* the other side, when both are established */
    gss_cred_id_t credential;
    gss_name_t name;
};

/* One call, or several that belong together. */
struct call {
    const char *name;
    void (*run)(const struct subject *subject);
};

/* Ends with an element without name. */
extern const struct call context_calls[];
extern const struct call credential_calls[];
extern const struct call name_calls[];
extern const struct call mechanism_calls[];

/* SPNEGO's OID, or our Negotiate's own. */
extern gss_OID mechanism;

/*
 * Makes each call in a process of its own, which may crash, and prints a line "state<TAB>call<TAB>result"
 * for it.
 */
void record_calls(const char *state, const struct call *calls, const struct subject *subject);

/* Adds to the result of the running call; printf-formatted. */
void result(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Adds a major status in hexadecimal, and returns it. */
OM_uint32 result_major(const char *what, OM_uint32 major);

/* Adds an OID in dots, a buffer's printable content, and a lifetime without its number. */
void result_oid(const char *what, gss_const_OID oid);
void result_text(const char *what, gss_buffer_t buffer);
void result_time(const char *what, OM_uint32 lifetime);

/* Adds context flags; with PROT_READY, which goes without saying, when the context is established. */
void result_flags(const char *what, OM_uint32 flags, bool established);

/* Adds a display name and its type; releases it. */
void result_name(const char *what, gss_name_t *name);

/* Ends the program with a sentence, for what has nothing to do with the mechanisms compared. */
void give_up(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Both sides of a logon. */
struct logon {
    const char *target;
    OM_uint32 flags;
    gss_cred_id_t client_credential;
    gss_cred_id_t server_credential;

    gss_ctx_id_t client;
    gss_ctx_id_t server;
    OM_uint32 client_major, server_major;
    OM_uint32 client_flags, server_flags;
    gss_name_t source;
    gss_OID server_mechanism;
    gss_cred_id_t delegated;
    gss_buffer_desc token; /* the next to be delivered */
};

/* Makes so many steps, the client's first one included; true when both sides are established. */
bool logon_advance(struct logon *logon, unsigned steps);

/* Releases what came of it. */
void logon_end(struct logon *logon);

/* More steps than any logon here has. */
#define LOGON_STEPS_MAXIMUM 12

gss_name_t import_name(const char *text, gss_OID type);

/* A credential of the mechanism from pairs key, value, NULL; absent when refused (*major says why). */
gss_cred_id_t acquire(OM_uint32 *major, const char *user, gss_OID type, gss_cred_usage_t usage,
                      const char *key, const char *value);

#endif
