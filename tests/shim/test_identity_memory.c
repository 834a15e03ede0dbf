/* Want of memory in what identities and credentials are made with: nothing is lost, nothing kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sspi-gss/ntsecapi.h>

#include "tests/runner.h"
#include "tests/shim/failing_allocations.h"
#include "tests/shim/supplied.h"

static PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity;
static char *marshalled;
static ULONG marshalled_length;

static void set_up(void)
{
    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(WIDE(u"alice"), WIDE(u"EXAMPLE"),
                                                     WIDE(u"Wonderland-7"), &identity),
                     SEC_E_OK);
    ck_assert_int_eq(SspiMarshalAuthIdentity(identity, &marshalled_length, &marshalled), SEC_E_OK);
    party_init(&client, true, "NTLM");
    party_init(&server, false, "NTLM");
}

static void tear_down(void)
{
    SspiFreeAuthIdentity(identity);
    SspiLocalFree(marshalled);
    end_both();
}

/* What a failed call has given must be NULL; what another one gave is freed. */
static SECURITY_STATUS finish(SECURITY_STATUS status, void *given)
{
    if (status != SEC_E_OK)
        ck_assert_ptr_null(given);
    SspiLocalFree(given);
    return status;
}

static SECURITY_STATUS encode(void *argument)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE made = argument;
    SECURITY_STATUS status =
        SspiEncodeStringsAsAuthIdentity(WIDE(u"alice"), WIDE(u"EXAMPLE"), WIDE(u"secret"), &made);

    return finish(status, made);
}

static SECURITY_STATUS decode(void *argument)
{
    PCWSTR strings[3] = {argument, argument, argument};
    SECURITY_STATUS status =
        SspiEncodeAuthIdentityAsStrings(identity, &strings[0], &strings[1], &strings[2]);

    for (size_t i = 0; i < 3; i++)
        (void)finish(status, WIDE(strings[i]));
    return status;
}

static SECURITY_STATUS copy(void *argument)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE made = &made;
    SECURITY_STATUS status = SspiCopyAuthIdentity(argument, &made);

    return finish(status, made);
}

static SECURITY_STATUS marshal(void *argument)
{
    ULONG length;
    char *octets = argument;
    SECURITY_STATUS status = SspiMarshalAuthIdentity(argument, &length, &octets);

    return finish(status, octets);
}

static SECURITY_STATUS unmarshal(void *argument)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE made = argument;
    SECURITY_STATUS status = SspiUnmarshalAuthIdentity(marshalled_length, marshalled, &made);

    return finish(status, made);
}

static SECURITY_STATUS prepare(void *argument)
{
    PCWSTR target = argument;
    PCWSTR user = argument;
    PUCHAR blob = argument;
    ULONG type;
    ULONG size;
    SECURITY_STATUS status = SspiPrepareForCredWrite(identity, WIDE(u"TERMSRV/host"), &type,
                                                     &target, &user, &blob, &size);

    (void)finish(status, WIDE(target));
    (void)finish(status, WIDE(user));
    return finish(status, blob);
}

static SECURITY_STATUS host(void *argument)
{
    PWSTR made = argument;
    SECURITY_STATUS status = SspiGetTargetHostName(WIDE(u"HTTP/host:80"), &made);

    return finish(status, made);
}

START_TEST(identities)
{
    SEC_WINNT_AUTH_IDENTITY_A plain = identity_of_alice();

    (void)fail_each("SspiEncodeStringsAsAuthIdentity", encode, identity, 0);
    (void)fail_each("SspiEncodeAuthIdentityAsStrings", decode, identity, 2);
    (void)fail_each("SspiCopyAuthIdentity", copy, identity, 0);
    (void)fail_each("SspiCopyAuthIdentity", copy, &plain, 0);
    (void)fail_each("SspiMarshalAuthIdentity", marshal, identity, 0);
    (void)fail_each("SspiMarshalAuthIdentity", marshal, &plain, 0);
    (void)fail_each("SspiUnmarshalAuthIdentity", unmarshal, identity, 0);
    (void)fail_each("SspiPrepareForCredWrite", prepare, identity, 2);
    (void)fail_each("SspiGetTargetHostName", host, identity, 0);
}
END_TEST

static SECURITY_STATUS acquire_with(void *argument)
{
    SECURITY_STATUS status = acquire("CREDSSP", argument);

    party_end(&client);
    return status;
}

static SECURITY_STATUS add_outbound(void *argument)
{
    return AddCredentialsA(&client.credential, NULL, client.package, SECPKG_CRED_OUTBOUND, argument,
                           NULL, NULL, NULL);
}

static SECURITY_STATUS query_name(void *argument)
{
    SecPkgCredentials_NamesW names = {NULL};
    SECURITY_STATUS status = QueryCredentialsAttributesW(argument, SECPKG_CRED_ATTR_NAMES, &names);

    return finish(status, names.sUserName);
}

START_TEST(credentials)
{
    KERB_CERTIFICATE_LOGON card = {.MessageType = KerbCertificateLogon,
                                   .UserName = {10, 10, WIDE(u"alice")},
                                   .Pin = {8, 8, WIDE(u"1234")}};
    CREDSSP_CRED by_password = {CredsspPasswordCreds, NULL, identity};
    CREDSSP_CRED by_card = {CredsspCertificateCreds, NULL, &card};

    (void)fail_each("AcquireCredentialsHandle", acquire_with, &by_password, 1);
    (void)fail_each("AcquireCredentialsHandle", acquire_with, &by_card, 0);
    ck_assert_int_eq(acquire_as(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL), SEC_E_OK);
    (void)fail_each("AddCredentials", add_outbound, identity, 0);
    (void)fail_each("QueryCredentialsAttributes", query_name, &client.credential, 0);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_test(cases, identities);
    tcase_add_test(cases, credentials);
}

int main(void)
{
    return run_case("shim: memory of identities", set_up, tear_down, 120, add);
}
