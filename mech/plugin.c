/*
 * The one door: every function that the mechglue looks up, by its gss_* name for a mechanism of our
 * own and by its gssi_* alias for the interposer. Nothing is decided here; arguments are checked
 * and calls handed to the context's or the credential's code.
 */
#include "mech/context.h"

#include <stddef.h>
#include <string.h>

#include "asn1/initial_context_token.h"
#include "mech/attributes.h"
#include "mech/credssp/credssp.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"

#pragma GCC visibility push(default)

/* Defines the interposer's name for a function of the door. */
#define INTERPOSER_ALIAS(gssi_name, gss_name) \
    extern __typeof__(gss_name) gssi_name __attribute__((alias(#gss_name)))

static struct context *context_of(gss_ctx_id_t handle)
{
    return (struct context *)handle;
}

static struct credential *credential_of(gss_cred_id_t handle)
{
    return (struct credential *)handle;
}

static struct name *name_of(gss_name_t handle)
{
    return (struct name *)handle;
}

static void clear_buffer(gss_buffer_t buffer)
{
    if (buffer != GSS_C_NO_BUFFER)
        *buffer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
}

/* --- credentials --- */

static OM_uint32 acquire(OM_uint32 *minor, const struct credential_request *request,
                         gss_cred_id_t *handle, gss_OID_set *mechanisms, OM_uint32 *time_rec)
{
    struct credential *credential = NULL;
    OM_uint32 major;

    *handle = GSS_C_NO_CREDENTIAL;
    major = credential_acquire(minor, request, &credential);
    if (!GSS_ERROR(major) && time_rec != NULL)
        major = credential_inquire(minor, credential, NULL, time_rec, NULL);
    if (!GSS_ERROR(major) && mechanisms != NULL)
        major = mechanism_set(minor, GSS_C_NO_OID, mechanisms);
    if (GSS_ERROR(major))
        credential_release(&credential);
    *handle = (gss_cred_id_t)credential;
    return major;
}

OM_uint32 gss_acquire_cred_from(OM_uint32 *minor, gss_name_t desired_name, OM_uint32 time_req,
                                gss_OID_set desired_mechs, gss_cred_usage_t usage,
                                gss_const_key_value_set_t store, gss_cred_id_t *handle,
                                gss_OID_set *actual_mechs, OM_uint32 *time_rec)
{
    const struct credential_request request = {
        .name = name_of(desired_name), .time_req = time_req, .usage = usage, .store = store};

    (void)desired_mechs;
    return acquire(minor, &request, handle, actual_mechs, time_rec);
}
INTERPOSER_ALIAS(gssi_acquire_cred_from, gss_acquire_cred_from);

OM_uint32 gss_acquire_cred(OM_uint32 *minor, gss_name_t desired_name, OM_uint32 time_req,
                           gss_OID_set desired_mechs, gss_cred_usage_t usage, gss_cred_id_t *handle,
                           gss_OID_set *actual_mechs, OM_uint32 *time_rec)
{
    const struct credential_request request = {
        .name = name_of(desired_name), .time_req = time_req, .usage = usage};

    (void)desired_mechs;
    return acquire(minor, &request, handle, actual_mechs, time_rec);
}
INTERPOSER_ALIAS(gssi_acquire_cred, gss_acquire_cred);

OM_uint32 gssspi_acquire_cred_with_password(OM_uint32 *minor, const gss_name_t desired_name,
                                            const gss_buffer_t password, OM_uint32 time_req,
                                            const gss_OID_set desired_mechs, int usage,
                                            gss_cred_id_t *handle, gss_OID_set *actual_mechs,
                                            OM_uint32 *time_rec);
OM_uint32 gssspi_acquire_cred_with_password(OM_uint32 *minor, const gss_name_t desired_name,
                                            const gss_buffer_t password, OM_uint32 time_req,
                                            const gss_OID_set desired_mechs, int usage,
                                            gss_cred_id_t *handle, gss_OID_set *actual_mechs,
                                            OM_uint32 *time_rec)
{
    const struct credential_request request = {.name = name_of(desired_name),
                                               .password = password,
                                               .time_req = time_req,
                                               .usage = (gss_cred_usage_t)usage};

    (void)desired_mechs;
    return acquire(minor, &request, handle, actual_mechs, time_rec);
}
INTERPOSER_ALIAS(gssi_acquire_cred_with_password, gssspi_acquire_cred_with_password);

OM_uint32 gss_release_cred(OM_uint32 *minor, gss_cred_id_t *handle)
{
    struct credential *credential = credential_of(*handle);

    *minor = 0;
    credential_release(&credential);
    *handle = GSS_C_NO_CREDENTIAL;
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_release_cred, gss_release_cred);

OM_uint32 gss_inquire_cred(OM_uint32 *minor, gss_cred_id_t handle, gss_name_t *name,
                           OM_uint32 *lifetime, gss_cred_usage_t *usage, gss_OID_set *mechanisms)
{
    const struct credential_request request = {.usage = GSS_C_INITIATE};
    struct credential *made = NULL;
    OM_uint32 major = GSS_S_COMPLETE;

    if (handle == GSS_C_NO_CREDENTIAL)
        major = credential_acquire(minor, &request, &made);
    if (!GSS_ERROR(major))
        major = credential_inquire(minor, made != NULL ? made : credential_of(handle),
                                   (struct name **)name, lifetime, usage);
    if (!GSS_ERROR(major) && mechanisms != NULL)
        major = mechanism_set(minor, GSS_C_NO_OID, mechanisms);
    credential_release(&made);
    return major;
}
INTERPOSER_ALIAS(gssi_inquire_cred, gss_inquire_cred);

OM_uint32 gss_inquire_cred_by_mech(OM_uint32 *minor, gss_cred_id_t handle, gss_OID mechanism,
                                   gss_name_t *name, OM_uint32 *initiator_lifetime,
                                   OM_uint32 *acceptor_lifetime, gss_cred_usage_t *usage)
{
    OM_uint32 lifetime = 0;
    gss_cred_usage_t own_usage = GSS_C_BOTH;
    OM_uint32 major = gss_inquire_cred(minor, handle, name, &lifetime, &own_usage, NULL);

    (void)mechanism;
    if (GSS_ERROR(major))
        return major;
    if (initiator_lifetime != NULL)
        *initiator_lifetime = own_usage != GSS_C_ACCEPT ? lifetime : 0;
    if (acceptor_lifetime != NULL)
        *acceptor_lifetime = own_usage != GSS_C_INITIATE ? lifetime : 0;
    if (usage != NULL)
        *usage = own_usage;
    return major;
}
INTERPOSER_ALIAS(gssi_inquire_cred_by_mech, gss_inquire_cred_by_mech);

OM_uint32 gss_set_neg_mechs(OM_uint32 *minor, gss_cred_id_t handle, const gss_OID_set mechanisms)
{
    if (handle == GSS_C_NO_CREDENTIAL || mechanisms == GSS_C_NO_OID_SET)
        return fail(minor, GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED, GSS_SSPI_E_BAD_ARGUMENT,
                    NULL);
    return credential_set_neg_mechs(minor, credential_of(handle), mechanisms);
}
INTERPOSER_ALIAS(gssi_set_neg_mechs, gss_set_neg_mechs);

/* --- names --- */

OM_uint32 gss_import_name(OM_uint32 *minor, gss_buffer_t text, gss_OID type, gss_name_t *name)
{
    return name_import(minor, text, type, (struct name **)name);
}
INTERPOSER_ALIAS(gssi_import_name, gss_import_name);

OM_uint32 gss_release_name(OM_uint32 *minor, gss_name_t *name)
{
    *minor = 0;
    name_release((struct name **)name);
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_release_name, gss_release_name);

OM_uint32 gss_display_name(OM_uint32 *minor, gss_name_t name, gss_buffer_t text, gss_OID *type)
{
    return name_display(minor, name_of(name), text, type);
}
INTERPOSER_ALIAS(gssi_display_name, gss_display_name);

OM_uint32 gss_compare_name(OM_uint32 *minor, gss_name_t a, gss_name_t b, int *equal)
{
    return glue_compare_name(minor, name_of(a)->glue, name_of(b)->glue, equal);
}
INTERPOSER_ALIAS(gssi_compare_name, gss_compare_name);

OM_uint32 gss_duplicate_name(OM_uint32 *minor, const gss_name_t name, gss_name_t *copy)
{
    gss_name_t glue = GSS_C_NO_NAME;
    OM_uint32 major = glue_duplicate_name(minor, name_of(name)->glue, &glue);

    return GSS_ERROR(major) ? major : name_adopt(minor, &glue, (struct name **)copy);
}
INTERPOSER_ALIAS(gssi_duplicate_name, gss_duplicate_name);

OM_uint32 gss_export_name(OM_uint32 *minor, const gss_name_t name, gss_buffer_t text)
{
    return name_export(minor, name_of(name), oid_negotiate, text);
}
INTERPOSER_ALIAS(gssi_export_name, gss_export_name);

/* Who a name is on this machine: the inner mechanism's rules decide (auth_to_local, .k5login). */
OM_uint32 gss_localname(OM_uint32 *minor, const gss_name_t name, gss_const_OID mechanism,
                        gss_buffer_t local)
{
    (void)mechanism;
    return glue_localname(minor, name_of(name)->glue, GSS_C_NO_OID, local);
}
INTERPOSER_ALIAS(gssi_localname, gss_localname);

OM_uint32 gssspi_authorize_localname(OM_uint32 *minor, const gss_name_t name,
                                     gss_const_buffer_t user, gss_const_OID user_type);
OM_uint32 gssspi_authorize_localname(OM_uint32 *minor, const gss_name_t name,
                                     gss_const_buffer_t user, gss_const_OID user_type)
{
    gss_name_t local = GSS_C_NO_NAME;
    OM_uint32 ignored;
    OM_uint32 major = glue_import_name(minor, (gss_buffer_t)(uintptr_t)user,
                                       (gss_OID)(uintptr_t)user_type, &local);

    if (GSS_ERROR(major))
        return major;
    major = glue_authorize_localname(minor, name_of(name)->glue, local);
    (void)glue_release_name(&ignored, &local);
    /* MIT's mechglue ends so where Kerberos said no, and compares the names when it hears it of us. */
    if (GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE)
        major = GSS_S_UNAUTHORIZED;
    return major;
}
INTERPOSER_ALIAS(gssi_authorize_localname, gssspi_authorize_localname);

OM_uint32 gss_inquire_names_for_mech(OM_uint32 *minor, gss_OID mechanism, gss_OID_set *types)
{
    (void)mechanism;
    return name_types_inquire(minor, types);
}
INTERPOSER_ALIAS(gssi_inquire_names_for_mech, gss_inquire_names_for_mech);

/* --- making contexts --- */

/* Gives a name to the caller, as a name of ours; it is used up, also on failure. */
static OM_uint32 give_name(OM_uint32 *minor, gss_name_t *own, gss_name_t *given)
{
    if (given == NULL || *own == GSS_C_NO_NAME)
        return GSS_S_COMPLETE;
    return name_adopt(minor, own, (struct name **)given);
}

/* Names of the two sides; either may be NULL. */
static OM_uint32 give_names(OM_uint32 *minor, struct context *context, gss_name_t *initiator,
                            gss_name_t *acceptor)
{
    gss_name_t names[2] = {GSS_C_NO_NAME, GSS_C_NO_NAME};
    OM_uint32 ignored;
    OM_uint32 major;

    if (initiator == NULL && acceptor == NULL)
        return GSS_S_COMPLETE;
    context->operations->names(context, initiator != NULL ? &names[0] : NULL,
                               acceptor != NULL ? &names[1] : NULL);
    if (initiator != NULL)
        *initiator = GSS_C_NO_NAME;
    if (acceptor != NULL)
        *acceptor = GSS_C_NO_NAME;
    major = give_name(minor, &names[0], initiator);
    if (!GSS_ERROR(major))
        major = give_name(minor, &names[1], acceptor);
    if (!GSS_ERROR(major))
        return GSS_S_COMPLETE;
    (void)glue_release_name(&ignored, &names[1]);
    if (initiator != NULL)
        name_release((struct name **)initiator);
    return major;
}

static void give_flags_and_time(struct context *context, gss_OID *mechanism, OM_uint32 *flags,
                                OM_uint32 *lifetime)
{
    struct context_facts facts;

    context->operations->describe(context, &facts);
    if (mechanism != NULL)
        *mechanism = facts.mechanism;
    if (flags != NULL)
        *flags = facts.flags;
    if (lifetime != NULL)
        *lifetime = context->operations->lifetime(context);
}

OM_uint32 gss_init_sec_context(OM_uint32 *minor, gss_cred_id_t credential, gss_ctx_id_t *handle,
                               gss_name_t target, gss_OID mechanism, OM_uint32 flags,
                               OM_uint32 lifetime, gss_channel_bindings_t bindings,
                               gss_buffer_t input, gss_OID *actual_mechanism, gss_buffer_t output,
                               OM_uint32 *ret_flags, OM_uint32 *time_rec)
{
    const struct initiate_request request = {.credential = credential_of(credential),
                                             .target = name_of(target),
                                             .flags = flags,
                                             .lifetime = lifetime,
                                             .bindings = bindings};
    struct context *context = context_of(*handle);
    OM_uint32 major;

    clear_buffer(output);
    if (target == GSS_C_NO_NAME)
        return fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_ARGUMENT, "no target");
    if (context == NULL)
        context = oid_equal(mechanism, oid_credssp)
                      ? credssp_context_create(minor, true)
                      : negotiate_context_create(minor, true, oid_equal(mechanism, oid_spnego));
    if (context == NULL)
        return GSS_S_FAILURE;
    major = context_initiate(minor, context, &request, input, output);
    if (!GSS_ERROR(major))
        give_flags_and_time(context, actual_mechanism, ret_flags, time_rec);
    else if (*handle == GSS_C_NO_CONTEXT)
        context_delete(&context); /* a failed first call leaves nothing behind */
    *handle = (gss_ctx_id_t)context;
    return major;
}
INTERPOSER_ALIAS(gssi_init_sec_context, gss_init_sec_context);

/* The mechglue does not say which mechanism it means: the first token does. */
static struct context *create_acceptor(OM_uint32 *minor, gss_buffer_t input)
{
    struct byte_range oid = BYTE_RANGE_ABSENT;
    struct byte_range inner;

    if (input != GSS_C_NO_BUFFER && input->length != 0 &&
        initial_context_token_decode(byte_range_of(input->value, input->length), &oid, &inner) !=
            DER_OK)
        oid = BYTE_RANGE_ABSENT;
    if (byte_range_equal(oid, oid_range(oid_credssp)))
        return credssp_context_create(minor, false);
    return negotiate_context_create(minor, false, !byte_range_equal(oid, oid_range(oid_negotiate)));
}

/* What a finished acceptor gives its caller besides flags and time. */
static OM_uint32 give_client(OM_uint32 *minor, struct context *context, gss_name_t *source,
                             gss_OID *mechanism, gss_cred_id_t *delegated)
{
    struct context_facts facts;
    OM_uint32 major = GSS_S_COMPLETE;

    context->operations->describe(context, &facts);
    /*
     * The inner mechanism's OID, also with CredSSP: the mechglue wraps a delegated credential up as
     * one of the mechanism's own unless the OID is another, and ours is one of several mechanisms.
     */
    if (mechanism != NULL)
        *mechanism = facts.inner_mechanism;
    if (source != NULL)
        major = give_names(minor, context, source, NULL);
    if (!GSS_ERROR(major) && delegated != NULL)
        *delegated = context->operations->take_delegated(context);
    return major;
}

OM_uint32 gss_accept_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_cred_id_t credential,
                                 gss_buffer_t input, gss_channel_bindings_t bindings,
                                 gss_name_t *source, gss_OID *mechanism, gss_buffer_t output,
                                 OM_uint32 *ret_flags, OM_uint32 *time_rec,
                                 gss_cred_id_t *delegated)
{
    const struct accept_request request = {.credential = credential_of(credential),
                                           .bindings = bindings,
                                           .wants_initiator = source != NULL};
    struct context *context = context_of(*handle);
    OM_uint32 major;

    clear_buffer(output);
    if (source != NULL)
        *source = GSS_C_NO_NAME;
    if (delegated != NULL)
        *delegated = GSS_C_NO_CREDENTIAL;
    if (context == NULL)
        context = create_acceptor(minor, input);
    if (context == NULL)
        return GSS_S_FAILURE;
    major = context_accept(minor, context, &request, input, output);
    if (!GSS_ERROR(major))
        give_flags_and_time(context, mechanism, ret_flags, time_rec);
    if (major == GSS_S_COMPLETE)
        major = give_client(minor, context, source, mechanism, delegated);
    if (GSS_ERROR(major) && *handle == GSS_C_NO_CONTEXT)
        context_delete(&context);
    *handle = (gss_ctx_id_t)context;
    return major;
}
INTERPOSER_ALIAS(gssi_accept_sec_context, gss_accept_sec_context);

OM_uint32 gss_delete_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_buffer_t output)
{
    struct context *context = context_of(*handle);

    *minor = 0;
    clear_buffer(output);
    if (context != NULL && output != GSS_C_NO_BUFFER)
        context->operations->close(context, output);
    context_delete(&context);
    *handle = GSS_C_NO_CONTEXT;
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_delete_sec_context, gss_delete_sec_context);

