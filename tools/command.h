/* The subcommands. Each takes its own part of the command line and returns an exit status. */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#define EXIT_DONE   0
#define EXIT_FAILED 1 /* the logon failed, or the plugin cannot be used */
#define EXIT_USAGE  2

/* The port for all but RDP; nothing is registered on it. */
#define DEFAULT_PORT     "15985"
#define DEFAULT_RDP_PORT "3389"
#define DEFAULT_PACKAGE  "CREDSSP"

int connect_command(int argc, char **argv);
int serve_command(int argc, char **argv);
int status_command(int argc, char **argv);

/* "gss-sspi: MESSAGE" and a pointer to --help on standard error; returns EXIT_USAGE. */
int command_usage_error(const char *message);

#endif
