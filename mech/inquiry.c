#include "mech/inquiry.h"

#include "mech/status.h"

OM_uint32 inquiry_answer(OM_uint32 *minor, struct byte_range value, gss_buffer_set_t *data)
{
    gss_buffer_desc member = {value.length, (void *)(uintptr_t)value.data};

    if (GSS_ERROR(glue_add_buffer_set_member(minor, &member, data)))
        return fail_no_memory(minor);
    *minor = 0;
    return GSS_S_COMPLETE;
}
