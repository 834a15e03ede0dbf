/*
 * One credential of each role, with which several threads log on while others set its options, hand
 * it on and ask it. Whatever was set last, Kerberos stays allowed: every logon must succeed. The
 * sanitizers say whether it was luck.
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define CLIENTS 3
#define LOGONS  12

static gss_cred_id_t client;
static gss_cred_id_t server;
static atomic_bool clients_are_done;

struct worker {
    pthread_t thread;
    bool (*do_once)(unsigned round);
    unsigned rounds;
    bool failed;
};

static bool log_on(unsigned round)
{
    struct exchange x = {.mechanism = GSS_SSPI_MECH_NEGOTIATE,
                         .target = "host@localhost",
                         .server_header = GSS_SSPI_MECH_NEGOTIATE,
                         .flags = GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG,
                         .client_credential = client,
                         .server_credential = server};
    bool done = exchange_run(&x);

    (void)round;
    exchange_reset(&x);
    return done;
}

static bool set_packages(unsigned round)
{
    static const char *const lists[] = {"kerberos,ntlm", "ntlm,kerberos", "!ntlm"};
    const char *list = lists[round % 3];
    gss_buffer_desc value = {strlen(list), (void *)(uintptr_t)list};
    gss_cred_id_t credential = round % 2 == 0 ? client : server;
    OM_uint32 minor;

    return gss_set_cred_option(&minor, &credential, (gss_OID)(uintptr_t)GSS_SSPI_CRED_PACKAGES,
                               &value) == GSS_S_COMPLETE;
}

static bool set_neg_mechs(unsigned round)
{
    gss_OID_desc oids[] = {krb5_oid, ntlm_oid};
    gss_OID_set_desc set = {1 + round / 2 % 2, oids};
    OM_uint32 minor;

    return gss_set_neg_mechs(&minor, round % 2 == 0 ? client : server, &set) == GSS_S_COMPLETE;
}

static bool hand_on(unsigned round)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_cred_id_t copy = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;
    bool done =
        gss_export_cred(&minor, round % 2 == 0 ? client : server, &token) == GSS_S_COMPLETE &&
        gss_import_cred(&minor, &token, &copy) == GSS_S_COMPLETE;

    (void)gss_release_buffer(&minor, &token);
    (void)gss_release_cred(&minor, &copy);
    return done;
}

static bool inquire(unsigned round)
{
    OM_uint32 minor;
    OM_uint32 lifetime;

    return gss_inquire_cred(&minor, round % 2 == 0 ? client : server, NULL, &lifetime, NULL,
                            NULL) == GSS_S_COMPLETE;
}

/* Clients log on a number of times; the others go on until these are done. */
static void *work(void *argument)
{
    struct worker *worker = argument;

    while (!worker->failed &&
           (worker->do_once == log_on ? worker->rounds < LOGONS : !atomic_load(&clients_are_done)))
        worker->failed = !worker->do_once(worker->rounds++);
    return NULL;
}

START_TEST(options_are_set_while_others_log_on)
{
    struct worker workers[] = {
        {.do_once = log_on},       {.do_once = log_on},        {.do_once = log_on},
        {.do_once = set_packages}, {.do_once = set_neg_mechs}, {.do_once = hand_on},
        {.do_once = inquire},
    };
    const size_t count = sizeof workers / sizeof workers[0];
    OM_uint32 minor;

    client = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_INITIATE, NULL, NULL);
    server = store_credential(GSS_SSPI_MECH_NEGOTIATE, GSS_C_ACCEPT, NULL, NULL);
    ck_assert(client != GSS_C_NO_CREDENTIAL && server != GSS_C_NO_CREDENTIAL);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(pthread_join(workers[i].thread, NULL), 0);
        if (i + 1 == CLIENTS)
            atomic_store(&clients_are_done, true);
        ck_assert_msg(!workers[i].failed, "thread %zu, round %u", i, workers[i].rounds);
    }
    (void)gss_release_cred(&minor, &client);
    (void)gss_release_cred(&minor, &server);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shared credential");
    TCase *cases = tcase_create("threads");

    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, options_are_set_while_others_log_on);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
