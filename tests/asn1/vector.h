/* The messages in tests/vectors/ (its README has the format). */
#ifndef TESTS_ASN1_VECTOR_H
#define TESTS_ASN1_VECTOR_H

#include "common/byte_range.h"

/* More than any vector has. */
#define VECTOR_MAX_FIELDS 16
#define VECTOR_MAX_OCTETS 8192
#define VECTOR_MAX_COUNT  64

struct vector_field {
    char *key;
    char *value;
};

struct vector {
    char *name;
    size_t field_count;
    struct vector_field fields[VECTOR_MAX_FIELDS];
    struct byte_range octets;
};

struct vector_list {
    size_t count;
    struct vector vectors[VECTOR_MAX_COUNT];
};

/* Reads a file of tests/vectors/. Ends the program, saying why, when that is not possible. */
struct vector_list *vector_list_load(const char *file_name);
void vector_list_free(struct vector_list *list);

/* The value of a line, or NULL. */
const char *vector_value(const struct vector *vector, const char *key);

/* True when the vector's type is this. */
bool vector_is(const struct vector *vector, const char *type);

/*
 * The octets that a value stands for: hexadecimal, put into storage, or @offset+length into the
 * message. Ends the program when it is neither.
 */
struct byte_range vector_octets(const struct vector *vector, const char *value,
                                unsigned char *storage, size_t storage_size);

#endif
