/*
 * Calls that do not wait. Threads of this library make them one by one; a thread that has nothing to do
 * waits a while for the next call, and ends.
 */
#include "sspi-shim/async.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sspi-gss/sspi_gss.h>
#include "sspi-shim/impersonation.h"
#include "sspi-shim/status.h"

/*
 * A call waits for a KDC or for a slow token at most, so that many can wait at once; further calls
 * queue.
 */
#define THREADS_MAX 64

/* Between the legs of one logon a thread does not come and go. */
#define IDLE_SECONDS 10

/* How long the end of the process waits for calls that are being made. */
#define LAST_CALLS_SECONDS 5

enum async_state {
    ASYNC_IDLE,    /* no call has been made since it was created or made ready again */
    ASYNC_RUNNING, /* queued or being made */
    ASYNC_ENDED,
};

struct _SspiAsyncContext {
    pthread_mutex_t lock;
    unsigned int owners; /* the program, and the call */
    bool is_freed;       /* by the program: nobody is to be told */
    enum async_state state;
    SECURITY_STATUS status;
    char text[STATUS_TEXT_OCTETS];
    SspiAsyncNotifyCallback callback;
    void *callback_data;
    struct async_arguments arguments;
    struct delegation *impersonated; /* by the thread that made the call */
    struct _SspiAsyncContext *next;
};

/* Calls that wait for a thread, and the threads. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct _SspiAsyncContext *first;
    struct _SspiAsyncContext *last;
    size_t waiting; /* calls in the queue */
    size_t idle;    /* threads that wait for one */
    size_t threads;
    size_t active; /* threads that make a call */
    bool is_closed;
    pthread_cond_t rested; /* active has become smaller */
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .filled = PTHREAD_COND_INITIALIZER,
           .rested = PTHREAD_COND_INITIALIZER};

/* Set on threads that make calls: exit may be called by a callback. */
static _Thread_local bool makes_calls;

static pthread_once_t prepare_for_fork_once = PTHREAD_ONCE_INIT;

/* --- contexts --- */

SspiAsyncContext *SspiCreateAsyncContext(void)
{
    SspiAsyncContext *context = calloc(1, sizeof *context);

    if (context == NULL)
        return NULL;
    (void)pthread_mutex_init(&context->lock, NULL);
    context->owners = 1;
    return context;
}

/* Ends one owner's share. */
static void disown(SspiAsyncContext *context)
{
    bool is_last;

    (void)pthread_mutex_lock(&context->lock);
    is_last = --context->owners == 0;
    (void)pthread_mutex_unlock(&context->lock);
    if (!is_last)
        return;
    (void)pthread_mutex_destroy(&context->lock);
    free(context);
}

void SspiFreeAsyncContext(SspiAsyncContext *Handle)
{
    if (Handle == NULL)
        return;
    (void)pthread_mutex_lock(&Handle->lock);
    Handle->is_freed = true;
    (void)pthread_mutex_unlock(&Handle->lock);
    disown(Handle);
}

NTSTATUS SspiReinitAsyncContext(SspiAsyncContext *Handle)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (Handle == NULL)
        return SEC_E_INVALID_PARAMETER;
    (void)pthread_mutex_lock(&Handle->lock);
    if (Handle->state == ASYNC_RUNNING)
        status = SEC_E_INVALID_PARAMETER;
    else
        Handle->state = ASYNC_IDLE;
    (void)pthread_mutex_unlock(&Handle->lock);
    return status;
}

SECURITY_STATUS SspiSetAsyncNotifyCallback(SspiAsyncContext *Context,
                                           SspiAsyncNotifyCallback Callback, void *CallbackData)
{
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (Context == NULL)
        return status_finish(status);
    (void)pthread_mutex_lock(&Context->lock);
    if (Context->state != ASYNC_RUNNING) {
        Context->callback = Callback;
        Context->callback_data = CallbackData;
        status = SEC_E_OK;
    }
    (void)pthread_mutex_unlock(&Context->lock);
    return status_finish(status);
}

BOOLEAN SspiAsyncContextRequiresNotify(SspiAsyncContext *AsyncContext)
{
    bool requires = false;

    if (AsyncContext == NULL)
        return FALSE;
    (void)pthread_mutex_lock(&AsyncContext->lock);
    requires = AsyncContext->callback != NULL;
    (void)pthread_mutex_unlock(&AsyncContext->lock);
    return requires;
}

SECURITY_STATUS SspiGetAsyncCallStatus(SspiAsyncContext *Handle)
{
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (Handle == NULL)
        return status_finish(status);
    (void)pthread_mutex_lock(&Handle->lock);
    if (Handle->state == ASYNC_RUNNING)
        status = status_finish(SEC_I_ASYNC_CALL_PENDING);
    else if (Handle->state == ASYNC_ENDED)
        status = status_repeat(Handle->status, Handle->text);
    else
        status = status_finish(SEC_E_INVALID_PARAMETER);
    (void)pthread_mutex_unlock(&Handle->lock);
    return status;
}

/* --- threads --- */

/* Makes the call and tells the program, which may use the context again, or free it, before this ends.
 */
