#include "tests/mech/client_certificate_fixture.h"

#include <stdio.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/runner.h"

#define TEXT_OCTETS 1000

const char *const versions[VERSIONS] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                        "NORMAL:-VERS-ALL:+VERS-TLS1.3"};

const char *const versions_for_pieces[VERSIONS] = {
    "NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3:%DISABLE_TLS13_COMPAT_MODE"};

struct exchange x;
struct certificate_files authority;
struct certificate_files stranger;
struct certificate_files client;
unsigned questions;
size_t later_pieces;

/* What the server said when it refused, before the client heard of it. */
static struct {
    OM_uint32 code;
    char text[TEXT_OCTETS];
} refusal;

static void look_at_refusal(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    (void)argument;
    (void)token;
    exchange->piece = exchange->tokens > 1 ? later_pieces : 0;
    if (exchange->to_server || !GSS_ERROR(exchange->server_major))
        return;
    refusal.code = plugin_failure().minor;
    (void)snprintf(refusal.text, sizeof refusal.text, "%s",
                   status_text(exchange->server_major, exchange->server_minor));
}

static void count_question(struct exchange *exchange)
{
    (void)exchange;
    questions++;
}

static void set_up(void)
{
    x = (struct exchange){.target = "host@localhost",
                          .mechanism = GSS_SSPI_MECH_CREDSSP,
                          .on_token = look_at_refusal,
                          .on_question = count_question};
    refusal.code = 0;
    questions = 0;
    later_pieces = 0;
    certificate_files_make(&authority,
                           &(struct certificate_wish){.file = "authority", .authority = true});
    certificate_files_make(&stranger,
                           &(struct certificate_wish){.file = "stranger", .authority = true});
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
    (void)gss_release_cred(&minor, &x.server_credential);
    certificate_files_release(&client);
    certificate_files_release(&authority);
    certificate_files_release(&stranger);
}

void configure(const char *version, const char *mode, const char *more)
{
    char options[2 * OPTIONS_OCTETS];

    (void)snprintf(options, sizeof options,
                   "self_signed_key = ecdsa\n tls_priority = %s\n client_certificate = %s\n"
                   "trusted_client_certificates = %s\n %s",
                   version, mode, authority.certificate, more);
    with_options(options);
}

void make_client(struct certificate_wish wish)
{
    wish.file = "client";
    if (wish.issuer == NULL)
        wish.issuer = &authority;
    certificate_files_make(&client, &wish);
}

void make_good_client(void)
{
    make_client((struct certificate_wish){.purpose = GNUTLS_KP_TLS_WWW_CLIENT});
}

void client_with(const char *certificate, const char *key, const char *other, const char *value)
{
    OM_uint32 minor;

    (void)gss_release_cred(&minor, &x.client_credential);
    if (certificate != NULL)
        x.client_credential =
            store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, "client_certificate_file",
                             certificate, "client_private_key", key, other, value, NULL);
    else
        x.client_credential =
            store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, other, value, NULL);
    ck_assert(x.client_credential != GSS_C_NO_CREDENTIAL);
}

void show_client(void)
{
    client_with(client.certificate, client.key, NULL, NULL);
}

void ask_without(void)
{
    client_with(NULL, NULL, "without_client_certificate", "ask");
}

void serve_with(const char *key, const char *value, const char *key2, const char *value2)
{
    x.server_credential =
        store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_ACCEPT, NULL, key, value, key2, value2, NULL);
    ck_assert(x.server_credential != GSS_C_NO_CREDENTIAL);
}

static OM_uint32 ask(gss_ctx_id_t context, gss_const_OID question, gss_buffer_set_t *data)
{
    OM_uint32 minor;

    return gss_inquire_sec_context_by_oid(&minor, context, (gss_OID)(uintptr_t)question, data);
}

void assert_certificate(gss_ctx_id_t context, gss_const_OID question, const gnutls_datum_t *der)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 major = ask(context, question, &data);
    OM_uint32 minor;

    if (der == NULL) {
        ck_assert_uint_eq(major, GSS_S_UNAVAILABLE);
        return;
    }
    ck_assert_uint_eq(major, GSS_S_COMPLETE);
    ck_assert_uint_eq(data->elements[0].length, der->size);
    ck_assert_mem_eq(data->elements[0].value, der->data, der->size);
    (void)gss_release_buffer_set(&minor, &data);
}

void assert_status(gss_ctx_id_t context, uint32_t expected)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    uint32_t status;
    OM_uint32 minor;

    ck_assert_uint_eq(ask(context, GSS_SSPI_INQ_PEER_CERTIFICATE_STATUS, &data), GSS_S_COMPLETE);
    ck_assert_uint_eq(data->elements[0].length, sizeof status);
    memcpy(&status, data->elements[0].value, sizeof status);
    ck_assert_uint_eq(status, expected);
    (void)gss_release_buffer_set(&minor, &data);
}

void assert_logon(const gnutls_datum_t *der)
{
    bool done = exchange_run(&x);

    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    assert_certificate(x.server, GSS_SSPI_INQ_PEER_CERTIFICATE, der);
    assert_certificate(x.client, GSS_SSPI_INQ_OWN_CERTIFICATE, der);
    assert_status(x.client, GSS_SSPI_CERTIFICATE_UNVERIFIED);
    if (der != NULL)
        assert_status(x.server, GSS_SSPI_CERTIFICATE_ACCEPTED);
    /* It says nothing about the user. */
    ck_assert_str_eq(name_text_of(x.source), "alice@EXAMPLE.TEST");
    exchange_check_messages(&x);
}

const char *assert_refused(long code, const char *words, const char *alert)
{
    const char *heard;

    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(refusal.code, (OM_uint32)code);
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(x.server_major), GSS_S_UNAUTHORIZED);
    ck_assert_msg(strstr(refusal.text, words) != NULL, "%s", refusal.text);
    ck_assert_uint_eq(x.tokens, 4);
    heard = status_text(x.client_major, x.client_minor);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CLIENT_REFUSED);
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(x.client_major), GSS_S_UNAUTHORIZED);
    ck_assert_msg(strstr(heard, alert) != NULL, "%s", heard);
    return refusal.text;
}

int run_certificate_tests(const char *name, void (*add)(TCase *cases))
{
    return run_case(name, set_up, tear_down, 300, add);
}
