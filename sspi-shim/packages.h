/* The security packages: their names, what they can do, and the mechanisms that do it. */
#ifndef SSPI_SHIM_PACKAGES_H
#define SSPI_SHIM_PACKAGES_H

#include <stdbool.h>
#include <gssapi/gssapi.h>
#include <sspi-gss/sspi.h>

enum package_id {
    PACKAGE_NEGOTIATE,
    PACKAGE_KERBEROS,
    PACKAGE_NTLM,
    PACKAGE_CREDSSP,
};

/* How the package's names of users and servers are made. */
enum package_names {
    NAMES_ANY,      /* the mechanism understands all forms */
    NAMES_KERBEROS, /* user@REALM */
    NAMES_NTLM,     /* DOMAIN\user, service@host */
};

/* Schannel has most names, on Windows: three. */
#define PACKAGE_ALIASES 2

struct package {
    enum package_id id;
    const char *name;
    const char *aliases[PACKAGE_ALIASES]; /* other names; the last of them are NULL */
    const char *comment;
    ULONG capabilities;
    USHORT rpc_id;
    ULONG max_token;
    enum package_names names;
    bool is_stream;                    /* its messages are TLS records */
    const gss_OID_desc *mechanisms[2]; /* in the order of preference; the second may be NULL */
};

/* The package of a name, whatever its case, or NULL. */
const struct package *package_find(const char *name);

/* The package that speaks a mechanism, or NULL. */
const struct package *package_of_mechanism(const gss_OID_desc *mechanism);

/* The first of the package's mechanisms that the mechglue knows, or NULL. */
const gss_OID_desc *package_mechanism(const struct package *package);

/* True for the mechanisms of our plugin, which answer the inquiries of gssapi_sspi.h. */
bool package_mechanism_is_ours(const gss_OID_desc *mechanism);

/* True when two OIDs are the same; NULL is the same as nothing. */
bool package_oid_equal(const gss_OID_desc *a, const gss_OID_desc *b);

/*
 * Descriptions of count packages in one allocation for the caller, an array of SecPkgInfoA or, when
 * wide, SecPkgInfoW. NULL when there is no memory.
 */
void *package_describe(const struct package *const *packages, size_t count, bool wide);

#endif
