/* SECURITY_STATUS: what a failed gss_* call means to an SSPI caller, and its text. */
#ifndef SSPI_SHIM_STATUS_H
#define SSPI_SHIM_STATUS_H

#include <gssapi/gssapi.h>
#include <sspi-gss/sspi.h>

/* Room for the sentences of a mechanism, of major and of minor status, and the status' name. */
#define STATUS_TEXT_OCTETS 1024

/*
 * "cold": called for failures only. Compilers then keep what leads there apart from what every call
 * runs through, of which more stays in the processor's caches.
 */

/*
 * The status for a gss_* call that has just failed on this thread, on mechanism (NULL when the call
 * has none). Keeps what gss_display_status says of it for SspiGssStatusText.
 */
SECURITY_STATUS status_from_gss(const gss_OID_desc *mechanism, OM_uint32 major, OM_uint32 minor)
    __attribute__((cold));

/* The same for messages of an established context, where no code speaks of passwords. */
SECURITY_STATUS status_of_message(const gss_OID_desc *mechanism, OM_uint32 major, OM_uint32 minor)
    __attribute__((cold));

/* Returns status, after keeping an English clause for SspiGssStatusText that says why. */
SECURITY_STATUS status_because(SECURITY_STATUS status, const char *reason) __attribute__((cold));

/*
 * Returns status. Every exported function ends with it: the text of an earlier call goes, that of
 * this one gets the name of the status in front.
 */
SECURITY_STATUS status_finish(SECURITY_STATUS status);

/* Returns the status of a call that another thread has made, and keeps the text that it had there. */
SECURITY_STATUS status_repeat(SECURITY_STATUS status, const char *text);

#endif
