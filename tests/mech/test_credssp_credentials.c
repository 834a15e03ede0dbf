/*
 * TSCredentials of every type, as the acceptor's program gets them and as our initiator sends them.
 */
#include <stdlib.h>
#include <string.h>

#include "asn1/ts_credentials.h"
#include "mech/gss_sspi_errors.h"
#include "tests/mech/crafted_attack.h"

/* UTF-16LE, whose octets may be anything. */
#define TEXT(octets)                                        \
    {                                                       \
        (const unsigned char *)(octets), sizeof(octets) - 1 \
    }

#define SMART_CARD_PARTS 8
#define KEY_SPEC_PART    3

static struct secret encoded;

/* The crafted client delegates this. */
static void delegate(const struct ts_credentials *credentials)
{
    ck_assert_int_eq(ts_credentials_encode(credentials, &encoded), DER_OK);
    peer.credentials = secret_range(&encoded);
    be_client();
}

static void clear(void)
{
    secret_release(&encoded);
    tear_down();
    set_up();
}

static void assert_part(gss_buffer_set_t data, size_t part, const char *expected)
{
    ck_assert_uint_lt(part, data->count);
    ck_assert_msg(
        byte_range_equal(byte_range_of(expected, strlen(expected)),
                         byte_range_of(data->elements[part].value, data->elements[part].length)),
        "part %zu is not \"%s\"", part, expected);
}

static uint32_t credentials_type(gss_ctx_id_t context)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    gss_OID object = (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDENTIALS_TYPE;
    uint32_t type;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_inquire_sec_context_by_oid(&minor, context, object, &data),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(data->elements[0].length, sizeof type);
    memcpy(&type, data->elements[0].value, sizeof type);
    (void)gss_release_buffer_set(&minor, &data);
    return type;
}

/* Only the question for this type has an answer. */
static void assert_only(gss_ctx_id_t context, uint32_t type)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(credentials_type(context), type);
    ck_assert_uint_eq(gss_sspi_inquire_credentials(&minor, context, &data),
                      type == GSS_SSPI_CREDENTIALS_PASSWORD ? GSS_S_COMPLETE : GSS_S_UNAVAILABLE);
    gss_sspi_release_credentials(&data);
    ck_assert_uint_eq(gss_sspi_inquire_smart_card(&minor, context, &data),
                      type == GSS_SSPI_CREDENTIALS_SMART_CARD ? GSS_S_COMPLETE : GSS_S_UNAVAILABLE);
    gss_sspi_release_credentials(&data);
    ck_assert_uint_eq(gss_sspi_inquire_remote_guard(&minor, context, &data),
                      type == GSS_SSPI_CREDENTIALS_REMOTE_GUARD ? GSS_S_COMPLETE
                                                                : GSS_S_UNAVAILABLE);
    gss_sspi_release_credentials(&data);
}

/* --- passwords --- */

static const struct {
    struct byte_range domain, user, password;
    const char *expected[3];
} passwords[] = {
    {TEXT("D\0"), TEXT("u\0"), TEXT("p\0"), {"D", "u", "p"}},
    {TEXT(""), TEXT("u\0@\0d\0"), TEXT("p\0"), {"", "u@d", "p"}},
    {TEXT(""), TEXT("u\0"), TEXT(""), {"", "u", ""}},
    {TEXT("D\0"), TEXT(""), TEXT(""), {"D", "", ""}},
    {TEXT("\xc4\x00"),
     TEXT("\x3a\x04\x41\x30"),
     TEXT("\x3d\xd8\x00\xde\xff\xff"),
     {"\xc3\x84", "\xd0\xba\xe3\x81\x81", "\xf0\x9f\x98\x80\xef\xbf\xbf"}},
};

/*
 * A program that goes by the flag would use no credential, which is the server's own, for the second hop of
 * a client that need only leave its password out.
 */
static void assert_flag_and_credential(bool expected)
{
    ck_assert_int_eq(peer.delegated != GSS_C_NO_CREDENTIAL, expected);
    ck_assert_int_eq((peer.plugin_flags_granted & GSS_C_DELEG_FLAG) != 0, expected);
}

