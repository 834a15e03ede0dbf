/* The handle table: stale, doubled, wrong and invented handles, threads, a million of them. */
#include <sys/wait.h>
#include <unistd.h>

/* The table is not exported, and one test needs what it hides. */
#include "sspi-shim/handles.c" // NOLINT(bugprone-suspicious-include)
#include "tests/runner.h"

#define MANY          1000000
#define ROOM_TO_SPARE (4 * SLOTS_IN_CHUNK) /* what is alive or has been added in vain */
#define THREADS       4
#define ROUNDS        50000
#define SHARED        16
#define GROWTH        3000 /* handles of a thread: some chunks */
#define GROWTH_ROUNDS 20

struct object {
    struct handle_object handled;
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
    struct object object = {.alive = 1, .destroyed = &destroyed};
    SecHandle handle;

    ck_assert(handle_create(HANDLE_CONTEXT, &object.handled, destroy, &handle));
    ck_assert(SecIsValidHandle(&handle));
    ck_assert_ptr_eq(handle_acquire(HANDLE_CONTEXT, &handle), &object);
    handle_release(&object.handled);
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
    struct object object = {.alive = 1, .destroyed = &destroyed};
    SecHandle old;
    SecHandle new;

    ck_assert(handle_create(HANDLE_CONTEXT, &object.handled, destroy, &old));
    ck_assert(handle_close(HANDLE_CONTEXT, &old));
    ck_assert(handle_create(HANDLE_CONTEXT, &object.handled, destroy, &new));
    ck_assert_uint_eq(old.dwLower, new.dwLower);
    ck_assert_ptr_null(handle_acquire(HANDLE_CONTEXT, &old));
    ck_assert(!handle_close(HANDLE_CONTEXT, &old));
    ck_assert(handle_close(HANDLE_CONTEXT, &new));
}
END_TEST

START_TEST(an_object_in_use_outlives_its_handle)
{
    atomic_int destroyed = 0;
    struct object object = {.alive = 1, .destroyed = &destroyed};
    SecHandle handle;

    ck_assert(handle_create(HANDLE_CONTEXT, &object.handled, destroy, &handle));
    ck_assert_ptr_nonnull(handle_acquire(HANDLE_CONTEXT, &handle));
    ck_assert(handle_close(HANDLE_CONTEXT, &handle));
    ck_assert_int_eq(destroyed, 0);
    ck_assert_ptr_null(handle_acquire(HANDLE_CONTEXT, &handle));
    handle_release(&object.handled);
    ck_assert_int_eq(destroyed, 1);
}
END_TEST

