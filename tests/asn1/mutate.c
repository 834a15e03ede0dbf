#include "tests/asn1/mutate.h"

#include <stdint.h>
#include <stdlib.h>

#include "asn1/der.h"

/* A changed message is at most one of two such elements, with a few headers more. */
#define OUTPUT_SIZE(size) (2 * (size) + 64)

/* Octets at the beginning of a message among which its headers are. */
#define LOOKED_AT 300

struct output {
    unsigned char *data;
    size_t length;
};

struct mutator {
    bool into_octet_strings;
    size_t target;
    size_t next; /* number of the next element */
    enum mutation mutation;
    bool done;
    unsigned identifier;
    unsigned parent;
};

static void put(struct output *output, const void *data, size_t length)
{
    if (length != 0)
        memcpy(output->data + output->length, data, length);
    output->length += length;
}

static void put_octet(struct output *output, unsigned octet)
{
    unsigned char value = (unsigned char)octet;

    put(output, &value, 1);
}

/* Writes the length in its shortest form, or with extra octets that are zero. */
static void put_length(struct output *output, size_t length, unsigned extra)
{
    unsigned octets = 0;

    if (length < 0x80 && extra == 0) {
        put_octet(output, (unsigned)length);
        return;
    }
    for (size_t rest = length; rest != 0 || octets == 0; rest >>= 8)
        octets++;
    if (length < 0x80)
        extra--; /* 0x81 is one more already */
    put_octet(output, 0x80 | (octets + extra));
    for (; extra != 0; extra--)
        put_octet(output, 0);
    for (; octets != 0; octets--)
        put_octet(output, (unsigned)(length >> (8 * (octets - 1))) & 0xFF);
}

static void put_announced(struct output *output, unsigned octets, unsigned first)
{
    put_octet(output, 0x80 | octets);
    put_octet(output, first);
    for (unsigned i = 1; i < octets; i++)
        put_octet(output, 0xFF);
}

static void put_changed(struct output *output, unsigned identifier, struct byte_range content,
                        enum mutation mutation)
{
    static const unsigned char null_element[] = {0x05, 0x00}, end_mark[] = {0x00, 0x00};
    size_t extra = mutation == MUTATION_JUNK_INSIDE   ? sizeof null_element
                   : mutation == MUTATION_PAD_CONTENT ? 1
                                                      : 0;

    put_octet(output, identifier);
    if (mutation == MUTATION_LONG_LENGTH)
        put_length(output, content.length, 1);
    else if (mutation == MUTATION_INDEFINITE)
        put_octet(output, 0x80);
    else if (mutation == MUTATION_LENGTH_ONE_MORE)
        put_length(output, content.length + 1, 0);
    else if (mutation == MUTATION_LENGTH_ONE_LESS)
        put_length(output, content.length - 1, 0);
    else if (mutation == MUTATION_LENGTH_HUGE)
        put_announced(output, 4, 0xFF);
    else if (mutation == MUTATION_LENGTH_BILLIONS)
        put_announced(output, 4, 0x7F);
    else if (mutation == MUTATION_LENGTH_WRAPPING)
        put_announced(output, 8, 0xFF);
    else
        put_length(output, content.length + extra, 0);
    if (mutation == MUTATION_PAD_CONTENT)
        put_octet(output, 0);
    put(output, content.data, content.length);
    if (mutation == MUTATION_JUNK_INSIDE)
        put(output, null_element, sizeof null_element);
    if (mutation == MUTATION_INDEFINITE)
        put(output, end_mark, sizeof end_mark);
}

