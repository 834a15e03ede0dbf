#include "sspi-shim/identity_ex2.h"

#include <stdint.h>
#include <string.h>
#include "sspi-shim/buffers.h"
#include "sspi-shim/status.h"

/* A header, and four parts whose lengths have 16 bits, each perhaps behind padding. */
#define EX2_MAX (sizeof(SEC_WINNT_AUTH_IDENTITY_EX2) + (size_t)4 * (UINT16_MAX + 8))

/* Where packed credentials begin: their members are 32 bits. */
#define CREDENTIALS_ALIGNMENT 4

static SECURITY_STATUS ill_formed(const char *why)
{
    return status_because(SEC_E_INVALID_PARAMETER, why);
}

/* A part that must lie behind a header of header_length octets. */
static bool slice(struct byte_range whole, size_t header_length, size_t offset, size_t length,
                  struct byte_range *part)
{
    if (offset < header_length || offset > whole.length || length > whole.length - offset)
        return false;
    *part = byte_range_of(whole.data + offset, length);
    return true;
}

/* The same, absent where offset is 0. */
static bool slice_or_none(struct byte_range whole, size_t header_length, size_t offset,
                          size_t length, struct byte_range *part)
{
    *part = BYTE_RANGE_ABSENT;
    if (offset == 0)
        return length == 0;
    return slice(whole, header_length, offset, length, part);
}

static bool overlap(struct byte_range a, struct byte_range b)
{
    return a.length != 0 && b.length != 0 && a.data < b.data + b.length &&
           b.data < a.data + a.length;
}

static bool parts_overlap(const struct identity_ex2 *parts)
{
    const struct byte_range all[] = {parts->user, parts->domain, parts->credentials,
                                     parts->packages};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        for (size_t j = 0; j < i; j++) {
            if (overlap(all[i], all[j]))
                return true;
        }
    }
    return false;
}

size_t identity_ex2_length(const void *header)
{
    SEC_WINNT_AUTH_IDENTITY_EX2 ex2;

    memcpy(&ex2, header, sizeof ex2);
    if (ex2.cbStructureLength < sizeof ex2 || ex2.cbStructureLength > EX2_MAX)
        return 0;
    return ex2.cbStructureLength;
}

SECURITY_STATUS identity_ex2_read(struct byte_range octets, struct identity_ex2 *parts)
{
    SEC_WINNT_AUTH_IDENTITY_EX2 ex2;

    *parts = (struct identity_ex2){0};
    if (octets.length < sizeof ex2)
        return ill_formed("the identity is shorter than its header");
    memcpy(&ex2, octets.data, sizeof ex2);
    if (ex2.Version != SEC_WINNT_AUTH_IDENTITY_VERSION_2 || ex2.cbHeaderLength != sizeof ex2 ||
        ex2.cbStructureLength != octets.length || octets.length > EX2_MAX)
        return ill_formed("the header is not that of an identity of this length");
    if ((ex2.UserOffset | ex2.UserLength | ex2.DomainOffset | ex2.DomainLength |
         ex2.PackageListOffset | ex2.PackageListLength) %
            sizeof(WCHAR) !=
        0)
        return ill_formed("a string of the identity is not UTF-16");
    if (!slice_or_none(octets, sizeof ex2, ex2.UserOffset, ex2.UserLength, &parts->user) ||
        !slice_or_none(octets, sizeof ex2, ex2.DomainOffset, ex2.DomainLength, &parts->domain) ||
        !slice_or_none(octets, sizeof ex2, ex2.PackedCredentialsOffset, ex2.PackedCredentialsLength,
                       &parts->credentials) ||
        !slice_or_none(octets, sizeof ex2, ex2.PackageListOffset, ex2.PackageListLength,
                       &parts->packages))
        return ill_formed("an offset or a length leads out of the identity");
    if (parts_overlap(parts))
        return ill_formed("parts of the identity overlap");
    parts->flags = ex2.Flags;
    return SEC_E_OK;
}

/*
 * Both forms are in use: the password itself, or a SEC_WINNT_AUTH_DATA_PASSWORD with the place of
 * it. The upper half of its offset, which is 0, would be a NUL in the password.
 */
static SECURITY_STATUS read_password(struct byte_range data, struct byte_range *password)
{
    SEC_WINNT_AUTH_DATA_PASSWORD place;

    *password = data;
    if (data.length >= sizeof place) {
        memcpy(&place, data.data, sizeof place);
        if (place.UnicodePassword.ByteArrayOffset <= UINT16_MAX &&
            !slice(data, sizeof place, place.UnicodePassword.ByteArrayOffset,
                   place.UnicodePassword.ByteArrayLength, password))
            return ill_formed("the place of the password leads out of its credentials");
    }
    if (password->length % sizeof(WCHAR) != 0)
        return ill_formed("the password is not UTF-16");
    return SEC_E_OK;
}

static SECURITY_STATUS refuse_type(const GUID *type)
{
    static const struct {
        const GUID *type;
        const char *why;
    } known[] = {
        {&SEC_WINNT_AUTH_DATA_TYPE_CERT, "the identity is a certificate: use CREDSSP_CRED"},
        {&SEC_WINNT_AUTH_DATA_TYPE_CREDMAN_CERT,
         "the identity is a certificate of Windows' credential manager"},
        {&SEC_WINNT_AUTH_DATA_TYPE_KEYTAB, "the identity is a keytab: set KRB5_CLIENT_KTNAME"},
        {&SEC_WINNT_AUTH_DATA_TYPE_CSP_DATA, "the identity is a smart card: use CREDSSP_CRED"},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (memcmp(type, known[i].type, sizeof *type) == 0)
            return status_because(SEC_E_UNSUPPORTED_FUNCTION, known[i].why);
    }
    return status_because(SEC_E_UNSUPPORTED_FUNCTION, "the identity's credentials are no password");
}

