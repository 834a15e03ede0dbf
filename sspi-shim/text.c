#include "sspi-shim/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "sspi-shim/buffers.h"

SECURITY_STATUS text_check(const SEC_CHAR *text)
{
    size_t length;

    if (text == NULL)
        return SEC_E_OK;
    length = strnlen(text, TEXT_MAX + 1);
    if (length > TEXT_MAX || u8_check((const uint8_t *)text, length) != NULL)
        return SEC_E_INVALID_PARAMETER;
    return SEC_E_OK;
}

SECURITY_STATUS text_from_wide(const SEC_WCHAR *text, char **utf8)
{
    size_t units;
    size_t octets;

    *utf8 = NULL;
    if (text == NULL)
        return SEC_E_OK;
    units = u16_strnlen(text, TEXT_MAX + 1);
    if (units > TEXT_MAX || u16_check(text, units) != NULL)
        return SEC_E_INVALID_PARAMETER;
    octets = units * 3; /* a unit outside a surrogate pair takes three octets at most */
    *utf8 = malloc(octets + 1);
    if (*utf8 == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (units != 0 && u16_to_u8(text, units, (uint8_t *)*utf8, &octets) == NULL) {
        free(*utf8);
        *utf8 = NULL;
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    (*utf8)[units != 0 ? octets : 0] = '\0';
    return SEC_E_OK;
}

void *text_for_caller(const char *utf8, size_t length, bool wide)
{
    size_t unit = wide ? sizeof(SEC_WCHAR) : sizeof(SEC_CHAR);
    size_t units = length; /* UTF-16 never needs more units than UTF-8 has octets */
    void *copy;

    if (length > TEXT_MAX || u8_check((const uint8_t *)utf8, length) != NULL)
        return NULL;
    copy = context_buffer_allocate((length + 1) * unit);
    if (copy == NULL || length == 0)
        return copy;
    if (!wide)
        memcpy(copy, utf8, length);
    else if (u8_to_u16((const uint8_t *)utf8, length, copy, &units) == NULL) {
        (void)context_buffer_free(copy);
        return NULL;
    }
    return copy;
}

size_t text_size_for_caller(const char *utf8, bool wide)
{
    return (strlen(utf8) + 1) * (wide ? sizeof(SEC_WCHAR) : sizeof(SEC_CHAR));
}

unsigned char *text_copy_for_caller(const char *ascii, bool wide, unsigned char *place)
{
    size_t count = strlen(ascii) + 1;

    for (size_t i = 0; i < count; i++) {
        SEC_WCHAR unit = (unsigned char)ascii[i];

        if (wide)
            memcpy(place + i * sizeof unit, &unit, sizeof unit);
        else
            place[i] = (unsigned char)ascii[i];
    }
    return place + text_size_for_caller(ascii, wide);
}
