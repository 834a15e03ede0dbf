#include "tests/mech/exchange.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const gss_OID_desc spnego_oid = {6, (void *)(uintptr_t) "\x2b\x06\x01\x05\x05\x02"};
const gss_OID_desc krb5_oid = {9, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
const gss_OID_desc ntlm_oid = {10, (void *)(uintptr_t) "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"};

gss_cred_id_t exported_copy(gss_cred_id_t *credential)
{
    gss_cred_id_t copy = GSS_C_NO_CREDENTIAL;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_export_cred(&minor, *credential, &token), GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_import_cred(&minor, &token, &copy), GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, &token);
    (void)gss_release_cred(&minor, credential);
    return copy;
}

const char *realm_variable(const char *name)
{
    const char *value = getenv(name);

    ck_assert_msg(value != NULL, "%s is not set: run this test by tests/realm/with-realm", name);
    return value;
}

void without_tickets(void)
{
    ck_assert_int_eq(setenv("KRB5CCNAME", "MEMORY:empty", 1), 0);
}

void with_options(const char *lines)
{
    char path[512];
    char both[1024];
    FILE *file;
    int descriptor;

    (void)snprintf(path, sizeof path, "%s/options-XXXXXX", realm_variable("REALM_DIR"));
    descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    file = fdopen(descriptor, "w");
    ck_assert(file != NULL);
    ck_assert_int_gt(fprintf(file, "[appdefaults]\n gss-sspi = {\n%s\n }\n", lines), 0);
    ck_assert_int_eq(fclose(file), 0);
    /* The first file that has an option wins. */
    (void)snprintf(both, sizeof both, "%s:%s", path, realm_variable("KRB5_CONFIG"));
    ck_assert_int_eq(setenv("KRB5_CONFIG", both, 1), 0);
}

static gss_name_t import(const char *text, gss_OID type)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_import_name(&minor, &buffer, type, &name), GSS_S_COMPLETE);
    return name;
}

static void client_call(struct exchange *x, gss_name_t target, gss_buffer_t input,
                        gss_buffer_t output)
{
    x->client_major =
        gss_init_sec_context(&x->client_minor, x->client_credential, &x->client, target,
                             (gss_OID)(uintptr_t)x->mechanism, x->flags, 0, x->client_bindings,
                             input, &x->client_mechanism, output, &x->client_flags, NULL);
}

static void server_call(struct exchange *x, gss_buffer_t input, gss_buffer_t output)
{
    gss_name_t source = GSS_C_NO_NAME;
    gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (x->server == GSS_C_NO_CONTEXT && x->server_header != GSS_C_NO_OID) {
        ck_assert_uint_eq(gss_encapsulate_token(input, x->server_header, &framed), GSS_S_COMPLETE);
        input = &framed;
    }
    x->server_major = gss_accept_sec_context(
        &x->server_minor, &x->server, x->server_credential, input, x->server_bindings, &source,
        &x->server_mechanism, output, &x->server_flags, NULL, &delegated);
    if (source != GSS_C_NO_NAME)
        x->source = source;
    if (delegated != GSS_C_NO_CREDENTIAL)
        x->delegated = delegated;
    (void)gss_release_buffer(&minor, &framed);
}

/* Takes the next piece off *rest. */
static gss_buffer_desc next_piece(const struct exchange *x, gss_buffer_t rest)
{
    gss_buffer_desc piece = *rest;

    if (x->piece != 0 && piece.length > x->piece)
        piece.length = x->piece;
    rest->length -= piece.length;
    if (rest->length != 0)
        rest->value = (char *)rest->value + piece.length;
    return piece;
}

static void step_client(struct exchange *x, gss_name_t target, gss_buffer_t input,
                        gss_buffer_t output)
{
    gss_buffer_desc rest = *input;
    gss_buffer_desc piece = next_piece(x, &rest);

    client_call(x, target, &piece, output);
    while (rest.length != 0 && x->client_major == GSS_S_CONTINUE_NEEDED) {
        ck_assert_uint_eq(output->length, 0);
        piece = next_piece(x, &rest);
        client_call(x, target, &piece, output);
    }
    if (x->on_question == NULL || x->client_major != GSS_S_CONTINUE_NEEDED ||
        x->client_minor != GSS_SSPI_CERTIFICATE_WANTED)
        return;
    ck_assert_uint_eq(output->length, 0);
    x->on_question(x);
    client_call(x, target, &rest, output);
}

