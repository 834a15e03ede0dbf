/* Buffers of a leg's input besides the token: credentials, targets, bindings. */
#include <string.h>

#include "tests/runner.h"
#include "tests/shim/failed_logon.h"

static void before(void)
{
}

/* The server has its credentials. */
static void begin(const char *package)
{
    start(package);
    party_must_acquire(&server, NULL);
}

static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};
#define PACKAGES 4

/* --- SECBUFFER_PKG_PARAMS --- */

/* The handle is for the process' own ticket; the logon is that of bob. */
START_TEST(supplied_credentials)
{
    SEC_WINNT_AUTH_IDENTITY_A bob = identity_of(
        getenv("REALM_NTLM_DOMAIN"), getenv("REALM_SECOND_USER"), getenv("REALM_SECOND_PASSWORD"));
    SecBuffer parameters = {sizeof bob, SECBUFFER_PKG_PARAMS, &bob};
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    SecPkgContext_NamesA names;

    begin(packages[_i]);
    party_must_acquire(&client, strcmp(packages[_i], "NTLM") == 0 ? &alice : NULL);
    client.request |= ISC_REQ_USE_SUPPLIED_CREDS;
    client.extra_input = &parameters;
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_uint_ne(client.attributes & ISC_RET_USED_SUPPLIED_CREDS, 0);
    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(names.sUserName, getenv("REALM_SECOND_USER")));
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
    stop();
}
END_TEST

/* Without the flag nobody looks at them. */
START_TEST(credentials_that_were_not_asked_for)
{
    unsigned char nothing[8] = {0};
    SecBuffer parameters = {sizeof nothing, SECBUFFER_PKG_PARAMS, nothing};

    begin("Kerberos");
    party_must_acquire(&client, NULL);
    client.extra_input = &parameters;
    ck_assert(log_on(&client, &server, 0));
    ck_assert_uint_eq(client.attributes & ISC_RET_USED_SUPPLIED_CREDS, 0);
    stop();
}
END_TEST

START_TEST(malformed_credentials)
{
    SEC_WINNT_AUTH_IDENTITY_EX2 long_one = {
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2,
        .cbHeaderLength = sizeof long_one,
        .cbStructureLength = 4096,
    };
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    struct {
        SecBuffer buffer;
        SECURITY_STATUS status;
    } cases[] = {
        {{0, SECBUFFER_PKG_PARAMS, NULL}, SEC_E_INVALID_TOKEN},
        {{100, SECBUFFER_PKG_PARAMS, NULL}, SEC_E_INVALID_TOKEN},
        {{8, SECBUFFER_PKG_PARAMS, &alice}, SEC_E_INVALID_TOKEN},
        {{sizeof long_one, SECBUFFER_PKG_PARAMS, &long_one}, SEC_E_INVALID_TOKEN},
        {{40, SECBUFFER_PKG_PARAMS, &long_one}, SEC_E_INVALID_TOKEN},
    };

    begin("Kerberos");
    party_must_acquire(&client, NULL);
    client.request |= ISC_REQ_USE_SUPPLIED_CREDS;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        client.extra_input = &cases[i].buffer;
        demand(party_step(&client, &server), cases[i].status);
        ck_assert(!client.has_context);
    }
    stop();
}
END_TEST

/* Those of AcquireCredentialsHandle are supplied, those of the process are not. */
START_TEST(the_flag_without_a_buffer)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    begin("Negotiate");
    party_must_acquire(&client, NULL);
    client.request |= ISC_REQ_USE_SUPPLIED_CREDS;
    demand(party_step(&client, &server), SEC_E_NO_CREDENTIALS);
    party_end(&client);
    party_init(&client, true, "Negotiate");
    client.request |= ISC_REQ_USE_SUPPLIED_CREDS;
    party_must_acquire(&client, &alice);
    ck_assert(log_on(&client, &server, 0));
    stop();
}
END_TEST

/* --- SECBUFFER_TARGET, SECBUFFER_TARGET_HOST --- */

START_TEST(target_in_a_buffer)
{
    static SEC_WCHAR service[] = u"host/localhost";
    static SEC_WCHAR host[] = u"localhost";
    static SEC_WCHAR unknown[] = u"NOSUCH/localhost";
    static const struct {
        SecBuffer buffer;
        SECURITY_STATUS status;
        const char *argument;
    } cases[] = {
        {{sizeof service, SECBUFFER_TARGET, service}, SEC_I_CONTINUE_NEEDED, NULL},
        {{sizeof service - 2, SECBUFFER_TARGET, service}, SEC_I_CONTINUE_NEEDED, ""},
        {{sizeof host, SECBUFFER_TARGET_HOST, host}, SEC_I_CONTINUE_NEEDED, NULL},
        {{sizeof unknown, SECBUFFER_TARGET, unknown}, SEC_E_TARGET_UNKNOWN, NULL},
        /* The argument comes first. */
        {{sizeof unknown, SECBUFFER_TARGET, unknown}, SEC_I_CONTINUE_NEEDED, "host/localhost"},
        {{0, SECBUFFER_TARGET, service}, SEC_E_TARGET_UNKNOWN, NULL},
        {{5, SECBUFFER_TARGET, service}, SEC_E_TARGET_UNKNOWN, NULL},
    };
    SecBuffer buffer = cases[_i].buffer;

    begin("Kerberos");
    party_must_acquire(&client, NULL);
    client.target = TEXT_OF(cases[_i].argument);
    client.extra_input = &buffer;
    demand(party_step(&client, &server), cases[_i].status);
    stop();
}
END_TEST