START_TEST(password_is_given_out_in_utf_8)
{
    struct ts_credentials credentials = {
        .cred_type = TS_CREDENTIALS_PASSWORD,
        .password = {passwords[_i].domain, passwords[_i].user, passwords[_i].password}};
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    delegate(&credentials);
    assert_good();
    assert_flag_and_credential(passwords[_i].expected[1][0] != '\0' &&
                               passwords[_i].expected[2][0] != '\0');
    assert_only(peer.plugin, GSS_SSPI_CREDENTIALS_PASSWORD);
    ck_assert_uint_eq(gss_sspi_inquire_credentials(&minor, peer.plugin, &data), GSS_S_COMPLETE);
    ck_assert_uint_eq(data->count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_part(data, i, passwords[_i].expected[i]);
    gss_sspi_release_credentials(&data);
    ck_assert(data == GSS_C_NO_BUFFER_SET);
    clear();
}
END_TEST

START_TEST(empty_credentials_are_none)
{
    be_client();
    assert_good();
    ck_assert(peer.delegated == GSS_C_NO_CREDENTIAL);
    ck_assert((peer.plugin_flags_granted & GSS_C_DELEG_FLAG) == 0);
    assert_only(peer.plugin, 0);
}
END_TEST

/* No mechanism takes it whole: a credential of what stands before the NUL would be another one. */
START_TEST(password_with_a_nul_makes_no_credential)
{
    struct ts_credentials credentials = {
        .cred_type = TS_CREDENTIALS_PASSWORD,
        .password = {TEXT("E\0"), TEXT("u\0"), TEXT("p\0\0\0w\0")}};
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    delegate(&credentials);
    assert_good();
    assert_flag_and_credential(false);
    ck_assert_uint_eq(gss_sspi_inquire_credentials(&minor, peer.plugin, &data), GSS_S_COMPLETE);
    ck_assert_uint_eq(data->elements[2].length, 3);
    ck_assert_mem_eq(data->elements[2].value, "p\0w", 3);
    gss_sspi_release_credentials(&data);
    clear();
}
END_TEST

START_TEST(own_password_with_a_nul_is_refused)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)GSS_SSPI_MECH_CREDSSP};
    gss_buffer_desc text = {5, (void *)(uintptr_t) "alice"};
    gss_buffer_desc password = {3, (void *)(uintptr_t) "p\0w"};
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name), GSS_S_COMPLETE);
    ck_assert(GSS_ERROR(gss_acquire_cred_with_password(&minor, name, &password, GSS_C_INDEFINITE,
                                                       &mechanisms, GSS_C_INITIATE, &credential,
                                                       NULL, NULL)));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
    ck_assert(credential == GSS_C_NO_CREDENTIAL);
    (void)gss_release_name(&minor, &name);
}
END_TEST

/* --- smart cards --- */

static const struct ts_smart_card_creds card = {
    .pin = TEXT("1\0\0\0\x3d\xd8\x00\xde"),
    .csp_data = {.key_spec = 2,
                 .card_name = TEXT("c\0"),
                 .reader_name = TEXT("r\0"),
                 .container_name = TEXT("k\0"),
                 .csp_name = TEXT("p\0")},
    .user_hint = TEXT("u\0@\0d\0"),
    .domain_hint = TEXT("d\0"),
};

START_TEST(smart_card_is_given_out)
{
    static const char *const expected[SMART_CARD_PARTS] = {"", "u@d", "d", "", "c", "r", "k", "p"};
    struct ts_credentials credentials = {.cred_type = TS_CREDENTIALS_SMART_CARD,
                                         .smart_card = card};
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    const uint32_t key_spec = 2;
    OM_uint32 minor;

    delegate(&credentials);
    assert_good();
    /* there is no GSS credential, and the flag says that there is one */
    ck_assert(peer.delegated == GSS_C_NO_CREDENTIAL);
    ck_assert((peer.plugin_flags_granted & GSS_C_DELEG_FLAG) == 0);
    assert_only(peer.plugin, GSS_SSPI_CREDENTIALS_SMART_CARD);
    ck_assert_uint_eq(gss_sspi_inquire_smart_card(&minor, peer.plugin, &data), GSS_S_COMPLETE);
    ck_assert_uint_eq(data->count, SMART_CARD_PARTS);
    ck_assert_uint_eq(data->elements[0].length, 6);
    ck_assert_mem_eq(data->elements[0].value, "1\0\xf0\x9f\x98\x80", 6);
    ck_assert_uint_eq(data->elements[KEY_SPEC_PART].length, sizeof key_spec);
    ck_assert_mem_eq(data->elements[KEY_SPEC_PART].value, &key_spec, sizeof key_spec);
    for (size_t i = 1; i < SMART_CARD_PARTS; i++) {
        if (i != KEY_SPEC_PART)
            assert_part(data, i, expected[i]);
    }
    gss_sspi_release_credentials(&data);
    clear();
}
END_TEST

