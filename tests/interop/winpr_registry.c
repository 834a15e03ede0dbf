/*
 * For LD_PRELOAD: WinPR reads its registry from a file below /etc, which is not a test's to write. This
 * gives it the file that WINPR_REGISTRY names.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGISTRY "/etc/winpr/HKLM.reg"

typedef FILE *open_function(const char *path, const char *mode);

__attribute__((visibility("default"))) FILE *fopen64(const char *path, const char *mode)
{
    const char *instead = strcmp(path, REGISTRY) == 0 ? getenv("WINPR_REGISTRY") : NULL;
    open_function *next;

    *(void **)&next = dlsym(RTLD_NEXT, "fopen64");
    return next != NULL ? next(instead != NULL ? instead : path, mode) : NULL;
}
