#include "mech/context.h"

#include <stddef.h>

#include "mech/status.h"

/* Checks that a step may be made and makes *input something that can be read. */
static OM_uint32 begin_step(OM_uint32 *minor, const struct context *context, bool initiator)
{
    *minor = 0;
    if (context->initiator != initiator)
        return fail(minor, GSS_S_NO_CONTEXT, GSS_SSPI_E_CALL_SEQUENCE,
                    "the context belongs to the other role");
    if (context->stage == CONTEXT_ESTABLISHED)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CALL_SEQUENCE,
                    "the context is established already");
    if (context->stage == CONTEXT_FAILED)
        return fail(minor, GSS_S_NO_CONTEXT, GSS_SSPI_E_CALL_SEQUENCE,
                    "the logon failed before; delete the context");
    return GSS_S_COMPLETE;
}

void context_establish(struct context *context)
{
    context->stage = CONTEXT_ESTABLISHED;
    context->signer = *context->operations->inner(context);
    context->sealer = context->operations->passes_messages_on ? context->signer : GSS_C_NO_CONTEXT;
}

static OM_uint32 end_step(struct context *context, OM_uint32 major)
{
    if (GSS_ERROR(major))
        context->stage = CONTEXT_FAILED;
    else if (major == GSS_S_COMPLETE)
        context_establish(context);
    return major;
}

OM_uint32 context_initiate(OM_uint32 *minor, struct context *context,
                           const struct initiate_request *request, gss_buffer_t input,
                           gss_buffer_t output)
{
    gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    OM_uint32 major = begin_step(minor, context, true);

    if (GSS_ERROR(major))
        return major;
    return end_step(
        context, context->operations->initiate(
                     minor, context, request, input != GSS_C_NO_BUFFER ? input : &nothing, output));
}

OM_uint32 context_accept(OM_uint32 *minor, struct context *context,
                         const struct accept_request *request, gss_buffer_t input,
                         gss_buffer_t output)
{
    gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    OM_uint32 major = begin_step(minor, context, false);

    if (GSS_ERROR(major))
        return major;
    return end_step(
        context, context->operations->accept(minor, context, request,
                                             input != GSS_C_NO_BUFFER ? input : &nothing, output));
}

void context_delete(struct context **context)
{
    if (*context == NULL)
        return;
    (*context)->operations->destroy(*context);
    *context = NULL;
}
