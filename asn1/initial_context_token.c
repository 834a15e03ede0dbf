#include "asn1/initial_context_token.h"

enum der_error initial_context_token_decode(struct byte_range input, struct byte_range *oid,
                                            struct byte_range *inner)
{
    enum der_error error;
    struct der_reader token = der_reader_of(input, &error);
    struct der_reader content = der_enter(&token, DER_APPLICATION(0));

    *oid = der_read(&content, DER_OBJECT_IDENTIFIER);
    if (error == DER_OK && !der_object_identifier_is_valid(*oid))
        der_fail(&content, DER_BAD_VALUE);
    *inner = content.rest;
    der_finish(&token);
    return error;
}

enum der_error encapsulated_token_decode(struct byte_range input, struct byte_range *oid,
                                         struct byte_range *inner)
{
    struct der_header header;

    if (der_header_decode(input, &header) == DER_OK &&
        input.length - header.length == header.content + 1)
        input.length--;
    return initial_context_token_decode(input, oid, inner);
}

struct initial_context_token {
    struct byte_range oid;
    struct byte_range inner;
};

static void write_initial_context_token(struct der_writer *writer, const void *message)
{
    const struct initial_context_token *token = message;
    size_t header = der_open(writer, DER_APPLICATION(0));

    der_write_object_identifier(writer, token->oid);
    der_write_raw(writer, token->inner);
    der_close(writer, header);
}

enum der_error initial_context_token_encode(struct byte_range oid, struct byte_range inner,
                                            unsigned char **output, size_t *length)
{
    struct initial_context_token token = {oid, inner};

    return der_encode(write_initial_context_token, &token, output, length);
}
