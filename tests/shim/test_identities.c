/* The Sspi functions that make, read, copy, marshal and free identities. */
#include <stdlib.h>
#include <string.h>

#include "tests/shim/supplied.h"
#include "tests/runner.h"

#define STATUS_INVALID_PARAMETER ((SECURITY_STATUS)0xC000000D)

static size_t wide_length(const WCHAR *text)
{
    size_t length = 0;

    while (text[length] != 0)
        length++;
    return length;
}

static void assert_wide_eq(const WCHAR *text, const void *expected)
{
    size_t length = wide_length(WIDE(expected));

    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(wide_length(text), length);
    ck_assert_mem_eq(text, expected, length * sizeof(WCHAR));
}

static PSEC_WINNT_AUTH_IDENTITY_OPAQUE make(const void *user, const void *domain,
                                            const void *password)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = NULL;

    ck_assert_int_eq(
        SspiEncodeStringsAsAuthIdentity(WIDE(user), WIDE(domain), WIDE(password), &identity),
        SEC_E_OK);
    ck_assert_ptr_nonnull(identity);
    return identity;
}

/* The strings of an identity; NULL: it has none. */
static void assert_strings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity, const void *user,
                           const void *domain, const void *password)
{
    const void *const expected[3] = {user, domain, password};
    PCWSTR strings[3] = {NULL, NULL, NULL};

    ck_assert_int_eq(
        SspiEncodeAuthIdentityAsStrings(identity, &strings[0], &strings[1], &strings[2]), SEC_E_OK);
    for (size_t i = 0; i < 3; i++) {
        if (expected[i] == NULL)
            ck_assert_ptr_null(strings[i]);
        else
            assert_wide_eq(strings[i], expected[i]);
        SspiLocalFree(WIDE(strings[i]));
    }
}

START_TEST(strings_go_in_and_come_out)
{
    static const struct {
        const void *user;
        const void *domain;
        const void *password;
    } cases[] = {
        {u"alice", u"EXAMPLE", u"Wonderland-7"},
        {u"alice", NULL, NULL},
        {NULL, NULL, NULL},
        {u"", u"", u""},
        {u"\u00e4\u0142\U0001f600", u"\u65e5\u672c", u"\u00df\U0001f511"},
        {u"a", u"b", u"c"},
    };
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity =
        make(cases[_i].user, cases[_i].domain, cases[_i].password);

    ck_assert_int_eq(SspiValidateAuthIdentity(identity), SEC_E_OK);
    ck_assert(!SspiIsAuthIdentityEncrypted(identity));
    assert_strings(identity, cases[_i].user, cases[_i].domain, cases[_i].password);
    SspiFreeAuthIdentity(identity);
}
END_TEST

START_TEST(single_results_may_be_left_out)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = make(u"alice", u"EXAMPLE", u"secret");
    PCWSTR domain = NULL;

    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(identity, NULL, &domain, NULL), SEC_E_OK);
    assert_wide_eq(domain, u"EXAMPLE");
    SspiFreeAuthIdentity(WIDE(domain)); /* as Microsoft's page has it */
    SspiFreeAuthIdentity(identity);
}
END_TEST

START_TEST(strings_that_are_none)
{
    static const WCHAR lone_surrogate[] = {0xd800, 'x', 0};
    static WCHAR endless[40000];
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = &identity;

    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(lone_surrogate, NULL, NULL, &identity),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_ptr_null(identity);
    for (size_t i = 0; i < sizeof endless / sizeof endless[0] - 1; i++)
        endless[i] = 'x';
    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(endless, NULL, NULL, &identity),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(NULL, NULL, endless, &identity),
                     SEC_E_INVALID_PARAMETER);
    /* The longest that 16 bits of octets hold. */
    endless[32767] = 0;
    identity = make(endless, endless, NULL);
    assert_strings(identity, endless, endless, NULL);
    SspiFreeAuthIdentity(identity);
}
END_TEST

/* --- structures of the caller --- */

