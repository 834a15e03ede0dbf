/* Names of servers: service principal names as SSPI writes them, and other targets. */
#ifndef SSPI_SHIM_TARGET_H
#define SSPI_SHIM_TARGET_H

#include <stdbool.h>
#include <gssapi/gssapi.h>
#include "common/byte_range.h"
#include "sspi-shim/packages.h"

enum target_kind {
    TARGET_SERVICE, /* service/host, with a port, a third part or a realm perhaps */
    TARGET_HOST,    /* host: a computer, by its DNS or NetBIOS name or its address */
    TARGET_USER,    /* user@domain, DOMAIN\user, computer$: the account that the server runs as */
};

/* Borrowed from the text; absent is what it has not. */
struct target {
    enum target_kind kind;
    struct byte_range service;
    struct byte_range host;     /* without brackets and port */
    struct byte_range port;     /* or the name of an instance */
    struct byte_range instance; /* the third part: service/host/instance */
    struct byte_range realm;
};

/* Takes a target apart. False when it is no name of a server. */
bool target_parse(const char *text, struct target *target);

/*
 * The GSS-API name of a target. NULL (or "") is allowed for NTLM, which needs none. The caller
 * releases *name. SEC_E_TARGET_UNKNOWN when the text is no name.
 */
SECURITY_STATUS target_import(const char *target, const struct package *package, gss_name_t *name);

#endif
