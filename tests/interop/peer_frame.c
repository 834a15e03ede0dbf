#include "tests/interop/peer_frame.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* Both ends run on one machine: the header goes as it is. */
struct header {
    char kind;
    uint32_t length; /* octets that follow */
};

static bool write_all(int descriptor, const void *buffer, size_t length)
{
    const unsigned char *octets = buffer;

    while (length != 0) {
        ssize_t count = write(descriptor, octets, length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        octets += count;
        length -= (size_t)count;
    }
    return true;
}

static bool read_all(int descriptor, int milliseconds, void *buffer, size_t length)
{
    unsigned char *octets = buffer;

    while (length != 0) {
        struct pollfd waiting = {.fd = descriptor, .events = POLLIN};
        ssize_t count;

        if (poll(&waiting, 1, milliseconds) != 1)
            return false;
        count = read(descriptor, octets, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        octets += count;
        length -= (size_t)count;
    }
    return true;
}

bool peer_frame_send(int descriptor, char kind, const void *octets, size_t length)
{
    struct header header = {.kind = kind, .length = (uint32_t)length};

    return length <= PEER_FRAME_MAXIMUM && write_all(descriptor, &header, sizeof header) &&
           write_all(descriptor, octets, length);
}

bool peer_frame_receive(int descriptor, int milliseconds, struct peer_frame *frame)
{
    struct header header;

    *frame = (struct peer_frame){0};
    if (!read_all(descriptor, milliseconds, &header, sizeof header) ||
        header.length > PEER_FRAME_MAXIMUM)
        return false;
    frame->octets = malloc((size_t)header.length + 1);
    if (frame->octets == NULL)
        return false;
    frame->octets[header.length] = '\0';
    if (!read_all(descriptor, milliseconds, frame->octets, header.length)) {
        free(frame->octets);
        frame->octets = NULL;
        return false;
    }
    frame->kind = header.kind;
    frame->length = header.length;
    return true;
}
