/*
 * NegoEx's messages (draft-zhu-negoex-04, MS-NEGOEX 2.2): octets to plain structures and back. No
 * GSS, no checksums, no order of messages: those are negoex.h's.
 *
 * Every number is little-endian. A message is a header of fixed fields and behind it a payload, in
 * which the header's vectors (offset from the message's first octet, and count) have to lie.
 */
#ifndef MECH_NEGOTIATE_NEGOEX_MESSAGE_H
#define MECH_NEGOTIATE_NEGOEX_MESSAGE_H

#include <stdint.h>
#include "common/byte_buffer.h"

/* Conversation ids and authentication schemes are GUIDs, as they stand on the wire. */
#define NEGOEX_GUID_OCTETS 16

#define NEGOEX_RANDOM_OCTETS 32

enum negoex_message_type {
    NEGOEX_INITIATOR_NEGO = 0,
    NEGOEX_ACCEPTOR_NEGO = 1,
    NEGOEX_INITIATOR_META_DATA = 2,
    NEGOEX_ACCEPTOR_META_DATA = 3,
    NEGOEX_CHALLENGE = 4,  /* a token of the mechanism, from the acceptor */
    NEGOEX_AP_REQUEST = 5, /* a token of the mechanism, from the initiator */
    NEGOEX_VERIFY = 6,
    NEGOEX_ALERT = 7,
};

/* What one message says. Decoded structures borrow from the input. */
struct negoex_message {
    enum negoex_message_type type;
    uint32_t sequence;
    const unsigned char *conversation; /* NEGOEX_GUID_OCTETS */
    const unsigned char *scheme;       /* NEGOEX_GUID_OCTETS; all types but the two NEGOs */
    union {
        struct {
            const unsigned char *random; /* NEGOEX_RANDOM_OCTETS */
            struct byte_range schemes;   /* NEGOEX_GUID_OCTETS each, in order of preference */
        } nego;
        struct byte_range token; /* the META_DATAs, CHALLENGE, AP_REQUEST */
        struct {
            uint32_t type; /* RFC 3961's number */
            struct byte_range value;
        } checksum; /* VERIFY */
        struct {
            uint32_t error_code; /* NTSTATUS */
            bool verify_no_key;  /* the sender could not check a VERIFY: it has no key yet */
        } alert;
    };
};

enum negoex_error {
    NEGOEX_OK = 0,
    NEGOEX_TRUNCATED,          /* the input ends inside the message */
    NEGOEX_BAD_SIGNATURE,      /* not a NegoEx message */
    NEGOEX_BAD_TYPE,           /* no type of message that there is */
    NEGOEX_BAD_HEADER_LENGTH,  /* shorter than its fields, or longer than the message */
    NEGOEX_BAD_VECTOR,         /* elements outside the payload */
    NEGOEX_BAD_VERSION,        /* another version of the protocol */
    NEGOEX_CRITICAL_EXTENSION, /* one that is to be understood or refused: none is understood */
    NEGOEX_BAD_CHECKSUM,       /* of a scheme that is not RFC 3961's */
};

/* An English clause for a message, never NULL. */
const char *negoex_error_text(enum negoex_error error);

/*
 * Decodes the message that *rest begins with and moves *rest behind it. On any result but NEGOEX_OK
 * neither *rest nor *message are to be used. Work is linear in the message; nothing is allocated.
 */
enum negoex_error negoex_message_decode(struct byte_range *rest, struct negoex_message *message);

/* Appends the message. Returns false, with *output as it was, when its limit or memory is reached. */
bool negoex_message_encode(const struct negoex_message *message, struct byte_buffer *output);

#endif
