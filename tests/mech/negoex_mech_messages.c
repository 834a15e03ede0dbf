/*
 * The NegoEx test mechanism: messages, names, credentials and questions. Signatures are HMACs with a
 * key that everybody knows; sealed messages are readable.
 */
#include "tests/mech/negoex_mech.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#define MIC_OCTETS 32

/* --- messages --- */

/* The signature of the next message of a direction. */
static bool sign(const struct test_context *context, bool of_initiator, uint32_t number,
                 gss_buffer_t message, unsigned char mic[MIC_OCTETS])
{
    unsigned char key[] = {context->letter,
                           of_initiator,
                           (unsigned char)(number >> 24),
                           (unsigned char)(number >> 16),
                           (unsigned char)(number >> 8),
                           (unsigned char)number};

    return gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, sizeof key, message->value, message->length,
                            mic) == 0;
}

static bool check(struct test_context *context, gss_buffer_t message, const unsigned char *mic)
{
    unsigned char due[MIC_OCTETS];

    return sign(context, !context->initiator, context->received++, message, due) &&
           memcmp(mic, due, sizeof due) == 0;
}

/* Not called gss_get_mic(): that name would be the mechglue's. */
static bool sign_next(gss_ctx_id_t handle, gss_buffer_t message, unsigned char mic[MIC_OCTETS])
{
    struct test_context *context = (struct test_context *)handle;

    return sign(context, context->initiator, context->sent++, message, mic);
}

EXPORT OM_uint32 gss_get_mic(OM_uint32 *minor, gss_ctx_id_t handle, gss_qop_t qop,
                             gss_buffer_t message, gss_buffer_t mic)
{
    (void)qop;
    *minor = 0;
    mic->value = malloc(MIC_OCTETS);
    mic->length = MIC_OCTETS;
    return mic->value != NULL && sign_next(handle, message, mic->value) ? GSS_S_COMPLETE
                                                                        : GSS_S_FAILURE;
}

EXPORT OM_uint32 gss_verify_mic(OM_uint32 *minor, gss_ctx_id_t handle, gss_buffer_t message,
                                gss_buffer_t mic, gss_qop_t *qop)
{
    *minor = 0;
    if (qop != NULL)
        *qop = GSS_C_QOP_DEFAULT;
    return mic->length == MIC_OCTETS && check((struct test_context *)handle, message, mic->value)
               ? GSS_S_COMPLETE
               : GSS_S_BAD_SIG;
}

