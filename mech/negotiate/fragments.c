#include "mech/negotiate/negotiate.h"
#include "mech/status.h"
#include "mech/trace.h"

/* The first octets of tokens that say how long they are: GSS headers, NegTokenResp, AP-REQ. */
static bool tells_its_length(struct byte_range token)
{
    const unsigned char first[] = {DER_APPLICATION(0), DER_CONTEXT(1), DER_APPLICATION(14)};

    return token.length != 0 && memchr(first, token.data[0], sizeof first) != NULL;
}

/*
 * Whether something is still to come of a token. One that is malformed is whole: its reader says what
 * is wrong with it.
 */
static bool is_fragment(struct byte_range token, size_t *announced)
{
    struct der_header header;
    enum der_error error;

    *announced = 0;
    if (!tells_its_length(token))
        return false;
    error = der_header_decode(token, &header);
    if (error != DER_OK)
        return error == DER_TRUNCATED;
    *announced = header.length + header.content;
    return token.length < *announced;
}

OM_uint32 fragments_collect(OM_uint32 *minor, struct negotiate_context *negotiate,
                            struct byte_range *token)
{
    struct byte_buffer *fragments = &negotiate->fragments;
    struct byte_range all = *token;
    size_t announced;

    *minor = 0;
    if (negotiate->caller == NEGOTIATE_INSIDE_CREDSSP)
        return GSS_S_COMPLETE;
    if (fragments->length != 0) {
        if (token->length == 0)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                        "nothing, in the middle of a token");
        if (token->length > fragments->limit - fragments->length)
            return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TOKEN_TOO_LONG, NULL);
        if (!byte_buffer_append(fragments, token->data, token->length))
            return fail_no_memory(minor);
        all = byte_buffer_range(fragments);
    }
    if (!is_fragment(all, &announced)) {
        *token = all;
        return GSS_S_COMPLETE;
    }
    if (announced > fragments->limit)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TOKEN_TOO_LONG, NULL);
    if (fragments->length == 0 && !byte_buffer_append(fragments, token->data, token->length))
        return fail_no_memory(minor);
    trace("negotiate: %zu octets of a token of %zu", all.length, announced);
    return GSS_S_CONTINUE_NEEDED;
}
