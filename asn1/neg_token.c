#include "asn1/neg_token.h"

#include "asn1/initial_context_token.h"

/* 1.3.6.1.5.5.2 */
static const unsigned char spnego_oid_octets[] = {0x2B, 0x06, 0x01, 0x05, 0x05, 0x02};
static const struct byte_range spnego_oid = {spnego_oid_octets, sizeof spnego_oid_octets};

/* The last fields that the grammar has before its extension marker. */
#define LAST_FIELD_OF_INIT 4
#define LAST_FIELD_OF_RESP 3

/*
 * reqFlags may not be used (RFC 4178 4.2.1), so only its shape is looked at: pyspnego's is no
 * proper named bit list.
 */
static void pass_over_req_flags(struct der_reader *fields)
{
    struct byte_range flags = der_read_optional_field(fields, 1, DER_BIT_STRING);

    if (!byte_range_is_present(flags))
        return;
    if (flags.length == 0 || flags.data[0] > 7 || (flags.length == 1 && flags.data[0] != 0))
        der_fail(fields, DER_BAD_VALUE);
}

/* Reads one OBJECT IDENTIFIER and checks its form. */
static struct byte_range read_object_identifier(struct der_reader *reader)
{
    struct byte_range oid = der_read(reader, DER_OBJECT_IDENTIFIER);

    if (byte_range_is_present(oid) && !der_object_identifier_is_valid(oid))
        der_fail(reader, DER_BAD_VALUE);
    return oid;
}

/* mechTypes may be absent in a NegTokenInit2 (MS-SPNG 2.2.1); an empty list means nothing. */
static void read_mech_types(struct der_reader *fields, struct mech_type_list *mech_types)
{
    struct der_reader field, list;

    mech_types->der = BYTE_RANGE_ABSENT;
    mech_types->count = 0;
    if (!der_next_is(fields, DER_CONTEXT(0)))
        return;
    field = der_enter(fields, DER_CONTEXT(0));
    mech_types->der = field.rest;
    list = der_enter(&field, DER_SEQUENCE);
    der_finish(&field);
    if (der_at_end(&list))
        der_fail(&list, DER_MISSING);
    while (!der_at_end(&list)) {
        if (mech_types->count == NEG_TOKEN_MAX_MECH_TYPES)
            der_fail(&list, DER_TOO_MANY);
        else
            mech_types->oids[mech_types->count++] = read_object_identifier(&list);
    }
}

/* negHints: both fields are optional. Its text is not looked at (MS-SPNG 2.2.1). */
static void read_neg_hints(struct der_reader *field, struct neg_token_init *init)
{
    struct der_reader hints = der_enter(field, DER_SEQUENCE);

    init->hint_name = der_read_optional_field(&hints, 0, DER_GENERAL_STRING);
    init->hint_address = der_read_optional_field(&hints, 1, DER_OCTET_STRING);
    der_finish(&hints);
}

/*
 * [3] is mechListMIC in a NegTokenInit and negHints in a NegTokenInit2, whose mechListMIC is [4].
 * The two have the same tag outside, so what stands in [3] tells which it is. A MIC in both places
 * is of neither.
 */
static void read_hints_and_mic(struct der_reader *fields, struct neg_token_init *init)
{
    if (der_next_is(fields, DER_CONTEXT(3))) {
        struct der_reader field = der_enter(fields, DER_CONTEXT(3));

        if (der_next_is(&field, DER_OCTET_STRING))
            init->mech_list_mic = der_read(&field, DER_OCTET_STRING);
        else
            read_neg_hints(&field, init);
        der_finish(&field);
    }
    if (!byte_range_is_present(init->mech_list_mic))
        init->mech_list_mic = der_read_optional_field(fields, 4, DER_OCTET_STRING);
}

static void read_init(struct der_reader *token, struct neg_token_init *init)
{
    struct der_reader choice = der_enter(token, DER_CONTEXT(0));
    struct der_reader fields = der_enter(&choice, DER_SEQUENCE);

    init->hint_name = BYTE_RANGE_ABSENT;
    init->hint_address = BYTE_RANGE_ABSENT;
    init->mech_list_mic = BYTE_RANGE_ABSENT;
    read_mech_types(&fields, &init->mech_types);
    pass_over_req_flags(&fields);
    init->mech_token = der_read_optional_field(&fields, 2, DER_OCTET_STRING);
    read_hints_and_mic(&fields, init);
    der_skip_extensions(&fields, LAST_FIELD_OF_INIT);
    der_finish(&fields);
    der_finish(&choice);
}

