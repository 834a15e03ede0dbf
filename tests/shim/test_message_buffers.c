/* The buffers of messages of Kerberos, NTLM and Negotiate: which there must be, and how long. */
#include <string.h>

#include "tests/shim/protection.h"
#include "tests/runner.h"

#define LENGTH 100

static struct sealed sealed;

static SECURITY_STATUS encrypt(void)
{
    return EncryptMessage(&client.context, 0, &sealed.descriptor, 0);
}

static SECURITY_STATUS decrypt(void)
{
    return DecryptMessage(&server.context, &sealed.descriptor, 0, NULL);
}

static void assert_next_message_arrives(void)
{
    (void)seal_message(&sealed, &client, LENGTH, 0);
    ck_assert_msg(decrypt() == SEC_E_OK, "%s", SspiGssStatusText());
    ck_assert(is_message(sealed.buffers[1].pvBuffer, LENGTH));
}

/* --- buffers --- */

/* Ways to spoil a message's buffers. */
#define SPOILED 7

static void spoil(int way)
{
    SecBuffer *buffers = sealed.buffers;

    prepare_sealed(&sealed, &client, LENGTH);
    switch (way) {
    case 0:
    case 1:
        buffers[way].BufferType = SECBUFFER_EMPTY;
        return;
    case 2:
        buffers[2].BufferType = SECBUFFER_TOKEN;
        return;
    case 3:
        buffers[2].BufferType = SECBUFFER_STREAM;
        return;
    case 4:
        buffers[0].pvBuffer = NULL;
        return;
    case 5:
        buffers[1].BufferType |= SECBUFFER_READONLY_WITH_CHECKSUM;
        return;
    default:
        sealed.descriptor.ulVersion = 7;
        return;
    }
}

START_TEST(messages_need_one_token_and_data)
{
    start_protection(&protections[_i]);
    for (int way = 0; way < SPOILED; way++) {
        spoil(way);
        ck_assert_int_eq(encrypt(), SEC_E_INVALID_TOKEN);
        ck_assert_int_eq(decrypt(), SEC_E_INVALID_TOKEN);
    }
    assert_next_message_arrives();
    stop_parties();
}
END_TEST

START_TEST(decrypting_looks_at_lengths_and_counts)
{
    start_protection(&protections[_i]);
    prepare_sealed(&sealed, &client, LENGTH);
    sealed.buffers[0].cbBuffer = 15;
    ck_assert_int_eq(decrypt(), SEC_E_INVALID_TOKEN);
    sealed.buffers[0].BufferType = SECBUFFER_STREAM;
    ck_assert_int_eq(decrypt(), SEC_E_INVALID_TOKEN);
    sealed.buffers[0].cbBuffer = 60;
    sealed.buffers[2].BufferType = SECBUFFER_DATA; /* two places for its data */
    ck_assert_int_eq(decrypt(), SEC_E_INVALID_TOKEN);
    assert_next_message_arrives();
    stop_parties();
}
END_TEST

START_TEST(signing_needs_one_token)
{
    unsigned char octets[PROTECTION_ROOM] = {0};
    SecBuffer buffers[2] = {
        {LENGTH, SECBUFFER_DATA, octets},
        {0, SECBUFFER_TOKEN, NULL},
    };
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};

    start_protection(&protections[_i]);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(MakeSignature(&client.context, 0, &message, 0), SEC_E_INVALID_TOKEN);
        ck_assert_int_eq(VerifySignature(&server.context, &message, 0, NULL), SEC_E_INVALID_TOKEN);
        buffers[0].BufferType = SECBUFFER_TOKEN;
        buffers[1] = (SecBuffer){i == 0 ? PROTECTION_ROOM : 15, SECBUFFER_TOKEN, octets};
    }
    stop_parties();
}
END_TEST

/* Types that the call has no use for, and the caller's attributes of reserved bits. */
START_TEST(other_types_are_passed_over)
{
    SecBuffer buffers[9];
    SecBufferDesc message = {SECBUFFER_VERSION, 9, buffers};
    char untouched[] = "untouched";

    start_protection(&protections[_i]);
    prepare_sealed(&sealed, &client, LENGTH);
    for (ULONG i = 0; i < 6; i++)
        buffers[i] = (SecBuffer){9, 100 + i, untouched};
    buffers[0].BufferType = SECBUFFER_EMPTY;
    buffers[1].BufferType = SECBUFFER_PKG_PARAMS;
    memcpy(buffers + 6, sealed.buffers, sizeof sealed.buffers);
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &message, 0), SEC_E_OK);
    ck_assert_int_eq(DecryptMessage(&server.context, &message, 0, NULL), SEC_E_OK);
    ck_assert_str_eq(untouched, "untouched");
    ck_assert(is_message(buffers[7].pvBuffer, LENGTH));
    stop_parties();
}
END_TEST

