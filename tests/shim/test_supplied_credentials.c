/* What AcquireCredentialsHandle is supplied with, or finds: identities, TLS, smart cards, caches. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sspi-gss/ntsecapi.h>
#include <gssapi_sspi.h>

#include "tests/mech/certificate_files.h"
#include "tests/shim/exchange.h"
#include "tests/runner.h"

#define WIDE(text) ((WCHAR *)(uintptr_t)(text))

static struct party client;
static struct party server;

static SECURITY_STATUS acquire_as(const char *principal, const char *package, ULONG use, void *data)
{
    party_init(&client, true, package);
    return AcquireCredentialsHandleA(TEXT_OF(principal), TEXT_OF(package), use, NULL, data, NULL,
                                     NULL, &client.credential, NULL);
}

static SECURITY_STATUS acquire(const char *package, void *data)
{
    return acquire_as(NULL, package, SECPKG_CRED_OUTBOUND, data);
}

/* Logs on with what acquire() has made. */
static bool works(const char *package)
{
    party_init(&server, false, package);
    party_must_acquire(&server, NULL);
    return log_on(&client, &server, 0);
}

static void end_both(void)
{
    party_end(&client);
    party_end(&server);
}

/* The server has seen this user. */
static void assert_user(const char *expected)
{
    SecPkgContext_NamesA names = {NULL};

    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_str_eq(names.sUserName, expected);
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
}

static void assert_package(const char *expected)
{
    SecPkgContext_NegotiationInfoA negotiation;

    ck_assert_int_eq(
        QueryContextAttributesA(&server.context, SECPKG_ATTR_NEGOTIATION_INFO, &negotiation),
        SEC_E_OK);
    ck_assert_str_eq(negotiation.PackageInfo->Name, expected);
    ck_assert_int_eq(FreeContextBuffer(negotiation.PackageInfo), SEC_E_OK);
}

static ULONG widen(WCHAR *wide, const char *ascii)
{
    ULONG i;

    ck_assert_ptr_nonnull(ascii);
    for (i = 0; ascii[i] != '\0'; i++)
        wide[i] = (unsigned char)ascii[i];
    wide[i] = 0;
    return i;
}

/* --- opaque identities, and packed credentials of a caller --- */

START_TEST(opaque_identities_log_on)
{
    static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = NULL;
    WCHAR user[64], domain[64], password[64];
    CREDSSP_CRED credssp = {.Type = CredsspPasswordCreds};

    (void)widen(user, getenv("REALM_SECOND_USER"));
    (void)widen(domain, getenv("REALM_NTLM_DOMAIN"));
    (void)widen(password, getenv("REALM_SECOND_PASSWORD"));
    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(user, domain, password, &identity), SEC_E_OK);
    credssp.pSpnegoCred = identity;
    ck_assert_int_eq(acquire(packages[_i], _i == 3 ? (void *)&credssp : identity), SEC_E_OK);
    SspiFreeAuthIdentity(identity);
    ck_assert_msg(works(packages[_i]), "%s", SspiGssStatusText());
    if (_i != 1)
        assert_user("bob@EXAMPLE.TEST");
    end_both();
}
END_TEST

/* An EX2 as another program may build it: the password behind a SEC_WINNT_AUTH_DATA_PASSWORD. */
struct packed {
    SEC_WINNT_AUTH_IDENTITY_EX2 identity;
    WCHAR user[32];
    WCHAR list[16];
    SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX extended;
    SEC_WINNT_AUTH_PACKED_CREDENTIALS credentials;
    SEC_WINNT_AUTH_DATA_PASSWORD data;
    WCHAR password[32];
};

