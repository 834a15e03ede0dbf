/*
 * NTLM is excluded, by each way to exclude it: then it is neither offered nor taken, and where Kerberos
 * cannot be used either the error says why. Run by spnego-table.sh.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/interop/peer_wire.h"
#include "tests/interop/spnego_cell.h"
#include "tests/runner.h"

/* How NTLM is kept out. */
enum exclusion {
    BY_NEG_MECHS,       /* gss_set_neg_mechs */
    BY_STORE,           /* credential store key packages = !ntlm */
    BY_NOT_NTLM,        /* krb5.conf: packages = !ntlm */
    BY_ONLY_KERBEROS,   /* krb5.conf: packages = kerberos */
    BY_LACK_OF_ACCOUNT, /* not excluded: it has no credentials, and says so */
    EXCLUSIONS
};

/* Why Kerberos cannot be used, and what its reason says. */
static const struct {
    enum scenario_kind scenario;
    const char *reason;
} causes[] = {
    {SERVICE_IS_UNKNOWN, "not found in Kerberos database"},
    {NO_TICKETS, "No Kerberos credentials available"},
    {NO_KDC, "Cannot contact any KDC"},
};
#define CAUSES ((int)(sizeof causes / sizeof causes[0]))

static const enum peer_kind mit_and_ours[] = {PEER_MIT, PEER_MIT_BESIDE, PEER_OURS,
                                              PEER_INTERPOSED};
#define KINDS ((int)(sizeof mit_and_ours / sizeof mit_and_ours[0]))

static struct peer_logon logon;

static void set_up(void)
{
    logon = (struct peer_logon){.token_count = 0};
}

static void tear_down(void)
{
    ck_assert(peer_logon_end(&logon));
}

/* MIT's SPNEGO knows nothing of our package lists. */
static bool is_possible(enum exclusion exclusion, enum peer_kind kind)
{
    return peer_kind_is_ours(kind) || exclusion == BY_NEG_MECHS || exclusion == BY_LACK_OF_ACCOUNT;
}

static void exclude(struct peer_settings *settings, enum exclusion exclusion, const char *krb5_conf)
{
    const char *directory = realm_variable("REALM_DIR");

    switch (exclusion) {
    case BY_NEG_MECHS:
        peer_add_argument(settings, "neg_mechs=krb5");
        break;
    case BY_STORE:
        peer_add_argument(settings, "packages=!ntlm");
        break;
    case BY_NOT_NTLM:
        peer_add_environment(settings, "KRB5_CONFIG=%s/not-ntlm.conf:%s/%s", directory, directory,
                             krb5_conf);
        return;
    case BY_ONLY_KERBEROS:
        peer_add_environment(settings, "KRB5_CONFIG=%s/only-kerberos.conf:%s/%s", directory,
                             directory, krb5_conf);
        return;
    case BY_LACK_OF_ACCOUNT:
    default:
        peer_add_environment(settings, "NTLM_USER_FILE=%s/nonexistent", directory);
        break;
    }
    peer_add_environment(settings, "KRB5_CONFIG=%s/%s", directory, krb5_conf);
}

static void assert_contains(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in: %s", part, text);
}

/* The initiator's own files and flags; its KRB5_CONFIG comes with the exclusion. */
static void prepare_initiator(enum peer_kind kind, const struct scenario *scenario,
                              enum exclusion exclusion)
{
    struct peer_settings *settings = &logon.settings[PEER_INITIATOR];

    peer_settings_begin(settings, PEER_INITIATOR, kind);
    peer_add_argument(settings, "flags=%u", (unsigned)features[MUTUAL].flags);
    if (peer_kind_is_ours(kind))
        peer_settings_look_for_leaks(settings);
    if (scenario->target != NULL)
        peer_add_argument(settings, "target=%s", scenario->target);
    if (scenario->ccache != NULL)
        peer_add_environment(settings, "KRB5CCNAME=FILE:%s/%s", realm_variable("REALM_DIR"),
                             scenario->ccache);
    exclude(settings, exclusion, scenario->krb5_conf != NULL ? scenario->krb5_conf : "krb5.conf");
}

/* Nothing is sent, and the error gives the reason of every mechanism that was tried. */
START_TEST(initiator_says_why)
{
    enum exclusion exclusion = (enum exclusion)(_i % EXCLUSIONS);
    enum peer_kind kind = mit_and_ours[_i / EXCLUSIONS % KINDS];
    int cause = _i / (EXCLUSIONS * KINDS);
    char *text;

    if (!is_possible(exclusion, kind))
        exclusion = BY_NEG_MECHS;
    prepare_initiator(kind, &scenarios[causes[cause].scenario], exclusion);
    peer_settings_begin(&logon.settings[PEER_ACCEPTOR], PEER_ACCEPTOR, PEER_MIT);
    ck_assert(peer_logon_run(&logon));
    text = peer_logon_value(&logon, PEER_INITIATOR, "text");
    ck_assert_msg(logon.verdicts[PEER_INITIATOR] == PEER_FAILED && logon.token_count == 0, "%s",
                  text);
    /* MIT's gives the first mechanism's reason at most. */
    if (peer_kind_is_ours(kind)) {
        assert_contains(text, "Kerberos failed");
        assert_contains(text, causes[cause].reason);
        ck_assert_msg((strstr(text, "NTLM failed") != NULL) == (exclusion == BY_LACK_OF_ACCOUNT),
                      "%s", text);
    }
    free(text);
}
END_TEST

