#include "mech/negotiate/negotiate.h"
#include "mech/octets.h"

/*
 * AUTHENTICATE (MS-NLMP 2.2.1.3): signature, message type, LmChallengeResponse, NtChallengeResponse; each
 * of the latter as length, room and offset from the message's start.
 */
#define SIGNATURE          "NTLMSSP" /* with its NUL */
#define TYPE_OFFSET        8
#define TYPE_AUTHENTICATE  3
#define LM_LENGTH_OFFSET   12
#define NT_LENGTH_OFFSET   20
#define NT_POSITION_OFFSET 24
#define KEY_LENGTH_OFFSET  52
#define FIXED_PART         64

/* The responses of LM, LMv2 and NTLMv1, and the key that is exchanged. */
#define SHORT_RESPONSE_OCTETS 24
#define SESSION_KEY_OCTETS    16

/* CHALLENGE (MS-NLMP 2.2.1.2): signature, message type, TargetName as above, NegotiateFlags. */
#define TARGET_LENGTH_OFFSET 12
#define FLAGS_OFFSET         20
#define FLAGS_OCTETS         4
#define FLAG_UNICODE         0x00000001
#define FLAGS_TARGET_NAME    0x00030000 /* a domain's or a server's name is there */
#define FLAG_KEY_EXCHANGE    0x40000000

/* NTLMv2_RESPONSE (MS-NLMP 2.2.2.8): proof, fixed part of the client's challenge, AV pairs. */
#define AV_PAIRS_OFFSET     44
#define AV_HEADER           4
#define AV_EOL              0
#define AV_FLAGS            6
#define AV_FLAGS_OCTETS     4
#define AV_FLAG_MIC         0x02
#define AV_CHANNEL_BINDINGS 10

static bool is_authenticate(struct byte_range message)
{
    return message.length >= FIXED_PART && memcmp(message.data, SIGNATURE, sizeof SIGNATURE) == 0 &&
           little_endian(message.data + TYPE_OFFSET, 4) == TYPE_AUTHENTICATE;
}

/* NtChallengeResponse of an AUTHENTICATE message, or absent. */
static struct byte_range nt_response(struct byte_range message)
{
    size_t length, position;

    if (!is_authenticate(message))
        return BYTE_RANGE_ABSENT;
    length = little_endian(message.data + NT_LENGTH_OFFSET, 2);
    position = little_endian(message.data + NT_POSITION_OFFSET, 4);
    if (position > message.length || length > message.length - position)
        return BYTE_RANGE_ABSENT;
    return byte_range_of(message.data + position, length);
}

/* The value of an AV pair of an AUTHENTICATE message, or absent. NTLMv1 has none. */
static struct byte_range av_pair(struct byte_range message, size_t wanted)
{
    struct byte_range pairs = nt_response(message);

    if (pairs.length < AV_PAIRS_OFFSET)
        return BYTE_RANGE_ABSENT;
    pairs.data += AV_PAIRS_OFFSET;
    pairs.length -= AV_PAIRS_OFFSET;
    while (pairs.length >= AV_HEADER) {
        size_t id = little_endian(pairs.data, 2);
        size_t length = little_endian(pairs.data + 2, 2);

        if (id == AV_EOL || length > pairs.length - AV_HEADER)
            return BYTE_RANGE_ABSENT;
        if (id == wanted)
            return byte_range_of(pairs.data + AV_HEADER, length);
        pairs.data += AV_HEADER + length;
        pairs.length -= AV_HEADER + length;
    }
    return BYTE_RANGE_ABSENT;
}

bool ntlm_message_has_mic(struct byte_range message)
{
    struct byte_range flags = av_pair(message, AV_FLAGS);

    return flags.length == AV_FLAGS_OCTETS && (flags.data[0] & AV_FLAG_MIC) != 0;
}

struct byte_range ntlm_message_channel_bindings(struct byte_range message)
{
    return av_pair(message, AV_CHANNEL_BINDINGS);
}

bool ntlm_challenge_is_readable(struct byte_range message)
{
    size_t flags;

    if (message.length < FLAGS_OFFSET + FLAGS_OCTETS)
        return false;
    flags = little_endian(message.data + FLAGS_OFFSET, FLAGS_OCTETS);
    return (flags & FLAG_UNICODE) == 0 || (flags & FLAGS_TARGET_NAME) == 0 ||
           little_endian(message.data + TARGET_LENGTH_OFFSET, 2) != 0;
}

bool ntlm_challenge_exchanges_key(struct byte_range message)
{
    return message.length >= FLAGS_OFFSET + FLAGS_OCTETS &&
           (little_endian(message.data + FLAGS_OFFSET, FLAGS_OCTETS) & FLAG_KEY_EXCHANGE) != 0;
}

bool ntlm_authenticate_is_readable(struct byte_range message, bool exchanges_key)
{
    size_t lm, nt;

    if (!is_authenticate(message))
        return true;
    lm = little_endian(message.data + LM_LENGTH_OFFSET, 2);
    nt = little_endian(message.data + NT_LENGTH_OFFSET, 2);
    if (exchanges_key && little_endian(message.data + KEY_LENGTH_OFFSET, 2) < SESSION_KEY_OCTETS)
        return false;
    /* One of the two alone is what it stumbles over; with neither there is nothing to verify. */
    return nt == SHORT_RESPONSE_OCTETS ? lm >= SHORT_RESPONSE_OCTETS
                                       : nt > SHORT_RESPONSE_OCTETS || lm != SHORT_RESPONSE_OCTETS;
}
