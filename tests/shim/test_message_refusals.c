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

/* --- buffers --- */

START_TEST(encrypting_needs_one_token_and_data)
{
    start_protection(&protections[_i]);
    for (int i = 0; i < 7; i++) {
        prepare_sealed(&sealed, &client, LENGTH);
        switch (i) {
        case 0:
            sealed.buffers[0].BufferType = SECBUFFER_EMPTY;
            break;
        case 1:
            sealed.buffers[1].BufferType = SECBUFFER_EMPTY;
            break;
        case 2:
            sealed.buffers[2].BufferType = SECBUFFER_TOKEN;
            break;
        case 3:
            sealed.buffers[2].BufferType = SECBUFFER_STREAM;
            break;
        case 4:
            sealed.buffers[0].pvBuffer = NULL;
            break;
        case 5:
            sealed.buffers[1].BufferType |= SECBUFFER_READONLY_WITH_CHECKSUM;
            break;
        default:
            sealed.descriptor.ulVersion = 7;
            break;
        }
        ck_assert_int_eq(encrypt(0), SEC_E_INVALID_TOKEN);
    }
    assert_next_message_arrives();
    stop_protection();
}
END_TEST

START_TEST(decrypting_needs_one_token_or_stream_and_data)
{
    start_protection(&protections[_i]);
    for (int i = 0; i < 7; i++) {
        prepare_sealed(&sealed, &client, LENGTH);
        switch (i) {
        case 0:
            sealed.buffers[0].BufferType = SECBUFFER_EMPTY;
            break;
        case 1:
            sealed.buffers[1].BufferType = SECBUFFER_EMPTY;
            break;
        case 2:
            sealed.buffers[2].BufferType = SECBUFFER_TOKEN;
            break;
        case 3:
            sealed.buffers[2].BufferType = SECBUFFER_STREAM;
            break;
        case 4:
            sealed.buffers[0].cbBuffer = 15;
            break;
        case 5: /* a stream, and two places for its data */
            sealed.buffers[0].BufferType = SECBUFFER_STREAM;
            sealed.buffers[2].BufferType = SECBUFFER_DATA;
            break;
        default:
            sealed.buffers[0].pvBuffer = NULL;
            break;
        }
        ck_assert_int_eq(decrypt(&sealed), SEC_E_INVALID_TOKEN);
    }
    assert_next_message_arrives();
    stop_protection();
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
    stop_protection();
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
    stop_protection();
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
    stop_protection();
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
        stop_protection();
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
    stop_protection();
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
        stop_protection();
    }
}
END_TEST

/* --- room --- */

START_TEST(too_little_room_uses_up_no_sequence_number)
{
    SecPkgContext_Sizes sizes;

    start_protection(&protections[_i]);
    (void)seal_message(&sealed, &client, LENGTH, 0);
    ck_assert_int_eq(decrypt(&sealed), SEC_E_OK);
    sizes = sizes_of_party(&client);
    for (ULONG room = 0; room + 4 < sizes.cbSecurityTrailer; room++) {
        prepare_sealed(&sealed, &client, LENGTH);
        sealed.buffers[0].cbBuffer = room;
        ck_assert_int_eq(encrypt(0), SEC_E_BUFFER_TOO_SMALL);
        ck_assert_uint_eq(sealed.buffers[0].cbBuffer, sizes.cbSecurityTrailer);
        ck_assert(is_message(sealed.buffers[1].pvBuffer, LENGTH));
    }
    ck_assert_int_eq(encrypt(0), SEC_E_OK);
    ck_assert_int_eq(decrypt(&sealed), SEC_E_OK);
    stop_protection();
}
END_TEST

START_TEST(too_little_room_for_a_signature_uses_up_no_sequence_number)
{
    unsigned char token[PROTECTION_ROOM];
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
    stop_protection();
}
END_TEST

/* RC4 pads, and its padding needs a place. */
START_TEST(padding_needs_a_buffer)
{
    start_protection(&protections[_i]);
    prepare_sealed(&sealed, &client, LENGTH);
    sealed.descriptor.cBuffers = 2;
    ck_assert_int_eq(encrypt(0), SEC_E_INVALID_TOKEN);
    ck_assert_ptr_nonnull(strstr(SspiGssStatusText(), "SECBUFFER_PADDING"));
    prepare_sealed(&sealed, &client, LENGTH);
    sealed.buffers[2].cbBuffer = 0;
    ck_assert_int_eq(encrypt(0), SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(sealed.buffers[2].cbBuffer, 1);
    ck_assert_int_eq(encrypt(0), SEC_E_OK);
    ck_assert_int_eq(decrypt(&sealed), SEC_E_OK);
    stop_protection();
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
        ck_assert_int_eq(decrypt(&sealed), cut == 0 ? SEC_E_OK : SEC_E_INVALID_TOKEN);
    }
    stop_protection();
}
END_TEST

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
    stop_protection();
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
    stop_protection();
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
    stop_protection();
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
    stop_protection();
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
    stop_protection();
}
END_TEST

START_TEST(messages_with_a_gap_are_out_of_sequence)
{
    start_protection(&protections[_i]);
    (void)seal_message(&sealed, &client, LENGTH, 0);
    (void)seal_message(&sealed, &client, LENGTH, 0);
    ck_assert_int_eq(decrypt(&sealed), out_of_order(_i));
    stop_protection();
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
    stop_protection();
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
    stop_protection();
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
    stop_protection();
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
    stop_protection();
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

static void add_loops(TCase *t)
{
    tcase_add_loop_test(t, encrypting_needs_one_token_and_data, 0, protection_count);
    tcase_add_loop_test(t, decrypting_needs_one_token_or_stream_and_data, 0, protection_count);
    tcase_add_loop_test(t, signing_needs_one_token, 0, protection_count);
    tcase_add_loop_test(t, other_types_are_passed_over, 0, protection_count);
    tcase_add_loop_test(t, several_data_buffers_are_one_message, 0, protection_count);
    tcase_add_loop_test(t, associated_data_are_signed_or_refused, 0, protection_count);
    tcase_add_loop_test(t, signatures_cover_what_is_not_read_only_without_checksum, 0,
                        protection_count);
    tcase_add_loop_test(t, too_little_room_uses_up_no_sequence_number, 0, protection_count);
    tcase_add_loop_test(t, too_little_room_for_a_signature_uses_up_no_sequence_number, 0,
                        protection_count);
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
}

int main(void)
{
    Suite *suite = suite_create("shim: messages that are refused");
    TCase *t = tcase_create("refusals");

    tcase_set_timeout(t, 300);
    tcase_add_unchecked_fixture(t, prepare_realm, NULL);
    add_loops(t);
    tcase_add_loop_test(t, padding_needs_a_buffer, 2, 3);
    tcase_add_loop_test(t, padding_needs_a_buffer, 5, 6);
    tcase_add_loop_test(t, padding_may_be_cut_anywhere, 2, 3);
    tcase_add_loop_test(t, padding_may_be_cut_anywhere, 5, 6);
    tcase_add_test(t, messages_need_a_logon);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
