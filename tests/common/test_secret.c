/* common/secret.[ch]: what is held, and that nothing of it stays. */
#include <check.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/secret.h"
#include "tests/common/zero_octets.h"
#include "tests/runner.h"

static const char password[] = "correct horse battery staple";

/* The linker gives us secret.c's munmap(): at that moment everything must be wiped. */
int __real_munmap(void *address, size_t length);
int __wrap_munmap(void *address, size_t length);
static atomic_size_t unmapped_wiped, unmapped_dirty;

int __wrap_munmap(void *address, size_t length)
{
    if (is_zero(address, length))
        unmapped_wiped++;
    else
        unmapped_dirty++;
    return __real_munmap(address, length);
}

static void set_password(struct secret *secret)
{
    ck_assert(secret_set(secret, password, sizeof password - 1));
    ck_assert(secret_is_present(secret));
    ck_assert_uint_eq(secret->length, sizeof password - 1);
    ck_assert_str_eq((const char *)secret->data, password); /* a NUL follows */
}

static void forget_what_was_unmapped(void)
{
    unmapped_wiped = 0;
    unmapped_dirty = 0;
}

START_TEST(secret_holds_a_copy)
{
    char text[] = "Password";
    struct secret secret = {0};

    ck_assert(!secret_is_present(&secret));
    ck_assert(!byte_range_is_present(secret_range(&secret)));
    ck_assert(secret_set(&secret, text, sizeof text - 1));
    wipe(text, sizeof text);
    ck_assert(is_zero((const unsigned char *)text, sizeof text));
    ck_assert(byte_range_equal(secret_range(&secret), byte_range_of("Password", 8)));
    secret_release(&secret);
}
END_TEST

START_TEST(secret_is_wiped_before_its_memory_goes)
{
    const size_t size = 100000;
    struct secret secret = {0};

    ck_assert(secret_allocate(&secret, size));
    memset(secret.data, 'x', size);
    secret_release(&secret);
    ck_assert_uint_eq(unmapped_wiped, 1);
    ck_assert_uint_eq(unmapped_dirty, 0);
    ck_assert(!secret_is_present(&secret));
    ck_assert_uint_eq(secret.length, 0);
    secret_release(&secret);
    ck_assert_uint_eq(unmapped_wiped, 1);
}
END_TEST

START_TEST(small_secret_is_wiped_and_its_memory_serves_the_next)
{
    struct secret secret = {0};
    unsigned char *place;

    set_password(&secret);
    place = secret.data;
    secret_release(&secret);
    ck_assert(is_zero(place, sizeof password));
    ck_assert(secret_allocate(&secret, 100));
    ck_assert_ptr_eq(secret.data, place);
    ck_assert(is_zero(secret.data, secret.mapped));
    secret_release(&secret);
}
END_TEST

START_TEST(secret_is_wiped_when_another_takes_its_place)
{
    struct secret secret = {0};
    unsigned char *place;

    set_password(&secret);
    place = secret.data;
    ck_assert(secret_set(&secret, "x", 1));
    ck_assert_str_eq((const char *)secret.data, "x");
    ck_assert(secret_allocate(&secret, 100000));
    ck_assert(is_zero(place, sizeof password));
    ck_assert(is_zero(secret.data, 100000));
    secret_release(&secret);
    ck_assert_uint_eq(unmapped_dirty, 0);
}
END_TEST

START_TEST(secret_is_absent_when_there_is_no_memory)
{
    struct secret secret = {0};
    unsigned char *place;

    set_password(&secret);
    place = secret.data;
    ck_assert(!secret_allocate(&secret, SIZE_MAX));
    ck_assert(!secret_is_present(&secret));
    ck_assert(is_zero(place, sizeof password));
    ck_assert(!secret_allocate(&secret, SIZE_MAX / 2));
    ck_assert(!secret_is_present(&secret));
}
END_TEST

/* More than are kept for later. */
#define MANY_SECRETS 100
#define MOST_KEPT    16

START_TEST(only_a_few_pages_are_kept)
{
    struct secret secrets[MANY_SECRETS] = {{0}};

    for (size_t i = 0; i < MANY_SECRETS; i++)
        set_password(&secrets[i]);
    for (size_t i = 0; i < MANY_SECRETS; i++)
        secret_release(&secrets[i]);
    ck_assert_uint_ge(unmapped_wiped, MANY_SECRETS - MOST_KEPT);
    ck_assert_uint_eq(unmapped_dirty, 0);
}
END_TEST

#define THREADS       4
#define THREAD_ROUNDS 20000
#define AT_A_TIME     4

/* Secrets of one thread must never be in the place of another's. */
static void *use_secrets(void *argument)
{
    const unsigned char mark = *(const unsigned char *)argument;
    struct secret secrets[AT_A_TIME] = {{0}};
    size_t spoilt = 0;

    for (size_t round = 0; round < THREAD_ROUNDS; round++) {
        struct secret *secret = &secrets[round % AT_A_TIME];

        if (secret_is_present(secret) && (secret->data[0] != mark || secret->data[63] != mark))
            spoilt++;
        if (!secret_allocate(secret, 64) || !is_zero(secret->data, 64))
            spoilt++;
        else
            memset(secret->data, mark, 64);
    }
    for (size_t i = 0; i < AT_A_TIME; i++)
        secret_release(&secrets[i]);
    return spoilt == 0 ? NULL : argument;
}

