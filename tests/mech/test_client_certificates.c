/* Certificates of clients in CredSSP's TLS: asked for, shown, refused, and done without. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/certificate_files.h"
#include "tests/mech/exchange.h"
#include "tests/mech/token.h"

#define DAY (24L * 60 * 60)

#define OPTIONS_OCTETS 2000
#define TEXT_OCTETS    1000

static const char *const versions[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                       "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
#define VERSIONS 2

/* Without the record for middleboxes, which would be a token of its own between pieces. */
static const char *const versions_for_pieces[] = {
    "NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3:%DISABLE_TLS13_COMPAT_MODE"};

static const char *const modes[] = {"none", "request", "require"};
#define MODES 3

static struct exchange x;
static struct certificate_files authority;
static struct certificate_files stranger;
static struct certificate_files client;
static unsigned questions;
static size_t later_pieces; /* the first token comes whole: the mechglue reads its header */

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

/* Options of both sides; the server trusts the authority. */
static void configure(const char *version, const char *mode, const char *more)
{
    char options[2 * OPTIONS_OCTETS];

    (void)snprintf(options, sizeof options,
                   "self_signed_key = ecdsa\n tls_priority = %s\n client_certificate = %s\n"
                   "trusted_client_certificates = %s\n %s",
                   version, mode, authority.certificate, more);
    with_options(options);
}

static void make_client(struct certificate_wish wish)
{
    wish.file = "client";
    if (wish.issuer == NULL)
        wish.issuer = &authority;
    certificate_files_make(&client, &wish);
}

static void make_good_client(void)
{
    make_client((struct certificate_wish){.purpose = GNUTLS_KP_TLS_WWW_CLIENT});
}

/* The client's credential, with what else it is to have; the arguments of a pair may be NULL. */
static void client_with(const char *certificate, const char *key, const char *other,
                        const char *value)
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

static void show_client(void)
{
    client_with(client.certificate, client.key, NULL, NULL);
}

static void ask_without(void)
{
    client_with(NULL, NULL, "without_client_certificate", "ask");
}

static void serve_with(const char *key, const char *value, const char *key2, const char *value2)
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

/* The side says so of a certificate: this one, or none. */
static void assert_certificate(gss_ctx_id_t context, gss_const_OID question,
                               const gnutls_datum_t *der)
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

static void assert_status(gss_ctx_id_t context, uint32_t expected)
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

/* The logon succeeds; the server has seen this certificate, or none. */
static void assert_logon(const gnutls_datum_t *der)
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

/*
 * The server refuses the client for this reason, in answer to the flight with its certificate, and the
 * client hears of it by an alert.
 */
static void assert_refused(long code, const char *words, const char *alert)
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
}

/* --- each certificate, with each demand --- */

static const struct {
    bool absent;
    bool is_the_strangers;
    struct certificate_wish wish;
    long code; /* 0: it is taken */
    const char *words;
    const char *alert;
} clients[] = {
    {.absent = true},
    {.wish = {.purpose = GNUTLS_KP_TLS_WWW_CLIENT}},
    {.wish = {.algorithm = GNUTLS_PK_RSA}},
    {.wish = {.algorithm = GNUTLS_PK_EDDSA_ED25519}},
    {.is_the_strangers = true,
     .code = GSS_SSPI_E_CLIENT_UNTRUSTED,
     .words = "issued by nobody who is trusted",
     .alert = "CA is unknown"},
    {.wish = {.begins = -2 * DAY, .ends = -DAY},
     .code = GSS_SSPI_E_CLIENT_TIME,
     .words = "it has expired",
     .alert = "expired"},
    {.wish = {.begins = DAY, .ends = 2 * DAY},
     .code = GSS_SSPI_E_CLIENT_TIME,
     .words = "its time has not come",
     .alert = "expired"},
    {.wish = {.purpose = GNUTLS_KP_TLS_WWW_SERVER},
     .code = GSS_SSPI_E_CLIENT_UNFIT,
     .words = "purpose",
     .alert = "not supported"},
    {.wish = {.algorithm = GNUTLS_PK_RSA, .bits = 1024},
     .code = GSS_SSPI_E_CLIENT_UNFIT,
     .words = "insecure",
     .alert = "bad"},
};
#define CLIENTS (sizeof clients / sizeof clients[0])

