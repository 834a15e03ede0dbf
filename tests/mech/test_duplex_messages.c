/*
 * One CredSSP context, both directions at once: one thread seals in place while another one opens
 * in place, at the other end as well, with messages of 1 to 70000 octets. Against a peer that
 * updates its keys, and has ours updated, in the midst of it too. Build with --enable-
 * sanitizers=thread to be told of races that this machine does not lose.
 */
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mech/crafted_attack.h"
#include "tests/mech/duplex.h"

/* In each direction. */
#define MESSAGES 600

/* GnuTLS takes 8 updates in a second. */
#define KEY_UPDATES      6
#define UPDATED_MESSAGES 240
#define UPDATED_CONTEXTS 5

#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"

/* Seeds of the lengths, of the two directions. */
#define TO_SERVER UINT64_C(0x746f736572766572)
#define TO_CLIENT UINT64_C(0x746f636c69656e74)

static const char *const priorities[] = {
    TLS_1_3,
    TLS_1_2,
    TLS_1_3 ":-CIPHER-ALL:+CHACHA20-POLY1305",
    TLS_1_2 ":-CIPHER-ALL:+AES-128-CBC",
};

#define PRIORITIES ((int)(sizeof priorities / sizeof priorities[0]))

static struct message_queue to_server = MESSAGE_QUEUE_INITIALIZER;
static struct message_queue to_client = MESSAGE_QUEUE_INITIALIZER;
static unsigned char *pattern;

static void make_pattern(void)
{
    pattern = malloc(PATTERN_OCTETS);
    ck_assert(pattern != NULL);
    for (size_t i = 0; i < PATTERN_OCTETS; i++)
        pattern[i] = (unsigned char)(i * 131 + (i >> 8));
}

static struct duplex_work work_of(gss_ctx_id_t context, struct message_queue *queue, uint64_t seed,
                                  unsigned messages)
{
    return (struct duplex_work){
        .context = context, .queue = queue, .pattern = pattern, .messages = messages, .seed = seed};
}

static void join(pthread_t thread, const struct duplex_work *work, const char *which)
{
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_msg(work->failure == NULL, "%s, message %u: %s", which, work->done, work->failure);
    ck_assert_msg(work->done == work->messages, "%s: only %u messages", which, work->done);
}

/* --- our two sides --- */

START_TEST(both_directions_at_once)
{
    static const char *const names[] = {"client seals", "server opens", "server seals",
                                        "client opens"};
    struct exchange x = {.target = "TERMSRV@localhost", .mechanism = GSS_SSPI_MECH_CREDSSP};
    struct duplex_work works[4];
    pthread_t threads[4];
    char options[256];

    (void)snprintf(options, sizeof options, "self_signed_key = ecdsa\ntls_priority = %s",
                   priorities[_i]);
    with_options(options);
    ck_assert(exchange_run(&x));
    make_pattern();
    works[0] = work_of(x.client, &to_server, TO_SERVER, MESSAGES);
    works[1] = work_of(x.server, &to_server, TO_SERVER, MESSAGES);
    works[2] = work_of(x.server, &to_client, TO_CLIENT, MESSAGES);
    works[3] = work_of(x.client, &to_client, TO_CLIENT, MESSAGES);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, i % 2 == 0 ? duplex_seal : duplex_open, &works[i]),
            0);
    for (int i = 0; i < 4; i++)
        join(threads[i], &works[i], names[i]);
    free(pattern);
    exchange_reset(&x);
}
END_TEST

/* --- a peer that updates keys --- */

/* Opens one message of the plugin's. False when it is not the expected one. */
static bool take_message(struct message_queue *from_plugin, struct chance *lengths)
{
    static unsigned char octets[LONGEST_MESSAGE];
    struct byte_range text = duplex_next(lengths, pattern);
    struct queued_message message;
    size_t length = 0;

    if (!message_queue_get(from_plugin, &message))
        return false;
    ck_assert(byte_buffer_append(&peer.from_plugin, message.octets, message.length));
    free(message.octets);
    while (length < text.length) {
        ssize_t got = gnutls_record_recv(peer.tls, octets + length, text.length - length);

        if (got > 0)
            length += (size_t)got;
        else if (got != GNUTLS_E_AGAIN || peer.from_plugin.length == 0)
            return false; /* and not a key update, which has no data */
    }
    return byte_range_equal(byte_range_of(octets, length), text);
}

/* Seals one message for the plugin, with all that waits before it. */
static bool give_message(struct message_queue *to_plugin, struct chance *lengths)
{
    struct byte_range text = duplex_next(lengths, pattern);
    struct queued_message message = {NULL, 0, 0, 0};

    crafted_peer_write(&peer, text.data, text.length);
    message.length = peer.to_plugin.length;
    message.octets = malloc(message.length);
    ck_assert(message.octets != NULL);
    memcpy(message.octets, peer.to_plugin.data, message.length);
    peer.to_plugin.length = 0;
    return message_queue_put(to_plugin, &message);
}

static void exchange_with_updates(void)
{
    struct message_queue *from_plugin = peer.initiator ? &to_client : &to_server;
    struct message_queue *to_plugin = peer.initiator ? &to_server : &to_client;
    struct duplex_work seals = work_of(peer.plugin, from_plugin, TO_CLIENT, UPDATED_MESSAGES);
    struct duplex_work opens = work_of(peer.plugin, to_plugin, TO_SERVER, UPDATED_MESSAGES);
    struct chance received = chance_of_seed(TO_CLIENT);
    struct chance sent = chance_of_seed(TO_SERVER);
    pthread_t sealer, opener;
    bool right = true;

    ck_assert_int_eq(pthread_create(&sealer, NULL, duplex_seal, &seals), 0);
    ck_assert_int_eq(pthread_create(&opener, NULL, duplex_open, &opens), 0);
    for (unsigned i = 0; i < UPDATED_MESSAGES && right; i++) {
        /* Every other one asks the plugin to update its own. */
        if (i % (UPDATED_MESSAGES / KEY_UPDATES) == 0)
            ck_assert_int_ge(
                gnutls_session_key_update(
                    peer.tls, i / (UPDATED_MESSAGES / KEY_UPDATES) % 2 == 0 ? GNUTLS_KU_PEER : 0),
                0);
        right = give_message(to_plugin, &sent) && take_message(from_plugin, &received);
    }
    message_queue_close(to_plugin);
    message_queue_close(from_plugin);
    join(opener, &opens, "the plugin opens");
    join(sealer, &seals, "the plugin seals");
    ck_assert_msg(right, "the peer got another message");
}

START_TEST(keys_are_updated_in_the_midst)
{
    make_pattern();
    peer.priority = TLS_1_3;
    for (int i = 0; i < UPDATED_CONTEXTS; i++) {
        be(_i != 0);
        assert_good();
        peer.to_plugin.length = 0;
        exchange_with_updates();
        message_queue_empty(&to_server);
        message_queue_empty(&to_client);
        crafted_peer_reset(&peer);
    }
    free(pattern);
}
END_TEST

static void add_duplex_tests(TCase *cases)
{
    tcase_add_loop_test(cases, both_directions_at_once, 0, PRIORITIES);
    tcase_add_loop_test(cases, keys_are_updated_in_the_midst, 0, 2);
}

int main(void)
{
    return run_attacks("messages in both directions at once", add_duplex_tests);
}
