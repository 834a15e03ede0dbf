/*
 * CPU time of whole logons, both sides in one process: ours beside what is inside it. What is compared
 * runs in turn, in small batches, so that whatever else the machine does hits all of it alike; medians
 * are shown.
 *
 * bench_logon             the table
 * bench_logon ROW COUNT   only what is measured in the row of this number, so many times, for a
 *                         profiler
 *
 * No figure makes it fail; a logon that does not succeed does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gssapi_sspi.h"
#include "tests/bench/comparison.h"
#include "tests/bench/tls_pair.h"

#define MAX_ROWS 14

/* Longer than a changed krb5.conf may go unnoticed. */
#define POLICY_AGE_SECONDS 2

static gnutls_certificate_credentials_t tls_client;
static gnutls_certificate_credentials_t tls_server;
static struct tls_pair tls;

/* --- what is measured --- */

static void run_logon(struct row *row)
{
    struct logon logon = row->logon;
    gss_ctx_id_t client = GSS_C_NO_CONTEXT;
    gss_ctx_id_t server = GSS_C_NO_CONTEXT;
    OM_uint32 minor;

    if (row->holding == ACQUIRED_EACH_TIME)
        logon.credentials = credentials_acquire(logon.mechanism);
    logon_run(&logon, &client, &server);
    (void)gss_delete_sec_context(&minor, &client, GSS_C_NO_BUFFER);
    (void)gss_delete_sec_context(&minor, &server, GSS_C_NO_BUFFER);
    if (row->holding == ACQUIRED_EACH_TIME)
        credentials_release(&logon.credentials);
}

static void run_tls(struct row *row)
{
    (void)row;
    if (!tls_pair_handshake(&tls, tls_client, tls_server))
        die("the TLS handshake failed", GSS_S_FAILURE, 0);
    tls_pair_end(&tls);
}

/*
 * What CredSSP is made of, one after the other: each by itself, again and again, finds its code and its
 * data in the processor's caches, which here as in CredSSP the other has used.
 */
static void run_parts(struct row *row)
{
    run_tls(row);
    run_logon(row);
}

/* --- measuring --- */

static void prepare(struct row *row)
{
    if (row->run != run_tls && row->holding == ACQUIRED_ONCE)
        row->logon.credentials = credentials_acquire(row->logon.mechanism);
    row->run(row); /* what is set up once is set up now */
    size_batch(row);
}

static void clean_up(struct row *row)
{
    credentials_release(&row->logon.credentials);
}

/* --- the groups --- */

struct group {
    const char *title;
    void (*enter)(void); /* makes the environment that the rows need */
    struct row rows[MAX_ROWS];
    struct ratio ratios[MAX_ROWS];
};

static size_t row_count(const struct group *group)
{
    size_t count = 0;

    while (count < MAX_ROWS && group->rows[count].name != NULL)
        count++;
    return count;
}

static void measure(struct group *group, size_t first_number)
{
    size_t count = row_count(group);

    group->enter();
    for (size_t i = 0; i < count; i++)
        prepare(&group->rows[i]);
    sample(group->rows, count);
    printf("%s\n", group->title);
    for (size_t i = 0; i < count; i++)
        show(&group->rows[i], first_number + i);
    for (size_t i = 0; i < MAX_ROWS && group->ratios[i].text != NULL; i++)
        printf("      %-52s %9.3f\n", group->ratios[i].text,
               ratio_of(group->rows, &group->ratios[i]));
    printf("\n");
    for (size_t i = 0; i < count; i++)
        clean_up(&group->rows[i]);
}

/*
 * Both present the same certificate: parsing it is a part of what a handshake takes at the client.
 */
static void present_certificate(bool ecdsa)
{
    static char original[512]; /* KRB5_CONFIG as it was */
    const char *directory = getenv("REALM_DIR");
    char certificate[512];
    char key[512];
    char path[512];
    char both[1100];
    FILE *file;

    if (original[0] == '\0')
        (void)snprintf(original, sizeof original, "%s", getenv("KRB5_CONFIG"));
    (void)snprintf(certificate, sizeof certificate, "%s/bench.pem", directory);
    (void)snprintf(key, sizeof key, "%s/bench.key", directory);
    (void)snprintf(path, sizeof path, "%s/bench.conf", directory);
    (void)snprintf(both, sizeof both, "%s:%s", path, original);
    if (tls_server != NULL)
        gnutls_certificate_free_credentials(tls_server);
    tls_server = tls_pair_certificate(ecdsa);
    if (tls_server == NULL || !tls_pair_write_certificate(tls_server, certificate, key))
        die("no certificate", GSS_S_FAILURE, 0);
    file = fopen(path, "w");
    if (file == NULL ||
        fprintf(file, "[appdefaults]\n gss-sspi = {\n  certificate = %s\n  private_key = %s\n }\n",
                certificate, key) < 0 ||
        fclose(file) != 0 || setenv("KRB5_CONFIG", both, 1) != 0)
        die("the certificate could not be configured", GSS_S_FAILURE, 0);
    sleep(POLICY_AGE_SECONDS);
}

