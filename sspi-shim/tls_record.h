/* Where TLS records begin and end: all that SSPI's buffer rules need to know of TLS. */
#ifndef SSPI_SHIM_TLS_RECORD_H
#define SSPI_SHIM_TLS_RECORD_H

#include <stdbool.h>
#include "common/byte_range.h"
#include "sspi-shim/buffers.h"

/*
 * Looks for one record at the start of input. SEC_E_OK: *length is its length, header included.
 * SEC_E_INCOMPLETE_MESSAGE: *length is the count of octets that are missing. SEC_E_INVALID_TOKEN:
 * it is no TLS.
 */
SECURITY_STATUS tls_record_length(struct byte_range input, size_t *length);

/* Whether a whole record says that it holds data of the application; with TLS 1.3 all do. */
bool tls_record_is_data(const unsigned char *record);

/*
 * Tells the caller of ISC, ASC or DecryptMessage what became of its input: turns the first
 * SECBUFFER_EMPTY (or what an earlier call made of it) into type with count octets; pvBuffer is set
 * to place. False when there is no such buffer.
 */
bool tls_report_rest(SecBufferDesc *descriptor, ULONG type, size_t count, void *place);

#endif
