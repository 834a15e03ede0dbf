/*
 * What holds of Negotiate whatever somebody does to the tokens on their way: two sides never both
 * succeed with different mechanisms, flags, keys or names, nor with others than they agree on when
 * they are left alone; and a list of mechanisms that was changed is detected wherever it is protected.
 * A context that is half made, failed or done takes every call that there is.
 *
 * PROPERTY_SEED and PROPERTY_ROUNDS choose what is tried: round number n is the first round of
 * the seed that is n higher. Without a seed, half of the rounds are the same in every run.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/mech/context_calls.h"
#include "tests/mech/exchange.h"
#include "tests/mech/tampering.h"
#include "tests/runner.h"

#define LOGON_FLAGS                                                               \
    (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | \
     GSS_C_SEQUENCE_FLAG)

#define DEFAULT_SEED   UINT64_C(0x5350454e45474f)
#define DEFAULT_ROUNDS 400

/* Flags that say how far a context is, or what this side did, not what was agreed upon. */
#define FLAGS_LEFT_OUT (GSS_C_PROT_READY_FLAG | GSS_C_TRANS_FLAG | GSS_C_DELEG_FLAG)

enum mechanism { KERBEROS, NTLM, KERBEROS_ONE_WAY, KERBEROS_DCE, RESELECTION, MECHANISM_COUNT };
enum sides { OURS_OURS, OURS_MIT, MIT_OURS, INTERPOSED, SIDES_COUNT };

#define SCENARIOS (MECHANISM_COUNT * SIDES_COUNT)

/* What two sides agree on. */
struct outcome {
    gss_OID_desc mechanism; /* static storage */
    OM_uint32 client_flags, server_flags;
    char user[128];
};

/*
 * Where each scenario is, in memory that outlives its process: whatever ends it, the round can be
 * told.
 */
static struct {
    bool begun, passed;
    uint64_t seed;
    char log[sizeof((struct tampering *)NULL)->log];
} * progress;

static struct exchange x;
static gss_name_t target;
static struct seen_tokens seen;
static size_t seen_before; /* tokens that are kept for all rounds */
static struct outcome expected;
static int scenario;
static enum sides sides;
static enum mechanism mechanism;

/* Whom the mechglue gave the server's first token to: one without SPNEGO is not for the plugin. */
static bool server_is_ours;

static bool is_ours(bool client)
{
    if (client)
        return sides != MIT_OURS;
    return server_is_ours;
}

static OM_uint32 step_client(void *side, gss_buffer_t input, gss_buffer_t output)
{
    (void)side;
    x.client_major = gss_init_sec_context(
        &x.client_minor, GSS_C_NO_CREDENTIAL, &x.client, target, (gss_OID)(uintptr_t)x.mechanism,
        x.flags, 0, GSS_C_NO_CHANNEL_BINDINGS, input, NULL, output, &x.client_flags, NULL);
    return x.client_major;
}

static OM_uint32 step_server(void *side, gss_buffer_t input, gss_buffer_t output)
{
    gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    (void)side;
    if (x.server == GSS_C_NO_CONTEXT)
        server_is_ours = x.server_header != GSS_C_NO_OID ||
                         (sides == INTERPOSED &&
                          (input->length == 0 ||
                           neg_token_is_plausible(byte_range_of(input->value, input->length))));
    if (x.server == GSS_C_NO_CONTEXT && x.server_header != GSS_C_NO_OID) {
        ck_assert_uint_eq(gss_encapsulate_token(input, x.server_header, &framed), GSS_S_COMPLETE);
        input = &framed;
    }
    x.server_major = gss_accept_sec_context(
        &x.server_minor, &x.server, GSS_C_NO_CREDENTIAL, input, GSS_C_NO_CHANNEL_BINDINGS,
        x.source == GSS_C_NO_NAME ? &x.source : NULL, &x.server_mechanism, output, &x.server_flags,
        NULL, NULL);
    (void)gss_release_buffer(&minor, &framed);
    return x.server_major;
}

