#include "sspi-shim/target.h"

#include <stdlib.h>
#include <string.h>
#include "sspi-shim/secret_text.h"
#include "sspi-shim/status.h"
#include "sspi-shim/user_name.h"

/* GSS_KRB5_NT_PRINCIPAL_NAME, 1.2.840.113554.1.2.2.1; its header needs all of krb5's. */
static const gss_OID_desc principal_name = {
    10, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01"};

/* Longest target taken; the longest host name has 255 octets. */
#define TARGET_MAX 2048

/* What NTLM is told when the caller names no server: gss_init_sec_context wants a name. */
#define NTLM_NO_TARGET "@unnamed"

/* The first such character, or NULL. */
static const unsigned char *find(struct byte_range text, char character)
{
    return text.length != 0 ? memchr(text.data, character, text.length) : NULL;
}

/* Cuts rest at its first separator, when it has one: what stands behind it is *behind. */
static void split(struct byte_range *rest, char separator, struct byte_range *behind)
{
    const unsigned char *at = find(*rest, separator);

    *behind = BYTE_RANGE_ABSENT;
    if (at == NULL)
        return;
    *behind = byte_range_of(at + 1, rest->length - (size_t)(at - rest->data) - 1);
    rest->length = (size_t)(at - rest->data);
}

static bool is_empty(struct byte_range part)
{
    return byte_range_is_present(part) && part.length == 0;
}

/* "host", "host:port", "[address]:port", or an address with several colons and no port. */
static bool parse_host(struct byte_range text, struct target *target)
{
    target->host = text;
    if (text.length != 0 && text.data[0] == '[') {
        struct byte_range behind;

        target->host = byte_range_of(text.data + 1, text.length - 1);
        split(&target->host, ']', &behind);
        if (!byte_range_is_present(behind) || (behind.length != 0 && behind.data[0] != ':'))
            return false;
        if (behind.length != 0)
            target->port = byte_range_of(behind.data + 1, behind.length - 1);
    } else {
        const unsigned char *colon = find(text, ':');

        if (colon != NULL &&
            find(byte_range_of(colon + 1, text.length - (size_t)(colon + 1 - text.data)), ':') ==
                NULL)
            split(&target->host, ':', &target->port);
    }
    return target->host.length != 0 && !is_empty(target->port);
}

static bool is_user(const char *text, size_t length)
{
    return memchr(text, '@', length) != NULL || memchr(text, '\\', length) != NULL ||
           (length > 1 && text[length - 1] == '$');
}

bool target_parse(const char *text, struct target *target)
{
    size_t length = strnlen(text, TARGET_MAX + 1);
    struct byte_range host;

    *target = (struct target){.kind = TARGET_HOST};
    if (length == 0 || length > TARGET_MAX)
        return false;
    host = byte_range_of(text, length);
    if (memchr(text, '/', length) == NULL) {
        if (!is_user(text, length))
            return parse_host(host, target);
        target->kind = TARGET_USER;
        return true;
    }
    target->kind = TARGET_SERVICE;
    target->service = host;
    split(&target->service, '/', &host);
    split(&host, '@', &target->realm);
    split(&host, '/', &target->instance);
    return target->service.length != 0 &&
           !is_user((const char *)target->service.data, target->service.length) &&
           parse_host(host, target) && !is_empty(target->instance) && !is_empty(target->realm) &&
           (!byte_range_is_present(target->instance) ||
            memchr(target->instance.data, '/', target->instance.length) == NULL);
}

static SECURITY_STATUS import(const char *text, const gss_OID_desc *type, gss_name_t *name)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    OM_uint32 minor;
    OM_uint32 major = gss_import_name(&minor, &buffer, (gss_OID)(uintptr_t)type, name);

    return GSS_ERROR(major) ? status_from_gss(GSS_C_NO_OID, major, minor) : SEC_E_OK;
}

/* service@host, in which the host may have a port and a third part; both as target_parse has them. */
static SECURITY_STATUS import_service(struct byte_range service, struct byte_range host,
                                      gss_name_t *name)
{
    char text[TARGET_MAX + sizeof "host@"];

    memcpy(text, service.data, service.length);
    text[service.length] = '@';
    memcpy(text + service.length + 1, host.data, host.length);
    text[service.length + 1 + host.length] = '\0';
    return import(text, GSS_C_NT_HOSTBASED_SERVICE, name);
}

static SECURITY_STATUS import_user(const char *text, gss_name_t *name)
{
    char *user = user_name_for_kerberos(text, "");
    SECURITY_STATUS status;

    if (user == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = import(user, GSS_C_NT_USER_NAME, name);
    free(user);
    return status;
}

/* What stands behind the service, without the realm, which NTLM does not know. */
static SECURITY_STATUS import_spn(const char *text, const struct target *target, bool ntlm,
                                  gss_name_t *name)
{
    const char *host = text + target->service.length + 1;
    size_t length = byte_range_is_present(target->realm)
                        ? (size_t)((const char *)target->realm.data - 1 - host)
                        : strlen(host);

    /* A realm and a third part belong to the principal, as Windows registers it. */
    if (!ntlm && (byte_range_is_present(target->realm) || byte_range_is_present(target->instance)))
        return import(text, &principal_name, name);
    return import_service(target->service, byte_range_of(host, length), name);
}

SECURITY_STATUS target_import(const char *text, const struct package *package, gss_name_t *name)
{
    const bool ntlm = package->names == NAMES_NTLM;
    struct target target;

    *name = GSS_C_NO_NAME;
    if (text == NULL || text[0] == '\0') {
        if (ntlm)
            return import(NTLM_NO_TARGET, GSS_C_NT_HOSTBASED_SERVICE, name);
        return status_because(SEC_E_TARGET_UNKNOWN, "this package needs the server's name");
    }
    if (!target_parse(text, &target))
        return status_because(SEC_E_TARGET_UNKNOWN,
                              "the server's name is not service/host[:port][/name][@realm]");
    switch (target.kind) {
    case TARGET_SERVICE:
        return import_spn(text, &target, ntlm, name);
    case TARGET_HOST:
        return import_service(byte_range_of("host", 4), target.host, name);
    case TARGET_USER:
        break;
    }
    return ntlm ? import(NTLM_NO_TARGET, GSS_C_NT_HOSTBASED_SERVICE, name)
                : import_user(text, name);
}

SECURITY_STATUS SEC_ENTRY SspiGetTargetHostName(PCWSTR pszTargetName, PWSTR *pszHostName)
{
    struct secret text = {0};
    struct secret host = {0};
    struct target target;
    SECURITY_STATUS status;

    if (pszHostName == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    *pszHostName = NULL;
    if (pszTargetName == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = secret_text_read_string(pszTargetName, true, &text);
    if (status == SEC_E_OK &&
        (!target_parse((const char *)text.data, &target) || target.kind == TARGET_USER))
        status = status_because(SEC_E_INVALID_PARAMETER, "the target names no host");
    if (status == SEC_E_OK && !secret_set(&host, target.host.data, target.host.length))
        status = SEC_E_INSUFFICIENT_MEMORY;
    if (status == SEC_E_OK)
        status = secret_text_for_caller(&host, pszHostName);
    secret_release(&text);
    secret_release(&host);
    return status_finish(status);
}
