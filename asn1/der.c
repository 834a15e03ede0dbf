#include "asn1/der.h"

#include <limits.h>
#include <stdlib.h>
#include <libtasn1.h>

/* Octets behind the first of a length field: three count to 16 MiB, above DER_MAX_MESSAGE. */
#define MAX_LENGTH_OCTETS 3
_Static_assert(DER_MAX_MESSAGE >> (8 * MAX_LENGTH_OCTETS) == 0, "a message's length must fit");
_Static_assert(DER_MAX_MESSAGE < INT_MAX, "libtasn1 counts in int");

/* Identifier bits (X.690 8.1.2). */
#define IDENTIFIER_CLASS  0xC0u
#define IDENTIFIER_NUMBER 0x1Fu
#define CONTEXT_SPECIFIC  0x80u

const char *der_error_text(enum der_error error)
{
    switch (error) {
    case DER_OK:
        return "no error";
    case DER_TRUNCATED:
        return "the message ends too early";
    case DER_TRAILING:
        return "the message is followed by octets that do not belong to it";
    case DER_BAD_TAG:
        return "an unexpected, repeated or re-ordered field";
    case DER_BAD_LENGTH:
        return "a length that is not DER or does not fit";
    case DER_BAD_VALUE:
        return "a value that is not valid for its type";
    case DER_MISSING:
        return "a mandatory field is missing";
    case DER_TOO_MANY:
        return "a list has too many elements";
    case DER_TOO_LONG:
        return "the message is too long";
    case DER_NO_MEMORY:
        return "out of memory";
    }
    return "an unknown error";
}

/*
 * Reads a length field. asn1_get_length_der() takes lengths that are not minimal and does not tell
 * the length of what has not arrived; here the octets must be those that asn1_length_der() writes.
 */
static enum der_error decode_length(struct byte_range input, struct der_header *header)
{
    unsigned char canonical[1 + sizeof(unsigned long)];
    int canonical_length = 0;
    size_t more, value = 0;

    if (input.length == 0)
        return DER_TRUNCATED;
    more = (input.data[0] & 0x80) != 0 ? input.data[0] & 0x7Fu : 0;
    if (input.data[0] == 0x80)
        return DER_BAD_LENGTH;
    if (more > MAX_LENGTH_OCTETS)
        return input.length > 1 && input.data[1] == 0 ? DER_BAD_LENGTH : DER_TOO_LONG;
    if (input.length - 1 < more)
        return DER_TRUNCATED;
    for (size_t i = 0; i < more; i++)
        value = value << 8 | input.data[1 + i];
    if (more == 0)
        value = input.data[0];
    asn1_length_der(value, canonical, &canonical_length);
    if ((size_t)canonical_length != 1 + more)
        return DER_BAD_LENGTH;
    header->content = value;
    header->length += 1 + more;
    return DER_OK;
}

enum der_error der_header_decode(struct byte_range input, struct der_header *header)
{
    unsigned char tag_class;
    unsigned long number;
    int length;

    if (input.length == 0)
        return DER_TRUNCATED;
    header->identifier = input.data[0];
    header->length = 1;
    if ((input.data[0] & IDENTIFIER_NUMBER) == IDENTIFIER_NUMBER) {
        size_t visible = input.length < DER_MAX_MESSAGE ? input.length : DER_MAX_MESSAGE;

        if (visible > 1 && input.data[1] == 0x80)
            return DER_BAD_TAG;
        if (asn1_get_tag_der(input.data, (int)visible, &tag_class, &length, &number) !=
            ASN1_SUCCESS)
            return DER_BAD_TAG;
        if (number < IDENTIFIER_NUMBER)
            return DER_BAD_TAG;
        header->length = (size_t)length;
    }
    return decode_length(byte_range_of(input.data + header->length, input.length - header->length),
                         header);
}

struct der_reader der_reader_of(struct byte_range input, enum der_error *error)
{
    *error = input.length > DER_MAX_MESSAGE ? DER_TOO_LONG : DER_OK;
    return (struct der_reader){.rest = input, .error = error, .outermost = true};
}

void der_fail(const struct der_reader *reader, enum der_error error)
{
    if (*reader->error == DER_OK)
        *reader->error = error;
}

bool der_at_end(const struct der_reader *reader)
{
    return *reader->error != DER_OK || reader->rest.length == 0;
}

bool der_next_is(const struct der_reader *reader, unsigned identifier)
{
    return !der_at_end(reader) && reader->rest.data[0] == identifier;
}

