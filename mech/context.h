/*
 * Contexts: what the door (plugin/), CredSSP and Negotiate agree on. A mechanism is a table of operations;
 * the door hands every call to the context's table, and CredSSP drives the Negotiate
 * context inside it by the same table.
 */
#ifndef MECH_CONTEXT_H
#define MECH_CONTEXT_H

#include <stdbool.h>

#include "mech/cred.h"
#include "mech/mechglue.h"
#include "mech/name.h"

struct context;

/* What the initiator asks for; the same at every step of one context. Borrowed. */
struct initiate_request {
    struct credential *credential; /* NULL: the default */
    const struct name *target;
    OM_uint32 flags;
    OM_uint32 lifetime;
    gss_channel_bindings_t bindings;
};

/* What the acceptor brings. Borrowed. */
struct accept_request {
    struct credential *credential; /* NULL: the default */
    gss_channel_bindings_t bindings;
    bool wants_initiator; /* the caller will ask for the name: Kerberos makes it on request only */
};

/* What is known of a context without asking the inner mechanism. */
struct context_facts {
    OM_uint32 flags;
    gss_OID mechanism;       /* as the application is told */
    gss_OID inner_mechanism; /* Kerberos or NTLM; GSS_C_NO_OID until it is done */
    bool established;
};

struct context_operations {
    /*
     * One step. GSS_S_COMPLETE, GSS_S_CONTINUE_NEEDED or an error; output may carry a token for the
     * peer with each of them (with an error: to tell the peer). input is empty on the initiator's
     * first call unless the peer spoke first.
     */
    OM_uint32 (*initiate)(OM_uint32 *minor, struct context *context,
                          const struct initiate_request *request, gss_buffer_t input,
                          gss_buffer_t output);
    OM_uint32 (*accept)(OM_uint32 *minor, struct context *context,
                        const struct accept_request *request, gss_buffer_t input,
                        gss_buffer_t output);
    void (*describe)(struct context *context, struct context_facts *facts);
    /* The two sides' names, for the caller to own; GSS_C_NO_NAME where unknown. May be NULL. */
    void (*names)(struct context *context, gss_name_t *initiator, gss_name_t *acceptor);
    /* Seconds until the context ends; 0 while it is not complete. */
    OM_uint32 (*lifetime)(struct context *context);
    /* The credential that the initiator delegated, for the caller to own; or none. */
    OM_uint32 (*take_delegated)(OM_uint32 *minor, struct context *context,
                                gss_cred_id_t *delegated);
    /* The mechanism's own closing token, or an empty one; and the peer's. NULL: it has none. */
    void (*close)(struct context *context, gss_buffer_t output);
    OM_uint32 (*process_token)(OM_uint32 *minor, struct context *context, struct byte_range token);
    void (*destroy)(struct context *context);

    /*
     * Messages, on an established context only (the door sees to that); all NULL where messages are
     * passed on to the inner mechanism.
     */
    OM_uint32 (*wrap)(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                      gss_buffer_t input, int *conf_state, gss_buffer_t output);
    OM_uint32 (*unwrap)(OM_uint32 *minor, struct context *context, gss_buffer_t input,
                        gss_buffer_t output, int *conf_state, gss_qop_t *qop);
    OM_uint32 (*wrap_size_limit)(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                                 OM_uint32 output_size, OM_uint32 *input_size);
    OM_uint32 (*wrap_iov)(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                          int *conf_state, gss_iov_buffer_desc *iov, int count);
    OM_uint32 (*unwrap_iov)(OM_uint32 *minor, struct context *context, int *conf_state,
                            gss_qop_t *qop, gss_iov_buffer_desc *iov, int count);
    OM_uint32 (*wrap_iov_length)(OM_uint32 *minor, struct context *context, int conf, gss_qop_t qop,
                                 int *conf_state, gss_iov_buffer_desc *iov, int count);
    OM_uint32 (*inquire_by_oid)(OM_uint32 *minor, struct context *context, gss_const_OID object,
                                gss_buffer_set_t *data);

    /*
     * GSS_Pseudo_random (RFC 4401), on an established context only; NULL where it is the inner
     * mechanism's. *output is empty before.
     */
    OM_uint32 (*pseudo_random)(OM_uint32 *minor, struct context *context, int key,
                               struct byte_range input, ssize_t length, gss_buffer_t output);

    /*
     * The inner mechanism's context in the mechglue, for what is simply passed on to it: MICs and,
     * with Negotiate, messages in place, options and keys. GSS_C_NO_CONTEXT when there is none.
     */
    gss_ctx_id_t *(*inner)(struct context *context);
    bool passes_messages_on; /* wrap, wrap_iov and their sisters are the inner mechanism's */
};

enum context_stage { CONTEXT_NEGOTIATING, CONTEXT_ESTABLISHED, CONTEXT_FAILED };

struct context {
    const struct context_operations *operations;
    enum context_stage stage;
    bool initiator;
    /*
     * Once established: what operations->inner gives, for signatures, and for messages where the
     * mechanism does not protect them itself. Otherwise GSS_C_NO_CONTEXT. It stands here so that a
     * call on a message finds all it needs in one place of memory.
     */
    gss_ctx_id_t signer;
    gss_ctx_id_t sealer;
};

/*
 * The logon is done: signatures and messages may follow. Again after whatever may have taken the inner
 * context away.
 */
void context_establish(struct context *context);

/* Steps through the operations table, keeping the stage: a context that failed stays failed. */
OM_uint32 context_initiate(OM_uint32 *minor, struct context *context,
                           const struct initiate_request *request, gss_buffer_t input,
                           gss_buffer_t output);
OM_uint32 context_accept(OM_uint32 *minor, struct context *context,
                         const struct accept_request *request, gss_buffer_t input,
                         gss_buffer_t output);

/* Deletes and sets to NULL; NULL is allowed. */
void context_delete(struct context **context);

#endif
