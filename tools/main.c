/* gss-sspi: tries logons by CredSSP and the other packages, and says what is wrong with them. */
#include "tools/command.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include "config.h"

static const char help[] =
    "gss-sspi connect [OPTION...] HOST[:PORT]   log on to a server\n"
    "  --package NAME       CREDSSP (default), Negotiate, Kerberos or NTLM\n"
    "  --rdp                CredSSP behind the start of an RDP connection\n"
    "  -u, --user USER      DOMAIN\\user, user@REALM or user; without it, your own credentials\n"
    "  --password-fd N      read the password from file descriptor N instead of asking for it\n"
    "  --target SPN         the service's name (host/HOST, with --rdp TERMSRV/HOST)\n"
    "  --delegate           delegate the credentials to the server\n"
    "  --message TEXT       what to send encrypted after the logon\n"
    "\n"
    "gss-sspi serve [OPTION...] PORT            accept logons; PORT 0 is any free one\n"
    "  --package NAME, --rdp                    as above\n"
    "  --bind ADDRESS       listen there instead of on 127.0.0.1\n"
    "  --once               end after one connection\n"
    "  --second-hop HOST[:PORT]                 log on there as the client, with what it "
    "delegated\n"
    "  --second-hop-target SPN                  the name of that service (host/HOST)\n"
    "\n"
    "gss-sspi status                            is the plugin registered, and what can it do\n"
    "gss-sspi --help | --version\n"
    "\n"
    "Ports: " DEFAULT_PORT ", with --rdp " DEFAULT_RDP_PORT ". See gss-sspi(1).\n";

int command_usage_error(const char *message)
{
    fprintf(stderr, "gss-sspi: %s (gss-sspi --help shows how)\n", message);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {
        {"connect", connect_command}, {"serve", serve_command}, {"status", status_command}};
    const char *name = argc > 1 ? argv[1] : "";

    (void)setlocale(LC_CTYPE, "");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        (void)fputs(help, stdout);
        return EXIT_DONE;
    }
    if (strcmp(name, "--version") == 0) {
        (void)puts(PACKAGE_STRING);
        return EXIT_DONE;
    }
    return command_usage_error(argc > 1 ? "there is no such command" : "give a command");
}
