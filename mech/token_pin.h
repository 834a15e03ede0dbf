/* The PIN of a PKCS#11 token, from the file that a URI names (RFC 7512 2.4). */
#ifndef MECH_TOKEN_PIN_H
#define MECH_TOKEN_PIN_H

#include <stddef.h>

/*
 * For gnutls_certificate_set_pin_function, with the key's URI as userdata: the first line of the file
 * that "pin-source=file:/path" in it names. Tried once: a wrong PIN would lock the token.
 */
int token_pin_from_source(void *userdata, int attempt, const char *token_url,
                          const char *token_label, unsigned int flags, char *pin, size_t pin_max);

#endif
