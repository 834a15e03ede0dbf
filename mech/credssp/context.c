#include <stdlib.h>

#include "gssapi_sspi.h"
#include "mech/credssp/credssp.h"
#include "mech/inquiry.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"

/* SECPKG_ATTR_SERVER_AUTH_FLAGS: what authenticated the server. */
#define SERVER_AUTHENTICATED_BY_MECHANISM   1u
#define SERVER_AUTHENTICATED_BY_CERTIFICATE 2u

static struct credssp_context *credssp_of(struct context *context)
{
    return (struct credssp_context *)context;
}

struct server_proofs credssp_server_proofs(const struct credssp_context *credssp)
{
    struct context_facts facts;

    credssp->negotiate->operations->describe(credssp->negotiate, &facts);
    return (struct server_proofs){
        .by_mechanism = negotiate_kind(credssp->negotiate) == INNER_KERBEROS &&
                        (facts.flags & GSS_C_MUTUAL_FLAG) != 0,
        .by_certificate = credssp->tls != NULL && tls_server_is_proved(credssp->tls),
    };
}

/* Flags that the logon inside has earned, and those that TLS gives. */
static OM_uint32 flags_of(struct credssp_context *credssp, OM_uint32 inner)
{
    const struct server_proofs proofs = credssp_server_proofs(credssp);
    OM_uint32 flags = inner & (GSS_C_ANON_FLAG | GSS_C_IDENTIFY_FLAG);

    if (proofs.by_mechanism || proofs.by_certificate)
        flags |= GSS_C_MUTUAL_FLAG;
    flags |= GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
    if (credssp->base.stage == CONTEXT_ESTABLISHED || credssp->state == CREDSSP_DONE) {
        flags |= GSS_C_PROT_READY_FLAG;
        if (delegation_happened(credssp))
            flags |= GSS_C_DELEG_FLAG;
    }
    return flags;
}

static void credssp_describe(struct context *context, struct context_facts *facts)
{
    struct credssp_context *credssp = credssp_of(context);

    *facts = (struct context_facts){.mechanism = oid_credssp};
    if (credssp->negotiate == NULL)
        return;
    credssp->negotiate->operations->describe(credssp->negotiate, facts);
    facts->flags = flags_of(credssp, facts->flags);
    facts->mechanism = oid_credssp;
    facts->established = context->stage == CONTEXT_ESTABLISHED;
}

static void credssp_names(struct context *context, gss_name_t *initiator, gss_name_t *acceptor)
{
    struct credssp_context *credssp = credssp_of(context);

    if (initiator != NULL)
        *initiator = GSS_C_NO_NAME;
    if (acceptor != NULL)
        *acceptor = GSS_C_NO_NAME;
    if (credssp->negotiate != NULL)
        credssp->negotiate->operations->names(credssp->negotiate, initiator, acceptor);
}

static OM_uint32 credssp_lifetime(struct context *context)
{
    struct credssp_context *credssp = credssp_of(context);

    return credssp->negotiate != NULL ? credssp->negotiate->operations->lifetime(credssp->negotiate)
                                      : 0;
}

static void credssp_close(struct context *context, gss_buffer_t output)
{
    struct credssp_context *credssp = credssp_of(context);

    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (credssp->tls == NULL)
        return;
    tls_close(credssp->tls);
    tls_take_output(credssp->tls, output);
}

/*
 * The peer's gss_delete_sec_context: close_notify, and behind it nothing. The context stays, so that the
 * caller can still ask it who the peer was.
 */
static OM_uint32 credssp_process_token(OM_uint32 *minor, struct context *context,
                                       struct byte_range token)
{
    struct credssp_context *credssp = credssp_of(context);
    enum tls_progress progress;
    unsigned char octet;
    size_t length;
    bool rest;

