/* CredSSP's TSRequest (MS-CSSP 2.2.1), the envelope of every message inside its TLS session. */
#ifndef ASN1_TS_REQUEST_H
#define ASN1_TS_REQUEST_H

#include "asn1/der.h"

struct ts_request {
    uint32_t version; /* as sent: 2 or more */
    struct byte_range
        nego_token; /* the one token that negoTokens holds; may be present and empty */
    struct byte_range auth_info;
    struct byte_range pub_key_auth;
    bool has_error_code;
    uint32_t error_code; /* an NTSTATUS */
    struct byte_range client_nonce;
};

/*
 * Decodes one TSRequest that is exactly input. negoTokens must hold one item, since no peer reads
 * more. errorCode is taken in the four-octet two's complement form and in the five-octet positive
 * one (pyspnego). Unknown fields are refused: the type has no extension marker. What is found
 * points into input.
 */
enum der_error ts_request_decode(struct byte_range input, struct ts_request *request);

/*
 * Length of the TSRequest that input begins with. DER_OK: *total is its whole length, which may be
 * more than input has. DER_TRUNCATED: too few octets to tell. Anything else: not a TSRequest, or
 * longer than limit (DER_TOO_LONG), which is decided before the octets arrive.
 */
enum der_error ts_request_length(struct byte_range input, size_t limit, size_t *total);

/*
 * Encodes; errorCode goes out as the four octets of the NTSTATUS (a negative INTEGER when its high
 * bit is set; otherwise minimal). *output is malloc()ed and the caller's to free.
 */
enum der_error ts_request_encode(const struct ts_request *request, unsigned char **output,
                                 size_t *length);

#endif
