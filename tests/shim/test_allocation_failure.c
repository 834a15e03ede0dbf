/*
 * Every allocation of the shim fails once: SEC_E_INSUFFICIENT_MEMORY, nothing is lost (the
 * sanitizers look), and the same call made again does what it would have done, on the same
 * credential or context, with the peer none the wiser. A leg whose allocation in the plugin fails
 * ends the logon, as GSS-API has it; another logon succeeds.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/common/allocation_failure.h"
#include "tests/runner.h"
#include "tests/shim/exchange.h"
#include "tests/shim/failing_allocations.h"

#define PLUGIN "mech_sspi.so"

static struct party client;
static struct party server;

/* The replay cache is on: a leg made twice from the start would be found out. */
static void set_up(void)
{
    char cache[256];

    (void)snprintf(cache, sizeof cache, "file2:%s/rcache", getenv("REALM_DIR"));
    ck_assert_int_eq(setenv("KRB5RCACHENAME", cache, 1), 0);
    party_init(&client, true, "NTLM");
    party_init(&server, false, "NTLM");
}

static void tear_down(void)
{
    party_end(&client);
    party_end(&server);
}

static SECURITY_STATUS acquire_a(void *argument)
{
    struct party *party = argument;
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    return party_acquire(party, party->initiator ? &alice : NULL);
}

/* A leg; what came in is there again when the leg has failed. */
static SECURITY_STATUS leg(void *argument)
{
    static struct octets before;
    struct party *party = argument;
    struct party *peer = party->initiator ? &server : &client;

    before.length = 0;
    append(&before, party->inbox.data, party->inbox.length);
    if (party_step(party, peer) < 0) {
        party->inbox.length = 0;
        append(&party->inbox, before.data, before.length);
    }
    return party->status;
}

static bool read_wire(struct party *party)
{
    append(&party->inbox, party->wire.data, party->wire.length);
    party->wire.length = 0;
    return party->inbox.length != 0;
}

static bool is_done(const struct party *party)
{
    return party->has_context && party->status == SEC_E_OK;
}

static void log_on_failing(const char *package)
{
    party_init(&client, true, package);
    party_init(&server, false, package);
    (void)fail_each("AcquireCredentialsHandle, client", acquire_a, &client, 1);
    (void)fail_each("AcquireCredentialsHandle, server", acquire_a, &server, 1);
    while (!is_done(&client) || !is_done(&server)) {
        bool moved = false;

        if (!is_done(&client) && (read_wire(&client) || client.calls == 0)) {
            (void)fail_each("InitializeSecurityContext", leg, &client, client.has_context ? 0 : 2);
            moved = true;
        }
        if (!is_done(&server) && read_wire(&server)) {
            (void)fail_each("AcceptSecurityContext", leg, &server, server.has_context ? 0 : 2);
            moved = true;
        }
        ck_assert_msg(moved, "%s: client %s, server %s", package, SspiGssStatusName(client.status),
                      SspiGssStatusName(server.status));
    }
}

static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};

#define PACKAGES ((int)(sizeof packages / sizeof packages[0]))

START_TEST(a_logon)
{
    log_on_failing(packages[_i]);
}
END_TEST

/* The next handle needs a new chunk of the table, which is one more allocation. */
static void fill_table(void)
{
    CredHandle handle;

    do {
        ck_assert_int_eq(AcquireCredentialsHandleA(NULL, TEXT_OF("NTLM"), SECPKG_CRED_INBOUND, NULL,
                                                   NULL, NULL, NULL, &handle, NULL),
                         SEC_E_OK);
    } while (handle.dwLower % 1024 != 0);
}