static void pack(struct packed *packed, const GUID *type, bool extended)
{
    const size_t start =
        extended ? offsetof(struct packed, extended) : offsetof(struct packed, credentials);

    memset(packed, 0, sizeof *packed);
    packed->data.UnicodePassword.ByteArrayOffset = sizeof packed->data;
    packed->data.UnicodePassword.ByteArrayLength =
        (USHORT)(2 * widen(packed->password, getenv("REALM_PASSWORD")));
    packed->credentials.cbHeaderLength = sizeof packed->credentials;
    packed->credentials.cbStructureLength =
        (USHORT)(sizeof *packed - offsetof(struct packed, credentials));
    packed->credentials.AuthData.CredType = *type;
    packed->credentials.AuthData.CredData.ByteArrayOffset = sizeof packed->credentials;
    packed->credentials.AuthData.CredData.ByteArrayLength =
        (USHORT)(sizeof packed->data + packed->data.UnicodePassword.ByteArrayLength);
    packed->extended.cbHeaderLength = sizeof packed->extended;
    packed->extended.PackedCredentials.ByteArrayOffset = sizeof packed->extended;
    packed->extended.PackedCredentials.ByteArrayLength = packed->credentials.cbStructureLength;
    packed->identity = (SEC_WINNT_AUTH_IDENTITY_EX2){
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2,
        .cbHeaderLength = sizeof packed->identity,
        .cbStructureLength = sizeof *packed,
        .UserOffset = offsetof(struct packed, user),
        .UserLength = (USHORT)(2 * widen(packed->user, "alice")),
        .PackedCredentialsOffset = (ULONG)start,
        .PackedCredentialsLength = (USHORT)(sizeof *packed - start),
        .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | SEC_WINNT_AUTH_IDENTITY_MARSHALLED,
        .PackageListOffset = offsetof(struct packed, list),
        .PackageListLength = (USHORT)(2 * widen(packed->list, "!kerberos")),
    };
}

START_TEST(packed_passwords_log_on)
{
    static struct packed packed;

    pack(&packed, &SEC_WINNT_AUTH_DATA_TYPE_PASSWORD, _i == 1);
    ck_assert_int_eq(SspiValidateAuthIdentity(&packed), SEC_E_OK);
    ck_assert_msg(acquire("Negotiate", &packed) == SEC_E_OK, "%s", SspiGssStatusText());
    ck_assert_msg(works("Negotiate"), "%s", SspiGssStatusText());
    assert_package("NTLM");
    end_both();
}
END_TEST

START_TEST(other_packed_credentials_are_refused)
{
    const GUID *const types[] = {
        &SEC_WINNT_AUTH_DATA_TYPE_CERT, &SEC_WINNT_AUTH_DATA_TYPE_CREDMAN_CERT,
        &SEC_WINNT_AUTH_DATA_TYPE_KEYTAB, &SEC_WINNT_AUTH_DATA_TYPE_CSP_DATA};
    static const GUID unknown = {1, 2, 3, {4}};
    static struct packed packed;

    pack(&packed, _i < 4 ? types[_i] : &unknown, false);
    ck_assert_int_eq(acquire("Negotiate", &packed), SEC_E_UNSUPPORTED_FUNCTION);
    packed.credentials.cbStructureLength = 27;
    ck_assert_int_eq(acquire("Negotiate", &packed), SEC_E_INVALID_PARAMETER);
}
END_TEST

/* --- package lists --- */

START_TEST(package_lists_choose)
{
    static const struct {
        const char *list;
        const char *package;
        const char *chosen; /* NULL: the list leaves none */
    } lists[] = {
        {"!ntlm", "Negotiate", "Kerberos"},
        {"!kerberos", "Negotiate", "NTLM"},
        {"NTLM", "Negotiate", "NTLM"},
        {"Kerberos,NTLM", "Negotiate", "Kerberos"},
        {"kerberos,!ntlm", "CREDSSP", "Kerberos"},
        {"!Kerberos", "CREDSSP", "NTLM"},
        {"!kerberos,!ntlm", "Negotiate", NULL},
        {"pku2u", "Negotiate", NULL},
        {"!kerberos", "Kerberos", "Kerberos"},
    };
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    SEC_WINNT_AUTH_IDENTITY_EXA listed = {
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof listed,
        .User = alice.User,
        .UserLength = alice.UserLength,
        .Domain = alice.Domain,
        .DomainLength = alice.DomainLength,
        .Password = alice.Password,
        .PasswordLength = alice.PasswordLength,
        .Flags = alice.Flags,
        .PackageList = (UCHAR *)(uintptr_t)lists[_i].list,
        .PackageListLength = (ULONG)strlen(lists[_i].list),
    };
    SECURITY_STATUS status = acquire(lists[_i].package, &listed);

    if (lists[_i].chosen == NULL) {
        ck_assert_msg(status == SEC_E_SECPKG_NOT_FOUND, "%s", SspiGssStatusText());
        return;
    }
    ck_assert_msg(status == SEC_E_OK, "%s", SspiGssStatusText());
    client.request &= ~(ULONG)ISC_REQ_MUTUAL_AUTH; /* which NTLM has not */
    ck_assert_msg(works(lists[_i].package), "%s", SspiGssStatusText());
    assert_package(lists[_i].chosen);
    end_both();
}
END_TEST

