/* What can be asked of packages and contexts, impersonation, and channel bindings. */
#include <string.h>
#include <unistr.h>
#include <gssapi/gssapi_ext.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

static struct party client;
static struct party server;

static const struct {
    const char *package;
    bool by_password;
    const char *inner;
    const char *user; /* as the server sees it */
} packages[] = {
    {"Kerberos", false, "Kerberos", "alice@EXAMPLE.TEST"},
    {"NTLM", true, "NTLM", "EXAMPLE\\alice"},
    {"Negotiate", false, "Kerberos", "alice@EXAMPLE.TEST"},
    {"CREDSSP", true, "Kerberos", "alice@EXAMPLE.TEST"},
};
#define PACKAGES 4

static void start(int i)
{
    must_log_on(&client, &server, packages[i].package, "host/localhost", packages[i].by_password);
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

static void query(struct party *party, ULONG attribute, void *out)
{
    SECURITY_STATUS status = QueryContextAttributesA(&party->context, attribute, out);

    ck_assert_msg(status == SEC_E_OK, "attribute %x: %s", attribute, SspiGssStatusText());
}

START_TEST(packages_are_listed)
{
    static const char *const names[] = {"Negotiate", "Kerberos", "NTLM", "CREDSSP"};
    PSecPkgInfoA infos;
    PSecPkgInfoW wide;
    PSecPkgInfoA info;
    ULONG count;
    ULONG wide_count;
    char lower[] = "tsssp";

    ck_assert_int_eq(EnumerateSecurityPackagesA(&count, &infos), SEC_E_OK);
    ck_assert_int_eq(EnumerateSecurityPackagesW(&wide_count, &wide), SEC_E_OK);
    ck_assert_uint_eq(count, 4);
    ck_assert_uint_eq(wide_count, 4);
    for (ULONG i = 0; i < count; i++) {
        uint8_t converted[64] = "";
        size_t length = sizeof converted - 1;

        ck_assert_str_eq(infos[i].Name, names[i]);
        ck_assert_ptr_nonnull(
            u16_to_u8(wide[i].Name, u16_strlen(wide[i].Name), converted, &length));
        ck_assert_str_eq((char *)converted, names[i]);
        ck_assert_uint_eq(infos[i].wVersion, 1);
        ck_assert_uint_eq(infos[i].cbMaxToken, wide[i].cbMaxToken);
        ck_assert_uint_eq(infos[i].fCapabilities, wide[i].fCapabilities);
    }
    ck_assert_int_eq(FreeContextBuffer(infos), SEC_E_OK);
    ck_assert_int_eq(FreeContextBuffer(wide), SEC_E_OK);
    ck_assert_int_eq(QuerySecurityPackageInfoA(lower, &info), SEC_E_OK);
    ck_assert_str_eq(info->Name, "CREDSSP");
    ck_assert_uint_eq(info->wRPCID, SECPKG_ID_NONE);
    ck_assert_int_eq(FreeContextBuffer(info), SEC_E_OK);
}
END_TEST

START_TEST(who_has_logged_on)
{
    SecPkgContext_NamesA names;
    SecPkgContext_NamesW wide;

    start(_i);
    query(&server, SECPKG_ATTR_NAMES, &names);
    ck_assert_str_eq(names.sUserName, packages[_i].user);
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
    query(&client, SECPKG_ATTR_NAMES, &names);
    ck_assert_ptr_nonnull(strstr(names.sUserName, "alice"));
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
    ck_assert_int_eq(QueryContextAttributesW(&server.context, SECPKG_ATTR_NAMES, &wide), SEC_E_OK);
    ck_assert_uint_eq(u16_strlen(wide.sUserName), strlen(packages[_i].user));
    ck_assert_int_eq(FreeContextBuffer(wide.sUserName), SEC_E_OK);
    stop();
}
END_TEST

START_TEST(packages_of_a_context)
{
    SecPkgContext_PackageInfoA info;
    SecPkgContext_NegotiationInfoA negotiation;
    bool is_credssp = strcmp(packages[_i].package, "CREDSSP") == 0;

    start(_i);
    query(&server, SECPKG_ATTR_PACKAGE_INFO, &info);
    ck_assert_str_eq(info.PackageInfo->Name, is_credssp ? "CREDSSP" : packages[_i].inner);
    ck_assert_int_eq(FreeContextBuffer(info.PackageInfo), SEC_E_OK);
    query(&client, SECPKG_ATTR_NEGOTIATION_PACKAGE, &info);
    ck_assert_str_eq(info.PackageInfo->Name, packages[_i].inner);
    ck_assert_int_eq(FreeContextBuffer(info.PackageInfo), SEC_E_OK);
    query(&client, SECPKG_ATTR_NEGOTIATION_INFO, &negotiation);
    ck_assert_str_eq(negotiation.PackageInfo->Name, packages[_i].inner);
    ck_assert_uint_eq(negotiation.NegotiationState,
                      _i < 2 ? SECPKG_NEGOTIATION_DIRECT : SECPKG_NEGOTIATION_COMPLETE);
    ck_assert_int_eq(FreeContextBuffer(negotiation.PackageInfo), SEC_E_OK);
    stop();
}
END_TEST

START_TEST(a_negotiation_that_goes_on)
{
    SecPkgContext_NegotiationInfoA negotiation;
    SecPkgContext_Sizes sizes;

    party_init(&client, true, "Negotiate");
    party_init(&server, false, "Negotiate");
    party_must_acquire(&client, NULL);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    query(&client, SECPKG_ATTR_NEGOTIATION_INFO, &negotiation);
    ck_assert_uint_eq(negotiation.NegotiationState, SECPKG_NEGOTIATION_IN_PROGRESS);
    ck_assert_int_eq(FreeContextBuffer(negotiation.PackageInfo), SEC_E_OK);
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_SIZES, &sizes),
                     SEC_E_INVALID_HANDLE);
    stop();
}
END_TEST

