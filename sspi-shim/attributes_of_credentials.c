/* SECPKG_ATTR_CREDS and SECPKG_ATTR_CREDS_2: what a CREDSSP client has delegated, in the clear. */
#include <string.h>
#include <unistr.h>
#include <gssapi_sspi.h>
#include <sspi-gss/credssp.h>
#include "common/secret.h"
#include "sspi-shim/attributes.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/inquiry.h"
#include "sspi-shim/status.h"

/* Where gss_sspi_inquire_credentials has its parts. */
enum password_part { PASSWORD_DOMAIN, PASSWORD_USER, PASSWORD_PASSWORD, PASSWORD_PARTS };

/* Where gss_sspi_inquire_smart_card has its parts. */
enum card_part {
    CARD_PIN,
    CARD_USER,
    CARD_DOMAIN,
    CARD_KEY_SPECIFICATION,
    CARD_NAME,
    CARD_READER,
    CARD_CONTAINER,
    CARD_PROVIDER,
    CARD_PARTS
};

/* KERB_SMARTCARD_CSP_INFO.MessageType, of which Windows has one. */
#define CSP_INFO_MESSAGE 1

/* A block that grows at its end; offsets count from its start. Longer than anything that is delegated. */
struct block {
    unsigned char *octets; /* for the caller */
    size_t length;
    size_t room;
};

/* What a part may need: UTF-16 has no more units than UTF-8 has octets, and one for a NUL. */
static size_t room_of(const gss_buffer_set_desc *parts)
{
    size_t room = 0;

    for (size_t i = 0; i < parts->count; i++)
        room += (parts->elements[i].length + 1) * sizeof(WCHAR);
    return room;
}

static SECURITY_STATUS block_make(struct block *block, size_t header,
                                  const gss_buffer_set_desc *parts)
{
    size_t room = room_of(parts);

    *block = (struct block){.length = header, .room = header + room};
    block->octets = context_buffer_allocate(block->room);
    return block->octets != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

/* Puts a part behind the others, as UTF-16. *units is its length. */
static SECURITY_STATUS block_append(struct block *block, const gss_buffer_desc *part, size_t *units)
{
    uint16_t *place = (uint16_t *)(void *)(block->octets + block->length);

    *units = part->length;
    if (part->length == 0)
        return SEC_E_OK;
    /* Into the room that there is: libunistring makes no copy of a secret elsewhere. */
    if (u8_to_u16(part->value, part->length, place, units) != place)
        return status_because(SEC_E_INTERNAL_ERROR, "what was delegated is not UTF-8");
    block->length += *units * sizeof *place;
    return SEC_E_OK;
}

/* The same, for a string whose Buffer is an offset. */
static SECURITY_STATUS append_string(struct block *block, const gss_buffer_desc *part,
                                     UNICODE_STRING *string)
{
    size_t offset = block->length;
    size_t units;
    SECURITY_STATUS status = block_append(block, part, &units);

    if (status != SEC_E_OK)
        return status;
    if (units * sizeof(WCHAR) > UINT16_MAX)
        return status_because(SEC_E_INTERNAL_ERROR, "what was delegated is too long");
    string->Length = (USHORT)(units * sizeof(WCHAR));
    string->MaximumLength = string->Length;
    string->Buffer = (PWSTR)offset; /* NOLINT: an offset, as the structure is packed */
    return SEC_E_OK;
}

static SECURITY_STATUS pack_password(const gss_buffer_set_desc *parts, struct block *block)
{
    KERB_INTERACTIVE_LOGON logon = {.MessageType = KerbInteractiveLogon};
    SECURITY_STATUS status = block_make(block, sizeof logon, parts);

    if (status == SEC_E_OK)
        status = append_string(block, &parts->elements[PASSWORD_DOMAIN], &logon.LogonDomainName);
    if (status == SEC_E_OK)
        status = append_string(block, &parts->elements[PASSWORD_USER], &logon.UserName);
    if (status == SEC_E_OK)
        status = append_string(block, &parts->elements[PASSWORD_PASSWORD], &logon.Password);
    if (status == SEC_E_OK)
        memcpy(block->octets, &logon, sizeof logon);
    return status;
}

/* KERB_SMARTCARD_CSP_INFO behind the strings: four names with a NUL each. */
static SECURITY_STATUS append_csp_info(struct block *block, const gss_buffer_set_desc *parts,
                                       KERB_CERTIFICATE_LOGON *logon)
{
    const size_t header = offsetof(KERB_SMARTCARD_CSP_INFO, bBuffer);
    KERB_SMARTCARD_CSP_INFO info = {.MessageType = CSP_INFO_MESSAGE};
    ULONG *const offsets[] = {&info.nCardNameOffset, &info.nReaderNameOffset,
                              &info.nContainerNameOffset, &info.nCSPNameOffset};
    size_t start = (block->length + _Alignof(KERB_SMARTCARD_CSP_INFO) - 1) /
                   _Alignof(KERB_SMARTCARD_CSP_INFO) * _Alignof(KERB_SMARTCARD_CSP_INFO);
    const gss_buffer_desc *specification = &parts->elements[CARD_KEY_SPECIFICATION];

    if (specification->length == sizeof info.KeySpec)
        memcpy(&info.KeySpec, specification->value, sizeof info.KeySpec);
    block->length = start + header;
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        size_t units;
        SECURITY_STATUS status;

        *offsets[i] = (ULONG)((block->length - start - header) / sizeof(WCHAR));
        status = block_append(block, &parts->elements[CARD_NAME + i], &units);
        if (status != SEC_E_OK)
            return status;
        block->length += sizeof(WCHAR); /* the NUL, which is there */
    }
    info.dwCspInfoLen = (DWORD)(block->length - start);
    memcpy(block->octets + start, &info, header);
    logon->CspDataLength = info.dwCspInfoLen;
    logon->CspData = (PUCHAR)start; /* NOLINT: an offset */
    return SEC_E_OK;
}

