#include "mech/negotiate/negoex_message.h"

#include "mech/octets.h"

static const unsigned char signature[8] = {'N', 'E', 'G', 'O', 'E', 'X', 'T', 'S'};

/* Where the fields that all messages have stand; the type's own fields follow. */
enum {
    AT_TYPE = 8,
    AT_SEQUENCE = 12,
    AT_HEADER_LENGTH = 16,
    AT_MESSAGE_LENGTH = 20,
    AT_CONVERSATION = 24,
    AT_FIELDS = 40,
};

/* INITIATOR_NEGO and ACCEPTOR_NEGO. */
enum {
    AT_RANDOM = AT_FIELDS,
    AT_VERSION = 72,
    AT_SCHEMES_OFFSET = 80,
    AT_SCHEMES_COUNT = 84,
    AT_PACKED_EXTENSIONS_OFFSET = 86,
    AT_PACKED_EXTENSIONS_COUNT = 90,
    AT_ALIGNED_EXTENSIONS_OFFSET = 88,
    AT_ALIGNED_EXTENSIONS_COUNT = 92,
    NEGO_HEADER_LENGTH = 96,
};

/* The others begin with the scheme. */
enum {
    AT_SCHEME = AT_FIELDS,
    AT_TOKEN_OFFSET = 56,
    AT_TOKEN_LENGTH = 60,
    EXCHANGE_HEADER_LENGTH = 64,
};

/* VERIFY. The four octets that fill its header up are not looked at. */
enum {
    AT_CHECKSUM_HEADER_LENGTH = 56,
    AT_CHECKSUM_SCHEME = 60,
    AT_CHECKSUM_TYPE = 64,
    AT_CHECKSUM_OFFSET = 68,
    AT_CHECKSUM_LENGTH = 72,
    VERIFY_HEADER_LENGTH = 80,
};

enum {
    AT_ERROR_CODE = 56,
    AT_ALERTS_OFFSET = 60,
    AT_ALERTS_COUNT = 64,
    ALERT_HEADER_LENGTH = 72,
};

/* EXTENSION and ALERT elements alike: a type, and the vector of its value's octets. */
enum {
    AT_ELEMENT_TYPE = 0,
    AT_ELEMENT_OFFSET = 4,
    AT_ELEMENT_LENGTH = 8,
    ELEMENT_LENGTH = 12,
};

#define EXTENSION_CRITICAL       0x80000000u
#define CHECKSUM_HEADER_LENGTH   20
#define CHECKSUM_SCHEME_RFC_3961 1
#define ALERT_TYPE_PULSE         1
#define ALERT_PULSE_LENGTH       8
#define AT_PULSE_REASON          4
#define PULSE_VERIFY_NO_KEY      1