/* --- TLS' part of a CREDSSP_CRED --- */

static SECURITY_STATUS acquire_tls(ULONG use, void *tls)
{
    CREDSSP_CRED credential = {CredsspSchannelCreds, tls, NULL};

    return acquire_as(NULL, "CREDSSP", use, &credential);
}

START_TEST(certificates_are_validated_when_asked)
{
    SCHANNEL_CRED tls = {.dwVersion = SCHANNEL_CRED_VERSION,
                         .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS |
                                    SCH_USE_STRONG_CRYPTO};

    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_OK);
    ck_assert_msg(works("CREDSSP"), "%s", SspiGssStatusText());
    end_both();
    /* The server's certificate is made by itself. */
    tls.dwFlags = SCH_CRED_AUTO_CRED_VALIDATION;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_OK);
    ck_assert(!works("CREDSSP"));
    ck_assert_msg(client.status == SEC_E_UNTRUSTED_ROOT, "%s", SspiGssStatusText());
    end_both();
}
END_TEST

START_TEST(tls_parts_that_cannot_be_had)
{
    static const struct {
        SCHANNEL_CRED tls;
        SECURITY_STATUS status;
    } parts[] = {
        {{.dwFlags = SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_MANUAL_CRED_VALIDATION},
         SEC_E_INVALID_PARAMETER},
        {{.dwFlags = SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_REVOCATION_CHECK_CHAIN},
         SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwFlags = SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_NO_SERVERNAME_CHECK},
         SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwFlags = SCH_USE_DTLS_ONLY}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwFlags = SCH_USE_PRESHAREDKEY_ONLY}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.grbitEnabledProtocols = SP_PROT_TLS1_0_CLIENT}, SEC_E_ALGORITHM_MISMATCH},
        {{.grbitEnabledProtocols = SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER},
         SEC_E_ALGORITHM_MISMATCH},
        {{.grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.grbitEnabledProtocols = SP_PROT_TLS1_1PLUS_CLIENT}, SEC_E_OK},
        {{.cSupportedAlgs = 1}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwMinimumCipherStrength = 256}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.dwMinimumCipherStrength = 128, .dwMaximumCipherStrength = 256}, SEC_E_OK},
        {{.hRootStore = &client}, SEC_E_UNSUPPORTED_FUNCTION},
        {{.cCreds = 1}, SEC_E_INVALID_PARAMETER},
    };
    SCHANNEL_CRED tls = parts[_i].tls;

    tls.dwVersion = SCHANNEL_CRED_VERSION;
    ck_assert_msg(acquire_tls(SECPKG_CRED_OUTBOUND, &tls) == parts[_i].status, "%s",
                  SspiGssStatusText());
    party_end(&client);
}
END_TEST

START_TEST(new_tls_parts_that_cannot_be_had)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = SP_PROT_TLS1_0 | SP_PROT_TLS1_1};
    SCH_CREDENTIALS tls = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &parameters};

    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_OK);
    party_end(&client);
    parameters.grbitDisabledProtocols = SP_PROT_TLS1_3;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_UNSUPPORTED_FUNCTION);
    parameters.grbitDisabledProtocols = SP_PROT_ALL;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_ALGORITHM_MISMATCH);
    parameters = (TLS_PARAMETERS){.cDisabledCrypto = 1};
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_UNSUPPORTED_FUNCTION);
    parameters = (TLS_PARAMETERS){.cAlpnIds = 1};
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_UNSUPPORTED_FUNCTION);
    tls.cTlsParameters = 2;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_UNSUPPORTED_FUNCTION);
    tls.pTlsParameters = NULL;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_OUTBOUND, &tls), SEC_E_INVALID_PARAMETER);
}
END_TEST

