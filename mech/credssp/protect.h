/* What protect.c and protect_iov.c share. */
#ifndef MECH_CREDSSP_PROTECT_H
#define MECH_CREDSSP_PROTECT_H

#include "mech/credssp/credssp.h"

OM_uint32 protect_check_quality(OM_uint32 *minor, gss_qop_t qop);

/* A message is a whole number of whole records: what is cut off must not pass for a shorter one. */
bool protect_is_whole_records(struct byte_range token);
OM_uint32 protect_fail_cut(OM_uint32 *minor);

/* Reads every record that was lent into output, which has room for more than they hold. */
OM_uint32 protect_read_records(OM_uint32 *minor, struct credssp_context *credssp, size_t room,
                               gss_buffer_t output);

/* The status of a call that has read so many octets, and then ended with progress. */
OM_uint32 protect_end_of_reading(OM_uint32 *minor, enum tls_progress progress, size_t octets);

#endif
