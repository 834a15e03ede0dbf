/* The handle table: stale, doubled, wrong and invented handles, threads, a million of them. */
#include <pthread.h>
#include <stdatomic.h>

#include "sspi-shim/handles.h"
#include "tests/runner.h"

#define MANY    1000000
#define THREADS 4
#define ROUNDS  20000
#define SHARED  16

struct object {
    atomic_int alive;
    atomic_int *destroyed;
};

static void destroy(void *object)
{
    struct object *o = object;

    atomic_store(&o->alive, 0);
    (void)atomic_fetch_add(o->destroyed, 1);
}

START_TEST(a_handle_lives_until_it_is_closed)
{
    atomic_int destroyed = 0;
    struct object object = {1, &destroyed};
    SecHandle handle;

    ck_assert(handle_create(HANDLE_CONTEXT, &object, destroy, &handle));
    ck_assert(SecIsValidHandle(&handle));
    ck_assert_ptr_eq(handle_acquire(HANDLE_CONTEXT, &handle), &object);
    handle_release(&handle);
    ck_assert_ptr_null(handle_acquire(HANDLE_CREDENTIAL, &handle));
    ck_assert(!handle_close(HANDLE_CREDENTIAL, &handle));
    ck_assert_int_eq(destroyed, 0);
    ck_assert(handle_close(HANDLE_CONTEXT, &handle));
    ck_assert_int_eq(destroyed, 1);
    ck_assert_ptr_null(handle_acquire(HANDLE_CONTEXT, &handle));
    ck_assert(!handle_close(HANDLE_CONTEXT, &handle));
    ck_assert_int_eq(destroyed, 1);
}
END_TEST

START_TEST(a_slot_used_again_does_not_revive_the_old_handle)
{
    atomic_int destroyed = 0;
    struct object object = {1, &destroyed};
    SecHandle old;
    SecHandle new;

    ck_assert(handle_create(HANDLE_CONTEXT, &object, destroy, &old));
    ck_assert(handle_close(HANDLE_CONTEXT, &old));
    ck_assert(handle_create(HANDLE_CONTEXT, &object, destroy, &new));
    ck_assert_uint_eq(old.dwLower, new.dwLower);
    ck_assert_ptr_null(handle_acquire(HANDLE_CONTEXT, &old));
    ck_assert(!handle_close(HANDLE_CONTEXT, &old));
    ck_assert(handle_close(HANDLE_CONTEXT, &new));
}
END_TEST

START_TEST(an_object_in_use_outlives_its_handle)
{
    atomic_int destroyed = 0;
    struct object object = {1, &destroyed};
    SecHandle handle;

    ck_assert(handle_create(HANDLE_CONTEXT, &object, destroy, &handle));
    ck_assert_ptr_nonnull(handle_acquire(HANDLE_CONTEXT, &handle));
    ck_assert(handle_close(HANDLE_CONTEXT, &handle));
    ck_assert_int_eq(destroyed, 0);
    ck_assert_ptr_null(handle_acquire(HANDLE_CONTEXT, &handle));
    handle_release(&handle);
    ck_assert_int_eq(destroyed, 1);
}
END_TEST

START_TEST(invented_handles_are_refused)
{
    static const ULONG_PTR words[] = {
        0, 1, 2, 1024, 1025, 0xFFFF, 0xFFFFFFFF, 0x100000000, UINTPTR_MAX, UINTPTR_MAX - 1};
    atomic_int destroyed = 0;
    struct object object = {1, &destroyed};
    SecHandle real;

    ck_assert(handle_create(HANDLE_CONTEXT, &object, destroy, &real));
    ck_assert_ptr_null(handle_acquire(HANDLE_CONTEXT, NULL));
    ck_assert(!handle_close(HANDLE_CONTEXT, NULL));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (size_t j = 0; j < sizeof words / sizeof words[0]; j++) {
            SecHandle invented = {words[i], words[j]};

            ck_assert_ptr_null(handle_acquire(HANDLE_CONTEXT, &invented));
            ck_assert(!handle_close(HANDLE_CONTEXT, &invented));
        }
        ck_assert(!handle_close(HANDLE_CONTEXT, &(SecHandle){words[i], real.dwUpper ^ 1}));
        ck_assert(!handle_close(HANDLE_CONTEXT, &(SecHandle){real.dwLower + 1, real.dwUpper}));
    }
    ck_assert(handle_close(HANDLE_CONTEXT, &real));
}
END_TEST

