/*
 * What was made of files, kept as long as they do not change: a server meets its certificate at every
 * logon, and a client the authorities that it trusts.
 */
#ifndef MECH_FILE_CACHE_H
#define MECH_FILE_CACHE_H

#include <pthread.h>
#include <stddef.h>

#include "mech/mechglue.h"

/* Different things that a process uses in turn; the oldest makes room for a new one. */
#define FILE_CACHE_PLACES 4

/* The head of everything that is kept; shared by contexts and not changed after it was made. */
struct cached {
    unsigned int references;
    char *identity; /* NULL: in no cache */
    void (*destroy)(struct cached *cached);
};

struct file_cache {
    pthread_mutex_t lock;
    struct cached *places[FILE_CACHE_PLACES];
    size_t next;
};

#define FILE_CACHE_INITIALIZER               \
    {                                        \
        PTHREAD_MUTEX_INITIALIZER, {NULL}, 0 \
    }

/* Makes what is not there, with one reference; NULL, with *minor set, on failure. */
typedef struct cached *file_cache_maker(OM_uint32 *minor, const void *argument);

/*
 * What make made of argument when identity was first met, or makes now. Only one thread makes at a
 * time. NULL, with *minor set, on failure; the caller releases it with cached_release. identity is
 * the cache's from now on, and may be NULL: memory has run out then.
 */
struct cached *file_cache_acquire(OM_uint32 *minor, struct file_cache *cache, char *identity,
                                  file_cache_maker *make, const void *argument);

struct cached *cached_hold(struct cached *cached);

/* NULL is allowed. */
void cached_release(struct cached *cached);

/*
 * Which files these are, in which state: the same text again means the same contents. A name may be
 * NULL, or something else than a file. The caller frees; NULL when memory runs out.
 */
char *file_identity(const char *first, const char *second);

#endif
