/*
 * What the shim's handle table costs: looking a handle up and letting it go again, with few and
 * with a million handles alive, and making and closing one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "sspi-shim/handles.h"

#define ALIVE_MAX 1000000u
#define LOOKUPS   10000000u
#define RUNS      5 /* the best counts: a shared machine only ever makes things slower */

/* The limit on a lookup with a million handles alive, in nanoseconds. */
#define LOOKUP_MAX 20.0

static struct handle_object objects[ALIVE_MAX];
static SecHandle handles[ALIVE_MAX];

static void destroy(void *object)
{
    (void)object;
}

/* Of this process: what others on the machine take does not count. */
static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds for one lookup; the handles are used in the order in which they stand. */
static double lookup_once(size_t alive)
{
    double begin = now();
    size_t next = 0;

    for (size_t i = 0; i < LOOKUPS; i++) {
        struct handle_object *object = handle_acquire(HANDLE_CONTEXT, &handles[next]);

        if (object == NULL)
            abort();
        handle_release(object);
        next = next + 1 < alive ? next + 1 : 0;
    }
    return (now() - begin) / LOOKUPS;
}

static double lookup(size_t alive)
{
    double best = lookup_once(alive);

    for (int run = 1; run < RUNS; run++) {
        double nanoseconds = lookup_once(alive);

        if (nanoseconds < best)
            best = nanoseconds;
    }
    return best;
}

static double make(size_t from, size_t to)
{
    double begin = now();

    for (size_t i = from; i < to; i++) {
        if (!handle_create(HANDLE_CONTEXT, &objects[i], destroy, &handles[i]))
            abort();
    }
    return (now() - begin) / (double)(to - from);
}

static double close_all(void)
{
    double begin = now();

    for (size_t i = 0; i < ALIVE_MAX; i++) {
        if (!handle_close(HANDLE_CONTEXT, &handles[i]))
            abort();
    }
    return (now() - begin) / ALIVE_MAX;
}

/* No order at all: each lookup meets memory that no cache has expected. */
static void shuffle(void)
{
    unsigned seed = 1;

    for (size_t i = ALIVE_MAX - 1; i > 0; i--) {
        size_t j = ((size_t)rand_r(&seed) << 16 ^ (size_t)rand_r(&seed)) % (i + 1);
        SecHandle handle = handles[i];

        handles[i] = handles[j];
        handles[j] = handle;
    }
}

int main(void)
{
    double in_order;

    (void)make(0, 1000);
    printf("handle lookup, 1,000 alive: %.1f ns\n", lookup(1000));
    printf("handle made, until there are a million: %.1f ns\n", make(1000, ALIVE_MAX));
    in_order = lookup(ALIVE_MAX);
    printf("handle lookup, a million alive: %.1f ns (limit %.0f)\n", in_order, LOOKUP_MAX);
    shuffle();
    printf("handle lookup, 1,000 of a million in use: %.1f ns\n", lookup(1000));
    printf("handle lookup, a million in random order: %.1f ns\n", lookup(ALIVE_MAX));
    printf("handle closed: %.1f ns\n", close_all());
    return in_order < LOOKUP_MAX ? EXIT_SUCCESS : EXIT_FAILURE;
}
