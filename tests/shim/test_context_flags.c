/* Every ISC_REQ_ and ASC_REQ_ flag: what it does to a logon, and what ISC_RET_ and ASC_RET_ say. */
#include "tests/shim/exchange.h"
#include "tests/runner.h"

static struct party client;
static struct party server;

enum effect {
    OBTAINED, /* the bit of the same name comes back */
    TOLD,     /* the caller's own way to work: comes back too */
    SILENT,   /* the logon succeeds, and no bit of its own comes back */
    REFUSED,  /* SEC_E_UNSUPPORTED_FUNCTION, and nothing is sent */
};

struct expectation {
    ULONG request;
    ULONG result;
    enum effect effect;
};

/* With Kerberos, by a ticket that can be forwarded. */
static const struct expectation initiator[] = {
    {ISC_REQ_DELEGATE, ISC_RET_DELEGATE, OBTAINED},
    {ISC_REQ_MUTUAL_AUTH, ISC_RET_MUTUAL_AUTH, OBTAINED},
    {ISC_REQ_REPLAY_DETECT, ISC_RET_REPLAY_DETECT, OBTAINED},
    {ISC_REQ_SEQUENCE_DETECT, ISC_RET_SEQUENCE_DETECT, OBTAINED},
    {ISC_REQ_CONFIDENTIALITY, ISC_RET_CONFIDENTIALITY, OBTAINED},
    {ISC_REQ_USE_SESSION_KEY, ISC_RET_USE_SESSION_KEY, SILENT},
    {ISC_REQ_PROMPT_FOR_CREDS, 0, REFUSED},
    {ISC_REQ_USE_SUPPLIED_CREDS, ISC_RET_USED_SUPPLIED_CREDS, TOLD},
    {ISC_REQ_ALLOCATE_MEMORY, ISC_RET_ALLOCATED_MEMORY, TOLD},
    {ISC_REQ_USE_DCE_STYLE, ISC_RET_USED_DCE_STYLE, OBTAINED},
    {ISC_REQ_DATAGRAM, 0, REFUSED},
    {ISC_REQ_CONNECTION, ISC_RET_CONNECTION, TOLD},
    {ISC_REQ_CALL_LEVEL, ISC_RET_CALL_LEVEL, SILENT},
    {ISC_REQ_FRAGMENT_SUPPLIED, ISC_RET_FRAGMENT_ONLY, SILENT},
    {ISC_REQ_EXTENDED_ERROR, ISC_RET_EXTENDED_ERROR, TOLD},
    {ISC_REQ_STREAM, ISC_RET_STREAM, SILENT},
    {ISC_REQ_INTEGRITY, ISC_RET_INTEGRITY, OBTAINED},
    {ISC_REQ_IDENTIFY, ISC_RET_IDENTIFY, OBTAINED},
    {ISC_REQ_NULL_SESSION, 0, REFUSED},
    {ISC_REQ_MANUAL_CRED_VALIDATION, ISC_RET_MANUAL_CRED_VALIDATION, SILENT},
    {ISC_REQ_RESERVED1, ISC_RET_RESERVED1, SILENT},
    {ISC_REQ_FRAGMENT_TO_FIT, ISC_RET_FRAGMENT_ONLY, SILENT},
    {ISC_REQ_FORWARD_CREDENTIALS, ISC_RET_FORWARD_CREDENTIALS, SILENT},
    {ISC_REQ_NO_INTEGRITY, 0, SILENT},
    {ISC_REQ_USE_HTTP_STYLE, ISC_RET_USED_HTTP_STYLE, SILENT},
    {ISC_REQ_UNVERIFIED_TARGET_NAME, 0, SILENT},
    {ISC_REQ_CONFIDENTIALITY_ONLY, ISC_RET_CONFIDENTIALITY_ONLY, SILENT},
};
#define INITIATOR_FLAGS (int)(sizeof initiator / sizeof initiator[0])

