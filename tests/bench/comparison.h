/* Measuring what is to be compared: rows of CPU times, and ratios of them. */
#ifndef TESTS_BENCH_COMPARISON_H
#define TESTS_BENCH_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/bench/logon.h"

#define ROUNDS             61
#define BATCH_MICROSECONDS 12000.0 /* each round gives every row so much */

enum holding { ACQUIRED_ONCE, ACQUIRED_EACH_TIME, NONE_GIVEN };

/* One thing that is measured. */
struct row {
    const char *name;
    void (*run)(struct row *row);
    struct logon logon; /* with credentials where they are ACQUIRED_ONCE */
    enum holding holding;
    size_t message;      /* octets */
    gss_ctx_id_t client; /* for messages */
    gss_ctx_id_t server;

    unsigned batch;
    double samples[ROUNDS];
};

/* A ratio to show: one row to the sum of some others. */
struct ratio {
    const char *text;
    size_t row;
    size_t parts[3];
    size_t part_count;
};

/* CPU time of this process so far. */
double cpu_microseconds(void);

/* Runs the row once, and sets how often a batch of it runs. */
void size_batch(struct row *row);

/* All rows in turn, a batch of each, round after round. */
void sample(struct row *rows, size_t count);

/* How a program makes what a row needs, and gives it back. */
struct row_keeping {
    void (*prepare)(struct row *row);
    void (*clean_up)(struct row *row);
};

/*
 * For a profiler: runs the row of the number in arguments[1], counted from 1, as often as arguments[2]
 * says. False when there is no such row.
 */
bool run_one_row(struct row *rows, size_t count, const struct row_keeping *keeping,
                 char *const *arguments);

/* The median of the ratios of each round: neighbours in time were disturbed alike. */
double ratio_of(const struct row *rows, const struct ratio *ratio);

/* Prints the row's number, name, median and rate. */
void show(const struct row *row, size_t number);

#endif
