#include "sspi-shim/user_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A realm is a domain in capitals, as Windows' domains are; other characters than ASCII stay. */
static void raise_realm(char *realm)
{
    for (; *realm != '\0'; realm++) {
        if (*realm >= 'a' && *realm <= 'z')
            *realm = (char)(*realm - 'a' + 'A');
    }
}

char *user_name_for_kerberos(const char *user, const char *domain)
{
    const char *backslash = strchr(user, '\\');
    char *name = NULL;
    char *at;

    if (domain[0] == '\0' && backslash != NULL) {
        char *netbios = strndup(user, (size_t)(backslash - user));

        if (netbios != NULL && netbios[0] != '\0')
            name = user_name_for_kerberos(backslash + 1, netbios);
        else if (netbios != NULL)
            name = strdup(backslash + 1);
        free(netbios);
        return name;
    }
    if (strchr(user, '@') != NULL || strchr(domain, '.') == NULL)
        name = strdup(user);
    else if (asprintf(&name, "%s@%s", user, domain) < 0)
        return NULL;
    at = name != NULL ? strrchr(name, '@') : NULL;
    if (at != NULL && strchr(at, '.') != NULL)
        raise_realm(at);
    return name;
}

char *user_name_for(enum package_names form, const char *user, const char *domain)
{
    char *name = NULL;

    if (form == NAMES_KERBEROS)
        return user_name_for_kerberos(user, domain);
    if (domain[0] != '\0')
        return asprintf(&name, "%s\\%s", domain, user) >= 0 ? name : NULL;
    if (form == NAMES_ANY && strchr(user, '@') != NULL && strchr(user, '\\') == NULL)
        return user_name_for_kerberos(user, "");
    return strdup(user);
}
