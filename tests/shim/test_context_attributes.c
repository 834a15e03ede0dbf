/* QueryContextAttributes: which contexts have which attribute, and what it is called wrongly with. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "tests/mech/exchange.h"
#include "tests/runner.h"
#include "tests/shim/exchange.h"

/* Who has an attribute; 0: everybody, once the logon is done. */
enum who { TLS = 1, ACCEPTOR = 2, INITIATOR = 4, UNFINISHED = 8 };

#define POINTERS_MAX 2

static const struct known {
    ULONG number;
    ULONG size;
    unsigned int who;
    size_t pointers; /* how many; to be freed */
    size_t offsets[POINTERS_MAX];
} attributes[] = {
    {SECPKG_ATTR_SIZES, 16, 0, 0, {0}},
    {SECPKG_ATTR_NAMES, 8, 0, 1, {0}},
    {SECPKG_ATTR_LIFESPAN, 16, 0, 0, {0}},
    {SECPKG_ATTR_DCE_INFO, 16, 0, 1, {8}},
    {SECPKG_ATTR_STREAM_SIZES, 20, TLS, 0, {0}},
    {SECPKG_ATTR_KEY_INFO, 32, 0, 2, {0, 8}},
    {SECPKG_ATTR_AUTHORITY, 8, 0, 1, {0}},
    {SECPKG_ATTR_SESSION_KEY, 16, 0, 1, {8}},
    {SECPKG_ATTR_PACKAGE_INFO, 8, UNFINISHED, 1, {0}},
    {SECPKG_ATTR_NEGOTIATION_INFO, 16, UNFINISHED, 1, {0}},
    {SECPKG_ATTR_NATIVE_NAMES, 16, 0, 2, {0, 8}},
    {SECPKG_ATTR_FLAGS, 4, 0, 0, {0}},
    {SECPKG_ATTR_TARGET_INFORMATION, 16, INITIATOR, 1, {8}},
    {SECPKG_ATTR_ACCESS_TOKEN, 8, ACCEPTOR, 0, {0}},
    {SECPKG_ATTR_UNIQUE_BINDINGS, 16, TLS, 1, {8}},
    {SECPKG_ATTR_ENDPOINT_BINDINGS, 16, TLS, 1, {8}},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, 8, 0, 1, {0}},
    {SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, 4, UNFINISHED, 0, {0}},
    {SECPKG_ATTR_APPLICATION_PROTOCOL, sizeof(SecPkgContext_ApplicationProtocol), TLS, 0, {0}},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, 8, TLS, 1, {0}},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT, 8, TLS, 1, {0}},
    {SECPKG_ATTR_ISSUER_LIST_EX, 16, TLS | INITIATOR, 1, {0}},
    {SECPKG_ATTR_CONNECTION_INFO, 28, TLS, 0, {0}},
    {SECPKG_ATTR_CIPHER_INFO, sizeof(SecPkgContext_CipherInfo), TLS, 0, {0}},
    {SECPKG_ATTR_CONNECTION_INFO_EX, sizeof(SecPkgContext_ConnectionInfoEx), TLS, 0, {0}},
    {SECPKG_ATTR_C_ACCESS_TOKEN, 8, TLS | ACCEPTOR, 0, {0}},
    {SECPKG_ATTR_CREDS, 16, TLS | ACCEPTOR, 1, {8}},
    {SECPKG_ATTR_NEGOTIATION_PACKAGE, 8, 0, 1, {0}},
    {SECPKG_ATTR_C_FULL_ACCESS_TOKEN, 8, TLS | ACCEPTOR, 0, {0}},
    {SECPKG_ATTR_SERVER_AUTH_FLAGS, 4, TLS, 0, {0}},
    {SECPKG_ATTR_CERT_TRUST_STATUS, 8, TLS | INITIATOR, 0, {0}},
    {SECPKG_ATTR_CREDS_2, 16, TLS | ACCEPTOR, 1, {8}},
    {SECPKG_ATTR_GSS_CONTEXT, sizeof(SecPkgContext_GssContext), 0, 0, {0}},
};

/* Numbers of attributes lie in these ranges. */
static const struct {
    ULONG first, last;
} ranges[] = {{0, 0x90}, {0x80000000, 0x80000090}, {0xC0000000, 0xC0000002}};

static const struct logon {
    const char *package;
    const char *inner;
    const char *tls_version;
    bool delegates;
} logons[] = {
    {"Kerberos", "Kerberos", NULL, false},  {"NTLM", "NTLM", NULL, false},
    {"Negotiate", "Kerberos", NULL, false}, {"Negotiate", "NTLM", NULL, false},
    {"CREDSSP", "Kerberos", "1.2", true},   {"CREDSSP", "NTLM", "1.3", true},
    {"CREDSSP", "Kerberos", "1.3", false},
};
#define LOGONS ((int)(sizeof logons / sizeof logons[0]))

/* What a buffer holds before a call, and behind what a call may write. */
#define UNTOUCHED   0xA5
#define ROOM_OCTETS 2048

