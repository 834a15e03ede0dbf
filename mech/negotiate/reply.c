#include "mech/negotiate/negotiate.h"
#include "mech/status.h"

static struct byte_range range_or_absent(const gss_buffer_desc *buffer)
{
    if (buffer->length == 0)
        return BYTE_RANGE_ABSENT;
    return byte_range_of(buffer->value, buffer->length);
}

OM_uint32 reply_encode(OM_uint32 *minor, struct reply *reply, gss_buffer_t output)
{
    struct neg_token_resp resp = {
        .neg_state = reply->neg_state,
        .supported_mech = oid_range(reply->supported_mech),
        .response_token = range_or_absent(&reply->token),
        .mech_list_mic = range_or_absent(&reply->mic),
    };
    unsigned char *octets = NULL;
    size_t length = 0;
    enum der_error error = neg_token_resp_encode(&resp, &octets, &length);
    OM_uint32 ignored;

    (void)glue_release_buffer(&ignored, &reply->token);
    (void)glue_release_buffer(&ignored, &reply->mic);
    if (error != DER_OK)
        return fail_no_memory(minor);
    *output = (gss_buffer_desc){length, octets};
    return GSS_S_COMPLETE;
}

OM_uint32 reply_reject(OM_uint32 major, struct reply *reply, gss_buffer_t output)
{
    OM_uint32 ignored;

    reply->neg_state = NEG_STATE_REJECT;
    reply->supported_mech = GSS_C_NO_OID;
    (void)glue_release_buffer(&ignored, &reply->mic);
    (void)reply_encode(&ignored, reply, output);
    return major;
}

OM_uint32 fail_bad_token(OM_uint32 *minor, enum der_error error)
{
    return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN, "%s", der_error_text(error));
}