/* --- asking contexts --- */

OM_uint32 gss_inquire_context(OM_uint32 *minor, gss_ctx_id_t handle, gss_name_t *source,
                              gss_name_t *target, OM_uint32 *lifetime, gss_OID *mechanism,
                              OM_uint32 *flags, int *locally_initiated, int *open)
{
    struct context *context = context_of(handle);
    struct context_facts facts;
    OM_uint32 major;

    *minor = 0;
    major = give_names(minor, context, source, target);
    if (GSS_ERROR(major))
        return major;
    context->operations->describe(context, &facts);
    if (lifetime != NULL)
        *lifetime = context->operations->lifetime(context);
    if (mechanism != NULL)
        *mechanism = facts.mechanism;
    if (flags != NULL)
        *flags = facts.flags;
    if (locally_initiated != NULL)
        *locally_initiated = context->initiator;
    if (open != NULL)
        *open = facts.established;
    return GSS_S_COMPLETE;
}
INTERPOSER_ALIAS(gssi_inquire_context, gss_inquire_context);

/* Messages and the like need a context that is established. */
static OM_uint32 check_established(OM_uint32 *minor, const struct context *context)
{
    if (context->stage != CONTEXT_ESTABLISHED)
        return fail(minor, GSS_S_NO_CONTEXT, GSS_SSPI_E_CALL_SEQUENCE, "the logon is not finished");
    return GSS_S_COMPLETE;
}

