/*
 * Channel bindings: what the two sides give, and what policy makes of it (channel_bindings in krb5.conf,
 * or in an acceptor's credential store).
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

static struct exchange x;

static void start(void)
{
    x = negotiate_exchange();
}

static void finish(void)
{
    exchange_reset(&x);
}

enum bindings { ABSENT, EQUAL, OTHER, BINDINGS_COUNT };
enum demand { DEFAULT, NONE, WHEN_SUPPLIED, REQUIRED, BY_CREDENTIAL, DEMAND_COUNT };

static const char *const binding_names[] = {"absent", "equal", "other"};
static const char *const options[] = {NULL, "channel_bindings = none",
                                      "channel_bindings = when_supplied",
                                      "channel_bindings = required", NULL};

static struct gss_channel_bindings_struct bindings_of(const char *text)
{
    return (struct gss_channel_bindings_struct){
        .application_data = {strlen(text), (void *)(uintptr_t)text}};
}

/* Whether the logon is to succeed. The server gives its bindings when it has some. */
static bool is_allowed(enum demand demand, enum bindings client, bool server_gives)
{
    if (demand == BY_CREDENTIAL)
        return server_gives && client == EQUAL;
    if (!server_gives || demand == NONE)
        return true;
    return client == EQUAL || (client == ABSENT && demand != REQUIRED);
}

/* One cell: _i counts mechanisms, demands, what the client gives and whether the server does. */
START_TEST(policy_decides)
{
    bool ntlm = _i % 2 != 0;
    bool server_gives = _i / 2 % 2 != 0;
    enum bindings client = (enum bindings)(_i / 4 % BINDINGS_COUNT);
    enum demand demand = (enum demand)(_i / 4 / BINDINGS_COUNT);
    bool allowed = is_allowed(demand, client, server_gives);
    struct gss_channel_bindings_struct equal = bindings_of("tls-server-end-point:this");
    struct gss_channel_bindings_struct other = bindings_of("tls-server-end-point:that");
    OM_uint32 minor;

    if (ntlm)
        without_tickets();
    if (options[demand] != NULL)
        with_options(options[demand]);
    if (client != ABSENT)
        x.client_bindings = client == EQUAL ? &equal : &other;
    if (server_gives)
        x.server_bindings = &equal;
    if (demand == BY_CREDENTIAL) {
        x.server_credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_ACCEPT, NULL,
                                               "channel_bindings", "required", NULL);
        ck_assert(x.server_credential != GSS_C_NO_CREDENTIAL);
    }
    ck_assert_msg(exchange_run(&x) == allowed, "%s, client %s, server %s: %s",
                  options[demand] != NULL ? options[demand] : "no option", binding_names[client],
                  server_gives ? "gives" : "does not give",
                  status_text(x.server_major, x.server_minor));
    (void)gss_release_cred(&minor, &x.server_credential);
    if (!allowed) {
        ck_assert_uint_eq(GSS_ROUTINE_ERROR(x.server_major), GSS_S_BAD_BINDINGS);
        ck_assert(GSS_ERROR(x.client_major));
        ck_assert(strstr(status_text(x.server_major, x.server_minor), "bindings") != NULL);
        return;
    }
    ck_assert_int_eq((x.server_flags & GSS_C_CHANNEL_BOUND_FLAG) != 0,
                     client == EQUAL && server_gives && demand != NONE);
    exchange_check_messages(&x);
}
END_TEST

/* The wrong password stays the wrong password, whatever the bindings are. */
START_TEST(wrong_password_is_not_called_bad_bindings)
{
    struct gss_channel_bindings_struct here = bindings_of("tls-server-end-point:this");
    struct gss_channel_bindings_struct there = bindings_of("tls-server-end-point:that");

    without_tickets();
    x.client_credential = password_credential(GSS_SSPI_MECH_NEGOTIATE, "EXAMPLE\\alice", "wrong");
    x.client_bindings = &here;
    x.server_bindings = &there;
    ck_assert(!exchange_run(&x));
    ck_assert_uint_ne(GSS_ROUTINE_ERROR(x.server_major), GSS_S_BAD_BINDINGS);
}
END_TEST

START_TEST(demand_that_is_not_known_is_refused)
{
    gss_cred_id_t credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_ACCEPT, NULL,
                                                "channel_bindings", "sometimes", NULL);

    ck_assert(credential == GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("channel bindings");
    TCase *cases = tcase_create("Negotiate");

    tcase_add_checked_fixture(cases, start, finish);
    tcase_add_loop_test(cases, policy_decides, 0, 2 * 2 * BINDINGS_COUNT * DEMAND_COUNT);
    tcase_add_test(cases, wrong_password_is_not_called_bad_bindings);
    tcase_add_test(cases, demand_that_is_not_known_is_refused);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
