/* Names, through the mechglue: every form, there and back, and what is no name. */
#include "mech/name.h"

#include <check.h>
#include <gssapi/gssapi_krb5.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

/* mech/name.c takes no longer ones. */
#define LONGEST_NAME 4096

static const gss_OID_desc *const mechanisms[] = {&GSS_SSPI_MECH_CREDSSP_desc,
                                                 &GSS_SSPI_MECH_NEGOTIATE_desc};

/* Pairs of a text and its name type (the types are variables of libgssapi). */
static const struct {
    const char *text;
    const gss_OID *type;
} names[] = {
    {"host@localhost", &GSS_C_NT_HOSTBASED_SERVICE},
    {"alice", &GSS_C_NT_USER_NAME},
    {"alice@EXAMPLE.TEST", &GSS_C_NT_USER_NAME},
    {"EXAMPLE\\alice", &GSS_C_NT_USER_NAME},
    {"J\xc3\xbcrgen", &GSS_C_NT_USER_NAME},
    {"alice@EXAMPLE.TEST", &GSS_KRB5_NT_PRINCIPAL_NAME},
    {"TERMSRV/localhost@EXAMPLE.TEST", &GSS_KRB5_NT_PRINCIPAL_NAME},
};

#define NAME_LOOPS (COUNT(names) * 2)

static gss_name_t import(const void *text, size_t length, gss_OID type)
{
    gss_buffer_desc buffer = {length, (void *)(uintptr_t)text};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_import_name(&minor, &buffer, type, &name), GSS_S_COMPLETE);
    return name;
}

/* A name of one mechanism, which our code holds from then on. */
static gss_name_t canonical(gss_name_t name, const gss_OID_desc *mechanism)
{
    gss_name_t made = GSS_C_NO_NAME;
    OM_uint32 minor;
    OM_uint32 major = gss_canonicalize_name(&minor, name, (gss_OID)(uintptr_t)mechanism, &made);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    return made;
}

static gss_name_t canonical_text(int index, const gss_OID_desc *mechanism)
{
    gss_name_t name = import(names[index].text, strlen(names[index].text), *names[index].type);
    gss_name_t made = canonical(name, mechanism);
    OM_uint32 minor;

    (void)gss_release_name(&minor, &name);
    return made;
}

static bool equal(gss_name_t a, gss_name_t b)
{
    OM_uint32 minor;
    int answer = -1;

    ck_assert_uint_eq(gss_compare_name(&minor, a, b, &answer), GSS_S_COMPLETE);
    ck_assert(answer == 0 || answer == 1);
    return answer == 1;
}

static gss_buffer_desc exported(gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_export_name(&minor, name, &text);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    return text;
}

START_TEST(name_is_shown_with_its_type)
{
    int index = _i / 2;
    gss_name_t name = canonical_text(index, mechanisms[_i % 2]);
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_OID type = GSS_C_NO_OID;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_display_name(&minor, name, &text, &type), GSS_S_COMPLETE);
    ck_assert_uint_eq(text.length, strlen(names[index].text));
    ck_assert_mem_eq(text.value, names[index].text, text.length);
    ck_assert(type != GSS_C_NO_OID && type->length == (*names[index].type)->length);
    ck_assert_mem_eq(type->elements, (*names[index].type)->elements, type->length);
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &name);
    ck_assert(name == GSS_C_NO_NAME);
}
END_TEST

START_TEST(duplicate_is_equal_and_lives_longer)
{
    int index = _i / 2;
    gss_name_t name = canonical_text(index, mechanisms[_i % 2]);
    gss_name_t copy = GSS_C_NO_NAME;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_duplicate_name(&minor, name, &copy), GSS_S_COMPLETE);
    ck_assert(equal(name, copy));
    (void)gss_release_name(&minor, &name);
    ck_assert_str_eq(name_text_of(copy), names[index].text);
    (void)gss_release_name(&minor, &copy);
}
END_TEST

