/* tls_version: a credential that keeps to one version of TLS. */
#include <check.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

static struct exchange x;

static void set_up(void)
{
    x = (struct exchange){.target = "host@localhost", .mechanism = GSS_SSPI_MECH_CREDSSP};
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
    (void)gss_release_cred(&minor, &x.server_credential);
}

static gss_cred_id_t with_version(gss_cred_usage_t usage, const char *version)
{
    gss_cred_id_t credential =
        store_credential(GSS_SSPI_MECH_CREDSSP, usage, NULL, "tls_version", version, NULL);

    ck_assert(credential != GSS_C_NO_CREDENTIAL);
    return credential;
}

static void assert_version(const char *expected)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(
                          &minor, x.client, (gss_OID)(uintptr_t)GSS_SSPI_INQ_TLS_VERSION, &answer),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(answer->elements[0].length, strlen(expected));
    ck_assert_mem_eq(answer->elements[0].value, expected, strlen(expected));
    (void)gss_release_buffer_set(&minor, &answer);
}

START_TEST(one_side_is_enough)
{
    static const char *const versions[] = {"1.2", "1.3"};
    static const char *const expected[] = {"TLS1.2", "TLS1.3"};
    int version = _i % 2;

    if (_i / 2 == 0) {
        x.client_credential = with_version(GSS_C_INITIATE, versions[version]);
        x.client_credential = exported_copy(&x.client_credential);
    } else {
        x.server_credential = with_version(GSS_C_ACCEPT, versions[version]);
        x.server_credential = exported_copy(&x.server_credential);
    }
    ck_assert_msg(exchange_run(&x), "%s", status_text(x.client_major, x.client_minor));
    assert_version(expected[version]);
    /* Others of this process are free to choose, before and after. */
    tear_down();
    ck_assert(exchange_run(&x));
    assert_version("TLS1.3");
}
END_TEST

START_TEST(all_is_the_default)
{
    x.client_credential = with_version(GSS_C_INITIATE, "all");
    ck_assert(exchange_run(&x));
    assert_version("TLS1.3");
}
END_TEST

START_TEST(credential_does_not_weaken_policy)
{
    with_options("tls_priority = NORMAL:-VERS-ALL:+VERS-TLS1.3");
    x.client_credential = with_version(GSS_C_INITIATE, "1.2");
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_TLS_SETUP);
}
END_TEST

START_TEST(other_versions_are_refused)
{
    static const char *const versions[] = {"1.1", "1.0", "ssl3", "", "1.2,1.3"};

    ck_assert(store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, "tls_version",
                               versions[_i], NULL) == GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, one_side_is_enough, 0, 4);
    tcase_add_test(cases, all_is_the_default);
    tcase_add_test(cases, credential_does_not_weaken_policy);
    tcase_add_loop_test(cases, other_versions_are_refused, 0, 5);
}

int main(void)
{
    return run_case("versions of TLS", set_up, tear_down, 60, add);
}
