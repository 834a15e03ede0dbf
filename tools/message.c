/* Protected messages: the second half of logon.h. */
#include "tools/logon.h"

#include <stdlib.h>
#include <string.h>

/* What a package may put around a message: the largest known is a Kerberos token's 76 octets. */
#define OVERHEAD_LIMIT 1024

/* A message is sealed in three parts that go onto the wire one behind the other. */
enum { PART_BEFORE, PART_DATA, PART_BEHIND, PART_COUNT };

/* Finds out how much room the package needs before and behind the data. */
static bool query_overhead(struct logon *logon, enum framing framing, SecBuffer *before,
                           SecBuffer *behind, struct failure *failure)
{
    SecPkgContext_StreamSizes stream_sizes = {0};
    SecPkgContext_Sizes sizes = {0};
    bool stream = framing == FRAMING_STREAM;
    SECURITY_STATUS status = QueryContextAttributesA(
        &logon->context, stream ? SECPKG_ATTR_STREAM_SIZES : SECPKG_ATTR_SIZES,
        stream ? (void *)&stream_sizes : (void *)&sizes);

    if (status != SEC_E_OK) {
        failure_of_sspi(failure, "asking for the sizes of a message", status);
        return false;
    }
    before->BufferType = stream ? SECBUFFER_STREAM_HEADER : SECBUFFER_TOKEN;
    before->cbBuffer = stream ? stream_sizes.cbHeader : sizes.cbSecurityTrailer;
    behind->BufferType = stream ? SECBUFFER_STREAM_TRAILER : SECBUFFER_PADDING;
    behind->cbBuffer = stream ? stream_sizes.cbTrailer : sizes.cbBlockSize;
    if (before->cbBuffer <= OVERHEAD_LIMIT && behind->cbBuffer <= OVERHEAD_LIMIT)
        return true;
    failure_say(failure, "the package wants more than %d octets around a message", OVERHEAD_LIMIT);
    return false;
}

/* Moves the parts together at wire, in their order, and returns their length. */
static size_t join(const SecBuffer parts[PART_COUNT], unsigned char *wire)
{
    size_t length = 0;

    for (size_t i = 0; i < PART_COUNT; i++) {
        memmove(wire + length, parts[i].pvBuffer, parts[i].cbBuffer);
        length += parts[i].cbBuffer;
    }
    return length;
}

bool message_send(struct logon *logon, struct token_stream *stream, const char *text,
                  struct failure *failure)
{
    unsigned char wire[OVERHEAD_LIMIT + MESSAGE_LIMIT + OVERHEAD_LIMIT];
    SecBuffer parts[PART_COUNT + 1] = {{0}};
    SecBufferDesc message = {SECBUFFER_VERSION, PART_COUNT, parts};
    size_t length = strlen(text);
    SECURITY_STATUS status;

    if (length > MESSAGE_LIMIT) {
        failure_say(failure, "a message may be no longer than %d octets", MESSAGE_LIMIT);
        return false;
    }
    if (!query_overhead(logon, stream->framing, &parts[PART_BEFORE], &parts[PART_BEHIND], failure))
        return false;
    parts[PART_DATA] = (SecBuffer){(ULONG)length, SECBUFFER_DATA, wire + parts[0].cbBuffer};
    parts[PART_BEFORE].pvBuffer = wire;
    parts[PART_BEHIND].pvBuffer = wire + parts[0].cbBuffer + length;
    memcpy(parts[PART_DATA].pvBuffer, text, length);
    if (stream->framing == FRAMING_STREAM)
        message.cBuffers++; /* the SECBUFFER_EMPTY that streams have at the end */
    status = EncryptMessage(&logon->context, 0, &message, 0);
    if (status != SEC_E_OK) {
        failure_of_sspi(failure, "encrypting the message", status);
        return false;
    }
    return token_stream_send(stream, wire, join(parts, wire), failure);
}

/* Decrypts what is in stream->input, in place. *data is the plain text, *left what lies behind. */
static SECURITY_STATUS open_input(struct logon *logon, struct token_stream *stream, SecBuffer *data,
                                  size_t *left)
{
    bool records = stream->framing == FRAMING_STREAM;
    SecBuffer parts[4] = {
        {(ULONG)stream->input_length, records ? SECBUFFER_DATA : SECBUFFER_STREAM, stream->input},
        {0, records ? SECBUFFER_EMPTY : SECBUFFER_DATA, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, records ? 4 : 2, parts};
    SECURITY_STATUS status = DecryptMessage(&logon->context, &message, 0, NULL);

    *data = (SecBuffer){0};
    *left = 0;
    for (ULONG i = 0; status == SEC_E_OK && i < message.cBuffers; i++) {
        if (parts[i].BufferType == SECBUFFER_DATA)
            *data = parts[i];
        if (parts[i].BufferType == SECBUFFER_EXTRA)
            *left = parts[i].cbBuffer;
    }
    return status;
}

static bool copy_text(char text[MESSAGE_LIMIT + 1], const SecBuffer *data, struct failure *failure)
{
    if (data->cbBuffer > MESSAGE_LIMIT || memchr(data->pvBuffer, '\0', data->cbBuffer) != NULL) {
        failure_say(failure, "the peer's message is too long or no text");
        return false;
    }
    memcpy(text, data->pvBuffer, data->cbBuffer);
    text[data->cbBuffer] = '\0';
    return true;
}

bool message_receive(struct logon *logon, struct token_stream *stream, char text[MESSAGE_LIMIT + 1],
                     struct failure *failure)
{
    bool receive = stream->input_length == 0;

    for (;;) {
        SecBuffer data;
        size_t left;
        bool copied;
        SECURITY_STATUS status;

        if (receive && !token_stream_receive(stream, failure))
            return false;
        status = open_input(logon, stream, &data, &left);
        receive = status == SEC_E_INCOMPLETE_MESSAGE;
        if (receive)
            continue;
        if (status != SEC_E_OK) {
            failure_of_sspi(failure, "decrypting the peer's message", status);
            return false;
        }
        copied = data.cbBuffer > 0 && copy_text(text, &data, failure);
        token_stream_keep_last(stream, left);
        if (data.cbBuffer > 0)
            return copied;
        /* TLS may deliver records that hold nothing for us (tickets, key updates). */
        receive = left == 0;
    }
}
