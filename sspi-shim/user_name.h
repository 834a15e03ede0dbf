/* Names of users, as Windows writes them and as Kerberos needs them. */
#ifndef SSPI_SHIM_USER_NAME_H
#define SSPI_SHIM_USER_NAME_H

#include "sspi-shim/packages.h"

/*
 * user@REALM of user, DOMAIN\user or user@domain, with domain ("" when none was given) beside it.
 * A domain without a dot is a NetBIOS name, which Kerberos knows nothing of: it stands for the
 * default realm. The caller frees; NULL when there is no memory.
 */
char *user_name_for_kerberos(const char *user, const char *domain);

/*
 * The same in the form that a package's mechanism takes: "DOMAIN\\user" or "user@REALM" for one
 * that understands all. The caller frees; NULL when there is no memory.
 */
char *user_name_for(enum package_names form, const char *user, const char *domain);

#endif