/* --- what the two sides agree on --- */

/* The inner mechanism of a side that is done; static storage. */
static gss_OID_desc mechanism_of(gss_ctx_id_t context, bool ours)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    gss_OID found = GSS_C_NO_OID;
    OM_uint32 minor;

    if (ours && sides != INTERPOSED) {
        static const gss_OID_desc *const known[] = {&krb5_oid, &ntlm_oid};

        ck_assert_uint_eq(
            gss_inquire_sec_context_by_oid(
                &minor, context, (gss_OID)(uintptr_t)GSS_SSPI_INQ_INNER_MECHANISM, &answer),
            GSS_S_COMPLETE);
        ck_assert_uint_eq(answer->count, 1);
        for (size_t i = 0; i < 2; i++) {
            if (answer->elements[0].length == known[i]->length &&
                memcmp(answer->elements[0].value, known[i]->elements, known[i]->length) == 0)
                found = (gss_OID)(uintptr_t)known[i];
        }
        (void)gss_release_buffer_set(&minor, &answer);
    } else {
        ck_assert_uint_eq(
            gss_inquire_context(&minor, context, NULL, NULL, NULL, &found, NULL, NULL, NULL),
            GSS_S_COMPLETE);
    }
    ck_assert_ptr_nonnull(found);
    return *found;
}

static bool same_mechanism(gss_OID_desc one, gss_OID_desc other)
{
    return one.length == other.length && memcmp(one.elements, other.elements, one.length) == 0;
}

static bool same_keys(void)
{
    gss_buffer_set_t client = GSS_C_NO_BUFFER_SET;
    gss_buffer_set_t server = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;
    bool same;

    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, x.client, GSS_C_INQ_SSPI_SESSION_KEY, &client),
        GSS_S_COMPLETE);
    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, x.server, GSS_C_INQ_SSPI_SESSION_KEY, &server),
        GSS_S_COMPLETE);
    ck_assert_uint_ge(client->elements[0].length, 16);
    same = client->elements[0].length == server->elements[0].length &&
           memcmp(client->elements[0].value, server->elements[0].value,
                  client->elements[0].length) == 0;
    (void)gss_release_buffer_set(&minor, &client);
    (void)gss_release_buffer_set(&minor, &server);
    return same;
}

static struct outcome outcome_now(void)
{
    struct outcome outcome = {.mechanism = mechanism_of(x.client, is_ours(true)),
                              .client_flags = x.client_flags & ~(OM_uint32)FLAGS_LEFT_OUT,
                              .server_flags = x.server_flags & ~(OM_uint32)FLAGS_LEFT_OUT};

    (void)snprintf(outcome.user, sizeof outcome.user, "%s", name_text_of(x.source));
    return outcome;
}

/* Why two sides that have both succeeded must not have, or NULL. */
static const char *what_is_wrong(const struct tampering *tampering)
{
    struct outcome now = outcome_now();

    if (!same_mechanism(now.mechanism, mechanism_of(x.server, is_ours(false))))
        return "different mechanisms";
    if (!same_mechanism(now.mechanism, expected.mechanism))
        return "another mechanism than without interference";
    if (!same_keys())
        return "different keys";
    if (now.client_flags != expected.client_flags || now.server_flags != expected.server_flags)
        return "other flags than without interference";
    if (strcmp(now.user, expected.user) != 0)
        return "another user than without interference";
    /*
     * RFC 4178 5 lets Kerberos, as the client's first choice, go without mechListMIC. Everywhere
     * else here there is one.
     */
    if (tampering->list_changed && (mechanism == NTLM || mechanism == RESELECTION))
        return "a list of mechanisms that was changed";
    return NULL;
}

/* --- one logon --- */

static void clear(void)
{
    exchange_reset(&x);
    seen_tokens_cut(&seen, seen_before);
}

