/* A call of ISC or ASC, and how the outcome of its leg reaches the caller's buffers. */
#ifndef SSPI_SHIM_DELIVERY_H
#define SSPI_SHIM_DELIVERY_H

#include "sspi-shim/leg.h"

/* The arguments of one call. */
struct call {
    const SecHandle *credential;
    const SecHandle *context;
    const char *target;
    ULONG request;
    ULONG data_representation;
    SecBufferDesc *input;
    SecHandle *new_context;
    SecBufferDesc *output;
    ULONG *attributes;
    TimeStamp *expiry;
    bool initiator;
    bool has_supplied_credential; /* the credential is that of a SECBUFFER_PKG_PARAMS */
};

/*
 * Hands a leg's outcome to the caller. What does not fit is kept in context->pending for the call's
 * repetition, or for the next one when the token goes in fragments. Takes over result->token.
 */
SECURITY_STATUS deliver(struct context *context, const struct call *call, struct byte_range input,
                        struct leg_result *result);

/*
 * Hands out what comes with an error: the token that tells the peer, if the caller asked for such
 * (EXTENDED_ERROR, SECBUFFER_ALERT), or the count of missing octets. Takes over result->token.
 */
SECURITY_STATUS deliver_error(const struct context *context, const struct call *call,
                              struct leg_result *result);

#endif