START_TEST(flags_lifespan_and_session_key)
{
    SecPkgContext_Flags flags;
    SecPkgContext_Lifespan lifespan;
    SecPkgContext_SessionKey keys[2];

    start(_i);
    query(&client, SECPKG_ATTR_FLAGS, &flags);
    ck_assert_uint_eq(flags.Flags & (ISC_RET_CONFIDENTIALITY | ISC_RET_INTEGRITY),
                      ISC_RET_CONFIDENTIALITY | ISC_RET_INTEGRITY);
    query(&server, SECPKG_ATTR_FLAGS, &flags);
    ck_assert_uint_eq(flags.Flags & (ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY),
                      ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY);
    query(&client, SECPKG_ATTR_LIFESPAN, &lifespan);
    ck_assert_int_gt(lifespan.tsExpiry.QuadPart, lifespan.tsStart.QuadPart);
    /* After 2020, in ticks since 1601. */
    ck_assert_int_gt(lifespan.tsStart.QuadPart, INT64_C(132223104000000000));
    query(&client, SECPKG_ATTR_SESSION_KEY, &keys[0]);
    query(&server, SECPKG_ATTR_SESSION_KEY, &keys[1]);
    ck_assert_uint_ge(keys[0].SessionKeyLength, 16);
    ck_assert_uint_eq(keys[0].SessionKeyLength, keys[1].SessionKeyLength);
    ck_assert_mem_eq(keys[0].SessionKey, keys[1].SessionKey, keys[0].SessionKeyLength);
    ck_assert_int_eq(FreeContextBuffer(keys[0].SessionKey), SEC_E_OK);
    ck_assert_int_eq(FreeContextBuffer(keys[1].SessionKey), SEC_E_OK);
    stop();
}
END_TEST

START_TEST(tls_of_credssp)
{
    SecPkgContext_CipherInfo cipher;
    SecPkgContext_StreamSizes sizes;
    SecPkgContext_Flags flags;

    start(3);
    query(&client, SECPKG_ATTR_CIPHER_INFO, &cipher);
    ck_assert_uint_eq(cipher.dwVersion, SECPKGCONTEXT_CIPHERINFO_V1);
    ck_assert(cipher.dwProtocol == 0x0303 || cipher.dwProtocol == 0x0304);
    ck_assert_uint_ne(cipher.dwCipherSuite, 0);
    ck_assert_uint_ge(cipher.dwCipherLen, 128);
    query(&client, SECPKG_ATTR_STREAM_SIZES, &sizes);
    ck_assert_uint_ge(sizes.cbHeader, 5);
    ck_assert_uint_eq(sizes.cbMaximumMessage, 16384);
    query(&client, SECPKG_ATTR_SERVER_AUTH_FLAGS, &flags);
    ck_assert_uint_ne(flags.Flags & CREDSSP_SERVER_AUTH_NEGOTIATE, 0);
    stop();
}
END_TEST

