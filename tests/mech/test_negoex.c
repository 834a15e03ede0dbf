/*
 * NegoEx between ours and MIT's SPNEGO, in all pairs: the same messages and the same outcome as between
 * MIT's and itself, but where ours knows better.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/neg_token.h"
#include "tests/mech/negoex_peers.h"
#include "tests/runner.h"

static struct exchange x;

/* Sets the variables, or takes them away again. */
static void change_environment(const char *settings, bool set)
{
    char copy[256];
    char *rest = NULL;

    (void)snprintf(copy, sizeof copy, "%s", settings);
    for (char *setting = strtok_r(copy, " ", &rest); setting != NULL;
         setting = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(setting, '=');

        ck_assert_ptr_nonnull(value);
        *value++ = '\0';
        ck_assert_int_eq(set ? setenv(setting, value, 1) : unsetenv(setting), 0);
    }
}

static void set_environment(const char *settings)
{
    change_environment(settings, true);
}

/* One logon, and what must come of it whoever the peers are. */
struct scenario {
    const char *environment;
    char outcome;
    const char *messages;
};

static const struct scenario scenarios[] = {
    /* How many tokens the mechanism needs. */
    {"NEGOEX_HOPS=1", 'i', "nmmrv NMMV"},
    {"NEGOEX_HOPS=2", 'i', "nmmr NMMCV v ?"},
    {"NEGOEX_HOPS=3", 'i', "nmmr NMMC rv V"},
    {"NEGOEX_HOPS=4", 'i', "nmmr NMMC r CV v ?"},
    {"NEGOEX_HOPS=7", 'i', "nmmr NMMC r C r C rv V"},
    /* When it has keys. */
    {"NEGOEX_HOPS=2 NEGOEX_KEY=always", 'i', "nmmrv NMMCV"},
    {"NEGOEX_HOPS=3 NEGOEX_KEY=always", 'i', "nmmrv NMMCV r ?"},
    {"NEGOEX_HOPS=4 NEGOEX_KEY=always", 'i', "nmmrv NMMCV r C"},
    {"NEGOEX_HOPS=3 NEGOEX_KEY=initiator", 'i', "nmmrv NMMCA rv V"},
    {"NEGOEX_HOPS=4 NEGOEX_KEY=acceptor", 'i', "nmmr NMMCV ra CV v ?"},
    {"NEGOEX_HOPS=5 NEGOEX_KEY=initiator", 'i', "nmmrv NMMCA rv CA rv V"},
    {"NEGOEX_KEY=never", '-', NULL},
    {"NEGOEX_HOPS=2 NEGOEX_KEY=never", '-', NULL},
    {"NEGOEX_KEY=bad", '-', NULL},
    /* The optimistic token: of a mechanism that drops out, ignored, failing. */
    {"NEGOEX_INIT_FAIL=i", 'j', "nmrv NMV"},
    {"NEGOEX_INIT_FAIL=i NEGOEX_HOPS=2", 'j', "nmr NMCV v ?"},
    {"NEGOEX_INIT_QUERY_FAIL=i", 'j', "nmrv NMV"},
    {"NEGOEX_ACCEPT_QUERY_FAIL=i", 'j', "nmmrv NM rv V"},
    {"NEGOEX_ACCEPT_EXCHANGE_FAIL=i", 'j', "nmmrv NM rv V"},
    {"NEGOEX_ACCEPT_EXCHANGE_FAIL=i NEGOEX_HOPS=2 NEGOEX_KEY=always", 'j', "nmmrv NM rv CV"},
    {"NEGOEX_ACCEPT_FAIL_ONCE=i NEGOEX_HOPS=2", 'i', "nmmr NMM r CV v ?"},
    {"NEGOEX_HOPS=2 NEGOEX_ACCEPT_FAIL=i", '-', NULL},
    {"NEGOEX_ACCEPT_FAIL=i", '-', NULL},
    {"NEGOEX_INIT_FAIL=ij", '-', NULL},
    {"NEGOEX_ACCEPT_QUERY_FAIL=ij", '-', NULL},
    {"NEGOEX_NO_CRED=i", 'j', "nmrv NMV"},
    /* Metadata: none, and none that pleases. The acceptor has chosen when the initiator reads it. */
    {"NEGOEX_INIT_QUERY_NONE=i", 'i', "nmrv NMMV"},
    {"NEGOEX_ACCEPT_QUERY_NONE=ij", 'i', "nmmrv NV"},
    {"NEGOEX_HOPS=2 NEGOEX_INIT_QUERY_NONE=ij NEGOEX_ACCEPT_QUERY_NONE=ij", 'i', "nr NCV v ?"},
    {"NEGOEX_INIT_EXCHANGE_FAIL=i", '-', NULL},
    {"NEGOEX_HOPS=2 NEGOEX_INIT_EXCHANGE_FAIL=i", '-', NULL},
    {"NEGOEX_HOPS=2 NEGOEX_INIT_EXCHANGE_FAIL=i NEGOEX_KEY=always", '-', NULL},
    {"NEGOEX_INIT_EXCHANGE_FAIL=j", 'i', "nmmrv NMMV"},
    /* Contexts that begin with the metadata. */
    {"NEGOEX_HOPS=3 NEGOEX_META_CONTEXT=1", 'i', "nmmr NMMC rv V"},
    {"NEGOEX_HOPS=2 NEGOEX_META_CONTEXT=1 NEGOEX_ACCEPT_QUERY_FAIL=i", 'j', "nmmr NM r CV v ?"},
    {"NEGOEX_META_CONTEXT=1 NEGOEX_INIT_FAIL=i", 'j', "nmrv NMV"},
    /* A mechanism that signs nothing: nothing in SPNEGO needs it as long as NegoEx is the first choice. */
    {"NEGOEX_NO_INTEGRITY=1 NEGOEX_HOPS=2", 'i', "nmmr NMMCV v ?"},
};