static void step_server(struct exchange *x, gss_buffer_t input, gss_buffer_t output)
{
    gss_buffer_desc rest = *input;
    gss_buffer_desc piece = next_piece(x, &rest);

    server_call(x, &piece, output);
    while (rest.length != 0 && x->server_major == GSS_S_CONTINUE_NEEDED) {
        ck_assert_uint_eq(output->length, 0);
        piece = next_piece(x, &rest);
        server_call(x, &piece, output);
    }
}

/* The client's first input that no server made; gss_release_buffer() frees it. */
static gss_buffer_desc copy_hint(const struct exchange *x)
{
    gss_buffer_desc copy = {x->hint.length, malloc(x->hint.length)};

    ck_assert_ptr_nonnull(copy.value);
    memcpy(copy.value, x->hint.value, copy.length);
    return copy;
}

static void deliver(struct exchange *x, gss_buffer_t token)
{
    x->tokens++;
    x->octets += token->length;
    if (x->on_token != NULL)
        x->on_token(x, x->argument, token);
}

struct exchange negotiate_exchange(void)
{
    return (struct exchange){.mechanism = GSS_SSPI_MECH_NEGOTIATE,
                             .target = "host@localhost",
                             .flags = NEGOTIATE_FLAGS,
                             .server_header = GSS_SSPI_MECH_NEGOTIATE};
}

bool exchange_run(struct exchange *x)
{
    gss_name_t target = import(x->target, GSS_C_NT_HOSTBASED_SERVICE);
    gss_buffer_desc to_server = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc to_client = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    bool done;

    x->client_major = x->server_major = GSS_S_CONTINUE_NEEDED;
    if (x->server_first)
        step_server(x, &to_server, &to_client);
    else if (x->hint.length != 0)
        to_client = copy_hint(x);
    while (x->tokens < EXCHANGE_MAX_TOKENS) {
        if (x->client_major == GSS_S_CONTINUE_NEEDED) {
            step_client(x, target, &to_client, &to_server);
            (void)gss_release_buffer(&minor, &to_client);
        }
        if (GSS_ERROR(x->client_major) || GSS_ERROR(x->server_major))
            break;
        if (x->server_major == GSS_S_COMPLETE && to_server.length == 0)
            break;
        x->to_server = true;
        deliver(x, &to_server);
        if (x->server_major == GSS_S_COMPLETE)
            break; /* a token for a side that is done */
        step_server(x, &to_server, &to_client);
        (void)gss_release_buffer(&minor, &to_server);
        if (GSS_ERROR(x->server_major) && to_client.length == 0)
            break;
        if (x->client_major == GSS_S_COMPLETE)
            break;
        x->to_server = false;
        deliver(x, &to_client);
    }
    (void)gss_release_name(&minor, &target);
    done = x->client_major == GSS_S_COMPLETE && x->server_major == GSS_S_COMPLETE &&
           to_server.length == 0 && to_client.length == 0;
    (void)gss_release_buffer(&minor, &to_server);
    (void)gss_release_buffer(&minor, &to_client);
    return done;
}

void exchange_reset(struct exchange *x)
{
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &x->client, GSS_C_NO_BUFFER);
    (void)gss_delete_sec_context(&minor, &x->server, GSS_C_NO_BUFFER);
    (void)gss_release_name(&minor, &x->source);
    (void)gss_release_cred(&minor, &x->delegated);
    x->tokens = 0;
    x->octets = 0;
}

static void check_wrap(gss_ctx_id_t from, gss_ctx_id_t to, const char *text, int conf)
{
    gss_buffer_desc message = {strlen(text), (void *)(uintptr_t)text};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    int sent_conf = -1;
    int received_conf = -1;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_wrap(&minor, from, conf, 0, &message, &sent_conf, &sealed),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_unwrap(&minor, to, &sealed, &opened, &received_conf, NULL),
                      GSS_S_COMPLETE);
    ck_assert_int_eq(sent_conf, received_conf);
    ck_assert_uint_eq(opened.length, message.length);
    ck_assert_mem_eq(opened.value, text, message.length);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &opened);
}

