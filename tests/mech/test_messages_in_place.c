/*
 * CredSSP's messages in the caller's own buffers: gss_wrap_iov and its sisters. Buffers are as long as
 * gss_wrap_iov_length says and not an octet longer, so that AddressSanitizer sees what is written or
 * read outside.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/mech/message_parts.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static gss_buffer_desc join(const struct parts *parts)
{
    gss_buffer_desc joined = {0, NULL};

    for (int i = 0; i < parts->count; i++)
        joined.length += parts->iov[i].buffer.length;
    ck_assert_uint_gt(joined.length, 0);
    joined.value = malloc(joined.length);
    ck_assert(joined.value != NULL);
    joined.length = 0;
    for (int i = 0; i < parts->count; i++) {
        memcpy((unsigned char *)joined.value + joined.length, parts->iov[i].buffer.value,
               parts->iov[i].buffer.length);
        joined.length += parts->iov[i].buffer.length;
    }
    return joined;
}

static const size_t lengths[] = {0,
                                 1,
                                 15,
                                 16,
                                 1000,
                                 RECORD_OCTETS - 1,
                                 RECORD_OCTETS,
                                 RECORD_OCTETS + 1,
                                 2 * RECORD_OCTETS,
                                 3 * RECORD_OCTETS + 5,
                                 1024 * 1024};

static bool has_empty_messages(int index)
{
    return index < TLS_OPTIONS && !is_tls_1_2(index);
}

START_TEST(messages_of_every_length_arrive_in_place)
{
    credssp_with(options_of(_i));
    for (int i = 0; i < COUNT(lengths); i++) {
        if (lengths[i] == 0 && !has_empty_messages(_i))
            continue;
        send_in_place(x.client, x.server, lengths[i]);
        send_in_place(x.server, x.client, lengths[i]);
    }
}
END_TEST

START_TEST(message_of_64_mebioctets)
{
    gss_iov_buffer_desc stream[2] = {{GSS_IOV_BUFFER_TYPE_STREAM, GSS_C_EMPTY_BUFFER},
                                     {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER}};
    OM_uint32 minor;

    credssp_with(options_of(_i));
    send_in_place(x.client, x.server, LARGEST_PATTERN);
    stream[0].buffer = seal(x.server, pattern, LARGEST_PATTERN);
    ck_assert_uint_eq(gss_unwrap_iov(&minor, x.client, NULL, NULL, stream, 2), GSS_S_COMPLETE);
    ck_assert_uint_eq(stream[1].buffer.length, LARGEST_PATTERN);
    ck_assert(memcmp(stream[1].buffer.value, pattern, LARGEST_PATTERN) == 0);
    (void)gss_release_buffer(&minor, &stream[0].buffer);
    stream[0].buffer = seal(x.server, pattern, LARGEST_PATTERN);
    assert_opens(x.client, &stream[0].buffer, pattern, LARGEST_PATTERN);
    (void)gss_release_buffer(&minor, &stream[0].buffer);
}
END_TEST

/* What is sealed in place is what gss_wrap makes, and the other way round. */
START_TEST(in_place_and_not_are_the_same_message)
{
    credssp_with(options_of(_i));
    for (int i = 0; i < COUNT(lengths); i++) {
        gss_buffer_desc joined;
        struct parts parts;

        if (lengths[i] == 0 && !has_empty_messages(_i))
            continue;
        make(&parts, x.client, lengths[i]);
        ck_assert_uint_eq(seal_parts(x.client, &parts), GSS_S_COMPLETE);
        joined = join(&parts);
        assert_opens(x.server, &joined, pattern, lengths[i]);
        free(joined.value);
        release(&parts);
    }
}
END_TEST

/* --- several DATA buffers --- */

static const size_t splits[][6] = {
    {1, 1, 1, 1, 1, 1},
    {0, 5, 0, 0, 7, 0},
    {RECORD_OCTETS, RECORD_OCTETS, 1, 0, RECORD_OCTETS, 2},
    {RECORD_OCTETS - 1, 2, RECORD_OCTETS, 3, 3 * RECORD_OCTETS, 100},
    {100, 2 * RECORD_OCTETS, 1, 1, 1, RECORD_OCTETS},
};

