#include "sspi-shim/tls_record.h"

/* Type, version, length (RFC 8446 5.1). */
#define HEADER_LENGTH 5

/* Plain text of 2^14 octets, and what TLS 1.2 may add at most (RFC 5246 6.2.3). */
#define PAYLOAD_MAX ((1u << 14) + 2048)

/* change_cipher_spec, alert, handshake, application_data */
#define CONTENT_TYPE_FIRST 20
#define CONTENT_TYPE_LAST  23
#define CONTENT_TYPE_DATA  CONTENT_TYPE_LAST

SECURITY_STATUS tls_record_length(struct byte_range input, size_t *length)
{
    size_t payload;

    if (input.length >= 1 &&
        (input.data[0] < CONTENT_TYPE_FIRST || input.data[0] > CONTENT_TYPE_LAST))
        return SEC_E_INVALID_TOKEN;
    if (input.length >= 2 && input.data[1] != 3)
        return SEC_E_INVALID_TOKEN;
    if (input.length < HEADER_LENGTH) {
        *length = HEADER_LENGTH - input.length;
        return SEC_E_INCOMPLETE_MESSAGE;
    }
    payload = (size_t)input.data[3] << 8 | input.data[4];
    if (payload > PAYLOAD_MAX)
        return SEC_E_INVALID_TOKEN;
    *length = HEADER_LENGTH + payload;
    if (input.length >= *length)
        return SEC_E_OK;
    *length -= input.length;
    return SEC_E_INCOMPLETE_MESSAGE;
}

bool tls_record_is_data(const unsigned char *record)
{
    return record[0] == CONTENT_TYPE_DATA;
}

bool tls_report_rest(SecBufferDesc *descriptor, ULONG type, size_t count, void *place)
{
    for (ULONG i = 0; i < descriptor->cBuffers; i++) {
        SecBuffer *buffer = &descriptor->pBuffers[i];

        if (buffer_type(buffer) != SECBUFFER_EMPTY && buffer_type(buffer) != SECBUFFER_MISSING &&
            buffer_type(buffer) != SECBUFFER_EXTRA)
            continue;
        buffer->BufferType = type;
        buffer->cbBuffer = (ULONG)count;
        buffer->pvBuffer = place;
        return true;
    }
    return false;
}
