/*
 * Sealing by the inner mechanism. SSPI's peers cut a sealed message into TOKEN and DATA, and those that
 * take no other form (FreeRDP's Kerberos) want the plain text's octets last: for Kerberos that is what
 * gss_wrap_iov without a TRAILER makes, by rotation (RFC 4121 4.2.5), and gss_wrap does not.
 */
#include <stdlib.h>
#include <string.h>

#include "mech/credssp/credssp.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"

enum { HEADER, DATA, PADDING, PARTS };

/* Places the parts, whose lengths are known, one after the other in a buffer that the caller frees. */
static bool lay_out(gss_iov_buffer_desc *parts, struct byte_range plain, gss_buffer_t whole)
{
    unsigned char *place;

    for (int i = 0; i < PARTS; i++)
        whole->length += parts[i].buffer.length;
    place = malloc(whole->length);
    if (place == NULL)
        return false;
    whole->value = place;
    for (int i = 0; i < PARTS; i++) {
        parts[i].buffer.value = place;
        place += parts[i].buffer.length;
    }
    if (plain.length != 0)
        memcpy(parts[DATA].buffer.value, plain.data, plain.length);
    return true;
}

static OM_uint32 seal_in_place(OM_uint32 *minor, gss_ctx_id_t inner, struct byte_range plain,
                               int *conf_state, gss_buffer_t sealed)
{
    gss_iov_buffer_desc parts[PARTS] = {
        [HEADER] = {GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER},
        [DATA] = {GSS_IOV_BUFFER_TYPE_DATA, {plain.length, NULL}},
        [PADDING] = {GSS_IOV_BUFFER_TYPE_PADDING, GSS_C_EMPTY_BUFFER},
    };
    gss_buffer_desc whole = GSS_C_EMPTY_BUFFER;
    OM_uint32 major =
        glue_wrap_iov_length(minor, inner, 1, GSS_C_QOP_DEFAULT, conf_state, parts, PARTS);

    if (GSS_ERROR(major))
        return major;
    if (!lay_out(parts, plain, &whole))
        return fail_no_memory(minor);
    major = glue_wrap_iov(minor, inner, 1, GSS_C_QOP_DEFAULT, conf_state, parts, PARTS);
    if (GSS_ERROR(major)) {
        release_secret_buffer(&whole);
        return major;
    }
    *sealed = whole;
    return major;
}

OM_uint32 inner_seal(OM_uint32 *minor, struct credssp_context *credssp, struct byte_range plain,
                     gss_buffer_t sealed)
{
    gss_ctx_id_t inner = *credssp->negotiate->operations->inner(credssp->negotiate);
    gss_buffer_desc input = {plain.length, (void *)(uintptr_t)plain.data};
    OM_uint32 major;
    int conf_state = 0;

    major = seal_in_place(minor, inner, plain, &conf_state, sealed);
    /* gss-ntlmssp has no *_iov calls; its signature stands first as it is. */
    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE)
        major = glue_wrap(minor, inner, 1, GSS_C_QOP_DEFAULT, &input, &conf_state, sealed);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(negotiate_kind(credssp->negotiate)),
                          "sealing a message");
    if (conf_state == 0) {
        release_secret_buffer(sealed);
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_PROTECTION, NULL);
    }
    return GSS_S_COMPLETE;
}