/* Kerberos works: NTLM is not even offered. */
START_TEST(excluded_mechanism_is_not_offered)
{
    static const enum exclusion exclusions[] = {BY_NEG_MECHS, BY_STORE, BY_NOT_NTLM,
                                                BY_ONLY_KERBEROS};
    enum peer_kind kind = _i % 2 == 0 ? PEER_OURS : PEER_INTERPOSED;
    char *tokens;

    prepare_initiator(kind, &scenarios[KERBEROS_WORKS], exclusions[_i / 2]);
    peer_settings_begin(&logon.settings[PEER_ACCEPTOR], PEER_ACCEPTOR, PEER_MIT);
    ck_assert(peer_logon_run(&logon));
    tokens = peer_wire_describe(&logon);
    ck_assert_str_eq(tokens, "I init MK token; A completed M token");
    free(tokens);
}
END_TEST

/* An acceptor without NTLM rejects those who have nothing else; both are told (RFC 4178 4.2.2). */
START_TEST(acceptor_refuses_what_is_excluded)
{
    enum exclusion exclusion = (enum exclusion)(_i % BY_LACK_OF_ACCOUNT);
    enum peer_kind acceptor = mit_and_ours[_i / BY_LACK_OF_ACCOUNT % KINDS];
    enum peer_kind initiator = mit_and_ours[_i / (BY_LACK_OF_ACCOUNT * KINDS)];
    struct peer_settings *settings = &logon.settings[PEER_INITIATOR];
    char *tokens;

    if (!is_possible(exclusion, acceptor))
        exclusion = BY_NEG_MECHS;
    peer_settings_begin(settings, PEER_INITIATOR, initiator);
    peer_add_argument(settings, "flags=%u", (unsigned)features[MUTUAL].flags);
    peer_add_environment(settings, "KRB5CCNAME=FILE:%s/nonexistent", realm_variable("REALM_DIR"));
    peer_settings_begin(&logon.settings[PEER_ACCEPTOR], PEER_ACCEPTOR, acceptor);
    exclude(&logon.settings[PEER_ACCEPTOR], exclusion, "krb5.conf");
    ck_assert(peer_logon_run(&logon));
    tokens = peer_wire_describe(&logon);
    ck_assert_str_eq(tokens, "I init N token; A reject -");
    free(tokens);
    for (int side = 0; side < 2; side++) {
        ck_assert_int_eq(logon.verdicts[side], PEER_FAILED);
        ck_assert_uint_eq(
            GSS_ROUTINE_ERROR(peer_logon_number(&logon, (enum peer_side)side, "major")),
            GSS_S_BAD_MECH);
    }
}
END_TEST

/* Neither a key nor NTLM: the acceptor's error names Kerberos and its reason. */
START_TEST(acceptor_without_key_and_ntlm_says_why)
{
    enum peer_kind acceptor = _i % 2 == 0 ? PEER_OURS : PEER_INTERPOSED;
    struct peer_settings *settings = &logon.settings[PEER_ACCEPTOR];
    char *text;

    peer_settings_begin(&logon.settings[PEER_INITIATOR], PEER_INITIATOR,
                        mit_and_ours[_i / 2 % KINDS]);
    peer_settings_begin(settings, PEER_ACCEPTOR, acceptor);
    peer_add_environment(settings, "KRB5_KTNAME=FILE:%s/nonexistent", realm_variable("REALM_DIR"));
    exclude(settings, BY_NOT_NTLM, "krb5.conf");
    ck_assert(peer_logon_run(&logon));
    ck_assert_int_eq(logon.verdicts[PEER_INITIATOR], PEER_FAILED);
    ck_assert_int_eq(logon.verdicts[PEER_ACCEPTOR], PEER_FAILED);
    text = peer_logon_value(&logon, PEER_ACCEPTOR, "text");
    assert_contains(text, "Kerberos failed");
    assert_contains(text, "Key table entry not found");
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("SPNEGO without NTLM");
    TCase *cases = tcase_create("exclusion");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, initiator_says_why, 0, CAUSES * KINDS * EXCLUSIONS);
    tcase_add_loop_test(cases, excluded_mechanism_is_not_offered, 0, 8);
    tcase_add_loop_test(cases, acceptor_refuses_what_is_excluded, 0,
                        KINDS * KINDS * BY_LACK_OF_ACCOUNT);
    tcase_add_loop_test(cases, acceptor_without_key_and_ntlm_says_why, 0, 2 * KINDS);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
