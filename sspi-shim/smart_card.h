/* The smart card of a CREDSSP_CRED: KERB_CERTIFICATE_LOGON and KERB_SMART_CARD_LOGON. */
#ifndef SSPI_SHIM_SMART_CARD_H
#define SSPI_SHIM_SMART_CARD_H

#include <stdbool.h>
#include <sspi-gss/sspi.h>
#include "common/secret.h"
#include "sspi-shim/store.h"

/* All UTF-8; what is not known of the card is absent. */
struct smart_card {
    struct secret pin;
    struct secret user;
    struct secret domain;
    struct secret card;
    struct secret reader;
    struct secret container;
    struct secret provider;
    char key_spec[2]; /* "", or "1" for key exchange, "2" for signature, "0" for neither */
};

/*
 * Reads the structure, whose pointers are addresses. The caller releases *card, also on failure.
 * SEC_E_UNKNOWN_CREDENTIALS (another structure), SEC_E_INVALID_PARAMETER (ill-formed),
 * SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS smart_card_read(const void *data, struct smart_card *card);

/* Adds what the mechanism is to know of it; the texts stay the card's. */
void smart_card_store(const struct smart_card *card, struct store *store);

/* Wipes and releases. */
void smart_card_release(struct smart_card *card);

#endif
