/*
 * What SecHandle values stand for. Programs hand in handles that are stale, of the wrong kind or
 * invented; looking one up never touches memory that it names by itself.
 *
 * Nothing here takes a lock, and everything takes constant time. An object lives until its handle
 * is closed and the last thread that looked it up has released it.
 *
 * After fork() both processes have all handles and go on by themselves, whatever other threads did
 * at that moment. What those threads had looked up then is never freed in the child, which has no
 * such threads; and an object is a copy: keys and message numbers of a context that both processes
 * go on using would be used twice.
 */
#ifndef SSPI_SHIM_HANDLES_H
#define SSPI_SHIM_HANDLES_H

#include <stdbool.h>
#include <stdint.h>
#include <sspi-gss/sspi.h>

enum handle_kind {
    HANDLE_CREDENTIAL = 1,
    HANDLE_CONTEXT = 2,
};

/* Frees an object whose handle is gone. */
typedef void handle_destroy_function(void *object);

/* What every object with a handle begins with; handle_create fills it in. */
struct handle_object {
    handle_destroy_function *destroy;
    uint32_t slot;
};

/*
 * Makes *handle stand for the object; destroy is called once, after handle_close. False when there
 * is no memory, or too many handles are alive: the object stays the caller's.
 */
bool handle_create(enum handle_kind kind, struct handle_object *object,
                   handle_destroy_function *destroy, SecHandle *handle);

/*
 * The object behind the handle, which stays alive until handle_release, or NULL when the handle is
 * NULL, not alive or of another kind.
 */
void *handle_acquire(enum handle_kind kind, const SecHandle *handle);

/* Ends what handle_acquire began. The caller's handle may have changed in between. */
void handle_release(struct handle_object *object);

/* Ends the handle. False when it is not alive or of another kind. */
bool handle_close(enum handle_kind kind, const SecHandle *handle);

#endif
