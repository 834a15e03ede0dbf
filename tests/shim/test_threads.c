/* Contexts that one thread uses and another deletes, and logons in parallel. */
#include <pthread.h>
#include <string.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

#define THREADS 4
#define LOGONS  20
#define USERS   3
#define ROUNDS  100

static CtxtHandle shared;

/* Signs with the context until it is gone. */
static void *use_until_it_is_gone(void *argument)
{
    unsigned char token[256] = {0};
    char data[] = "text";
    SecBuffer buffers[2];
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    SECURITY_STATUS status;

    (void)argument;
    do {
        buffers[0] = (SecBuffer){4, SECBUFFER_DATA, data};
        buffers[1] = (SecBuffer){sizeof token, SECBUFFER_TOKEN, token};
        status = MakeSignature(&shared, 0, &message, 0);
    } while (status == SEC_E_OK);
    return status == SEC_E_INVALID_HANDLE ? NULL : &shared;
}

START_TEST(a_context_deleted_while_others_use_it)
{
    static struct party client;
    static struct party server;

    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[USERS];

        must_log_on(&client, &server, "Kerberos", "host/localhost", false);
        shared = client.context;
        for (int i = 0; i < USERS; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, use_until_it_is_gone, NULL), 0);
        ck_assert_int_eq(DeleteSecurityContext(&client.context), SEC_E_OK);
        client.has_context = false;
        for (int i = 0; i < USERS; i++) {
            void *failed;

            ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
            ck_assert_ptr_null(failed);
        }
        party_end(&client);
        party_end(&server);
    }
}
END_TEST

static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};

/* Returns NULL when all went well. */
static void *log_on_often(void *package)
{
    struct party *client = malloc(sizeof *client);
    struct party *server = malloc(sizeof *server);
    bool good = client != NULL && server != NULL;

    for (int i = 0; good && i < LOGONS; i++) {
        SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

        party_init(client, true, package);
        party_init(server, false, package);
        good = party_acquire(client, &alice) == SEC_E_OK &&
               party_acquire(server, NULL) == SEC_E_OK && log_on(client, server, 0);
        party_end(client);
        party_end(server);
    }
    free(client);
    free(server);
    return good ? NULL : package;
}

START_TEST(logons_in_parallel)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, log_on_often, (void *)(uintptr_t)packages[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;

        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_msg(failed == NULL, "%s", packages[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: threads");
    TCase *t = tcase_create("threads");

    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_context_deleted_while_others_use_it);
    tcase_add_test(t, logons_in_parallel);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
