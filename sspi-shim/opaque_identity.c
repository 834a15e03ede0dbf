/* The Sspi functions that make, copy, check, marshal and free identities. */
#include <sspi-gss/sspi.h>

#include <stdint.h>
#include <string.h>
#include "sspi-shim/buffers.h"
#include "sspi-shim/identity.h"
#include "sspi-shim/identity_ex2.h"
#include "sspi-shim/identity_form.h"
#include "sspi-shim/secret_text.h"
#include "sspi-shim/status.h"

/* What Microsoft's page on SspiEncodeAuthIdentityAsStrings says of an encrypted identity. */
#define STATUS_INVALID_PARAMETER ((SECURITY_STATUS)0xC000000D)

/* Flags of an identity that stay its own when it changes its form. */
#define FLAGS_KEPT                                                                         \
    (SEC_WINNT_AUTH_IDENTITY_ONLY | SEC_WINNT_AUTH_IDENTITY_FLAGS_RESERVED |               \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER | SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN | \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_ID_PROVIDER | SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_USE_MASK)

static SECURITY_STATUS widen_all(const struct identity *identity, struct identity_ex2_text *text)
{
    SECURITY_STATUS status = secret_text_widen(&identity->user, &text->user);

    if (status == SEC_E_OK)
        status = secret_text_widen(&identity->domain, &text->domain);
    if (status == SEC_E_OK)
        status = secret_text_widen(&identity->password, &text->password);
    if (status == SEC_E_OK)
        status = secret_text_widen(&identity->packages, &text->packages);
    return status;
}

/* An EX2 structure of an identity, a context buffer. */
static SECURITY_STATUS make_ex2(const struct identity *identity, ULONG flags, void **made)
{
    struct identity_ex2_text text = {.user = {0}};
    SECURITY_STATUS status = widen_all(identity, &text);

    if (status == SEC_E_OK)
        status = identity_ex2_make(&text,
                                   (flags & FLAGS_KEPT) | SEC_WINNT_AUTH_IDENTITY_UNICODE |
                                       SEC_WINNT_AUTH_IDENTITY_MARSHALLED,
                                   made);
    secret_release(&text.user);
    secret_release(&text.domain);
    secret_release(&text.password);
    secret_release(&text.packages);
    return status;
}

