/* The extension record_size_limit (RFC 8449), which GnuTLS heeds and does not tell. */
#ifndef MECH_TLS_RECORD_LIMIT_H
#define MECH_TLS_RECORD_LIMIT_H

#include <stddef.h>

#include <gnutls/gnutls.h>

/*
 * Looks for the extension in a handshake message of the peer: ClientHello, ServerHello (TLS 1.2) or
 * EncryptedExtensions (TLS 1.3). type is GnuTLS' GNUTLS_HANDSHAKE_*; message comes without the
 * handshake's header. Sets *limit, in octets, when it is there; leaves it as it is when it is not, and
 * when the message cannot be parsed.
 */
void tls_find_record_limit(unsigned int type, const gnutls_datum_t *message, size_t *limit);

#endif
