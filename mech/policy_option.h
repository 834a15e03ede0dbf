/* One option of [appdefaults] gss-sspi in krb5.conf. */
#ifndef MECH_POLICY_OPTION_H
#define MECH_POLICY_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <krb5.h>

/*
 * The option's value; the caller frees. With a NULL default an option that is not set or empty is
 * NULL. *failed is set when memory runs out and left alone otherwise.
 */
char *policy_option_read(krb5_context krb5, const char *name, const char *default_value,
                         bool *failed);

/* Where text stands among the words, in either case; false when it is none of them. */
bool policy_word_find(const char *const *words, size_t count, const char *text, size_t *index);

/* For options that may be NULL. */
static inline const char *text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

#endif