    tls_lock(credssp->tls);
    tls_lend(credssp->tls, token);
    progress = tls_read(minor, credssp->tls, &octet, sizeof octet, &length);
    rest = tls_has_unread(credssp->tls);
    (void)tls_keep_rest(credssp->tls);
    tls_unlock(credssp->tls);
    if (progress == TLS_CLOSED && !rest)
        return GSS_S_COMPLETE;
    if (progress == TLS_FAILED)
        return GSS_S_DEFECTIVE_TOKEN;
    return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                "it is not the token of gss_delete_sec_context");
}

static void credssp_destroy(struct context *context)
{
    struct credssp_context *credssp = credssp_of(context);

    tls_delete(&credssp->tls);
    server_check_release(&credssp->server_check);
    client_check_release(&credssp->client_check);
    certificate_source_release(&credssp->client_certificate);
    context_delete(&credssp->negotiate);
    policy_release(credssp->policy);
    byte_buffer_release(&credssp->request);
    secret_release(&credssp->credentials);
    free(credssp->target);
    free(credssp);
}

static OM_uint32 answer_text(OM_uint32 *minor, const char *text, gss_buffer_set_t *data)
{
    return inquiry_answer(minor, byte_range_of(text, strlen(text)), data);
}

static OM_uint32 answer_number(OM_uint32 *minor, uint32_t number, gss_buffer_set_t *data)
{
    return inquiry_answer(minor, byte_range_of(&number, sizeof number), data);
}

static OM_uint32 answer_stream_sizes(OM_uint32 *minor, const struct credssp_context *credssp,
                                     gss_buffer_set_t *data)
{
    struct gss_sspi_stream_sizes answer;
    struct tls_sizes sizes;

    tls_lock(credssp->tls);
    sizes = tls_sizes(credssp->tls);
    tls_unlock(credssp->tls);
    answer =
        (struct gss_sspi_stream_sizes){(uint32_t)sizes.header, (uint32_t)sizes.trailer,
                                       (uint32_t)sizes.maximum_message, (uint32_t)sizes.block_size};
    return inquiry_answer(minor, byte_range_of(&answer, sizeof answer), data);
}

static OM_uint32 answer_binding(OM_uint32 *minor, const struct credssp_context *credssp,
                                enum tls_binding kind, gss_buffer_set_t *data)
{
    gss_buffer_desc binding = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored;
    OM_uint32 major;

    tls_lock(credssp->tls);
    major = tls_channel_binding(minor, credssp->tls, kind, &binding);
    tls_unlock(credssp->tls);
    if (!GSS_ERROR(major))
        major = inquiry_answer(minor, byte_range_of(binding.value, binding.length), data);
    (void)glue_release_buffer(&ignored, &binding);
    return major;
}

static OM_uint32 answer_certificate(OM_uint32 *minor, struct byte_range certificate,
                                    gss_buffer_set_t *data)
{
    if (!byte_range_is_present(certificate))
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE, "no certificate was shown");
    return inquiry_answer(minor, certificate, data);
}

static OM_uint32 answer_certificate_status(OM_uint32 *minor, const struct credssp_context *credssp,
                                           gss_buffer_set_t *data)
{
    if (!byte_range_is_present(tls_peer_certificate(credssp->tls)))
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE, "no certificate was shown");
    return answer_number(minor,
                         tls_peer_is_proved(credssp->tls) ? GSS_SSPI_CERTIFICATE_ACCEPTED
                                                          : GSS_SSPI_CERTIFICATE_UNVERIFIED,
                         data);
}

/* What proved the server to this side. */
static OM_uint32 answer_server_authentication(OM_uint32 *minor,
                                              const struct credssp_context *credssp,
                                              gss_buffer_set_t *data)
{
    const struct server_proofs proofs = credssp_server_proofs(credssp);
    uint32_t answer = 0;

    if (proofs.by_mechanism)
        answer |= SERVER_AUTHENTICATED_BY_MECHANISM;
    if (proofs.by_certificate)
        answer |= SERVER_AUTHENTICATED_BY_CERTIFICATE;
    return answer_number(minor, answer, data);
}

