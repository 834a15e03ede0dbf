#include "common/secret.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void wipe(void *data, size_t length)
{
    if (length != 0)
        explicit_bzero(data, length);
}

static size_t page_size(void)
{
    long size = sysconf(_SC_PAGESIZE);

    return size > 0 ? (size_t)size : 4096;
}

bool secret_allocate(struct secret *secret, size_t length)
{
    size_t page = page_size();
    size_t mapped;
    void *data;

    secret_release(secret);
    if (length > SIZE_MAX / 2)
        return false;
    mapped = (length / page + 1) * page; /* always room for the NUL */
    data = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED)
        return false;
    /* Best effort: an unprivileged process may lock only RLIMIT_MEMLOCK. */
    (void)mlock(data, mapped);
    (void)madvise(data, mapped, MADV_DONTDUMP);
    *secret = (struct secret){data, length, mapped};
    return true;
}

bool secret_set(struct secret *secret, const void *data, size_t length)
{
    if (!secret_allocate(secret, length))
        return false;
    if (length != 0)
        memcpy(secret->data, data, length);
    return true;
}

void secret_truncate(struct secret *secret, size_t length)
{
    if (length >= secret->length)
        return;
    wipe(secret->data + length, secret->length - length);
    secret->length = length;
}

void secret_release(struct secret *secret)
{
    if (secret->data == NULL)
        return;
    wipe(secret->data, secret->mapped);
    (void)munmap(secret->data, secret->mapped);
    *secret = (struct secret){NULL, 0, 0};
}
