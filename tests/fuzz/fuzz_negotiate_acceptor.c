/*
 * libFuzzer: a token that comes to an acceptor, as the first one or after real ones.
 * The input's first octet says where in the negotiation; the rest is the token.
 */
#include "tests/fuzz/negotiate_start.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    enum acceptor_start start;
    struct negotiate_side side;

    if (size == 0)
        return 0;
    start = (enum acceptor_start)(data[0] % ACCEPTOR_STARTS);
    side = negotiate_start_acceptor(start);
    if (negotiate_side_feed(&side, byte_range_of(data + 1, size - 1)) == GSS_S_COMPLETE)
        must(negotiate_start_acceptor_may_complete(start), "nobody logs on without a key");
    negotiate_side_end(&side);
    return 0;
}
