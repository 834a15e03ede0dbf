#include "sspi-shim/handles.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

/*
 * Slots live in chunks that are never moved or freed, so that any index may be looked at any time.
 * What a slot is for stands in one atomic word:
 *
 *   bits 63..32  generation: how often the slot has been used
 *   bit  31      alive: the handle has not been closed
 *   bits 30..29  kind
 *   bits 28..0   references: one of the handle itself, one of each thread that uses the object
 *
 * A handle names index and generation. A slot that has used up its generations rests for ever, so
 * that no handle value comes twice.
 */
#define SLOTS_IN_CHUNK 1024u
#define CHUNKS         16384u /* 16 million handles at the same time */

#define ALIVE            ((uint64_t)1 << 31)
#define KIND_SHIFT       29
#define KIND_MASK        ((uint64_t)3 << KIND_SHIFT)
#define REFERENCES       (((uint64_t)1 << KIND_SHIFT) - 1)
#define GENERATION_SHIFT 32
#define LAST_GENERATION  UINT32_MAX

struct slot {
    _Atomic uint64_t state;
    _Atomic uintptr_t
        content; /* the object; on the free list the position behind, as in its head */
};

static _Atomic(struct slot *) chunks[CHUNKS];
static _Atomic uint32_t chunk_count;

/*
 * The free list's head: in the low bits the position of its first slot (index plus one; 0: the list
 * is empty), above it the number of changes. The number keeps a thread that was stopped between
 * reading the head and replacing it from mistaking a slot that left and came back for an unchanged
 * list; it comes round after 2^39 changes.
 */
#define POSITION_BITS 25
#define POSITION_MASK (((uint64_t)1 << POSITION_BITS) - 1)
#define NO_POSITION   0u

_Static_assert((uint64_t)SLOTS_IN_CHUNK *CHUNKS <= POSITION_MASK, "every position fits");

static _Atomic uint64_t free_list;

/*
 * Mixed into the generation in handles, so that counted-up values are none. It keeps a program's
 * mistakes from meeting a live handle; who has seen one handle can compute others.
 */
static ULONG_PTR mask;
static pthread_once_t mask_once = PTHREAD_ONCE_INIT;

static void make_mask(void)
{
    /* A mask that stays 0 makes handles easier to guess, and no lookup less safe. */
    (void)!getrandom(&mask, sizeof mask, GRND_NONBLOCK);
    mask &= UINTPTR_MAX >> 1; /* no handle looks like one that SecInvalidateHandle has made */
}

static struct slot *slot_at(uint32_t index)
{
    struct slot *chunk;

    if (index / SLOTS_IN_CHUNK >= CHUNKS)
        return NULL;
    chunk = atomic_load_explicit(&chunks[index / SLOTS_IN_CHUNK], memory_order_acquire);
    return chunk != NULL ? &chunk[index % SLOTS_IN_CHUNK] : NULL;
}

/*
 * The slot that a handle names, and the generation that it was made in; NULL when there is none.
 * The mask was made before the first chunk, and is read after it.
 */
static struct slot *slot_of(const SecHandle *handle, uint32_t *index, uint32_t *generation)
{
    struct slot *slot;
    ULONG_PTR tag;

    if (handle == NULL || handle->dwLower == 0 || handle->dwLower > UINT32_MAX)
        return NULL;
    *index = (uint32_t)handle->dwLower - 1;
    slot = slot_at(*index);
    if (slot == NULL)
        return NULL;
    tag = handle->dwUpper ^ mask;
    *generation = (uint32_t)tag;
    return tag <= UINT32_MAX ? slot : NULL;
}

/* The head after one more change, with another first slot. */
static uint64_t changed_head(uint64_t head, uint64_t position)
{
    return ((head & ~POSITION_MASK) + POSITION_MASK + 1) | (position & POSITION_MASK);
}

/* Puts slots that are linked already, from the first to the last, on the free list. */
static void give_slots(uint32_t first, struct slot *last)
{
    uint64_t head = atomic_load_explicit(&free_list, memory_order_relaxed);

    do {
        atomic_store_explicit(&last->content, (uintptr_t)(head & POSITION_MASK),
                              memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&free_list, &head, changed_head(head, first),
                                                    memory_order_release, memory_order_relaxed));
}

