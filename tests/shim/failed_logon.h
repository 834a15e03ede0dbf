/* Logons that fail for a reason that a test has provoked. */
#ifndef TESTS_SHIM_FAILED_LOGON_H
#define TESTS_SHIM_FAILED_LOGON_H

#include "tests/shim/exchange.h"

extern struct party client;
extern struct party server;

/* Sets both up, without credentials; and ends both. */
void start(const char *package);
void stop(void);

/* The same, and both acquire credentials: the client its ticket, or alice's with her password. */
void start_with_credentials(const char *package, bool by_password);

/* The plainest call of InitializeSecurityContext: its output is allocated and dropped. */
SECURITY_STATUS initialize(CredHandle *credential, CtxtHandle *context, char *target, ULONG flags,
                           ULONG data_representation, SecBufferDesc *input, CtxtHandle *made);

/* Acquires credentials for both and logs on: the first failure, SEC_E_OK when there is none. */
SECURITY_STATUS outcome(void *identity);

/* Demands a status, and shows what the mechanism said otherwise. */
void demand(SECURITY_STATUS status, SECURITY_STATUS expected);

/* Runs a command of the shell, which must succeed; a query of the realm's kadmin.local. */
void run_command(const char *format, ...) __attribute__((format(printf, 1, 2)));
void kadmin(const char *query);

/* Puts a krb5.conf with these lines before the realm's. */
void prepend_krb5_conf(const char *lines);

#endif