static SECURITY_STATUS read_packed(struct byte_range credentials, struct byte_range *password)
{
    SEC_WINNT_AUTH_PACKED_CREDENTIALS packed;
    struct byte_range data;

    if (credentials.length < sizeof packed)
        return ill_formed("the packed credentials are shorter than their header");
    memcpy(&packed, credentials.data, sizeof packed);
    if (packed.cbHeaderLength != sizeof packed || packed.cbStructureLength < sizeof packed ||
        packed.cbStructureLength > credentials.length)
        return ill_formed("the packed credentials have another length than they say");
    credentials.length = packed.cbStructureLength;
    if (memcmp(&packed.AuthData.CredType, &SEC_WINNT_AUTH_DATA_TYPE_PASSWORD, sizeof(GUID)) != 0)
        return refuse_type(&packed.AuthData.CredType);
    if (!slice(credentials, sizeof packed, packed.AuthData.CredData.ByteArrayOffset,
               packed.AuthData.CredData.ByteArrayLength, &data))
        return ill_formed("the packed credentials lead out of the identity");
    return read_password(data, password);
}

/* Credentials in credentials, with a list of the packages that take them. */
static SECURITY_STATUS read_packed_ex(struct byte_range credentials, struct byte_range *password,
                                      struct byte_range *packages)
{
    SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX extended;
    struct byte_range inner;

    memcpy(&extended, credentials.data, sizeof extended);
    if (extended.PackageList.ShortArrayOffset % sizeof(WCHAR) != 0 ||
        !slice_or_none(credentials, sizeof extended, extended.PackageList.ShortArrayOffset,
                       extended.PackageList.ShortArrayCount * sizeof(WCHAR), packages) ||
        !slice(credentials, sizeof extended, extended.PackedCredentials.ByteArrayOffset,
               extended.PackedCredentials.ByteArrayLength, &inner))
        return ill_formed("the packed credentials lead out of the identity");
    return read_packed(inner, password);
}

SECURITY_STATUS identity_ex2_password(struct byte_range credentials, struct byte_range *password,
                                      struct byte_range *packages)
{
    USHORT header_length = 0;

    *password = BYTE_RANGE_ABSENT;
    *packages = BYTE_RANGE_ABSENT;
    if (!byte_range_is_present(credentials))
        return SEC_E_OK;
    if (credentials.length >= sizeof(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX))
        memcpy(&header_length, credentials.data, sizeof header_length);
    if (header_length == sizeof(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX))
        return read_packed_ex(credentials, password, packages);
    return read_packed(credentials, password);
}

/* Appends a text and says where; the 16 bits of its length are enough for it. */
static void put_text(unsigned char *start, size_t *end, const struct secret *text, ULONG *offset,
                     USHORT *length)
{
    if (!secret_is_present(text))
        return;
    *offset = (ULONG)*end;
    *length = (USHORT)text->length;
    memcpy(start + *end, text->data, text->length);
    *end += text->length;
}

static void put_password(unsigned char *place, const struct secret *password)
{
    SEC_WINNT_AUTH_PACKED_CREDENTIALS packed;

    memset(&packed, 0, sizeof packed); /* padding too: it leaves the process when marshalled */
    packed.cbHeaderLength = sizeof packed;
    packed.cbStructureLength = (USHORT)(sizeof packed + password->length);
    packed.AuthData.CredType = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD;
    packed.AuthData.CredData.ByteArrayOffset = sizeof packed;
    packed.AuthData.CredData.ByteArrayLength = (USHORT)password->length;
    memcpy(place, &packed, sizeof packed);
    memcpy(place + sizeof packed, password->data, password->length);
}

SECURITY_STATUS identity_ex2_make(const struct identity_ex2_text *text, ULONG flags, void **made)
{
    size_t packed = secret_is_present(&text->password)
                        ? sizeof(SEC_WINNT_AUTH_PACKED_CREDENTIALS) + text->password.length
                        : 0;
    SEC_WINNT_AUTH_IDENTITY_EX2 ex2;
    size_t end = sizeof ex2;
    unsigned char *place;

    *made = NULL;
    if (text->user.length > UINT16_MAX || text->domain.length > UINT16_MAX ||
        text->packages.length > UINT16_MAX || packed > UINT16_MAX)
        return ill_formed("a string of the identity is longer than 65535 octets");
    place = context_buffer_allocate(end + text->user.length + text->domain.length +
                                    text->packages.length + CREDENTIALS_ALIGNMENT + packed);
    if (place == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memset(&ex2, 0, sizeof ex2);
    put_text(place, &end, &text->user, &ex2.UserOffset, &ex2.UserLength);
    put_text(place, &end, &text->domain, &ex2.DomainOffset, &ex2.DomainLength);
    put_text(place, &end, &text->packages, &ex2.PackageListOffset, &ex2.PackageListLength);
    if (packed != 0) {
        end += (CREDENTIALS_ALIGNMENT - end % CREDENTIALS_ALIGNMENT) % CREDENTIALS_ALIGNMENT;
        ex2.PackedCredentialsOffset = (ULONG)end;
        ex2.PackedCredentialsLength = (USHORT)packed;
        put_password(place + end, &text->password);
        end += packed;
    }
    ex2.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
    ex2.cbHeaderLength = sizeof ex2;
    ex2.cbStructureLength = (ULONG)end;
    ex2.Flags = flags;
    memcpy(place, &ex2, sizeof ex2);
    *made = place;
    return SEC_E_OK;
}
