/* Calls on contexts. */
#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mech/spnego_calls.h"

static gss_OID_desc session_key = {11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05"};
static gss_OID_desc sasl_ssf = {11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x0f"};
static gss_OID_desc ntlm_sequence_number = {11,
                                            (void *)"\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x01"};
static gss_OID_desc nobodys = {4, (void *)"\x2a\x03\x04\x05"};

static gss_buffer_desc message = {11, (void *)"The message"};
static gss_buffer_desc associated = {10, (void *)"beside it."};

/* What no peer sent; long enough for every mechanism to look at it. */
static gss_buffer_desc garbage(void)
{
    static unsigned char octets[64];

    memset(octets, 0x5A, sizeof octets);
    return (gss_buffer_desc){sizeof octets, octets};
}

static void call_wrap(const struct subject *s)
{
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    int conf = -1;

    for (int wanted = 0; wanted < 2; wanted++) {
        if (GSS_ERROR(result_major(
                "wrap", gss_wrap(&minor, s->context, wanted, 0, &message, &conf, &sealed))) ||
            s->peer == GSS_C_NO_CONTEXT)
            continue;
        result("conf=%d length=%zu", conf, sealed.length);
        (void)result_major("unwrap", gss_unwrap(&minor, s->peer, &sealed, &opened, &conf, NULL));
        result("conf=%d", conf);
        result_text("opened", &opened);
    }
}

static void call_unwrap_garbage(const struct subject *s)
{
    gss_buffer_desc input = garbage();
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    (void)result_major("", gss_unwrap(&minor, s->context, &input, &opened, NULL, NULL));
}

static void call_mic(const struct subject *s)
{
    gss_buffer_desc mic = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (GSS_ERROR(result_major("get", gss_get_mic(&minor, s->context, 0, &message, &mic))) ||
        s->peer == GSS_C_NO_CONTEXT)
        return;
    result("length=%zu", mic.length);
    (void)result_major("verify", gss_verify_mic(&minor, s->peer, &message, &mic, NULL));
}

static void call_verify_garbage(const struct subject *s)
{
    gss_buffer_desc input = garbage();
    OM_uint32 minor;

    (void)result_major("", gss_verify_mic(&minor, s->context, &message, &input, NULL));
}

static void call_wrap_size_limit(const struct subject *s)
{
    OM_uint32 size = 0;
    OM_uint32 minor;

    if (!GSS_ERROR(result_major("", gss_wrap_size_limit(&minor, s->context, 1, 0, 1000, &size))))
        result("size=%u", size);
}

static void call_wrap_iov(const struct subject *s)
{
    unsigned char data[] = "in place";
    gss_iov_buffer_desc iov[4] = {
        {GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA, {sizeof data, data}},
        {GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER}};
    OM_uint32 minor;
    int conf = -1;

    (void)result_major("wrap", gss_wrap_iov(&minor, s->context, 1, 0, &conf, iov, 4));
    if (s->peer != GSS_C_NO_CONTEXT) {
        result("header=%zu", iov[0].buffer.length);
        (void)result_major("unwrap", gss_unwrap_iov(&minor, s->peer, &conf, NULL, iov, 4));
        result("conf=%d same=%d", conf, memcmp(data, "in place", sizeof data) == 0);
    }
    (void)gss_release_iov_buffer(&minor, iov, 4);
}

static void call_wrap_iov_length(const struct subject *s)
{
    gss_iov_buffer_desc iov[4] = {{GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER},
                                  {GSS_IOV_BUFFER_TYPE_DATA, message},
                                  {GSS_IOV_BUFFER_TYPE_PADDING, GSS_C_EMPTY_BUFFER},
                                  {GSS_IOV_BUFFER_TYPE_TRAILER, GSS_C_EMPTY_BUFFER}};
    OM_uint32 minor;

    if (!GSS_ERROR(result_major("", gss_wrap_iov_length(&minor, s->context, 1, 0, NULL, iov, 4))))
        result("header=%zu trailer=%zu", iov[0].buffer.length, iov[3].buffer.length);
}

static void call_unwrap_iov_garbage(const struct subject *s)
{
    gss_buffer_desc input = garbage();
    gss_iov_buffer_desc iov[2] = {{GSS_IOV_BUFFER_TYPE_STREAM, input},
                                  {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER}};
    OM_uint32 minor;

    (void)result_major("", gss_unwrap_iov(&minor, s->context, NULL, NULL, iov, 2));
}

static void call_mic_iov(const struct subject *s)
{
    gss_iov_buffer_desc iov[2] = {
        {GSS_IOV_BUFFER_TYPE_DATA, message},
        {GSS_IOV_BUFFER_TYPE_MIC_TOKEN | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER}};
    OM_uint32 minor;

    if (!GSS_ERROR(result_major("get", gss_get_mic_iov(&minor, s->context, 0, iov, 2))) &&
        s->peer != GSS_C_NO_CONTEXT)
        (void)result_major("verify", gss_verify_mic_iov(&minor, s->peer, NULL, iov, 2));
    (void)gss_release_iov_buffer(&minor, iov, 2);
    iov[1].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN;
    iov[1].buffer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    (void)result_major("length", gss_get_mic_iov_length(&minor, s->context, 0, iov, 2));
    result("%zu", iov[1].buffer.length);
}

static void call_aead(const struct subject *s)
{
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    int conf = -1;

    if (GSS_ERROR(result_major("wrap", gss_wrap_aead(&minor, s->context, 1, 0, &associated,
                                                     &message, &conf, &sealed))) ||
        s->peer == GSS_C_NO_CONTEXT)
        return;
    result("conf=%d length=%zu", conf, sealed.length);
    (void)result_major(
        "unwrap", gss_unwrap_aead(&minor, s->peer, &sealed, &associated, &opened, &conf, NULL));
    result("conf=%d", conf);
    result_text("opened", &opened);
    if (GSS_ERROR(gss_wrap_aead(&minor, s->context, 1, 0, &associated, &message, &conf, &sealed)))
        return;
    (void)result_major("other data",
                       gss_unwrap_aead(&minor, s->peer, &sealed, &message, &opened, &conf, NULL));
}

static void call_unwrap_aead_garbage(const struct subject *s)
{
    gss_buffer_desc input = garbage();
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    (void)result_major(
        "", gss_unwrap_aead(&minor, s->context, &input, &associated, &opened, NULL, NULL));
    input.length = 7;
    (void)result_major(
        "short", gss_unwrap_aead(&minor, s->context, &input, &associated, &opened, NULL, NULL));
}

static void call_pseudo_random(const struct subject *s)
{
    gss_buffer_desc mine = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc theirs = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (GSS_ERROR(result_major(
            "", gss_pseudo_random(&minor, s->context, GSS_C_PRF_KEY_FULL, &message, 24, &mine))) ||
        s->peer == GSS_C_NO_CONTEXT)
        return;
    (void)result_major(
        "peer", gss_pseudo_random(&minor, s->peer, GSS_C_PRF_KEY_FULL, &message, 24, &theirs));
    result("length=%zu same=%d", mine.length,
           mine.length == theirs.length && memcmp(mine.value, theirs.value, mine.length) == 0);
}

static void call_context_time(const struct subject *s)
{
    OM_uint32 lifetime = 0;
    OM_uint32 minor;

    if (!GSS_ERROR(result_major("", gss_context_time(&minor, s->context, &lifetime))))
        result_time("for", lifetime);
}

static void call_inquire_context(const struct subject *s)
{
    gss_name_t source = GSS_C_NO_NAME;
    gss_name_t target = GSS_C_NO_NAME;
    OM_uint32 lifetime = 0;
    OM_uint32 flags = 0;
    gss_OID told = GSS_C_NO_OID;
    OM_uint32 minor;
    int local = -1;
    int open = -1;

    if (GSS_ERROR(result_major("", gss_inquire_context(&minor, s->context, &source, &target,
                                                       &lifetime, &told, &flags, &local, &open))))
        return;
    result_name("source", &source);
    result_name("target", &target);
    result_time("for", lifetime);
    result_oid("mechanism", told);
    result_flags("flags", flags, open != 0);
    result("local=%d open=%d", local, open);
}

static void call_inquire_state(const struct subject *s)
{
    gss_OID told = GSS_C_NO_OID;
    OM_uint32 minor;
    int local = -1;
    int open = -1;

    (void)result_major(
        "", gss_inquire_context(&minor, s->context, NULL, NULL, NULL, &told, NULL, &local, &open));
    result_oid("mechanism", told);
    result("local=%d open=%d", local, open);
}

static void call_session_key(const struct subject *s)
{
    gss_buffer_set_t mine = GSS_C_NO_BUFFER_SET;
    gss_buffer_set_t theirs = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    if (GSS_ERROR(result_major(
            "", gss_inquire_sec_context_by_oid(&minor, s->context, &session_key, &mine))))
        return;
    result("buffers=%zu length=%zu", mine->count, mine->elements[0].length);
    if (s->peer == GSS_C_NO_CONTEXT ||
        GSS_ERROR(gss_inquire_sec_context_by_oid(&minor, s->peer, &session_key, &theirs)))
        return;
    result("same=%d", mine->elements[0].length == theirs->elements[0].length &&
                          memcmp(mine->elements[0].value, theirs->elements[0].value,
                                 mine->elements[0].length) == 0);
}

static void call_sasl_ssf(const struct subject *s)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    if (!GSS_ERROR(
            result_major("", gss_inquire_sec_context_by_oid(&minor, s->context, &sasl_ssf, &data))))
        result("length=%zu", data->elements[0].length);
}

static void call_inquire_unknown(const struct subject *s)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    (void)result_major("", gss_inquire_sec_context_by_oid(&minor, s->context, &nobodys, &data));
}

