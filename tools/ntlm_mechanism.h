/* The OID of NTLM, 1.3.6.1.4.1.311.2.2.10, which no header of MIT Kerberos has. */
#ifndef TOOLS_NTLM_MECHANISM_H
#define TOOLS_NTLM_MECHANISM_H

#include <stdint.h>
#include <gssapi/gssapi.h>

static const gss_OID_desc ntlm_mechanism = {
    10, (void *)(uintptr_t) "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"};
#define NTLM_MECHANISM (&ntlm_mechanism)

#endif
