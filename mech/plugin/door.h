/*
 * The door: every function that the mechglue looks up, by its gss_* name for a mechanism of our own and by
 * its gssi_* alias for the interposer. Nothing is decided in this folder; arguments are checked and
 * calls handed to the code of the context, the credential or the name.
 */
#ifndef MECH_PLUGIN_DOOR_H
#define MECH_PLUGIN_DOOR_H

#include "mech/context.h"
#include "mech/status.h"

/* Defines the interposer's name for a function of the door. */
#define INTERPOSER_ALIAS(gssi_name, gss_name) \
    extern __typeof__(gss_name) gssi_name __attribute__((alias(#gss_name)))

static inline struct context *context_of(gss_ctx_id_t handle)
{
    return (struct context *)handle;
}

static inline struct credential *credential_of(gss_cred_id_t handle)
{
    return (struct credential *)handle;
}

static inline struct name *name_of(gss_name_t handle)
{
    return (struct name *)handle;
}

static inline void clear_buffer(gss_buffer_t buffer)
{
    if (buffer != GSS_C_NO_BUFFER)
        *buffer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
}

/* A context that failed is there to be deleted: MIT's mechglue then has none to ask. */
static inline OM_uint32 check_not_failed(OM_uint32 *minor, const struct context *context)
{
    *minor = 0;
    if (context->stage == CONTEXT_FAILED)
        return fail(minor, GSS_S_NO_CONTEXT, GSS_SSPI_E_CALL_SEQUENCE,
                    "the logon failed before; delete the context");
    return GSS_S_COMPLETE;
}

/* Messages and the like need a context that is established. */
static inline OM_uint32 check_established(OM_uint32 *minor, const struct context *context)
{
    if (context->stage != CONTEXT_ESTABLISHED)
        return fail(minor, GSS_S_NO_CONTEXT, GSS_SSPI_E_CALL_SEQUENCE, "the logon is not finished");
    return GSS_S_COMPLETE;
}

/* Keeps the sentence of a call that was handed to the inner mechanism and failed. */
static inline OM_uint32 from_inner(OM_uint32 *minor, OM_uint32 major, const char *stage)
{
    return GSS_ERROR(major) ? fail_inner(minor, major, *minor, "The inner mechanism", stage)
                            : major;
}

#endif
