#include "sspi-shim/inquiry.h"

#include <string.h>
#include "sspi-shim/status.h"

SECURITY_STATUS inquiry_make(const struct context *context, const gss_OID_desc *what, size_t least,
                             gss_buffer_set_t *answer)
{
    OM_uint32 minor;
    OM_uint32 major;

    *answer = GSS_C_NO_BUFFER_SET;
    major = gss_inquire_sec_context_by_oid(&minor, context->gss, (gss_OID)(uintptr_t)what, answer);
    if (GSS_ERROR(major))
        return status_from_gss(context->mechanism, major, minor);
    if (*answer != GSS_C_NO_BUFFER_SET && (*answer)->count >= least)
        return SEC_E_OK;
    (void)gss_release_buffer_set(&minor, answer);
    return status_because(SEC_E_INTERNAL_ERROR, "the mechanism's answer is too short");
}

SECURITY_STATUS inquiry_read(const struct context *context, const gss_OID_desc *what, void *value,
                             size_t length)
{
    gss_buffer_set_t answer;
    SECURITY_STATUS status = inquiry_make(context, what, 1, &answer);
    OM_uint32 minor;

    if (status != SEC_E_OK)
        return status;
    if (answer->elements[0].length == length)
        memcpy(value, answer->elements[0].value, length);
    else
        status = SEC_E_INTERNAL_ERROR;
    (void)gss_release_buffer_set(&minor, &answer);
    return status;
}

SECURITY_STATUS inquiry_read_text(const struct context *context, const gss_OID_desc *what,
                                  char *text, size_t size)
{
    gss_buffer_set_t answer;
    SECURITY_STATUS status = inquiry_make(context, what, 1, &answer);
    OM_uint32 minor;

    text[0] = '\0';
    if (status != SEC_E_OK)
        return status;
    if (answer->elements[0].length < size) {
        memcpy(text, answer->elements[0].value, answer->elements[0].length);
        text[answer->elements[0].length] = '\0';
    }
    (void)gss_release_buffer_set(&minor, &answer);
    return status;
}
