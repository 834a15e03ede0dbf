/*
 * What a client delegates and logs on with: ill-formed TSCredentials, wrong passwords, and exchanges that
 * are never finished.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

#define SEALED_MINIMUM   16
#define NT_LOGON_FAILURE 0xC000006Du
#define ABANDONED        500
#define ABANDONED_GROWTH ((size_t)64 * 1024)

/* --- TSCredentials --- */

/* UTF-16LE texts: any octets, so that odd and ill-formed ones can be made. */
#define TEXT(octets)                                        \
    {                                                       \
        (const unsigned char *)(octets), sizeof(octets) - 1 \
    }

struct password_case {
    long code; /* 0: good */
    struct byte_range domain, user, password;
};

static const struct password_case password_cases[] = {
    {0, TEXT("D\0"), TEXT("u\0"), TEXT("p\0w\0")},
    {0, TEXT(""), TEXT("u\0"), TEXT("\x3d\xd8\x00\xde")}, /* a surrogate pair */
    {0, TEXT("D\0"), TEXT("u\0"), TEXT("p\0\0\0w\0")},    /* a password may have a NUL */
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("u\0x"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D"), TEXT("u\0"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("u\0"), TEXT("p")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("\x3d\xd8"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("\x00\xde"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("\x3d\xd8u\0"), TEXT("u\0"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("u\0"), TEXT("\x00\xde\x3d\xd8")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0"), TEXT("u\0\0\0x\0"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("D\0\0\0"), TEXT("u\0"), TEXT("p\0")},
    {GSS_SSPI_E_BAD_CREDENTIALS, TEXT("\0\0"), TEXT(""), TEXT("")},
};

#define PASSWORD_CASES ((int)(sizeof password_cases / sizeof password_cases[0]))

/* TSCredentials, without looking at the texts: all lengths stay below 128. */
static size_t encode_credentials(const struct password_case *texts, unsigned char *octets)
{
    const struct byte_range *fields[3] = {&texts->domain, &texts->user, &texts->password};
    const unsigned char type[] = {0xa0, 0x03, 0x02, 0x01, 0x01, 0xa1};
    size_t inner = texts->domain.length + texts->user.length + texts->password.length + 12;
    unsigned char *next = octets;

    ck_assert_uint_lt(inner, 100);
    *next++ = 0x30;
    *next++ = (unsigned char)(inner + 11);
    memcpy(next, type, sizeof type);
    next += sizeof type;
    *next++ = (unsigned char)(inner + 4);
    *next++ = 0x04;
    *next++ = (unsigned char)(inner + 2);
    *next++ = 0x30;
    *next++ = (unsigned char)inner;
    for (size_t i = 0; i < 3; i++) {
        *next++ = (unsigned char)(0xa0 + i);
        *next++ = (unsigned char)(fields[i]->length + 2);
        *next++ = 0x04;
        *next++ = (unsigned char)fields[i]->length;
        memcpy(next, fields[i]->data, fields[i]->length);
        next += fields[i]->length;
    }
    return (size_t)(next - octets);
}

static unsigned char encoded_credentials[128];

static void send_credentials(const struct password_case *texts)
{
    size_t length = encode_credentials(texts, encoded_credentials);

    peer.credentials = byte_range_of(encoded_credentials, length);
    be_client();
}

START_TEST(odd_texts_in_credentials)
{
    send_credentials(&password_cases[_i]);
    if (password_cases[_i].code != 0) {
        assert_refused(password_cases[_i].code);
    } else {
        assert_good();
        ck_assert_int_eq((peer.plugin_flags_granted & GSS_C_DELEG_FLAG) != 0,
                         peer.delegated != GSS_C_NO_CREDENTIAL);
    }
}
END_TEST

