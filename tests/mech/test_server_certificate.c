/* Where a server's certificate comes from: files, tokens, and what it makes and keeps itself. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "mech/gss_sspi_errors.h"
#include "tests/mech/certificate_files.h"
#include "tests/mech/exchange.h"
#include "tests/mech/token.h"
#include "tests/runner.h"

#define DAY          (24L * 60 * 60)
#define HASH_OCTETS  32
#define PROCESSES    6
#define PATH_OCTETS  512
#define NOT_FOR_SHOW 0600

static struct exchange x;
static struct certificate_files files;

static void set_up(void)
{
    x = (struct exchange){.target = "host@localhost", .mechanism = GSS_SSPI_MECH_CREDSSP};
}

static void tear_down(void)
{
    OM_uint32 minor;

    exchange_reset(&x);
    (void)gss_release_cred(&minor, &x.server_credential);
    certificate_files_release(&files);
}

static void serve(const char *certificate, const char *key)
{
    x.server_credential = store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_ACCEPT, NULL, "certificate",
                                           certificate, "private_key", key, NULL);
    ck_assert(x.server_credential != GSS_C_NO_CREDENTIAL);
}

static void assert_logon(void)
{
    bool done = exchange_run(&x);

    ck_assert_msg(done, "client: %s; server: %s", status_text(x.client_major, x.client_minor),
                  status_text(x.server_major, x.server_minor));
}

/* The server refused, with this code and these words. */
static void assert_refused(long code, const char *words)
{
    const char *text;

    ck_assert(!exchange_run(&x));
    ck_assert(GSS_ERROR(x.server_major));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)code);
    text = status_text(x.server_major, x.server_minor);
    ck_assert_msg(strstr(text, words) != NULL, "%s", text);
    ck_assert_msg(strstr(text, TOKEN_PIN) == NULL, "%s", text);
}

static gss_buffer_set_t peer_certificate(void)
{
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    ck_assert_uint_eq(
        gss_inquire_sec_context_by_oid(&minor, x.client,
                                       (gss_OID)(uintptr_t)GSS_SSPI_INQ_PEER_CERTIFICATE, &data),
        GSS_S_COMPLETE);
    return data;
}

static void assert_served(const gnutls_datum_t *der)
{
    gss_buffer_set_t data = peer_certificate();
    OM_uint32 minor;

    ck_assert_uint_eq(data->elements[0].length, der->size);
    ck_assert_mem_eq(data->elements[0].value, der->data, der->size);
    (void)gss_release_buffer_set(&minor, &data);
}

/* The certificate that the logon showed, for people who take it apart; the caller deinits. */
static gnutls_x509_crt_t served_certificate(void)
{
    gss_buffer_set_t data = peer_certificate();
    gnutls_datum_t der = {data->elements[0].value, (unsigned)data->elements[0].length};
    gnutls_x509_crt_t crt;
    OM_uint32 minor;

    ck_assert_int_eq(gnutls_x509_crt_init(&crt), 0);
    ck_assert_int_eq(gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER), 0);
    (void)gss_release_buffer_set(&minor, &data);
    return crt;
}

static const struct {
    const char *name;
    gnutls_pk_algorithm_t algorithm;
} keys[] = {
    {"rsa", GNUTLS_PK_RSA}, {"ecdsa", GNUTLS_PK_ECDSA}, {"ed25519", GNUTLS_PK_EDDSA_ED25519}};
static const char *const versions[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                       "NORMAL:-VERS-ALL:+VERS-TLS1.3"};

/* --- files --- */

/* Each kind of key, with each version of TLS; behind it the chain up to its root. */
START_TEST(each_kind_of_key_from_files)
{
    struct certificate_files authority = {.der = {NULL, 0}};
    char option[100];

    certificate_files_make(&authority,
                           &(struct certificate_wish){.file = "authority", .authority = true});
    certificate_files_make(&files, &(struct certificate_wish){.file = "server",
                                                              .algorithm = keys[_i / 2].algorithm,
                                                              .issuer = &authority});
    (void)snprintf(option, sizeof option, "tls_priority = %s", versions[_i % 2]);
    with_options(option);
    serve(files.certificate, files.key);
    assert_logon();
    assert_served(&files.der);
    exchange_check_messages(&x);
    certificate_files_release(&authority);
}
END_TEST

