/*
 * Failures: one place where a major status, a minor status and a sentence for a person come
 * together.
 *
 * The minor status of a failure of ours is a code of com_err table "sspi"; that of an inner
 * mechanism is passed on as the mechglue gave it, which gss_display_status can resolve. The
 * sentence is kept for the thread, as Kerberos does, until the next failure.
 */
#ifndef MECH_STATUS_H
#define MECH_STATUS_H

#include <stdint.h>
#include "mech/gss_sspi_errors.h"
#include "gssapi_sspi.h"
#include "mech/mechglue.h"

/*
 * Records a failure of ours: sets *minor to code and remembers "the table's text: detail" (detail
 * is printf-formatted and may be NULL). Returns major, so that callers can return it.
 */
OM_uint32 fail(OM_uint32 *minor, OM_uint32 major, long code, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));

/* As fail(), for a failure that an NTSTATUS names (what a peer reported, or is to be told). */
OM_uint32 fail_with_nt_status(OM_uint32 *minor, OM_uint32 major, long code, uint32_t nt_status,
                              const char *detail, ...) __attribute__((format(printf, 5, 6)));

/*
 * Records that the inner mechanism named mechanism ("Kerberos", "NTLM") failed with major and
 * inner_minor while doing what stage says ("accepting the token"). Sets *minor, returns major.
 */
OM_uint32 fail_inner(OM_uint32 *minor, OM_uint32 major, OM_uint32 inner_minor,
                     const char *mechanism, const char *stage);

/* Records a failure that was met before, for the same reason. Returns its major status. */
OM_uint32 fail_again(OM_uint32 *minor, const struct gss_sspi_failure *failure, const char *text);

/* Room for the reasons of all mechanisms in one sentence. */
#define REASONS_OCTETS 640

/* Why mechanisms could not be used, one after the other. */
struct reasons {
    char text[REASONS_OCTETS]; /* "" when there is none yet */
    struct gss_sspi_failure first;
};

/* What reasons begin as: no mechanism was even tried. */
#define NO_REASONS ((struct reasons){.first = {.major = GSS_S_NO_CRED}})

/* Adds this thread's last failure. */
void note_reason(struct reasons *reasons);

/* Records that no mechanism could be used: GSS_SSPI_E_NO_MECHANISM, with every reason in the text. */
OM_uint32 fail_with_reasons(OM_uint32 *minor, OM_uint32 major, uint32_t nt_status,
                            const struct reasons *reasons);

/* Records that memory ran out. Returns GSS_S_FAILURE. */
OM_uint32 fail_no_memory(OM_uint32 *minor);

/* The NTSTATUS of this thread's last failure, or NT_STATUS_NONE. */
uint32_t last_failure_nt_status(void);

/* The last failure of this thread. */
struct gss_sspi_failure last_failure(void);

/* The sentence of this thread's last failure; "" when there was none. Valid until the next one. */
const char *last_failure_text(void);

/*
 * gss_display_status for our minor codes and those of inner mechanisms, in one message. The caller
 * frees *text with gss_release_buffer.
 */
OM_uint32 status_display(OM_uint32 *minor, OM_uint32 value, gss_buffer_t text);

#endif