/* Keeps the sentence of a call that was handed to the inner mechanism and failed. */
static OM_uint32 from_inner(OM_uint32 *minor, OM_uint32 major, const char *stage)
{
    return GSS_ERROR(major) ? fail_inner(minor, major, *minor, "The inner mechanism", stage)
                            : major;
}

OM_uint32 gss_context_time(OM_uint32 *minor, gss_ctx_id_t handle, OM_uint32 *lifetime)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor,
                      glue_context_time(minor, *context->operations->inner(context), lifetime),
                      "telling how long the context lives");
}
INTERPOSER_ALIAS(gssi_context_time, gss_context_time);

OM_uint32 gss_inquire_sec_context_by_oid(OM_uint32 *minor, const gss_ctx_id_t handle,
                                         const gss_OID object, gss_buffer_set_t *data)
{
    struct context *context = context_of(handle);
    OM_uint32 ignored;
    OM_uint32 major;

    *minor = 0;
    *data = GSS_C_NO_BUFFER_SET;
    major = context->operations->inquire_by_oid(minor, context, object, data);
    if (GSS_ERROR(major))
        (void)glue_release_buffer_set(&ignored, data);
    return major;
}
INTERPOSER_ALIAS(gssi_inquire_sec_context_by_oid, gss_inquire_sec_context_by_oid);

