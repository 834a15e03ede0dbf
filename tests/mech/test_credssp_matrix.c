/*
 * Logons of CredSSP in every combination of versions, TLS, server key, logon inside, credentials
 * and policy, each compared with what credssp_rule.c says must come of it. One test has the cells
 * of one configuration.
 *
 * All of the matrix takes a minute of CPU time. MATRIX_ROUNDS=some is for builds and programs that
 * make it many:
 *  - every pair of versions, minimum, logon inside and credentials with one TLS and key;
 *  - every pair of versions with every TLS and key (what is bound, and how);
 *  - every policy with every logon inside and credentials;
 *  - and one in SAMPLE of the others, by chance (MATRIX_SEED).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mech/cell_logon.h"
#include "tests/mech/chance.h"
#include "tests/runner.h"

/* A logon under valgrind, times the cells of a configuration. */
#define TIMEOUT_SECONDS 1800

#define MINIMUMS        2
#define TLS_VERSIONS    2
#define DEFAULT_MINIMUM 5
#define CONFIGURATIONS  (MINIMUMS * TLS_VERSIONS * KEYS * POLICIES)
#define CELLS           (VERSIONS * VERSIONS * INNERS * CREDENTIALS)
#define DEFAULT_SEED    UINT64_C(0x43726564535350)
#define SAMPLE          20

static struct certificate_files certificates[KEYS];
static struct chance chance;
static uint64_t seed = DEFAULT_SEED;
static bool tries_all;

/* The numbers of configuration and cell, taken apart; the first digits are the last ones. */
static unsigned digit(unsigned *number, unsigned count)
{
    unsigned value = *number % count;

    *number /= count;
    return value;
}

static struct cell cell_of(unsigned configuration, unsigned number)
{
    struct cell cell;

    cell.minimum = digit(&configuration, MINIMUMS) == 0 ? DEFAULT_MINIMUM : LOWEST_VERSION;
    cell.tls_1_2 = digit(&configuration, TLS_VERSIONS) != 0;
    cell.key = (enum cell_key)digit(&configuration, KEYS);
    cell.policy = (enum cell_policy)digit(&configuration, POLICIES);
    cell.initiator_version = LOWEST_VERSION + digit(&number, VERSIONS);
    cell.acceptor_version = LOWEST_VERSION + digit(&number, VERSIONS);
    cell.inner = (enum cell_inner)digit(&number, INNERS);
    cell.credentials = (enum cell_credentials)digit(&number, CREDENTIALS);
    return cell;
}

/* Whether this is the one of count that stands for all of them in this cell. */
static bool is_chosen(unsigned value, unsigned count, unsigned number)
{
    return number % count == value;
}

static bool is_tried(const struct cell *cell, unsigned number)
{
    unsigned tls_and_key = (cell->tls_1_2 ? KEYS : 0) + (unsigned)cell->key;
    unsigned inner_and_credentials = number / (VERSIONS * VERSIONS);
    bool newest =
        cell->initiator_version == HIGHEST_VERSION && cell->acceptor_version == HIGHEST_VERSION;
    bool drawn = choose(&chance, SAMPLE) == 0;

    if (tries_all || drawn)
        return true;
    if (cell->policy == ALLOWED && is_chosen(tls_and_key, TLS_VERSIONS * KEYS, number))
        return true;
    if (cell->policy == ALLOWED && cell->minimum == LOWEST_VERSION &&
        is_chosen(inner_and_credentials, INNERS * CREDENTIALS, number))
        return true;
    return newest && cell->minimum == DEFAULT_MINIMUM &&
           is_chosen(tls_and_key, TLS_VERSIONS * KEYS, number);
}

START_TEST(cells_of_one_configuration)
{
    struct cell first = cell_of((unsigned)_i, 0);
    unsigned tried = 0;

    chance = chance_of_seed(seed + (uint64_t)_i);
    cell_configure(&first, &certificates[first.key]);
    for (unsigned number = 0; number < CELLS; number++) {
        struct cell cell = cell_of((unsigned)_i, number);

        if (!is_tried(&cell, number))
            continue;
        cell_check(&cell);
        tried++;
    }
    ck_assert_uint_gt(tried, 0);
    if (tries_all)
        ck_assert_uint_eq(tried, CELLS);
    cell_release();
    printf("configuration %d: %u cells\n", _i, tried);
    (void)fflush(stdout);
}
END_TEST

/* Once, and not in the process of a test. */
static void make_certificates(void)
{
    static const gnutls_pk_algorithm_t algorithms[KEYS] = {
        [KEY_RSA] = GNUTLS_PK_RSA,
        [KEY_P256] = GNUTLS_PK_ECDSA,
        [KEY_ED25519] = GNUTLS_PK_EDDSA_ED25519,
    };
    static const char *const files[KEYS] = {"rsa", "p256", "ed25519"};

    for (int key = 0; key < KEYS; key++) {
        struct certificate_wish wish = {.file = files[key], .algorithm = algorithms[key]};

        certificate_files_make(&certificates[key], &wish);
    }
    cell_register_plugin();
}

static void release_certificates(void)
{
    for (int key = 0; key < KEYS; key++)
        certificate_files_release(&certificates[key]);
}

int main(void)
{
    const char *rounds = getenv("MATRIX_ROUNDS");
    const char *other_seed = getenv("MATRIX_SEED");
    Suite *suite = suite_create("matrix of CredSSP");
    TCase *cases = tcase_create("matrix of CredSSP");

    tries_all = rounds == NULL || strcmp(rounds, "some") != 0;
    if (other_seed != NULL)
        seed = strtoull(other_seed, NULL, 0);
    tcase_add_unchecked_fixture(cases, make_certificates, release_certificates);
    tcase_set_timeout(cases, TIMEOUT_SECONDS);
    tcase_add_loop_test(cases, cells_of_one_configuration, 0, CONFIGURATIONS);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
