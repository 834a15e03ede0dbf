#include "tests/shim/nonsense_values.h"

#include <check.h>
#include <dlfcn.h>
#include <string.h>
#include <sspi-gss/sspi_async.h>
#include <sspi-gss/sspi_identity_functions.h>

struct place places[ARGUMENTS];

static void *library;
static char long_text[70000]; /* longer than any text that is taken */
static WCHAR long_wide_text[70000];

/* What makes and frees arguments; looked up as the others are. */
static struct {
    SECURITY_STATUS(*encode)
    (PCWSTR user, PCWSTR domain, PCWSTR credentials, PSEC_WINNT_AUTH_IDENTITY_OPAQUE *identity);
    void (*free_identity)(PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity);
    void (*local_free)(void *memory);
    SECURITY_STATUS (*close_token)(HANDLE token);
    SspiAsyncContext *(*create_async)(void);
    void (*free_async)(SspiAsyncContext *context);
    SECURITY_STATUS (*async_status)(SspiAsyncContext *context);
} ours;

void *find_function(const char *name)
{
    return dlsym(library, name);
}

static void look_up(void *function, const char *name)
{
    void *symbol = find_function(name);

    memcpy(function, &symbol, sizeof symbol);
}

static void look_ours_up(void)
{
    look_up(&ours.encode, "SspiEncodeStringsAsAuthIdentity");
    look_up(&ours.free_identity, "SspiFreeAuthIdentity");
    look_up(&ours.local_free, "SspiLocalFree");
    look_up(&ours.close_token, "SspiGssCloseToken");
    look_up(&ours.create_async, "SspiCreateAsyncContext");
    look_up(&ours.free_async, "SspiFreeAsyncContext");
    look_up(&ours.async_status, "SspiGetAsyncCallStatus");
}

void values_set_up(void)
{
    library = dlopen("libsspi-gss.so.0", RTLD_NOW | RTLD_NOLOAD);
    ck_assert_ptr_nonnull(library);
    look_ours_up();
    memset(long_text, 'a', sizeof long_text - 1);
    for (size_t i = 0; i + 1 < sizeof long_wide_text / sizeof long_wide_text[0]; i++)
        long_wide_text[i] = 'a';
}

void values_tear_down(void)
{
    (void)dlclose(library);
}

#define ADDRESS(thing) ((uintptr_t)(thing))

static bool numbers(const uint32_t *values, unsigned count, unsigned variant, uintptr_t *value)
{
    if (variant >= count)
        return false;
    *value = values[variant];
    return true;
}

#define NUMBERS(variant, value, ...)                                                             \
    numbers((const uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t), \
            variant, value)

static bool handles(struct place *place, bool credential, unsigned variant,
                    const struct known_handles *known, uintptr_t *value)
{
    SecHandle good = credential ? known->credential : known->context;
    SecHandle variants[] = {
        good,
        {0, 0},
        credential ? known->stale_credential : known->stale_context,
        credential ? known->context : known->credential,
        {(ULONG_PTR)-1, (ULONG_PTR)-1},
        {good.dwLower, good.dwUpper + 1},
        {good.dwLower + 100000000, good.dwUpper},
        {good.dwUpper, good.dwLower},
    };

    if (variant == sizeof variants / sizeof variants[0]) {
        *value = 0;
        return true;
    }
    if (variant > sizeof variants / sizeof variants[0])
        return false;
    place->handle = variants[variant];
    *value = ADDRESS(&place->handle);
    return true;
}

static bool texts(const char *good, unsigned variant, uintptr_t *value)
{
    const char *variants[] = {good, NULL, "", "\xff\xc3", "%s%n%n", "/", "@", "\\", long_text};

    if (variant >= sizeof variants / sizeof variants[0])
        return false;
    *value = ADDRESS(variants[variant]);
    return true;
}

static bool wide_texts(struct place *place, const char *good, unsigned variant, uintptr_t *value)
{
    static const WCHAR lone_surrogate[] = {'a', 0xDC00, 0};
    uintptr_t narrow;
    WCHAR *text = (WCHAR *)(void *)place->room;

    if (!texts(good, variant, &narrow))
        return false;
    if ((char *)narrow == long_text)
        *value = ADDRESS(long_wide_text);
    else if (narrow == 0)
        *value = 0;
    else if (*(char *)narrow == '\xff')
        *value = ADDRESS(lone_surrogate);
    else {
        size_t length = strlen((char *)narrow) + 1;

        for (size_t i = 0; i < length; i++)
            text[i] = (unsigned char)((char *)narrow)[i];
        *value = ADDRESS(text);
    }
    return true;
}