START_TEST(encrypted_key_is_told)
{
    certificate_files_make(
        &files, &(struct certificate_wish){.file = "server", .password = "a passphrase"});
    serve(files.certificate, files.key);
    assert_refused(GSS_SSPI_E_CERTIFICATE, "the key is encrypted");
}
END_TEST

/* A server that runs on meets the new certificate when its files are replaced. */
START_TEST(replaced_files_are_read_again)
{
    for (int round = 0; round < 2; round++) {
        certificate_files_release(&files);
        certificate_files_make(&files, &(struct certificate_wish){.file = "server"});
        if (round == 0)
            serve(files.certificate, files.key);
        assert_logon();
        assert_served(&files.der);
        exchange_reset(&x);
    }
}
END_TEST

/* --- PKCS#11 --- */

/* A token with the certificate and key of files in it. */
static void make_token(gnutls_pk_algorithm_t algorithm)
{
    certificate_files_make(&files,
                           &(struct certificate_wish){.file = "server", .algorithm = algorithm});
    token_make(&files, "server");
}

START_TEST(certificate_and_key_of_a_token)
{
    make_token(keys[_i].algorithm);
    serve(TOKEN ";object=server;type=cert",
          TOKEN ";object=server;type=private?pin-value=" TOKEN_PIN);
    for (int round = 0; round < 2; round++) {
        assert_logon();
        assert_served(&files.der);
        exchange_reset(&x);
    }
}
END_TEST

START_TEST(pin_of_a_token_may_stand_in_a_file)
{
    char path[PATH_OCTETS];
    char options[3 * PATH_OCTETS];
    FILE *file;

    make_token(GNUTLS_PK_ECDSA);
    (void)snprintf(path, sizeof path, "%s/pin", realm_variable("REALM_DIR"));
    file = fopen(path, "w");
    ck_assert(file != NULL);
    ck_assert_int_gt(fputs(TOKEN_PIN "\n", file), 0);
    ck_assert_int_eq(fclose(file), 0);
    (void)snprintf(options, sizeof options,
                   "certificate = \"" TOKEN ";object=server;type=cert\"\n"
                   "private_key = \"" TOKEN ";object=server;type=private?pin-source=file:%s\"",
                   path);
    with_options(options);
    assert_logon();
    assert_served(&files.der);
}
END_TEST

static const char *const bad_token_keys[][2] = {
    {TOKEN ";object=server;type=private", "PIN is wrong or missing"},
    {TOKEN ";object=server;type=private?pin-value=1111", "PIN is wrong or missing"},
    {TOKEN ";object=other;type=private?pin-value=" TOKEN_PIN, "object=other"},
    {"pkcs11:token=none;object=server;type=private?pin-value=" TOKEN_PIN, "token=none"},
};

START_TEST(unusable_token_is_told_without_its_pin)
{
    make_token(GNUTLS_PK_ECDSA);
    serve(TOKEN ";object=server;type=cert", bad_token_keys[_i][0]);
    assert_refused(GSS_SSPI_E_CERTIFICATE, bad_token_keys[_i][1]);
}
END_TEST

START_TEST(policy_is_shown_without_a_pin)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    with_options("certificate = \"" TOKEN ";type=cert\"\n"
                 "private_key = \"" TOKEN ";type=private?pin-value=" TOKEN_PIN "\"");
    ck_assert_uint_eq(gssspi_mech_invoke(&minor, (gss_OID)(uintptr_t)GSS_SSPI_MECH_CREDSSP,
                                         (gss_OID)(uintptr_t)GSS_SSPI_POLICY, &text),
                      GSS_S_COMPLETE);
    ck_assert(memmem(text.value, text.length, "type=private", 12) != NULL);
    ck_assert(memmem(text.value, text.length, TOKEN_PIN, strlen(TOKEN_PIN)) == NULL);
    (void)gss_release_buffer(&minor, &text);
}
END_TEST

/* --- self-signed --- */

static char directory[PATH_OCTETS];

