#include "sspi-shim/handles.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

/*
 * Slots live in chunks that are never freed, so that any index below the count of slots may be
 * looked at any time. What a slot is for stands in one atomic word:
 *
 *   bits 63..32  generation: how often the slot has been used
 *   bit  31      alive: the handle has not been closed
 *   bits 30..29  kind
 *   bits 28..0   references: one of the handle itself, one of each thread that uses the object
 *
 * A handle names index and generation; the generation is masked with a random number of this
 * process, so that counted-up values are no handles.
 */
#define SLOTS_IN_CHUNK 1024u
#define CHUNKS         16384u /* 16 million handles at the same time */

#define ALIVE            ((uint64_t)1 << 31)
#define KIND_SHIFT       29
#define KIND_MASK        ((uint64_t)3 << KIND_SHIFT)
#define REFERENCES       (((uint64_t)1 << KIND_SHIFT) - 1)
#define GENERATION_SHIFT 32
#define LAST_GENERATION  UINT32_MAX

#define NO_SLOT UINT32_MAX

struct slot {
    _Atomic uint64_t state;
    void *object;
    handle_destroy_function *destroy;
    uint32_t next_free; /* under the lock */
};

static _Atomic(struct slot *) chunks[CHUNKS];

/* Creating and ending handles takes this lock; using them does not. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t slot_count; /* slots in the chunks, used or not */
static uint32_t first_free = NO_SLOT;

static uint64_t mask;
static pthread_once_t mask_once = PTHREAD_ONCE_INIT;

static void make_mask(void)
{
    /* A mask that stays 0 makes handles easier to guess, and no lookup less safe. */
    (void)!getrandom(&mask, sizeof mask, GRND_NONBLOCK);
}

static struct slot *slot_at(uint32_t index)
{
    struct slot *chunk;

    if (index / SLOTS_IN_CHUNK >= CHUNKS)
        return NULL;
    chunk = atomic_load_explicit(&chunks[index / SLOTS_IN_CHUNK], memory_order_acquire);
    return chunk != NULL ? &chunk[index % SLOTS_IN_CHUNK] : NULL;
}

/* The slot that a handle names, and the generation that it was made in; NULL when there is none. */
static struct slot *slot_of(const SecHandle *handle, uint32_t *generation)
{
    uint64_t tag;

    (void)pthread_once(&mask_once, make_mask);
    if (handle == NULL || handle->dwLower == 0 || handle->dwLower > UINT32_MAX)
        return NULL;
    tag = handle->dwUpper ^ mask;
    if (tag > UINT32_MAX)
        return NULL;
    *generation = (uint32_t)tag;
    return slot_at((uint32_t)handle->dwLower - 1);
}

/* With the lock held: puts a chunk's slots on the free list. */
static bool add_chunk(void)
{
    struct slot *chunk;

    if (slot_count / SLOTS_IN_CHUNK == CHUNKS)
        return false;
    chunk = calloc(SLOTS_IN_CHUNK, sizeof *chunk);
    if (chunk == NULL)
        return false;
    for (uint32_t i = 0; i < SLOTS_IN_CHUNK; i++)
        chunk[i].next_free = i + 1 < SLOTS_IN_CHUNK ? slot_count + i + 1 : first_free;
    first_free = slot_count;
    atomic_store_explicit(&chunks[slot_count / SLOTS_IN_CHUNK], chunk, memory_order_release);
    slot_count += SLOTS_IN_CHUNK;
    return true;
}

static uint32_t take_slot(void)
{
    uint32_t index = NO_SLOT;

    (void)pthread_mutex_lock(&lock);
    if (first_free != NO_SLOT || add_chunk()) {
        index = first_free;
        first_free = slot_at(index)->next_free;
    }
    (void)pthread_mutex_unlock(&lock);
    return index;
}

static void give_slot_back(struct slot *slot, uint32_t index)
{
    (void)pthread_mutex_lock(&lock);
    slot->next_free = first_free;
    first_free = index;
    (void)pthread_mutex_unlock(&lock);
}

bool handle_create(enum handle_kind kind, void *object, handle_destroy_function *destroy,
                   SecHandle *handle)
{
    uint32_t index = take_slot();
    struct slot *slot;
    uint64_t generation;

    if (index == NO_SLOT)
        return false;
    (void)pthread_once(&mask_once, make_mask);
    slot = slot_at(index);
    generation = (atomic_load_explicit(&slot->state, memory_order_relaxed) >> GENERATION_SHIFT) + 1;
    slot->object = object;
    slot->destroy = destroy;
    atomic_store_explicit(&slot->state,
                          generation << GENERATION_SHIFT | ALIVE | (uint64_t)kind << KIND_SHIFT | 1,
                          memory_order_release);
    handle->dwLower = (ULONG_PTR)index + 1;
    handle->dwUpper = generation ^ mask;
    return true;
}

/* True when a slot in this state is what a handle of that generation and kind stands for. */
static bool is_alive(uint64_t state, uint32_t generation, enum handle_kind kind)
{
    return state >> GENERATION_SHIFT == generation && (state & ALIVE) != 0 &&
           (state & KIND_MASK) == (uint64_t)kind << KIND_SHIFT;
}

void *handle_acquire(enum handle_kind kind, const SecHandle *handle)
{
    uint32_t generation;
    struct slot *slot = slot_of(handle, &generation);
    uint64_t state;

    if (slot == NULL)
        return NULL;
    state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if (!is_alive(state, generation, kind) || (state & REFERENCES) == REFERENCES)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1,
                                                    memory_order_acquire, memory_order_relaxed));
    return slot->object;
}

static void drop_reference(struct slot *slot, uint32_t index)
{
    uint64_t before = atomic_fetch_sub_explicit(&slot->state, 1, memory_order_acq_rel);
    void *object;
    handle_destroy_function *destroy;

    if ((before & REFERENCES) != 1)
        return;
    /* Closed, and nobody uses it any more: nobody can find the slot either. */
    object = slot->object;
    destroy = slot->destroy;
    /* A slot that has used up its generations rests for ever. */
    if (before >> GENERATION_SHIFT != LAST_GENERATION)
        give_slot_back(slot, index);
    destroy(object);
}

void handle_release(const SecHandle *handle)
{
    uint32_t generation;
    struct slot *slot = slot_of(handle, &generation);

    if (slot != NULL)
        drop_reference(slot, (uint32_t)handle->dwLower - 1);
}

bool handle_close(enum handle_kind kind, const SecHandle *handle)
{
    uint32_t generation;
    struct slot *slot = slot_of(handle, &generation);
    uint64_t state;

    if (slot == NULL)
        return false;
    state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if (!is_alive(state, generation, kind))
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state & ~ALIVE,
                                                    memory_order_acq_rel, memory_order_relaxed));
    drop_reference(slot, (uint32_t)handle->dwLower - 1);
    return true;
}