OM_uint32 gss_pseudo_random(OM_uint32 *minor, gss_ctx_id_t handle, int key,
                            const gss_buffer_t input, ssize_t length, gss_buffer_t output)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(
        minor,
        glue_pseudo_random(minor, *context->operations->inner(context), key, input, length, output),
        "deriving a key");
}
INTERPOSER_ALIAS(gssi_pseudo_random, gss_pseudo_random);

/* --- messages --- */

OM_uint32 gss_wrap(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                   gss_buffer_t input, int *conf_state, gss_buffer_t output)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(
        minor, context->operations->wrap(minor, context, conf, qop, input, conf_state, output),
        "sealing a message");
}
INTERPOSER_ALIAS(gssi_wrap, gss_wrap);

OM_uint32 gss_unwrap(OM_uint32 *minor, gss_ctx_id_t handle, gss_buffer_t input, gss_buffer_t output,
                     int *conf_state, gss_qop_t *qop)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor,
                      context->operations->unwrap(minor, context, input, output, conf_state, qop),
                      "opening a message");
}
INTERPOSER_ALIAS(gssi_unwrap, gss_unwrap);

OM_uint32 gss_wrap_size_limit(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                              OM_uint32 output_size, OM_uint32 *input_size)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(
        minor,
        context->operations->wrap_size_limit(minor, context, conf, qop, output_size, input_size),
        "telling how large a message may be");
}
INTERPOSER_ALIAS(gssi_wrap_size_limit, gss_wrap_size_limit);

