/*
 * What precedes CredSSP on an RDP connection: the X.224 Connection Request and Confirm, in which
 * client and server agree on it (MS-RDPBCGR 2.2.1.1 and 2.2.1.2). Octets in, octets out; no I/O.
 */
#ifndef TOOLS_RDP_NEGOTIATION_H
#define TOOLS_RDP_NEGOTIATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits of requestedProtocols, and values of selectedProtocol. */
#define RDP_PROTOCOL_SSL    0x00000001u
#define RDP_PROTOCOL_HYBRID 0x00000002u /* CredSSP */

/* RDP_NEG_FAILURE's failureCode. */
#define RDP_HYBRID_REQUIRED_BY_SERVER 5u

/* Octets of the TPKT header, which tells how long the whole is. */
#define RDP_TPKT_HEADER_LENGTH 4
/* A TPDU's length is one octet that may not be 255: nothing longer is valid. */
#define RDP_NEGOTIATION_LIMIT (RDP_TPKT_HEADER_LENGTH + 1 + 254)
/* What we send is always this long. */
#define RDP_NEGOTIATION_LENGTH 19

enum rdp_answer {
    RDP_ANSWER_MALFORMED,
    RDP_ANSWER_NO_NEGOTIATION, /* a server that knows nothing but RDP's own security */
    RDP_ANSWER_SELECTED,       /* value is the protocol */
    RDP_ANSWER_REFUSED,        /* value is the failureCode */
};

/*
 * The length of the whole packet from its TPKT header of RDP_TPKT_HEADER_LENGTH octets, at most
 * RDP_NEGOTIATION_LIMIT; 0 when it is none.
 */
size_t rdp_packet_length(const unsigned char *header);

/* Writes a request for the given protocols. */
void rdp_write_request(unsigned char packet[RDP_NEGOTIATION_LENGTH], uint32_t protocols);

/*
 * Reads a whole request. False when it is malformed. *protocols is 0 (RDP's own security) for a
 * client that does not negotiate. A cookie or routing token is skipped.
 */
bool rdp_read_request(const unsigned char *packet, size_t length, uint32_t *protocols);

/* Writes the server's choice, or its refusal with a failureCode. */
void rdp_write_confirm(unsigned char packet[RDP_NEGOTIATION_LENGTH], uint32_t protocol);
void rdp_write_refusal(unsigned char packet[RDP_NEGOTIATION_LENGTH], uint32_t code);

/* Reads a server's whole answer. */
enum rdp_answer rdp_read_answer(const unsigned char *packet, size_t length, uint32_t *value);

/* What a failureCode means, in words. */
const char *rdp_refusal_text(uint32_t code);

#endif
