/* What the mechanisms say of themselves: attributes, SASL names, texts of status codes. */
#include <check.h>
#include <com_err.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static const struct {
    const gss_OID_desc *oid;
    const char *sasl_name; /* by RFC 5801 3.1, computed independently */
    const char *name;
} mechanisms[] = {
    {&GSS_SSPI_MECH_CREDSSP_desc, "GS2-6G5GFYBCQPP", "credssp"},
    {&GSS_SSPI_MECH_NEGOTIATE_desc, "GS2-3JXNGQL3647", "negotiate"},
};

static gss_OID oid_of(int index)
{
    return (gss_OID)(uintptr_t)mechanisms[index].oid;
}

static bool has(gss_OID_set set, gss_const_OID oid)
{
    OM_uint32 minor;
    int present = 0;

    ck_assert_uint_eq(gss_test_oid_set_member(&minor, (gss_OID)(uintptr_t)oid, set, &present),
                      GSS_S_COMPLETE);
    return present != 0;
}

START_TEST(mechanisms_are_indicated)
{
    gss_OID_set set = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_indicate_mechs(&minor, &set), GSS_S_COMPLETE);
    ck_assert(has(set, GSS_SSPI_MECH_CREDSSP));
    ck_assert(has(set, GSS_SSPI_MECH_NEGOTIATE));
    ck_assert(has(set, &krb5_oid));
    (void)gss_release_oid_set(&minor, &set);
}
END_TEST

/* MECH_NEGO keeps us out of other mechanisms' negotiation; NOT_DFLT_MECH would keep acceptors with
 * default credentials from taking us. */
START_TEST(attributes_are_told)
{
    gss_OID_set attributes = GSS_C_NO_OID_SET;
    gss_OID_set known = GSS_C_NO_OID_SET;
    bool credssp = _i == 0;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_inquire_attrs_for_mech(&minor, oid_of(_i), &attributes, &known),
                      GSS_S_COMPLETE);
    ck_assert(has(attributes, GSS_C_MA_MECH_NEGO));
    ck_assert(has(attributes, GSS_C_MA_ITOK_FRAMED));
    ck_assert(!has(attributes, GSS_C_MA_NOT_DFLT_MECH));
    ck_assert(!has(attributes, GSS_C_MA_DEPRECATED));
    ck_assert(has(attributes, GSS_C_MA_DELEG_CRED) == credssp);
    ck_assert(has(attributes, GSS_C_MA_WRAP) == credssp);
    for (size_t i = 0; i < attributes->count; i++)
        ck_assert(has(known, &attributes->elements[i]));
    (void)gss_release_oid_set(&minor, &attributes);
    (void)gss_release_oid_set(&minor, &known);
    /* Each may be asked for alone. */
    ck_assert_uint_eq(gss_inquire_attrs_for_mech(&minor, oid_of(_i), NULL, &known), GSS_S_COMPLETE);
    ck_assert_uint_gt(known->count, 0);
    (void)gss_release_oid_set(&minor, &known);
    ck_assert_uint_eq(gss_inquire_attrs_for_mech(&minor, oid_of(_i), &attributes, NULL),
                      GSS_S_COMPLETE);
    (void)gss_release_oid_set(&minor, &attributes);
}
END_TEST

START_TEST(mechanism_is_found_by_attributes)
{
    gss_OID_desc wanted[] = {*GSS_C_MA_MECH_NEGO, *GSS_C_MA_DELEG_CRED};
    gss_OID_set_desc desired = {2, wanted};
    gss_OID_set found = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_indicate_mechs_by_attrs(&minor, &desired, NULL, NULL, &found),
                      GSS_S_COMPLETE);
    ck_assert(has(found, GSS_SSPI_MECH_CREDSSP));
    ck_assert(!has(found, GSS_SSPI_MECH_NEGOTIATE));
    (void)gss_release_oid_set(&minor, &found);
}
END_TEST

static void assert_text(gss_buffer_t text, const char *expected)
{
    OM_uint32 minor;

    ck_assert_uint_eq(text->length, strlen(expected));
    ck_assert_mem_eq(text->value, expected, text->length);
    (void)gss_release_buffer(&minor, text);
}

START_TEST(sasl_names_lead_there_and_back)
{
    gss_buffer_desc sasl_name = {strlen(mechanisms[_i].sasl_name),
                                 (void *)(uintptr_t)mechanisms[_i].sasl_name};
    gss_buffer_desc told = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc name = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc description = GSS_C_EMPTY_BUFFER;
    gss_OID found = GSS_C_NO_OID;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_inquire_saslname_for_mech(&minor, oid_of(_i), &told, &name, &description),
                      GSS_S_COMPLETE);
    assert_text(&told, mechanisms[_i].sasl_name);
    assert_text(&name, mechanisms[_i].name);
    ck_assert_uint_gt(description.length, strlen(mechanisms[_i].name));
    (void)gss_release_buffer(&minor, &description);
    ck_assert_uint_eq(gss_inquire_mech_for_saslname(&minor, &sasl_name, &found), GSS_S_COMPLETE);
    ck_assert_uint_eq(found->length, mechanisms[_i].oid->length);
    ck_assert_mem_eq(found->elements, mechanisms[_i].oid->elements, found->length);
}
END_TEST

START_TEST(sasl_name_of_nobody_is_not_found)
{
    static const char *const texts[] = {"", "GS2-6G5GFYBCQPQ", "GS2-6G5GFYBCQP",
                                        "GS2-6G5GFYBCQPPA"};

    for (int i = 0; i < COUNT(texts); i++) {
        gss_buffer_desc sasl_name = {strlen(texts[i]), (void *)(uintptr_t)texts[i]};
        gss_OID found = GSS_C_NO_OID;
        OM_uint32 minor;

        ck_assert(GSS_ERROR(gss_inquire_mech_for_saslname(&minor, &sasl_name, &found)));
    }
}
END_TEST

