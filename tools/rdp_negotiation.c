#include "tools/rdp_negotiation.h"

#include <string.h>

/* Offsets in a packet: TPKT header, length indicator, then the fixed part of the TPDU. */
#define OFFSET_LENGTH_INDICATOR 4
#define OFFSET_CODE             5
#define OFFSET_DESTINATION      6
#define OFFSET_CLASS            10
#define FIXED_LENGTH            11

#define TPDU_CONNECTION_REQUEST 0xe0
#define TPDU_CONNECTION_CONFIRM 0xd0

/* The variable part: type, flags, length (16 bits), a 32-bit value; all little-endian. */
#define NEGOTIATION_LENGTH       8
#define TYPE_REQUEST             0x01
#define TYPE_RESPONSE            0x02
#define TYPE_FAILURE             0x03
#define TYPE_CORRELATION         0x06
#define FLAG_CORRELATION_PRESENT 0x08
#define CORRELATION_LENGTH       36

static uint32_t read_little_endian_32(const unsigned char *data)
{
    return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

size_t rdp_packet_length(const unsigned char *header)
{
    size_t length = (size_t)header[2] << 8 | header[3];

    if (header[0] != 3 || header[1] != 0 || length < FIXED_LENGTH || length > RDP_NEGOTIATION_LIMIT)
        return 0;
    return length;
}

/* The parts that request and answer have in common. */
static bool envelope_is_valid(const unsigned char *packet, size_t length, unsigned char code)
{
    return length >= FIXED_LENGTH && rdp_packet_length(packet) == length &&
           packet[OFFSET_LENGTH_INDICATOR] == length - OFFSET_CODE && packet[OFFSET_CODE] == code &&
           packet[OFFSET_CLASS] == 0;
}

static bool has_negotiation(const unsigned char *data, size_t length, unsigned char type)
{
    return length >= NEGOTIATION_LENGTH && data[0] == type && data[2] == NEGOTIATION_LENGTH &&
           data[3] == 0;
}

/* Octets of a cookie or routing token with its end of line at data, or 0. */
static size_t line_length(const unsigned char *data, size_t length)
{
    const unsigned char *end = memmem(data, length, "\r\n", 2);

    return end != NULL ? (size_t)(end - data) + 2 : 0;
}

static bool correlation_is_valid(const unsigned char *data, size_t length, unsigned char flags)
{
    if ((flags & FLAG_CORRELATION_PRESENT) == 0)
        return length == 0;
    return length == CORRELATION_LENGTH && data[0] == TYPE_CORRELATION && data[1] == 0 &&
           data[2] == CORRELATION_LENGTH && data[3] == 0;
}

bool rdp_read_request(const unsigned char *packet, size_t length, uint32_t *protocols)
{
    const unsigned char *rest;
    size_t left;
    size_t line;

    *protocols = 0;
    if (!envelope_is_valid(packet, length, TPDU_CONNECTION_REQUEST) ||
        packet[OFFSET_DESTINATION] != 0 || packet[OFFSET_DESTINATION + 1] != 0)
        return false;
    rest = packet + FIXED_LENGTH;
    left = length - FIXED_LENGTH;
    /* The type of a negotiation request is no character that a cookie begins with. */
    line = left > 0 && rest[0] != TYPE_REQUEST ? line_length(rest, left) : 0;
    rest += line;
    left -= line;
    if (left == 0)
        return true;
    if (!has_negotiation(rest, left, TYPE_REQUEST) ||
        !correlation_is_valid(rest + NEGOTIATION_LENGTH, left - NEGOTIATION_LENGTH, rest[1]))
        return false;
    *protocols = read_little_endian_32(rest + 4);
    return true;
}

enum rdp_answer rdp_read_answer(const unsigned char *packet, size_t length, uint32_t *value)
{
    const unsigned char *rest = packet + FIXED_LENGTH;

    *value = 0;
    if (!envelope_is_valid(packet, length, TPDU_CONNECTION_CONFIRM))
        return RDP_ANSWER_MALFORMED;
    if (length == FIXED_LENGTH)
        return RDP_ANSWER_NO_NEGOTIATION;
    if (length != RDP_NEGOTIATION_LENGTH)
        return RDP_ANSWER_MALFORMED;
    *value = read_little_endian_32(rest + 4);
    if (has_negotiation(rest, NEGOTIATION_LENGTH, TYPE_RESPONSE))
        return RDP_ANSWER_SELECTED;
    if (has_negotiation(rest, NEGOTIATION_LENGTH, TYPE_FAILURE))
        return RDP_ANSWER_REFUSED;
    return RDP_ANSWER_MALFORMED;
}

static void write_packet(unsigned char packet[RDP_NEGOTIATION_LENGTH], unsigned char code,
                         unsigned char type, uint32_t value)
{
    memset(packet, 0, RDP_NEGOTIATION_LENGTH);
    packet[0] = 3;
    packet[3] = RDP_NEGOTIATION_LENGTH;
    packet[OFFSET_LENGTH_INDICATOR] = RDP_NEGOTIATION_LENGTH - OFFSET_CODE;
    packet[OFFSET_CODE] = code;
    packet[FIXED_LENGTH] = type;
    packet[FIXED_LENGTH + 2] = NEGOTIATION_LENGTH;
    for (size_t i = 0; i < 4; i++)
        packet[FIXED_LENGTH + 4 + i] = (unsigned char)(value >> (8 * i) & 0xff);
}

void rdp_write_request(unsigned char packet[RDP_NEGOTIATION_LENGTH], uint32_t protocols)
{
    write_packet(packet, TPDU_CONNECTION_REQUEST, TYPE_REQUEST, protocols);
}

void rdp_write_confirm(unsigned char packet[RDP_NEGOTIATION_LENGTH], uint32_t protocol)
{
    write_packet(packet, TPDU_CONNECTION_CONFIRM, TYPE_RESPONSE, protocol);
}

void rdp_write_refusal(unsigned char packet[RDP_NEGOTIATION_LENGTH], uint32_t code)
{
    write_packet(packet, TPDU_CONNECTION_CONFIRM, TYPE_FAILURE, code);
}

const char *rdp_refusal_text(uint32_t code)
{
    static const char *const texts[] = {
        NULL,
        "it takes TLS without CredSSP only",
        "it does not take TLS",
        "it has no certificate",
        "it found the request's flags inconsistent",
        "it takes CredSSP only",
        "it takes TLS with client certificates only",
    };

    if (code >= sizeof(texts) / sizeof(texts[0]) || texts[code] == NULL)
        return "it gave a reason that is not known";
    return texts[code];
}