static OM_uint32 credssp_inquire_by_oid(OM_uint32 *minor, struct context *context,
                                        gss_const_OID object, gss_buffer_set_t *data)
{
    struct credssp_context *credssp = credssp_of(context);
    OM_uint32 major;

    if (context->stage != CONTEXT_ESTABLISHED)
        return fail(minor, GSS_S_NO_CONTEXT, GSS_SSPI_E_CALL_SEQUENCE, NULL);
    if (oid_equal(object, GSS_SSPI_INQ_TLS_VERSION))
        return answer_text(minor, tls_version_name(credssp->tls), data);
    if (oid_equal(object, GSS_SSPI_INQ_TLS_CIPHER_SUITE))
        return answer_text(minor, tls_cipher_suite_name(credssp->tls), data);
    if (oid_equal(object, GSS_SSPI_INQ_CREDSSP_VERSION))
        return answer_number(minor, negotiated_version(credssp), data);
    if (oid_equal(object, GSS_SSPI_INQ_STREAM_SIZES))
        return answer_stream_sizes(minor, credssp, data);
    if (delegation_answers(minor, credssp, object, data, &major))
        return major;
    if (oid_equal(object, GSS_SSPI_INQ_PEER_CERTIFICATE))
        return answer_certificate(minor, tls_peer_certificate(credssp->tls), data);
    if (oid_equal(object, GSS_SSPI_INQ_PEER_CERTIFICATE_STATUS))
        return answer_certificate_status(minor, credssp, data);
    if (oid_equal(object, GSS_SSPI_INQ_OWN_CERTIFICATE))
        return answer_certificate(minor, tls_own_certificate(credssp->tls), data);
    if (oid_equal(object, GSS_SSPI_INQ_TLS_SERVER_END_POINT))
        return answer_binding(minor, credssp, TLS_BINDING_SERVER_END_POINT, data);
    if (oid_equal(object, GSS_SSPI_INQ_TLS_UNIQUE))
        return answer_binding(minor, credssp, TLS_BINDING_UNIQUE, data);
    if (oid_equal(object, GSS_SSPI_INQ_TLS_EXPORTER))
        return answer_binding(minor, credssp, TLS_BINDING_EXPORTER, data);
    if (oid_equal(object, GSS_SSPI_INQ_SERVER_AUTH_FLAGS))
        return answer_server_authentication(minor, credssp, data);
    if (oid_equal(object, GSS_C_INQ_SSPI_SESSION_KEY))
        return keys_answer_session_key(minor, credssp, data);
    /* The name of the inner mechanism, Kerberos' own questions. */
    return credssp->negotiate->operations->inquire_by_oid(minor, credssp->negotiate, object, data);
}

static gss_ctx_id_t *credssp_inner(struct context *context)
{
    struct credssp_context *credssp = credssp_of(context);

    return credssp->negotiate->operations->inner(credssp->negotiate);
}

static const struct context_operations credssp_operations = {
    .initiate = credssp_initiate,
    .accept = credssp_accept,
    .describe = credssp_describe,
    .names = credssp_names,
    .lifetime = credssp_lifetime,
    .take_delegated = delegation_take,
    .close = credssp_close,
    .process_token = credssp_process_token,
    .destroy = credssp_destroy,
    .wrap = credssp_wrap,
    .unwrap = credssp_unwrap,
    .wrap_size_limit = credssp_wrap_size_limit,
    .wrap_iov = credssp_wrap_iov,
    .unwrap_iov = credssp_unwrap_iov,
    .wrap_iov_length = credssp_wrap_iov_length,
    .inquire_by_oid = credssp_inquire_by_oid,
    .pseudo_random = credssp_pseudo_random,
    .inner = credssp_inner,
    .passes_messages_on = false,
};

struct context *credssp_context_create(OM_uint32 *minor, bool initiator)
{
    struct credssp_context *credssp = calloc(1, sizeof *credssp);

    if (credssp == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    credssp->policy = policy_acquire(minor);
    if (credssp->policy == NULL) {
        free(credssp);
        return NULL;
    }
    credssp->base = (struct context){.operations = &credssp_operations, .initiator = initiator};
    credssp->request.limit = (size_t)1 << 20; /* request.c keeps it far below */
    return &credssp->base;
}