#define SPLIT_PARTS 6

/* The pattern's first octets, in DATA buffers of these lengths among the others. */
static void make_split(struct parts *parts, const size_t *split, size_t header, size_t trailer)
{
    size_t at = 0;

    parts->count = 0;
    add(parts, GSS_IOV_BUFFER_TYPE_DATA, pattern, split[0]);
    add(parts, GSS_IOV_BUFFER_TYPE_TRAILER, NULL, trailer);
    at += split[0];
    for (int i = 1; i < SPLIT_PARTS; i++) {
        add(parts, GSS_IOV_BUFFER_TYPE_DATA, pattern + at, split[i]);
        at += split[i];
        if (i == 2)
            add(parts, GSS_IOV_BUFFER_TYPE_HEADER, NULL, header);
        if (i == 3)
            add(parts, GSS_IOV_BUFFER_TYPE_SIGN_ONLY, NULL, 0);
    }
}

START_TEST(data_in_several_buffers)
{
    credssp_with(options_of(_i));
    for (int i = 0; i < COUNT(splits); i++) {
        struct parts measured;
        struct parts whole;
        struct parts parts;
        size_t total = 0;
        OM_uint32 minor;

        make_split(&measured, splits[i], 0, 0);
        total = length_of(&measured, GSS_IOV_BUFFER_TYPE_DATA);
        make(&whole, x.client, total);
        ck_assert_uint_eq(gss_wrap_iov_length(&minor, x.client, 1, GSS_C_QOP_DEFAULT, NULL,
                                              measured.iov, measured.count),
                          GSS_S_COMPLETE);
        make_split(&parts, splits[i], length_of(&measured, GSS_IOV_BUFFER_TYPE_HEADER),
                   length_of(&measured, GSS_IOV_BUFFER_TYPE_TRAILER));
        ck_assert_uint_eq(length_of(&parts, GSS_IOV_BUFFER_TYPE_HEADER),
                          whole.iov[0].buffer.length);
        ck_assert_uint_eq(seal_parts(x.client, &parts), GSS_S_COMPLETE);
        ck_assert_uint_eq(open_parts(x.server, &parts), GSS_S_COMPLETE);
        assert_pattern(&parts, total);
        release(&measured);
        release(&whole);
        release(&parts);
    }
}
END_TEST

/* --- memory that the plugin allocates --- */