static void run(const struct scenario *scenario, const struct negoex_peers *peers,
                const char *client_list, const char *server_list)
{
    set_environment(scenario->environment);
    negoex_set_up(&x, peers, client_list, server_list);
    (void)exchange_run(&x);
    ck_assert_msg(negoex_outcome(&x) == scenario->outcome, "%s, %s: %c (%s): %s", peers->name,
                  scenario->environment, negoex_outcome(&x), negoex_messages(),
                  GSS_ERROR(x.server_major) ? status_text(x.server_major, x.server_minor)
                                            : status_text(x.client_major, x.client_minor));
    if (scenario->messages != NULL)
        ck_assert_msg(strcmp(negoex_messages(), scenario->messages) == 0, "%s, %s: %s", peers->name,
                      scenario->environment, negoex_messages());
    if (scenario->outcome != '-' && strstr(scenario->environment, "NO_INTEGRITY") == NULL)
        exchange_check_messages(&x);
    negoex_tear_down(&x);
    change_environment(scenario->environment, false);
}

START_TEST(peers_agree)
{
    negoex_register(&negoex_peers[_i], "ij");
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        run(&scenarios[i], &negoex_peers[_i], "ij", "ij");
}
END_TEST

/* Lists of both sides in which NegoEx stands beside others. */
static const struct {
    const char *client, *server;
    const char *environment;
    char outcome;
} lists[] = {
    {"iK", "iK", "NEGOEX_HOPS=2", 'i'},
    {"iK", "iK", "NEGOEX_INIT_FAIL=i", 'K'}, /* the initiator falls back */
    {"iN", "iN", "NEGOEX_INIT_QUERY_FAIL=i", 'N'},
    {"iK", "K", "NEGOEX_HOPS=2", 'K'}, /* the acceptor asks for another mechanism */
    {"iN", "N", "NEGOEX_HOPS=2", 'N'},
    {"Ki", "i", "NEGOEX_HOPS=1", 'i'}, /* NegoEx without an optimistic token, and mechListMICs */
    {"Ki", "i", "NEGOEX_HOPS=2", 'i'},
    {"Ki", "i", "NEGOEX_HOPS=3", 'i'},
    {"Ki", "ij", "NEGOEX_HOPS=4", 'i'},
    {"Kij", "ji", "NEGOEX_HOPS=2 NEGOEX_ACCEPT_QUERY_FAIL=i", 'j'},
    {"ij", "j", "NEGOEX_HOPS=2", 'j'},
    {"i", "j", "NEGOEX_HOPS=2", '-'},
};

START_TEST(lists_are_gone_through)
{
    negoex_register(&negoex_peers[_i], "ij");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct scenario scenario = {lists[i].environment, lists[i].outcome, NULL};

        run(&scenario, &negoex_peers[_i], lists[i].client, lists[i].server);
    }
}
END_TEST

