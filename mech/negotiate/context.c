#include <stdlib.h>

#include "gssapi_sspi.h"
#include "mech/inquiry.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"

/*
 * Kerberos tokens with large PACs reach 64 KiB (Windows' MaxTokenSize goes no further), and SPNEGO adds
 * less than this.
 */
#define FRAGMENTS_LIMIT ((size_t)65 * 1024)

static struct negotiate_context *negotiate_of(struct context *context)
{
    return (struct negotiate_context *)context;
}

/*
 * Names are asked of the inner mechanism when somebody wants to know. gss-ntlmssp 1.2.0 is never
 * asked for an acceptor context's target: it dereferences a name that is not there.
 */
static void negotiate_names(struct context *context, gss_name_t *initiator, gss_name_t *acceptor)
{
    struct negotiate_context *negotiate = negotiate_of(context);
    bool has_target = context->initiator || negotiate->kind != INNER_NTLM;
    OM_uint32 ignored;

    if (initiator != NULL)
        *initiator = GSS_C_NO_NAME;
    if (acceptor != NULL)
        *acceptor = GSS_C_NO_NAME;
    if (!negotiate->inner_complete)
        return;
    if (initiator != NULL && negotiate->initiator_name != GSS_C_NO_NAME) {
        *initiator = negotiate->initiator_name;
        negotiate->initiator_name = GSS_C_NO_NAME;
        initiator = NULL;
    }
    if (!has_target)
        acceptor = NULL;
    if (initiator != NULL || acceptor != NULL)
        (void)glue_inquire_context(&ignored, negotiate->inner, initiator, acceptor, NULL, NULL,
                                   NULL, NULL, NULL);
}

static OM_uint32 negotiate_lifetime(struct context *context)
{
    struct negotiate_context *negotiate = negotiate_of(context);
    OM_uint32 lifetime = 0;
    OM_uint32 ignored;

    if (!negotiate->inner_complete ||
        GSS_ERROR(glue_context_time(&ignored, negotiate->inner, &lifetime)))
        return 0;
    return lifetime;
}

static void negotiate_describe(struct context *context, struct context_facts *facts)
{
    struct negotiate_context *negotiate = negotiate_of(context);
    bool in_place_of_spnego = negotiate->caller == NEGOTIATE_IN_PLACE_OF_SPNEGO;
    bool established = context->stage == CONTEXT_ESTABLISHED;

    *facts = (struct context_facts){
        .flags = negotiate->inner_flags,
        .mechanism = !in_place_of_spnego ? oid_negotiate
                     : established       ? inner_oid(negotiate_mechanism(negotiate))
                                         : oid_spnego,
        .inner_mechanism =
            negotiate->inner_complete ? inner_oid(negotiate_mechanism(negotiate)) : GSS_C_NO_OID,
        .established = established,
    };
    /*
     * gss-ntlmssp claims mutual authentication and delegation, which NTLM does not have. MIT's SPNEGO
     * passes that on, and so do we in its place; who asks for us by name is told the truth.
     */
    if (negotiate->kind == INNER_NTLM && !in_place_of_spnego)
        facts->flags &= ~(OM_uint32)(GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG);
    /* Not every mechanism tells that messages are possible once it is done (RFC 2744 5.19). */
    if (established)
        facts->flags |= GSS_C_PROT_READY_FLAG;
    else
        facts->flags &= ~(OM_uint32)(GSS_C_PROT_READY_FLAG | GSS_C_TRANS_FLAG);
}

static OM_uint32 negotiate_take_delegated(OM_uint32 *minor, struct context *context,
                                          gss_cred_id_t *delegated)
{
    struct negotiate_context *negotiate = negotiate_of(context);

    *minor = 0;
    *delegated = negotiate->delegated;
    negotiate->delegated = GSS_C_NO_CREDENTIAL;
    return GSS_S_COMPLETE;
}

static void negotiate_close(struct context *context, gss_buffer_t output)
{
    (void)context;
    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
}

static void negotiate_destroy(struct context *context)
{
    struct negotiate_context *negotiate = negotiate_of(context);
    OM_uint32 ignored;

    inner_restart(negotiate);
    (void)glue_release_cred(&ignored, &negotiate->default_ntlm);
    (void)glue_release_name(&ignored, &negotiate->target);
    byte_buffer_release(&negotiate->fragments);
    mechlist_clear(negotiate);
    policy_release(negotiate->policy);
    free(negotiate);
}