/* The two names, each with its NUL. */
static ULONG join_names(char *names, size_t size, const char *certificate, const char *key)
{
    int length = snprintf(names, size, "%s%c%s", certificate, '\0', key);

    ck_assert_int_gt(length, 0);
    ck_assert_uint_lt((size_t)length, size);
    return (ULONG)length + 1;
}

START_TEST(servers_show_the_certificate_supplied)
{
    struct certificate_files files;
    struct certificate_wish wish = {.file = "supplied"};
    char names[1200];
    CERT_CONTEXT certificate = {.dwCertEncodingType = SSPI_GSS_CERTIFICATE_NAMES,
                                .pbCertEncoded = (BYTE *)names};
    PCCERT_CONTEXT certificates[2] = {&certificate, &certificate};
    SCHANNEL_CRED tls = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = certificates};
    CREDSSP_CRED credential = {CredsspSchannelCreds, &tls, NULL};
    SecPkgContext_GssContext gss;
    gss_buffer_set_t seen = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    certificate_files_make(&files, &wish);
    certificate.cbCertEncoded = join_names(names, sizeof names, files.certificate, files.key);
    party_init(&client, true, "CREDSSP");
    party_init(&server, false, "CREDSSP");
    party_must_acquire(&client, NULL);
    party_must_acquire(&server, &credential);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, gss.Context,
                                       (gss_OID)(uintptr_t)GSS_SSPI_INQ_PEER_CERTIFICATE, &seen),
        GSS_S_COMPLETE);
    ck_assert_uint_eq(seen->elements[0].length, files.der.size);
    ck_assert_mem_eq(seen->elements[0].value, files.der.data, files.der.size);
    (void)gss_release_buffer_set(&minor, &seen);
    end_both();

    tls.cCreds = 2;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_INBOUND, &tls), SEC_E_UNSUPPORTED_FUNCTION);
    tls.cCreds = 1;
    certificates[0] = NULL;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_INBOUND, &tls), SEC_E_INVALID_PARAMETER);
    certificates[0] = &certificate;
    for (ULONG length = 0; length < certificate.cbCertEncoded; length++) {
        CERT_CONTEXT cut = certificate;

        cut.cbCertEncoded = length;
        certificates[0] = &cut;
        ck_assert_int_eq(acquire_tls(SECPKG_CRED_INBOUND, &tls), SEC_E_INVALID_PARAMETER);
    }
    certificates[0] = &certificate;
    certificate.dwCertEncodingType = X509_ASN_ENCODING;
    ck_assert_int_eq(acquire_tls(SECPKG_CRED_INBOUND, &tls), SEC_E_UNKNOWN_CREDENTIALS);
    certificate_files_release(&files);
}
END_TEST

/* --- smart cards --- */

#define CARD_NAMES u"\0card\0reader\0container\0provider"

struct csp_data {
    unsigned char octets[40 + sizeof CARD_NAMES];
};

static struct csp_data csp_data_of_card(void)
{
    KERB_SMARTCARD_CSP_INFO info = {.dwCspInfoLen = sizeof(struct csp_data),
                                    .MessageType = 1,
                                    .KeySpec = 2,
                                    .nCardNameOffset = 1,
                                    .nReaderNameOffset = 6,
                                    .nContainerNameOffset = 13,
                                    .nCSPNameOffset = 23};
    struct csp_data data;

    memcpy(data.octets, &info, 40);
    memcpy(data.octets + 40, CARD_NAMES, sizeof CARD_NAMES);
    return data;
}

static KERB_CERTIFICATE_LOGON logon_of_card(struct csp_data *data)
{
    return (KERB_CERTIFICATE_LOGON){.MessageType = KerbCertificateLogon,
                                    .DomainName = {14, 16, WIDE(u"EXAMPLE")},
                                    .UserName = {10, 12, WIDE(u"alice")},
                                    .Pin = {8, 10, WIDE(u"1234")},
                                    .CspDataLength = sizeof *data,
                                    .CspData = data->octets};
}

