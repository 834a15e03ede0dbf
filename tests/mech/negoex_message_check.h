/* What must hold for the decoder of NegoEx messages whatever it is given. */
#ifndef TESTS_MECH_NEGOEX_MESSAGE_CHECK_H
#define TESTS_MECH_NEGOEX_MESSAGE_CHECK_H

#include "mech/negotiate/negoex_message.h"

/*
 * Decodes message after message until the input ends or one is refused, and returns that result (NEGOEX_OK for
 * an empty input). Ends the program with abort() when a structure points outside its message,
 * or when a message that was accepted is not the same after it was encoded and decoded again.
 */
enum negoex_error negoex_message_check(struct byte_range input);

/* The same values in both, wherever they stand. */
bool negoex_message_same(const struct negoex_message *a, const struct negoex_message *b);

#endif
