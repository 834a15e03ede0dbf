/* Logons by CREDSSP over every kind of TLS. */
#ifndef TESTS_SHIM_RECORD_LOGON_H
#define TESTS_SHIM_RECORD_LOGON_H

#include "tests/mech/sealed_messages.h"
#include "tests/shim/two_parties.h"

/* The TLS versions and ciphers of tests/mech, and CBC behind them. */
#define RECORD_OPTIONS (TLS_OPTIONS + 1)

/* GnuTLS makes records without data with TLS 1.3 only. */
bool has_empty_records(int option);

void start_records(int option);

#endif
