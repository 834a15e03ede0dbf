/*
 * CredSSP (MS-CSSP): a TLS session, inside it a Negotiate logon carried in TSRequests, a proof that
 * both ends see the same server key, and then the client's credentials.
 *
 * initiator.c and acceptor.c hold the two state machines, request.c the TSRequests that both read
 * and write, refusal.c errorCode, binding.c pubKeyAuth, delegate.c and delegated.c the
 * credentials, protect.c and its sisters messages afterwards, keys.c keys for programs, context.c
 * the rest.
 */
#ifndef MECH_CREDSSP_CREDSSP_H
#define MECH_CREDSSP_CREDSSP_H

#include "asn1/ts_request.h"
#include "common/byte_buffer.h"
#include "common/secret.h"
#include "mech/context.h"
#include "mech/policy.h"
#include "mech/tls.h"

/* Versions of MS-CSSP 2.2.1. We always announce the highest. */
#define CREDSSP_HIGHEST_VERSION 6
#define CREDSSP_HASHED_BINDING  5 /* from here on pubKeyAuth is a hash bound to a nonce */
#define CREDSSP_NONCE_OCTETS    32

enum credssp_state {
    CREDSSP_START,
    CREDSSP_TLS_HANDSHAKE,
    CREDSSP_CERTIFICATE_WANTED, /* initiator: the caller decides whether to go on without one */
    CREDSSP_NEGOTIATE,          /* negoTokens both ways */
    CREDSSP_AWAIT_BINDING,      /* initiator: sent pubKeyAuth, wants the server's */
    CREDSSP_AWAIT_CREDENTIALS,  /* acceptor: the binding is proved, wants authInfo */
    CREDSSP_DONE,
};

enum delegation_plan { DELEGATE_NOTHING, DELEGATE_PASSWORD, DELEGATE_SMART_CARD, DELEGATE_TICKET };

struct credssp_context {
    struct context base;
    enum credssp_state state;
    struct policy *policy;
    struct server_check *server_check; /* initiator; the TLS session uses it */
    struct client_check *client_check; /* acceptor; likewise; NULL: no certificate is asked for */
    struct certificate_source client_certificate; /* initiator; likewise */
    struct tls_session *tls;
    struct context *negotiate;
    struct byte_buffer request; /* the TSRequest that is being received */

    uint32_t peer_version; /* 0 until the peer has said it */
    bool has_nonce;
    unsigned char nonce[CREDSSP_NONCE_OCTETS];
    struct byte_range public_key; /* points into the TLS session's certificate */

    /* initiator */
    enum delegation_plan plan;
    enum credentials_kind kind; /* of what the plan is about */
    bool mutual_is_wanted;      /* GSS_C_MUTUAL_FLAG */
    bool asks_without_certificate;
    bool delegation_is_optional; /* GSS_C_DELEG_POLICY_FLAG alone */
    char *target;                /* service principal name, for policy */

    /*
     * TSCredentials, as they stand on the wire; absent when nothing is delegated. The acceptor
     * keeps what came; the initiator, from its first call until it has sent them, what its plan is
     * about.
     */
    struct secret credentials;
    uint32_t
        credentials_type; /* acceptor: enum ts_credentials_type, 0 when nothing was delegated */
};

/* Makes a context for one role. NULL, with *minor set, on failure. */
struct context *credssp_context_create(OM_uint32 *minor, bool initiator);

OM_uint32 credssp_initiate(OM_uint32 *minor, struct context *context,
                           const struct initiate_request *request, gss_buffer_t input,
                           gss_buffer_t output);
OM_uint32 credssp_accept(OM_uint32 *minor, struct context *context,
                         const struct accept_request *request, gss_buffer_t input,
                         gss_buffer_t output);

/*
 * What proved the server to the client: a mechanism that does, which is Kerberos, or a certificate that
 * was checked. NTLM's server proves that somebody it asked knows the password. negotiate must be there.
 */
struct server_proofs {
    bool by_mechanism;
    bool by_certificate;
};
struct server_proofs credssp_server_proofs(const struct credssp_context *credssp);

/* --- request.c --- */

/*
 * Reads one TSRequest, which points into the context until the next call. GSS_S_COMPLETE;
 * GSS_S_CONTINUE_NEEDED when more octets must come; or an error. Version and errorCode are checked.
 */
OM_uint32 request_read(OM_uint32 *minor, struct credssp_context *credssp,
                       struct ts_request *request);

/* Nothing may stand behind the TSRequest that was read. */
OM_uint32 request_is_last(OM_uint32 *minor, struct credssp_context *credssp);

/* Sends one TSRequest as one TLS write (MS-CSSP 3.1.5 wants it whole); sets its version. */
OM_uint32 request_write(OM_uint32 *minor, struct credssp_context *credssp,
                        struct ts_request *request);

/* The version that both sides speak; 0 when the peer's is not known yet. */
uint32_t negotiated_version(const struct credssp_context *credssp);

/*
 * Goes on with the TLS handshake. GSS_S_COMPLETE when it is done, the server's key known and the logon
 * due; GSS_S_CONTINUE_NEEDED when more octets must come; or an error.
 */