typedef __typeof__(gss_display_status) display_status_function;
typedef __typeof__(gss_release_oid) release_oid_function;

/* A function of the plugin itself, without the mechglue. The caller closes *handle. */
static void *plugin_function(const char *name, void **handle)
{
    void *symbol;

    *handle = dlopen(realm_variable("REALM_MODULE"), RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(*handle != NULL, "%s", dlerror());
    symbol = dlsym(*handle, name);
    ck_assert(symbol != NULL);
    return symbol;
}

/* It knows our codes before any failure has gone through the mechglue. */
static display_status_function *plugin_display_status(void **handle)
{
    void *symbol = plugin_function("gss_display_status", handle);
    display_status_function *function;

    memcpy(&function, &symbol, sizeof function);
    return function;
}

/* What tells gss_release_oid to leave our static OIDs alone, and to free everything else. */
START_TEST(static_oids_of_ours_are_not_freed)
{
    void *handle = NULL;
    void *symbol = plugin_function("gss_internal_release_oid", &handle);
    gss_buffer_desc sasl_name = {strlen(mechanisms[_i].sasl_name),
                                 (void *)(uintptr_t)mechanisms[_i].sasl_name};
    gss_OID_desc copy = *mechanisms[_i].oid;
    release_oid_function *release;
    __typeof__(gss_inquire_mech_for_saslname) *find;
    gss_OID oid = GSS_C_NO_OID;
    OM_uint32 minor;

    memcpy(&release, &symbol, sizeof release);
    symbol = dlsym(handle, "gss_inquire_mech_for_saslname");
    ck_assert(symbol != NULL);
    memcpy(&find, &symbol, sizeof find);
    ck_assert_uint_eq(find(&minor, &sasl_name, &oid), GSS_S_COMPLETE);
    ck_assert_uint_eq(release(&minor, &oid), GSS_S_COMPLETE);
    ck_assert(oid == GSS_C_NO_OID);
    oid = &copy;
    ck_assert_uint_eq(release(&minor, &oid), GSS_S_CONTINUE_NEEDED);
    ck_assert(oid == &copy);
    (void)dlclose(handle);
}
END_TEST

START_TEST(every_code_of_ours_has_a_text)
{
    void *handle = NULL;
    display_status_function *display = plugin_display_status(&handle);
    const OM_uint32 first = (OM_uint32)ERROR_TABLE_BASE_sspi;
    const OM_uint32 end = first + (OM_uint32)et_sspi_error_table.n_msgs;
    OM_uint32 minor;

    ck_assert_uint_gt(end, (OM_uint32)GSS_SSPI_E_BAD_ARGUMENT);
    for (OM_uint32 code = first; code < end; code++) {
        gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
        OM_uint32 more = 1;

        ck_assert_uint_eq(display(&minor, code, GSS_C_MECH_CODE, oid_of(_i), &more, &text),
                          GSS_S_COMPLETE);
        ck_assert_uint_eq(more, 0);
        ck_assert_uint_gt(text.length, 10);
        ck_assert_msg(memmem(text.value, text.length, "nknown", 6) == NULL, "code %u",
                      (unsigned)(code - first));
        (void)gss_release_buffer(&minor, &text);
    }
    (void)dlclose(handle);
}
END_TEST

START_TEST(codes_of_nobody_and_major_codes_are_refused)
{
    void *handle = NULL;
    display_status_function *display = plugin_display_status(&handle);
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 more = 0;
    OM_uint32 minor;

    ck_assert(GSS_ERROR(
        display(&minor, (OM_uint32)ERROR_TABLE_BASE_sspi + (OM_uint32)et_sspi_error_table.n_msgs,
                GSS_C_MECH_CODE, oid_of(0), &more, &text)));
    ck_assert(text.length == 0 && text.value == NULL);
    ck_assert(GSS_ERROR(display(&minor, GSS_S_NO_CRED, GSS_C_GSS_CODE, oid_of(0), &more, &text)));
    ck_assert(text.length == 0 && text.value == NULL);
    (void)dlclose(handle);
}
END_TEST

/* The code as the mechglue renumbers it gives the sentence of the failure. */
START_TEST(failure_has_its_sentence_through_the_mechglue)
{
    struct exchange x = {.target = "host@localhost", .mechanism = mechanisms[_i].oid};

    with_options("self_signed_key = dsa");
    ck_assert(!exchange_run(&x));
    ck_assert(strstr(status_text(x.client_major, x.client_minor), "self_signed_key") != NULL);
    ck_assert_uint_eq(plugin_failure().major, x.client_major);
    exchange_reset(&x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("attributes");
    TCase *cases = tcase_create("attributes");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, mechanisms_are_indicated);
    tcase_add_loop_test(cases, attributes_are_told, 0, COUNT(mechanisms));
    tcase_add_test(cases, mechanism_is_found_by_attributes);
    tcase_add_loop_test(cases, sasl_names_lead_there_and_back, 0, COUNT(mechanisms));
    tcase_add_test(cases, sasl_name_of_nobody_is_not_found);
    tcase_add_loop_test(cases, static_oids_of_ours_are_not_freed, 0, COUNT(mechanisms));
    tcase_add_loop_test(cases, every_code_of_ours_has_a_text, 0, COUNT(mechanisms));
    tcase_add_test(cases, codes_of_nobody_and_major_codes_are_refused);
    tcase_add_loop_test(cases, failure_has_its_sentence_through_the_mechglue, 0, COUNT(mechanisms));
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