/* Takes the next element, of whatever type, off the reader. */
static struct byte_range take_element(struct der_reader *reader)
{
    struct der_header header;
    struct byte_range content;
    enum der_error error = der_header_decode(reader->rest, &header);

    if (error == DER_OK && header.content > reader->rest.length - header.length)
        error = DER_TRUNCATED;
    if ((error == DER_TRUNCATED || error == DER_TOO_LONG) && !reader->outermost)
        error = DER_BAD_LENGTH;
    if (error != DER_OK) {
        der_fail(reader, error);
        return BYTE_RANGE_ABSENT;
    }
    content = byte_range_of(reader->rest.data + header.length, header.content);
    reader->rest.data += header.length + header.content;
    reader->rest.length -= header.length + header.content;
    return content;
}

struct byte_range der_read(struct der_reader *reader, unsigned identifier)
{
    if (*reader->error != DER_OK)
        return BYTE_RANGE_ABSENT;
    if (reader->rest.length == 0) {
        der_fail(reader, reader->outermost ? DER_TRUNCATED : DER_MISSING);
        return BYTE_RANGE_ABSENT;
    }
    if (reader->rest.data[0] != identifier) {
        der_fail(reader, DER_BAD_TAG);
        return BYTE_RANGE_ABSENT;
    }
    return take_element(reader);
}

struct der_reader der_enter(struct der_reader *reader, unsigned identifier)
{
    return (struct der_reader){.rest = der_read(reader, identifier), .error = reader->error};
}

struct byte_range der_read_field(struct der_reader *reader, unsigned number, unsigned identifier)
{
    struct der_reader field = der_enter(reader, DER_CONTEXT(number));
    struct byte_range content = der_read(&field, identifier);

    der_finish(&field);
    return content;
}

struct byte_range der_read_optional_field(struct der_reader *reader, unsigned number,
                                          unsigned identifier)
{
    if (!der_next_is(reader, DER_CONTEXT(number)))
        return BYTE_RANGE_ABSENT;
    return der_read_field(reader, number, identifier);
}

uint32_t der_read_uint32_field(struct der_reader *reader, unsigned number)
{
    struct byte_range content = der_read_field(reader, number, DER_INTEGER);
    uint64_t value = 0;

    if (*reader->error != DER_OK)
        return 0;
    if (!der_integer_is_minimal(content) || (content.data[0] & 0x80) != 0 ||
        content.length > 1 + sizeof(uint32_t)) {
        der_fail(reader, DER_BAD_VALUE);
        return 0;
    }
    for (size_t i = 0; i < content.length; i++)
        value = value << 8 | content.data[i];
    if (value > UINT32_MAX) {
        der_fail(reader, DER_BAD_VALUE);
        return 0;
    }
    return (uint32_t)value;
}

void der_skip_extensions(struct der_reader *reader, unsigned last_known)
{
    size_t skipped = 0;

    while (!der_at_end(reader)) {
        unsigned identifier = reader->rest.data[0];

        if ((identifier & IDENTIFIER_CLASS) != CONTEXT_SPECIFIC ||
            (identifier & IDENTIFIER_NUMBER) <= last_known)
            der_fail(reader, DER_BAD_TAG);
        else if (skipped++ == DER_MAX_EXTENSIONS)
            der_fail(reader, DER_TOO_MANY);
        else
            (void)take_element(reader);
    }
}

void der_finish(const struct der_reader *reader)
{
    if (reader->rest.length != 0)
        der_fail(reader, reader->outermost ? DER_TRAILING : DER_BAD_TAG);
}

bool der_integer_is_minimal(struct byte_range content)
{
    if (content.length < 2)
        return content.length == 1;
    if (content.data[0] == 0x00)
        return (content.data[1] & 0x80) != 0;
    if (content.data[0] == 0xFF)
        return (content.data[1] & 0x80) == 0;
    return true;
}

bool der_object_identifier_is_valid(struct byte_range content)
{
    bool at_start = true; /* of a subidentifier */

    for (size_t i = 0; i < content.length; i++) {
        if (at_start && content.data[i] == 0x80)
            return false;
        at_start = (content.data[i] & 0x80) == 0;
    }
    return content.length != 0 && at_start;
}

void der_write_fail(struct der_writer *writer, enum der_error error)
{
    if (writer->error == DER_OK)
        writer->error = error;
}

void der_write_raw(struct der_writer *writer, struct byte_range octets)
{
    if (writer->error != DER_OK)
        return;
    if (octets.length > writer->size - writer->length) {
        der_write_fail(writer, DER_TOO_LONG);
        return;
    }
    if (writer->output != NULL && octets.length != 0)
        memcpy(writer->output + writer->length, octets.data, octets.length);
    writer->length += octets.length;
}

