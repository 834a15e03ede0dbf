/*
 * libFuzzer: a token that comes to an initiator, as hints before its first token or as a reply.
 * The input's first octet says where in the negotiation; the rest is the token.
 */
#include "tests/fuzz/negotiate_start.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    enum initiator_start start;
    struct negotiate_side side;

    if (size == 0)
        return 0;
    start = (enum initiator_start)(data[0] % INITIATOR_STARTS);
    side = negotiate_start_initiator(start);
    if (negotiate_side_feed(&side, byte_range_of(data + 1, size - 1)) == GSS_S_COMPLETE)
        must(negotiate_start_initiator_may_complete(start),
             "no server is taken for real without a key");
    negotiate_side_end(&side);
    return 0;
}
