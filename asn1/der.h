/*
 * DER over libtasn1's flat calls: a reader and its twin, a writer, both with a sticky error, so that
 * the code of a message reads like its grammar and checks once, at the end.
 *
 * Strict: lengths and integers minimal, no indefinite length, nothing behind the end (X.690 10, 8.3).
 * No recursion, no allocation while reading: what is read points into the input.
 */
#ifndef ASN1_DER_H
#define ASN1_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/byte_range.h"

/* Largest message taken by any decoder here. Kerberos tokens with large PACs stay below it. */
#define DER_MAX_MESSAGE ((size_t)1 << 20)

enum der_error {
    DER_OK = 0,
    DER_TRUNCATED,    /* the input ends inside an element */
    DER_TRAILING,     /* octets behind the last element */
    DER_BAD_TAG,      /* another tag than the grammar wants here, a repeated or re-ordered field */
    DER_BAD_LENGTH,   /* not minimal, indefinite, or longer than what holds it */
    DER_BAD_VALUE,    /* an integer, OID or text that is not of its type or not minimal */
    DER_MISSING,      /* a mandatory field is absent */
    DER_TOO_MANY,     /* more elements than the bound for this list */
    DER_TOO_LONG,     /* longer than DER_MAX_MESSAGE */
    DER_NO_MEMORY,
};

/* An English clause for a message, never NULL. */
const char *der_error_text(enum der_error error);

/* Universal tags (identifier octets) that the grammars use. */
enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OBJECT_IDENTIFIER = 0x06,
    DER_ENUMERATED = 0x0A,
    DER_GENERAL_STRING = 0x1B,
    DER_SEQUENCE = 0x30,
};

/* Identifier octets of [number] EXPLICIT and of [APPLICATION number], both constructed; number < 31. */
#define DER_CONTEXT(number)     (0xA0 + (number))
#define DER_APPLICATION(number) (0x60 + (number))

