/* The elements of a GSS-API credential store (gss_acquire_cred_from), as they are collected. */
#ifndef SSPI_SHIM_STORE_H
#define SSPI_SHIM_STORE_H

#include <gssapi/gssapi_ext.h>

/* Every key that this library can give, once. */
#define STORE_MAX 20

/* Keys and values are borrowed. All zero is an empty store. */
struct store {
    gss_key_value_element_desc elements[STORE_MAX];
    OM_uint32 count;
};

/* Adds an element; a NULL value adds nothing. Each key is added once. */
static inline void store_add(struct store *store, const char *key, const char *value)
{
    if (value != NULL && store->count < STORE_MAX)
        store->elements[store->count++] = (gss_key_value_element_desc){key, value};
}

#endif