START_TEST(header_and_trailer_are_allocated)
{
    gss_iov_buffer_desc iov[] = {
        {GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA, {100, malloc(100)}},
        {GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
    };
    OM_uint32 minor;

    credssp_with(options_of(_i));
    memcpy(iov[1].buffer.value, pattern, 100);
    ck_assert_uint_eq(gss_wrap_iov(&minor, x.client, 1, GSS_C_QOP_DEFAULT, NULL, iov, COUNT(iov)),
                      GSS_S_COMPLETE);
    for (int i = 0; i < COUNT(iov); i++)
        ck_assert_int_eq((iov[i].type & GSS_IOV_BUFFER_FLAG_ALLOCATED) != 0, i == 0 || i == 3);
    ck_assert_uint_gt(iov[0].buffer.length, 0);
    ck_assert_uint_gt(iov[3].buffer.length, 0);
    ck_assert_uint_eq(gss_unwrap_iov(&minor, x.server, NULL, NULL, iov, COUNT(iov)),
                      GSS_S_COMPLETE);
    ck_assert_mem_eq(iov[1].buffer.value, pattern, 100);
    free(iov[1].buffer.value);
    iov[1].buffer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    ck_assert_uint_eq(gss_release_iov_buffer(&minor, iov, COUNT(iov)), GSS_S_COMPLETE);
}
END_TEST

/* --- streams --- */

START_TEST(streams_are_opened)
{
    credssp_with(options_of(_i));
    for (int i = 0; i < 2 * COUNT(lengths); i++) {
        size_t length = lengths[i / 2];
        gss_buffer_desc sealed;
        OM_uint32 minor;

        if (length == 0 && !has_empty_messages(_i))
            continue;
        sealed = seal(x.client, pattern, length);
        assert_stream(&sealed, length, i % 2 != 0);
        (void)gss_release_buffer(&minor, &sealed);
    }
}
END_TEST

/* Small records one behind the other, as a peer may split a message. */
static gss_buffer_desc seal_split(size_t length, size_t piece)
{
    gss_buffer_desc joined = {0, malloc(length * 64 + 64)};

    ck_assert(joined.value != NULL);
    for (size_t at = 0; at < length; at += piece) {
        size_t part = length - at < piece ? length - at : piece;
        gss_buffer_desc sealed = seal(x.client, pattern + at, part);
        OM_uint32 minor;

        memcpy((unsigned char *)joined.value + joined.length, sealed.value, sealed.length);
        joined.length += sealed.length;
        (void)gss_release_buffer(&minor, &sealed);
    }
    return joined;
}

START_TEST(streams_of_small_records_are_opened)
{
    static const size_t pieces[] = {1, 7, 100, 999};

    credssp_with(options_of(_i));
    for (int i = 0; i < COUNT(pieces); i++) {
        gss_buffer_desc sealed = seal_split(3000, pieces[i]);

        assert_stream(&sealed, 3000, i % 2 != 0);
        free(sealed.value);
    }
}
END_TEST

/*
 * The same in HEADER, DATA and TRAILER, wherever the boundaries are: data that come to stand where
 * records still wait are not written before these are read.
 */
START_TEST(small_records_in_parts_of_any_length)
{
    static const size_t headers[] = {0, 5, 22, 500, 5000};

    credssp_with(options_of(_i));
    for (int i = 0; i < 2 * COUNT(headers); i++) {
        size_t header = headers[i / 2];
        gss_buffer_desc sealed = seal_split(10000, i % 2 != 0 ? 1000 : 77);
        const unsigned char *octets = sealed.value;
        size_t data = sealed.length - header;
        size_t trailer = data - 10000 < 200 ? data - 10000 : 200;
        struct parts parts = {.count = 0};

        if (data < 10000) { /* fewer records than such a header is for */
            free(sealed.value);
            exchange_reset(&x);
            credssp_again();
            continue;
        }
        data -= trailer;
        add(&parts, GSS_IOV_BUFFER_TYPE_HEADER, octets, header);
        add(&parts, GSS_IOV_BUFFER_TYPE_DATA, octets + header, 1000);
        add(&parts, GSS_IOV_BUFFER_TYPE_DATA, octets + header + 1000, data - 1000);
        add(&parts, GSS_IOV_BUFFER_TYPE_TRAILER, octets + header + data, trailer);
        ck_assert_uint_eq(open_parts(x.server, &parts), GSS_S_COMPLETE);
        assert_pattern(&parts, 10000);
        free(sealed.value);
        release(&parts);
    }
}
END_TEST

/* --- gss_wrap_aead --- */

START_TEST(messages_without_associated_data)
{
    gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc message = {100, pattern};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    int conf = 0;

    credssp_with(options_of(_i));
    ck_assert_uint_eq(
        gss_wrap_aead(&minor, x.client, 1, GSS_C_QOP_DEFAULT, &nothing, &message, &conf, &sealed),
        GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    ck_assert_uint_eq(
        gss_unwrap_aead(&minor, x.server, &sealed, GSS_C_NO_BUFFER, &opened, &conf, NULL),
        GSS_S_COMPLETE);
    ck_assert_uint_eq(opened.length, 100);
    ck_assert_mem_eq(opened.value, pattern, 100);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &opened);
}
END_TEST

static void add_tests(TCase *cases)
{
    tcase_add_loop_test(cases, messages_of_every_length_arrive_in_place, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, message_of_64_mebioctets, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, in_place_and_not_are_the_same_message, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, data_in_several_buffers, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, header_and_trailer_are_allocated, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, streams_are_opened, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, streams_of_small_records_are_opened, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, small_records_in_parts_of_any_length, 0, ALL_OPTIONS);
    tcase_add_loop_test(cases, messages_without_associated_data, 0, ALL_OPTIONS);
}

int main(void)
{
    return run_in_place("messages in place", add_tests);
}
