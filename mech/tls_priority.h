/* Which versions, suites and keys a session may use: GnuTLS' priority strings. */
#ifndef MECH_TLS_PRIORITY_H
#define MECH_TLS_PRIORITY_H

#include <gnutls/gnutls.h>

/*
 * Gives the session priority, a GnuTLS priority string, or the system's when it is NULL; TLS 1.2 is
 * the lowest version whatever it says. 0, or an error of GnuTLS.
 */
int tls_priority_set(gnutls_session_t session, const char *priority);

#endif
