/* Servers that ask for a client's certificate, and callers that have none. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/mech/certificate_files.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"
#include "tests/shim/exchange.h"

#define OPTIONS_OCTETS 1000

static struct party client;
static struct party server;
static struct certificate_files authority;
static struct octets flight; /* what the client's last call read */

static const char *const versions[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                       "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
#define VERSIONS 2

static void start(void)
{
    certificate_files_make(&authority,
                           &(struct certificate_wish){.file = "authority", .authority = true});
    party_init(&client, true, "CREDSSP");
    party_init(&server, false, "CREDSSP");
    server.request |= ASC_REQ_EXTENDED_ERROR;
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
    certificate_files_release(&authority);
}

/* A caller that gives the part for TLS, with nothing in it, or leaves it out. */
static void acquire(const char *version, const char *mode, bool with_tls_part)
{
    SCHANNEL_CRED tls = {.dwVersion = SCHANNEL_CRED_VERSION};
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of_alice();
    CREDSSP_CRED credential = {CredsspSubmitBufferBoth, with_tls_part ? &tls : NULL, &identity};
    char options[OPTIONS_OCTETS];

    (void)snprintf(options, sizeof options,
                   "self_signed_key = ecdsa\n tls_priority = %s\n client_certificate = %s\n"
                   "trusted_client_certificates = %s",
                   version, mode, authority.certificate);
    with_options(options);
    party_must_acquire(&client, &credential);
    party_must_acquire(&server, NULL);
}

START_TEST(caller_that_knows_no_certificates_goes_on)
{
    acquire(versions[_i], "request", false);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
}
END_TEST

/* Calls again as Schannel's callers do: with the same input, and the flag that says so, or neither. */
START_TEST(caller_that_knows_them_is_asked)
{
    acquire(versions[_i % VERSIONS], "request", true);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    append(&server.inbox, server.wire.data, server.wire.length);
    server.wire.length = 0;
    ck_assert_int_eq(party_step(&server, &client), SEC_I_CONTINUE_NEEDED);
    append(&client.inbox, client.wire.data, client.wire.length);
    client.wire.length = 0;
    do { /* with TLS 1.3 a record for middleboxes comes first */
        flight = client.inbox;
        server.wire.length = 0;
        ck_assert_int_ge(party_step(&client, &server), 0);
    } while (client.status == SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(client.status, SEC_I_INCOMPLETE_CREDENTIALS);
    ck_assert_uint_eq(server.wire.length, 0);
    if (_i / VERSIONS == 0) {
        append(&client.inbox, flight.data, flight.length);
        client.request |= ISC_REQ_USE_SUPPLIED_CREDS;
    }
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_ne(server.wire.length, 0);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
}
END_TEST

START_TEST(who_requires_one_refuses)
{
    acquire(versions[_i], "require", false);
    ck_assert(!log_on(&client, &server, 0));
    ck_assert_int_eq(server.status, SEC_E_INCOMPLETE_CREDENTIALS);
    ck_assert_uint_ne(client.wire.length, 0);
    append(&client.inbox, client.wire.data, client.wire.length);
    ck_assert_int_eq(party_step(&client, &server), SEC_E_INCOMPLETE_CREDENTIALS);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, caller_that_knows_no_certificates_goes_on, 0, VERSIONS);
    tcase_add_loop_test(cases, caller_that_knows_them_is_asked, 0, 2 * VERSIONS);
    tcase_add_loop_test(cases, who_requires_one_refuses, 0, VERSIONS);
}

int main(void)
{
    return run_case("shim: client certificates", start, stop, 300, add);
}
