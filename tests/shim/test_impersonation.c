/* Whose credentials a thread has that impersonates, and what a token says of who has logged on. */
#include <gssapi/gssapi_krb5.h>
#include <pthread.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/runner.h"
#include "tests/shim/exchange.h"

#define ALICE "alice@EXAMPLE.TEST"
#define BOB   "bob@EXAMPLE.TEST"

static struct party client;
static struct party server;

static const gss_OID_desc kerberos = {9,
                                      (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};

/* Whose tickets GSS-API finds on this thread; "" when it finds none. */
static const char *default_principal(char principal[128])
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)&kerberos};
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    principal[0] = '\0';
    if (!GSS_ERROR(gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms,
                                    GSS_C_INITIATE, &credential, NULL, NULL))) {
        ck_assert_uint_eq(gss_inquire_cred(&minor, credential, &name, NULL, NULL, NULL), 0);
        ck_assert_uint_eq(gss_display_name(&minor, name, &text, NULL), 0);
        ck_assert_int_lt(
            snprintf(principal, 128, "%.*s", (int)text.length, (const char *)text.value), 128);
    }
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &name);
    (void)gss_release_cred(&minor, &credential);
    return principal;
}

static void *principal_of_another_thread(void *principal)
{
    return (void *)(uintptr_t)default_principal(principal);
}

static void assert_principals(const char *here, const char *elsewhere)
{
    char principal[128];
    char others[128];
    pthread_t thread;

    ck_assert_str_eq(default_principal(principal), here);
    ck_assert_int_eq(pthread_create(&thread, NULL, principal_of_another_thread, others), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_str_eq(others, elsewhere);
}

/* bob logs on and delegates his password; alice's ticket is the process' own. */
static void log_bob_on_from(const char *domain, const char *package)
{
    SEC_WINNT_AUTH_IDENTITY_A bob = identity_of(domain, "bob", getenv("REALM_SECOND_PASSWORD"));

    party_init(&client, true, package);
    party_must_acquire(&client, &bob);
    client.target = TEXT_OF("host/localhost");
    client.request |= ISC_REQ_DELEGATE;
    if (domain != NULL) /* NTLM, which proves no server */
        client.request &= ~(ULONG)ISC_REQ_MUTUAL_AUTH;
    party_init(&server, false, package);
    party_must_acquire(&server, NULL);
    ck_assert_msg(log_on(&client, &server, 0), "%s", SspiGssStatusText());
}

static void log_bob_on(const char *package)
{
    log_bob_on_from(NULL, package);
}

static void end_logon(void)
{
    party_end(&client);
    party_end(&server);
}

static void use_config(const char *first)
{
    static char before[512];
    char list[1024];

    if (first == NULL) {
        ck_assert_int_eq(setenv("KRB5_CONFIG", before, 1), 0);
        return;
    }
    (void)snprintf(before, sizeof before, "%s", getenv("KRB5_CONFIG"));
    (void)snprintf(list, sizeof list, "%s:%s", first, before);
    ck_assert_int_eq(setenv("KRB5_CONFIG", list, 1), 0);
}

/* Writes a file in the realm's directory; its path is the caller's to free. */
static char *write_config(const char *text)
{
    char *path;
    FILE *file;

    ck_assert_int_ge(
        asprintf(&path, "%s/impersonation-%ld.conf", getenv("REALM_DIR"), (long)getpid()), 0);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

/* --- impersonation --- */

START_TEST(a_delegated_credential_is_the_threads_own_and_no_others)
{
    static const char *const packages[] = {"CREDSSP", "Kerberos", "Negotiate"};

    log_bob_on(packages[_i]);
    assert_principals(ALICE, ALICE);
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    assert_principals(BOB, ALICE);
    /* A second time changes nothing. */
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    assert_principals(BOB, ALICE);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    assert_principals(ALICE, ALICE);
    end_logon();
}
END_TEST

START_TEST(the_programs_own_choice_comes_back)
{
    char principal[128];
    char chosen[512];
    OM_uint32 minor;
    const char *after;

    (void)snprintf(chosen, sizeof chosen, "%s", getenv("KRB5CCNAME"));
    log_bob_on("CREDSSP");
    ck_assert_int_eq(setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1), 0);
    ck_assert_uint_eq(gss_krb5_ccache_name(&minor, chosen, NULL), GSS_S_COMPLETE);
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    ck_assert_str_eq(default_principal(principal), BOB);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    ck_assert_str_eq(default_principal(principal), ALICE);
    ck_assert_uint_eq(gss_krb5_ccache_name(&minor, NULL, &after), GSS_S_COMPLETE);
    ck_assert_str_eq(after, chosen);
    end_logon();
}
END_TEST

START_TEST(without_a_choice_the_thread_follows_the_environment_again)
{
    char principal[128];

    log_bob_on("CREDSSP");
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    ck_assert_int_eq(setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1), 0);
    ck_assert_str_eq(default_principal(principal), "");
    end_logon();
}
END_TEST