static void make_call(SspiAsyncContext *context)
{
    SspiAsyncNotifyCallback callback;
    SECURITY_STATUS status;
    void *data;

    status = impersonation_set(context->impersonated);
    context->impersonated = NULL;
    if (status == SEC_E_OK)
        status = context->arguments.call(&context->arguments);
    else
        (void)status_finish(status);
    (void)impersonation_set(NULL);
    (void)pthread_mutex_lock(&context->lock);
    context->status = status;
    (void)snprintf(context->text, sizeof context->text, "%s", SspiGssStatusText());
    context->state = ASYNC_ENDED;
    callback = context->is_freed ? NULL : context->callback;
    data = context->callback_data;
    (void)pthread_mutex_unlock(&context->lock);
    if (callback != NULL)
        callback(context, data);
    disown(context);
}

/* Waits for a call, with the queue locked. NULL when none came for a while. */
static SspiAsyncContext *next_call(void)
{
    SspiAsyncContext *context;
    struct timespec deadline;
    int error = 0;

    (void)clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += IDLE_SECONDS;
    queue.idle++;
    while ((queue.first == NULL || queue.is_closed) && error == 0)
        error = pthread_cond_timedwait(&queue.filled, &queue.lock, &deadline);
    queue.idle--;
    context = queue.first;
    if (context == NULL || queue.is_closed)
        return NULL;
    queue.first = context->next;
    if (queue.first == NULL)
        queue.last = NULL;
    queue.waiting--;
    return context;
}

static void *make_calls(void *unused)
{
    SspiAsyncContext *context;

    (void)unused;
    makes_calls = true;
    (void)pthread_mutex_lock(&queue.lock);
    while ((context = next_call()) != NULL) {
        queue.active++;
        (void)pthread_mutex_unlock(&queue.lock);
        make_call(context);
        (void)pthread_mutex_lock(&queue.lock);
        queue.active--;
        (void)pthread_cond_signal(&queue.rested);
    }
    queue.threads--;
    (void)pthread_mutex_unlock(&queue.lock);
    return NULL;
}

/* With the queue locked. Signals are for the program's own threads. */
static bool start_thread(void)
{
    pthread_attr_t detached;
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    int error;

    if (pthread_attr_init(&detached) != 0)
        return false;
    (void)pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &detached, make_calls, NULL);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&detached);
    if (error == 0)
        queue.threads++;
    return error == 0;
}

static void lock_queue(void)
{
    (void)pthread_mutex_lock(&queue.lock);
}

static void unlock_queue(void)
{
    (void)pthread_mutex_unlock(&queue.lock);
}

/* The child has none of the threads; the calls that they made, or would have made, never end there. */
static void begin_again_in_child(void)
{
    (void)pthread_mutex_init(&queue.lock, NULL);
    (void)pthread_cond_init(&queue.filled, NULL);
    queue.first = NULL;
    queue.last = NULL;
    queue.waiting = 0;
    queue.idle = 0;
    queue.threads = 0;
    queue.active = 0;
    (void)pthread_cond_init(&queue.rested, NULL);
}

/*
 * Kerberos' libraries are taken down after this one: a call that is still being made, as that of a
 * context which nobody wanted to wait for, would meet the ruins. Calls in the queue are never made.
 */
__attribute__((destructor)) static void end_calls(void)
{
    struct timespec deadline;
    int error = 0;

    (void)clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += LAST_CALLS_SECONDS;
    lock_queue();
    queue.is_closed = true;
    while (queue.active > (makes_calls ? 1 : 0) && error == 0)
        error = pthread_cond_timedwait(&queue.rested, &queue.lock, &deadline);
    unlock_queue();
}

static void prepare_for_fork(void)
{
    (void)pthread_atfork(lock_queue, unlock_queue, begin_again_in_child);
}

/* Queues the context; false when there is no thread for it, and none can be made. */
static bool enqueue(SspiAsyncContext *context)
{
    bool can_be_made;

    (void)pthread_once(&prepare_for_fork_once, prepare_for_fork);
    lock_queue();
    can_be_made = !queue.is_closed && (queue.idle > queue.waiting || queue.threads == THREADS_MAX ||
                                       start_thread() || queue.threads != 0);
    if (can_be_made) {
        context->next = NULL;
        if (queue.last != NULL)
            queue.last->next = context;
        else
            queue.first = context;
        queue.last = context;
        queue.waiting++;
        (void)pthread_cond_signal(&queue.filled);
    }
    unlock_queue();
    return can_be_made;
}

SECURITY_STATUS async_queue_call(SspiAsyncContext *context, const struct async_arguments *arguments)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (context == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    (void)pthread_mutex_lock(&context->lock);
    if (context->state == ASYNC_RUNNING) {
        status = status_because(SEC_E_INVALID_PARAMETER, "the call before has not ended");
    } else {
        context->arguments = *arguments;
        context->impersonated = delegation_share(impersonation_current());
        context->state = ASYNC_RUNNING;
        context->owners++;
    }
    (void)pthread_mutex_unlock(&context->lock);
    if (status != SEC_E_OK || enqueue(context))
        return status_finish(status);
    (void)pthread_mutex_lock(&context->lock);
    context->state = ASYNC_IDLE;
    delegation_release(context->impersonated);
    context->impersonated = NULL;
    context->owners--;
    (void)pthread_mutex_unlock(&context->lock);
    return status_finish(SEC_E_INSUFFICIENT_MEMORY);
}