/* A PIN alone is a smart card as well. */
START_TEST(smart_card_without_hints_is_given_out)
{
    struct ts_credentials credentials = {.cred_type = TS_CREDENTIALS_SMART_CARD,
                                         .smart_card = {.pin = TEXT("1\0")}};
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    delegate(&credentials);
    assert_good();
    ck_assert_uint_eq(gss_sspi_inquire_smart_card(&minor, peer.plugin, &data), GSS_S_COMPLETE);
    ck_assert_uint_eq(data->count, SMART_CARD_PARTS);
    assert_part(data, 0, "1");
    for (size_t i = 1; i < SMART_CARD_PARTS; i++) {
        if (i != KEY_SPEC_PART)
            assert_part(data, i, "");
    }
    gss_sspi_release_credentials(&data);
    clear();
}
END_TEST

/* Each text in turn, with a NUL and with half a surrogate pair. */
START_TEST(bad_texts_of_a_smart_card_are_refused)
{
    static const struct byte_range bad[] = {TEXT("a\0\0\0"), TEXT("\x3d\xd8")};
    struct ts_credentials credentials = {.cred_type = TS_CREDENTIALS_SMART_CARD,
                                         .smart_card = card};
    struct byte_range *const texts[] = {
        &credentials.smart_card.user_hint,
        &credentials.smart_card.domain_hint,
        &credentials.smart_card.csp_data.card_name,
        &credentials.smart_card.csp_data.reader_name,
        &credentials.smart_card.csp_data.container_name,
        &credentials.smart_card.csp_data.csp_name,
    };

    *texts[_i % 6] = bad[_i / 6];
    delegate(&credentials);
    assert_refused(GSS_SSPI_E_BAD_CREDENTIALS);
    clear();
}
END_TEST

/* --- our own smart card --- */

static gss_cred_id_t card_credential(void)
{
    return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, "smart_card_pin",
                            "\xf0\x9f\x98\x80"
                            "1",
                            "smart_card_name", "c", "smart_card_reader", "r",
                            "smart_card_container", "k", "smart_card_provider", "p",
                            "smart_card_user_hint", "u", "smart_card_key_spec", "2", NULL);
}

/* The ticket logs on; the card is what is delegated. */
START_TEST(smart_card_is_sent)
{
    gss_cred_id_t copy = GSS_C_NO_CREDENTIAL;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    struct ts_credentials sent;
    OM_uint32 minor;

    peer.plugin_credential = card_credential();
    if (_i == 1) { /* and so does a copy */
        ck_assert_uint_eq(gss_export_cred(&minor, peer.plugin_credential, &token), GSS_S_COMPLETE);
        ck_assert_uint_eq(gss_import_cred(&minor, &token, &copy), GSS_S_COMPLETE);
        (void)gss_release_buffer(&minor, &token);
        (void)gss_release_cred(&minor, &peer.plugin_credential);
        peer.plugin_credential = copy;
    }
    be_server();
    assert_good();
    ck_assert(peer.plugin_flags_granted & GSS_C_DELEG_FLAG);
    ck_assert_int_eq(
        ts_credentials_decode(byte_range_of(peer.auth_info.value, peer.auth_info.length), &sent),
        DER_OK);
    ck_assert_uint_eq(sent.cred_type, TS_CREDENTIALS_SMART_CARD);
    ck_assert(byte_range_equal(sent.smart_card.pin, (struct byte_range)TEXT("\x3d\xd8\x00\xde"
                                                                            "1\0")));
    ck_assert_uint_eq(sent.smart_card.csp_data.key_spec, 2);
    ck_assert(
        byte_range_equal(sent.smart_card.csp_data.container_name, card.csp_data.container_name));
    ck_assert(byte_range_equal(sent.smart_card.user_hint, (struct byte_range)TEXT("u\0")));
    ck_assert(!byte_range_is_present(sent.smart_card.domain_hint));
}
END_TEST

/* A PIN is typed for the logon: the lists of fresh credentials are its. */
START_TEST(smart_card_goes_where_fresh_credentials_go)
{
    static const char *const options[] = {"DenyFreshCredentials = *",
                                          "AllowFreshCredentials = x/*"
                                          "\nAllowFreshCredentialsWhenNTLMOnly = x/*"};

    with_options(options[_i]);
    peer.plugin_credential = card_credential();
    be_server();
    crafted_peer_begin(&peer);
    assert_failed(GSS_SSPI_E_DELEGATION_POLICY);
}
END_TEST