START_TEST(credentials_arrive_as_they_were_sent)
{
    static const char *const expected[] = {"", "u", "\xf0\x9f\x98\x80"};
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    gss_OID object = (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDENTIALS;
    OM_uint32 minor;

    send_credentials(&password_cases[1]);
    assert_good();
    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(&minor, peer.plugin, object, &data), 0);
    ck_assert_uint_eq(data->count, 3);
    for (size_t i = 0; i < data->count; i++)
        ck_assert(
            byte_range_equal(byte_range_of(expected[i], strlen(expected[i])),
                             byte_range_of(data->elements[i].value, data->elements[i].length)));
    (void)gss_release_buffer_set(&minor, &data);
}
END_TEST

static const unsigned char empty_password[] = {0x30, 0x17, 0xa0, 0x03, 0x02, 0x01, 0x01, 0xa1, 0x10,
                                               0x04, 0x0e, 0x30, 0x0c, 0xa0, 0x02, 0x04, 0x00, 0xa1,
                                               0x02, 0x04, 0x00, 0xa2, 0x02, 0x04, 0x00};

START_TEST(credentials_of_other_types_are_refused)
{
    static const unsigned char types[] = {0, 3, 4, 5, 7, 127};
    unsigned char octets[sizeof empty_password];
    char type[16];

    memcpy(octets, empty_password, sizeof octets);
    octets[6] = types[_i];
    peer.credentials = byte_range_of(octets, sizeof octets);
    be_client();
    (void)snprintf(type, sizeof type, "type %u", types[_i]);
    assert_refused(GSS_SSPI_E_CREDENTIALS_TYPE);
    ck_assert(strstr(status_text(peer.major, peer.minor), type) != NULL);
}
END_TEST

/* A type that is known, around what another one holds. */
START_TEST(credentials_under_another_type_are_refused)
{
    static const unsigned char types[] = {2, 6};
    unsigned char octets[sizeof empty_password];

    memcpy(octets, empty_password, sizeof octets);
    octets[6] = types[_i];
    peer.credentials = byte_range_of(octets, sizeof octets);
    be_client();
    assert_refused(GSS_SSPI_E_BAD_CREDENTIALS);
}
END_TEST

/* Cut at every length, and with octets behind the end. */
START_TEST(credentials_cut_anywhere_are_refused)
{
    size_t whole = encode_credentials(&password_cases[0], encoded_credentials);

    encoded_credentials[whole] = 0;
    for (size_t length = 1; length <= whole + 1; length++) {
        set_up();
        be_client();
        if (length == whole)
            continue;
        peer.credentials = byte_range_of(encoded_credentials, length);
        assert_refused(GSS_SSPI_E_BAD_CREDENTIALS);
        tear_down();
    }
}
END_TEST

static size_t auth_info_octets;

static void cut_auth_info(struct crafted_peer *self, struct ts_request *request)
{
    (void)self;
    if (byte_range_is_present(request->auth_info))
        request->auth_info.length = auth_info_octets;
}

START_TEST(short_auth_info_is_refused)
{
    for (auth_info_octets = 0; auth_info_octets <= SEALED_MINIMUM; auth_info_octets++) {
        set_up();
        peer.mechanism = _i != 0 ? &ntlm_oid : &spnego_oid;
        peer.on_request = cut_auth_info;
        be_client();
        assert_refused(ANY_CODE);
        tear_down();
    }
}
END_TEST

/* --- passwords --- */

/* What a stranger is told does not tell which users there are. */
START_TEST(wrong_passwords_are_refused)
{
    static const char *const users[][2] = {
        {"EXAMPLE\\alice", "wrong"}, {"EXAMPLE\\alice", "wonderland-7"}, {"EXAMPLE\\alice", " "},
        {"EXAMPLE\\nobody", "x"},    {"EXAMPLE\\bob", "Wonderland-7"},   {"OTHER\\alice", "x"},
    };

    peer.mechanism = &ntlm_oid;
    peer.credential = password_credential(&ntlm_oid, users[_i][0], users[_i][1]);
    be_client();
    assert_refused(ANY_CODE);
    ck_assert(peer.has_error_code);
    ck_assert_uint_eq(peer.error_code, NT_LOGON_FAILURE);
}
END_TEST

