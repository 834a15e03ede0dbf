/*
 * Package lists at work: which mechanisms an initiator offers, and in which order, as krb5.conf, the
 * credential store and gss_set_neg_mechs say together.
 */
#include <check.h>
#include <string.h>

#include "asn1/neg_token.h"
#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define OFFER_OCTETS 16

static const gss_OID_desc krb5_microsoft = {
    9, (void *)(uintptr_t) "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"};

static struct exchange x;
static char offer[OFFER_OCTETS]; /* a letter for each mechanism offered */

static void start(void)
{
    x = negotiate_exchange();
}

static void finish(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.client_credential);
}

static char letter_of(struct byte_range oid)
{
    const struct {
        const gss_OID_desc *oid;
        char letter;
    } known[] = {{&krb5_microsoft, 'm'}, {&krb5_oid, 'k'}, {&ntlm_oid, 'n'}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (byte_range_equal(oid, byte_range_of(known[i].oid->elements, known[i].oid->length)))
            return known[i].letter;
    }
    return '?';
}

static void look(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    struct neg_token decoded;

    (void)exchange;
    (void)argument;
    if (offer[0] != '\0')
        return;
    ck_assert_int_eq(neg_token_decode(byte_range_of(token->value, token->length), &decoded),
                     DER_OK);
    ck_assert_int_eq(decoded.kind, NEG_TOKEN_INIT);
    ck_assert_uint_lt(decoded.init.mech_types.count, sizeof offer);
    for (size_t i = 0; i < decoded.init.mech_types.count; i++)
        offer[i] = letter_of(decoded.init.mech_types.oids[i]);
}

static void set_neg_mechs(const char *letters)
{
    gss_OID_set set = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_create_empty_oid_set(&minor, &set), GSS_S_COMPLETE);
    for (; *letters != '\0'; letters++) {
        const gss_OID_desc *oid = *letters == 'n'   ? &ntlm_oid
                                  : *letters == 'k' ? &krb5_oid
                                                    : &krb5_microsoft;

        ck_assert_uint_eq(gss_add_oid_set_member(&minor, (gss_OID)(uintptr_t)oid, &set),
                          GSS_S_COMPLETE);
    }
    ck_assert_uint_eq(gss_set_neg_mechs(&minor, x.client_credential, set), GSS_S_COMPLETE);
    (void)gss_release_oid_set(&minor, &set);
}

static const struct {
    const char *options;   /* krb5.conf */
    const char *store;     /* packages of the credential store */
    const char *neg_mechs; /* letters */
    const char *offer;     /* NULL: refused */
} cases[] = {
    {NULL, NULL, NULL, "mkn"},
    {"packages = ntlm,kerberos", NULL, NULL, "nmk"},
    {"packages = ntlm", NULL, NULL, "n"},
    {"packages = !ntlm", NULL, NULL, "mk"},
    {"packages = 1.2.840.113554.1.2.2", NULL, NULL, "mk"},
    {NULL, "ntlm,kerberos", NULL, "nmk"},
    {NULL, "!kerberos", NULL, "n"},
    {"packages = ntlm,kerberos", "kerberos,ntlm", NULL, "mkn"},
    {"packages = kerberos", "ntlm,kerberos", NULL, "mk"},
    {"packages = kerberos", "ntlm", NULL, NULL},
    {NULL, NULL, "nk", "nmk"},
    {NULL, NULL, "k", "mk"},
    {NULL, NULL, "m", "mk"},
    {NULL, NULL, "nkm", "nmk"},
    {NULL, "kerberos", "nk", "mk"},
    {"packages = ntlm", NULL, "kn", "n"},
    {"packages = ntlm", NULL, "k", NULL},
    {"target_packages = host/localhost=ntlm", NULL, NULL, "n"},
    {"target_packages = HOST/local*=ntlm,kerberos host/*=kerberos", NULL, NULL, "nmk"},
    {"target_packages = HTTP/*=ntlm", NULL, NULL, "mkn"},
    {"packages = !ntlm\n target_packages = host/localhost=kerberos,ntlm", NULL, NULL, "mkn"},
    {"target_packages = host/*=!ntlm", "ntlm,kerberos", NULL, "mk"},
    {"target_packages = host/*=!ntlm", NULL, "n", NULL},
};

/* A link may name the host so; it is the same one. */
START_TEST(dot_behind_the_host_changes_no_list)
{
    memset(offer, 0, sizeof offer);
    x.on_token = look;
    with_options("target_packages = host/localhost=ntlm");
    x.target = "host@localhost.";
    (void)exchange_run(&x);
    ck_assert_str_eq(offer, "n");
}
END_TEST

START_TEST(offer_is_what_the_lists_say)
{
    memset(offer, 0, sizeof offer);
    x.on_token = look;
    if (cases[_i].options != NULL)
        with_options(cases[_i].options); /* before the plugin reads it, and keeps it for a second */
    if (cases[_i].store != NULL)
        x.client_credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL,
                                               "packages", cases[_i].store, NULL);
    else if (cases[_i].neg_mechs != NULL || _i % 2 != 0)
        x.client_credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    if (cases[_i].neg_mechs != NULL)
        set_neg_mechs(cases[_i].neg_mechs);
    if (cases[_i].offer == NULL) {
        ck_assert((cases[_i].store != NULL && x.client_credential == GSS_C_NO_CREDENTIAL) ||
                  !exchange_run(&x));
        ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_NO_MECHANISM);
        ck_assert_uint_eq(x.tokens, 0);
        return;
    }
    ck_assert(cases[_i].store == NULL || x.client_credential != GSS_C_NO_CREDENTIAL);
    ck_assert_msg(exchange_run(&x), "client %s, server %s",
                  status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    ck_assert_str_eq(offer, cases[_i].offer);
    ck_assert(gss_oid_equal(x.server_mechanism, *offer == 'n' ? &ntlm_oid : &krb5_oid));
    exchange_check_messages(&x);
}
END_TEST

/* The acceptor's list is its own: the initiator's first choice is not taken, and MICs go both ways. */
START_TEST(acceptor_narrows_its_own_list)
{
    x.server_credential = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_ACCEPT, NULL, "packages",
                                           "!kerberos", NULL);
    ck_assert(exchange_run(&x));
    ck_assert(gss_oid_equal(x.server_mechanism, &ntlm_oid));
    exchange_check_messages(&x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("package lists");
    TCase *tests = tcase_create("Negotiate");

    tcase_add_checked_fixture(tests, start, finish);
    tcase_add_loop_test(tests, offer_is_what_the_lists_say, 0, COUNT(cases));
    tcase_add_test(tests, dot_behind_the_host_changes_no_list);
    tcase_add_test(tests, acceptor_narrows_its_own_list);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
