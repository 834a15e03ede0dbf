/* A client and a server that have logged on, and the gss_* view of them. */
#ifndef TESTS_SHIM_TWO_PARTIES_H
#define TESTS_SHIM_TWO_PARTIES_H

#include <gssapi/gssapi.h>

#include "tests/shim/exchange.h"

extern struct party client;
extern struct party server;

/* Ends both. */
void stop_parties(void);

/* Each message goes from one side to the other and the next one back. */
struct party *sender_of(int message);
struct party *receiver_of(int message);

/* The context that gss_* calls take; the party's. */
gss_ctx_id_t gss_of(struct party *party);

#endif
