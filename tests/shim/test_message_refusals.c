/* Messages of Kerberos, NTLM and Negotiate: what is refused, by which code, and what stays usable. */
#include <stdlib.h>
#include <string.h>

#include "tests/shim/protection.h"
#include "tests/runner.h"

#define LENGTH 100

static struct sealed sealed;
static struct sealed copy;

static SECURITY_STATUS encrypt(ULONG qop)
{
    return EncryptMessage(&client.context, qop, &sealed.descriptor, 0);
}

static SECURITY_STATUS decrypt(struct sealed *message)
{
    return DecryptMessage(&server.context, &message->descriptor, 0, NULL);
}

static void assert_next_message_arrives(void)
{
    (void)seal_message(&sealed, &client, LENGTH, 0);
    ck_assert_msg(decrypt(&sealed) == SEC_E_OK, "%s", SspiGssStatusText());
    ck_assert(is_message(sealed.buffers[1].pvBuffer, LENGTH));
}

/* A second message with the same octets. */
static void copy_sealed(void)
{
    copy = sealed;
    for (int i = 0; i < 3; i++) {
        const unsigned char *place = sealed.buffers[i].pvBuffer;

        copy.buffers[i].pvBuffer = copy.octets + (place - sealed.octets);
    }
    copy.descriptor.pBuffers = copy.buffers;
}

/* --- quality of protection --- */

