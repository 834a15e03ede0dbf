/*
 * Messages of Kerberos, NTLM and Negotiate between SSPI on one side and gss_* on the other: all
 * lengths, sealed and signed only, both ways.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/shim/protection.h"
#include "tests/runner.h"

static struct sealed sealed;

static void assert_unwrapped(struct party *party, size_t token, ULONG length, bool is_sealed)
{
    gss_buffer_desc input = {token, sealed.octets};
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    int confidential = -1;

    ck_assert_uint_eq(gss_unwrap(&minor, gss_of(party), &input, &plain, &confidential, NULL),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(plain.length, length);
    ck_assert(is_message(plain.value, length));
    ck_assert_int_eq(confidential != 0, is_sealed);
    if (length == 0)
        free(plain.value); /* MIT's gss_release_buffer does not free a buffer without length */
    (void)gss_release_buffer(&minor, &plain);
}

static void assert_unwrapped_in_place(struct party *party, bool is_sealed)
{
    const SecBuffer *buffers = sealed.buffers;
    gss_iov_buffer_desc iov[2] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, {buffers[0].cbBuffer, buffers[0].pvBuffer}},
        {GSS_IOV_BUFFER_TYPE_DATA, {buffers[1].cbBuffer, buffers[1].pvBuffer}},
    };
    OM_uint32 minor;
    int confidential = -1;

    ck_assert_uint_eq(buffers[2].cbBuffer, 0);
    ck_assert_uint_eq(gss_unwrap_iov(&minor, gss_of(party), &confidential, NULL, iov, 2),
                      GSS_S_COMPLETE);
    ck_assert(is_message(iov[1].buffer.value, iov[1].buffer.length));
    ck_assert_int_eq(confidential != 0, is_sealed);
}

static void assert_arrives(const struct protection *protection, int message, ULONG length,
                           ULONG qop)
{
    size_t token = seal_message(&sealed, sender_of(message), length, qop);

    ck_assert(length < 15 || is_message(sealed.buffers[1].pvBuffer, length) == (qop != 0));
    if (protection->is_dce)
        assert_unwrapped_in_place(receiver_of(message), qop == 0);
    else
        assert_unwrapped(receiver_of(message), token, length, qop == 0);
}

START_TEST(encrypted_messages_are_gss_wrap_tokens)
{
    const struct protection *protection = &protections[_i];

    start_protection(protection);
    for (int i = 0; i < 2 * message_length_count; i++) {
        if (!protection->is_ntlm || message_lengths[i / 2] != 0)
            assert_arrives(protection, i, message_lengths[i / 2], 0);
    }
    stop_parties();
}
END_TEST

START_TEST(signed_messages_are_gss_wrap_tokens)
{
    const struct protection *protection = &protections[_i];

    start_protection(protection);
    for (int i = 0; i < 2 * message_length_count; i++) {
        ULONG length = message_lengths[i / 2];

        if (protection->is_ntlm) {
            prepare_sealed(&sealed, sender_of(i), length);
            ck_assert_int_eq(EncryptMessage(&sender_of(i)->context, SECQOP_WRAP_NO_ENCRYPT,
                                            &sealed.descriptor, 0),
                             SEC_E_QOP_NOT_SUPPORTED);
            continue;
        }
        assert_arrives(protection, i, length, SECQOP_WRAP_NO_ENCRYPT);
    }
    stop_parties();
}
END_TEST

static void assert_stream(struct party *party, gss_buffer_desc *token, ULONG length, bool is_sealed)
{
    SecBuffer data;
    ULONG qop = 7;

    ck_assert_msg(open_stream(party, token->value, token->length, &data, &qop) == SEC_E_OK,
                  "%u octets: %s", (unsigned)length, SspiGssStatusText());
    ck_assert_uint_eq(data.cbBuffer, length);
    ck_assert(is_message(data.pvBuffer, length));
    ck_assert(length == 0 || ((unsigned char *)data.pvBuffer >= (unsigned char *)token->value &&
                              (unsigned char *)data.pvBuffer + length <=
                                  (unsigned char *)token->value + token->length));
    ck_assert_uint_eq(qop, is_sealed ? 0 : SECQOP_WRAP_NO_ENCRYPT);
}

static void assert_no_stream(void)
{
    SecBuffer data;

    (void)seal_message(&sealed, &client, 100, 0);
    ck_assert_int_eq(open_stream(&server, sealed.octets, 160, &data, NULL),
                     SEC_E_UNSUPPORTED_FUNCTION);
}

