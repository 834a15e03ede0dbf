/* The SEC_WINNT_AUTH_IDENTITY structures: which one is it, and where are its strings. */
#ifndef SSPI_SHIM_IDENTITY_FORM_H
#define SSPI_SHIM_IDENTITY_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <sspi-gss/sspi.h>

enum identity_form {
    IDENTITY_PLAIN, /* SEC_WINNT_AUTH_IDENTITY_A, _W */
    IDENTITY_EX,    /* _EXA, _EXW */
    IDENTITY_EX2,
    IDENTITY_UNKNOWN,
};

enum identity_part {
    IDENTITY_USER,
    IDENTITY_DOMAIN,
    IDENTITY_PASSWORD,
    IDENTITY_PACKAGES,
    IDENTITY_PARTS
};

/* Flags of an identity whose strings are not to be read. */
#define IDENTITY_ENCRYPTED                             \
    (SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED | \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED |  \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED |    \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED)

/* Strings of a PLAIN or EX identity, as the structure has them: lengths are characters. */
struct identity_fields {
    enum identity_form form;
    void *text[IDENTITY_PARTS]; /* [identity_part] */
    size_t length[IDENTITY_PARTS];
    ULONG flags;
    bool wide;
};

/* Tells the structures apart by their first words. identity is not NULL. */
enum identity_form identity_form_of(const void *identity);

/*
 * Reads a PLAIN or EX identity; wide says what its strings are when its flags do not.
 * SEC_E_UNKNOWN_CREDENTIALS (none of these structures), SEC_E_INVALID_PARAMETER (both ANSI and
 * UNICODE, a string that is too long, or NULL and yet long).
 */
SECURITY_STATUS identity_fields_read(const void *identity, bool wide,
                                     struct identity_fields *fields);

/* Gives a PLAIN or EX structure another string, of the same length. */
void identity_set_text(void *identity, enum identity_form form, enum identity_part part,
                       void *text);

/* The flags of an identity of any form; 0 for IDENTITY_UNKNOWN. */
ULONG identity_flags(const void *identity);

#endif