static const struct expectation acceptor[] = {
    {ASC_REQ_DELEGATE, ASC_RET_DELEGATE, SILENT},
    {ASC_REQ_MUTUAL_AUTH, ASC_RET_MUTUAL_AUTH, OBTAINED},
    {ASC_REQ_REPLAY_DETECT, ASC_RET_REPLAY_DETECT, OBTAINED},
    {ASC_REQ_SEQUENCE_DETECT, ASC_RET_SEQUENCE_DETECT, OBTAINED},
    {ASC_REQ_CONFIDENTIALITY, ASC_RET_CONFIDENTIALITY, OBTAINED},
    {ASC_REQ_USE_SESSION_KEY, ASC_RET_USE_SESSION_KEY, SILENT},
    {ASC_REQ_SESSION_TICKET, ASC_RET_SESSION_TICKET, SILENT},
    {ASC_REQ_ALLOCATE_MEMORY, ASC_RET_ALLOCATED_MEMORY, TOLD},
    {ASC_REQ_USE_DCE_STYLE, ASC_RET_USED_DCE_STYLE, SILENT},
    {ASC_REQ_DATAGRAM, 0, REFUSED},
    {ASC_REQ_CONNECTION, ASC_RET_CONNECTION, TOLD},
    {ASC_REQ_CALL_LEVEL, ASC_RET_CALL_LEVEL, SILENT},
    {ASC_REQ_FRAGMENT_SUPPLIED, ASC_RET_FRAGMENT_ONLY, SILENT},
    {ASC_REQ_EXTENDED_ERROR, ASC_RET_EXTENDED_ERROR, TOLD},
    {ASC_REQ_STREAM, ASC_RET_STREAM, SILENT},
    {ASC_REQ_INTEGRITY, ASC_RET_INTEGRITY, OBTAINED},
    {ASC_REQ_LICENSING, ASC_RET_LICENSING, SILENT},
    {ASC_REQ_IDENTIFY, ASC_RET_IDENTIFY, SILENT},
    {ASC_REQ_ALLOW_NULL_SESSION, ASC_RET_NULL_SESSION, SILENT},
    {ASC_REQ_ALLOW_NON_USER_LOGONS, ASC_RET_ALLOW_NON_USER_LOGONS, SILENT},
    {ASC_REQ_ALLOW_CONTEXT_REPLAY, ASC_RET_ALLOW_CONTEXT_REPLAY, SILENT},
    {ASC_REQ_FRAGMENT_TO_FIT, ASC_RET_FRAGMENT_ONLY, SILENT},
    {ASC_REQ_NO_TOKEN, ASC_RET_NO_TOKEN, SILENT},
    {ASC_REQ_PROXY_BINDINGS, ASC_RET_NO_PROXY_BINDINGS, SILENT},
    {ASC_REQ_ALLOW_MISSING_BINDINGS, ASC_RET_MISSING_BINDINGS, SILENT},
};
#define ACCEPTOR_FLAGS (int)(sizeof acceptor / sizeof acceptor[0])

static void start(const char *package, void *identity)
{
    party_init(&client, true, package);
    party_init(&server, false, package);
    party_must_acquire(&client, identity);
    party_must_acquire(&server, NULL);
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

static void before(void)
{
}

static void check_result(const struct expectation *expected, const struct party *party)
{
    bool wanted = expected->effect == OBTAINED || expected->effect == TOLD;

    ck_assert_msg(((party->attributes & expected->result) != 0) == wanted, "request 0x%X gave 0x%X",
                  (unsigned)expected->request, (unsigned)party->attributes);
}

START_TEST(initiator_flag)
{
    const struct expectation *expected = &initiator[_i];
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    /* A request for supplied credentials needs some; the forwardable ticket is the realm's. */
    start("Kerberos", expected->request == ISC_REQ_USE_SUPPLIED_CREDS ? &alice : NULL);
    client.request = expected->request;
    if (expected->request == ISC_REQ_DELEGATE)
        client.request |= ISC_REQ_MUTUAL_AUTH;
    client.output_room = expected->request == ISC_REQ_ALLOCATE_MEMORY ? 0 : OCTETS_MAX;
    server.request = 0;
    if (expected->effect == REFUSED) {
        ck_assert_int_eq(party_step(&client, &server), SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_uint_eq(server.wire.length, 0);
        ck_assert(!client.has_context);
        return;
    }
    ck_assert_msg(log_on(&client, &server, 0), "0x%X: %s", (unsigned)expected->request,
                  SspiGssStatusText());
    check_result(expected, &client);
}
END_TEST

START_TEST(acceptor_flag)
{
    const struct expectation *expected = &acceptor[_i];

    start("Kerberos", NULL);
    server.request = expected->request;
    server.output_room = expected->request == ASC_REQ_ALLOCATE_MEMORY ? 0 : OCTETS_MAX;
    ck_assert_int_ge(party_step(&client, &server), 0);
    append(&server.inbox, server.wire.data, server.wire.length);
    server.wire.length = 0;
    if (expected->effect == REFUSED) {
        ck_assert_int_eq(party_step(&server, &client), SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_uint_eq(client.wire.length, 0);
        ck_assert(!server.has_context);
        return;
    }
    ck_assert_msg(party_step(&server, &client) == SEC_E_OK, "0x%X: %s", (unsigned)expected->request,
                  SspiGssStatusText());
    check_result(expected, &server);
}
END_TEST

/*
 * A client that does not ask for it, and a server that requires it. Kerberos' contexts can always
 * sign and encrypt.
 */
START_TEST(what_an_acceptor_requires)
{
    static const ULONG required[] = {ASC_REQ_REPLAY_DETECT, ASC_REQ_SEQUENCE_DETECT,
                                     ASC_REQ_CONFIDENTIALITY, ASC_REQ_INTEGRITY};
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    start(_i < 2 ? "Kerberos" : "NTLM", _i < 2 ? NULL : &alice);
    client.request = ISC_REQ_MUTUAL_AUTH;
    server.request = required[_i];
    ck_assert(!log_on(&client, &server, 0));
    ck_assert_int_eq(server.status, SEC_E_UNSUPPORTED_FUNCTION);
}
END_TEST

START_TEST(delegation_needs_mutual_authentication)
{
    start(_i == 0 ? "Kerberos" : "Negotiate", NULL);
    client.request = ISC_REQ_DELEGATE;
    server.request = 0;
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_eq(client.attributes & ISC_RET_DELEGATE, 0);
    ck_assert_uint_eq(server.attributes & ASC_RET_DELEGATE, 0);
}
END_TEST

START_TEST(no_integrity_wins)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    start("NTLM", &alice);
    client.request = ISC_REQ_INTEGRITY | ISC_REQ_NO_INTEGRITY;
    server.request = 0;
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_eq(client.attributes & ISC_RET_INTEGRITY, 0);
    ck_assert_uint_eq(server.attributes & ASC_RET_INTEGRITY, 0);
}
END_TEST

START_TEST(confidentiality_brings_integrity)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    start("NTLM", &alice);
    client.request = _i == 0 ? ISC_REQ_CONFIDENTIALITY : ISC_REQ_CONFIDENTIALITY_ONLY;
    server.request = 0;
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_ne(client.attributes & ISC_RET_CONFIDENTIALITY, 0);
    ck_assert_uint_ne(client.attributes & ISC_RET_INTEGRITY, 0);
    ck_assert_uint_eq(client.attributes & ISC_RET_CONFIDENTIALITY_ONLY, 0);
}
END_TEST

/* A logon without a name: NTLM's, and refused by servers that do not allow it. */
START_TEST(null_session)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    start("NTLM", &alice);
    client.request = ISC_REQ_NULL_SESSION;
    server.request = _i == 0 ? 0 : ASC_REQ_ALLOW_NULL_SESSION;
    ck_assert(!log_on(&client, &server, 0));
    ck_assert_int_eq(server.status, SEC_E_LOGON_DENIED);
}
END_TEST