OM_uint32 gss_get_mic(OM_uint32 *minor, gss_ctx_id_t handle, gss_qop_t qop, gss_buffer_t message,
                      gss_buffer_t token)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    return from_inner(
        minor, glue_get_mic(minor, *context->operations->inner(context), qop, message, token),
        "signing a message");
}
INTERPOSER_ALIAS(gssi_get_mic, gss_get_mic);

OM_uint32 gss_verify_mic(OM_uint32 *minor, gss_ctx_id_t handle, gss_buffer_t message,
                         gss_buffer_t token, gss_qop_t *qop)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    if (token->length < INNER_PROTECTED_MINIMUM)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_TOKEN, "a signature of %zu octets",
                    token->length);
    return from_inner(
        minor, glue_verify_mic(minor, *context->operations->inner(context), message, token, qop),
        "verifying a signature");
}
INTERPOSER_ALIAS(gssi_verify_mic, gss_verify_mic);

/* The inner context for a call on messages in place, which only Negotiate passes on. */
static OM_uint32 inner_for_iov(OM_uint32 *minor, gss_ctx_id_t handle, gss_ctx_id_t *inner)
{
    struct context *context = context_of(handle);
    OM_uint32 major = check_established(minor, context);

    if (GSS_ERROR(major))
        return major;
    if (!context->operations->passes_messages_on)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE, NULL);
    *inner = *context->operations->inner(context);
    return GSS_S_COMPLETE;
}