START_TEST(right_password_is_accepted)
{
    peer.mechanism = &ntlm_oid;
    peer.credential =
        password_credential(&ntlm_oid, "EXAMPLE\\alice", realm_variable("REALM_PASSWORD"));
    be_client();
    assert_good();
}
END_TEST

/* --- memory --- */

/* NTLM's NEGOTIATE: it is the same for all users, and is made once (see below). */
static gss_buffer_desc ntlm_token;

static void make_ntlm_token(void)
{
    peer.mechanism = &ntlm_oid;
    ck_assert(crafted_peer_step(&peer, BYTE_RANGE_ABSENT));
    ntlm_token = peer.token;
    peer.token = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    crafted_peer_reset(&peer);
    peer.mechanism = &krb5_oid;
}

enum stage { AFTER_HELLO, AFTER_HANDSHAKE, AFTER_KERBEROS_TOKEN, AFTER_NTLM_TOKEN, STAGES };

/* Goes so far, and walks away. */
static void abandon(enum stage stage)
{
    struct ts_request request = {.client_nonce = byte_range_of(peer.nonce, sizeof peer.nonce)};
    struct ts_request reply;

    crafted_peer_begin(&peer);
    if (stage == AFTER_HELLO)
        (void)gnutls_handshake(peer.tls);
    else
        ck_assert(crafted_peer_handshake(&peer));
    (void)crafted_peer_flush(&peer);
    if (stage >= AFTER_KERBEROS_TOKEN && peer.initiator) {
        if (stage == AFTER_KERBEROS_TOKEN)
            ck_assert(crafted_peer_step(&peer, BYTE_RANGE_ABSENT));
        request.nego_token = stage == AFTER_NTLM_TOKEN
                                 ? byte_range_of(ntlm_token.value, ntlm_token.length)
                                 : byte_range_of(peer.token.value, peer.token.length);
        crafted_peer_send(&peer, &request);
    }
    if (stage >= AFTER_KERBEROS_TOKEN)
        ck_assert(crafted_peer_receive(&peer, &reply));
    ck_assert_uint_eq(peer.major, GSS_S_CONTINUE_NEEDED);
    crafted_peer_reset(&peer);
}

/*
 * 2,000 of them. gss-ntlmssp itself leaks some kilobytes for every password that it hashes, so the
 * peer does not use it here but for one token.
 */
START_TEST(abandoned_exchanges_keep_memory_flat)
{
    struct mallinfo2 before = {0};
    struct mallinfo2 after;

    be(_i != 0);
    if (peer.initiator)
        make_ntlm_token();
    for (int i = 0; i < ABANDONED + ABANDONED / 10; i++) {
        if (i == ABANDONED / 10)
            before = mallinfo2();
        for (enum stage stage = AFTER_HELLO; stage < STAGES; stage++)
            abandon(stage);
    }
    after = mallinfo2();
    ck_assert_msg(
        after.uordblks + after.hblkhd <= before.uordblks + before.hblkhd + ABANDONED_GROWTH,
        "%zu octets, then %zu", before.uordblks + before.hblkhd, after.uordblks + after.hblkhd);
}
END_TEST

static void add_credentials_tests(TCase *cases)
{
    tcase_add_loop_test(cases, odd_texts_in_credentials, 0, PASSWORD_CASES);
    tcase_add_test(cases, credentials_arrive_as_they_were_sent);
    tcase_add_loop_test(cases, credentials_of_other_types_are_refused, 0, 6);
    tcase_add_loop_test(cases, credentials_under_another_type_are_refused, 0, 2);
    tcase_add_test(cases, credentials_cut_anywhere_are_refused);
    tcase_add_loop_test(cases, short_auth_info_is_refused, 0, 2);
    tcase_add_loop_test(cases, wrong_passwords_are_refused, 0, 6);
    tcase_add_test(cases, right_password_is_accepted);
    tcase_add_loop_test(cases, abandoned_exchanges_keep_memory_flat, 0, 2);
}

int main(void)
{
    return run_attacks("attacks by credentials", add_credentials_tests);
}