static void call_ticket_flags(const struct subject *s)
{
    krb5_flags flags = 0;
    OM_uint32 minor;

    if (!GSS_ERROR(result_major("", gss_krb5_get_tkt_flags(&minor, s->context, &flags))))
        result("flags=%#x", (unsigned int)flags);
}

static void call_authorization_data(const struct subject *s)
{
    gss_buffer_desc data = GSS_C_EMPTY_BUFFER;
    krb5_timestamp then = 0;
    OM_uint32 minor;

    (void)result_major("data",
                       gsskrb5_extract_authz_data_from_sec_context(&minor, s->context, 128, &data));
    (void)result_major("time",
                       gsskrb5_extract_authtime_from_sec_context(&minor, s->context, &then));
    result("known=%d", then != 0);
}

static void call_set_option(const struct subject *s)
{
    uint32_t number = 5;
    gss_buffer_desc value = {sizeof number, &number};
    gss_ctx_id_t context = s->context;
    OM_uint32 minor;

    (void)result_major("unknown", gss_set_sec_context_option(&minor, &context, &nobodys, &value));
    (void)result_major("NTLM's",
                       gss_set_sec_context_option(&minor, &context, &ntlm_sequence_number, &value));
    result("same=%d", context == s->context);
}

static void call_process_token(const struct subject *s)
{
    gss_buffer_desc input = garbage();
    OM_uint32 minor;

    (void)result_major("", gss_process_context_token(&minor, s->context, &input));
    call_inquire_state(s);
    call_mic(s);
}