OM_uint32 gss_wrap_iov(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                       int *conf_state, gss_iov_buffer_desc *iov, int count)
{
    gss_ctx_id_t inner = GSS_C_NO_CONTEXT;
    OM_uint32 major = inner_for_iov(minor, handle, &inner);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor, glue_wrap_iov(minor, inner, conf, qop, conf_state, iov, count),
                      "sealing a message");
}
INTERPOSER_ALIAS(gssi_wrap_iov, gss_wrap_iov);

OM_uint32 gss_unwrap_iov(OM_uint32 *minor, gss_ctx_id_t handle, int *conf_state, gss_qop_t *qop,
                         gss_iov_buffer_desc *iov, int count)
{
    gss_ctx_id_t inner = GSS_C_NO_CONTEXT;
    OM_uint32 major = inner_for_iov(minor, handle, &inner);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor, glue_unwrap_iov(minor, inner, conf_state, qop, iov, count),
                      "opening a message");
}
INTERPOSER_ALIAS(gssi_unwrap_iov, gss_unwrap_iov);

OM_uint32 gss_wrap_iov_length(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                              int *conf_state, gss_iov_buffer_desc *iov, int count)
{
    gss_ctx_id_t inner = GSS_C_NO_CONTEXT;
    OM_uint32 major = inner_for_iov(minor, handle, &inner);

    if (GSS_ERROR(major))
        return major;
    return from_inner(minor, glue_wrap_iov_length(minor, inner, conf, qop, conf_state, iov, count),
                      "measuring a message");
}
INTERPOSER_ALIAS(gssi_wrap_iov_length, gss_wrap_iov_length);

