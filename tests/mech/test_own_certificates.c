/* The certificate of a CredSSP client: where it comes from, and what comes of it when there is none. */
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/client_certificate_fixture.h"
#include "tests/mech/token.h"

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
    (void)assert_refused(GSS_SSPI_E_CLIENT_MISSING, "requires one",
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

static void add(TCase *cases)
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
    return run_certificate_tests("certificates of clients' own", add);
}