static bool single_buffers(struct place *place, unsigned variant, uintptr_t *value)
{
    const SecBuffer variants[] = {
        {0, SECBUFFER_EMPTY, NULL},     {UINT32_MAX, SECBUFFER_TOKEN, NULL},
        {64, 99, place->room},          {0, SECBUFFER_TOKEN, place->room},
        {UINT32_MAX, UINT32_MAX, NULL},
    };

    *value = 0;
    if (variant == sizeof variants / sizeof variants[0])
        return true;
    if (variant > sizeof variants / sizeof variants[0])
        return false;
    place->buffers[0] = variants[variant];
    *value = ADDRESS(&place->buffers[0]);
    return true;
}

/* Buffers that a whole descriptor is spoiled by, one of these in the place of another. */
static bool spoil_buffer(struct place *place, unsigned variant)
{
    const SecBuffer variants[] = {
        {UINT32_MAX, SECBUFFER_TOKEN, NULL},
        {UINT32_MAX, SECBUFFER_DATA, NULL},
        {UINT32_MAX, SECBUFFER_STREAM, NULL},
        {5, SECBUFFER_CHANNEL_BINDINGS, place->more_room},
        {16, 99, place->more_room},
        {16, SECBUFFER_DATA | SECBUFFER_ATTRMASK, place->more_room},
        {16, SECBUFFER_TOKEN, place->more_room},
        {16, SECBUFFER_PKG_PARAMS, NULL},
        {0, SECBUFFER_DATA, NULL},
    };

    if (variant >= sizeof variants / sizeof variants[0])
        return false;
    place->buffers[1] = variants[variant];
    return true;
}

static bool descriptors(struct place *place, unsigned variant, uintptr_t *value)
{
    place->buffers[0] = (SecBuffer){sizeof place->room, SECBUFFER_TOKEN, place->room};
    place->buffers[1] = (SecBuffer){64, SECBUFFER_DATA, place->more_room};
    place->buffers[2] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    place->buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    place->descriptor = (SecBufferDesc){SECBUFFER_VERSION, 4, place->buffers};
    *value = ADDRESS(&place->descriptor);
    switch (variant) {
    case 0:
        return true;
    case 1:
        *value = 0;
        return true;
    case 2:
        place->descriptor.ulVersion = 7;
        return true;
    case 3:
        place->descriptor.cBuffers = 0;
        return true;
    case 4:
        place->descriptor.pBuffers = NULL;
        return true;
    case 5:
        place->descriptor.cBuffers = UINT32_MAX;
        return true;
    default:
        return spoil_buffer(place, variant - 6);
    }
}

static bool identities(struct place *place, unsigned variant, uintptr_t *value)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = {.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    uint32_t first_words[2] = {0, 0};

    memset(place->room, 0, sizeof place->room);
    *value = ADDRESS(place->room);
    switch (variant) {
    case 0:
        *value = 0;
        return true;
    case 1:
        return true;
    case 2:
        identity.UserLength = 5;
        break;
    case 3:
        identity.User = place->more_room;
        identity.UserLength = UINT32_MAX;
        break;
    case 4:
        identity.Flags = UINT32_MAX;
        break;
    case 5:
        first_words[0] = SEC_WINNT_AUTH_IDENTITY_VERSION;
        first_words[1] = 200;
        break;
    case 6:
        first_words[0] = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
        first_words[1] = UINT32_MAX;
        break;
    default:
        return false;
    }
    if (first_words[0] != 0)
        memcpy(place->room, first_words, sizeof first_words);
    else
        memcpy(place->room, &identity, sizeof identity);
    return true;
}

/* Opaque: made by the library, or NULL, or what it cannot have made. */
static bool opaque_identities(struct place *place, unsigned variant, uintptr_t *value)
{
    static const WCHAR user[] = {'u', 0};
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = NULL;

    if (variant == 0)
        ck_assert_int_eq(ours.encode(user, NULL, NULL, &identity), SEC_E_OK);
    place->pointer = identity;
    *value = ADDRESS(identity);
    return variant <= 1;
}

static void notified(SspiAsyncContext *context, void *data)
{
    (void)context;
    (void)data;
}

static bool asynchronous(struct place *place, unsigned variant, uintptr_t *value)
{
    place->pointer = variant == 0 ? (void *)ours.create_async() : NULL;
    *value = ADDRESS(place->pointer);
    return variant <= 1;
}

