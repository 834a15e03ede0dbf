/* A client with credentials that a test has supplied, and a server that sees who logs on. */
#ifndef TESTS_SHIM_SUPPLIED_H
#define TESTS_SHIM_SUPPLIED_H

#include "tests/shim/exchange.h"

extern struct party client;
extern struct party server;

/* A literal u"" as the prototypes want it. */
#define WIDE(text) ((WCHAR *)(uintptr_t)(text))

/* Makes the client's credentials, for pszPrincipal when it is not NULL. */
SECURITY_STATUS acquire_as(const char *principal, const char *package, ULONG use, void *data);

/* Those that log on, of no principal. */
SECURITY_STATUS acquire(const char *package, void *data);

/* Logs on with what acquire() has made, to a server with its own credentials. */
bool works(const char *package);

/* Ends client and server. */
void end_both(void);

/* The server has seen this user; this package was chosen. */
void assert_user(const char *expected);
void assert_package(const char *expected);

/* alice of EXAMPLE in UTF-16, who wants no NTLM; everything is static. */
SEC_WINNT_AUTH_IDENTITY_EXW identity_with_packages(void);

/* Widens ASCII, and returns its length. */
ULONG widen(WCHAR *wide, const char *ascii);

#endif