static void with_rsa(void)
{
    logon_with_tickets();
    present_certificate(false);
}

static void with_rsa_without_tickets(void)
{
    with_rsa();
    logon_without_tickets();
}

static void with_ecdsa(void)
{
    logon_with_tickets();
    present_certificate(true);
}

static void with_ecdsa_without_tickets(void)
{
    with_ecdsa();
    logon_without_tickets();
}

#define KRB5(how)           .run = run_logon, .logon.mechanism = &krb5_oid, .holding = (how)
#define NTLM(how)           .run = run_logon, .logon.mechanism = &ntlm_oid, .holding = (how)
#define NTLM_WITH_MICS(how) NTLM(how), .logon.with_mics = true
#define SPNEGO(how)         .run = run_logon, .logon.mechanism = &spnego_oid, .holding = (how)
#define WITH_NEGOTIATE(how)                           \
    .logon.mechanism = &GSS_SSPI_MECH_NEGOTIATE_desc, \
    .logon.header = &GSS_SSPI_MECH_NEGOTIATE_desc, .holding = (how)
#define NEGOTIATE(how)             .run = run_logon, WITH_NEGOTIATE(how)
#define NEGOTIATE_FOR_CREDSSP(how) NEGOTIATE(how), .logon.with_sealed = true
#define PARTS_OF_CREDSSP(how)      .run = run_parts, WITH_NEGOTIATE(how), .logon.with_sealed = true
#define CREDSSP(how) \
    .run = run_logon, .logon.mechanism = &GSS_SSPI_MECH_CREDSSP_desc, .holding = (how)

/* The rows of a group about CredSSP, and their ratios. */
#define ROWS_OF_CREDSSP                                                                      \
    {                                                                                        \
        {"Negotiate, three sealed messages", NEGOTIATE_FOR_CREDSSP(ACQUIRED_ONCE)},          \
            {"TLS", .run = run_tls},                                                         \
            {"TLS, then Negotiate, three sealed messages", PARTS_OF_CREDSSP(ACQUIRED_ONCE)}, \
            {"CredSSP", CREDSSP(ACQUIRED_ONCE)},                                             \
    }
#define RATIOS_OF_CREDSSP                                                      \
    {                                                                          \
        {"CredSSP / (TLS, then Negotiate) (limit 1.05)", 3, {2}, 1},           \
            {"CredSSP / (TLS by itself + Negotiate by itself)", 3, {1, 0}, 2}, \
    }

/* Of the first nine rows of a group. */
#define RATIOS_OF_NEGOTIATE(inner)                                   \
    {"acquired once: MIT's SPNEGO / " inner, 1, {0}, 1},             \
        {"acquired once: Negotiate / " inner, 2, {0}, 1},            \
        {"acquired once: Negotiate / MIT's SPNEGO", 2, {1}, 1},      \
        {"acquired each time: MIT's SPNEGO / " inner, 4, {3}, 1},    \
        {"acquired each time: Negotiate / " inner, 5, {3}, 1},       \
        {"acquired each time: Negotiate / MIT's SPNEGO", 5, {4}, 1}, \
        {"none given: MIT's SPNEGO / " inner, 7, {6}, 1},            \
        {"none given: Negotiate / " inner, 8, {6}, 1},               \
    {                                                                \
        "none given: Negotiate / MIT's SPNEGO", 8, {7}, 1            \
    }

