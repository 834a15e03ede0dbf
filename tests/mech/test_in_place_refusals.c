/* CredSSP's messages in the caller's own buffers, where something is wrong with them. */
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/message_parts.h"

/* Type, version and length of a record. */
#define RECORD_HEADER 5

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

START_TEST(nothing_stays_allocated_when_sealing_fails)
{
    gss_iov_buffer_desc iov[] = {
        {GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA, {100, pattern}},
        {GSS_IOV_BUFFER_TYPE_TRAILER, GSS_C_EMPTY_BUFFER},
    };
    OM_uint32 minor;

    credssp_with(tls_options[0]);
    assert_failed(gss_wrap_iov(&minor, x.client, 1, GSS_C_QOP_DEFAULT, NULL, iov, COUNT(iov)),
                  GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT);
    ck_assert(iov[0].buffer.value == NULL && iov[0].buffer.length == 0);
    ck_assert_int_eq((iov[0].type & GSS_IOV_BUFFER_FLAG_ALLOCATED) != 0, 0);
    send_in_place(x.client, x.server, 100);
}
END_TEST

START_TEST(parts_that_do_not_fit_are_refused)
{
    static const struct {
        OM_uint32 types[5];
        OM_uint32 major;
    } refused[] = {
        {{GSS_IOV_BUFFER_TYPE_DATA, GSS_IOV_BUFFER_TYPE_TRAILER}, GSS_S_FAILURE},
        {{GSS_IOV_BUFFER_TYPE_DATA, GSS_IOV_BUFFER_TYPE_HEADER}, GSS_S_FAILURE},
        {{GSS_IOV_BUFFER_TYPE_DATA, GSS_IOV_BUFFER_TYPE_HEADER, GSS_IOV_BUFFER_TYPE_HEADER,
          GSS_IOV_BUFFER_TYPE_TRAILER},
         GSS_S_FAILURE},
        {{GSS_IOV_BUFFER_TYPE_DATA, GSS_IOV_BUFFER_TYPE_HEADER, GSS_IOV_BUFFER_TYPE_TRAILER,
          GSS_IOV_BUFFER_TYPE_STREAM},
         GSS_S_FAILURE},
        {{GSS_IOV_BUFFER_TYPE_DATA, GSS_IOV_BUFFER_TYPE_HEADER, GSS_IOV_BUFFER_TYPE_TRAILER,
          GSS_IOV_BUFFER_TYPE_SIGN_ONLY},
         GSS_S_UNAVAILABLE},
        {{GSS_IOV_BUFFER_TYPE_DATA, GSS_IOV_BUFFER_TYPE_HEADER, GSS_IOV_BUFFER_TYPE_TRAILER,
          GSS_IOV_BUFFER_TYPE_MECH_PARAMS},
         GSS_S_FAILURE},
    };

    credssp_with(tls_options[0]);
    for (int i = 0; i < COUNT(refused); i++) {
        struct parts parts = {.count = 0};
        OM_uint32 minor;

        for (int part = 0; refused[i].types[part] != GSS_IOV_BUFFER_TYPE_EMPTY; part++)
            add(&parts, refused[i].types[part], pattern, 100);
        assert_failed(seal_parts(x.client, &parts), refused[i].major, GSS_SSPI_E_BAD_ARGUMENT);
        assert_failed(gss_wrap_iov_length(&minor, x.client, 1, GSS_C_QOP_DEFAULT, NULL, parts.iov,
                                          parts.count),
                      refused[i].major, GSS_SSPI_E_BAD_ARGUMENT);
        assert_pattern(&parts, 100);
        release(&parts);
    }
    send_in_place(x.client, x.server, 100);
}
END_TEST

START_TEST(parts_that_are_too_short_are_refused)
{
    credssp_with(options_of(_i));
    for (int part = 0; part < 4; part += 3) {
        struct parts parts;

        make(&parts, x.client, 2 * RECORD_OCTETS);
        parts.iov[part].buffer.length--;
        assert_failed(seal_parts(x.client, &parts), GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT);
        assert_pattern(&parts, 2 * RECORD_OCTETS);
        release(&parts);
    }
    send_in_place(x.client, x.server, 2 * RECORD_OCTETS);
}
END_TEST

