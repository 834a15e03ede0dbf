/* The end of a CredSSP context: close_notify, told apart from a connection that was cut off. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

static const char *const options[] = {
    "self_signed_key = ecdsa\n tls_priority = NORMAL:-VERS-ALL:+VERS-TLS1.3",
    "self_signed_key = ecdsa\n tls_priority = NORMAL:-VERS-ALL:+VERS-TLS1.2",
};

static struct exchange x;
static gss_buffer_desc token;

static void set_up(void)
{
    x = (struct exchange){.target = "host@localhost", .mechanism = GSS_SSPI_MECH_CREDSSP};
    token = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_buffer(&minor, &token);
}

/* Both roles and both versions: who ends the context, and who hears of it. */
static gss_ctx_id_t *log_on(int index, gss_ctx_id_t *listener)
{
    bool done;

    with_options(options[index / 2]);
    done = exchange_run(&x);
    ck_assert_msg(done, "client: %s", status_text(x.client_major, x.client_minor));
    *listener = index % 2 != 0 ? x.client : x.server;
    return index % 2 != 0 ? &x.server : &x.client;
}

static void end(gss_ctx_id_t *context)
{
    OM_uint32 minor;

    ck_assert_uint_eq(gss_delete_sec_context(&minor, context, &token), GSS_S_COMPLETE);
    ck_assert(*context == GSS_C_NO_CONTEXT);
    ck_assert_uint_gt(token.length, 0);
}

static void assert_expired(gss_ctx_id_t context, gss_buffer_t message)
{
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(GSS_ROUTINE_ERROR(gss_unwrap(&minor, context, message, &opened, NULL, NULL)),
                      GSS_S_CONTEXT_EXPIRED);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TLS_CLOSED);
    ck_assert_uint_eq(opened.length, 0);
}

START_TEST(end_is_processed_as_a_context_token)
{
    gss_ctx_id_t listener;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    end(log_on(_i, &listener));
    ck_assert_uint_eq(gss_process_context_token(&minor, listener, &token), GSS_S_COMPLETE);
    assert_expired(listener, &token);
    ck_assert_uint_eq(
        gss_inquire_context(&minor, listener, &name, NULL, NULL, NULL, NULL, NULL, NULL),
        GSS_S_COMPLETE);
    ck_assert_str_eq(name_text_of(name), "alice@EXAMPLE.TEST");
    (void)gss_release_name(&minor, &name);
}
END_TEST

START_TEST(end_is_met_by_unwrap)
{
    gss_ctx_id_t listener;

    end(log_on(_i, &listener));
    assert_expired(listener, &token);
    assert_expired(listener, &token);
}
END_TEST

/* A connection that is cut off gives a part of a record, or nothing: neither is an end. */
START_TEST(part_of_the_end_is_no_end)
{
    gss_ctx_id_t listener;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc part;
    OM_uint32 minor;

    end(log_on(_i, &listener));
    for (size_t length = 1; length < token.length; length++) {
        part = (gss_buffer_desc){length, token.value};
        ck_assert_uint_eq(
            GSS_ROUTINE_ERROR(gss_unwrap(&minor, listener, &part, &opened, NULL, NULL)),
            GSS_S_DEFECTIVE_TOKEN);
    }
    assert_expired(listener, &token);
}
END_TEST

START_TEST(part_of_the_end_is_no_context_token)
{
    gss_ctx_id_t listener;
    gss_buffer_desc part;
    OM_uint32 minor;

    end(log_on(_i, &listener));
    part = (gss_buffer_desc){token.length - 1, token.value};
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(gss_process_context_token(&minor, listener, &part)),
                      GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_UNEXPECTED_TOKEN);
}
END_TEST

START_TEST(message_is_no_context_token)
{
    gss_buffer_desc text = {4, (void *)(uintptr_t) "text"};
    gss_ctx_id_t listener;
    gss_ctx_id_t *speaker = log_on(_i, &listener);
    OM_uint32 minor;

    ck_assert_uint_eq(gss_wrap(&minor, *speaker, 1, 0, &text, NULL, &token), GSS_S_COMPLETE);
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(gss_process_context_token(&minor, listener, &token)),
                      GSS_S_DEFECTIVE_TOKEN);
}
END_TEST

START_TEST(changed_end_is_no_end)
{
    gss_ctx_id_t listener;
    OM_uint32 minor;

    end(log_on(_i, &listener));
    ((unsigned char *)token.value)[token.length - 1] ^= 1;
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(gss_process_context_token(&minor, listener, &token)),
                      GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TLS_RECORD);
}
END_TEST

/* Who hears the end may still say something, and end for himself (RFC 8446 6.1). */
START_TEST(end_of_one_side_leaves_the_other)
{
    gss_buffer_desc closing = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t listener;
    gss_ctx_id_t *speaker = log_on(_i, &listener);
    OM_uint32 minor;

    end(speaker);
    ck_assert_uint_eq(gss_process_context_token(&minor, listener, &token), GSS_S_COMPLETE);
    ck_assert_uint_eq(gss_delete_sec_context(&minor, _i % 2 != 0 ? &x.client : &x.server, &closing),
                      GSS_S_COMPLETE);
    ck_assert_uint_gt(closing.length, 0);
    (void)gss_release_buffer(&minor, &closing);
}
END_TEST

/* The client gives up before the server's TSRequest of this number reaches it. */
static void give_up(struct exchange *exchange, void *argument, gss_buffer_t delivered)
{
    gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    (void)delivered;
    if (exchange->tokens != *(const unsigned *)argument)
        return;
    ck_assert(!exchange->to_server);
    end(&exchange->client);
    exchange->server_major =
        gss_accept_sec_context(&minor, &exchange->server, GSS_C_NO_CREDENTIAL, &token,
                               GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &answer, NULL, NULL, NULL);
    exchange->client_major = GSS_S_FAILURE;
    (void)gss_release_buffer(&minor, &answer);
}

START_TEST(end_of_a_logon_is_told)
{
    unsigned first_reply = _i == 0 ? 4 : 6;

    with_options(options[_i]);
    x.on_token = give_up;
    x.argument = &first_reply;
    ck_assert(!exchange_run(&x));
    ck_assert(GSS_ERROR(x.server_major));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TLS_CLOSED);
}
END_TEST

START_TEST(nobody_is_told_without_a_buffer)
{
    gss_ctx_id_t listener;
    gss_ctx_id_t *speaker = log_on(_i, &listener);
    OM_uint32 minor;

    ck_assert_uint_eq(gss_delete_sec_context(&minor, speaker, GSS_C_NO_BUFFER), GSS_S_COMPLETE);
    ck_assert(*speaker == GSS_C_NO_CONTEXT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("the end of a context");
    TCase *cases = tcase_create("the end of a context");

    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, end_is_processed_as_a_context_token, 0, 4);
    tcase_add_loop_test(cases, end_is_met_by_unwrap, 0, 4);
    tcase_add_loop_test(cases, part_of_the_end_is_no_end, 0, 4);
    tcase_add_loop_test(cases, part_of_the_end_is_no_context_token, 0, 4);
    tcase_add_loop_test(cases, message_is_no_context_token, 0, 4);
    tcase_add_loop_test(cases, changed_end_is_no_end, 0, 4);
    tcase_add_loop_test(cases, end_of_one_side_leaves_the_other, 0, 4);
    tcase_add_loop_test(cases, end_of_a_logon_is_told, 0, 2);
    tcase_add_loop_test(cases, nobody_is_told_without_a_buffer, 0, 4);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
