#include "asn1/ts_request.h"

/* The oldest version of CredSSP that there is (MS-CSSP 2.2.1). */
#define OLDEST_VERSION 2

/* NegoData: one item, because no peer sends or reads more; its token may be empty (pyspnego). */
static struct byte_range read_nego_tokens(struct der_reader *request)
{
    struct der_reader field, list, item;
    struct byte_range token;

    if (!der_next_is(request, DER_CONTEXT(1)))
        return BYTE_RANGE_ABSENT;
    field = der_enter(request, DER_CONTEXT(1));
    list = der_enter(&field, DER_SEQUENCE);
    item = der_enter(&list, DER_SEQUENCE);
    token = der_read_field(&item, 0, DER_OCTET_STRING);
    der_finish(&item);
    if (der_next_is(&list, DER_SEQUENCE))
        der_fail(&list, DER_TOO_MANY);
    der_finish(&list);
    der_finish(&field);
    return token;
}

/*
 * An NTSTATUS: 32 bits in two's complement. Two forms more are taken: the five octets of the same
 * number as a positive one (pyspnego), and a number of three octets padded to four (FreeRDP 3).
 */
static uint32_t read_error_code(struct der_reader *request)
{
    struct byte_range content = der_read_field(request, 4, DER_INTEGER);
    uint32_t value;

    if (!byte_range_is_present(content))
        return 0;
    if (content.length != sizeof value && !der_integer_is_minimal(content)) {
        der_fail(request, DER_BAD_VALUE);
        return 0;
    }
    if (content.length > sizeof value &&
        (content.length > sizeof value + 1 || content.data[0] != 0)) {
        der_fail(request, DER_BAD_VALUE);
        return 0;
    }
    value = (content.data[0] & 0x80) != 0 ? UINT32_MAX : 0;
    for (size_t i = 0; i < content.length; i++)
        value = value << 8 | content.data[i];
    return value;
}

enum der_error ts_request_decode(struct byte_range input, struct ts_request *request)
{
    enum der_error error;
    struct der_reader message = der_reader_of(input, &error);
    struct der_reader fields = der_enter(&message, DER_SEQUENCE);

    *request = (struct ts_request){0};
    request->version = der_read_uint32_field(&fields, 0);
    if (request->version < OLDEST_VERSION)
        der_fail(&fields, DER_BAD_VALUE);
    if (der_at_end(&fields))
        der_fail(&fields, DER_MISSING); /* nobody sends a version and nothing else */
    request->nego_token = read_nego_tokens(&fields);
    request->auth_info = der_read_optional_field(&fields, 2, DER_OCTET_STRING);
    request->pub_key_auth = der_read_optional_field(&fields, 3, DER_OCTET_STRING);
    request->has_error_code = der_next_is(&fields, DER_CONTEXT(4));
    if (request->has_error_code)
        request->error_code = read_error_code(&fields);
    request->client_nonce = der_read_optional_field(&fields, 5, DER_OCTET_STRING);
    der_finish(&fields);
    der_finish(&message);
    return error;
}

enum der_error ts_request_length(struct byte_range input, size_t limit, size_t *total)
{
    struct der_header header;
    enum der_error error;

    if (input.length != 0 && input.data[0] != DER_SEQUENCE)
        return DER_BAD_TAG;
    error = der_header_decode(input, &header);
    if (error != DER_OK)
        return error;
    if (header.length + header.content > limit)
        return DER_TOO_LONG;
    *total = header.length + header.content;
    return DER_OK;
}

static void write_nego_tokens(struct der_writer *writer, struct byte_range token)
{
    size_t field, list, item;

    if (!byte_range_is_present(token))
        return;
    field = der_open(writer, DER_CONTEXT(1));
    list = der_open(writer, DER_SEQUENCE);
    item = der_open(writer, DER_SEQUENCE);
    der_write_field(writer, 0, DER_OCTET_STRING, token);
    der_close(writer, item);
    der_close(writer, list);
    der_close(writer, field);
}

/* The NTSTATUS as the signed number that its 32 bits are in two's complement. */
static int64_t signed_status(uint32_t status)
{
    return status > INT32_MAX ? (int64_t)status - ((int64_t)UINT32_MAX + 1) : status;
}

static void write_ts_request(struct der_writer *writer, const void *message)
{
    const struct ts_request *request = message;
    size_t fields = der_open(writer, DER_SEQUENCE);

    der_write_integer_field(writer, 0, request->version);
    write_nego_tokens(writer, request->nego_token);
    der_write_optional_field(writer, 2, DER_OCTET_STRING, request->auth_info);
    der_write_optional_field(writer, 3, DER_OCTET_STRING, request->pub_key_auth);
    if (request->has_error_code)
        der_write_integer_field(writer, 4, signed_status(request->error_code));
    der_write_optional_field(writer, 5, DER_OCTET_STRING, request->client_nonce);
    der_close(writer, fields);
}

enum der_error ts_request_encode(const struct ts_request *request, unsigned char **output,
                                 size_t *length)
{
    return der_encode(write_ts_request, request, output, length);
}
