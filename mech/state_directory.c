#include "mech/state_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mech/status.h"

#define DIRECTORY_MODE 0700
#define FILE_MODE      0600

/* More than a key and a certificate need. */
#define CONTENT_MAXIMUM 65536

#define NAME_OCTETS 128

/* errno's reason. */
static OM_uint32 fail_at(OM_uint32 *minor, const struct state_directory *state, const char *name)
{
    return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_STATE_DIRECTORY, "%s%s%s: %s", state->path,
                name[0] != '\0' ? "/" : "", name, strerror(errno));
}

static bool belongs_to_us(const struct stat *status)
{
    return status->st_uid == geteuid() || status->st_uid == 0;
}

static OM_uint32 open_directory(OM_uint32 *minor, struct state_directory *state)
{
    struct stat status;

    if (mkdir(state->path, DIRECTORY_MODE) != 0 && errno != EEXIST)
        return fail_at(minor, state, "");
    state->directory = open(state->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (state->directory < 0 || fstat(state->directory, &status) != 0)
        return fail_at(minor, state, "");
    if (!belongs_to_us(&status) || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_STATE_DIRECTORY, "%s: others may write to it",
                    state->path);
    return GSS_S_COMPLETE;
}

OM_uint32 state_directory_open(OM_uint32 *minor, const char *path, struct state_directory *state)
{
    static const char name[] = "lock";
    OM_uint32 major;

    *state = (struct state_directory){path, -1, -1};
    major = open_directory(minor, state);
    if (GSS_ERROR(major))
        return major;
    state->lock =
        openat(state->directory, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (state->lock < 0)
        return fail_at(minor, state, name);
    while (flock(state->lock, LOCK_EX) != 0) {
        if (errno != EINTR)
            return fail_at(minor, state, name);
    }
    return GSS_S_COMPLETE;
}

void state_directory_close(struct state_directory *state)
{
    if (state->lock >= 0)
        (void)close(state->lock); /* the lock goes with it */
    if (state->directory >= 0)
        (void)close(state->directory);
    state->lock = state->directory = -1;
}

static OM_uint32 check_file(OM_uint32 *minor, const struct state_directory *state, const char *name,
                            int file, size_t *size)
{
    struct stat status;

    if (fstat(file, &status) != 0)
        return fail_at(minor, state, name);
    if (!S_ISREG(status.st_mode) || !belongs_to_us(&status) ||
        (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_STATE_DIRECTORY,
                    "%s/%s: it must be a file that only its owner, who runs this program, may read",
                    state->path, name);
    if (status.st_size < 0 || status.st_size > CONTENT_MAXIMUM)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_STATE_DIRECTORY, "%s/%s: it is too long",
                    state->path, name);
    *size = (size_t)status.st_size;
    return GSS_S_COMPLETE;
}

static bool read_all(int file, struct secret *content)
{
    size_t done = 0;

    while (done < content->length) {
        ssize_t got = read(file, content->data + done, content->length - done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

OM_uint32 state_directory_read(OM_uint32 *minor, const struct state_directory *state,
                               const char *name, struct secret *content)
{
    int file = openat(state->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    size_t size = 0;
    OM_uint32 major;

    secret_release(content);
    if (file < 0)
        return errno == ENOENT ? GSS_S_COMPLETE : fail_at(minor, state, name);
    major = check_file(minor, state, name, file, &size);
    if (!GSS_ERROR(major) && !secret_allocate(content, size))
        major = fail_no_memory(minor);
    if (!GSS_ERROR(major) && !read_all(file, content))
        major = fail_at(minor, state, name);
    if (GSS_ERROR(major))
        secret_release(content);
    (void)close(file);
    return major;
}

static bool write_all(int file, struct byte_range content)
{
    while (content.length != 0) {
        ssize_t written = write(file, content.data, content.length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        content.data += written;
        content.length -= (size_t)written;
    }
    return fsync(file) == 0;
}

OM_uint32 state_directory_write(OM_uint32 *minor, const struct state_directory *state,
                                const char *name, struct byte_range content)
{
    char fresh[NAME_OCTETS];
    bool written;
    int file;

    /* Who died while writing left this behind; the lock is ours. */
    (void)snprintf(fresh, sizeof fresh, "%s.new", name);
    (void)unlinkat(state->directory, fresh, 0);
    file = openat(state->directory, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  FILE_MODE);
    if (file < 0)
        return fail_at(minor, state, fresh);
    written = write_all(file, content);
    if (close(file) != 0 || !written ||
        renameat(state->directory, fresh, state->directory, name) != 0) {
        (void)fail_at(minor, state, fresh);
        (void)unlinkat(state->directory, fresh, 0);
        return GSS_S_FAILURE;
    }
    (void)fsync(state->directory);
    return GSS_S_COMPLETE;
}
