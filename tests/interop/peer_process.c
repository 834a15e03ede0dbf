#include "tests/interop/peer_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_setting(char setting[PEER_SETTING_OCTETS], const char *format, va_list values)
{
    int length = vsnprintf(setting, PEER_SETTING_OCTETS, format, values);

    if (length < 0 || length >= PEER_SETTING_OCTETS)
        abort();
}

void peer_add_environment(struct peer_settings *settings, const char *format, ...)
{
    va_list values;

    if (settings->environment_count == PEER_MAXIMUM_SETTINGS)
        abort();
    va_start(values, format);
    write_setting(settings->environment[settings->environment_count++], format, values);
    va_end(values);
}

void peer_add_argument(struct peer_settings *settings, const char *format, ...)
{
    va_list values;

    if (settings->argument_count == PEER_MAXIMUM_SETTINGS)
        abort();
    va_start(values, format);
    write_setting(settings->arguments[settings->argument_count++], format, values);
    va_end(values);
}

/* In the child: becomes the peer. */
static _Noreturn void become(const struct peer_settings *settings, int requests, int answers)
{
    const char *arguments[PEER_MAXIMUM_SETTINGS + 2] = {settings->program};

    for (size_t i = 0; i < settings->environment_count; i++)
        (void)putenv((char *)(uintptr_t)settings->environment[i]);
    for (size_t i = 0; i < settings->argument_count; i++)
        arguments[i + 1] = settings->arguments[i];
    if (dup2(requests, STDIN_FILENO) >= 0 && dup2(answers, STDOUT_FILENO) >= 0)
        (void)execv(settings->program, (char *const *)(uintptr_t)arguments);
    _exit(127);
}

bool peer_start(struct peer_process *peer, const struct peer_settings *settings)
{
    int requests[2];
    int answers[2];

    *peer = (struct peer_process){-1, -1, -1};
    /* A peer that has died shows in its answer, not by a signal. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (pipe2(requests, O_CLOEXEC) != 0)
        return false;
    if (pipe2(answers, O_CLOEXEC) != 0) {
        (void)close(requests[0]);
        (void)close(requests[1]);
        return false;
    }
    peer->id = fork();
    if (peer->id == 0)
        become(settings, requests[0], answers[1]);
    (void)close(requests[0]);
    (void)close(answers[1]);
    peer->requests = requests[1];
    peer->answers = answers[0];
    return peer->id > 0;
}

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

static bool read_all(int descriptor, void *buffer, size_t length)
{
    unsigned char *octets = buffer;

    while (length != 0) {
        struct pollfd waiting = {.fd = descriptor, .events = POLLIN};
        ssize_t count;

        if (poll(&waiting, 1, PEER_TIMEOUT_MILLISECONDS) != 1)
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

struct peer_answer peer_ask(struct peer_process *peer, char kind, struct byte_range request)
{
    struct peer_frame_header header = {.kind = kind, .length = (uint32_t)request.length};
    struct peer_answer answer = {0};

    if (!write_all(peer->requests, &header, sizeof header) ||
        !write_all(peer->requests, request.data, request.length) ||
        !read_all(peer->answers, &header, sizeof header) || header.length > PEER_FRAME_MAXIMUM)
        return answer;
    answer.octets = malloc(header.length + 1);
    if (answer.octets == NULL)
        return answer;
    answer.octets[header.length] = '\0';
    if (read_all(peer->answers, answer.octets, header.length)) {
        answer.kind = header.kind;
        answer.length = header.length;
    }
    return answer;
}

bool peer_end(struct peer_process *peer)
{
    struct pollfd waiting = {.fd = peer->answers, .events = POLLIN};
    int status = -1;

    if (peer->id <= 0)
        return false;
    (void)close(peer->requests);
    /* Its end of the pipe closes when it ends. */
    if (poll(&waiting, 1, PEER_TIMEOUT_MILLISECONDS) != 1)
        (void)kill(peer->id, SIGKILL);
    (void)close(peer->answers);
    while (waitpid(peer->id, &status, 0) < 0 && errno == EINTR)
        continue;
    peer->id = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
