#include "tests/fuzz/credssp_side.h"

#include <stdlib.h>

#include "asn1/initial_context_token.h"
#include "gssapi_sspi.h"
#include "mech/tls_session.h"
#include "tests/mech/exchange.h"

/*
 * What a context may keep of a peer's octets while it is not established: the largest TSRequest
 * and one record behind it, doubled by how buffers grow, and TLS records that are not whole.
 */
#define KEPT_LIMIT ((size_t)512 * 1024)

static struct credential *acceptor_credential;
static struct credential *initiator_credentials[2]; /* by mechanisms */
static struct name *target;

static struct name *import(const char *text, gss_OID type)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    struct name *name = NULL;
    OM_uint32 minor;

    must(name_import(&minor, &buffer, type, &name) == GSS_S_COMPLETE, "a name can be imported");
    return name;
}

static struct credential *acquire(gss_cred_usage_t usage, const char *user, const char *password,
                                  const char *packages)
{
    gss_key_value_element_desc elements[] = {{"password", password}, {"packages", packages}};
    const gss_key_value_set_desc store = {password == NULL   ? 0
                                          : packages == NULL ? 1
                                                             : 2,
                                          elements};
    struct credential_request request = {.usage = usage, .store = &store};
    struct credential *credential = NULL;
    OM_uint32 minor;

    if (user != NULL)
        request.name = import(user, GSS_C_NT_USER_NAME);
    must(credential_acquire(&minor, &request, &credential) == GSS_S_COMPLETE,
         "a credential can be acquired");
    name_release((struct name **)(uintptr_t)&request.name);
    return credential;
}

void credssp_side_prepare(void)
{
    const char *password = realm_variable("REALM_PASSWORD");

    with_options("self_signed_key = ecdsa\n minimum_version = 2");
    negotiate_side_prepare();
    acceptor_credential = acquire(GSS_C_ACCEPT, NULL, NULL, NULL);
    initiator_credentials[SIDE_HAS_ALL] = acquire(GSS_C_INITIATE, "alice", password, NULL);
    initiator_credentials[SIDE_HAS_NTLM] =
        acquire(GSS_C_INITIATE, "EXAMPLE\\alice", password, "ntlm");
    target = import("TERMSRV@localhost", GSS_C_NT_HOSTBASED_SERVICE);
}

static struct credssp_context *inside(const struct credssp_side *side)
{
    return (struct credssp_context *)side->context;
}

bool credssp_side_binds_by_hash(const struct credssp_side *side)
{
    return negotiated_version(inside(side)) >= CREDSSP_HASHED_BINDING;
}

static void check_half_open(const struct credssp_side *side)
{
    struct credssp_context *credssp = inside(side);
    gss_cred_id_t delegated;
    OM_uint32 minor;

    must(credssp->base.operations->take_delegated(&minor, side->context, &delegated) ==
                 GSS_S_COMPLETE &&
             delegated == GSS_C_NO_CREDENTIAL && credssp->credentials_type == 0,
         "nothing is delegated before the end of the logon");
    must(credssp->base.initiator || !secret_is_present(&credssp->credentials),
         "no secret is taken before the end of the logon");
    if (credssp->tls != NULL)
        must(credssp->request.capacity + credssp->tls->kept.capacity +
                     credssp->tls->output.capacity <=
                 KEPT_LIMIT,
             "a half-open context is small");
}

/* The first token without its header. */
static void take_header_off(gss_buffer_t output)
{
    struct byte_range oid, inner;

    must(output->value != NULL &&
             encapsulated_token_decode(byte_range_of(output->value, output->length), &oid,
                                       &inner) == DER_OK,
         "the first token has a header");
    memmove(output->value, inner.data, inner.length);
    output->length = inner.length;
}

OM_uint32 credssp_side_step(struct credssp_side *side, gss_buffer_t input, gss_buffer_t output)
{
    const struct initiate_request initiate = {.credential = initiator_credentials[side->mechanisms],
                                              .target = target,
                                              .flags = GSS_C_DELEG_FLAG};
    const struct accept_request accept = {.credential = acceptor_credential,
                                          .wants_initiator = true};
    bool first = side->context == NULL;
    OM_uint32 minor;

    if (first)
        side->context = credssp_context_create(&minor, side->initiator);
    must(side->context != NULL, "a context can be made");
    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    side->major = side->initiator
                      ? context_initiate(&minor, side->context, &initiate, input, output)
                      : context_accept(&minor, side->context, &accept, input, output);
    check_answer(side->context, side->major, output);
    if (side->major != GSS_S_COMPLETE)
        check_half_open(side);
    if (first && side->initiator)
        take_header_off(output);
    return side->major;
}

/* A step after the last one; an octet, so that it is not refused for being empty. */
static void step_too_many(struct credssp_side *side)
{
    gss_buffer_desc octet = {1, (void *)(uintptr_t) "\x16"};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    enum context_stage stage = side->context->stage;
    OM_uint32 minor;

    must(GSS_ERROR(side->initiator ? context_initiate(&minor, side->context, NULL, &octet, &output)
                                   : context_accept(&minor, side->context, NULL, &octet, &output)),
         "no step follows the last one");
    must(side->context->stage == stage && output.value == NULL, "a step too many changes nothing");
}

void credssp_side_end(struct credssp_side *side)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    gss_buffer_desc closing;
    OM_uint32 minor;

    if (side->context == NULL)
        return;
    if (inside(side)->negotiate != NULL) {
        ask_context(side->context, side->major == GSS_S_COMPLETE, GSS_SSPI_INQ_STREAM_SIZES);
        (void)side->context->operations->inquire_by_oid(&minor, side->context,
                                                        GSS_SSPI_INQ_CREDENTIALS, &data);
        (void)gss_release_buffer_set(&minor, &data);
    }
    if (side->major != GSS_S_CONTINUE_NEEDED)
        step_too_many(side);
    side->context->operations->close(side->context, &closing);
    (void)gss_release_buffer(&minor, &closing);
    context_delete(&side->context);
}