START_TEST(names_are_equal_only_to_themselves)
{
    for (int i = 0; i < COUNT(names); i++) {
        gss_name_t a = canonical_text(i, mechanisms[_i]);

        for (int j = 0; j < COUNT(names); j++) {
            gss_name_t b = canonical_text(j, mechanisms[_i]);
            OM_uint32 minor;

            /* Types count: user alice@REALM need not be the principal of that text. */
            ck_assert_msg(equal(a, b) == (i == j), "%d and %d", i, j);
            ck_assert_msg(equal(b, a) == (i == j), "%d and %d", j, i);
            (void)gss_release_name(&minor, &b);
        }
        (void)gss_release_name(&(OM_uint32){0}, &a);
    }
}
END_TEST

START_TEST(exported_name_comes_back)
{
    int index = _i / 2;
    gss_name_t name = canonical_text(index, mechanisms[_i % 2]);
    gss_buffer_desc first = exported(name);
    gss_name_t back = import(first.value, first.length, GSS_C_NT_EXPORT_NAME);
    gss_buffer_desc second;
    OM_uint32 minor;

    ck_assert_str_eq(name_text_of(back), names[index].text);
    second = exported(back);
    ck_assert_uint_eq(first.length, second.length);
    ck_assert_mem_eq(first.value, second.value, first.length);
    if (mechanisms[_i % 2] == &GSS_SSPI_MECH_NEGOTIATE_desc)
        ck_assert(equal(name, back));
    (void)gss_release_buffer(&minor, &first);
    (void)gss_release_buffer(&minor, &second);
    (void)gss_release_name(&minor, &name);
    (void)gss_release_name(&minor, &back);
}
END_TEST

/* A name that is malformed must be refused at the latest when our code is asked for its form of it.
 */
static bool is_refused(const void *text, size_t length, gss_OID type, const gss_OID_desc *mechanism)
{
    gss_buffer_desc buffer = {length, (void *)(uintptr_t)text};
    gss_name_t name = GSS_C_NO_NAME;
    gss_name_t made = GSS_C_NO_NAME;
    OM_uint32 minor;
    OM_uint32 major = gss_import_name(&minor, &buffer, type, &name);

    if (!GSS_ERROR(major))
        major = gss_canonicalize_name(&minor, name, (gss_OID)(uintptr_t)mechanism, &made);
    (void)gss_release_name(&minor, &name);
    (void)gss_release_name(&minor, &made);
    return GSS_ERROR(major);
}

/*
 * What our code makes of an exported name, in memory of its own, so that a read beyond it is seen. Not
 * through the mechglue, which looks at a length that it has not set (MIT 1.20, importExportName).
 */
static bool copy_is_refused(const void *text, size_t length)
{
    gss_buffer_desc copy = {length, malloc(length != 0 ? length : 1)};
    struct name *name = NULL;
    OM_uint32 minor;
    OM_uint32 major;

    ck_assert(copy.value != NULL);
    memcpy(copy.value, text, length);
    major = name_import(&minor, &copy, GSS_C_NT_EXPORT_NAME, &name);
    ck_assert((GSS_ERROR(major) != 0) == (name == NULL));
    name_release(&name);
    free(copy.value);
    return GSS_ERROR(major) != 0;
}

/* Octets before the text of an exported name: what follows has no length of its own to be wrong. */
static size_t framing_of(const gss_buffer_desc *text, int index)
{
    return text->length - strlen(names[index].text) - (*names[index].type)->length;
}

START_TEST(cut_exported_name_is_refused)
{
    gss_name_t name = canonical_text(_i, GSS_SSPI_MECH_NEGOTIATE);
    gss_buffer_desc text = exported(name);
    unsigned char longer[LONGEST_NAME];
    OM_uint32 minor;

    for (size_t length = 0; length < text.length; length++)
        ck_assert_msg(copy_is_refused(text.value, length), "%zu of %zu octets", length,
                      text.length);
    ck_assert(!copy_is_refused(text.value, text.length));
    ck_assert_uint_lt(text.length, sizeof longer);
    memcpy(longer, text.value, text.length);
    longer[text.length] = 'x';
    ck_assert(copy_is_refused(longer, text.length + 1));
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &name);
}
END_TEST

