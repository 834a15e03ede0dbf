/* The host in a target's name, as TLS wants it. */
#ifndef MECH_TARGET_HOST_H
#define MECH_TARGET_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a textual IPv6 address in octets. */
#define ADDRESS_MAXIMUM 16

/*
 * The host of a service principal name: "host.example.com" of "HTTP/host.example.com:5985",
 * "ldap/host.example.com/example.com" and "TERMSRV/host.example.com", an address of
 * "TERMSRV/[2001:db8::1]:3389". The caller frees. NULL when the name has none, or memory runs out.
 */
char *target_host(const char *target);

/*
 * Whether the host is an IPv4 or IPv6 address; it is put into address, in network order, of which
 * *length octets are used.
 */
bool host_is_address(const char *host, unsigned char address[ADDRESS_MAXIMUM], size_t *length);

/* Whether the host is a name that DNS could have: letters, digits, '-' and '.'. */
bool host_is_dns_name(const char *host);

#endif
