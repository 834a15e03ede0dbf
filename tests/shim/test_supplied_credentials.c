/* Identities and smart cards that AcquireCredentialsHandle is supplied with. */
#include <stdlib.h>
#include <string.h>
#include <gssapi_sspi.h>
#include <sspi-gss/ntsecapi.h>

#include "tests/runner.h"
#include "tests/shim/supplied.h"

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

int main(void)
{
    Suite *suite = suite_create("shim: supplied credentials");
    TCase *t = tcase_create("supplied credentials");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, opaque_identities_log_on, 0, 4);
    tcase_add_loop_test(t, packed_passwords_log_on, 0, 2);
    tcase_add_loop_test(t, other_packed_credentials_are_refused, 0, 5);
    tcase_add_loop_test(t, package_lists_choose, 0, 9);
    tcase_add_test(t, smart_cards_are_delegated);
    tcase_add_loop_test(t, smart_cards_that_are_none, 0, 10);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
