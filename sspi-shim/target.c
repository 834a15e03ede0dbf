#include "sspi-shim/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sspi-shim/status.h"

/* GSS_KRB5_NT_PRINCIPAL_NAME, 1.2.840.113554.1.2.2.1; its header needs all of krb5's. */
static const gss_OID_desc principal_name = {
    10, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01"};

/* Longest target taken; the longest host name has 255 octets. */
#define TARGET_MAX 2048

/* What NTLM is told when the caller names no server: gss_init_sec_context wants a name. */
#define NTLM_NO_TARGET "@unnamed"

static SECURITY_STATUS import(const char *text, const gss_OID_desc *type, gss_name_t *name)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    OM_uint32 minor;
    OM_uint32 major = gss_import_name(&minor, &buffer, (gss_OID)(uintptr_t)type, name);

    return GSS_ERROR(major) ? status_from_gss(GSS_C_NO_OID, major, minor) : SEC_E_OK;
}

/* service@host of service/host, or of host alone, which is a computer. */
static SECURITY_STATUS import_service(const char *target, const char *slash, gss_name_t *name)
{
    SECURITY_STATUS status;
    char *text = NULL;
    int length = slash != NULL
                     ? asprintf(&text, "%.*s@%s", (int)(slash - target), target, slash + 1)
                     : asprintf(&text, "host@%s", target);

    if (length < 0)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = import(text, GSS_C_NT_HOSTBASED_SERVICE, name);
    free(text);
    return status;
}

SECURITY_STATUS target_import(const char *target, const struct package *package, gss_name_t *name)
{
    const char *slash;

    *name = GSS_C_NO_NAME;
    if (target == NULL || target[0] == '\0') {
        if (package->names == NAMES_NTLM)
            return import(NTLM_NO_TARGET, GSS_C_NT_HOSTBASED_SERVICE, name);
        return status_because(SEC_E_TARGET_UNKNOWN, "this package needs the server's name");
    }
    slash = strchr(target, '/');
    if (slash == target || (slash != NULL && slash[1] == '\0') || strlen(target) > TARGET_MAX)
        return status_because(SEC_E_TARGET_UNKNOWN, "the server's name is not service/host");
    if (package->names == NAMES_NTLM)
        return import_service(target, slash, name);
    if (slash == NULL && strchr(target, '@') != NULL)
        return import(target, GSS_C_NT_USER_NAME, name);
    /* A realm, a third part or a port belong to the principal, as Windows registers it. */
    if (slash != NULL && strpbrk(slash + 1, "/@:") != NULL)
        return import(target, &principal_name, name);
    return import_service(target, slash, name);
}
