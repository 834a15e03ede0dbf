/*
 * NULL and nonsense in every argument position of every exported function: an error, never a crash.
 * The functions stand in exported_functions.inc, which must have all that the library exports;
 * exports.sh demands that the library has all that is documented.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sspi-gss/sspi_async.h>
#include <sspi-gss/sspi_identity_functions.h>
#include "tests/runner.h"
#include "tests/shim/exchange.h"

#define ARGUMENTS     13  /* as many as any function has */
#define VARIANTS      16  /* more than any kind of argument has */
#define RANDOM_ROUNDS 300 /* calls of each function with nonsense in several places */

/* One function of ours is called like any other: all arguments are integers or pointers. */
typedef uintptr_t any_function(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                               uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                               uintptr_t);

static const struct function {
    const char *name;
    char result;
    const char *kinds;
} functions[] = {
#define FUNCTION(name, result, kinds) {#name, result, kinds},
#include "tests/shim/exported_functions.inc"
#undef FUNCTION
};

#define FUNCTIONS ((int)(sizeof functions / sizeof functions[0]))

/* What the argument in one position may point to. */
static struct place {
    SecHandle handle;
    SecBufferDesc descriptor;
    SecBuffer buffers[4];
    void *pointer;
    uint64_t before[8]; /* a caller's memory has something in front of it */
    unsigned char room[4096];
    unsigned char more_room[4096];
} places[ARGUMENTS];

static struct party client;
static struct party server;
static void *library;
static char long_text[70000]; /* longer than any text that is taken */
static WCHAR long_wide_text[70000];
static CtxtHandle stale_context;
static CredHandle stale_credential;

/* What makes and frees arguments; looked up as the others are. */
static struct {
    SECURITY_STATUS (*encode)
    (PCWSTR user, PCWSTR domain, PCWSTR credentials, PSEC_WINNT_AUTH_IDENTITY_OPAQUE *identity);
    void (*free_identity)(PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity);
    void (*local_free)(void *memory);
    SECURITY_STATUS (*close_token)(HANDLE token);
    SspiAsyncContext *(*create_async)(void);
    void (*free_async)(SspiAsyncContext *context);
    SECURITY_STATUS (*async_status)(SspiAsyncContext *context);
} ours;

static void *find(const char *name)
{
    return dlsym(library, name);
}