EXPORT OM_uint32 gss_wrap(OM_uint32 *minor, gss_ctx_id_t handle, int conf, gss_qop_t qop,
                          gss_buffer_t message, int *conf_state, gss_buffer_t output)
{
    unsigned char *octets = malloc(MIC_OCTETS + 1 + message->length);

    (void)qop;
    *minor = 0;
    if (octets == NULL || !sign_next(handle, message, octets)) {
        free(octets);
        return GSS_S_FAILURE;
    }
    octets[MIC_OCTETS] = conf != 0;
    memcpy(octets + MIC_OCTETS + 1, message->value, message->length);
    *output = (gss_buffer_desc){MIC_OCTETS + 1 + message->length, octets};
    if (conf_state != NULL)
        *conf_state = conf;
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gss_unwrap(OM_uint32 *minor, gss_ctx_id_t handle, gss_buffer_t input,
                            gss_buffer_t message, int *conf_state, gss_qop_t *qop)
{
    unsigned char *octets = input->value;

    *minor = 0;
    if (input->length < MIC_OCTETS + 1)
        return GSS_S_DEFECTIVE_TOKEN;
    message->length = input->length - MIC_OCTETS - 1;
    message->value = malloc(message->length + 1);
    if (message->value == NULL)
        return GSS_S_FAILURE;
    memcpy(message->value, octets + MIC_OCTETS + 1, message->length);
    if (conf_state != NULL)
        *conf_state = octets[MIC_OCTETS];
    if (qop != NULL)
        *qop = GSS_C_QOP_DEFAULT;
    return check((struct test_context *)handle, message, octets) ? GSS_S_COMPLETE : GSS_S_BAD_SIG;
}

/* --- names: a text --- */

EXPORT OM_uint32 gss_import_name(OM_uint32 *minor, gss_buffer_t text, gss_OID type,
                                 gss_name_t *name)
{
    (void)type;
    *minor = 0;
    *name = (gss_name_t)strndup(text->value, text->length);
    return *name != GSS_C_NO_NAME ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

EXPORT OM_uint32 gss_display_name(OM_uint32 *minor, gss_name_t name, gss_buffer_t text,
                                  gss_OID *type)
{
    *minor = 0;
    text->value = strdup((const char *)name);
    text->length = text->value != NULL ? strlen(text->value) : 0;
    if (type != NULL)
        *type = GSS_C_NT_USER_NAME;
    return text->value != NULL ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

EXPORT OM_uint32 gss_release_name(OM_uint32 *minor, gss_name_t *name)
{
    *minor = 0;
    free(*name);
    *name = GSS_C_NO_NAME;
    return GSS_S_COMPLETE;
}

/* --- credentials: there, or not --- */

static OM_uint32 acquire(OM_uint32 *minor, gss_OID_set mechanisms, gss_cred_id_t *credential)
{
    static int everybody;

    *minor = 0;
    if (mechanisms != GSS_C_NO_OID_SET && mechanisms->count == 1) {
        const unsigned char *octets = mechanisms->elements[0].elements;

        if (negoex_mech_is_named("NEGOEX_NO_CRED", octets[mechanisms->elements[0].length - 1])) {
            *minor = MINOR_REFUSED;
            return GSS_S_NO_CRED;
        }
    }
    *credential = (gss_cred_id_t)&everybody;
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gss_acquire_cred(OM_uint32 *minor, gss_name_t name, OM_uint32 lifetime,
                                  gss_OID_set mechanisms, gss_cred_usage_t usage,
                                  gss_cred_id_t *credential, gss_OID_set *actual,
                                  OM_uint32 *time_rec)
{
    (void)name, (void)lifetime, (void)usage, (void)actual;
    if (time_rec != NULL)
        *time_rec = GSS_C_INDEFINITE;
    return acquire(minor, mechanisms, credential);
}

EXPORT OM_uint32 gss_release_cred(OM_uint32 *minor, gss_cred_id_t *credential)
{
    *minor = 0;
    *credential = GSS_C_NO_CREDENTIAL;
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gss_inquire_cred(OM_uint32 *minor, gss_cred_id_t credential, gss_name_t *name,
                                  OM_uint32 *lifetime, gss_cred_usage_t *usage,
                                  gss_OID_set *mechanisms)
{
    (void)credential;
    *minor = 0;
    if (name != NULL)
        *name = (gss_name_t)strdup("client");
    if (lifetime != NULL)
        *lifetime = GSS_C_INDEFINITE;
    if (usage != NULL)
        *usage = GSS_C_BOTH;
    if (mechanisms != NULL)
        *mechanisms = GSS_C_NO_OID_SET;
    return GSS_S_COMPLETE;
}

/* --- questions --- */

EXPORT OM_uint32 gss_inquire_context(OM_uint32 *minor, gss_ctx_id_t handle, gss_name_t *source,
                                     gss_name_t *target, OM_uint32 *lifetime, gss_OID *mechanism,
                                     OM_uint32 *flags, int *local, int *open)
{
    const struct test_context *context = (const struct test_context *)handle;

    *minor = 0;
    if (source != NULL)
        *source = (gss_name_t)strdup("client");
    if (target != NULL)
        *target = (gss_name_t)strdup("server");
    if (lifetime != NULL)
        *lifetime = GSS_C_INDEFINITE;
    if (mechanism != NULL)
        *mechanism = negoex_mech_oid(context->letter);
    if (flags != NULL)
        *flags = negoex_mech_flags(context);
    if (local != NULL)
        *local = context->initiator;
    if (open != NULL)
        *open = context->hops == 0;
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gss_context_time(OM_uint32 *minor, gss_ctx_id_t handle, OM_uint32 *lifetime)
{
    (void)handle;
    *minor = 0;
    *lifetime = GSS_C_INDEFINITE;
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gss_display_status(OM_uint32 *minor, OM_uint32 value, int type, gss_OID mechanism,
                                    OM_uint32 *more, gss_buffer_t text)
{
    const char *words = value == MINOR_REFUSED    ? "the test mechanism refuses"
                        : value == MINOR_REPORTED ? "the test mechanism of the acceptor refused"
                                                  : NULL;

    (void)mechanism;
    *minor = 0;
    *more = 0;
    if (type != GSS_C_MECH_CODE || words == NULL)
        return GSS_S_BAD_STATUS;
    text->value = strdup(words);
    text->length = text->value != NULL ? strlen(words) : 0;
    return GSS_S_COMPLETE;
}
