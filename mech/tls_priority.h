/* Which versions, suites and keys a session may use: GnuTLS' priority strings. */
#ifndef MECH_TLS_PRIORITY_H
#define MECH_TLS_PRIORITY_H

#include <gnutls/gnutls.h>

/* Which versions of TLS a credential's sessions may use, of those that policy allows. */
enum tls_versions { TLS_VERSIONS_ALL, TLS_VERSIONS_1_2, TLS_VERSIONS_1_3, TLS_VERSIONS_COUNT };

/*
 * Gives the session priority, a GnuTLS priority string, or the system's when it is NULL; TLS 1.2 is
 * the lowest version whatever it says. 0, or an error of GnuTLS, also when no version is left.
 */
int tls_priority_set(gnutls_session_t session, const char *priority, enum tls_versions versions);

#endif