/* Handles of the test itself are left to the end of the process: nothing else is tested here. */
START_TEST(a_leg_without_room_for_its_handle)
{
    CredHandle one_more;

    party_init(&client, true, "Kerberos");
    party_init(&server, false, "Kerberos");
    party_must_acquire(&client, NULL);
    party_must_acquire(&server, NULL);
    (void)leg(&client);
    ck_assert_int_eq(client.status, SEC_I_CONTINUE_NEEDED);
    fill_table();
    ck_assert(read_wire(&server));
    /* The context, its reserve and copy of the token, the output, and the chunk. */
    (void)fail_each("AcceptSecurityContext", leg, &server, 4);
    one_more = server.context;
    ck_assert_uint_gt(one_more.dwLower, 1024);
    ck_assert(read_wire(&client));
    ck_assert_int_eq(leg(&client), SEC_E_OK);
}
END_TEST

/* A message on its way, in the caller's memory. */
static struct message {
    unsigned char token[256];
    unsigned char data[2][8];
    unsigned char trailer[256];
    SecBuffer buffers[4];
    SecBufferDesc descriptor;
    CtxtHandle *context;
} message;

static void lay_message_out(CtxtHandle *context, bool stream)
{
    SecPkgContext_StreamSizes sizes;

    message.context = context;
    memcpy(message.data[0], "a first ", 8);
    memcpy(message.data[1], "a second", 8);
    if (stream) {
        ck_assert_int_eq(QueryContextAttributesA(context, SECPKG_ATTR_STREAM_SIZES, &sizes),
                         SEC_E_OK);
        message.buffers[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, message.token};
        message.buffers[1] = (SecBuffer){8, SECBUFFER_DATA, message.data[0]};
        message.buffers[2] =
            (SecBuffer){sizeof message.trailer, SECBUFFER_STREAM_TRAILER, message.trailer};
        message.buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
        message.descriptor = (SecBufferDesc){SECBUFFER_VERSION, 4, message.buffers};
        return;
    }
    message.buffers[0] = (SecBuffer){sizeof message.token, SECBUFFER_TOKEN, message.token};
    message.buffers[1] = (SecBuffer){8, SECBUFFER_DATA, message.data[0]};
    message.buffers[2] = (SecBuffer){8, SECBUFFER_DATA, message.data[1]};
    message.descriptor = (SecBufferDesc){SECBUFFER_VERSION, 3, message.buffers};
}

static SECURITY_STATUS encrypt(void *argument)
{
    (void)argument;
    return EncryptMessage(message.context, 0, &message.descriptor, 0);
}

static SECURITY_STATUS decrypt(void *argument)
{
    (void)argument;
    return DecryptMessage(message.context, &message.descriptor, 0, NULL);
}

static SECURITY_STATUS sign(void *argument)
{
    (void)argument;
    return MakeSignature(message.context, 0, &message.descriptor, 0);
}

static SECURITY_STATUS verify(void *argument)
{
    (void)argument;
    return VerifySignature(message.context, &message.descriptor, 0, NULL);
}

/* Each message is the next one: a number that a failure has used up would be missed. */
START_TEST(messages)
{
    const char *package = packages[_i];

    must_log_on(&client, &server, package, "host/localhost", true);
    for (int round = 0; round < 2; round++) {
        lay_message_out(&client.context, false);
        (void)fail_each("MakeSignature", sign, NULL, 0);
        message.context = &server.context;
        (void)fail_each("VerifySignature", verify, NULL, 0);
        lay_message_out(&client.context, false);
        (void)fail_each("EncryptMessage", encrypt, NULL, 0);
        message.context = &server.context;
        (void)fail_each("DecryptMessage", decrypt, NULL, 0);
        ck_assert_mem_eq(message.data[0], "a first ", 8);
        ck_assert_mem_eq(message.data[1], "a second", 8);
    }
}
END_TEST

