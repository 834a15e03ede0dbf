#include "tools/rdp_handshake.h"

#include "tools/rdp_negotiation.h"

/* Receives one packet; its length, or 0 with *failure. It stays in stream->input. */
static size_t receive_packet(struct token_stream *stream, struct failure *failure)
{
    size_t length;

    if (!token_stream_need(stream, RDP_TPKT_HEADER_LENGTH, failure))
        return 0;
    length = rdp_packet_length(stream->input);
    if (length == 0) {
        failure_say(failure, "the peer does not speak RDP (its first octets are no TPKT header)");
        return 0;
    }
    return token_stream_need(stream, length, failure) ? length : 0;
}

bool rdp_handshake_initiate(struct token_stream *stream, struct failure *failure)
{
    unsigned char request[RDP_NEGOTIATION_LENGTH];
    uint32_t value;
    size_t length;
    enum rdp_answer answer;

    /* A client that wants CredSSP has to offer TLS with it (MS-RDPBCGR 2.2.1.1.1). */
    rdp_write_request(request, RDP_PROTOCOL_HYBRID | RDP_PROTOCOL_SSL);
    if (!token_stream_write(stream, request, sizeof(request), failure))
        return false;
    length = receive_packet(stream, failure);
    if (length == 0)
        return false;
    answer = rdp_read_answer(stream->input, length, &value);
    token_stream_consume(stream, length);
    if (answer == RDP_ANSWER_SELECTED && value == RDP_PROTOCOL_HYBRID)
        return true;
    if (answer == RDP_ANSWER_REFUSED)
        failure_say(failure, "the RDP server refused CredSSP: %s", rdp_refusal_text(value));
    else if (answer == RDP_ANSWER_MALFORMED)
        failure_say(failure, "the RDP server's answer is malformed");
    else
        failure_say(failure, "the RDP server does not use CredSSP (network level authentication)");
    return false;
}

bool rdp_handshake_accept(struct token_stream *stream, struct failure *failure)
{
    unsigned char answer[RDP_NEGOTIATION_LENGTH];
    size_t length = receive_packet(stream, failure);
    uint32_t protocols;
    bool well_formed;

    if (length == 0)
        return false;
    well_formed = rdp_read_request(stream->input, length, &protocols);
    token_stream_consume(stream, length);
    if (!well_formed) {
        failure_say(failure, "the RDP client's connection request is malformed");
        return false;
    }
    if ((protocols & RDP_PROTOCOL_HYBRID) != 0) {
        rdp_write_confirm(answer, RDP_PROTOCOL_HYBRID);
        return token_stream_write(stream, answer, sizeof(answer), failure);
    }
    rdp_write_refusal(answer, RDP_HYBRID_REQUIRED_BY_SERVER);
    (void)token_stream_write(stream, answer, sizeof(answer), failure);
    failure_say(failure, "the RDP client does not offer CredSSP");
    return false;
}