static struct party client;
static struct party server;
static const struct logon *logon;

static SECURITY_STATUS query(struct party *party, int form, ULONG number, void *out, ULONG size)
{
    switch (form) {
    case 0:
        return QueryContextAttributesA(&party->context, number, out);
    case 1:
        return QueryContextAttributesW(&party->context, number, out);
    case 2:
        return QueryContextAttributesExA(&party->context, number, out, size);
    default:
        return QueryContextAttributesExW(&party->context, number, out, size);
    }
}
#define FORMS 4

static const struct known *known(ULONG number)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (attributes[i].number == number)
            return &attributes[i];
    }
    return NULL;
}

static bool is_had_by(const struct known *attribute, const struct party *party)
{
    return attribute != NULL && ((attribute->who & TLS) == 0 || logon->tls_version != NULL) &&
           ((attribute->who & ACCEPTOR) == 0 || !party->initiator) &&
           ((attribute->who & INITIATOR) == 0 || party->initiator);
}

static SECURITY_STATUS expected(const struct known *attribute, const struct party *party)
{
    if (!is_had_by(attribute, party))
        return SEC_E_UNSUPPORTED_FUNCTION;
    switch (attribute->number) {
    case SECPKG_ATTR_CLIENT_SPECIFIED_TARGET:
        return !party->initiator && strcmp(logon->inner, "NTLM") == 0 ? SEC_E_UNSUPPORTED_FUNCTION
                                                                      : SEC_E_OK;
    case SECPKG_ATTR_UNIQUE_BINDINGS:
        return strcmp(logon->tls_version, "1.2") == 0 ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
    case SECPKG_ATTR_REMOTE_CERT_CONTEXT:
        return party->initiator ? SEC_E_OK : SEC_E_NO_CREDENTIALS;
    case SECPKG_ATTR_LOCAL_CERT_CONTEXT:
        return party->initiator ? SEC_E_NO_CREDENTIALS : SEC_E_OK;
    case SECPKG_ATTR_CREDS:
    case SECPKG_ATTR_CREDS_2:
        return logon->delegates ? SEC_E_OK : SEC_E_NO_CREDENTIALS;
    default:
        return SEC_E_OK;
    }
}

static void prepare(int index)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    char options[512];

    logon = &logons[index];
    (void)snprintf(options, sizeof options,
                   "self_signed_key = ecdsa\n packages = %s\n AllowFreshCredentials = *\n"
                   "AllowFreshCredentialsWhenNTLMOnly = *\n"
                   "tls_priority = NORMAL:-VERS-ALL:+VERS-TLS%s",
                   logon->inner, logon->tls_version != NULL ? logon->tls_version : "1.3");
    with_options(options);
    party_init(&client, true, logon->package);
    party_init(&server, false, logon->package);
    if (strcmp(logon->inner, "NTLM") == 0)
        client.request &= ~(ULONG)ISC_REQ_MUTUAL_AUTH;
    if (logon->delegates)
        client.request |= ISC_REQ_DELEGATE;
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
}

static void start(int index)
{
    bool done;

    prepare(index);
    done = log_on(&client, &server, 0);
    ck_assert_msg(done, "%s: client %s, server %s: %s", logon->package,
                  SspiGssStatusName(client.status), SspiGssStatusName(server.status),
                  SspiGssStatusText());
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

/* Octets that are not what they were. */
static void assert_untouched(const unsigned char *octets, size_t length, ULONG number)
{
    size_t i = 0;

    while (i < length && octets[i] == UNTOUCHED)
        i++;
    ck_assert_msg(i == length, "attribute %x wrote at %zu", number, i);
}

static void free_pointers(const struct known *attribute, const unsigned char *buffer)
{
    for (size_t i = 0; i < attribute->pointers; i++) {
        void *pointer;

        memcpy(&pointer, buffer + attribute->offsets[i], sizeof pointer);
        if (pointer != NULL || attribute->number != SECPKG_ATTR_ISSUER_LIST_EX)
            ck_assert_int_eq(FreeContextBuffer(pointer), SEC_E_OK);
    }
}

/* One attribute of one side, in one form of the call. */
static void ask(struct party *party, int form, ULONG number)
{
    _Alignas(max_align_t) unsigned char buffer[ROOM_OCTETS];
    const struct known *attribute = known(number);
    size_t size = attribute != NULL ? attribute->size : 0;
    SECURITY_STATUS wanted = expected(attribute, party);
    SECURITY_STATUS status;

    memset(buffer, UNTOUCHED, sizeof buffer);
    status = query(party, form, number, buffer, (ULONG)size);
    ck_assert_msg(status == wanted, "%s %s %d attribute %x form %d: %s", logon->package,
                  logon->inner, party->initiator, number, form, SspiGssStatusText());
    assert_untouched(buffer + size, sizeof buffer - size, number);
    if (status == SEC_E_OK)
        free_pointers(attribute, buffer);
}

/* The same without a buffer, and with one that is too small. */
static void ask_wrongly(struct party *party, int form, ULONG number)
{
    unsigned char buffer[ROOM_OCTETS];
    const struct known *attribute = known(number);
    bool is_had = is_had_by(attribute, party);

    ck_assert_int_eq(query(party, form, number, NULL, 0),
                     is_had ? SEC_E_INVALID_PARAMETER : SEC_E_UNSUPPORTED_FUNCTION);
    if (!is_had || form < 2)
        return;
    memset(buffer, UNTOUCHED, sizeof buffer);
    ck_assert_int_eq(query(party, form, number, buffer, attribute->size - 1),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_int_eq(query(party, form, number, buffer, 0), SEC_E_BUFFER_TOO_SMALL);
    assert_untouched(buffer, sizeof buffer, number);
}

static void for_each(struct party *party, void (*function)(struct party *, int, ULONG))
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        for (ULONG number = ranges[i].first; number <= ranges[i].last; number++) {
            for (int form = 0; form < FORMS; form++)
                function(party, form, number);
        }
    }
}

