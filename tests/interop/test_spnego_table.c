/*
 * The table of SPNEGO peers: MIT's, MIT's beside our plugin, ours by its own OID, ours in SPNEGO's place,
 * Heimdal's, each with each, by Kerberos and by NTLM, with what callers ask for. Each side is a process
 * of its own; every token is looked at on its way. Run by spnego-table.sh.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/interop/peer_wire.h"
#include "tests/interop/spnego_rules.h"
#include "tests/runner.h"

/* A side of a logon in words, for a failing check. */
static const char *describe(const struct peer_logon *logon)
{
    static char text[4096];
    char *tokens = peer_wire_describe(logon);
    char *said[2];

    for (int side = 0; side < 2; side++)
        said[side] = peer_logon_value(logon, (enum peer_side)side, "text");
    (void)snprintf(
        text, sizeof text, "[%s] initiator %c: %s; acceptor %c: %s", tokens != NULL ? tokens : "",
        logon->verdicts[0] != 0 ? logon->verdicts[0] : '0', said[0] != NULL ? said[0] : "",
        logon->verdicts[1] != 0 ? logon->verdicts[1] : '0', said[1] != NULL ? said[1] : "");
    free(tokens);
    free(said[0]);
    free(said[1]);
    return text;
}

/* A line of a report is this text; NULL: there is no such line. */
static void assert_value(const struct peer_logon *logon, enum peer_side side, const char *name,
                         const char *expected)
{
    char *value = peer_logon_value(logon, side, name);

    if (expected == NULL)
        ck_assert_msg(value == NULL, "%s of side %d is %s", name, side, value);
    else
        ck_assert_msg(value != NULL && strcmp(value, expected) == 0, "%s of side %d is %s, not %s",
                      name, side, value != NULL ? value : "not told", expected);
    free(value);
}

/* --- tokens --- */

static void assert_tokens(const struct cell *cell, const struct peer_logon *logon)
{
    char expected[400];
    char *tokens = peer_wire_describe(logon);

    if (predict_tokens(cell, expected, sizeof expected))
        ck_assert_str_eq(tokens, expected);
    free(tokens);
}

static bool contains(const struct peer_token *token, const char *octets, size_t length)
{
    return memmem(token->octets, token->length, octets, length) != NULL;
}

/* Whoever wants to be anonymous does not tell his name: NTLM has no ticket to hide it in. */
static void assert_anonymous(const struct peer_logon *logon)
{
    static const char in_utf16[] = "a\0l\0i\0c\0e";

    for (size_t i = 0; i < logon->token_count; i++) {
        ck_assert_msg(!contains(&logon->tokens[i], "alice", 5) &&
                          !contains(&logon->tokens[i], in_utf16, sizeof in_utf16 - 1),
                      "token %zu names the user", i);
    }
}

/* --- a logon that succeeds --- */

static void assert_mechanism(const struct cell *cell, const struct peer_logon *logon)
{
    const char *inner =
        predict_outcome(cell) == BY_KERBEROS ? "2a864886f712010202" : "2b06010401823702020a";

    /* Who asks for us by name is told that name (gss-client asks it for its name types). */
    assert_value(logon, PEER_INITIATOR, "mechanism",
                 cell->initiator == PEER_OURS ? "69b1d6c9889c93e3943902" : inner);
    assert_value(logon, PEER_ACCEPTOR, "mechanism", inner);
}

static void assert_flags(const struct cell *cell, const struct peer_logon *logon)
{
    for (int side = 0; side < 2; side++) {
        OM_uint32 expected = predict_flags(cell, (enum peer_side)side);
        OM_uint32 flags = peer_logon_number(logon, (enum peer_side)side, "flags");
        OM_uint32 inquired = peer_logon_number(logon, (enum peer_side)side, "inquired_flags");

        ck_assert_msg((flags & RULED_FLAGS) == expected, "flags of side %d: %x, not %x", side,
                      (unsigned)flags, (unsigned)expected);
        ck_assert_msg((inquired & RULED_FLAGS) == expected, "inquired flags of side %d: %x, not %x",
                      side, (unsigned)inquired, (unsigned)expected);
    }
}

