#include "tests/shim/records.h"

#include <check.h>

static unsigned char octet_of(ULONG number)
{
    return (unsigned char)('a' + number % 26);
}

SecPkgContext_StreamSizes stream_sizes_of(struct party *party)
{
    SecPkgContext_StreamSizes sizes;

    ck_assert_int_eq(QueryContextAttributesA(&party->context, SECPKG_ATTR_STREAM_SIZES, &sizes),
                     SEC_E_OK);
    return sizes;
}

void prepare_record(struct sealed_record *record, struct party *party, ULONG length)
{
    SecPkgContext_StreamSizes sizes = stream_sizes_of(party);
    unsigned char *data = record->octets + sizes.cbHeader;

    ck_assert_uint_le(sizes.cbHeader + length + sizes.cbTrailer, RECORD_ROOM);
    for (ULONG i = 0; i < length; i++)
        data[i] = octet_of(i);
    record->buffers[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, record->octets};
    record->buffers[1] = (SecBuffer){length, SECBUFFER_DATA, data};
    record->buffers[2] = (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, data + length};
    record->buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    record->descriptor = (SecBufferDesc){SECBUFFER_VERSION, 4, record->buffers};
}

ULONG seal_record_of(struct sealed_record *record, struct party *party, ULONG length)
{
    const SecBuffer *buffers = record->buffers;
    ULONG header;

    prepare_record(record, party, length);
    header = buffers[0].cbBuffer;
    ck_assert_msg(EncryptMessage(&party->context, 0, &record->descriptor, 0) == SEC_E_OK, "%s",
                  SspiGssStatusText());
    ck_assert_uint_eq(buffers[1].cbBuffer, length);
    /* Without a gap: programs send so many octets from the start. */
    ck_assert(buffers[0].cbBuffer == header || (length == 0 && buffers[2].cbBuffer == 0));
    return buffers[0].cbBuffer + length + buffers[2].cbBuffer;
}

SECURITY_STATUS open_octets(struct party *party, void *octets, size_t length, SecBuffer buffers[4])
{
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

    buffers[0] = (SecBuffer){(ULONG)length, SECBUFFER_DATA, octets};
    for (int i = 1; i < 4; i++)
        buffers[i] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    return DecryptMessage(&party->context, &message, 0, NULL);
}

void assert_opened(const SecBuffer buffers[4], const void *octets, ULONG length)
{
    const unsigned char *start = octets;

    ck_assert_uint_eq(buffers[0].BufferType, SECBUFFER_STREAM_HEADER);
    ck_assert_uint_eq(buffers[1].BufferType, SECBUFFER_DATA);
    ck_assert_uint_eq(buffers[2].BufferType, SECBUFFER_STREAM_TRAILER);
    ck_assert_ptr_eq(buffers[0].pvBuffer, start);
    ck_assert_ptr_eq(buffers[1].pvBuffer, start + buffers[0].cbBuffer);
    ck_assert_uint_eq(buffers[1].cbBuffer, length);
    ck_assert_ptr_eq(buffers[2].pvBuffer, start + buffers[0].cbBuffer + length);
    for (ULONG i = 0; i < length; i++)
        ck_assert_uint_eq(((unsigned char *)buffers[1].pvBuffer)[i], octet_of(i));
}