/* More room than is needed is not used. */
START_TEST(parts_are_cut_to_what_is_needed)
{
    struct parts measured;
    struct parts parts = {.count = 0};

    credssp_with(options_of(_i));
    make(&measured, x.client, 100);
    add(&parts, GSS_IOV_BUFFER_TYPE_HEADER, NULL, 1000);
    add(&parts, GSS_IOV_BUFFER_TYPE_DATA, pattern, 100);
    add(&parts, GSS_IOV_BUFFER_TYPE_TRAILER, NULL, 1000);
    ck_assert_uint_eq(seal_parts(x.client, &parts), GSS_S_COMPLETE);
    ck_assert_uint_eq(parts.iov[0].buffer.length, measured.iov[0].buffer.length);
    ck_assert_uint_eq(parts.iov[2].buffer.length, measured.iov[3].buffer.length);
    ck_assert_uint_eq(open_parts(x.server, &parts), GSS_S_COMPLETE);
    assert_pattern(&parts, 100);
    release(&measured);
    release(&parts);
}
END_TEST

START_TEST(only_the_default_quality_is_taken)
{
    struct parts parts;
    OM_uint32 minor;

    credssp_with(tls_options[0]);
    make(&parts, x.client, 100);
    ck_assert_uint_eq(gss_wrap_iov(&minor, x.client, 1, 7, NULL, parts.iov, parts.count),
                      GSS_S_BAD_QOP);
    ck_assert_uint_eq(gss_wrap_iov_length(&minor, x.client, 1, 7, NULL, parts.iov, parts.count),
                      GSS_S_BAD_QOP);
    release(&parts);
}
END_TEST

START_TEST(empty_message_with_tls_1_2_is_an_error_in_place)
{
    struct parts parts;

    credssp_with(tls_options[1]);
    make(&parts, x.client, 0);
    assert_failed(seal_parts(x.client, &parts), GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT);
    release(&parts);
    send_in_place(x.client, x.server, 100);
}
END_TEST

static bool is_zero(const gss_buffer_desc *data)
{
    const unsigned char *octets = data->value;

    for (size_t i = 0; i < data->length; i++) {
        if (octets[i] != 0)
            return false;
    }
    return true;
}

/* Nothing of the first record's data is left, though that was good. */
START_TEST(changed_second_record_takes_the_first_with_it_in_place)
{
    struct parts parts;

    credssp_with(options_of(_i));
    make(&parts, x.client, RECORD_OCTETS + 100);
    ck_assert_uint_eq(seal_parts(x.client, &parts), GSS_S_COMPLETE);
    ((unsigned char *)parts.iov[3].buffer.value)[0] ^= 1;
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(open_parts(x.server, &parts)), GSS_S_BAD_SIG);
    ck_assert(is_zero(&parts.iov[1].buffer));
    release(&parts);
}
END_TEST

START_TEST(changed_stream_gives_nothing)
{
    gss_iov_buffer_desc iov[2] = {
        {GSS_IOV_BUFFER_TYPE_STREAM, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA | (_i % 2 != 0 ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0),
         GSS_C_EMPTY_BUFFER},
    };
    OM_uint32 minor;

    credssp_with(options_of(_i / 2));
    iov[0].buffer = seal(x.client, pattern, RECORD_OCTETS + 100);
    ((unsigned char *)iov[0].buffer.value)[iov[0].buffer.length - 1] ^= 1;
    ck_assert_uint_eq(
        GSS_ROUTINE_ERROR(gss_unwrap_iov(&minor, x.server, NULL, NULL, iov, COUNT(iov))),
        GSS_S_BAD_SIG);
    ck_assert(iov[1].buffer.value == NULL && iov[1].buffer.length == 0);
    ck_assert(memmem(iov[0].buffer.value, iov[0].buffer.length, pattern, 64) == NULL);
    (void)gss_release_buffer(&minor, &iov[0].buffer);
}
END_TEST