static SECURITY_STATUS acquire_card(KERB_CERTIFICATE_LOGON *logon)
{
    CREDSSP_CRED credential = {CredsspCertificateCreds, NULL, logon};

    return acquire_as(NULL, "CREDSSP", SECPKG_CRED_OUTBOUND, &credential);
}

START_TEST(smart_cards_are_delegated)
{
    static const char *const expected[] = {"1234", "alice",  "EXAMPLE",   NULL,
                                           "card", "reader", "container", "provider"};
    struct csp_data data = csp_data_of_card();
    KERB_CERTIFICATE_LOGON logon = logon_of_card(&data);
    SecPkgContext_GssContext gss;
    gss_buffer_set_t card = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    ck_assert_msg(acquire_card(&logon) == SEC_E_OK, "%s", SspiGssStatusText());
    client.request |= ISC_REQ_DELEGATE;
    ck_assert_msg(works("CREDSSP"), "%s", SspiGssStatusText());
    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    ck_assert_uint_eq(gss_sspi_inquire_smart_card(&minor, gss.Context, &card), GSS_S_COMPLETE);
    for (size_t i = 0; i < 8; i++) {
        if (expected[i] == NULL)
            continue;
        ck_assert_uint_eq(card->elements[i].length, strlen(expected[i]));
        ck_assert_mem_eq(card->elements[i].value, expected[i], strlen(expected[i]));
    }
    ck_assert_uint_eq(*(const uint32_t *)card->elements[3].value, 2);
    gss_sspi_release_credentials(&card);
    end_both();
}
END_TEST

START_TEST(smart_cards_that_are_none)
{
    struct csp_data data = csp_data_of_card();
    KERB_CERTIFICATE_LOGON logon = logon_of_card(&data);
    SECURITY_STATUS expected = SEC_E_INVALID_PARAMETER;
    uint32_t number = 0;

    switch (_i) {
    case 0:
        logon.MessageType = KerbInteractiveLogon;
        expected = SEC_E_UNKNOWN_CREDENTIALS;
        break;
    case 1:
        logon.Pin = (UNICODE_STRING){0, 0, NULL};
        break;
    case 2:
        logon.Pin.Length = 7;
        break;
    case 3:
        logon.CspDataLength = 40;
        break;
    case 4:
        logon.CspDataLength--; /* not what CspData says itself */
        break;
    case 5: /* a name that does not end */
        memset(data.octets + 40 + sizeof CARD_NAMES - 2, 'x', 2);
        break;
    case 6: /* a name that begins outside */
        number = 32;
        memcpy(data.octets + offsetof(KERB_SMARTCARD_CSP_INFO, nReaderNameOffset), &number, 4);
        break;
    case 7:
        number = UINT32_MAX;
        memcpy(data.octets + offsetof(KERB_SMARTCARD_CSP_INFO, nCSPNameOffset), &number, 4);
        break;
    case 8:
        number = 3;
        memcpy(data.octets + offsetof(KERB_SMARTCARD_CSP_INFO, KeySpec), &number, 4);
        break;
    default: /* no more than a PIN is needed */
        logon = (KERB_CERTIFICATE_LOGON){.MessageType = KerbCertificateLogon, .Pin = logon.Pin};
        expected = SEC_E_OK;
        break;
    }
    ck_assert_msg(acquire_card(&logon) == expected, "%s", SspiGssStatusText());
    party_end(&client);
}
END_TEST

/* --- where credentials are found --- */