static void look_up(void *function, const char *name)
{
    void *symbol = find(name);

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

static void log_on_again(void)
{
    must_log_on(&client, &server, "Kerberos", "host/localhost", false);
}

static void set_up(void)
{
    library = dlopen("libsspi-gss.so.0", RTLD_NOW | RTLD_NOLOAD);
    ck_assert_ptr_nonnull(library);
    look_ours_up();
    memset(long_text, 'a', sizeof long_text - 1);
    for (size_t i = 0; i + 1 < sizeof long_wide_text / sizeof long_wide_text[0]; i++)
        long_wide_text[i] = 'a';
    log_on_again();
    stale_context = client.context;
    stale_credential = client.credential;
    party_end(&client);
    party_end(&server);
    log_on_again();
}

static void tear_down(void)
{
    party_end(&client);
    party_end(&server);
    (void)dlclose(library);
}

#define ADDRESS(thing) ((uintptr_t)(thing))

/* Variant 0 of each kind is what a sensible caller passes; false: there is no such variant. */
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

static bool handles(struct place *place, bool credential, unsigned variant, uintptr_t *value)
{
    SecHandle good = credential ? client.credential : client.context;
    SecHandle variants[] = {
        good,
        {0, 0},
        credential ? stale_credential : stale_context,
        credential ? client.context : client.credential,
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

static bool argument(struct place *place, char kind, unsigned variant, uintptr_t *value)
{
    switch (kind) {
    case 'c':
    case 'x':
        return handles(place, kind == 'c', variant, value);
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

/* What a call has left in an output, or was given by us. */
static void release_place(struct place *place, char kind, bool failed)
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

/* The context and the credential that the next call needs may be gone. */
static void restore(const struct function *function, bool failed)
{
    SecPkgContext_Sizes sizes;
    bool frees_credential = strstr(function->name, "FreeCredentials") != NULL;

    if (!failed && frees_credential)
        SecInvalidateHandle(&client.credential);
    else if (QueryContextAttributesA(&client.context, SECPKG_ATTR_SIZES, &sizes) == SEC_E_OK)
        return;
    (void)DeleteSecurityContext(&client.context);
    client.has_context = false;
    party_end(&client);
    party_end(&server);
    log_on_again();
}

static SECURITY_STATUS wait_for(SspiAsyncContext *context)
{
    SECURITY_STATUS status;

    while ((status = ours.async_status(context)) == SEC_I_ASYNC_CALL_PENDING)
        ;
    return status;
}

/* Makes the call with these variants of its arguments; false when there is no such variant. */
static bool call(const struct function *function, const unsigned *variants, SECURITY_STATUS *status)
{
    size_t count = strlen(function->kinds);
    uintptr_t values[ARGUMENTS] = {0};
    any_function *called;
    void *symbol = find(function->name);
    uintptr_t result;
    bool exists = true;
    bool failed;

    memcpy(&called, &symbol, sizeof called);
    for (size_t i = 0; i < count && exists; i++)
        exists = argument(&places[i], function->kinds[i], variants[i], &values[i]);
    if (!exists) {
        for (size_t i = 0; i < count; i++)
            release_place(&places[i], function->kinds[i], true);
        return false;
    }
    result = called(values[0], values[1], values[2], values[3], values[4], values[5], values[6],
                    values[7], values[8], values[9], values[10], values[11], values[12]);
    *status = function->result == 'S' ? (SECURITY_STATUS)(uint32_t)result : SEC_E_OK;
    if (function->kinds[0] == 'w' && count > 1 && places[0].pointer != NULL && *status >= 0)
        *status = wait_for(places[0].pointer);
    failed = *status < 0;
    for (size_t i = 0; i < count; i++)
        release_place(&places[i], function->kinds[i], failed);
    restore(function, failed);
    return true;
}

/* Where nonsense cannot be overlooked. NULL for a context is how a logon begins. */
static bool must_fail(const struct function *function, char kind, unsigned variant)
{
    bool is_leg = strchr(function->kinds, 'n') != NULL;

    if (function->result != 'S' || variant == 0)
        return false;
    if (kind == 'c' || kind == 'x')
        return !is_leg || variant != 8;
    return kind == 'r' || kind == 'w' || kind == 'h';
}

START_TEST(nonsense_in_one_place)
{
    const struct function *function = &functions[_i];
    size_t count = strlen(function->kinds);
    unsigned variants[ARGUMENTS] = {0};
    SECURITY_STATUS status;

    if (find(function->name) == NULL)
        return;
    ck_assert_uint_le(count, ARGUMENTS);
    (void)call(function, variants, &status);
    for (size_t i = 0; i < count; i++) {
        for (unsigned v = 1; v < VARIANTS; v++) {
            variants[i] = v;
            if (!call(function, variants, &status))
                break;
            ck_assert_msg(status < 0 || !must_fail(function, function->kinds[i], v),
                          "%s, argument %zu, variant %u: %s", function->name, i, v,
                          SspiGssStatusName(status));
            ck_assert_str_ne(SspiGssStatusName(status), "unknown status");
        }
        variants[i] = 0;
    }
}
END_TEST

START_TEST(nonsense_in_several_places)
{
    const struct function *function = &functions[_i];
    size_t count = strlen(function->kinds);
    unsigned seed = (unsigned)_i;

    if (find(function->name) == NULL || count < 2)
        return;
    for (int round = 0; round < RANDOM_ROUNDS; round++) {
        unsigned variants[ARGUMENTS] = {0};
        SECURITY_STATUS status;

        for (size_t i = 0; i < count; i++) {
            if (rand_r(&seed) % 3 == 0)
                variants[i] = (unsigned)rand_r(&seed) % VARIANTS;
        }
        while (!call(function, variants, &status)) {
            for (size_t i = 0; i < count; i++)
                variants[i] /= 2;
        }
    }
}
END_TEST

/* Every attribute that there may be, with no place for the answer. */
START_TEST(attributes_without_a_place)
{
    for (ULONG number = 0; number < 0x200; number++) {
        for (ULONG high = 0; high < 2; high++) {
            ULONG attribute = number | (high != 0 ? 0x80000000 : 0);

            ck_assert_int_lt(QueryContextAttributesA(&client.context, attribute, NULL), 0);
            ck_assert_int_lt(QueryContextAttributesW(&server.context, attribute, NULL), 0);
            ck_assert_int_lt(QueryContextAttributesExA(&client.context, attribute, NULL, 4096), 0);
        }
    }
}
END_TEST

static bool has_row(const char *name)
{
    for (int i = 0; i < FUNCTIONS; i++) {
        if (strcmp(functions[i].name, name) == 0)
            return true;
    }
    return false;
}

START_TEST(every_exported_function_has_a_row)
{
    char path[4096];
    char line[256];
    char name[256];
    int names = 0;
    FILE *map;

    (void)snprintf(path, sizeof path, "%s/sspi-shim/libsspi-gss.map", getenv("top_srcdir"));
    map = fopen(path, "r");
    ck_assert_ptr_nonnull(map);
    while (fgets(line, sizeof line, map) != NULL && strstr(line, "local:") == NULL) {
        if (sscanf(line, " %255[A-Za-z0-9];", name) != 1 || strchr(line, ';') == NULL)
            continue;
        ck_assert_msg(has_row(name), "%s", name);
        names++;
    }
    (void)fclose(map);
    ck_assert_int_eq(names, FUNCTIONS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: nonsense");
    TCase *t = tcase_create("nonsense");

    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, every_exported_function_has_a_row);
    tcase_add_loop_test(t, nonsense_in_one_place, 0, FUNCTIONS);
    tcase_add_loop_test(t, nonsense_in_several_places, 0, FUNCTIONS);
    tcase_add_test(t, attributes_without_a_place);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
