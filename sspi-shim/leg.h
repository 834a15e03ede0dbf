/* One leg of a logon: a call of InitializeSecurityContext or AcceptSecurityContext. */
#ifndef SSPI_SHIM_LEG_H
#define SSPI_SHIM_LEG_H

#include "sspi-shim/context.h"

/* What a leg gave, before it is put into the caller's buffers. */
struct leg_result {
    SECURITY_STATUS status;
    gss_buffer_desc token; /* to send; may come with an error. Released with gss_release_buffer */
    size_t unconsumed;     /* trailing octets of the input that were not needed */
    size_t missing;        /* with SEC_E_INCOMPLETE_MESSAGE */
};

/*
 * Feeds the peer's token to the mechanism, and moves the context on. input is absent when there is
 * none. With SEC_E_INCOMPLETE_MESSAGE nothing has happened. Any other error ends the logon, want of
 * memory in the mechanism too: GSS-API cannot take a step back.
 */
void leg_step(struct context *context, struct byte_range input, struct leg_result *result);

#endif
