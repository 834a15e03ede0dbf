/* Calls that do not wait: their states, whom they tell, and logons made of them alone. */
#include <sspi-gss/sspi_async.h>

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/runner.h"
#include "tests/shim/exchange.h"

/* More than the library has threads. */
#define MANY_CALLS 200

/* What a callback was told. */
static sem_t told;
static _Atomic(void *) told_data;

static void tell(SspiAsyncContext *context, PVOID data)
{
    ck_assert_int_ne(SspiGetAsyncCallStatus(context), SEC_I_ASYNC_CALL_PENDING);
    told_data = data;
    ck_assert_int_eq(sem_post(&told), 0);
}

static void tell_and_free(SspiAsyncContext *context, PVOID data)
{
    tell(context, data);
    SspiFreeAsyncContext(context);
}

static void must_not_be_told(SspiAsyncContext *context, PVOID data)
{
    (void)context;
    (void)data;
    abort();
}

static SspiAsyncContext *make_telling(SspiAsyncNotifyCallback callback)
{
    SspiAsyncContext *context = SspiCreateAsyncContext();

    ck_assert_ptr_nonnull(context);
    ck_assert_int_eq(SspiSetAsyncNotifyCallback(context, callback, &told), SEC_E_OK);
    ck_assert(SspiAsyncContextRequiresNotify(context));
    return context;
}

static void set_up(void)
{
    ck_assert_int_eq(sem_init(&told, 0, 0), 0);
}

static void take_down(void)
{
    ck_assert_int_eq(sem_destroy(&told), 0);
}

/* How the call ended that context was used for; makes it ready for the next one. */
static SECURITY_STATUS end_of_call(SspiAsyncContext *context, SECURITY_STATUS queued)
{
    SECURITY_STATUS status;

    ck_assert_int_eq(queued, SEC_E_OK);
    ck_assert_int_eq(sem_wait(&told), 0);
    ck_assert_ptr_eq(told_data, &told);
    status = SspiGetAsyncCallStatus(context);
    ck_assert_int_eq(SspiReinitAsyncContext(context), SEC_E_OK);
    return status;
}

/* --- logons --- */

static SEC_WCHAR *wide_of(const char *text)
{
    static SEC_WCHAR wide[64];
    size_t i = 0;

    do
        wide[i] = (SEC_WCHAR)(unsigned char)text[i];
    while (text[i++] != '\0');
    return wide;
}

static void acquire(SspiAsyncContext *async, const char *package, ULONG use, bool wide,
                    CredHandle *credential)
{
    SECURITY_STATUS queued =
        wide ? SspiAcquireCredentialsHandleAsyncW(async, NULL, wide_of(package), use, NULL, NULL,
                                                  NULL, NULL, credential, NULL)
             : SspiAcquireCredentialsHandleAsyncA(async, NULL, TEXT_OF(package), use, NULL, NULL,
                                                  NULL, NULL, credential, NULL);
    SECURITY_STATUS status = end_of_call(async, queued);

    ck_assert_msg(status == SEC_E_OK, "%s", SspiGssStatusText());
}

struct leg {
    SspiAsyncContext *async;
    CredHandle *credential;
    CtxtHandle context;
    bool has_context;
    SecBuffer token;
    bool wide;
};

static SECURITY_STATUS step(struct leg *leg, bool initiator, SecBuffer *received)
{
    SecBufferDesc input = {SECBUFFER_VERSION, 1, received};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &leg->token};
    CtxtHandle *context = leg->has_context ? &leg->context : NULL;
    ULONG attributes;
    TimeStamp expiry;
    SECURITY_STATUS queued;

    leg->token = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    leg->has_context = true;
    if (!initiator)
        queued = SspiAcceptSecurityContextAsync(leg->async, leg->credential, context, &input,
                                                ASC_REQ_ALLOCATE_MEMORY, SECURITY_NATIVE_DREP,
                                                &leg->context, &output, &attributes, &expiry);
    else if (leg->wide)
        queued = SspiInitializeSecurityContextAsyncW(
            leg->async, leg->credential, context, wide_of("host/localhost"),
            ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_MUTUAL_AUTH, 0, SECURITY_NATIVE_DREP,
            received->cbBuffer != 0 ? &input : NULL, 0, &leg->context, &output, &attributes,
            &expiry);
    else
        queued = SspiInitializeSecurityContextAsyncA(
            leg->async, leg->credential, context, TEXT_OF("host/localhost"),
            ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_MUTUAL_AUTH, 0, SECURITY_NATIVE_DREP,
            received->cbBuffer != 0 ? &input : NULL, 0, &leg->context, &output, &attributes,
            &expiry);
    return end_of_call(leg->async, queued);
}

