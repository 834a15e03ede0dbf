#include "mech/policy_option.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define APPLICATION_NAME "gss-sspi"

char *policy_option_read(krb5_context krb5, const char *name, const char *default_value,
                         bool *failed)
{
    char *value = NULL;
    char *copy = NULL;

    krb5_appdefault_string(krb5, APPLICATION_NAME, NULL, name,
                           default_value != NULL ? default_value : "", &value);
    if (value == NULL) {
        *failed = true;
        return NULL;
    }
    if (default_value != NULL || *value != '\0') {
        copy = strdup(value);
        *failed = *failed || copy == NULL;
    }
    krb5_free_string(krb5, value);
    return copy;
}

bool policy_word_find(const char *const *words, size_t count, const char *text, size_t *index)
{
    for (*index = 0; *index < count; ++*index) {
        if (strcasecmp(text, words[*index]) == 0)
            return true;
    }
    *index = 0;
    return false;
}
