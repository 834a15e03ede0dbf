#ifndef TESTS_COMMON_ZERO_OCTETS_H
#define TESTS_COMMON_ZERO_OCTETS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all are zero. Looks also where AddressSanitizer lets no program look: behind a secret. */
__attribute__((no_sanitize_address)) static inline bool is_zero(const unsigned char *octets,
                                                                size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (octets[i] != 0)
            return false;
    }
    return true;
}

#endif