/* One of these for each output: where it goes, nowhere, or over another argument. */
static bool outputs(struct place *place, char kind, unsigned variant, uintptr_t *value)
{
    bool is_handle = kind == 'n' || kind == 'm';

    place->pointer = NULL;
    place->handle = (SecHandle){0, 0};
    *value = 0;
    if (variant == 0)
        *value = is_handle ? ADDRESS(&place->handle) : ADDRESS(&place->pointer);
    else if (variant == 2 && is_handle)
        *value = ADDRESS(&places[0].handle);
    else
        return variant == 1;
    return true;
}

bool value_make(struct place *place, char kind, unsigned variant, const struct known_handles *known,
                uintptr_t *value)
{
    switch (kind) {
    case 'c':
    case 'x':
        return handles(place, kind == 'c', variant, known, value);
    case 't':
        return texts("host/localhost", variant, value);
    case 'g':
        return texts("Kerberos", variant, value);
    case 's':
        return texts(NULL, variant, value);
    case 'T':
        return wide_texts(place, "host/localhost", variant, value);
    case 'G':
        return wide_texts(place, "Kerberos", variant, value);
    case 'S':
        return wide_texts(place, "some", variant, value);
    case 'b':
        return descriptors(place, variant, value);
    case 'e':
        return single_buffers(place, variant, value);
    case 'u':
        return NUMBERS(variant, value, 0, 1, 4711, 0x80000000, UINT32_MAX);
    case 'r':
        return NUMBERS(variant, value, 0, 1, UINT32_MAX);
    case 'd':
        return NUMBERS(variant, value, SECURITY_NATIVE_DREP, 1, UINT32_MAX);
    case 'k':
        return NUMBERS(variant, value, SECPKG_CRED_OUTBOUND, 0, SECPKG_CRED_BOTH, 0xF0000000,
                       UINT32_MAX);
    case 'a':
        return NUMBERS(variant, value, SECPKG_ATTR_SIZES, 4711, 0x7FFFFFFF, UINT32_MAX);
    case 'z':
        return NUMBERS(variant, value, sizeof place->room, 0, 1, 3);
    case 'v':
        memset(place->room, 0, sizeof place->room);
        *value = variant == 0 ? ADDRESS(place->room) : 0;
        return variant <= 1;
    case 'y':
        return identities(place, variant, value);
    case 'h':
        memset(place->room, 0, sizeof place->room);
        *value = variant == 2 ? ADDRESS(place->room) : variant == 3 ? UINTPTR_MAX : variant;
        return variant <= 3;
    case 'i':
    case 'j':
        return opaque_identities(place, variant, value);
    case 'w':
        return asynchronous(place, variant, value);
    case 'f':
        *value = variant == 1 ? (uintptr_t)notified : 0;
        return variant <= 1;
    case '0':
        *value = 0;
        return variant == 0;
    default:
        return outputs(place, kind, variant, value);
    }
}

void value_release(struct place *place, char kind, bool failed)
{
    if (strchr("plqo", kind) != NULL)
        ck_assert_msg(!failed || place->pointer == NULL, "an output after an error");
    switch (kind) {
    case 'n':
        if (!failed)
            (void)DeleteSecurityContext(&place->handle);
        break;
    case 'm':
        if (!failed)
            (void)FreeCredentialsHandle(&place->handle);
        break;
    case 'e':
        if (!failed && place->buffers[0].pvBuffer != NULL &&
            place->buffers[0].pvBuffer != place->room)
            (void)FreeContextBuffer(place->buffers[0].pvBuffer);
        break;
    case 'p':
        if (place->pointer != NULL)
            (void)FreeContextBuffer(place->pointer);
        break;
    case 'l':
        if (place->pointer != NULL)
            ours.local_free(place->pointer);
        break;
    case 'q':
    case 'i':
        if (place->pointer != NULL)
            ours.free_identity(place->pointer);
        break;
    case 'o':
        if (place->pointer != NULL)
            (void)ours.close_token(place->pointer);
        break;
    case 'w':
        if (place->pointer != NULL)
            ours.free_async(place->pointer);
        break;
    default:
        break;
    }
    place->pointer = NULL;
}

void value_free_async(void *context)
{
    ours.free_async(context);
}

SECURITY_STATUS value_wait(const struct place *place)
{
    SECURITY_STATUS status;

    do {
        status = ours.async_status(place->pointer);
    } while (status == SEC_I_ASYNC_CALL_PENDING);
    return status;
}
