/* What QueryContextAttributes answers, beside what the GSS-API says of the same context. */
#include <stdio.h>
#include <string.h>
#include <unistr.h>

#include <gssapi/gssapi_krb5.h>

#include "tests/mech/exchange.h"
#include "tests/runner.h"
#include "tests/shim/exchange.h"

static struct party client;
static struct party server;

static const struct logon {
    const char *package;
    const char *inner;
} logons[] = {
    {"Kerberos", "Kerberos"}, {"NTLM", "NTLM"},        {"Negotiate", "Kerberos"},
    {"Negotiate", "NTLM"},    {"CREDSSP", "Kerberos"}, {"CREDSSP", "NTLM"},
};
#define LOGONS ((int)(sizeof logons / sizeof logons[0]))

static bool is_ntlm(int index)
{
    return strcmp(logons[index].inner, "NTLM") == 0;
}

static void prepare(int index)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    char options[512];

    (void)snprintf(options, sizeof options,
                   "self_signed_key = ecdsa\n packages = %s\n AllowFreshCredentials = *\n"
                   "AllowFreshCredentialsWhenNTLMOnly = *",
                   logons[index].inner);
    with_options(options);
    party_init(&client, true, logons[index].package);
    party_init(&server, false, logons[index].package);
    if (is_ntlm(index))
        client.request &= ~(ULONG)ISC_REQ_MUTUAL_AUTH;
    if (strcmp(logons[index].package, "CREDSSP") == 0)
        client.request |= ISC_REQ_DELEGATE;
    party_must_acquire(&client, &alice);
    party_must_acquire(&server, NULL);
}

