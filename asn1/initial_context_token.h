/* The header that every GSS mechanism's first token carries (RFC 2743 3.1). */
#ifndef ASN1_INITIAL_CONTEXT_TOKEN_H
#define ASN1_INITIAL_CONTEXT_TOKEN_H

#include "asn1/der.h"

/*
 * Takes an InitialContextToken apart: *oid gets the content octets of thisMech, *inner what stands
 * behind it. Both point into input.
 */
enum der_error initial_context_token_decode(struct byte_range input, struct byte_range *oid,
                                            struct byte_range *inner);

/*
 * The same for a token that gss_encapsulate_token() made: MIT's (up to 1.20 at least) leaves one octet
 * too many behind some, those with 126, 127, 254, 255, 65534 or 65535 octets of content.
 */
enum der_error encapsulated_token_decode(struct byte_range input, struct byte_range *oid,
                                         struct byte_range *inner);

/* Puts the header before inner. *output is malloc()ed and the caller's to free. */
enum der_error initial_context_token_encode(struct byte_range oid, struct byte_range inner,
                                            unsigned char **output, size_t *length);

#endif
