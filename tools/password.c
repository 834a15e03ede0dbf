#include "tools/password.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Windows takes at most 256 characters; this is that many in any encoding. */
#define PASSWORD_LIMIT 1024

/* Signals that would leave the terminal without echo. */
static const int watched_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define WATCHED_COUNT (sizeof(watched_signals) / sizeof(watched_signals[0]))

static volatile sig_atomic_t received_signal;

static void note_signal(int number)
{
    received_signal = number;
}

/* Reads until end of line, end of input, error or signal. False without a line, errno says why. */
static bool read_line(struct secret *line, int descriptor)
{
    size_t length = 0;

    for (;;) {
        ssize_t got = read(descriptor, line->data + length, 1);

        if (got < 0 && errno == EINTR && received_signal == 0)
            continue;
        if (got < 0)
            return false;
        if (got == 0 || line->data[length] == '\n')
            break;
        if (++length == line->length) {
            errno = EMSGSIZE;
            return false;
        }
    }
    if (length > 0 && line->data[length - 1] == '\r')
        length--;
    secret_truncate(line, length);
    return true;
}

bool password_read(struct secret *password, int descriptor, struct failure *failure)
{
    if (!secret_allocate(password, PASSWORD_LIMIT)) {
        failure_say(failure, "out of memory");
        return false;
    }
    if (!read_line(password, descriptor))
        failure_of_system(failure, "reading the password");
    else if (memchr(password->data, '\0', password->length) != NULL)
        failure_say(failure, "the password holds a NUL");
    if (failure_happened(failure))
        secret_release(password);
    return !failure_happened(failure);
}

/* Asks on a terminal whose echo is on, and leaves it as it was. */
static bool ask_quietly(struct secret *password, int terminal, const char *prompt,
                        struct failure *failure)
{
    struct sigaction watch = {.sa_handler = note_signal};
    struct sigaction before[WATCHED_COUNT];
    struct termios normal;
    struct termios quiet;
    bool done;

    if (tcgetattr(terminal, &normal) != 0) {
        failure_of_system(failure, "the terminal");
        return false;
    }
    quiet = normal;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
    quiet.c_lflag |= ECHONL;
    received_signal = 0;
    for (size_t i = 0; i < WATCHED_COUNT; i++)
        (void)sigaction(watched_signals[i], &watch, &before[i]);
    done = tcsetattr(terminal, TCSAFLUSH, &quiet) == 0 && dprintf(terminal, "%s", prompt) >= 0;
    if (!done)
        failure_of_system(failure, "the terminal");
    done = done && password_read(password, terminal, failure);
    (void)tcsetattr(terminal, TCSAFLUSH, &normal);
    for (size_t i = 0; i < WATCHED_COUNT; i++)
        (void)sigaction(watched_signals[i], &before[i], NULL);
    return done;
}

bool password_ask(struct secret *password, const char *prompt, struct failure *failure)
{
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    bool asked;

    if (terminal < 0) {
        failure_say(failure, "there is no terminal to ask for the password: use --password-fd");
        return false;
    }
    asked = ask_quietly(password, terminal, prompt, failure);
    (void)close(terminal);
    /* The signal that ended the question takes its usual course now. */
    if (received_signal != 0) {
        secret_release(password);
        (void)raise(received_signal);
        failure_say(failure, "interrupted");
        return false;
    }
    return asked;
}
