#include "sspi-shim/identity.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <sspi-gss/credssp.h>
#include <sspi-gss/schannel.h>
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"

/* A structure that says it is an _EX is at most this long; a plain one has half a pointer there. */
#define IDENTITY_EX_MAX_LENGTH 1024

/* WinPR's: the password is the hash of one. */
#define IDENTITY_PASSWORD_IS_HASH 0x00800000

#define IDENTITY_UNREADABLE                                                                 \
    (SEC_WINNT_AUTH_IDENTITY_MARSHALLED | SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED | \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED |                                       \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED |                                         \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED | IDENTITY_PASSWORD_IS_HASH)

_Static_assert(sizeof(SEC_WINNT_AUTH_IDENTITY_A) == sizeof(SEC_WINNT_AUTH_IDENTITY_W) &&
                   sizeof(SEC_WINNT_AUTH_IDENTITY_EXA) == sizeof(SEC_WINNT_AUTH_IDENTITY_EXW),
               "A and W differ in what their pointers point to only");

void identity_release(struct identity *identity)
{
    secret_release(&identity->user);
    secret_release(&identity->domain);
    secret_release(&identity->password);
    secret_release(&identity->packages);
}

/* Copies length characters as UTF-8; text NULL leaves *field absent. */
static SECURITY_STATUS read_field(const void *text, ULONG length, bool wide, struct secret *field)
{
    size_t octets = wide ? (size_t)length * 3 : length;

    if (text == NULL)
        return SEC_E_OK;
    if (length > TEXT_MAX)
        return SEC_E_INVALID_PARAMETER;
    if (wide ? u16_check(text, length) != NULL : u8_check(text, length) != NULL)
        return SEC_E_INVALID_PARAMETER;
    if (!secret_allocate(field, octets))
        return SEC_E_INSUFFICIENT_MEMORY;
    if (length == 0)
        return SEC_E_OK;
    if (!wide)
        memcpy(field->data, text, length);
    else if (u16_to_u8(text, length, field->data, &octets) == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    secret_truncate(field, octets);
    /* What reads these as C strings would take the part before a NUL for the whole. */
    return memchr(field->data, '\0', field->length) == NULL ? SEC_E_OK : SEC_E_INVALID_PARAMETER;
}

static SECURITY_STATUS read_fields(const SEC_WINNT_AUTH_IDENTITY_EXA *fields, bool wide,
                                   struct identity *identity)
{
    SECURITY_STATUS status;

    if ((fields->Flags & IDENTITY_UNREADABLE) != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "the identity is encrypted, marshalled or a hash");
    if ((fields->Flags & SEC_WINNT_AUTH_IDENTITY_UNICODE) != 0)
        wide = true;
    else if ((fields->Flags & SEC_WINNT_AUTH_IDENTITY_ANSI) != 0)
        wide = false;
    status = read_field(fields->User, fields->UserLength, wide, &identity->user);
    if (status == SEC_E_OK)
        status = read_field(fields->Domain, fields->DomainLength, wide, &identity->domain);
    if (status == SEC_E_OK)
        status = read_field(fields->Password, fields->PasswordLength, wide, &identity->password);
    if (status == SEC_E_OK)
        status =
            read_field(fields->PackageList, fields->PackageListLength, wide, &identity->packages);
    return status;
}

/* Reads any of the identity structures; they are told apart by their first words. */
static SECURITY_STATUS read_identity(const void *data, bool wide, struct identity *identity)
{
    SEC_WINNT_AUTH_IDENTITY_EXA fields = {0};
    SEC_WINNT_AUTH_IDENTITY_A plain;
    ULONG first_words[2];

    memcpy(first_words, data, sizeof first_words);
    if (first_words[0] == SEC_WINNT_AUTH_IDENTITY_VERSION && first_words[1] >= sizeof fields &&
        first_words[1] <= IDENTITY_EX_MAX_LENGTH) {
        memcpy(&fields, data, sizeof fields);
        return read_fields(&fields, wide, identity);
    }
    if (first_words[0] == SEC_WINNT_AUTH_IDENTITY_VERSION_2 &&
        first_words[1] == sizeof(SEC_WINNT_AUTH_IDENTITY_EX2))
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "SEC_WINNT_AUTH_IDENTITY_EX2 is not read");
    memcpy(&plain, data, sizeof plain);
    fields.User = plain.User;
    fields.UserLength = plain.UserLength;
    fields.Domain = plain.Domain;
    fields.DomainLength = plain.DomainLength;
    fields.Password = plain.Password;
    fields.PasswordLength = plain.PasswordLength;
    fields.Flags = plain.Flags;
    return read_fields(&fields, wide, identity);
}