static void assert_names(const struct cell *cell, const struct peer_logon *logon)
{
    bool kerberos = predict_outcome(cell) == BY_KERBEROS;

    assert_value(logon, PEER_ACCEPTOR, "source", predict_user(cell));
    for (int side = 0; side < 2; side++)
        assert_value(logon, (enum peer_side)side, "inquired_source", predict_user(cell));
    if (kerberos)
        assert_value(logon, PEER_INITIATOR, "inquired_target", "host/localhost@EXAMPLE.TEST");
}

static void assert_state(const struct cell *cell, const struct peer_logon *logon)
{
    bool kerberos = predict_outcome(cell) == BY_KERBEROS;
    const enum peer_kind kinds[2] = {cell->initiator, cell->acceptor};

    for (int side = 0; side < 2; side++) {
        ck_assert_uint_eq(peer_logon_number(logon, (enum peer_side)side, "local"), side == 0);
        ck_assert_uint_ne(peer_logon_number(logon, (enum peer_side)side, "open"), 0);
        /* Foreign: MIT's SPNEGO tells no lifetime of NTLM's contexts. */
        if (kerberos || peer_kind_is_ours(kinds[side]))
            ck_assert_uint_gt(peer_logon_number(logon, (enum peer_side)side, "lifetime"), 60);
    }
}

/* Both have the same key of this sort; whether one must have it is in necessary. */
static void assert_same_key(const struct peer_logon *logon, const char *name, bool necessary)
{
    char *keys[2];

    for (int side = 0; side < 2; side++) {
        keys[side] = peer_logon_value(logon, (enum peer_side)side, name);
        ck_assert_msg(!necessary || (keys[side] != NULL && strlen(keys[side]) >= 32),
                      "side %d has no %s", side, name);
    }
    if (keys[0] != NULL && keys[1] != NULL)
        ck_assert_str_eq(keys[0], keys[1]);
    free(keys[0]);
    free(keys[1]);
}

static void assert_keys(const struct cell *cell, const struct peer_logon *logon)
{
    bool heimdal = cell->initiator == PEER_HEIMDAL || cell->acceptor == PEER_HEIMDAL;

    assert_same_key(logon, "session_key", true);
    /* gss-ntlmssp has no gss_pseudo_random; Heimdal's needs a subkey of the acceptor's. */
    assert_same_key(logon, "derived_key", predict_outcome(cell) == BY_KERBEROS && !heimdal);
}

/* A delegated ticket is the user's, and good for another service. */
static void assert_delegation(const struct cell *cell, const struct peer_logon *logon)
{
    bool delegated = cell->feature == DELEGATION && predict_outcome(cell) == BY_KERBEROS;

    assert_value(logon, PEER_ACCEPTOR, "delegated", delegated ? predict_user(cell) : NULL);
    if (delegated)
        ck_assert_uint_gt(peer_logon_number(logon, PEER_ACCEPTOR, "second_hop"), 0);
}

/* Foreign: what Heimdal's gss_wrap seals in DCE style is rotated in a way that only Heimdal undoes. */
static bool can_open(const struct cell *cell, enum peer_side from)
{
    enum peer_kind sealer = from == PEER_INITIATOR ? cell->initiator : cell->acceptor;
    enum peer_kind opener = from == PEER_INITIATOR ? cell->acceptor : cell->initiator;

    return cell->feature != DCE_STYLE || sealer != PEER_HEIMDAL || opener == PEER_HEIMDAL;
}

static void assert_messages(const struct cell *cell, struct peer_logon *logon)
{
    OM_uint32 flags = predict_flags(cell, PEER_ACCEPTOR);

    for (int side = 0; side < 2; side++) {
        enum peer_side from = (enum peer_side)side;

        ck_assert(peer_logon_send(logon, from, PEER_SIGN, PEER_VERIFY));
        ck_assert(peer_logon_send(logon, from, PEER_WRAP_UNSEALED, PEER_UNWRAP));
        if (flags & GSS_C_CONF_FLAG)
            ck_assert_int_eq(peer_logon_send(logon, from, PEER_WRAP, PEER_UNWRAP),
                             can_open(cell, from));
    }
}