static void run(struct tampering *tampering)
{
    tampering->seen = &seen;
    tampering->client.step = step_client;
    tampering->server.step = step_server;
    tampering_run(tampering);
}

/* A logon that nobody interferes with: what comes of it is what may come of others. */
static void run_undisturbed(void)
{
    struct tampering tampering = {.chance = NULL};

    run(&tampering);
    ck_assert_msg(tampering_both_succeeded(&tampering), "client: %s; server: %s",
                  status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
    expected = outcome_now();
    ck_assert_ptr_null(what_is_wrong(&tampering));
    exchange_check_messages(&x);
}

/* Returns whether both sides have succeeded. */
static bool run_round(uint64_t seed)
{
    struct chance chance = chance_of_seed(seed * SCENARIOS + (unsigned)scenario);
    struct tampering tampering = {.chance = &chance};
    const char *wrong = NULL;
    bool succeeded;

    progress[scenario].seed = seed;
    progress[scenario].log[0] = '\0';
    tampering.server_first = sides != OURS_MIT && sides != MIT_OURS && choose(&chance, 8) == 1;
    run(&tampering);
    succeeded = tampering_both_succeeded(&tampering);
    if (succeeded)
        wrong = what_is_wrong(&tampering);
    memcpy(progress[scenario].log, tampering.log, sizeof tampering.log);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    if (succeeded)
        exchange_check_messages(&x);
    if (is_ours(true))
        context_calls_make(&x.client, x.client_major);
    if (is_ours(false))
        context_calls_make(&x.server, x.server_major);
    clear();
    return succeeded;
}

/* --- the scenarios --- */

/* Registers the plugin in place of SPNEGO too, before this process has read what is registered. */
static void take_over_spnego(void)
{
    char path[512];
    char line[512];
    FILE *from = fopen(realm_variable("GSS_MECH_CONFIG"), "r");
    FILE *to;

    (void)snprintf(path, sizeof path, "%s/interposed.conf", realm_variable("REALM_DIR"));
    to = fopen(path, "w");
    ck_assert(from != NULL && to != NULL);
    while (fgets(line, sizeof line, from) != NULL)
        ck_assert_int_ge(fputs(line, to), 0);
    ck_assert_int_gt(fprintf(to, "negotiate_spnego 2.25.3579557143683582521.3 %s <interposer>\n",
                             realm_variable("REALM_MODULE")),
                     0);
    ck_assert_int_eq(fclose(from), 0);
    ck_assert_int_eq(fclose(to), 0);
    ck_assert_int_eq(setenv("GSS_MECH_CONFIG", path, 1), 0);
}

/* Keeps the tokens of a logon by this mechanism alone, to be sent where they do not belong. */
static void see_bare_logon(gss_const_OID bare)
{
    const struct exchange kept = x;
    struct tampering tampering = {.chance = NULL};

    x.mechanism = bare;
    x.server_header = GSS_C_NO_OID;
    run(&tampering);
    ck_assert(tampering_both_succeeded(&tampering));
    exchange_reset(&x);
    x = kept;
}

/*
 * Where the client does not hear from the server at the end (Kerberos without mutual authentication, NTLM
 * without SPNEGO around it), only the server's replay cache tells an old AP-REQ from a new one.
 * Elsewhere there is none, so that replayed tokens get as far as they can.
 */
static void remember_replays(void)
{
    char cache[512];

    (void)snprintf(cache, sizeof cache, "file2:%s/replays", realm_variable("REALM_DIR"));
    ck_assert_int_eq(setenv("KRB5RCACHENAME", cache, 1), 0);
}

static void choose_scenario(int index)
{
    gss_buffer_desc text = {sizeof "host@localhost" - 1, (void *)(uintptr_t) "host@localhost"};
    OM_uint32 minor;

    scenario = index;
    sides = (enum sides)(index % SIDES_COUNT);
    mechanism = (enum mechanism)(index / SIDES_COUNT);
    if (sides == INTERPOSED)
        take_over_spnego();
    x = (struct exchange){
        .mechanism =
            sides == MIT_OURS || sides == INTERPOSED ? &spnego_oid : GSS_SSPI_MECH_NEGOTIATE,
        .server_header =
            sides == OURS_OURS || sides == MIT_OURS ? GSS_SSPI_MECH_NEGOTIATE : GSS_C_NO_OID,
        .flags = LOGON_FLAGS};
    ck_assert_uint_eq(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target),
                      GSS_S_COMPLETE);
    if (mechanism == KERBEROS_ONE_WAY || mechanism == NTLM)
        remember_replays();
    see_bare_logon(&krb5_oid);
    see_bare_logon(&ntlm_oid);
    if (mechanism == NTLM)
        without_tickets();
    if (mechanism == KERBEROS_ONE_WAY)
        x.flags &= ~(OM_uint32)GSS_C_MUTUAL_FLAG;
    if (mechanism == KERBEROS_DCE)
        x.flags |= GSS_C_DCE_STYLE;
    if (mechanism == RESELECTION)
        ck_assert_int_eq(setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1), 0);
    run_undisturbed();
    seen_before = seen.count;
    clear();
}

