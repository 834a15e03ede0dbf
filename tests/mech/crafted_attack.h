/*
 * What the attacks on CredSSP share: one crafted peer, put in place before each test, and what is to be
 * true of the plugin after an attack.
 */
#ifndef TESTS_MECH_CRAFTED_ATTACK_H
#define TESTS_MECH_CRAFTED_ATTACK_H

#include <check.h>

#include "tests/mech/crafted_peer.h"

/* For assert_refused: whatever the reason. */
#define ANY_CODE 0

extern struct crafted_peer peer;

/* The fixture; tests that make several attacks call it between them. */
void set_up(void);
void tear_down(void);

/* Roles: the client of our server, or a server whom our client would give its password. */
void be_client(void);
void be_server(void);
void be(bool initiator);

/* A whole logon that succeeds. */
void assert_good(void);

/* The plugin has refused, for this reason (GSS_SSPI_E_*), and let go of nothing. */
void assert_failed(long code);

/* A whole logon that ends so. */
void assert_refused(long code);

/*
 * Somebody between our client, who logs on to peer, and our server, whose client is other_half:
 * carries every TSRequest over as it is, but for what on_request of the two does.
 */
extern struct crafted_peer other_half;
void stand_in_the_middle(void);

/* Runs one suite of one test case, with the fixture; main()'s result. */
int run_attacks(const char *name, void (*add)(TCase *cases));

#endif