static void kinit(const char *user, const char *password)
{
    char command[256];

    (void)snprintf(command, sizeof command, "printf '%%s\\n' '%s' | kinit %s >/dev/null", password,
                   user);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(a_principal_picks_a_cache)
{
    static const char *const names[] = {"alice", "bob", "bob@EXAMPLE.TEST", "EXAMPLE\\alice",
                                        "bob@example.test"};
    char directory[512];

    (void)snprintf(directory, sizeof directory, "DIR:%s/caches", getenv("REALM_DIR"));
    ck_assert_int_eq(setenv("KRB5CCNAME", directory, 1), 0);
    (void)snprintf(directory, sizeof directory, "mkdir -p '%s/caches'", getenv("REALM_DIR"));
    ck_assert_int_eq(system(directory), 0);
    kinit("alice", getenv("REALM_PASSWORD"));
    kinit("bob", getenv("REALM_SECOND_PASSWORD"));
    for (size_t i = 0; i < 2 * sizeof names / sizeof names[0]; i++) {
        const char *name = names[i / 2];
        const char *package = i % 2 == 0 ? "Kerberos" : "Negotiate";

        ck_assert_msg(acquire_as(name, package, SECPKG_CRED_OUTBOUND, NULL) == SEC_E_OK, "%s: %s",
                      name, SspiGssStatusText());
        ck_assert_msg(works(package), "%s: %s", name, SspiGssStatusText());
        assert_user(strstr(name, "bob") != NULL ? "bob@EXAMPLE.TEST" : "alice@EXAMPLE.TEST");
        end_both();
    }
    ck_assert_int_eq(acquire_as("carol", "Kerberos", SECPKG_CRED_OUTBOUND, NULL),
                     SEC_E_NO_CREDENTIALS);
}
END_TEST

START_TEST(a_user_without_password_picks_a_cache)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of(NULL, "alice", NULL);
    SEC_WINNT_AUTH_IDENTITY_A bob = identity_of(NULL, "bob", NULL);
    SEC_WINNT_AUTH_IDENTITY_A nobody = identity_of(NULL, NULL, "secret");

    ck_assert_int_eq(acquire("Kerberos", &alice), SEC_E_OK);
    ck_assert_msg(works("Kerberos"), "%s", SspiGssStatusText());
    end_both();
    ck_assert_int_eq(acquire("Kerberos", &bob), SEC_E_NO_CREDENTIALS);
    /* The password is somebody else's than the ticket. */
    ck_assert_int_eq(acquire("Kerberos", &nobody), SEC_E_UNKNOWN_CREDENTIALS);
}
END_TEST

START_TEST(restrictions_of_use)
{
    static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};
    const char *package = packages[_i];
    const ULONG restricted = SECPKG_CRED_OUTBOUND | SECPKG_CRED_AUTOLOGON_RESTRICTED;
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    LUID somebody = {1, 2};

    ck_assert_int_eq(acquire_as(NULL, package, restricted, NULL), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(acquire_as("alice", package, restricted, NULL), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(acquire_as(NULL, package, restricted, &alice), SEC_E_OK);
    party_end(&client);
    ck_assert_int_eq(
        acquire_as(NULL, package, SECPKG_CRED_OUTBOUND | SECPKG_CRED_PROCESS_POLICY_ONLY, &alice),
        _i == 2 ? SEC_E_NO_CREDENTIALS : SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(acquire_as(NULL, package, SECPKG_CRED_OUTBOUND | SECPKG_CRED_DEFAULT, &alice),
                     SEC_E_OK);
    party_end(&client);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, TEXT_OF(package), SECPKG_CRED_OUTBOUND,
                                               &somebody, &alice, NULL, NULL, &client.credential,
                                               NULL),
                     SEC_E_OK);
    party_end(&client);
    ck_assert_int_eq(acquire_as(NULL, package, SECPKG_CRED_INBOUND, &alice),
                     SEC_E_UNSUPPORTED_FUNCTION);
}
END_TEST

START_TEST(services_by_their_principal)
{
    static const struct {
        const char *principal;
        SECURITY_STATUS status; /* of a client that names HTTP/localhost */
    } services[] = {{"HTTP/localhost", SEC_E_OK},
                    {"HTTP/localhost@EXAMPLE.TEST", SEC_E_OK},
                    {"ldap/localhost", SEC_E_WRONG_PRINCIPAL}};
    const char *principal = services[_i].principal;

    party_init(&client, true, "Kerberos");
    party_must_acquire(&client, NULL);
    client.target = TEXT_OF("HTTP/localhost");
    party_init(&server, false, "Kerberos");
    ck_assert_int_eq(AcquireCredentialsHandleA(TEXT_OF(principal), server.package,
                                               SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                               &server.credential, NULL),
                     SEC_E_OK);
    ck_assert_int_eq(log_on(&client, &server, 0), services[_i].status == SEC_E_OK);
    ck_assert_msg(server.status == services[_i].status, "%s", SspiGssStatusText());
    end_both();
    ck_assert_int_eq(acquire_as("cifs/elsewhere", "Kerberos", SECPKG_CRED_INBOUND, NULL),
                     SEC_E_NO_CREDENTIALS);
}
END_TEST

