/* CREDSSP's messages: TLS records in SSPI's buffers. */
#ifndef TESTS_SHIM_RECORDS_H
#define TESTS_SHIM_RECORDS_H

#include "tests/shim/exchange.h"

/* Room for all that EncryptMessage may write around the longest record's data. */
#define RECORD_ROOM 20000

/* A record in one run of memory, as programs make it. */
struct sealed_record {
    unsigned char octets[RECORD_ROOM];
    SecBuffer buffers[4];
    SecBufferDesc descriptor;
};

SecPkgContext_StreamSizes stream_sizes_of(struct party *party);

/* Header, data ('a', 'b', ...), trailer and EMPTY for EncryptMessage by party. */
void prepare_record(struct sealed_record *record, struct party *party, ULONG length);

/* Seals it, which must succeed; what is to be sent stands at its start. Returns its length. */
ULONG seal_record_of(struct sealed_record *record, struct party *party, ULONG length);

/* DecryptMessage of what was read. */
SECURITY_STATUS open_octets(struct party *party, void *octets, size_t length, SecBuffer buffers[4]);

/* It gave so many of prepare_record's octets, in the order that callers depend on. */
void assert_opened(const SecBuffer buffers[4], const void *octets, ULONG length);

#endif