static enum neg_state read_neg_state(struct der_reader *fields)
{
    struct byte_range content;

    if (!der_next_is(fields, DER_CONTEXT(0)))
        return NEG_STATE_ABSENT; /* old Java acceptors */
    content = der_read_field(fields, 0, DER_ENUMERATED);
    if (byte_range_is_present(content) &&
        (content.length != 1 || content.data[0] > NEG_STATE_REQUEST_MIC))
        der_fail(fields, DER_BAD_VALUE);
    return byte_range_is_present(content) && content.length == 1 ? (enum neg_state)content.data[0]
                                                                 : NEG_STATE_ABSENT;
}

static struct byte_range read_supported_mech(struct der_reader *fields)
{
    struct der_reader field;
    struct byte_range oid;

    if (!der_next_is(fields, DER_CONTEXT(1)))
        return BYTE_RANGE_ABSENT; /* old Java acceptors, and every reply but the first */
    field = der_enter(fields, DER_CONTEXT(1));
    oid = read_object_identifier(&field);
    der_finish(&field);
    return oid;
}

/* An empty responseToken is taken: old IIS ends so. */
static void read_resp(struct der_reader *token, struct neg_token_resp *resp)
{
    struct der_reader choice = der_enter(token, DER_CONTEXT(1));
    struct der_reader fields = der_enter(&choice, DER_SEQUENCE);

    resp->neg_state = read_neg_state(&fields);
    resp->supported_mech = read_supported_mech(&fields);
    resp->response_token = der_read_optional_field(&fields, 2, DER_OCTET_STRING);
    resp->mech_list_mic = der_read_optional_field(&fields, 3, DER_OCTET_STRING);
    der_skip_extensions(&fields, LAST_FIELD_OF_RESP);
    der_finish(&fields);
    der_finish(&choice);
}

enum der_error neg_token_decode(struct byte_range input, struct neg_token *token)
{
    enum der_error error;
    struct der_reader message = der_reader_of(input, &error);
    struct der_reader content;

    if (der_next_is(&message, DER_CONTEXT(1))) {
        token->kind = NEG_TOKEN_RESP;
        read_resp(&message, &token->resp);
        der_finish(&message);
        return error;
    }
    content = der_enter(&message, DER_APPLICATION(0));
    der_finish(&message);
    if (!byte_range_equal(der_read(&content, DER_OBJECT_IDENTIFIER), spnego_oid))
        der_fail(&content, DER_BAD_VALUE);
    if (der_next_is(&content, DER_CONTEXT(1))) { /* old Sun acceptors frame their replies too */
        token->kind = NEG_TOKEN_RESP;
        read_resp(&content, &token->resp);
    } else {
        token->kind = NEG_TOKEN_INIT;
        read_init(&content, &token->init);
    }
    der_finish(&content);
    return error;
}

bool neg_token_is_plausible(struct byte_range input)
{
    struct der_header header;
    const unsigned char *content;
    size_t available;

    if (der_header_decode(input, &header) != DER_OK)
        return false;
    content = input.data + header.length;
    available = input.length - header.length;
    if (header.identifier == DER_CONTEXT(1))
        return available > 0 && content[0] == DER_SEQUENCE;
    return header.identifier == DER_APPLICATION(0) && available >= 2 + spnego_oid.length &&
           content[0] == DER_OBJECT_IDENTIFIER && content[1] == spnego_oid.length &&
           memcmp(content + 2, spnego_oid.data, spnego_oid.length) == 0;
}

struct oid_list {
    const struct byte_range *oids;
    size_t count;
};

static void write_mech_types(struct der_writer *writer, const void *message)
{
    const struct oid_list *mechs = message;
    size_t list = der_open(writer, DER_SEQUENCE);

    for (size_t i = 0; i < mechs->count; i++)
        der_write_object_identifier(writer, mechs->oids[i]);
    der_close(writer, list);
}