/* Makes room for more slots. Threads that do so at the same time each add a chunk. */
static bool add_chunk(void)
{
    struct slot *chunk = calloc(SLOTS_IN_CHUNK, sizeof *chunk);
    uint32_t number = atomic_load_explicit(&chunk_count, memory_order_relaxed);
    uint32_t first;

    if (chunk == NULL)
        return false;
    do {
        if (number == CHUNKS) {
            free(chunk);
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&chunk_count, &number, number + 1,
                                                    memory_order_relaxed, memory_order_relaxed));
    first = number * SLOTS_IN_CHUNK + 1;
    for (uint32_t i = 0; i + 1 < SLOTS_IN_CHUNK; i++)
        atomic_init(&chunk[i].content, first + i + 1);
    atomic_store_explicit(&chunks[number], chunk, memory_order_release);
    give_slots(first, &chunk[SLOTS_IN_CHUNK - 1]);
    return true;
}

/* A slot that nobody else has, or NULL when there is no memory or no room. */
static struct slot *take_slot(uint32_t *index)
{
    uint64_t head = atomic_load_explicit(&free_list, memory_order_acquire);
    struct slot *slot;
    uintptr_t next;

    do {
        while ((head & POSITION_MASK) == NO_POSITION) {
            if (!add_chunk())
                return NULL;
            head = atomic_load_explicit(&free_list, memory_order_acquire);
        }
        *index = (uint32_t)(head & POSITION_MASK) - 1;
        slot = slot_at(*index);
        /* Another thread may take the slot in this moment: then this is no position, nor used. */
        next = atomic_load_explicit(&slot->content, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&free_list, &head, changed_head(head, next),
                                                    memory_order_acquire, memory_order_acquire));
    return slot;
}

bool handle_create(enum handle_kind kind, struct handle_object *object,
                   handle_destroy_function *destroy, SecHandle *handle)
{
    struct slot *slot;
    uint64_t generation;
    uint32_t index;

    (void)pthread_once(&mask_once, make_mask);
    slot = take_slot(&index);
    if (slot == NULL)
        return false;
    object->slot = index;
    object->destroy = destroy;
    atomic_store_explicit(&slot->content, (uintptr_t)object, memory_order_relaxed);
    generation = (atomic_load_explicit(&slot->state, memory_order_relaxed) >> GENERATION_SHIFT) + 1;
    atomic_store_explicit(&slot->state,
                          generation << GENERATION_SHIFT | ALIVE | (uint64_t)kind << KIND_SHIFT | 1,
                          memory_order_release);
    handle->dwLower = (ULONG_PTR)index + 1;
    handle->dwUpper = (ULONG_PTR)generation ^ mask;
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
    uint32_t index;
    struct slot *slot = slot_of(handle, &index, &generation);
    uint64_t state;

    if (slot == NULL)
        return NULL;
    state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if (!is_alive(state, generation, kind) || (state & REFERENCES) == REFERENCES)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1,
                                                    memory_order_acquire, memory_order_relaxed));
    return (void *)atomic_load_explicit(&slot->content, memory_order_relaxed);
}

static void drop_reference(struct slot *slot, uint32_t index)
{
    uint64_t before = atomic_fetch_sub_explicit(&slot->state, 1, memory_order_acq_rel);
    struct handle_object *object;

    if ((before & REFERENCES) != 1)
        return;
    /* Closed, and nobody uses it any more: nobody can find the slot either. */
    object = (struct handle_object *)atomic_load_explicit(&slot->content, memory_order_relaxed);
    if (before >> GENERATION_SHIFT != LAST_GENERATION)
        give_slots(index + 1, slot);
    object->destroy(object);
}

void handle_release(struct handle_object *object)
{
    drop_reference(slot_at(object->slot), object->slot);
}

bool handle_close(enum handle_kind kind, const SecHandle *handle)
{
    uint32_t generation;
    uint32_t index;
    struct slot *slot = slot_of(handle, &index, &generation);
    uint64_t state;

    if (slot == NULL)
        return false;
    state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if (!is_alive(state, generation, kind))
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state & ~ALIVE,
                                                    memory_order_acq_rel, memory_order_relaxed));
    drop_reference(slot, index);
    return true;
}
