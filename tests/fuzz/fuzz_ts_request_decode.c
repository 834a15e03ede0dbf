/* libFuzzer: ts_request_decode(), ts_request_length() and what must hold for what they accept. */
#include <stdlib.h>

#include "asn1/ts_request.h"
#include "tests/asn1/message.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A message that decodes has its own length, which is told from the first octets that tell any. */
static void check_length(struct byte_range message)
{
    size_t total = 0;

    for (size_t have = 0; have <= message.length; have++) {
        enum der_error error =
            ts_request_length((struct byte_range){message.data, have}, message.length, &total);

        if (error == DER_OK && total == message.length)
            return;
        if (error != DER_TRUNCATED)
            abort();
    }
    abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct byte_range input = byte_range_of(data, size);
    size_t total = 0;

    if (message_check(&message_ts_request, input) == DER_OK)
        check_length(input);
    if (ts_request_length(input, DER_MAX_MESSAGE, &total) == DER_OK && total > DER_MAX_MESSAGE)
        abort();
    return 0;
}