static struct group groups[] = {
    {"Negotiate over Kerberos",
     logon_with_tickets,
     {{"krb5, acquired once", KRB5(ACQUIRED_ONCE)},
      {"MIT's SPNEGO, acquired once", SPNEGO(ACQUIRED_ONCE)},
      {"Negotiate, acquired once", NEGOTIATE(ACQUIRED_ONCE)},
      {"krb5, acquired each time", KRB5(ACQUIRED_EACH_TIME)},
      {"MIT's SPNEGO, acquired each time", SPNEGO(ACQUIRED_EACH_TIME)},
      {"Negotiate, acquired each time", NEGOTIATE(ACQUIRED_EACH_TIME)},
      {"krb5, no credentials given", KRB5(NONE_GIVEN)},
      {"MIT's SPNEGO, no credentials given", SPNEGO(NONE_GIVEN)},
      {"Negotiate, no credentials given", NEGOTIATE(NONE_GIVEN)}},
     {RATIOS_OF_NEGOTIATE("krb5")}},
    {"Negotiate over NTLM (gss-ntlmssp; there are no tickets)",
     logon_without_tickets,
     {{"NTLM, acquired once", NTLM(ACQUIRED_ONCE)},
      {"MIT's SPNEGO, acquired once", SPNEGO(ACQUIRED_ONCE)},
      {"Negotiate, acquired once", NEGOTIATE(ACQUIRED_ONCE)},
      {"NTLM, acquired each time", NTLM(ACQUIRED_EACH_TIME)},
      {"MIT's SPNEGO, acquired each time", SPNEGO(ACQUIRED_EACH_TIME)},
      {"Negotiate, acquired each time", NEGOTIATE(ACQUIRED_EACH_TIME)},
      {"NTLM, no credentials given", NTLM(NONE_GIVEN)},
      {"MIT's SPNEGO, no credentials given", SPNEGO(NONE_GIVEN)},
      {"Negotiate, no credentials given", NEGOTIATE(NONE_GIVEN)},
      {"NTLM and the MICs of SPNEGO, acquired once", NTLM_WITH_MICS(ACQUIRED_ONCE)},
      {"NTLM and the MICs of SPNEGO, acquired each time", NTLM_WITH_MICS(ACQUIRED_EACH_TIME)}},
     {RATIOS_OF_NEGOTIATE("NTLM"),
      {"acquired once: NTLM and the MICs / NTLM", 9, {0}, 1},
      {"acquired once: Negotiate / (NTLM and the MICs)", 2, {9}, 1},
      {"acquired each time: NTLM and the MICs / NTLM", 10, {3}, 1},
      {"acquired each time: Negotiate / (NTLM and the MICs)", 5, {10}, 1}}},
    /* Last: these change the configuration. */
    {"CredSSP with Kerberos inside, RSA-2048", with_rsa, ROWS_OF_CREDSSP, RATIOS_OF_CREDSSP},
    {"CredSSP with NTLM inside, RSA-2048", with_rsa_without_tickets, ROWS_OF_CREDSSP,
     RATIOS_OF_CREDSSP},
    {"CredSSP with Kerberos inside, ECDSA P-256", with_ecdsa, ROWS_OF_CREDSSP, RATIOS_OF_CREDSSP},
    {"CredSSP with NTLM inside, ECDSA P-256", with_ecdsa_without_tickets, ROWS_OF_CREDSSP,
     RATIOS_OF_CREDSSP},
};

#define GROUP_COUNT (sizeof groups / sizeof groups[0])

/* Runs one row only. False when there is no row of this number. */
static bool run_only(size_t number, unsigned long times)
{
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        size_t count = row_count(&groups[i]);

        if (number <= count && number != 0) {
            struct row *row = &groups[i].rows[number - 1];

            groups[i].enter();
            prepare(row);
            for (unsigned long time = 0; time < times; time++)
                row->run(row);
            clean_up(row);
            return true;
        }
        number -= count;
    }
    return false;
}

static void set_up(void)
{
    logon_set_up();
    if (gnutls_certificate_allocate_credentials(&tls_client) < 0)
        die("no memory", GSS_S_FAILURE, 0);
}

int main(int argc, char **argv)
{
    size_t number = 1;
    int status = EXIT_SUCCESS;

    set_up();
    if (argc == 3) {
        if (!run_only(strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10)))
            status = EXIT_FAILURE;
    } else {
        for (size_t i = 0; i < GROUP_COUNT; i++) {
            measure(&groups[i], number);
            number += row_count(&groups[i]);
        }
    }
    logon_tear_down();
    gnutls_certificate_free_credentials(tls_client);
    if (tls_server != NULL)
        gnutls_certificate_free_credentials(tls_server);
    tls_pair_tear_down();
    return status;
}
