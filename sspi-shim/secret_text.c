#include "sspi-shim/secret_text.h"

#include <stdint.h>
#include <string.h>
#include <unistr.h>
#include "sspi-shim/buffers.h"
#include "sspi-shim/text.h"

/* UTF-16 of length units, aligned. */
static SECURITY_STATUS narrow(const uint16_t *text, size_t length, struct secret *secret)
{
    size_t octets = length * 3; /* a unit outside a surrogate pair takes three octets at most */

    if (u16_check(text, length) != NULL)
        return SEC_E_INVALID_PARAMETER;
    if (!secret_allocate(secret, octets))
        return SEC_E_INSUFFICIENT_MEMORY;
    if (length == 0)
        return SEC_E_OK;
    if (u16_to_u8(text, length, secret->data, &octets) == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    secret_truncate(secret, octets);
    return SEC_E_OK;
}

static SECURITY_STATUS read_wide(const void *text, size_t length, struct secret *secret)
{
    struct secret aligned = {0};
    SECURITY_STATUS status;

    if (!secret_set(&aligned, text, length * sizeof(WCHAR)))
        return SEC_E_INSUFFICIENT_MEMORY;
    status = narrow((const uint16_t *)(const void *)aligned.data, length, secret);
    secret_release(&aligned);
    return status;
}

SECURITY_STATUS secret_text_read(const void *text, size_t length, bool wide, struct secret *secret)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (text == NULL)
        return SEC_E_OK;
    if (length > TEXT_MAX)
        return SEC_E_INVALID_PARAMETER;
    if (wide)
        status = read_wide(text, length, secret);
    else if (u8_check(text, length) != NULL)
        status = SEC_E_INVALID_PARAMETER;
    else if (!secret_set(secret, text, length))
        status = SEC_E_INSUFFICIENT_MEMORY;
    if (status != SEC_E_OK)
        return status;
    /* What reads these as C strings would take the part before a NUL for the whole. */
    return memchr(secret->data, '\0', secret->length) == NULL ? SEC_E_OK : SEC_E_INVALID_PARAMETER;
}

SECURITY_STATUS secret_text_read_string(const void *text, bool wide, struct secret *secret)
{
    if (text == NULL)
        return SEC_E_OK;
    return secret_text_read(
        text, wide ? u16_strnlen(text, TEXT_MAX + 1) : strnlen(text, TEXT_MAX + 1), wide, secret);
}

SECURITY_STATUS secret_text_widen(const struct secret *secret, struct secret *wide)
{
    size_t units = secret->length; /* UTF-16 never needs more units than UTF-8 has octets */

    if (!secret_is_present(secret))
        return SEC_E_OK;
    if (!secret_allocate(wide, units * sizeof(WCHAR)))
        return SEC_E_INSUFFICIENT_MEMORY;
    if (units == 0)
        return SEC_E_OK;
    if (u8_to_u16(secret->data, secret->length, (uint16_t *)(void *)wide->data, &units) == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    secret_truncate(wide, units * sizeof(WCHAR));
    return SEC_E_OK;
}

SECURITY_STATUS secret_text_for_caller(const struct secret *secret, WCHAR **string)
{
    struct secret wide = {0};
    SECURITY_STATUS status = secret_text_widen(secret, &wide);

    *string = NULL;
    if (status == SEC_E_OK && secret_is_present(&wide)) {
        *string = context_buffer_allocate(wide.length + sizeof(WCHAR));
        if (*string == NULL)
            status = SEC_E_INSUFFICIENT_MEMORY;
        else
            memcpy(*string, wide.data, wide.length);
    }
    secret_release(&wide);
    return status;
}
