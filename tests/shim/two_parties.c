#include "tests/shim/two_parties.h"

#include <check.h>

struct party client;
struct party server;

void stop_parties(void)
{
    party_end(&client);
    party_end(&server);
}

struct party *sender_of(int message)
{
    return message % 2 == 0 ? &client : &server;
}

struct party *receiver_of(int message)
{
    return message % 2 == 0 ? &server : &client;
}

gss_ctx_id_t gss_of(struct party *party)
{
    SecPkgContext_GssContext gss;

    ck_assert_int_eq(QueryContextAttributesA(&party->context, SECPKG_ATTR_GSS_CONTEXT, &gss),
                     SEC_E_OK);
    return gss.Context;
}
