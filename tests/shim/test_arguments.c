/* NULL and nonsense in every argument position of every function: an error, never a crash. */
#include <string.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

static struct party client;
static struct party server;

static void set_up(void)
{
    must_log_on(&client, &server, "Kerberos", "host/localhost", false);
}

static void tear_down(void)
{
    party_end(&client);
    party_end(&server);
}

START_TEST(null_packages)
{
    PSecPkgInfoA info = NULL;
    PSecPkgInfoW wide_info = NULL;
    ULONG count = 0;
    WCHAR lone_surrogate[] = {0xD800, 0};

    ck_assert_int_eq(EnumerateSecurityPackagesA(NULL, &info), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(EnumerateSecurityPackagesA(&count, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(EnumerateSecurityPackagesW(NULL, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QuerySecurityPackageInfoA(NULL, &info), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QuerySecurityPackageInfoA(TEXT_OF("NTLM"), NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QuerySecurityPackageInfoW(NULL, &wide_info), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QuerySecurityPackageInfoW(lone_surrogate, &wide_info),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QuerySecurityPackageInfoA(TEXT_OF("Digest"), &info), SEC_E_SECPKG_NOT_FOUND);
    ck_assert_ptr_null(info);
}
END_TEST

START_TEST(null_handles)
{
    SecBuffer buffer = {0, SECBUFFER_DATA, NULL};
    SecBufferDesc message = {SECBUFFER_VERSION, 1, &buffer};
    SecPkgContext_Sizes sizes;
    CtxtHandle zero = {0, 0};
    CtxtHandle *handles[] = {NULL, &zero, &client.credential};

    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++) {
        CtxtHandle *h = handles[i];

        ck_assert_int_eq(DeleteSecurityContext(h), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(CompleteAuthToken(h, &message), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(QueryContextAttributesA(h, SECPKG_ATTR_SIZES, &sizes),
                         SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(QueryContextAttributesW(h, SECPKG_ATTR_SIZES, &sizes),
                         SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(EncryptMessage(h, 0, &message, 0), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(DecryptMessage(h, &message, 0, NULL), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(MakeSignature(h, 0, &message, 0), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(VerifySignature(h, &message, 0, NULL), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(ImpersonateSecurityContext(h), SEC_E_INVALID_HANDLE);
        ck_assert_int_eq(RevertSecurityContext(h), SEC_E_INVALID_HANDLE);
    }
    ck_assert_int_eq(FreeCredentialsHandle(NULL), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(FreeCredentialsHandle(&zero), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(FreeCredentialsHandle(&client.context), SEC_E_INVALID_HANDLE);
}
END_TEST

START_TEST(nonsense_credentials)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of("D", "u\xff", "p");
    SEC_WINNT_AUTH_IDENTITY_A encrypted = identity_of("D", "u", "p");
    CredHandle handle;
    ULONG garbage[32] = {0};
    char package[] = "Kerberos";
    char ill_formed[] = "\xc3";

    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, NULL, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                                               NULL, &handle, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, NULL,
                                               NULL, NULL, NULL, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(
        AcquireCredentialsHandleA(NULL, package, 0, NULL, NULL, NULL, NULL, &handle, NULL),
        SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_RESERVED, NULL, NULL,
                                               NULL, NULL, &handle, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(AcquireCredentialsHandleA(ill_formed, package, SECPKG_CRED_OUTBOUND, NULL,
                                               NULL, NULL, NULL, &handle, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, &identity,
                                               NULL, NULL, &handle, NULL),
                     SEC_E_INVALID_PARAMETER);
    encrypted.Flags |= SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED;
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL,
                                               &encrypted, NULL, NULL, &handle, NULL),
                     SEC_E_UNSUPPORTED_FUNCTION);
    garbage[0] = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
    garbage[1] = sizeof(SEC_WINNT_AUTH_IDENTITY_EX2);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, garbage,
                                               NULL, NULL, &handle, NULL),
                     SEC_E_INVALID_PARAMETER);
}
END_TEST

START_TEST(nonsense_in_initialize_security_context)
{
    unsigned char room[4096];
    SecBuffer out = {sizeof room, SECBUFFER_TOKEN, room};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SecBufferDesc wrong_version = {7, 1, &out};
    SecBufferDesc too_many = {SECBUFFER_VERSION, 1000000, &out};
    SecBufferDesc no_array = {SECBUFFER_VERSION, 1, NULL};
    SecBuffer no_memory = {5, SECBUFFER_TOKEN, NULL};
    SecBufferDesc bad_token = {SECBUFFER_VERSION, 1, &no_memory};
    CtxtHandle fresh;
    ULONG attributes;

#define ISC(credential, context, target, request, r1, drep, in, r2, new, out)                   \
    InitializeSecurityContextA(credential, context, TEXT_OF(target), request, r1, drep, in, r2, \
                               new, out, &attributes, NULL)
#define CRED (&client.credential)
#define HOST "host/localhost"

    ck_assert_int_eq(ISC(NULL, NULL, HOST, 0, 0, 0, NULL, 0, &fresh, &output),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(ISC(&client.context, NULL, HOST, 0, 0, 0, NULL, 0, &fresh, &output),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(ISC(CRED, NULL, HOST, 0, 0, 0, NULL, 0, NULL, &output),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ISC(CRED, NULL, HOST, 0, 1, 0, NULL, 0, &fresh, &output),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ISC(CRED, NULL, HOST, 0, 0, 0, NULL, 1, &fresh, &output),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ISC(CRED, NULL, HOST, 0, 0, 99, NULL, 0, &fresh, &output),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ISC(CRED, NULL, NULL, 0, 0, 0, NULL, 0, &fresh, &output),
                     SEC_E_TARGET_UNKNOWN);
    ck_assert_int_eq(ISC(CRED, NULL, "/x", 0, 0, 0, NULL, 0, &fresh, &output),
                     SEC_E_TARGET_UNKNOWN);
    ck_assert_int_eq(ISC(CRED, NULL, "\xff", 0, 0, 0, NULL, 0, &fresh, &output),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ISC(CRED, NULL, HOST, 0, 0, 0, &wrong_version, 0, &fresh, &output),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(ISC(CRED, NULL, HOST, 0, 0, 0, NULL, 0, &fresh, &too_many),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(ISC(CRED, NULL, HOST, 0, 0, 0, &no_array, 0, &fresh, &output),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(ISC(CRED, NULL, HOST, 0, 0, 0, &bad_token, 0, &fresh, &output),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(ISC(CRED, &server.context, HOST, 0, 0, 0, NULL, 0, &fresh, &output),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(ISC(&server.credential, NULL, HOST, 0, 0, 0, NULL, 0, &fresh, &output),
                     SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(
        ISC(&server.credential, &client.context, HOST, 0, 0, 0, NULL, 0, &fresh, &output),
        SEC_E_WRONG_CREDENTIAL_HANDLE);
    ck_assert_int_eq(
        ISC(CRED, NULL, HOST, ISC_REQ_PROMPT_FOR_CREDS, 0, 0, NULL, 0, &fresh, &output),
        SEC_E_UNSUPPORTED_FUNCTION);
}
END_TEST

START_TEST(nonsense_in_accept_security_context)
{
    unsigned char room[4096];
    unsigned char octets[] = "nothing that any mechanism knows";
    SecBuffer out = {sizeof room, SECBUFFER_TOKEN, room};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SecBuffer in = {sizeof octets, SECBUFFER_TOKEN, octets};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    CtxtHandle fresh;

#define ASC(credential, context, in, new, out) \
    AcceptSecurityContext(credential, context, in, 0, 0, new, out, NULL, NULL)

    ck_assert_int_eq(ASC(NULL, NULL, &input, &fresh, &output), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(ASC(&server.credential, NULL, NULL, &fresh, &output), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(ASC(&server.credential, NULL, &input, NULL, &output), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ASC(&client.credential, NULL, &input, &fresh, &output), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(ASC(&server.credential, &client.context, &input, &fresh, &output),
                     SEC_E_INVALID_HANDLE);
    ck_assert_msg(ASC(&server.credential, NULL, &input, &fresh, &output) == SEC_E_INVALID_TOKEN,
                  "%s", SspiGssStatusText());
    in.cbBuffer = 0;
    ck_assert_int_eq(ASC(&server.credential, NULL, &input, &fresh, &output), SEC_E_INVALID_TOKEN);
}
END_TEST

START_TEST(nonsense_messages)
{
    unsigned char token[64];
    unsigned char data[64] = {0};
    SecBuffer buffers[3] = {
        {sizeof data, SECBUFFER_DATA, data},
        {sizeof token, SECBUFFER_TOKEN, token},
        {sizeof token, SECBUFFER_TOKEN, token},
    };
    SecBufferDesc only_data = {SECBUFFER_VERSION, 1, buffers};
    SecBufferDesc two_tokens = {SECBUFFER_VERSION, 3, buffers};
    SecBuffer missing = {9, SECBUFFER_DATA, NULL};
    SecBufferDesc no_memory = {SECBUFFER_VERSION, 1, &missing};
    SecBuffer stream[2] = {{3, SECBUFFER_STREAM, data}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc short_stream = {SECBUFFER_VERSION, 2, stream};
    SecBufferDesc *bad[] = {NULL, &only_data, &no_memory};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(EncryptMessage(&client.context, 0, bad[i], 0), SEC_E_INVALID_TOKEN);
        ck_assert_int_eq(DecryptMessage(&client.context, bad[i], 0, NULL), SEC_E_INVALID_TOKEN);
        ck_assert_int_eq(MakeSignature(&client.context, 0, bad[i], 0), SEC_E_INVALID_TOKEN);
        ck_assert_int_eq(VerifySignature(&client.context, bad[i], 0, NULL), SEC_E_INVALID_TOKEN);
    }
    ck_assert_int_eq(EncryptMessage(&client.context, 0, &two_tokens, 0), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(EncryptMessage(&client.context, 5, &two_tokens, 0), SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(MakeSignature(&client.context, 5, &two_tokens, 0), SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(DecryptMessage(&client.context, &short_stream, 0, NULL), SEC_E_INVALID_TOKEN);
}
END_TEST

START_TEST(nonsense_attributes)
{
    SecPkgContext_Sizes sizes;

    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_SIZES, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QueryContextAttributesA(&client.context, 4711, &sizes),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(QueryContextAttributesExA(&client.context, SECPKG_ATTR_SIZES, &sizes, 3),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_int_eq(
        QueryContextAttributesExW(&client.context, SECPKG_ATTR_SIZES, &sizes, sizeof sizes),
        SEC_E_OK);
}
END_TEST

START_TEST(nonsense_context_buffers)
{
    uint64_t own[8] = {0};

    ck_assert_int_eq(FreeContextBuffer(NULL), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(FreeContextBuffer(&own[4]), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(FreeContextBuffer((char *)&own[4] + 1), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(FreeContextBuffer((void *)(uintptr_t)1), SEC_E_INVALID_HANDLE);
}
END_TEST

#define IN_BOTH_TABLES(name)          \
    do {                              \
        ck_assert(a->name == (name)); \
        ck_assert(w->name == (name)); \
    } while (0)
#define IN_ITS_TABLE(name)                \
    do {                                  \
        ck_assert(a->name##A == name##A); \
        ck_assert(w->name##W == name##W); \
    } while (0)

/* What a program that loads the library calls is what it would have called by name. */
START_TEST(tables_have_the_functions_of_their_names)
{
    PSecurityFunctionTableA a = InitSecurityInterfaceA();
    PSecurityFunctionTableW w = InitSecurityInterfaceW();

    ck_assert_uint_eq(a->dwVersion, SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5);
    ck_assert_uint_eq(w->dwVersion, SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5);
    IN_BOTH_TABLES(FreeCredentialsHandle);
    IN_BOTH_TABLES(AcceptSecurityContext);
    IN_BOTH_TABLES(CompleteAuthToken);
    IN_BOTH_TABLES(DeleteSecurityContext);
    IN_BOTH_TABLES(ApplyControlToken);
    IN_BOTH_TABLES(ImpersonateSecurityContext);
    IN_BOTH_TABLES(RevertSecurityContext);
    IN_BOTH_TABLES(MakeSignature);
    IN_BOTH_TABLES(VerifySignature);
    IN_BOTH_TABLES(FreeContextBuffer);
    IN_BOTH_TABLES(ExportSecurityContext);
    IN_BOTH_TABLES(QuerySecurityContextToken);
    IN_BOTH_TABLES(EncryptMessage);
    IN_BOTH_TABLES(DecryptMessage);
    IN_ITS_TABLE(EnumerateSecurityPackages);
    IN_ITS_TABLE(QueryCredentialsAttributes);
    IN_ITS_TABLE(AcquireCredentialsHandle);
    IN_ITS_TABLE(InitializeSecurityContext);
    IN_ITS_TABLE(QueryContextAttributes);
    IN_ITS_TABLE(QuerySecurityPackageInfo);
    IN_ITS_TABLE(ImportSecurityContext);
    IN_ITS_TABLE(AddCredentials);
    IN_ITS_TABLE(SetContextAttributes);
    IN_ITS_TABLE(SetCredentialsAttributes);
    IN_ITS_TABLE(ChangeAccountPassword);
    IN_ITS_TABLE(QueryContextAttributesEx);
    IN_ITS_TABLE(QueryCredentialsAttributesEx);
    ck_assert_ptr_eq(a->Reserved3, (void *)EncryptMessage);
    ck_assert_ptr_eq(w->Reserved3, (void *)EncryptMessage);
    ck_assert_ptr_eq(a->Reserved4, (void *)DecryptMessage);
    ck_assert_ptr_eq(w->Reserved4, (void *)DecryptMessage);
    /* The members that Windows has no functions for either. */
    ck_assert(a->Reserved2 == NULL && w->Reserved2 == NULL);
    ck_assert(a->Reserved8 == NULL && w->Reserved8 == NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: arguments");
    TCase *t = tcase_create("arguments");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, null_packages);
    tcase_add_test(t, null_handles);
    tcase_add_test(t, nonsense_credentials);
    tcase_add_test(t, nonsense_in_initialize_security_context);
    tcase_add_test(t, nonsense_in_accept_security_context);
    tcase_add_test(t, nonsense_messages);
    tcase_add_test(t, nonsense_attributes);
    tcase_add_test(t, nonsense_context_buffers);
    tcase_add_test(t, tables_have_the_functions_of_their_names);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
