/*
 * SEC_WINNT_AUTH_IDENTITY_EX2: an identity in one run of octets, which is also what
 * SspiMarshalAuthIdentity gives. What is read may come from anywhere: nothing outside of the run is
 * touched.
 */
#ifndef SSPI_SHIM_IDENTITY_EX2_H
#define SSPI_SHIM_IDENTITY_EX2_H

#include <sspi-gss/sspi.h>
#include "common/byte_range.h"
#include "common/secret.h"

/* Borrowed from the octets; absent is what has the offset 0. Strings are UTF-16, even octets. */
struct identity_ex2 {
    ULONG flags;
    struct byte_range user;
    struct byte_range domain;
    struct byte_range credentials; /* SEC_WINNT_AUTH_PACKED_CREDENTIALS or _EX */
    struct byte_range packages;
};

/* UTF-16, each may be absent. */
struct identity_ex2_text {
    struct secret user;
    struct secret domain;
    struct secret password;
    struct secret packages;
};

/*
 * The length in octets that the header of a structure says it has. 0 when it is longer than any
 * can be, or shorter than its header.
 */
size_t identity_ex2_length(const void *header);

/*
 * Takes the octets, which are as many as identity_ex2_length says, apart. SEC_E_INVALID_PARAMETER
 * when an offset or a length leads out of them or into the header, strings have odd octets or
 * places, or parts overlap.
 */
SECURITY_STATUS identity_ex2_read(struct byte_range octets, struct identity_ex2 *parts);

/*
 * The password in packed credentials, absent when they are, and the package list there, absent
 * where there is none. SEC_E_UNSUPPORTED_FUNCTION for credentials that are no password,
 * SEC_E_INVALID_PARAMETER for ill-formed ones.
 */
SECURITY_STATUS identity_ex2_password(struct byte_range credentials, struct byte_range *password,
                                      struct byte_range *packages);

/*
 * A structure with these texts and flags, a context buffer. SEC_E_INVALID_PARAMETER when a text is
 * longer than it can hold; SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS identity_ex2_make(const struct identity_ex2_text *text, ULONG flags, void **made);

#endif