static void path_in_directory(char path[PATH_OCTETS], const char *name)
{
    ck_assert_int_lt(snprintf(path, PATH_OCTETS, "%s/%s", directory, name), PATH_OCTETS);
}

/* A state directory of this test's own, which is not there yet. */
static void keep_state(const char *key)
{
    char options[PATH_OCTETS + 100];

    (void)snprintf(directory, sizeof directory, "%s/state-%d", realm_variable("REALM_DIR"),
                   (int)getpid());
    (void)snprintf(options, sizeof options, "self_signed_key = %s\n state_directory = %s", key,
                   directory);
    with_options(options);
}

/* The certificate's SHA-256, as a logon of this process shows it. */
static void hash_of_logon(unsigned char hash[HASH_OCTETS])
{
    gss_buffer_set_t data;
    OM_uint32 minor;

    assert_logon();
    data = peer_certificate();
    ck_assert_int_eq(gnutls_hash_fast(GNUTLS_DIG_SHA256, data->elements[0].value,
                                      data->elements[0].length, hash),
                     0);
    (void)gss_release_buffer_set(&minor, &data);
    exchange_reset(&x);
}

/* What a logon of another process shows is written to the pipe. */
static pid_t log_on_elsewhere(int pipe_end)
{
    unsigned char hash[HASH_OCTETS];
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child != 0)
        return child;
    if (exchange_run(&x)) {
        exchange_reset(&x);
        hash_of_logon(hash);
        _exit(write(pipe_end, hash, sizeof hash) == (ssize_t)sizeof hash ? 0 : 1);
    }
    _exit(1);
}

static void assert_ends_well(pid_t child)
{
    int status = 0;

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

START_TEST(each_kind_of_key_is_made)
{
    gnutls_x509_crt_t crt;
    char option[100];

    (void)snprintf(option, sizeof option, "self_signed_key = %s", keys[_i].name);
    with_options(option);
    assert_logon();
    crt = served_certificate();
    ck_assert_int_eq(gnutls_x509_crt_get_pk_algorithm(crt, NULL), keys[_i].algorithm);
    gnutls_x509_crt_deinit(crt);
    exchange_check_messages(&x);
}
END_TEST

START_TEST(kept_certificate_is_served_by_every_process)
{
    unsigned char first[HASH_OCTETS];
    unsigned char second[HASH_OCTETS];
    struct stat status;
    char path[PATH_OCTETS];
    char name[100];
    int ends[2];

    keep_state(keys[_i].name);
    ck_assert_int_eq(pipe(ends), 0);
    assert_ends_well(log_on_elsewhere(ends[1]));
    ck_assert_int_eq(read(ends[0], first, sizeof first), sizeof first);
    hash_of_logon(second);
    ck_assert_mem_eq(first, second, sizeof first);
    (void)snprintf(name, sizeof name, "server-%s.pem", keys[_i].name);
    path_in_directory(path, name);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, NOT_FOR_SHOW);
    ck_assert_int_eq(stat(directory, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0700);
}
END_TEST

START_TEST(processes_that_make_it_at_once_agree)
{
    unsigned char hashes[PROCESSES][HASH_OCTETS];
    pid_t children[PROCESSES];
    int ends[2];

    keep_state("ecdsa");
    ck_assert_int_eq(pipe(ends), 0);
    for (int i = 0; i < PROCESSES; i++)
        children[i] = log_on_elsewhere(ends[1]);
    for (int i = 0; i < PROCESSES; i++) {
        assert_ends_well(children[i]);
        ck_assert_int_eq(read(ends[0], hashes[i], HASH_OCTETS), HASH_OCTETS);
        ck_assert_mem_eq(hashes[i], hashes[0], HASH_OCTETS);
    }
}
END_TEST

/* Puts a key and a certificate of this age into the state directory. */
static void put_into_directory(long begins, long ends)
{
    gnutls_datum_t pem = {NULL, 0};
    char path[PATH_OCTETS];
    FILE *file;

    certificate_files_make(
        &files, &(struct certificate_wish){.file = "kept", .begins = begins, .ends = ends});
    path_in_directory(path, "server-ecdsa.pem");
    (void)mkdir(directory, 0700);
    (void)umask(077);
    file = fopen(path, "w");
    ck_assert(file != NULL);
    ck_assert_int_eq(gnutls_x509_privkey_export2(files.private_key, GNUTLS_X509_FMT_PEM, &pem), 0);
    ck_assert_uint_eq(fwrite(pem.data, 1, pem.size, file), pem.size);
    gnutls_free(pem.data);
    ck_assert_int_eq(gnutls_x509_crt_export2(files.crt, GNUTLS_X509_FMT_PEM, &pem), 0);
    ck_assert_uint_eq(fwrite(pem.data, 1, pem.size, file), pem.size);
    gnutls_free(pem.data);
    ck_assert_int_eq(fclose(file), 0);
}

static void assert_key_is_that_of_files(gnutls_x509_crt_t crt)
{
    unsigned char served[HASH_OCTETS];
    unsigned char kept[HASH_OCTETS];
    size_t size = HASH_OCTETS;

    ck_assert_int_eq(gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, served, &size), 0);
    ck_assert_int_eq(gnutls_x509_crt_get_key_id(files.crt, GNUTLS_KEYID_USE_SHA256, kept, &size),
                     0);
    ck_assert_mem_eq(served, kept, HASH_OCTETS);
}

