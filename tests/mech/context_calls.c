#include "tests/mech/context_calls.h"

#include <check.h>
#include <string.h>
#include <gssapi/gssapi_ext.h>

#include "tests/mech/exchange.h"

#define IOV_COUNT      4
#define MESSAGE_OCTETS 100

static unsigned char octets[MESSAGE_OCTETS];
static gss_buffer_desc message = {sizeof octets, octets};

/* An answer: with an error there is nothing in it. */
static void take(OM_uint32 major, gss_buffer_t output)
{
    OM_uint32 minor;

    ck_assert(!GSS_ERROR(major) || (output->length == 0 && output->value == NULL));
    (void)gss_release_buffer(&minor, output);
}

static void ask_by_oid(gss_ctx_id_t context, gss_const_OID oid)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;
    OM_uint32 major =
        gss_inquire_sec_context_by_oid(&minor, context, (gss_OID)(uintptr_t)oid, &data);

    ck_assert(!GSS_ERROR(major) || data == GSS_C_NO_BUFFER_SET);
    (void)gss_release_buffer_set(&minor, &data);
}

static void ask(gss_ctx_id_t context, bool established)
{
    gss_name_t names[2] = {GSS_C_NO_NAME, GSS_C_NO_NAME};
    OM_uint32 lifetime, flags, minor;
    gss_OID mechanism;
    int local = 0, open = 0;

    ck_assert_uint_eq(gss_inquire_context(&minor, context, &names[0], &names[1], &lifetime,
                                          &mechanism, &flags, &local, &open),
                      GSS_S_COMPLETE);
    ck_assert_int_eq(open != 0, established);
    (void)gss_release_name(&minor, &names[0]);
    (void)gss_release_name(&minor, &names[1]);
    ck_assert(established || GSS_ERROR(gss_context_time(&minor, context, &lifetime)));
    ck_assert(established ||
              GSS_ERROR(gss_wrap_size_limit(&minor, context, 1, 0, 1000, &lifetime)));
    ask_by_oid(context, GSS_SSPI_INQ_INNER_MECHANISM);
    ask_by_oid(context, GSS_SSPI_INQ_STREAM_SIZES);
    ask_by_oid(context, GSS_SSPI_INQ_TLS_CIPHER_SUITE);
    ask_by_oid(context, GSS_C_INQ_SSPI_SESSION_KEY);
    ask_by_oid(context, &krb5_oid);
    ask_by_oid(context, &spnego_oid);
}

static void protect(gss_ctx_id_t context, bool established)
{
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;

    major = gss_wrap(&minor, context, 1, 0, &message, NULL, &output);
    ck_assert(established || GSS_ERROR(major));
    take(major, &output);
    major = gss_get_mic(&minor, context, 0, &message, &output);
    ck_assert(established || GSS_ERROR(major));
    take(major, &output);
    major = gss_pseudo_random(&minor, context, GSS_C_PRF_KEY_FULL, &message, 16, &output);
    ck_assert(established || GSS_ERROR(major));
    take(major, &output);
    /* Nobody protected these. */
    major = gss_unwrap(&minor, context, &message, &output, NULL, NULL);
    ck_assert(GSS_ERROR(major));
    ck_assert_ptr_null(output.value); /* gss-ntlmssp 1.2.0 leaves the length that it wanted */
    ck_assert(GSS_ERROR(gss_verify_mic(&minor, context, &message, &message, NULL)));
}

static void protect_in_place(gss_ctx_id_t context, bool established)
{
    gss_iov_buffer_desc iov[IOV_COUNT] = {
        {GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_DATA, message},
        {GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
        {GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER}};
    OM_uint32 major, minor;

    major = gss_wrap_iov_length(&minor, context, 1, 0, NULL, iov, IOV_COUNT);
    ck_assert(established || GSS_ERROR(major));
    major = gss_wrap_iov(&minor, context, 1, 0, NULL, iov, IOV_COUNT);
    ck_assert(established || GSS_ERROR(major));
    if (!GSS_ERROR(major)) /* its own message, which only the other side may take */
        ck_assert(GSS_ERROR(gss_unwrap_iov(&minor, context, NULL, NULL, iov, IOV_COUNT)));
    else
        ck_assert(established ||
                  GSS_ERROR(gss_unwrap_iov(&minor, context, NULL, NULL, iov, IOV_COUNT)));
    (void)gss_release_iov_buffer(&minor, iov, IOV_COUNT);
}

static void end(gss_ctx_id_t *context, bool established)
{
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;

    major = gss_process_context_token(&minor, *context, &message);
    ck_assert(GSS_ERROR(major));
    major = gss_export_sec_context(&minor, context, &output);
    ck_assert(established || GSS_ERROR(major));
    take(major, &output);
    (void)gss_delete_sec_context(&minor, context, &output);
    (void)gss_release_buffer(&minor, &output);
    ck_assert(*context == GSS_C_NO_CONTEXT);
}

void context_calls_make(gss_ctx_id_t *context, bool established)
{
    if (*context == GSS_C_NO_CONTEXT)
        return;
    memset(octets, 'x', sizeof octets);
    ask(*context, established);
    protect(*context, established);
    protect_in_place(*context, established);
    end(context, established);
}