static OM_uint32 negotiate_inquire_by_oid(OM_uint32 *minor, struct context *context,
                                          gss_const_OID object, gss_buffer_set_t *data)
{
    struct negotiate_context *negotiate = negotiate_of(context);

    /*
     * MIT's Kerberos reads through a null pointer when a half-made context is asked (1.20), and no key
     * goes out before the list of mechanisms is known to be the right one.
     */
    if (context->stage != CONTEXT_ESTABLISHED)
        return fail(minor, GSS_S_NO_CONTEXT, GSS_SSPI_E_CALL_SEQUENCE, NULL);
    if (oid_equal(object, GSS_SSPI_INQ_INNER_MECHANISM))
        return inquiry_answer(minor, oid_range(inner_oid(negotiate_mechanism(negotiate))), data);
    return glue_inquire_sec_context_by_oid(minor, negotiate->inner, (gss_OID)(uintptr_t)object,
                                           data);
}

static gss_ctx_id_t *negotiate_inner(struct context *context)
{
    return &negotiate_of(context)->inner;
}

bool negotiate_can_protect(const struct context *context)
{
    const OM_uint32 needed = GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    const struct negotiate_context *negotiate = (const struct negotiate_context *)context;

    return negotiate->inner_complete && (negotiate->inner_flags & needed) == needed;
}

enum inner_kind negotiate_kind(const struct context *context)
{
    return negotiate_mechanism((const struct negotiate_context *)context);
}

OM_uint32 negotiate_conclude(OM_uint32 *minor, struct context *context)
{
    struct negotiate_context *negotiate = negotiate_of(context);

    *minor = 0;
    if (context->stage == CONTEXT_ESTABLISHED)
        return GSS_S_COMPLETE;
    if (context->stage == CONTEXT_FAILED || !context->initiator || !negotiate->inner_complete)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CALL_SEQUENCE, NULL);
    if (negotiate->mic_required && !negotiate->mic_sent)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_MIC_MISSING, NULL);
    negotiate->state = NEGOTIATE_DONE;
    context_establish(context);
    return GSS_S_COMPLETE;
}

static const struct context_operations negotiate_operations = {
    .initiate = negotiate_initiate,
    .accept = negotiate_accept,
    .describe = negotiate_describe,
    .names = negotiate_names,
    .lifetime = negotiate_lifetime,
    .take_delegated = negotiate_take_delegated,
    .close = negotiate_close,
    .destroy = negotiate_destroy,
    .inquire_by_oid = negotiate_inquire_by_oid,
    .inner = negotiate_inner,
    .passes_messages_on = true,
};

struct context *negotiate_context_create(OM_uint32 *minor, bool initiator,
                                         enum negotiate_caller caller)
{
    struct negotiate_context *negotiate = calloc(1, sizeof *negotiate);

    if (negotiate == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    negotiate->policy = policy_acquire(minor);
    if (negotiate->policy == NULL) {
        free(negotiate);
        return NULL;
    }
    negotiate->base = (struct context){.operations = &negotiate_operations, .initiator = initiator};
    negotiate->kind = negotiate->chosen = INNER_NONE;
    negotiate->caller = caller;
    negotiate->fragments.limit = FRAGMENTS_LIMIT;
    return &negotiate->base;
}

struct context *negotiate_context_import(OM_uint32 *minor, gss_buffer_t token,
                                         enum negotiate_caller caller)
{
    struct context *context = negotiate_context_create(minor, false, caller);
    struct negotiate_context *negotiate = (struct negotiate_context *)context;
    gss_OID mechanism = GSS_C_NO_OID;
    int local = 0;
    OM_uint32 major;

    if (context == NULL)
        return NULL;
    major = glue_import_sec_context(minor, token, &negotiate->inner);
    if (!GSS_ERROR(major))
        major = glue_inquire_context(minor, negotiate->inner, NULL, NULL, NULL, &mechanism,
                                     &negotiate->inner_flags, &local, NULL);
    negotiate->kind = inner_from_wire(oid_range(mechanism));
    if (GSS_ERROR(major) || negotiate->kind == INNER_NONE) {
        (void)fail_inner(minor, GSS_S_DEFECTIVE_TOKEN, *minor, "The inner mechanism",
                         "importing the context");
        context_delete(&context);
        return NULL;
    }
    negotiate->inner_complete = true;
    negotiate->state = NEGOTIATE_DONE;
    context->initiator = local != 0;
    context_establish(context);
    return context;
}