OM_uint32 continue_tls(OM_uint32 *minor, struct credssp_context *credssp);

/*
 * Gives the TLS output of this step to the caller, unless the caller has to decide first, and keeps the
 * input that is not used up.
 */
OM_uint32 end_of_step(OM_uint32 *minor, struct credssp_context *credssp, OM_uint32 major,
                      gss_buffer_t output);

/* Seals and opens under the inner mechanism's keys: the Encrypt() of MS-CSSP 3.1.5. */
OM_uint32 inner_seal(OM_uint32 *minor, struct credssp_context *credssp, struct byte_range plain,
                     gss_buffer_t sealed);
/* *plain may hold a secret: the caller wipes and frees it with release_secret_buffer. */
OM_uint32 inner_open(OM_uint32 *minor, struct credssp_context *credssp, struct byte_range sealed,
                     gss_buffer_t plain);
void release_secret_buffer(gss_buffer_t buffer);

/* --- refusal.c --- */

/* A server that says why it refuses ends the logon (MS-CSSP 3.1.5), whatever else it sent. */
OM_uint32 refusal_read(OM_uint32 *minor, const struct ts_request *request);

/*
 * Tells the client of this thread's last failure, where its version knows errorCode, in words that
 * are fit for a stranger. Returns major, so that callers can return it.
 */
OM_uint32 refusal_send(struct credssp_context *credssp, OM_uint32 major);

/* --- binding.c --- */

enum binding_direction { BINDING_CLIENT_TO_SERVER, BINDING_SERVER_TO_CLIENT };

/* Makes pubKeyAuth for one direction, sealed. The caller frees it with gss_release_buffer. */
OM_uint32 binding_make(OM_uint32 *minor, struct credssp_context *credssp,
                       enum binding_direction direction, gss_buffer_t pub_key_auth);

/* Opens and verifies the peer's pubKeyAuth for one direction. */
OM_uint32 binding_verify(OM_uint32 *minor, struct credssp_context *credssp,
                         enum binding_direction direction, struct byte_range pub_key_auth);

/* --- delegate.c --- */

/* Decides what is to be delegated, before anything is sent. */
OM_uint32 delegation_prepare(OM_uint32 *minor, struct credssp_context *credssp,
                             const struct initiate_request *request);

/* Decides again when it is known how the server proved who it is. */
OM_uint32 delegation_confirm(OM_uint32 *minor, struct credssp_context *credssp);

/* Makes authInfo: the credentials of the plan, sealed. The caller frees it. */
OM_uint32 delegation_make(OM_uint32 *minor, struct credssp_context *credssp,
                          gss_buffer_t auth_info);

/* Whether the peer delegated something that GSS-API shows, or was delegated something. */
bool delegation_happened(struct credssp_context *credssp);

/* --- delegated.c --- */

/* Opens authInfo and keeps what it delegates. */
OM_uint32 delegation_receive(OM_uint32 *minor, struct credssp_context *credssp,
                             struct byte_range auth_info);

/*
 * The delegated credential, usable with every mechanism, for the caller to release;
 * GSS_C_NO_CREDENTIAL when there is none. An error when one was delegated and cannot be made whole.
 */
OM_uint32 delegation_take(OM_uint32 *minor, struct context *context, gss_cred_id_t *credential);

/*
 * The questions about what was delegated (GSS_SSPI_INQ_CREDENTIALS and its sisters); false when
 * object is none of them.
 */
bool delegation_answers(OM_uint32 *minor, const struct credssp_context *credssp,
                        gss_const_OID object, gss_buffer_set_t *data, OM_uint32 *major);

/* --- keys.c --- */

/* See struct context_operations. */
OM_uint32 credssp_pseudo_random(OM_uint32 *minor, struct context *context, int key,
                                struct byte_range input, ssize_t length, gss_buffer_t output);

/* GSS_C_INQ_SSPI_SESSION_KEY: the key, and an OID for its type. */
OM_uint32 keys_answer_session_key(OM_uint32 *minor, const struct credssp_context *credssp,
                                  gss_buffer_set_t *data);

/* --- protect.c, protect_iov.c, unprotect_iov.c --- */

OM_uint32 credssp_wrap(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                       gss_buffer_t input, int *conf_state, gss_buffer_t output);
OM_uint32 credssp_unwrap(OM_uint32 *minor, struct context *context, gss_buffer_t input,
                         gss_buffer_t output, int *conf_state, gss_qop_t *qop);
OM_uint32 credssp_wrap_size_limit(OM_uint32 *minor, struct context *context, int conf,
                                  gss_qop_t qop, OM_uint32 output_size, OM_uint32 *input_size);
OM_uint32 credssp_wrap_iov(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                           int *conf_state, gss_iov_buffer_desc *iov, int count);
OM_uint32 credssp_unwrap_iov(OM_uint32 *minor, struct context *context, int *conf_state,
                             gss_qop_t *qop, gss_iov_buffer_desc *iov, int count);
OM_uint32 credssp_wrap_iov_length(OM_uint32 *minor, struct context *context, int conf,
                                  gss_qop_t qop, int *conf_state, gss_iov_buffer_desc *iov,
                                  int count);

#endif
