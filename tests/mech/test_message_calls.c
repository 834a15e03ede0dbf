/* Calls on contexts: messages in place, and calls at the wrong time. */
#include <check.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define COUNT(array)   ((int)(sizeof(array) / sizeof(array)[0]))
#define MESSAGE_OCTETS 100

static struct exchange x;
static unsigned char message_octets[MESSAGE_OCTETS];

static void set_up(void)
{
    x = (struct exchange){.target = "host@localhost"};
}

static void tear_down(void)
{
    exchange_reset(&x);
}

static void log_on(const gss_OID_desc *mechanism)
{
    bool done;

    x.mechanism = mechanism;
    x.server_header = mechanism == &GSS_SSPI_MECH_NEGOTIATE_desc ? mechanism : GSS_C_NO_OID;
    x.flags = NEGOTIATE_FLAGS | GSS_C_SEQUENCE_FLAG;
    done = exchange_run(&x);
    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
}

/* --- messages in place --- */

#define IOV_COUNT 4

static void make_iov(gss_iov_buffer_desc *iov, unsigned char *data, size_t length, OM_uint32 flag)
{
    iov[0] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_HEADER | flag, GSS_C_EMPTY_BUFFER};
    iov[1] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_DATA, {length, data}};
    iov[2] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_PADDING | flag, GSS_C_EMPTY_BUFFER};
    iov[3] = (gss_iov_buffer_desc){GSS_IOV_BUFFER_TYPE_TRAILER | flag, GSS_C_EMPTY_BUFFER};
}

START_TEST(negotiate_passes_messages_in_place_on)
{
    unsigned char data[] = "sealed in place";
    gss_iov_buffer_desc measured[IOV_COUNT];
    gss_iov_buffer_desc iov[IOV_COUNT];
    OM_uint32 minor;
    int conf = 0;

    log_on(&GSS_SSPI_MECH_NEGOTIATE_desc);
    make_iov(measured, data, sizeof data, 0);
    ck_assert_uint_eq(
        gss_wrap_iov_length(&minor, x.client, 1, GSS_C_QOP_DEFAULT, &conf, measured, IOV_COUNT),
        GSS_S_COMPLETE);
    make_iov(iov, data, sizeof data, GSS_IOV_BUFFER_FLAG_ALLOCATE);
    ck_assert_uint_eq(gss_wrap_iov(&minor, x.client, 1, GSS_C_QOP_DEFAULT, &conf, iov, IOV_COUNT),
                      GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    ck_assert(memcmp(data, "sealed in place", sizeof data) != 0);
    ck_assert_uint_gt(measured[0].buffer.length, 0);
    ck_assert_uint_eq(measured[0].buffer.length, iov[0].buffer.length);
    ck_assert_uint_eq(measured[3].buffer.length, iov[3].buffer.length);
    conf = 0;
    ck_assert_uint_eq(gss_unwrap_iov(&minor, x.server, &conf, NULL, iov, IOV_COUNT),
                      GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    ck_assert_mem_eq(data, "sealed in place", sizeof data);
    (void)gss_release_iov_buffer(&minor, iov, IOV_COUNT);
}
END_TEST

START_TEST(ntlm_has_no_messages_in_place)
{
    unsigned char data[] = "not in place";
    gss_iov_buffer_desc iov[IOV_COUNT];
    OM_uint32 minor;

    without_tickets();
    log_on(&GSS_SSPI_MECH_NEGOTIATE_desc);
    make_iov(iov, data, sizeof data, 0);
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(gss_wrap_iov_length(&minor, x.client, 1, GSS_C_QOP_DEFAULT,
                                                            NULL, iov, IOV_COUNT)),
                      GSS_S_UNAVAILABLE);
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(gss_wrap_iov(&minor, x.client, 1, GSS_C_QOP_DEFAULT, NULL,
                                                     iov, IOV_COUNT)),
                      GSS_S_UNAVAILABLE);
    ck_assert_uint_eq(
        GSS_ROUTINE_ERROR(gss_unwrap_iov(&minor, x.server, NULL, NULL, iov, IOV_COUNT)),
        GSS_S_UNAVAILABLE);
    ck_assert_mem_eq(data, "not in place", sizeof data);
}
END_TEST

/* --- calls at the wrong time --- */

static const gss_OID_desc *const mechanisms[] = {&GSS_SSPI_MECH_CREDSSP_desc,
                                                 &GSS_SSPI_MECH_NEGOTIATE_desc};

static void assert_no_context(OM_uint32 major)
{
    ck_assert_uint_eq(GSS_ROUTINE_ERROR(major), GSS_S_NO_CONTEXT);
}