START_TEST(gss_wrap_tokens_are_streams)
{
    const struct protection *protection = &protections[_i];

    start_protection(protection);
    fill_message(sealed.octets, LARGEST_MESSAGE);
    if (protection->is_dce) {
        assert_no_stream();
        stop_parties();
        return;
    }
    for (int i = 0; i < 4 * message_length_count; i++) {
        ULONG length = message_lengths[i / 4];
        bool is_sealed = i / 2 % 2 == 0 || protection->is_ntlm;
        gss_buffer_desc plain = {length, sealed.octets};
        gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
        OM_uint32 minor;

        if (protection->is_ntlm && length == 0)
            continue;
        ck_assert_uint_eq(gss_wrap(&minor, gss_of(sender_of(i)), is_sealed, GSS_C_QOP_DEFAULT,
                                   &plain, NULL, &token),
                          GSS_S_COMPLETE);
        assert_stream(receiver_of(i), &token, length, is_sealed);
        (void)gss_release_buffer(&minor, &token);
    }
    stop_parties();
}
END_TEST

START_TEST(encrypted_messages_are_decrypted_in_their_buffers)
{
    const struct protection *protection = &protections[_i];

    start_protection(protection);
    for (int i = 0; i < 4 * message_length_count; i++) {
        ULONG length = message_lengths[i / 4];
        ULONG qop = i / 2 % 2 == 0 || protection->is_ntlm ? 0 : SECQOP_WRAP_NO_ENCRYPT;
        ULONG seen = 7;

        if (protection->is_ntlm && length == 0)
            continue;
        (void)seal_message(&sealed, sender_of(i), length, qop);
        ck_assert_msg(DecryptMessage(&receiver_of(i)->context, &sealed.descriptor, 0, &seen) ==
                          SEC_E_OK,
                      "%u octets: %s", (unsigned)length, SspiGssStatusText());
        ck_assert_uint_eq(sealed.buffers[1].cbBuffer, length);
        ck_assert(is_message(sealed.buffers[1].pvBuffer, length));
        ck_assert_uint_eq(seen, qop);
    }
    stop_parties();
}
END_TEST

/* What gss_wrap_iov makes without a TRAILER is TOKEN and DATA. */
START_TEST(messages_of_gss_wrap_iov_are_decrypted)
{
    start_protection(&protections[1]);
    for (int i = 0; i < 2 * message_length_count; i++) {
        SecPkgContext_Sizes sizes = sizes_of_party(sender_of(i));
        gss_iov_buffer_desc iov[2] = {
            {GSS_IOV_BUFFER_TYPE_HEADER, {sizes.cbSecurityTrailer, sealed.octets}},
            {GSS_IOV_BUFFER_TYPE_DATA, {message_lengths[i / 2], sealed.octets + PROTECTION_ROOM}},
        };
        SecBuffer *buffers = sealed.buffers;
        OM_uint32 minor;

        fill_message(iov[1].buffer.value, iov[1].buffer.length);
        ck_assert_uint_eq(
            gss_wrap_iov(&minor, gss_of(sender_of(i)), 1, GSS_C_QOP_DEFAULT, NULL, iov, 2),
            GSS_S_COMPLETE);
        buffers[0] = (SecBuffer){(ULONG)iov[0].buffer.length, SECBUFFER_TOKEN, iov[0].buffer.value};
        buffers[1] = (SecBuffer){(ULONG)iov[1].buffer.length, SECBUFFER_DATA, iov[1].buffer.value};
        sealed.descriptor = (SecBufferDesc){SECBUFFER_VERSION, 2, buffers};
        ck_assert_int_eq(DecryptMessage(&receiver_of(i)->context, &sealed.descriptor, 0, NULL),
                         SEC_E_OK);
        ck_assert(is_message(buffers[1].pvBuffer, buffers[1].cbBuffer));
    }
    stop_parties();
}
END_TEST