/* --- SECBUFFER_CHANNEL_BINDINGS --- */

/* The longer form, with a flag and the text behind it. */
static SecBuffer bindings_with(const char *text, ULONG flags)
{
    static struct {
        SEC_CHANNEL_BINDINGS_EX header;
        char data[64];
    } bindings[2];
    static int next;
    int i = next++ % 2;

    memset(&bindings[i], 0, sizeof bindings[i]);
    memcpy(bindings[i].data, text, strlen(text));
    bindings[i].header = (SEC_CHANNEL_BINDINGS_EX){
        .magicNumber = SEC_CHANNEL_BINDINGS_EX_MAGIC,
        .flags = flags,
        .cbHeaderLength = sizeof bindings[i].header,
        .cbStructureLength = sizeof bindings[i],
        .cbApplicationDataLength = (ULONG)strlen(text),
        .dwApplicationDataOffset = sizeof bindings[i].header,
    };
    return (SecBuffer){sizeof bindings[i], SECBUFFER_CHANNEL_BINDINGS, &bindings[i]};
}

START_TEST(bindings_and_what_became_of_them)
{
    enum { MISSING = SEC_CHANNEL_BINDINGS_RESULT_ABSENT };
    static const struct {
        const char *client;
        const char *server;
        ULONG request;
        ULONG flags;
        SECURITY_STATUS status;
        ULONG result;
    } cases[] = {
        {"tls-exporter:1", "tls-exporter:1", 0, 0, SEC_E_OK,
         SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED},
        {"tls-exporter:1", "tls-exporter:2", 0, 0, SEC_E_BAD_BINDINGS,
         SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT |
             SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH},
        {"tls-exporter:1", "tls-exporter:2", ASC_REQ_ALLOW_MISSING_BINDINGS, 0, SEC_E_BAD_BINDINGS,
         SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT |
             SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH},
        {NULL, "tls-exporter:1", 0, 0, SEC_E_BAD_BINDINGS,
         MISSING | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING},
        {NULL, "tls-exporter:1", ASC_REQ_ALLOW_MISSING_BINDINGS, 0, SEC_E_OK,
         MISSING | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING},
        {NULL, "tls-exporter:1", 0, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS, SEC_E_OK,
         MISSING | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING},
    };
    int packages_used[] = {0, 2};
    SEC_CHANNEL_BINDINGS_RESULT result = {0};
    SecBuffer result_buffer = {sizeof result, SECBUFFER_CHANNEL_BINDINGS_RESULT, &result};
    SecBuffer client_bindings;
    SecBuffer server_bindings;
    int i = _i / 2;

    begin(packages[packages_used[_i % 2]]);
    party_must_acquire(&client, NULL);
    if (cases[i].client != NULL) {
        client_bindings = bindings_with(cases[i].client, 0);
        client.extra_input = &client_bindings;
    }
    server_bindings = bindings_with(cases[i].server, cases[i].flags);
    server.extra_input = &server_bindings;
    server.extra_output = &result_buffer;
    server.request |= cases[i].request;
    (void)log_on(&client, &server, 0);
    demand(server.status, cases[i].status);
    ck_assert_uint_eq(result.flags, cases[i].result);
    if (cases[i].status == SEC_E_OK)
        ck_assert_msg(((server.attributes & ASC_RET_MISSING_BINDINGS) != 0) ==
                          (cases[i].client == NULL),
                      "0x%X", (unsigned)server.attributes);
    stop();
}
END_TEST

START_TEST(malformed_bindings)
{
    begin("Kerberos");
    party_must_acquire(&client, NULL);
    for (int i = 0; i < 7; i++) {
        SecBuffer buffer = bindings_with("text", 0);
        SEC_CHANNEL_BINDINGS_EX *header = buffer.pvBuffer;

        switch (i) {
        case 0:
            header->cbApplicationDataLength = sizeof *header + 65;
            break;
        case 1:
            header->dwApplicationDataOffset = UINT32_MAX;
            break;
        case 2:
            header->cbHeaderLength--;
            break;
        case 3:
            header->cbStructureLength++;
            break;
        case 4:
            header->flags = 2;
            break;
        case 5:
            buffer.cbBuffer = sizeof *header - 1;
            break;
        default:
            buffer.cbBuffer = 0;
            break;
        }
        client.extra_input = &buffer;
        demand(party_step(&client, &server), SEC_E_INVALID_TOKEN);
    }
    stop();
}
END_TEST