static void set_number(unsigned char *at, uint32_t value, size_t octets)
{
    for (size_t i = 0; i < octets; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

const char *negoex_error_text(enum negoex_error error)
{
    switch (error) {
    case NEGOEX_OK:
        return "no error";
    case NEGOEX_TRUNCATED:
        return "a NegoEx message that is cut short";
    case NEGOEX_BAD_SIGNATURE:
        return "not a NegoEx message";
    case NEGOEX_BAD_TYPE:
        return "a NegoEx message of an unknown type";
    case NEGOEX_BAD_HEADER_LENGTH:
        return "a NegoEx message whose header is too short or too long";
    case NEGOEX_BAD_VECTOR:
        return "a NegoEx message that points outside itself";
    case NEGOEX_BAD_VERSION:
        return "a version of NegoEx that is not known";
    case NEGOEX_CRITICAL_EXTENSION:
        return "an extension of NegoEx that is not known and must be";
    case NEGOEX_BAD_CHECKSUM:
        return "a NegoEx checksum of an unknown scheme";
    default:
        return "unknown error";
    }
}

/* The header length that a type's fields need, with what fills it up; 0: there is no such type. */
static size_t header_length_of(uint32_t type)
{
    switch (type) {
    case NEGOEX_INITIATOR_NEGO:
    case NEGOEX_ACCEPTOR_NEGO:
        return NEGO_HEADER_LENGTH;
    case NEGOEX_INITIATOR_META_DATA:
    case NEGOEX_ACCEPTOR_META_DATA:
    case NEGOEX_CHALLENGE:
    case NEGOEX_AP_REQUEST:
        return EXCHANGE_HEADER_LENGTH;
    case NEGOEX_VERIFY:
        return VERIFY_HEADER_LENGTH;
    case NEGOEX_ALERT:
        return ALERT_HEADER_LENGTH;
    default:
        return 0;
    }
}

/* One message's octets, and where its payload begins. */
struct frame {
    struct byte_range octets;
    size_t payload;
};

static const unsigned char *at(const struct frame *frame, size_t offset)
{
    return frame->octets.data + offset;
}

/* The elements of a vector. One without elements is not asked where it is. */
static enum negoex_error take_vector(const struct frame *frame, size_t offset, size_t count,
                                     size_t element_length, struct byte_range *elements)
{
    *elements = byte_range_of(NULL, 0);
    if (count == 0)
        return NEGOEX_OK;
    if (offset < frame->payload || offset > frame->octets.length ||
        count > (frame->octets.length - offset) / element_length)
        return NEGOEX_BAD_VECTOR;
    *elements = byte_range_of(at(frame, offset), count * element_length);
    return NEGOEX_OK;
}

/*
 * The draft does not say whether the second vector follows the first one at once (MIT, Heimdal) or
 * at a multiple of four octets, as Windows' compiler would have it. It makes no difference without
 * extensions, and none are known. Where there are some, what would fill up the packed form says
 * which one it is.
 */
static enum negoex_error check_extensions(const struct frame *frame)
{
    bool packed = little_endian(at(frame, AT_ALIGNED_EXTENSIONS_COUNT), 4) == 0;
    size_t offset = little_endian(
        at(frame, packed ? AT_PACKED_EXTENSIONS_OFFSET : AT_ALIGNED_EXTENSIONS_OFFSET), 4);
    size_t count = little_endian(
        at(frame, packed ? AT_PACKED_EXTENSIONS_COUNT : AT_ALIGNED_EXTENSIONS_COUNT), 2);
    struct byte_range extensions;
    enum negoex_error error = take_vector(frame, offset, count, ELEMENT_LENGTH, &extensions);

    for (size_t i = 0; error == NEGOEX_OK && i < extensions.length; i += ELEMENT_LENGTH) {
        const unsigned char *element = extensions.data + i;
        struct byte_range value;

        error = take_vector(frame, little_endian(element + AT_ELEMENT_OFFSET, 4),
                            little_endian(element + AT_ELEMENT_LENGTH, 4), 1, &value);
        if ((little_endian(element + AT_ELEMENT_TYPE, 4) & EXTENSION_CRITICAL) != 0)
            return NEGOEX_CRITICAL_EXTENSION;
    }
    return error;
}

static enum negoex_error decode_nego(const struct frame *frame, struct negoex_message *message)
{
    enum negoex_error error;

    if (little_endian(at(frame, AT_VERSION), 4) != 0 ||
        little_endian(at(frame, AT_VERSION + 4), 4) != 0)
        return NEGOEX_BAD_VERSION;
    message->nego.random = at(frame, AT_RANDOM);
    error = take_vector(frame, little_endian(at(frame, AT_SCHEMES_OFFSET), 4),
                        little_endian(at(frame, AT_SCHEMES_COUNT), 2), NEGOEX_GUID_OCTETS,
                        &message->nego.schemes);
    return error != NEGOEX_OK ? error : check_extensions(frame);
}

static enum negoex_error decode_verify(const struct frame *frame, struct negoex_message *message)
{
    if (little_endian(at(frame, AT_CHECKSUM_HEADER_LENGTH), 4) != CHECKSUM_HEADER_LENGTH ||
        little_endian(at(frame, AT_CHECKSUM_SCHEME), 4) != CHECKSUM_SCHEME_RFC_3961)
        return NEGOEX_BAD_CHECKSUM;
    message->checksum.type = little_endian(at(frame, AT_CHECKSUM_TYPE), 4);
    return take_vector(frame, little_endian(at(frame, AT_CHECKSUM_OFFSET), 4),
                       little_endian(at(frame, AT_CHECKSUM_LENGTH), 4), 1,
                       &message->checksum.value);
}

static enum negoex_error decode_alert(const struct frame *frame, struct negoex_message *message)
{
    struct byte_range alerts;
    enum negoex_error error =
        take_vector(frame, little_endian(at(frame, AT_ALERTS_OFFSET), 4),
                    little_endian(at(frame, AT_ALERTS_COUNT), 2), ELEMENT_LENGTH, &alerts);

    message->alert.error_code = little_endian(at(frame, AT_ERROR_CODE), 4);
    message->alert.verify_no_key = false;
    for (size_t i = 0; error == NEGOEX_OK && i < alerts.length; i += ELEMENT_LENGTH) {
        const unsigned char *element = alerts.data + i;
        struct byte_range value;

        error = take_vector(frame, little_endian(element + AT_ELEMENT_OFFSET, 4),
                            little_endian(element + AT_ELEMENT_LENGTH, 4), 1, &value);
        if (error == NEGOEX_OK && value.length >= ALERT_PULSE_LENGTH &&
            little_endian(element + AT_ELEMENT_TYPE, 4) == ALERT_TYPE_PULSE &&
            little_endian(value.data + AT_PULSE_REASON, 4) == PULSE_VERIFY_NO_KEY)
            message->alert.verify_no_key = true;
    }
    return error;
}

/* The fields of the type, all of which lie in the header. */
static enum negoex_error decode_fields(const struct frame *frame, struct negoex_message *message)
{
    switch (message->type) {
    case NEGOEX_INITIATOR_NEGO:
    case NEGOEX_ACCEPTOR_NEGO:
        return decode_nego(frame, message);
    case NEGOEX_VERIFY:
        message->scheme = at(frame, AT_SCHEME);
        return decode_verify(frame, message);
    case NEGOEX_ALERT:
        message->scheme = at(frame, AT_SCHEME);
        return decode_alert(frame, message);
    case NEGOEX_INITIATOR_META_DATA:
    case NEGOEX_ACCEPTOR_META_DATA:
    case NEGOEX_CHALLENGE:
    case NEGOEX_AP_REQUEST:
    default:
        message->scheme = at(frame, AT_SCHEME);
        return take_vector(frame, little_endian(at(frame, AT_TOKEN_OFFSET), 4),
                           little_endian(at(frame, AT_TOKEN_LENGTH), 4), 1, &message->token);
    }
}

enum negoex_error negoex_message_decode(struct byte_range *rest, struct negoex_message *message)
{
    struct frame frame;
    uint32_t type;
    size_t needed;
    size_t length;
    enum negoex_error error;

    if (rest->length < AT_FIELDS)
        return NEGOEX_TRUNCATED;
    if (memcmp(rest->data, signature, sizeof signature) != 0)
        return NEGOEX_BAD_SIGNATURE;
    type = little_endian(rest->data + AT_TYPE, 4);
    needed = header_length_of(type);
    if (needed == 0)
        return NEGOEX_BAD_TYPE;
    length = little_endian(rest->data + AT_MESSAGE_LENGTH, 4);
    frame.payload = little_endian(rest->data + AT_HEADER_LENGTH, 4);
    if (frame.payload < needed || frame.payload > length)
        return NEGOEX_BAD_HEADER_LENGTH;
    if (length > rest->length)
        return NEGOEX_TRUNCATED;
    frame.octets = byte_range_of(rest->data, length);
    *message = (struct negoex_message){
        .type = (enum negoex_message_type)type,
        .sequence = little_endian(at(&frame, AT_SEQUENCE), 4),
        .conversation = at(&frame, AT_CONVERSATION),
    };
    error = decode_fields(&frame, message);
    *rest = byte_range_of(rest->data + length, rest->length - length);
    return error;
}

/* Writes a vector that begins with the payload. */
static void set_vector(unsigned char *header, size_t offset_at, size_t payload, size_t count,
                       size_t count_octets)
{
    set_number(header + offset_at, (uint32_t)payload, 4);
    set_number(header + offset_at + 4, (uint32_t)count, count_octets);
}

/* The payload of an alert that tells of a missing key: one element, and its value behind it. */
#define NO_KEY_PAYLOAD_LENGTH (ELEMENT_LENGTH + ALERT_PULSE_LENGTH)

static void set_no_key_payload(unsigned char *payload)
{
    unsigned char *pulse = payload + ELEMENT_LENGTH;

    set_number(payload + AT_ELEMENT_TYPE, ALERT_TYPE_PULSE, 4);
    set_vector(payload, AT_ELEMENT_OFFSET, ALERT_HEADER_LENGTH + ELEMENT_LENGTH, ALERT_PULSE_LENGTH,
               4);
    set_number(pulse, ALERT_PULSE_LENGTH, 4);
    set_number(pulse + AT_PULSE_REASON, PULSE_VERIFY_NO_KEY, 4);
}

/* Writes the fields of the type into a header of zeros. */
static void set_fields(const struct negoex_message *message, unsigned char *header)
{
    switch (message->type) {
    case NEGOEX_INITIATOR_NEGO:
    case NEGOEX_ACCEPTOR_NEGO:
        memcpy(header + AT_RANDOM, message->nego.random, NEGOEX_RANDOM_OCTETS);
        /* The vector of extensions, all zero, is the same in both layouts. */
        set_vector(header, AT_SCHEMES_OFFSET, NEGO_HEADER_LENGTH,
                   message->nego.schemes.length / NEGOEX_GUID_OCTETS, 2);
        return;
    case NEGOEX_VERIFY:
        set_number(header + AT_CHECKSUM_HEADER_LENGTH, CHECKSUM_HEADER_LENGTH, 4);
        set_number(header + AT_CHECKSUM_SCHEME, CHECKSUM_SCHEME_RFC_3961, 4);
        set_number(header + AT_CHECKSUM_TYPE, message->checksum.type, 4);
        set_vector(header, AT_CHECKSUM_OFFSET, VERIFY_HEADER_LENGTH, message->checksum.value.length,
                   4);
        break;
    case NEGOEX_ALERT:
        set_number(header + AT_ERROR_CODE, message->alert.error_code, 4);
        set_vector(header, AT_ALERTS_OFFSET, ALERT_HEADER_LENGTH,
                   message->alert.verify_no_key ? 1 : 0, 2);
        break;
    case NEGOEX_INITIATOR_META_DATA:
    case NEGOEX_ACCEPTOR_META_DATA:
    case NEGOEX_CHALLENGE:
    case NEGOEX_AP_REQUEST:
    default:
        set_vector(header, AT_TOKEN_OFFSET, EXCHANGE_HEADER_LENGTH, message->token.length, 4);
        break;
    }
    memcpy(header + AT_SCHEME, message->scheme, NEGOEX_GUID_OCTETS);
}

/* no_key holds the payload of an alert while it is needed. */
static struct byte_range payload_of(const struct negoex_message *message,
                                    unsigned char no_key[NO_KEY_PAYLOAD_LENGTH])
{
    switch (message->type) {
    case NEGOEX_INITIATOR_NEGO:
    case NEGOEX_ACCEPTOR_NEGO:
        return message->nego.schemes;
    case NEGOEX_VERIFY:
        return message->checksum.value;
    case NEGOEX_ALERT:
        if (!message->alert.verify_no_key)
            return byte_range_of(NULL, 0);
        set_no_key_payload(no_key);
        return byte_range_of(no_key, NO_KEY_PAYLOAD_LENGTH);
    case NEGOEX_INITIATOR_META_DATA:
    case NEGOEX_ACCEPTOR_META_DATA:
    case NEGOEX_CHALLENGE:
    case NEGOEX_AP_REQUEST:
    default:
        return message->token;
    }
}

bool negoex_message_encode(const struct negoex_message *message, struct byte_buffer *output)
{
    unsigned char no_key[NO_KEY_PAYLOAD_LENGTH];
    unsigned char header[NEGO_HEADER_LENGTH] = {0};
    size_t header_length = header_length_of(message->type);
    struct byte_range payload = payload_of(message, no_key);

    if (header_length == NEGO_HEADER_LENGTH && payload.length / NEGOEX_GUID_OCTETS > UINT16_MAX)
        return false;
    if (payload.length > UINT32_MAX - header_length ||
        !byte_buffer_reserve(output, header_length + payload.length))
        return false;
    memcpy(header, signature, sizeof signature);
    set_number(header + AT_TYPE, message->type, 4);
    set_number(header + AT_SEQUENCE, message->sequence, 4);
    set_number(header + AT_HEADER_LENGTH, (uint32_t)header_length, 4);
    set_number(header + AT_MESSAGE_LENGTH, (uint32_t)(header_length + payload.length), 4);
    memcpy(header + AT_CONVERSATION, message->conversation, NEGOEX_GUID_OCTETS);
    set_fields(message, header);
    return byte_buffer_append(output, header, header_length) &&
           byte_buffer_append(output, payload.data, payload.length);
}