START_TEST(each_certificate_with_each_demand)
{
    const char *mode = modes[(size_t)_i / CLIENTS % MODES];
    size_t kind = (size_t)_i % CLIENTS;
    struct certificate_wish wish = clients[kind].wish;

    if (clients[kind].is_the_strangers)
        wish.issuer = &stranger;
    configure(versions[(size_t)_i / CLIENTS / MODES], mode, "");
    if (!clients[kind].absent) {
        make_client(wish);
        show_client();
    }
    if (strcmp(mode, "none") == 0)
        assert_logon(NULL);
    else if (clients[kind].absent && strcmp(mode, "request") == 0)
        assert_logon(NULL);
    else if (clients[kind].absent)
        assert_refused(GSS_SSPI_E_CLIENT_MISSING, "this server requires one",
                       (size_t)_i / CLIENTS / MODES == 0 ? "Handshake failed" : "required");
    else if (clients[kind].code == 0)
        assert_logon(&client.der);
    else
        assert_refused(clients[kind].code, clients[kind].words, clients[kind].alert);
    ck_assert_uint_eq(questions, 0);
}
END_TEST

START_TEST(chain_over_an_intermediate_is_good)
{
    struct certificate_files middle = {.der = {NULL, 0}};

    certificate_files_make(&middle, &(struct certificate_wish){
                                        .file = "middle", .authority = true, .issuer = &authority});
    make_client((struct certificate_wish){.issuer = &middle});
    configure(versions[_i], "require", "");
    show_client();
    assert_logon(&client.der);
    certificate_files_release(&middle);
}
END_TEST

/* Somebody who has a certificate issues others. */
START_TEST(issuer_without_the_right_to_issue_is_refused)
{
    struct certificate_files middle = {.der = {NULL, 0}};

    certificate_files_make(&middle,
                           &(struct certificate_wish){.file = "middle", .issuer = &authority});
    make_client((struct certificate_wish){.issuer = &middle});
    configure(versions[_i], "request", "");
    show_client();
    assert_refused(GSS_SSPI_E_CLIENT_UNTRUSTED, "issued by nobody", "CA is unknown");
    certificate_files_release(&middle);
}
END_TEST

/* A name in a certificate that nobody vouches for would be a stranger's words in the server's log. */
START_TEST(names_of_a_refused_certificate_are_not_told)
{
    make_client((struct certificate_wish){.common_name = "rm -rf", .issuer = &stranger});
    configure(versions[_i], "request", "");
    show_client();
    assert_refused(GSS_SSPI_E_CLIENT_UNTRUSTED, "", "CA is unknown");
    ck_assert_msg(strstr(refusal.text, "rm -rf") == NULL, "%s", refusal.text);
}
END_TEST

START_TEST(tokens_may_come_in_pieces)
{
    make_good_client();
    configure(versions_for_pieces[_i], "require", "");
    show_client();
    later_pieces = 100;
    assert_logon(&client.der);
}
END_TEST

START_TEST(server_that_is_verified_has_that_status)
{
    struct certificate_files server = {.der = {NULL, 0}};
    char options[OPTIONS_OCTETS];

    certificate_files_make(&server,
                           &(struct certificate_wish){.file = "server", .issuer = &authority});
    make_good_client();
    (void)snprintf(options, sizeof options,
                   "certificate = %s\n private_key = %s\n server_authentication = verify\n"
                   "trusted_certificates = %s",
                   server.certificate, server.key, authority.certificate);
    configure(versions[_i], "require", options);
    show_client();
    ck_assert(exchange_run(&x));
    assert_certificate(x.client, GSS_SSPI_INQ_PEER_CERTIFICATE, &server.der);
    assert_certificate(x.server, GSS_SSPI_INQ_OWN_CERTIFICATE, &server.der);
    assert_status(x.client, GSS_SSPI_CERTIFICATE_ACCEPTED);
    assert_status(x.server, GSS_SSPI_CERTIFICATE_ACCEPTED);
    certificate_files_release(&server);
}
END_TEST

/* --- where demands and certificates come from --- */

START_TEST(certificate_may_stand_in_the_options)
{
    char options[OPTIONS_OCTETS];

    make_good_client();
    (void)snprintf(options, sizeof options,
                   "client_certificate_file = %s\n client_private_key = %s", client.certificate,
                   client.key);
    configure(versions[_i], "require", options);
    assert_logon(&client.der);
}
END_TEST

START_TEST(credential_demands_what_policy_does_not)
{
    configure(versions[1], "none", "");
    serve_with("client_certificate", "require", NULL, NULL);
    assert_refused(GSS_SSPI_E_CLIENT_MISSING, "requires one", "required");
}
END_TEST

START_TEST(credential_has_authorities_of_its_own)
{
    make_good_client();
    configure(versions[1], "none", "");
    show_client();
    serve_with("client_certificate", "request", "trusted_client_certificates",
               stranger.certificate);
    assert_refused(GSS_SSPI_E_CLIENT_UNTRUSTED, "", "CA is unknown");
}
END_TEST

