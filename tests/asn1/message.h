/* The messages of asn1/ behind one interface, for tests that treat all of them alike. */
#ifndef TESTS_ASN1_MESSAGE_H
#define TESTS_ASN1_MESSAGE_H

#include "asn1/der.h"
#include "tests/asn1/vector.h"

struct message_type {
    const char *name;
    const char *vector_file;
    enum der_error (*decode)(struct byte_range input);
    /* Decodes and encodes again. *output is malloc()ed and the caller's to free, unless an error.
     */
    enum der_error (*recode)(struct byte_range input, unsigned char **output, size_t *length);
};

extern const struct message_type message_neg_token;
extern const struct message_type message_ts_request;
extern const struct message_type message_ts_credentials;
extern const struct message_type message_initial_context_token;

/* All of the above, ended by NULL. */
extern const struct message_type *const message_types[];

/* The type that a vector's type line names, or NULL. */
const struct message_type *message_type_of(const struct vector *vector);

/*
 * What must hold for any input: when it decodes, what is encoded from it decodes too, to the same
 * values (and so encodes to the same octets). Returns the result of decoding; ends the program with
 * abort() when it does not hold.
 */
enum der_error message_check(const struct message_type *type, struct byte_range input);

#endif