static void call_complete_token(const struct subject *s)
{
    gss_buffer_desc input = garbage();
    OM_uint32 minor;

    (void)result_major("", gss_complete_auth_token(&minor, s->context, &input));
    call_mic(s);
}

/* Hands the context on and asks the new one. */
static void call_export(const struct subject *s)
{
    struct subject imported = {.context = GSS_C_NO_CONTEXT, .peer = s->peer};
    gss_ctx_id_t context = s->context;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (GSS_ERROR(result_major("export", gss_export_sec_context(&minor, &context, &token))))
        return;
    result("gone=%d", context == GSS_C_NO_CONTEXT);
    if (GSS_ERROR(
            result_major("import", gss_import_sec_context(&minor, &token, &imported.context))))
        return;
    (void)gss_release_buffer(&minor, &token);
    for (const struct call *call = context_calls; call->name != NULL; call++) {
        if (call->run == call_export)
            break;
        result("\n  %s:", call->name);
        call->run(&imported);
    }
    (void)result_major("\n  again", gss_export_sec_context(&minor, &imported.context, &token));
}

static void call_lucid(const struct subject *s)
{
    gss_ctx_id_t context = s->context;
    gss_krb5_lucid_context_v1_t *lucid = NULL;
    void *given = NULL;
    OM_uint32 minor;

    if (GSS_ERROR(result_major("", gss_krb5_export_lucid_sec_context(&minor, &context, 1, &given))))
        return;
    lucid = given;
    result("gone=%d initiate=%d protocol=%d", context == GSS_C_NO_CONTEXT, (int)lucid->initiate,
           (int)lucid->protocol);
    (void)result_major("free", gss_krb5_free_lucid_sec_context(&minor, given));
}

