/* security.h - what Windows programs include, after defining SECURITY_WIN32, to get SSPI. */
#ifndef SSPI_GSS_SECURITY_H
#define SSPI_GSS_SECURITY_H

#include "sspi.h"

#define NEGOSSP_NAME_A "Negotiate"
#define NEGOSSP_NAME_W u"Negotiate"
#define NEGOSSP_NAME   SSPI_GSS_AW(NEGOSSP_NAME_)

#define MICROSOFT_KERBEROS_NAME_A "Kerberos"
#define MICROSOFT_KERBEROS_NAME_W u"Kerberos"
#define MICROSOFT_KERBEROS_NAME   SSPI_GSS_AW(MICROSOFT_KERBEROS_NAME_)

#define NTLMSP_NAME_A "NTLM"
#define NTLMSP_NAME   u"NTLM"

#endif
