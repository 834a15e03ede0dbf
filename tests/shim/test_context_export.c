/* ExportSecurityContext and ImportSecurityContext: messages go on where they were. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

static struct party client;
static struct party server;

static const struct {
    const char *package;
    bool by_password;
} packages[] = {{"Kerberos", false}, {"NTLM", true}, {"Negotiate", false}, {"Negotiate", true}};
#define PACKAGES 4

static void before(void)
{
}

static void start(int i)
{
    must_log_on(&client, &server, packages[i].package, "host/localhost", packages[i].by_password);
}

static void stop(void)
{
    party_end(&client);
    party_end(&server);
}

static SecBuffer must_export(CtxtHandle *context, ULONG flags)
{
    SecBuffer packed;

    ck_assert_msg(ExportSecurityContext(context, flags, &packed, NULL) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_uint_ne(packed.cbBuffer, 0);
    return packed;
}

static CtxtHandle must_import(const char *package, SecBuffer *packed)
{
    CtxtHandle context;

    ck_assert_msg(ImportSecurityContextA(TEXT_OF(package), packed, NULL, &context) == SEC_E_OK,
                  "%s", SspiGssStatusText());
    ck_assert_int_eq(FreeContextBuffer(packed->pvBuffer), SEC_E_OK);
    return context;
}

/* One message from a context to another; what the receiver says of it. */
static SECURITY_STATUS send(CtxtHandle *from, CtxtHandle *to)
{
    char data[] = "over the wire";
    unsigned char token[256];
    SecPkgContext_Sizes sizes;
    SecBuffer buffers[3];
    SecBufferDesc message = {SECBUFFER_VERSION, 3, buffers};

    ck_assert_int_eq(QueryContextAttributesA(from, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    ck_assert_uint_le(sizes.cbSecurityTrailer, sizeof token);
    buffers[0] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, token};
    buffers[1] = (SecBuffer){sizeof data, SECBUFFER_DATA, data};
    buffers[2] = (SecBuffer){0, SECBUFFER_PADDING, NULL};
    ck_assert_msg(EncryptMessage(from, 0, &message, 0) == SEC_E_OK, "%s", SspiGssStatusText());
    return DecryptMessage(to, &message, 0, NULL);
}

static void must_send(CtxtHandle *from, CtxtHandle *to)
{
    SECURITY_STATUS status = send(from, to);

    ck_assert_msg(status == SEC_E_OK, "%s", SspiGssStatusText());
}

START_TEST(imported_context_goes_on)
{
    SecBuffer packed;

    start(_i);
    must_send(&client.context, &server.context);
    packed = must_export(&server.context, SECPKG_CONTEXT_EXPORT_DELETE_OLD);
    ck_assert_int_eq(DeleteSecurityContext(&server.context), SEC_E_INVALID_HANDLE);
    server.context = must_import(packages[_i].package, &packed);
    must_send(&client.context, &server.context);
    must_send(&server.context, &client.context);
    packed = must_export(&client.context, SECPKG_CONTEXT_EXPORT_DELETE_OLD);
    client.context = must_import(packages[_i].package, &packed);
    must_send(&client.context, &server.context);
    must_send(&server.context, &client.context);
    stop();
}
END_TEST

START_TEST(the_old_context_stays)
{
    SecBuffer packed;
    CtxtHandle twin;

    start(_i);
    packed = must_export(&server.context, 0);
    must_send(&client.context, &server.context);
    twin = must_import(packages[_i].package, &packed);
    ck_assert_int_eq(DeleteSecurityContext(&twin), SEC_E_OK);
    must_send(&server.context, &client.context);
    stop();
}
END_TEST

/* Names and flags are those of the logon. */
START_TEST(imported_context_knows_the_logon)
{
    SecPkgContext_NamesA names_before;
    SecPkgContext_NamesA names;
    SecPkgContext_Flags flags_before;
    SecPkgContext_Flags flags;
    SecPkgContext_Lifespan span_before;
    SecPkgContext_Lifespan span;
    SecBuffer packed;
    CtxtHandle *sides[2];

    start(_i);
    sides[0] = &client.context;
    sides[1] = &server.context;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(QueryContextAttributesA(sides[i], SECPKG_ATTR_NAMES, &names_before),
                         SEC_E_OK);
        ck_assert_int_eq(QueryContextAttributesA(sides[i], SECPKG_ATTR_FLAGS, &flags_before),
                         SEC_E_OK);
        ck_assert_int_eq(QueryContextAttributesA(sides[i], SECPKG_ATTR_LIFESPAN, &span_before),
                         SEC_E_OK);
        packed = must_export(sides[i], SECPKG_CONTEXT_EXPORT_DELETE_OLD);
        *sides[i] = must_import(packages[_i].package, &packed);
        ck_assert_int_eq(QueryContextAttributesA(sides[i], SECPKG_ATTR_NAMES, &names), SEC_E_OK);
        ck_assert_int_eq(QueryContextAttributesA(sides[i], SECPKG_ATTR_FLAGS, &flags), SEC_E_OK);
        ck_assert_int_eq(QueryContextAttributesA(sides[i], SECPKG_ATTR_LIFESPAN, &span), SEC_E_OK);
        ck_assert_str_eq(names.sUserName, names_before.sUserName);
        ck_assert_uint_eq(flags.Flags, flags_before.Flags);
        ck_assert_mem_eq(&span, &span_before, sizeof span);
        ck_assert_int_eq(FreeContextBuffer(names.sUserName), SEC_E_OK);
        ck_assert_int_eq(FreeContextBuffer(names_before.sUserName), SEC_E_OK);
    }
    stop();
}
END_TEST

