/* Every call that a context can get, whatever state it is in. */
#ifndef TESTS_MECH_CONTEXT_CALLS_H
#define TESTS_MECH_CONTEXT_CALLS_H

#include <stdbool.h>
#include <gssapi/gssapi.h>

/*
 * Makes each call once, the last of them export or delete: *context is GSS_C_NO_CONTEXT afterwards.
 * Calls with messages must fail unless the context is established, and none may leave anything in
 * its output when it fails.
 */
void context_calls_make(gss_ctx_id_t *context, bool established);

#endif
