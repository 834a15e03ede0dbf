#include "sspi-shim/buffers.h"

#include <stdlib.h>
#include "common/secret.h"
#include "sspi-shim/status.h"

/* What stands before each allocation. Its size keeps what follows aligned for any type. */
struct context_buffer {
    _Alignas(max_align_t) uint64_t mark;
    size_t length;
};

/* "SSPIbuff"; mixed with the address, so that a copy of the header elsewhere is not one. */
#define CONTEXT_BUFFER_MARK UINT64_C(0x5353504962756666)

static uint64_t mark_of(const struct context_buffer *header)
{
    return CONTEXT_BUFFER_MARK ^ (uint64_t)(uintptr_t)header;
}

void *context_buffer_allocate(size_t length)
{
    struct context_buffer *header;

    if (length > SIZE_MAX - sizeof *header)
        return NULL;
    header = calloc(1, sizeof *header + length);
    if (header == NULL)
        return NULL;
    header->mark = mark_of(header);
    header->length = length;
    return header + 1;
}

bool context_buffer_free(void *buffer)
{
    struct context_buffer *header;

    if (buffer == NULL || (uintptr_t)buffer % _Alignof(max_align_t) != 0 ||
        (uintptr_t)buffer < sizeof *header)
        return false;
    header = (struct context_buffer *)buffer - 1;
    if (header->mark != mark_of(header))
        return false;
    wipe(header, sizeof *header + header->length);
    free(header);
    return true;
}

bool buffers_are_valid(const SecBufferDesc *descriptor)
{
    if (descriptor == NULL || descriptor->ulVersion != SECBUFFER_VERSION ||
        descriptor->cBuffers > BUFFERS_MAX ||
        (descriptor->cBuffers != 0 && descriptor->pBuffers == NULL))
        return false;
    for (ULONG i = 0; i < descriptor->cBuffers; i++) {
        const SecBuffer *buffer = &descriptor->pBuffers[i];

        /* Buffers that a call fills in carry a length that says nothing yet. */
        if (buffer->pvBuffer == NULL && buffer->cbBuffer != 0 &&
            (buffer_type(buffer) == SECBUFFER_DATA ||
             buffer_type(buffer) == SECBUFFER_CHANNEL_BINDINGS))
            return false;
    }
    return true;
}

SecBuffer *buffer_find(const SecBufferDesc *descriptor, ULONG type)
{
    if (descriptor == NULL)
        return NULL;
    for (ULONG i = 0; i < descriptor->cBuffers; i++) {
        if (buffer_type(&descriptor->pBuffers[i]) == type)
            return &descriptor->pBuffers[i];
    }
    return NULL;
}

SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void *pvContextBuffer)
{
    return status_finish(context_buffer_free(pvContextBuffer) ? SEC_E_OK : SEC_E_INVALID_HANDLE);
}