START_TEST(changed_framing_of_exported_name_is_harmless)
{
    gss_name_t name = canonical_text(_i, GSS_SSPI_MECH_NEGOTIATE);
    gss_buffer_desc text = exported(name);
    size_t framing = framing_of(&text, _i);
    unsigned long refused = 0;
    OM_uint32 minor;

    for (size_t i = 0; i < framing; i++) {
        for (int value = 0; value < 256; value++) {
            unsigned char *octet = (unsigned char *)text.value + i;
            unsigned char old = *octet;

            *octet = (unsigned char)value;
            refused += copy_is_refused(text.value, text.length);
            *octet = old;
        }
    }
    /* The length of the name's type may be read as another one; nothing else may change. */
    ck_assert_uint_ge(refused, (framing - 1) * 250);
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &name);
}
END_TEST

START_TEST(too_long_name_is_refused)
{
    static char text[LONGEST_NAME + 1];

    memset(text, 'a', sizeof text);
    ck_assert(!is_refused(text, LONGEST_NAME, GSS_C_NT_USER_NAME, mechanisms[_i]));
    ck_assert(is_refused(text, LONGEST_NAME + 1, GSS_C_NT_USER_NAME, mechanisms[_i]));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_BAD_NAME);
}
END_TEST

START_TEST(counted_terminator_is_dropped)
{
    static const char counted[] = "host@localhost";
    gss_name_t plain = import(counted, sizeof counted - 1, GSS_C_NT_HOSTBASED_SERVICE);
    gss_name_t with_end = import(counted, sizeof counted, GSS_C_NT_HOSTBASED_SERVICE);
    gss_name_t a = canonical(plain, mechanisms[_i]);
    gss_name_t b = canonical(with_end, mechanisms[_i]);
    gss_buffer_desc text = exported(b);
    OM_uint32 minor;

    ck_assert(equal(a, b));
    ck_assert_int_ne(((const char *)text.value)[text.length - 1], '\0');
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &plain);
    (void)gss_release_name(&minor, &with_end);
    (void)gss_release_name(&minor, &a);
    (void)gss_release_name(&minor, &b);
}
END_TEST

/* Text that stops early in C must not be taken for the name of another server. */
START_TEST(terminator_inside_is_no_target)
{
    static const char text[] = "host@localhost\0.example.com";
    gss_name_t target = import(text, sizeof text - 1, GSS_C_NT_HOSTBASED_SERVICE);
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    OM_uint32 minor;
    OM_uint32 major = gss_init_sec_context(
        &minor, GSS_C_NO_CREDENTIAL, &context, target, (gss_OID)(uintptr_t)mechanisms[_i],
        GSS_C_MUTUAL_FLAG, 0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);

    ck_assert(GSS_ERROR(major));
    ck_assert(token.length == 0);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    (void)gss_release_name(&minor, &target);
}
END_TEST

/* Access lists made for Kerberos hold for logons with Kerberos inside. */
START_TEST(client_of_a_kerberos_logon_is_exported_as_kerberos_does)
{
    const gss_OID_desc *mechanism = mechanisms[_i];
    struct exchange x = {.target = "host@localhost",
                         .mechanism = mechanism,
                         .server_header = _i == 0 ? GSS_C_NO_OID : mechanism,
                         .flags = GSS_C_MUTUAL_FLAG};
    static const char alice[] = "alice@EXAMPLE.TEST";
    gss_name_t plain = import(alice, sizeof alice - 1, GSS_KRB5_NT_PRINCIPAL_NAME);
    gss_name_t kerberos = canonical(plain, &krb5_oid);
    gss_buffer_desc expected = exported(kerberos);
    gss_buffer_desc text;
    gss_name_t back;
    OM_uint32 minor;

    ck_assert(exchange_run(&x));
    text = exported(x.source);
    ck_assert_uint_eq(text.length, expected.length);
    ck_assert_mem_eq(text.value, expected.value, text.length);
    back = import(text.value, text.length, GSS_C_NT_EXPORT_NAME);
    ck_assert(equal(back, kerberos));
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_buffer(&minor, &expected);
    (void)gss_release_name(&minor, &plain);
    (void)gss_release_name(&minor, &kerberos);
    (void)gss_release_name(&minor, &back);
    exchange_reset(&x);
}
END_TEST

