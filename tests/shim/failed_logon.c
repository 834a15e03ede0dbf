#include "tests/shim/failed_logon.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct party client;
struct party server;

void start(const char *package)
{
    party_init(&client, true, package);
    party_init(&server, false, package);
}

void stop(void)
{
    party_end(&client);
    party_end(&server);
}

void start_with_credentials(const char *package, bool by_password)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();

    start(package);
    party_must_acquire(&client, by_password ? &alice : NULL);
    party_must_acquire(&server, NULL);
}

SECURITY_STATUS initialize(CredHandle *credential, CtxtHandle *context, char *target, ULONG flags,
                           ULONG data_representation, SecBufferDesc *input, CtxtHandle *made)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SECURITY_STATUS status =
        InitializeSecurityContextA(credential, context, target, flags | ISC_REQ_ALLOCATE_MEMORY, 0,
                                   data_representation, input, 0, made, &output, NULL, NULL);

    if (out.pvBuffer != NULL)
        ck_assert_int_eq(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
    return status;
}

SECURITY_STATUS outcome(void *identity)
{
    SECURITY_STATUS status = party_acquire(&client, identity);

    if (status != SEC_E_OK)
        return status;
    status = party_acquire(&server, NULL);
    if (status != SEC_E_OK)
        return status;
    if (log_on(&client, &server, 0))
        return SEC_E_OK;
    return server.status < 0 ? server.status : client.status;
}

void demand(SECURITY_STATUS status, SECURITY_STATUS expected)
{
    ck_assert_msg(status == expected, "%s instead of %s: %s", SspiGssStatusName(status),
                  SspiGssStatusName(expected), SspiGssStatusText());
}

void run_command(const char *format, ...)
{
    char command[1024];
    va_list arguments;

    va_start(arguments, format);
    ck_assert_int_lt(vsnprintf(command, sizeof command, format, arguments), (int)sizeof command);
    va_end(arguments);
    ck_assert_msg(system(command) == 0, "%s", command);
}

void kadmin(const char *query)
{
    run_command("kadmin.local -r '%s' -q '%s' >/dev/null 2>&1", getenv("REALM"), query);
}

void prepend_krb5_conf(const char *lines)
{
    char path[512];
    char both[1024];
    FILE *file;

    ck_assert_int_lt(
        snprintf(path, sizeof path, "%s/before-%d.conf", getenv("REALM_DIR"), (int)getpid()),
        (int)sizeof path);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(lines, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_lt(snprintf(both, sizeof both, "%s:%s", path, getenv("KRB5_CONFIG")),
                     (int)sizeof both);
    ck_assert_int_eq(setenv("KRB5_CONFIG", both, 1), 0);
}