START_TEST(copies_have_the_same_form)
{
    SEC_WINNT_AUTH_IDENTITY_A narrow = identity_of("EXAMPLE", "alice", "secret");
    SEC_WINNT_AUTH_IDENTITY_EXW wide = identity_with_packages();
    SEC_WINNT_AUTH_IDENTITY_A *narrow_copy;
    SEC_WINNT_AUTH_IDENTITY_EXW *wide_copy;
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE copy = NULL;

    ck_assert_int_eq(SspiCopyAuthIdentity(&narrow, &copy), SEC_E_OK);
    narrow_copy = copy;
    ck_assert_ptr_ne(narrow_copy->User, narrow.User);
    ck_assert_str_eq((const char *)narrow_copy->User, "alice");
    ck_assert_str_eq((const char *)narrow_copy->Password, "secret");
    ck_assert_uint_eq(narrow_copy->PasswordLength, 6);
    ck_assert_uint_eq(narrow_copy->Flags, narrow.Flags);
    assert_strings(copy, u"alice", u"EXAMPLE", u"secret");
    SspiFreeAuthIdentity(copy);

    ck_assert_int_eq(SspiCopyAuthIdentity(&wide, &copy), SEC_E_OK);
    wide_copy = copy;
    ck_assert_uint_eq(wide_copy->Version, SEC_WINNT_AUTH_IDENTITY_VERSION);
    ck_assert_ptr_ne(wide_copy->PackageList, wide.PackageList);
    assert_wide_eq(wide_copy->PackageList, u"!ntlm");
    assert_wide_eq(wide_copy->Domain, u"EXAMPLE");
    ck_assert_uint_eq(wide_copy->Flags, wide.Flags);
    SspiFreeAuthIdentity(copy);

    wide.Domain = NULL;
    wide.DomainLength = 0;
    ck_assert_int_eq(SspiCopyAuthIdentity(&wide, &copy), SEC_E_OK);
    ck_assert_ptr_null(((SEC_WINNT_AUTH_IDENTITY_EXW *)copy)->Domain);
    SspiFreeAuthIdentity(copy);
}
END_TEST

START_TEST(copies_of_opaque_identities)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = make(u"alice", u"EXAMPLE", u"secret");
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE copy = NULL;

    ck_assert_int_eq(SspiCopyAuthIdentity(identity, &copy), SEC_E_OK);
    ck_assert_ptr_ne(copy, identity);
    SspiFreeAuthIdentity(identity);
    assert_strings(copy, u"alice", u"EXAMPLE", u"secret");
    SspiFreeAuthIdentity(copy);
}
END_TEST

START_TEST(marshalled_identities)
{
    SEC_WINNT_AUTH_IDENTITY_A narrow = identity_of("EXAMPLE", "alice", "secret");
    SEC_WINNT_AUTH_IDENTITY_EXW wide = identity_with_packages();
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE opaque = make(u"alice", u"EXAMPLE", u"secret");
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE const all[] = {&narrow, &wide, opaque};

    for (size_t i = 0; i < 3; i++) {
        PSEC_WINNT_AUTH_IDENTITY_OPAQUE back = NULL;
        SEC_WINNT_AUTH_IDENTITY_EX2 header;
        char *octets = NULL;
        ULONG length = 0;

        ck_assert_int_eq(SspiMarshalAuthIdentity(all[i], &length, &octets), SEC_E_OK);
        memcpy(&header, octets, sizeof header);
        ck_assert_uint_eq(header.Version, SEC_WINNT_AUTH_IDENTITY_VERSION_2);
        ck_assert_uint_eq(header.cbStructureLength, length);
        ck_assert_uint_eq(
            header.Flags & (SEC_WINNT_AUTH_IDENTITY_MARSHALLED | SEC_WINNT_AUTH_IDENTITY_UNICODE),
            SEC_WINNT_AUTH_IDENTITY_MARSHALLED | SEC_WINNT_AUTH_IDENTITY_UNICODE);
        ck_assert_int_eq(SspiUnmarshalAuthIdentity(length, octets, &back), SEC_E_OK);
        SspiLocalFree(octets);
        assert_strings(back, u"alice", u"EXAMPLE", u"secret");
        SspiFreeAuthIdentity(back);
    }
    SspiFreeAuthIdentity(opaque);
}
END_TEST