/* gss-ntlmssp counts the terminator; nobody who compares names expects it. */
START_TEST(client_of_an_ntlm_logon_is_shown_without_terminator)
{
    static const char alice[] = "EXAMPLE\\alice";
    const gss_OID_desc *mechanism = mechanisms[_i];
    struct exchange x = {.target = "host@localhost",
                         .mechanism = mechanism,
                         .server_header = _i == 0 ? GSS_C_NO_OID : mechanism};
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    without_tickets();
    ck_assert(exchange_run(&x));
    ck_assert_uint_eq(gss_display_name(&minor, x.source, &text, NULL), GSS_S_COMPLETE);
    ck_assert_uint_eq(text.length, sizeof alice - 1);
    ck_assert_mem_eq(text.value, alice, text.length);
    (void)gss_release_buffer(&minor, &text);
    exchange_reset(&x);
}
END_TEST

/*
 * Kerberos' rules say who a client is on this machine, and who may be it; a user of the same name is
 * not enough. Ours must answer as Kerberos does for its own names.
 */
static const struct {
    const char *rule; /* NULL: alice is the account that runs the test */
    const char *local;
} local_rules[] = {
    {"RULE:[1:$1@$0](bob@.*)s/@.*//", NULL},
    {NULL, NULL},
    {"DEFAULT", "alice"},
};

/* Kerberos authorizes accounts that exist only. */
static const char *account(void)
{
    const struct passwd *entry = getpwuid(geteuid());

    ck_assert_msg(entry != NULL, "the test needs an account");
    return entry->pw_name;
}

static void with_local_rule(const char *rule)
{
    const char *realm_dir = realm_variable("REALM_DIR");
    char to_account[128];
    char path[300];
    char both[1024];
    FILE *file;

    if (rule == NULL) {
        (void)snprintf(to_account, sizeof to_account, "RULE:[1:$1@$0](alice@.*)s/.*/%s/",
                       account());
        rule = to_account;
    }
    (void)snprintf(path, sizeof path, "%s/local-rules", realm_dir);
    file = fopen(path, "w");
    ck_assert(file != NULL);
    ck_assert_int_gt(fprintf(file,
                             "[libdefaults]\n k5login_directory = %s\n"
                             "[realms]\n EXAMPLE.TEST = {\n  auth_to_local = %s\n }\n",
                             realm_dir, rule),
                     0);
    ck_assert_int_eq(fclose(file), 0);
    (void)snprintf(both, sizeof both, "%s:%s", path, realm_variable("KRB5_CONFIG"));
    ck_assert_int_eq(setenv("KRB5_CONFIG", both, 1), 0);
}

static void assert_local_name(gss_name_t name, const char *expected)
{
    gss_buffer_desc local = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_localname(&minor, name, GSS_C_NO_OID, &local);

    if (expected == NULL) {
        ck_assert_msg(GSS_ERROR(major), "a local name: %.*s", (int)local.length,
                      (const char *)local.value);
    } else {
        ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
        ck_assert_uint_eq(local.length, strlen(expected));
        ck_assert_mem_eq(local.value, expected, local.length);
    }
    (void)gss_release_buffer(&minor, &local);
}

static void assert_authorized(gss_name_t name, const char *user, bool expected)
{
    gss_name_t local = import(user, strlen(user), GSS_C_NT_USER_NAME);
    OM_uint32 minor;
    OM_uint32 major = gss_authorize_localname(&minor, name, local);

    ck_assert_msg((major == GSS_S_COMPLETE) == expected, "%s: %s", user, status_text(major, minor));
    ck_assert_int_eq(gss_userok(name, user), expected);
    (void)gss_release_name(&minor, &local);
}

