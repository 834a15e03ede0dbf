/* Whole logons between two sides, with somebody in between or nobody. */
#ifndef TESTS_FUZZ_NEGOTIATE_SCENARIO_H
#define TESTS_FUZZ_NEGOTIATE_SCENARIO_H

#include "tests/fuzz/negotiate_side.h"
#include "tests/mech/tampering.h"

enum negotiate_scenario {
    SCENARIO_KERBEROS,
    SCENARIO_NTLM,
    SCENARIO_KERBEROS_ONE_WAY,
    SCENARIO_KERBEROS_DCE,
    SCENARIO_RESELECTION, /* Kerberos and NTLM here, NTLM there */
    SCENARIO_COUNT
};

/* Runs a logon; the sides stay, for the caller to end them. */
void negotiate_scenario_run(enum negotiate_scenario scenario, struct tampering *tampering,
                            struct negotiate_side *client, struct negotiate_side *server);

#endif
