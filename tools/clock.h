/* Time that does not jump, for deadlines and for what a logon took. */
#ifndef TOOLS_CLOCK_H
#define TOOLS_CLOCK_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

/* Microseconds since some moment in the past. */
static inline int64_t clock_microseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Milliseconds since the same moment. */
static inline int64_t clock_milliseconds(void)
{
    return clock_microseconds() / 1000;
}

/* What is left until deadline (of clock_milliseconds), as poll() takes it. */
static inline int clock_left(int64_t deadline)
{
    int64_t left = deadline - clock_milliseconds();

    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

#endif
