/*
 * libFuzzer: a logon between two real sides. The input is what somebody in between does to each
 * token; whatever it is, the sides never both succeed with different mechanisms, flags or keys, or
 * with others than when they are left alone.
 */
#include <gssapi/gssapi_ext.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/negotiate_scenario.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static struct seen_tokens seen;
static size_t seen_before; /* tokens of logons that nobody interfered with */
static enum inner_kind expected_kind[SCENARIO_COUNT];
static OM_uint32 expected_flags[SCENARIO_COUNT][2];

static OM_uint32 flags_of(const struct negotiate_side *side)
{
    struct context_facts facts;

    side->context->operations->describe(side->context, &facts);
    return facts.flags;
}

static void key_of(const struct negotiate_side *side, gss_buffer_set_t *key)
{
    OM_uint32 minor;

    *key = GSS_C_NO_BUFFER_SET;
    must(side->context->operations->inquire_by_oid(
             &minor, side->context, GSS_C_INQ_SSPI_SESSION_KEY, key) == GSS_S_COMPLETE,
         "there is a key");
}

static void check_keys(const struct negotiate_side *client, const struct negotiate_side *server)
{
    gss_buffer_set_t keys[2];
    OM_uint32 minor;

    key_of(client, &keys[0]);
    key_of(server, &keys[1]);
    must(byte_range_equal(byte_range_of(keys[0]->elements[0].value, keys[0]->elements[0].length),
                          byte_range_of(keys[1]->elements[0].value, keys[1]->elements[0].length)),
         "both have the same key");
    (void)gss_release_buffer_set(&minor, &keys[0]);
    (void)gss_release_buffer_set(&minor, &keys[1]);
}

/*
 * A client that does not hear from the server at the end (Kerberos without mutual authentication, NTLM
 * without SPNEGO) cannot know of another logon's AP-REQ in place of its own token: that is for the
 * server's replay cache, which the realm is without.
 */
static void remember_replays(void)
{
    const char *directory = getenv("REALM_DIR");
    char cache[512];

    must(directory != NULL &&
             (size_t)snprintf(cache, sizeof cache, "file2:%s/replays", directory) < sizeof cache &&
             setenv("KRB5RCACHENAME", cache, 1) == 0,
         "there is a replay cache");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    remember_replays();
    negotiate_side_prepare();
    for (int i = 0; i < SCENARIO_COUNT; i++) {
        struct tampering tampering = {.seen = &seen};
        struct negotiate_side client, server;

        negotiate_scenario_run((enum negotiate_scenario)i, &tampering, &client, &server);
        must(tampering_both_succeeded(&tampering), "both succeed when they are left alone");
        expected_kind[i] = negotiate_kind(client.context);
        expected_flags[i][0] = flags_of(&client);
        expected_flags[i][1] = flags_of(&server);
        negotiate_side_end(&client);
        negotiate_side_end(&server);
    }
    seen_before = seen.count;
    return 0;
}

static void check(enum negotiate_scenario scenario, const struct tampering *tampering,
                  const struct negotiate_side *client, const struct negotiate_side *server)
{
    enum inner_kind kind = negotiate_kind(client->context);

    must(kind == negotiate_kind(server->context), "both have the same mechanism");
    must(kind == expected_kind[scenario], "it is the one that they agree on when left alone");
    must(flags_of(client) == expected_flags[scenario][0] &&
             flags_of(server) == expected_flags[scenario][1],
         "the flags are those that they agree on when left alone");
    check_keys(client, server);
    if (scenario == SCENARIO_NTLM || scenario == SCENARIO_RESELECTION)
        must(!tampering->list_changed, "a list that was changed is found out");
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct chance chance = chance_of_octets(byte_range_of(data, size));
    struct tampering tampering = {.chance = &chance, .seen = &seen};
    enum negotiate_scenario scenario = (enum negotiate_scenario)choose(&chance, SCENARIO_COUNT);
    struct negotiate_side client, server;

    tampering.server_first = choose(&chance, 4) == 1;
    negotiate_scenario_run(scenario, &tampering, &client, &server);
    if (tampering_both_succeeded(&tampering))
        check(scenario, &tampering, &client, &server);
    negotiate_side_end(&client);
    negotiate_side_end(&server);
    seen_tokens_cut(&seen, seen_before);
    return 0;
}
