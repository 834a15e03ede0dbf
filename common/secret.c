#include "common/secret.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__
#define WITH_ADDRESS_SANITIZER 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define WITH_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef WITH_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

/*
 * Mapping, locking and unmapping a page takes some ten microseconds, and a logon with a password needs
 * a dozen secrets, a few at a time. So many pages are kept, wiped, for the next ones: half of what the
 * smallest usual RLIMIT_MEMLOCK (64 KiB) allows with pages of 4 KiB.
 */
#define IDLE_PAGES 8

/* Each is taken and put back by one exchange: threads wait for nobody. */
static _Atomic(unsigned char *) idle_pages[IDLE_PAGES];

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

/* Tells AddressSanitizer, where it looks on, that octets may be used, or not. */
static void allow_use(unsigned char *data, size_t length)
{
#ifdef WITH_ADDRESS_SANITIZER
    __asan_unpoison_memory_region(data, length);
#endif
    (void)data;
    (void)length;
}

static void forbid_use(unsigned char *data, size_t length)
{
#ifdef WITH_ADDRESS_SANITIZER
    __asan_poison_memory_region(data, length);
#endif
    (void)data;
    (void)length;
}

static unsigned char *take_idle_page(void)
{
    for (size_t i = 0; i < IDLE_PAGES; i++) {
        unsigned char *page = NULL;

        if (atomic_load_explicit(&idle_pages[i], memory_order_relaxed) != NULL)
            page = atomic_exchange(&idle_pages[i], NULL);
        if (page != NULL)
            return page;
    }
    return NULL;
}

/* False when there are enough. */
static bool keep_idle_page(unsigned char *page)
{
    for (size_t i = 0; i < IDLE_PAGES; i++) {
        unsigned char *none = NULL;

        if (atomic_compare_exchange_strong(&idle_pages[i], &none, page))
            return true;
    }
    return false;
}

/* Zero octets, left out of core dumps. NULL when there is no memory. */
static unsigned char *map(size_t size)
{
    void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (data == MAP_FAILED)
        return NULL;
    (void)madvise(data, size, MADV_DONTDUMP);
    return data;
}

static void unmap(unsigned char *data, size_t size)
{
    allow_use(data, size); /* whatever is mapped there next */
    (void)munmap(data, size);
}

/* A module that is unloaded leaves nothing behind. */
__attribute__((destructor)) static void unmap_idle_pages(void)
{
    unsigned char *page;

    while ((page = take_idle_page()) != NULL)
        unmap(page, page_size());
}

bool secret_allocate(struct secret *secret, size_t length)
{
    size_t page = page_size();
    unsigned char *data = NULL;
    size_t mapped;

    secret_release(secret);
    if (length > SIZE_MAX / 2)
        return false;
    mapped = (length / page + 1) * page; /* always room for the NUL */
    if (mapped == page)
        data = take_idle_page();
    if (data == NULL && (data = map(mapped)) == NULL)
        return false;
    /*
     * Best effort: an unprivileged process may lock only RLIMIT_MEMLOCK. A page that was kept is locked
     * again, because a child of fork() inherits pages but no locks.
     */
    (void)mlock(data, mapped);
    allow_use(data, length + 1);
    forbid_use(data + length + 1, mapped - length - 1);
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
    forbid_use(secret->data + length + 1, secret->length - length);
    secret->length = length;
}

void secret_release(struct secret *secret)
{
    if (secret->data == NULL)
        return;
    allow_use(secret->data, secret->mapped);
    wipe(secret->data, secret->mapped);
    forbid_use(secret->data, secret->mapped);
    if (secret->mapped != page_size() || !keep_idle_page(secret->data))
        unmap(secret->data, secret->mapped);
    *secret = (struct secret){NULL, 0, 0};
}
