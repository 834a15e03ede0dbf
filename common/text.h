/* UTF-8 to the UTF-16LE that the Windows protocols carry, and back. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include "common/byte_range.h"
#include "common/secret.h"

enum text_result {
    TEXT_OK,
    TEXT_INVALID, /* not well-formed in the encoding it claims to be in, or an odd octet count */
    TEXT_NO_MEMORY,
};

/*
 * Converts UTF-8 to UTF-16LE without byte order mark or terminator. Ill-formed input is refused,
 * NUL characters are carried. *out is absent on failure; the caller releases it.
 */
enum text_result text_to_utf16le(struct byte_range utf8, struct secret *out);

/*
 * Converts UTF-16LE to UTF-8. An odd octet count and lone surrogates are refused, NUL characters
 * are carried. *out is absent on failure; the caller releases it.
 */
enum text_result text_from_utf16le(struct byte_range utf16le, struct secret *out);

#endif
