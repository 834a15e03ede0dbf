/*
 * The self-signed certificate of servers that keep it, so that clients can pin it: one file for each
 * kind of key in the state directory, with key and certificate in it.
 */
#ifndef MECH_KEPT_CERTIFICATE_H
#define MECH_KEPT_CERTIFICATE_H

#include "mech/self_signed.h"

/* It is renewed, with the same key, when less than this is left of its life. */
#define KEPT_CERTIFICATE_RENEWAL_SECONDS (30L * 24 * 60 * 60)

/* The file's path; the caller frees. NULL when memory runs out. */
char *kept_certificate_path(const char *directory, enum self_signed_key kind);

/*
 * Reads it, making or renewing it first where that is due. The caller releases *kept, also on failure.
 */
OM_uint32 kept_certificate_read(OM_uint32 *minor, const char *directory, enum self_signed_key kind,
                                struct self_signed *kept);

#endif