static void put_element(struct mutator *mutator, struct output *output, unsigned identifier,
                        struct byte_range content, bool is_target)
{
    if (!is_target) {
        put_changed(output, identifier, content, MUTATION_NONE);
        return;
    }
    mutator->done = true;
    switch (mutator->mutation) {
    case MUTATION_REMOVE:
        return;
    case MUTATION_REPEAT:
        put_changed(output, identifier, content, MUTATION_NONE);
        put_changed(output, identifier, content, MUTATION_NONE);
        return;
    case MUTATION_EMPTY:
        mutator->done = content.length != 0;
        put_changed(output, identifier, byte_range_of(NULL, 0), MUTATION_NONE);
        return;
    case MUTATION_LENGTH_ONE_LESS:
        mutator->done = content.length != 0;
        if (content.length == 0)
            return;
        break;
    default:
        break;
    }
    put_changed(output, identifier, content, mutator->mutation);
}

/* Exchanges what stands from first to second with what stands from there to the end. */
static void exchange(struct output *output, size_t first, size_t second)
{
    struct output rest = {malloc(OUTPUT_SIZE(output->length)), 0};

    if (rest.data == NULL)
        abort();
    put(&rest, output->data + second, output->length - second);
    put(&rest, output->data + first, second - first);
    memcpy(output->data + first, rest.data, rest.length);
    free(rest.data);
}

static bool holds_elements(const struct mutator *mutator, unsigned identifier,
                           struct byte_range content)
{
    if ((identifier & 0x20) != 0)
        return true;
    return mutator->into_octet_strings && identifier == DER_OCTET_STRING && content.length > 2 &&
           content.data[0] == DER_SEQUENCE;
}

static void put_elements(struct mutator *mutator, struct byte_range input, unsigned parent,
                         struct output *output)
{
    size_t swap_from = SIZE_MAX, swap_at = SIZE_MAX;

    while (input.length != 0) {
        struct der_header header;
        struct byte_range content;
        struct output changed = {malloc(OUTPUT_SIZE(input.length)), 0};
        bool is_target = mutator->next++ == mutator->target;
        size_t start = output->length;

        if (changed.data == NULL || der_header_decode(input, &header) != DER_OK)
            abort();
        content = byte_range_of(input.data + header.length, header.content);
        if (is_target) {
            mutator->identifier = header.identifier;
            mutator->parent = parent;
        }
        if (holds_elements(mutator, header.identifier, content)) {
            put_elements(mutator, content, header.identifier, &changed);
            content = byte_range_of(changed.data, changed.length);
        }
        if (is_target && mutator->mutation == MUTATION_SWAP) {
            swap_from = start;
            put_changed(output, header.identifier, content, MUTATION_NONE);
            swap_at = output->length;
        } else {
            put_element(mutator, output, header.identifier, content, is_target);
            if (swap_at == start) {
                exchange(output, swap_from, swap_at);
                mutator->done = true;
            }
        }
        free(changed.data);
        input.data += header.length + header.content;
        input.length -= header.length + header.content;
    }
}

bool mutate(struct byte_range input, bool into_octet_strings, size_t target, enum mutation mutation,
            unsigned char **output, size_t *length, unsigned *identifier, unsigned *parent)
{
    struct mutator mutator = {
        .into_octet_strings = into_octet_strings, .target = target, .mutation = mutation};
    struct output written = {malloc(OUTPUT_SIZE(input.length)), 0};

    if (written.data == NULL)
        abort();
    put_elements(&mutator, input, 0, &written);
    *output = written.data;
    *length = written.length;
    *identifier = mutator.identifier;
    *parent = mutator.parent;
    if (!mutator.done) {
        free(written.data);
        *output = NULL;
    }
    return mutator.done;
}

void mutate_each_octet(struct byte_range input, mutate_visit *visit, const void *context)
{
    unsigned char *changed = malloc(input.length);

    if (changed == NULL)
        abort();
    memcpy(changed, input.data, input.length);
    for (size_t i = 0; i < input.length && i < LOOKED_AT; i++) {
        for (unsigned value = 0; value < 256; value++) {
            changed[i] = (unsigned char)value;
            visit(context, (struct byte_range){changed, input.length});
        }
        changed[i] = input.data[i];
    }
    free(changed);
}
