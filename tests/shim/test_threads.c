/* Handles that one thread uses and another ends, and logons in parallel. */
#include <pthread.h>
#include <stdlib.h>
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

/* Handles that all threads use, and replace by others. */
#define CREDENTIALS 2
#define CONTEXTS    6
#define CALLS       400

struct place {
    pthread_mutex_t lock; /* of the handle's value, not of what it stands for */
    SecHandle handle;
};

static struct place credentials[CREDENTIALS];
static struct place contexts[CONTEXTS];

static SecHandle look(struct place *place)
{
    SecHandle handle;

    (void)pthread_mutex_lock(&place->lock);
    handle = place->handle;
    (void)pthread_mutex_unlock(&place->lock);
    return handle;
}

static SecHandle replace(struct place *place, SecHandle handle)
{
    SecHandle before;

    (void)pthread_mutex_lock(&place->lock);
    before = place->handle;
    place->handle = handle;
    (void)pthread_mutex_unlock(&place->lock);
    return before;
}

static bool is_one_of(SECURITY_STATUS status, SECURITY_STATUS one, SECURITY_STATUS other)
{
    return status == one || status == other;
}

/* A first leg with a credential that may be freed at any time. */
static bool begin_logon(struct place *credential, struct place *context)
{
    SecHandle used = look(credential);
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SecHandle made;
    ULONG attributes;
    SECURITY_STATUS status = InitializeSecurityContextA(
        &used, NULL, TEXT_OF("host/localhost"), USUAL_ISC | ISC_REQ_ALLOCATE_MEMORY, 0,
        SECURITY_NATIVE_DREP, NULL, 0, &made, &output, &attributes, NULL);

    if (status == SEC_I_CONTINUE_NEEDED) {
        SecHandle before = replace(context, made);

        return FreeContextBuffer(out.pvBuffer) == SEC_E_OK &&
               is_one_of(DeleteSecurityContext(&before), SEC_E_OK, SEC_E_INVALID_HANDLE) &&
               DeleteSecurityContext(&before) == SEC_E_INVALID_HANDLE;
    }
    return status == SEC_E_INVALID_HANDLE;
}

static bool ask_context(struct place *context)
{
    SecHandle used = look(context);
    SecPkgContext_PackageInfoA info = {NULL};
    SECURITY_STATUS status = QueryContextAttributesA(&used, SECPKG_ATTR_PACKAGE_INFO, &info);

    if (status == SEC_E_OK)
        return FreeContextBuffer(info.PackageInfo) == SEC_E_OK;
    return status == SEC_E_INVALID_HANDLE;
}

static bool replace_credential(struct place *credential)
{
    SecHandle made;
    SecHandle before;

    if (AcquireCredentialsHandleA(NULL, TEXT_OF("Kerberos"), SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                                  NULL, &made, NULL) != SEC_E_OK)
        return false;
    before = replace(credential, made);
    return FreeCredentialsHandle(&before) == SEC_E_OK &&
           FreeCredentialsHandle(&before) == SEC_E_INVALID_HANDLE;
}

/* Handles of the wrong kind, and one that nobody ever had. */
static bool confuse(struct place *credential, struct place *context)
{
    SecHandle of_context = look(context);
    SecHandle of_credential = look(credential);
    SecHandle invented = {of_context.dwLower, of_context.dwUpper + 1};

    return FreeCredentialsHandle(&of_context) == SEC_E_INVALID_HANDLE &&
           DeleteSecurityContext(&of_credential) == SEC_E_INVALID_HANDLE &&
           ImpersonateSecurityContext(&invented) == SEC_E_INVALID_HANDLE;
}

/* Returns NULL when every answer was right. */
static void *use_and_end(void *argument)
{
    unsigned seed = *(unsigned *)argument;
    bool good = true;

    for (int i = 0; good && i < CALLS; i++) {
        struct place *credential = &credentials[(unsigned)rand_r(&seed) % CREDENTIALS];
        struct place *context = &contexts[(unsigned)rand_r(&seed) % CONTEXTS];

        switch (rand_r(&seed) % 8) {
        case 0:
            good = replace_credential(credential);
            break;
        case 1:
        case 2:
            good = begin_logon(credential, context);
            break;
        case 3:
            good = confuse(credential, context);
            break;
        default:
            good = ask_context(context);
            break;
        }
    }
    return good ? NULL : argument;
}

START_TEST(handles_that_others_end)
{
    pthread_t threads[THREADS];
    unsigned seeds[THREADS];

    for (int i = 0; i < CONTEXTS; i++)
        (void)pthread_mutex_init(&contexts[i].lock, NULL);
    for (int i = 0; i < CREDENTIALS; i++) {
        (void)pthread_mutex_init(&credentials[i].lock, NULL);
        ck_assert_int_eq(AcquireCredentialsHandleA(NULL, TEXT_OF("Kerberos"), SECPKG_CRED_OUTBOUND,
                                                   NULL, NULL, NULL, NULL, &credentials[i].handle,
                                                   NULL),
                         SEC_E_OK);
    }
    for (int i = 0; i < THREADS; i++) {
        seeds[i] = (unsigned)i + 1;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_and_end, &seeds[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;

        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
    for (int i = 0; i < CREDENTIALS; i++)
        ck_assert_int_eq(FreeCredentialsHandle(&credentials[i].handle), SEC_E_OK);
    for (int i = 0; i < CONTEXTS; i++)
        (void)DeleteSecurityContext(&contexts[i].handle);
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
    tcase_add_test(t, handles_that_others_end);
    tcase_add_test(t, logons_in_parallel);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
