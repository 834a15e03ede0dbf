#include "mech/token_pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/hexadecimal.h"
#include "common/secret.h"
#include "mech/trace.h"

#define PATH_OCTETS 4096

/* Resolves %XX (RFC 3986 2.1); false when the path does not fit. */
static bool decode_path(const char *text, size_t length, char path[PATH_OCTETS])
{
    size_t used = 0;

    for (size_t i = 0; i < length && used + 1 < PATH_OCTETS; i++) {
        char character = text[i];

        if (character == '%' && i + 2 < length && hexadecimal_digit(text[i + 1]) >= 0 &&
            hexadecimal_digit(text[i + 2]) >= 0) {
            character =
                (char)(hexadecimal_digit(text[i + 1]) * 16 + hexadecimal_digit(text[i + 2]));
            i += 2;
        }
        path[used++] = character;
    }
    path[used] = '\0';
    return length != 0 && used + 1 < PATH_OCTETS;
}

/* The attribute's value; it stands in the query, behind '?' or '&'. */
static bool find_path(const char *uri, char path[PATH_OCTETS])
{
    static const char attribute[] = "pin-source=file:";
    const char *query = strchr(uri, '?');
    const char *at = query != NULL ? strstr(query, attribute) : NULL;

    if (at == NULL || (at[-1] != '?' && at[-1] != '&'))
        return false;
    at += sizeof attribute - 1;
    return decode_path(at, strcspn(at, "&"), path);
}

/* The first line, which must fit with a NUL behind it. */
static bool read_line(int file, char *line, size_t size)
{
    size_t length = 0;
    ssize_t got = 1;

    while (got != 0 && length < size) {
        got = read(file, line + length, size - length);
        if (got < 0 && errno != EINTR)
            return false;
        length += got > 0 ? (size_t)got : 0;
    }
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\n' || line[i] == '\r')
            length = i;
    }
    if (length == 0 || length == size)
        return false;
    line[length] = '\0';
    return true;
}

int token_pin_from_source(void *userdata, int attempt, const char *token_url,
                          const char *token_label, unsigned int flags, char *pin, size_t pin_max)
{
    char path[PATH_OCTETS];
    bool found;
    int file;

    (void)token_url;
    (void)flags;
    if (attempt != 0 || userdata == NULL || !find_path(userdata, path))
        return -1;
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        trace("certificate: the PIN of %s cannot be read: %s: %s", token_label, path,
              strerror(errno));
        return -1;
    }
    found = read_line(file, pin, pin_max);
    (void)close(file);
    if (!found)
        wipe(pin, pin_max);
    return found ? 0 : -1;
}
