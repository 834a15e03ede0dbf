/* libFuzzer: CredSSP's initiator: what a server may send before, in and after the TLS handshake. */
#include "tests/fuzz/credssp_script.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    credssp_script_run(true, byte_range_of(data, size));
    return 0;
}
