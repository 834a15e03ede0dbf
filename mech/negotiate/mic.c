#include "mech/negotiate/negotiate.h"
#include "mech/status.h"

#define NTLM_MIC_OCTETS 16

/* Which of NTLM's two RC4 handles gss-ntlmssp is to put back. */
enum ntlm_handle { NTLM_SEND_HANDLE = 0, NTLM_RECEIVE_HANDLE = 1 };

bool mic_wanted_by_ntlm(struct negotiate_context *negotiate)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    bool wanted = false;
    OM_uint32 minor;

    if (negotiate->kind != INNER_NTLM || negotiate->inner == GSS_C_NO_CONTEXT)
        return false;
    if (GSS_ERROR(glue_inquire_sec_context_by_oid(&minor, negotiate->inner, oid_ntlmssp_require_mic,
                                                  &answer)))
        return false;
    wanted = answer != GSS_C_NO_BUFFER_SET && answer->count == 1 &&
             answer->elements[0].length == 1 &&
             *(const unsigned char *)answer->elements[0].value == 1;
    (void)glue_release_buffer_set(&minor, &answer);
    return wanted;
}

/*
 * The mechListMIC must not advance NTLM's key stream, though it takes a sequence number
 * (MS-SPNG 3.2.5.1). An NTLM that has no such option has no such key stream either.
 */
static OM_uint32 put_key_stream_back(OM_uint32 *minor, struct negotiate_context *negotiate,
                                     enum ntlm_handle handle)
{
    OM_uint32 number = handle;
    gss_buffer_desc value = {sizeof number, &number};
    OM_uint32 major;

    *minor = 0;
    if (negotiate->kind != INNER_NTLM)
        return GSS_S_COMPLETE;
    major = glue_set_sec_context_option(minor, &negotiate->inner, oid_ntlmssp_reset_crypto, &value);
    if (GSS_ERROR(major) && major != GSS_S_UNAVAILABLE)
        return fail_inner(minor, major, *minor, inner_name(negotiate->kind),
                          "resetting its key stream");
    *minor = 0;
    return GSS_S_COMPLETE;
}

static gss_buffer_desc protected_octets(const struct negotiate_context *negotiate)
{
    return (gss_buffer_desc){negotiate->mech_types.der.length,
                             (void *)(uintptr_t)negotiate->mech_types.der.data};
}

OM_uint32 mic_make(OM_uint32 *minor, struct negotiate_context *negotiate, gss_buffer_t mic)
{
    gss_buffer_desc octets = protected_octets(negotiate);
    OM_uint32 major = glue_get_mic(minor, negotiate->inner, GSS_C_QOP_DEFAULT, &octets, mic);

    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(negotiate->kind),
                          "protecting the list of mechanisms");
    negotiate->mic_sent = true;
    return put_key_stream_back(minor, negotiate, NTLM_SEND_HANDLE);
}

OM_uint32 mic_verify(OM_uint32 *minor, struct negotiate_context *negotiate, struct byte_range mic)
{
    gss_buffer_desc octets = protected_octets(negotiate);
    gss_buffer_desc received = {mic.length, (void *)(uintptr_t)mic.data};
    OM_uint32 major;

    if (negotiate->mic_received)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    "a second mechListMIC");
    /* No mechanism's MIC is shorter; gss-ntlmssp reads 16 octets unasked, and no more than these. */
    if (mic.length < NTLM_MIC_OCTETS ||
        (negotiate->kind == INNER_NTLM && mic.length != NTLM_MIC_OCTETS))
        return fail(minor, GSS_S_BAD_SIG, GSS_SSPI_E_MIC_WRONG, "it has %zu octets", mic.length);
    major = glue_verify_mic(minor, negotiate->inner, &octets, &received, NULL);
    if (major != GSS_S_COMPLETE)
        return fail(minor, GSS_S_BAD_SIG, GSS_SSPI_E_MIC_WRONG, NULL);
    negotiate->mic_received = true;
    return put_key_stream_back(minor, negotiate, NTLM_RECEIVE_HANDLE);
}
