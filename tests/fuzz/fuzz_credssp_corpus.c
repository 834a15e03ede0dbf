/*
 * Writes what the fuzz targets of CredSSP start from, one directory for each role: logons that nobody
 * interferes with, ones with one thing out of place, and what such logons put on the wire. Usage, by
 * with-realm: fuzz_credssp_corpus DIRECTORY
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/credssp_script.h"
#include "tests/fuzz/negotiate_side.h"

/* Choices of one thing out of place: which one, and what. */
#define PLACES  24
#define CHOICES 13

static const char *directory;

static void write_seed(bool initiator, const char *name, unsigned number, unsigned start,
                       struct byte_range octets)
{
    char path[4096];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/credssp_%s/seed-%s-%u-%u", directory,
                   initiator ? "initiator" : "acceptor", name, start, number);
    file = fopen(path, "wb");
    must(file != NULL, path);
    must(fputc((int)start, file) != EOF &&
             fwrite(octets.data, 1, octets.length, file) == octets.length && fclose(file) == 0,
         "a seed can be written");
}

static void write_logon(bool initiator, unsigned start)
{
    const unsigned char first = (unsigned char)start;

    credssp_script_run(initiator, byte_range_of(&first, 1));
    must(credssp_script_succeeded(), "a logon succeeds");
    write_seed(initiator, "logon", 0, start, byte_range_of(NULL, 0));
    write_seed(initiator, "octets", start, SCRIPT_OCTETS, credssp_script_octets());
    write_seed(initiator, "octets", start, SCRIPT_OCTETS_IN_PIECES, credssp_script_octets());
}

static void write_changes(bool initiator, unsigned start)
{
    for (unsigned place = 0; place < PLACES; place++) {
        for (unsigned choice = 1; choice < CHOICES; choice++) {
            unsigned char octets[PLACES + 4] = {0};

            octets[place] = (unsigned char)choice;
            octets[place + 1] = (unsigned char)(choice * 3);
            write_seed(initiator, "change", place * CHOICES + choice, start,
                       byte_range_of(octets, place + 2));
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    directory = argv[1];
    (void)LLVMFuzzerInitialize(NULL, NULL);
    for (unsigned i = 0; i < 2 * SCRIPT_OCTETS; i++) {
        write_logon(i % 2 != 0, i / 2);
        write_changes(i % 2 != 0, i / 2);
    }
    return EXIT_SUCCESS;
}