START_TEST(every_attribute)
{
    start(_i);
    for_each(&client, ask);
    for_each(&server, ask);
}
END_TEST

START_TEST(bad_buffers)
{
    start(_i);
    for_each(&client, ask_wrongly);
    for_each(&server, ask_wrongly);
}
END_TEST

static void ask_too_early(struct party *party, int form, ULONG number)
{
    _Alignas(max_align_t) unsigned char buffer[ROOM_OCTETS];
    const struct known *attribute = known(number);
    SECURITY_STATUS wanted = SEC_E_INVALID_HANDLE;
    SECURITY_STATUS status;

    if (!is_had_by(attribute, party))
        wanted = SEC_E_UNSUPPORTED_FUNCTION;
    else if ((attribute->who & UNFINISHED) != 0)
        wanted = SEC_E_OK;
    memset(buffer, UNTOUCHED, sizeof buffer);
    status = query(party, form, number, buffer, sizeof buffer);
    ck_assert_msg(status == wanted, "%s %d attribute %x: %s", logon->package, party->initiator,
                  number, SspiGssStatusText());
    if (status == SEC_E_OK)
        free_pointers(attribute, buffer);
}

/* After the client's first call, and, where the logon takes more, the server's. */
START_TEST(while_the_logon_goes_on)
{
    prepare(_i);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    for_each(&client, ask_too_early);
    append(&server.inbox, server.wire.data, server.wire.length);
    if (party_step(&server, &client) == SEC_I_CONTINUE_NEEDED)
        for_each(&server, ask_too_early);
    ck_assert_int_ge(server.status, 0);
}
END_TEST

START_TEST(no_such_context)
{
    unsigned char buffer[ROOM_OCTETS];
    struct party before;

    start(_i);
    before = client;
    stop();
    for (int form = 0; form < FORMS; form++) {
        ck_assert_int_eq(query(&before, form, SECPKG_ATTR_SIZES, buffer, sizeof buffer),
                         SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(query(&before, form, 77, NULL, 0), SEC_E_INVALID_HANDLE);
    }
    ck_assert_int_eq(SetContextAttributesA(&before.context, SECPKG_ATTR_APP_DATA, buffer, 1),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(QueryContextAttributesA(NULL, SECPKG_ATTR_SIZES, buffer),
                     SEC_E_INVALID_HANDLE);
}
END_TEST

static void set_nothing(struct party *party, int form, ULONG number)
{
    unsigned char buffer[ROOM_OCTETS] = {0};

    if (form == 0)
        ck_assert_int_eq(SetContextAttributesA(&party->context, number, buffer, sizeof buffer),
                         SEC_E_UNSUPPORTED_FUNCTION);
    else if (form == 1)
        ck_assert_int_eq(SetContextAttributesW(&party->context, number, buffer, sizeof buffer),
                         SEC_E_UNSUPPORTED_FUNCTION);
    else
        ck_assert_int_eq(SetContextAttributesW(&party->context, number, NULL, 0),
                         SEC_E_INVALID_PARAMETER);
}

START_TEST(nothing_can_be_set)
{
    start(_i);
    for_each(&client, set_nothing);
    for_each(&server, set_nothing);
    ck_assert_ptr_eq(InitSecurityInterfaceA()->SetContextAttributesA, SetContextAttributesA);
    ck_assert_ptr_eq(InitSecurityInterfaceW()->SetContextAttributesW, SetContextAttributesW);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, every_attribute, 0, LOGONS);
    tcase_add_loop_test(cases, bad_buffers, 0, LOGONS);
    tcase_add_loop_test(cases, while_the_logon_goes_on, 0, LOGONS);
    tcase_add_loop_test(cases, no_such_context, 0, LOGONS);
    tcase_add_loop_test(cases, nothing_can_be_set, 0, LOGONS);
}

int main(void)
{
    return run_case("shim: attributes of contexts", NULL, stop, 300, add);
}
