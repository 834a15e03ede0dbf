/*
 * Logons of all kinds in parallel, with credentials that all threads share and with ones of their
 * own. Nothing else is checked here than that each succeeds; the sanitizers say whether it was
 * luck.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/mech/exchange.h"
#include "tests/runner.h"

#define THREADS 8
#define ROUNDS  6

enum client { DEFAULT_TICKET, SHARED_TICKET, SHARED_NTLM, SHARED_PASSWORD, OWN_PASSWORD };

struct kind {
    const gss_OID_desc *mechanism;
    enum client client;
    bool shared_server;
};

static const struct kind kinds[] = {
    {&GSS_SSPI_MECH_NEGOTIATE_desc, DEFAULT_TICKET, false},
    {&GSS_SSPI_MECH_CREDSSP_desc, SHARED_TICKET, true},
    {&GSS_SSPI_MECH_NEGOTIATE_desc, SHARED_NTLM, true},
    {&GSS_SSPI_MECH_CREDSSP_desc, OWN_PASSWORD, false},
    {&GSS_SSPI_MECH_NEGOTIATE_desc, SHARED_PASSWORD, true},
    {&GSS_SSPI_MECH_CREDSSP_desc, SHARED_NTLM, false},
    {&GSS_SSPI_MECH_NEGOTIATE_desc, OWN_PASSWORD, true},
    {&GSS_SSPI_MECH_CREDSSP_desc, SHARED_PASSWORD, true},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

/* By mechanism: CredSSP, Negotiate. A credential belongs to the mechanism that it was acquired for.
 */
struct shared {
    gss_cred_id_t ticket;
    gss_cred_id_t ntlm;
    gss_cred_id_t password;
    gss_cred_id_t server;
};

static struct shared shared[2];

/* What a thread did; read when it has ended. */
struct worker {
    pthread_t thread;
    size_t first_kind;
    unsigned done;
    char failure[256];
};

static const struct shared *shared_for(const gss_OID_desc *mechanism)
{
    return &shared[mechanism == &GSS_SSPI_MECH_NEGOTIATE_desc];
}

static gss_cred_id_t own_password(const gss_OID_desc *mechanism)
{
    return store_credential(mechanism, GSS_C_INITIATE, "EXAMPLE\\bob", "password",
                            realm_variable("REALM_SECOND_PASSWORD"), NULL);
}

static gss_cred_id_t client_credential(const struct kind *kind)
{
    switch (kind->client) {
    case SHARED_TICKET:
        return shared_for(kind->mechanism)->ticket;
    case SHARED_NTLM:
        return shared_for(kind->mechanism)->ntlm;
    case SHARED_PASSWORD:
        return shared_for(kind->mechanism)->password;
    case OWN_PASSWORD:
        return own_password(kind->mechanism);
    case DEFAULT_TICKET:
    default:
        return GSS_C_NO_CREDENTIAL;
    }
}

static const char *user_of(const struct kind *kind)
{
    if (kind->client == SHARED_NTLM)
        return "EXAMPLE\\alice";
    return kind->client == SHARED_PASSWORD || kind->client == OWN_PASSWORD ? "bob@EXAMPLE.TEST"
                                                                           : "alice@EXAMPLE.TEST";
}

/* Whether the client is the one that it should be, and messages arrive. */
static bool is_right(struct exchange *x, const struct kind *kind)
{
    const char *user = user_of(kind);
    gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    bool right = false;
    OM_uint32 minor;

    if (!GSS_ERROR(gss_display_name(&minor, x->source, &shown, NULL)) &&
        shown.length == strlen(user) && memcmp(shown.value, user, shown.length) == 0 &&
        !GSS_ERROR(gss_wrap(&minor, x->client, 1, GSS_C_QOP_DEFAULT, &shown, NULL, &sealed)) &&
        !GSS_ERROR(gss_unwrap(&minor, x->server, &sealed, &opened, NULL, NULL)))
        right =
            opened.length == shown.length && memcmp(opened.value, shown.value, opened.length) == 0;
    (void)gss_release_buffer(&minor, &shown);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &opened);
    return right;
}