START_TEST(records)
{
    static unsigned char wire[1024];
    size_t length;

    must_log_on(&client, &server, "CREDSSP", "host/localhost", true);
    for (int round = 0; round < 2; round++) {
        lay_message_out(&client.context, true);
        (void)fail_each("EncryptMessage", encrypt, NULL, 0);
        length = 0;
        for (int i = 0; i < 3; i++) {
            memcpy(wire + length, message.buffers[i].pvBuffer, message.buffers[i].cbBuffer);
            length += message.buffers[i].cbBuffer;
        }
        message.buffers[0] = (SecBuffer){(ULONG)length, SECBUFFER_DATA, wire};
        for (int i = 1; i < 4; i++)
            message.buffers[i] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
        message.context = &server.context;
        (void)fail_each("DecryptMessage", decrypt, NULL, 0);
        ck_assert_uint_eq(message.buffers[1].BufferType, SECBUFFER_DATA);
        ck_assert_mem_eq(message.buffers[1].pvBuffer, "a first ", 8);
    }
}
END_TEST

struct question {
    CtxtHandle *context;
    ULONG attribute;
    bool wide;
    void *answer;
};

static SECURITY_STATUS ask(void *argument)
{
    struct question *question = argument;

    return question->wide
               ? QueryContextAttributesW(question->context, question->attribute, question->answer)
               : QueryContextAttributesA(question->context, question->attribute, question->answer);
}

/* Attributes whose answer is one pointer, at this offset. */
static const struct {
    ULONG attribute;
    size_t offset;
} allocated_attributes[] = {
    {SECPKG_ATTR_NAMES, offsetof(SecPkgContext_NamesA, sUserName)},
    {SECPKG_ATTR_SESSION_KEY, offsetof(SecPkgContext_SessionKey, SessionKey)},
    {SECPKG_ATTR_PACKAGE_INFO, offsetof(SecPkgContext_PackageInfoA, PackageInfo)},
    {SECPKG_ATTR_NEGOTIATION_INFO, offsetof(SecPkgContext_NegotiationInfoA, PackageInfo)},
    {SECPKG_ATTR_NEGOTIATION_PACKAGE, offsetof(SecPkgContext_PackageInfoA, PackageInfo)},
};

START_TEST(attributes)
{
    must_log_on(&client, &server, packages[_i], "host/localhost", true);
    for (size_t i = 0; i < sizeof allocated_attributes / sizeof allocated_attributes[0]; i++) {
        for (int wide = 0; wide < 2; wide++) {
            uint64_t answer[32] = {0};
            struct question question = {&server.context, allocated_attributes[i].attribute,
                                        wide != 0, answer};
            void *pointer;

            if (ask(&question) == SEC_E_UNSUPPORTED_FUNCTION)
                continue;
            memcpy(&pointer, (char *)answer + allocated_attributes[i].offset, sizeof pointer);
            ck_assert_int_eq(FreeContextBuffer(pointer), SEC_E_OK);
            (void)fail_each("QueryContextAttributes", ask, &question, 1);
            memcpy(&pointer, (char *)answer + allocated_attributes[i].offset, sizeof pointer);
            ck_assert_int_eq(FreeContextBuffer(pointer), SEC_E_OK);
        }
    }
}
END_TEST

static SECURITY_STATUS enumerate(void *wide)
{
    void *infos = NULL;
    ULONG count = 0;
    SECURITY_STATUS status = wide != NULL
                                 ? EnumerateSecurityPackagesW(&count, (PSecPkgInfoW *)&infos)
                                 : EnumerateSecurityPackagesA(&count, (PSecPkgInfoA *)&infos);

    if (status != SEC_E_OK) {
        ck_assert_ptr_null(infos);
        return status;
    }
    return FreeContextBuffer(infos);
}

static SECURITY_STATUS query_package(void *argument)
{
    PSecPkgInfoA info = NULL;
    SECURITY_STATUS status = QuerySecurityPackageInfoA(argument, &info);

    if (status != SEC_E_OK) {
        ck_assert_ptr_null(info);
        return status;
    }
    return FreeContextBuffer(info);
}

