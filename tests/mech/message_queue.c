#include "tests/mech/message_queue.h"

#include <stdlib.h>

/* The queue is locked, and not empty. */
static struct queued_message take(struct message_queue *queue)
{
    struct queued_message message = queue->messages[queue->first];

    queue->first = (queue->first + 1) % QUEUE_MESSAGES;
    queue->count--;
    (void)pthread_cond_broadcast(&queue->changed);
    return message;
}

bool message_queue_put(struct message_queue *queue, const struct queued_message *message)
{
    bool taken;

    (void)pthread_mutex_lock(&queue->lock);
    while (queue->count == QUEUE_MESSAGES && !queue->closed)
        (void)pthread_cond_wait(&queue->changed, &queue->lock);
    taken = !queue->closed;
    if (taken) {
        queue->messages[(queue->first + queue->count) % QUEUE_MESSAGES] = *message;
        queue->count++;
        (void)pthread_cond_broadcast(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    if (!taken)
        free(message->octets);
    return taken;
}

bool message_queue_get(struct message_queue *queue, struct queued_message *message)
{
    bool got;

    (void)pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed)
        (void)pthread_cond_wait(&queue->changed, &queue->lock);
    got = queue->count != 0;
    if (got)
        *message = take(queue);
    (void)pthread_mutex_unlock(&queue->lock);
    return got;
}

bool message_queue_try(struct message_queue *queue, struct queued_message *message)
{
    bool got;

    (void)pthread_mutex_lock(&queue->lock);
    got = queue->count != 0;
    if (got)
        *message = take(queue);
    (void)pthread_mutex_unlock(&queue->lock);
    return got;
}

void message_queue_close(struct message_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
}

void message_queue_empty(struct message_queue *queue)
{
    struct queued_message message;

    while (message_queue_try(queue, &message))
        free(message.octets);
    queue->closed = false;
}
