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

typedef char setting_text[PEER_SETTING_OCTETS];

__attribute__((format(printf, 3, 0))) static void add(setting_text *settings, size_t *count,
                                                      const char *format, va_list values)
{
    int length;

    if (*count == PEER_MAXIMUM_SETTINGS)
        abort();
    length = vsnprintf(settings[(*count)++], PEER_SETTING_OCTETS, format, values);
    if (length < 0 || length >= PEER_SETTING_OCTETS)
        abort();
}

void peer_add_environment(struct peer_settings *settings, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    add(settings->environment, &settings->environment_count, format, values);
    va_end(values);
}

void peer_add_argument(struct peer_settings *settings, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    add(settings->arguments, &settings->argument_count, format, values);
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

struct peer_frame peer_ask(struct peer_process *peer, char kind, struct byte_range request)
{
    struct peer_frame answer = {0};

    if (peer_frame_send(peer->requests, kind, request.data, request.length))
        (void)peer_frame_receive(peer->answers, PEER_TIMEOUT_MILLISECONDS, &answer);
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
