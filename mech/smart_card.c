#include "mech/smart_card.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "mech/octets.h"
#include "mech/status.h"

static const char key_pin[] = "smart_card_pin";
static const char key_key_spec[] = "smart_card_key_spec";

/* [smart_card_text] */
static const char *const text_keys[SMART_CARD_TEXTS] = {
    "smart_card_user_hint", "smart_card_domain_hint", "smart_card_name",
    "smart_card_reader",    "smart_card_container",   "smart_card_provider",
};

/* AT_KEYEXCHANGE, with which cards log on. */
#define DEFAULT_KEY_SPEC 1u

static bool find_text(const char *key, size_t *text)
{
    for (*text = 0; *text < SMART_CARD_TEXTS; ++*text) {
        if (strcmp(key, text_keys[*text]) == 0)
            return true;
    }
    return false;
}

bool smart_card_has_key(const char *key)
{
    size_t text;

    return strcmp(key, key_pin) == 0 || strcmp(key, key_key_spec) == 0 || find_text(key, &text);
}

static OM_uint32 set_key_spec(OM_uint32 *minor, struct smart_card *card, const char *value)
{
    if (strlen(value) != 1 || *value < '0' || *value > '2')
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                    "smart_card_key_spec is 0, 1 or 2");
    card->key_spec = (uint32_t)(*value - '0');
    return GSS_S_COMPLETE;
}

OM_uint32 smart_card_set(OM_uint32 *minor, struct smart_card **card, const char *key,
                         const char *value)
{
    size_t text;

    *minor = 0;
    if (*card == NULL) {
        *card = calloc(1, sizeof **card);
        if (*card == NULL)
            return fail_no_memory(minor);
        (*card)->key_spec = DEFAULT_KEY_SPEC;
    }
    if (strcmp(key, key_pin) == 0)
        return secret_set(&(*card)->pin, value, strlen(value)) ? GSS_S_COMPLETE
                                                               : fail_no_memory(minor);
    if (!find_text(key, &text))
        return set_key_spec(minor, *card, value);
    free((*card)->texts[text]);
    (*card)->texts[text] = strdup(value);
    return (*card)->texts[text] != NULL ? GSS_S_COMPLETE : fail_no_memory(minor);
}

OM_uint32 smart_card_check(OM_uint32 *minor, const struct smart_card *card)
{
    if (!secret_is_present(&card->pin))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                    "a smart card needs smart_card_pin");
    return GSS_S_COMPLETE;
}

/* What append_run adds for all of them. */
static size_t appended_octets(const struct smart_card *card)
{
    size_t octets = 4 + strlen(key_pin) + 4 + card->pin.length + 4 + strlen(key_key_spec) + 4 + 1;

    for (size_t i = 0; i < SMART_CARD_TEXTS; i++) {
        if (card->texts[i] != NULL)
            octets += 4 + strlen(text_keys[i]) + 4 + strlen(card->texts[i]);
    }
    return octets;
}

bool smart_card_append(const struct smart_card *card, struct byte_buffer *buffer)
{
    const char key_spec = (char)('0' + card->key_spec);
    /* A buffer that grew would leave a copy of the PIN behind. */
    bool appended = byte_buffer_reserve(buffer, appended_octets(card)) &&
                    append_run(buffer, key_pin, strlen(key_pin)) &&
                    append_run(buffer, card->pin.data, card->pin.length) &&
                    append_run(buffer, key_key_spec, strlen(key_key_spec)) &&
                    append_run(buffer, &key_spec, 1);

    for (size_t i = 0; i < SMART_CARD_TEXTS && appended; i++) {
        if (card->texts[i] != NULL)
            appended = append_run(buffer, text_keys[i], strlen(text_keys[i])) &&
                       append_run(buffer, card->texts[i], strlen(card->texts[i]));
    }
    return appended;
}

/* The UTF-16LE forms: the PIN's, and those of the texts. */
struct converted {
    struct secret pin;
    struct secret texts[SMART_CARD_TEXTS];
};

static OM_uint32 convert(OM_uint32 *minor, const struct smart_card *card, struct converted *out)
{
    enum text_result result = text_to_utf16le(secret_range(&card->pin), &out->pin);

    for (size_t i = 0; i < SMART_CARD_TEXTS && result == TEXT_OK; i++) {
        if (card->texts[i] != NULL)
            result = text_to_utf16le(byte_range_of(card->texts[i], strlen(card->texts[i])),
                                     &out->texts[i]);
    }
    if (result == TEXT_NO_MEMORY)
        return fail_no_memory(minor);
    if (result == TEXT_INVALID)
        return fail(minor, GSS_S_DEFECTIVE_CREDENTIAL, GSS_SSPI_E_BAD_ARGUMENT,
                    "a text of the smart card is not UTF-8");
    return GSS_S_COMPLETE;
}

OM_uint32 smart_card_encode(OM_uint32 *minor, const struct smart_card *card, struct secret *encoded)
{
    struct converted converted = {.pin = {0}};
    struct ts_credentials credentials = {.cred_type = TS_CREDENTIALS_SMART_CARD};
    OM_uint32 major = convert(minor, card, &converted);

    credentials.smart_card = (struct ts_smart_card_creds){
        .pin = secret_range(&converted.pin),
        .csp_data = {.key_spec = card->key_spec,
                     .card_name = secret_range(&converted.texts[SMART_CARD_NAME]),
                     .reader_name = secret_range(&converted.texts[SMART_CARD_READER]),
                     .container_name = secret_range(&converted.texts[SMART_CARD_CONTAINER]),
                     .csp_name = secret_range(&converted.texts[SMART_CARD_PROVIDER])},
        .user_hint = secret_range(&converted.texts[SMART_CARD_USER_HINT]),
        .domain_hint = secret_range(&converted.texts[SMART_CARD_DOMAIN_HINT]),
    };
    if (!GSS_ERROR(major) && ts_credentials_encode(&credentials, encoded) != DER_OK)
        major = fail_no_memory(minor);
    secret_release(&converted.pin);
    for (size_t i = 0; i < SMART_CARD_TEXTS; i++)
        secret_release(&converted.texts[i]);
    return major;
}

void smart_card_release(struct smart_card **card)
{
    if (*card == NULL)
        return;
    secret_release(&(*card)->pin);
    for (size_t i = 0; i < SMART_CARD_TEXTS; i++)
        free((*card)->texts[i]);
    free(*card);
    *card = NULL;
}
