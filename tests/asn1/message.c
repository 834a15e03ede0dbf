#include "tests/asn1/message.h"

#include <stdlib.h>

#include "asn1/initial_context_token.h"
#include "asn1/neg_token.h"
#include "asn1/ts_credentials.h"
#include "asn1/ts_request.h"

static enum der_error decode_neg_token(struct byte_range input)
{
    struct neg_token token;

    return neg_token_decode(input, &token);
}

static enum der_error recode_neg_token(struct byte_range input, unsigned char **output,
                                       size_t *length)
{
    struct neg_token token;
    enum der_error error = neg_token_decode(input, &token);

    if (error != DER_OK)
        return error;
    if (token.kind == NEG_TOKEN_INIT)
        return neg_token_init_encode(&token.init, output, length);
    return neg_token_resp_encode(&token.resp, output, length);
}

static enum der_error decode_ts_request(struct byte_range input)
{
    struct ts_request request;

    return ts_request_decode(input, &request);
}

static enum der_error recode_ts_request(struct byte_range input, unsigned char **output,
                                        size_t *length)
{
    struct ts_request request;
    enum der_error error = ts_request_decode(input, &request);

    return error != DER_OK ? error : ts_request_encode(&request, output, length);
}

static enum der_error decode_ts_credentials(struct byte_range input)
{
    struct ts_credentials credentials;

    return ts_credentials_decode(input, &credentials);
}

static enum der_error recode_ts_credentials(struct byte_range input, unsigned char **output,
                                            size_t *length)
{
    struct ts_credentials credentials;
    struct secret encoded = {0};
    enum der_error error = ts_credentials_decode(input, &credentials);

    if (error == DER_OK)
        error = ts_credentials_encode(&credentials, &encoded);
    if (error != DER_OK)
        return error;
    *length = encoded.length;
    *output = malloc(encoded.length);
    if (*output == NULL)
        error = DER_NO_MEMORY;
    else
        memcpy(*output, encoded.data, encoded.length);
    secret_release(&encoded);
    return error;
}

static enum der_error decode_initial_context_token(struct byte_range input)
{
    struct byte_range oid, inner;

    return initial_context_token_decode(input, &oid, &inner);
}

static enum der_error recode_initial_context_token(struct byte_range input, unsigned char **output,
                                                   size_t *length)
{
    struct byte_range oid, inner;
    enum der_error error = initial_context_token_decode(input, &oid, &inner);

    return error != DER_OK ? error : initial_context_token_encode(oid, inner, output, length);
}

const struct message_type message_neg_token = {"NegotiationToken", "neg_token.txt",
                                               decode_neg_token, recode_neg_token};
const struct message_type message_ts_request = {"TSRequest", "ts_request.txt", decode_ts_request,
                                                recode_ts_request};
const struct message_type message_ts_credentials = {"TSCredentials", "ts_credentials.txt",
                                                    decode_ts_credentials, recode_ts_credentials};
const struct message_type message_initial_context_token = {"InitialContextToken", "neg_token.txt",
                                                           decode_initial_context_token,
                                                           recode_initial_context_token};

const struct message_type *const message_types[] = {&message_neg_token, &message_ts_request,
                                                    &message_ts_credentials,
                                                    &message_initial_context_token, NULL};

const struct message_type *message_type_of(const struct vector *vector)
{
    if (vector_is(vector, "NegTokenInit") || vector_is(vector, "NegTokenInit2") ||
        vector_is(vector, "NegTokenResp"))
        return &message_neg_token;
    for (size_t i = 0; message_types[i] != NULL; i++) {
        if (vector_is(vector, message_types[i]->name))
            return message_types[i];
    }
    return NULL;
}

enum der_error message_check(const struct message_type *type, struct byte_range input)
{
    unsigned char *once, *twice;
    size_t once_length, twice_length;
    enum der_error error = type->decode(input);

    if (error != DER_OK)
        return error;
    if (type->recode(input, &once, &once_length) != DER_OK)
        abort();
    if (type->recode(byte_range_of(once, once_length), &twice, &twice_length) != DER_OK)
        abort();
    if (!byte_range_equal(byte_range_of(once, once_length), byte_range_of(twice, twice_length)))
        abort();
    free(once);
    free(twice);
    return DER_OK;
}