static SECURITY_STATUS copy_octets(struct byte_range octets, void **copy)
{
    *copy = context_buffer_allocate(octets.length);
    if (*copy == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(*copy, octets.data, octets.length);
    return SEC_E_OK;
}

/* The octets of an EX2 structure, checked. */
static SECURITY_STATUS ex2_octets(const void *identity, struct byte_range *octets)
{
    struct identity_ex2 parts;

    *octets = byte_range_of(identity, identity_ex2_length(identity));
    return identity_ex2_read(*octets, &parts);
}

SECURITY_STATUS SEC_ENTRY SspiEncodeStringsAsAuthIdentity(
    PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity)
{
    struct identity identity = {0};
    SECURITY_STATUS status;

    if (ppAuthIdentity == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    *ppAuthIdentity = NULL;
    status = secret_text_read_string(pszUserName, true, &identity.user);
    if (status == SEC_E_OK)
        status = secret_text_read_string(pszDomainName, true, &identity.domain);
    if (status == SEC_E_OK)
        status = secret_text_read_string(pszPackedCredentialsString, true, &identity.password);
    if (status == SEC_E_OK)
        status = make_ex2(&identity, 0, ppAuthIdentity);
    identity_release(&identity);
    return status_finish(status);
}

static SECURITY_STATUS encode(const struct identity *identity, WCHAR *strings[3],
                              const bool wanted[3])
{
    const struct secret *const fields[3] = {&identity->user, &identity->domain,
                                            &identity->password};
    SECURITY_STATUS status = SEC_E_OK;

    for (size_t i = 0; i < 3 && status == SEC_E_OK; i++) {
        if (wanted[i])
            status = secret_text_for_caller(fields[i], &strings[i]);
    }
    for (size_t i = 0; i < 3 && status != SEC_E_OK; i++) {
        (void)context_buffer_free(strings[i]);
        strings[i] = NULL;
    }
    return status;
}

SECURITY_STATUS SEC_ENTRY
SspiEncodeAuthIdentityAsStrings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity, PCWSTR *ppszUserName,
                                PCWSTR *ppszDomainName, PCWSTR *ppszPackedCredentialsString)
{
    PCWSTR *const results[3] = {ppszUserName, ppszDomainName, ppszPackedCredentialsString};
    const bool wanted[3] = {ppszUserName != NULL, ppszDomainName != NULL,
                            ppszPackedCredentialsString != NULL};
    WCHAR *strings[3] = {NULL, NULL, NULL};
    struct identity identity = {0};
    SECURITY_STATUS status;

    for (size_t i = 0; i < 3; i++) {
        if (wanted[i])
            *results[i] = NULL;
    }
    if (pAuthIdentity == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    if ((identity_flags(pAuthIdentity) & IDENTITY_ENCRYPTED) != 0)
        return status_finish(status_because(STATUS_INVALID_PARAMETER, "the identity is encrypted"));
    status = identity_read(pAuthIdentity, true, &identity);
    if (status == SEC_E_OK)
        status = encode(&identity, strings, wanted);
    identity_release(&identity);
    for (size_t i = 0; i < 3; i++) {
        if (wanted[i])
            *results[i] = strings[i];
    }
    return status_finish(status);
}

/* Only what an identity must be to be copied; its packed credentials may be of any kind. */
static SECURITY_STATUS validate(const void *identity)
{
    struct identity_fields fields;
    struct byte_range octets;
    SECURITY_STATUS status;

    if (identity_form_of(identity) == IDENTITY_EX2)
        return ex2_octets(identity, &octets);
    status = identity_fields_read(identity, true, &fields);
    return status == SEC_E_UNKNOWN_CREDENTIALS ? SEC_E_INVALID_PARAMETER : status;
}

SECURITY_STATUS SEC_ENTRY SspiValidateAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    struct identity identity = {0};
    SECURITY_STATUS status;

    if (AuthData == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = validate(AuthData);
    /* Texts that can be looked at are looked at too. */
    if (status == SEC_E_OK && (identity_flags(AuthData) & IDENTITY_ENCRYPTED) == 0) {
        status = identity_read(AuthData, true, &identity);
        if (status == SEC_E_UNSUPPORTED_FUNCTION)
            status = SEC_E_OK;
    }
    identity_release(&identity);
    return status_finish(status);
}

/*
 * A copy of a structure with pointers: the same structure, with its strings, each with a
 * terminator, behind it.
 */
static SECURITY_STATUS copy_fields(const void *identity, void **copy)
{
    struct identity_fields fields;
    SECURITY_STATUS status = identity_fields_read(identity, true, &fields);
    size_t unit = fields.wide ? sizeof(WCHAR) : 1;
    size_t size = fields.form == IDENTITY_EX ? sizeof(SEC_WINNT_AUTH_IDENTITY_EXA)
                                             : sizeof(SEC_WINNT_AUTH_IDENTITY_A);
    size_t end = size;
    unsigned char *place;

    if (status != SEC_E_OK)
        return status;
    for (size_t i = 0; i < IDENTITY_PARTS; i++)
        size += (fields.length[i] + 1) * unit;
    place = context_buffer_allocate(size);
    if (place == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(place, identity, end);
    for (size_t i = 0; i < IDENTITY_PARTS; i++) {
        void *string = place + end;

        if (fields.text[i] == NULL)
            continue;
        if (fields.length[i] != 0)
            memcpy(string, fields.text[i], fields.length[i] * unit);
        identity_set_text(place, fields.form, (enum identity_part)i, string);
        end += (fields.length[i] + 1) * unit;
    }
    *copy = place;
    return SEC_E_OK;
}

SECURITY_STATUS SEC_ENTRY SspiCopyAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData,
                                               PSEC_WINNT_AUTH_IDENTITY_OPAQUE *AuthDataCopy)
{
    struct byte_range octets;
    SECURITY_STATUS status;

    if (AuthDataCopy == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    *AuthDataCopy = NULL;
    if (AuthData == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = validate(AuthData);
    if (status == SEC_E_OK && identity_form_of(AuthData) == IDENTITY_EX2) {
        status = ex2_octets(AuthData, &octets);
        if (status == SEC_E_OK)
            status = copy_octets(octets, AuthDataCopy);
    } else if (status == SEC_E_OK) {
        status = copy_fields(AuthData, AuthDataCopy);
    }
    return status_finish(status);
}

VOID SEC_ENTRY SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    (void)context_buffer_free(AuthData);
}

VOID SEC_ENTRY SspiLocalFree(PVOID DataBuffer)
{
    (void)context_buffer_free(DataBuffer);
}

VOID SEC_ENTRY SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    struct identity_fields fields;

    if (AuthData == NULL)
        return;
    if (identity_form_of(AuthData) == IDENTITY_EX2) {
        size_t length = identity_ex2_length(AuthData);

        if (length != 0)
            wipe((unsigned char *)AuthData + sizeof(SEC_WINNT_AUTH_IDENTITY_EX2),
                 length - sizeof(SEC_WINNT_AUTH_IDENTITY_EX2));
        return;
    }
    if (identity_fields_read(AuthData, true, &fields) != SEC_E_OK)
        return;
    for (size_t i = 0; i < IDENTITY_PARTS; i++)
        wipe(fields.text[i], fields.length[i] * (fields.wide ? sizeof(WCHAR) : 1));
}

BOOLEAN SEC_ENTRY SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData)
{
    return EncryptedAuthData != NULL &&
           (identity_flags(EncryptedAuthData) & IDENTITY_ENCRYPTED) != 0;
}

static SECURITY_STATUS marshal(const void *identity, void **octets)
{
    struct identity fields = {0};
    struct byte_range whole;
    SECURITY_STATUS status = validate(identity);

    if (status != SEC_E_OK)
        return status;
    if (identity_form_of(identity) == IDENTITY_EX2) {
        status = ex2_octets(identity, &whole);
        return status == SEC_E_OK ? copy_octets(whole, octets) : status;
    }
    status = identity_read(identity, true, &fields);
    if (status == SEC_E_OK)
        status = make_ex2(&fields, identity_flags(identity), octets);
    identity_release(&fields);
    return status;
}

SECURITY_STATUS SEC_ENTRY SspiMarshalAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                  ULONG *AuthIdentityLength,
                                                  char **AuthIdentityByteArray)
{
    void *octets = NULL;
    SECURITY_STATUS status;

    if (AuthIdentityLength != NULL)
        *AuthIdentityLength = 0;
    if (AuthIdentityByteArray != NULL)
        *AuthIdentityByteArray = NULL;
    if (AuthIdentity == NULL || AuthIdentityLength == NULL || AuthIdentityByteArray == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = marshal(AuthIdentity, &octets);
    if (status != SEC_E_OK)
        return status_finish(status);
    *AuthIdentityLength = (ULONG)identity_ex2_length(octets);
    *AuthIdentityByteArray = octets;
    return status_finish(SEC_E_OK);
}

SECURITY_STATUS SEC_ENTRY SspiUnmarshalAuthIdentity(ULONG AuthIdentityLength,
                                                    char *AuthIdentityByteArray,
                                                    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity)
{
    struct byte_range octets = byte_range_of(AuthIdentityByteArray, AuthIdentityLength);
    struct byte_range password;
    struct byte_range packages;
    struct identity_ex2 parts;
    SECURITY_STATUS status;

    if (ppAuthIdentity == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    *ppAuthIdentity = NULL;
    if (AuthIdentityByteArray == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    status = identity_ex2_read(octets, &parts);
    if (status == SEC_E_OK && (parts.flags & IDENTITY_ENCRYPTED) == 0) {
        status = identity_ex2_password(parts.credentials, &password, &packages);
        /* Other credentials than passwords may be carried about, as they are. */
        if (status == SEC_E_UNSUPPORTED_FUNCTION)
            status = SEC_E_OK;
    }
    if (status == SEC_E_OK)
        status = copy_octets(octets, ppAuthIdentity);
    return status_finish(status);
}
