/* Where a mechanism is registered with MIT's mechglue. */
#ifndef TOOLS_REGISTRATION_H
#define TOOLS_REGISTRATION_H

#include <limits.h>
#include <stdbool.h>

/* A line of a mech configuration file. */
struct registration {
    char file[PATH_MAX];   /* that the line stands in */
    char module[PATH_MAX]; /* that it names */
};

/* Finds the line of a dotted OID: in $GSS_MECH_CONFIG, or where Debian's MIT Kerberos looks. */
bool registration_find(struct registration *registration, const char *oid);

/* Why the module does not load, in the dynamic linker's words, or NULL when it does. */
const char *registration_load_error(const struct registration *registration);

#endif
