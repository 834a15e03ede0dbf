/*
 * Every call that an application can make on SPNEGO, made three times: on MIT's own, on ours in its place,
 * and on ours by its own name. Each run is another process, spnego_calls, because GSS_MECH_CONFIG is
 * read once. What came of the calls must be the same, but for a list of differences with reasons.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define LINE_OCTETS  4096
#define LINE_MAXIMUM 8192

struct record {
    size_t count;
    char *lines[LINE_MAXIMUM];
};

static struct record mit;
static struct record ours;

/*
 * A difference that is meant: lines of these states and calls (parts of their names; NULL is any) where ours
 * has this in its result. One that is not met is an error too.
 */
struct difference {
    const char *state;
    const char *call;
    const char *result;
    const char *reason;
};

/* clang-format off */
static const struct difference in_mits_place[] = {
    {"DCE style, half-made server", "gss_inquire_context", "flags=0 ", "the flags are told at the end"},
    {"half-made", NULL, "0x80000", "no keys and messages before the list of mechanisms is known to be right"},
    {"half-made", "gss_inquire_context", "source=none target=none", "nor names"},
    {"established", "gss_unwrap_aead of garbage", "short=0x90000", "short messages do not reach the inner mechanism"},
    {"NTLM, established client", "gss_inquire_context", "source=EXAMPLE\\alice of", "no NUL behind NTLM's names"},
    {"NTLM", NULL, "=EXAMPLE\\alice of", "the same"},
    {"NTLM", "exported form", "5c 61 6c 69 63 65 canonical", "the same"},
    {NULL, "gss_inquire_name", "2 25 3579557143683582521 3", "MIT's mechglue gives names the interposer's OID"},
    {NULL, "gss_export_name", "compare=0 equal=0", "and so takes them for another mechanism's"},
    {NULL, "gss_localname", "alice=0x100000", "Kerberos decides, and there is no local user alice"},
    {NULL, "gss_inquire_cred_by_mech", " 0", "MIT's SPNEGO has no such call"},
    {NULL, "impersonator", " 0", "NTLM's ignorance does not hide Kerberos' answer"},
    {NULL, "gss_store_cred_into", "stored=", "MIT's SPNEGO stores nothing"},
    {NULL, "gss_store_cred_into", "0x70000 nothing stored again=0x70000", "and says that it did"},
    {NULL, "gss_store_cred_into", "0xd0000 nothing stored again=0xd0000", "and says that it did"},
    {NULL, "gss_export_cred", "import=0 0", "MIT's cannot import what gss-ntlmssp exported"},
    {NULL, "gss_add_cred", "again=0x110000 krb5=", "nor copy it"},
    {NULL, "gss_acquire_cred_impersonate_name", "gss_inquire_cred_by_mech: 0", "as above"},
    {NULL, "gss_acquire_cred_impersonate_name", "stored=bob@EXAMPLE.TEST", "as above"},
};