START_TEST(another_process_takes_it_over)
{
    SecBuffer packed;
    int status = -1;
    pid_t child;

    start(_i);
    packed = must_export(&server.context, SECPKG_CONTEXT_EXPORT_DELETE_OLD);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        CtxtHandle imported;

        if (ImportSecurityContextA(TEXT_OF(packages[_i].package), &packed, NULL, &imported) !=
            SEC_E_OK)
            _exit(1);
        _exit(send(&client.context, &imported) == SEC_E_OK ? 0 : 2);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    server.context = must_import(packages[_i].package, &packed);
    stop();
}
END_TEST

START_TEST(reset_is_for_contexts_that_have_protected_nothing)
{
    SecBuffer packed;

    start(_i);
    packed = must_export(&server.context,
                         SECPKG_CONTEXT_EXPORT_RESET_NEW | SECPKG_CONTEXT_EXPORT_DELETE_OLD);
    server.context = must_import(packages[_i].package, &packed);
    must_send(&client.context, &server.context);
    ck_assert_int_eq(
        ExportSecurityContext(&server.context, SECPKG_CONTEXT_EXPORT_RESET_NEW, &packed, NULL),
        SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_ptr_null(packed.pvBuffer);
    must_send(&client.context, &server.context);
    stop();
}
END_TEST

START_TEST(the_token_of_who_has_logged_on)
{
    const SSPI_GSS_TOKEN_INFORMATION *information;
    SecBuffer packed;
    void *token = &packed;

    start(_i);
    ck_assert_int_eq(ExportSecurityContext(&server.context, 0, &packed, &token), SEC_E_OK);
    ck_assert_int_eq(SspiGssTokenInformation(token, &information), SEC_E_OK);
    ck_assert_ptr_nonnull(information->PrincipalName);
    ck_assert_int_eq(SspiGssCloseToken(token), SEC_E_OK);
    ck_assert_int_eq(FreeContextBuffer(packed.pvBuffer), SEC_E_OK);
    ck_assert_int_eq(ExportSecurityContext(&client.context, 0, &packed, &token), SEC_E_OK);
    ck_assert_ptr_null(token);
    ck_assert_int_eq(FreeContextBuffer(packed.pvBuffer), SEC_E_OK);
    stop();
}
END_TEST

/* It has no credentials, so that it cannot log on again. */
START_TEST(an_imported_context_is_for_messages)
{
    SecBuffer packed;

    start(0);
    packed = must_export(&client.context, SECPKG_CONTEXT_EXPORT_DELETE_OLD);
    client.context = must_import("Kerberos", &packed);
    ck_assert_int_eq(party_step(&client, &server), SEC_E_WRONG_CREDENTIAL_HANDLE);
    ck_assert_int_eq(InitializeSecurityContextA(NULL, &client.context, NULL, USUAL_ISC, 0, 0, NULL,
                                                0, NULL, NULL, NULL, NULL),
                     SEC_E_NO_CREDENTIALS);
    must_send(&client.context, &server.context);
    stop();
}
END_TEST

START_TEST(wide_and_narrow_names)
{
    static SEC_WCHAR wide[] = u"kErBeRoS";
    SecBuffer packed;

    start(0);
    packed = must_export(&client.context, SECPKG_CONTEXT_EXPORT_DELETE_OLD);
    ck_assert_int_eq(ImportSecurityContextW(wide, &packed, NULL, &client.context), SEC_E_OK);
    ck_assert_int_eq(FreeContextBuffer(packed.pvBuffer), SEC_E_OK);
    must_send(&client.context, &server.context);
    stop();
}
END_TEST

START_TEST(a_tls_session_stays_where_it_is)
{
    SecPkgContext_Sizes sizes;
    SecBuffer packed;

    must_log_on(&client, &server, "CREDSSP", "host/localhost", true);
    ck_assert_int_eq(ExportSecurityContext(&client.context, 0, &packed, NULL),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_ptr_null(packed.pvBuffer);
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    stop();
}
END_TEST

START_TEST(nonsense)
{
    static SEC_WCHAR ill_formed[] = {0xD800, 0};
    unsigned char zeros[200] = {0};
    SecBuffer invented = {sizeof zeros, SECBUFFER_DATA, zeros};
    CtxtHandle handle;
    SecBuffer packed;
    void *token = zeros;

    start(0);
    ck_assert_int_eq(ExportSecurityContext(&client.context, 0, NULL, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ExportSecurityContext(&client.context, 8, &packed, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(
        ExportSecurityContext(&client.context, SECPKG_CONTEXT_EXPORT_TO_KERNEL, &packed, NULL),
        SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(ExportSecurityContext(NULL, 0, &packed, &token), SEC_E_INVALID_HANDLE);
    ck_assert_ptr_null(token);
    packed = must_export(&client.context, 0);
    ck_assert_int_eq(ImportSecurityContextA(NULL, &packed, NULL, &handle), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ImportSecurityContextW(NULL, &packed, NULL, &handle), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ImportSecurityContextW(ill_formed, &packed, NULL, &handle),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ImportSecurityContextA(TEXT_OF("Kerberos"), NULL, NULL, &handle),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ImportSecurityContextA(TEXT_OF("Kerberos"), &packed, NULL, NULL),
                     SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(ImportSecurityContextA(TEXT_OF("Digest"), &packed, NULL, &handle),
                     SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(ImportSecurityContextA(TEXT_OF("NTLM"), &packed, NULL, &handle),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(ImportSecurityContextA(TEXT_OF("Kerberos"), &invented, NULL, &handle),
                     SEC_E_INVALID_TOKEN);
    for (ULONG length = 0; length < packed.cbBuffer; length += 7) {
        SecBuffer cut = {length, SECBUFFER_DATA, packed.pvBuffer};

        ck_assert_int_eq(ImportSecurityContextA(TEXT_OF("Kerberos"), &cut, NULL, &handle),
                         SEC_E_INVALID_TOKEN);
    }
    ck_assert_int_eq(FreeContextBuffer(packed.pvBuffer), SEC_E_OK);
    stop();
}
END_TEST

START_TEST(not_before_the_logon_is_done)
{
    SecBuffer packed;

    party_init(&client, true, "Kerberos");
    party_init(&server, false, "Kerberos");
    party_must_acquire(&client, NULL);
    ck_assert_int_eq(party_step(&client, &server), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(ExportSecurityContext(&client.context, 0, &packed, NULL),
                     SEC_E_INVALID_HANDLE);
    stop();
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, imported_context_goes_on, 0, PACKAGES);
    tcase_add_loop_test(cases, the_old_context_stays, 0, PACKAGES);
    tcase_add_loop_test(cases, imported_context_knows_the_logon, 0, PACKAGES);
    tcase_add_loop_test(cases, another_process_takes_it_over, 0, PACKAGES);
    tcase_add_loop_test(cases, reset_is_for_contexts_that_have_protected_nothing, 0, PACKAGES);
    tcase_add_loop_test(cases, the_token_of_who_has_logged_on, 0, PACKAGES);
    tcase_add_test(cases, an_imported_context_is_for_messages);
    tcase_add_test(cases, wide_and_narrow_names);
    tcase_add_test(cases, a_tls_session_stays_where_it_is);
    tcase_add_test(cases, nonsense);
    tcase_add_test(cases, not_before_the_logon_is_done);
}

int main(void)
{
    return run_case("shim: exported contexts", before, before, 60, add);
}