static void write_header(struct der_writer *writer, unsigned identifier, size_t content)
{
    unsigned char header[2 + sizeof(unsigned long)];
    int length = 0;

    header[0] = (unsigned char)identifier;
    asn1_length_der(content, header + 1, &length);
    der_write_raw(writer, byte_range_of(header, 1 + (size_t)length));
}

size_t der_open(struct der_writer *writer, unsigned identifier)
{
    size_t opened = writer->opened;

    if (writer->error != DER_OK)
        return 0;
    if (opened == DER_MAX_OPENED) {
        der_write_fail(writer, DER_TOO_MANY);
        return 0;
    }
    writer->opened++;
    if (writer->output != NULL)
        write_header(writer, identifier, writer->contents[opened]);
    else
        writer->contents[opened] = writer->length; /* until der_close() knows where it ends */
    return opened;
}

void der_close(struct der_writer *writer, size_t opened)
{
    if (writer->error != DER_OK || writer->output != NULL)
        return;
    writer->contents[opened] = writer->length - writer->contents[opened];
    write_header(writer, 0, writer->contents[opened]); /* counts; all identifiers take one octet */
}

void der_write(struct der_writer *writer, unsigned identifier, struct byte_range content)
{
    if (!byte_range_is_present(content)) {
        der_write_fail(writer, DER_MISSING);
        return;
    }
    if (content.length > DER_MAX_MESSAGE) {
        der_write_fail(writer, DER_TOO_LONG);
        return;
    }
    write_header(writer, identifier, content.length);
    der_write_raw(writer, content);
}

void der_write_field(struct der_writer *writer, unsigned number, unsigned identifier,
                     struct byte_range content)
{
    size_t field = der_open(writer, DER_CONTEXT(number));

    der_write(writer, identifier, content);
    der_close(writer, field);
}

void der_write_optional_field(struct der_writer *writer, unsigned number, unsigned identifier,
                              struct byte_range content)
{
    if (byte_range_is_present(content))
        der_write_field(writer, number, identifier, content);
}

void der_write_integer_field(struct der_writer *writer, unsigned number, int64_t value)
{
    unsigned char octets[sizeof value];
    struct byte_range content = {octets, sizeof octets};

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (unsigned char)((uint64_t)value >> (8 * (sizeof octets - 1 - i)));
    while (!der_integer_is_minimal(content)) {
        content.data++;
        content.length--;
    }
    der_write_field(writer, number, DER_INTEGER, content);
}

void der_write_object_identifier(struct der_writer *writer, struct byte_range content)
{
    if (!der_object_identifier_is_valid(content))
        der_write_fail(writer, DER_BAD_VALUE);
    der_write(writer, DER_OBJECT_IDENTIFIER, content);
}

/* The first pass: what every length will be. */
static void measure(struct der_writer *writer, der_write_function *write, const void *message)
{
    writer->output = NULL;
    writer->size = DER_MAX_MESSAGE;
    writer->length = 0;
    writer->error = DER_OK;
    writer->opened = 0;
    write(writer, message);
}

/* The second pass, into the octets that measure() found to be needed. */
static void write_measured(struct der_writer *writer, der_write_function *write,
                           const void *message, unsigned char *output)
{
    writer->output = output;
    writer->size = writer->length;
    writer->length = 0;
    writer->opened = 0;
    write(writer, message);
}

enum der_error der_encode(der_write_function *write, const void *message, unsigned char **output,
                          size_t *length)
{
    struct der_writer writer;
    unsigned char *octets;

    *output = NULL;
    *length = 0;
    measure(&writer, write, message);
    if (writer.error != DER_OK)
        return writer.error;
    octets = malloc(writer.length);
    if (octets == NULL)
        return DER_NO_MEMORY;
    write_measured(&writer, write, message, octets);
    if (writer.error != DER_OK) {
        free(octets);
        return writer.error;
    }
    *output = octets;
    *length = writer.length;
    return DER_OK;
}

enum der_error der_encode_secret(der_write_function *write, const void *message,
                                 struct secret *output)
{
    struct der_writer writer;

    secret_release(output);
    measure(&writer, write, message);
    if (writer.error != DER_OK)
        return writer.error;
    if (!secret_allocate(output, writer.length))
        return DER_NO_MEMORY;
    write_measured(&writer, write, message, output->data);
    if (writer.error != DER_OK)
        secret_release(output);
    return writer.error;
}
