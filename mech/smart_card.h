/*
 * A smart card that an initiator delegates by CredSSP (MS-CSSP 2.2.1.2.2): its PIN, and where the
 * server finds the card that the client redirects to it. Nothing here reads a card.
 */
#ifndef MECH_SMART_CARD_H
#define MECH_SMART_CARD_H

#include <stdint.h>

#include "asn1/ts_credentials.h"
#include "common/byte_buffer.h"
#include "common/secret.h"
#include "mech/mechglue.h"

enum smart_card_text {
    SMART_CARD_USER_HINT,
    SMART_CARD_DOMAIN_HINT,
    SMART_CARD_NAME,
    SMART_CARD_READER,
    SMART_CARD_CONTAINER,
    SMART_CARD_PROVIDER,
    SMART_CARD_TEXTS
};

/* UTF-8, as the credential store gave it. */
struct smart_card {
    struct secret pin;
    uint32_t key_spec; /* 1 key exchange, 2 signature, 0 for a provider that has no such thing */
    char *texts[SMART_CARD_TEXTS]; /* [smart_card_text]; NULL: absent */
};

/* Whether a key of a credential store is one of these: smart_card_pin and its sisters. */
bool smart_card_has_key(const char *key);

/*
 * Takes one element of a credential store; *card is made by the first. smart_card_release frees it.
 */
OM_uint32 smart_card_set(OM_uint32 *minor, struct smart_card **card, const char *key,
                         const char *value);

/* What the store gave must include a PIN. */
OM_uint32 smart_card_check(OM_uint32 *minor, const struct smart_card *card);

/* Appends each key and each value, behind its length in four octets; false when memory runs out. */
bool smart_card_append(const struct smart_card *card, struct byte_buffer *buffer);

/* TSCredentials of the card; the caller releases *encoded. */
OM_uint32 smart_card_encode(OM_uint32 *minor, const struct smart_card *card,
                            struct secret *encoded);

/* Wipes, releases and sets to NULL; NULL is allowed. */
void smart_card_release(struct smart_card **card);

#endif
