#include "mech/file_cache.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mech/status.h"

struct cached *cached_hold(struct cached *cached)
{
    if (cached != NULL)
        (void)__atomic_add_fetch(&cached->references, 1, __ATOMIC_RELAXED);
    return cached;
}

void cached_release(struct cached *cached)
{
    if (cached == NULL || __atomic_sub_fetch(&cached->references, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    free(cached->identity);
    cached->destroy(cached);
}

static struct cached *find(const struct file_cache *cache, const char *identity)
{
    for (size_t i = 0; i < FILE_CACHE_PLACES; i++) {
        if (cache->places[i] != NULL && strcmp(cache->places[i]->identity, identity) == 0)
            return cache->places[i];
    }
    return NULL;
}

/* Takes the reference that the maker gave. */
static void keep(struct file_cache *cache, struct cached *cached)
{
    cached_release(cache->places[cache->next]);
    cache->places[cache->next] = cached;
    cache->next = (cache->next + 1) % FILE_CACHE_PLACES;
}

struct cached *file_cache_acquire(OM_uint32 *minor, struct file_cache *cache, char *identity,
                                  file_cache_maker *make, const void *argument)
{
    struct cached *cached;

    if (identity == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    (void)pthread_mutex_lock(&cache->lock);
    cached = find(cache, identity);
    if (cached == NULL && (cached = make(minor, argument)) != NULL) {
        cached->identity = identity;
        identity = NULL;
        keep(cache, cached);
    }
    cached = cached_hold(cached);
    (void)pthread_mutex_unlock(&cache->lock);
    free(identity);
    return cached;
}

char *file_identity(const char *first, const char *second)
{
    const char *const names[2] = {first != NULL ? first : "", second != NULL ? second : ""};
    struct stat states[2];
    char *identity = NULL;

    for (size_t i = 0; i < 2; i++) {
        if (stat(names[i], &states[i]) != 0)
            memset(&states[i], 0, sizeof states[i]); /* reading it will say what is wrong */
    }
    if (asprintf(&identity, "%s %ju %jd.%09ld %s %ju %jd.%09ld", names[0],
                 (uintmax_t)states[0].st_ino, (intmax_t)states[0].st_ctim.tv_sec,
                 states[0].st_ctim.tv_nsec, names[1], (uintmax_t)states[1].st_ino,
                 (intmax_t)states[1].st_ctim.tv_sec, states[1].st_ctim.tv_nsec) < 0)
        return NULL;
    return identity;
}
