/*
 * Package lists, written as Windows' are ("kerberos,!ntlm"): which inner mechanisms may be used, and
 * in which order they are offered.
 */
#ifndef MECH_PACKAGE_LIST_H
#define MECH_PACKAGE_LIST_H

#include <stdbool.h>
#include "mech/inner.h"

/* The mechanisms allowed, in order; those of NegoEx are there beside INNER_NEGOEX. */
struct package_list {
    size_t count;
    enum inner_kind kinds[INNER_MAXIMUM];
};

/*
 * Reads a list. Names are inner_name()'s in any case, or OIDs in dots: "kerberos,ntlm" allows only
 * these, in this order; "!ntlm" all but that; "negoex" stands for all the mechanisms of NegoEx.
 * Commas and blanks separate, unknown names are passed over. Nothing named allows all: Kerberos,
 * NegoEx, those of others, NTLM at last. Returns false when nothing is left.
 */
bool package_list_parse(const char *text, size_t length, struct package_list *packages);

/* Adds a mechanism at the end, unless it is there. */
void package_list_add(struct package_list *packages, enum inner_kind kind);

bool package_list_has(const struct package_list *packages, enum inner_kind kind);

/* What is registered of the list, written out in small letters; the caller frees. NULL when memory runs out. */
char *package_list_text(const struct package_list *packages);

#endif
