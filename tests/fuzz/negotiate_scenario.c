#include "tests/fuzz/negotiate_scenario.h"

void negotiate_scenario_run(enum negotiate_scenario scenario, struct tampering *tampering,
                            struct negotiate_side *client, struct negotiate_side *server)
{
    *client = (struct negotiate_side){.initiator = true, .flags = SIDE_FLAGS};
    *server = (struct negotiate_side){.initiator = false};
    if (scenario == SCENARIO_NTLM)
        client->mechanisms = SIDE_HAS_NTLM;
    if (scenario == SCENARIO_RESELECTION)
        server->mechanisms = SIDE_HAS_NTLM;
    if (scenario == SCENARIO_KERBEROS_ONE_WAY)
        client->flags &= ~(OM_uint32)GSS_C_MUTUAL_FLAG;
    if (scenario == SCENARIO_KERBEROS_DCE)
        client->flags |= GSS_C_DCE_STYLE;
    tampering->client.side = client;
    tampering->server.side = server;
    tampering->client.step = tampering->server.step = negotiate_side_step;
    tampering_run(tampering);
}
