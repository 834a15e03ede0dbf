/* What CREDSSP's legs fail with: certificates, policy, and who proved the server. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/mech/certificate_files.h"
#include "tests/runner.h"
#include "tests/shim/failed_logon.h"

#define DAY (24L * 60 * 60)

/* Longer than any options here with their paths. */
#define OPTIONS_OCTETS 2000

static struct certificate_files authority;
static struct certificate_files own;

static void before(void)
{
    certificate_files_make(&authority,
                           &(struct certificate_wish){.file = "authority", .authority = true});
    start("CREDSSP");
}

static void after(void)
{
    stop();
    certificate_files_release(&own);
    certificate_files_release(&authority);
}

/* Options of both sides. */
static void configure(const char *options)
{
    char lines[OPTIONS_OCTETS];

    ck_assert_int_lt(
        snprintf(lines, sizeof lines, "[appdefaults]\n gss-sspi = {\n%s\n }\n", options),
        (int)sizeof lines);
    prepend_krb5_conf(lines);
}

/* The server has a certificate of the authority's; the client demands one of trusted's. */
static void serve(struct certificate_wish wish, const char *trusted)
{
    char options[OPTIONS_OCTETS];

    wish.file = "server";
    wish.issuer = &authority;
    certificate_files_make(&own, &wish);
    ck_assert_int_lt(snprintf(options, sizeof options,
                              "certificate = %s\n private_key = %s\n"
                              "server_authentication = verify\n trusted_certificates = %s",
                              own.certificate, own.key, trusted),
                     (int)sizeof options);
    configure(options);
}

START_TEST(certificates)
{
    static const struct {
        const char *host;
        long begins, ends;
        SECURITY_STATUS status;
    } cases[] = {
        {"localhost", 0, 0, SEC_E_OK},
        {"elsewhere.example.test", 0, 0, SEC_E_WRONG_PRINCIPAL},
        {"localhost", -2 * DAY, -DAY, SEC_E_CERT_EXPIRED},
        {"localhost", DAY, 2 * DAY, SEC_E_CERT_EXPIRED},
    };

    serve((struct certificate_wish){.host = cases[_i].host,
                                    .begins = cases[_i].begins,
                                    .ends = cases[_i].ends},
          authority.certificate);
    demand(outcome(NULL), cases[_i].status);
}
END_TEST

START_TEST(certificate_of_a_stranger)
{
    struct certificate_files stranger;

    certificate_files_make(&stranger,
                           &(struct certificate_wish){.file = "stranger", .authority = true});
    serve((struct certificate_wish){.host = "localhost"}, stranger.certificate);
    demand(outcome(NULL), SEC_E_UNTRUSTED_ROOT);
    certificate_files_release(&stranger);
}
END_TEST

START_TEST(certificate_that_is_not_pinned)
{
    char options[OPTIONS_OCTETS];

    (void)snprintf(options, sizeof options,
                   "server_authentication = pin\n server_fingerprints = %s", authority.fingerprint);
    configure(options);
    demand(outcome(NULL), SEC_E_CERT_UNKNOWN);
}
END_TEST

/* The password may go to other servers, and not to this one. */
START_TEST(target_that_policy_does_not_allow)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    configure("AllowFreshCredentials = TERMSRV/elsewhere");
    client.request |= ISC_REQ_DELEGATE;
    demand(outcome(&alice), SEC_E_DELEGATION_POLICY);
    ck_assert_uint_eq(server.wire.length, 0);
}
END_TEST

/* Without a KDC only NTLM can prove anything, and it proves nothing about the server. */
static void have_ntlm_only(const char *allowed)
{
    char options[OPTIONS_OCTETS];

    (void)snprintf(options, sizeof options,
                   "packages = ntlm\n AllowFreshCredentials = *\n"
                   "AllowFreshCredentialsWhenNTLMOnly = %s",
                   allowed);
    configure(options);
}

START_TEST(target_that_only_ntlm_knows)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    have_ntlm_only("TERMSRV/elsewhere");
    client.request = ISC_REQ_DELEGATE;
    demand(outcome(&alice), SEC_E_POLICY_NLTM_ONLY);
}
END_TEST

START_TEST(server_that_was_not_authenticated)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    have_ntlm_only("*");
    client.request = ISC_REQ_MUTUAL_AUTH | (_i == 0 ? 0 : ISC_REQ_DELEGATE);
    demand(outcome(&alice), SEC_E_MUTUAL_AUTH_FAILED);
}
END_TEST

/* Without the flag it need not be. */
START_TEST(server_that_need_not_be_authenticated)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    have_ntlm_only("*");
    client.request = _i == 0 ? 0 : ISC_REQ_DELEGATE;
    demand(outcome(&alice), SEC_E_OK);
    ck_assert_uint_eq(client.attributes & ISC_RET_MUTUAL_AUTH, 0);
}
END_TEST

/* Nothing that a caller could do something about: the administrator can. */
START_TEST(options_that_mean_nothing)
{
    configure("tls_priority = NONSENSE");
    demand(outcome(NULL), SEC_E_INTERNAL_ERROR);
    ck_assert_ptr_nonnull(strstr(SspiGssStatusText(), "tls_priority"));
}
END_TEST

START_TEST(handshake_with_somebody_else)
{
    static const unsigned char hello[] = {0x16, 3, 1, 0, 4, 1, 0, 0, 0};

    party_must_acquire(&server, NULL);
    append(&server.inbox, hello, sizeof hello);
    demand(party_step(&server, &client), SEC_E_ILLEGAL_MESSAGE);
}
END_TEST

/* A record is another on its way: the first behind the handshake. */
START_TEST(altered_record)
{
    configure("tls_priority = NORMAL:-VERS-ALL:+VERS-TLS1.2");
    party_must_acquire(&client, NULL);
    party_must_acquire(&server, NULL);
    while (server.wire.length == 0 || server.wire.data[0] != 0x17) {
        client.inbox = client.wire;
        client.wire.length = 0;
        demand(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
        if (server.wire.data[0] != 0x17) {
            append(&server.inbox, server.wire.data, server.wire.length);
            server.wire.length = 0;
            do {
                demand(party_step(&server, &client), SEC_I_CONTINUE_NEEDED);
            } while (server.inbox.length != 0);
        }
    }
    server.wire.data[server.wire.length - 1] ^= 1;
    append(&server.inbox, server.wire.data, server.wire.length);
    demand(party_step(&server, &client), SEC_E_MESSAGE_ALTERED);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, certificates, 0, 4);
    tcase_add_test(cases, certificate_of_a_stranger);
    tcase_add_test(cases, certificate_that_is_not_pinned);
    tcase_add_test(cases, target_that_policy_does_not_allow);
    tcase_add_test(cases, target_that_only_ntlm_knows);
    tcase_add_loop_test(cases, server_that_was_not_authenticated, 0, 2);
    tcase_add_loop_test(cases, server_that_need_not_be_authenticated, 0, 2);
    tcase_add_test(cases, options_that_mean_nothing);
    tcase_add_test(cases, handshake_with_somebody_else);
    tcase_add_test(cases, altered_record);
}

int main(void)
{
    return run_case("shim: errors of CREDSSP", before, after, 60, add);
}