/* --- several DATA buffers --- */

#define PARTS 8

struct parts {
    unsigned char octets[PARTS][PROTECTION_ROOM];
    SecBuffer buffers[PARTS];
    SecBufferDesc descriptor;
};

static struct parts parts;

/* Data, nothing, data that takes no part, TOKEN, associated data, data, PADDING. */
static void prepare_parts(bool with_associated)
{
    SecPkgContext_Sizes sizes = sizes_of_party(&client);

    for (int i = 0; i < PARTS; i++) {
        fill_message(parts.octets[i], PROTECTION_ROOM);
        parts.buffers[i] = (SecBuffer){30, SECBUFFER_DATA, parts.octets[i]};
    }
    parts.buffers[1] = (SecBuffer){0, SECBUFFER_DATA, NULL};
    parts.buffers[2].BufferType |= SECBUFFER_READONLY;
    parts.buffers[3] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, parts.octets[3]};
    if (with_associated)
        parts.buffers[4].BufferType |= SECBUFFER_READONLY_WITH_CHECKSUM;
    parts.buffers[6].cbBuffer = 0;
    parts.buffers[7] = (SecBuffer){sizes.cbBlockSize, SECBUFFER_PADDING, parts.octets[7]};
    parts.descriptor = (SecBufferDesc){SECBUFFER_VERSION, PARTS, parts.buffers};
}

START_TEST(several_data_buffers_are_one_message)
{
    start_protection(&protections[_i]);
    prepare_parts(false);
    ck_assert_msg(EncryptMessage(&client.context, 0, &parts.descriptor, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert(!is_message(parts.octets[0], 30));
    ck_assert(is_message(parts.octets[2], 30));
    ck_assert(!is_message(parts.octets[4], 30));
    ck_assert(!is_message(parts.octets[5], 30));
    parts.octets[2][0] ^= 1; /* it does not count */
    ck_assert_msg(DecryptMessage(&server.context, &parts.descriptor, 0, NULL) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    for (int i = 0; i < 6; i++)
        ck_assert(i == 2 || i == 3 || is_message(parts.octets[i], 30));
    assert_next_message_arrives();
    stop_parties();
}
END_TEST

START_TEST(associated_data_are_signed_or_refused)
{
    start_protection(&protections[_i]);
    prepare_parts(true);
    if (protections[_i].is_ntlm) {
        ck_assert_int_eq(EncryptMessage(&client.context, 0, &parts.descriptor, 0),
                         SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_int_eq(DecryptMessage(&server.context, &parts.descriptor, 0, NULL),
                         SEC_E_UNSUPPORTED_FUNCTION);
        assert_next_message_arrives();
        stop_parties();
        return;
    }
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &parts.descriptor, 0), SEC_E_OK);
    ck_assert(is_message(parts.octets[4], 30));
    ck_assert_int_eq(DecryptMessage(&server.context, &parts.descriptor, 0, NULL), SEC_E_OK);
    ck_assert(is_message(parts.octets[5], 30));
    prepare_parts(true);
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &parts.descriptor, 0), SEC_E_OK);
    parts.octets[4][29] ^= 1;
    ck_assert_int_eq(DecryptMessage(&server.context, &parts.descriptor, 0, NULL),
                     SEC_E_MESSAGE_ALTERED);
    stop_parties();
}
END_TEST

/* Which buffers a signature covers. */
START_TEST(signatures_cover_what_is_not_read_only_without_checksum)
{
    static const struct {
        int buffer;
        SECURITY_STATUS status;
    } changes[] = {{0, SEC_E_MESSAGE_ALTERED},
                   {2, SEC_E_OK},
                   {4, SEC_E_MESSAGE_ALTERED},
                   {5, SEC_E_MESSAGE_ALTERED}};

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        start_protection(&protections[_i]);
        prepare_parts(true);
        parts.buffers[3].cbBuffer = sizes_of_party(&client).cbMaxSignature;
        ck_assert_msg(MakeSignature(&client.context, 0, &parts.descriptor, 0) == SEC_E_OK, "%s",
                      SspiGssStatusText());
        parts.octets[changes[i].buffer][7] ^= 1;
        ck_assert_int_eq(VerifySignature(&server.context, &parts.descriptor, 0, NULL),
                         changes[i].status);
        stop_parties();
    }
}
END_TEST

/* --- room --- */