START_TEST(credssp_is_a_stream_and_leaves_certificates_to_the_caller)
{
    start("CREDSSP", NULL);
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_ne(client.attributes & ISC_RET_STREAM, 0);
    ck_assert_uint_ne(client.attributes & ISC_RET_MANUAL_CRED_VALIDATION, 0);
    ck_assert_uint_ne(server.attributes & ASC_RET_STREAM, 0);
}
END_TEST

START_TEST(flags_that_exclude_each_other)
{
    start("Kerberos", NULL);
    server.request = ASC_REQ_ALLOW_MISSING_BINDINGS | ASC_REQ_PROXY_BINDINGS;
    ck_assert_int_ge(party_step(&client, &server), 0);
    append(&server.inbox, server.wire.data, server.wire.length);
    ck_assert_int_eq(party_step(&server, &client), SEC_E_SECURITY_QOS_FAILED);
}
END_TEST

/* SECBUFFER_FLAGS adds to fContextReq, and has room for more bits. */
START_TEST(flags_in_a_buffer)
{
    static const struct {
        ULONGLONG flags;
        ULONG size;
        SECURITY_STATUS status;
    } cases[] = {
        {ISC_REQ_CONNECTION, sizeof(SEC_FLAGS), SEC_I_CONTINUE_NEEDED},
        {ISC_REQ_DEFERRED_CRED_VALIDATION, sizeof(SEC_FLAGS), SEC_I_CONTINUE_NEEDED},
        {ISC_REQ_NO_POST_HANDSHAKE_AUTH, sizeof(SEC_FLAGS), SEC_I_CONTINUE_NEEDED},
        {ISC_REQ_MESSAGES, sizeof(SEC_FLAGS), SEC_E_UNSUPPORTED_FUNCTION},
        {ISC_REQ_PROMPT_FOR_CREDS, sizeof(SEC_FLAGS), SEC_E_UNSUPPORTED_FUNCTION},
        {ISC_REQ_CONNECTION, 4, SEC_E_INVALID_TOKEN},
    };
    SEC_FLAGS flags = {cases[_i].flags};
    SecBuffer buffer = {cases[_i].size, SECBUFFER_FLAGS, &flags};

    start("Kerberos", NULL);
    client.extra_input = &buffer;
    ck_assert_int_eq(party_step(&client, &server), cases[_i].status);
    if (cases[_i].status >= 0 && cases[_i].flags == ISC_REQ_CONNECTION)
        ck_assert_uint_ne(client.attributes & ISC_RET_CONNECTION, 0);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, initiator_flag, 0, INITIATOR_FLAGS);
    tcase_add_loop_test(cases, acceptor_flag, 0, ACCEPTOR_FLAGS);
    tcase_add_loop_test(cases, what_an_acceptor_requires, 0, 4);
    tcase_add_loop_test(cases, delegation_needs_mutual_authentication, 0, 2);
    tcase_add_test(cases, no_integrity_wins);
    tcase_add_loop_test(cases, confidentiality_brings_integrity, 0, 2);
    tcase_add_loop_test(cases, null_session, 0, 2);
    tcase_add_test(cases, credssp_is_a_stream_and_leaves_certificates_to_the_caller);
    tcase_add_test(cases, flags_that_exclude_each_other);
    tcase_add_loop_test(cases, flags_in_a_buffer, 0, 6);
}

int main(void)
{
    return run_case("shim: flags", before, stop, 60, add);
}
