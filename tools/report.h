/* What a logon gave, for people and for scripts. */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tools/logon.h"

/* Texts are "" and the version 0 where the package has no such thing. */
struct logon_facts {
    char user[512]; /* who logged on */
    char inner_mechanism[64];
    char tls_version[32];
    char cipher_suite[64];
    unsigned credssp_version;
    bool mutual;
    bool delegated;
};

/* What a logon cost until it was done. */
struct logon_cost {
    unsigned round_trips;
    uint64_t octets_sent;
    uint64_t octets_received;
    int64_t microseconds;
};

/* Asks the finished context. initiator says which side we are. */
void report_query(struct logon_facts *facts, struct logon *logon, bool initiator);

/* The counts of stream so far; started is the clock_microseconds() of the logon's start. */
struct logon_cost report_cost(const struct token_stream *stream, int64_t started);

/* Prints a block of lines for a person. */
void report_logon(const char *package, const char *target, const struct logon_facts *facts,
                  const struct logon_cost *cost);

/*
 * Copies text so that it cannot do anything to a terminal or pretend to be another line: control
 * characters, and blanks unless keep_blanks, become \xNN. What does not fit is cut off.
 */
void report_escape(char *out, size_t size, const char *text, bool keep_blanks);

#endif