START_TEST(what_other_packages_do_not_have)
{
    SecPkgContext_CipherInfo cipher;
    SecPkgContext_StreamSizes sizes;
    SecPkgContext_Flags flags;
    CtxtHandle *context = &client.context;

    start(_i);
    ck_assert_int_eq(QueryContextAttributesA(context, SECPKG_ATTR_CIPHER_INFO, &cipher),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(QueryContextAttributesA(context, SECPKG_ATTR_STREAM_SIZES, &sizes),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(QueryContextAttributesA(context, SECPKG_ATTR_SERVER_AUTH_FLAGS, &flags),
                     SEC_E_UNSUPPORTED_FUNCTION);
    stop();
}
END_TEST

/* A second hop with what was delegated, while nothing else is to be had. */
START_TEST(impersonation)
{
    static struct party second_client;
    static struct party second_server;
    SecPkgContext_NamesA names;

    party_init(&client, true, "Kerberos");
    party_init(&server, false, "Kerberos");
    client.request |= ISC_REQ_DELEGATE;
    party_must_acquire(&client, NULL);
    party_must_acquire(&server, NULL);
    ck_assert_int_eq(log_on(&client, &server, 0), true);
    ck_assert_uint_ne(server.attributes & ASC_RET_DELEGATE, 0);
    ck_assert_int_eq(ImpersonateSecurityContext(&client.context), SEC_E_NO_IMPERSONATION);
    ck_assert_int_eq(setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1), 0);
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);

    party_init(&second_client, true, "Kerberos");
    party_init(&second_server, false, "Kerberos");
    second_client.target = TEXT_OF("HTTP/localhost");
    party_must_acquire(&second_client, NULL);
    party_must_acquire(&second_server, NULL);
    ck_assert_int_eq(log_on(&second_client, &second_server, 0), true);
    query(&second_server, SECPKG_ATTR_NAMES, &names);
    ck_assert_str_eq(names.sUserName, "alice@EXAMPLE.TEST");
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
    party_end(&second_client);
    party_end(&second_server);

    /* A package that cannot use it does not fall back to the process' own. */
    party_init(&second_client, true, "NTLM");
    ck_assert_int_eq(party_acquire(&second_client, NULL), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    party_init(&second_client, true, "Kerberos");
    ck_assert_int_eq(party_acquire(&second_client, NULL), SEC_E_NO_CREDENTIALS);
    stop();
}
END_TEST

struct bindings {
    SEC_CHANNEL_BINDINGS header;
    char data[32];
};

static SecBuffer bindings_of(struct bindings *bindings, const char *data)
{
    memset(bindings, 0, sizeof *bindings);
    (void)strncpy(bindings->data, data, sizeof bindings->data - 1);
    bindings->header.cbApplicationDataLength = (ULONG)strlen(data);
    bindings->header.dwApplicationDataOffset = sizeof bindings->header;
    return (SecBuffer){sizeof *bindings, SECBUFFER_CHANNEL_BINDINGS, bindings};
}

/* 0: the same on both sides; 1: different; 2: the client has none; 3: that is allowed. */
START_TEST(channel_bindings)
{
    static const char *const used[] = {"Kerberos", "NTLM", "Negotiate"};
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    const char *package = used[_i / 4];
    struct bindings ours;
    struct bindings theirs;
    SecBuffer client_buffer = bindings_of(&ours, "tls-unique:1234");
    SecBuffer server_buffer =
        bindings_of(&theirs, _i % 4 == 1 ? "tls-unique:9999" : "tls-unique:1234");

    party_init(&client, true, package);
    party_init(&server, false, package);
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
    if (_i % 4 < 2)
        client.extra_input = &client_buffer;
    server.extra_input = &server_buffer;
    if (_i % 4 == 3)
        server.request |= ASC_REQ_ALLOW_MISSING_BINDINGS;
    ck_assert_msg(log_on(&client, &server, 0) == (_i % 4 == 0 || _i % 4 == 3), "%s: %s", package,
                  SspiGssStatusText());
    if (_i % 4 == 1 || _i % 4 == 2)
        ck_assert_msg(server.status == SEC_E_BAD_BINDINGS, "%s %d: %s", package, _i % 4,
                      SspiGssStatusText());
    stop();
}
END_TEST

START_TEST(malformed_channel_bindings)
{
    struct bindings bindings;
    SecBuffer buffer = bindings_of(&bindings, "data");

    party_init(&client, true, "Kerberos");
    party_must_acquire(&client, NULL);
    client.extra_input = &buffer;
    bindings.header.cbApplicationDataLength = UINT32_MAX;
    ck_assert_int_eq(party_step(&client, &server), SEC_E_INVALID_TOKEN);
    bindings.header.cbApplicationDataLength = 4;
    bindings.header.dwApplicationDataOffset = UINT32_MAX;
    ck_assert_int_eq(party_step(&client, &server), SEC_E_INVALID_TOKEN);
    buffer.cbBuffer = 31;
    ck_assert_int_eq(party_step(&client, &server), SEC_E_INVALID_TOKEN);
    party_end(&client);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: attributes");
    TCase *t = tcase_create("attributes");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, packages_are_listed);
    tcase_add_loop_test(t, who_has_logged_on, 0, PACKAGES);
    tcase_add_loop_test(t, packages_of_a_context, 0, PACKAGES);
    tcase_add_test(t, a_negotiation_that_goes_on);
    tcase_add_loop_test(t, flags_lifespan_and_session_key, 0, PACKAGES);
    tcase_add_test(t, tls_of_credssp);
    tcase_add_loop_test(t, what_other_packages_do_not_have, 0, 3);
    tcase_add_test(t, impersonation);
    tcase_add_loop_test(t, channel_bindings, 0, 12);
    tcase_add_test(t, malformed_channel_bindings);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
