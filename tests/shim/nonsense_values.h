/*
 * Arguments of SSPI calls, sensible ones and nonsense, by the letters of exported_functions.inc.
 */
#ifndef TESTS_SHIM_NONSENSE_VALUES_H
#define TESTS_SHIM_NONSENSE_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include "tests/shim/exchange.h"

#define ARGUMENTS 13 /* as many as any function has */
#define VARIANTS  16 /* more than any kind of argument has */

/* What the argument in one position may point to. */
struct place {
    SecHandle handle;
    SecBufferDesc descriptor;
    SecBuffer buffers[4];
    void *pointer;
    uint64_t before[8]; /* a caller's memory has something in front of it */
    unsigned char room[4096];
    unsigned char more_room[4096];
};

extern struct place places[ARGUMENTS];

/* Two handles that are alive, and two that were. */
struct known_handles {
    CtxtHandle context;
    CredHandle credential;
    CtxtHandle stale_context;
    CredHandle stale_credential;
};

/* A function of the library, or NULL when it has none of this name. */
void *find_function(const char *name);

/* Makes ready; the library must have been loaded with the program. */
void values_set_up(void);
void values_tear_down(void);

/*
 * The value of an argument of that kind in that place. Variant 0 is what a sensible caller passes;
 * false when there is no such variant.
 */
bool value_make(struct place *place, char kind, unsigned variant,
                const struct known_handles *handles, uintptr_t *value);

/* Frees what a call has left in an output, or was given by value_make. */
void value_release(struct place *place, char kind, bool failed);

/* Frees an asynchronous call's context that a function has returned. */
void value_free_async(void *context);

/* The status of a call that has been begun with this place's asynchronous context. */
SECURITY_STATUS value_wait(const struct place *place);

#endif