static SecHandle shared[SHARED];
static pthread_mutex_t shared_locks[SHARED];
static struct object *shared_objects[SHARED];

struct work {
    unsigned seed;
    atomic_int *destroyed;
    int created;
};

static SecHandle read_shared(unsigned i)
{
    SecHandle handle;

    (void)pthread_mutex_lock(&shared_locks[i]);
    handle = shared[i];
    (void)pthread_mutex_unlock(&shared_locks[i]);
    return handle;
}

static void destroy_and_free(void *object)
{
    destroy(object);
    free(object);
}

/* Threads use handles that others close and replace at the same time. */
static void *stress(void *argument)
{
    struct work *work = argument;

    for (int round = 0; round < ROUNDS; round++) {
        unsigned i = (unsigned)rand_r(&work->seed) % SHARED;
        SecHandle handle = read_shared(i);
        struct object *object = handle_acquire(HANDLE_CONTEXT, &handle);

        if (object != NULL) {
            ck_assert_int_eq(atomic_load(&object->alive), 1);
            handle_release(&handle);
        }
        if (round % 8 == 0 && handle_close(HANDLE_CONTEXT, &handle)) {
            SecHandle fresh;

            object = malloc(sizeof *object);
            atomic_init(&object->alive, 1);
            object->destroyed = work->destroyed;
            ck_assert(handle_create(HANDLE_CONTEXT, object, destroy_and_free, &fresh));
            work->created++;
            (void)pthread_mutex_lock(&shared_locks[i]);
            shared[i] = fresh;
            (void)pthread_mutex_unlock(&shared_locks[i]);
        }
    }
    return NULL;
}

START_TEST(threads_that_close_and_use_the_same_handles)
{
    atomic_int destroyed = 0;
    pthread_t threads[THREADS];
    struct work work[THREADS];
    int created = SHARED;

    for (int i = 0; i < SHARED; i++) {
        (void)pthread_mutex_init(&shared_locks[i], NULL);
        shared_objects[i] = malloc(sizeof *shared_objects[i]);
        atomic_init(&shared_objects[i]->alive, 1);
        shared_objects[i]->destroyed = &destroyed;
        ck_assert(handle_create(HANDLE_CONTEXT, shared_objects[i], destroy_and_free, &shared[i]));
    }
    for (int i = 0; i < THREADS; i++) {
        work[i] = (struct work){(unsigned)i + 1, &destroyed, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, stress, &work[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        created += work[i].created;
    }
    for (int i = 0; i < SHARED; i++)
        ck_assert(handle_close(HANDLE_CONTEXT, &shared[i]));
    ck_assert_int_eq(destroyed, created);
    ck_assert_int_gt(created, SHARED);
}
END_TEST

START_TEST(a_million_handles)
{
    SecHandle *handles = malloc(MANY * sizeof *handles);
    atomic_int destroyed = 0;
    struct object object = {1, &destroyed};

    ck_assert_ptr_nonnull(handles);
    for (int i = 0; i < MANY; i++)
        ck_assert(handle_create(HANDLE_CONTEXT, &object, destroy, &handles[i]));
    for (int i = 0; i < MANY; i++) {
        if (handle_acquire(HANDLE_CONTEXT, &handles[i]) != &object)
            ck_abort_msg("handle %d", i);
        handle_release(&handles[i]);
    }
    for (int i = 0; i < MANY; i++) {
        if (!handle_close(HANDLE_CONTEXT, &handles[i]))
            ck_abort_msg("handle %d", i);
    }
    ck_assert_int_eq(destroyed, MANY);
    free(handles);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: handles");
    TCase *t = tcase_create("handles");

    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_handle_lives_until_it_is_closed);
    tcase_add_test(t, a_slot_used_again_does_not_revive_the_old_handle);
    tcase_add_test(t, an_object_in_use_outlives_its_handle);
    tcase_add_test(t, invented_handles_are_refused);
    tcase_add_test(t, threads_that_close_and_use_the_same_handles);
    tcase_add_test(t, a_million_handles);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