/* The certificates in a CREDSSP_CRED's TLS part cannot be honoured, and are not passed over. */
static SECURITY_STATUS check_schannel_part(const void *data)
{
    SCHANNEL_CRED old;
    SCH_CREDENTIALS new;
    DWORD version;
    DWORD certificates;

    if (data == NULL)
        return SEC_E_OK;
    memcpy(&version, data, sizeof version);
    if (version == SCHANNEL_CRED_VERSION) {
        memcpy(&old, data, sizeof old);
        certificates = old.cCreds;
    } else if (version == SCH_CREDENTIALS_VERSION) {
        memcpy(&new, data, sizeof new);
        certificates = new.cCreds;
    } else {
        return status_because(SEC_E_UNKNOWN_CREDENTIALS,
                              "pSchannelCred is no SCHANNEL_CRED and no SCH_CREDENTIALS");
    }
    if (certificates != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "certificates come from the mechanism's configuration");
    return SEC_E_OK;
}

static SECURITY_STATUS read_credssp(const void *data, bool wide, struct identity *identity)
{
    CREDSSP_CRED_EX extended;
    CREDSSP_CRED credential;
    SECURITY_STATUS status;
    ULONG type;

    memcpy(&type, data, sizeof type);
    switch (type) {
    case CredsspPasswordCreds:
    case CredsspSchannelCreds:
    case CredsspSubmitBufferBoth:
    case CredsspSubmitBufferBothOld:
        memcpy(&credential, data, sizeof credential);
        break;
    case CredsspCredEx:
        memcpy(&extended, data, sizeof extended);
        if (extended.Version != CREDSSP_CRED_EX_VERSION)
            return SEC_E_UNKNOWN_CREDENTIALS;
        if (extended.Flags != 0)
            return status_because(SEC_E_UNSUPPORTED_FUNCTION, "remote guard is not supported");
        credential = extended.Cred;
        break;
    case CredsspCertificateCreds:
        return status_because(SEC_E_UNSUPPORTED_FUNCTION, "smart cards are not supported");
    default:
        return read_identity(data, wide, identity);
    }
    status = check_schannel_part(credential.pSchannelCred);
    identity->decides_on_certificates = credential.pSchannelCred != NULL;
    if (status != SEC_E_OK || credential.pSpnegoCred == NULL)
        return status;
    return read_identity(credential.pSpnegoCred, wide, identity);
}

SECURITY_STATUS identity_read(const void *data, enum package_id package, bool wide,
                              struct identity *identity)
{
    *identity = (struct identity){0};
    return package == PACKAGE_CREDSSP ? read_credssp(data, wide, identity)
                                      : read_identity(data, wide, identity);
}

/* A realm is a domain in capitals, as Windows' domains are; other characters than ASCII stay. */
static void raise_realm(char *realm)
{
    for (; *realm != '\0'; realm++) {
        if (*realm >= 'a' && *realm <= 'z')
            *realm = (char)(*realm - 'a' + 'A');
    }
}

/*
 * user@REALM. A domain without a dot is a NetBIOS name, which Kerberos knows nothing of: it stands
 * for the default realm.
 */
static char *kerberos_name(const char *user, const char *domain)
{
    const char *backslash = strchr(user, '\\');
    char *name = NULL;
    char *at;

    if (domain[0] == '\0' && backslash != NULL) {
        char *netbios = strndup(user, (size_t)(backslash - user));

        if (netbios != NULL && netbios[0] != '\0')
            name = kerberos_name(backslash + 1, netbios);
        else if (netbios != NULL)
            name = strdup(backslash + 1);
        free(netbios);
        return name;
    }
    if (strchr(user, '@') != NULL || strchr(domain, '.') == NULL)
        name = strdup(user);
    else if (asprintf(&name, "%s@%s", user, domain) < 0)
        return NULL;
    at = name != NULL ? strrchr(name, '@') : NULL;
    if (at != NULL && strchr(at, '.') != NULL)
        raise_realm(at);
    return name;
}

char *identity_name(const struct identity *identity, enum package_names form)
{
    const char *user = (const char *)identity->user.data;
    const char *domain = secret_is_present(&identity->domain) ? (char *)identity->domain.data : "";
    char *name = NULL;

    if (form == NAMES_KERBEROS)
        return kerberos_name(user, domain);
    if (domain[0] == '\0')
        return strdup(user);
    return asprintf(&name, "%s\\%s", domain, user) >= 0 ? name : NULL;
}