/* --- status, and what can be said without a context --- */

OM_uint32 gss_display_status(OM_uint32 *minor, OM_uint32 value, int type, gss_OID mechanism,
                             OM_uint32 *message_context, gss_buffer_t text)
{
    (void)mechanism;
    clear_buffer(text);
    *message_context = 0;
    if (type != GSS_C_MECH_CODE)
        return GSS_S_BAD_STATUS;
    return status_display(minor, value, text);
}
INTERPOSER_ALIAS(gssi_display_status, gss_display_status);

OM_uint32 gss_indicate_mechs(OM_uint32 *minor, gss_OID_set *mechanisms)
{
    return mechanism_set(minor, GSS_C_NO_OID, mechanisms);
}

OM_uint32 gss_inquire_attrs_for_mech(OM_uint32 *minor, gss_const_OID mechanism,
                                     gss_OID_set *attributes, gss_OID_set *known)
{
    return attributes_inquire(minor, mechanism, attributes, known);
}
INTERPOSER_ALIAS(gssi_inquire_attrs_for_mech, gss_inquire_attrs_for_mech);

OM_uint32 gss_inquire_saslname_for_mech(OM_uint32 *minor, const gss_OID mechanism,
                                        gss_buffer_t sasl_name, gss_buffer_t name,
                                        gss_buffer_t description)
{
    return sasl_name_inquire(minor, mechanism, sasl_name, name, description);
}

OM_uint32 gss_inquire_mech_for_saslname(OM_uint32 *minor, const gss_buffer_t sasl_name,
                                        gss_OID *mechanism)
{
    return sasl_name_find(minor, sasl_name, mechanism);
}

/* Our OIDs are static: this tells gss_release_oid not to free them. */
OM_uint32 gss_internal_release_oid(OM_uint32 *minor, gss_OID *oid);
OM_uint32 gss_internal_release_oid(OM_uint32 *minor, gss_OID *oid)
{
    const gss_OID own[] = {oid_credssp, oid_negotiate, oid_krb5, oid_ntlmssp, oid_spnego};

    *minor = 0;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (*oid == own[i]) {
            *oid = GSS_C_NO_OID;
            return GSS_S_COMPLETE;
        }
    }
    return GSS_S_CONTINUE_NEEDED;
}
INTERPOSER_ALIAS(gssi_internal_release_oid, gss_internal_release_oid);

/* Questions of our own that need no context: gssapi_sspi.h. */
OM_uint32 gssspi_mech_invoke(OM_uint32 *minor, const gss_OID mechanism, const gss_OID object,
                             gss_buffer_t value)
{
    struct gss_sspi_failure failure = last_failure();
    struct policy *policy;
    OM_uint32 major;

    (void)mechanism;
    *minor = 0;
    if (oid_equal(object, GSS_SSPI_LAST_FAILURE)) {
        if (value == GSS_C_NO_BUFFER || value->length != sizeof failure || value->value == NULL)
            return GSS_S_CALL_BAD_STRUCTURE;
        memcpy(value->value, &failure, sizeof failure);
        return GSS_S_COMPLETE;
    }
    if (!oid_equal(object, GSS_SSPI_POLICY) || value == GSS_C_NO_BUFFER)
        return GSS_S_UNAVAILABLE;
    policy = policy_acquire(minor);
    if (policy == NULL)
        return GSS_S_FAILURE;
    major = policy_describe(minor, policy, value);
    policy_release(policy);
    return major;
}

/* What the interposer takes over (the mechglue asks and frees the set). */
gss_OID_set gss_mech_interposer(gss_OID mechanism);
gss_OID_set gss_mech_interposer(gss_OID mechanism)
{
    gss_OID_set set = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    if (!oid_equal(mechanism, oid_interposer) || GSS_ERROR(mechanism_set(&minor, oid_spnego, &set)))
        return GSS_C_NO_OID_SET;
    return set;
}

#pragma GCC visibility pop