/* Bindings in memory that the library has allocated, as QueryContextAttributes gives them. */
static SecPkgContext_Bindings allocated_bindings(const char *text)
{
    SEC_CHANNEL_BINDINGS header = {
        .cbApplicationDataLength = (ULONG)strlen(text),
        .dwApplicationDataOffset = sizeof header,
    };
    PSecPkgInfoA info;
    unsigned char *octets;

    /* The names of the package give it enough room. */
    ck_assert_int_eq(QuerySecurityPackageInfoA(TEXT_OF("CREDSSP"), &info), SEC_E_OK);
    ck_assert_uint_ge(sizeof *info + strlen(info->Name) + strlen(info->Comment),
                      sizeof header + strlen(text));
    octets = (unsigned char *)info;
    memcpy(octets, &header, sizeof header);
    memcpy(octets + sizeof header, text, strlen(text));
    return (SecPkgContext_Bindings){(ULONG)(sizeof header + strlen(text)), (void *)octets};
}

/* SspiSetChannelBindingFlags makes the longer form of the shorter, with the same parts. */
START_TEST(flags_of_bindings)
{
    static const char text[] = "tls-server-end-point:0123";
    SecPkgContext_Bindings bindings = allocated_bindings(text);
    SEC_CHANNEL_BINDINGS_EX *longer;
    SecBuffer client_bindings;
    SecBuffer server_bindings;

    for (int i = 0; i < 2; i++) { /* the second time it is the longer form already */
        ck_assert_int_eq(SspiSetChannelBindingFlags(&bindings, 1), SEC_E_OK);
        longer = (void *)bindings.Bindings;
        ck_assert_uint_eq(longer->flags, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS);
        ck_assert_uint_eq(bindings.BindingsLength, sizeof *longer + sizeof text - 1);
        ck_assert_uint_eq(longer->cbStructureLength, bindings.BindingsLength);
        ck_assert_mem_eq(longer + 1, text, sizeof text - 1);
    }
    client_bindings =
        (SecBuffer){bindings.BindingsLength, SECBUFFER_CHANNEL_BINDINGS, bindings.Bindings};
    server_bindings = bindings_with(text, 0);
    begin("Kerberos");
    party_must_acquire(&client, NULL);
    client.extra_input = &client_bindings;
    server.extra_input = &server_bindings;
    ck_assert(log_on(&client, &server, 0));
    stop();
    ck_assert_int_eq(FreeContextBuffer(bindings.Bindings), SEC_E_OK);
}
END_TEST

START_TEST(flags_of_no_bindings)
{
    SecPkgContext_Bindings bindings = allocated_bindings("text");

    ck_assert_int_eq(SspiSetChannelBindingFlags(NULL, 0), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiSetChannelBindingFlags(&bindings, 2), SEC_E_INVALID_PARAMETER);
    bindings.BindingsLength = sizeof *bindings.Bindings + 3;
    ck_assert_int_eq(SspiSetChannelBindingFlags(&bindings, 1), SEC_E_INVALID_PARAMETER);
    bindings.BindingsLength = sizeof *bindings.Bindings - 1;
    ck_assert_int_eq(SspiSetChannelBindingFlags(&bindings, 1), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(FreeContextBuffer(bindings.Bindings), SEC_E_OK);
    bindings.Bindings = NULL;
    ck_assert_int_eq(SspiSetChannelBindingFlags(&bindings, 1), SEC_E_INVALID_PARAMETER);
}
END_TEST

/* --- the rest --- */

START_TEST(buffers_nobody_knows)
{
    unsigned char octets[] = "something";
    SecBuffer unknown = {sizeof octets, 4711, octets};

    begin(packages[_i]);
    if (strcmp(packages[_i], "NTLM") == 0) {
        SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

        party_must_acquire(&client, &alice);
    } else {
        party_must_acquire(&client, NULL);
    }
    client.extra_input = server.extra_input = &unknown;
    ck_assert(log_on(&client, &server, 0));
    ck_assert_str_eq((char *)octets, "something");
    stop();
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, supplied_credentials, 0, PACKAGES);
    tcase_add_test(cases, credentials_that_were_not_asked_for);
    tcase_add_test(cases, malformed_credentials);
    tcase_add_test(cases, the_flag_without_a_buffer);
    tcase_add_loop_test(cases, target_in_a_buffer, 0, 7);
    tcase_add_loop_test(cases, bindings_and_what_became_of_them, 0, 12);
    tcase_add_test(cases, malformed_bindings);
    tcase_add_test(cases, flags_of_bindings);
    tcase_add_test(cases, flags_of_no_bindings);
    tcase_add_loop_test(cases, buffers_nobody_knows, 0, PACKAGES);
}

int main(void)
{
    return run_case("shim: buffers besides the token", before, before, 60, add);
}
