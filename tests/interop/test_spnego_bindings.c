/*
 * What our acceptor makes of channel bindings (channel_bindings in krb5.conf, or in its credential's
 * store), with other people's initiators as with ours. Run by spnego-table.sh.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/interop/peer_wire.h"
#include "tests/interop/spnego_cell.h"
#include "tests/runner.h"

enum demand { NONE, WHEN_SUPPLIED, REQUIRED, BY_CREDENTIAL, DEMANDS };
enum sent { ABSENT, SAME, DIFFERENT, SENT };

static const char *const demand_names[DEMANDS] = {"none", "when supplied", "required",
                                                  "required by the credential"};
static const char *const sent_names[SENT] = {"absent", "the same", "different"};

/* Heimdal's NTLM does not get as far as bindings (see spnego_rules.c). */
static const struct {
    const char *name;
    enum peer_kind kind;
    bool ntlm;
} initiators[] = {{"MIT, Kerberos", PEER_MIT, false},
                  {"MIT, NTLM", PEER_MIT, true},
                  {"ours, Kerberos", PEER_OURS, false},
                  {"ours, NTLM", PEER_OURS, true},
                  {"Heimdal, Kerberos", PEER_HEIMDAL, false}};
#define INITIATORS ((int)(sizeof initiators / sizeof initiators[0]))

/* One cell: what is counted by _i. */
struct row {
    int initiator;
    enum peer_kind acceptor;
    enum demand demand;
    enum sent sent;
    bool acceptor_has_bindings;
};

#define ROWS (INITIATORS * 2 * DEMANDS * SENT * 2)

static struct row row_of(int number)
{
    return (struct row){.initiator = number % INITIATORS,
                        .acceptor = number / INITIATORS % 2 == 0 ? PEER_OURS : PEER_INTERPOSED,
                        .demand = (enum demand)(number / (2 * INITIATORS) % DEMANDS),
                        .sent = (enum sent)(number / (2 * INITIATORS * DEMANDS) % SENT),
                        .acceptor_has_bindings = number / (2 * INITIATORS * DEMANDS * SENT) != 0};
}

/* Windows' Extended Protection: who gives no bindings on the server's side cannot require any. */
static bool is_allowed(const struct row *row)
{
    if (row->demand == BY_CREDENTIAL)
        return row->acceptor_has_bindings && row->sent == SAME;
    if (!row->acceptor_has_bindings || row->demand == NONE || row->sent == SAME)
        return true;
    return row->sent == ABSENT && row->demand == WHEN_SUPPLIED;
}

static struct peer_logon logon;

static void set_up(void)
{
    logon = (struct peer_logon){.token_count = 0};
}

static void tear_down(void)
{
    ck_assert(peer_logon_end(&logon));
}

static void prepare(const struct row *row)
{
    const char *directory = realm_variable("REALM_DIR");
    struct peer_settings *initiator = &logon.settings[PEER_INITIATOR];
    struct peer_settings *acceptor = &logon.settings[PEER_ACCEPTOR];

    peer_settings_begin(initiator, PEER_INITIATOR, initiators[row->initiator].kind);
    peer_add_argument(initiator, "flags=%u", (unsigned)features[MUTUAL].flags);
    if (initiators[row->initiator].ntlm)
        peer_add_environment(initiator, "KRB5CCNAME=FILE:%s/nonexistent", directory);
    if (row->sent != ABSENT)
        peer_add_argument(initiator, "bindings=tls-server-end-point:%s",
                          row->sent == SAME ? "this" : "that");
    peer_settings_begin(acceptor, PEER_ACCEPTOR, row->acceptor);
    if (row->acceptor_has_bindings)
        peer_add_argument(acceptor, "bindings=tls-server-end-point:this");
    if (row->demand == BY_CREDENTIAL)
        peer_add_argument(acceptor, "channel_bindings=required");
    else
        peer_add_environment(acceptor, "KRB5_CONFIG=%s/bindings-%d.conf:%s/krb5.conf", directory,
                             (int)row->demand, directory);
}

/* A Kerberos AP-REP in its GSS header (RFC 4121 4.1): the mechanism's OID and the token's. */
static bool has_ap_rep(struct byte_range token)
{
    static const char start[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x02\x00";

    return byte_range_is_present(token) &&
           memmem(token.data, token.length, start, sizeof start - 1) != NULL;
}

/* The initiator is told, and gets no proof of the server's identity with the refusal. */
static void assert_refused(void)
{
    const struct peer_token *last = &logon.tokens[logon.token_count - 1];
    char *text = peer_logon_value(&logon, PEER_ACCEPTOR, "text");
    struct neg_token token;

    ck_assert_int_eq(logon.verdicts[PEER_INITIATOR], PEER_FAILED);
    ck_assert_int_eq(logon.verdicts[PEER_ACCEPTOR], PEER_FAILED);
    ck_assert_msg(GSS_ROUTINE_ERROR(peer_logon_number(&logon, PEER_ACCEPTOR, "major")) ==
                      GSS_S_BAD_BINDINGS,
                  "%s", text);
    ck_assert_msg(strstr(text, "Success") == NULL, "%s", text);
    /* MIT's initiator answers a refusal with one of its own. */
    if (last->from == PEER_INITIATOR)
        last--;
    ck_assert(peer_wire_decode(last, &token) && token.kind == NEG_TOKEN_RESP);
    ck_assert_int_eq(token.resp.neg_state, NEG_STATE_REJECT);
    ck_assert(!has_ap_rep(token.resp.response_token));
    free(text);
}

START_TEST(policy_decides)
{
    struct row row = row_of(_i);
    char *tokens;
    char *text;

    prepare(&row);
    ck_assert(peer_logon_run(&logon));
    tokens = peer_wire_describe(&logon);
    text = peer_logon_value(&logon, PEER_INITIATOR, "text");
    ck_assert_msg((logon.verdicts[PEER_ACCEPTOR] == PEER_DONE) == is_allowed(&row),
                  "%s, demand: %s, sent: %s, server has %s: [%s] %s",
                  initiators[row.initiator].name, demand_names[row.demand], sent_names[row.sent],
                  row.acceptor_has_bindings ? "some" : "none", tokens, text);
    if (is_allowed(&row))
        ck_assert_int_eq(logon.verdicts[PEER_INITIATOR], PEER_DONE);
    else
        assert_refused();
    free(tokens);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("channel bindings of SPNEGO peers");
    TCase *cases = tcase_create("policy");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, policy_decides, 0, ROWS);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