/* --- AddCredentials, and attributes --- */

START_TEST(credentials_are_added_for_the_other_direction)
{
    static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    SEC_CHAR *package = TEXT_OF(packages[_i]);
    TimeStamp expiry = {.QuadPart = 0};
    CredHandle none;

    ck_assert_int_eq(acquire_as(NULL, package, SECPKG_CRED_INBOUND, NULL), SEC_E_OK);
    ck_assert_int_eq(AddCredentialsA(&client.credential, NULL, TEXT_OF(packages[(_i + 1) % 4]),
                                     SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(AddCredentialsA(&client.credential, NULL, TEXT_OF("none such"),
                                     SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
                     SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(AddCredentialsA(&client.credential, NULL, package, SECPKG_CRED_OUTBOUND,
                                     &alice, NULL, NULL, &expiry),
                     SEC_E_OK);
    ck_assert_int_gt(expiry.QuadPart, 0);
    ck_assert_int_eq(AddCredentialsA(&client.credential, NULL, package, SECPKG_CRED_OUTBOUND,
                                     &alice, NULL, NULL, NULL),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_msg(works(package), "%s", SspiGssStatusText());
    end_both();
    SecInvalidateHandle(&none);
    ck_assert_int_eq(
        AddCredentialsA(&none, NULL, package, SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
        SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(
        AddCredentialsA(NULL, NULL, package, SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
        SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(
        AddCredentialsW(&none, NULL, NULL, SECPKG_CRED_OUTBOUND, &alice, NULL, NULL, NULL),
        SEC_E_INVALID_PARAMETER);
}
END_TEST

START_TEST(names_of_credentials)
{
    static const struct {
        const char *package;
        bool by_password;
        const char *name;
    } cases[] = {
        {"Kerberos", false, "alice@EXAMPLE.TEST"},  {"Kerberos", true, "alice@EXAMPLE.TEST"},
        {"Negotiate", false, "alice@EXAMPLE.TEST"}, {"CREDSSP", false, "alice@EXAMPLE.TEST"},
        {"NTLM", true, "EXAMPLE\\alice"},
    };
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    SecPkgCredentials_NamesA names = {NULL};
    SecPkgCredentials_NamesW wide = {NULL};

    ck_assert_int_eq(acquire(cases[_i].package, cases[_i].by_password ? &alice : NULL), SEC_E_OK);
    ck_assert_msg(QueryCredentialsAttributesA(&client.credential, SECPKG_CRED_ATTR_NAMES, &names) ==
                      SEC_E_OK,
                  "%s", SspiGssStatusText());
    ck_assert_str_eq(names.sUserName, cases[_i].name);
    ck_assert_int_eq(QueryCredentialsAttributesExW(&client.credential, SECPKG_CRED_ATTR_NAMES,
                                                   &wide, sizeof wide),
                     SEC_E_OK);
    for (size_t i = 0; i <= strlen(cases[_i].name); i++)
        ck_assert_uint_eq(wide.sUserName[i], (unsigned char)cases[_i].name[i]);
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
    ck_assert_int_eq(FreeContextBuffer(wide.sUserName), SEC_E_OK);
    ck_assert_int_eq(QueryCredentialsAttributesExA(&client.credential, SECPKG_CRED_ATTR_NAMES,
                                                   &names, sizeof names - 1),
                     SEC_E_BUFFER_TOO_SMALL);
    party_end(&client);
}
END_TEST

START_TEST(attributes_that_credentials_have_not)
{
    static const ULONG attributes[] = {SECPKG_CRED_ATTR_SSI_PROVIDER,
                                       SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS,
                                       SECPKG_CRED_ATTR_CERT,
                                       SECPKG_CRED_ATTR_PAC_BYPASS,
                                       0,
                                       77,
                                       UINT32_MAX};
    unsigned char room[64];

    ck_assert_int_eq(acquire("Kerberos", NULL), SEC_E_OK);
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        ck_assert_int_eq(QueryCredentialsAttributesA(&client.credential, attributes[i], room),
                         SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_int_eq(
            QueryCredentialsAttributesExW(&client.credential, attributes[i], room, sizeof room),
            SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_int_eq(
            SetCredentialsAttributesA(&client.credential, attributes[i], room, sizeof room),
            SEC_E_UNSUPPORTED_FUNCTION);
    }
    ck_assert_int_eq(QueryCredentialsAttributesW(&client.credential, SECPKG_CRED_ATTR_NAMES, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QueryCredentialsAttributesW(NULL, SECPKG_CRED_ATTR_NAMES, room),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(
        SetCredentialsAttributesW(NULL, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, room, sizeof room),
        SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(
        SetCredentialsAttributesW(&client.credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, NULL, 0),
        SEC_E_INVALID_PARAMETER);
    party_end(&client);
    ck_assert_int_eq(QueryCredentialsAttributesA(&client.credential, SECPKG_CRED_ATTR_NAMES, room),
                     SEC_E_INVALID_HANDLE);
}
END_TEST

START_TEST(kdc_proxy_settings)
{
    struct {
        SecPkgCredentials_KdcProxySettingsW settings;
        WCHAR server[8];
    } proxy = {.settings = {.Version = KDC_PROXY_SETTINGS_V1}};
    SecPkgCredentials_KdcProxySettingsW *settings = &proxy.settings;

#define SET(octets)                                                                            \
    SetCredentialsAttributesW(&client.credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, &proxy, \
                              (ULONG)(octets))
    ck_assert_int_eq(acquire("Kerberos", NULL), SEC_E_OK);
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_OK); /* no proxy is what there is */
    ck_assert_int_eq(SET(sizeof *settings - 1), SEC_E_BUFFER_TOO_SMALL);
    settings->Flags = 2;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_INVALID_PARAMETER);
    settings->Flags = KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_UNSUPPORTED_FUNCTION);
    settings->ProxyServerOffset = sizeof *settings;
    settings->ProxyServerLength = sizeof proxy.server;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(SET(sizeof proxy - 1), SEC_E_INVALID_PARAMETER);
    settings->ProxyServerOffset = 2;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_INVALID_PARAMETER);
    settings->Version = 2;
    ck_assert_int_eq(SET(sizeof proxy), SEC_E_INVALID_PARAMETER);
#undef SET
    party_end(&client);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: supplied credentials");
    TCase *t = tcase_create("supplied");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, opaque_identities_log_on, 0, 4);
    tcase_add_loop_test(t, packed_passwords_log_on, 0, 2);
    tcase_add_loop_test(t, other_packed_credentials_are_refused, 0, 5);
    tcase_add_loop_test(t, package_lists_choose, 0, 9);
    tcase_add_test(t, certificates_are_validated_when_asked);
    tcase_add_loop_test(t, tls_parts_that_cannot_be_had, 0, 14);
    tcase_add_test(t, new_tls_parts_that_cannot_be_had);
    tcase_add_test(t, servers_show_the_certificate_supplied);
    tcase_add_test(t, smart_cards_are_delegated);
    tcase_add_loop_test(t, smart_cards_that_are_none, 0, 10);
    suite_add_tcase(suite, t);
    t = tcase_create("found");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_principal_picks_a_cache);
    tcase_add_test(t, a_user_without_password_picks_a_cache);
    tcase_add_loop_test(t, restrictions_of_use, 0, 4);
    tcase_add_loop_test(t, services_by_their_principal, 0, 3);
    suite_add_tcase(suite, t);
    t = tcase_create("added and asked");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, credentials_are_added_for_the_other_direction, 0, 4);
    tcase_add_loop_test(t, names_of_credentials, 0, 5);
    tcase_add_test(t, attributes_that_credentials_have_not);
    tcase_add_test(t, kdc_proxy_settings);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