/* Somebody in the middle could have changed the schemes, which no mechListMIC covers. */
START_TEST(without_a_common_scheme_the_logon_ends)
{
    struct scenario scenario = {"NEGOEX_HOPS=2", '-', NULL};

    negoex_register(&negoex_peers[_i], "ij");
    run(&scenario, &negoex_peers[_i], "iK", "jK");
}
END_TEST

/* The preference of the acceptor decides; the initiator's optimistic token was in vain. */
START_TEST(the_acceptor_orders_the_schemes)
{
    struct scenario scenario = {"NEGOEX_HOPS=2", 'j', "nmmr NMM r CV v ?"};

    negoex_register(&negoex_peers[_i], "ij");
    run(&scenario, &negoex_peers[_i], "ij", "ji");
}
END_TEST

START_TEST(channel_bindings_reach_the_mechanism)
{
    struct gss_channel_bindings_struct bindings = {
        .application_data = {.length = 2, .value = (void *)(uintptr_t) "cb"}};

    negoex_register(&negoex_peers[_i], "i");
    set_environment("NEGOEX_BINDINGS=cb NEGOEX_HOPS=2");
    negoex_set_up(&x, &negoex_peers[_i], "i", "i");
    x.client_bindings = x.server_bindings = &bindings;
    ck_assert(exchange_run(&x));
    ck_assert_int_eq(negoex_outcome(&x), 'i');
    exchange_reset(&x);
    x.server_bindings = GSS_C_NO_CHANNEL_BINDINGS;
    ck_assert(!exchange_run(&x));
    negoex_tear_down(&x);
}
END_TEST

/* Nothing is said about which mechanisms to use: NegoEx stands behind Kerberos, which has no tickets. */
START_TEST(default_credentials_do)
{
    struct scenario scenario = {"NEGOEX_HOPS=2", 'i', "nmmr NMMCV v ?"};

    negoex_register(&negoex_peers[_i], "ij");
    without_tickets();
    ck_assert_int_eq(unsetenv("NTLM_USER_FILE"), 0);
    run(&scenario, &negoex_peers[_i], NULL, NULL);
}
END_TEST

static unsigned mics[2]; /* [to the server] */
static bool strip_mics;

static void look_at_mic(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    struct neg_token decoded;
    unsigned char *octets = NULL;
    size_t length = 0;
    OM_uint32 minor;

    (void)argument;
    ck_assert_int_eq(neg_token_decode(byte_range_of(token->value, token->length), &decoded),
                     DER_OK);
    if (decoded.kind != NEG_TOKEN_RESP || !byte_range_is_present(decoded.resp.mech_list_mic))
        return;
    mics[exchange->to_server]++;
    if (!strip_mics)
        return;
    decoded.resp.mech_list_mic = BYTE_RANGE_ABSENT;
    ck_assert_int_eq(neg_token_resp_encode(&decoded.resp, &octets, &length), DER_OK);
    (void)gss_release_buffer(&minor, token);
    *token = (gss_buffer_desc){length, octets};
}

/* NegoEx was not the first choice: SPNEGO's list must be protected by the mechanism inside. */
START_TEST(the_list_around_is_protected)
{
    negoex_register(&negoex_peers[_i], "i");
    set_environment("NEGOEX_HOPS=3");
    negoex_set_up(&x, &negoex_peers[_i], "Ki", "i");
    x.on_token = look_at_mic;
    ck_assert(exchange_run(&x));
    ck_assert_int_eq(negoex_outcome(&x), 'i');
    ck_assert_uint_eq(mics[false], 1);
    ck_assert_uint_eq(mics[true], 1);
    exchange_check_messages(&x);
    strip_mics = true;
    exchange_reset(&x);
    ck_assert(!exchange_run(&x));
    exchange_reset(&x);
    ck_assert_int_eq(setenv("NEGOEX_NO_INTEGRITY", "1", 1), 0);
    (void)exchange_run(&x);
    if (negoex_peers[_i].our_client || negoex_peers[_i].our_server)
        ck_assert_int_eq(negoex_outcome(&x), '-');
    negoex_tear_down(&x);
}
END_TEST