START_TEST(invented_handles_are_refused)
{
    static const ULONG_PTR words[] = {
        0, 1, 2, 1024, 1025, 0xFFFF, 0xFFFFFFFF, 0x100000000, UINTPTR_MAX, UINTPTR_MAX - 1};
    atomic_int destroyed = 0;
    struct object object = {.alive = 1, .destroyed = &destroyed};
    SecHandle real;

    ck_assert(handle_create(HANDLE_CONTEXT, &object.handled, destroy, &real));
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

struct work {
    pthread_t thread;
    unsigned seed;
    atomic_int *destroyed;
    int created;
    const char *failure;
};

static SecHandle read_shared(unsigned i)
{
    SecHandle handle;

    (void)pthread_mutex_lock(&shared_locks[i]);
    handle = shared[i];
    (void)pthread_mutex_unlock(&shared_locks[i]);
    return handle;
}

static void write_shared(unsigned i, SecHandle handle)
{
    (void)pthread_mutex_lock(&shared_locks[i]);
    shared[i] = handle;
    (void)pthread_mutex_unlock(&shared_locks[i]);
}

static void destroy_and_free(void *object)
{
    destroy(object);
    free(object);
}

static SecHandle new_object(atomic_int *destroyed)
{
    struct object *object = malloc(sizeof *object);
    SecHandle handle = {0, 0};

    if (object == NULL)
        return handle;
    atomic_init(&object->alive, 1);
    object->destroyed = destroyed;
    if (!handle_create(HANDLE_CONTEXT, &object->handled, destroy_and_free, &handle))
        free(object);
    return handle;
}

/* Uses a handle that others may close at any time; a dead object behind it is the fault. */
static void use(struct work *work, SecHandle handle)
{
    struct object *object = handle_acquire(HANDLE_CONTEXT, &handle);

    if (object == NULL)
        return;
    if (atomic_load(&object->alive) != 1)
        work->failure = "a handle gave a dead object";
    handle_release(&object->handled);
}

/* Threads use handles that others close and replace at the same time. */
static void *stress(void *argument)
{
    struct work *work = argument;

    for (int round = 0; round < ROUNDS && work->failure == NULL; round++) {
        unsigned i = (unsigned)rand_r(&work->seed) % SHARED;
        SecHandle handle = read_shared(i);

        use(work, handle);
        if (handle_acquire(HANDLE_CREDENTIAL, &handle) != NULL)
            work->failure = "a context was taken for a credential";
        if (round % 8 == 0 && handle_close(HANDLE_CONTEXT, &handle)) {
            if (handle_acquire(HANDLE_CONTEXT, &handle) != NULL)
                work->failure = "a closed handle was found";
            write_shared(i, new_object(work->destroyed));
            work->created++;
        }
    }
    return NULL;
}

START_TEST(threads_that_close_and_use_the_same_handles)
{
    atomic_int destroyed = 0;
    struct work work[THREADS];
    int created = SHARED;

    for (unsigned i = 0; i < SHARED; i++) {
        (void)pthread_mutex_init(&shared_locks[i], NULL);
        write_shared(i, new_object(&destroyed));
    }
    for (int i = 0; i < THREADS; i++) {
        work[i] = (struct work){.seed = (unsigned)i + 1, .destroyed = &destroyed};
        ck_assert_int_eq(pthread_create(&work[i].thread, NULL, stress, &work[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(work[i].thread, NULL), 0);
        ck_assert_msg(work[i].failure == NULL, "%s", work[i].failure);
        created += work[i].created;
    }
    for (int i = 0; i < SHARED; i++)
        ck_assert(handle_close(HANDLE_CONTEXT, &shared[i]));
    ck_assert_int_eq(destroyed, created);
    ck_assert_int_gt(created, SHARED);
}
END_TEST

/* Makes and ends many handles, so that the table grows and its free list changes under all. */
static void *grow(void *argument)
{
    struct work *work = argument;
    static _Thread_local SecHandle handles[GROWTH];

    for (int round = 0; round < GROWTH_ROUNDS && work->failure == NULL; round++) {
        for (int i = 0; i < GROWTH; i++)
            handles[i] = new_object(work->destroyed);
        for (int i = 0; i < GROWTH; i++) {
            use(work, handles[i]);
            if (!handle_close(HANDLE_CONTEXT, &handles[i]))
                work->failure = "a handle was lost, or given to two";
            if (handle_close(HANDLE_CONTEXT, &handles[i]))
                work->failure = "a handle was closed twice";
        }
    }
    return NULL;
}

START_TEST(threads_that_make_and_end_handles)
{
    atomic_int destroyed = 0;
    struct work work[THREADS];

    for (int i = 0; i < THREADS; i++) {
        work[i] = (struct work){.seed = (unsigned)i + 1, .destroyed = &destroyed};
        ck_assert_int_eq(pthread_create(&work[i].thread, NULL, grow, &work[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(work[i].thread, NULL), 0);
        ck_assert_msg(work[i].failure == NULL, "%s", work[i].failure);
    }
    ck_assert_int_eq(destroyed, THREADS * GROWTH_ROUNDS * GROWTH);
}
END_TEST

/* Twice, the second time in the room of the first. */
START_TEST(a_million_handles)
{
    SecHandle *handles = malloc(MANY * sizeof *handles);
    struct object *objects = calloc(MANY, sizeof *objects);
    atomic_int destroyed = 0;

    ck_assert(handles != NULL && objects != NULL);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            objects[i].destroyed = &destroyed;
            if (!handle_create(HANDLE_CONTEXT, &objects[i].handled, destroy, &handles[i]))
                ck_abort_msg("handle %d", i);
            ck_assert_uint_le(handles[i].dwLower, MANY + ROOM_TO_SPARE);
        }
        for (int i = 0; i < MANY; i++) {
            if (handle_acquire(HANDLE_CONTEXT, &handles[i]) != &objects[i])
                ck_abort_msg("handle %d", i);
            handle_release(&objects[i].handled);
        }
        for (int i = 0; i < MANY; i++) {
            if (!handle_close(HANDLE_CONTEXT, &handles[i]))
                ck_abort_msg("handle %d", i);
        }
        ck_assert_int_eq(destroyed, MANY * (round + 1));
    }
    free(objects);
    free(handles);
}
END_TEST

START_TEST(a_child_goes_on_with_its_handles)
{
    atomic_int destroyed = 0;
    SecHandle mine = new_object(&destroyed);
    struct object *object;
    int status = -1;
    pid_t child;

    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        SecHandle its_own = new_object(&destroyed);

        object = handle_acquire(HANDLE_CONTEXT, &mine);
        if (object != NULL)
            handle_release(&object->handled);
        _exit(object != NULL && handle_close(HANDLE_CONTEXT, &mine) &&
                      handle_close(HANDLE_CONTEXT, &its_own) && destroyed == 2
                  ? 0
                  : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    /* Closed there, not here. */
    ck_assert_int_eq(destroyed, 0);
    ck_assert(handle_close(HANDLE_CONTEXT, &mine));
    ck_assert_int_eq(destroyed, 1);
}
END_TEST

/* The table's inside, for what would take four thousand million handles to come to. */
START_TEST(a_slot_with_no_generation_left_rests)
{
    atomic_int destroyed = 0;
    SecHandle first = new_object(&destroyed);
    SecHandle last;
    SecHandle next;
    struct slot *slot = slot_at((uint32_t)first.dwLower - 1);

    ck_assert(handle_close(HANDLE_CONTEXT, &first));
    atomic_store(&slot->state, (uint64_t)(LAST_GENERATION - 1) << GENERATION_SHIFT);
    last = new_object(&destroyed);
    ck_assert_uint_eq(last.dwLower, first.dwLower);
    ck_assert(!handle_close(HANDLE_CONTEXT, &first));
    ck_assert(handle_close(HANDLE_CONTEXT, &last));
    next = new_object(&destroyed);
    ck_assert_uint_ne(next.dwLower, first.dwLower);
    ck_assert(!handle_close(HANDLE_CONTEXT, &first));
    ck_assert(!handle_close(HANDLE_CONTEXT, &last));
    ck_assert(handle_close(HANDLE_CONTEXT, &next));
    ck_assert_int_eq(destroyed, 3);
}
END_TEST

/* What happens to a caller whose handle changes while the call goes on. */
START_TEST(a_release_does_not_look_at_the_handle)
{
    atomic_int destroyed = 0;
    SecHandle handle = new_object(&destroyed);
    SecHandle other = new_object(&destroyed);
    SecHandle kept = handle;
    struct object *object = handle_acquire(HANDLE_CONTEXT, &handle);

    ck_assert_ptr_nonnull(object);
    handle = other;
    handle_release(&object->handled);
    ck_assert_int_eq(destroyed, 0);
    ck_assert(handle_close(HANDLE_CONTEXT, &other));
    ck_assert(handle_close(HANDLE_CONTEXT, &kept));
    ck_assert_int_eq(destroyed, 2);
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
    tcase_add_test(t, threads_that_make_and_end_handles);
    tcase_add_test(t, a_million_handles);
    tcase_add_test(t, a_child_goes_on_with_its_handles);
    tcase_add_test(t, a_slot_with_no_generation_left_rests);
    tcase_add_test(t, a_release_does_not_look_at_the_handle);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
