/*
 * Keys of a CredSSP context: the peer, who has only its own TLS session and what gssapi_sspi.h says,
 * makes the same.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

#define HASH_OCTETS        32
#define BLOCK_OCTETS       256
#define SESSION_KEY_OCTETS 32
#define MOST_OCTETS        1048576

static const struct byte_range salt = {(const unsigned char *)"a program's salt", 16};

/* By the versions, two by two with the roles. */
static void log_on(int index)
{
    peer.priority = index / 2 != 0 ? TLS_1_2 : TLS_1_3;
    be(index % 2 != 0);
    assert_good();
}

static OM_uint32 derive(gss_ctx_id_t context, int key, struct byte_range input, ssize_t length,
                        gss_buffer_t output)
{
    gss_buffer_desc prf_in = {input.length, (void *)(uintptr_t)input.data};
    OM_uint32 minor;

    *output = (gss_buffer_desc){1, (void *)(uintptr_t) "x"}; /* must be overwritten */
    return gss_pseudo_random(&minor, context, key, &prf_in, length, output);
}

/* The peer's own, of whole blocks; malloc()ed. */
static unsigned char *expected(const char *label, struct byte_range input, size_t blocks)
{
    unsigned char context[4 + HASH_OCTETS];
    unsigned char *octets = malloc(blocks * BLOCK_OCTETS + 1);

    ck_assert(octets != NULL);
    ck_assert_int_eq(gnutls_hash_fast(GNUTLS_DIG_SHA256, input.data, input.length, context + 4), 0);
    for (size_t n = 0; n < blocks; n++) {
        const unsigned char counter[] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16),
                                         (unsigned char)(n >> 8), (unsigned char)n};

        memcpy(context, counter, sizeof counter);
        ck_assert_int_eq(gnutls_prf_rfc5705(peer.tls, strlen(label), label, sizeof context,
                                            (const char *)context, BLOCK_OCTETS,
                                            (char *)octets + n * BLOCK_OCTETS),
                         0);
    }
    return octets;
}

static void assert_derived(int key, const char *label, struct byte_range input, size_t length)
{
    unsigned char *octets = expected(label, input, length / BLOCK_OCTETS + 1);
    gss_buffer_desc output;
    OM_uint32 minor;

    ck_assert_uint_eq(derive(peer.plugin, key, input, (ssize_t)length, &output), GSS_S_COMPLETE);
    ck_assert_uint_eq(output.length, length);
    ck_assert((output.value == NULL) == (length == 0));
    ck_assert(length == 0 || memcmp(output.value, octets, length) == 0);
    (void)gss_release_buffer(&minor, &output);
    free(octets);
}

START_TEST(pseudo_random_is_the_exporter)
{
    const size_t lengths[] = {0, 1, 16, 255, 256, 257, 8161, 65536, MOST_OCTETS};

    log_on(_i);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        assert_derived(GSS_C_PRF_KEY_FULL, GSS_SSPI_LABEL_PRF_FULL, salt, lengths[i]);
        assert_derived(GSS_C_PRF_KEY_PARTIAL, GSS_SSPI_LABEL_PRF_PARTIAL, salt, lengths[i]);
    }
}
END_TEST

/* TLS' own limit for an exporter's context is 65535 octets. */
START_TEST(pseudo_random_takes_any_input)
{
    const size_t lengths[] = {0, 1, 65535, 65536, 1000000};
    unsigned char *input = calloc(1, 1000000);

    ck_assert(input != NULL);
    log_on(_i);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        assert_derived(GSS_C_PRF_KEY_FULL, GSS_SSPI_LABEL_PRF_FULL,
                       byte_range_of(input, lengths[i]), 32);
    free(input);
}
END_TEST

static void assert_none(gss_ctx_id_t context, int key, ssize_t length, OM_uint32 error)
{
    gss_buffer_desc output;

    ck_assert_uint_eq(GSS_ROUTINE_ERROR(derive(context, key, salt, length, &output)), error);
    ck_assert(output.length == 0 && output.value == NULL);
}

START_TEST(pseudo_random_checks_its_arguments)
{
    log_on(_i);
    assert_none(peer.plugin, GSS_C_PRF_KEY_FULL, -1, GSS_S_FAILURE);
    assert_none(peer.plugin, GSS_C_PRF_KEY_FULL, MOST_OCTETS + 1, GSS_S_FAILURE);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
    assert_none(peer.plugin, GSS_C_PRF_KEY_FULL, SSIZE_MAX, GSS_S_FAILURE);
    assert_none(peer.plugin, 2, 32, GSS_S_FAILURE);
    assert_none(peer.plugin, -1, 32, GSS_S_FAILURE);
    assert_derived(GSS_C_PRF_KEY_FULL, GSS_SSPI_LABEL_PRF_FULL, salt, 32); /* it still works */
}
END_TEST

static OM_uint32 session_key(gss_ctx_id_t context, gss_buffer_set_t *answer)
{
    OM_uint32 minor;

    *answer = GSS_C_NO_BUFFER_SET;
    return gss_inquire_sec_context_by_oid(&minor, context, GSS_C_INQ_SSPI_SESSION_KEY, answer);
}