static const long due_ages[][2] = {{-20 * DAY, -DAY}, {-20 * DAY, 29 * DAY}, {DAY, 365 * DAY}};

/* Expired, soon to expire, and made while the clock was wrong: whoever pinned the key notices nothing. */
START_TEST(certificate_that_is_due_is_renewed_with_its_key)
{
    unsigned char again[HASH_OCTETS];
    unsigned char hash[HASH_OCTETS];
    gnutls_x509_crt_t crt;

    keep_state("ecdsa");
    put_into_directory(due_ages[_i][0], due_ages[_i][1]);
    assert_logon();
    crt = served_certificate();
    exchange_reset(&x);
    assert_key_is_that_of_files(crt);
    ck_assert_int_gt(gnutls_x509_crt_get_expiration_time(crt), time(NULL) + 365 * DAY);
    ck_assert_int_le(gnutls_x509_crt_get_activation_time(crt), time(NULL));
    gnutls_x509_crt_deinit(crt);
    hash_of_logon(hash);
    hash_of_logon(again);
    ck_assert_mem_eq(hash, again, sizeof hash);
}
END_TEST

START_TEST(certificate_that_is_not_due_is_left_alone)
{
    keep_state("ecdsa");
    put_into_directory(-DAY, 31 * DAY);
    assert_logon();
    assert_served(&files.der);
}
END_TEST