START_TEST(credential_does_not_weaken_policy)
{
    configure(versions[1], "require", "");
    serve_with("client_certificate", _i == 0 ? "none" : "request", "trusted_client_certificates",
               authority.certificate);
    assert_refused(GSS_SSPI_E_CLIENT_MISSING, "requires one", "required");
}
END_TEST

/* The stranger's authorities do not make up for those of policy. */
START_TEST(both_must_vouch)
{
    make_client((struct certificate_wish){.issuer = &stranger});
    configure(versions[1], "request", "");
    show_client();
    serve_with("client_certificate", "require", "trusted_client_certificates",
               stranger.certificate);
    assert_refused(GSS_SSPI_E_CLIENT_UNTRUSTED, "", "CA is unknown");
}
END_TEST

/* The system's authorities vouch for too many. */
START_TEST(demand_without_authorities_is_told)
{
    with_options("self_signed_key = ecdsa");
    serve_with("client_certificate", "request", NULL, NULL);
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TRUST);
    ck_assert_uint_eq(x.tokens, 1);
}
END_TEST

START_TEST(missing_authorities_are_told)
{
    with_options("self_signed_key = ecdsa\n client_certificate = request\n"
                 "trusted_client_certificates = /nonexistent/ca.pem");
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TRUST);
    ck_assert(strstr(status_text(x.server_major, x.server_minor), "/nonexistent/ca.pem") != NULL);
}
END_TEST

static const char *const bad_options[] = {
    "client_certificate = maybe",
    "client_certificate = request",
    "client_certificate_file = /nonexistent/client.pem",
    "client_private_key = /nonexistent/client.key",
};

START_TEST(bad_option_is_refused)
{
    with_options(bad_options[_i]);
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CONFIGURATION);
}
END_TEST

static const struct {
    const char *key;
    const char *value;
    long code;
} bad_elements[] = {
    {"client_certificate", "maybe", GSS_SSPI_E_BAD_ARGUMENT},
    {"without_client_certificate", "maybe", GSS_SSPI_E_BAD_ARGUMENT},
    {"client_certificate_file", "/nonexistent/client.pem", GSS_SSPI_E_CLIENT_CERTIFICATE},
    {"client_private_key", "/nonexistent/client.key", GSS_SSPI_E_CLIENT_CERTIFICATE},
};

START_TEST(bad_element_is_refused)
{
    ck_assert(store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, bad_elements[_i].key,
                               bad_elements[_i].value, NULL) == GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)bad_elements[_i].code);
}
END_TEST

static gss_cred_id_t copy_of(gss_cred_id_t *credential)
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

START_TEST(all_is_copied_with_the_credential)
{
    configure(versions[1], "none", "");
    make_good_client();
    show_client();
    serve_with("client_certificate", "require", "trusted_client_certificates",
               authority.certificate);
    x.client_credential = copy_of(&x.client_credential);
    x.server_credential = copy_of(&x.server_credential);
    assert_logon(&client.der);
    exchange_reset(&x);
    ask_without();
    x.client_credential = copy_of(&x.client_credential);
    assert_refused(GSS_SSPI_E_CLIENT_MISSING, "", "required");
    ck_assert_uint_eq(questions, 1);
}
END_TEST

/* --- certificates that the client cannot use --- */

/* The client's own failure, when the server has asked. */
static void assert_unusable(const char *words)
{
    const char *text;

    ck_assert(!exchange_run(&x));
    text = status_text(x.client_major, x.client_minor);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CLIENT_CERTIFICATE);
    ck_assert_msg(strstr(text, words) != NULL, "%s", text);
    ck_assert_msg(strstr(text, TOKEN_PIN) == NULL, "%s", text);
}

START_TEST(key_of_another_certificate_is_told)
{
    make_good_client();
    configure(versions[_i], "request", "");
    client_with(client.certificate, authority.key, NULL, NULL);
    assert_unusable(authority.key);
}
END_TEST

START_TEST(missing_files_are_told)
{
    configure(versions[_i], "request", "");
    client_with("/nonexistent/client.pem", "/nonexistent/client.key", NULL, NULL);
    assert_unusable("/nonexistent/client.pem");
}
END_TEST

START_TEST(encrypted_key_is_told)
{
    make_client((struct certificate_wish){.password = "a passphrase"});
    configure(versions[_i], "request", "");
    show_client();
    assert_unusable("the key is encrypted");
}
END_TEST

