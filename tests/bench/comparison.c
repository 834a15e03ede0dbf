#include "tests/bench/comparison.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double cpu_microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

void size_batch(struct row *row)
{
    double start = cpu_microseconds();

    row->run(row);
    row->batch = 1 + (unsigned)(BATCH_MICROSECONDS / (1 + cpu_microseconds() - start));
}

static double time_batch(struct row *row)
{
    double start = cpu_microseconds();

    for (unsigned i = 0; i < row->batch; i++)
        row->run(row);
    return (cpu_microseconds() - start) / row->batch;
}

void sample(struct row *rows, size_t count)
{
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++)
            rows[i].samples[round] = time_batch(&rows[i]);
    }
}

bool run_one_row(struct row *rows, size_t count, const struct row_keeping *keeping,
                 char *const *arguments)
{
    const unsigned long number = strtoul(arguments[1], NULL, 10);
    const unsigned long times = strtoul(arguments[2], NULL, 10);

    if (number == 0 || number > count)
        return false;
    keeping->prepare(&rows[number - 1]);
    for (unsigned long time = 0; time < times; time++)
        rows[number - 1].run(&rows[number - 1]);
    keeping->clean_up(&rows[number - 1]);
    return true;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

double ratio_of(const struct row *rows, const struct ratio *ratio)
{
    double ratios[ROUNDS];

    for (size_t round = 0; round < ROUNDS; round++) {
        double sum = 0;

        for (size_t i = 0; i < ratio->part_count; i++)
            sum += rows[ratio->parts[i]].samples[round];
        ratios[round] = rows[ratio->row].samples[round] / sum;
    }
    return median(ratios);
}

void show(const struct row *row, size_t number)
{
    double sorted[ROUNDS];
    double middle;

    memcpy(sorted, row->samples, sizeof sorted);
    middle = median(sorted);
    printf("  %2zu  %-52s %9.1f us", number, row->name, middle);
    if (row->message != 0)
        printf("  %6.0f MB/s", (double)row->message / middle);
    printf("\n");
}
