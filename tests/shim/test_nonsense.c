/*
 * NULL and nonsense in every argument position of every exported function: an error, never a crash.
 * The functions stand in exported_functions.inc, which must have all that the library exports;
 * exports.sh demands that the library has all that is documented.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/runner.h"
#include "tests/shim/nonsense_values.h"

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

static struct party client;
static struct party server;
static struct known_handles known;

static void log_on_again(void)
{
    must_log_on(&client, &server, "Kerberos", "host/localhost", false);
    known.context = client.context;
    known.credential = client.credential;
}

static void set_up(void)
{
    values_set_up();
    log_on_again();
    known.stale_context = client.context;
    known.stale_credential = client.credential;
    party_end(&client);
    party_end(&server);
    log_on_again();
}

static void tear_down(void)
{
    party_end(&client);
    party_end(&server);
    values_tear_down();
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

/* Makes the call with these variants of its arguments; false when there is no such variant. */
static bool call(const struct function *function, const unsigned *variants, SECURITY_STATUS *status)
{
    size_t count = strlen(function->kinds);
    uintptr_t values[ARGUMENTS] = {0};
    any_function *called;
    void *symbol = find_function(function->name);
    uintptr_t result;
    bool exists = true;
    bool failed;

    memcpy(&called, &symbol, sizeof called);
    for (size_t i = 0; i < count && exists; i++)
        exists = value_make(&places[i], function->kinds[i], variants[i], &known, &values[i]);
    if (!exists) {
        for (size_t i = 0; i < count; i++)
            value_release(&places[i], function->kinds[i], true);
        return false;
    }
    result = called(values[0], values[1], values[2], values[3], values[4], values[5], values[6],
                    values[7], values[8], values[9], values[10], values[11], values[12]);
    if (function->result == 'W')
        value_free_async((void *)result);
    *status = function->result == 'S' ? (SECURITY_STATUS)(uint32_t)result : SEC_E_OK;
    if (function->kinds[0] == 'w' && count > 1 && places[0].pointer != NULL && *status >= 0)
        *status = value_wait(&places[0]);
    failed = *status < 0;
    for (size_t i = 0; i < count; i++)
        value_release(&places[i], function->kinds[i], failed);
    restore(function, failed);
    return true;
}

/* Where nonsense cannot be overlooked. NULL for a context is how a logon begins. */
static bool must_fail(const struct function *function, size_t position, unsigned variant)
{
    char kind = function->kinds[position];
    bool is_leg = strchr(function->kinds, 'n') != NULL;

    if (function->result != 'S' || variant == 0)
        return false;
    if (kind == 'c' || kind == 'x')
        return !is_leg || variant != 8;
    return kind == 'r' || kind == 'w' || (kind == 'h' && position == 0);
}

START_TEST(nonsense_in_one_place)
{
    const struct function *function = &functions[_i];
    size_t count = strlen(function->kinds);
    unsigned variants[ARGUMENTS] = {0};
    SECURITY_STATUS status;

    if (find_function(function->name) == NULL)
        return;
    ck_assert_uint_le(count, ARGUMENTS);
    (void)call(function, variants, &status);
    for (size_t i = 0; i < count; i++) {
        for (unsigned v = 1; v < VARIANTS; v++) {
            variants[i] = v;
            if (!call(function, variants, &status))
                break;
            ck_assert_msg(status < 0 || !must_fail(function, i, v),
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

    if (find_function(function->name) == NULL || count < 2)
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
