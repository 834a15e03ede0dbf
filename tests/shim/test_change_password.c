/* ChangeAccountPassword, with MIT's kadmind as the server of RFC 3244. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <krb5.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <sspi-gss/ntsecapi.h>

#include "tests/shim/exchange.h"
#include "tests/runner.h"

/* What Windows returns for a password that policy does not allow. */
#define STATUS_PASSWORD_RESTRICTION ((SECURITY_STATUS)0xC000006C)

/* A kadmind whose port is taken is started again on another one, so many times. */
#define PORT_ATTEMPTS 20

/* It is ready within 100 ms; this many waits of 10 ms are allowed for a busy machine. */
#define READY_WAITS 1000

#define NEW_PASSWORD "Looking-glass-8"

static pid_t kadmind;
static char pid_file[512];

static void run(const char *command)
{
    ck_assert_int_eq(system(command), 0);
}

/* Adds the server's ports to the realm's configuration, for both sides. */
static void write_ports(unsigned port)
{
    const char *directory = getenv("REALM_DIR");
    char path[512];
    char paths[1100];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/kpasswd.conf", directory);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_gt(
        fprintf(file,
                "[realms]\n %s = {\n  kpasswd_server = 127.0.0.1:%u\n"
                "  kpasswd_listen = 127.0.0.1:%u\n  kadmind_listen = 127.0.0.1:%u\n }\n",
                getenv("REALM"), port, port, port + 1),
        0);
    ck_assert_int_eq(fclose(file), 0);
    (void)snprintf(paths, sizeof paths, "%s:%s/krb5.conf", path, directory);
    ck_assert_int_eq(setenv("KRB5_CONFIG", paths, 1), 0);
}

static void start_kadmind(void)
{
    int log;

    kadmind = fork();
    ck_assert_int_ge(kadmind, 0);
    if (kadmind != 0)
        return;
    (void)setenv("GSS_MECH_CONFIG", "/dev/null", 1); /* our plugin is no part of it */
    log = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)dup2(log, 1);
    (void)dup2(log, 2);
    (void)execl("/usr/sbin/kadmind", "kadmind", "-nofork", "-P", pid_file, NULL);
    (void)execlp("kadmind", "kadmind", "-nofork", "-P", pid_file, NULL);
    _exit(127);
}

/* True when the kadmind of this moment listens; false when it has ended. */
static bool wait_for_kadmind(void)
{
    const struct timespec wait = {0, 10000000};
    struct stat state;

    for (int i = 0; i < READY_WAITS; i++) {
        if (stat(pid_file, &state) == 0 && state.st_size > 0)
            return true;
        if (waitpid(kadmind, NULL, WNOHANG) == kadmind)
            return false;
        (void)nanosleep(&wait, NULL);
    }
    return false;
}

static void set_up(void)
{
    unsigned port = 20000 + (unsigned)getpid() % 5000 * 2;

    (void)snprintf(pid_file, sizeof pid_file, "%s/kadmind.pid", getenv("REALM_DIR"));
    run("PATH=$PATH:/usr/sbin; { kadmin.local -r \"$REALM\" -q 'addpol -minlength 8 -history 3 "
        "long' "
        "&& kadmin.local -r \"$REALM\" -q 'modprinc -policy long alice' "
        "&& kadmin.local -r \"$REALM\" -q 'addprinc -pw Locked-out-7 -allow_tix carol'; } "
        ">\"$REALM_DIR/kadmin.password\" 2>&1");
    for (int i = 0; i < PORT_ATTEMPTS; i++) {
        write_ports(port);
        start_kadmind();
        if (wait_for_kadmind())
            return;
        port += 10;
    }
    ck_abort_msg("kadmind does not start (Debian package krb5-admin-server)");
}

static void tear_down(void)
{
    (void)kill(kadmind, SIGTERM);
    (void)waitpid(kadmind, NULL, 0);
}

