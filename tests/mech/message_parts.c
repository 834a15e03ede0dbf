#include "tests/mech/message_parts.h"

#include <stdlib.h>
#include <string.h>

#include "tests/runner.h"

#define TIMEOUT_SECONDS 600

unsigned char *pattern;

void set_up(void)
{
    pattern = malloc(LARGEST_PATTERN);
    ck_assert(pattern != NULL);
    fill_pattern(pattern, LARGEST_PATTERN);
    x = (struct exchange){.target = "host@localhost"};
}

void tear_down(void)
{
    exchange_reset(&x);
    free(pattern);
}

const char *options_of(int index)
{
    return index < TLS_OPTIONS ? tls_options[index] : cbc_options;
}

void add(struct parts *parts, OM_uint32 type, const void *octets, size_t length)
{
    gss_iov_buffer_desc *part = &parts->iov[parts->count++];

    ck_assert_int_le(parts->count, PARTS_MAX);
    *part = (gss_iov_buffer_desc){type, {length, malloc(length != 0 ? length : 1)}};
    ck_assert(part->buffer.value != NULL);
    if (octets != NULL)
        memcpy(part->buffer.value, octets, length);
}

void release(struct parts *parts)
{
    for (int i = 0; i < parts->count; i++)
        free(parts->iov[i].buffer.value);
    parts->count = 0;
}

void make(struct parts *parts, gss_ctx_id_t context, size_t length)
{
    gss_iov_buffer_desc measured[] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA, {length, NULL}},
        {GSS_IOV_BUFFER_TYPE_PADDING, {7, NULL}},
        {GSS_IOV_BUFFER_TYPE_TRAILER, GSS_C_EMPTY_BUFFER},
    };
    OM_uint32 minor;
    int conf = 0;

    ck_assert_uint_eq(
        gss_wrap_iov_length(&minor, context, 1, GSS_C_QOP_DEFAULT, &conf, measured, 4),
        GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    ck_assert_uint_eq(measured[1].buffer.length, length);
    ck_assert_uint_eq(measured[2].buffer.length, 0);
    parts->count = 0;
    for (int i = 0; i < 4; i++)
        add(parts, measured[i].type, i == 1 ? pattern : NULL, measured[i].buffer.length);
}

OM_uint32 seal_parts(gss_ctx_id_t from, struct parts *parts)
{
    OM_uint32 minor;
    int conf = 0;
    OM_uint32 major =
        gss_wrap_iov(&minor, from, 1, GSS_C_QOP_DEFAULT, &conf, parts->iov, parts->count);

    ck_assert_int_eq(conf, GSS_ERROR(major) ? 0 : 1);
    return major;
}

OM_uint32 open_parts(gss_ctx_id_t to, struct parts *parts)
{
    gss_qop_t qop = 7;
    OM_uint32 minor;
    int conf = 0;
    OM_uint32 major = gss_unwrap_iov(&minor, to, &conf, &qop, parts->iov, parts->count);

    ck_assert_int_eq(conf, GSS_ERROR(major) ? 0 : 1);
    ck_assert_uint_eq(qop, GSS_ERROR(major) ? 7 : GSS_C_QOP_DEFAULT);
    return major;
}

size_t length_of(const struct parts *parts, OM_uint32 type)
{
    size_t length = 0;

    for (int i = 0; i < parts->count; i++) {
        if (GSS_IOV_BUFFER_TYPE(parts->iov[i].type) == type)
            length += parts->iov[i].buffer.length;
    }
    return length;
}

void assert_pattern(const struct parts *parts, size_t length)
{
    size_t at = 0;

    ck_assert_uint_eq(length_of(parts, GSS_IOV_BUFFER_TYPE_DATA), length);
    for (int i = 0; i < parts->count; i++) {
        const gss_buffer_desc *data = &parts->iov[i].buffer;

        if (GSS_IOV_BUFFER_TYPE(parts->iov[i].type) != GSS_IOV_BUFFER_TYPE_DATA)
            continue;
        ck_assert(data->length == 0 || memcmp(data->value, pattern + at, data->length) == 0);
        at += data->length;
    }
}

void assert_failed(OM_uint32 major, OM_uint32 expected, long code)
{
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(major), expected);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)code);
}

void send_in_place(gss_ctx_id_t from, gss_ctx_id_t to, size_t length)
{
    struct parts parts;

    make(&parts, from, length);
    ck_assert_uint_eq(seal_parts(from, &parts), GSS_S_COMPLETE);
    ck_assert_uint_eq(parts.iov[1].buffer.length, length);
    ck_assert(length < 16 || memcmp(parts.iov[1].buffer.value, pattern, length) != 0);
    ck_assert_uint_eq(open_parts(to, &parts), GSS_S_COMPLETE);
    assert_pattern(&parts, length);
    release(&parts);
}

void assert_stream(gss_buffer_t token, size_t length, bool allocate)
{
    gss_iov_buffer_desc iov[] = {
        {GSS_IOV_BUFFER_TYPE_DATA | (allocate ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0),
         GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_STREAM, {token->length, malloc(token->length)}},
    };
    const unsigned char *start = iov[1].buffer.value;
    const unsigned char *data;
    OM_uint32 minor;
    int conf = 0;

    memcpy(iov[1].buffer.value, token->value, token->length);
    ck_assert_uint_eq(gss_unwrap_iov(&minor, x.server, &conf, NULL, iov, 2), GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    data = iov[0].buffer.value;
    ck_assert_uint_eq(iov[0].buffer.length, length);
    ck_assert(length == 0 || memcmp(data, pattern, length) == 0);
    if (!allocate && length != 0)
        ck_assert(data > start && data + length <= start + token->length);
    free(iov[1].buffer.value);
    iov[1].buffer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    ck_assert_uint_eq(gss_release_iov_buffer(&minor, iov, 2), GSS_S_COMPLETE);
}

int run_in_place(const char *name, void (*add_tests)(TCase *cases))
{
    return run_case(name, set_up, tear_down, TIMEOUT_SECONDS, add_tests);
}
