#include "tests/shim/supplied.h"

#include <check.h>

struct party client;
struct party server;

SECURITY_STATUS acquire_as(const char *principal, const char *package, ULONG use, void *data)
{
    party_init(&client, true, package);
    return AcquireCredentialsHandleA(TEXT_OF(principal), TEXT_OF(package), use, NULL, data, NULL,
                                     NULL, &client.credential, NULL);
}

SECURITY_STATUS acquire(const char *package, void *data)
{
    return acquire_as(NULL, package, SECPKG_CRED_OUTBOUND, data);
}

bool works(const char *package)
{
    party_init(&server, false, package);
    party_must_acquire(&server, NULL);
    return log_on(&client, &server, 0);
}

void end_both(void)
{
    party_end(&client);
    party_end(&server);
}

void assert_user(const char *expected)
{
    SecPkgContext_NamesA names = {NULL};

    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_str_eq(names.sUserName, expected);
    ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
}

void assert_package(const char *expected)
{
    SecPkgContext_NegotiationInfoA negotiation;

    ck_assert_int_eq(
        QueryContextAttributesA(&server.context, SECPKG_ATTR_NEGOTIATION_INFO, &negotiation),
        SEC_E_OK);
    ck_assert_str_eq(negotiation.PackageInfo->Name, expected);
    ck_assert_int_eq(FreeContextBuffer(negotiation.PackageInfo), SEC_E_OK);
}

ULONG widen(WCHAR *wide, const char *ascii)
{
    ULONG i;

    ck_assert_ptr_nonnull(ascii);
    for (i = 0; ascii[i] != '\0'; i++)
        wide[i] = (unsigned char)ascii[i];
    wide[i] = 0;
    return i;
}

SEC_WINNT_AUTH_IDENTITY_EXW identity_with_packages(void)
{
    return (SEC_WINNT_AUTH_IDENTITY_EXW){
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof(SEC_WINNT_AUTH_IDENTITY_EXW),
        .User = WIDE(u"alice"),
        .UserLength = 5,
        .Domain = WIDE(u"EXAMPLE"),
        .DomainLength = 7,
        .Password = WIDE(u"secret"),
        .PasswordLength = 6,
        .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | SEC_WINNT_AUTH_IDENTITY_ONLY,
        .PackageList = WIDE(u"!ntlm"),
        .PackageListLength = 5,
    };
}
