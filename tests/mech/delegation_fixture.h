/*
 * What the tests of delegation share: one CredSSP logon on a remote desktop, put in place before
 * each test.
 */
#ifndef TESTS_MECH_DELEGATION_FIXTURE_H
#define TESTS_MECH_DELEGATION_FIXTURE_H

#include <check.h>

#include "tests/mech/exchange.h"

extern struct exchange x;

/* The client logs on with the realm's password for this user. */
void use_password(const char *user);

void assert_logged_on(void);

/*
 * The server, as the client, logs on to a second server with this credential, and is this user
 * there.
 */
void assert_second_hop(gss_const_OID mechanism, gss_cred_id_t credential, const char *user);

/* Runs one suite of one test case, with the fixture; main()'s result. */
int run_delegation_tests(const char *name, void (*add)(TCase *cases));

#endif