static SECURITY_STATUS query_package_wide(void *argument)
{
    PSecPkgInfoW info = NULL;
    SECURITY_STATUS status = QuerySecurityPackageInfoW(argument, &info);

    if (status != SEC_E_OK) {
        ck_assert_ptr_null(info);
        return status;
    }
    return FreeContextBuffer(info);
}

static SECURITY_STATUS acquire_wide(void *package)
{
    WCHAR user[] = {'a', 'l', 'i', 'c', 'e', 0};
    WCHAR domain[] = {'E', 'X', 'A', 'M', 'P', 'L', 'E', 0};
    WCHAR password[] = {'p', 0};
    SEC_WINNT_AUTH_IDENTITY_W identity = {
        user, 5, domain, 7, password, 1, SEC_WINNT_AUTH_IDENTITY_UNICODE};
    CredHandle handle;
    SECURITY_STATUS status = AcquireCredentialsHandleW(NULL, package, SECPKG_CRED_OUTBOUND, NULL,
                                                       &identity, NULL, NULL, &handle, NULL);

    return status == SEC_E_OK ? FreeCredentialsHandle(&handle) : status;
}

START_TEST(packages_and_credentials)
{
    WCHAR ntlm[] = {'N', 'T', 'L', 'M', 0};

    (void)enumerate(NULL); /* loads the library's and the mechglue's parts */
    (void)fail_each("EnumerateSecurityPackagesA", enumerate, NULL, 1);
    (void)fail_each("EnumerateSecurityPackagesW", enumerate, ntlm, 1);
    (void)fail_each("QuerySecurityPackageInfoA", query_package, TEXT_OF("NTLM"), 1);
    (void)fail_each("QuerySecurityPackageInfoW", query_package_wide, ntlm, 2);
    (void)fail_each("AcquireCredentialsHandleW", acquire_wide, ntlm, 5);
}
END_TEST

static SECURITY_STATUS impersonate(void *argument)
{
    struct party *party = argument;
    SECURITY_STATUS status = ImpersonateSecurityContext(&party->context);

    return status == SEC_E_OK ? RevertSecurityContext(&party->context) : status;
}

START_TEST(impersonation)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    party_init(&client, true, "CREDSSP");
    party_init(&server, false, "CREDSSP");
    client.request |= ISC_REQ_DELEGATE;
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
    ck_assert(log_on(&client, &server, 0));
    (void)fail_each("ImpersonateSecurityContext", impersonate, &server, 0);
}
END_TEST

/* The plugin's allocations: the logon fails or does without, and ends; the next one succeeds. */
START_TEST(a_plugin_without_memory)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    must_log_on(&client, &server, packages[_i], "host/localhost", true);
    for (unsigned n = 1; n < ALLOCATIONS_MAX; n++) {
        bool succeeded;

        tear_down();
        party_init(&client, true, packages[_i]);
        party_init(&server, false, packages[_i]);
        allocation_failure_arm(PLUGIN, n);
        succeeded = party_acquire(&client, &alice) == SEC_E_OK &&
                    party_acquire(&server, NULL) == SEC_E_OK && log_on(&client, &server, 0);
        if (!allocation_failure_disarm()) {
            ck_assert(succeeded);
            ck_assert_uint_gt(n, 10);
            return;
        }
    }
    ck_abort_msg("there is no end of allocations");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: failing allocations");
    TCase *t = tcase_create("allocations");

    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, a_logon, 0, PACKAGES);
    tcase_add_test(t, a_leg_without_room_for_its_handle);
    tcase_add_loop_test(t, messages, 0, PACKAGES - 1);
    tcase_add_test(t, records);
    tcase_add_loop_test(t, attributes, 0, PACKAGES);
    tcase_add_test(t, packages_and_credentials);
    tcase_add_test(t, impersonation);
    tcase_add_loop_test(t, a_plugin_without_memory, 2, PACKAGES);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
