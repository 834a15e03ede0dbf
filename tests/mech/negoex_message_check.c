#include "tests/mech/negoex_message_check.h"

#include <stdlib.h>

/* More than any encoding of what these tests decode. */
#define OUTPUT_LIMIT ((size_t)1 << 21)

static bool same_octets(const unsigned char *a, const unsigned char *b, size_t length)
{
    if (a == NULL || b == NULL)
        return a == b;
    return memcmp(a, b, length) == 0;
}

bool negoex_message_same(const struct negoex_message *a, const struct negoex_message *b)
{
    if (a->type != b->type || a->sequence != b->sequence ||
        !same_octets(a->conversation, b->conversation, NEGOEX_GUID_OCTETS) ||
        !same_octets(a->scheme, b->scheme, NEGOEX_GUID_OCTETS))
        return false;
    switch (a->type) {
    case NEGOEX_INITIATOR_NEGO:
    case NEGOEX_ACCEPTOR_NEGO:
        return same_octets(a->nego.random, b->nego.random, NEGOEX_RANDOM_OCTETS) &&
               byte_range_equal(a->nego.schemes, b->nego.schemes);
    case NEGOEX_VERIFY:
        return a->checksum.type == b->checksum.type &&
               byte_range_equal(a->checksum.value, b->checksum.value);
    case NEGOEX_ALERT:
        return a->alert.error_code == b->alert.error_code &&
               a->alert.verify_no_key == b->alert.verify_no_key;
    case NEGOEX_INITIATOR_META_DATA:
    case NEGOEX_ACCEPTOR_META_DATA:
    case NEGOEX_CHALLENGE:
    case NEGOEX_AP_REQUEST:
    default:
        return byte_range_equal(a->token, b->token);
    }
}

static void must_be_inside(struct byte_range octets, const unsigned char *data, size_t length)
{
    if (length == 0)
        return;
    if (data < octets.data || length > octets.length ||
        (size_t)(data - octets.data) > octets.length - length)
        abort();
}

static void check_pointers(struct byte_range octets, const struct negoex_message *message)
{
    must_be_inside(octets, message->conversation, NEGOEX_GUID_OCTETS);
    if (message->scheme != NULL)
        must_be_inside(octets, message->scheme, NEGOEX_GUID_OCTETS);
    if (message->type == NEGOEX_INITIATOR_NEGO || message->type == NEGOEX_ACCEPTOR_NEGO) {
        must_be_inside(octets, message->nego.random, NEGOEX_RANDOM_OCTETS);
        must_be_inside(octets, message->nego.schemes.data, message->nego.schemes.length);
    } else if (message->type == NEGOEX_VERIFY) {
        must_be_inside(octets, message->checksum.value.data, message->checksum.value.length);
    } else if (message->type != NEGOEX_ALERT) {
        must_be_inside(octets, message->token.data, message->token.length);
    }
}

static void check_recoding(const struct negoex_message *message)
{
    struct byte_buffer encoded = {.limit = OUTPUT_LIMIT};
    struct negoex_message again;
    struct byte_range rest;

    if (!negoex_message_encode(message, &encoded))
        abort();
    rest = byte_buffer_range(&encoded);
    if (negoex_message_decode(&rest, &again) != NEGOEX_OK || rest.length != 0 ||
        !negoex_message_same(message, &again))
        abort();
    byte_buffer_release(&encoded);
}

enum negoex_error negoex_message_check(struct byte_range input)
{
    while (input.length != 0) {
        struct byte_range rest = input;
        struct negoex_message message;
        enum negoex_error error = negoex_message_decode(&rest, &message);

        if (error != NEGOEX_OK)
            return error;
        if (rest.length >= input.length || rest.data + rest.length != input.data + input.length)
            abort();
        check_pointers(byte_range_of(input.data, input.length - rest.length), &message);
        check_recoding(&message);
        input = rest;
    }
    return NEGOEX_OK;
}