START_TEST(threads_share_no_secrets)
{
    static unsigned char marks[THREADS] = {1, 2, 3, 4};
    pthread_t threads[THREADS];
    void *spoilt;

    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_secrets, &marks[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &spoilt), 0);
        ck_assert_ptr_null(spoilt);
    }
}
END_TEST

START_TEST(truncated_secret_keeps_nothing_behind_its_end)
{
    struct secret secret = {0};

    set_password(&secret);
    secret_truncate(&secret, 7);
    ck_assert_str_eq((const char *)secret.data, "correct");
    ck_assert(is_zero(secret.data + 7, secret.mapped - 7));
    secret_truncate(&secret, 100); /* not longer */
    ck_assert_uint_eq(secret.length, 7);
    secret_truncate(&secret, 0);
    ck_assert(secret_is_present(&secret));
    ck_assert(is_zero(secret.data, secret.mapped));
    secret_release(&secret);
}
END_TEST

START_TEST(secret_of_any_size_is_followed_by_a_nul)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t sizes[] = {0, 1, page - 1, page, page + 1, 2 * page};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct secret secret = {0};

        ck_assert(secret_allocate(&secret, sizes[i]));
        ck_assert(secret_is_present(&secret));
        ck_assert(byte_range_is_present(secret_range(&secret)));
        ck_assert_uint_gt(secret.mapped, sizes[i]);
        ck_assert_uint_eq(secret.data[sizes[i]], 0);
        secret_release(&secret);
    }
}
END_TEST

/* The flags that /proc/self/smaps has for the mapping around address. */
static void mapping_flags(const void *address, char *flags, size_t size)
{
    const char key[] = "VmFlags:";
    char line[512];
    bool inside = false;
    FILE *smaps = fopen("/proc/self/smaps", "r");

    ck_assert_ptr_nonnull(smaps);
    flags[0] = '\0';
    while (fgets(line, sizeof line, smaps) != NULL) {
        uintptr_t start, end;

        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
            inside = start <= (uintptr_t)address && (uintptr_t)address < end;
        else if (inside && strncmp(line, key, strlen(key)) == 0)
            snprintf(flags, size, "%s", line + strlen(key));
    }
    fclose(smaps);
}

START_TEST(secret_stays_out_of_core_dumps)
{
    struct secret secret = {0};
    char flags[512];

    set_password(&secret);
    mapping_flags(secret.data, flags, sizeof flags);
    ck_assert_msg(strstr(flags, " dd") != NULL, "flags are%s", flags);
    secret_release(&secret);
}
END_TEST

static bool is_locked(const struct secret *secret)
{
    char flags[512];

    mapping_flags(secret->data, flags, sizeof flags);
    return strstr(flags, " lo") != NULL;
}

/* A child has its parent's pages, but not their locks. */
START_TEST(secret_of_a_child_is_locked_as_its_parents)
{
    struct secret secret = {0};
    bool parents_is_locked;
    unsigned char *place;
    int status;
    pid_t child;

    set_password(&secret);
    parents_is_locked = is_locked(&secret);
    place = secret.data;
    secret_release(&secret);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        bool right = secret_allocate(&secret, 10) && secret.data == place &&
                     is_locked(&secret) == parents_is_locked;

        _exit(right ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}
END_TEST

#ifdef __SANITIZE_ADDRESS__
/* What AddressSanitizer ends a program with. */
#define SANITIZER_STATUS 1

static void read_at(const struct secret *secret, size_t index)
{
    volatile unsigned char octet = secret->data[index];

    (void)octet;
}

START_TEST(reading_behind_a_secret_is_caught)
{
    struct secret secret = {0};

    set_password(&secret);
    read_at(&secret, secret.length);
    read_at(&secret, secret.length + 1);
}
END_TEST

START_TEST(reading_a_released_secret_is_caught)
{
    struct secret secret = {0};
    struct secret stale;

    set_password(&secret);
    stale = secret;
    secret_release(&secret);
    read_at(&stale, 0);
}
END_TEST
#endif

START_TEST(wiping_nothing_is_allowed)
{
    wipe(NULL, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("secret");
    TCase *tcase = tcase_create("secret");

    tcase_add_checked_fixture(tcase, forget_what_was_unmapped, NULL);
    tcase_add_test(tcase, secret_holds_a_copy);
    tcase_add_test(tcase, secret_is_wiped_before_its_memory_goes);
    tcase_add_test(tcase, small_secret_is_wiped_and_its_memory_serves_the_next);
    tcase_add_test(tcase, secret_is_wiped_when_another_takes_its_place);
    tcase_add_test(tcase, secret_is_absent_when_there_is_no_memory);
    tcase_add_test(tcase, only_a_few_pages_are_kept);
    tcase_add_test(tcase, threads_share_no_secrets);
    tcase_add_test(tcase, truncated_secret_keeps_nothing_behind_its_end);
    tcase_add_test(tcase, secret_of_any_size_is_followed_by_a_nul);
    tcase_add_test(tcase, secret_stays_out_of_core_dumps);
    tcase_add_test(tcase, secret_of_a_child_is_locked_as_its_parents);
#ifdef __SANITIZE_ADDRESS__
    tcase_add_exit_test(tcase, reading_behind_a_secret_is_caught, SANITIZER_STATUS);
    tcase_add_exit_test(tcase, reading_a_released_secret_is_caught, SANITIZER_STATUS);
#endif
    tcase_add_test(tcase, wiping_nothing_is_allowed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
