/* Tokens that come in pieces (MS-SPNG 3.1.5.6 to 3.1.5.11). */
#include <check.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static struct exchange x;

static void start(void)
{
    x = negotiate_exchange();
}

static void finish(void)
{
    exchange_reset(&x);
}

/* The first token to the server has the header of the mechanism around its first piece. */
static const size_t pieces[] = {1, 2, 3, 5, 16, 100, 1000};

static void log_on(size_t piece)
{
    x.piece = piece;
    ck_assert_msg(exchange_run(&x), "client %s, server %s",
                  status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    exchange_check_messages(&x);
}

START_TEST(kerberos_in_pieces)
{
    log_on(pieces[_i]);
    ck_assert(gss_oid_equal(x.server_mechanism, &krb5_oid));
}
END_TEST

START_TEST(ntlm_in_pieces)
{
    without_tickets();
    log_on(pieces[_i]);
    ck_assert(gss_oid_equal(x.server_mechanism, &ntlm_oid));
}
END_TEST

START_TEST(dce_style_in_pieces)
{
    x.flags |= GSS_C_DCE_STYLE;
    log_on(pieces[_i]);
}
END_TEST

/* Feeds one token to a new acceptor. */
static OM_uint32 feed_server(const void *octets, size_t length, gss_buffer_t output)
{
    gss_buffer_desc token = {length, (void *)(uintptr_t)octets};

    return gss_accept_sec_context(&x.server_minor, &x.server, GSS_C_NO_CREDENTIAL, &token,
                                  GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, output, NULL, NULL, NULL);
}

static OM_uint32 start_server(const void *octets, size_t length)
{
    gss_buffer_desc token = {length, (void *)(uintptr_t)octets};
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 major;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_encapsulate_token(&token, x.server_header, &framed), GSS_S_COMPLETE);
    major = feed_server(framed.value, framed.length, &output);
    ck_assert_uint_eq(output.length, 0);
    (void)gss_release_buffer(&minor, &framed);
    return major;
}

/* The announced length decides, before anything is kept. */
START_TEST(token_that_is_too_long_is_refused_at_its_header)
{
    static const unsigned char long_init[] = {0x60, 0x83, 0x02, 0x00, 0x00, 0x06, 0x06};

    ck_assert_uint_eq(GSS_ROUTINE_ERROR(start_server(long_init, sizeof long_init)),
                      GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TOKEN_TOO_LONG);
}
END_TEST

START_TEST(nothing_in_the_middle_of_a_token_is_refused)
{
    static const unsigned char half[] = {0x60, 0x30, 0x06, 0x06, 0x2b, 0x06};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;

    ck_assert_uint_eq(start_server(half, sizeof half), GSS_S_CONTINUE_NEEDED);
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(feed_server("", 0, &output)), GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_UNEXPECTED_TOKEN);
    /* What failed stays failed. */
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(feed_server(half, sizeof half, &output)), GSS_S_NO_CONTEXT);
}
END_TEST

/* More than was announced is an error of the token, not a second one. */
START_TEST(piece_that_goes_too_far_is_refused)
{
    static const unsigned char half[] = {0x60, 0x10, 0x06, 0x06, 0x2b, 0x06};
    static const unsigned char rest[64];
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;

    ck_assert_uint_eq(start_server(half, sizeof half), GSS_S_CONTINUE_NEEDED);
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(feed_server(rest, sizeof rest, &output)),
                      GSS_S_DEFECTIVE_TOKEN);
}
END_TEST

/* A context that waits for the rest of a token can be asked and deleted. */
START_TEST(waiting_context_can_be_asked)
{
    static const unsigned char half[] = {0x60, 0x30, 0x06, 0x06, 0x2b, 0x06};
    OM_uint32 minor;
    OM_uint32 flags = 1;
    int open = 1;

    ck_assert_uint_eq(start_server(half, sizeof half), GSS_S_CONTINUE_NEEDED);
    ck_assert_uint_eq(
        gss_inquire_context(&minor, x.server, NULL, NULL, NULL, NULL, &flags, NULL, &open),
        GSS_S_COMPLETE);
    ck_assert_int_eq(open, 0);
    ck_assert_uint_eq(flags, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fragments");
    TCase *cases = tcase_create("Negotiate");

    tcase_add_checked_fixture(cases, start, finish);
    tcase_add_loop_test(cases, kerberos_in_pieces, 0, COUNT(pieces));
    tcase_add_loop_test(cases, ntlm_in_pieces, 0, COUNT(pieces));
    tcase_add_loop_test(cases, dce_style_in_pieces, 0, COUNT(pieces));
    tcase_add_test(cases, token_that_is_too_long_is_refused_at_its_header);
    tcase_add_test(cases, nothing_in_the_middle_of_a_token_is_refused);
    tcase_add_test(cases, piece_that_goes_too_far_is_refused);
    tcase_add_test(cases, waiting_context_can_be_asked);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