START_TEST(session_key_is_the_exporter)
{
    const char label[] = GSS_SSPI_LABEL_SESSION_KEY;
    unsigned char key[SESSION_KEY_OCTETS];
    gss_buffer_set_t answer;

    log_on(_i);
    ck_assert_int_eq(
        gnutls_prf_rfc5705(peer.tls, sizeof label - 1, label, 0, "", sizeof key, (char *)key), 0);
    ck_assert_uint_eq(session_key(peer.plugin, &answer), GSS_S_COMPLETE);
    ck_assert_uint_eq(answer->count, 2);
    ck_assert_uint_eq(answer->elements[0].length, sizeof key);
    ck_assert_mem_eq(answer->elements[0].value, key, sizeof key);
    ck_assert_uint_eq(answer->elements[1].length, GSS_SSPI_KEY_TLS_EXPORTER->length);
    ck_assert_mem_eq(answer->elements[1].value, GSS_SSPI_KEY_TLS_EXPORTER->elements,
                     GSS_SSPI_KEY_TLS_EXPORTER->length);
    gss_sspi_release_credentials(&answer);
}
END_TEST

/* What a context gives: by the two keys, and the session key. */
struct keys {
    unsigned char full[32], partial[32], session[SESSION_KEY_OCTETS];
};

static void get_prf(gss_ctx_id_t context, int key, unsigned char *octets)
{
    gss_buffer_desc output;
    OM_uint32 minor;

    ck_assert_uint_eq(derive(context, key, salt, 32, &output), GSS_S_COMPLETE);
    memcpy(octets, output.value, 32);
    (void)gss_release_buffer(&minor, &output);
}

static void get_keys(gss_ctx_id_t context, struct keys *keys)
{
    gss_buffer_set_t answer;

    get_prf(context, GSS_C_PRF_KEY_FULL, keys->full);
    get_prf(context, GSS_C_PRF_KEY_PARTIAL, keys->partial);
    ck_assert_uint_eq(session_key(context, &answer), GSS_S_COMPLETE);
    memcpy(keys->session, answer->elements[0].value, SESSION_KEY_OCTETS);
    gss_sspi_release_credentials(&answer);
}

/* Both of our own sides, twice: Kerberos, then NTLM, which has no gss_pseudo_random itself. */
START_TEST(both_sides_agree_and_contexts_differ)
{
    struct exchange x = {.mechanism = GSS_SSPI_MECH_CREDSSP, .target = "TERMSRV@localhost"};
    struct keys keys[2][2];

    for (int i = 0; i < 2; i++) {
        if (i == 1)
            without_tickets();
        ck_assert(exchange_run(&x));
        get_keys(x.client, &keys[i][0]);
        get_keys(x.server, &keys[i][1]);
        ck_assert_mem_eq(&keys[i][0], &keys[i][1], sizeof keys[i][0]);
        exchange_reset(&x);
    }
    ck_assert_mem_ne(keys[0][0].full, keys[1][0].full, 32);
    ck_assert_mem_ne(keys[0][0].partial, keys[1][0].partial, 32);
    ck_assert_mem_ne(keys[0][0].session, keys[1][0].session, SESSION_KEY_OCTETS);
    ck_assert_mem_ne(keys[0][0].full, keys[0][0].partial, 32);
    ck_assert_mem_ne(keys[0][0].full, keys[0][0].session, 32);
}
END_TEST

START_TEST(keys_need_the_extended_master_secret)
{
    gss_buffer_set_t answer;

    peer.priority = TLS_1_2;
    peer.tls_flags = GNUTLS_NO_EXTENSIONS;
    be(true);
    assert_good();
    assert_none(peer.plugin, GSS_C_PRF_KEY_FULL, 32, GSS_S_UNAVAILABLE);
    ck_assert_uint_eq(session_key(peer.plugin, &answer), GSS_S_UNAVAILABLE);
    ck_assert(answer == GSS_C_NO_BUFFER_SET);
}
END_TEST

static void assert_no_keys(void)
{
    gss_buffer_set_t answer;

    assert_none(peer.plugin, GSS_C_PRF_KEY_FULL, 32, GSS_S_NO_CONTEXT);
    assert_none(peer.plugin, GSS_C_PRF_KEY_PARTIAL, 32, GSS_S_NO_CONTEXT);
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(session_key(peer.plugin, &answer)), GSS_S_NO_CONTEXT);
    ck_assert(answer == GSS_C_NO_BUFFER_SET);
}

START_TEST(no_keys_before_during_and_after_the_context)
{
    OM_uint32 minor;

    be(_i != 0);
    assert_no_keys();
    crafted_peer_begin(&peer);
    ck_assert(crafted_peer_handshake(&peer));
    assert_no_keys();
    crafted_peer_reset(&peer);
    assert_good();
    (void)gss_delete_sec_context(&minor, &peer.plugin, GSS_C_NO_BUFFER);
    assert_no_keys();
}
END_TEST

/* The server's certificate is not the one that is bound: TLS is done, and the logon fails. */
START_TEST(no_keys_of_a_failed_context)
{
    struct byte_range other = crafted_other_key();

    be(_i != 0);
    peer.key = other;
    assert_refused(GSS_SSPI_E_BINDING);
    assert_no_keys();
    peer.key = BYTE_RANGE_ABSENT;
    free((void *)(uintptr_t)other.data);
}
END_TEST

static void add_tests(TCase *cases)
{
    tcase_add_loop_test(cases, pseudo_random_is_the_exporter, 0, 4);
    tcase_add_loop_test(cases, pseudo_random_takes_any_input, 0, 4);
    tcase_add_loop_test(cases, pseudo_random_checks_its_arguments, 0, 4);
    tcase_add_loop_test(cases, session_key_is_the_exporter, 0, 4);
    tcase_add_test(cases, both_sides_agree_and_contexts_differ);
    tcase_add_test(cases, keys_need_the_extended_master_secret);
    tcase_add_loop_test(cases, no_keys_before_during_and_after_the_context, 0, 2);
    tcase_add_loop_test(cases, no_keys_of_a_failed_context, 0, 2);
}

int main(void)
{
    return run_attacks("keys of CredSSP", add_tests);
}
