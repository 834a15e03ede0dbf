/* ApplyControlToken: the end of a session of CREDSSP. */
#include <string.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

static struct party client;
static struct party server;

static void start(void)
{
    must_log_on(&client, &server, "CREDSSP", "host/localhost", true);
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

static SECURITY_STATUS apply(CtxtHandle *context, void *token, ULONG size)
{
    SecBuffer buffer = {size, SECBUFFER_TOKEN, token};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &buffer};

    return ApplyControlToken(context, &input);
}

static SECURITY_STATUS shut_down(CtxtHandle *context)
{
    DWORD type = SCHANNEL_SHUTDOWN;

    return apply(context, &type, sizeof type);
}

/* The leg that ends the session, without any input, as Schannel's callers make it. */
static SECURITY_STATUS last_leg(struct party *party, SecBuffer *out, ULONG more)
{
    SecBufferDesc output = {SECBUFFER_VERSION, 1, out};

    if (party->initiator)
        return InitializeSecurityContextA(&party->credential, &party->context, NULL,
                                          party->request | more, 0, SECURITY_NATIVE_DREP, NULL, 0,
                                          NULL, &output, &party->attributes, NULL);
    return AcceptSecurityContext(&party->credential, &party->context, NULL, party->request | more,
                                 SECURITY_NATIVE_DREP, NULL, &output, &party->attributes, NULL);
}

/* What DecryptMessage says of octets. */
static SECURITY_STATUS read_record(CtxtHandle *context, void *octets, ULONG length)
{
    SecBuffer buffers[4] = {{length, SECBUFFER_DATA, octets},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

    return DecryptMessage(context, &message, 0, NULL);
}

START_TEST(shutdown_tells_the_peer)
{
    struct party *from = _i == 0 ? &client : &server;
    struct party *to = _i == 0 ? &server : &client;
    SecPkgContext_Sizes sizes;
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};

    ck_assert_int_eq(shut_down(&from->context), SEC_E_OK);
    ck_assert_msg(last_leg(from, &out, ISC_REQ_ALLOCATE_MEMORY) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_uint_gt(out.cbBuffer, 5);
    ck_assert_int_eq(read_record(&to->context, out.pvBuffer, out.cbBuffer), SEC_I_CONTEXT_EXPIRED);
    ck_assert_int_eq(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
    /* It is closed once and for all; the handle is still the caller's. */
    ck_assert_int_eq(last_leg(from, &out, ISC_REQ_ALLOCATE_MEMORY),
                     _i == 0 ? SEC_E_CONTEXT_EXPIRED : SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(shut_down(&from->context), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(QueryContextAttributesA(&from->context, SECPKG_ATTR_SIZES, &sizes),
                     SEC_E_INVALID_HANDLE);
    /* The peer answers in the same way. */
    ck_assert_int_eq(shut_down(&to->context), SEC_E_OK);
    ck_assert_int_eq(last_leg(to, &out, ISC_REQ_ALLOCATE_MEMORY), SEC_E_OK);
    ck_assert_uint_gt(out.cbBuffer, 5);
    ck_assert_int_eq(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
}
END_TEST

START_TEST(shutdown_with_a_buffer_too_small)
{
    unsigned char octets[200];
    SecBuffer out = {1, SECBUFFER_TOKEN, octets};

    ck_assert_int_eq(shut_down(&client.context), SEC_E_OK);
    ck_assert_int_eq(last_leg(&client, &out, 0), SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_le(out.cbBuffer, sizeof octets);
    ck_assert_int_eq(last_leg(&client, &out, 0), SEC_E_OK);
    ck_assert_int_eq(read_record(&server.context, octets, out.cbBuffer), SEC_I_CONTEXT_EXPIRED);
}
END_TEST

START_TEST(shutdown_before_the_logon_is_done)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};

    stop();
    party_init(&client, true, "CREDSSP");
    party_must_acquire(&client, NULL);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(shut_down(&client.context), SEC_E_OK);
    ck_assert_int_eq(last_leg(&client, &out, ISC_REQ_ALLOCATE_MEMORY), SEC_E_OK);
    ck_assert_uint_eq(out.cbBuffer, 0);
    ck_assert_ptr_null(out.pvBuffer);
}
END_TEST

START_TEST(alerts)
{
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, 2, 40};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};

    ck_assert_int_eq(apply(&client.context, &alert, sizeof alert), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(apply(&client.context, &alert, sizeof alert - 1), SEC_E_INVALID_TOKEN);
    alert.dwAlertNumber = 0;
    ck_assert_int_eq(apply(&client.context, &alert, sizeof alert), SEC_E_OK);
    ck_assert_int_eq(last_leg(&client, &out, ISC_REQ_ALLOCATE_MEMORY), SEC_E_OK);
    ck_assert_int_eq(read_record(&server.context, out.pvBuffer, out.cbBuffer),
                     SEC_I_CONTEXT_EXPIRED);
    ck_assert_int_eq(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
}
END_TEST

START_TEST(sessions)
{
    SCHANNEL_SESSION_TOKEN session = {SCHANNEL_SESSION, SSL_SESSION_DISABLE_RECONNECTS};
    SecPkgContext_Sizes sizes;

    ck_assert_int_eq(apply(&client.context, &session, sizeof session), SEC_E_OK);
    session.dwFlags = SSL_SESSION_ENABLE_RECONNECTS;
    ck_assert_int_eq(apply(&server.context, &session, sizeof session), SEC_E_OK);
    session.dwFlags = 3;
    ck_assert_int_eq(apply(&server.context, &session, sizeof session), SEC_E_INVALID_PARAMETER);
    /* The session goes on. */
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
}
END_TEST

START_TEST(nonsense)
{
    DWORD type = SCHANNEL_RENEGOTIATE;
    SecBuffer buffer = {sizeof type, SECBUFFER_DATA, &type};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &buffer};

    ck_assert_int_eq(apply(&client.context, &type, sizeof type), SEC_E_UNSUPPORTED_FUNCTION);
    type = 4711;
    ck_assert_int_eq(apply(&client.context, &type, sizeof type), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(apply(&client.context, &type, 3), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(apply(&client.context, NULL, 4), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(ApplyControlToken(&client.context, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ApplyControlToken(&client.context, &input), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(ApplyControlToken(NULL, &input), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(ApplyControlToken(&client.credential, &input), SEC_E_INVALID_HANDLE);
}
END_TEST

START_TEST(other_packages_have_none)
{
    static const char *const packages[] = {"Kerberos", "Negotiate", "NTLM"};

    stop();
    must_log_on(&client, &server, packages[_i], "host/localhost", true);
    ck_assert_int_eq(shut_down(&client.context), SEC_E_UNSUPPORTED_FUNCTION);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, shutdown_tells_the_peer, 0, 2);
    tcase_add_test(cases, shutdown_with_a_buffer_too_small);
    tcase_add_test(cases, shutdown_before_the_logon_is_done);
    tcase_add_test(cases, alerts);
    tcase_add_test(cases, sessions);
    tcase_add_test(cases, nonsense);
    tcase_add_loop_test(cases, other_packages_have_none, 0, 3);
}

int main(void)
{
    return run_case("shim: control tokens", start, stop, 60, add);
}
