/*
 * One context of CredSSP, one thread that seals and one that opens, with what shows in the other
 * direction among the records: key updates that ask for an answer, and forged records that are answered
 * by an alert. Nothing may crash; the sanitizers say whether it was luck.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/mech/crafted_attack.h"

#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* Enough that a plugin without a lock fails each time, and quick. */
#define CONTEXTS 40

/* GnuTLS takes 8 in a second. */
#define KEY_UPDATES 6

/* Records that the other thread seals before its context meets what was forged. */
#define SEALED_BEFORE 50

static const unsigned char forged[] = "\x17\x03\x03\x00\x20"
                                      "0123456789abcdef0123456789abcdef";

struct sealing {
    atomic_bool stop;
    atomic_ulong sealed;
    OM_uint32 major;
    bool output_without_success;
};

static void *seal_until_stopped(void *argument)
{
    struct sealing *sealing = argument;
    unsigned char text[40] = {0};

    do {
        gss_buffer_desc message = {sizeof text, text};
        gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
        OM_uint32 limit;
        OM_uint32 minor;

        sealing->major =
            gss_wrap(&minor, peer.plugin, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed);
        if (GSS_ERROR(sealing->major))
            sealing->output_without_success = sealed.length != 0 || sealed.value != NULL;
        else
            (void)gss_wrap_size_limit(&minor, peer.plugin, 1, GSS_C_QOP_DEFAULT, 1000, &limit);
        (void)gss_release_buffer(&minor, &sealed);
        atomic_fetch_add(&sealing->sealed, 1);
    } while (!GSS_ERROR(sealing->major) && !atomic_load(&sealing->stop));
    return NULL;
}

static void begin_sealing(struct sealing *sealing, pthread_t *thread)
{
    const struct timespec moment = {0, 100000};

    ck_assert_int_eq(pthread_create(thread, NULL, seal_until_stopped, sealing), 0);
    while (atomic_load(&sealing->sealed) < SEALED_BEFORE)
        (void)nanosleep(&moment, NULL);
}

static void end_sealing(struct sealing *sealing, pthread_t thread)
{
    atomic_store(&sealing->stop, true);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert(!sealing->output_without_success);
}

/* Opens what waits for the plugin. */
static OM_uint32 open_waiting(gss_buffer_t opened)
{
    gss_buffer_desc waiting = {peer.to_plugin.length, peer.to_plugin.data};
    OM_uint32 minor;
    OM_uint32 major = gss_unwrap(&minor, peer.plugin, &waiting, opened, NULL, NULL);

    peer.to_plugin.length = 0;
    return major;
}

static void log_on(bool initiator)
{
    peer.priority = TLS_1_3;
    be(initiator);
    assert_good();
    peer.to_plugin.length = 0;
}

static void update_keys(void)
{
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert_int_ge(gnutls_session_key_update(peer.tls, GNUTLS_KU_PEER), 0);
    ck_assert_int_eq(gnutls_record_send(peer.tls, "text", 4), 4);
    ck_assert_uint_eq(open_waiting(&opened), GSS_S_COMPLETE);
    ck_assert_uint_eq(opened.length, 4);
    ck_assert_mem_eq(opened.value, "text", 4);
    (void)gss_release_buffer(&minor, &opened);
}

START_TEST(key_updates_while_another_thread_seals)
{
    for (int i = 0; i < CONTEXTS; i++) {
        struct sealing sealing = {.major = GSS_S_COMPLETE};
        pthread_t thread;

        log_on(_i != 0);
        begin_sealing(&sealing, &thread);
        for (int update = 0; update < KEY_UPDATES; update++)
            update_keys();
        end_sealing(&sealing, thread);
        ck_assert_uint_eq(sealing.major, GSS_S_COMPLETE);
        crafted_peer_reset(&peer);
    }
}
END_TEST

START_TEST(forged_record_while_another_thread_seals)
{
    for (int i = 0; i < CONTEXTS; i++) {
        struct sealing sealing = {.major = GSS_S_COMPLETE};
        gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
        pthread_t thread;

        log_on(_i != 0);
        begin_sealing(&sealing, &thread);
        ck_assert(byte_buffer_append(&peer.to_plugin, forged, sizeof forged - 1));
        ck_assert(GSS_ERROR(open_waiting(&opened)));
        ck_assert(opened.length == 0 && opened.value == NULL);
        end_sealing(&sealing, thread);
        crafted_peer_reset(&peer);
    }
}
END_TEST

static void add_tests(TCase *cases)
{
    tcase_add_loop_test(cases, key_updates_while_another_thread_seals, 0, 2);
    tcase_add_loop_test(cases, forged_record_while_another_thread_seals, 0, 2);
}

int main(void)
{
    return run_attacks("messages in two threads", add_tests);
}