static void check_mic(gss_ctx_id_t from, gss_ctx_id_t to, const char *text)
{
    gss_buffer_desc message = {strlen(text), (void *)(uintptr_t)text};
    gss_buffer_desc other = {strlen(text) - 1, (void *)(uintptr_t)text};
    gss_buffer_desc mic = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_get_mic(&minor, from, 0, &message, &mic), GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_verify_mic(&minor, to, &message, &mic, NULL), GSS_S_COMPLETE);
    ck_assert(GSS_ERROR(gss_verify_mic(&minor, to, &other, &mic, NULL)));
    (void)gss_release_buffer(&minor, &mic);
}

void exchange_check_messages(struct exchange *x)
{
    check_wrap(x->client, x->server, "from the client", 1);
    check_wrap(x->server, x->client, "from the server", 1);
    check_wrap(x->client, x->server, "and again, another length", 1);
    check_mic(x->client, x->server, "signed by the client");
}

static void append_status(char *text, size_t size, OM_uint32 value, int type)
{
    gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
    OM_uint32 more = 0;
    OM_uint32 minor;
    size_t used = strlen(text);

    if (GSS_ERROR(gss_display_status(&minor, value, type, GSS_C_NO_OID, &more, &message)))
        return;
    (void)snprintf(text + used, size - used, "%s%.*s", used != 0 ? " / " : "", (int)message.length,
                   (const char *)message.value);
    (void)gss_release_buffer(&minor, &message);
}

const char *status_text(OM_uint32 major, OM_uint32 minor)
{
    static char text[2048];

    text[0] = '\0';
    append_status(text, sizeof text, major, GSS_C_GSS_CODE);
    if (minor != 0)
        append_status(text, sizeof text, minor, GSS_C_MECH_CODE);
    return text;
}

gss_cred_id_t password_credential(gss_const_OID mechanism, const char *user, const char *password)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)mechanism};
    gss_buffer_desc secret = {strlen(password), (void *)(uintptr_t)password};
    gss_name_t name = import(user, GSS_C_NT_USER_NAME);
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;
    OM_uint32 major =
        gss_acquire_cred_with_password(&minor, name, &secret, GSS_C_INDEFINITE, &mechanisms,
                                       GSS_C_INITIATE, &credential, NULL, NULL);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    (void)gss_release_name(&minor, &name);
    return credential;
}

gss_cred_id_t store_credential(gss_const_OID mechanism, gss_cred_usage_t usage, const char *user,
                               ...)
{
    gss_key_value_element_desc elements[8];
    gss_key_value_set_desc store = {0, elements};
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)mechanism};
    gss_name_t name = user != NULL ? import(user, GSS_C_NT_USER_NAME) : GSS_C_NO_NAME;
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;
    const char *key;
    va_list arguments;

    va_start(arguments, user);
    while ((key = va_arg(arguments, const char *)) != NULL) {
        ck_assert_uint_lt(store.count, 8);
        elements[store.count].key = key;
        elements[store.count++].value = va_arg(arguments, const char *);
    }
    va_end(arguments);
    (void)gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms, usage, &store,
                                &credential, NULL, NULL);
    (void)gss_release_name(&minor, &name);
    return credential;
}

const char *name_text_of(gss_name_t name)
{
    static char text[256];
    gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_display_name(&minor, name, &shown, NULL), GSS_S_COMPLETE);
    (void)snprintf(text, sizeof text, "%.*s", (int)shown.length, (const char *)shown.value);
    (void)gss_release_buffer(&minor, &shown);
    return text;
}

struct gss_sspi_failure plugin_failure(void)
{
    struct gss_sspi_failure failure = {0, 0, 0};
    gss_buffer_desc value = {sizeof failure, &failure};
    OM_uint32 minor;

    ck_assert_uint_eq(gssspi_mech_invoke(&minor, (gss_OID)(uintptr_t)GSS_SSPI_MECH_CREDSSP,
                                         (gss_OID)(uintptr_t)GSS_SSPI_LAST_FAILURE, &value),
                      GSS_S_COMPLETE);
    return failure;
}