/* An authority's key does not sign handshakes. */
START_TEST(key_for_another_use_is_told)
{
    configure(versions[_i], "request", "");
    client_with(authority.certificate, authority.key, NULL, NULL);
    assert_unusable("usage");
}
END_TEST

/* A certificate is read when a server asks for it, and not before. */
START_TEST(unusable_certificate_does_not_matter_where_none_is_asked_for)
{
    configure(versions[_i], "none", "");
    client_with("/nonexistent/client.pem", "/nonexistent/client.key", NULL, NULL);
    assert_logon(NULL);
}
END_TEST

/* --- PKCS#11 --- */

START_TEST(certificate_and_key_of_a_token)
{
    make_client((struct certificate_wish){.algorithm = _i / VERSIONS == 0 ? GNUTLS_PK_ECDSA
                                                                          : GNUTLS_PK_RSA});
    token_make(&client, "client");
    configure(versions[_i % VERSIONS], "require", "");
    client_with(TOKEN ";object=client;type=cert",
                TOKEN ";object=client;type=private?pin-value=" TOKEN_PIN, NULL, NULL);
    for (int round = 0; round < 2; round++) {
        assert_logon(&client.der);
        exchange_reset(&x);
    }
}
END_TEST

static const char *const bad_token_keys[][2] = {
    {TOKEN ";object=client;type=private", "PIN is wrong or missing"},
    {TOKEN ";object=client;type=private?pin-value=1111", "PIN is wrong or missing"},
    {TOKEN ";object=other;type=private?pin-value=" TOKEN_PIN, "object=other"},
};

START_TEST(unusable_token_is_told_without_its_pin)
{
    make_client((struct certificate_wish){.host = NULL});
    token_make(&client, "client");
    configure(versions[1], "request", "");
    client_with(TOKEN ";object=client;type=cert", bad_token_keys[_i][0], NULL, NULL);
    assert_unusable(bad_token_keys[_i][1]);
}
END_TEST

START_TEST(policy_is_shown_without_a_pin)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    with_options("client_certificate_file = \"" TOKEN ";type=cert\"\n"
                 "client_private_key = \"" TOKEN ";type=private?pin-value=" TOKEN_PIN "\"");
    ck_assert_uint_eq(gssspi_mech_invoke(&minor, (gss_OID)(uintptr_t)GSS_SSPI_MECH_CREDSSP,
                                         (gss_OID)(uintptr_t)GSS_SSPI_POLICY, &text),
                      GSS_S_COMPLETE);
    ck_assert(memmem(text.value, text.length, "client_private_key = " TOKEN,
                     strlen("client_private_key = " TOKEN)) != NULL);
    ck_assert(memmem(text.value, text.length, TOKEN_PIN, strlen(TOKEN_PIN)) == NULL);
    (void)gss_release_buffer(&minor, &text);
}
END_TEST

/* --- the caller decides --- */

START_TEST(caller_goes_on_without)
{
    configure(versions_for_pieces[_i % VERSIONS], "request", "");
    ask_without();
    later_pieces = _i / VERSIONS != 0 ? 50 : 0;
    assert_logon(NULL);
    ck_assert_uint_eq(questions, 1);
}
END_TEST

START_TEST(going_on_without_is_refused_by_who_requires_one)
{
    configure(versions[_i], "require", "");
    ask_without();
    assert_refused(GSS_SSPI_E_CLIENT_MISSING, "requires one",
                   _i == 0 ? "Handshake failed" : "required");
    ck_assert_uint_eq(questions, 1);
}
END_TEST

START_TEST(nothing_is_asked_where_none_is_wanted)
{
    configure(versions[_i], "none", "");
    ask_without();
    assert_logon(NULL);
    ck_assert_uint_eq(questions, 0);
}
END_TEST

START_TEST(nothing_is_asked_where_there_is_one)
{
    make_good_client();
    configure(versions[_i], "require", "");
    client_with(client.certificate, client.key, "without_client_certificate", "ask");
    assert_logon(&client.der);
    ck_assert_uint_eq(questions, 0);
}
END_TEST

static void give_certificate(struct exchange *exchange)
{
    (void)exchange;
    questions++;
    show_client();
}

/* One that comes now is too late for this context, and good for the next. */
START_TEST(caller_starts_over_with_one)
{
    make_good_client();
    configure(versions[_i], "require", "");
    ask_without();
    x.on_question = give_certificate;
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CALL_SEQUENCE);
    ck_assert(strstr(status_text(x.client_major, x.client_minor), "a new context") != NULL);
    ck_assert_uint_eq(x.tokens, 2); /* nothing went to the server after its flight */
    exchange_reset(&x);
    assert_logon(&client.der);
    ck_assert_uint_eq(questions, 1);
}
END_TEST