START_TEST(structures_that_are_none)
{
    SEC_WINNT_AUTH_IDENTITY_EXW wide = identity_with_packages();
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE copy = NULL;
    char *octets = NULL;
    ULONG length = 0;

    switch (_i) {
    case 0:
        wide.Length = 4;
        break;
    case 1:
        wide.Flags |= SEC_WINNT_AUTH_IDENTITY_ANSI;
        break;
    case 2:
        wide.User = NULL;
        break;
    case 3:
        wide.PasswordLength = 0x40000000;
        break;
    case 4:
        wide.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
        break;
    default:
        wide.User = WIDE(u"a\0ice");
        break;
    }
    ck_assert_int_eq(SspiValidateAuthIdentity(&wide), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiMarshalAuthIdentity(&wide, &length, &octets), SEC_E_INVALID_PARAMETER);
    ck_assert_ptr_null(octets);
    if (_i == 5)
        return; /* a NUL is of no consequence to a copy */
    ck_assert_int_eq(SspiCopyAuthIdentity(&wide, &copy), SEC_E_INVALID_PARAMETER);
    SspiZeroAuthIdentity(&wide); /* which it leaves alone */
}
END_TEST

START_TEST(encrypted_identities_are_told_and_refused)
{
    static const ULONG flags[] = {SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED,
                                  SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED,
                                  SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED,
                                  SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED};
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE opaque = make(u"alice", NULL, u"secret");
    SEC_WINNT_AUTH_IDENTITY_EXW wide = identity_with_packages();
    SEC_WINNT_AUTH_IDENTITY_EX2 *ex2 = opaque;
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE const both[] = {&wide, opaque};
    ULONG type;
    PCWSTR name;
    CredHandle handle;

    wide.Flags |= flags[_i];
    ex2->Flags |= flags[_i];
    for (size_t i = 0; i < 2; i++) {
        PSEC_WINNT_AUTH_IDENTITY_OPAQUE copy = NULL;

        ck_assert(SspiIsAuthIdentityEncrypted(both[i]));
        ck_assert_int_eq(SspiValidateAuthIdentity(both[i]), SEC_E_OK);
        ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(both[i], &name, NULL, NULL),
                         STATUS_INVALID_PARAMETER);
        ck_assert_ptr_null(name);
        ck_assert_int_eq(SspiPrepareForCredRead(both[i], WIDE(u"host"), &type, &name),
                         SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_int_eq(AcquireCredentialsHandleA(NULL, TEXT_OF("NTLM"), SECPKG_CRED_OUTBOUND,
                                                   NULL, both[i], NULL, NULL, &handle, NULL),
                         SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_int_eq(SspiCopyAuthIdentity(both[i], &copy), SEC_E_OK);
        ck_assert(SspiIsAuthIdentityEncrypted(copy));
        SspiFreeAuthIdentity(copy);
    }
    SspiFreeAuthIdentity(opaque);
}
END_TEST

START_TEST(zeroed_identities_keep_no_secret)
{
    static const WCHAR zeros[8];
    WCHAR user[] = {'a', 'l', 'i', 'c', 'e', 0};
    WCHAR password[] = {'s', 'e', 'c', 'r', 'e', 't', 0};
    SEC_WINNT_AUTH_IDENTITY_W wide = {.User = user,
                                      .UserLength = 5,
                                      .Password = password,
                                      .PasswordLength = 6,
                                      .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE opaque = make(u"alice", u"EXAMPLE", u"secret");
    const unsigned char *octets = opaque;
    SEC_WINNT_AUTH_IDENTITY_EX2 header;

    SspiZeroAuthIdentity(&wide);
    ck_assert_mem_eq(user, zeros, sizeof user);
    ck_assert_mem_eq(password, zeros, sizeof password);
    ck_assert_ptr_eq(wide.User, user);
    SspiZeroAuthIdentity(opaque);
    memcpy(&header, opaque, sizeof header);
    for (size_t i = sizeof header; i < header.cbStructureLength; i++)
        ck_assert_uint_eq(octets[i], 0);
    SspiFreeAuthIdentity(opaque);
    SspiZeroAuthIdentity(NULL);
    SspiFreeAuthIdentity(NULL);
    SspiLocalFree(NULL);
}
END_TEST

START_TEST(nothing_where_something_is_needed)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = make(u"alice", NULL, NULL);
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE other = NULL;
    char *octets = NULL;
    PUCHAR blob;
    ULONG length;
    PCWSTR name;
    PCWSTR user;

    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(NULL, NULL, NULL, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(NULL, &name, NULL, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(identity, NULL, NULL, NULL), SEC_E_OK);
    ck_assert_int_eq(SspiValidateAuthIdentity(NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiCopyAuthIdentity(NULL, &other), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiCopyAuthIdentity(identity, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiMarshalAuthIdentity(NULL, &length, &octets), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiMarshalAuthIdentity(identity, NULL, &octets), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiMarshalAuthIdentity(identity, &length, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(48, NULL, &other), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(0, (char *)identity, &other),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(48, (char *)identity, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert(!SspiIsAuthIdentityEncrypted(NULL));
    ck_assert_int_eq(SspiPrepareForCredRead(NULL, NULL, &length, &name), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiPrepareForCredRead(identity, NULL, NULL, &name), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiPrepareForCredRead(identity, NULL, &length, NULL),
                     SEC_E_INVALID_PARAMETER);
    for (int missing = 0; missing < 6; missing++)
        ck_assert_int_eq(SspiPrepareForCredWrite(
                             missing == 0 ? NULL : identity, NULL, missing == 1 ? NULL : &length,
                             missing == 2 ? NULL : &name, missing == 3 ? NULL : &user,
                             missing == 4 ? NULL : &blob, missing == 5 ? NULL : &length),
                         SEC_E_INVALID_PARAMETER);
    SspiFreeAuthIdentity(identity);
}
END_TEST

/* --- what a store of credentials is told --- */

START_TEST(credentials_for_a_store)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = make(u"alice", u"EXAMPLE", u"s\u00e4cret");
    PCWSTR target = NULL;
    PCWSTR user = NULL;
    PUCHAR blob = NULL;
    ULONG size = 0;
    ULONG type = 0;

    ck_assert_int_eq(SspiPrepareForCredWrite(identity, WIDE(u"TERMSRV/server"), &type, &target,
                                             &user, &blob, &size),
                     SEC_E_OK);
    ck_assert_uint_eq(type, CRED_TYPE_DOMAIN_PASSWORD);
    assert_wide_eq(target, u"TERMSRV/server");
    assert_wide_eq(user, u"EXAMPLE\\alice");
    ck_assert_uint_eq(size, 12);
    ck_assert_mem_eq(blob, u"s\u00e4cret", size);
    SspiLocalFree(WIDE(target));
    SspiLocalFree(WIDE(user));
    SspiLocalFree(blob);
    ck_assert_int_eq(SspiPrepareForCredRead(identity, NULL, &type, &target), SEC_E_OK);
    ck_assert_uint_eq(type, CRED_TYPE_DOMAIN_PASSWORD);
    assert_wide_eq(target, u"EXAMPLE\\alice");
    SspiLocalFree(WIDE(target));
    SspiFreeAuthIdentity(identity);
    identity = make(NULL, NULL, u"secret");
    ck_assert_int_eq(SspiPrepareForCredRead(identity, NULL, &type, &target),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_ptr_null(target);
    SspiFreeAuthIdentity(identity);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: identities");
    TCase *t = tcase_create("identities");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, strings_go_in_and_come_out, 0, 6);
    tcase_add_test(t, single_results_may_be_left_out);
    tcase_add_test(t, strings_that_are_none);
    tcase_add_test(t, copies_have_the_same_form);
    tcase_add_test(t, copies_of_opaque_identities);
    tcase_add_test(t, marshalled_identities);
    tcase_add_loop_test(t, structures_that_are_none, 0, 6);
    tcase_add_loop_test(t, encrypted_identities_are_told_and_refused, 0, 4);
    tcase_add_test(t, zeroed_identities_keep_no_secret);
    tcase_add_test(t, nothing_where_something_is_needed);
    tcase_add_test(t, credentials_for_a_store);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