static void start(int index)
{
    prepare(index);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

static void query(struct party *party, bool wide, ULONG attribute, void *out)
{
    SECURITY_STATUS status = wide ? QueryContextAttributesW(&party->context, attribute, out)
                                  : QueryContextAttributesA(&party->context, attribute, out);

    ck_assert_msg(status == SEC_E_OK, "attribute %x: %s", attribute, SspiGssStatusText());
}

/* Compares the octets of UTF-16 with those of what UTF-8 becomes. */
static void assert_utf16(const void *units, size_t octets, const char *utf8)
{
    uint16_t wanted[512];
    size_t length = sizeof wanted / sizeof wanted[0];

    ck_assert_ptr_nonnull(u8_to_u16((const uint8_t *)utf8, strlen(utf8), wanted, &length));
    ck_assert_uint_eq(octets, length * sizeof wanted[0]);
    ck_assert_mem_eq(units, wanted, octets);
}

/* Compares a string of an answer and frees it. */
static void assert_string(void *string, bool wide, const char *wanted)
{
    ck_assert_ptr_nonnull(string);
    if (wide)
        assert_utf16(string, u16_strlen(string) * sizeof(WCHAR), wanted);
    else
        ck_assert_str_eq(string, wanted);
    ck_assert_int_eq(FreeContextBuffer(string), SEC_E_OK);
}

static gss_ctx_id_t gss_of(struct party *party)
{
    SecPkgContext_GssContext gss;

    query(party, false, SECPKG_ATTR_GSS_CONTEXT, &gss);
    return gss.Context;
}

/* --- names --- */

START_TEST(native_names)
{
    bool wide = _i % 2 != 0;
    SecPkgContext_NativeNamesA names;
    gss_name_t source = GSS_C_NO_NAME;
    gss_name_t target = GSS_C_NO_NAME;
    OM_uint32 minor;

    start(_i / 2);
    ck_assert_uint_eq(gss_inquire_context(&minor, gss_of(&client), &source, &target, NULL, NULL,
                                          NULL, NULL, NULL),
                      GSS_S_COMPLETE);
    query(&client, wide, SECPKG_ATTR_NATIVE_NAMES, &names);
    assert_string(names.sClientName, wide, name_text_of(source));
    assert_string(names.sServerName, wide, name_text_of(target));
    query(&server, wide, SECPKG_ATTR_NATIVE_NAMES, &names);
    assert_string(names.sClientName, wide,
                  is_ntlm(_i / 2) ? "EXAMPLE\\alice" : "alice@EXAMPLE.TEST");
    assert_string(names.sServerName, wide, is_ntlm(_i / 2) ? "" : "host/localhost@EXAMPLE.TEST");
    (void)gss_release_name(&minor, &source);
    (void)gss_release_name(&minor, &target);
}
END_TEST

START_TEST(who_vouches)
{
    bool wide = _i % 2 != 0;
    SecPkgContext_AuthorityA authority;
    SecPkgContext_DceInfo info;

    start(_i / 2);
    query(&client, wide, SECPKG_ATTR_AUTHORITY, &authority);
    assert_string(authority.sAuthorityName, wide, is_ntlm(_i / 2) ? "EXAMPLE" : "EXAMPLE.TEST");
    query(&server, wide, SECPKG_ATTR_AUTHORITY, &authority);
    assert_string(authority.sAuthorityName, wide, is_ntlm(_i / 2) ? "EXAMPLE" : "EXAMPLE.TEST");
    query(&server, wide, SECPKG_ATTR_DCE_INFO, &info);
    ck_assert_uint_eq(info.AuthzSvc, 1);
    assert_string(info.pPac, true, is_ntlm(_i / 2) ? "EXAMPLE\\alice" : "alice@EXAMPLE.TEST");
}
END_TEST

START_TEST(named_targets)
{
    bool wide = _i % 2 != 0;
    SecPkgContext_ClientSpecifiedTarget target;
    SecPkgContext_TargetInformation information;

    start(_i / 2);
    query(&client, wide, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target);
    assert_string(target.sTargetName, true, "host/localhost");
    query(&client, wide, SECPKG_ATTR_TARGET_INFORMATION, &information);
    assert_utf16(information.MarshalledTargetInfo, information.MarshalledTargetInfoLength,
                 "host/localhost");
    ck_assert_int_eq(FreeContextBuffer(information.MarshalledTargetInfo), SEC_E_OK);
    if (is_ntlm(_i / 2))
        return;
    query(&server, wide, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target);
    assert_string(target.sTargetName, true, "host/localhost");
}
END_TEST

/* NTLM takes clients that name nobody. */
START_TEST(no_target)
{
    SecPkgContext_ClientSpecifiedTarget target;
    SecPkgContext_TargetInformation information;

    prepare(1);
    client.target = NULL;
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(
        QueryContextAttributesA(&client.context, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target),
        SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(
        QueryContextAttributesW(&client.context, SECPKG_ATTR_TARGET_INFORMATION, &information),
        SEC_E_UNSUPPORTED_FUNCTION);
}
END_TEST

/* --- keys --- */

/* MIT's Kerberos says the key's encryption type in the last arc of an OID. */
START_TEST(kerberos_keys)
{
    static const struct {
        ULONG type, checksum, bits;
        const char *name, *checksum_name;
    } types[] = {
        {KERB_ETYPE_AES256_CTS_HMAC_SHA1_96, KERB_CHECKSUM_HMAC_SHA1_96_AES256, 256,
         "AES256-CTS-HMAC-SHA1-96", "HMAC-SHA1-96-AES256"},
        {KERB_ETYPE_AES128_CTS_HMAC_SHA1_96, KERB_CHECKSUM_HMAC_SHA1_96_AES128, 128,
         "AES128-CTS-HMAC-SHA1-96", "HMAC-SHA1-96-AES128"},
        {20, 20, 256, "AES256-CTS-HMAC-SHA384-192", "HMAC-SHA384-192-AES256"},
    };
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    bool wide = _i % 2 != 0;
    SecPkgContext_KeyInfoA info;
    const unsigned char *oid;
    bool is_known = false;
    OM_uint32 minor;

    start(_i / 2 != 0 ? 2 : 0);
    query(&client, wide, SECPKG_ATTR_KEY_INFO, &info);
    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(&minor, gss_of(&client),
                                                     GSS_C_INQ_SSPI_SESSION_KEY, &answer),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(info.KeySize, answer->elements[0].length * 8);
    oid = answer->elements[1].value;
    ck_assert_uint_eq(info.EncryptAlgorithm, oid[answer->elements[1].length - 1]);
    (void)gss_release_buffer_set(&minor, &answer);
    for (size_t i = 0; i < sizeof types / sizeof types[0] && !is_known; i++) {
        if (types[i].type != info.EncryptAlgorithm)
            continue;
        ck_assert_uint_eq(info.KeySize, types[i].bits);
        ck_assert_uint_eq(info.SignatureAlgorithm, types[i].checksum);
        assert_string(info.sEncryptAlgorithmName, wide, types[i].name);
        assert_string(info.sSignatureAlgorithmName, wide, types[i].checksum_name);
        is_known = true;
    }
    ck_assert(is_known);
}
END_TEST

START_TEST(ntlm_keys)
{
    SecPkgContext_KeyInfoA info;

    start(_i);
    query(&server, false, SECPKG_ATTR_KEY_INFO, &info);
    ck_assert_uint_eq(info.KeySize, 128);
    ck_assert_uint_eq(info.EncryptAlgorithm, CALG_RC4);
    ck_assert_uint_eq(info.SignatureAlgorithm, CALG_HMAC);
    assert_string(info.sEncryptAlgorithmName, false, "RC4");
    assert_string(info.sSignatureAlgorithmName, false, "HMAC-MD5");
}
END_TEST

/* --- the logon --- */

static SECPKG_ATTR_LCT_STATUS last_token(struct party *party)
{
    SecPkgContext_LastClientTokenStatus status;

    query(party, false, SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, &status);
    return status.LastClientTokenStatus;
}

START_TEST(last_token_of_the_client)
{
    static const SECPKG_ATTR_LCT_STATUS first[] = {
        SecPkgAttrLastClientTokenYes,   SecPkgAttrLastClientTokenNo, SecPkgAttrLastClientTokenMaybe,
        SecPkgAttrLastClientTokenMaybe, SecPkgAttrLastClientTokenNo, SecPkgAttrLastClientTokenNo,
    };

    prepare(_i);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(last_token(&client), first[_i]);
    append(&server.inbox, server.wire.data, server.wire.length);
    server.wire.length = 0;
    if (party_step(&server, &client) == SEC_I_CONTINUE_NEEDED)
        ck_assert_int_eq(last_token(&server), SecPkgAttrLastClientTokenNo);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(last_token(&client), SecPkgAttrLastClientTokenYes);
    ck_assert_int_eq(last_token(&server), SecPkgAttrLastClientTokenYes);
}
END_TEST

/* With DCE's third leg, the client has one more to send. */
START_TEST(last_token_of_dce)
{
    prepare(0);
    client.request |= ISC_REQ_USE_DCE_STYLE;
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(last_token(&client), SecPkgAttrLastClientTokenNo);
}
END_TEST

START_TEST(access_token)
{
    static const ULONG numbers[] = {SECPKG_ATTR_ACCESS_TOKEN, SECPKG_ATTR_C_ACCESS_TOKEN,
                                    SECPKG_ATTR_C_FULL_ACCESS_TOKEN};
    const SSPI_GSS_TOKEN_INFORMATION *information;
    size_t count = strcmp(logons[_i].package, "CREDSSP") == 0 ? 3 : 1;
    SecPkgContext_AccessToken first;
    SecPkgContext_AccessToken token;

    start(_i);
    query(&server, false, SECPKG_ATTR_ACCESS_TOKEN, &first);
    ck_assert_int_eq(SspiGssTokenInformation(first.AccessToken, &information), SEC_E_OK);
    ck_assert_str_eq(information->PrincipalName,
                     is_ntlm(_i) ? "EXAMPLE\\alice" : "alice@EXAMPLE.TEST");
    ck_assert_str_eq(information->PackageName, logons[_i].inner);
    for (size_t i = 0; i < count; i++) {
        query(&server, true, numbers[i], &token);
        ck_assert_ptr_eq(token.AccessToken, first.AccessToken);
    }
}
END_TEST

/* --- what was delegated --- */

static void assert_part(const SecPkgContext_ClientCreds *credentials, const UNICODE_STRING *part,
                        const char *wanted)
{
    size_t offset = (size_t)(uintptr_t)part->Buffer;

    ck_assert_uint_le(offset, credentials->AuthBufferLen);
    ck_assert_uint_le(part->Length, credentials->AuthBufferLen - offset);
    ck_assert_uint_eq(part->MaximumLength, part->Length);
    assert_utf16(credentials->AuthBuffer + offset, part->Length, wanted);
}

START_TEST(password)
{
    const ULONG number = _i % 2 != 0 ? SECPKG_ATTR_CREDS : SECPKG_ATTR_CREDS_2;
    SecPkgContext_ClientCreds credentials;
    KERB_INTERACTIVE_LOGON interactive;

    start(4 + _i / 2);
    query(&server, false, number, &credentials);
    ck_assert_uint_ge(credentials.AuthBufferLen, sizeof interactive);
    memcpy(&interactive, credentials.AuthBuffer, sizeof interactive);
    ck_assert_int_eq(interactive.MessageType, KerbInteractiveLogon);
    assert_part(&credentials, &interactive.LogonDomainName, realm_variable("REALM_NTLM_DOMAIN"));
    assert_part(&credentials, &interactive.UserName, realm_variable("REALM_USER"));
    assert_part(&credentials, &interactive.Password, realm_variable("REALM_PASSWORD"));
    ck_assert_int_eq(FreeContextBuffer(credentials.AuthBuffer), SEC_E_OK);
}
END_TEST

/* A client of the GSS-API, which can delegate a smart card, and the shim's server. */
static void log_on_with_card(gss_cred_id_t card)
{
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_buffer_desc name = {14, (void *)(uintptr_t) "host@localhost"};
    gss_name_t target = GSS_C_NO_NAME;
    OM_uint32 major = GSS_S_CONTINUE_NEEDED;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &target),
                      GSS_S_COMPLETE);
    for (int turn = 0; server.status != SEC_E_OK || turn == 0; turn++) {
        gss_buffer_desc input = {client.wire.length, client.wire.data};
        gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
        gss_buffer_desc bare = GSS_C_EMPTY_BUFFER;

        ck_assert_uint_eq(major, GSS_S_CONTINUE_NEEDED);
        major = gss_init_sec_context(
            &minor, card, &context, target, (gss_OID)(uintptr_t)GSS_SSPI_MECH_CREDSSP,
            GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG, 0, NULL, &input, NULL, &output, NULL, NULL);
        ck_assert_uint_eq(GSS_ERROR(major), 0);
        client.wire.length = 0;
        if (turn == 0)
            ck_assert_uint_eq(gss_decapsulate_token(&output, GSS_SSPI_MECH_CREDSSP, &bare),
                              GSS_S_COMPLETE);
        append(&server.inbox, turn == 0 ? bare.value : output.value,
               turn == 0 ? bare.length : output.length);
        (void)gss_release_buffer(&minor, &bare);
        (void)gss_release_buffer(&minor, &output);
        do {
            ck_assert_int_ge(party_step(&server, &client), 0);
        } while (server.status == SEC_I_CONTINUE_NEEDED && server.inbox.length != 0);
    }
    (void)gss_delete_sec_context(&minor, &context, NULL);
    (void)gss_release_name(&minor, &target);
}

