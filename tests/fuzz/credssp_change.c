#include "tests/fuzz/credssp_change.h"

#include <stdlib.h>

#include "tests/asn1/mutate.h"
#include "tests/fuzz/negotiate_side.h"
#include "tests/mech/crafted_peer.h"
#include "tests/mech/token_change.h"

#define JUNK_MOST 600 /* octets that an input gives at a time */

/* Elements of a TSRequest, TSCredentials and what they hold. */
#define MOST_ELEMENTS 24

struct byte_range choose_octets(struct chance *chance)
{
    size_t length = choose(chance, JUNK_MOST);
    unsigned char *octets = malloc(length + 1);

    must(octets != NULL, "there is memory");
    for (size_t i = 0; i < length; i++)
        octets[i] = (unsigned char)choose(chance, 256);
    return byte_range_of(octets, length);
}

size_t choose_size(struct chance *chance)
{
    static const size_t sizes[] = {0, 1, 5, 100, 1000};

    return sizes[choose(chance, sizeof sizes / sizeof sizes[0])];
}

void free_range(struct byte_range range)
{
    free((void *)(uintptr_t)range.data);
}

void change_octets(struct chance *chance, unsigned char **octets, size_t *length)
{
    struct byte_range junk;

    switch (choose(chance, 8)) {
    case 1:
        if (*length != 0)
            (*octets)[choose(chance, *length < 65536 ? *length : 65536)] ^=
                (unsigned char)(1u << choose(chance, 8));
        break;
    case 2:
        *length -= choose(chance, (*length < 65535 ? *length : 65535) + 1);
        break;
    case 3:
        junk = choose_octets(chance);
        *octets = realloc(*octets, *length + junk.length + 1);
        must(*octets != NULL, "there is memory");
        memcpy(*octets + *length, junk.data, junk.length);
        *length += junk.length;
        free_range(junk);
        break;
    default:
        break;
    }
}

void change_buffer(struct chance *chance, struct byte_buffer *buffer)
{
    struct byte_range copy = octets_copy(byte_buffer_range(buffer));
    unsigned char *octets = (unsigned char *)(uintptr_t)copy.data;

    change_octets(chance, &octets, &copy.length);
    buffer->length = 0;
    must(byte_buffer_append(buffer, octets, copy.length), "there is memory");
    free(octets);
}

void change_element(struct chance *chance, bool into_octet_strings, unsigned char **octets,
                    size_t *length)
{
    enum mutation mutation = (enum mutation)choose(chance, MUTATION_COUNT);
    size_t element;
    unsigned char *changed;
    size_t changed_length;
    unsigned identifier, parent;

    if (mutation == MUTATION_NONE)
        return;
    element = choose(chance, MOST_ELEMENTS);
    if (!mutate(byte_range_of(*octets, *length), into_octet_strings, element, mutation, &changed,
                &changed_length, &identifier, &parent))
        return;
    free(*octets);
    *octets = changed;
    *length = changed_length;
}

void change_request(struct chance *chance, uint32_t *version, struct ts_request *request)
{
    static const struct byte_range short_nonce = {(const unsigned char *)"nonce", 5};
    static const struct byte_range other_nonce = {
        (const unsigned char *)"a nonce of another logon, 32 oct", CRAFTED_NONCE_OCTETS};

    switch (choose(chance, 10)) {
    case 1:
        request->version = choose(chance, 10);
        break;
    case 2:
        *version = choose(chance, 10);
        request->version = *version;
        break;
    case 3:
        request->client_nonce = BYTE_RANGE_ABSENT;
        break;
    case 4:
        request->client_nonce = short_nonce;
        break;
    case 5:
        request->client_nonce = other_nonce;
        break;
    case 6:
        request->has_error_code = true;
        request->error_code = 0xC0000000u | choose(chance, 65536);
        break;
    case 7:
        request->nego_token = request->pub_key_auth;
        break;
    case 8:
        request->auth_info = request->pub_key_auth;
        break;
    default:
        break;
    }
}