/* Two legs of NegoEx and a last word of SPNEGO find their way through CredSSP's messages. */
START_TEST(credssp_takes_it)
{
    static const char *const hops[] = {"1", "2", "3", "4"};

    negoex_register(&negoex_peers[NEGOEX_OURS_OURS], "i");
    ck_assert_int_eq(setenv("NEGOEX_HOPS", hops[_i], 1), 0);
    x = (struct exchange){
        .mechanism = GSS_SSPI_MECH_CREDSSP,
        .target = "TERMSRV@localhost",
        .flags = GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG,
        .client_credential = negoex_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, "i"),
        .server_credential = negoex_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_ACCEPT, "i")};
    ck_assert_msg(exchange_run(&x), "%s",
                  GSS_ERROR(x.server_major) ? status_text(x.server_major, x.server_minor)
                                            : status_text(x.client_major, x.client_minor));
    ck_assert_int_eq(negoex_outcome(&x), 'i');
    exchange_check_messages(&x);
    negoex_tear_down(&x);
}
END_TEST

/* All mechanisms fail: one error names them all. */
START_TEST(the_error_names_every_mechanism)
{
    const char *text;

    negoex_register(&negoex_peers[NEGOEX_OURS_OURS], "ij");
    set_environment("NEGOEX_INIT_FAIL=i NEGOEX_INIT_QUERY_FAIL=j");
    negoex_set_up(&x, &negoex_peers[NEGOEX_OURS_OURS], "ij", NULL);
    ck_assert(!exchange_run(&x));
    text = status_text(x.client_major, x.client_minor);
    ck_assert_msg(strstr(text, "2.25.1001") != NULL && strstr(text, "2.25.1002") != NULL &&
                      strstr(text, "refuses") != NULL,
                  "%s", text);
    negoex_tear_down(&x);
}
END_TEST

/* The acceptor's refusal travels as the mechanism's own token, and the initiator reads it. */
START_TEST(a_refusal_is_told)
{
    const char *text;

    negoex_register(&negoex_peers[_i], "i");
    set_environment("NEGOEX_ACCEPT_FAIL=i NEGOEX_HOPS=2");
    negoex_set_up(&x, &negoex_peers[_i], "i", "i");
    ck_assert(!exchange_run(&x));
    text = status_text(x.client_major, x.client_minor);
    ck_assert_msg(strstr(text, "of the acceptor refused") != NULL, "%s", text);
    negoex_tear_down(&x);
}
END_TEST

/* Who the peer is, and what the context can do. */
START_TEST(a_context_answers_questions)
{
    OM_uint32 minor;
    OM_uint32 lifetime = 0;
    gss_name_t source = GSS_C_NO_NAME;

    negoex_register(&negoex_peers[_i], "i");
    set_environment("NEGOEX_HOPS=3");
    negoex_set_up(&x, &negoex_peers[_i], "i", "i");
    ck_assert(exchange_run(&x));
    ck_assert_str_eq(name_text_of(x.source), "client");
    ck_assert_uint_eq(
        gss_inquire_context(&minor, x.server, &source, NULL, &lifetime, NULL, NULL, NULL, NULL),
        GSS_S_COMPLETE);
    ck_assert_str_eq(name_text_of(source), "client");
    ck_assert_uint_eq(lifetime, GSS_C_INDEFINITE);
    ck_assert_uint_eq(x.client_flags & GSS_C_INTEG_FLAG, GSS_C_INTEG_FLAG);
    ck_assert_uint_eq((x.server_flags ^ x.client_flags) & ~(OM_uint32)GSS_C_PROT_READY_FLAG, 0);
    (void)gss_release_name(&minor, &source);
    negoex_tear_down(&x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("NegoEx");
    TCase *tests = tcase_create("logons");

    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, peers_agree, 0, NEGOEX_PEERS_COUNT);
    tcase_add_loop_test(tests, lists_are_gone_through, 0, NEGOEX_PEERS_COUNT);
    tcase_add_loop_test(tests, without_a_common_scheme_the_logon_ends, 0, NEGOEX_PEERS_COUNT);
    tcase_add_loop_test(tests, the_acceptor_orders_the_schemes, 0, NEGOEX_PEERS_COUNT);
    tcase_add_loop_test(tests, channel_bindings_reach_the_mechanism, 0, NEGOEX_PEERS_COUNT);
    tcase_add_loop_test(tests, default_credentials_do, 0, NEGOEX_PEERS_COUNT);
    tcase_add_loop_test(tests, the_list_around_is_protected, 0, NEGOEX_PEERS_COUNT);
    tcase_add_loop_test(tests, credssp_takes_it, 0, 4);
    tcase_add_test(tests, the_error_names_every_mechanism);
    tcase_add_loop_test(tests, a_refusal_is_told, 0, NEGOEX_PEERS_COUNT);
    tcase_add_loop_test(tests, a_context_answers_questions, 0, NEGOEX_PEERS_COUNT);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