/* The context's mechanism: Kerberos itself for comparison, then ours. */
static const gss_OID_desc *const logon_mechanisms[] = {&krb5_oid, &GSS_SSPI_MECH_CREDSSP_desc,
                                                       &GSS_SSPI_MECH_NEGOTIATE_desc};

START_TEST(local_names_follow_kerberos_rules)
{
    const gss_OID_desc *mechanism = logon_mechanisms[_i % COUNT(logon_mechanisms)];
    const char *rule = local_rules[_i / COUNT(logon_mechanisms)].rule;
    const char *local = rule != NULL ? local_rules[_i / COUNT(logon_mechanisms)].local : account();
    const char *users[] = {"alice", "bob", "root", account()};
    struct exchange x = {.target = "host@localhost",
                         .mechanism = mechanism,
                         .server_header =
                             mechanism == GSS_SSPI_MECH_NEGOTIATE ? mechanism : GSS_C_NO_OID,
                         .flags = GSS_C_MUTUAL_FLAG};

    with_local_rule(rule);
    ck_assert(exchange_run(&x));
    assert_local_name(x.source, local);
    for (int i = 0; i < COUNT(users); i++)
        assert_authorized(x.source, users[i],
                          local != NULL && strcmp(local, users[i]) == 0 &&
                              getpwnam(users[i]) != NULL);
    exchange_reset(&x);
}
END_TEST

START_TEST(name_types_are_told)
{
    gss_OID_set types = GSS_C_NO_OID_SET;
    OM_uint32 minor;
    int present;

    ck_assert_uint_eq(
        gss_inquire_names_for_mech(&minor, (gss_OID)(uintptr_t)mechanisms[_i], &types),
        GSS_S_COMPLETE);
    for (int i = 0; i < COUNT(names); i++) {
        ck_assert_uint_eq(gss_test_oid_set_member(&minor, *names[i].type, types, &present),
                          GSS_S_COMPLETE);
        ck_assert(present);
    }
    ck_assert_uint_eq(gss_test_oid_set_member(&minor, GSS_C_NT_EXPORT_NAME, types, &present),
                      GSS_S_COMPLETE);
    ck_assert(present);
    (void)gss_release_oid_set(&minor, &types);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names");
    TCase *cases = tcase_create("names");

    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, name_is_shown_with_its_type, 0, NAME_LOOPS);
    tcase_add_loop_test(cases, duplicate_is_equal_and_lives_longer, 0, NAME_LOOPS);
    tcase_add_loop_test(cases, names_are_equal_only_to_themselves, 0, COUNT(mechanisms));
    tcase_add_loop_test(cases, exported_name_comes_back, 0, NAME_LOOPS);
    tcase_add_loop_test(cases, cut_exported_name_is_refused, 0, COUNT(names));
    tcase_add_loop_test(cases, changed_framing_of_exported_name_is_harmless, 0, COUNT(names));
    tcase_add_loop_test(cases, too_long_name_is_refused, 0, COUNT(mechanisms));
    tcase_add_loop_test(cases, counted_terminator_is_dropped, 0, COUNT(mechanisms));
    tcase_add_loop_test(cases, terminator_inside_is_no_target, 0, COUNT(mechanisms));
    tcase_add_loop_test(cases, client_of_a_kerberos_logon_is_exported_as_kerberos_does, 0,
                        COUNT(mechanisms));
    tcase_add_loop_test(cases, client_of_an_ntlm_logon_is_shown_without_terminator, 0,
                        COUNT(mechanisms));
    tcase_add_loop_test(cases, local_names_follow_kerberos_rules, 0,
                        COUNT(logon_mechanisms) * COUNT(local_rules));
    tcase_add_loop_test(cases, name_types_are_told, 0, COUNT(mechanisms));
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
