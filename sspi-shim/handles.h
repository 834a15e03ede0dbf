/*
 * What SecHandle values stand for. Programs hand in handles that are stale, of the wrong kind or
 * invented; looking one up never touches memory that it names by itself.
 *
 * A lookup takes no lock and constant time. An object lives until its handle is closed and the last
 * thread that looked it up has released it.
 */
#ifndef SSPI_SHIM_HANDLES_H
#define SSPI_SHIM_HANDLES_H

#include <stdbool.h>
#include <sspi-gss/sspi.h>

enum handle_kind {
    HANDLE_CREDENTIAL = 1,
    HANDLE_CONTEXT = 2,
};

/* Frees an object whose handle is gone. */
typedef void handle_destroy_function(void *object);

/*
 * Makes *handle stand for object, which must not be NULL; destroy is called once, after
 * handle_close. False when there is no memory, or too many handles are alive: the object stays the
 * caller's.
 */
bool handle_create(enum handle_kind kind, void *object, handle_destroy_function *destroy,
                   SecHandle *handle);

/*
 * The object behind the handle, which stays alive until handle_release, or NULL when the handle is
 * NULL, not alive or of another kind.
 */
void *handle_acquire(enum handle_kind kind, const SecHandle *handle);

/* Ends what handle_acquire began, with the same handle value. */
void handle_release(const SecHandle *handle);

/* Ends the handle. False when it is not alive or of another kind. */
bool handle_close(enum handle_kind kind, const SecHandle *handle);

#endif
