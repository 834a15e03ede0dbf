/* Both sides of a logon in one process, with a hand on every token between them. */
#ifndef TESTS_MECH_EXCHANGE_H
#define TESTS_MECH_EXCHANGE_H

#include <stdbool.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include "gssapi_sspi.h"

/* More steps than any logon has: an exchange that takes them has lost its way. */
#define EXCHANGE_MAX_TOKENS 16

struct exchange {
    /* What to do; all may be left zero but mechanism and target. */
    gss_const_OID mechanism;
    const char *target; /* service@host */
    OM_uint32 flags;
    gss_cred_id_t client_credential;
    gss_cred_id_t server_credential;
    gss_channel_bindings_t client_bindings;
    gss_channel_bindings_t server_bindings;
    gss_const_OID server_header; /* the first token gets this header, to reach that acceptor */
    bool server_first;           /* the acceptor is called first, with an empty token */
    size_t piece;                /* if set, tokens are delivered in pieces of so many octets */
    gss_buffer_desc hint;        /* the client's first input, as if a server had spoken first */

    /* Called with each token before it is delivered; may change it (malloc()ed value). */
    void (*on_token)(struct exchange *exchange, void *argument, gss_buffer_t token);
    void *argument;

    /* Called when the client is asked whether it goes on without a certificate, before it does. */
    void (*on_question)(struct exchange *exchange);

    /* What came of it. */
    gss_ctx_id_t client;
    gss_ctx_id_t server;
    OM_uint32 client_major, client_minor;
    OM_uint32 server_major, server_minor;
    OM_uint32 client_flags, server_flags;
    gss_OID client_mechanism, server_mechanism;
    gss_name_t source;
    gss_cred_id_t delegated;
    unsigned tokens; /* delivered */
    bool to_server;  /* direction of the token being delivered */
    size_t octets;
};

/* What a caller that wants protected messages asks for. */
#define NEGOTIATE_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG)

/* A Negotiate logon on this host with these flags, both sides ours. */
struct exchange negotiate_exchange(void);

/* Runs until both sides are done or one has failed. True when both have succeeded. */
bool exchange_run(struct exchange *exchange);

/* Releases what came of it, so that the same exchange can be run again. */
void exchange_reset(struct exchange *exchange);

/* Sends a message each way by wrap and unwrap, and a signature each way. */
void exchange_check_messages(struct exchange *exchange);

/* Minor status text of one side, in static memory. */
const char *status_text(OM_uint32 major, OM_uint32 minor);

/* A user's credential with a password; aborts the test when it cannot be had. */
gss_cred_id_t password_credential(gss_const_OID mechanism, const char *user, const char *password);

/* A credential from a store of pairs key, value, ..., NULL; GSS_C_NO_CREDENTIAL when refused. */
gss_cred_id_t store_credential(gss_const_OID mechanism, gss_cred_usage_t usage, const char *user,
                               ...);

/* Exports a credential and releases it; what another process imports. */
gss_cred_id_t exported_copy(gss_cred_id_t *credential);

/* An environment variable that with-realm sets. */
const char *realm_variable(const char *name);

/* Makes the default initiator credential NTLM's: no Kerberos tickets for the rest of this test. */
void without_tickets(void);

/* Puts options for [appdefaults] gss-sspi before those of the realm, for the rest of this test. */
void with_options(const char *lines);

/* A display name, in static memory. */
const char *name_text_of(gss_name_t name);

/* The last failure, as the plugin reports it. */
struct gss_sspi_failure plugin_failure(void);

extern const gss_OID_desc spnego_oid;
extern const gss_OID_desc krb5_oid;
extern const gss_OID_desc ntlm_oid;

#endif
