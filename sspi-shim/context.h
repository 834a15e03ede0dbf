/* What a CtxtHandle stands for. */
#ifndef SSPI_SHIM_CONTEXT_H
#define SSPI_SHIM_CONTEXT_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>
#include <gssapi/gssapi.h>
#include "common/byte_range.h"
#include "sspi-shim/credentials.h"
#include "sspi-shim/handles.h"

struct token;

enum context_state {
    CONTEXT_NEW,         /* no token has been made or read */
    CONTEXT_NEGOTIATING, /* the peer's answer is awaited */
    CONTEXT_ESTABLISHED,
    CONTEXT_FAILED, /* waits for DeleteSecurityContext */
};

/* A leg's outcome that did not fit into the caller's buffer: the repeated call gets it. */
struct pending_output {
    bool present;
    SECURITY_STATUS status;
    gss_buffer_desc token;
    size_t unconsumed;    /* trailing octets of the input that the leg did not need */
    unsigned char *input; /* first call only: copy of the token that the repetition must bring */
    size_t input_length;
};

struct context {
    struct handle_object handled; /* first: what has a handle begins with it */
    pthread_mutex_t lock; /* one call at a time: callers may encrypt and decrypt in two threads */
    struct credential *credential; /* shared */
    const struct package *package;
    const gss_OID_desc *mechanism;
    bool initiator;
    enum context_state state;
    bool waits_for_decision; /* SEC_I_INCOMPLETE_CREDENTIALS was the last answer */
    ULONG request;           /* ISC_REQ_* or ASC_REQ_* */
    gss_ctx_id_t gss;
    gss_name_t target;             /* initiator: the server */
    gss_name_t source;             /* acceptor: who has logged on */
    struct delegation *delegation; /* acceptor: what was delegated, or NULL; shared */
    struct delegation *reserved;   /* acceptor: room for that while the logon goes on */
    struct token *token;           /* acceptor: what was lent of it, or NULL */
    OM_uint32 flags;               /* GSS flags, as far as they are known */
    time_t established;
    OM_uint32 lifetime; /* seconds from then */
    bool has_no_iov;    /* the mechanism turned out to have no gss_*_iov calls for messages */
    SecPkgContext_StreamSizes stream_sizes; /* of records, once they were asked for */
    unsigned char *binding_octets;
    struct gss_channel_bindings_struct bindings; /* of binding_octets, when there are any */
    struct pending_output pending;
};

/*
 * A context without a handle, which shares the credential. NULL when there is no memory; freed by
 * context_destroy.
 */
struct context *context_make(struct credential *credential, bool initiator);

/* Frees it; a handle_destroy_function. */
void context_destroy(void *context);

/* Forgets the GSS-API context and what belongs to it: the next leg is a first one. */
void context_restart(struct context *context);

/* Makes room for what an acceptor's next leg may bring. False when there is no memory. */
bool context_reserve_delegation(struct context *context);

/* Frees what is kept for a repeated call. */
void context_drop_pending(struct context *context);

/*
 * The context behind a handle, locked, for a call on an established one. NULL, with *status, when
 * the handle is not alive or the logon is not done. context_leave ends it.
 */
struct context *context_enter_established(const SecHandle *handle, SECURITY_STATUS *status);
struct context *context_enter(const SecHandle *handle);
void context_leave(struct context *context);

/* The mechanism that authenticates inside Negotiate or CredSSP; the context's own otherwise. */
const struct package *context_inner_package(const struct context *context);

#endif