START_TEST(too_little_room_uses_up_no_sequence_number)
{
    SecPkgContext_Sizes sizes;

    start_protection(&protections[_i]);
    (void)seal_message(&sealed, &client, LENGTH, 0);
    ck_assert_int_eq(decrypt(), SEC_E_OK);
    sizes = sizes_of_party(&client);
    for (ULONG room = 0; room + 4 < sizes.cbSecurityTrailer; room++) {
        prepare_sealed(&sealed, &client, LENGTH);
        sealed.buffers[0].cbBuffer = room;
        ck_assert_int_eq(encrypt(), SEC_E_BUFFER_TOO_SMALL);
        ck_assert_uint_eq(sealed.buffers[0].cbBuffer, sizes.cbSecurityTrailer);
        ck_assert(is_message(sealed.buffers[1].pvBuffer, LENGTH));
    }
    ck_assert_int_eq(encrypt(), SEC_E_OK);
    ck_assert_int_eq(decrypt(), SEC_E_OK);
    stop_parties();
}
END_TEST

START_TEST(too_little_room_for_a_signature_uses_up_no_sequence_number)
{
    unsigned char token[PROTECTION_ROOM] = {0};
    unsigned char data[LENGTH];
    SecBuffer buffers[2] = {{LENGTH, SECBUFFER_DATA, data}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    ULONG needed;

    start_protection(&protections[_i]);
    fill_message(data, LENGTH);
    needed = sizes_of_party(&client).cbMaxSignature;
    for (ULONG room = 0; room + 8 < needed; room++) {
        buffers[1] = (SecBuffer){room, SECBUFFER_TOKEN, token};
        ck_assert_int_eq(MakeSignature(&client.context, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL);
        ck_assert_uint_eq(buffers[1].cbBuffer, needed);
    }
    ck_assert_int_eq(MakeSignature(&client.context, 0, &message, 0), SEC_E_OK);
    ck_assert_int_eq(VerifySignature(&server.context, &message, 0, NULL), SEC_E_OK);
    stop_parties();
}
END_TEST

/* RC4 pads, and its padding needs a place. */
START_TEST(padding_needs_a_buffer)
{
    start_protection(&protections[_i]);
    prepare_sealed(&sealed, &client, LENGTH);
    sealed.descriptor.cBuffers = 2;
    ck_assert_int_eq(encrypt(), SEC_E_INVALID_TOKEN);
    ck_assert_ptr_nonnull(strstr(SspiGssStatusText(), "SECBUFFER_PADDING"));
    prepare_sealed(&sealed, &client, LENGTH);
    sealed.buffers[2].cbBuffer = 0;
    ck_assert_int_eq(encrypt(), SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(sealed.buffers[2].cbBuffer, 1);
    ck_assert_int_eq(encrypt(), SEC_E_OK);
    ck_assert_int_eq(decrypt(), SEC_E_OK);
    stop_parties();
}
END_TEST

/* However the receiver cuts DATA and PADDING: what stands in PADDING ends no process. */
START_TEST(padding_may_be_cut_anywhere)
{
    start_protection(&protections[_i]);
    for (ULONG cut = 0; cut <= 20; cut++) {
        (void)seal_message(&sealed, &client, LENGTH, 0);
        ck_assert_uint_eq(sealed.buffers[2].cbBuffer, 1);
        sealed.buffers[1].cbBuffer -= cut;
        sealed.buffers[2].cbBuffer += cut;
        sealed.buffers[2].pvBuffer = (unsigned char *)sealed.buffers[2].pvBuffer - cut;
        ck_assert_int_eq(decrypt(), cut == 0 ? SEC_E_OK : SEC_E_INVALID_TOKEN);
    }
    stop_parties();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: buffers of messages");
    TCase *t = tcase_create("buffers");

    tcase_set_timeout(t, 300);
    tcase_add_unchecked_fixture(t, prepare_realm, NULL);
    tcase_add_loop_test(t, messages_need_one_token_and_data, 0, protection_count);
    tcase_add_loop_test(t, decrypting_looks_at_lengths_and_counts, 0, protection_count);
    tcase_add_loop_test(t, signing_needs_one_token, 0, protection_count);
    tcase_add_loop_test(t, other_types_are_passed_over, 0, protection_count);
    tcase_add_loop_test(t, several_data_buffers_are_one_message, 0, protection_count);
    tcase_add_loop_test(t, associated_data_are_signed_or_refused, 0, protection_count);
    tcase_add_loop_test(t, signatures_cover_what_is_not_read_only_without_checksum, 0,
                        protection_count);
    tcase_add_loop_test(t, too_little_room_uses_up_no_sequence_number, 0, protection_count);
    tcase_add_loop_test(t, too_little_room_for_a_signature_uses_up_no_sequence_number, 0,
                        protection_count);
    tcase_add_loop_test(t, padding_needs_a_buffer, 2, 3);
    tcase_add_loop_test(t, padding_needs_a_buffer, 5, 6);
    tcase_add_loop_test(t, padding_may_be_cut_anywhere, 2, 3);
    tcase_add_loop_test(t, padding_may_be_cut_anywhere, 5, 6);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
