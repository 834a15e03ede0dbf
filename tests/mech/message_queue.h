/* Sealed messages on their way from one thread to another, in order. */
#ifndef TESTS_MECH_MESSAGE_QUEUE_H
#define TESTS_MECH_MESSAGE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Messages that wait; who wants to add another one waits too. */
#define QUEUE_MESSAGES 8

/* Octets as they go over a connection, and where the sender's parts of them end. */
struct queued_message {
    unsigned char *octets; /* malloc()ed */
    size_t length;
    size_t header, trailer; /* 0: unknown */
};

struct message_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct queued_message messages[QUEUE_MESSAGES];
    size_t first, count;
    bool closed;
};

#define MESSAGE_QUEUE_INITIALIZER                                               \
    {                                                                           \
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, \
    }

/* Takes the message over, in any case. False when the queue is closed. */
bool message_queue_put(struct message_queue *queue, const struct queued_message *message);

/* The caller frees message->octets. False when the queue is closed and empty. */
bool message_queue_get(struct message_queue *queue, struct queued_message *message);

/* The same, without waiting: false when there is no message now. */
bool message_queue_try(struct message_queue *queue, struct queued_message *message);

/* Nothing more is put; those who wait are woken. */
void message_queue_close(struct message_queue *queue);

/* Frees what nobody took; the queue can be used again. */
void message_queue_empty(struct message_queue *queue);

#endif