/* RC4's tokens are longest around the longest messages. */
START_TEST(sizes_are_those_of_the_messages)
{
    static const struct {
        ULONG trailer;
        ULONG signature;
    } expected[] = {{60, 28}, {76, 28}, {49, 45}, {16, 16}, {60, 28}, {49, 45}, {16, 16}};
    SecPkgContext_Sizes sizes;

    start_protection(&protections[_i]);
    sizes = sizes_of_party(&client);
    ck_assert_uint_eq(sizes.cbSecurityTrailer, expected[_i].trailer);
    ck_assert_uint_eq(sizes.cbMaxSignature, expected[_i].signature);
    ck_assert_uint_eq(sizes.cbBlockSize, 1);
    (void)seal_message(&sealed, &client, 100, 0);
    ck_assert_uint_le(sizes.cbSecurityTrailer - sealed.buffers[0].cbBuffer, 4);
    ck_assert_uint_le(sealed.buffers[2].cbBuffer, sizes.cbBlockSize);
    stop_parties();
}
END_TEST

/* --- signatures --- */

static void sign(struct party *from, ULONG length, gss_buffer_desc *signature)
{
    SecBuffer buffers[2] = {
        {length, SECBUFFER_DATA, sealed.octets + PROTECTION_ROOM},
        {sizes_of_party(from).cbMaxSignature, SECBUFFER_TOKEN, sealed.octets},
    };
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};

    fill_message(buffers[0].pvBuffer, length);
    ck_assert_msg(MakeSignature(&from->context, 0, &message, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert(is_message(buffers[0].pvBuffer, length));
    *signature = (gss_buffer_desc){buffers[1].cbBuffer, sealed.octets};
}

START_TEST(signatures_are_those_of_gss_get_mic)
{
    start_protection(&protections[_i]);
    for (int i = 0; i < 2 * message_length_count; i++) {
        ULONG length = message_lengths[i / 2];
        gss_buffer_desc plain = {length, sealed.octets + PROTECTION_ROOM};
        gss_buffer_desc signature;
        OM_uint32 minor;

        if (protections[_i].is_ntlm && length == 0)
            continue;
        sign(sender_of(i), length, &signature);
        ck_assert_uint_eq(gss_verify_mic(&minor, gss_of(receiver_of(i)), &plain, &signature, NULL),
                          GSS_S_COMPLETE);
    }
    stop_parties();
}
END_TEST

START_TEST(signatures_of_gss_get_mic_are_verified)
{
    start_protection(&protections[_i]);
    fill_message(sealed.octets, LARGEST_MESSAGE);
    for (int i = 0; i < 2 * message_length_count; i++) {
        ULONG length = message_lengths[i / 2];
        gss_buffer_desc plain = {length, sealed.octets};
        gss_buffer_desc signature = GSS_C_EMPTY_BUFFER;
        SecBuffer buffers[2] = {{length, SECBUFFER_DATA, sealed.octets}};
        SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
        OM_uint32 minor;
        ULONG qop = 7;

        if (protections[_i].is_ntlm && length == 0)
            continue;
        ck_assert_uint_eq(
            gss_get_mic(&minor, gss_of(sender_of(i)), GSS_C_QOP_DEFAULT, &plain, &signature),
            GSS_S_COMPLETE);
        buffers[1] = (SecBuffer){(ULONG)signature.length, SECBUFFER_TOKEN, signature.value};
        ck_assert_msg(VerifySignature(&receiver_of(i)->context, &message, 0, &qop) == SEC_E_OK,
                      "%s", SspiGssStatusText());
        ck_assert_uint_eq(qop, 0);
        (void)gss_release_buffer(&minor, &signature);
    }
    stop_parties();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: messages between SSPI and GSS-API");
    TCase *t = tcase_create("interop");

    tcase_set_timeout(t, 300);
    tcase_add_unchecked_fixture(t, prepare_realm, NULL);
    tcase_add_loop_test(t, encrypted_messages_are_gss_wrap_tokens, 0, protection_count);
    tcase_add_loop_test(t, signed_messages_are_gss_wrap_tokens, 0, protection_count);
    tcase_add_loop_test(t, gss_wrap_tokens_are_streams, 0, protection_count);
    tcase_add_loop_test(t, encrypted_messages_are_decrypted_in_their_buffers, 0, protection_count);
    tcase_add_test(t, messages_of_gss_wrap_iov_are_decrypted);
    tcase_add_loop_test(t, sizes_are_those_of_the_messages, 0, protection_count);
    tcase_add_loop_test(t, signatures_are_those_of_gss_get_mic, 0, protection_count);
    tcase_add_loop_test(t, signatures_of_gss_get_mic_are_verified, 0, protection_count);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
