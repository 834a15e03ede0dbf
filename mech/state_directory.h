/*
 * A directory for what is to outlive a process: small files that belong to one user and nobody else
 * reads. Processes that use it at once wait for each other.
 */
#ifndef MECH_STATE_DIRECTORY_H
#define MECH_STATE_DIRECTORY_H

#include "common/secret.h"
#include "mech/mechglue.h"

/* Descriptors; -1: none. */
struct state_directory {
    const char *path; /* borrowed */
    int directory;
    int lock;
};

/*
 * Opens the directory, making it when it is not there, and waits until no other process or thread has it
 * open. Refused when others than its owner may write to it. The caller closes, also on failure.
 */
OM_uint32 state_directory_open(OM_uint32 *minor, const char *path, struct state_directory *state);
void state_directory_close(struct state_directory *state);

/*
 * Reads a file. *content is absent when there is none. Refused when it is no file of the caller's that
 * only the caller may read.
 */
OM_uint32 state_directory_read(OM_uint32 *minor, const struct state_directory *state,
                               const char *name, struct secret *content);

/* Writes a file, or replaces it: whoever reads finds the old content or the new. */
OM_uint32 state_directory_write(OM_uint32 *minor, const struct state_directory *state,
                                const char *name, struct byte_range content);

#endif
