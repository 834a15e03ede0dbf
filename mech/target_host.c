#include "mech/target_host.h"

#include <arpa/inet.h>
#include <string.h>

/* "[2001:db8::1]:3389"; NULL when the bracket is not closed. */
static char *bracketed(const char *host)
{
    const char *end = strchr(host, ']');

    return end != NULL && end > host + 1 ? strndup(host + 1, (size_t)(end - host) - 1) : NULL;
}

char *target_host(const char *target)
{
    const char *slash = target != NULL ? strchr(target, '/') : NULL;
    const char *host = slash != NULL ? slash + 1 : NULL;
    const char *colon;
    size_t length;

    if (host == NULL)
        return NULL;
    if (*host == '[')
        return bracketed(host);
    length = strcspn(host, "/");
    colon = memchr(host, ':', length);
    /* Several colons are an address without a port. */
    if (colon != NULL && memchr(colon + 1, ':', length - (size_t)(colon - host) - 1) == NULL)
        length = (size_t)(colon - host);
    return length != 0 ? strndup(host, length) : NULL;
}

bool host_is_address(const char *host, unsigned char address[ADDRESS_MAXIMUM], size_t *length)
{
    *length = 4;
    if (inet_pton(AF_INET, host, address) == 1)
        return true;
    *length = ADDRESS_MAXIMUM;
    return inet_pton(AF_INET6, host, address) == 1;
}

bool host_is_dns_name(const char *host)
{
    unsigned char address[ADDRESS_MAXIMUM];
    size_t length;

    return host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789-.")] == '\0' &&
           !host_is_address(host, address, &length);
}
