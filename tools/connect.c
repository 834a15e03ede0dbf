/* gss-sspi connect: logs on to a server and says what was negotiated, or why it failed. */
#include "tools/command.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "sspi-gss/credssp.h"
#include "tools/client.h"
#include "tools/password.h"

#define NO_DESCRIPTOR (-1)

struct options {
    const char *package;
    const char *user;
    const char *target;
    const char *message;
    int password_descriptor;
    bool rdp;
    bool delegate;
};

enum {
    OPTION_PACKAGE = 256,
    OPTION_RDP,
    OPTION_TARGET,
    OPTION_PASSWORD,
    OPTION_DELEGATE,
    OPTION_TEXT
};

static const struct option long_options[] = {
    {"package", required_argument, NULL, OPTION_PACKAGE},
    {"rdp", no_argument, NULL, OPTION_RDP},
    {"user", required_argument, NULL, 'u'},
    {"target", required_argument, NULL, OPTION_TARGET},
    {"password-fd", required_argument, NULL, OPTION_PASSWORD},
    {"delegate", no_argument, NULL, OPTION_DELEGATE},
    {"message", required_argument, NULL, OPTION_TEXT},
    {0},
};

/* A descriptor's number, or NO_DESCRIPTOR. */
static int parse_descriptor(const char *text)
{
    char *end;
    long number;

    errno = 0;
    number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < 0 || number > INT_MAX)
        return NO_DESCRIPTOR;
    return (int)number;
}

static bool parse_options(struct options *options, int argc, char **argv)
{
    int option;

    *options = (struct options){
        .package = DEFAULT_PACKAGE, .message = "hello", .password_descriptor = NO_DESCRIPTOR};
    while ((option = getopt_long(argc, argv, "u:", long_options, NULL)) != -1) {
        switch (option) {
        case OPTION_PACKAGE:
            options->package = optarg;
            break;
        case OPTION_RDP:
            options->rdp = true;
            break;
        case 'u':
            options->user = optarg;
            break;
        case OPTION_TARGET:
            options->target = optarg;
            break;
        case OPTION_PASSWORD:
            options->password_descriptor = parse_descriptor(optarg);
            if (options->password_descriptor == NO_DESCRIPTOR)
                return false;
            break;
        case OPTION_DELEGATE:
            options->delegate = true;
            break;
        case OPTION_TEXT:
            options->message = optarg;
            break;
        default:
            return false;
        }
    }
    return true;
}

/* Splits DOMAIN\user; user@REALM and user are left to the mechanisms, which know them. */
static void set_user(SEC_WINNT_AUTH_IDENTITY_A *identity, const char *user)
{
    const char *backslash = strchr(user, '\\');

    if (backslash != NULL) {
        identity->Domain = (UCHAR *)user;
        identity->DomainLength = (ULONG)(backslash - user);
        user = backslash + 1;
    }
    identity->User = (UCHAR *)user;
    identity->UserLength = (ULONG)strlen(user);
}

static bool get_password(struct secret *password, const struct options *options,
                         struct failure *failure)
{
    char prompt[300];

    if (options->password_descriptor != NO_DESCRIPTOR)
        return password_read(password, options->password_descriptor, failure);
    (void)snprintf(prompt, sizeof(prompt), "Password for %.256s: ", options->user);
    return password_ask(password, prompt, failure);
}

static bool acquire(CredHandle *credential, const char *package, void *authentication_data,
                    struct failure *failure)
{
    SECURITY_STATUS status =
        AcquireCredentialsHandleA(NULL, (char *)package, SECPKG_CRED_OUTBOUND, NULL,
                                  authentication_data, NULL, NULL, credential, NULL);

    if (status != SEC_E_OK)
        failure_of_sspi(failure, "acquiring credentials", status);
    return status == SEC_E_OK;
}

/* The caller's own credentials, or those of -u with a password. */
static bool acquire_credential(CredHandle *credential, const struct options *options,
                               struct failure *failure)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = {.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    CREDSSP_CRED both = {.Type = CredsspPasswordCreds, .pSpnegoCred = &identity};
    struct secret password = {0};
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): getopt_long wants a value for it. */
    bool credssp = strcasecmp(options->package, CREDSSP_NAME_A) == 0;
    bool done;

    if (options->user == NULL)
        return acquire(credential, options->package, NULL, failure);
    if (!get_password(&password, options, failure))
        return false;
    set_user(&identity, options->user);
    identity.Password = password.data;
    identity.PasswordLength = (ULONG)password.length;
    done =
        acquire(credential, options->package, credssp ? (void *)&both : (void *)&identity, failure);
    secret_release(&password);
    return done;
}

static void print_answer(char *answer)
{
    char escaped[4 * MESSAGE_LIMIT + 1];
    char *rest = NULL;

    for (char *line = strtok_r(answer, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        report_escape(escaped, sizeof(escaped), line, true);
        printf("  %-17s %s\n", "server answered", escaped);
    }
}

static int log_on(struct client_request *request, const struct options *options)
{
    struct failure failure = {{0}};
    struct client_result result = {0};
    CredHandle credential;
    bool logged_on = false;

    if (acquire_credential(&credential, options, &failure)) {
        request->credential = &credential;
        (void)client_run(request, &result, &logged_on, &failure);
        request->credential = NULL;
        (void)FreeCredentialsHandle(&credential);
    }
    if (logged_on) {
        report_logon(request->package, request->target, &result.facts, &result.cost);
        print_answer(result.answer);
        (void)fflush(stdout);
    }
    if (!failure_happened(&failure))
        return EXIT_DONE;
    fprintf(stderr, "gss-sspi: %s\n", failure.text);
    return EXIT_FAILED;
}

int connect_command(int argc, char **argv)
{
    struct client_request request = {0};
    struct options options;
    char target[sizeof(request.server.host) + sizeof("TERMSRV/")];

    if (!parse_options(&options, argc, argv))
        return command_usage_error("connect: an option is wrong");
    if (argc - optind != 1)
        return command_usage_error("connect: give one HOST[:PORT]");
    if (!endpoint_parse(&request.server, argv[optind],
                        options.rdp ? DEFAULT_RDP_PORT : DEFAULT_PORT))
        return command_usage_error("connect: this is no HOST[:PORT]");
    if (options.rdp && strcasecmp(options.package, CREDSSP_NAME_A) != 0)
        return command_usage_error("connect: --rdp goes with the package CredSSP only");
    if (strlen(options.message) > MESSAGE_LIMIT || options.message[0] == '\0')
        return command_usage_error("connect: the message is empty or too long");
    (void)snprintf(target, sizeof(target), "%s/%s", options.rdp ? "TERMSRV" : "host",
                   request.server.host);
    request.package = options.package;
    request.target = options.target != NULL ? options.target : target;
    request.rdp = options.rdp;
    request.delegate = options.delegate;
    request.message = options.rdp ? NULL : options.message;
    return log_on(&request, &options);
}