/* As the other role, or once more. */
static void call_step(const struct subject *s)
{
    gss_ctx_id_t context = s->context;
    gss_buffer_desc input = garbage();
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_name_t target = import_name("HTTP@localhost", GSS_C_NT_HOSTBASED_SERVICE);
    OM_uint32 minor;

    result("init=%d", GSS_ERROR(gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target,
                                                     mechanism, 0, 0, GSS_C_NO_CHANNEL_BINDINGS,
                                                     &input, NULL, &output, NULL, NULL)) != 0);
    result("kept=%d", context == s->context);
    result("accept=%d", GSS_ERROR(gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL,
                                                         &input, GSS_C_NO_CHANNEL_BINDINGS, NULL,
                                                         NULL, &output, NULL, NULL, NULL)) != 0);
    result("kept=%d", context == s->context);
}

static void call_delete(const struct subject *s)
{
    gss_ctx_id_t context = s->context;
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    (void)result_major("", gss_delete_sec_context(&minor, &context, &output));
    result("gone=%d token=%zu", context == GSS_C_NO_CONTEXT, output.length);
}

/* Those behind call_export are not made on an imported context. */
const struct call context_calls[] = {
    {"gss_wrap", call_wrap},
    {"gss_unwrap of garbage", call_unwrap_garbage},
    {"gss_get_mic", call_mic},
    {"gss_verify_mic of garbage", call_verify_garbage},
    {"gss_wrap_size_limit", call_wrap_size_limit},
    {"gss_wrap_iov", call_wrap_iov},
    {"gss_wrap_iov_length", call_wrap_iov_length},
    {"gss_unwrap_iov of garbage", call_unwrap_iov_garbage},
    {"gss_get_mic_iov", call_mic_iov},
    {"gss_wrap_aead", call_aead},
    {"gss_unwrap_aead of garbage", call_unwrap_aead_garbage},
    {"gss_pseudo_random", call_pseudo_random},
    {"gss_context_time", call_context_time},
    {"gss_inquire_context", call_inquire_context},
    {"gss_inquire_context without names", call_inquire_state},
    {"session key", call_session_key},
    {"SASL SSF", call_sasl_ssf},
    {"gss_inquire_sec_context_by_oid of nobody's", call_inquire_unknown},
    {"gss_krb5_get_tkt_flags", call_ticket_flags},
    {"gsskrb5_extract_authz_data_from_sec_context", call_authorization_data},
    {"gss_set_sec_context_option", call_set_option},
    {"gss_process_context_token", call_process_token},
    {"gss_complete_auth_token", call_complete_token},
    {"gss_export_sec_context", call_export},
    {"gss_krb5_export_lucid_sec_context", call_lucid},
    {"another step", call_step},
    {"gss_delete_sec_context", call_delete},
    {NULL, NULL},
};
