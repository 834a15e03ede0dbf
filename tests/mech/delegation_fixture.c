#include "tests/mech/delegation_fixture.h"

#include "tests/runner.h"

#define TIMEOUT_SECONDS 60

struct exchange x;

static void set_up(void)
{
    x = (struct exchange){.target = "TERMSRV@localhost",
                          .mechanism = GSS_SSPI_MECH_CREDSSP,
                          .flags = GSS_C_DELEG_FLAG};
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
}

void use_password(const char *user)
{
    x.client_credential =
        password_credential(GSS_SSPI_MECH_CREDSSP, user, realm_variable("REALM_PASSWORD"));
}

void assert_logged_on(void)
{
    bool done = exchange_run(&x);

    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
}

void assert_second_hop(gss_const_OID mechanism, gss_cred_id_t credential, const char *user)
{
    struct exchange hop = {.target = "HTTP@localhost",
                           .mechanism = mechanism,
                           .flags = GSS_C_MUTUAL_FLAG,
                           .client_credential = credential};
    bool done = exchange_run(&hop);

    ck_assert_msg(done, "client: %s; server: %s", status_text(hop.client_major, hop.client_minor),
                  status_text(hop.server_major, hop.server_minor));
    ck_assert_str_eq(name_text_of(hop.source), user);
    exchange_reset(&hop);
}

int run_delegation_tests(const char *name, void (*add)(TCase *cases))
{
    return run_case(name, set_up, tear_down, TIMEOUT_SECONDS, add);
}