static SECURITY_STATUS change(const char *package, const char *domain, const char *account,
                              const char *old_password, const char *new_password)
{
    return ChangeAccountPasswordA(TEXT_OF(package), TEXT_OF(domain), TEXT_OF(account),
                                  TEXT_OF(old_password), TEXT_OF(new_password), FALSE, 0, NULL);
}

/* The password gets a ticket; or it does not. */
static bool logs_on(const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of(NULL, "alice", password);
    CredHandle credential;
    SECURITY_STATUS status =
        AcquireCredentialsHandleA(NULL, TEXT_OF("Kerberos"), SECPKG_CRED_OUTBOUND, NULL, &alice,
                                  NULL, NULL, &credential, NULL);

    if (status == SEC_E_OK)
        ck_assert_int_eq(FreeCredentialsHandle(&credential), SEC_E_OK);
    else
        ck_assert_msg(status == SEC_E_LOGON_DENIED, "%s", SspiGssStatusText());
    return status == SEC_E_OK;
}

static const struct {
    const char *package;
    const char *domain;
    const char *account;
} accounts[] = {
    {"Kerberos", NULL, "alice"},
    {"Kerberos", "EXAMPLE", "alice"},
    {"Negotiate", "example.test", "alice"},
    {"negotiate", NULL, "alice@example.test"},
    {"Kerberos", NULL, "EXAMPLE\\alice"},
};

START_TEST(passwords_are_changed)
{
    const char *old_password = getenv("REALM_PASSWORD");
    char fresh[64];

    /* The history does not take a password that was there before. */
    (void)snprintf(fresh, sizeof fresh, "%s-%d", NEW_PASSWORD, _i);
    ck_assert_msg(change(accounts[_i].package, accounts[_i].domain, accounts[_i].account,
                         old_password, fresh) == SEC_E_OK,
                  "%s", SspiGssStatusText());
    ck_assert(logs_on(fresh));
    ck_assert(!logs_on(old_password));
    run("PATH=$PATH:/usr/sbin; kadmin.local -r \"$REALM\" -q \"modprinc -clearpolicy alice\" "
        ">/dev/null && kadmin.local -r \"$REALM\" -q \"cpw -pw $REALM_PASSWORD alice\" >/dev/null "
        "&& kadmin.local -r \"$REALM\" -q 'modprinc -policy long alice' >/dev/null");
}
END_TEST

START_TEST(passwords_are_changed_in_utf_16)
{
    static const WCHAR *const package = (const WCHAR *)u"Kerberos";
    WCHAR *const account = (WCHAR *)(uintptr_t)u"alice";
    WCHAR old_password[64];
    WCHAR *const fresh = (WCHAR *)(uintptr_t)u"\u00c4pfel-\u65e5\u672c-9";
    const char *ascii = getenv("REALM_PASSWORD");

    for (size_t i = 0; i <= strlen(ascii); i++)
        old_password[i] = (unsigned char)ascii[i];
    ck_assert_msg(ChangeAccountPasswordW((WCHAR *)(uintptr_t)package, NULL, account, old_password,
                                         fresh, TRUE, 0, NULL) == SEC_E_OK,
                  "%s", SspiGssStatusText());
    ck_assert(logs_on("\xc3\x84pfel-\xe6\x97\xa5\xe6\x9c\xac-9"));
    run("PATH=$PATH:/usr/sbin; kadmin.local -r \"$REALM\" -q \"modprinc -clearpolicy alice\" "
        ">/dev/null && kadmin.local -r \"$REALM\" -q \"cpw -pw $REALM_PASSWORD alice\" >/dev/null "
        "&& kadmin.local -r \"$REALM\" -q 'modprinc -policy long alice' >/dev/null");
}
END_TEST

