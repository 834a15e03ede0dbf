#include "mech/package_list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What separates the names. */
#define SEPARATORS ", \t\r\n"

/* What is said of each mechanism, while a list is read. */
struct reading {
    struct package_list named;
    bool any_named; /* also a mechanism that we do not know */
    bool excluded[INNER_MAXIMUM];
};

bool package_list_has(const struct package_list *packages, enum inner_kind kind)
{
    for (size_t i = 0; i < packages->count; i++) {
        if (packages->kinds[i] == kind)
            return true;
    }
    return false;
}

void package_list_add(struct package_list *packages, enum inner_kind kind)
{
    if (!package_list_has(packages, kind))
        packages->kinds[packages->count++] = kind;
}

static void read_name(struct reading *reading, const char *name, size_t length)
{
    bool negative = *name == '!';
    enum inner_kind kind = inner_from_name(name + negative, length - negative);

    reading->any_named = reading->any_named || !negative;
    if (kind == INNER_NONE || (kind == INNER_NEGOEX && !inner_is_registered(kind)))
        return;
    if (negative)
        reading->excluded[kind] = true;
    else
        package_list_add(&reading->named, kind);
}

/* All mechanisms, the weakest at last. */
static void name_all(struct package_list *packages)
{
    package_list_add(packages, INNER_KERBEROS);
    if (inner_is_registered(INNER_NEGOEX))
        package_list_add(packages, INNER_NEGOEX);
    for (size_t kind = INNER_OTHER; kind < inner_count(); kind++)
        package_list_add(packages, (enum inner_kind)kind);
    package_list_add(packages, INNER_NTLM);
}

/* NegoEx stands for its mechanisms, and each of them needs it. */
static void name_negoex(struct package_list *packages)
{
    bool all = package_list_has(packages, INNER_NEGOEX);

    for (size_t kind = 0; kind < inner_count(); kind++) {
        if (inner_negoex_module((enum inner_kind)kind) == NULL)
            continue;
        if (all)
            package_list_add(packages, (enum inner_kind)kind);
        else if (package_list_has(packages, (enum inner_kind)kind))
            package_list_add(packages, INNER_NEGOEX);
    }
}

bool package_list_parse(const char *text, size_t length, struct package_list *packages)
{
    const char *end = text + length;
    struct reading reading = {.any_named = false};

    while (text < end) {
        size_t name = 0;

        while (text + name < end && strchr(SEPARATORS, text[name]) == NULL)
            name++;
        if (name != 0)
            read_name(&reading, text, name);
        text += name != 0 ? name : 1;
    }
    if (!reading.any_named)
        name_all(&reading.named);
    name_negoex(&reading.named);
    packages->count = 0;
    for (size_t i = 0; i < reading.named.count; i++) {
        if (!reading.excluded[reading.named.kinds[i]])
            packages->kinds[packages->count++] = reading.named.kinds[i];
    }
    return packages->count != 0;
}

char *package_list_text(const struct package_list *packages)
{
    size_t length = 1;
    char *text;
    char *at;

    for (size_t i = 0; i < packages->count; i++)
        length += strlen(inner_name(packages->kinds[i])) + 1;
    text = calloc(1, length);
    if (text == NULL)
        return NULL;
    at = text;
    for (size_t i = 0; i < packages->count; i++) {
        if (!inner_is_registered(packages->kinds[i]))
            continue;
        if (at != text)
            *at++ = ',';
        for (const char *name = inner_name(packages->kinds[i]); *name != '\0'; name++)
            *at++ = (char)tolower((unsigned char)*name);
    }
    return text;
}
