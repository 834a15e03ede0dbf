/*
 * Passwords and hashes that a credential store passes on to an inner mechanism are ours as long as the
 * credential is: no memory that the plugin gives back may still hold them. free and its sisters
 * are wrapped and look.
 */
#include "common/secret.h"
#include "mech/cred.h"

#include <check.h> /* behind what is ours: it has a macro named fail */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "tests/runner.h"

#define SECRET "Correct-Horse-Battery-Staple"

static unsigned given_back_with_secret;

static void look(const void *memory)
{
    if (memory != NULL && memmem(memory, malloc_usable_size((void *)(uintptr_t)memory), SECRET,
                                 strlen(SECRET)) != NULL)
        given_back_with_secret++;
}

void __real_free(void *memory);
void __wrap_free(void *memory);
void __wrap_free(void *memory)
{
    look(memory);
    __real_free(memory);
}

/* Zeros, so that all of it may be looked at. */
void *__wrap_malloc(size_t length);
void *__wrap_malloc(size_t length)
{
    return calloc(1, length);
}

/* As if there were never room where the memory is. */
void *__wrap_realloc(void *memory, size_t length);
void *__wrap_realloc(void *memory, size_t length)
{
    size_t old = memory != NULL ? malloc_usable_size(memory) : 0;
    void *moved = calloc(1, length);

    if (moved == NULL || memory == NULL)
        return moved;
    memcpy(moved, memory, old < length ? old : length);
    look(memory);
    __real_free(memory);
    return moved;
}

static struct credential *acquire(void)
{
    /* Long enough that a buffer grows on the way. */
    static char domain[2000];
    gss_key_value_element_desc elements[] = {
        {"packages", "ntlm"}, {"ntlmssp_password", SECRET}, {"ntlmssp_domain", domain}};
    gss_key_value_set_desc store = {sizeof elements / sizeof elements[0], elements};
    struct credential_request request = {.usage = GSS_C_INITIATE, .store = &store};
    gss_buffer_desc user = {5, (void *)(uintptr_t) "alice"};
    struct credential *credential = NULL;
    struct name name = {GSS_C_NO_NAME};
    OM_uint32 minor;

    memset(domain, 'D', sizeof domain - 1);
    ck_assert_uint_eq(gss_import_name(&minor, &user, GSS_C_NT_USER_NAME, &name.glue),
                      GSS_S_COMPLETE);
    request.name = &name;
    ck_assert_uint_eq(credential_acquire(&minor, &request, &credential), GSS_S_COMPLETE);
    (void)gss_release_name(&minor, &name.glue);
    return credential;
}

START_TEST(store_is_wiped_with_its_credential)
{
    struct credential *credential = acquire();

    credential_release(&credential);
    ck_assert_uint_eq(given_back_with_secret, 0);
}
END_TEST

START_TEST(store_is_wiped_when_it_is_handed_on)
{
    struct credential *credential = acquire();
    struct credential *copy = NULL;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_uint_eq(credential_export(&minor, credential, &token), GSS_S_COMPLETE);
    ck_assert_uint_eq(credential_import(&minor, &token, &copy), GSS_S_COMPLETE);
    credential_release(&credential);
    credential_release(&copy);
    ck_assert_uint_eq(given_back_with_secret, 0);
    /* The token is the caller's to wipe; and the wrapped free does see what is not. */
    ck_assert_ptr_nonnull(memmem(token.value, token.length, SECRET, strlen(SECRET)));
    free(token.value);
    ck_assert_uint_eq(given_back_with_secret, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("secrets of a credential store");
    TCase *cases = tcase_create("wiping");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, store_is_wiped_with_its_credential);
    tcase_add_test(cases, store_is_wiped_when_it_is_handed_on);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
