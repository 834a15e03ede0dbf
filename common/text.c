#include "common/text.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistr.h>

/* Longest text taken: far above any name or password, far below where sizes could overflow. */
#define TEXT_MAX_OCTETS ((size_t)1 << 20)

static void swap_to_or_from_little_endian(uint16_t *units, size_t count)
{
    for (size_t i = 0; i < count; i++)
        units[i] = htole16(units[i]);
}

enum text_result text_to_utf16le(struct byte_range utf8, struct secret *out)
{
    size_t units = utf8.length; /* UTF-16 never needs more units than UTF-8 has octets */

    secret_release(out);
    if (utf8.length > TEXT_MAX_OCTETS || u8_check(utf8.data, utf8.length) != NULL)
        return TEXT_INVALID;
    if (!secret_allocate(out, units * sizeof(uint16_t)))
        return TEXT_NO_MEMORY;
    if (units == 0)
        return TEXT_OK;
    /* Converted in place, so that no other copy of the text is left in the heap. */
    if (u8_to_u16(utf8.data, utf8.length, (uint16_t *)(void *)out->data, &units) == NULL) {
        secret_release(out);
        return TEXT_NO_MEMORY;
    }
    swap_to_or_from_little_endian((uint16_t *)(void *)out->data, units);
    secret_truncate(out, units * sizeof(uint16_t));
    return TEXT_OK;
}

enum text_result text_from_utf16le(struct byte_range utf16le, struct secret *out)
{
    enum text_result result = TEXT_NO_MEMORY;
    struct secret aligned = {0};
    size_t units = utf16le.length / sizeof(uint16_t);
    size_t octets = units * 3; /* three octets for each unit outside a surrogate pair, at most */
    uint16_t *text;

    secret_release(out);
    if (utf16le.length % sizeof(uint16_t) != 0 || utf16le.length > TEXT_MAX_OCTETS)
        return TEXT_INVALID;
    if (!secret_set(&aligned, utf16le.data, utf16le.length) || !secret_allocate(out, octets))
        goto done;
    result = TEXT_OK;
    if (units == 0)
        goto done;
    text = (uint16_t *)(void *)aligned.data;
    swap_to_or_from_little_endian(text, units);
    result = TEXT_INVALID;
    if (u16_check(text, units) != NULL)
        goto done;
    result = TEXT_NO_MEMORY;
    if (u16_to_u8(text, units, out->data, &octets) == NULL)
        goto done;
    secret_truncate(out, octets);
    result = TEXT_OK;
done:
    secret_release(&aligned);
    if (result != TEXT_OK)
        secret_release(out);
    return result;
}
