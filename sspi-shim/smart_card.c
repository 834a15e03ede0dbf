#include "sspi-shim/smart_card.h"

#include <string.h>
#include <sspi-gss/ntsecapi.h>
#include "sspi-shim/secret_text.h"
#include "sspi-shim/status.h"

/* What may be in CspData; longer is not what it says. */
#define CSP_DATA_MAX 65536

/* What both structures say, in one form. */
struct logon {
    UNICODE_STRING domain;
    UNICODE_STRING user;
    UNICODE_STRING pin;
    const unsigned char *csp_data;
    size_t csp_length;
};

static SECURITY_STATUS read_string(const UNICODE_STRING *string, struct secret *text)
{
    if (string->Length % sizeof(WCHAR) != 0 || (string->Buffer == NULL && string->Length != 0))
        return SEC_E_INVALID_PARAMETER;
    return secret_text_read(string->Buffer, string->Length / sizeof(WCHAR), true, text);
}

/* A name of the card: characters from bBuffer on, up to a NUL. */
static SECURITY_STATUS read_name(const struct logon *logon, ULONG offset, struct secret *text)
{
    const size_t start = offsetof(KERB_SMARTCARD_CSP_INFO, bBuffer);
    size_t units = (logon->csp_length - start) / sizeof(WCHAR);
    size_t end = offset;
    WCHAR unit;

    for (; end < units; end++) {
        memcpy(&unit, logon->csp_data + start + end * sizeof unit, sizeof unit);
        if (unit == 0)
            break;
    }
    if (end >= units)
        return status_because(SEC_E_INVALID_PARAMETER, "a name leads out of CspData");
    if (end == offset)
        return SEC_E_OK;
    return secret_text_read(logon->csp_data + start + offset * sizeof(WCHAR), end - offset, true,
                            text);
}

static SECURITY_STATUS read_csp_data(const struct logon *logon, struct smart_card *card)
{
    const size_t header_length = offsetof(KERB_SMARTCARD_CSP_INFO, bBuffer);
    KERB_SMARTCARD_CSP_INFO info;
    SECURITY_STATUS status;

    if (logon->csp_data == NULL || logon->csp_length == 0)
        return SEC_E_OK;
    if (logon->csp_length <= header_length || logon->csp_length > CSP_DATA_MAX)
        return status_because(SEC_E_INVALID_PARAMETER, "CspData has an impossible length");
    memset(&info, 0, sizeof info);
    memcpy(&info, logon->csp_data, header_length);
    if (info.dwCspInfoLen != logon->csp_length || info.KeySpec > 2)
        return status_because(SEC_E_INVALID_PARAMETER, "CspData is no KERB_SMARTCARD_CSP_INFO");
    card->key_spec[0] = (char)('0' + info.KeySpec);
    status = read_name(logon, info.nCardNameOffset, &card->card);
    if (status == SEC_E_OK)
        status = read_name(logon, info.nReaderNameOffset, &card->reader);
    if (status == SEC_E_OK)
        status = read_name(logon, info.nContainerNameOffset, &card->container);
    if (status == SEC_E_OK)
        status = read_name(logon, info.nCSPNameOffset, &card->provider);
    return status;
}

static SECURITY_STATUS read_logon(const void *data, struct logon *logon)
{
    KERB_CERTIFICATE_LOGON certificate;
    KERB_SMART_CARD_LOGON old;
    KERB_LOGON_SUBMIT_TYPE type;

    *logon = (struct logon){.csp_length = 0};
    memcpy(&type, data, sizeof type);
    switch (type) {
    case KerbCertificateLogon:
    case KerbCertificateUnlockLogon:
        memcpy(&certificate, data, sizeof certificate);
        logon->domain = certificate.DomainName;
        logon->user = certificate.UserName;
        logon->pin = certificate.Pin;
        logon->csp_data = certificate.CspData;
        logon->csp_length = certificate.CspDataLength;
        return SEC_E_OK;
    case KerbSmartCardLogon:
    case KerbSmartCardUnlockLogon:
        memcpy(&old, data, sizeof old);
        logon->pin = old.Pin;
        logon->csp_data = old.CspData;
        logon->csp_length = old.CspDataLength;
        return SEC_E_OK;
    default:
        return status_because(SEC_E_UNKNOWN_CREDENTIALS,
                              "pSpnegoCred is no KERB_CERTIFICATE_LOGON");
    }
}

SECURITY_STATUS smart_card_read(const void *data, struct smart_card *card)
{
    struct logon logon;
    SECURITY_STATUS status = read_logon(data, &logon);

    *card = (struct smart_card){.key_spec = ""};
    if (status == SEC_E_OK && logon.pin.Buffer == NULL)
        status = status_because(SEC_E_INVALID_PARAMETER, "the smart card has no PIN");
    if (status == SEC_E_OK)
        status = read_string(&logon.domain, &card->domain);
    if (status == SEC_E_OK)
        status = read_string(&logon.user, &card->user);
    if (status == SEC_E_OK)
        status = read_string(&logon.pin, &card->pin);
    if (status == SEC_E_OK)
        status = read_csp_data(&logon, card);
    return status;
}

static void add(struct store *store, const char *key, const struct secret *text)
{
    if (text->length != 0)
        store_add(store, key, (const char *)text->data);
}

void smart_card_store(const struct smart_card *card, struct store *store)
{
    store_add(store, "smart_card_pin", (const char *)card->pin.data);
    add(store, "smart_card_user_hint", &card->user);
    add(store, "smart_card_domain_hint", &card->domain);
    add(store, "smart_card_name", &card->card);
    add(store, "smart_card_reader", &card->reader);
    add(store, "smart_card_container", &card->container);
    add(store, "smart_card_provider", &card->provider);
    store_add(store, "smart_card_key_spec", card->key_spec[0] != '\0' ? card->key_spec : NULL);
}

void smart_card_release(struct smart_card *card)
{
    secret_release(&card->pin);
    secret_release(&card->user);
    secret_release(&card->domain);
    secret_release(&card->card);
    secret_release(&card->reader);
    secret_release(&card->container);
    secret_release(&card->provider);
}
