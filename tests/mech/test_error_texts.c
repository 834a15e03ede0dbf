/* Error texts are for terminals and log files: what a stranger puts into them must not control these. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define TIMEOUT_SECONDS 120

/* From the end of the server's name to somewhere in what is encrypted. */
#define INTO_THE_TICKET 100

/* As long as the host's name that it takes the place of, in the ticket's name of the server. */
static const char host[] = "localhost";
static const char *const hosts[] = {"\033[2Jaaaaa", "\xc2\x9b\x32Jaaaaa", "a\raaaaaaa",
                                    "\177aaaaaaaa"};

static void change_host(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    const size_t length = sizeof host - 1;
    unsigned char *at;

    if (!exchange->to_server || exchange->tokens > 1)
        return;
    at = memmem(token->value, token->length, host, length);
    ck_assert(at != NULL);
    ck_assert_uint_eq(strlen(argument), length);
    memcpy(at, argument, length);
    at[length + INTO_THE_TICKET] ^= 1; /* Kerberos does not mind the name as long as a key fits */
}

static void assert_harmless(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        const unsigned char octet = (unsigned char)*at;

        ck_assert_msg(octet >= ' ' && octet != 0x7f, "octet 0x%02x of %s", octet, text);
        ck_assert_msg(octet != 0xc2 || (unsigned char)at[1] >= 0xa0, "a C1 control in %s", text);
    }
}

/* The whole trace, but for the ends of its lines. */
static void assert_trace_is_harmless(const char *path)
{
    char line[2048];
    FILE *file = fopen(path, "r");

    ck_assert(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        assert_harmless(line);
    }
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(name_in_a_ticket_is_shown_without_controls)
{
    struct exchange x = negotiate_exchange();
    char path[512];

    (void)snprintf(path, sizeof path, "%s/texts.%d", realm_variable("REALM_DIR"), _i);
    ck_assert_int_eq(setenv("GSS_SSPI_TRACE", path, 1), 0);
    x.on_token = change_host;
    x.argument = (void *)(uintptr_t)hosts[_i];
    ck_assert(!exchange_run(&x));
    ck_assert(GSS_ERROR(x.server_major));
    ck_assert_msg(strstr(status_text(x.server_major, x.server_minor), "aaaaa") != NULL, "%s",
                  status_text(x.server_major, x.server_minor));
    assert_harmless(strstr(status_text(x.server_major, x.server_minor), " / ") + 3);
    assert_trace_is_harmless(path);
    exchange_reset(&x);
}
END_TEST

static void add(TCase *cases)
{
    tcase_add_loop_test(cases, name_in_a_ticket_is_shown_without_controls, 0,
                        sizeof hosts / sizeof hosts[0]);
}

int main(void)
{
    return run_case("error texts", NULL, NULL, TIMEOUT_SECONDS, add);
}