static SECURITY_STATUS pack_card(const gss_buffer_set_desc *parts, struct block *block)
{
    KERB_CERTIFICATE_LOGON logon = {.MessageType = KerbCertificateLogon};
    /* Before and behind the strings: two headers, and what aligns the second. */
    SECURITY_STATUS status =
        block_make(block, sizeof logon + 2 * sizeof(KERB_SMARTCARD_CSP_INFO), parts);

    block->length = sizeof logon;
    if (status == SEC_E_OK)
        status = append_string(block, &parts->elements[CARD_DOMAIN], &logon.DomainName);
    if (status == SEC_E_OK)
        status = append_string(block, &parts->elements[CARD_USER], &logon.UserName);
    if (status == SEC_E_OK)
        status = append_string(block, &parts->elements[CARD_PIN], &logon.Pin);
    if (status == SEC_E_OK)
        status = append_csp_info(block, parts, &logon);
    if (status == SEC_E_OK)
        memcpy(block->octets, &logon, sizeof logon);
    return status;
}

/* The delegated credentials of one kind; packed by its function. */
static SECURITY_STATUS give(const struct context *context, const gss_OID_desc *kind, size_t parts,
                            SECURITY_STATUS (*pack)(const gss_buffer_set_desc *, struct block *),
                            SecPkgContext_ClientCreds *credentials)
{
    struct block block = {0};
    gss_buffer_set_t answer;
    SECURITY_STATUS status = inquiry_make(context, kind, parts, &answer);

    if (status != SEC_E_OK)
        return status;
    status = pack(answer, &block);
    gss_sspi_release_credentials(&answer);
    if (status != SEC_E_OK) {
        (void)context_buffer_free(block.octets);
        return status;
    }
    credentials->AuthBufferLen = (ULONG)block.length;
    credentials->AuthBuffer = block.octets;
    return SEC_E_OK;
}

SECURITY_STATUS query_client_credentials(struct context *context, bool wide, void *out)
{
    uint32_t type = 0;
    SECURITY_STATUS status =
        inquiry_read(context, GSS_SSPI_INQ_CREDENTIALS_TYPE, &type, sizeof type);

    (void)wide;
    if (status != SEC_E_OK)
        return status;
    if (type == GSS_SSPI_CREDENTIALS_PASSWORD)
        return give(context, GSS_SSPI_INQ_CREDENTIALS, PASSWORD_PARTS, pack_password, out);
    if (type == GSS_SSPI_CREDENTIALS_SMART_CARD)
        return give(context, GSS_SSPI_INQ_SMART_CARD, CARD_PARTS, pack_card, out);
    if (type == GSS_SSPI_CREDENTIALS_REMOTE_GUARD)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "what the client delegated is no password and no smart card");
    return status_because(SEC_E_NO_CREDENTIALS, "the client has delegated nothing");
}