/* While this process runs, another puts a new one there, and an administrator removes it. */
START_TEST(change_of_the_kept_file_is_noticed)
{
    unsigned char hash[HASH_OCTETS];
    unsigned char after[HASH_OCTETS];
    char path[PATH_OCTETS];

    keep_state("ecdsa");
    hash_of_logon(hash);
    put_into_directory(-DAY, 365 * DAY);
    assert_logon();
    assert_served(&files.der);
    exchange_reset(&x);
    path_in_directory(path, "server-ecdsa.pem");
    ck_assert_int_eq(unlink(path), 0);
    hash_of_logon(after);
    ck_assert_int_ne(memcmp(hash, after, sizeof hash), 0);
    ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

/* What a process that died left behind is no obstacle. */
START_TEST(half_written_file_is_replaced)
{
    unsigned char hash[HASH_OCTETS];
    char path[PATH_OCTETS];
    FILE *file;

    keep_state("ecdsa");
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    path_in_directory(path, "server-ecdsa.pem.new");
    file = fopen(path, "w");
    ck_assert(file != NULL);
    ck_assert_int_eq(fclose(file), 0);
    hash_of_logon(hash);
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

static void others_may_write(void)
{
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    ck_assert_int_eq(chmod(directory, 01777), 0);
}

static void others_may_read(void)
{
    char path[PATH_OCTETS];

    put_into_directory(-DAY, 365 * DAY);
    path_in_directory(path, "server-ecdsa.pem");
    ck_assert_int_eq(chmod(path, 0640), 0);
}

static void link_leads_elsewhere(void)
{
    char path[PATH_OCTETS];

    put_into_directory(-DAY, 365 * DAY);
    path_in_directory(path, "server-ecdsa.pem");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink(files.key, path), 0);
}

static void file_is_rubbish(void)
{
    char path[PATH_OCTETS];
    FILE *file;

    put_into_directory(-DAY, 365 * DAY);
    path_in_directory(path, "server-ecdsa.pem");
    file = fopen(path, "w");
    ck_assert(file != NULL);
    ck_assert_int_gt(fputs("-----BEGIN PRIVATE KEY-----\nrubbish", file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void file_is_empty(void)
{
    char path[PATH_OCTETS];
    FILE *file;

    put_into_directory(-DAY, 365 * DAY);
    path_in_directory(path, "server-ecdsa.pem");
    file = fopen(path, "w");
    ck_assert(file != NULL);
    ck_assert_int_eq(fclose(file), 0);
}

static void file_is_a_pipe(void)
{
    char path[PATH_OCTETS];

    ck_assert_int_eq(mkdir(directory, 0700), 0);
    path_in_directory(path, "server-ecdsa.pem");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
}

static void directory_is_a_file(void)
{
    FILE *file = fopen(directory, "w");

    ck_assert(file != NULL);
    ck_assert_int_eq(fclose(file), 0);
}

static void directory_has_no_parent(void)
{
    char options[PATH_OCTETS + 100];

    (void)snprintf(options, sizeof options, "state_directory = %s/not/there", directory);
    with_options(options);
}

static void (*const obstacles[])(void) = {
    others_may_write, others_may_read, link_leads_elsewhere, file_is_rubbish,
    file_is_empty,    file_is_a_pipe,  directory_is_a_file,  directory_has_no_parent,
};

/* A certificate that clients may have pinned is not silently replaced by another. */
START_TEST(directory_that_cannot_be_used_is_told)
{
    keep_state("ecdsa");
    obstacles[_i]();
    assert_refused(GSS_SSPI_E_STATE_DIRECTORY, directory);
}
END_TEST

START_TEST(state_directory_has_an_absolute_name)
{
    with_options("state_directory = state");
    ck_assert(!exchange_run(&x));
    ck_assert_uint_eq(plugin_failure().minor, (OM_uint32)GSS_SSPI_E_CONFIGURATION);
}
END_TEST

static void add_given_tests(TCase *cases)
{
    tcase_add_loop_test(cases, each_kind_of_key_from_files, 0, 6);
    tcase_add_test(cases, encrypted_key_is_told);
    tcase_add_test(cases, replaced_files_are_read_again);
    tcase_add_loop_test(cases, certificate_and_key_of_a_token, 0, 2);
    tcase_add_test(cases, pin_of_a_token_may_stand_in_a_file);
    tcase_add_loop_test(cases, unusable_token_is_told_without_its_pin, 0,
                        sizeof bad_token_keys / sizeof bad_token_keys[0]);
    tcase_add_test(cases, policy_is_shown_without_a_pin);
}

static void add_self_signed_tests(TCase *cases)
{
    tcase_add_loop_test(cases, each_kind_of_key_is_made, 0, 3);
    tcase_add_loop_test(cases, kept_certificate_is_served_by_every_process, 0, 3);
    tcase_add_test(cases, processes_that_make_it_at_once_agree);
    tcase_add_loop_test(cases, certificate_that_is_due_is_renewed_with_its_key, 0,
                        sizeof due_ages / sizeof due_ages[0]);
    tcase_add_test(cases, certificate_that_is_not_due_is_left_alone);
    tcase_add_test(cases, change_of_the_kept_file_is_noticed);
    tcase_add_test(cases, half_written_file_is_replaced);
    tcase_add_loop_test(cases, directory_that_cannot_be_used_is_told, 0,
                        sizeof obstacles / sizeof obstacles[0]);
    tcase_add_test(cases, state_directory_has_an_absolute_name);
}

int main(void)
{
    Suite *suite = suite_create("the server's certificate");
    TCase *cases = tcase_create("the server's certificate");

    tcase_set_timeout(cases, 300);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    add_given_tests(cases);
    add_self_signed_tests(cases);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
