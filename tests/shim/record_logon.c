#include "tests/shim/record_logon.h"

bool has_empty_records(int option)
{
    return option < TLS_OPTIONS && !is_tls_1_2(option);
}

void start_records(int option)
{
    with_options(option < TLS_OPTIONS ? tls_options[option] : cbc_options);
    must_log_on(&client, &server, "CREDSSP", "host/localhost", true);
}