static void assert_half_made(gss_ctx_id_t context)
{
    gss_buffer_desc message = {MESSAGE_OCTETS, message_octets};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    gss_iov_buffer_desc iov[IOV_COUNT];
    OM_uint32 number;
    OM_uint32 minor;
    int open = 1;

    assert_no_context(gss_wrap(&minor, context, 1, 0, &message, NULL, &output));
    assert_no_context(gss_unwrap(&minor, context, &message, &output, NULL, NULL));
    assert_no_context(gss_get_mic(&minor, context, 0, &message, &output));
    assert_no_context(gss_verify_mic(&minor, context, &message, &message, NULL));
    assert_no_context(gss_wrap_size_limit(&minor, context, 1, 0, MESSAGE_OCTETS, &number));
    assert_no_context(gss_context_time(&minor, context, &number));
    assert_no_context(
        gss_pseudo_random(&minor, context, GSS_C_PRF_KEY_FULL, &message, 16, &output));
    assert_no_context(gss_inquire_sec_context_by_oid(
        &minor, context, (gss_OID)(uintptr_t)GSS_SSPI_INQ_INNER_MECHANISM, &data));
    assert_no_context(gss_inquire_sec_context_by_oid(
        &minor, context, (gss_OID)(uintptr_t)GSS_SSPI_INQ_STREAM_SIZES, &data));
    make_iov(iov, message_octets, MESSAGE_OCTETS, GSS_IOV_BUFFER_FLAG_ALLOCATE);
    assert_no_context(gss_wrap_iov(&minor, context, 1, 0, NULL, iov, IOV_COUNT));
    assert_no_context(gss_unwrap_iov(&minor, context, NULL, NULL, iov, IOV_COUNT));
    assert_no_context(gss_wrap_iov_length(&minor, context, 1, 0, NULL, iov, IOV_COUNT));
    ck_assert(output.length == 0 && output.value == NULL);
    ck_assert(data == GSS_C_NO_BUFFER_SET);
    ck_assert_uint_eq(
        gss_inquire_context(&minor, context, NULL, NULL, NULL, NULL, NULL, NULL, &open),
        GSS_S_COMPLETE);
    ck_assert_int_eq(open, 0);
}

static void assert_both_half_made(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    (void)argument;
    (void)token;
    if (exchange->client_major == GSS_S_CONTINUE_NEEDED)
        assert_half_made(exchange->client);
    if (exchange->server != GSS_C_NO_CONTEXT && exchange->server_major == GSS_S_CONTINUE_NEEDED)
        assert_half_made(exchange->server);
}

/* At every leg; and the logon goes on as if nobody had asked. */
START_TEST(half_made_context_has_no_messages)
{
    if (_i >= COUNT(mechanisms))
        without_tickets();
    x.on_token = assert_both_half_made;
    log_on(mechanisms[_i % COUNT(mechanisms)]);
    exchange_check_messages(&x);
}
END_TEST

START_TEST(role_cannot_be_changed)
{
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc token = {5, message_octets};
    OM_uint32 minor;

    log_on(mechanisms[_i]);
    ck_assert(GSS_ERROR(gss_accept_sec_context(&minor, &x.client, GSS_C_NO_CREDENTIAL, &token,
                                               GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL,
                                               NULL, NULL)));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CALL_SEQUENCE);
    exchange_check_messages(&x);
}
END_TEST

START_TEST(established_context_takes_no_more_tokens)
{
    gss_buffer_desc name = {14, (void *)(uintptr_t) "host@localhost"};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc token = {5, message_octets};
    gss_name_t target = GSS_C_NO_NAME;
    OM_uint32 minor;

    log_on(mechanisms[_i]);
    ck_assert_uint_eq(gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &target),
                      GSS_S_COMPLETE);
    ck_assert(GSS_ERROR(gss_init_sec_context(
        &minor, GSS_C_NO_CREDENTIAL, &x.client, target, (gss_OID)(uintptr_t)mechanisms[_i], 0, 0,
        GSS_C_NO_CHANNEL_BINDINGS, &token, NULL, &output, NULL, NULL)));
    ck_assert(output.length == 0);
    exchange_check_messages(&x);
    (void)gss_release_name(&minor, &target);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calls on contexts");
    TCase *cases = tcase_create("calls on contexts");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, negotiate_passes_messages_in_place_on);
    tcase_add_test(cases, ntlm_has_no_messages_in_place);
    tcase_add_loop_test(cases, half_made_context_has_no_messages, 0, 2 * COUNT(mechanisms));
    tcase_add_loop_test(cases, role_cannot_be_changed, 0, COUNT(mechanisms));
    tcase_add_loop_test(cases, established_context_takes_no_more_tokens, 0, COUNT(mechanisms));
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
