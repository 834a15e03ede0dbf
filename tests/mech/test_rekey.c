/*
 * More records than one key may seal (RFC 8446 5.5). GnuTLS updates its key before the record of
 * number 2^24 - 3, by a record of its own in front of the message: it must fit wherever messages
 * are sealed, and the other side must follow. Each test seals and opens 2^24 records first: make
 * check-long.
 */
#include <stdlib.h>

#include "tests/mech/message_parts.h"

#define REKEY_NUMBER 0xfffffdul

/* Sealed one by one, some before the limit and some behind it. */
#define WATCHED 200ul

/* A KeyUpdate in a record: header, message, type, AES-GCM's tag. */
#define KEY_UPDATE_RECORD (5 + 5 + 1 + 16)

static gss_ctx_id_t from, to;

static void send_quickly(unsigned long messages)
{
    unsigned char text = 'x';

    for (unsigned long i = 0; i < messages; i++) {
        gss_buffer_desc message = {1, &text};
        gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
        gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
        OM_uint32 minor;

        if (gss_wrap(&minor, from, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed) !=
                GSS_S_COMPLETE ||
            gss_unwrap(&minor, to, &sealed, &opened, NULL, NULL) != GSS_S_COMPLETE)
            ck_abort_msg("message %lu was not sent", i);
        (void)gss_release_buffer(&minor, &sealed);
        (void)gss_release_buffer(&minor, &opened);
    }
}

/* The octets of a sealed message; it is opened, and right. */
static size_t send_wrapped(size_t length)
{
    gss_buffer_desc sealed = seal(from, pattern, length);
    size_t octets = sealed.length;
    OM_uint32 minor;

    assert_opens(to, &sealed, pattern, length);
    (void)gss_release_buffer(&minor, &sealed);
    return octets;
}

static size_t send_parts(size_t length)
{
    struct parts parts;
    size_t octets = 0;

    make(&parts, from, length);
    ck_assert_uint_eq(seal_parts(from, &parts), GSS_S_COMPLETE);
    for (int i = 0; i < parts.count; i++)
        octets += parts.iov[i].buffer.length;
    ck_assert_uint_eq(open_parts(to, &parts), GSS_S_COMPLETE);
    assert_pattern(&parts, length);
    release(&parts);
    return octets;
}

static const struct {
    size_t (*send)(size_t length);
    size_t length;
    bool from_server;
    int options;
    unsigned updates;
} ways[] = {
    {send_wrapped, 1, false, 0, 1},
    {send_parts, 100, true, 0, 1},
    {send_wrapped, 0, true, 0, 1},
    {send_parts, 0, false, 0, 1},
    {send_parts, 3 * RECORD_OCTETS + 1, false, 0, 1},
    {send_wrapped, 3 * RECORD_OCTETS + 1, true, 0, 1},
    {send_parts, 100, false, 1, 0}, /* TLS 1.2 has no such limit, nor has ChaCha20 */
    {send_parts, 100, true, 2, 0},
};

START_TEST(key_is_updated_at_the_limit)
{
    unsigned updates = 0;
    size_t usual;

    credssp_with(tls_options[ways[_i].options]);
    from = ways[_i].from_server ? x.server : x.client;
    to = ways[_i].from_server ? x.client : x.server;
    send_quickly(REKEY_NUMBER - WATCHED / 2);
    usual = ways[_i].send(ways[_i].length);
    for (unsigned long i = 0; i < WATCHED; i++) {
        size_t octets = ways[_i].send(ways[_i].length);

        if (octets == usual)
            continue;
        ck_assert_uint_eq(octets, usual + KEY_UPDATE_RECORD);
        updates++;
    }
    ck_assert_uint_eq(updates, ways[_i].updates);
    exchange_check_messages(&x);
}
END_TEST

static void add_rekey_tests(TCase *cases)
{
    tcase_add_loop_test(cases, key_is_updated_at_the_limit, 0, (int)(sizeof ways / sizeof ways[0]));
}

int main(void)
{
    return run_in_place("more records than one key may seal", add_rekey_tests);
}