START_TEST(cut_parts_are_refused_and_the_whole_message_still_taken)
{
    struct parts parts;

    credssp_with(options_of(_i));
    make(&parts, x.client, 100);
    ck_assert_uint_eq(seal_parts(x.client, &parts), GSS_S_COMPLETE);
    for (int part = 0; part < 4; part++) {
        size_t length = parts.iov[part].buffer.length;

        if (length == 0)
            continue;
        parts.iov[part].buffer.length--;
        assert_failed(open_parts(x.server, &parts), GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_TLS_RECORD);
        parts.iov[part].buffer.length = length;
    }
    ck_assert_uint_eq(open_parts(x.server, &parts), GSS_S_COMPLETE);
    assert_pattern(&parts, 100);
    release(&parts);
}
END_TEST

START_TEST(cut_stream_is_refused_and_the_whole_one_still_taken)
{
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(options_of(_i));
    sealed = seal(x.client, pattern, 100);
    for (size_t length = 0; length < sealed.length; length++) {
        gss_iov_buffer_desc iov[] = {{GSS_IOV_BUFFER_TYPE_STREAM, {length, sealed.value}},
                                     {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER}};

        assert_failed(gss_unwrap_iov(&minor, x.server, NULL, NULL, iov, 2), GSS_S_DEFECTIVE_TOKEN,
                      GSS_SSPI_E_TLS_RECORD);
        ck_assert(iov[1].buffer.value == NULL);
    }
    assert_stream(&sealed, 100, false);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

/* A whole record of application data with so many octets in it, none of which a peer has sealed. */
static gss_buffer_desc hollow_record(size_t length)
{
    unsigned char header[RECORD_HEADER] = {23, 3, 3, 0, (unsigned char)length};
    gss_buffer_desc record = {sizeof header + length, calloc(1, sizeof header + length)};

    ck_assert_uint_le(length, UINT8_MAX);
    ck_assert(record.value != NULL);
    memcpy(record.value, header, sizeof header);
    return record;
}

/* There is no room for data behind the header of such a stream: the session is not asked to read. */
START_TEST(stream_not_longer_than_the_header_is_refused)
{
    gss_buffer_desc sealed;
    struct parts measured;
    OM_uint32 minor;

    credssp_with(options_of(_i / 2));
    make(&measured, x.client, 100);
    ck_assert_uint_ge(measured.iov[0].buffer.length, RECORD_HEADER);
    for (size_t length = RECORD_HEADER; length <= measured.iov[0].buffer.length; length++) {
        gss_iov_buffer_desc iov[] = {
            {GSS_IOV_BUFFER_TYPE_STREAM, hollow_record(length - RECORD_HEADER)},
            {GSS_IOV_BUFFER_TYPE_DATA | (_i % 2 != 0 ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0),
             GSS_C_EMPTY_BUFFER}};

        assert_failed(gss_unwrap_iov(&minor, x.server, NULL, NULL, iov, 2), GSS_S_DEFECTIVE_TOKEN,
                      GSS_SSPI_E_TLS_RECORD);
        ck_assert(iov[1].buffer.value == NULL);
        free(iov[0].buffer.value);
    }
    release(&measured);
    sealed = seal(x.client, pattern, 100);
    assert_stream(&sealed, 100, false);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

START_TEST(stream_without_one_data_buffer_is_refused)
{
    gss_iov_buffer_desc iov[] = {{GSS_IOV_BUFFER_TYPE_STREAM, GSS_C_EMPTY_BUFFER},
                                 {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER},
                                 {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER}};
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(tls_options[0]);
    sealed = seal(x.client, pattern, 100);
    iov[0].buffer = sealed;
    for (int count = 1; count < 4; count += 2)
        assert_failed(gss_unwrap_iov(&minor, x.server, NULL, NULL, iov, count), GSS_S_FAILURE,
                      GSS_SSPI_E_BAD_ARGUMENT);
    assert_stream(&sealed, 100, false);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

/* The records hold more than DATA: the caller has put the boundaries elsewhere than the sealer. */
START_TEST(data_without_room_are_refused_and_wiped)
{
    struct parts parts = {.count = 0};
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(options_of(_i));
    sealed = seal(x.client, pattern, 100);
    add(&parts, GSS_IOV_BUFFER_TYPE_HEADER, sealed.value, 5);
    add(&parts, GSS_IOV_BUFFER_TYPE_DATA, (unsigned char *)sealed.value + 5, 99);
    add(&parts, GSS_IOV_BUFFER_TYPE_TRAILER, (unsigned char *)sealed.value + 104,
        sealed.length - 104);
    assert_failed(open_parts(x.server, &parts), GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_ARGUMENT);
    ck_assert(is_zero(&parts.iov[1].buffer));
    release(&parts);
    (void)gss_release_buffer(&minor, &sealed);
    send_in_place(x.client, x.server, 100);
}
END_TEST

START_TEST(end_is_told_in_place)
{
    gss_buffer_desc closing = GSS_C_EMPTY_BUFFER;
    struct parts parts = {.count = 0};
    OM_uint32 minor;

    credssp_with(options_of(_i));
    ck_assert_uint_eq(gss_delete_sec_context(&minor, &x.client, &closing), GSS_S_COMPLETE);
    add(&parts, GSS_IOV_BUFFER_TYPE_HEADER, closing.value, 5);
    add(&parts, GSS_IOV_BUFFER_TYPE_DATA, (unsigned char *)closing.value + 5, closing.length - 5);
    assert_failed(open_parts(x.server, &parts), GSS_S_CONTEXT_EXPIRED, GSS_SSPI_E_TLS_CLOSED);
    release(&parts);
    (void)gss_release_buffer(&minor, &closing);
}
END_TEST

START_TEST(associated_data_are_refused)
{
    gss_buffer_desc associated = {5, pattern};
    gss_buffer_desc message = {100, pattern};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc sealed;
    OM_uint32 minor;

    credssp_with(tls_options[0]);
    assert_failed(
        gss_wrap_aead(&minor, x.client, 1, GSS_C_QOP_DEFAULT, &associated, &message, NULL, &output),
        GSS_S_UNAVAILABLE, GSS_SSPI_E_BAD_ARGUMENT);
    ck_assert(output.value == NULL);
    sealed = seal(x.client, pattern, 100);
    assert_failed(gss_unwrap_aead(&minor, x.server, &sealed, &associated, &output, NULL, NULL),
                  GSS_S_UNAVAILABLE, GSS_SSPI_E_BAD_ARGUMENT);
    ck_assert(output.value == NULL);
    assert_opens(x.server, &sealed, pattern, 100);
    (void)gss_release_buffer(&minor, &sealed);
}
END_TEST

static void add_tests(TCase *cases)
{
    tcase_add_test(cases, nothing_stays_allocated_when_sealing_fails);
    tcase_add_test(cases, parts_that_do_not_fit_are_refused);
    tcase_add_loop_test(cases, parts_that_are_too_short_are_refused, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, parts_are_cut_to_what_is_needed, 0, ALL_OPTIONS);
    tcase_add_test(cases, only_the_default_quality_is_taken);
    tcase_add_test(cases, empty_message_with_tls_1_2_is_an_error_in_place);
    tcase_add_loop_test(cases, changed_second_record_takes_the_first_with_it_in_place, 0,
                        ALL_OPTIONS);
    tcase_add_loop_test(cases, changed_stream_gives_nothing, 0, 2 * ALL_OPTIONS);
    tcase_add_loop_test(cases, cut_parts_are_refused_and_the_whole_message_still_taken, 0,
                        ALL_OPTIONS);
    tcase_add_loop_test(cases, cut_stream_is_refused_and_the_whole_one_still_taken, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, stream_not_longer_than_the_header_is_refused, 0, 2 * ALL_OPTIONS);
    tcase_add_test(cases, stream_without_one_data_buffer_is_refused);
    tcase_add_loop_test(cases, data_without_room_are_refused_and_wiped, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, end_is_told_in_place, 0, ALL_OPTIONS);
    tcase_add_test(cases, associated_data_are_refused);
}

int main(void)
{
    return run_in_place("refusals in place", add_tests);
}
