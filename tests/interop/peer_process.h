/* A spnego_peer in a process of its own, as a test driver sees it. */
#ifndef TESTS_INTEROP_PEER_PROCESS_H
#define TESTS_INTEROP_PEER_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>
#include "common/byte_range.h"
#include "tests/interop/peer_frame.h"

/* A peer that does not answer within this time hangs: a step takes milliseconds. */
#define PEER_TIMEOUT_MILLISECONDS 20000

#define PEER_MAXIMUM_SETTINGS 8
#define PEER_SETTING_OCTETS   512

/* What a peer is started with. */
struct peer_settings {
    const char *program;
    char environment[PEER_MAXIMUM_SETTINGS][PEER_SETTING_OCTETS]; /* NAME=VALUE, over our own */
    char arguments[PEER_MAXIMUM_SETTINGS][PEER_SETTING_OCTETS];
    size_t environment_count;
    size_t argument_count;
};

struct peer_process {
    pid_t id;
    int requests;
    int answers;
};

struct peer_answer {
    char kind; /* 0: the peer hangs or has ended */
    unsigned char *octets;
    size_t length; /* a NUL follows that does not count */
};

/* Adds a setting, as printf() would write it; a setting that does not fit ends the program. */
void peer_add_environment(struct peer_settings *settings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void peer_add_argument(struct peer_settings *settings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Starts a peer; false when it cannot be. peer_end() ends it. */
bool peer_start(struct peer_process *peer, const struct peer_settings *settings);

/* Asks, and waits for the answer; the caller frees its octets. */
struct peer_answer peer_ask(struct peer_process *peer, char kind, struct byte_range request);

/* Ends a peer in peace, or by force when it hangs. True when it ended by itself, with status 0. */
bool peer_end(struct peer_process *peer);

#endif