/* A number from the environment, or what it is without one. */
static uint64_t number_given(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t number;
    char *end;

    if (text == NULL)
        return otherwise;
    number = strtoull(text, &end, 0);
    ck_assert_msg(*text != '\0' && *end == '\0', "%s=%s is no number", name, text);
    return number;
}

static uint64_t seed_of_this_run(void)
{
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
    return ((uint64_t)now.tv_sec << 20) ^ (uint64_t)now.tv_nsec ^ ((uint64_t)getpid() << 40);
}

START_TEST(interference_never_gives_two_that_disagree)
{
    uint64_t rounds = number_given("PROPERTY_ROUNDS", DEFAULT_ROUNDS);
    bool given = getenv("PROPERTY_SEED") != NULL;
    uint64_t first = given ? number_given("PROPERTY_SEED", 0) : DEFAULT_SEED;
    uint64_t second = given ? first + rounds / 2 : seed_of_this_run();
    OM_uint32 minor;
    unsigned succeeded = 0;

    choose_scenario(_i);
    progress[_i].begun = true;
    for (uint64_t i = 0; i < rounds; i++)
        succeeded += run_round(i < rounds / 2 ? first + i : second + (i - rounds / 2));
    printf("mechanism %d, sides %d: seeds %" PRIu64 " and %" PRIu64 ", %" PRIu64
           " rounds, %u logons\n",
           (int)mechanism, (int)sides, first, second, rounds, succeeded);
    seen_tokens_cut(&seen, 0);
    (void)gss_release_name(&minor, &target);
    /* Chance leaves some of many alone: a harness in which nothing ever succeeds shows nothing. */
    ck_assert(rounds < DEFAULT_ROUNDS || succeeded != 0);
    progress[_i].passed = true;
}
END_TEST

static void tell_how_to_repeat(void)
{
    for (int i = 0; i < SCENARIOS; i++) {
        if (progress[i].begun && !progress[i].passed)
            printf("mechanism %d, sides %d: repeat with PROPERTY_SEED=%" PRIu64
                   " PROPERTY_ROUNDS=1: %s\n",
                   i / SIDES_COUNT, i % SIDES_COUNT, progress[i].seed, progress[i].log);
    }
}

int main(void)
{
    Suite *suite = suite_create("properties of Negotiate");
    TCase *cases = tcase_create("properties");
    int status;

    progress = mmap(NULL, SCENARIOS * sizeof *progress, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED) {
        perror("mmap");
        return EXIT_FAILURE;
    }
    tcase_set_timeout(cases, 3600);
    tcase_add_loop_test(cases, interference_never_gives_two_that_disagree, 0, SCENARIOS);
    suite_add_tcase(suite, cases);
    status = run_suite(suite);
    tell_how_to_repeat();
    return status;
}
