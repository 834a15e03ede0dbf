/* Answers to gss_inquire_sec_context_by_oid. */
#ifndef MECH_INQUIRY_H
#define MECH_INQUIRY_H

#include "common/byte_range.h"
#include "mech/mechglue.h"

/* Adds a copy of value to *data, making the set when there is none. The caller frees the set. */
OM_uint32 inquiry_answer(OM_uint32 *minor, struct byte_range value, gss_buffer_set_t *data);

#endif