static void end_leg(struct leg *leg)
{
    ck_assert_int_eq(
        end_of_call(leg->async, SspiDeleteSecurityContextAsync(leg->async, &leg->context)),
        SEC_E_OK);
    ck_assert_int_eq(
        end_of_call(leg->async, SspiFreeCredentialsHandleAsync(leg->async, leg->credential)),
        SEC_E_OK);
    SspiFreeAsyncContext(leg->async);
}

/* Both sides in turn, until both are done. */
static void log_on_by_async_calls(const char *package, bool wide)
{
    CredHandle credentials[2];
    struct leg client = {make_telling(tell), &credentials[0], .wide = wide};
    struct leg server = {make_telling(tell), &credentials[1], .wide = wide};
    SECURITY_STATUS server_status = SEC_I_CONTINUE_NEEDED;
    SECURITY_STATUS client_status;

    acquire(client.async, package, SECPKG_CRED_OUTBOUND, wide, client.credential);
    acquire(server.async, package, SECPKG_CRED_INBOUND, wide, server.credential);
    do {
        SecBuffer before = server.token;

        before.BufferType = SECBUFFER_TOKEN;
        client_status = step(&client, true, &before);
        ck_assert_msg(client_status >= 0, "%s", SspiGssStatusText());
        (void)FreeContextBuffer(before.pvBuffer);
        if (client.token.cbBuffer == 0)
            break;
        server_status = step(&server, false, &client.token);
        ck_assert_msg(server_status >= 0, "%s", SspiGssStatusText());
        (void)FreeContextBuffer(client.token.pvBuffer);
    } while (client_status == SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(client_status, SEC_E_OK);
    ck_assert_int_eq(server_status, SEC_E_OK);
    end_leg(&client);
    end_leg(&server);
}

START_TEST(logons_of_asynchronous_calls_alone)
{
    static const char *const packages[] = {"Kerberos", "Negotiate"};

    for (size_t i = 0; i < 2; i++) {
        log_on_by_async_calls(packages[i], false);
        log_on_by_async_calls(packages[i], true);
    }
}
END_TEST

/* --- states --- */

START_TEST(the_status_and_its_text_are_those_of_the_call)
{
    SspiAsyncContext *async = make_telling(tell);
    CredHandle credential = {0, 0};

    ck_assert_int_eq(SspiGetAsyncCallStatus(async), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiAcquireCredentialsHandleAsyncA(async, NULL, TEXT_OF("no such package"),
                                                        SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                                                        NULL, &credential, NULL),
                     SEC_E_OK);
    ck_assert_int_eq(sem_wait(&told), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(SspiGetAsyncCallStatus(async), SEC_E_SECPKG_NOT_FOUND);
        ck_assert_str_eq(SspiGssStatusText(), "SEC_E_SECPKG_NOT_FOUND");
    }
    ck_assert_int_eq(SspiReinitAsyncContext(async), SEC_E_OK);
    ck_assert_int_eq(SspiGetAsyncCallStatus(async), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(end_of_call(async, SspiFreeCredentialsHandleAsync(async, &credential)),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(end_of_call(async, SspiDeleteSecurityContextAsync(async, NULL)),
                     SEC_E_INVALID_HANDLE);
    SspiFreeAsyncContext(async);
}
END_TEST

/* A keytab that nobody has written yet: reading it waits. */
static const char *make_slow_keytab(void)
{
    static char path[256];
    static char keytab[300];

    ck_assert_int_lt(
        snprintf(path, sizeof path, "%s/slow-%ld", getenv("REALM_DIR"), (long)getpid()),
        (int)sizeof path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    (void)snprintf(keytab, sizeof keytab, "FILE:%s", path);
    ck_assert_int_eq(setenv("KRB5_KTNAME", keytab, 1), 0);
    return path;
}

/* Queues a call that waits until end_slow_call. */
static void begin_slow_call(SspiAsyncContext *async, CredHandle *credential)
{
    ck_assert_int_eq(SspiAcquireCredentialsHandleAsyncA(async, NULL, TEXT_OF("Kerberos"),
                                                        SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                                        credential, NULL),
                     SEC_E_OK);
}

static void end_slow_call(const char *path)
{
    int writer = open(path, O_WRONLY);

    ck_assert_int_ge(writer, 0);
    ck_assert_int_eq(close(writer), 0);
    ck_assert_int_eq(unlink(path), 0);
}

START_TEST(a_context_is_for_one_call_at_a_time)
{
    const char *path = make_slow_keytab();
    SspiAsyncContext *async = make_telling(tell);
    CredHandle credential = {0, 0};

    begin_slow_call(async, &credential);
    ck_assert_int_eq(SspiGetAsyncCallStatus(async), SEC_I_ASYNC_CALL_PENDING);
    ck_assert_int_eq(SspiReinitAsyncContext(async), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiSetAsyncNotifyCallback(async, NULL, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiFreeCredentialsHandleAsync(async, &credential), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiGetAsyncCallStatus(async), SEC_I_ASYNC_CALL_PENDING);
    end_slow_call(path);
    ck_assert_int_eq(sem_wait(&told), 0);
    ck_assert_int_lt(SspiGetAsyncCallStatus(async), 0);
    SspiFreeAsyncContext(async);
}
END_TEST

START_TEST(nobody_is_told_of_a_context_that_was_freed)
{
    const char *path = make_slow_keytab();
    SspiAsyncContext *async = make_telling(must_not_be_told);
    SspiAsyncContext *another = make_telling(tell);
    CredHandle credentials[2];

    begin_slow_call(async, &credentials[0]);
    SspiFreeAsyncContext(async);
    end_slow_call(path);
    /* Its thread is the one that made the call before, once that has ended. */
    ck_assert_int_lt(end_of_call(another, SspiFreeCredentialsHandleAsync(another, NULL)), 0);
    SspiFreeAsyncContext(another);
}
END_TEST

START_TEST(a_callback_may_free_its_context)
{
    ck_assert_int_eq(SspiDeleteSecurityContextAsync(make_telling(tell_and_free), NULL), SEC_E_OK);
    ck_assert_int_eq(sem_wait(&told), 0);
}
END_TEST

START_TEST(without_a_callback_the_status_is_enough)
{
    SspiAsyncContext *async = SspiCreateAsyncContext();

    ck_assert(!SspiAsyncContextRequiresNotify(async));
    ck_assert_int_eq(SspiDeleteSecurityContextAsync(async, NULL), SEC_E_OK);
    while (SspiGetAsyncCallStatus(async) == SEC_I_ASYNC_CALL_PENDING)
        (void)usleep(1000);
    ck_assert_int_eq(SspiGetAsyncCallStatus(async), SEC_E_INVALID_HANDLE);
    SspiFreeAsyncContext(async);
}
END_TEST

START_TEST(more_calls_than_threads)
{
    const char *path = make_slow_keytab();
    SspiAsyncContext *contexts[MANY_CALLS];
    static CredHandle credentials[MANY_CALLS];

    for (size_t i = 0; i < MANY_CALLS; i++) {
        contexts[i] = make_telling(tell);
        begin_slow_call(contexts[i], &credentials[i]);
    }
    /* Keeps the keytab's end open for readers until all have read it. */
    for (size_t i = 0; i < MANY_CALLS; i++) {
        while (sem_trywait(&told) != 0) {
            int writer = open(path, O_WRONLY | O_NONBLOCK);

            if (writer >= 0)
                ck_assert_int_eq(close(writer), 0);
            (void)usleep(1000);
        }
    }
    for (size_t i = 0; i < MANY_CALLS; i++) {
        ck_assert_int_lt(SspiGetAsyncCallStatus(contexts[i]), 0);
        SspiFreeAsyncContext(contexts[i]);
    }
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(a_child_process_has_threads_of_its_own)
{
    SspiAsyncContext *async = make_telling(tell);
    int status;
    pid_t child;

    ck_assert_int_lt(end_of_call(async, SspiDeleteSecurityContextAsync(async, NULL)), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)alarm(20);
        _exit(end_of_call(async, SspiDeleteSecurityContextAsync(async, NULL)) ==
                      SEC_E_INVALID_HANDLE
                  ? 0
                  : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    SspiFreeAsyncContext(async);
}
END_TEST

/* Whether this process has the file open. */
static bool has_open(const char *path)
{
    bool has = false;

    for (int descriptor = 0; descriptor < 64; descriptor++) {
        char link[64];
        char target[256];
        ssize_t length;

        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        length = readlink(link, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        has = has || strcmp(target, path) == 0;
    }
    return has;
}

/* The libraries beneath would be taken down under the thread that makes the call. */
START_TEST(the_end_of_the_process_waits_for_calls)
{
    const char *path = make_slow_keytab();
    int writer = open(path, O_RDWR); /* does not wait for a reader, and keeps readers waiting */
    int started[2];
    int status;
    char octet;
    pid_t child;

    ck_assert_int_ge(writer, 0);
    ck_assert_int_eq(pipe(started), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        static CredHandle credential;
        SspiAsyncContext *async = SspiCreateAsyncContext();

        (void)close(writer);
        begin_slow_call(async, &credential);
        SspiFreeAsyncContext(async);
        while (!has_open(path))
            (void)usleep(1000);
        ck_assert_int_eq(write(started[1], "", 1), 1);
        exit(EXIT_SUCCESS);
    }
    ck_assert_int_eq(read(started[0], &octet, 1), 1);
    (void)usleep(300000);
    ck_assert_int_eq(waitpid(child, &status, WNOHANG), 0);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(close(writer), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* --- impersonation --- */

START_TEST(a_call_impersonates_whom_its_thread_does)
{
    SEC_WINNT_AUTH_IDENTITY_A bob = identity_of(NULL, "bob", getenv("REALM_SECOND_PASSWORD"));
    SspiAsyncContext *async = make_telling(tell);
    static struct party client;
    static struct party server;
    static struct party second;
    static struct party second_server;
    SecPkgContext_NamesA names = {NULL};

    party_init(&client, true, "CREDSSP");
    party_must_acquire(&client, &bob);
    client.target = TEXT_OF("host/localhost");
    client.request |= ISC_REQ_DELEGATE;
    party_init(&server, false, "CREDSSP");
    party_must_acquire(&server, NULL);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    party_init(&second, true, "Kerberos");
    acquire(async, "Kerberos", SECPKG_CRED_OUTBOUND, false, &second.credential);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    second.target = TEXT_OF("host/localhost");
    party_init(&second_server, false, "Kerberos");
    party_must_acquire(&second_server, NULL);
    ck_assert_msg(log_on(&second, &second_server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(QueryContextAttributesA(&second_server.context, SECPKG_ATTR_NAMES, &names),
                     SEC_E_OK);
    ck_assert_str_eq(names.sUserName, "bob@EXAMPLE.TEST");
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
    party_end(&second);
    party_end(&second_server);
    party_end(&client);
    party_end(&server);
    SspiFreeAsyncContext(async);
}
END_TEST

START_TEST(no_context_is_an_error)
{
    CredHandle credential;

    SspiFreeAsyncContext(NULL);
    ck_assert_int_eq(SspiReinitAsyncContext(NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiSetAsyncNotifyCallback(NULL, tell, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert(!SspiAsyncContextRequiresNotify(NULL));
    ck_assert_int_eq(SspiGetAsyncCallStatus(NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiDeleteSecurityContextAsync(NULL, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiAcquireCredentialsHandleAsyncA(NULL, NULL, TEXT_OF("NTLM"),
                                                        SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                                                        NULL, &credential, NULL),
                     SEC_E_INVALID_PARAMETER);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, logons_of_asynchronous_calls_alone);
    tcase_add_test(t, the_status_and_its_text_are_those_of_the_call);
    tcase_add_test(t, a_context_is_for_one_call_at_a_time);
    tcase_add_test(t, nobody_is_told_of_a_context_that_was_freed);
    tcase_add_test(t, a_callback_may_free_its_context);
    tcase_add_test(t, without_a_callback_the_status_is_enough);
    tcase_add_test(t, more_calls_than_threads);
    tcase_add_test(t, a_child_process_has_threads_of_its_own);
    tcase_add_test(t, the_end_of_the_process_waits_for_calls);
    tcase_add_test(t, a_call_impersonates_whom_its_thread_does);
    tcase_add_test(t, no_context_is_an_error);
}

int main(void)
{
    return run_case("shim: asynchronous calls", set_up, take_down, 60, add_tests);
}