/* What the server sent goes in first: there is nothing more before the caller has decided. */
START_TEST(token_is_no_answer)
{
    gss_buffer_desc token = {4, (void *)(uintptr_t) "more"};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_name_t name = GSS_C_NO_NAME;
    gss_buffer_desc text = {14, (void *)(uintptr_t) "host@localhost"};
    OM_uint32 minor;

    configure(versions[_i], "request", "");
    ask_without();
    x.on_question = NULL;
    ck_assert(!exchange_run(&x)); /* the server takes no empty token */
    ck_assert_uint_eq(x.client_major, GSS_S_CONTINUE_NEEDED);
    ck_assert_uint_eq(x.client_minor, GSS_SSPI_CERTIFICATE_WANTED);
    ck_assert_uint_eq(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_init_sec_context(&minor, x.client_credential, &x.client, name,
                                           (gss_OID)(uintptr_t)x.mechanism, 0, 0,
                                           GSS_C_NO_CHANNEL_BINDINGS, &token, NULL, &output, NULL,
                                           NULL),
                      GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(output.length, 0);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_UNEXPECTED_TOKEN);
    (void)gss_release_name(&minor, &name);
}
END_TEST

static void add_demand_tests(TCase *cases)
{
    tcase_add_loop_test(cases, each_certificate_with_each_demand, 0,
                        (int)(VERSIONS * MODES * CLIENTS));
    tcase_add_loop_test(cases, chain_over_an_intermediate_is_good, 0, VERSIONS);
    tcase_add_loop_test(cases, issuer_without_the_right_to_issue_is_refused, 0, VERSIONS);
    tcase_add_loop_test(cases, names_of_a_refused_certificate_are_not_told, 0, VERSIONS);
    tcase_add_loop_test(cases, tokens_may_come_in_pieces, 0, VERSIONS);
    tcase_add_loop_test(cases, server_that_is_verified_has_that_status, 0, VERSIONS);
    tcase_add_loop_test(cases, certificate_may_stand_in_the_options, 0, VERSIONS);
    tcase_add_test(cases, credential_demands_what_policy_does_not);
    tcase_add_test(cases, credential_has_authorities_of_its_own);
    tcase_add_loop_test(cases, credential_does_not_weaken_policy, 0, 2);
    tcase_add_test(cases, both_must_vouch);
    tcase_add_test(cases, demand_without_authorities_is_told);
    tcase_add_test(cases, missing_authorities_are_told);
    tcase_add_loop_test(cases, bad_option_is_refused, 0,
                        sizeof bad_options / sizeof bad_options[0]);
    tcase_add_loop_test(cases, bad_element_is_refused, 0,
                        sizeof bad_elements / sizeof bad_elements[0]);
    tcase_add_test(cases, all_is_copied_with_the_credential);
}

static void add_client_tests(TCase *cases)
{
    tcase_add_loop_test(cases, key_of_another_certificate_is_told, 0, VERSIONS);
    tcase_add_loop_test(cases, missing_files_are_told, 0, VERSIONS);
    tcase_add_loop_test(cases, encrypted_key_is_told, 0, VERSIONS);
    tcase_add_loop_test(cases, key_for_another_use_is_told, 0, VERSIONS);
    tcase_add_loop_test(cases, unusable_certificate_does_not_matter_where_none_is_asked_for, 0,
                        VERSIONS);
    tcase_add_loop_test(cases, certificate_and_key_of_a_token, 0, 2 * VERSIONS);
    tcase_add_loop_test(cases, unusable_token_is_told_without_its_pin, 0,
                        sizeof bad_token_keys / sizeof bad_token_keys[0]);
    tcase_add_test(cases, policy_is_shown_without_a_pin);
    tcase_add_loop_test(cases, caller_goes_on_without, 0, 2 * VERSIONS);
    tcase_add_loop_test(cases, going_on_without_is_refused_by_who_requires_one, 0, VERSIONS);
    tcase_add_loop_test(cases, nothing_is_asked_where_none_is_wanted, 0, VERSIONS);
    tcase_add_loop_test(cases, nothing_is_asked_where_there_is_one, 0, VERSIONS);
    tcase_add_loop_test(cases, caller_starts_over_with_one, 0, VERSIONS);
    tcase_add_loop_test(cases, token_is_no_answer, 0, VERSIONS);
}

int main(void)
{
    Suite *suite = suite_create("client certificates");
    TCase *cases = tcase_create("client certificates");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(cases, 300);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    add_demand_tests(cases);
    add_client_tests(cases);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