START_TEST(incomplete_smart_card_is_refused)
{
    static const char *const elements[][2] = {{"smart_card_reader", "r"},
                                              {"smart_card_key_spec", "3"},
                                              {"smart_card_key_spec", ""},
                                              {"smart_card_key_spec", "12"}};

    ck_assert(store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, elements[_i][0],
                               elements[_i][1], NULL) == GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
}
END_TEST

START_TEST(smart_card_that_is_no_utf_8_is_refused_before_anything_is_sent)
{
    peer.plugin_credential = store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL,
                                              "smart_card_pin", "\xff", NULL);
    be_server();
    crafted_peer_begin(&peer);
    assert_failed(GSS_SSPI_E_BAD_ARGUMENT);
    ck_assert_uint_eq(peer.from_plugin.length, 0);
}
END_TEST

START_TEST(remote_guard_as_a_client_is_refused_clearly)
{
    ck_assert(store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, "remote_guard", "1",
                               NULL) == GSS_C_NO_CREDENTIAL);
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_NOT_AVAILABLE);
}
END_TEST

/* --- remote guard --- */

START_TEST(remote_guard_is_given_out)
{
    static const struct ts_remote_guard_package_cred ntlm = {TEXT("N\0T\0L\0M\0"), TEXT("\0\xff")};
    struct ts_credentials credentials = {
        .cred_type = TS_CREDENTIALS_REMOTE_GUARD,
        .remote_guard = {.logon_cred = {TEXT("K\0"), TEXT("ticket\0")},
                         .has_supplemental_creds = _i != 0,
                         .supplemental_count = (size_t)_i}};
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    for (int i = 0; i < _i; i++)
        credentials.remote_guard.supplemental_creds[i] = ntlm;
    delegate(&credentials);
    assert_good();
    ck_assert(peer.delegated == GSS_C_NO_CREDENTIAL);
    assert_only(peer.plugin, GSS_SSPI_CREDENTIALS_REMOTE_GUARD);
    ck_assert_uint_eq(gss_sspi_inquire_remote_guard(&minor, peer.plugin, &data), GSS_S_COMPLETE);
    ck_assert_uint_eq(data->count, 2 * (1 + (size_t)_i));
    assert_part(data, 0, "K");
    ck_assert_uint_eq(data->elements[1].length, 7);
    ck_assert_mem_eq(data->elements[1].value, "ticket\0", 7);
    for (size_t i = 1; i <= (size_t)_i; i++) {
        assert_part(data, 2 * i, "NTLM");
        ck_assert_uint_eq(data->elements[2 * i + 1].length, 2);
    }
    gss_sspi_release_credentials(&data);
    clear();
}
END_TEST

START_TEST(bad_package_name_is_refused)
{
    struct ts_credentials credentials = {
        .cred_type = TS_CREDENTIALS_REMOTE_GUARD,
        .remote_guard = {.logon_cred = {TEXT("K\0\0\0"), TEXT("t")}}};

    delegate(&credentials);
    assert_refused(GSS_SSPI_E_BAD_CREDENTIALS);
    clear();
}
END_TEST

static void add_credentials_tests(TCase *cases)
{
    tcase_add_loop_test(cases, password_is_given_out_in_utf_8, 0,
                        (int)(sizeof passwords / sizeof passwords[0]));
    tcase_add_test(cases, empty_credentials_are_none);
    tcase_add_test(cases, password_with_a_nul_makes_no_credential);
    tcase_add_test(cases, own_password_with_a_nul_is_refused);
    tcase_add_test(cases, smart_card_is_given_out);
    tcase_add_test(cases, smart_card_without_hints_is_given_out);
    tcase_add_loop_test(cases, bad_texts_of_a_smart_card_are_refused, 0, 12);
    tcase_add_loop_test(cases, smart_card_is_sent, 0, 2);
    tcase_add_loop_test(cases, smart_card_goes_where_fresh_credentials_go, 0, 2);
    tcase_add_loop_test(cases, incomplete_smart_card_is_refused, 0, 4);
    tcase_add_test(cases, smart_card_that_is_no_utf_8_is_refused_before_anything_is_sent);
    tcase_add_test(cases, remote_guard_as_a_client_is_refused_clearly);
    tcase_add_loop_test(cases, remote_guard_is_given_out, 0, TS_CREDENTIALS_MAX_SUPPLEMENTAL + 1);
    tcase_add_test(cases, bad_package_name_is_refused);
}

int main(void)
{
    return run_attacks("credentials of every type", add_credentials_tests);
}
