/* Who has logged on: what QuerySecurityContextToken gives. */
#ifndef SSPI_SHIM_TOKEN_H
#define SSPI_SHIM_TOKEN_H

#include "sspi-shim/context.h"

/* A SSPI_GSS_TOKEN_INFORMATION and what it points to. */
struct token;

/*
 * *made is the token of an established context, locked, on the side that accepted. It shares what was
 * delegated, and outlives the context. The caller frees it with token_release. SEC_E_INVALID_HANDLE on
 * the side that initiated; SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS token_make(const struct context *context, struct token **made);

/* The same, kept by the context, and made when first asked for; borrowed. */
SECURITY_STATUS token_lend(struct context *context, struct token **lent);

/* NULL is allowed. */
void token_release(struct token *token);

#endif