static void assert_success(const struct cell *cell, struct peer_logon *logon)
{
    ck_assert_msg(logon->verdicts[PEER_INITIATOR] == PEER_DONE &&
                      logon->verdicts[PEER_ACCEPTOR] == PEER_DONE,
                  "%s: %s", cell_name(cell), describe(logon));
    assert_tokens(cell, logon);
    assert_mechanism(cell, logon);
    assert_flags(cell, logon);
    assert_names(cell, logon);
    assert_state(cell, logon);
    assert_keys(cell, logon);
    assert_delegation(cell, logon);
    assert_messages(cell, logon);
}

/* --- a logon that fails --- */

/* What went wrong is said, and is not "Success". */
static void assert_clear(const struct peer_logon *logon, enum peer_side side)
{
    char *text = peer_logon_value(logon, side, "text");

    ck_assert_msg(text != NULL && strstr(text, " / ") != NULL, "no reason: %s",
                  text != NULL ? text : "");
    ck_assert_msg(strstr(text, "Success") == NULL && strstr(text, "Unknown") == NULL, "%s", text);
    free(text);
}

/* No side takes it for done; what ours says is clear. */
static void assert_refusal(const struct cell *cell, const struct peer_logon *logon)
{
    OM_uint32 error = predict_acceptor_error(cell);

    ck_assert_msg(logon->verdicts[PEER_INITIATOR] == PEER_FAILED, "%s: %s", cell_name(cell),
                  describe(logon));
    /*
     * The acceptor may never have been asked, or wait for a token that will not come. Foreign: Heimdal's
     * says "complete", with neither mechanism nor name, when the initiator rejects.
     */
    ck_assert(logon->verdicts[PEER_ACCEPTOR] != PEER_DONE || cell->acceptor == PEER_HEIMDAL);
    if (error != 0)
        ck_assert_msg(GSS_ROUTINE_ERROR(peer_logon_number(logon, PEER_ACCEPTOR, "major")) == error,
                      "%s: %s", cell_name(cell), describe(logon));
    if (peer_kind_is_ours(cell->initiator))
        assert_clear(logon, PEER_INITIATOR);
    if (peer_kind_is_ours(cell->acceptor) && logon->verdicts[PEER_ACCEPTOR] == PEER_FAILED)
        assert_clear(logon, PEER_ACCEPTOR);
    /* Foreign: MIT's lets gss-ntlmssp name the user when credentials were acquired. */
    if (cell->feature == ANONYMOUS_FLAG && peer_kind_is_ours(cell->initiator))
        assert_anonymous(logon);
}

static struct cell_list table;

START_TEST(cell_of_the_table)
{
    struct cell cell = table.cells[_i];
    struct peer_logon logon = {.token_count = 0};

    cell_prepare(&cell, &logon);
    ck_assert_msg(peer_logon_run(&logon), "%s hangs, or a side has died: %s", cell_name(&cell),
                  describe(&logon));
    if (predict_outcome(&cell) == REFUSED)
        assert_refusal(&cell, &logon);
    else
        assert_success(&cell, &logon);
    ck_assert_msg(peer_logon_end(&logon), "a side of %s does not end in order", cell_name(&cell));
}
END_TEST

/* test_spnego_table [PART PARTS]: all scenarios, or every PARTS-th. */
int main(int count, char **arguments)
{
    int part = count == 3 ? atoi(arguments[1]) : 0;
    int parts = count == 3 ? atoi(arguments[2]) : 1;
    Suite *suite = suite_create("SPNEGO table");

    cell_list_make(&table);
    for (int scenario = part; scenario < SCENARIO_KINDS; scenario += parts) {
        TCase *cells = tcase_create(scenarios[scenario].name);

        tcase_set_timeout(cells, 120);
        tcase_add_loop_test(cells, cell_of_the_table, table.first[scenario],
                            table.first[scenario + 1]);
        suite_add_tcase(suite, cells);
    }
    return run_suite(suite);
}
