/* CredSSP contexts over every kind of TLS, and messages that they seal and open. */
#ifndef TESTS_MECH_SEALED_MESSAGES_H
#define TESTS_MECH_SEALED_MESSAGES_H

#include "tests/mech/exchange.h"

/* Data in one record. */
#define RECORD_OCTETS 16384

extern struct exchange x;

/* Options for TLS 1.3 and 1.2, with AES-GCM and with ChaCha20-Poly1305; then for TLS 1.2 with CBC. */
#define TLS_OPTIONS 4
extern const char *const tls_options[TLS_OPTIONS];
extern const char cbc_options[];

/* Those with TLS 1.2, where GnuTLS makes no record without data. */
bool is_tls_1_2(int index);

/* Fills octets with a pattern that differs from record to record. */
void fill_pattern(unsigned char *octets, size_t length);

/* Makes the two contexts of x, with these options; again with those in force. */
void credssp_with(const char *options);
void credssp_again(void);

/* Seals a message; the caller frees it. */
gss_buffer_desc seal(gss_ctx_id_t from, const void *data, size_t length);

/* The sealed message is taken for these octets. */
void assert_opens(gss_ctx_id_t to, gss_buffer_t sealed, const void *data, size_t length);

#endif
