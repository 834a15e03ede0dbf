/*
 * Writes the tokens of real logons into directories, one file each: the corpora that the fuzz targets
 * of Negotiate start from. Usage, by with-realm: fuzz_negotiate_corpus DIRECTORY
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/negotiate_scenario.h"
#include "tests/fuzz/negotiate_start.h"

static const char *directory;

static void write_seed(const char *target, unsigned first, unsigned number,
                       struct byte_range octets)
{
    char path[4096];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/negotiate_%s/seed-%u-%u", directory, target, first,
                   number);
    file = fopen(path, "wb");
    must(file != NULL, path);
    must(fputc((int)first, file) != EOF &&
             fwrite(octets.data, 1, octets.length, file) == octets.length && fclose(file) == 0,
         "a seed can be written");
}

/* Each token for all places where one like it may come: first tokens, or later ones. */
static void write_token(bool to_server, bool first, unsigned number, struct byte_range octets)
{
    unsigned start = first ? 0 : ACCEPTOR_SECOND_TOKEN;
    unsigned end = first ? ACCEPTOR_SECOND_TOKEN : ACCEPTOR_STARTS;

    if (!to_server) {
        start = first ? INITIATOR_FIRST_CALL : INITIATOR_SECOND_REPLY;
        end = first ? INITIATOR_SECOND_REPLY : INITIATOR_STARTS;
    }
    for (; start < end; start++)
        write_seed(to_server ? "acceptor" : "initiator", start, number, octets);
}

static void write_logon(enum negotiate_scenario scenario, bool server_first)
{
    struct seen_tokens seen = {.count = 0};
    struct tampering tampering = {.seen = &seen, .server_first = server_first};
    struct negotiate_side client, server;
    bool met[2] = {false};

    negotiate_scenario_run(scenario, &tampering, &client, &server);
    must(tampering_both_succeeded(&tampering), "a logon succeeds");
    negotiate_side_end(&client);
    negotiate_side_end(&server);
    for (unsigned i = 0; i < seen.count; i++) {
        bool to_server = seen.tokens[i].to_server;

        write_token(to_server, !met[to_server], (unsigned)scenario * 20 + server_first * 10U + i,
                    seen.tokens[i].octets);
        met[to_server] = true;
    }
    seen_tokens_cut(&seen, 0);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    directory = argv[1];
    negotiate_side_prepare();
    for (int i = 0; i < 2 * SCENARIO_COUNT; i++)
        write_logon((enum negotiate_scenario)(i / 2), i % 2 != 0);
    /* Nothing done to any token, in each scenario; what else there is the fuzzer finds. */
    for (unsigned i = 0; i < SCENARIO_COUNT; i++)
        write_seed("exchange", i, 0, byte_range_of(NULL, 0));
    return EXIT_SUCCESS;
}
