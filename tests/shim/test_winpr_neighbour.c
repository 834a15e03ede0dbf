/*
 * A process that has WinPR's SSPI loaded, as FreeRDP has, opens our library: the functions behind
 * our table must be ours, although WinPR's have the same names and came first.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sspi-gss/sspi.h>

static int fail(const char *why)
{
    (void)fprintf(stderr, "%s\n", why);
    return EXIT_FAILURE;
}

/* True when the function stands in the library that path ends with. */
static int stands_in(void *function, const char *name)
{
    Dl_info info;

    return dladdr(function, &info) != 0 && strstr(info.dli_fname, name) != NULL;
}

int main(void)
{
    const char *directory = getenv("top_builddir");
    char path[4096];
    void *winpr = dlopen("libwinpr2.so.2", RTLD_NOW | RTLD_GLOBAL);
    void *ours;
    INIT_SECURITY_INTERFACE_A entry;
    PSecurityFunctionTableA table;

    if (winpr == NULL || dlsym(RTLD_DEFAULT, "EncryptMessage") == NULL)
        return fail("WinPR is not loaded");
    if (snprintf(path, sizeof path, "%s/.libs/libsspi-gss.so",
                 directory != NULL ? directory : ".") >= (int)sizeof path)
        return fail("the path is too long");
    ours = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (ours == NULL)
        return fail(dlerror());
    *(void **)&entry = dlsym(ours, "InitSecurityInterfaceA");
    if (entry == NULL)
        return fail("there is no InitSecurityInterfaceA");
    table = entry();
    if (!stands_in(*(void **)&table->EncryptMessage, "libsspi-gss") ||
        !stands_in(*(void **)&table->AcquireCredentialsHandleA, "libsspi-gss") ||
        !stands_in(*(void **)&table->FreeContextBuffer, "libsspi-gss"))
        return fail("the table names WinPR's functions");
    return EXIT_SUCCESS;
}