START_TEST(changes_are_refused)
{
    const char *const right = getenv("REALM_PASSWORD");
    const struct {
        const char *package;
        const char *account;
        const char *old_password;
        const char *new_password;
        SECURITY_STATUS status;
        const char *text; /* in what SspiGssStatusText says */
    } cases[] = {
        {"Kerberos", "alice", "wrong", NEW_PASSWORD, SEC_E_LOGON_DENIED, "SEC_E_LOGON_DENIED"},
        {"Kerberos", "nobody", right, NEW_PASSWORD, SEC_E_LOGON_DENIED, "nobody"},
        {"Kerberos", "carol", "Locked-out-7", NEW_PASSWORD, SEC_E_LOGON_DENIED, ""},
        {"Kerberos", "alice", right, "short", STATUS_PASSWORD_RESTRICTION, "8 characters"},
        {"Kerberos", "alice", right, right, STATUS_PASSWORD_RESTRICTION, ""},
        {"Kerberos", "alice@ELSEWHERE.TEST", right, NEW_PASSWORD, SEC_E_NO_AUTHENTICATING_AUTHORITY,
         "ELSEWHERE.TEST"},
        {"NTLM", "alice", right, NEW_PASSWORD, SEC_E_UNSUPPORTED_FUNCTION, "MS-SAMR"},
        {"CREDSSP", "alice", right, NEW_PASSWORD, SEC_E_UNSUPPORTED_FUNCTION, ""},
        {"none such", "alice", right, NEW_PASSWORD, SEC_E_SECPKG_NOT_FOUND, ""},
        {NULL, "alice", right, NEW_PASSWORD, SEC_E_INVALID_PARAMETER, ""},
        {"Kerberos", NULL, right, NEW_PASSWORD, SEC_E_INVALID_PARAMETER, ""},
        {"Kerberos", "", right, NEW_PASSWORD, SEC_E_INVALID_PARAMETER, ""},
        {"Kerberos", "alice", NULL, NEW_PASSWORD, SEC_E_INVALID_PARAMETER, ""},
        {"Kerberos", "alice", right, NULL, SEC_E_INVALID_PARAMETER, ""},
        {"Kerberos", "alice", right, "\xff\xfe", SEC_E_INVALID_PARAMETER, ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SECURITY_STATUS status = change(cases[i].package, NULL, cases[i].account,
                                        cases[i].old_password, cases[i].new_password);

        ck_assert_msg(status == cases[i].status, "%zu: %#x: %s", i, (unsigned)status,
                      SspiGssStatusText());
        ck_assert_msg(strstr(SspiGssStatusText(), cases[i].text) != NULL, "%zu: %s", i,
                      SspiGssStatusText());
        /* Nothing secret is in it. */
        ck_assert_ptr_null(strstr(SspiGssStatusText(), right));
    }
    ck_assert(logs_on(right));
}
END_TEST

START_TEST(output_buffers)
{
    const char *right = getenv("REALM_PASSWORD");
    SecBuffer response = {7, SECBUFFER_CHANGE_PASS_RESPONSE, &response};
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBuffer both[2] = {response, response};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &response};
    SecBufferDesc wrong_type = {SECBUFFER_VERSION, 1, &token};
    SecBufferDesc two = {SECBUFFER_VERSION, 2, both};

#define CHANGE(reserved, descriptor)                                                    \
    ChangeAccountPasswordA(TEXT_OF("Kerberos"), NULL, TEXT_OF("alice"), TEXT_OF(right), \
                           TEXT_OF("short"), FALSE, reserved, descriptor)
    ck_assert_int_eq(CHANGE(0, &output), STATUS_PASSWORD_RESTRICTION);
    /* kadmind explains its policy in words. */
    ck_assert_ptr_null(response.pvBuffer);
    ck_assert_uint_eq(response.cbBuffer, 0);
    ck_assert_int_eq(CHANGE(0, &wrong_type), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(CHANGE(0, &two), SEC_E_INVALID_TOKEN);
    output.ulVersion = 9;
    ck_assert_int_eq(CHANGE(0, &output), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(CHANGE(1, NULL), SEC_E_INVALID_PARAMETER);
#undef CHANGE
}
END_TEST

/* --- what a domain controller says of its policy --- */

/* Result 4 (RFC 3244 2), and the 30 octets that Active Directory puts behind it. */
static const unsigned char policy_answer[] = {
    0,    4,    0,    0,    0,    0,    0,    12,
    0,    0,    0,    24,   0,    0,    0,    1,    /* properties: complex */
    0xff, 0xff, 0xde, 0xff, 0x0a, 0xa6, 0x80, 0x00, /* 42 days */
    0xff, 0xff, 0xff, 0x36, 0xd5, 0x96, 0x40, 0x00, /* one */
};

/* A KRB-ERROR with the answer, as servers send it that cannot tell who asks. */
static void answer_with_policy(int connection)
{
    unsigned char reply[1024] = {0};
    unsigned char request[8192];
    krb5_context krb5;
    krb5_error refusal = {
        .error = 60 /* KRB_ERR_GENERIC */,
        .e_data = {.length = sizeof policy_answer, .data = (char *)(uintptr_t)policy_answer}};
    krb5_data encoded;
    size_t length;

    if (recv(connection, request, sizeof request, 0) <= 0 || krb5_init_context(&krb5) != 0 ||
        krb5_timeofday(krb5, &refusal.stime) != 0 ||
        krb5_parse_name(krb5, "kadmin/changepw", &refusal.server) != 0 ||
        krb5_mk_error(krb5, &refusal, &encoded) != 0 || encoded.length > sizeof reply - 10)
        _exit(1);
    length = encoded.length + 6;
    reply[2] = (unsigned char)(length >> 8); /* of the stream */
    reply[3] = (unsigned char)length;
    reply[4] = reply[2]; /* of the message, and its version */
    reply[5] = reply[3];
    reply[7] = 1;
    memcpy(reply + 10, encoded.data, encoded.length);
    _exit(send(connection, reply, length + 4, 0) == (ssize_t)length + 4 ? 0 : 1);
}

static pid_t start_domain_controller(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t child;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_ge(listener, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    write_ports(ntohs(address.sin_port));
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        answer_with_policy(accept(listener, NULL, NULL));
    (void)close(listener);
    return child;
}

START_TEST(a_domain_controller_tells_its_policy)
{
    SecBuffer response = {0, SECBUFFER_CHANGE_PASS_RESPONSE, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &response};
    const DOMAIN_PASSWORD_INFORMATION *policy;
    pid_t child = start_domain_controller();
    int status;

    ck_assert_int_eq(ChangeAccountPasswordA(TEXT_OF("Negotiate"), NULL, TEXT_OF("alice"),
                                            TEXT_OF(getenv("REALM_PASSWORD")), TEXT_OF("short"),
                                            FALSE, 0, &output),
                     STATUS_PASSWORD_RESTRICTION);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(response.cbBuffer, sizeof *policy);
    policy = response.pvBuffer;
    ck_assert_ptr_nonnull(policy);
    ck_assert_uint_eq(policy->MinPasswordLength, 12);
    ck_assert_uint_eq(policy->PasswordHistoryLength, 24);
    ck_assert_uint_eq(policy->PasswordProperties, DOMAIN_PASSWORD_COMPLEX);
    ck_assert_int_eq(policy->MaxPasswordAge.QuadPart, -42 * INT64_C(864000000000));
    ck_assert_int_eq(policy->MinPasswordAge.QuadPart, -INT64_C(864000000000));
    ck_assert_int_eq(FreeContextBuffer(response.pvBuffer), SEC_E_OK);
}
END_TEST

START_TEST(no_server_answers)
{
    write_ports(1); /* nobody listens there */
    ck_assert_msg(change("Kerberos", NULL, "alice", getenv("REALM_PASSWORD"), NEW_PASSWORD) ==
                      SEC_E_NO_AUTHENTICATING_AUTHORITY,
                  "%s", SspiGssStatusText());
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: changes of passwords");
    TCase *t = tcase_create("passwords");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, passwords_are_changed, 0, 5);
    tcase_add_test(t, passwords_are_changed_in_utf_16);
    tcase_add_test(t, changes_are_refused);
    tcase_add_test(t, output_buffers);
    tcase_add_test(t, a_domain_controller_tells_its_policy);
    tcase_add_test(t, no_server_answers);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
