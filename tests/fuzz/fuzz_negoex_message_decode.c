/* libFuzzer: negoex_message_decode() and what must hold for what it accepts. */
#include "tests/mech/negoex_message_check.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    (void)negoex_message_check(byte_range_of(data, size));
    return 0;
}
