/*
 * What the tests of client certificates share: an authority that the server trusts and one that it does
 * not, a client, and what is to be true after a logon.
 */
#ifndef TESTS_MECH_CLIENT_CERTIFICATE_FIXTURE_H
#define TESTS_MECH_CLIENT_CERTIFICATE_FIXTURE_H

#include <check.h>

#include "tests/mech/certificate_files.h"
#include "tests/mech/exchange.h"

#define OPTIONS_OCTETS 2000

/* TLS 1.2 and 1.3, as priority strings. */
#define VERSIONS 2
extern const char *const versions[VERSIONS];

/* Without the record for middleboxes, which would be a token of its own between pieces. */
extern const char *const versions_for_pieces[VERSIONS];

extern struct exchange x;
extern struct certificate_files authority;
extern struct certificate_files stranger;
extern struct certificate_files client;
extern unsigned questions;  /* how often the client was asked whether it goes on */
extern size_t later_pieces; /* of tokens; the first comes whole: the mechglue reads its header */

/* Options of both sides; the server trusts the authority. */
void configure(const char *version, const char *mode, const char *more);

/* Makes the client's certificate: the authority's, unless the wish has another issuer. */
void make_client(struct certificate_wish wish);
void make_good_client(void);

/* The client's credential, with what else it is to have; the arguments of a pair may be NULL. */
void client_with(const char *certificate, const char *key, const char *other, const char *value);

/* With its certificate; or with none, to be asked. */
void show_client(void);
void ask_without(void);

/* The server's; the second pair may be NULL. */
void serve_with(const char *key, const char *value, const char *key2, const char *value2);

/* The side says so of a certificate: this one, or none. */
void assert_certificate(gss_ctx_id_t context, gss_const_OID question, const gnutls_datum_t *der);
void assert_status(gss_ctx_id_t context, uint32_t expected);

/* The logon succeeds; the server has seen this certificate, or none. */
void assert_logon(const gnutls_datum_t *der);

/*
 * The server refuses the client for this reason, in answer to the flight with its certificate, and the
 * client hears of it by an alert. What the server said, which is returned, has these words in it.
 */
const char *assert_refused(long code, const char *words, const char *alert);

/* Runs one suite of one test case, with the fixture; main()'s result. */
int run_certificate_tests(const char *name, void (*add)(TCase *cases));

#endif
