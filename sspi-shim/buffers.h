/* SecBufferDesc as callers hand them in, and memory that FreeContextBuffer frees. */
#ifndef SSPI_SHIM_BUFFERS_H
#define SSPI_SHIM_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <gssapi/gssapi.h>
#include <sspi-gss/sspi.h>
#include "common/byte_range.h"

/* Buffers in one SecBufferDesc that are taken. No call has a use for more than a few. */
#define BUFFERS_MAX 64

/* Memory for a caller, zeroed, wiped when it is freed; NULL when there is none. */
void *context_buffer_allocate(size_t length);

/* Frees what context_buffer_allocate gave; false when it is seen not to be such. NULL is refused.
 */
bool context_buffer_free(void *buffer);

/* True when the descriptor can be walked: its version, its count, and memory behind each buffer. */
bool buffers_are_valid(const SecBufferDesc *descriptor);

/* The type without its attribute bits. */
static inline ULONG buffer_type(const SecBuffer *buffer)
{
    return buffer->BufferType & ~(ULONG)SECBUFFER_ATTRMASK;
}

/* The first buffer of a type in a valid descriptor, or NULL; the descriptor may be NULL. */
SecBuffer *buffer_find(const SecBufferDesc *descriptor, ULONG type);

/* The octets of a buffer, present even when there are none. */
static inline struct byte_range buffer_range(const SecBuffer *buffer)
{
    return byte_range_of(buffer->pvBuffer, buffer->cbBuffer);
}

/* Octets as gss_* take them. The mechglue does not write to its inputs. */
static inline gss_buffer_desc gss_buffer_of(struct byte_range range)
{
    return (gss_buffer_desc){range.length, (void *)(uintptr_t)range.data};
}

#endif
