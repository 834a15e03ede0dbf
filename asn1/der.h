/*
 * DER over libtasn1's flat calls: a reader and its twin, a writer, both with a sticky error, so
 * that the code of a message reads like its grammar and checks once, at the end.
 *
 * Strict: lengths and integers minimal, no indefinite length, nothing behind the end (X.690
 * 10, 8.3). No recursion, no allocation while reading: what is read points into the input.
 */
#ifndef ASN1_DER_H
#define ASN1_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/byte_range.h"
#include "common/secret.h"

/* Largest message taken by any decoder here. Kerberos tokens with large PACs stay below it. */
#define DER_MAX_MESSAGE ((size_t)1 << 20)

enum der_error {
    DER_OK = 0,
    DER_TRUNCATED,  /* the input ends inside an element */
    DER_TRAILING,   /* octets behind the last element */
    DER_BAD_TAG,    /* another tag than the grammar wants here, a repeated or re-ordered field */
    DER_BAD_LENGTH, /* not minimal, indefinite, or longer than what holds it */
    DER_BAD_VALUE,  /* an integer, OID or text that is not of its type or not minimal */
    DER_MISSING,    /* a mandatory field is absent */
    DER_TOO_MANY,   /* more elements than the bound for this list */
    DER_TOO_LONG,   /* longer than DER_MAX_MESSAGE */
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

/* Identifier octets of [number] EXPLICIT and [APPLICATION number], constructed; number < 31. */
#define DER_CONTEXT(number)     (0xA0 + (number))
#define DER_APPLICATION(number) (0x60 + (number))

/* The header of one element. */
struct der_header {
    unsigned identifier; /* first identifier octet; the low bits are 0x1F when more follow */
    size_t length;       /* octets of the header itself */
    size_t content;      /* announced octets behind it; the input may have fewer */
};

/*
 * Reads the header that input begins with. DER_TRUNCATED: input ends inside it. DER_TOO_LONG: the
 * announced content is longer than any message, which shows before the whole header is there.
 */
enum der_error der_header_decode(struct byte_range input, struct der_header *header);

/*
 * A place in a message. The error is shared by the readers of one message: once it is set, every
 * reader is at its end, yields absent ranges and zeros, and keeps the first error.
 */
struct der_reader {
    struct byte_range rest;
    enum der_error *error;
    bool outermost; /* what is missing here has not arrived; further in, the lengths disagree */
};

/* A reader over all of input. Sets *error to DER_OK, or DER_TOO_LONG above DER_MAX_MESSAGE. */
struct der_reader der_reader_of(struct byte_range input, enum der_error *error);

/* Keeps the first error of a message. */
void der_fail(const struct der_reader *reader, enum der_error error);

/* True when nothing is left, or after an error. */
bool der_at_end(const struct der_reader *reader);

/* True when the next element has this identifier. */
bool der_next_is(const struct der_reader *reader, unsigned identifier);

/* The content of the next element, which must have this identifier. */
struct byte_range der_read(struct der_reader *reader, unsigned identifier);

/* A reader over the content of the next element, which must have this identifier. */
struct der_reader der_enter(struct der_reader *reader, unsigned identifier);

/* The content of the one element of this type inside the field [number]. */
struct byte_range der_read_field(struct der_reader *reader, unsigned number, unsigned identifier);

/* As der_read_field(), or absent when another field or the end comes next. */
struct byte_range der_read_optional_field(struct der_reader *reader, unsigned number,
                                          unsigned identifier);

/* The INTEGER in the field [number]: minimal, from 0 to 2^32-1. */
uint32_t der_read_uint32_field(struct der_reader *reader, unsigned number);

/*
 * Skips the fields behind an extension marker: context-specific, numbered above last_known, and at
 * most DER_MAX_EXTENSIONS. Their content is not looked at.
 */
void der_skip_extensions(struct der_reader *reader, unsigned last_known);

/* No version of a grammar here has added a field in twenty years; more than these is an attack. */
#define DER_MAX_EXTENSIONS 16

/* Nothing may be left. DER_TRAILING behind a message, DER_BAD_TAG for an element further in. */
void der_finish(const struct der_reader *reader);

/* True when the content octets of an INTEGER are its shortest two's complement (X.690 8.3). */
bool der_integer_is_minimal(struct byte_range content);

/* True when these can be the content octets of an OID (X.690 8.19): shortest, whole, not empty. */
bool der_object_identifier_is_valid(struct byte_range content);

/* Elements around others in one message: TSRemoteGuardCreds with all its lists has 40. */
#define DER_MAX_OPENED 64

/*
 * Where a message is written. A message is written twice by the same function: first it is
 * measured, so that each length is known and the output has its exact size, then it is written.
 */
struct der_writer {
    unsigned char *output; /* NULL while measuring */
    size_t size;           /* octets that may be written */
    size_t length;         /* octets written, or measured, so far */
    enum der_error error;  /* sticky */
    size_t opened;
    size_t contents[DER_MAX_OPENED]; /* content length of each element, in the order of opening */
};

/* Writes one message. */
typedef void der_write_function(struct der_writer *writer, const void *message);

/* Encodes message with write. *output is malloc()ed and the caller's to free; NULL on failure. */
enum der_error der_encode(der_write_function *write, const void *message, unsigned char **output,
                          size_t *length);

/* Encodes a message that holds secrets. The caller releases *output; absent on failure. */
enum der_error der_encode_secret(der_write_function *write, const void *message,
                                 struct secret *output);

/* Keeps the first error of a message. */
void der_write_fail(struct der_writer *writer, enum der_error error);

/* Begins an element around what is written until der_close(), which takes the value returned. */
size_t der_open(struct der_writer *writer, unsigned identifier);
void der_close(struct der_writer *writer, size_t opened);

/* Writes octets that are DER already, or stand for themselves. */
void der_write_raw(struct der_writer *writer, struct byte_range octets);

/* Writes one element. DER_MISSING when content is absent. */
void der_write(struct der_writer *writer, unsigned identifier, struct byte_range content);

/* Writes one element inside the field [number]. DER_MISSING when content is absent. */
void der_write_field(struct der_writer *writer, unsigned number, unsigned identifier,
                     struct byte_range content);

/* As der_write_field(), or writes nothing when content is absent. */
void der_write_optional_field(struct der_writer *writer, unsigned number, unsigned identifier,
                              struct byte_range content);

/* Writes a minimal INTEGER inside the field [number]. */
void der_write_integer_field(struct der_writer *writer, unsigned number, int64_t value);

/* Writes an OBJECT IDENTIFIER. DER_BAD_VALUE when content cannot be one. */
void der_write_object_identifier(struct der_writer *writer, struct byte_range content);

#endif
