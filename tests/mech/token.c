#include "tests/mech/token.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gnutls/pkcs11.h>

#include "tests/mech/exchange.h"

#define PATH_OCTETS 512

static void run_program(const char *const *arguments)
{
    int status = 0;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL)
            _exit(127);
        (void)execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(status == 0, "%s failed (Debian package softhsm2)", arguments[0]);
}

static void make_empty_token(void)
{
    static const char *const init[] = {
        "softhsm2-util", "--init-token", "--free", "--label", "gss-sspi",
        "--so-pin",      "1234567",      "--pin",  TOKEN_PIN, NULL};
    char directory[PATH_OCTETS];
    char config[PATH_OCTETS];
    FILE *file;

    (void)snprintf(directory, sizeof directory, "%s/tokens-%d", realm_variable("REALM_DIR"),
                   (int)getpid());
    (void)snprintf(config, sizeof config, "%s/softhsm2-%d.conf", realm_variable("REALM_DIR"),
                   (int)getpid());
    (void)mkdir(directory, 0700);
    file = fopen(config, "w");
    ck_assert(file != NULL);
    ck_assert_int_gt(fprintf(file, "directories.tokendir = %s\n", directory), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(setenv("SOFTHSM2_CONF", config, 1), 0);
    run_program(init);
}

void token_make(const struct certificate_files *files, const char *object)
{
    const char *url = TOKEN "?pin-value=" TOKEN_PIN;

    make_empty_token();
    ck_assert_int_eq(gnutls_pkcs11_copy_x509_privkey(
                         url, files->private_key, object, GNUTLS_KEY_DIGITAL_SIGNATURE,
                         GNUTLS_PKCS11_OBJ_FLAG_MARK_SENSITIVE | GNUTLS_PKCS11_OBJ_FLAG_LOGIN),
                     0);
    ck_assert_int_eq(
        gnutls_pkcs11_copy_x509_crt(url, files->crt, object, GNUTLS_PKCS11_OBJ_FLAG_LOGIN), 0);
}