static bool log_on(struct worker *worker, const struct kind *kind)
{
    struct exchange x = {.target = "host@localhost",
                         .mechanism = kind->mechanism,
                         .flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG,
                         .client_credential = client_credential(kind)};
    bool right;
    OM_uint32 minor;

    if (kind->mechanism == &GSS_SSPI_MECH_NEGOTIATE_desc)
        x.server_header = kind->mechanism;
    if (kind->shared_server)
        x.server_credential = shared_for(kind->mechanism)->server;
    right = exchange_run(&x) && is_right(&x, kind);
    if (!right)
        (void)snprintf(worker->failure, sizeof worker->failure,
                       "kind %zu: client %08x server %08x, flags %x", (size_t)(kind - kinds),
                       (unsigned)x.client_major, (unsigned)x.server_major,
                       (unsigned)x.client_flags);
    exchange_reset(&x);
    if (kind->client == OWN_PASSWORD)
        (void)gss_release_cred(&minor, &x.client_credential);
    return right;
}

static void *work(void *argument)
{
    struct worker *worker = argument;

    for (size_t i = 0; i < ROUNDS * KIND_COUNT; i++) {
        if (!log_on(worker, &kinds[(worker->first_kind + i) % KIND_COUNT]))
            break;
        worker->done++;
    }
    return NULL;
}

static void acquire_shared(struct shared *s, const gss_OID_desc *mechanism)
{
    s->ticket = store_credential(mechanism, GSS_C_INITIATE, NULL, "packages", "kerberos", NULL);
    s->ntlm = store_credential(mechanism, GSS_C_INITIATE, NULL, "packages", "ntlm", NULL);
    s->password = own_password(mechanism);
    s->server = store_credential(mechanism, GSS_C_ACCEPT, NULL, NULL);
    ck_assert(s->ticket != GSS_C_NO_CREDENTIAL && s->ntlm != GSS_C_NO_CREDENTIAL);
    ck_assert(s->password != GSS_C_NO_CREDENTIAL && s->server != GSS_C_NO_CREDENTIAL);
}

static void release_shared(struct shared *s)
{
    OM_uint32 minor;

    (void)gss_release_cred(&minor, &s->ticket);
    (void)gss_release_cred(&minor, &s->ntlm);
    (void)gss_release_cred(&minor, &s->password);
    (void)gss_release_cred(&minor, &s->server);
}

static void run_workers(void)
{
    static struct worker workers[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        workers[i].first_kind = i;
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(workers[i].thread, NULL), 0);
        ck_assert_msg(workers[i].done == ROUNDS * KIND_COUNT, "thread %zu, logon %u, %s", i,
                      workers[i].done, workers[i].failure);
    }
}

/* The shared credentials are not used before: inner ones are acquired by whoever comes first. */
START_TEST(logons_in_parallel)
{
    acquire_shared(&shared[0], &GSS_SSPI_MECH_CREDSSP_desc);
    acquire_shared(&shared[1], &GSS_SSPI_MECH_NEGOTIATE_desc);
    run_workers();
    release_shared(&shared[0]);
    release_shared(&shared[1]);
}
END_TEST

/* The policy and the certificate of the process are made by whoever comes first. */
START_TEST(ecdsa_certificate_is_made_once)
{
    with_options("self_signed_key = ecdsa");
    acquire_shared(&shared[0], &GSS_SSPI_MECH_CREDSSP_desc);
    acquire_shared(&shared[1], &GSS_SSPI_MECH_NEGOTIATE_desc);
    run_workers();
    release_shared(&shared[0]);
    release_shared(&shared[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("threads");
    TCase *cases = tcase_create("threads");

    tcase_set_timeout(cases, 600);
    tcase_add_test(cases, logons_in_parallel);
    tcase_add_test(cases, ecdsa_certificate_is_made_once);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
