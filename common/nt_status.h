/* NTSTATUS: how a failed logon is told to a Windows peer, and what it means to a person. */
#ifndef COMMON_NT_STATUS_H
#define COMMON_NT_STATUS_H

#include <stdint.h>
#include <gssapi/gssapi.h>

#define NT_STATUS_NONE                           0x00000000u /* no failure that an NTSTATUS would name */
#define NT_STATUS_ACCESS_DENIED                  0xC0000022u
#define NT_STATUS_NO_LOGON_SERVERS               0xC000005Eu
#define NT_STATUS_NO_SUCH_USER                   0xC0000064u
#define NT_STATUS_WRONG_PASSWORD                 0xC000006Au
#define NT_STATUS_LOGON_FAILURE                  0xC000006Du
#define NT_STATUS_ACCOUNT_RESTRICTION            0xC000006Eu
#define NT_STATUS_INVALID_LOGON_HOURS            0xC000006Fu
#define NT_STATUS_INVALID_WORKSTATION            0xC0000070u
#define NT_STATUS_PASSWORD_EXPIRED               0xC0000071u
#define NT_STATUS_ACCOUNT_DISABLED               0xC0000072u
#define NT_STATUS_INSUFFICIENT_RESOURCES         0xC000009Au
#define NT_STATUS_NOT_SUPPORTED                  0xC00000BBu
#define NT_STATUS_NO_SUCH_PACKAGE                0xC00000FEu
#define NT_STATUS_TIME_DIFFERENCE_AT_DC          0xC0000133u
#define NT_STATUS_LOGON_NOT_GRANTED              0xC0000155u
#define NT_STATUS_LOGON_TYPE_NOT_GRANTED         0xC000015Bu
#define NT_STATUS_TRUSTED_DOMAIN_FAILURE         0xC000018Cu
#define NT_STATUS_TRUSTED_RELATIONSHIP_FAILURE   0xC000018Du
#define NT_STATUS_ACCOUNT_EXPIRED                0xC0000193u
#define NT_STATUS_PASSWORD_MUST_CHANGE           0xC0000224u
#define NT_STATUS_ACCOUNT_LOCKED_OUT             0xC0000234u
#define NT_STATUS_SMARTCARD_LOGON_REQUIRED       0xC00002FAu
#define NT_STATUS_DOMAIN_CONTROLLER_NOT_FOUND    0xC0000233u
#define NT_STATUS_BAD_BINDINGS                   0xC000035Bu
#define NT_STATUS_AUTHENTICATION_FIREWALL_FAILED 0xC0000413u
#define NT_STATUS_NTLM_BLOCKED                   0xC0000418u
#define NT_STATUS_KDC_UNKNOWN_SERVER             0xC0000385u /* SEC_E_TARGET_UNKNOWN's NTSTATUS twin */

/*
 * The NTSTATUS that names the cause of a failed gss_* call that acquires credentials or establishes
 * a context, from its major status and the mechanism's own minor status (a Kerberos error code, or
 * one of gss-ntlmssp's, which are errno values for most causes).
 * NT_STATUS_NONE when no NTSTATUS says more than the major status does.
 */
uint32_t nt_status_from_gss(OM_uint32 major, OM_uint32 minor);

/* One English sentence without a full stop for a status of the list above, or NULL. */
const char *nt_status_text(uint32_t status);

#endif
