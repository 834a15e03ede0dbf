/*
 * SPNEGO's messages (RFC 4178 4.2, MS-SPNG 2.2): NegTokenInit, NegTokenInit2 with NegHints, and
 * NegTokenResp. Decoded structures borrow from the input; encoded ones are allocated.
 */
#ifndef ASN1_NEG_TOKEN_H
#define ASN1_NEG_TOKEN_H

#include "asn1/der.h"

/* Mechanisms of one MechTypeList that are kept. No peer is known to offer more than eight. */
#define NEG_TOKEN_MAX_MECH_TYPES 32

/* The hint that every NegTokenInit2 carries (MS-SPNG 2.2.1). */
#define NEG_TOKEN_HINT_NAME "not_defined_in_RFC4178@please_ignore"

enum neg_state {
    NEG_STATE_ABSENT = -1,
    NEG_STATE_ACCEPT_COMPLETED = 0,
    NEG_STATE_ACCEPT_INCOMPLETE = 1,
    NEG_STATE_REJECT = 2,
    NEG_STATE_REQUEST_MIC = 3,
};

/* A MechTypeList: what mechListMIC is computed over, and the mechanisms in it. */
struct mech_type_list {
    struct byte_range der; /* the exact octets, from the SEQUENCE's 0x30; absent: no mechTypes */
    size_t count;
    struct byte_range oids[NEG_TOKEN_MAX_MECH_TYPES]; /* content octets of each OID */
};

/* NegTokenInit and NegTokenInit2; the fields of the latter are absent in the former. */
struct neg_token_init {
    struct mech_type_list mech_types;
    struct byte_range mech_token;
    struct byte_range hint_name;    /* NegTokenInit2 only */
    struct byte_range hint_address; /* NegTokenInit2 only */
    struct byte_range mech_list_mic;
};

struct neg_token_resp {
    enum neg_state neg_state;
    struct byte_range supported_mech; /* content octets of the OID */
    struct byte_range response_token;
    struct byte_range mech_list_mic;
};

struct neg_token {
    enum { NEG_TOKEN_INIT, NEG_TOKEN_RESP } kind;
    union {
        struct neg_token_init init;
        struct neg_token_resp resp;
    };
};

/*
 * Decodes a NegotiationToken. A NegTokenInit stands inside the RFC 2743 3.1 header with SPNEGO's
 * OID; a NegTokenResp stands bare, or inside the same header (old Sun acceptors). Unknown fields
 * behind the known ones are skipped (the grammar's extension markers). Returns DER_OK and *token,
 * which points into input; on any other result *token is not to be used.
 */
enum der_error neg_token_decode(struct byte_range input, struct neg_token *token);

/* True when input starts like a NegotiationToken: SPNEGO's RFC 2743 header, or a NegTokenResp. */
bool neg_token_is_plausible(struct byte_range input);

/*
 * Encodes a MechTypeList of count OIDs, given by their content octets. *output is malloc()ed and
 * the caller's to free. DER_TOO_MANY above NEG_TOKEN_MAX_MECH_TYPES, DER_MISSING when count is 0.
 */
enum der_error mech_type_list_encode(const struct byte_range *oids, size_t count,
                                     unsigned char **output, size_t *length);

/*
 * Encodes a NegTokenInit, or a NegTokenInit2 when hint_name is present, with its RFC 2743 header.
 * mech_types.der goes in as it is. *output is malloc()ed and the caller's to free.
 */
enum der_error neg_token_init_encode(const struct neg_token_init *init, unsigned char **output,
                                     size_t *length);

/* Encodes a NegTokenResp. *output is malloc()ed and the caller's to free. */
enum der_error neg_token_resp_encode(const struct neg_token_resp *resp, unsigned char **output,
                                     size_t *length);

#endif
