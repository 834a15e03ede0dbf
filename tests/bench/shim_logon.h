/* Logons of a client and a server in one process through the SSPI shim. A failure ends the program. */
#ifndef TESTS_BENCH_SHIM_LOGON_H
#define TESTS_BENCH_SHIM_LOGON_H

#include <stdbool.h>

#include <sspi-gss/security.h>
#include <sspi-gss/sspi_gss.h>

struct shim_side {
    CredHandle credential;
    CtxtHandle context;
};

/* The realm's alice, by her ticket or by her password, and host/localhost. */
void shim_logon_run(const char *package, bool by_password, struct shim_side *client,
                    struct shim_side *server);
void shim_logon_end(struct shim_side *client, struct shim_side *server);

/* Says what failed and why, and ends the program. */
_Noreturn void shim_die(const char *what);

#endif