START_TEST(a_client_without_tickets_never_has_those_of_the_process)
{
    char *config = write_config("[libdefaults]\n default_realm = EXAMPLE.TEST\n"
                                " dns_lookup_kdc = false\n udp_preference_limit = 1\n"
                                "[realms]\n EXAMPLE.TEST = {\n  kdc = 127.0.0.1:1\n }\n"
                                "[appdefaults]\n gss-sspi = {\n"
                                "  AllowFreshCredentialsWhenNTLMOnly = host/*\n }\n");
    char principal[128];
    char realm[512];

    (void)snprintf(realm, sizeof realm, "%s", getenv("KRB5_CONFIG"));
    ck_assert_int_eq(setenv("KRB5_CONFIG", config, 1), 0);
    log_bob_on_from("EXAMPLE", "CREDSSP");
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    ck_assert_str_eq(default_principal(principal), "");
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    /* The KDC is asked again. */
    ck_assert_int_eq(setenv("KRB5_CONFIG", realm, 1), 0);
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    ck_assert_str_eq(default_principal(principal), BOB);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    ck_assert_int_eq(unlink(config), 0);
    free(config);
    end_logon();
}
END_TEST

START_TEST(from_client_to_client_and_past_the_end_of_contexts)
{
    char principal[128];

    log_bob_on("CREDSSP");
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    end_logon();
    ck_assert_str_eq(default_principal(principal), BOB);
    log_bob_on("Kerberos");
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    ck_assert_str_eq(default_principal(principal), BOB);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    ck_assert_str_eq(default_principal(principal), ALICE);
    end_logon();
}
END_TEST

/* Leaves what its thread impersonates to the thread's end. */
static void *impersonate_and_end(void *context)
{
    return ImpersonateSecurityContext(context) == SEC_E_OK ? context : NULL;
}

START_TEST(a_thread_that_ends_gives_its_share_back)
{
    pthread_t thread;
    void *done;

    log_bob_on("CREDSSP");
    ck_assert_int_eq(pthread_create(&thread, NULL, impersonate_and_end, &server.context), 0);
    ck_assert_int_eq(pthread_join(thread, &done), 0);
    ck_assert_ptr_nonnull(done);
    assert_principals(ALICE, ALICE);
    end_logon();
}
END_TEST