/* A name of KERB_SMARTCARD_CSP_INFO, which ends with a NUL. */
static void assert_csp_name(const unsigned char *names, ULONG offset, const char *wanted)
{
    const uint16_t *name = (const uint16_t *)(const void *)(names + offset * sizeof(WCHAR));

    assert_utf16(name, u16_strlen(name) * sizeof(WCHAR), wanted);
}

START_TEST(smart_card)
{
    gss_cred_id_t card;
    SecPkgContext_ClientCreds credentials;
    KERB_CERTIFICATE_LOGON certificate;
    KERB_SMARTCARD_CSP_INFO info;
    const size_t header = offsetof(KERB_SMARTCARD_CSP_INFO, bBuffer);
    const unsigned char *names;
    size_t start_of_info;
    OM_uint32 minor;

    with_options("self_signed_key = ecdsa\n AllowFreshCredentials = *");
    party_init(&client, true, "CREDSSP");
    party_init(&server, false, "CREDSSP");
    party_must_acquire(&server, NULL);
    card = store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, "smart_card_pin",
                            "\xf0\x9f\x98\x80"
                            "1",
                            "smart_card_name", "card", "smart_card_reader", "reader",
                            "smart_card_container", "k\xc3\xbc", "smart_card_user_hint", "bob",
                            "smart_card_key_spec", "2", NULL);
    log_on_with_card(card);
    (void)gss_release_cred(&minor, &card);
    query(&server, true, SECPKG_ATTR_CREDS_2, &credentials);
    ck_assert_uint_ge(credentials.AuthBufferLen, sizeof certificate);
    memcpy(&certificate, credentials.AuthBuffer, sizeof certificate);
    ck_assert_int_eq(certificate.MessageType, KerbCertificateLogon);
    ck_assert_uint_eq(certificate.Flags, 0);
    assert_part(&credentials, &certificate.DomainName, "");
    assert_part(&credentials, &certificate.UserName, "bob");
    assert_part(&credentials, &certificate.Pin,
                "\xf0\x9f\x98\x80"
                "1");
    start_of_info = (size_t)(uintptr_t)certificate.CspData;
    ck_assert_uint_ge(certificate.CspDataLength, header);
    ck_assert_uint_eq(start_of_info + certificate.CspDataLength, credentials.AuthBufferLen);
    memcpy(&info, credentials.AuthBuffer + start_of_info, header);
    ck_assert_uint_eq(info.dwCspInfoLen, certificate.CspDataLength);
    ck_assert_uint_eq(info.MessageType, 1);
    ck_assert_uint_eq(info.KeySpec, 2);
    names = credentials.AuthBuffer + start_of_info + header;
    assert_csp_name(names, info.nCardNameOffset, "card");
    assert_csp_name(names, info.nReaderNameOffset, "reader");
    assert_csp_name(names, info.nContainerNameOffset, "k\xc3\xbc");
    assert_csp_name(names, info.nCSPNameOffset, "");
    ck_assert_int_eq(FreeContextBuffer(credentials.AuthBuffer), SEC_E_OK);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, native_names, 0, 2 * LOGONS);
    tcase_add_loop_test(cases, who_vouches, 0, 2 * LOGONS);
    tcase_add_loop_test(cases, named_targets, 0, 2 * LOGONS);
    tcase_add_test(cases, no_target);
    tcase_add_loop_test(cases, kerberos_keys, 0, 4);
    tcase_add_loop_test(cases, ntlm_keys, 1, 2);
    tcase_add_loop_test(cases, ntlm_keys, 3, 4);
    tcase_add_loop_test(cases, last_token_of_the_client, 0, LOGONS);
    tcase_add_test(cases, last_token_of_dce);
    tcase_add_loop_test(cases, access_token, 0, LOGONS);
    tcase_add_loop_test(cases, password, 0, 4);
    tcase_add_test(cases, smart_card);
}

int main(void)
{
    return run_case("shim: values of attributes", NULL, stop, 300, add);
}