/* The differences of a mechanism of another name; those above hold too where they are met. */
static const struct difference by_name[] = {
    {"mechanism", NULL, NULL, "attributes, name types and texts are those of Negotiate: see test_attributes"},
    {NULL, "gss_export_name", NULL, "the name that Kerberos exports, or one of our own form"},
    {NULL, "exported form", NULL, "the same"},
    {NULL, "gss_inquire_name", "2 25 3579557143683582521 2", "our own OID"},
    {"after", NULL, "mechanism={ 2 25 3579557143683582521 2 }", "our own OID"},
    {"established", "gss_export_sec_context", "short=0x90000", "as above, imported"},
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void read_record(struct record *record, const char *configuration, const char *name)
{
    char program[LINE_OCTETS];
    char command[LINE_OCTETS + 512];
    char *line = NULL;
    size_t room = 0;
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash;
    FILE *output;

    ck_assert_int_gt(length, 0);
    program[length] = '\0';
    slash = strrchr(program, '/');
    ck_assert_ptr_nonnull(slash);
    *slash = '\0';
    (void)snprintf(command, sizeof command, "GSS_MECH_CONFIG='%s/%s' '%s/spnego_calls' %s",
                   realm_variable("REALM_DIR"), configuration, program, name);
    output = popen(command, "r");
    ck_assert_ptr_nonnull(output);
    while ((length = getline(&line, &room, output)) > 0) {
        ck_assert_uint_lt(record->count, LINE_MAXIMUM);
        line[length - 1] = '\0';
        record->lines[record->count] = strdup(line);
        ck_assert_ptr_nonnull(record->lines[record->count++]);
    }
    free(line);
    ck_assert_int_eq(pclose(output), 0);
}

static void release_record(struct record *record)
{
    for (size_t i = 0; i < record->count; i++)
        free(record->lines[i]);
    record->count = 0;
}

/* Writes the realm's configuration again, without our plugin or with the interposer too. */
static void write_configuration(const char *name, bool with_plugin)
{
    char path[512];
    char line[LINE_OCTETS];
    FILE *from = fopen(realm_variable("GSS_MECH_CONFIG"), "r");
    FILE *to;

    (void)snprintf(path, sizeof path, "%s/%s", realm_variable("REALM_DIR"), name);
    to = fopen(path, "w");
    ck_assert(from != NULL && to != NULL);
    while (fgets(line, sizeof line, from) != NULL) {
        if (strstr(line, "<interposer>") == NULL &&
            (with_plugin || strstr(line, GSS_SSPI_MECH_CREDSSP_STRING) == NULL) &&
            (with_plugin || strstr(line, GSS_SSPI_MECH_NEGOTIATE_STRING) == NULL))
            ck_assert_int_ge(fputs(line, to), 0);
    }
    if (with_plugin)
        ck_assert_int_gt(fprintf(to, "spnego 2.25.3579557143683582521.3 %s <interposer>\n",
                                 realm_variable("REALM_MODULE")),
                         0);
    (void)fclose(from);
    ck_assert_int_eq(fclose(to), 0);
}

/* A service whose tickets for other users are good for more than itself (S4U2Self). */
static void allow_impersonation(void)
{
    char command[512];

    (void)snprintf(command, sizeof command,
                   "kadmin.local -r %s -q 'modprinc +ok_to_auth_as_delegate HTTP/localhost' "
                   ">%s/impersonation.log 2>&1",
                   realm_variable("REALM"), realm_variable("REALM_DIR"));
    ck_assert_int_eq(system(command), 0);
}

static void set_up(void)
{
    write_configuration("mit.conf", false);
    write_configuration("interposer.conf", true);
    allow_impersonation();
    read_record(&mit, "mit.conf", "spnego");
    ck_assert_uint_gt(mit.count, 1000);
}

static void tear_down(void)
{
    release_record(&mit);
    release_record(&ours);
}

/* A line is state, call and result, separated by tabs. */
static bool has_part(const char *line, int place, const char *part)
{
    const char *end;
    const char *found;

    if (part == NULL)
        return true;
    for (; place > 0; place--) {
        line = strchr(line, '\t');
        if (line == NULL)
            return false;
        line++;
    }
    end = strchr(line, '\t');
    found = strstr(line, part);
    return found != NULL && (end == NULL || found < end);
}

static bool is_meant(const char *line, const struct difference *differences, size_t count,
                     unsigned *met)
{
    for (size_t i = 0; i < count; i++) {
        if (has_part(line, 0, differences[i].state) && has_part(line, 1, differences[i].call) &&
            has_part(line, 2, differences[i].result)) {
            met[i]++;
            return true;
        }
    }
    return false;
}

/* The state and the call. */
static size_t heading_length(const char *line)
{
    const char *tab = strchr(line, '\t');

    ck_assert_ptr_nonnull(tab);
    tab = strchr(tab + 1, '\t');
    ck_assert_ptr_nonnull(tab);
    return (size_t)(tab - line);
}

static bool has_crashed(const char *line)
{
    return strstr(line, " crashed") != NULL;
}

/*
 * Where nothing of ours is in between: options that are set without a credential go to Kerberos, and what
 * was exported in MIT's place is imported by MIT's own SPNEGO, whose NTLM acceptors have no names.
 */
static bool is_mits_alone(const char *line)
{
    return has_part(line, 0, "no credential") || has_part(line, 1, "gss_export_sec_context");
}

START_TEST(ours_in_place_of_mits_answers_the_same)
{
    unsigned met[COUNT(in_mits_place)] = {0};
    unsigned strange = 0;

    read_record(&ours, "interposer.conf", "spnego");
    ck_assert_uint_eq(ours.count, mit.count);
    for (size_t i = 0; i < mit.count; i++) {
        const char *theirs = mit.lines[i];
        const char *line = ours.lines[i];

        ck_assert_uint_eq(heading_length(line), heading_length(theirs));
        ck_assert_mem_eq(line, theirs, heading_length(theirs));
        if (strcmp(line, theirs) == 0 && (!has_crashed(line) || is_mits_alone(line)))
            continue;
        /* What brings MIT's down must not bring ours down. */
        if (has_crashed(theirs) && !has_crashed(line))
            continue;
        if (is_meant(line, in_mits_place, COUNT(in_mits_place), met))
            continue;
        (void)fprintf(stderr, "MIT's: %s\nours:  %s\n", theirs, line);
        strange++;
    }
    ck_assert_uint_eq(strange, 0);
    for (size_t i = 0; i < COUNT(in_mits_place); i++)
        ck_assert_msg(met[i] != 0, "a difference that is none: %s, %s",
                      in_mits_place[i].call != NULL ? in_mits_place[i].call : "any call",
                      in_mits_place[i].reason);
}
END_TEST

/* The next line of a record that has this heading. */
static const char *find_line(const struct record *record, const char *heading, size_t *from)
{
    size_t length = heading_length(heading);

    for (size_t i = *from; i < record->count; i++) {
        if (strncmp(record->lines[i], heading, length + 1) == 0) {
            *from = i + 1;
            return record->lines[i];
        }
    }
    return NULL;
}

START_TEST(ours_by_its_own_name_answers_the_same)
{
    unsigned met[COUNT(by_name)] = {0};
    unsigned met_before[COUNT(in_mits_place)] = {0};
    unsigned strange = 0;
    unsigned found = 0;
    size_t from = 0;

    read_record(&ours, "interposer.conf", "negotiate");
    for (size_t i = 0; i < mit.count; i++) {
        const char *theirs = mit.lines[i];
        const char *line = find_line(&ours, theirs, &from);

        found += line != NULL;
        if (line == NULL || (strcmp(line, theirs) == 0 && !has_crashed(line)) ||
            (has_crashed(theirs) && (!has_crashed(line) || has_part(line, 0, "no credential"))) ||
            is_meant(line, in_mits_place, COUNT(in_mits_place), met_before) ||
            is_meant(line, by_name, COUNT(by_name), met))
            continue;
        (void)fprintf(stderr, "MIT's: %s\nours:  %s\n", theirs, line);
        strange++;
    }
    ck_assert_uint_eq(strange, 0);
    /* But for lines of what can be asked of a context only when it was imported. */
    ck_assert_uint_gt(found, mit.count - mit.count / 10);
    for (size_t i = 0; i < COUNT(by_name); i++)
        ck_assert_msg(met[i] != 0, "a difference that is none: %s", by_name[i].reason);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spnego_calls");
    TCase *calls = tcase_create("calls");

    tcase_set_timeout(calls, 600);
    tcase_add_checked_fixture(calls, set_up, tear_down);
    tcase_add_test(calls, ours_in_place_of_mits_answers_the_same);
    tcase_add_test(calls, ours_by_its_own_name_answers_the_same);
    suite_add_tcase(suite, calls);
    return run_suite(suite);
}