/* As on Windows the call succeeds; the thread has nothing to show elsewhere. */
START_TEST(who_delegated_nothing_has_no_credentials)
{
    static const char *const packages[] = {"Kerberos", "NTLM", "Negotiate", "CREDSSP"};
    CredHandle credential;

    must_log_on(&client, &server, packages[_i], "host/localhost", true);
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    assert_principals("", ALICE);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(AcquireCredentialsHandleA(NULL, TEXT_OF(packages[i]), SECPKG_CRED_OUTBOUND,
                                                   NULL, NULL, NULL, NULL, &credential, NULL),
                         SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    assert_principals(ALICE, ALICE);
    end_logon();
}
END_TEST

START_TEST(only_who_has_logged_on_is_impersonated)
{
    must_log_on(&client, &server, "Kerberos", "host/localhost", false);
    ck_assert_int_eq(ImpersonateSecurityContext(&client.context), SEC_E_NO_IMPERSONATION);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    end_logon();
    ck_assert_int_eq(ImpersonateSecurityContext(NULL), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(RevertSecurityContext(NULL), SEC_E_INVALID_HANDLE);
}
END_TEST

/* --- tokens --- */

/* The account that runs this test. */
static const struct passwd *own_account(void)
{
    static struct passwd account;
    static char octets[4096];
    struct passwd *found = NULL;

    ck_assert_int_eq(getpwuid_r(getuid(), &account, octets, sizeof octets, &found), 0);
    ck_assert_ptr_nonnull(found);
    return found;
}

/* A configuration in which bob is the user that runs this test. */
static char *make_bob_this_user(void)
{
    const struct passwd *self = own_account();
    char text[512];

    (void)snprintf(text, sizeof text,
                   "[realms]\n EXAMPLE.TEST = {\n  auth_to_local_names = {\n   bob = %s\n  }\n }\n",
                   self->pw_name);
    return write_config(text);
}

START_TEST(a_token_names_the_account_its_groups_and_the_credential)
{
    static const char *const packages[] = {"CREDSSP", "Kerberos", "Negotiate"};
    const struct passwd *self = own_account();
    const SSPI_GSS_TOKEN_INFORMATION *information = NULL;
    char *config = make_bob_this_user();
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;
    void *token = NULL;
    bool has_group = false;

    use_config(config);
    log_bob_on(packages[_i]);
    ck_assert_msg(QuerySecurityContextToken(&server.context, &token) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    end_logon();
    ck_assert_int_eq(SspiGssTokenInformation(token, &information), SEC_E_OK);
    ck_assert_str_eq(information->PrincipalName, BOB);
    ck_assert_str_eq(information->PackageName, "Kerberos");
    ck_assert_ptr_nonnull(information->AccountName);
    ck_assert_str_eq(information->AccountName, self->pw_name);
    ck_assert_uint_eq(information->UserId, self->pw_uid);
    ck_assert_uint_eq(information->GroupId, self->pw_gid);
    for (ULONG i = 0; i < information->GroupCount; i++)
        has_group = has_group || information->Groups[i] == self->pw_gid;
    ck_assert(has_group);
    /* It outlives the context. */
    ck_assert_uint_eq(
        gss_inquire_cred(&minor, information->DelegatedCredential, &name, NULL, NULL, NULL),
        GSS_S_COMPLETE);
    (void)gss_release_name(&minor, &name);
    ck_assert_int_eq(SspiGssCloseToken(token), SEC_E_OK);
    ck_assert_int_eq(SspiGssCloseToken(token), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(SspiGssTokenInformation(token, &information), SEC_E_INVALID_HANDLE);
    ck_assert_ptr_null(information);
    use_config(NULL);
    ck_assert_int_eq(unlink(config), 0);
    free(config);
}
END_TEST

START_TEST(who_has_no_account_here_has_no_ids)
{
    static const char *const packages[] = {"Kerberos", "NTLM"};
    static const char *const principals[] = {ALICE, "EXAMPLE\\alice"};
    const SSPI_GSS_TOKEN_INFORMATION *information;
    void *token;

    must_log_on(&client, &server, packages[_i], "host/localhost", true);
    ck_assert_int_eq(QuerySecurityContextToken(&server.context, &token), SEC_E_OK);
    ck_assert_int_eq(SspiGssTokenInformation(token, &information), SEC_E_OK);
    ck_assert_str_eq(information->PackageName, packages[_i]);
    ck_assert_str_eq(information->PrincipalName, principals[_i]);
    ck_assert_uint_eq(information->UserId, (uid_t)-1);
    ck_assert_uint_eq(information->GroupId, (gid_t)-1);
    ck_assert_uint_eq(information->GroupCount, 0);
    ck_assert_ptr_null(information->Groups);
    ck_assert_ptr_null(information->AccountName);
    ck_assert_ptr_eq(information->DelegatedCredential, GSS_C_NO_CREDENTIAL);
    ck_assert_int_eq(SspiGssCloseToken(token), SEC_E_OK);
    end_logon();
}
END_TEST

START_TEST(what_is_no_token)
{
    const SSPI_GSS_TOKEN_INFORMATION *information;
    int nothing;
    void *token = &nothing;

    must_log_on(&client, &server, "Kerberos", "host/localhost", false);
    ck_assert_int_eq(QuerySecurityContextToken(&client.context, &token), SEC_E_INVALID_HANDLE);
    ck_assert_ptr_null(token);
    ck_assert_int_eq(QuerySecurityContextToken(NULL, &token), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(QuerySecurityContextToken(&server.context, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiGssTokenInformation(&nothing, &information), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(SspiGssTokenInformation(NULL, &information), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(SspiGssTokenInformation(&nothing, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiGssCloseToken(&nothing), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(SspiGssCloseToken(NULL), SEC_E_INVALID_HANDLE);
    end_logon();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: impersonation and tokens");
    TCase *t = tcase_create("impersonation and tokens");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_delegated_credential_is_the_threads_own_and_no_others, 0, 3);
    tcase_add_test(t, the_programs_own_choice_comes_back);
    tcase_add_test(t, without_a_choice_the_thread_follows_the_environment_again);
    tcase_add_test(t, a_client_without_tickets_never_has_those_of_the_process);
    tcase_add_test(t, from_client_to_client_and_past_the_end_of_contexts);
    tcase_add_test(t, a_thread_that_ends_gives_its_share_back);
    tcase_add_loop_test(t, who_delegated_nothing_has_no_credentials, 0, 4);
    tcase_add_test(t, only_who_has_logged_on_is_impersonated);
    tcase_add_loop_test(t, a_token_names_the_account_its_groups_and_the_credential, 0, 3);
    tcase_add_loop_test(t, who_has_no_account_here_has_no_ids, 0, 2);
    tcase_add_test(t, what_is_no_token);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
