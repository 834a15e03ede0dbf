/* The header's inline functions would call what is defined here by other names. */
#undef _FORTIFY_SOURCE

#include "tests/common/allocation_failure.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What _FORTIFY_SOURCE makes of asprintf. */
__attribute__((format(printf, 3, 4))) int __asprintf_chk(char **text, int flag, const char *format,
                                                         ...);

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*mmap)(void *, size_t, int, int, int, off_t);
} next;

/* Where the library's code is. */
static uintptr_t code_begin;
static uintptr_t code_end;

static _Thread_local bool armed;
static _Thread_local bool happened;
static _Thread_local unsigned to_go;

/* dlsym's result is a data pointer; POSIX lets it be copied to a function pointer. */
static void look_up(void *function, const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);

    if (symbol == NULL)
        abort();
    memcpy(function, &symbol, sizeof symbol);
}

static void look_all_up(void)
{
    look_up(&next.malloc, "malloc");
    look_up(&next.calloc, "calloc");
    look_up(&next.realloc, "realloc");
    look_up(&next.mmap, "mmap");
}

static void need_next(void)
{
    if (next.mmap == NULL)
        look_all_up();
}

static int find_code(struct dl_phdr_info *info, size_t size, void *library)
{
    const char *slash = strrchr(info->dlpi_name, '/');
    const char *name = slash != NULL ? slash + 1 : info->dlpi_name;

    (void)size;
    if (strncmp(name, library, strlen(library)) != 0)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];

        if (header->p_type == PT_LOAD && (header->p_flags & PF_X) != 0) {
            code_begin = info->dlpi_addr + header->p_vaddr;
            code_end = code_begin + header->p_memsz;
        }
    }
    return 1;
}

void allocation_failure_arm(const char *library, unsigned n)
{
    if (dl_iterate_phdr(find_code, (void *)(uintptr_t)library) != 1) {
        (void)fprintf(stderr, "%s has not been loaded\n", library);
        abort();
    }
    to_go = n;
    happened = false;
    armed = true;
}

bool allocation_failure_disarm(void)
{
    armed = false;
    return happened;
}

bool allocation_failure_happened(void)
{
    return happened;
}

static bool must_fail(const void *caller)
{
    uintptr_t address = (uintptr_t)caller;

    if (!armed || address < code_begin || address >= code_end || to_go == 0)
        return false;
    to_go--;
    if (to_go != 0)
        return false;
    happened = true;
    errno = ENOMEM;
    return true;
}

#define CALLER __builtin_return_address(0)

/* The libraries are to find these. */
#pragma GCC visibility push(default)

void *malloc(size_t size)
{
    need_next();
    return must_fail(CALLER) ? NULL : next.malloc(size);
}

void *calloc(size_t count, size_t size)
{
    need_next();
    return must_fail(CALLER) ? NULL : next.calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    need_next();
    return must_fail(CALLER) ? NULL : next.realloc(memory, size);
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    need_next();
    return must_fail(CALLER) ? MAP_FAILED
                             : next.mmap(address, length, protection, flags, file, offset);
}

static char *copy(const char *text, size_t length)
{
    char *made = next.malloc(length + 1);

    if (made == NULL)
        return NULL;
    memcpy(made, text, length);
    made[length] = '\0';
    return made;
}

char *strdup(const char *text)
{
    need_next();
    return must_fail(CALLER) ? NULL : copy(text, strlen(text));
}

char *strndup(const char *text, size_t length)
{
    need_next();
    return must_fail(CALLER) ? NULL : copy(text, strnlen(text, length));
}

int asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    int length;

    if (must_fail(CALLER))
        return -1;
    va_start(arguments, format);
    length = vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

int __asprintf_chk(char **text, int flag, const char *format, ...)
{
    va_list arguments;
    int length;

    (void)flag;
    if (must_fail(CALLER))
        return -1;
    va_start(arguments, format);
    length = vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

#pragma GCC visibility pop
