/* libFuzzer: neg_token_decode() and what must hold for what it accepts. */
#include <stdlib.h>

#include "asn1/initial_context_token.h"
#include "asn1/neg_token.h"
#include "tests/asn1/message.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct byte_range input = byte_range_of(data, size);
    enum der_error error = message_check(&message_neg_token, input);

    if (error == DER_OK && !neg_token_is_plausible(input))
        abort();
    (void)message_check(&message_initial_context_token, input);
    return 0;
}