START_TEST(other_qualities_are_refused)
{
    start_protection(&protections[_i]);
    prepare_sealed(&sealed, &client, LENGTH);
    ck_assert_int_eq(encrypt(1), SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(encrypt(0xFFFFFFFF), SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(encrypt(SECQOP_WRAP_OOB_DATA), SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(MakeSignature(&client.context, SECQOP_WRAP_NO_ENCRYPT, &sealed.descriptor, 0),
                     SEC_E_QOP_NOT_SUPPORTED);
    assert_next_message_arrives();
    stop_parties();
}
END_TEST

/* A logon whose client asks for less, and whose server for nothing. */
static void start_without(const struct protection *protection, ULONG flags)
{
    struct protection weaker = *protection;

    weaker.less |= flags;
    weaker.asks_server_nothing = true;
    start_protection(&weaker);
    prepare_sealed(&sealed, &client, LENGTH);
}

/* What was not granted is not done. MIT's Kerberos grants it always, and ISC_RET_* says so. */
START_TEST(without_confidentiality_nothing_is_encrypted)
{
    bool granted = !protections[_i].is_ntlm;

    start_without(&protections[_i], ISC_REQ_CONFIDENTIALITY);
    ck_assert_int_eq((client.attributes & ISC_RET_CONFIDENTIALITY) != 0, granted);
    ck_assert_int_eq(encrypt(0), granted ? SEC_E_OK : SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(is_message(sealed.buffers[1].pvBuffer, LENGTH), !granted);
    stop_parties();
}
END_TEST

START_TEST(without_integrity_nothing_is_protected)
{
    /* Negotiate needs it for its own signature. */
    bool granted = strcmp(protections[_i].package, "NTLM") != 0;

    start_without(&protections[_i], ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY |
                                        ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT);
    ck_assert_int_eq((client.attributes & ISC_RET_INTEGRITY) != 0, granted);
    ck_assert_int_eq(MakeSignature(&client.context, 0, &sealed.descriptor, 0),
                     granted ? SEC_E_OK : SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(VerifySignature(&server.context, &sealed.descriptor, 0, NULL),
                     granted ? SEC_E_OK : SEC_E_QOP_NOT_SUPPORTED);
    prepare_sealed(&sealed, &client, LENGTH);
    granted = (client.attributes & ISC_RET_CONFIDENTIALITY) != 0;
    ck_assert_int_eq(encrypt(0), granted ? SEC_E_OK : SEC_E_QOP_NOT_SUPPORTED);
    stop_parties();
}
END_TEST

/* --- order --- */

START_TEST(the_callers_sequence_number_is_not_looked_at)
{
    start_protection(&protections[_i]);
    for (ULONG number = 5; number < 8; number++) {
        prepare_sealed(&sealed, &client, LENGTH);
        ck_assert_int_eq(EncryptMessage(&client.context, 0, &sealed.descriptor, number * 0x1234567),
                         SEC_E_OK);
        ck_assert_int_eq(DecryptMessage(&server.context, &sealed.descriptor, ~number, NULL),
                         SEC_E_OK);
    }
    stop_parties();
}
END_TEST

/* NTLM's cipher has gone on, and finds another message than was sent. */
static SECURITY_STATUS out_of_order(int protection)
{
    return protections[protection].is_ntlm ? SEC_E_MESSAGE_ALTERED : SEC_E_OUT_OF_SEQUENCE;
}

START_TEST(repeated_messages_are_out_of_sequence)
{
    start_protection(&protections[_i]);
    (void)seal_message(&sealed, &client, LENGTH, 0);
    copy_sealed();
    ck_assert_int_eq(decrypt(&sealed), SEC_E_OK);
    ck_assert_int_eq(decrypt(&copy), out_of_order(_i));
    stop_parties();
}
END_TEST

START_TEST(messages_with_a_gap_are_out_of_sequence)
{
    start_protection(&protections[_i]);
    (void)seal_message(&sealed, &client, LENGTH, 0);
    (void)seal_message(&sealed, &client, LENGTH, 0);
    ck_assert_int_eq(decrypt(&sealed), out_of_order(_i));
    stop_parties();
}
END_TEST

START_TEST(repeated_signatures_are_out_of_sequence)
{
    unsigned char token[PROTECTION_ROOM];
    unsigned char data[LENGTH] = {0};
    SecBuffer buffers[2] = {{LENGTH, SECBUFFER_DATA, data}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};

    start_protection(&protections[_i]);
    buffers[1] = (SecBuffer){sizes_of_party(&client).cbMaxSignature, SECBUFFER_TOKEN, token};
    ck_assert_int_eq(MakeSignature(&client.context, 0, &message, 0), SEC_E_OK);
    ck_assert_int_eq(VerifySignature(&server.context, &message, 0, NULL), SEC_E_OK);
    ck_assert_int_eq(VerifySignature(&server.context, &message, 0, NULL), out_of_order(_i));
    stop_parties();
}
END_TEST

/* --- alterations --- */

/* Each octet of a message changed in turn; with Kerberos the message itself still arrives then. */
START_TEST(every_altered_octet_is_noticed)
{
    size_t length;

    start_protection(&protections[_i]);
    length = seal_message(&sealed, &client, 20, 0);
    for (size_t i = 0; i < length && !protections[_i].is_ntlm; i++) {
        SECURITY_STATUS status;

        copy_sealed();
        copy.octets[i] ^= 0x21;
        status = decrypt(&copy);
        ck_assert_msg(status == SEC_E_MESSAGE_ALTERED || status == SEC_E_INVALID_TOKEN,
                      "octet %zu: %s", i, SspiGssStatusText());
    }
    if (protections[_i].is_ntlm) { /* a failure spends the cipher's key stream */
        sealed.octets[_i * 3] ^= 0x21;
        ck_assert_int_eq(decrypt(&sealed), SEC_E_MESSAGE_ALTERED);
    } else {
        ck_assert_int_eq(decrypt(&sealed), SEC_E_OK);
    }
    stop_parties();
}
END_TEST

/* A message that was cut off at any place. */
START_TEST(every_shortened_stream_is_noticed)
{
    size_t length;
    SecBuffer data;

    start_protection(&protections[_i]);
    length = seal_message(&sealed, &client, 20, 0);
    for (size_t have = 0; have < length; have++) {
        unsigned char *cut = malloc(have + 1);
        SECURITY_STATUS status;

        ck_assert_ptr_nonnull(cut);
        memcpy(cut, sealed.octets, have);
        status = open_stream(&server, cut, have, &data, NULL);
        ck_assert_msg(status == SEC_E_MESSAGE_ALTERED || status == SEC_E_INVALID_TOKEN ||
                          status == SEC_E_UNSUPPORTED_FUNCTION,
                      "%zu octets: %s", have, SspiGssStatusText());
        free(cut);
    }
    stop_parties();
}
END_TEST

START_TEST(ones_own_message_is_refused)
{
    SECURITY_STATUS status;

    start_protection(&protections[_i]);
    (void)seal_message(&sealed, &server, LENGTH, 0);
    status = decrypt(&sealed);
    ck_assert_msg(status == SEC_E_MESSAGE_ALTERED || status == SEC_E_INVALID_TOKEN, "%s",
                  SspiGssStatusText());
    stop_parties();
}
END_TEST

/* --- before the logon is done, and after --- */

START_TEST(messages_need_a_logon)
{
    SecBuffer buffers[2] = {
        {LENGTH, SECBUFFER_DATA, sealed.octets + PROTECTION_ROOM},
        {PROTECTION_ROOM, SECBUFFER_TOKEN, sealed.octets},
    };
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};

    party_init(&client, true, "Kerberos");
    party_init(&server, false, "Kerberos");
    party_must_acquire(&client, NULL);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(EncryptMessage(&client.context, 0, &message, 0), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(DecryptMessage(&client.context, &message, 0, NULL), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(MakeSignature(&client.context, 0, &message, 0), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(VerifySignature(&client.context, &message, 0, NULL), SEC_E_INVALID_HANDLE);
        if (i == 0)
            ck_assert_int_eq(DeleteSecurityContext(&client.context), SEC_E_OK);
    }
    client.has_context = false;
    party_end(&client);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: messages that are refused");
    TCase *t = tcase_create("refusals");

    tcase_set_timeout(t, 300);
    tcase_add_unchecked_fixture(t, prepare_realm, NULL);
    tcase_add_loop_test(t, other_qualities_are_refused, 0, protection_count);
    tcase_add_loop_test(t, without_confidentiality_nothing_is_encrypted, 0, protection_count);
    tcase_add_loop_test(t, without_integrity_nothing_is_protected, 0, protection_count);
    tcase_add_loop_test(t, the_callers_sequence_number_is_not_looked_at, 0, protection_count);
    tcase_add_loop_test(t, repeated_messages_are_out_of_sequence, 0, protection_count);
    tcase_add_loop_test(t, messages_with_a_gap_are_out_of_sequence, 0, protection_count);
    tcase_add_loop_test(t, repeated_signatures_are_out_of_sequence, 0, protection_count);
    tcase_add_loop_test(t, every_altered_octet_is_noticed, 0, protection_count);
    tcase_add_loop_test(t, every_shortened_stream_is_noticed, 0, protection_count);
    tcase_add_loop_test(t, ones_own_message_is_refused, 0, protection_count);
    tcase_add_test(t, messages_need_a_logon);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
