/* common/nt_status.[ch]: what a Windows peer, and what a person is told. */
#include <check.h>
#include <krb5.h>

#include "common/nt_status.h"
#include "tests/runner.h"

static const uint32_t statuses[] = {
    NT_STATUS_ACCESS_DENIED,
    NT_STATUS_NO_LOGON_SERVERS,
    NT_STATUS_NO_SUCH_USER,
    NT_STATUS_WRONG_PASSWORD,
    NT_STATUS_LOGON_FAILURE,
    NT_STATUS_ACCOUNT_RESTRICTION,
    NT_STATUS_PASSWORD_EXPIRED,
    NT_STATUS_ACCOUNT_DISABLED,
    NT_STATUS_NOT_SUPPORTED,
    NT_STATUS_TIME_DIFFERENCE_AT_DC,
    NT_STATUS_LOGON_TYPE_NOT_GRANTED,
    NT_STATUS_ACCOUNT_EXPIRED,
    NT_STATUS_PASSWORD_MUST_CHANGE,
    NT_STATUS_ACCOUNT_LOCKED_OUT,
    NT_STATUS_SMARTCARD_LOGON_REQUIRED,
    NT_STATUS_DOMAIN_CONTROLLER_NOT_FOUND,
    NT_STATUS_KDC_UNKNOWN_SERVER,
    NT_STATUS_INVALID_LOGON_HOURS,
    NT_STATUS_INVALID_WORKSTATION,
    NT_STATUS_INSUFFICIENT_RESOURCES,
    NT_STATUS_NO_SUCH_PACKAGE,
    NT_STATUS_LOGON_NOT_GRANTED,
    NT_STATUS_TRUSTED_DOMAIN_FAILURE,
    NT_STATUS_TRUSTED_RELATIONSHIP_FAILURE,
    NT_STATUS_AUTHENTICATION_FIREWALL_FAILED,
    NT_STATUS_NTLM_BLOCKED,
};

#define STATUS_COUNT (sizeof statuses / sizeof statuses[0])

static uint32_t status_of(krb5_error_code code)
{
    return nt_status_from_gss(GSS_S_FAILURE, (OM_uint32)code);
}

START_TEST(kerberos_errors_have_the_status_that_windows_uses)
{
    ck_assert_uint_eq(status_of(KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN), NT_STATUS_NO_SUCH_USER);
    ck_assert_uint_eq(status_of(KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN), NT_STATUS_KDC_UNKNOWN_SERVER);
    ck_assert_uint_eq(status_of(KRB5KDC_ERR_PREAUTH_FAILED), NT_STATUS_WRONG_PASSWORD);
    ck_assert_uint_eq(status_of(KRB5KDC_ERR_CLIENT_REVOKED), NT_STATUS_ACCOUNT_DISABLED);
    ck_assert_uint_eq(status_of(KRB5KDC_ERR_KEY_EXP), NT_STATUS_PASSWORD_EXPIRED);
    ck_assert_uint_eq(status_of(KRB5KRB_AP_ERR_SKEW), NT_STATUS_TIME_DIFFERENCE_AT_DC);
    ck_assert_uint_eq(status_of(KRB5KRB_AP_ERR_TKT_NYV), NT_STATUS_TIME_DIFFERENCE_AT_DC);
    ck_assert_uint_eq(status_of(KRB5KDC_ERR_NEVER_VALID), NT_STATUS_TIME_DIFFERENCE_AT_DC);
    ck_assert_uint_eq(status_of(KRB5_KDCREP_SKEW), NT_STATUS_TIME_DIFFERENCE_AT_DC);
    ck_assert_uint_eq(status_of(KRB5KDC_ERR_CLIENT_NOTYET), NT_STATUS_ACCOUNT_RESTRICTION);
    ck_assert_uint_eq(status_of(KRB5_KDC_UNREACH), NT_STATUS_NO_LOGON_SERVERS);
}
END_TEST

START_TEST(ntlm_errors_do_not_tell_which_of_name_and_password_is_wrong)
{
    ck_assert_uint_eq(nt_status_from_gss(GSS_S_FAILURE, 0x4E540013), NT_STATUS_LOGON_FAILURE);
    ck_assert_uint_eq(nt_status_from_gss(GSS_S_FAILURE, 0x4E54001D), NT_STATUS_LOGON_FAILURE);
    ck_assert_uint_eq(nt_status_from_gss(GSS_S_CONTEXT_EXPIRED, 0x4E540019),
                      NT_STATUS_TIME_DIFFERENCE_AT_DC);
}
END_TEST

START_TEST(only_a_failure_that_is_known_has_a_status)
{
    ck_assert_uint_eq(nt_status_from_gss(GSS_S_COMPLETE, 0), NT_STATUS_NONE);
    ck_assert_uint_eq(nt_status_from_gss(GSS_S_FAILURE, 0), NT_STATUS_NONE);
    ck_assert_uint_eq(nt_status_from_gss(GSS_S_DEFECTIVE_TOKEN, 4711), NT_STATUS_NONE);
    ck_assert_uint_eq(nt_status_from_gss(GSS_S_UNAUTHORIZED, 4711), NT_STATUS_LOGON_FAILURE);
    ck_assert_uint_eq(nt_status_from_gss(GSS_S_UNAUTHORIZED | GSS_S_OLD_TOKEN, 0),
                      NT_STATUS_LOGON_FAILURE);
}
END_TEST

START_TEST(every_status_has_a_text_without_a_full_stop)
{
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        const char *text = nt_status_text(statuses[i]);

        ck_assert_msg(text != NULL && text[0] != '\0', "%08x has no text", statuses[i]);
        ck_assert_int_ne(text[strlen(text) - 1], '.');
    }
    ck_assert_ptr_null(nt_status_text(NT_STATUS_NONE));
    ck_assert_ptr_null(nt_status_text(0xC0FFEE00));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("NTSTATUS");
    TCase *tcase = tcase_create("NTSTATUS");

    tcase_add_test(tcase, kerberos_errors_have_the_status_that_windows_uses);
    tcase_add_test(tcase, ntlm_errors_do_not_tell_which_of_name_and_password_is_wrong);
    tcase_add_test(tcase, only_a_failure_that_is_known_has_a_status);
    tcase_add_test(tcase, every_status_has_a_text_without_a_full_stop);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
