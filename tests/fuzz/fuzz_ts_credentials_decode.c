/* libFuzzer: ts_credentials_decode() and what must hold for what it accepts. */
#include "tests/asn1/message.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    (void)message_check(&message_ts_credentials, byte_range_of(data, size));
    return 0;
}