enum der_error mech_type_list_encode(const struct byte_range *oids, size_t count,
                                     unsigned char **output, size_t *length)
{
    struct oid_list mechs = {oids, count};

    *output = NULL;
    *length = 0;
    if (count == 0)
        return DER_MISSING;
    if (count > NEG_TOKEN_MAX_MECH_TYPES)
        return DER_TOO_MANY;
    return der_encode(write_mech_types, &mechs, output, length);
}

static void write_mech_types_field(struct der_writer *writer, struct byte_range der)
{
    size_t field;

    if (!byte_range_is_present(der))
        return;
    field = der_open(writer, DER_CONTEXT(0));
    der_write_raw(writer, der);
    der_close(writer, field);
}

static void write_neg_hints(struct der_writer *writer, const struct neg_token_init *init)
{
    size_t field = der_open(writer, DER_CONTEXT(3));
    size_t hints = der_open(writer, DER_SEQUENCE);

    der_write_optional_field(writer, 0, DER_GENERAL_STRING, init->hint_name);
    der_write_optional_field(writer, 1, DER_OCTET_STRING, init->hint_address);
    der_close(writer, hints);
    der_close(writer, field);
}

/* A NegTokenInit2 has negHints in [3], and so its mechListMIC in [4]. */
static void write_init_fields(struct der_writer *writer, const struct neg_token_init *init)
{
    bool has_hints =
        byte_range_is_present(init->hint_name) || byte_range_is_present(init->hint_address);

    write_mech_types_field(writer, init->mech_types.der);
    der_write_optional_field(writer, 2, DER_OCTET_STRING, init->mech_token);
    if (has_hints)
        write_neg_hints(writer, init);
    der_write_optional_field(writer, has_hints ? 4 : 3, DER_OCTET_STRING, init->mech_list_mic);
}

static void write_init(struct der_writer *writer, const void *message)
{
    size_t token = der_open(writer, DER_APPLICATION(0));
    size_t choice, fields;

    der_write(writer, DER_OBJECT_IDENTIFIER, spnego_oid);
    choice = der_open(writer, DER_CONTEXT(0));
    fields = der_open(writer, DER_SEQUENCE);
    write_init_fields(writer, message);
    der_close(writer, fields);
    der_close(writer, choice);
    der_close(writer, token);
}

enum der_error neg_token_init_encode(const struct neg_token_init *init, unsigned char **output,
                                     size_t *length)
{
    return der_encode(write_init, init, output, length);
}

static void write_neg_state(struct der_writer *writer, enum neg_state neg_state)
{
    unsigned char octet = (unsigned char)neg_state;

    if (neg_state == NEG_STATE_ABSENT)
        return;
    if (neg_state < NEG_STATE_ACCEPT_COMPLETED || neg_state > NEG_STATE_REQUEST_MIC)
        der_write_fail(writer, DER_BAD_VALUE);
    der_write_field(writer, 0, DER_ENUMERATED, byte_range_of(&octet, 1));
}

static void write_supported_mech(struct der_writer *writer, struct byte_range oid)
{
    size_t field;

    if (!byte_range_is_present(oid))
        return;
    field = der_open(writer, DER_CONTEXT(1));
    der_write_object_identifier(writer, oid);
    der_close(writer, field);
}

static void write_resp(struct der_writer *writer, const void *message)
{
    const struct neg_token_resp *resp = message;
    size_t choice = der_open(writer, DER_CONTEXT(1));
    size_t fields = der_open(writer, DER_SEQUENCE);

    write_neg_state(writer, resp->neg_state);
    write_supported_mech(writer, resp->supported_mech);
    der_write_optional_field(writer, 2, DER_OCTET_STRING, resp->response_token);
    der_write_optional_field(writer, 3, DER_OCTET_STRING, resp->mech_list_mic);
    der_close(writer, fields);
    der_close(writer, choice);
}

enum der_error neg_token_resp_encode(const struct neg_token_resp *resp, unsigned char **output,
                                     size_t *length)
{
    return der_encode(write_resp, resp, output, length);
}
